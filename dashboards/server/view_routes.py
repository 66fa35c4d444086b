"""Answer what people and programs ask of incidents, tickets, notices and alarms.

Instants are ISO 8601 in the operator's zone. Counties that a caller may not see are as if they were not there.

Simple so far: questions are asked of the ledger each time; nothing is kept ready.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from contract.ledger.accounts import Caller
from correlate.live import views
from correlate.per_10k import users_on
from dashboards.server.access import allowed, server_of
from dashboards.server.descriptions import (
    AlarmRow,
    Headline,
    IncidentRow,
    IncidentStory,
    NoticeInForce,
    TicketRow,
    TicketStory,
    answers,
    many,
)
from dashboards.server.due_days import day_from, local_day
from dashboards.server.writing import US

router = APIRouter(tags=["views"])
Incidents = Annotated[Caller, Depends(allowed("incidents"))]
Notices = Annotated[Caller, Depends(allowed("notices"))]
Tickets = Annotated[Caller, Depends(allowed("tickets"))]
Rates = Annotated[Caller, Depends(allowed("rates"))]
Alarms = Annotated[Caller, Depends(allowed("alarms"))]
County = Annotated[str | None, Query(max_length=100, description="one county only")]
Limit = Annotated[int, Query(ge=1, le=views.MOST)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]
Answer = dict[str, Any]


@router.get(
    "/incidents",
    summary="Incidents, most complaints still to come first",
    responses=answers(many(IncidentRow)),
)
def get_incidents(
    request: Request,
    caller: Incidents,
    county: County = None,
    state: Annotated[str, Query(pattern="^(open|over|all)$")] = "open",
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[Answer]:
    """Answer incidents."""
    is_open = {"open": True, "over": False, "all": None}[state]
    with server_of(request).ledger.reading() as connection:
        found = views.incidents(
            connection,
            counties=seen_by(caller, county),
            is_open=is_open,
            limit=limit,
            offset=offset,
        )
    return [told(request, row) for row in found]


@router.get(
    "/incidents/{incident_id}",
    summary="One incident with its story",
    responses=answers(IncidentStory),
)
def get_incident(request: Request, caller: Incidents, incident_id: str) -> Answer:
    """Answer one incident; its tickets to those who may see tickets."""
    with server_of(request).ledger.reading() as connection:
        found = views.incident(connection, incident_id, counties=seen_by(caller, None))
    if found is None:
        raise HTTPException(404, "there is no such incident")
    if not caller.may("tickets"):
        del found["tickets"]
    return told(request, found)


@router.get("/tickets", summary="Tickets, the latest first", responses=answers(many(TicketRow)))
def get_tickets(
    request: Request, caller: Tickets, county: County = None, limit: Limit = 100, offset: Offset = 0
) -> list[Answer]:
    """Answer tickets, numbers masked."""
    with server_of(request).ledger.reading() as connection:
        scope = seen_by(caller, county)
        found = views.tickets(connection, counties=scope, limit=limit, offset=offset)
    return [told(request, row) for row in found]


@router.get(
    "/tickets/{ticket_id}",
    summary="One ticket with its causes and serving cells",
    responses=answers(TicketStory),
)
def get_ticket(request: Request, caller: Tickets, ticket_id: str) -> Answer:
    """Answer one ticket; causes are within, not for customers."""
    with server_of(request).ledger.reading() as connection:
        found = views.ticket(connection, ticket_id, counties=seen_by(caller, None))
    if found is None:
        raise HTTPException(404, "there is no such ticket")
    return told(request, found)


@router.get(
    "/notices",
    summary="What to tell a caller from a cell, place or county",
    responses=answers(many(NoticeInForce)),
)
def get_notices(
    request: Request,
    caller: Notices,
    cell: Annotated[str | None, Query(max_length=100)] = None,
    place: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    county: County = None,
) -> list[Answer]:
    """Answer the notices that hold."""
    server = server_of(request)
    cells = None if cell is None else [cell]
    if place is not None:
        cells = server.whereabouts().cells_at(place)
    with server.ledger.reading() as connection:
        found = views.notices(connection, cells=cells, counties=seen_by(caller, county))
    return [told(request, row) for row in found]


@router.get(
    "/alarms", summary="Alarms in force, the latest first", responses=answers(many(AlarmRow))
)
def get_alarms(
    request: Request, caller: Alarms, limit: Limit = 100, offset: Offset = 0
) -> list[Answer]:
    """Answer alarms; they belong to the network, not to a county."""
    del caller
    with server_of(request).ledger.reading() as connection:
        found = views.alarms_in_force(connection, limit=limit, offset=offset)
    return [told(request, row) for row in found]


@router.get(
    "/headline",
    summary="Open incidents, users hit, notices out, today's complaints per 10k",
    responses=answers(Headline),
)
def get_headline(request: Request, caller: Rates, county: County = None) -> Answer:
    """Answer the figures along the top."""
    server = server_of(request)
    now, zone = server.writer.clock() // US, server.settings.zone
    users_of = users_on(server.intake.inventory["subscribers"], local_day(now, zone))
    with server.ledger.reading() as connection:
        return views.headline(
            connection,
            users_of,
            day_from=day_from(now, zone),
            counties=seen_by(caller, county),
        )


def seen_by(caller: Caller, county: str | None) -> Collection[str]:
    """Return the counties that a question is about: those of the caller, or the one asked for; empty for all.

    Raises
    ------
    HTTPException
        403, if the county asked for is not one of the caller's.
    """
    if county is None:
        return caller.counties
    if caller.counties and county not in caller.counties:
        raise HTTPException(403, "this county is not one of yours")
    return [county]


def told(request: Request, row: Mapping[str, Any]) -> Answer:
    """Return a row as it is answered: instants as text, rows within likewise."""
    zone = ZoneInfo(server_of(request).settings.zone)
    out: Answer = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            out[name] = told(request, value)
        elif isinstance(value, list):
            out[name] = [told(request, one) if isinstance(one, Mapping) else one for one in value]
        elif value is not None and (name.endswith("_at") or name in ("at", "valid_until")):
            out[name] = dt.datetime.fromtimestamp(value, tz=zone).isoformat()
        elif name == "cells" and isinstance(value, str):
            out[name] = value.split("|")
        else:
            out[name] = value
    return out
