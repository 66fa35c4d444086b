"""Gather complaints of thin coverage by place, beside what the coverage model says and the sites planned there.

The model agrees where it leaves the callers of a place without a serving cell at least twice as likely as callers of
other trouble.

Simple so far: how often the model is right where it agrees was not measured; a place is the nearest named one within
3 km; terrain between it and the planned site is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.stats import binom

from correlate.case.phrases import Finding, finding, sentence
from correlate.daily.known_then import Known

THIN = ("weak_coverage", "indoor_coverage")
DAYS = pd.Timedelta(days=30)
PLACE_M = 3000.0
PLANNED_M = 20_000.0
FEW = 5
"""Fewer complaints than this are not published (operators' domain notes 8)."""
AGREES = 2.0
"""How often more than of other callers nothing serves where the model agrees (START)."""
REACH_KM = 3.0
"""How far a new site helps (START; macro cells of towns reach 1 to 3 km, of the country more)."""
FEW_OTHERS, USUALLY_UNSERVED = 20, 0.1
"""Below so many other complaints the usual share unserved is this one (START)."""
CLEAR = 0.05
EARTH_RADIUS_M = 6_371_008.8
PLACE_DIGITS = 3

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def thin_places(known: Known, run: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the places with complaints diagnosed as thin coverage in the last 30 days, most callers first.

    Parameters
    ----------
    run : mapping of DataFrame
        Needs `sites`, `places` and `about` of the daybook, and `serving_cells`.
    """
    tickets = known.tickets
    served = run["serving_cells"].groupby("ticket_id")["probability"].sum()
    unserved = (1.0 - tickets["ticket_id"].map(served).astype("float64")).clip(lower=0.0)
    is_thin = tickets["cause"].isin(THIN)
    usual = _usually_unserved(unserved[~is_thin & tickets["cause"].notna()])
    recent = is_thin & (tickets["created_at"] > known.at - DAYS)
    rows = tickets.assign(unserved=unserved, is_late=tickets["created_at"] > known.at - DAYS / 2)
    rows = rows[recent & tickets["lon"].notna()].reset_index(drop=True)
    named = run["places"].reset_index(drop=True)
    nearest, _ = _nearest(rows, named, PLACE_M)
    sites = run["sites"].drop_duplicates("site_id").reset_index(drop=True)
    own = pd.Index(sites["site_id"]).get_indexer(rows["site_id"])
    has_name = nearest >= 0
    key = np.where(has_name, nearest, -1 - own)
    found = _summed(rows.assign(key=key, own=own))
    table = _described(found, named, sites)
    return _told(_judged(table, usual, _days(known, run)))


def _usually_unserved(unserved: pd.Series) -> float:
    """Return the mean share that the model leaves unserved where the trouble is another."""
    known = unserved.dropna()
    return float(known.mean()) if len(known) >= FEW_OTHERS else USUALLY_UNSERVED


def _days(known: Known, run: Mapping[str, pd.DataFrame]) -> float:
    """Return how many of the last 30 days there are data of, one at least."""
    first = run["about"]["first_arrival"].iloc[0]
    return float(np.clip((known.at - first) / pd.Timedelta(days=1), 1.0, DAYS.days))


def _judged(table: pd.DataFrame, usual: float, days: float) -> pd.DataFrame:
    """Add complaints a month, whether the model agrees, and whether they grow; null with less than 30 days of data."""
    late, total = table["recent"], table["complaints"]
    grows = pd.Series(binom.sf(late - 1, total, 0.5) < CLEAR, index=table.index, dtype="boolean")
    return table.assign(
        agrees=(table["unserved"] >= AGREES * usual)
        .astype("boolean")
        .mask(table["unserved"].isna()),
        per_month=total * DAYS.days / days,
        grows=grows if days >= DAYS.days else pd.Series(pd.NA, index=table.index, dtype="boolean"),
    )


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Add what is on record for the planners and what the customers were told, in both languages."""
    rows = table.to_dict("records")
    texts = {
        f"{kind}_{language}": pd.Series(
            [sentence(make(row), language) for row in rows], index=table.index, dtype="str"
        )
        for kind, make in (("record", _record), ("told", _reply))
        for language in ("zh", "en")
    }
    return table.assign(**texts)


def _record(row: Mapping[str, Any]) -> Finding:
    """Return the record of a place in the words of a work order's reply."""
    cause = "indoor_coverage" if row["indoor"] * 2 > row["complaints"] else "weak_coverage"
    site = row["site_name"] if pd.notna(row["site_name"]) else str(row["site_id"])
    if not row["planned_km"] <= REACH_KM:
        return finding("reply.handling_cover", cause=cause, site=site)
    name = row["planned_name"] if pd.notna(row["planned_name"]) else row["planned_id"]
    return finding("reply.handling_planned", cause=cause, site=site, planned=[str(name)])


def _reply(row: Mapping[str, Any]) -> Finding:
    """Return what the customers of a place were told: a draft of the work orders, without a promise."""
    return finding("reply.customer_coverage", area=str(row["place"]))


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a place."""
    rows = rows.assign(
        who=rows["caller"].fillna("ticket " + rows["ticket_id"]),
        indoor=(rows["cause"] == "indoor_coverage").astype("int64"),
    )
    main = rows.groupby(["key", "own"], as_index=False).size()
    main = main.sort_values(["size", "own"], ascending=[False, True]).drop_duplicates("key")
    found = rows.groupby("key").agg(
        lon=("lon", "mean"),
        lat=("lat", "mean"),
        complaints=("ticket_id", "size"),
        callers=("who", "nunique"),
        indoor=("indoor", "sum"),
        first_at=("created_at", "min"),
        last_at=("created_at", "max"),
        unserved=("unserved", "mean"),
        recent=("is_late", "sum"),
    )
    return found.assign(own=main.set_index("key")["own"].reindex(found.index))


def _described(found: pd.DataFrame, named: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Add names, the site that serves and the nearest planned site."""
    key = found.index.to_numpy(np.int64)
    has_name = key >= 0
    place, site = _rows(named, np.where(has_name, key, -1)), _rows(sites, found["own"])
    planned = sites[sites["status"] == "planned"].reset_index(drop=True)
    near, distance = _nearest(found, planned, PLANNED_M)
    plan = _rows(planned, near)
    table = found.reset_index(drop=True).assign(
        place=place["name"].where(has_name, site["site_name"]).fillna(site["site_id"]).fillna("?"),
        kind=place["kind"].where(has_name, "site"),
        county=place["county"].where(has_name, site["county"]),
        town=place["town"].where(has_name, site["town"]),
        site_id=site["site_id"],
        site_name=site["site_name"],
        users=site["users"],
        planned_id=plan["site_id"],
        planned_name=plan["site_name"],
        planned_on_air=plan["planned_on_air"],
        planned_km=distance / 1000.0,
    )
    table = table.assign(
        lon=table["lon"].round(PLACE_DIGITS),
        lat=table["lat"].round(PLACE_DIGITS),
        is_few=table["complaints"] < FEW,
    )
    order = ["callers", "complaints", "place"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _rows(table: pd.DataFrame, positions: pd.Series | Ints) -> pd.DataFrame:
    """Return rows by position, empty ones for -1."""
    return table.reindex(np.asarray(positions, dtype=np.int64)).reset_index(drop=True)


def _nearest(rows: pd.DataFrame, others: pd.DataFrame, most_m: float) -> tuple[Ints, Floats]:
    """Return the nearest of other points within a distance (-1: none) and how far it is in metres (NaN: none)."""
    if rows.empty or others.empty:
        return np.full(len(rows), -1, np.int64), np.full(len(rows), np.nan)
    middle = np.cos(np.radians(float(rows["lat"].mean())))
    metres = np.radians(1.0) * EARTH_RADIUS_M * np.array([middle, 1.0])
    tree = cKDTree(others[["lon", "lat"]].to_numpy(float) * metres)
    asked = rows[["lon", "lat"]].to_numpy(float) * metres
    distance, found = tree.query(asked, distance_upper_bound=most_m)
    is_found = np.isfinite(distance)
    return np.where(is_found, found, -1).astype(np.int64), np.where(is_found, distance, np.nan)
