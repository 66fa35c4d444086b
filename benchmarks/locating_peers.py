"""Answer which cells serve a complaint as plain tools do: nearest site, sector, register.

A peer takes one point, or one sighting, and is as sure as it sounds: nearly all on its first
answer. It uses the tables as the contract reads them and a nearest-neighbour search, no more.

Simple so far: a place is named where its name stands in the words letter by letter.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sites.coordinates import to_wgs84

METRES_PER_DEGREE = 111_320.0
# What a peer says of its first, second and third site.
SURE = (0.98, 0.01, 0.005)
WIDENESS = {"town": 1, "seat": 2}
PEERS = ("nearest site", "Voronoi sector", "register cell")


def peer_answers(tables: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return what each peer answers to the complaints of a bundle.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        `sites`, `cells`, `places`, `complaints`, `locations` as the contract reads them.

    Returns
    -------
    dict of DataFrame, by the names of `PEERS`
        The contract's `serving_cells` without `distance_m`.
    """
    orders = tables["complaints"].reset_index(drop=True)
    lon, lat = stated_or_named(orders, tables["places"], tables["sites"])
    masts = site_masts(tables["sites"], tables["cells"])
    return {
        "nearest site": nearest_answers(orders["ticket_id"], lon, lat, masts=masts),
        "Voronoi sector": nearest_answers(
            orders["ticket_id"], lon, lat, masts=masts, is_sector=True
        ),
        "register cell": register_answers(orders, tables["locations"]),
    }


