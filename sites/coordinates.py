"""Bring longitudes and latitudes of Chinese map systems to WGS-84.

GCJ-02 is the system of maps published in China: WGS-84 moved by a smooth offset of 50 to 700 m.
BD-09 is GCJ-02 moved once more. Neither applies outside China, where a position stated in either
system is plain WGS-84.

Simple so far: the border is a rectangle, so a strip of the neighbouring countries counts as China.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Pair = tuple[Array, Array]

SYSTEMS = ("wgs84", "gcj02", "bd09")

# Krasovsky 1940, the ellipsoid of the published GCJ-02 formula.
SEMI_MAJOR_AXIS_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
# West, east, south, north of the rectangle in which the offset applies.
CHINA = (72.004, 137.8347, 0.8293, 55.8271)
BD09_LON_SHIFT = 0.0065
BD09_LAT_SHIFT = 0.006
INVERSE_ROUNDS = 6


def is_in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Return whether positions lie in the rectangle where GCJ-02 differs from WGS-84.

    Parameters
    ----------
    lon, lat : array of float
        Degrees. NaN counts as outside.

    Returns
    -------
    array of bool, the shape of `lon` and `lat` together
    """
    east, north = _pair(lon, lat)
    west_edge, east_edge, south_edge, north_edge = CHINA
    inside = (east >= west_edge) & (east <= east_edge)
    return np.asarray(inside & (north >= south_edge) & (north <= north_edge), dtype=np.bool_)


def gcj02_from_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return GCJ-02 degrees of WGS-84 degrees; outside China they are the same.

    Parameters
    ----------
    lon, lat : array of float
        WGS-84, degrees.

    Returns
    -------
    lon, lat : arrays of float
        GCJ-02, degrees.

    References
    ----------
    .. [1] The formula published in 2010 as "EvilTransform" and used by all open converters since
       (googollee/eviltransform, wandergis/coordtransform). The state never published its own.

    Examples
    --------
    >>> lon, lat = gcj02_from_wgs84(116.404, 39.915)
    >>> round(float(lon), 6), round(float(lat), 6)
    (116.410244, 39.916404)
    """
    east, north = _pair(lon, lat)
    d_lon, d_lat = _offset(east, north)
    inside = is_in_china(east, north)
    return np.where(inside, east + d_lon, east), np.where(inside, north + d_lat, north)


def wgs84_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return WGS-84 degrees of GCJ-02 degrees, exact to a millimetre.

    The offset has no closed inverse: it is taken at the last guess and subtracted, repeatedly.

    Parameters
    ----------
    lon, lat : array of float
        GCJ-02, degrees.

    Returns
    -------
    lon, lat : arrays of float
        WGS-84, degrees.

    Examples
    --------
    >>> lon, lat = wgs84_from_gcj02(*gcj02_from_wgs84(116.404, 39.915))
    >>> round(float(lon), 8), round(float(lat), 8)
    (116.404, 39.915)
    """
    east, north = _pair(lon, lat)
    inside = is_in_china(east, north)
    guess_lon, guess_lat = east, north
    for _ in range(INVERSE_ROUNDS):
        d_lon, d_lat = _offset(guess_lon, guess_lat)
        guess_lon, guess_lat = east - d_lon, north - d_lat
    return np.where(inside, guess_lon, east), np.where(inside, guess_lat, north)


def bd09_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return BD-09 degrees of GCJ-02 degrees.

    Parameters
    ----------
    lon, lat : array of float
        GCJ-02, degrees.

    Returns
    -------
    lon, lat : arrays of float
        BD-09, degrees.

    References
    ----------
    .. [1] wandergis/coordtransform, ``gcj02tobd09``.

    Examples
    --------
    >>> lon, lat = bd09_from_gcj02(116.404, 39.915)
    >>> round(float(lon), 6), round(float(lat), 6)
    (116.410369, 39.921337)
    """
    east, north = _pair(lon, lat)
    length, angle = _bd09_polar(east, north)
    return (
        length * np.cos(angle) + BD09_LON_SHIFT,
        length * np.sin(angle) + BD09_LAT_SHIFT,
    )


def gcj02_from_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return GCJ-02 degrees of BD-09 degrees, exact to a millimetre.

    The published inverse is 1 m off at worst; here it is the first guess and corrected.

    Parameters
    ----------
    lon, lat : array of float
        BD-09, degrees.

    Returns
    -------
    lon, lat : arrays of float
        GCJ-02, degrees.

    Examples
    --------
    >>> lon, lat = gcj02_from_bd09(116.404, 39.915)
    >>> round(float(lon), 5), round(float(lat), 5)
    (116.39763, 39.90866)
    """
    east, north = _pair(lon, lat)
    guess_lon, guess_lat = east - BD09_LON_SHIFT, north - BD09_LAT_SHIFT
    for _ in range(INVERSE_ROUNDS):
        forward_lon, forward_lat = bd09_from_gcj02(guess_lon, guess_lat)
        guess_lon = guess_lon + east - forward_lon
        guess_lat = guess_lat + north - forward_lat
    return guess_lon, guess_lat


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str | Sequence[str] | pd.Series) -> Pair:
    """Return WGS-84 degrees of positions stated in any of the three systems.

    Parameters
    ----------
    lon, lat : array of float, length n
        Degrees in the system that `crs` names.
    crs : str or sequence of str, length n
        ``wgs84``, ``gcj02`` or ``bd09``; anything else, and any position outside China, is taken
        as WGS-84 already.

    Returns
    -------
    lon, lat : arrays of float, length n
        WGS-84, degrees; NaN where the input is.

    Examples
    --------
    >>> lon, lat = to_wgs84([-4.72, 116.410244], [50.85, 39.916404], ["gcj02", "gcj02"])
    >>> lon.round(4).tolist(), lat.round(4).tolist()
    ([-4.72, 116.404], [50.85, 39.915])
    """
    east, north = _pair(lon, lat)
    named = np.broadcast_to(np.asarray(crs, dtype=object), east.shape)
    inside = is_in_china(east, north)
    out_lon, out_lat = east.copy(), north.copy()
    is_bd = inside & (named == "bd09")
    if is_bd.any():
        out_lon[is_bd], out_lat[is_bd] = gcj02_from_bd09(east[is_bd], north[is_bd])
    is_moved = is_bd | (inside & (named == "gcj02"))
    if is_moved.any():
        moved = wgs84_from_gcj02(out_lon[is_moved], out_lat[is_moved])
        out_lon[is_moved], out_lat[is_moved] = moved
    return out_lon, out_lat


