"""Lay out what a daily report needs of a run beside the tables of the contract.

Numbers of callers become running numbers and a masked form; texts are left out; places are rounded.

Simple so far: laid out at the end of a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from contract.bundles import Bundle
from contract.daybook import DAYBOOK
from contract.privacy import masked_number
from correlate.alarm_tables import alarm_tables
from correlate.arrival_gaps import arrival_gaps, arrival_span
from correlate.covering import covering_of, notices_by_fault
from correlate.doubts import doubts_table
from correlate.episode_log import episode_table
from correlate.group_tables import group_tables
from correlate.incidents import Version
from correlate.knowledge import Knowledge
from correlate.notices.tables import notice_tables
from correlate.problem_tables import problem_tables
from correlate.state import State
from correlate.tickets import Ticket

PLACE_DIGITS = 3
"""Decimals of a degree that a complaint's place keeps: about 100 m (operators' domain notes 8)."""
Record = dict[str, Any]


def daybook_tables(
    state: State, knowledge: Knowledge, diagnoses: pd.DataFrame, bundle: Bundle
) -> dict[str, pd.DataFrame]:
    """Return every table of the daybook.

    Parameters
    ----------
    diagnoses : DataFrame
        The contract's table, as the run writes it.
    """
    groups = group_tables(state, knowledge, bundle.tables["alarms"])
    return {
        "tickets": _closed(_tickets(state, knowledge, diagnoses), bundle.tables["verdicts"]),
        "versions": _versions(state, knowledge),
        "merges": _merges(state),
        **problem_tables(state, knowledge, bundle.tables["alarms"], groups),
        **notice_tables(state, knowledge),
        "sites": _sites(knowledge),
        "places": bundle.tables["places"][list(DAYBOOK["places"].column_names)],
        "subscribers": bundle.tables["subscribers"][list(DAYBOOK["subscribers"].column_names)],
        "gaps": arrival_gaps(bundle, knowledge.zone),
        "doubts": doubts_table(state, knowledge, bundle),
        **groups,
        **alarm_tables(state),
        "episodes": episode_table(state.episode_log, knowledge),
        "about": _about(knowledge, bundle),
    }


def _framed(name: str, records: Sequence[Record]) -> pd.DataFrame:
    """Return records as a table of the daybook, seconds since 1970 as instants."""
    frame = pd.DataFrame(list(records), columns=list(DAYBOOK[name].column_names))
    for column in DAYBOOK[name].columns:
        if column.kind == "instant":
            values = pd.to_numeric(frame[column.name]).astype("Int64")
            frame[column.name] = pd.to_datetime(values, unit="s", utc=True)
    return frame


def _tickets(state: State, knowledge: Knowledge, diagnoses: pd.DataFrame) -> pd.DataFrame:
    """Return the tickets, without text and number."""
    first = diagnoses[diagnoses["rank"] == 1].set_index("ticket_id")
    causes = dict(
        zip(first.index, zip(first["cause"], first["probability"], strict=True), strict=True)
    )
    notices = notices_by_fault(state)
    callers: dict[str, int] = {}
    records = []
    for ticket in sorted(state.tickets.values(), key=lambda t: (t.arrived_at, t.ticket_id)):
        cause, probability = causes.get(ticket.ticket_id, (None, None))
        record = told_record(knowledge, ticket)
        record |= {"cause": cause, "probability": probability}
        record["is_customer_side"] = cause in knowledge.customer_side
        record |= _incident(state, ticket)
        covering = covering_of(state, knowledge, ticket, notices)
        if covering is not None:
            first = state.notice_book.notices[covering.notice.notice_id]
            lead = (ticket.created_at - int(first.issued_at or 0)) / 60.0
            record |= {"covered_by": covering.notice.interception_id, "lead_min": lead}
            record["covered_at"] = covering.known_at
        if ticket.msisdn:
            number = callers.setdefault(ticket.msisdn, len(callers) + 1)
            record |= {"caller": f"P{number:06d}", "number": masked_number(ticket.msisdn)}
        records.append(record)
    return _with_places(_framed("tickets", records), state, knowledge)


def told_record(knowledge: Knowledge, ticket: Ticket) -> Record:
    """Return what a ticket says by itself."""
    record: Record = {
        "ticket_id": ticket.ticket_id,
        "created_at": ticket.created_at,
        "arrived_at": ticket.arrived_at,
        "diagnosed_at": ticket.diagnosed_at or None,
        "county": ticket.county or None,
        "symptom": ticket.symptom or None,
        "is_repeat": ticket.is_repeat,
        "place": next(iter(ticket.names), None),
    }
    known = ticket.cells >= 0
    if known.any():
        best = int(ticket.cells[known][np.argmax(ticket.served[known])])
        site = int(knowledge.reach.site_of[best])
        row = knowledge.network.sites.iloc[site]
        record |= {"site_id": row["site_id"], "town": row["town"]}
        record["place"] = record["place"] or row["site_name"]
    return record


def _incident(state: State, ticket: Ticket) -> Record:
    """Return the incident of a ticket and since when it is known: that of its fault, else of what that became."""
    number, known_at = ticket.fault, ticket.assigned_at
    while number not in state.incidents and number in state.faults.merged_into:
        known_at = max(known_at, state.faults.merged_at.get(number, 0))
        number = state.faults.merged_into[number]
    incident = state.incidents.get(number)
    if incident is None:
        return {}
    return {
        "incident_id": incident.incident_id,
        "incident_at": max(known_at, incident.detected_at),
    }


def _with_places(frame: pd.DataFrame, state: State, knowledge: Knowledge) -> pd.DataFrame:
    """Return tickets with their place, rounded."""
    spots = {t.ticket_id: (t.x_m, t.y_m) for t in state.tickets.values()}
    xy = np.array([spots[t] for t in frame["ticket_id"]], dtype=float).reshape(-1, 2)
    lon, lat = knowledge.network.to_lonlat(xy[:, 0], xy[:, 1])
    return frame.assign(lon=np.round(lon, PLACE_DIGITS), lat=np.round(lat, PLACE_DIGITS))


def _closed(tickets: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return tickets with the cause that each was closed with, and since when that is known."""
    first = verdicts.sort_values("closed_at", kind="stable").drop_duplicates("ticket_id")
    told = first.set_index("ticket_id").reindex(tickets["ticket_id"])
    closed_at = pd.to_datetime(told["closed_at"], utc=True)
    return tickets.assign(closed_as=told["cause"].to_numpy(), closed_at=closed_at.array)


