"""Shift coordinates as Chinese maps do: WGS-84 to GCJ-02, and to BD-09.

Simple so far: everywhere the same, also outside China, where maps don't shift.

References
----------
.. [1] The published forms of the GCJ-02 and BD-09 offsets; ellipsoid of Krasovsky 1940.
"""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_AXIS_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = math.pi * 3000.0 / 180.0


def to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Return GCJ-02 longitude and latitude of WGS-84 ones, degrees.

    Examples
    --------
    >>> lon, lat = to_gcj02(np.array([116.4]), np.array([39.9]))
    >>> bool(0.005 < lon[0] - 116.4 < 0.007), bool(0.001 < lat[0] - 39.9 < 0.002)
    (True, True)
    """
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * (np.sin(6.0 * math.pi * x) + np.sin(2.0 * math.pi * x)) * 2.0 / 3.0
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    )
    north = north + (20.0 * np.sin(math.pi * y) + 40.0 * np.sin(math.pi * y / 3.0)) * 2.0 / 3.0
    north = (
        north
        + (160.0 * np.sin(math.pi * y / 12.0) + 320.0 * np.sin(math.pi * y / 30.0)) * 2.0 / 3.0
    )
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east = east + (20.0 * np.sin(math.pi * x) + 40.0 * np.sin(math.pi * x / 3.0)) * 2.0 / 3.0
    east = (
        east + (150.0 * np.sin(math.pi * x / 12.0) + 300.0 * np.sin(math.pi * x / 30.0)) * 2.0 / 3.0
    )
    curve = 1.0 - _ECCENTRICITY2 * np.sin(np.radians(lat)) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY2) / curve**1.5
    parallel_m = _AXIS_M / np.sqrt(curve) * np.cos(np.radians(lat))
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def to_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Return BD-09 longitude and latitude of WGS-84 ones, degrees.

    Examples
    --------
    >>> lon, lat = to_bd09(np.array([116.4]), np.array([39.9]))
    >>> bool(0.011 < lon[0] - 116.4 < 0.014), bool(0.006 < lat[0] - 39.9 < 0.009)
    (True, True)
    """
    x, y = to_gcj02(lon, lat)
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
