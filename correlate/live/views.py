"""Ask the ledger what people look at: open incidents by what is still to come, tickets, notices, today's rate.

Whoever sees some counties alone is shown what lies in them; numbers of customers are masked as they were written.

Simple so far: an incident belongs to the county where most of its users are; it is shown to that county alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, case, func, select

from contract.ledger.county_scope import of_counties
from contract.ledger.schema import (
    ACT_OUTCOMES,
    ACTS,
    ALARMS,
    CHANGES,
    DIAGNOSES,
    FAULT_INCIDENTS,
    INCIDENTS,
    NOTICE_SHEETS,
    NOTICES,
    SERVING_CELLS,
    TELLINGS,
    TICKETS,
    VERSIONS,
)
from contract.ledger.tellings import tellings_of, told_since
from contract.privacy import masked_numbers

Row = dict[str, Any]
MOST = 1_000
"""Rows of one answer."""


def incidents(
    connection: Connection,
    *,
    counties: Collection[str] = (),
    is_open: bool | None = None,
    limit: int = MOST,
    offset: int = 0,
) -> list[Row]:
    """Return incidents, those with most complaints still to come first, each with `to_come`.

    Parameters
    ----------
    counties : collection of str
        Shown are those of these counties; empty: all.
    is_open : bool, optional
        Only those that last, or only those that are over.
    """
    left = func.coalesce(INCIDENTS.c.expected_complaints, 0) - func.coalesce(
        INCIDENTS.c.complaints, 0
    )
    to_come = case((INCIDENTS.c.ended_at.is_not(None), 0.0), (left < 0, 0.0), else_=left)
    asked = select(INCIDENTS, to_come.label("to_come"))
    asked = asked.where(of_counties(INCIDENTS, counties))
    if is_open is not None:
        ended = INCIDENTS.c.ended_at
        asked = asked.where(ended.is_(None) if is_open else ended.is_not(None))
    order = (to_come.desc(), INCIDENTS.c.detected_at.desc(), INCIDENTS.c.incident_id)
    return _rows(connection, asked.order_by(*order).limit(min(limit, MOST)).offset(offset))


def incident(
    connection: Connection, incident_id: str, *, counties: Collection[str] = ()
) -> Row | None:
    """Return one incident with versions, changes, notices, tickets and what people did; None for none."""
    asked = select(INCIDENTS).where(of_counties(INCIDENTS, counties))
    found = _rows(connection, asked.where(INCIDENTS.c.incident_id == incident_id))
    if not found:
        return None
    faults = select(FAULT_INCIDENTS.c.fault).where(FAULT_INCIDENTS.c.incident_id == incident_id)
    of = {"versions": VERSIONS, "changes": CHANGES}
    told: Row = {
        name: _rows(
            connection,
            select(table).where(table.c.incident_id == incident_id).order_by(table.c.number),
        )
        for name, table in of.items()
    }
    told["notices"] = _rows(
        connection,
        select(NOTICES).where(NOTICES.c.incident_id == incident_id).order_by(NOTICES.c.issued_at),
    )
    own = select(TICKETS).where(TICKETS.c.fault.in_(faults), of_counties(TICKETS, counties))
    told["tickets"] = _rows(connection, own.order_by(TICKETS.c.created_at).limit(MOST))
    told["acts"] = acts(connection, "incident", incident_id)
    return found[0] | told


def tickets(
    connection: Connection,
    *,
    counties: Collection[str] = (),
    since: int | None = None,
    limit: int = MOST,
    offset: int = 0,
) -> list[Row]:
    """Return tickets, the latest first.

    Parameters
    ----------
    since : int, optional
        Only those created from then on, seconds since 1970.
    """
    asked = select(TICKETS).where(of_counties(TICKETS, counties))
    if since is not None:
        asked = asked.where(TICKETS.c.created_at >= since)
    order = (TICKETS.c.created_at.desc(), TICKETS.c.ticket_id)
    return _rows(connection, asked.order_by(*order).limit(min(limit, MOST)).offset(offset))


def ticket(connection: Connection, ticket_id: str, *, counties: Collection[str] = ()) -> Row | None:
    """Return one ticket with its causes, serving cells, incident and what people did; None where there is none."""
    asked = select(TICKETS).where(of_counties(TICKETS, counties))
    found = _rows(connection, asked.where(TICKETS.c.ticket_id == ticket_id))
    if not found:
        return None
    told = found[0]
    told["causes"] = diagnoses(connection, ticket_id)
    serving = select(SERVING_CELLS).where(SERVING_CELLS.c.ticket_id == ticket_id)
    told["serving_cells"] = _rows(connection, serving.order_by(SERVING_CELLS.c.rank))
    told["acts"] = acts(connection, "ticket", ticket_id)
    told["incident_id"] = _incident_of(connection, told["fault"])
    told["callers_told"] = _callers_told(connection, told)
    return told


def diagnoses(connection: Connection, ticket_id: str | None = None) -> list[Row]:
    """Return diagnoses as the contract has them: the incident of the first cause is the ticket's own by now."""
    fault = case((DIAGNOSES.c.rank == 1, TICKETS.c.fault), else_=DIAGNOSES.c.fault)
    asked = (
        select(*[c for c in DIAGNOSES.c if c.name != "fault"], FAULT_INCIDENTS.c.incident_id)
        .join(TICKETS, TICKETS.c.ticket_id == DIAGNOSES.c.ticket_id, isouter=True)
        .join(FAULT_INCIDENTS, FAULT_INCIDENTS.c.fault == fault, isouter=True)
        .order_by(DIAGNOSES.c.ticket_id, DIAGNOSES.c.rank)
    )
    if ticket_id is not None:
        asked = asked.where(DIAGNOSES.c.ticket_id == ticket_id)
    return _rows(connection, asked)


