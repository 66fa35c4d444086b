"""Spread counties, towns and county seats over the sites at which their people are.

An area is no disc: people live where the network has users. Its points stand on small rings
around its sites (its villages where it has no site).

Simple so far: the users of a site stand for the people around it, and an area of more sites than
`MOST_MEMBERS` is thinned evenly by users.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sites.inventory import Network

AREA_RADIUS_FLOOR_M = 300.0
SEAT_SITES = 3
SEAT_TOWN_M = 1000.0
MOST_MEMBERS = 48
# Rings in spacings of sites; golden angles keep the points of neighbouring rings apart.
RINGS = (0.15, 0.45, 0.8)
GOLDEN_ANGLE = float(np.pi * (3.0 - np.sqrt(5.0)))
SPACING_M = (200.0, 3000.0)
# Who names a small town means its middle, of a large one any part: the share for a town without
# sites, and the number of sites that halves it.
CORE_SHARE, CORE_SITES = 0.95, 15.0
CORE_SIGMA_M = 500.0
TWO_THIRDS_SHARE = 2.0 / 3.0


@dataclass(frozen=True)
class Ground:
    """Where people may be, prepared for locating.

    Attributes
    ----------
    tree : cKDTree
        Of the sites, metres.
    site_xy : array, shape (S, 2)
    spacing_m : array, shape (S,)
        Distance of each site to its third nearest other one, within `SPACING_M`.
    first : array of int, shape (E + 1,)
        Where the points of each entry of the gazetteer begin; a point place has none.
    x_m, y_m, share : arrays, shape (P,)
        The points, with the share of the area's people at each.
    core : array, shape (E,)
        Of those who name an entry and nothing inside it, the share close to its centre.
    """

    tree: Any
    site_xy: Any
    spacing_m: Any
    first: Any
    x_m: Any
    y_m: Any
    share: Any
    core: Any


def build_ground(members: pd.DataFrame, entries: pd.DataFrame, network: Network) -> Ground:
    """Return the points of all areas.

    Parameters
    ----------
    members : DataFrame
        `entry`, `x_m`, `y_m`, `weight` (1 in sum over an entry).
    entries : DataFrame, index 0..E-1
        `kind`.
    network : Network

    Returns
    -------
    Ground
    """
    positions = network.sites[["x_m", "y_m"]].to_numpy(float)
    tree = cKDTree(positions)
    chosen = _thinned(members)
    spots = chosen[["x_m", "y_m"]].to_numpy(float)
    spacing = _third_nearest(tree, spots)
    rings = len(RINGS)
    number = np.arange(len(spots) * rings)
    reach = np.tile(RINGS, len(spots)) * np.repeat(spacing, rings)
    entry = np.repeat(chosen["entry"].to_numpy(int), rings)
    return Ground(
        tree=tree,
        site_xy=positions,
        spacing_m=_third_nearest(tree, positions),
        first=np.searchsorted(entry, np.arange(len(entries) + 1)),
        x_m=np.repeat(spots[:, 0], rings) + reach * np.cos(number * GOLDEN_ANGLE),
        y_m=np.repeat(spots[:, 1], rings) + reach * np.sin(number * GOLDEN_ANGLE),
        share=np.repeat(chosen["weight"].to_numpy(float), rings) / rings,
        core=_core(members, entries),
    )


def area_radii(ground: Ground, entries: pd.DataFrame) -> Any:
    """Return the distance from the centre of each entry within which two thirds of its points lie.

    Parameters
    ----------
    ground : Ground
    entries : DataFrame, index 0..E-1
        `x_m`, `y_m`.

    Returns
    -------
    array of float, shape (E,)
        NaN for an entry without points.
    """
    size = np.diff(ground.first)
    entry = np.repeat(np.arange(len(size)), size)
    at = entries[["x_m", "y_m"]].to_numpy(float)[entry]
    points = pd.DataFrame({"entry": entry, "share": ground.share * (1.0 - ground.core[entry])})
    points["away_m"] = np.hypot(ground.x_m - at[:, 0], ground.y_m - at[:, 1])
    points = points.sort_values(["entry", "away_m"], kind="stable")
    close = 1.0 - np.exp(-0.5 * (points["away_m"] / CORE_SIGMA_M) ** 2)
    reached = points.groupby("entry")["share"].cumsum() + close * ground.core[points["entry"]]
    radius = points[reached >= TWO_THIRDS_SHARE].groupby("entry")["away_m"].min()
    return radius.reindex(range(len(size))).clip(lower=AREA_RADIUS_FLOOR_M).to_numpy(float)


def _core(members: pd.DataFrame, entries: pd.DataFrame) -> Any:
    """Return the share of each town's people close to its centre: less the more sites it has."""
    count = np.bincount(members["entry"].to_numpy(int), minlength=len(entries))
    share = CORE_SHARE / (1.0 + count / CORE_SITES)
    return np.where((entries["kind"] == "town").to_numpy(bool), share, 0.0)


