"""Tell which map system a channel's coordinates are in, by the places its complaints name.

Two uses: channels in doubt are listed for the report (:func:`channel_systems`), and every complaint
gets the chances of each reading that its channel's earlier complaints teach (:func:`learned_prior`).

Coordinates of GCJ-02 or BD-09 given as WGS-84 lie off the place named by the offset of that
system, always the same way; where complaints scatter about the place the offset shows in their median.

Simple so far: only names written out as in `places`, each complaint's longest one, count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sites.coordinates import bd09_from_gcj02, gcj02_from_wgs84

LEAST_COMPLAINTS = 8
LEAST_NAME = 2
SURE = 3.0
"""Standard errors that the shift must stand out by, from none and towards all of the offset."""
METRES_PER_DEGREE = 111_195.0
NEAR_M = 3000.0
# What the usual chances of map systems are worth in complaints, and how often both are weighed anew.
PRIOR_WORTH, ROUNDS = 20.0, 3
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Readings:
    """Ways in which coordinates may have been meant, each an array of one length.

    Attributes
    ----------
    row : array of int, ascending
        The complaint.
    option : array of int
        A number for the way: a map system, or longitude and latitude exchanged.
    prior, density : arrays of float
        The usual chance of the way, and how well the position it gives fits the words.
    """

    row: Ints
    option: Ints
    prior: Floats
    density: Floats


def learned_prior(readings: Readings, group: Ints, arrived: Floats) -> Floats:
    """Return the chance of each reading, as the earlier complaints of its channel teach.

    A complaint whose words fit one reading better than another is in part an observation of it.
    The chances of a group are the mean of a Dirichlet distribution: the usual ones, worth
    `PRIOR_WORTH` complaints, and the observations of complaints that arrived before.

    Parameters
    ----------
    readings : Readings
    group : array of int, shape (n,)
        One number for each channel and system stated; the complaint's.
    arrived : array of float, shape (n,)
        When each complaint arrived, any unit; of two at one moment neither is earlier.

    Returns
    -------
    array of float
        In sum over a complaint the same as `prior`.

    Examples
    --------
    >>> two = np.repeat([0, 1], 2)
    >>> ways = Readings(two, np.array([0, 1, 0, 1]), np.full(4, 0.5), np.array([0.0, 1.0, 1.0, 1.0]))
    >>> learned_prior(ways, np.array([5, 5]), np.array([1.0, 2.0])).round(2).tolist()
    [0.5, 0.5, 0.48, 0.52]
    """
    if not len(readings.row) or np.ptp(arrived[readings.row]) == 0:
        return readings.prior
    chance = readings.prior
    for _ in range(ROUNDS):
        share = _normal(readings.row, chance * readings.density)
        seen = _earlier(readings, share, group, arrived)
        chance = _normal(readings.row, PRIOR_WORTH * _normal(readings.row, readings.prior) + seen)
    return np.asarray(chance * np.bincount(readings.row, weights=readings.prior)[readings.row])


def _earlier(readings: Readings, share: Floats, group: Ints, arrived: Floats) -> Floats:
    """Return how many earlier complaints of the group were read each way."""
    table = pd.DataFrame(
        {
            "group": group[readings.row],
            "option": readings.option,
            "arrived": arrived[readings.row],
            "share": share,
        }
    )
    once = table.groupby(["group", "option", "arrived"], sort=True)["share"].sum()
    before = once.groupby(level=["group", "option"]).cumsum() - once
    keys = pd.MultiIndex.from_frame(table[["group", "option", "arrived"]])
    return np.asarray(before.reindex(keys), dtype=float)


def _normal(row: Ints, value: Floats) -> Floats:
    """Return values scaled to 1 in sum over a complaint."""
    total = np.bincount(row, weights=value)[row]
    return np.divide(value, total, out=np.zeros(len(value)), where=total > 0)


def channel_systems(complaints: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return the channels whose coordinates, unlabelled or labelled WGS-84, are in another system.

    Parameters
    ----------
    complaints : DataFrame
        `text`, `address`, `lon`, `lat`, `crs`, `channel`.
    places : DataFrame
        `name`, `lon`, `lat`.

    Returns
    -------
    DataFrame, one row per channel in doubt
        `kind` (`map_system`), `table`, `object_id` (the channel), `rows` (complaints looked at), `note`.
    """
    told = complaints["crs"].fillna("wgs84").eq("wgs84") & complaints["lon"].notna()
    rows = complaints[(told & complaints["lat"].notna()).to_numpy(bool)]
    known = places.dropna(subset=["name", "lon", "lat"]).drop_duplicates("name", keep=False)
    known = known[known["name"].str.len() >= LEAST_NAME]
    if rows.empty or known.empty:
        return pd.DataFrame()
    named = _named(rows, known)
    found = []
    for channel, near in named.groupby("channel"):
        for system, share in (("gcj02", near["along_gcj02"]), ("bd09", near["along_bd09"])):
            middle, error = float(share.median()), _error(share)
            if len(near) >= LEAST_COMPLAINTS and middle > SURE * error and middle > 0.5:
                note = f"coordinates lie off the places named as {system} does ({middle:.1f} of its offset)"
                found.append((abs(middle - 1.0), channel, len(near), note))
                break
    rows_told = [
        {"kind": "map_system", "table": "complaints", "object_id": channel, "rows": n, "note": note}
        for _, channel, n, note in found
    ]
    return pd.DataFrame(rows_told)


def _named(rows: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return, per complaint that names a place near, its shift from it as a share of each offset."""
    said = rows["address"].fillna("") + " " + rows["text"].fillna("")
    ordered = places.assign(length=places["name"].str.len()).sort_values("length", kind="stable")
    place = pd.Series(-1, index=rows.index)
    for at, name in enumerate(ordered["name"].tolist()):
        place = place.mask(said.str.contains(name, regex=False), at)
    hit = (place >= 0).to_numpy(bool)
    spots = ordered.iloc[place[hit].to_numpy()]
    lon, lat = spots["lon"].to_numpy(float), spots["lat"].to_numpy(float)
    east, north = _shift(lon, lat, *(rows[n].to_numpy(float)[hit] for n in ("lon", "lat")))
    gcj = gcj02_from_wgs84(lon, lat)
    channels = rows["channel"].fillna("").astype("str").to_numpy()[hit]
    out = pd.DataFrame({"channel": channels, "distance": np.hypot(east, north)})
    for name, system in (("along_gcj02", gcj), ("along_bd09", bd09_from_gcj02(*gcj))):
        off_east, off_north = _shift(lon, lat, *system)
        size = off_east**2 + off_north**2
        along = (east * off_east + north * off_north) / np.where(size > 0, size, np.nan)
        out[name] = along
    return out[out["distance"] <= NEAR_M].dropna()


def _shift(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> tuple[Floats, Floats]:
    """Return metres east and north from positions to others."""
    north = (to_lat - lat) * METRES_PER_DEGREE
    return (to_lon - lon) * METRES_PER_DEGREE * np.cos(np.radians(lat)), north


def _error(values: pd.Series) -> float:
    """Return the standard error of a median, by the median absolute deviation."""
    spread = float((values - values.median()).abs().median())
    return float(1.2533 * 1.4826 * spread / np.sqrt(max(len(values), 1)))
