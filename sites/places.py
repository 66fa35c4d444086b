"""Turn the names in addresses and free text into weighted places, each with a radius.

An *area* (county, town, seat) is the spread of its sites, weighted by their users; a point place
(village, landmark, site) is a disc. Outer names in a text tell apart places of one name; they are
not rivals of the place inside them.

Simple so far: the chance that a name is meant where the context contradicts it is a constant, and
loose matching compares every leftover piece with every name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sites.areas import Ground, area_entries, area_members, build_ground, with_spread
from sites.inventory import Network
from sites.mentions import (
    LEAST_WEIGHT,
    MOST_PLACES,
    POINT_RANK,
    Entries,
    build_entries,
    mentions_in,
    weights_of,
)
from sites.names import (
    NameIndex,
    build_index,
    is_latin,
    site_place,
    without_serial,
    without_suffix,
)
from sites.place_words import PlaceWords, load_place_words, normal_name

ENTRY_COLUMNS = ("name", "kind", "x_m", "y_m", "radius_m", "county", "town", "weight", "site")

SHORT_FORM_QUALITY = 0.7
SERIAL_LOST_QUALITY = 0.8
PREFIX_LOST_QUALITY = 0.9
# County and town.
MOST_PREFIXES = 2
# A site called like its town is as often the town that is meant.
NAMESAKE_QUALITY = 0.3

# A site named as a place in the gazetteer within this distance adds nothing to it.
SAME_PLACE_M = 1500.0
SITE_REACH = 0.6
SITE_RADIUS_M = (120.0, 900.0)
VILLAGE_REACH = 0.3
VILLAGE_RADIUS_M = (250.0, 700.0)
WIDE_FACTOR = 2.0


@dataclass(frozen=True)
class Gazetteer:
    """Names of places, ready for :func:`find_places`.

    Attributes
    ----------
    entries : DataFrame, index 0..E-1
        `name`, `kind` (county, seat, town, village, poi, site, network), `x_m`, `y_m`, `radius_m`,
        `county`, `town`, `weight`, `site` (the position of the site of that name, -1 for none).
    ground : Ground
        Where the people of the areas are.
    index : NameIndex
        The names as they are written.
    words : PlaceWords
    arrays : Entries
        The entries as arrays, with the entries that each key may mean.
    names, kinds : arrays of str, shape (E,); the last entry is the whole network
    counties : mapping of the name of each county to its entry
    """

    entries: pd.DataFrame
    ground: Ground
    index: NameIndex
    words: PlaceWords
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
    members = members.assign(entry=members["area"] + len(points))
    counties = entries.loc[entries["kind"] == "county", "name"].drop_duplicates()
    meanings = _meanings(entries, known)
    keys, number = _keys(meanings)
    index = build_index(keys["key"].tolist(), keys["is_short"].tolist())
    links = meanings.assign(key=number).sort_values("quality", ascending=False, kind="stable")
    links = links.drop_duplicates(["key", "entry"])[["key", "entry", "quality", "is_area_name"]]
    return Gazetteer(
        entries[list(ENTRY_COLUMNS)],
        build_ground(members, len(entries), network),
        index,
        known,
        build_entries(entries, links, index),
        entries["name"].to_numpy(object),
        entries["kind"].to_numpy(object),
        {name: int(entry) for entry, name in counties.items()},
    )


def find_places(
    gazetteer: Gazetteer,
    texts: pd.Series,
    counties: pd.Series,
    *,
    addresses: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the places that texts may speak of, likeliest first.

    The most exact names win (landmark or site, village, town or seat, county); towns and counties
    named beside them, and the county of the order, decide between places of the same name. Where
    no exact name is found, pieces of the address, then of the text, are matched loosely.

    Parameters
    ----------
    gazetteer : Gazetteer
    texts : Series of str, length n
        Free text; may be missing.
    counties : Series of str, length n
        The county of each order as the desk noted it; may be missing.
    addresses : Series of str, length n, optional
        The address field.

    Returns
    -------
    DataFrame, at most eight rows a text
        `row` (0..n-1), `entry` (position in the gazetteer), `name`, `kind`, `x_m`, `y_m`,
        `radius_m`, `weight` (sums to at most 1 a text: the rest is "none of these"), `matched`
        (the words found), `score` (0-100).

    Examples
    --------
    >>> from sites.inventory import build_network
    >>> site = pd.DataFrame({"site_id": ["A"], "site_name": ["Oakover mast"], "lon": [1.0],
    ...                      "lat": [52.0], "county": ["Foxshire"]})
    >>> cell = pd.DataFrame({"cell_id": ["A-1"], "site_id": ["A"], "rat": ["LTE"],
    ...                      "freq_mhz": [800.0]})
    >>> network = build_network({"sites": site, "cells": cell})
    >>> gazetteer = build_gazetteer(pd.DataFrame(), network)
    >>> found = find_places(gazetteer, pd.Series(["no bars at oakover"]), pd.Series(["Foxshire"]))
    >>> found[["name", "kind", "matched"]].values.tolist()
    [['Oakover mast', 'site', 'oakover']]
    """
    spoken = _normal(texts)
    written = _normal(addresses) if addresses is not None else [""] * len(spoken)
    mentions = mentions_in(
        gazetteer.arrays, gazetteer.index, gazetteer.words, spoken=spoken, written=written
    )
    weight = weights_of(gazetteer.arrays, mentions, list(counties))
    order = _likeliest(mentions.row, mentions.entry, weight)
    row, entry = mentions.row[order], mentions.entry[order]
    arrays = gazetteer.arrays
    is_wide = mentions.is_wide[row] & (arrays.rank[entry] >= POINT_RANK)
    return pd.DataFrame(
        {
            "row": row,
            "entry": entry,
            "name": gazetteer.names[entry],
            "kind": gazetteer.kinds[entry],
            "x_m": arrays.x_m[entry],
            "y_m": arrays.y_m[entry],
            "radius_m": arrays.radius_m[entry] * np.where(is_wide, WIDE_FACTOR, 1.0),
            "weight": weight[order],
            "matched": mentions.matched[order],
            "score": mentions.score[order],
        }
    )


