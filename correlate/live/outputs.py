"""Lay out what a step issued, and what changed of what stands, as rows of the ledger.

Simple so far: all that stands is laid out anew after each step and compared with what was written last.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Table

from contract.ledger import schema
from contract.privacy import masked_number
from correlate.covering import covering_of, final_fault, notices_by_fault
from correlate.daybook import PLACE_DIGITS, told_record
from correlate.knowledge import Knowledge
from correlate.live.incident_outputs import incident_alarms, incident_evidence, incident_states
from correlate.notices.tables import notice_records
from correlate.state import State
from correlate.step import Issued
from correlate.tabling import incident_table, notice_table
from correlate.tickets import Ticket

Row = Mapping[str, Any]


@dataclass
class Written:
    """What stands in the ledger, by table and key; empty after a start, so that all is written once more."""

    rows: dict[str, dict[object, tuple[Any, ...]]] = field(default_factory=dict)

    def changed(
        self, name: str, rows: Mapping[object, Row], *, held: Collection[object] | None = None
    ) -> list[Row]:
        """Return the rows that differ from what was written last, and take them as written.

        Parameters
        ----------
        rows : mapping of key to row
            All of the same columns in the same order.
        held : collection of keys, optional
            Of all that stands, where `rows` are only what may have changed; what stands no longer is forgotten.
        """
        known = self.rows.setdefault(name, {})
        changed = {key: row for key, row in rows.items() if known.get(key) != tuple(row.values())}
        known.update((key, tuple(row.values())) for key, row in changed.items())
        kept = rows if held is None else held
        if len(known) > len(kept):
            self.rows[name] = {key: values for key, values in known.items() if key in kept}
        return list(changed.values())


def issued_rows(issued: Issued) -> dict[Table, list[Row]]:
    """Return the rows that a step issued, never to be changed."""
    diagnoses, serving, outcomes = schema.DIAGNOSES, schema.SERVING_CELLS, schema.ACT_OUTCOMES
    return {
        diagnoses: [_only(diagnoses, row) for row in issued.diagnoses],
        serving: [_only(serving, row) for row in issued.serving_cells],
        outcomes: [_only(outcomes, row) for row in issued.acts],
    }


def standing_rows(
    state: State, knowledge: Knowledge, written: Written, fresh: Sequence[Ticket]
) -> dict[Table, list[Row]]:
    """Return the rows of what stands that differ from what was written last.

    Parameters
    ----------
    fresh : sequence of Ticket
        Tickets that came with the step.
    """
    incidents = _incidents(state, knowledge)
    notices = {row["interception_id"]: row for row in _records(notice_table(state, knowledge))}
    told = {
        schema.INCIDENTS: incidents,
        schema.FAULT_INCIDENTS: _fault_incidents(state),
        schema.NOTICES: {key: _only(schema.NOTICES, row) for key, row in notices.items()},
        schema.NOTICE_SHEETS: _notice_sheets(state, knowledge),
        schema.TICKETS: _tickets(state, knowledge, _meant(state, written, fresh)),
        schema.VERSIONS: _versions(state, knowledge),
        schema.CHANGES: _changes(state),
        schema.INCIDENT_STATES: incident_states(state),
        schema.INCIDENT_ALARMS: incident_alarms(state),
        schema.INCIDENT_EVIDENCE: incident_evidence(state, knowledge),
    }
    held = {schema.TICKETS: state.tickets}
    return {
        table: written.changed(table.name, rows, held=held.get(table))
        for table, rows in told.items()
    }


def _only(table: Table, row: Row) -> Row:
    """Return the columns of a row that a table has, in plain types."""
    return {column.name: plain(row.get(column.name)) for column in table.columns}


def plain(value: Any) -> Any:
    """Return a value in a type that databases know; what is missing as null.

    Examples
    --------
    >>> plain(np.int64(3)), plain(float("nan")), plain("a"), plain(pd.NaT), plain("")
    (3, None, 'a', None, None)
    """
    if isinstance(value, pd.Timestamp):
        return int(value.timestamp())
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA or value == "" or value != value:
        return None
    return value


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as records in plain types."""
    names = [str(name) for name in frame.columns]
    columns = [[plain(value) for value in frame[name]] for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _incidents(state: State, knowledge: Knowledge) -> dict[object, Row]:
    """Return the incidents as they stand, with county and area of their last version."""
    rows: dict[object, Row] = {}
    table = _records(incident_table(state, knowledge))
    for incident, record in zip(state.incidents.values(), table, strict=True):
        history = state.versions.get(incident.fault)
        if history:
            record |= {"county": history[-1].county, "area": history[-1].area}
        record["fault"] = incident.fault
        rows[incident.incident_id] = _only(schema.INCIDENTS, record)
    return rows


def _fault_incidents(state: State) -> dict[object, Row]:
    """Return what each fault that was told, or merged, is told as in the end."""
    incident = {n: i.incident_id for n, i in state.incidents.items()}
    for number in sorted(state.faults.merged_into):
        incident[number] = incident.get(final_fault(state, number), incident.get(number, ""))
    return {n: {"fault": n, "incident_id": told or None} for n, told in incident.items()}


def _notice_sheets(state: State, knowledge: Knowledge) -> dict[object, Row]:
    """Return the notices through all their revisions."""
    rows: dict[object, Row] = {}
    for record in notice_records(state, knowledge):
        told = {name: plain(value) for name, value in record.items()}
        content = json.dumps(told, ensure_ascii=False, sort_keys=True)
        rows[told["notice_id"]] = _only(schema.NOTICE_SHEETS, told | {"content": content})
    return rows


def _versions(state: State, knowledge: Knowledge) -> dict[object, Row]:
    """Return what was believed of incidents, numbered."""
    rows: dict[object, Row] = {}
    for history in state.versions.values():
        for number, known in enumerate(history, start=1):
            record = {name: getattr(known, name) for name in known.__slots__}
            record |= {"number": number, "sites": known.n_sites, "cells": known.n_cells}
            record["site_ids"] = "|".join(str(s) for s in knowledge.site_ids[known.sites])
            rows[known.incident_id, number] = _only(schema.VERSIONS, record)
    return rows


def _changes(state: State) -> dict[object, Row]:
    """Return how incidents changed, numbered."""
    rows: dict[object, Row] = {}
    for fault, changes in state.life.changes.items():
        incident = state.incidents.get(fault)
        for number, change in enumerate(changes if incident is not None else (), start=1):
            told = asdict(change) | {"incident_id": incident.incident_id, "number": number}  # type: ignore[union-attr]
            rows[told["incident_id"], number] = _only(schema.CHANGES, told)
    return rows


def _meant(state: State, written: Written, fresh: Sequence[Ticket]) -> Iterable[Ticket]:
    """Return the tickets that may have changed: all after a start, else those of the last days."""
    if not written.rows.get(schema.TICKETS.name):
        return state.tickets.values()
    meant = {t.ticket_id: t for t in (*state.docket.tickets, *state.held, *fresh)}
    return [state.tickets[number] for number in meant if number in state.tickets]


def _tickets(state: State, knowledge: Knowledge, tickets: Iterable[Ticket]) -> dict[object, Row]:
    """Return tickets without text and with their number masked; causes are those thought likeliest now."""
    notices = notices_by_fault(state)
    rows: dict[object, Row] = {}
    for ticket in tickets:
        record: dict[str, Any] = dict(told_record(knowledge, ticket))
        best = int(np.argmax(ticket.posterior))
        covering = covering_of(state, knowledge, ticket, notices)
        lon, lat = knowledge.network.to_lonlat(np.array([ticket.x_m]), np.array([ticket.y_m]))
        record |= {
            "fault": ticket.fault or None,
            "same_as": ticket.same_as,
            "updates": ticket.updates,
            "number": masked_number(ticket.msisdn) if ticket.msisdn else None,
            "cause": knowledge.codes[best],
            "probability": round(float(ticket.posterior[best]), 4),
            "covered_by": None if covering is None else covering.notice.interception_id,
            "lon": np.round(lon[0], PLACE_DIGITS),
            "lat": np.round(lat[0], PLACE_DIGITS),
        }
        rows[ticket.ticket_id] = _only(schema.TICKETS, record)
    return rows