def notices(
    connection: Connection,
    *,
    cells: Collection[str] | None = None,
    counties: Collection[str] = (),
    is_open: bool = True,
    limit: int = MOST,
) -> list[Row]:
    """Return notices, the latest first, those that hold unless asked otherwise; each with how many callers were `told`.

    Parameters
    ----------
    cells : collection of str, optional
        Only those that are out for one of these cells.
    """
    told = select(func.count()).where(TELLINGS.c.incident_id == NOTICES.c.incident_id)
    columns = (INCIDENTS.c.county, INCIDENTS.c.area, told.scalar_subquery().label("told"))
    asked = select(NOTICES, *columns).join(
        INCIDENTS, INCIDENTS.c.incident_id == NOTICES.c.incident_id, isouter=True
    )
    asked = asked.where(of_counties(INCIDENTS, counties))
    if is_open:
        asked = asked.where(NOTICES.c.valid_until.is_(None))
    found = _rows(connection, asked.order_by(NOTICES.c.issued_at.desc(), NOTICES.c.interception_id))
    if cells is not None:
        wanted = set(cells)
        found = [row for row in found if wanted & set(str(row["cells"] or "").split("|"))]
    return found[:limit]


def notice_sheets(
    connection: Connection, *, counties: Collection[str] = (), states: Collection[str] = ()
) -> list[Row]:
    """Return notices through all their revisions, the latest first, each as its row of the daybook's `notices`.

    Parameters
    ----------
    states : collection of str
        Only those that are drafted, approved, issued, withdrawn or ended; empty: all.
    """
    asked = select(NOTICE_SHEETS.c.content).where(of_counties(NOTICE_SHEETS, counties))
    if states:
        asked = asked.where(NOTICE_SHEETS.c.state.in_(sorted(states)))
    order = (NOTICE_SHEETS.c.drafted_at.desc(), NOTICE_SHEETS.c.notice_id)
    found = connection.execute(asked.order_by(*order).limit(MOST)).scalars()
    return [json.loads(content) for content in found]


