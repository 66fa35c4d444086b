"""Tell whom a fault hurts, and which cells take over those who lose theirs.

Simple so far: who has nothing left is hurt in full, others the less the better the next cell is;
a taking-over cell is one of the three best a spot hears.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from examples.province.faults import Fault
from examples.province.radio import GROUPS, SILENT
from examples.province.world import World

Array = Any
USABLE_DB = -5.0
NONE = -1


@dataclass(frozen=True)
class Impact:
    """Whom a fault hurts, one entry a spot and group of technologies.

    Attributes
    ----------
    spot, group : array of int
    cell : array of int
        The cell that serves them when all is well.
    next_cell : array of int
        The cell that serves them now; the same where nobody must move, -1 where none is left.
    harm : array of float
        0 to 1.
    people, workers : array of float
        Users there by night and by day.
    """

    spot: Array
    group: Array
    cell: Array
    next_cell: Array
    harm: Array
    people: Array
    workers: Array


def impact_of(world: World, fault: Fault, cause: Mapping[str, Any]) -> Impact:
    """Return whom a fault hurts."""
    air, service = world.air, cause.get("service", "all")
    spots = [world.spots_of(fault.cells, group) for group in range(GROUPS)]
    spot = np.concatenate(spots)
    group = np.repeat(np.arange(GROUPS), [len(part) for part in spots])
    cell = air.heard[spot, group, 0]
    degree = fault.degree[np.searchsorted(fault.cells, cell)]
    harm, next_cell = degree, cell
    if cause.get("loses", False):
        next_cell, ease = _taken_over(world, fault, spot, group)
        harm = degree * ease
    users = (air.voice if service == "voice" else air.share)[spot, group]
    is_there = users > 0
    people, workers = (air.spots[n].to_numpy()[spot] * users for n in ("people", "workers"))
    columns = (spot, group, cell, next_cell, harm, people, workers)
    return Impact(*(column[is_there] for column in columns))


def _taken_over(world: World, fault: Fault, spot: Array, group: Array) -> tuple[Array, Array]:
    """Return the next best cell of each spot and how much of the harm is left with it."""
    air = world.air
    best, strength = np.full(len(spot), NONE), np.full(len(spot), SILENT)
    ease = np.ones(len(spot))
    # The own group first, then the others from LTE down: what is left of service there is less.
    for turn, penalty in ((0, 0.0), (1, 0.08), (2, 0.2)):
        other = np.where(turn == 0, group, _fallback(group, turn))
        heard = air.heard[spot, other]
        is_left = (heard >= 0) & ~np.isin(heard, fault.cells)
        margin = np.where(is_left, air.margin[spot, other], -99.0)
        column = margin.argmax(axis=1)
        top = margin[np.arange(len(spot)), column]
        is_better = (best == NONE) & (top > USABLE_DB)
        best = np.where(is_better, heard[np.arange(len(spot)), column], best)
        strength = np.where(is_better, top, strength)
        left = np.clip(0.34 - 0.016 * top, 0.03, 0.42) + penalty
        ease = np.where(is_better, left, ease)
    return best, ease


def _fallback(group: Array, turn: int) -> Array:
    """Return the group a phone falls back to: from NR to LTE, from LTE to GSM, from GSM to LTE."""
    first = np.array([1, 0, 1])[group]
    return first if turn == 1 else np.array([2, 2, 0])[group]
