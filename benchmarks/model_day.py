"""Make up a province day: its inventory and places, alarms, episodes of its counters and complaints, seeded.

Sites, trees and alarms are those of `benchmarks.alarm_days`; counties lie on a grid, towns and villages in them. One
cell in a hundred shows trouble of its own in the counters at any time, and cells whose alarm says they are down are
lost to the counters. Half of the complaints come from where something is down, the others from anywhere.

Simple so far: shares are judgement; a complaint names the town nearest to its site, in one of a dozen wordings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from benchmarks.alarm_days import DAY_S, LAYERS, START, Country, country, day_of_alarms
from benchmarks.big_country import STEMS
from correlate.feed import CounterRows, Scored
from correlate.kind_trust import KIND_NAMES
from kpi.measures import MEASURES

SITES, ALARMS, COMPLAINTS = 100_000, 1_000_000, 20_000
SITES_PER_COUNTY, PLACES_PER_COUNTY = 700, 40
HOUR = 3600
STEP_S = 300
DELAY_S = 20 * 60
TROUBLED = 0.01
"""Share of the cells that show trouble of their own at any time."""
LASTS_H = 4.0
NEAR_TROUBLE = 0.5
"""Share of the complaints that come from where something is down."""
WORDS = (
    "手机没有信号,打不通电话", "手机上不了网,有信号", "通话中掉话", "上网速度很慢", "电话打不出去,提示网络忙",
    "从今天早上开始没信号", "周围用户都打不了电话", "信号弱,室内打电话断断续续", "无法使用数据业务", "听不见对方声音",
)  # fmt: skip
SHARE_COORDINATES, SHARE_SEEN = 0.4, 0.5
PHONE_M, METRES_PER_DEGREE = 400.0, 111_320.0

Arrays = Any


@dataclass(frozen=True)
class Day:
    """What a province day is made of: the network, and how much of everything there is."""

    place: Country
    sites: pd.DataFrame
    places: pd.DataFrame
    alarms: int
    complaints: int


def make_day(share: float, *, seed: int = 11) -> Day:
    """Return a share of the province day: 100,000 sites, 1,000,000 alarms, 20,000 complaints at 1.0.

    Examples
    --------
    >>> day = make_day(0.001)
    >>> len(day.place.network.cells), day.alarms, day.complaints
    (500, 1000, 20)
    """
    place = country(max(20, int(SITES * share)))
    at = place.network.sites[["site_id", "site_name", "lon", "lat"]].copy()
    places = _places(at, np.random.default_rng(seed))
    spots, known = at[["lon", "lat"]].to_numpy(float), places[["lon", "lat"]].to_numpy(float)
    nearest = places.iloc[cKDTree(known).query(spots)[1]]
    at["county"], at["town"] = nearest["county"].to_numpy(object), nearest["town"].to_numpy(object)
    at["vendor"], at["grade"], at["status"] = "Huawei", "C", "live"
    return Day(place, at, places, int(ALARMS * share), max(10, int(COMPLAINTS * share)))


def write_day(day: Day, folder: Path, *, seed: int = 13) -> pd.DataFrame:
    """Write the day as a bundle without counters; return its alarms."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    alarms = day_of_alarms(day.place, day.alarms)
    alarms = alarms[alarms["raised_at"] < START + pd.Timedelta(seconds=DAY_S)]
    tables = {
        "sites": day.sites,
        "cells": _cells(day, rng),
        "links": day.place.links,
        "places": day.places,
        "alarms": alarms.drop(columns="clear_arrived_at").rename(
            columns={"arrived_at": "received_at"}
        ),
        "complaints": _complaints(day, alarms, rng),
    }
    tables["locations"] = _locations(day, tables["complaints"], rng)
    tables["complaints"] = tables["complaints"].drop(columns="cell")
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    return alarms


