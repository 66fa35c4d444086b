"""Lay out how incidents changed, which alarms they have, and what each is as a service problem, for the daybook.

First alert: what gave an incident away. Root cause: what is broken; its alarm is the first that it raised itself, or
one of its parts. The two need not be the same, so both are told [1]_.

Simple so far: laid out at the end of a run; an alarm that went into another incident stands with that one.

References
----------
.. [1] TM Forum TMF656 Service Problem Management v4.0.0: firstAlert ("not the root cause"), rootCauseResource,
   underlyingAlarm, affectedResource, impactImportanceFactor (0 to 100).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import severity_ranks
from contract.daybook import DAYBOOK
from correlate.covering import final_fault
from correlate.incident_rules import load_incident_rules
from correlate.incidents import Incident
from correlate.knowledge import Knowledge
from correlate.past_incidents import state_of
from correlate.state import State

NAMED = ("incident_changes", "incident_alarms", "problems")
Record = dict[str, Any]


def problem_tables(
    state: State, knowledge: Knowledge, alarms: pd.DataFrame, groups: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return the tables `incident_changes`, `incident_alarms` and `problems` of the daybook.

    Parameters
    ----------
    alarms : DataFrame
        The alarms of the bundle: `alarm_id`, `name`, `severity`, `cleared_at`.
    groups : mapping
        `alarm_groups` and `grouped_alarms` of the daybook.
    """
    own = _incident_alarms(state, knowledge, alarms, groups)
    return {
        "incident_changes": _changes(state),
        "incident_alarms": own,
        "problems": _problems(state, knowledge, own),
    }


def _changes(state: State) -> pd.DataFrame:
    """Return the changes of all incidents in order of time."""
    names = {number: i.incident_id for number, i in state.incidents.items()}
    records = [
        {
            "at": change.at,
            "incident_id": names[number],
            "rule": change.rule,
            "detail": change.detail or None,
            "evidence": change.evidence or None,
            "other_id": names.get(change.other),
        }
        for number, changes in state.life.changes.items()
        for change in changes
    ]
    return _framed("incident_changes", sorted(records, key=lambda r: (r["at"], r["incident_id"])))


def _incident_alarms(
    state: State, knowledge: Knowledge, alarms: pd.DataFrame, groups: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the alarms of incidents: those a fault holds, else those of a group that has an incident."""
    held = {
        alarm_id: state.incidents[number].incident_id
        for alarm_id, first in state.faults.of_alarm.items()
        if (number := final_fault(state, first)) in state.incidents
    }
    rows = groups["grouped_alarms"]
    by_group = groups["alarm_groups"].set_index("group_id")["incident_id"]
    incident = rows["alarm_id"].map(held).astype("str")
    rows = rows.assign(
        incident_id=incident.fillna(rows["group_id"].map(by_group).astype("str"))
    ).dropna(subset=["incident_id"])
    known = alarms.drop_duplicates("alarm_id", keep="last").set_index("alarm_id")
    told = known.reindex(rows["alarm_id"])[["name", "severity", "cleared_at"]]
    rows = rows.assign(**{name: told[name].to_numpy() for name in told})
    rows["cleared_at"] = pd.to_datetime(rows["cleared_at"], utc=True)
    incidents = {i.incident_id: i for i in state.incidents.values()}
    alert = rows["incident_id"].map({n: i.first_alert for n, i in incidents.items()})
    rows = rows.assign(
        is_first_alert=rows["alarm_id"] == alert, is_root_cause=_is_root(rows, incidents, knowledge)
    )
    rows = rows.sort_values(["incident_id", "raised_at", "alarm_id"], ignore_index=True)
    return rows[list(DAYBOOK["incident_alarms"].column_names)]


def _is_root(
    rows: pd.DataFrame, incidents: Mapping[str, Incident], knowledge: Knowledge
) -> pd.Series:
    """Tell which alarms are the first of what is broken itself, else the first of its parts."""
    root = rows["incident_id"].map({n: i.object_id for n, i in incidents.items()}).to_numpy(object)
    objects = rows["object_id"].to_numpy(object)
    cells = [str(name).split("/")[0] for name in objects]
    site_of = dict(
        zip(knowledge.cell_ids, knowledge.site_ids[knowledge.reach.site_of], strict=True)
    )
    is_itself = objects == root
    is_part = np.array([r in (c, site_of.get(c)) for c, r in zip(cells, root, strict=True)], bool)
    rank = severity_ranks(rows["severity"].astype("str").fillna("").to_numpy(dtype=object))
    order = pd.DataFrame(
        {"incident_id": rows["incident_id"], "apart": ~is_itself, "raised": rows["raised_at"],
         "rank": rank, "alarm_id": rows["alarm_id"]}
    )[is_itself | is_part]  # fmt: skip
    order = order.sort_values(["incident_id", "apart", "raised", "rank", "alarm_id"])
    first = order.drop_duplicates("incident_id").index
    return pd.Series(rows.index.isin(first), index=rows.index)


def _problems(state: State, knowledge: Knowledge, own: pd.DataFrame) -> pd.DataFrame:
    """Return each incident as a service problem."""
    roots = own[own["is_root_cause"]].set_index("incident_id")["alarm_id"]
    counts = own.groupby("incident_id").size()
    records = []
    for number, incident in state.incidents.items():
        name, last = incident.incident_id, state.versions[number][-1]
        records.append(
            {
                "incident_id": name,
                "state": state_of(incident, state.life.changes.get(number, [])),
                "first_alert": incident.first_alert,
                "first_sign": last.first_sign,
                "root_object_id": incident.object_id or None,
                "root_alarm_id": roots.get(name),
                "underlying_alarms": int(counts.get(name, 0)),
                "affected_sites": len(np.unique(knowledge.reach.site_of[incident.cells])),
                "affected_cells": len(incident.cells),
                "impact": impact(incident.users),
                "recurs_days": last.recurs_days,
                "frozen_at": incident.frozen_at,
                "merged_into": incident.merged_into or None,
                "split_from": incident.split_from or None,
            }
        )
    return _framed("problems", records)


def impact(users: float) -> float:
    """Return how important the impact of an incident is, 0 to 100, by the users it leaves without service.

    >>> impact(2500.0), impact(1e6)
    (25.0, 100.0)
    """
    full = load_incident_rules().limits.full_impact_users
    return min(100.0, 100.0 * users / full)


def _framed(name: str, records: list[Record]) -> pd.DataFrame:
    """Return records as a table of the daybook, seconds since 1970 as instants."""
    frame = pd.DataFrame(records, columns=list(DAYBOOK[name].column_names))
    for column in DAYBOOK[name].columns:
        if column.kind == "instant":
            values = pd.to_numeric(frame[column.name]).astype("Int64")
            frame[column.name] = pd.to_datetime(values, unit="s", utc=True)
    return frame