def site_masts(sites: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return live cells with their site's coordinates, in order of `cell_id`.

    Parameters
    ----------
    sites, cells : DataFrame
        As in the contract.

    Returns
    -------
    DataFrame
        `cell_id`, `site_id`, `azimuth_deg`, `lon`, `lat`.
    """
    known = sites[sites["lon"].notna() & sites["lat"].notna()]
    if "status" in known.columns:
        known = known[known["status"].fillna("live").eq("live")]
    table = cells.reindex(columns=["cell_id", "site_id", "azimuth_deg"])
    table = table.merge(known[["site_id", "lon", "lat"]], on="site_id")
    return table.sort_values("cell_id", ignore_index=True)


def nearest_answers(
    tickets: pd.Series, lon: Any, lat: Any, *, masts: pd.DataFrame, is_sector: bool = False
) -> pd.DataFrame:
    """Return the three nearest sites of each point, the nearest by far the likeliest.

    Parameters
    ----------
    tickets : Series of str, shape (n,)
    lon, lat : array, shape (n,)
        Degrees (WGS-84); a point that is NaN gets no answer.
    masts : DataFrame
        From :func:`site_masts`.
    is_sector : bool
        Whether the cell is that whose azimuth points best at the place (its Voronoi sector), else
        the site's first.

    Returns
    -------
    DataFrame
        `ticket_id`, `rank`, `cell_id`, `probability`.
    """
    scale = np.cos(np.radians(float(masts["lat"].median())))
    at = masts.drop_duplicates("site_id").reset_index(drop=True)
    known = np.isfinite(lon) & np.isfinite(lat)
    points = np.column_stack([np.asarray(lon)[known] * scale, np.asarray(lat)[known]])
    spots = np.column_stack([at["lon"] * scale, at["lat"]])
    count = min(len(SURE), len(at))
    near = cKDTree(spots).query(points, k=range(1, count + 1))[1]
    row = np.repeat(np.arange(len(points)), count)
    answer = pd.DataFrame(
        {
            "row": row,
            "ticket_id": tickets.to_numpy(object)[known][row],
            "rank": np.tile(np.arange(1, count + 1), len(points)),
            "site_id": at["site_id"].to_numpy(object)[near.ravel()],
            "probability": np.tile(SURE[:count], len(points)),
        }
    )
    every = answer.merge(masts, on="site_id")
    every["off"] = _off_deg(every, points / [scale, 1.0]) if is_sector else 0.0
    every = every.sort_values(["row", "rank", "off", "cell_id"], kind="stable")
    best = every.drop_duplicates(["row", "rank"])
    return best[["ticket_id", "rank", "cell_id", "probability"]].reset_index(drop=True)


def _off_deg(every: pd.DataFrame, points: Any) -> Any:
    """Return the angle between each cell's azimuth and its place, 60 for an omni cell."""
    at = points[every["row"].to_numpy()]
    east = (at[:, 0] - every["lon"].to_numpy()) * np.cos(np.radians(at[:, 1]))
    bearing = np.degrees(np.arctan2(east, at[:, 1] - every["lat"].to_numpy()))
    off = np.abs((every["azimuth_deg"].to_numpy(float) - bearing + 180.0) % 360.0 - 180.0)
    return np.where(np.isnan(off), 60.0, off)


def register_answers(orders: pd.DataFrame, locations: pd.DataFrame) -> pd.DataFrame:
    """Return the cell on which each complaint's number was last seen before it came.

    Parameters
    ----------
    orders, locations : DataFrame
        As the contract reads them, with `arrived_at`.

    Returns
    -------
    DataFrame
        `ticket_id`, `rank`, `cell_id`, `probability`; no row for a number never seen.
    """
    seen = locations[["msisdn", "seen_at", "arrived_at", "cell_id"]]
    seen = seen.rename(columns={"arrived_at": "known_at"})
    pairs = orders[["ticket_id", "msisdn", "arrived_at"]].dropna(subset="msisdn")
    pairs = pairs.merge(seen, on="msisdn")
    pairs = pairs[pairs["known_at"] <= pairs["arrived_at"]]
    last = pairs.sort_values(["seen_at", "cell_id"], kind="stable")
    last = last.drop_duplicates("ticket_id", keep="last")
    return last[["ticket_id", "cell_id"]].assign(rank=1, probability=SURE[0])


def stated_or_named(
    orders: pd.DataFrame, places: pd.DataFrame, sites: pd.DataFrame
) -> tuple[Any, Any]:
    """Return one point for each complaint: stated, else named, else its county's centre.

    Parameters
    ----------
    orders, places, sites : DataFrame
        As in the contract. Coordinates are believed to be in the system they state.

    Returns
    -------
    tuple of array, shape (n,)
        Longitude and latitude (WGS-84), the network's centre where nothing else is known.
    """
    empty = pd.Series(np.nan, index=orders.index)
    lon, lat = (orders.get(name, empty).to_numpy(float) for name in ("lon", "lat"))
    crs = [name if isinstance(name, str) else "" for name in orders.get("crs", empty)]
    lon, lat = to_wgs84(lon, lat, crs)
    centres = sites.groupby("county")[["lon", "lat"]].median()
    county = centres.reindex(orders.get("county", empty))
    named = named_points(orders, places)
    middle = sites[["lon", "lat"]].median()
    at = []
    for name, stated in (("lon", lon), ("lat", lat)):
        known = np.where(np.isfinite(stated), stated, named[name].to_numpy(float))
        known = np.where(np.isfinite(known), known, county[name].to_numpy(float))
        at.append(np.where(np.isfinite(known), known, middle[name]))
    return at[0], at[1]


def named_points(orders: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return the coordinates of the place named in each address, else in the text.

    Of several names that of a landmark or village counts before a town's and that before a
    county seat's, then the longest. Of places of one name those of the order's county count, in
    the middle of them.

    Parameters
    ----------
    orders, places : DataFrame
        As in the contract.

    Returns
    -------
    DataFrame, index of `orders`
        `lon`, `lat`, NaN where no name stands.

    Examples
    --------
    >>> orders = pd.DataFrame({"text": ["no bars"], "address": ["Mill Lane, Oakover"]})
    >>> places = pd.DataFrame({"name": ["Oak", "Oakover"], "lon": [1.0, 2.0], "lat": [51.0, 52.0]})
    >>> named_points(orders, places).values.tolist()
    [[2.0, 52.0]]
    """
    known = places.reindex(columns=["name", "kind", "county", "lon", "lat"]).dropna(subset="name")
    known = known.assign(key=known["name"].str.lower())
    wide = known["kind"].map(WIDENESS).fillna(0).groupby(known["key"]).min().to_dict()
    pattern = re.compile("|".join(map(re.escape, sorted(wide, key=len, reverse=True))) or r"(?!)")
    empty = pd.Series("", index=orders.index)
    found = empty.astype(object)
    for column in ("text", "address"):
        words = orders.get(column, empty).fillna("").astype("str").str.lower()
        hits = np.array([_innermost(pattern.findall(text), wide) for text in words], dtype=object)
        found = found.where(hits == "", hits)
    asked = pd.DataFrame({"key": found, "county": orders.get("county", empty)})
    near = known.groupby(["key", "county"])[["lon", "lat"]].median()
    any_county = known.groupby("key")[["lon", "lat"]].median()
    of_county = near.reindex(pd.MultiIndex.from_frame(asked)).set_axis(orders.index)
    return of_county.fillna(any_county.reindex(asked["key"]).set_axis(orders.index))


def _innermost(names: list[str], wide: Mapping[str, float]) -> str:
    """Return the name of the smallest kind of place, the longest of them; empty for none."""
    return min(names, key=lambda name: (wide[name], -len(name)), default="")
