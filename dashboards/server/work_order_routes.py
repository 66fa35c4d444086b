"""Answer the page of a work order: the case as the steps have it now, where it stands, what may be done.

The case is made beside the steps (`correlate.live.desk`); while they start or are busy, the page shows what the ledger
has. Who may not look inside the network sees the standing and the words to the customer alone.

Simple so far: a case is asked for anew each time the page is opened.
"""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse

from contract.causes import CAUSES, cause_name
from contract.ledger.accounts import Caller
from correlate.live import desk
from correlate.live.work_orders import WorkOrder
from dashboards.pages import page_words, template_named
from dashboards.queue_view import queue_words
from dashboards.server.access import allowed, page_for, server_of
from dashboards.server.frame import framed, language_of
from dashboards.server.order_desk import book_of, now_of, order_seen, sees_inside, sight_of
from dashboards.ticket_view import ticket_view, ticket_words
from dashboards.work_order_page import case_values

router = APIRouter(include_in_schema=False)
Looker = Annotated[Caller, Depends(page_for("tickets"))]
Asker = Annotated[Caller, Depends(allowed("tickets"))]
TicketId = Annotated[str, Path(max_length=100)]
PATIENCE_S = 4.0
CHANNELS = ("phone", "sms", "app")
NO_CASE: dict[str, Any] = {"view": None}


@router.get("/app/ticket/{ticket_id}")
def ticket_page(request: Request, caller: Looker, ticket_id: TicketId) -> HTMLResponse:
    """Answer the page of a work order."""
    order = _order(request, caller, ticket_id)
    return framed(
        request,
        "ticket.html",
        title=ticket_id,
        here="queue",
        caller=caller,
        is_final=order.is_final,
        channels=CHANNELS,
        causes=[(code, cause_name(code, language_of(request))) for code in CAUSES],
        **_standing(request, caller, order),
        **_case(request, caller, ticket_id),
    )


@router.get("/app/ticket/{ticket_id}/standing")
def ticket_standing(request: Request, caller: Asker, ticket_id: TicketId) -> HTMLResponse:
    """Answer the part of the page that acts change."""
    values = _standing(request, caller, _order(request, caller, ticket_id))
    return _part(request, "ticket_standing.html", values)


@router.get("/app/ticket/{ticket_id}/case")
def ticket_case(request: Request, caller: Asker, ticket_id: TicketId) -> HTMLResponse:
    """Answer the case."""
    _order(request, caller, ticket_id)
    values = _case(request, caller, ticket_id)
    return _part(request, "ticket_case.html", values | {"said": ticket_words(language_of(request))})


def _part(request: Request, template: str, values: dict[str, Any]) -> HTMLResponse:
    """Return a part of the page."""
    return HTMLResponse(
        template_named(template).render(**page_words(language_of(request)), **values)
    )


def _order(request: Request, caller: Caller, ticket_id: str) -> WorkOrder:
    """Return a work order; 404 where there is none for the caller."""
    with server_of(request).ledger.reading() as connection:
        order = order_seen(request, connection, caller, ticket_id)
    if order is None:
        raise HTTPException(404, "there is no such ticket")
    return order


def _standing(request: Request, caller: Caller, order: WorkOrder) -> dict[str, Any]:
    """Return what the standing shows."""
    zone = ZoneInfo(server_of(request).settings.zone)
    sight, language = sight_of(request, caller), language_of(request)
    acts = book_of(request).acts_of(order.ticket_id)
    return {
        "order": ticket_view(order, acts, sight, zone),
        "said": ticket_words(language),
        "queue": queue_words(language),
        "may_act": caller.may("act"),
        "may_reveal": caller.may("reveal"),
        "inside": sight.sees_inside,
    }


def _case(request: Request, caller: Caller, ticket_id: str) -> dict[str, Any]:
    """Return what the sections of the case show; no view where nobody tells of it or the caller may not see it."""
    if not sees_inside(caller):
        return NO_CASE
    server = server_of(request)
    told = desk.ask(server.steps.desk, ticket_id, now=now_of(request), patience_s=PATIENCE_S)
    if told is None or told["case"] is None:
        return NO_CASE
    return case_values(told["case"] | {"language": language_of(request)})
