"""Find the stretches of time from which data are missing, by county and maker.

Counters of a county and maker are missing in a period when less than half of them came within three hours of its end,
measured by the most that came in one of the periods of the day before. A feed of single rows (alarms, sightings,
complaints) is silent when its habit so far makes a silence that long less likely than one in a million.

Only what was known by then decides on a gap, so a report on a past day says what that day's engineers could see.

Simple so far: gaps of single sites are left to the faults; counters whose periods change length are not told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.bundles import Bundle
from contract.daybook import DAYBOOK
from correlate.instants import seconds

LATE_S = 3 * 3600
"""A row this long after its period's end counts as missing."""
LEAST_SHARE = 0.5
LEAST_CELLS = 3
NETWORK_SHARE = 0.8
DAY_S = 86400
BIN_S = 600
LEAST_SILENCE_BINS = 18
LEAST_HABIT_BINS = 50
NIGHT_FACTOR = 3.0
"""A feed may be this much quieter at night than in the mean."""
CHANCE = 1e-6
FEEDS: Mapping[str, str] = {"alarms": "vendor", "locations": "source", "complaints": ""}
"""Feeds of single rows, with the column that tells their sources apart."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def arrival_gaps(bundle: Bundle, zone: ZoneInfo) -> pd.DataFrame:
    """Return the gaps of a bundle, in the form of the daybook's table `gaps`.

    Parameters
    ----------
    bundle : Bundle
    zone : ZoneInfo
        Zone in which periods longer than an hour begin.
    """
    columns = list(DAYBOOK["gaps"].column_names)
    _, last = arrival_span(bundle.tables)
    parts = [pd.DataFrame({"table": sorted(n for n, t in bundle.tables.items() if t.empty)})]
    parts[0] = parts[0].assign(scope="network", share=1.0)
    if last is not None:
        end = int(last.timestamp())
        parts.append(counter_gaps(bundle.tables, end=end, zone=zone))
        parts += [
            silences(bundle.tables[name], name, label, end=end) for name, label in FEEDS.items()
        ]
    filled = [part.reindex(columns=columns).astype(object) for part in parts if len(part)]
    found = pd.concat(filled) if filled else pd.DataFrame(columns=columns)
    for name in ("since", "until", "known_at"):
        values = pd.to_numeric(found[name]).astype("Int64")
        found[name] = pd.to_datetime(values, unit="s", utc=True)
    return found.sort_values(["since", "table", "scope", "county", "vendor"], ignore_index=True)


def arrival_span(
    tables: Mapping[str, pd.DataFrame],
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return when the first row of alarms, counters or complaints arrived, and the last row of any table."""
    opening = [tables[n]["arrived_at"].min() for n in ("alarms", "kpi", "complaints")]
    any_row = [t["arrived_at"].max() for t in tables.values() if "arrived_at" in t]
    first = [at for at in opening if pd.notna(at)]
    last = [at for at in any_row if pd.notna(at)]
    return (min(first) if first else None, max(last) if last else None)