def _likeliest(row: Any, entry: Any, weight: Any) -> Any:
    """Return the order of the best mentions: by text, the heaviest first, eight at most."""
    order = np.lexsort((entry, -weight, row))
    order = order[weight[order] > LEAST_WEIGHT]
    place = np.arange(len(order)) - np.searchsorted(row[order], row[order], side="left")
    return order[place < MOST_PLACES]


def _normal(texts: pd.Series) -> list[str]:
    """Return texts in normal form, empty where missing."""
    return [normal_name(text) if isinstance(text, str) else "" for text in texts]


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
    reach = VILLAGE_REACH * _spacing(points["x_m"].to_numpy(float), points["y_m"].to_numpy(float))
    village = np.clip(reach, *VILLAGE_RADIUS_M)
    is_village = points["kind"] == "village"
    points["radius_m"] = np.where(is_village, village, words.radius_m["poi"])
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


def _namesake(sites: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Return the sites that carry exactly the name of a place within `SAME_PLACE_M`."""
    keys = [normal_name(name) for name in points["name"]]
    named = points.assign(place=keys, point=points.index)[["place", "x_m", "y_m", "point"]]
    pairs = sites[["place", "x_m", "y_m", "site"]].assign(row=sites.index)
    pairs = pairs.merge(named, on="place", suffixes=("", "_place"))
    pairs["away_m"] = np.hypot(pairs["x_m"] - pairs["x_m_place"], pairs["y_m"] - pairs["y_m_place"])
    near = pairs[pairs["away_m"] < SAME_PLACE_M]
    return near.sort_values(["point", "away_m", "row"], kind="stable")


def _meanings(entries: pd.DataFrame, words: PlaceWords) -> pd.DataFrame:
    """Return every key with the entry it may mean, its quality, and the kind of form.

    `is_short`: counts only where a name could begin; `is_area_name`: a site's, but an area's too.
    """
    outer = _outer_names(entries, words)
    rows = [
        (key, number, quality, is_short)
        for number, (name, kind) in enumerate(zip(entries["name"], entries["kind"], strict=True))
        for key, quality, is_short in _written_forms(name, kind, words, outer)
        if len(key) >= (3 if is_latin(key) else 2)
    ]
    table = pd.DataFrame(rows, columns=["key", "entry", "quality", "is_short"])
    innermost = {key: _innermost(key, outer) for key in table["key"].unique()}
    is_site = (entries["kind"] == "site").to_numpy()[table["entry"].to_numpy(int)]
    table["is_area_name"] = is_site & table["key"].map(innermost).ne("").to_numpy(bool)
    table["quality"] = table["quality"].where(~table["is_area_name"], NAMESAKE_QUALITY)
    return pd.concat([table, _area_meanings(table, entries, innermost)], ignore_index=True)


def _area_meanings(
    table: pd.DataFrame, entries: pd.DataFrame, innermost: Mapping[str, str]
) -> pd.DataFrame:
    """Return the areas that sites are called after as meanings of the names of those sites."""
    areas = entries["kind"].isin(["town", "county"]).to_numpy(bool)
    named = table[areas[table["entry"].to_numpy(int)]]
    keys = table.loc[table["is_area_name"], ["key", "is_short"]].drop_duplicates("key")
    keys = keys.assign(inner=keys["key"].map(innermost))
    found = keys.merge(named.drop(columns="is_short"), left_on="inner", right_on="key")
    return found.rename(columns={"key_x": "key"})[table.columns]


def _innermost(key: str, outer: Mapping[str, int]) -> str:
    """Return the last area in a key that is made of names of areas alone, else nothing."""
    rest = key
    while rest and rest not in outer:
        shorter = _without_prefix(rest, outer)
        if shorter == rest:
            return ""
        rest = shorter
    return rest


def _without_prefix(place: str, outer: Mapping[str, int]) -> str:
    """Return a place without the longest name of an area that it begins with."""
    for size in range(min(len(place) - 1, max(outer.values(), default=0)), 1, -1):
        prefix, rest = place[:size], place[size:]
        if prefix in outer and not (is_latin(prefix) and rest[0].isalnum()):
            return rest.strip()
    return place


def _written_forms(
    name: str, kind: str, words: PlaceWords, outer: Mapping[str, int]
) -> list[tuple[str, float, bool]]:
    """Return the ways in which an entry may be written: key, quality, is a short form."""
    full = normal_name(name)
    if kind in ("seat", "network", "site"):
        return _site_forms(full, site_place(name, words), outer) if kind == "site" else []
    forms = [(full, 1.0, False)]
    if kind in ("county", "town", "village"):
        short = without_suffix(full, words.words[f"{kind}_suffix"])
        if short != full:
            forms.append((short, SHORT_FORM_QUALITY, not is_latin(short)))
    return forms


def _site_forms(full: str, place: str, outer: Mapping[str, int]) -> list[tuple[str, float, bool]]:
    """Return the ways in which people write the place that a site is named after."""
    forms = [(full, 1.0, False), (place, 1.0, False)]
    rest = place
    for _ in range(MOST_PREFIXES):
        shorter = _without_prefix(rest, outer)
        if shorter == rest or len(shorter) < 2 or shorter.isdigit():
            break
        rest = shorter
        forms.append((rest, PREFIX_LOST_QUALITY, len(rest) < 3))
    for key, quality, is_short in tuple(forms):
        bare = without_serial(key)
        if bare != key and bare not in outer:
            forms.append((bare, quality * SERIAL_LOST_QUALITY, is_short))
    return forms


def _outer_names(entries: pd.DataFrame, words: PlaceWords) -> dict[str, int]:
    """Return names of towns and counties, full and short, that a site's name may begin with."""
    names: set[str] = set()
    for kind in ("town", "county"):
        full = {normal_name(name) for name in entries.loc[entries["kind"] == kind, "name"]}
        names |= full | {without_suffix(name, words.words[f"{kind}_suffix"]) for name in full}
    return {name: len(name) for name in sorted(names) if len(name) >= 2}


def _keys(meanings: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
    """Return the distinct keys in order and the number of the key of each meaning."""
    keys = meanings.groupby("key", sort=True)["is_short"].all().reset_index()
    number = pd.Index(keys["key"]).get_indexer(pd.Index(meanings["key"]))
    return keys, number
