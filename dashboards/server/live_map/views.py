"""Tell which part of the earth a map shows, and where on its screen things lie.

Positions on the screen are those of the web Mercator projection: the world is a square of side 1, `x` from 180 degrees
west, `y` from the north; at zoom z it is 512 x 2^z pixels wide.

Simple so far: north is up, and no view crosses the line of dates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.errors import InputError

TILE_PX = 512.0
MOST_LAT = 85.05
MOST_ZOOM = 24.0
SCALES = (0.5, 4.0)
"""Least and most that a screen may be enlarged by."""
MARGIN = 0.05
"""Share of a view by which more is asked for than is seen."""
BOUNDS = {
    "west": (-180.0, 180.0),
    "south": (-90.0, 90.0),
    "east": (-180.0, 180.0),
    "north": (-90.0, 90.0),
    "zoom": (0.0, MOST_ZOOM),
    "scale": SCALES,
}


@dataclass(frozen=True)
class View:
    """What a map shows: degrees, its zoom, and by how much the screen is enlarged."""

    west: float
    south: float
    east: float
    north: float
    zoom: float
    scale: float = 1.0

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the screen."""
        x, y = mercator(np.array([self.west, self.east]), np.array([self.south, self.north]))
        lon, lat = unprojected(x.mean(), y.mean())
        return float(lon), float(lat)

    def holds(self, lon: pd.Series, lat: pd.Series) -> NDArray[np.bool_]:
        """Tell which positions are in the view or just beside it."""
        wide, high = (self.east - self.west) * MARGIN, (self.north - self.south) * MARGIN
        inside = lon.between(self.west - wide, self.east + wide)
        return np.asarray(inside & lat.between(self.south - high, self.north + high), dtype=bool)


def view_of(told: object) -> View:
    """Return the view that a page tells of.

    Parameters
    ----------
    told : mapping
        `west`, `south`, `east`, `north`, `zoom`, and `scale`.

    Raises
    ------
    InputError
        If it is none, or one of its numbers is out of bounds.

    Examples
    --------
    >>> view_of({"west": 100, "south": 25, "east": 102, "north": 27, "zoom": 7}).zoom
    7.0
    """
    if not isinstance(told, Mapping):
        msg = f"`view` must be an object with {sorted(BOUNDS)}; it is {type(told).__name__}."
        raise InputError(msg)
    numbers = {}
    for name, (least, most) in BOUNDS.items():
        value = told.get(name, 1.0 if name == "scale" else None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            msg = f"`view` must have a number `{name}`; it has {str(value)[:40]!r}."
            raise InputError(msg)
        if not least <= value <= most:
            msg = f"`{name}` of `view` must lie between {least:g} and {most:g}; it is {value:g}."
            raise InputError(msg)
        numbers[name] = float(value)
    if numbers["west"] >= numbers["east"] or numbers["south"] >= numbers["north"]:
        raise InputError("`view` must have west before east and south before north.")
    return View(**numbers)


def mercator(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positions on the square world.

    >>> [float(v[0]) for v in mercator(np.array([0.0]), np.array([0.0]))]
    [0.5, 0.5]
    """
    clipped = np.radians(np.clip(lat, -MOST_LAT, MOST_LAT))
    return (lon + 180.0) / 360.0, 0.5 - np.arcsinh(np.tan(clipped)) / (2.0 * np.pi)


def unprojected(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a position on the square world.

    >>> unprojected(0.5, 0.5)
    (0.0, 0.0)
    """
    return x * 360.0 - 180.0, math.degrees(math.atan(math.sinh((0.5 - y) * 2.0 * math.pi)))


def square_of(
    x: NDArray[np.float64], y: NDArray[np.float64], *, zoom: float, side_px: float
) -> NDArray[np.int64]:
    """Return the number of the square of a grid that each position lies in.

    The grid is fixed to the earth and changes with every half step of zoom, so that squares stay while a map is moved.
    """
    squares = TILE_PX * 2.0 ** (math.floor(zoom * 2.0) / 2.0) / side_px
    column, row = np.floor(x * squares), np.floor(y * squares)
    return np.asarray(row * np.ceil(squares + 1) + column, dtype=np.int64)
