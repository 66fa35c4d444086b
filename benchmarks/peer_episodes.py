"""Make episodes of flagged hours in the same plain way for every detector: runs, then sites, then neighbouring sites.

A run of a cell and measure begins with the first hour flagged in a row, opens where its detector says so and closes
after two quiet hours. Runs of one site that open within an hour of each other are one episode, and so are runs of one
measure that open in the same hour on neighbouring sites (the three nearest). What it is told to be is the surest
measure of it.

Simple so far: nothing is explained away, and the cause is read off one table.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from benchmarks.peer_detectors import Flags
from benchmarks.peer_hours import Hours

Array = Any
QUIET_H = 2
NEAREST = 3
CAUSES = {
    "present": "cell_outage",
    "availability": "cell_outage",
    "vswr": "antenna_fault",
    "ber": "transmission_errors",
    "ul_interference_dbm": "external_interference",
    "congestion_rate": "voice_congestion",
    "sd_congestion": "voice_congestion",
    "prb_utilisation": "data_congestion",
    "ho_success": "handover_fault",
    "setup_success": "parameter_error",
    "data_success": "data_link_fault",
    "drop_rate": "trx_fault",
    "cqi": "cochannel_interference",
    "throughput_mbps": "data_congestion",
    "setup_attempts": "low_power",
    "data_attempts": "low_power",
    "traffic_erl": "low_power",
    "active_users": "low_power",
    "data_mb": "low_power",
}
"""What a measure tells of, the surest first: the cause it is the plainest sign of (rule of this table)."""


def episodes_of(hours: Hours, flags: Mapping[str, Flags]) -> pd.DataFrame:
    """Return the episodes of a detector, in the columns of the daybook's table `episodes`."""
    runs = pd.concat([_runs(name, flag) for name, flag in flags.items()], ignore_index=True)
    known = hours.known_h[runs["cell"], runs["opened"]]
    closed = runs["closed"].to_numpy()
    until = np.where(closed >= 0, hours.known_h[runs["cell"], np.maximum(closed, 0)], np.nan)
    table = pd.DataFrame(
        {
            "cell": runs["cell"],
            "kind": runs["measure"],
            "hour": runs["opened"],
            "onset_at": _instants(hours, runs["onset"]),
            "opened_at": _instants(hours, known),
            "closed_at": _instants(hours, until),
        }
    )
    return joined(table, hours)


def joined(runs: pd.DataFrame, hours: Hours) -> pd.DataFrame:
    """Return runs of cells joined to episodes.

    Parameters
    ----------
    runs : DataFrame
        `cell` (position), `kind`, `hour` (number of the hour it opened in), `onset_at`, `opened_at`, `closed_at` (null:
        open).
    hours : Hours
        Names and places of the cells.
    """
    runs = runs.sort_values(["hour", "cell", "kind"], ignore_index=True)
    group = _groups(runs, hours)
    surest = {kind: rank for rank, kind in enumerate(CAUSES)}
    rank = runs["kind"].map(surest).fillna(len(surest))
    first = runs.assign(group=group, rank=rank).sort_values(["group", "rank"], kind="stable")
    kind = first.drop_duplicates("group").set_index("group")["kind"].sort_index()
    groups = runs.groupby(group)
    closed = groups["closed_at"].max().mask(runs["closed_at"].isna().groupby(group).any())
    names = pd.Series(hours.cell_id[runs["cell"]]).groupby(group)
    table = pd.DataFrame(
        {
            "kind": kind,
            "cause": kind.map(CAUSES).astype("str"),
            "object_id": names.first(),
            "cells": names.agg(lambda cells: "|".join(sorted(set(cells)))),
            "onset_at": groups["onset_at"].min(),
            "opened_at": groups["opened_at"].min(),
            "closed_at": closed,
            "strength": 1.0,
            "confidence": 1.0,
            "explained_by": pd.Series(None, kind.index, dtype="str"),
        }
    ).reset_index(drop=True)
    return table.assign(episode_id="P" + table.index.astype(str))


def _groups(runs: pd.DataFrame, hours: Hours) -> Array:
    """Return the number of the episode of each run."""
    code, names = pd.factorize(hours.site_id)
    site, hour = code[runs["cell"]], runs["hour"].to_numpy()
    order = np.lexsort((hour, site))
    is_next = (np.diff(site[order]) == 0) & (np.diff(hour[order]) <= 1)
    edges = [(order[:-1][is_next], order[1:][is_next])]
    here = pd.DataFrame({"run": runs.index, "site": site, "hour": hour, "kind": runs["kind"]})
    here = here.drop_duplicates(["site", "hour", "kind"])
    pairs = here.merge(_neighbours(hours, code, len(names)), on="site")
    both = pairs.merge(
        here.rename(columns={"run": "other_run", "site": "other"}), on=["other", "hour", "kind"]
    )
    edges.append((both["run"].to_numpy(), both["other_run"].to_numpy()))
    one, other = (np.concatenate([edge[side] for edge in edges]) for side in (0, 1))
    graph = sparse.coo_array((np.ones(len(one)), (one, other)), shape=(len(runs), len(runs)))
    return connected_components(graph, directed=False)[1]


def _neighbours(hours: Hours, code: Array, count: int) -> pd.DataFrame:
    """Return each site with the nearest others: `site`, `other`."""
    xy = np.zeros((count, 2))
    xy[code] = hours.xy
    near = min(NEAREST + 1, count)
    other = cKDTree(xy).query(xy, k=near)[1].reshape(count, near)
    table = pd.DataFrame({"site": np.repeat(np.arange(count), near), "other": other.ravel()})
    return table[table["site"] != table["other"]]


def _runs(name: str, flag: Flags) -> pd.DataFrame:
    """Return the runs of a measure: `cell`, `measure`, `onset`, `opened`, `closed` (hours; -1: open)."""
    cells, count = flag.flagged.shape
    quiet = np.full(cells, QUIET_H)
    onset, opened = np.zeros(cells, int), np.full(cells, -1)
    rows = []
    for hour in range(count):
        now = flag.flagged[:, hour]
        onset[now & (quiet >= QUIET_H) & (opened < 0)] = hour
        quiet = np.where(now, 0, quiet + 1)
        ends = np.flatnonzero((opened >= 0) & (quiet >= QUIET_H))
        rows.append(_rows(ends, onset[ends], opened[ends], hour))
        opened[ends] = -1
        opened[flag.opening[:, hour] & (opened < 0)] = hour
    last = np.flatnonzero(opened >= 0)
    rows.append(_rows(last, onset[last], opened[last], -1))
    return pd.DataFrame(np.concatenate(rows), columns=["cell", "onset", "opened", "closed"]).assign(
        measure=name
    )


def _rows(cells: Array, onset: Array, opened: Array, closed: int) -> Array:
    """Return runs side by side."""
    return np.stack([cells, onset, opened, np.full(len(cells), closed)], axis=1)


def _instants(hours: Hours, numbers: Array) -> pd.Series:
    """Return hours since the beginning as instants, null where there is none."""
    seconds = np.asarray(numbers, dtype=float) * 3600
    moments = hours.begin + pd.to_timedelta(pd.Series(seconds).round(), unit="s")
    return moments.astype("datetime64[us, UTC]")
