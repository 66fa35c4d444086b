"""Take in and tell complaints as trouble tickets of TMF621 version 5.

Simple so far: a ticket is not changed nor deleted here; an update is sent as a ticket of the same id.

References
----------
.. [1] TM Forum TMF621 Trouble Ticket 5.0.1.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from contract.ledger.accounts import Caller
from contract.ledger.arrivals import with_key
from correlate.live import views
from correlate.live.submissions import of_records
from correlate.live.tmf_resources import (
    NEEDED,
    TICKETS,
    complaint_of,
    missing_in,
    ticket_resource,
)
from dashboards.server.access import allowed, server_of
from dashboards.server.descriptions import TICKET, answers, body, refusals
from dashboards.server.sending import json_body, sent
from dashboards.server.view_routes import told

router = APIRouter(tags=["TMF621"], responses=refusals(tmf=True))
Sender = Annotated[Caller, Depends(allowed("send"))]
Viewer = Annotated[Caller, Depends(allowed("tickets"))]


@router.post(
    TICKETS,
    status_code=201,
    summary="Send a complaint as a trouble ticket",
    responses=answers(dict[str, Any], status=201, description="the ticket as it is kept"),
    openapi_extra=body(TICKET, example=dict.fromkeys(NEEDED, "")),
)
async def take_ticket(request: Request, caller: Sender) -> JSONResponse:
    """Answer the ticket with its id once it is on disk; sent again without a date of its own it is the same ticket."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise HTTPException(400, "the body must be an object")
    missing = missing_in(body)
    if missing:
        raise HTTPException(400, f"the ticket lacks {', '.join(missing)}")
    server = server_of(request)
    now = dt.datetime.fromtimestamp(server.writer.clock() / 1e6, tz=dt.UTC).isoformat()
    row = complaint_of(body, now=now)
    number = str(row["ticket_id"])
    with server.ledger.reading() as connection:
        is_known = with_key(connection, "complaints", number)
    if not (is_known and row["created_at"] == now):
        outcome = (await sent(request, [of_records("complaints", [row], source=caller.name)]))[0]
        if outcome.rejected:
            raise HTTPException(400, outcome.rejected[0][1])
    own = {"id": number, "href": f"{TICKETS}/{number}", "creationDate": row["created_at"]}
    return JSONResponse({"@type": "TroubleTicket", **body, **own, "status": "acknowledged"}, 201)


@router.get(TICKETS, summary="Complaints as trouble tickets, the latest first")
def get_tickets(
    request: Request,
    caller: Viewer,
    limit: Annotated[int, Query(ge=1, le=views.MOST)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[dict[str, Any]]:
    """Answer tickets that a step has seen."""
    with server_of(request).ledger.reading() as connection:
        rows = views.tickets(connection, counties=caller.counties, limit=limit, offset=offset)
    return [ticket_resource(told(request, row)) for row in rows]


@router.get(f"{TICKETS}/{{ticket_id}}", summary="One complaint as a trouble ticket")
def get_ticket(request: Request, caller: Viewer, ticket_id: str) -> dict[str, Any]:
    """Answer one ticket that a step has seen."""
    with server_of(request).ledger.reading() as connection:
        row = views.ticket(connection, ticket_id, counties=caller.counties)
    if row is None:
        raise HTTPException(404, "there is no such ticket")
    return ticket_resource(told(request, row))
