"""Lay out which cells may have served where somebody was seen, and with what score.

Simple so far: outdoors, whatever the words of the complaint; a place is a few points.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sites.choice import temperature_db
from sites.coverage import SIGMA_DB, preference_of, radio_of
from sites.inventory import Network
from sites.levels import candidate_cells, levels_dbm
from sites.observations import Observations, burst_weight

# Points that stand for a place, and sites asked about; fewer where observations are many.
POINTS, NEAREST = 5, 16
FEW_POINTS, FEW_NEAREST = 3, 10
MANY = 20_000
# Cells kept at each point, the likeliest and the one seen.
KEPT = 16
# Who stands in for the serving cell is spread this many times as wide as who serves.
STAND_IN_SPREAD = 2.5
# Two thirds of a plane Gaussian lie within this many standard deviations.
TWO_THIRDS = 1.5
CHUNK = 4096
NO_CELL_DB = -1e4
_GOLDEN_RAD = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True)
class Choices:
    """What does not change while fitting: n observations at k points of each.

    Attributes
    ----------
    cell : array of int, shape (n k, m)
        Cells that may serve each point; C, the number of cells, pads.
    score_db : array of float32, the same shape
        Level and preference; very low where padded.
    is_seen : array of bool, the same shape
        The cell seen.
    stand_in, anywhere : array, shape (n,)
        Chance of the cell seen, were it a stand-in, and were the phone anywhere.
    age_h, weight : array, shape (n,)
    """

    cell: Any
    score_db: Any
    is_seen: Any
    stand_in: Any
    anywhere: Any
    age_h: Any
    weight: Any


def choices_of(network: Network, seen: Observations) -> Choices:
    """Return the cells that may have served each observation, at points around its place.

    Parameters
    ----------
    network : Network
    seen : Observations

    Returns
    -------
    Choices
    """
    points = POINTS if len(seen) <= MANY else FEW_POINTS
    nearest = NEAREST if len(seen) <= MANY else FEW_NEAREST
    x_m, y_m = _points(seen, points)
    asked = np.repeat(seen.cell, points)
    parts = [
        _kept(network, x_m[start : start + CHUNK], y_m[start : start + CHUNK],
              asked[start : start + CHUNK], nearest=nearest)
        for start in range(0, max(len(asked), 1), CHUNK)
    ]  # fmt: skip
    cell, score = (np.concatenate([part[n] for part in parts]) for n in (0, 1))
    is_seen = cell == asked[:, None]
    wide = chances(score, STAND_IN_SPREAD * temperature_db(SIGMA_DB))
    users = np.maximum(network.cells["users"].fillna(0.0).to_numpy(float), 1.0)
    return Choices(
        cell=cell,
        score_db=score,
        is_seen=is_seen,
        stand_in=(wide * is_seen).sum(axis=1).reshape(-1, points).mean(axis=1).astype(float),
        anywhere=(users / users.sum())[seen.cell],
        age_h=seen.age_h,
        weight=burst_weight(seen),
    )


def chosen_choices(choices: Choices, which: Any) -> Choices:
    """Return the choices of some observations.

    Parameters
    ----------
    choices : Choices
    which : array of bool, shape (n,)

    Returns
    -------
    Choices
    """
    points = np.repeat(which, len(choices.cell) // max(len(choices.age_h), 1))
    return Choices(
        **{
            name: values[points if values.ndim > 1 else which]
            for name, values in vars(choices).items()
        }
    )


def chances(score_db: Any, temperature: float) -> Any:
    """Return the chance of each cell at each point.

    Parameters
    ----------
    score_db : array, shape (p, m)
    temperature : float
        dB.

    Returns
    -------
    array, shape (p, m)
        Each row sums to 1.
    """
    scaled = (score_db - score_db.max(axis=1, keepdims=True)) / np.float32(temperature)
    chance = np.exp(scaled)
    return chance / chance.sum(axis=1, keepdims=True)


def _points(seen: Observations, count: int) -> tuple[Any, Any]:
    """Return points that stand for each place, one place after the other."""
    step = np.arange(count)
    radius = np.sqrt(-2.0 * np.log(1.0 - (step + 0.5) / count)) / TWO_THIRDS
    angle = step * _GOLDEN_RAD
    pattern = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    pattern -= pattern.mean(axis=0)
    x_m = seen.x_m[:, None] + seen.radius_m[:, None] * pattern[:, 0]
    y_m = seen.y_m[:, None] + seen.radius_m[:, None] * pattern[:, 1]
    return x_m.ravel(), y_m.ravel()


def _kept(network: Network, x_m: Any, y_m: Any, asked: Any, *, nearest: int) -> tuple[Any, Any]:
    """Return the cells worth looking at, at some points, and their scores."""
    radio, count = radio_of(network), len(network.cells)
    cells = candidate_cells(radio, x_m, y_m, nearest=nearest)
    level, _ = levels_dbm(radio, x_m, y_m, cells)
    score = np.where(cells >= 0, level + preference_of(network)[cells], NO_CELL_DB)
    order = np.argsort(-np.where(cells == asked[:, None], np.inf, score), axis=1, kind="stable")
    order = order[:, :KEPT]
    cell = np.take_along_axis(np.where(cells >= 0, cells, count), order, axis=1)
    best = np.take_along_axis(score, order, axis=1)
    short = ((0, 0), (0, KEPT - order.shape[1]))
    return (
        np.pad(cell, short, constant_values=count).astype(np.int32),
        np.pad(best, short, constant_values=NO_CELL_DB).astype(np.float32),
    )
