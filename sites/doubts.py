"""Doubt where an inventory puts its sites, before a run, by handover relations and names.

A site whose neighbours lie together somewhere else is written at a wrong place and is taken at
their middle; one far from the place its name begins with is taken there. What sightings say of
sites and antennas is listed by `sites.sighting_doubts`.

Simple so far: only relations given in the table `neighbours` are asked, of which each counts the
same; of azimuths only those that all claim one direction are told here.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

COLUMNS = ("kind", "table", "object_id", "rows", "note")
LEAST_SITES = 4
FAR_RATIO, FAR_USUAL = 4.0, 4.0
"""A site is misplaced this many times its neighbours' spread, and the network's usual distance, away."""
LEAST_FAR_M = 2000.0
METRES_PER_DEGREE = 111_195.0
SAME_SECTORS = 3
FAR_NAME, LEAST_NAME_M, LEAST_NAMED = 4.0, 5000.0, 10
"""A site this many times as far from the place it is named after as nine in ten of the others, and at least so far."""
SHORTEST_NAME = 2
NEAREST, OUTLYING = 3, 2.0
"""Sites that a site should hand over to; how many spreads of its neighbours it may lie off them."""

Floats = NDArray[np.float64]


def mended_inventory(
    tables: Mapping[str, Any],
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the tables with misplaced sites at the middle of their neighbours, and all doubts.

    Parameters
    ----------
    tables : mapping of DataFrame
        `sites` and `cells`; `neighbours` and `places` where there are some. Never changed.

    Returns
    -------
    dict of DataFrame
        `tables`, `sites` corrected.
    DataFrame, one row per doubt
        `kind` (`site_misplaced`, `site_off_name`, `azimuths_equal`), `table`, `object_id`, `rows`,
        `note`.
    """
    sites, cells = tables["sites"].reset_index(drop=True), tables["cells"]
    pairs = _relations(sites, cells, tables.get("neighbours"))
    xy = _metres(sites)
    misplaced = _misplaced(sites, pairs, xy)
    sites = _moved(sites, misplaced)
    off_name = _off_name(sites, tables.get("places"))
    sites = _moved(sites, off_name)
    doubts = [
        _told_moved(sites, misplaced, "site_misplaced", "its neighbours; taken at their middle"),
        _told_moved(sites, off_name, "site_off_name", "the place of its name; taken there"),
        _equal_azimuths(cells),
    ]
    return dict(tables) | {"sites": sites}, pd.concat(doubts, ignore_index=True)


