"""Compute the reference level of the cells around each point.

A level is the received power of a cell's reference signal (`sites.radio`), less what the antenna's
pattern takes. The country's roughness is read off the spacing of its sites: dense is urban, sparse
is open.

Simple so far: no terrain and no clutter map; one mean building loss for every building.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sites.antennas import PANEL_BACK_DB
from sites.radio import SPACING_M, Radio, build_radio

__all__ = [
    "Radio",
    "Sight",
    "build_radio",
    "candidate_cells",
    "country_at",
    "country_of",
    "level_of",
    "levels_dbm",
    "sight_of",
]

# More change no figure, fewer do: tried 12, 16 and 24.
NEAREST_SITES = 16
# The near field, a mast's own yard and coordinates rounded to the building.
NEAREST_M = 10.0
COUNTRY_SITES = 8
# Side lobes fill in behind the main beam: a beam-centre pattern alone would leave holes under masts
# and make wrongly recorded tilts fatal. Below the 20 dB of TR 36.814.
VERTICAL_FLOOR_DB = 10.0
# Behind and below together: the 30 dB of TR 38.901, Table 7.3-1.
PATTERN_FLOOR_DB = 30.0


def candidate_cells(radio: Radio, x_m: Any, y_m: Any, *, nearest: int = NEAREST_SITES) -> Any:
    """Return the cells of the nearest sites around each point.

    Parameters
    ----------
    radio : Radio
    x_m, y_m : array, shape (n,)
        Metres in the network's projection; finite.
    nearest : int
        How many sites to look at.

    Returns
    -------
    array of int, shape (n, m)
        Positions in `Network.cells`, those of the nearest site first; -1 pads.
    """
    k = min(nearest, len(radio.tree_sites))
    _, at = radio.tree.query(np.column_stack([x_m, y_m]), k=k)
    sites = radio.tree_sites[at.reshape(len(x_m), k)]
    count = radio.cell_count[sites]
    ends = np.cumsum(count, axis=1)
    width = int(ends[:, -1].max(initial=0))
    rows, columns = np.nonzero(count)
    repeats = count[rows, columns]
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    slot = np.repeat((ends - count)[rows, columns], repeats) + within
    cells = np.full((len(x_m), width), -1, dtype=np.int64)
    first = np.repeat(radio.first_cell[sites[rows, columns]], repeats)
    cells[np.repeat(rows, repeats), slot] = radio.cells_by_site[first + within]
    return cells


def levels_dbm(
    radio: Radio, x_m: Any, y_m: Any, cells: Any, *, indoor: Any | None = None
) -> tuple[Any, Any]:
    """Return the levels and distances of given cells at each point.

    Parameters
    ----------
    radio : Radio
    x_m, y_m : array, shape (n,)
        Metres.
    cells : array of int, shape (n, m)
        Positions in `Network.cells`, -1 for none.
    indoor : array, shape (n,), optional
        Chance, 0 to 1, that the point is inside a building.

    Returns
    -------
    tuple of array, shape (n, m)
        dBm of the reference signal (-inf for none) and metres (NaN for none).
    """
    rows, columns = np.nonzero(cells >= 0)
    cell = cells[rows, columns]
    table = radio.network.cells
    east = np.asarray(x_m)[rows] - table["x_m"].to_numpy()[cell]
    north = np.asarray(y_m)[rows] - table["y_m"].to_numpy()[cell]
    suburban, open_country = country_at(radio, x_m, y_m)
    inside = np.zeros(len(x_m)) if indoor is None else np.asarray(indoor, dtype=float)
    sight = sight_of(east, north, (suburban[rows], open_country[rows], inside[rows]))
    out = np.full(cells.shape, -np.inf)
    distance = np.full(cells.shape, np.nan)
    out[rows, columns] = level_of(radio, cell, sight)
    distance[rows, columns] = np.hypot(east, north)
    return out, distance


@dataclass(frozen=True)
class Sight:
    """How cells see points, arrays of float32 of one shape.

    Attributes
    ----------
    away_m, decades, bearing_deg
        Distance, its logarithm over 1 km, and direction from the cell; the near field cut off.
    suburban, is_open, inside
        Of the point: how suburban and how open its country is, chance to be in a building.
    """

    away_m: Any
    decades: Any
    bearing_deg: Any
    suburban: Any
    is_open: Any
    inside: Any

    def repeated(self, count: Any) -> "Sight":
        """Return each row of every array so many times."""
        return Sight(**{name: np.repeat(values, count) for name, values in vars(self).items()})


def sight_of(east_m: Any, north_m: Any, point: tuple[Any, Any, Any]) -> Sight:
    """Return how cells see points.

    Parameters
    ----------
    east_m, north_m : array
        From the cell to the point.
    point : tuple of array
        `suburban`, `is_open` and `inside` of the point, as in `Sight`.

    Returns
    -------
    Sight
    """
    east, north = np.asarray(east_m, np.float32), np.asarray(north_m, np.float32)
    away = np.maximum(np.hypot(east, north), np.float32(NEAREST_M))
    return Sight(
        away,
        np.log10(away) - np.float32(3.0),
        np.degrees(np.arctan2(east, north)),
        *(np.asarray(values, np.float32) for values in point),
    )


def level_of(radio: Radio, cell: Any, sight: Sight) -> Any:
    """Return the level of cells at the points they see.

    Parameters
    ----------
    radio : Radio
    cell : array of int, shape (m,)
    sight : Sight
        Of the same shape.

    Returns
    -------
    array of float32, shape (m,)
        dBm of the reference signal.
    """
    # Rows of one cell lie together: taking and turning them is faster than eleven columns one by one.
    packed = np.ascontiguousarray(np.take(radio.packed, cell, axis=0).T)
    level, slope, suburban, is_open, wall, *antenna, is_indoor = packed
    level -= slope * sight.decades
    level += sight.suburban * suburban
    level += sight.is_open * is_open
    if sight.inside.any():
        level -= sight.inside * wall
    level -= _pattern_loss_db(antenna, sight)
    if is_indoor.any():
        beyond = is_indoor * (sight.away_m > radio.indoor_reach_m)
        level -= beyond * np.float32(radio.indoor_wall_db)
    return level


def _pattern_loss_db(antenna: Any, sight: Sight) -> Any:
    """Return what the parabolic patterns of `sites.antennas` take towards each point."""
    azimuth, per_beamwidth, tilt, per_vertical, rise = antenna
    off = (azimuth - sight.bearing_deg) * np.float32(1.0 / 360.0)
    off -= np.rint(off)
    off *= np.float32(360.0) * per_beamwidth
    across = np.minimum(np.float32(12.0) * off * off, np.float32(PANEL_BACK_DB))
    below = np.degrees(np.arctan(rise / sight.away_m)) - tilt
    below *= per_vertical
    down = np.minimum(np.float32(12.0) * below * below, np.float32(VERTICAL_FLOOR_DB))
    return np.minimum(across + down, np.float32(PATTERN_FLOOR_DB))


def country_at(radio: Radio, x_m: Any, y_m: Any) -> tuple[Any, Any]:
    """Return how suburban and how open the country of each point is.

    Parameters
    ----------
    radio : Radio
    x_m, y_m : array, shape (n,)

    Returns
    -------
    tuple of array, shape (n,)
        0 to 1 each; urban country has both 0.
    """
    k = min(COUNTRY_SITES, len(radio.tree_sites))
    _, at = radio.tree.query(np.column_stack([x_m, y_m]), k=k)
    return country_of(radio, radio.tree_sites[at.reshape(len(x_m), k)])


def country_of(radio: Radio, near: Any) -> tuple[Any, Any]:
    """Return the same for points whose nearest sites are known.

    Parameters
    ----------
    radio : Radio
    near : array of int, shape (n, k)
        The nearest sites that have cells.

    Returns
    -------
    tuple of array, shape (n,)
    """
    spacing = np.log(np.median(radio.spacing_m[near], axis=1))
    edges = np.log(SPACING_M)
    return np.interp(spacing, edges, (0, 1, 0.5)), np.interp(spacing, edges, (0, 0, 0.5))
