"""Keep which cells serve places: the likeliest first, padded to one width.

Simple so far: ties are broken by nearness.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sites.surroundings import Surroundings

# A cell less likely than this is left out.
LEAST_CHANCE = 1e-4
# More cells around one point than this there are not.
COLUMN_BITS = 20
COLUMNS = 1 << COLUMN_BITS


@dataclass(frozen=True)
class Serving:
    """The cells that serve each of n places, the likeliest first.

    Attributes
    ----------
    cell : array of int, shape (n, top)
        Positions in `Network.cells`; -1 pads.
    probability : array, shape (n, top)
        0 pads; with `nothing`, a row sums to at most 1.
    nothing : array, shape (n,)
        The chance that nothing serves.
    distance_m : array, shape (n, top)
        NaN pads.
    """

    cell: Any
    probability: Any
    nothing: Any
    distance_m: Any


def likeliest(around: Surroundings, chance: Any, nothing: Any, *, top: int) -> Serving:
    """Return the likeliest cells of each point.

    Parameters
    ----------
    around : Surroundings
        Of n points and m cells.
    chance : array, shape (m,)
        Of each cell, given that something serves; scaled to sum to 1 over a point.
    nothing : array, shape (n,)
        The chance that nothing serves.
    top : int
        How many cells to return; shorter rows are padded.

    Returns
    -------
    Serving
    """
    kept = np.flatnonzero(chance > LEAST_CHANCE)
    row = around.pair[kept] // around.site.shape[1]
    chance = chance[kept].astype(np.float32)
    points = len(nothing)
    total = np.bincount(row, chance, minlength=points)
    first = np.searchsorted(row, np.arange(points))
    column = _best_columns(row, np.arange(len(row)) - first[row], chance, (points, top))
    cell, dense, away = (
        np.full(column.shape, -1),
        np.zeros(column.shape),
        np.full(column.shape, np.nan),
    )
    used = column >= 0
    number = (first[:, None] + column)[used]
    cell[used] = around.cell[kept[number]]
    away[used] = around.away_m.ravel()[around.pair[kept[number]]]
    dense[used] = chance[number] * ((1.0 - nothing) / np.maximum(total, 1e-300))[row[number]]
    return Serving(cell, dense, nothing, away)


def _best_columns(row: Any, column: Any, chance: Any, shape: tuple[int, int]) -> Any:
    """Return the columns of the largest chances of each row, in order, -1 for none.

    A positive float of 32 bits is in the order of its bits: with the column below them, one sort of
    whole numbers gives both, the nearer one first of equals.
    """
    points, top = shape
    width = max(int(column.max(initial=-1)) + 1, top)
    keys = np.zeros((points, width), dtype=np.int64)
    keys[row, column] = (chance.view(np.int32).astype(np.int64) << COLUMN_BITS) | (
        COLUMNS - 1 - column
    )
    if width > top:
        keys = np.partition(keys, width - top, axis=1)[:, width - top :]
    keys = np.sort(keys, axis=1)[:, ::-1]
    return np.where(keys > 0, COLUMNS - 1 - (keys & (COLUMNS - 1)), -1)


def stacked(parts: list[Serving]) -> Serving:
    """Return the places of several answers as one.

    Parameters
    ----------
    parts : list of Serving

    Returns
    -------
    Serving
    """
    return Serving(
        cell=np.concatenate([part.cell for part in parts]),
        probability=np.concatenate([part.probability for part in parts]),
        nothing=np.concatenate([part.nothing for part in parts]),
        distance_m=np.concatenate([part.distance_m for part in parts]),
    )


def integrated(at: Serving, row: Any, weight: Any, *, places: int, top: int) -> Serving:
    """Return the sum over each place's points.

    Parameters
    ----------
    at : Serving
        Of the points.
    row : array of int
        The place of each point.
    weight : array
        0 or more; each place's weights are scaled to sum to 1.
    places, top : int
        How many places there are, and how many cells to return of each.

    Returns
    -------
    Serving
    """
    weight = _weights(row, weight, places)
    used = at.cell >= 0
    place = np.broadcast_to(row[:, None], used.shape)[used]
    mass = (at.probability * weight[:, None])[used]
    span = int(at.cell.max(initial=0)) + 1
    keys, inverse = np.unique(place * span + at.cell[used], return_inverse=True)
    chance = np.bincount(inverse, mass, minlength=len(keys))
    away = np.bincount(inverse, mass * at.distance_m[used], minlength=len(keys)) / chance
    of_place, cell = keys // span, keys % span
    order = np.lexsort((cell, -chance, of_place))
    of_place, cell, chance, away = of_place[order], cell[order], chance[order], away[order]
    rank = np.arange(len(keys)) - np.searchsorted(of_place, of_place)
    kept = rank < top
    out = Serving(
        cell=np.full((places, top), -1, dtype=np.int64),
        probability=np.zeros((places, top)),
        nothing=np.bincount(row, weight * at.nothing, minlength=places),
        distance_m=np.full((places, top), np.nan),
    )
    out.cell[of_place[kept], rank[kept]] = cell[kept]
    out.probability[of_place[kept], rank[kept]] = chance[kept]
    out.distance_m[of_place[kept], rank[kept]] = away[kept]
    out.nothing[np.bincount(row, minlength=places) == 0] = np.nan
    return out


def _weights(row: Any, weight: Any, places: int) -> Any:
    """Return weights that sum to 1 for each place."""
    values = np.maximum(np.nan_to_num(np.asarray(weight, dtype=float)), 0.0)
    total = np.bincount(row, values, minlength=places)
    even = 1.0 / np.maximum(np.bincount(row, minlength=places), 1)
    return np.where(total[row] > 0.0, values / np.maximum(total[row], 1e-300), even[row])