def scored_day(
    alarms: pd.DataFrame, position: dict[str, int], *, seed: int = 17
) -> dict[int, Scored]:
    """Return the counters of each hour of the day as scored already, by the step that delivers them.

    Parameters
    ----------
    alarms : DataFrame
        As `write_day` returned it.
    position : dict
        Position of each cell id in the network.
    """
    rng = np.random.default_rng(seed)
    size = len(position)
    begin = int(START.timestamp())
    spans = pd.concat([_lost(alarms, position, begin), _troubles(size, rng)], ignore_index=True)
    spans = spans.drop_duplicates(["cell", "kind", "onset"]).sort_values(["cell", "kind", "onset"])
    found = {}
    for hour in range(24):
        start, end = begin + hour * HOUR, begin + (hour + 1) * HOUR
        shows = (spans["onset"] < end - HOUR // 2) & (spans["end"] > end - HOUR // 2)
        rows = spans[shows].drop_duplicates(["cell", "kind"], keep="last")
        periods = CounterRows(
            np.arange(size), np.full(size, start), np.full(size, 60, np.int64), {}
        )
        step = -(-(end + DELAY_S) // STEP_S)
        found[step] = Scored(periods, _episodes(rows, end))
    return found


def _places(at: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return a seat, towns and villages for each county of a grid."""
    side = max(1, round(np.sqrt(len(at) / SITES_PER_COUNTY)))
    low, high = at[["lon", "lat"]].min().to_numpy(), at[["lon", "lat"]].max().to_numpy()
    counties, letters = side * side, len(STEMS)
    pairs = rng.permutation(letters * letters)[:counties]
    names = np.array([STEMS[p // letters] + STEMS[p % letters] for p in pairs], dtype=object)
    of = np.repeat(np.arange(counties), PLACES_PER_COUNTY)
    within = np.tile(np.arange(PLACES_PER_COUNTY), counties)
    cell = np.column_stack([of % side, of // side]) + rng.random((len(of), 2))
    lon, lat = (low + cell / side * (high - low)).T
    drawn = np.array(list(STEMS), dtype=object)[rng.integers(0, letters, (len(of), 2))]
    kind = np.where(within == 0, "seat", np.where(within < 10, "town", "village"))
    ending = np.where(within == 0, "县", np.where(within < 10, "镇", "村")).astype(object)
    name = np.where(within == 0, names[of] + "县", drawn[:, 0] + drawn[:, 1] + ending)
    return pd.DataFrame(
        {
            "name": name, "lon": lon, "lat": lat, "kind": kind,
            "county": names[of] + "县", "town": np.where(kind == "town", name, ""),
        }
    )  # fmt: skip


def _cells(day: Day, rng: np.random.Generator) -> pd.DataFrame:
    """Return the cells as the contract has them."""
    columns = ["cell_id", "cell_name", "rat", "freq_mhz", "azimuth_deg", "bcch_trx"]
    known = day.place.network.cells
    table = known[[name for name in columns if name in known]].copy()
    ids = day.place.network.sites["site_id"].to_numpy(object)
    table["site_id"] = ids[known["site"].to_numpy()]
    users = np.exp(rng.normal(4.5, 0.6, len(table))).round()
    return table.assign(
        height_m=30.0, eirp_dbm=58.0, beamwidth_deg=65.0, downtilt_deg=5.0, indoor=0, users=users
    )


def _down(alarms: pd.DataFrame) -> pd.DataFrame:
    """Return the alarms that say a site or cell is down."""
    return alarms[alarms["name"].isin(["NE Is Disconnected", "Cell Unavailable"])]


def _complaints(day: Day, alarms: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the complaints of the day, with the cell each comes from."""
    count, sites = day.complaints, day.place.network.sites
    down = _down(alarms).iloc[rng.integers(0, len(_down(alarms)), count)]
    near = rng.random(count) < NEAR_TROUBLE
    lag = rng.exponential(HOUR, count)
    begun = (down["raised_at"] - START).dt.total_seconds().to_numpy()
    at = np.where(near, np.minimum(begun + lag, DAY_S - 1), rng.integers(0, DAY_S, count))
    site_at = dict(zip(sites["site_id"], range(len(sites)), strict=True))
    named = down["object_id"].str.split("-").str[0].map(site_at).fillna(0).to_numpy(int)
    site = np.where(near, named, rng.integers(0, len(sites), count))
    rows, spread = day.sites.iloc[site], PHONE_M / METRES_PER_DEGREE
    given = rng.random(count) < SHARE_COORDINATES
    text = np.array(WORDS, dtype=object)[rng.integers(0, len(WORDS), count)]
    table = pd.DataFrame(
        {
            "ticket_id": [f"T{number:06d}" for number in range(count)],
            "created_at": START + pd.to_timedelta(np.floor(at), unit="s"),
            "text": "客户反映" + rows["town"].to_numpy(object) + text,
            "msisdn": [f"139{number:08d}" for number in range(count)],
            "address": rows["county"].to_numpy(object) + rows["town"].to_numpy(object),
            "county": rows["county"].to_numpy(object),
            "lon": np.where(given, rows["lon"] + rng.normal(0, spread, count), np.nan),
            "lat": np.where(given, rows["lat"] + rng.normal(0, spread, count), np.nan),
            "crs": "wgs84",
            "cell": site * len(LAYERS) + rng.integers(0, len(LAYERS), count),
        }
    )
    return table.sort_values(["created_at", "ticket_id"], ignore_index=True)


def _locations(day: Day, complaints: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return where every other number was seen, within two days before it complained."""
    seen = complaints[rng.random(len(complaints)) < SHARE_SEEN]
    ago = pd.to_timedelta(rng.integers(60, 48 * HOUR, len(seen)), unit="s")
    ids = day.place.network.cells["cell_id"].to_numpy(object)[seen["cell"].to_numpy()]
    columns = {"msisdn": seen["msisdn"], "seen_at": seen["created_at"] - ago, "cell_id": ids}
    return pd.DataFrame(columns).assign(source="mme")


def _lost(alarms: pd.DataFrame, position: dict[str, int], begin: int) -> pd.DataFrame:
    """Return the spans for which cells are lost: their own alarm or their site's says they are down."""
    down = _down(alarms).drop_duplicates("alarm_id")
    start = down["raised_at"].astype("int64").to_numpy() // 1_000_000
    end = down["cleared_at"].fillna(down["raised_at"] + pd.Timedelta(hours=6))
    until = end.astype("int64").to_numpy() // 1_000_000
    names = down["object_id"].to_numpy(object)
    parts = []
    for layer in range(len(LAYERS)):
        ids = [name if "-" in name else f"{name}-{layer}" for name in names]
        cell = np.array([position.get(name, -1) for name in ids])
        parts.append(pd.DataFrame({"cell": cell, "onset": start, "end": until}))
    spans = pd.concat(parts, ignore_index=True)
    spans = spans[(spans["cell"] >= 0) & (spans["onset"] >= begin)]
    return spans.assign(kind="cell_lost")


def _troubles(size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return spans of trouble that counters alone show."""
    count = int(TROUBLED * size * 24.0 / LASTS_H)
    onset = int(START.timestamp()) + rng.integers(0, 24, count) * HOUR
    lasts = np.ceil(rng.exponential(LASTS_H, count)).astype(np.int64) * HOUR
    kinds = np.array([name for name in KIND_NAMES if name != "cell_lost"], dtype=object)
    kind = kinds[rng.integers(0, len(kinds), count)]
    cell = rng.integers(0, size, count)
    return pd.DataFrame({"cell": cell, "onset": onset, "end": onset + lasts, "kind": kind})


def _episodes(rows: pd.DataFrame, now: int) -> pd.DataFrame:
    """Return spans as the table of open episodes at a moment."""
    table = pd.DataFrame({"cell": rows["cell"].to_numpy(), "kind": rows["kind"].to_numpy(str)})
    first = rows["onset"].to_numpy() // HOUR * HOUR
    ends = {
        "onset_at": rows["onset"],
        "opened_at": first + HOUR,
        "last_at": np.full(len(rows), now),
    }
    for name, values in {**ends, "first_period_at": first}.items():
        table[name] = pd.to_datetime(np.asarray(values), unit="s", utc=True).as_unit("us")
    table["closed_at"] = pd.Series(pd.NaT, index=table.index, dtype="datetime64[us, UTC]")
    hours = np.maximum(1.0, (now - rows["onset"].to_numpy()) / HOUR)
    table["strength"], table["confidence"] = 8.0 * hours, 1.0 - 0.4 * np.exp(-hours)
    moved = {"z": 4.0, "change": -0.5}
    sign = np.array([1.0 if m.direction == "high" else -1.0 for m in MEASURES])
    for name, size in moved.items():
        for i, measure in enumerate(MEASURES):
            is_own = (np.arange(len(rows)) + i) % 5 == 0
            table[f"{name}_{measure.name}"] = np.where(is_own, size * sign[i], np.nan)
    return table
