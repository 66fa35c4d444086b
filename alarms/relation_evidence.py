"""Weigh the evidence that one type of alarm causes another, and choose which relations to claim.

The evidence of a pair is few plain figures (`FIGURES`); their weights were fitted on made-up networks
only (`relation_weights.toml`) and are the same for every network.

Simple so far: relations are chosen pair by pair; nothing forbids a circle over three types.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from alarms.relation_histories import CodedHistory
from alarms.relation_kernels import Kernels
from alarms.relation_lags import Lags

FREQUENT = 20
LEAST_CASES = 5.0
LEAST_GAIN = 6.0
WEIGHTS = Path(__file__).with_name("relation_weights.toml")
FIGURES = {
    "gain": "log of the gain of explaining the effect by the cause",
    "reverse_gain": "the same the other way round",
    "lesser_gain": "the lesser of the two: what chance, storms or unseen causes bring both ways",
    "rarer": "log of onsets of the effect over those of the cause",
    "order": "how much the cause goes ahead of other types, and the effect behind, net",
    "via": "strength of the best way over a third type",
    "reverse_via": "the same the other way round",
    "rank": "place of the gain among those of all effects of the cause, 0 to 1",
    "level": "how strong relations are in the network on the whole",
    "floor": "lesser gain that three in four pairs of the network stay below",
    "amount": "log of onsets per type: more data show more than experts would list",
}


@dataclass(frozen=True)
class Weights:
    """Weights of the figures, and what holds for the choice.

    Attributes
    ----------
    figures : mapping of float
        Weight of each of `FIGURES`.
    intercept : float
    least_probability : float
        No relation less likely than this is claimed.
    """

    figures: Mapping[str, float]
    intercept: float
    least_probability: float


def load_weights(path: Path = WEIGHTS) -> Weights:
    """Return the weights of a file.

    Raises
    ------
    ValueError
        If a figure has no weight, or an unknown one has.
    """
    record = tomllib.loads(path.read_text(encoding="utf-8"))
    if set(record["figures"]) != set(FIGURES):
        msg = f"`{path.name}` must weigh {sorted(FIGURES)}; it weighs {sorted(record['figures'])}."
        raise ValueError(msg)
    figures = {name: float(value) for name, value in record["figures"].items()}
    return Weights(figures, float(record["intercept"]), float(record["least_probability"]))


def pair_figures(history: CodedHistory, lags: Lags, kernels: Kernels) -> dict[str, Any]:
    """Return the figures of every ordered pair of two types or more: (types, types), cause first."""
    gain = np.log1p(kernels.gain)
    ahead = _ahead(lags, kernels)
    types = len(ahead)
    onsets = np.maximum(history.onsets, 0.5)
    push = (ahead.sum(1)[:, None] + ahead.sum(0)[None, :]) / max(types - 1, 1)
    forward = np.maximum(ahead, 0.0)
    via = _best_way(forward)
    lesser = np.minimum(gain, gain.T)
    is_other = ~np.eye(types, dtype=bool)
    return {
        "gain": gain,
        "reverse_gain": gain.T,
        "lesser_gain": lesser,
        "rarer": np.log(onsets[None, :] / onsets[:, None]),
        "order": push - push.T,
        "via": via,
        "reverse_via": via.T,
        "rank": rankdata(np.where(is_other, gain, 0.0), axis=1) / types,
        "level": np.full((types, types), forward[is_other].mean()),
        "floor": np.full((types, types), np.quantile(lesser[is_other], 0.75)),
        "amount": np.full((types, types), np.log(history.onsets.sum() / types)),
    }


def relation_probabilities(figures: Mapping[str, Any], weights: Weights) -> Any:
    """Return how likely each ordered pair is a relation; 0 for a type with itself."""
    total = sum(value * figures[name] for name, value in weights.figures.items())
    probability = expit(np.asarray(total) + weights.intercept)
    np.fill_diagonal(probability, 0.0)
    return probability


def is_supported(history: CodedHistory, kernels: Kernels) -> Any:
    """Return which ordered pairs have cases enough to be judged: (types, types) of bool.

    The place of two types in the order of all is evidence of its own where both began `FREQUENT`
    times or more. A pair with a rarer type needs `LEAST_CASES` onsets explained and `LEAST_GAIN`
    nats: one coincidence of two rare alarms proves nothing.
    """
    is_frequent = history.onsets >= FREQUENT
    is_seen = (kernels.explained >= LEAST_CASES) & (kernels.gain >= LEAST_GAIN)
    return np.logical_and.outer(is_frequent, is_frequent) | is_seen


def claimed_relations(probability: Any, least: float) -> Any:
    """Return which relations to claim: those that make the expected F1 greatest.

    Of a pair only the likelier direction counts. With relations taken in falling order of
    probability, F1 is expected to be twice the sum of those taken over their number plus the sum
    of all.

    Parameters
    ----------
    probability : array of float, (types, types)
    least : float
        Nothing less likely is claimed.

    Returns
    -------
    array of bool, (types, types)

    Examples
    --------
    >>> claimed_relations(np.array([[0, 0.9, 0.1], [0.3, 0, 0], [0, 0.1, 0]]), 0.2).sum()
    np.int64(1)
    """
    values = np.sort(probability, axis=None)[::-1]
    taken = np.cumsum(values)
    expected = 2.0 * taken / (np.arange(1, len(values) + 1) + taken[-1])
    threshold = max(float(values[np.argmax(expected)]), least)
    is_likelier = (probability > probability.T) | (
        (probability == probability.T) & np.triu(np.ones(probability.shape, dtype=bool), 1)
    )
    return is_likelier & (probability >= threshold)


def _ahead(lags: Lags, kernels: Kernels) -> Any:
    """Return how much each type goes ahead of each other, on a log scale, negative when behind."""
    gain = kernels.gain
    by_gain = (gain - gain.T) / np.sqrt(gain + gain.T + 1.0)
    swapped = lags.before.transpose(0, 2, 1), lags.after.transpose(0, 2, 1)
    net = lags.before - swapped[0] - lags.after + swapped[1]
    both = lags.before + swapped[0] + lags.after + swapped[1]
    by_count = _signed_log(net / np.sqrt(both + 2.0)).mean(0)
    ahead = 0.5 * (_signed_log(by_gain) + by_count)
    np.fill_diagonal(ahead, 0.0)
    return ahead


def _best_way(forward: Any) -> Any:
    """Return the strength of the best way over one third type: its weaker half."""
    best = np.zeros_like(forward)
    for middle in range(len(forward)):
        np.maximum(best, np.minimum.outer(forward[:, middle], forward[middle]), out=best)
    return best


def _signed_log(values: Any) -> Any:
    """Return values on a log scale that keeps the sign."""
    return np.sign(values) * np.log1p(np.abs(values))
