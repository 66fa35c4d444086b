"""Judge coordinates: mend those that are swapped, place sites that have none, null the rest.

Longitude and latitude are taken as swapped where they make no sense as they stand and lie in the
network the other way round. A site without usable coordinates is placed at the middle of its
handover neighbours, else of its town or county, so that its cells are not lost.

Simple so far: only a position off the map or far from the median site is doubted here.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from contract.references import SWAPPED, ZERO, distance_km, swapped_out_of_range
from contract.rows import RawTable
from contract.tables import Table
from contract.validation import Checked, repaired_rows

MENDED = "lon and lat were swapped; taken the other way round"
LEAST_NEIGHBOURS = 2
Masks = np.ndarray[Any, np.dtype[np.bool_]]


def unswapped(raw: RawTable, table: Table, *, far_km: float, most: float) -> tuple[RawTable, Any]:
    """Return rows with swapped coordinates put right, and those that were, as `repairs`.

    Parameters
    ----------
    raw : RawTable
        Rows as read, of `sites` or `places`.
    table : Table
    far_km : float
        Kilometres from the median of the sound rows that are too far.
    most : float
        Share of rows; where more look swapped, the file itself is wrong and stays as it is.
    """
    empty = repaired_rows(pd.DataFrame({"row": pd.Series(dtype="int64")}), table, "lon", MENDED)
    if not {"lon", "lat"} <= set(raw.frame.columns) or raw.frame.empty:
        return raw, empty
    lon, lat = (_numbers(raw.frame[name]) for name in ("lon", "lat"))
    is_swapped = _is_swapped(lon, lat, far_km)
    if not is_swapped.any() or is_swapped.mean() > most:
        return raw, empty
    frame = raw.frame
    listed = pd.concat(
        [repaired_rows(frame[is_swapped], table, name, MENDED) for name in ("lon", "lat")]
    )
    right = {
        "lon": frame["lon"].mask(is_swapped, frame["lat"]),
        "lat": frame["lat"].mask(is_swapped, frame["lon"]),
    }
    frame = frame.assign(**right)
    return replace(raw, frame=frame), listed


def placed_complaints(
    checked: Checked, table: Table, sites: pd.DataFrame, far_km: float
) -> Checked:
    """Return complaints whose swapped coordinates are put right; those of zero or far off are null.

    `lon_given` and `lat_given` keep the numbers as they came. Each change is listed as a repair.

    Parameters
    ----------
    checked : Checked
    table : Table
    sites : DataFrame
        `lon`, `lat` of the sites used.
    far_km : float
        Kilometres from the median site that are too far.
    """
    source = checked.source.reindex(columns=["lon", "lat"]).loc[checked.frame["row"]]
    given = {name: _numbers(source[name]) for name in source}
    frame = checked.frame.assign(**{f"{name}_given": values for name, values in given.items()})
    lon, lat = given["lon"], given["lat"]
    is_zero = (lon == 0) & (lat == 0)
    is_far = is_swapped = np.zeros(len(frame), bool)
    if len(sites):
        centre = (float(sites["lon"].median()), float(sites["lat"].median()))
        is_swapped = _fits_swapped(lon, lat, far_km, centre)
        usual = frame["lon"].notna() & frame["lat"].notna() & ~is_zero & ~is_swapped
        is_far = usual.to_numpy(bool) & (distance_km(lon, lat, centre) > far_km)
    reasons = ((is_zero, ZERO), (is_far, f"lies over {far_km:g} km from the median site"))
    told = [(frame[is_it], why) for is_it, why in reasons if is_it.any()]
    if is_swapped.any():
        told.append((frame.assign(lon=lon, lat=lat)[is_swapped], MENDED))
    lists = [repaired_rows(rows, table, name, why) for rows, why in told for name in ("lon", "lat")]
    gone = is_zero | is_far
    right = {"lon": np.where(is_swapped, lat, frame["lon"].mask(gone))}
    right["lat"] = np.where(is_swapped, lon, frame["lat"].mask(gone))
    is_mended = checked.repairs["row"].isin(frame["row"][is_swapped])
    is_mended &= checked.repairs["reason"].str.startswith(("lon is not", "lat is not"))
    kept = checked.repairs[~is_mended]
    return replace(
        checked, frame=frame.assign(**right), repairs=pd.concat([kept, *lists], ignore_index=True)
    )


def placed_sites(
    checked: Checked, table: Table, reason: Any, tables: Callable[[str], pd.DataFrame]
) -> tuple[Checked, Any]:
    """Return sites, those misplaced put where their neighbours are, and the reasons that are left.

    Parameters
    ----------
    checked : Checked
        Sites, typed.
    table : Table
    reason : array of object
        Why the coordinates of a site cannot be; null where they can.
    tables : callable
        Gives the rows of another table of the bundle as text; empty where there is none. Called
        only if a site is misplaced.

    Returns
    -------
    Checked
    array of object
    """
    is_bad = ~pd.isna(reason)
    if not is_bad.any() or is_bad.all():
        return checked, reason
    frame = checked.frame
    found = pd.concat(
        [_middle_of_neighbours(frame, is_bad, tables), _middle_of_land(frame, is_bad)]
    )
    found = found[~found.index.duplicated()]
    if found.empty:
        return checked, reason
    rows = found.index.to_numpy()
    lists = [
        repaired_rows(frame.loc[part.index], table, name, f"{why}; placed at {where}")
        for (why, where), part in found.assign(why=reason[rows]).groupby(["why", "where"])
        for name in ("lon", "lat")
    ]
    left = np.where(np.isin(np.arange(len(frame)), rows), None, reason)
    lon, lat = (frame[name].copy() for name in ("lon", "lat"))
    lon.loc[rows], lat.loc[rows] = found["lon"], found["lat"]
    repairs = pd.concat([checked.repairs, *lists], ignore_index=True)
    return replace(checked, frame=frame.assign(lon=lon, lat=lat), repairs=repairs), left


def swaps_named(checked: Checked) -> Checked:
    """Return a table whose rejected rows say where longitude and latitude look swapped."""
    rejected = checked.rejected
    is_range = rejected["reason"].str.startswith("lat is not").to_numpy(bool)
    if not is_range.any():
        return checked
    source = checked.source.loc[rejected["row"][is_range], ["lon", "lat"]]
    is_swapped = is_range.copy()
    is_swapped[is_range] = swapped_out_of_range(source)
    return replace(
        checked, rejected=rejected.assign(reason=rejected["reason"].mask(is_swapped, SWAPPED))
    )


def _numbers(values: pd.Series) -> Any:
    """Return values as floats, NaN where they are none."""
    return pd.to_numeric(values, errors="coerce").to_numpy("float64", na_value=np.nan)


def _is_swapped(lon: Any, lat: Any, far_km: float) -> Masks:
    """Return which rows lie off the map or far away as they stand, and among the others swapped."""
    is_sound = (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & ~((lon == 0) & (lat == 0))
    if not is_sound.any():
        return np.zeros(len(lon), bool)
    centre = (float(np.median(lon[is_sound])), float(np.median(lat[is_sound])))
    return _fits_swapped(lon, lat, far_km, centre)


def _fits_swapped(lon: Any, lat: Any, far_km: float, centre: tuple[float, float]) -> Masks:
    """Return which positions are near a centre only with longitude and latitude swapped."""
    could = (np.abs(lon) <= 90) & (np.abs(lat) <= 180)
    is_off = (np.abs(lat) > 90) | (distance_km(lon, lat, centre) > far_km)
    return np.asarray(could & is_off & (distance_km(lat, lon, centre) <= far_km), bool)


def _middle_of_neighbours(
    sites: pd.DataFrame, is_bad: Any, tables: Callable[[str], pd.DataFrame]
) -> pd.DataFrame:
    """Return the middle of the handover neighbours of sites, where two or more are known."""
    none = pd.DataFrame({"lon": [], "lat": [], "where": []}, index=pd.Index([], dtype="int64"))
    cells, pairs = tables("cells"), tables("neighbours")
    if not {"cell_id", "site_id"} <= set(cells) or not {"cell_id", "neighbour_id"} <= set(pairs):
        return none
    site = cells.drop_duplicates("cell_id").set_index("cell_id")["site_id"]
    ends = pd.DataFrame({"a": pairs["cell_id"].map(site), "b": pairs["neighbour_id"].map(site)})
    both = pd.concat([ends, ends.rename(columns={"a": "b", "b": "a"})]).dropna().drop_duplicates()
    at = pd.Series(sites.index, index=sites["site_id"].to_numpy())
    at = at[~at.index.duplicated()]
    wanted = both[
        both["a"].isin(sites["site_id"][is_bad]) & both["b"].isin(sites["site_id"][~is_bad])
    ]
    rows, others = wanted["a"].map(at), sites.loc[wanted["b"].map(at), ["lon", "lat"]]
    grouped = others.reset_index(drop=True).groupby(rows.to_numpy())
    found = grouped.median()[grouped.size() >= LEAST_NEIGHBOURS]
    return found.assign(where="the middle of its neighbours") if len(found) else none


def _middle_of_land(sites: pd.DataFrame, is_bad: Any) -> pd.DataFrame:
    """Return the middle of the other sites of the same county and town, else of the county."""
    parts = []
    for names, where in (
        (["county", "town"], "the middle of its town"),
        (["county"], "the middle of its county"),
    ):
        keys = sites[names].dropna()
        sound = sites.loc[keys.index][~is_bad[keys.index]]
        middle = sound.groupby(names)[["lon", "lat"]].median()
        asked = keys[is_bad[keys.index]]
        index = pd.MultiIndex.from_frame(asked) if len(names) > 1 else pd.Index(asked[names[0]])
        found = middle.reindex(index).set_axis(asked.index).dropna()
        parts.append(found.assign(where=where))
    return pd.concat(parts)