def counter_gaps(tables: Mapping[str, pd.DataFrame], *, end: int, zone: ZoneInfo) -> pd.DataFrame:
    """Return the periods in which counters of a county and maker are missing.

    Parameters
    ----------
    tables : mapping of DataFrame
        Needs `sites`, `cells` and `kpi`.
    end : int
        Last arrival of any table, seconds since 1970.

    Returns
    -------
    DataFrame
        Columns of the daybook's `gaps`; instants in seconds since 1970.
    """
    kpi = tables["kpi"]
    kpi = kpi[kpi["superseded_at"].isna()] if "superseded_at" in kpi else kpi
    if kpi.empty:
        return pd.DataFrame()
    groups, group = _groups(tables, kpi)
    start = seconds(kpi["start"])
    period = max(3600, int(kpi["minutes"].median() * 60))
    shift = int(pd.Timestamp(int(start[0]), unit="s", tz=zone).utcoffset().total_seconds())
    first = (int(start.min()) + shift) // period
    size = (
        max((int(start.max()) + shift) // period, (end - LATE_S + shift) // period - 1) - first + 1
    )
    number = (start + shift) // period - first
    arrived = seconds(kpi["arrived_at"])
    ends = (number + first + 1) * period - shift
    kept = (group >= 0) & (arrived <= ends + LATE_S)
    weight = kpi["minutes"].to_numpy(float)[kept] * 60.0 / period
    index = group[kept] * size + number[kept]
    seen = np.bincount(index, weight, len(groups) * size).astype(float)
    seen = seen.reshape(len(groups), size)
    expected = _most_before(seen, max(1, DAY_S // period))
    is_missing = (seen < LEAST_SHARE * expected) & (expected >= LEAST_CELLS)
    begins = (np.arange(size) + first) * period - shift
    is_missing &= begins + period + LATE_S <= end
    return _stretches(groups, (seen, expected, is_missing), begins, period=period)


def _groups(tables: Mapping[str, pd.DataFrame], kpi: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Return counties and makers, and the group of each row of counters (-1: cell unknown)."""
    sites = tables["sites"].drop_duplicates("site_id").set_index("site_id")[["county", "vendor"]]
    cells = tables["cells"][["cell_id", "site_id"]].drop_duplicates("cell_id")
    placed = cells.join(sites, on="site_id").fillna({"county": "", "vendor": ""})
    keys = placed[["county", "vendor"]].astype("str")
    groups = keys.drop_duplicates().sort_values(["county", "vendor"], ignore_index=True)
    numbers = pd.MultiIndex.from_frame(groups).get_indexer(pd.MultiIndex.from_frame(keys))
    of_cell = pd.Series(numbers, index=placed["cell_id"])
    category = kpi["cell_id"].astype("category")
    lookup = of_cell.reindex(category.cat.categories).fillna(-1).to_numpy(np.int64)
    return groups, lookup[category.cat.codes.to_numpy()]


def _most_before(seen: Floats, width: int) -> Floats:
    """Return for each group and period the most seen in one of the `width` periods before.

    >>> _most_before(np.array([[1.0, 3.0, 0.0, 2.0]]), 2).tolist()
    [[0.0, 1.0, 3.0, 3.0]]
    """
    wide = pd.DataFrame(seen.T).rolling(width, min_periods=1).max().shift(1).fillna(0.0)
    return np.asarray(wide.to_numpy(float).T)


def _stretches(
    groups: pd.DataFrame, counted: tuple[Floats, Floats, Bools], begins: Ints, *, period: int
) -> pd.DataFrame:
    """Return stretches of missing periods, told of the network or a maker where all of it is missing."""
    seen, expected, is_missing = counted
    at, group = np.nonzero(is_missing.T)
    if not len(at):
        return pd.DataFrame()
    rows = groups.iloc[group].reset_index(drop=True)
    rows = rows.assign(at=at, seen=seen[group, at], cells=expected[group, at])
    share = (expected * is_missing).sum(axis=0) / np.maximum(expected.sum(axis=0), 1e-9)
    is_network = (share >= NETWORK_SHARE)[at]
    is_vendor = ~is_network & _is_whole(groups["vendor"], is_missing, expected)[group, at]
    scope = np.where(is_network, "network", np.where(is_vendor, "vendor", "county"))
    makers = groups.groupby("county")["vendor"].transform("size").to_numpy()[group]
    rows["scope"] = scope
    rows["county"] = rows["county"].where(scope == "county", "")
    rows["vendor"] = rows["vendor"].where(
        (scope == "vendor") | ((scope == "county") & (makers > 1)), ""
    )
    keys = ["scope", "county", "vendor"]
    periods = rows.groupby([*keys, "at"], as_index=False)[["seen", "cells"]].sum()
    new = (periods.groupby(keys)["at"].diff() != 1).cumsum()
    found = periods.groupby(new).agg(
        scope=("scope", "first"), county=("county", "first"), vendor=("vendor", "first"),
        first=("at", "min"), last=("at", "max"), seen=("seen", "sum"), due=("cells", "sum"),
        cells=("cells", "max"),
    )  # fmt: skip
    last_begin = begins[found["last"].to_numpy()]
    is_open = found["last"].to_numpy() == len(begins) - 1
    return pd.DataFrame(
        {
            "table": "kpi",
            "scope": found["scope"],
            "county": found["county"].replace("", None),
            "vendor": found["vendor"].replace("", None),
            "cells": found["cells"].round(),
            "since": begins[found["first"].to_numpy()],
            "until": pd.Series(last_begin + period, index=found.index).astype(object).mask(is_open),
            "known_at": begins[found["first"].to_numpy()] + period + LATE_S,
            "share": 1.0 - found["seen"] / found["due"],
        }
    )


def _is_whole(vendor: pd.Series, is_missing: Bools, expected: Floats) -> Bools:
    """Tell for each group and period whether its maker misses all its counties, of two or more."""
    out = np.zeros_like(is_missing)
    for name in vendor.unique().tolist():
        mine = (vendor == name).to_numpy()
        due = expected[mine] >= LEAST_CELLS
        whole = (is_missing[mine] | ~due).all(axis=0) & (due.sum(axis=0) > 1)
        out[mine] = whole[None, :]
    return out


def silences(rows: pd.DataFrame, name: str, label: str, *, end: int) -> pd.DataFrame:
    """Return when a feed of single rows was silent for longer than its habit so far allows.

    Parameters
    ----------
    rows : DataFrame
        `arrived_at` and the column `label`.
    name : str
        Table, as told in the result.
    label : str
        Column that tells the sources of the feed apart; "" = one source.
    end : int
        Last arrival of any table, seconds since 1970.

    Returns
    -------
    DataFrame
        Columns of the daybook's `gaps`; instants in seconds since 1970.
    """
    if rows.empty:
        return pd.DataFrame()
    bins = seconds(rows["arrived_at"]) // BIN_S
    sources = rows[label].fillna("").astype("str") if label else pd.Series("", index=rows.index)
    codes, names = pd.factorize(sources, sort=True)
    found = [_silent(np.unique(bins[codes == code]), end=end) for code in range(len(names))]
    scopes = {"vendor": "vendor", "source": "source"}
    parts = [
        part.assign(
            table=name, scope=scopes.get(label, "network"), vendor=source or None, share=1.0
        )
        for part, source in zip(found, names, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def _silent(bins: Ints, *, end: int) -> pd.DataFrame:
    """Return the silences of one source: a feed active in a share p of the bins so far, a third of that at night."""
    following = np.append(bins[1:], end // BIN_S + 1)
    so_far = np.arange(1, len(bins) + 1)
    active = so_far / (bins - bins[0] + 1) / NIGHT_FACTOR
    needed = np.maximum(LEAST_SILENCE_BINS, np.ceil(np.log(CHANCE) / np.log1p(-active)))
    is_gap = (following - bins - 1 >= needed) & (so_far >= LEAST_HABIT_BINS)
    until = pd.Series(following[is_gap] * BIN_S).astype(object)
    known = (bins[is_gap] + 1 + needed[is_gap]) * BIN_S
    return pd.DataFrame(
        {
            "since": (bins[is_gap] + 1) * BIN_S,
            "until": until.mask(following[is_gap] * BIN_S > end),
            "known_at": known.astype(np.int64),
        }
    )
