"""Lay out the cells of the nearest sites around points, with their levels, in one long row.

A *pair* is a point and one of its nearest sites; the cells of a pair stand together. Whatever
depends on the pair alone is computed once for all cells of the site.

Simple so far: the same number of sites is looked at around every point.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sites.levels import (
    COUNTRY_SITES,
    NEAREST_SITES,
    Sight,
    country_of,
    level_of,
    sight_of,
)
from sites.radio import Radio


@dataclass(frozen=True)
class Surroundings:
    """Cells around n points, k sites each, m cells in all.

    Attributes
    ----------
    site : array of int, shape (n, k)
        The nearest sites, the nearest first.
    away_m : array of float32, shape (n, k)
    first : array of int, shape (n * k,)
        Where the cells of each pair begin.
    pair, cell : array of int, shape (m,)
        Number of the pair (point times k, plus rank), position in `Network.cells`.
    level_dbm : array of float32, shape (m,)
    """

    site: Any
    away_m: Any
    first: Any
    pair: Any
    cell: Any
    level_dbm: Any


def surroundings(
    radio: Radio, x_m: Any, y_m: Any, *, indoor: Any | None = None, nearest: int = NEAREST_SITES
) -> Surroundings:
    """Return the cells of the nearest sites around each point and their levels.

    Parameters
    ----------
    radio : Radio
    x_m, y_m : array, shape (n,)
        Metres in the network's projection; finite.
    indoor : array, shape (n,), optional
        Chance that the point is inside a building.
    nearest : int
        How many sites to look at.

    Returns
    -------
    Surroundings
    """
    k = min(nearest, len(radio.tree_sites))
    _, at = radio.tree.query(np.column_stack([x_m, y_m]), k=k)
    site = radio.tree_sites[at.reshape(len(x_m), k)]
    flat = site.ravel()
    count = radio.cell_count[flat]
    first = np.cumsum(count) - count
    pair = np.repeat(np.arange(len(flat)), count)
    within = np.arange(len(pair)) + np.repeat(radio.first_cell[flat] - first, count)
    cell = np.take(radio.cells_by_site, within)
    sight = _sight(radio, (x_m, y_m), site, indoor)
    level = level_of(radio, cell, sight.repeated(count))
    return Surroundings(site, sight.away_m.reshape(site.shape), first, pair, cell, level)


def _sight(radio: Radio, point: tuple[Any, Any], site: Any, indoor: Any | None) -> Sight:
    """Return how the sites of all pairs see their points."""
    k = site.shape[1]
    at = radio.site_xy[site.ravel()]
    suburban, is_open = country_of(radio, site[:, :COUNTRY_SITES])
    inside = np.zeros(len(site)) if indoor is None else np.asarray(indoor, dtype=float)
    of_point = tuple(np.repeat(values, k) for values in (suburban, is_open, inside))
    east, north = (np.repeat(values, k) for values in point)
    return sight_of(east - at[:, 0], north - at[:, 1], of_point)  # type: ignore[arg-type]
