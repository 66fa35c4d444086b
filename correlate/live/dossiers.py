"""Lay out what the ledger knows of one incident as the tables of a run, so that one dossier serves both.

Simple so far: all earlier incidents of the same family are read to find the same one before; which alarm is the root
is told by the object alone, not by its parts.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from contract.daybook import DAYBOOK
from contract.ledger import schema
from contract.ledger.county_scope import of_counties
from contract.ledger.store import AT_A_TIME
from contract.tables import OUTPUTS
from correlate.dossier import Record, dossier_of
from correlate.live.views import Row
from correlate.past_incidents import same_family

MOST_ALARMS, MOST_TICKETS = 2_000, 2_000


def live_dossier(
    connection: Connection,
    incident_id: str,
    *,
    zone: str,
    counties: Collection[str] = (),
    with_tickets: bool = True,
) -> Record | None:
    """Return everything that the ledger knows of an incident, as `correlate.dossier.dossier_of` does.

    Parameters
    ----------
    counties : collection of str
        Whoever asks sees what lies in these; empty: all.
    with_tickets : bool
        Whether whoever asks may see tickets.

    Returns
    -------
    dict or None
        None where there is none for who asks. Beside the keys of `dossier_of`: `evidence`, `sheets` (notices through
        all their revisions) and `said_due_at` (the repair time a person gave, seconds since 1970).
    """
    own = _rows(connection, schema.INCIDENTS, schema.INCIDENTS.c.incident_id == incident_id)
    if not own or (counties and own[0]["county"] not in counties):
        return None
    if not _rows(connection, schema.VERSIONS, schema.VERSIONS.c.incident_id == incident_id):
        return None
    tables = _tables(connection, incident_id, zone=zone, counties=counties)
    record = dossier_of(tables, incident_id)
    if with_tickets:
        told = [incident_id, *(str(one["incident_id"]) for one in record["past"]["rows"])]
        told += [str(one["incident_id"]) for one in record["links"]]
        listed_tickets = tickets_of(connection, told, counties=counties)
        record = dossier_of(tables | {"tickets": _framed("tickets", listed_tickets)}, incident_id)
    states = schema.INCIDENT_STATES
    (stands,) = _rows(connection, states, states.c.incident_id == incident_id) or [{}]
    sheets = schema.NOTICE_SHEETS
    listed = _rows(connection, sheets, sheets.c.incident_id == incident_id)
    kept = schema.INCIDENT_EVIDENCE
    evidence = _rows(connection, kept, kept.c.incident_id == incident_id)
    return record | {
        "evidence": json.loads(evidence[0]["content"]) if evidence else None,
        "sheets": [
            json.loads(row["content"]) for row in sorted(listed, key=lambda r: r["notice_id"])
        ],
        "said_due_at": stands.get("due_at"),
    }


def _tables(
    connection: Connection, incident_id: str, *, zone: str, counties: Collection[str]
) -> dict[str, pd.DataFrame]:
    """Return the tables that a dossier needs but tickets; of other incidents what its past and its links ask for."""
    of = {"versions": schema.VERSIONS, "incident_changes": schema.CHANGES}
    own = {n: _rows(connection, t, t.c.incident_id == incident_id) for n, t in of.items()}
    others = {row["other"] for row in own["incident_changes"]} - {None}
    rows_of = _concerned(connection, incident_id, others, counties)
    incidents = [row for row, _ in rows_of]
    stand = {row["incident_id"]: stands for row, stands in rows_of}
    told = {row["fault"]: row["incident_id"] for row in incidents}
    first = stand[incident_id].get("first_sign") or "alarm"
    reached = select(schema.STEPS.c.at).order_by(schema.STEPS.c.number.desc()).limit(1)
    notices = schema.NOTICES
    rows: dict[str, Sequence[Row]] = {
        "about": [{"zone": zone, "last_arrival": connection.execute(reached).scalar()}],
        "incidents": incidents,
        "problems": [_problem(row, stands) for row, stands in rows_of],
        "merges": _merges(connection, counties),
        "tickets": [],
        "interceptions": _rows(connection, notices, notices.c.incident_id == incident_id),
        "incident_alarms": _alarms(connection, incident_id, incidents),
        "versions": [row | {"first_sign": first} for row in own["versions"]],
        "incident_changes": [
            row | {"other_id": told.get(row["other"])} for row in own["incident_changes"]
        ],
    }
    return {name: _framed(name, listed) for name, listed in rows.items()}


def _concerned(
    connection: Connection, incident_id: str, others: Collection[int], counties: Collection[str]
) -> list[tuple[Row, Row]]:
    """Return an incident, those it was split from, merged with or that its changes name, and earlier ones like it.

    Parameters
    ----------
    others : collection of int
        Faults that its changes name.

    Returns
    -------
    list of (dict, dict)
        Each incident, and how it stands; that is empty until a step told it.
    """
    incidents, states = schema.INCIDENTS, schema.INCIDENT_STATES
    own = select(incidents).where(incidents.c.incident_id == incident_id)
    one = connection.execute(own).mappings().one()
    is_earlier = and_(
        incidents.c.started_at < one["started_at"],
        incidents.c.cause.in_(same_family(one["cause"])),
    )
    asked = (
        select(incidents, *[c.label(f"stands_{c.name}") for c in states.c])
        .join(states, states.c.incident_id == incidents.c.incident_id, isouter=True)
        .where(of_counties(incidents, counties))
        .where(
            or_(
                incidents.c.incident_id == incident_id,
                incidents.c.fault.in_(sorted(others)),
                states.c.merged_into == incident_id,
                states.c.split_from == incident_id,
                is_earlier,
            )
        )
        .order_by(incidents.c.incident_id)
    )
    found = []
    for row in connection.execute(asked).mappings():
        stands = {c.name: row[f"stands_{c.name}"] for c in states.c}
        known = stands if stands["incident_id"] is not None else {}
        found.append(({c.name: row[c.name] for c in incidents.c}, known))
    return found


def _merges(connection: Connection, counties: Collection[str]) -> list[Row]:
    """Return which incidents went into which."""
    incidents, states = schema.INCIDENTS, schema.INCIDENT_STATES
    asked = (
        select(states.c.incident_id, states.c.merged_into.label("into"))
        .join(incidents, incidents.c.incident_id == states.c.incident_id)
        .where(func.coalesce(states.c.merged_into, "") != "", of_counties(incidents, counties))
    )
    return [dict(row) for row in connection.execute(asked.order_by("incident_id")).mappings()]


def _problem(incident: Row, stands: Row) -> Row:
    """Return an incident as a row of `problems`; one that no step has told the state of yet stands as its end says."""
    state = "open" if incident["ended_at"] is None else "ended"
    kept = {name: incident[name] for name in ("incident_id", "first_alert")}
    return {"state": state, "impact": 0.0} | stands | kept


def _alarms(connection: Connection, incident_id: str, incidents: Sequence[Row]) -> list[Row]:
    """Return the alarms of an incident and of those that went into it, with which is the root and the first alert."""
    held, alarms = schema.INCIDENT_ALARMS, schema.ALARMS
    asked = (
        select(alarms)
        .join(held, held.c.alarm_id == alarms.c.alarm_id)
        .where(held.c.incident_id == incident_id)
        .order_by(alarms.c.raised_at, alarms.c.alarm_id)
        .limit(MOST_ALARMS)
    )
    incident = next(row for row in incidents if row["incident_id"] == incident_id)
    rows = [dict(row) for row in connection.execute(asked).mappings()]
    own = [row["alarm_id"] for row in rows if row["object_id"] == incident["object_id"]]
    return [
        row
        | {
            "incident_id": incident_id,
            "is_root_cause": row["alarm_id"] in own[:1],
            "is_first_alert": row["alarm_id"] == incident["first_alert"],
        }
        for row in rows
    ]


def tickets_of(
    connection: Connection, incident_ids: Sequence[str], *, counties: Collection[str]
) -> list[Row]:
    """Return the tickets of incidents with what they were closed as, by people and by closed orders."""
    tickets, faults = schema.TICKETS, schema.FAULT_INCIDENTS
    found: list[Row] = []
    for start in range(0, len(incident_ids), AT_A_TIME):
        asked = (
            select(tickets, faults.c.incident_id)
            .join(faults, faults.c.fault == tickets.c.fault)
            .where(faults.c.incident_id.in_(incident_ids[start : start + AT_A_TIME]))
            .where(of_counties(tickets, counties))
            .order_by(tickets.c.created_at, tickets.c.ticket_id)
            .limit(MOST_TICKETS)
        )
        found += [dict(row) for row in connection.execute(asked).mappings()]
    closed = _closed(connection, [str(row["ticket_id"]) for row in found])
    return [row | {"closed_as": closed.get(row["ticket_id"])} for row in found]


def _closed(connection: Connection, ticket_ids: Sequence[str]) -> dict[str, str]:
    """Return what tickets were closed as: the last that arrived of closed orders and of verdicts of people."""
    kept, found = schema.ARRIVALS, {}
    for start in range(0, len(ticket_ids), AT_A_TIME):
        part = ticket_ids[start : start + AT_A_TIME]
        asked = select(kept.c.payload).where(kept.c.stream == "verdicts", kept.c.key.in_(part))
        for payload in connection.execute(asked.order_by(kept.c.seq)).scalars():
            order = json.loads(payload)
            found[str(order["ticket_id"])] = str(order["cause"])
        acts = schema.ACTS
        verdicts = (
            select(acts.c.subject_id, acts.c.content)
            .where(acts.c.subject_kind == "ticket", acts.c.kind == "verdict")
            .where(acts.c.subject_id.in_(part))
        )
        for ticket_id, content in connection.execute(verdicts.order_by(acts.c.number)):
            found[str(ticket_id)] = str(json.loads(content)["cause"])
    return found


def _rows(connection: Connection, table: Table, *where: ColumnElement[bool]) -> list[Row]:
    """Return rows of a table in the order of its key."""
    asked = select(table).where(*where).order_by(*table.primary_key)
    return [{str(k): v for k, v in row.items()} for row in connection.execute(asked).mappings()]


def _framed(name: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Return rows of the ledger as a table of the contract or the daybook."""
    declared = OUTPUTS[name] if name in OUTPUTS else DAYBOOK[name]
    given = pd.DataFrame(rows, columns=None if rows else list(declared.column_names))
    frame = given.reindex(columns=list(declared.column_names))
    for column in declared.columns:
        if column.kind == "instant":
            values = pd.to_numeric(frame[column.name]).astype("Int64")
            frame[column.name] = pd.to_datetime(values, unit="s", utc=True)
    return frame
