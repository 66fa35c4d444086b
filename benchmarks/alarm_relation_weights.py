"""Fit the weights of the evidence for relations of alarms on made-up networks, and print them.

python -m benchmarks.alarm_relation_weights > alarms/relation_weights.toml

Each network counts alike, whatever its number of types. No real network and none of
`examples/province/alarm_histories.toml` takes part.

Simple so far: one process; some minutes.
"""

import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from alarms.relation_evidence import FIGURES, pair_figures
from alarms.relation_histories import coded_history
from alarms.relation_kernels import fitted_kernels
from alarms.relation_lags import measured_lags
from examples.province.alarm_histories import AlarmHistory, alarm_history
from examples.province.alarm_histories_drawn import drawn_history

NETWORKS = 240
FEWEST_RELATIONS = 4
REGULARISATION = 0.05
LEAST_PROBABILITY = 0.2


def main() -> int:
    """Print the weights as the file that the program reads; return 0."""
    evidence = network_evidence(range(NETWORKS))
    weights, intercept = fitted_weights(evidence)
    lines = [
        "# Weights of the evidence that one type of alarm causes another: a logistic regression on the",
        f"# {len(evidence)} made-up networks of examples/province/alarm_histories_drawn.py, no real one.",
        "# Made by `python -m benchmarks.alarm_relation_weights`; the figures: alarms/relation_evidence.py.",
        f"intercept = {intercept:.4f}",
        f"least_probability = {LEAST_PROBABILITY}",
        "",
        "[figures]",
        *(f"{name} = {weight:.4f}" for name, weight in weights.items()),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def network_evidence(numbers: Iterable[int]) -> list[tuple[Any, Any]]:
    """Return figures (pairs, figures) and truth (pairs) of drawn networks with enough relations."""
    found = []
    for number in numbers:
        made = alarm_history(drawn_history(number))
        figures, truth = pair_evidence(made)
        if truth.sum() >= FEWEST_RELATIONS:
            found.append((figures, truth))
    return found


def pair_evidence(made: AlarmHistory) -> tuple[Any, Any]:
    """Return figures (pairs, figures) of all pairs of types of a history, and whether each is true."""
    history = coded_history(made.alarms, made.links)
    lags = measured_lags(history)
    figures = pair_figures(history, lags, fitted_kernels(history, lags))
    is_pair = ~np.eye(len(history.codes), dtype=bool)
    place = {code: number for number, code in enumerate(history.codes)}
    truth = np.zeros(is_pair.shape, dtype=bool)
    for cause, effect in made.relations.itertuples(index=False):
        if cause in place and effect in place:
            truth[place[cause], place[effect]] = True
    return np.column_stack([figures[name][is_pair] for name in FIGURES]), truth[is_pair]


def fitted_weights(evidence: list[tuple[Any, Any]]) -> tuple[dict[str, float], float]:
    """Return the weight of each figure and the intercept of a logistic regression."""
    values = np.concatenate([figures for figures, _ in evidence])
    truth = np.concatenate([truth for _, truth in evidence])
    share = np.concatenate([np.full(len(truth), 1.0 / len(truth)) for _, truth in evidence])
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=REGULARISATION, max_iter=1000)
    model.fit(scaler.transform(values), truth, sample_weight=share * len(share) / len(evidence))
    weights = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    return {name: float(weight) for name, weight in zip(FIGURES, weights, strict=True)}, intercept


if __name__ == "__main__":
    raise SystemExit(main())
