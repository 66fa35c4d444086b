"""Gather all that a run wrote of one incident: its life, alarms, complaints, notices, and the same trouble before.

Everything is as last known in the run; each change stands with the moment from which it was known.

Simple so far: the tables of the run are read whole for one incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from contract.daybook import DAYBOOK, FOLDER, read_result
from contract.errors import InputError
from contract.tables import OUTPUTS
from correlate.case.incident_story import past_finding, story
from correlate.past_incidents import Known, past_of, verdict_of

NAMED = (
    "about",
    "versions",
    "merges",
    "tickets",
    "incident_changes",
    "incident_alarms",
    "problems",
)
CONTRACT = ("incidents", "interceptions")
NEAREST = 3
TICKET_KEYS = (
    "ticket_id", "created_at", "place", "symptom", "cause", "probability", "covered_by",
    "closed_as",
)  # fmt: skip
NOTICE_KEYS = (
    "interception_id", "issued_at", "valid_until", "end_reason", "revises", "cause", "object_id",
    "users", "expected_complaints", "script",
)  # fmt: skip
ALARM_KEYS = (
    "alarm_id", "object_id", "name", "severity", "raised_at", "cleared_at", "group_id",
    "is_root_cause", "is_first_alert",
)  # fmt: skip
Tables = Mapping[str, pd.DataFrame]
Record = dict[str, Any]


def incident_dossier(out: Path, incident_id: str) -> Record:
    """Return everything that a run wrote of an incident, as `dossier_of` does.

    Parameters
    ----------
    out : Path
        What `cellcause run` wrote.

    Raises
    ------
    InputError
        If `out` is not what a run wrote, or has no such incident; the nearest ids are named.
    """
    run = {name: read_result(out, f"{FOLDER}/{name}", DAYBOOK[name]) for name in NAMED}
    run |= {name: read_result(out, name, OUTPUTS[name]) for name in CONTRACT}
    names = run["incidents"]["incident_id"].tolist()
    if incident_id not in names:
        raise InputError(_unknown(incident_id, names, out))
    return dossier_of(run, incident_id)


def dossier_of(run: Tables, incident_id: str) -> Record:
    """Return everything that tables tell of an incident, as plain data; instants ISO 8601 in the zone of the run.

    Parameters
    ----------
    run : mapping of table name to DataFrame
        `incidents` and `interceptions` of the contract; `about`, `versions`, `merges`, `tickets`, `incident_changes`,
        `incident_alarms` and `problems` of the daybook.
    incident_id : str
        One that `incidents`, `versions` and `problems` have.

    Returns
    -------
    dict
        Keys of the rows of `incidents`, `problems` and the last version, and `changes` (see
        `correlate.case.incident_story.story`), `alarms`, `tickets`, `notices`, `past` (`same`, `times`, `rows`,
        `said`), `links` (incidents that went into it or were split from it), `known_until`.
    """
    about = run["about"].iloc[0]
    zone = str(about["zone"])
    tickets = _own_tickets(run, incident_id)
    record = _facts(run, incident_id, zone)
    record |= {
        "changes": story(_rows(run["incident_changes"], incident_id, zone)),
        "alarms": _rows(run["incident_alarms"], incident_id, zone, keys=ALARM_KEYS),
        "tickets": [_plain(row, zone, TICKET_KEYS) for row in tickets.to_dict("records")],
        "notices": _rows(run["interceptions"], incident_id, zone, keys=NOTICE_KEYS),
        "past": _past(run, incident_id, zone),
        "links": _links(run["problems"], incident_id),
        "known_until": _value(about["last_arrival"], zone),
    }
    return record | {"first": _first_alert(record, run["tickets"], zone)}


def _unknown(incident_id: str, names: list[str], out: Path) -> str:
    """Return the message for an incident there is not."""
    near = get_close_matches(incident_id, names, n=NEAREST, cutoff=0.5) or names[:NEAREST]
    told = f"nearest: {', '.join(near)}" if near else "the run found none at all"
    return (
        f"`incident` {incident_id!r} is none of the {len(names)} incidents of {out.name!r}; {told}. "
        "incidents.csv lists them."
    )


def _value(value: Any, zone: str) -> Any:
    """Return a value as plain data: nothing as None, an instant as ISO 8601 in a zone."""
    if isinstance(value, pd.Timestamp):
        return None if pd.isna(value) else value.tz_convert(zone).isoformat()
    if value is None or (not isinstance(value, list | str) and pd.isna(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def _plain(row: Mapping[str, Any], zone: str, keys: tuple[str, ...]) -> Record:
    """Return some values of a row as plain data."""
    return {key: _value(row[key], zone) for key in keys}


def _rows(
    table: pd.DataFrame, incident_id: str, zone: str, *, keys: tuple[str, ...] = ()
) -> list[Record]:
    """Return the rows of an incident as plain data."""
    own = table[table["incident_id"] == incident_id]
    kept = keys or tuple(name for name in table if name != "incident_id")
    return [_plain(row, zone, kept) for row in own.to_dict("records")]


def _facts(run: Tables, incident_id: str, zone: str) -> Record:
    """Return what is known of an incident as a whole."""
    versions = run["versions"].sort_values("at", kind="stable")
    last = _rows(versions, incident_id, zone)[-1]
    (row,) = _rows(run["incidents"], incident_id, zone)
    (problem,) = _rows(run["problems"], incident_id, zone)
    record = {"incident_id": incident_id} | last | row | problem
    record["cells"] = row["cells"].split("|") if row["cells"] else []
    record["site_ids"] = last["site_ids"].split("|") if last["site_ids"] else []
    del record["at"]
    return record


def _own_tickets(run: Tables, incident_id: str) -> pd.DataFrame:
    """Return the tickets of an incident and of those that went into it."""
    merges = dict(zip(run["merges"]["incident_id"], run["merges"]["into"], strict=True))
    mine = {incident_id}
    while more := {one for one, into in merges.items() if into in mine} - mine:
        mine |= more
    tickets = run["tickets"]
    return tickets[tickets["incident_id"].isin(mine)].sort_values(["created_at", "ticket_id"])


def _links(problems: pd.DataFrame, incident_id: str) -> list[Record]:
    """Return the incidents that went into one, or were split from it."""
    told = []
    for kind in ("merged_into", "split_from"):
        others = problems.loc[problems[kind] == incident_id, "incident_id"]
        told += [{"kind": kind, "incident_id": other} for other in others.tolist()]
    return told


def _first_alert(record: Record, tickets: pd.DataFrame, zone: str) -> Record:
    """Return what gave an incident away: its sort, id, and what is known of it."""
    alert, sort = str(record["first_alert"]), str(record["first_sign"])
    told: Record = {"sort": sort, "id": alert, "at": None, "object_id": None, "name": None}
    alarm = next((a for a in record["alarms"] if a["alarm_id"] == alert), None)
    complaints = tickets[tickets["ticket_id"] == alert].to_dict("records")
    if alarm is not None:
        return told | {
            "at": alarm["raised_at"],
            "object_id": alarm["object_id"],
            "name": alarm["name"],
        }
    if complaints:
        created, place = complaints[0]["created_at"], complaints[0]["place"]
        return told | {"at": _value(created, zone), "name": _value(place, zone)}
    cell, _, start = alert.rpartition("@")
    return told | {"at": start, "object_id": cell} if cell else told


def _past(run: Tables, incident_id: str, zone: str) -> Record:
    """Return the same incident in the past, with how it ended and what its orders were closed with."""
    known = {one.incident_id: one for one in _known(run)}
    past = past_of(known[incident_id], known.values())
    rows = [_past_row(run, one, zone) for one in past.listed]
    found = {"same": past.same, "times": len(past.earlier), "rows": rows}
    return found | {"said": past_finding(found)}


def _known(run: Tables) -> list[Known]:
    """Return all incidents as they were last known."""
    rows = run["incidents"].merge(run["problems"][["incident_id", "state"]], on="incident_id")
    return [
        Known(
            incident_id=row.incident_id,
            cause=row.cause,
            object_id="" if pd.isna(row.object_id) else row.object_id,
            cells=frozenset(row.cells.split("|")) if isinstance(row.cells, str) else frozenset(),
            started_at=row.started_at.timestamp(),
            ended_at=None if pd.isna(row.ended_at) else row.ended_at.timestamp(),
            state=row.state,
        )
        for row in rows.itertuples()
    ]


def _past_row(run: Tables, one: Known, zone: str) -> Record:
    """Return an incident of the past as plain data."""
    orders = _own_tickets(run, one.incident_id)["closed_as"].dropna().tolist()
    closed_as, count = verdict_of(orders)
    ends = [None if at is None else pd.Timestamp(at, unit="s", tz="UTC")
            for at in (one.started_at, one.ended_at)]  # fmt: skip
    return {
        "incident_id": one.incident_id,
        "cause": one.cause,
        "object_id": one.object_id or None,
        "started_at": _value(ends[0], zone),
        "ended_at": _value(ends[1], zone),
        "state": one.state,
        "closed_as": closed_as or None,
        "closed_count": count,
        "orders": len(orders),
    }