def readings(lon: ArrayLike, lat: ArrayLike, crs: Sequence[str] | pd.Series) -> pd.DataFrame:
    """Return every way in which stated positions may have been meant.

    A position is read as stated, in each of the other systems, and with longitude and latitude
    exchanged. Which one is right is for the caller to judge, by the network and the address.

    Parameters
    ----------
    lon, lat : array of float, length n
        Degrees as stated.
    crs : sequence of str, length n
        The system stated; empty or NaN where none was.

    Returns
    -------
    DataFrame, any number of rows a position
        Columns `row` (int, 0..n-1), `reading` (``stated``, ``unstated``, ``wgs84``, ``gcj02``,
        ``bd09``, ``swapped``), `system` (the system assumed), `lon`, `lat` (WGS-84, degrees).
        ``unstated`` replaces ``stated`` where `crs` names no known system. Positions that are
        missing, (0, 0) or outside the globe have no row for that reading.

    Examples
    --------
    >>> readings([50.85], [-4.72], ["wgs84"])[["reading", "lon", "lat"]].values.tolist()
    [['stated', 50.85, -4.72], ['swapped', -4.72, 50.85]]
    """
    east, north = (values.ravel() for values in _pair(lon, lat))
    stated = np.where(np.isin(np.asarray(crs, dtype=object), SYSTEMS), crs, "").astype(object)
    assumed = np.where(stated == "", "wgs84", stated)
    pairs = [to_wgs84(east, north, system) for system in SYSTEMS]
    pairs.append(to_wgs84(north, east, assumed))
    all_lon = np.stack([pair[0] for pair in pairs], axis=1)
    all_lat = np.stack([pair[1] for pair in pairs], axis=1)
    systems = np.array([*SYSTEMS, ""], dtype=object)[None, :].repeat(len(stated), axis=0)
    reading = np.where(stated[:, None] == "", "unstated", systems)
    reading = np.where(stated[:, None] == systems, "stated", reading).astype(object)
    reading[:, -1] = "swapped"
    systems[:, -1] = assumed
    row, column = np.nonzero(_is_distinct(all_lon, all_lat, reading == "stated"))
    return pd.DataFrame(
        {
            "row": row,
            "reading": reading[row, column],
            "system": systems[row, column],
            "lon": all_lon[row, column],
            "lat": all_lat[row, column],
        }
    )


def _is_distinct(lon: Array, lat: Array, is_stated: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which readings are possible and not the same position as a likelier reading.

    Likelier is the one stated, then the one further left.
    """
    possible = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    possible &= (np.abs(lon) > 1e-6) | (np.abs(lat) > 1e-6)
    column = np.arange(lon.shape[1])
    order = np.where(is_stated, -1, column[None, :])
    same = np.abs(lon[:, :, None] - lon[:, None, :]) < 1e-7
    same &= np.abs(lat[:, :, None] - lat[:, None, :]) < 1e-7
    likelier = order[:, None, :] < order[:, :, None]
    return possible & ~(same & likelier & possible[:, None, :]).any(axis=2)


def _pair(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return both coordinates as float arrays of one shape."""
    east, north = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
    return east, north


def _bd09_polar(lon: Array, lat: Array) -> Pair:
    """Return length and angle of the BD-09 vector of GCJ-02 positions."""
    wave = np.pi * 3000.0 / 180.0
    length = np.hypot(lon, lat) + 0.00002 * np.sin(lat * wave)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * wave)
    return length, angle


def _offset(lon: Array, lat: Array) -> Pair:
    """Return the GCJ-02 offset in degrees at WGS-84 positions."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = np.radians(lat)
    magic = 1.0 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_m = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel_m = SEMI_MAJOR_AXIS_M / np.sqrt(magic) * np.cos(radians)
    return np.degrees(east / parallel_m), np.degrees(north / meridian_m)