def _moved(sites: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Return the sites with some at other coordinates (`site`, `lon`, `lat`)."""
    if moved.empty:
        return sites
    lon, lat = (sites[name].to_numpy(float, copy=True) for name in ("lon", "lat"))
    rows = moved["site"].to_numpy(int)
    lon[rows], lat[rows] = moved["lon"], moved["lat"]
    return sites.assign(lon=lon, lat=lat)


def _relations(sites: pd.DataFrame, cells: pd.DataFrame, table: Any) -> pd.DataFrame:
    """Return relations between cells of two sites: `cell_id`, `site`, `other` (rows of `sites`)."""
    empty = pd.DataFrame({"cell_id": [], "site": [], "other": []})
    if table is None or not len(table):
        return empty
    at = pd.Series(sites.index, index=sites["site_id"].to_numpy())
    at = at[~at.index.duplicated(keep="last")]
    of_cell = cells.drop_duplicates("cell_id", keep="last").set_index("cell_id")["site_id"].map(at)
    pairs = pd.DataFrame(
        {
            "cell_id": table["cell_id"].astype("str").to_numpy(),
            "site": table["cell_id"].map(of_cell).to_numpy(float),
            "other": table["neighbour_id"].map(of_cell).to_numpy(float),
        }
    ).dropna()
    pairs = pairs[pairs["site"] != pairs["other"]]
    return pairs.astype({"site": int, "other": int})


def _metres(sites: pd.DataFrame) -> Floats:
    """Return metres east and north, in one plane, of the sites; good enough to compare with each other."""
    lon, lat = sites["lon"].to_numpy(float), sites["lat"].to_numpy(float)
    scale = np.cos(np.radians(np.nanmedian(lat)))
    return np.column_stack([lon * scale, lat]) * METRES_PER_DEGREE


def _misplaced(sites: pd.DataFrame, pairs: pd.DataFrame, xy: Floats) -> pd.DataFrame:
    """Return the sites whose neighbours lie together elsewhere: `site`, `lon`, `lat`, `off_m`.

    The middle of the neighbours is their median, so a few misplaced ones among them don't move it.
    """
    ends = pairs[["site", "other"]]
    both = pd.concat([ends, ends.rename(columns={"site": "other", "other": "site"})])
    both = both.drop_duplicates().sort_values(["site", "other"], ignore_index=True)
    if both.empty:
        return pd.DataFrame({"site": [], "lon": [], "lat": [], "off_m": []})
    other = both["other"].to_numpy()
    both = both.assign(
        x=xy[other, 0],
        y=xy[other, 1],
        lon=sites["lon"].to_numpy(float)[other],
        lat=sites["lat"].to_numpy(float)[other],
    )
    middle = both.groupby("site")[["x", "y", "lon", "lat"]].transform("median")
    both["spread"] = np.hypot(both["x"] - middle["x"], both["y"] - middle["y"])
    grouped = both.groupby("site")
    found = grouped[["x", "y", "lon", "lat", "spread"]].median().assign(n=grouped.size())
    site = found.index.to_numpy()
    off = np.hypot(xy[site, 0] - found["x"], xy[site, 1] - found["y"])
    ratio = off / found["spread"].clip(lower=1.0)
    usual = float(np.median(ratio))
    is_off = (ratio > FAR_RATIO * max(usual, 0.5)) & (ratio > FAR_RATIO)
    is_off &= (off > FAR_USUAL * np.median(off)) & (off > LEAST_FAR_M) & (found["n"] >= LEAST_SITES)
    is_off &= _is_strange_among(site, both, xy)
    return found[is_off].assign(off_m=off[is_off]).reset_index()


def _is_strange_among(site: Any, both: pd.DataFrame, xy: Floats) -> NDArray[np.bool_]:
    """Return which sites are no neighbour of those nearest, or far out, beyond how far their neighbours spread.

    A site at the edge of the network has its neighbours on one side too, but the nearest among them.
    """
    sound = np.flatnonzero(np.isfinite(xy).all(axis=1))
    near = min(NEAREST + 1, len(sound))
    _, found = cKDTree(xy[sound]).query(xy[site], k=near)
    nearest = sound[np.asarray(found).reshape(len(site), near)]
    pairs = set(zip(both["site"].tolist(), both["other"].tolist(), strict=True))
    knows = [
        any((at, other) in pairs for other in others if other != at)
        for at, others in zip(site.tolist(), nearest.tolist(), strict=True)
    ]
    away = np.hypot(*(xy[both["site"]] - xy[both["other"]]).T)
    least = pd.Series(away).groupby(both["site"].to_numpy()).min().to_numpy()
    wide = both.groupby("site")["spread"].quantile(0.9).to_numpy()
    return np.asarray(~np.array(knows, bool) | (least > OUTLYING * wide))


def _told_moved(sites: pd.DataFrame, moved: pd.DataFrame, kind: str, words: str) -> pd.DataFrame:
    """Return sites taken elsewhere as doubts."""
    ids = sites["site_id"].to_numpy(object)[moved["site"].to_numpy(int)]
    notes = [f"lies {off / 1000:.1f} km from {words}" for off in moved["off_m"]]
    return _doubts(kind, "sites", ids, notes)


def _off_name(sites: pd.DataFrame, places: Any) -> pd.DataFrame:
    """Return the sites far from the place whose name theirs begins with: `site`, `lon`, `lat`, `off_m`.

    Only names borne by one place count, and only where most sites do lie by the place of their name.
    """
    nobody = pd.DataFrame({"site": [], "lon": [], "lat": [], "off_m": []})
    if places is None or not len(places) or "site_name" not in sites:
        return nobody
    told = places[places["name"].str.len() >= SHORTEST_NAME].drop_duplicates("name", keep=False)
    known = told.set_index("name")[["lon", "lat"]]
    names, found = (
        sites["site_name"].astype("str"),
        pd.Series(pd.NA, index=sites.index, dtype="str"),
    )
    for length in sorted(known.index.str.len().unique(), reverse=True):
        begins = names.str.slice(0, int(length))
        found = found.fillna(begins.where(begins.isin(known.index)))
    named = sites.loc[found.notna(), ["lon", "lat"]]
    if len(named) < LEAST_NAMED:
        return nobody
    at = known.reindex(found[found.notna()].to_numpy()).set_axis(named.index)
    scale = np.cos(np.radians(sites["lat"].median()))
    off = np.hypot((named["lon"] - at["lon"]) * scale, named["lat"] - at["lat"])
    off_m = off * METRES_PER_DEGREE
    is_off = off_m > max(FAR_NAME * off_m.quantile(0.9), LEAST_NAME_M)
    rows = at[is_off].assign(site=at.index[is_off], off_m=off_m[is_off])
    return rows.reset_index(drop=True)


def _equal_azimuths(cells: pd.DataFrame) -> pd.DataFrame:
    """Return sites of which three or more sectors of one layer claim the same azimuth as doubts."""
    if "azimuth_deg" not in cells:
        return _doubts("azimuths_equal", "cells", [], [])
    told = cells.dropna(subset=["azimuth_deg"]).drop_duplicates("cell_id", keep="last")
    layers = told.groupby(["site_id", "rat", "freq_mhz"])["azimuth_deg"].agg(["size", "nunique"])
    is_same = (layers["size"] >= SAME_SECTORS) & (layers["nunique"] == 1)
    named = sorted(set(layers.index.get_level_values("site_id")[is_same]))
    notes = ["all sectors of a layer claim one azimuth"] * len(named)
    return _doubts("azimuths_equal", "cells", named, notes)


def _doubts(kind: str, table: str, objects: Any, notes: list[str]) -> pd.DataFrame:
    """Return doubts of one kind, one row an object."""
    frame = pd.DataFrame({"object_id": pd.Series(list(objects), dtype="str")})
    frame = frame.assign(kind=kind, table=table, rows=1, note=pd.Series(notes, dtype="str"))
    return frame[list(COLUMNS)]
