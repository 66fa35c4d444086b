"""Tell from the lengths of the hotline's queues when agents are to be added and when the back office joins.

A queue that grows is often the first anyone hears of a large fault. The rules are rows of `hotline.csv`: more than so
many waiting for so many minutes. A reading holds until the next one of its queue, a quarter of an hour at most.

Simple so far: each queue by itself; what the rules ask for is told, who came is not known.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from contract.errors import InputError
from correlate.daily.side_tables import read_side_table

FILE = Path(__file__).with_name("hotline.csv")
HOLDS = pd.Timedelta(minutes=15)
COLUMNS = ("queue", "time", "waiting")


class QueueRule(NamedTuple):
    """A rule: more than `more_than` waiting for `minutes` asks for `action`."""

    action: str
    more_than: float
    minutes: float


@cache
def load_queue_rules(path: Path = FILE) -> tuple[QueueRule, ...]:
    """Return the rules, the mildest first.

    Raises
    ------
    InputError
        If the file lacks a column or holds something that is no number.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                QueueRule(r["action"], float(r["more_than"]), float(r["minutes"]))
                for r in csv.DictReader(file)
            ]
    except (KeyError, TypeError, ValueError) as error:
        msg = f"`hotline` needs columns action, more_than and minutes; {path.name}: {error!r}."
        raise InputError(msg) from error
    return tuple(sorted(rows, key=lambda rule: rule.more_than))


def read_queues(path: Path, zone: str) -> pd.DataFrame:
    """Return the readings of a file: `queue`, `time` (UTC) and `waiting` (callers), in order of time.

    Raises
    ------
    InputError
        If the file can't be read or lacks a column.
    """
    table = read_side_table(path, "hotline_queue", needed=COLUMNS, instants=("time",), zone=zone)
    waiting = pd.to_numeric(table["waiting"], errors="coerce")
    table = table.assign(waiting=waiting)[waiting >= 0]
    table = table.sort_values(["queue", "time"], kind="stable")
    return table.drop_duplicates(["queue", "time"], keep="last").reset_index(drop=True)


def queue_alerts(
    readings: pd.DataFrame, begin: pd.Timestamp, at: pd.Timestamp, zone: str
) -> pd.DataFrame:
    """Return when the queues asked for more hands between two instants, the latest first.

    Parameters
    ----------
    readings : DataFrame
        As `read_queues` gives them; those after `at` count nowhere.
    begin, at : Timestamp, zone-aware

    Returns
    -------
    DataFrame
        `queue`, `action`, `since` (the rule was met), `until` (null = still met at `at`), `worst` (most waiting).
    """
    rows = readings[(readings["time"] <= at) & (readings["time"] >= begin - pd.Timedelta(hours=1))]
    following = rows.groupby("queue")["time"].shift(-1)
    until = following.fillna(at.tz_convert("UTC")).clip(upper=rows["time"] + HOLDS)
    rows = rows.assign(until=until, is_last=following.isna())
    found = [_stretches(rows, rule) for rule in load_queue_rules()]
    table = pd.concat(found, ignore_index=True)
    table = table[(table["until"] > begin) | table["is_last"]]
    is_met = table["is_last"] & (table["until"] >= at.tz_convert("UTC"))
    told = table.assign(
        since=table["since"].dt.tz_convert(zone),
        until=table["until"].mask(is_met).dt.tz_convert(zone),
    )
    order = ["since", "queue", "worst"]
    return told.sort_values(order, ascending=[False, True, False], ignore_index=True)


def _stretches(rows: pd.DataFrame, rule: QueueRule) -> pd.DataFrame:
    """Return the stretches in which one rule was met, of readings that follow each other."""
    over = rows[rows["waiting"] > rule.more_than]
    last = over.groupby("queue")["until"].shift()
    number = (last.isna() | (over["time"] > last)).cumsum()
    spans = over.groupby(number).agg(
        queue=("queue", "first"),
        begin=("time", "min"),
        until=("until", "max"),
        worst=("waiting", "max"),
        is_last=("is_last", "max"),
    )
    since = spans["begin"] + pd.Timedelta(minutes=rule.minutes)
    spans = spans.assign(since=since, action=rule.action, is_last=spans["is_last"].astype(bool))
    kept = spans[(since < spans["until"]) | np.isclose(rule.minutes, 0.0)]
    return kept[["queue", "action", "since", "until", "worst", "is_last"]]