def area_entries(rows: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Return counties, their seats, towns, and last the whole network, one row each.

    Parameters
    ----------
    rows : DataFrame
        Named places: `name`, `kind`, `county`, `town` (empty where unknown), `x_m`, `y_m`.
    sites : DataFrame
        `county`, `town`.

    Returns
    -------
    DataFrame, index 0..
        `name`, `kind`, `county`, `town`, `x_m`, `y_m` (NaN where no row gives a centre).
    """
    seats, towns = rows[rows["kind"] == "seat"], rows[rows["kind"] == "town"]
    own = seats["county"].where(seats["county"] != "", seats["name"])
    seats = seats.assign(county=own, town="")
    named = pd.concat([sites["county"], rows["county"]])
    others = pd.DataFrame({"county": named[(named != "") & ~named.isin(own)].unique()})
    others = others.assign(name=others["county"], town="")
    counties = pd.concat([seats.assign(name=own).drop_duplicates("name"), others])
    towns = towns.assign(town=towns["name"])
    spoken = pd.concat([sites[["county", "town"]], rows[["county", "town"]]]).drop_duplicates()
    spoken = spoken[(spoken["town"] != "") & ~spoken["town"].isin(towns["name"])]
    towns = pd.concat([towns, spoken.assign(name=spoken["town"])])
    parts = [
        counties.assign(kind="county"),
        pd.concat([seats, others]).assign(kind="seat"),
        towns.assign(kind="town"),
    ]
    areas = pd.concat(parts, ignore_index=True).drop_duplicates(
        ["name", "kind", "county", "town", "x_m", "y_m"]
    )
    everywhere = pd.DataFrame({"name": [""], "kind": "network", "county": "", "town": ""})
    areas = pd.concat([areas, everywhere], ignore_index=True)
    return areas[["name", "kind", "county", "town", "x_m", "y_m"]]


def area_members(areas: pd.DataFrame, rows: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Return where the people of each area are: at its sites by users, else in its named places.

    Parameters
    ----------
    areas, rows : DataFrame
        As for :func:`area_entries`.
    sites : DataFrame
        `county`, `town`, `x_m`, `y_m`, `users`, `is_live`.

    Returns
    -------
    DataFrame
        `area` (index of `areas`), `x_m`, `y_m`, `weight` (1 in sum over an area). Planned sites
        stand for the people of an area that has nothing else.
    """
    columns = ["county", "town", "x_m", "y_m", "users"]
    live = sites.loc[sites["is_live"], columns]
    villages = rows[rows["kind"].isin(["village", "poi"])]
    planned = sites[~sites["is_live"]]
    named = areas[["kind", "county", "town", "x_m", "y_m"]].assign(area=areas.index)
    everywhere = live.assign(area=areas.index[areas["kind"] == "network"][0])
    inhabited = _named_points(named[named["kind"] != "seat"], live)
    members = [inhabited, _seat_members(named, live), everywhere]
    for points in (villages, rows, planned):
        bare = named[~named["area"].isin(pd.concat([part["area"] for part in members]))]
        is_placed = bare["x_m"].notna() & (bare["kind"] == "seat")
        members.append(_named_points(bare[~is_placed], points.assign(users=1.0)[columns]))
    gathered = pd.concat([part[["area", "x_m", "y_m", "users"]] for part in members])
    gathered = gathered.sort_values(["area", "x_m", "y_m"], kind="stable").reset_index(drop=True)
    total = gathered.groupby("area")["users"].transform("sum")
    return gathered.assign(weight=gathered["users"] / total)[["area", "x_m", "y_m", "weight"]]


def _named_points(named: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Return the points that carry the names of areas: of a town its town, else its county."""
    is_town = named["kind"] == "town"
    county = named.loc[~is_town, ["area", "county"]].merge(points, on="county")
    return pd.concat([county, _town_members(named[is_town], points)])


def _town_members(towns: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Return the points that carry a town's name, in its county where it has one."""
    pairs = towns[["area", "county", "town"]].merge(points, on="town", suffixes=("_town", ""))
    same = (pairs["county_town"] == "") | (pairs["county"] == "")
    return pairs[same | (pairs["county_town"] == pairs["county"])]


def _seat_members(named: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Return the sites of each seat: of its town, or of no town, or the nearest quarter."""
    seats = named[named["kind"] == "seat"]
    pairs = seats[["area", "county", "x_m", "y_m"]].merge(live, on="county", suffixes=("_seat", ""))
    for axis in ("x_m", "y_m"):
        middle = pairs.groupby("area")[axis].transform("mean")
        pairs[f"{axis}_seat"] = pairs[f"{axis}_seat"].astype(float).fillna(middle)
    pairs["away_m"] = np.hypot(pairs["x_m"] - pairs["x_m_seat"], pairs["y_m"] - pairs["y_m_seat"])
    towns = named.loc[named["kind"] == "town", ["town", "x_m", "y_m"]].dropna()
    near = seats[["area", "x_m", "y_m"]].merge(towns, how="cross", suffixes=("", "_town"))
    away = np.hypot(near["x_m"] - near["x_m_town"], near["y_m"] - near["y_m_town"])
    own = near.loc[away < SEAT_TOWN_M, ["area", "town"]].drop_duplicates().assign(is_own=1.0)
    pairs = pairs.merge(own, on=["area", "town"], how="left")
    is_core = (pairs["town"] == "") | pairs["is_own"].notna()
    count = is_core.groupby(pairs["area"]).transform("sum")
    rank = pairs.groupby("area")["away_m"].rank(method="first")
    nearest = np.maximum(0.25 * pairs.groupby("area")["away_m"].transform("size"), SEAT_SITES)
    return pairs[np.where(count >= SEAT_SITES, is_core, rank <= nearest)]


def with_spread(
    areas: pd.DataFrame, members: pd.DataFrame, radius_m: Mapping[str, float]
) -> pd.DataFrame:
    """Return areas with centre and radius: the root mean square distance of their people.

    Parameters
    ----------
    areas : DataFrame
        As returned by :func:`area_entries`.
    members : DataFrame
        As returned by :func:`area_members`.
    radius_m : mapping of kind to metres
        For an area without members.

    Returns
    -------
    DataFrame
        `areas` with `x_m`, `y_m` filled and `radius_m`.
    """
    weighted = members[["x_m", "y_m"]].mul(members["weight"], axis=0)
    centre = weighted.groupby(members["area"]).sum().reindex(areas.index)
    filled = areas.assign(
        x_m=areas["x_m"].astype(float).fillna(centre["x_m"]),
        y_m=areas["y_m"].astype(float).fillna(centre["y_m"]),
    )
    at = filled.loc[members["area"], ["x_m", "y_m"]].to_numpy(float)
    square = (members["x_m"] - at[:, 0]) ** 2 + (members["y_m"] - at[:, 1]) ** 2
    mean = (square * members["weight"]).groupby(members["area"]).sum().reindex(areas.index)
    usual = filled["kind"].map(radius_m).astype(float)
    filled["radius_m"] = np.sqrt(mean).clip(lower=AREA_RADIUS_FLOOR_M).fillna(usual)
    return filled


def _thinned(members: pd.DataFrame) -> pd.DataFrame:
    """Return members with at most `MOST_MEMBERS` an entry, even by weight, in order of entry."""
    ordered = members.sort_values(["entry", "x_m", "y_m"], kind="stable")
    size = ordered.groupby("entry")["weight"].transform("size")
    reached = ordered.groupby("entry")["weight"].cumsum()
    step = np.floor(reached * MOST_MEMBERS - 0.5)
    before = np.floor((reached - ordered["weight"]) * MOST_MEMBERS - 0.5)
    kept = ordered.assign(taken=step - before)
    kept = kept[(size <= MOST_MEMBERS) | (kept["taken"] > 0)].copy()
    large = size.reindex(kept.index) > MOST_MEMBERS
    kept["weight"] = kept["weight"].where(~large, kept["taken"])
    kept["weight"] /= kept.groupby("entry")["weight"].transform("sum")
    return kept.drop(columns="taken").reset_index(drop=True)


def _third_nearest(tree: Any, spots: Any) -> Any:
    """Return the distance of spots to the third nearest other site, within `SPACING_M`."""
    rank = min(4, tree.n)
    if not len(spots):
        return np.zeros(0)
    return np.clip(tree.query(spots, k=[rank])[0][:, 0], *SPACING_M)
