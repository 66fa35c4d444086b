"""Draw the relations between the types of a made-up alarm history, and the lines between its devices.

Simple so far: every relation has one lag and one chance, whichever device it is on.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from examples.province.alarm_histories import HistorySettings

MOST_EFFECTS = 2.5
LEAST_CHANCE = 0.002
MOST_CHANCE = 0.95


@dataclass(frozen=True)
class Graph:
    """Relations between types: arrays of (types, types), row causes column.

    Attributes
    ----------
    chance : array of float
        Chance of a direct effect; 0 where there is none.
    lag_s : array of float
        Median lag of a direct effect.
    away : array of float
        Share of direct effects that appear on neighbouring devices.
    listed : array of bool
        The experts' graph.
    """

    chance: Any
    lag_s: Any
    away: Any
    listed: Any


def drawn_graph(settings: "HistorySettings", rng: np.random.Generator) -> Graph:
    """Return direct relations in a random order of types, and those that experts list."""
    count = settings.types
    place = rng.permutation(count)
    is_along = place[:, None] < place[None, :]
    fertility = rng.lognormal(0.0, 0.6, count)[:, None] * rng.lognormal(0.0, 0.6, count)[None, :]
    wanted = round(settings.density * is_along.sum())
    score = np.where(is_along, fertility * rng.random((count, count)), 0.0)
    direct = _greatest(score, max(wanted, 1))
    if settings.cycles:
        against = np.where(is_along.T & ~direct.T, rng.random((count, count)), 0.0)
        direct |= _greatest(against, settings.cycles)
    chance = settings.strength * rng.lognormal(0.0, settings.strength_spread, (count, count))
    chance = np.where(direct, np.clip(chance, LEAST_CHANCE, MOST_CHANCE), 0.0)
    chance *= np.minimum(1.0, MOST_EFFECTS / np.maximum(chance.sum(1, keepdims=True), 1e-9))
    lag_s = settings.lag_s * rng.lognormal(0.0, settings.lag_spread, (count, count))
    away = np.clip(rng.beta(1.0, 1.0, (count, count)) * 2.0 * settings.spread, 0.0, 1.0)
    indirect = _reached(direct) & ~direct & ~np.eye(count, dtype=bool)
    listed = direct | (indirect & (rng.random((count, count)) < settings.closure))
    return Graph(chance, lag_s, away, listed)


def drawn_lines(settings: "HistorySettings", rng: np.random.Generator) -> Any:
    """Return the lines between devices: an array of (lines, 2), each once."""
    count = settings.devices
    later = np.arange(1, count)
    if settings.topology == "none":
        return np.zeros((0, 2), dtype=int)
    if settings.topology == "ring":
        size = 8
        after = np.where(later % size == 0, 0, later - 1)
        closing = later[(later % size == size - 1)]
        ends = np.column_stack([closing, closing - size + 1])
        return np.vstack([np.column_stack([later, after]), ends])
    parent = np.floor(later * rng.random(count - 1) ** 0.7).astype(int)
    lines = np.column_stack([later, np.minimum(parent, later - 1)])
    if settings.topology == "mesh":
        more = rng.integers(0, count, (count, 2))
        lines = np.vstack([lines, more[more[:, 0] != more[:, 1]]])
    return np.unique(np.sort(lines, axis=1), axis=0)


def _greatest(score: Any, wanted: int) -> Any:
    """Return where the greatest positive scores stand."""
    order = np.argsort(-score, axis=None, kind="stable")[:wanted]
    chosen = np.zeros(score.size, dtype=bool)
    chosen[order] = True
    return chosen.reshape(score.shape) & (score > 0)


def _reached(direct: Any) -> Any:
    """Return which types are reached from which over any number of relations."""
    reached = direct.copy()
    for middle in range(len(direct)):
        reached |= np.outer(reached[:, middle], reached[middle])
    return reached
