"""Name the antennas that look elsewhere than the inventory says, with the chance that they do.

Three things are asked whether they were written down wrong: one cell, all carriers of one sector,
all sectors of one site. Against each speak the directions of what its cells hand over to, of the
places from which phones were seen on them, and the habits of this inventory (carriers of a sector
look the same way, sectors of a layer stand apart). How much each counts is learned by turning the
antennas of this very network on paper: what is worth nothing here counts for nothing.

Simple so far: an antenna turned by less than a quarter circle is not looked for, and neither are
tilts and heights: no evidence at hand tells them apart from ground that rises.

References
----------
.. [1] Efron B. (2008), Microarrays, empirical Bayes and the two-groups model, Statist. Sci. 23(1):
   the chance that one of many is of the other group. There the usual group is estimated from the
   middle of the scores, here by counting without those named in the round before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sites.bearings import (
    DIRECTIONS,
    STEP_DEG,
    directed_cells,
    direction_support,
    handover_encounters,
    sighting_encounters,
)
from sites.inventory import Network
from sites.observations import Observations, nothing_observed
from sites.shares import layer_number

ERROR_RATE = 0.2
"""Of those named, so many may be named wrongly, by their stated chances."""
LEAST_CHANCE = 0.5
"""Below this chance an antenna is not named, however sure the others are."""
COLUMNS = ("object_id", "scope", "cells", "azimuth_deg", "likely_deg", "probability")
SCOPES = ("cell", "sector", "site")
# Turns that records are wrong by: a quarter circle and more.
TURNS = np.arange(6, 19)
ALIKE_DEG, UNLIKE_DEG = 10.0, 20.0
CLOSE_DEG, CROWDED_DEG = 80.0, 50.0
# Evidence beyond these (natural logarithm) is not believed any further.
LEAST_SUPPORT, MOST_SUPPORT = -12.0, 4.0
# A source agrees with a turn that it makes likelier by this (natural logarithm).
LEAST_GAIN = 3.0
ROUNDS, SHARE_ROUNDS = 6, 100
# A few antennas are wrong anywhere, as if one of 50 had been found so.
PRIOR_WRONG, PRIOR_ASKED = 1.0, 50.0
NEWTON_STEPS = 15
LEAST_UNITS, MOST_TAUGHT = 30, 5_000


@dataclass(frozen=True)
class _Units:
    """Cells that would be turned together: `unit` of each of `cell`, and the features of each unit.

    `features` has shape (units, 24, f): as they would be, were the unit turned by that much.
    """

    cell: Any
    unit: Any
    support: Any
    parts: Any
    features: Any


def turned_antennas(
    network: Network, seen: Observations | None = None, *, error_rate: float = ERROR_RATE
) -> pd.DataFrame:
    """Return the antennas whose recorded azimuth is likely wrong.

    Parameters
    ----------
    network : Network
    seen : Observations, optional
        Sightings from known places; without them handover and habits alone speak.
    error_rate : float
        So many are named, the likeliest first, that one minus their mean chance stays within it.

    Returns
    -------
    DataFrame, the likeliest first
        `object_id` (the site's for a whole site, else the first cell's), `scope` (cell, sector,
        site), `cells` (ids joined by "|"), `azimuth_deg` (recorded, of the first cell),
        `likely_deg` (where it seems to look, to 15 degrees), `probability`.
    """
    support = [
        direction_support(network, handover_encounters(network)),
        direction_support(network, sighting_encounters(network, seen or nothing_observed())),
    ]
    asked = [_units(network, scope, support) for scope in SCOPES]
    found = [
        _named(network, units, scope, error_rate=error_rate)
        for scope, units in zip(SCOPES, asked, strict=True)
    ]
    ranked = pd.concat(found, ignore_index=True).sort_values(
        ["probability", "object_id", "scope"], ascending=[False, True, True], kind="stable"
    )
    taken: set[str] = set()
    kept = []
    for cells in ranked["cells"]:
        mine = set(cells.split("|"))
        kept.append(not mine & taken)
        taken |= mine
    return ranked[np.array(kept, dtype=bool)].reset_index(drop=True)


def _units(network: Network, scope: str, support: Sequence[Any]) -> _Units:
    """Return what could be turned together of one scope, with its features at every turn."""
    directed = directed_cells(network)
    unit, cell = _grouped(network, directed, scope)
    count = int(unit.max(initial=-1)) + 1
    sums = []
    for values in support:
        total = np.zeros((count, DIRECTIONS))
        np.add.at(total, unit, values[cell])
        sums.append(total)
    features = [np.clip(_relative(total), LEAST_SUPPORT, MOST_SUPPORT) for total in sums]
    if scope != "site":
        features += [_worst(habit, unit, cell, count) for habit in _habits(network, scope)]
    return _Units(cell, unit, sum(sums), sums, np.stack(features, axis=-1))


def _grouped(network: Network, directed: Any, scope: str) -> tuple[Any, Any]:
    """Return unit and cell, in order of unit, of one scope; only sectors and sites of several cells."""
    table = network.cells.iloc[directed][["site", "azimuth_deg"]].assign(cell=directed)
    if scope == "cell":
        return np.arange(len(directed)), directed
    keys = ["site", "azimuth_deg"] if scope == "sector" else ["site"]
    grouped = table.groupby(keys, sort=True)
    several = grouped["cell"].transform("size") > 1
    if scope == "site":
        several &= grouped["azimuth_deg"].transform("nunique") > 1
    table = table[several].assign(unit=lambda t: t.groupby(keys, sort=True).ngroup())
    table = table.sort_values(["unit", "cell"], kind="stable")
    return table["unit"].to_numpy(int), table["cell"].to_numpy(int)


def _relative(total: Any) -> Any:
    """Return log support against that of an antenna that may look anywhere."""
    highest = total.max(axis=1, keepdims=True, initial=-np.inf)
    anywhere = highest + np.log(np.exp(total - highest).mean(axis=1, keepdims=True))
    return total - anywhere


def _habits(network: Network, scope: str) -> list[Any]:
    """Return for each cell and turn how it would stand among the others of its site, (C, 24) each.

    For one cell: whether it looks as a carrier of another layer does (1 yes, -1 no, 0 not to say).
    Then whether another sector of its layer would be close, and crowded.
    """
    directed = directed_cells(network)
    table = network.cells.iloc[directed][["site", "azimuth_deg"]].assign(
        cell=directed, layer=layer_number(network.cells)[directed]
    )
    pairs = table.merge(table, on="site", suffixes=("", "_other"))
    pairs = pairs[pairs["cell"] != pairs["cell_other"]]
    is_own = (pairs["layer"] == pairs["layer_other"]).to_numpy()
    count = len(network.cells)
    own, others = (_least_apart(pairs[which], count) for which in (is_own, ~is_own))
    habits = [(own < CLOSE_DEG).astype(float), (own < CROWDED_DEG).astype(float)]
    if scope == "cell":
        unsure = np.where(others <= UNLIKE_DEG, 0.0, -1.0)
        alike = np.where(others <= ALIKE_DEG, 1.0, unsure)
        habits.insert(0, np.where(np.isinf(others), 0.0, alike))
    return habits


def _least_apart(pairs: pd.DataFrame, count: int) -> Any:
    """Return the least angle of each cell, turned, to its partners; inf without partners."""
    turn = np.arange(DIRECTIONS) * STEP_DEG
    step = (pairs["azimuth_deg"] - pairs["azimuth_deg_other"]).to_numpy(float)
    apart = np.abs((step[:, None] + turn + 180.0) % 360.0 - 180.0)
    least = np.full((count, DIRECTIONS), np.inf)
    np.minimum.at(least, pairs["cell"].to_numpy(int), apart)
    return least


def _worst(habit: Any, unit: Any, cell: Any, count: int) -> Any:
    """Return a habit of units: the mean over their cells."""
    total = np.zeros((count, DIRECTIONS))
    np.add.at(total, unit, habit[cell])
    return total / np.maximum(np.bincount(unit, minlength=count), 1)[:, None]


def _named(network: Network, units: _Units, scope: str, *, error_rate: float) -> pd.DataFrame:
    """Return the units of one scope that are likely turned."""
    if len(units.features) < LEAST_UNITS:
        return pd.DataFrame(columns=list(COLUMNS))
    chance = _chance_turned(units.features)
    number = _within(np.where(_is_agreed(units) | (scope == "cell"), chance, 0.0), error_rate)
    ids = network.cells["cell_id"].to_numpy(object)
    azimuth = network.cells["azimuth_deg"].to_numpy(float)
    first = np.searchsorted(units.unit, number)
    last = np.searchsorted(units.unit, number, side="right")
    members = [units.cell[a:b] for a, b in zip(first, last, strict=True)]
    head = units.cell[first]
    sites = network.cells["site_id"].to_numpy(object)[head]
    best = units.support[number][:, TURNS].argmax(axis=1)
    return pd.DataFrame(
        {
            "object_id": sites if scope == "site" else ids[head],
            "scope": scope,
            "cells": ["|".join(ids[cells]) for cells in members],
            "azimuth_deg": azimuth[head],
            "likely_deg": (azimuth[head] + TURNS[best] * STEP_DEG) % 360.0,
            "probability": chance[number],
        }
    )


def _within(chance: Any, error_rate: float) -> Any:
    """Return the units, in order, that may be named for an error rate."""
    order = np.argsort(-chance, kind="stable")
    mean_error = np.cumsum(1.0 - chance[order]) / np.arange(1, len(order) + 1)
    return np.sort(order[(mean_error <= error_rate) & (chance[order] >= LEAST_CHANCE)])


def _is_agreed(units: _Units) -> Any:
    """Return where both handover and sightings would rather have one turn.

    Habits don't speak against a whole sector or site; at the edge of a network handover alone, which
    knows one side only, is easily wrong about it.
    """
    row = np.arange(len(units.features))
    best = TURNS[units.support[:, TURNS].argmax(axis=1)] if len(row) else row
    return np.all([part[row, best] > part[row, 0] + LEAST_GAIN for part in units.parts], axis=0)


def _chance_turned(features: Any) -> Any:
    """Return the chance that each unit is turned, by what turning does to the features here."""
    chance = np.zeros(len(features))
    for _ in range(ROUNDS):
        chance = _two_groups(_log_ratio(features, 1.0 - chance))
    return chance


def _log_ratio(features: Any, is_right: Any) -> Any:
    """Return the log likelihood ratio of turned against as recorded, given the chance to be right."""
    taught = np.arange(0, len(features), -(-len(features) // MOST_TAUGHT))
    right = features[taught, 0]
    wrong = features[taught][:, TURNS].reshape(-1, features.shape[2])
    weight = np.concatenate(
        [is_right[taught], np.repeat(is_right[taught] / len(TURNS), len(TURNS))]
    )
    is_wrong = np.concatenate([np.zeros(len(right)), np.ones(len(wrong))])
    table = np.vstack([right, wrong])
    slope = _logistic_slope(table, is_wrong, weight)
    return features[:, 0] @ slope[1:] + slope[0]


def _logistic_slope(table: Any, is_wrong: Any, weight: Any) -> Any:
    """Return intercept and slopes of a ridge logistic regression, by Newton's method."""
    full = np.column_stack([np.ones(len(table)), table])
    ridge = np.diag([1e-6] + [1.0] * table.shape[1])
    slope = np.zeros(full.shape[1])
    for _ in range(NEWTON_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(full @ slope, -30.0, 30.0)))
        gradient = full.T @ (weight * (chance - is_wrong)) + ridge @ slope
        curved = (full * (weight * chance * (1.0 - chance))[:, None]).T @ full + ridge
        step = np.linalg.solve(curved, gradient)
        slope = slope - step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
    return slope


def _two_groups(score: Any) -> Any:
    """Return the chance of each to be of the other group, whose share is estimated (EM)."""
    share = PRIOR_WRONG / PRIOR_ASKED
    ratio = np.exp(np.clip(score, -30.0, 30.0))
    chance = np.zeros(len(score))
    for _ in range(SHARE_ROUNDS):
        chance = share * ratio / (1.0 - share + share * ratio)
        share = float((chance.sum() + PRIOR_WRONG) / (len(score) + PRIOR_ASKED))
    return chance
