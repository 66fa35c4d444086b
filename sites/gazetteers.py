"""Gather the names of a network's places, areas and sites, each with its spot and radius.

Simple so far: what a site is named after lies where the site stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sites.areas import Ground, area_entries, area_members, area_radii, build_ground, with_spread
from sites.inventory import Network
from sites.loose_names import LooseIndex, build_loose_index
from sites.mentions import Entries, build_entries
from sites.names import NameIndex, build_index, site_place
from sites.place_words import PlaceWords, load_place_words, normal_name
from sites.relations import Relations, load_relations
from sites.sounds import load_sounds
from sites.written_forms import meanings_of, numbered_keys

ENTRY_COLUMNS = ("name", "kind", "x_m", "y_m", "radius_m", "county", "town", "weight", "site")

# A site named as a place in the gazetteer within this distance adds nothing to it.
SAME_PLACE_M = 1500.0
SITE_REACH = 0.6
SITE_RADIUS_M = (120.0, 900.0)
VILLAGE_REACH = 0.3
VILLAGE_RADIUS_M = (350.0, 500.0)
# Landmarks are as large as they are far apart, all of them alike.
LANDMARK_REACH = 0.7
LANDMARK_RADIUS_M = (120.0, 400.0)
FEW = 10
FURTHEST_RADIUS_M = 50_000.0


@dataclass(frozen=True)
class Gazetteer:
    """Names of places, ready for :func:`find_places`.

    Attributes
    ----------
    entries : DataFrame, index 0..E-1
        `name`, `kind` (county, seat, town, village, poi, site, network), `x_m`, `y_m`, `radius_m`,
        `reach_m` (how far
        places belong to it), `county`, `town`, `weight`, `site` (the position of the site of that name, -1 for none).
    ground : Ground
        Where the people of the areas are.
    index : NameIndex
        The names as they are written.
    loose : LooseIndex
        The names in full, for pieces that are misspelt.
    words : PlaceWords
    relations : Relations
    arrays : Entries
        The entries as arrays, with the entries that each key may mean.
    names, kinds : arrays of str, shape (E,); the last entry is the whole network
    counties : mapping of the name of each county to its entry
    """

    entries: pd.DataFrame
    ground: Ground
    index: NameIndex
    loose: LooseIndex
    words: PlaceWords
    relations: Relations
    arrays: Entries
    names: Any
    kinds: Any
    counties: Mapping[str, int]


def build_gazetteer(
    places: pd.DataFrame, network: Network, *, words: PlaceWords | None = None
) -> Gazetteer:
    """Return the gazetteer of a network: named places, areas, and what sites are named after.

    Parameters
    ----------
    places : DataFrame, may be empty
        The contract's table: `name`, `lon`, `lat` and, if known, `kind`, `county`, `town`.
    network : Network
        Gives site names, counties, towns and users, and the projection.
    words : PlaceWords, optional
        The words beside :mod:`sites.names` by default.

    Returns
    -------
    Gazetteer

    Examples
    --------
    >>> from sites.inventory import build_network
    >>> site = pd.DataFrame({"site_id": ["A"], "site_name": ["Oakover mast"], "lon": [1.0],
    ...                      "lat": [52.0], "county": ["Foxshire"]})
    >>> cell = pd.DataFrame({"cell_id": ["A-1"], "site_id": ["A"], "rat": ["LTE"],
    ...                      "freq_mhz": [800.0]})
    >>> network = build_network({"sites": site, "cells": cell})
    >>> build_gazetteer(pd.DataFrame(), network).entries[["name", "kind"]].values.tolist()
    [['Oakover mast', 'site'], ['Foxshire', 'county'], ['Foxshire', 'seat'], ['', 'network']]
    """
    known = words or load_place_words()
    rows = _place_rows(places, network)
    sites = _site_rows(network, known)
    points = _point_entries(rows, sites, known)
    areas = area_entries(rows, sites)
    members = area_members(areas, rows, sites)
    areas = with_spread(areas, members, known.radius_m).assign(weight=1.0, site=-1)
    entries = pd.concat([points, areas[list(ENTRY_COLUMNS)]], ignore_index=True)
    ground = build_ground(members.assign(entry=members["area"] + len(points)), entries, network)
    entries["reach_m"] = entries["radius_m"]
    radius = pd.Series(area_radii(ground, entries)).fillna(entries["radius_m"])
    entries["radius_m"] = radius.clip(upper=FURTHEST_RADIUS_M)
    counties = entries.loc[entries["kind"] == "county", "name"].drop_duplicates()
    meanings = meanings_of(entries, known)
    keys, number = numbered_keys(meanings)
    index = build_index(keys["key"].tolist(), keys["is_short"].tolist())
    in_full = np.flatnonzero(~keys["is_short"].to_numpy(bool)).tolist()
    links = meanings.assign(key=number).sort_values("quality", ascending=False, kind="stable")
    links = links.drop_duplicates(["key", "entry"])[["key", "entry", "quality", "is_area_name"]]
    return Gazetteer(
        entries,
        ground,
        index,
        build_loose_index(index, in_full, load_sounds()),
        known,
        load_relations(),
        build_entries(entries, links, index),
        entries["name"].to_numpy(object),
        entries["kind"].to_numpy(object),
        {name: int(entry) for entry, name in counties.items()},
    )


def _place_rows(places: pd.DataFrame, network: Network) -> pd.DataFrame:
    """Return the places table with metres; columns absent from it empty."""
    wanted = ["name", "kind", "county", "town", "lon", "lat"]
    rows = places.reindex(columns=wanted)
    rows = rows[rows["name"].notna() & rows["lon"].notna() & rows["lat"].notna()]
    rows = rows.reset_index(drop=True)
    lon, lat = rows["lon"].to_numpy(float), rows["lat"].to_numpy(float)
    x_m, y_m = network.to_xy(lon, lat)
    rows["x_m"], rows["y_m"] = np.asarray(x_m, float), np.asarray(y_m, float)
    for column in ("name", "kind", "county", "town"):
        rows[column] = rows[column].astype(object).where(rows[column].notna(), "")
    known = rows["kind"].isin(["seat", "town", "village", "poi"])
    rows["kind"] = rows["kind"].where(known, "poi")
    return rows


def _site_rows(network: Network, words: PlaceWords) -> pd.DataFrame:
    """Return live and planned sites with the place each is named after, users and spacing."""
    columns = ["site_name", "county", "town", "x_m", "y_m"]
    users = network.cells.groupby("site")["users"].sum().reindex(network.sites.index)
    live = network.sites[columns].assign(
        users=users.fillna(0.0).to_numpy() + 1.0, is_live=True, site=network.sites.index
    )
    planned = network.planned.reindex(columns=columns).assign(users=0.0, is_live=False, site=-1)
    rows = pd.concat([live, planned], ignore_index=True) if len(planned) else live
    rows = rows.reset_index(drop=True)
    for column in ("site_name", "county", "town"):
        rows[column] = rows[column].astype(object).where(rows[column].notna(), "")
    rows["place"] = [site_place(name, words) for name in rows["site_name"]]
    rows["spacing_m"] = _spacing(rows["x_m"].to_numpy(float), rows["y_m"].to_numpy(float))
    return rows[np.isfinite(rows["x_m"]) & np.isfinite(rows["y_m"])].reset_index(drop=True)


def _spacing(x_m: Any, y_m: Any) -> Any:
    """Return the distance of each point to the nearest other one, 2 km for a lone point."""
    points = np.nan_to_num(np.column_stack([x_m, y_m]), nan=1e9)
    if len(points) < 2:
        return np.full(len(points), 2000.0)
    return cKDTree(points).query(points, k=2)[0][:, 1]


def _point_entries(rows: pd.DataFrame, sites: pd.DataFrame, words: PlaceWords) -> pd.DataFrame:
    """Return villages, landmarks, and sites not named after one of them close by."""
    points = rows[rows["kind"].isin(["village", "poi"])].reset_index(drop=True)
    points["radius_m"] = _point_radii(points, words)
    points["weight"] = 1.0
    namesake = _namesake(sites, points)
    points["site"] = namesake.groupby("point")["site"].first().reindex(points.index, fill_value=-1)
    is_spare = sites.index.isin(namesake["row"])
    own = sites[(sites["place"] != "") & ~is_spare].reset_index(drop=True)
    own = own.assign(
        name=own["site_name"],
        kind="site",
        radius_m=np.clip(SITE_REACH * own["spacing_m"], *SITE_RADIUS_M),
        weight=np.where(own["is_live"], 1.0, 0.5),
    )
    columns = [*ENTRY_COLUMNS]
    return pd.concat([points[columns], own[columns]], ignore_index=True)


def _point_radii(points: pd.DataFrame, words: PlaceWords) -> Any:
    """Return the radius of villages and landmarks: by how close places of their kind stand."""
    spacing = _spacing(points["x_m"].to_numpy(float), points["y_m"].to_numpy(float))
    is_village = (points["kind"] == "village").to_numpy(bool)
    village = np.clip(VILLAGE_REACH * spacing, *VILLAGE_RADIUS_M)
    usual = float(np.median(spacing[~is_village])) if (~is_village).sum() >= FEW else np.nan
    landmark = np.clip(LANDMARK_REACH * usual, *LANDMARK_RADIUS_M)
    return np.where(is_village, village, np.nan_to_num(landmark, nan=words.radius_m["poi"]))


def _namesake(sites: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Return the sites that carry exactly the name of a place within `SAME_PLACE_M`."""
    keys = [normal_name(name) for name in points["name"]]
    named = points.assign(place=keys, point=points.index)[["place", "x_m", "y_m", "point"]]
    pairs = sites[["place", "x_m", "y_m", "site"]].assign(row=sites.index)
    pairs = pairs.merge(named, on="place", suffixes=("", "_place"))
    pairs["away_m"] = np.hypot(pairs["x_m"] - pairs["x_m_place"], pairs["y_m"] - pairs["y_m_place"])
    near = pairs[pairs["away_m"] < SAME_PLACE_M]
    return near.sort_values(["point", "away_m", "row"], kind="stable")