def _versions(state: State, knowledge: Knowledge) -> pd.DataFrame:
    """Return what was believed of the incidents."""
    site_ids = knowledge.site_ids
    found = [v for history in state.versions.values() for v in history]
    return _framed("versions", [_version(v, site_ids) for v in found])


def _version(known: Version, site_ids: Any) -> Record:
    """Return a version as a record."""
    record: Record = {
        name: getattr(known, name)
        for name in DAYBOOK["versions"].column_names
        if name not in ("site_ids", "sites", "cells")
    }
    record |= {"sites": known.n_sites, "cells": known.n_cells}
    record["site_ids"] = "|".join(str(s) for s in site_ids[known.sites])
    for name in ("object_id", "county", "area"):
        record[name] = record[name] or None
    return record


def _merges(state: State) -> pd.DataFrame:
    """Return which incidents turned out to be others."""
    records = []
    for number, into in state.faults.merged_into.items():
        at = state.faults.merged_at.get(number, 0)
        while into not in state.incidents and into in state.faults.merged_into:
            at = max(at, state.faults.merged_at.get(into, 0))
            into = state.faults.merged_into[into]
        if number in state.incidents and into in state.incidents:
            ids = (state.incidents[number].incident_id, state.incidents[into].incident_id)
            at = max(at, state.incidents[into].detected_at)
            records.append({"incident_id": ids[0], "into": ids[1], "at": at})
    return _framed("merges", records)


def _sites(knowledge: Knowledge) -> pd.DataFrame:
    """Return the sites, live, planned and retired."""
    drawn = ("users", "cells", "planned_on_air")
    names = [c for c in DAYBOOK["sites"].column_names if c not in drawn]
    cells = np.bincount(knowledge.reach.site_of, minlength=len(knowledge.site_users))
    live = knowledge.network.sites[names].assign(
        planned_on_air=None, users=knowledge.site_users, cells=cells
    )
    other = knowledge.network.planned[[*names, "planned_on_air"]].assign(users=np.nan, cells=None)
    parts = [part for part in (live, other) if len(part)]
    return pd.concat([part.astype(object) for part in parts], ignore_index=True)


def _about(knowledge: Knowledge, bundle: Bundle) -> pd.DataFrame:
    """Return what the run was."""
    first, last = arrival_span(bundle.tables)
    settings: Mapping[str, Any] = knowledge.settings.model_dump()
    record: Record = {name: settings.get(name) for name in DAYBOOK["about"].column_names}
    record |= {"bundle": bundle.folder.resolve().name, "version": version("cellcause")}
    frame = pd.DataFrame([record])
    return frame.assign(first_arrival=[first], last_arrival=[last])
