"""Lay out the groups of alarms of a run, and how they changed, for the daybook.

Simple so far: laid out at the end of a run, from all groups there ever were; a service that never ends has to write
ended groups down as it goes and forget them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import SEVERITIES, alarm_keys, severity_ranks
from alarms.groups import AlarmGroup, GroupBook
from contract.daybook import DAYBOOK
from correlate.knowledge import Knowledge
from correlate.state import State

NAMED = ("alarm_groups", "grouped_alarms", "group_changes")
_SITES_LISTED, _NAMES_LISTED = 300, 20
_AS_IT_IS = ("object_id", "kind", "rule", "service_effect", "is_planned")
Record = dict[str, Any]


def group_tables(
    state: State, knowledge: Knowledge, alarms: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the tables `alarm_groups`, `grouped_alarms` and `group_changes` of the daybook.

    Parameters
    ----------
    alarms : DataFrame
        The alarms of the bundle: `alarm_id`, `severity`, `raised_at`.
    """
    book = state.groups
    grouped = grouped_alarms(book, alarms)
    told = _told_by_alarms(grouped, alarms)
    records = [
        _record(book.groups[name], told.get(name, {}), state, knowledge)
        for name in sorted(book.groups)
    ]
    changes = [
        {"at": change.at, "group_id": change.group_id, "rule": change.rule, "detail": change.detail}
        for change in book.changes
    ]
    return {
        "alarm_groups": _framed("alarm_groups", records),
        "grouped_alarms": grouped,
        "group_changes": _framed("group_changes", changes),
    }


def grouped_alarms(book: GroupBook, alarms: pd.DataFrame) -> pd.DataFrame:
    """Return the alarms with the group each was last in, by `alarm_id`.

    Parameters
    ----------
    book : GroupBook
    alarms : DataFrame
        With `alarm_id`, `object_id`, `raised_at`.

    Returns
    -------
    DataFrame
        `alarm_id`, `object_id`, `raised_at`, `group_id`: of a group that ended in another, that
        other; null for none.
    """
    once = alarms.drop_duplicates("alarm_id", keep="last").sort_values("alarm_id")
    once = once[["alarm_id", "object_id", "raised_at"]].reset_index(drop=True)
    keys = alarm_keys(once["alarm_id"].to_numpy(dtype=object)).tolist()
    found = [book.last.get(key) for key in keys]
    final = {name: final_group(book, name) for name in set(found) if name is not None}
    groups = [None if name is None else final[name] for name in found]
    return once.assign(group_id=pd.Series(groups, dtype="str"))


def final_group(book: GroupBook, name: str) -> str:
    """Return the group that a group went on as."""
    seen = {name}
    while (into := book.groups[name].merged_into) and into not in seen:
        seen.add(into)
        name = into
    return name


def _told_by_alarms(grouped: pd.DataFrame, alarms: pd.DataFrame) -> dict[str, Record]:
    """Return how many alarms each group has, their worst severity and when the first was raised."""
    known = grouped.dropna(subset="group_id")
    once = alarms.drop_duplicates("alarm_id", keep="last").set_index("alarm_id")
    own = once.reindex(known["alarm_id"])
    rank = severity_ranks(own["severity"].astype("str").fillna("").to_numpy(dtype=object))
    raised = own["raised_at"].to_numpy(dtype="datetime64[us]").view(np.int64)
    frame = pd.DataFrame({"group_id": known["group_id"].to_numpy(), "rank": rank, "raised": raised})
    sums = frame.groupby("group_id").agg(
        alarms=("rank", "size"), rank=("rank", "min"), raised=("raised", "min")
    )
    return {str(row.Index): row._asdict() for row in sums.itertuples()}


def _record(group: AlarmGroup, told: Record, state: State, knowledge: Knowledge) -> Record:
    """Return a group as a row."""
    row = group.row
    causes = row["causes"]
    cause = min(causes, key=lambda name: (-causes[name], name), default=None)
    rank = told.get("rank", len(SEVERITIES))
    record: Record = {name: row[name] for name in _AS_IT_IS}
    record |= {name: getattr(group, name) for name in ("group_id", "opened_at", "changed_at")}
    record |= {name: getattr(group, name) for name in ("frozen_at", "ended_at")}
    return record | {
        "change_rule": group.rule,
        "cause": cause,
        "chance": None if cause is None else min(1.0, float(causes[cause])),
        "site_ids": "|".join(
            str(name) for name in knowledge.site_ids[list(row["sites"][:_SITES_LISTED])]
        ),
        "sites": len(row["sites"]),
        "cells": len(row["cells"]),
        "alarms": told.get("alarms", 0),
        "names": "|".join(row["names"][:_NAMES_LISTED]),
        "severity": SEVERITIES[rank] if rank < len(SEVERITIES) else None,
        "started_at": min(row["began_at"], told.get("raised", row["began_at"])),
        "merged_into": group.merged_into or None,
        "split_from": group.split_from or None,
        "incident_id": _incident_id(group, state),
    }


def _incident_id(group: AlarmGroup, state: State) -> str | None:
    """Return the incident of the alarms of a group: of the oldest fault that became one."""
    numbers = {state.faults.of_alarm.get(alarm_id) for alarm_id in group.row["alarm_ids"]}
    for number in sorted(number for number in numbers if number is not None):
        while number not in state.incidents and number in state.faults.merged_into:
            number = state.faults.merged_into[number]
        if number in state.incidents:
            return state.incidents[number].incident_id
    return None


def _framed(name: str, records: list[Record]) -> pd.DataFrame:
    """Return records as a table of the daybook, microseconds since 1970 as instants."""
    frame = pd.DataFrame(records, columns=list(DAYBOOK[name].column_names))
    for column in DAYBOOK[name].columns:
        if column.kind == "instant":
            values = pd.to_numeric(frame[column.name]).astype("Int64")
            frame[column.name] = pd.to_datetime(values, unit="us", utc=True)
    return frame