def acts(connection: Connection, kind: str, subject: str) -> list[Row]:
    """Return what people did to an incident, ticket or notice, in order.

    `content` is what the act carries, `outcome` what the step made of it (`done`, `refused`, `undone`), None until one
    took it, `outcome_detail` why.
    """
    asked = (
        select(ACTS, ACT_OUTCOMES.c.outcome, ACT_OUTCOMES.c.detail.label("outcome_detail"))
        .join(ACT_OUTCOMES, ACT_OUTCOMES.c.act_id == ACTS.c.act_id, isouter=True)
        .where(ACTS.c.subject_kind == kind, ACTS.c.subject_id == subject)
    )
    found = _rows(connection, asked.order_by(ACTS.c.number))
    return [row | {"content": _masked(json.loads(row["content"]))} for row in found]


def _masked(value: Any) -> Any:
    """Return what an act carries with numbers of customers masked."""
    if isinstance(value, str):
        return masked_numbers(value)
    if isinstance(value, Mapping):
        return {str(name): _masked(one) for name, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list) else value


def alarms_in_force(connection: Connection, *, limit: int = MOST, offset: int = 0) -> list[Row]:
    """Return the alarms that are in force, the latest first."""
    columns = [c for c in ALARMS.c if c.name not in ("payload", "seq")]
    asked = select(*columns).where(ALARMS.c.cleared_at.is_(None))
    order = (ALARMS.c.raised_at.desc(), ALARMS.c.alarm_id)
    return _rows(connection, asked.order_by(*order).limit(min(limit, MOST)).offset(offset))


def headline(
    connection: Connection,
    users_of: Mapping[str, float],
    *,
    day_from: int,
    counties: Collection[str] = (),
) -> Row:
    """Return the figures along the top: open incidents, users hit, notices out, today's complaints and rate.

    Parameters
    ----------
    users_of : mapping of county to its users
    day_from : int
        When the day began, seconds since 1970.

    Returns
    -------
    dict
        `intercepted_today` counts complaints that a notice covered, and callers who were told and made none, who are
        `told_today` as well; `per_10k_today` is (complaints - those covered) / users x 10,000, None without users.
    """
    sums = select(func.count(), func.coalesce(func.sum(INCIDENTS.c.users), 0.0))
    open_ones = sums.where(INCIDENTS.c.ended_at.is_(None), of_counties(INCIDENTS, counties))
    faults, hit = connection.execute(open_ones).one()
    counts = select(func.count(), func.count(TICKETS.c.covered_by))
    today = counts.where(TICKETS.c.created_at >= day_from, of_counties(TICKETS, counties))
    complaints, covered = connection.execute(today).one()
    told = told_since(connection, day_from, counties=counties)
    users = sum(n for county, n in users_of.items() if not counties or county in counties)
    return {
        "open_incidents": int(faults),
        "users_hit": float(hit),
        "notices": len(notices(connection, counties=counties)),
        "complaints_today": int(complaints),
        "intercepted_today": int(covered) + told,
        "told_today": told,
        "per_10k_today": (complaints - covered) / users * 1e4 if users else None,
    }


def _callers_told(connection: Connection, ticket: Row) -> list[Row]:
    """Return the callers who were told of a ticket's incident before it, or of whom it names the ticket."""
    if ticket["incident_id"] is None:
        return []
    found = tellings_of(connection, ticket["incident_id"], until=ticket["created_at"])
    return [{name: row[name] for name in ("at", "who", "place", "cell_id")} for row in found]


def _incident_of(connection: Connection, fault: int | None) -> str | None:
    """Return the incident that a fault is told as, None where it is not."""
    asked = select(FAULT_INCIDENTS.c.incident_id).where(FAULT_INCIDENTS.c.fault == fault)
    return connection.execute(asked).scalar() if fault else None


def _rows(connection: Connection, asked: Any) -> list[Row]:
    """Return the rows of an answer."""
    return [{str(k): v for k, v in row.items()} for row in connection.execute(asked).mappings()]
