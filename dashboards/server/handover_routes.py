"""Answer what the next shift must know, as a page to be printed and as JSON.

Simple so far: a list is of the shift that runs; those of the past are not kept.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from contract.causes import CAUSES, cause_name
from contract.ledger.accounts import Caller
from correlate.live.handover import Handover, handover_of
from dashboards.queue_view import queue_words
from dashboards.server.access import allowed, page_for, server_of
from dashboards.server.frame import framed, language_of
from dashboards.server.order_desk import book_of, now_of, orders_seen, sight_of
from dashboards.server.view_routes import told
from dashboards.ticket_view import act_log, clock_text

router = APIRouter()
MOST_SHOWN = 60


@router.get("/handover", summary="What the next shift must know", tags=["views"])
def get_handover(
    request: Request, caller: Annotated[Caller, Depends(allowed("tickets"))]
) -> dict[str, Any]:
    """Answer the hand-over list."""
    found, sight = _handover(request, caller), sight_of(request, caller)
    rows = {
        name: [vars(sight.row(o)) for o in getattr(found, name)]
        for name in ("pressing", "call_backs")
    }
    zone = ZoneInfo(server_of(request).settings.zone)
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        **rows,
        "people": [{"name": n, "open": count, "over": over} for n, count, over in found.people],
        "incidents": [told(request, row) for row in found.incidents],
        "notices": [dict(row) for row in found.notices],
        "acts": [
            {
                "subject_kind": act["subject_kind"],
                "subject_id": act["subject_id"],
                "kind": act["kind"],
            }
            | vars(done)
            for act, done in zip(found.acts, act_log(found.acts, sight, zone), strict=True)
        ],
    }


@router.get("/app/handover", include_in_schema=False)
def handover_page(
    request: Request, caller: Annotated[Caller, Depends(page_for("tickets"))]
) -> HTMLResponse:
    """Answer the hand-over list as a page."""
    found, sight, language = (
        _handover(request, caller),
        sight_of(request, caller),
        language_of(request),
    )
    words, zone = queue_words(language), ZoneInfo(server_of(request).settings.zone)
    return framed(
        request,
        "handover.html",
        title=words["handover"]["title"],
        here="queue",
        caller=caller,
        words=words,
        found=found,
        inside=sight.sees_inside,
        lists=[
            (name, [sight.row(order) for order in listed[:MOST_SHOWN]], len(listed))
            for name, listed in (("limits", found.pressing), ("call_backs", found.call_backs))
        ],
        log=list(zip(found.acts, act_log(found.acts, sight, zone), strict=True)),
        cause=lambda code: cause_name(code, language) if code in CAUSES else str(code or ""),
        clock=lambda at: clock_text(int(at or 0), zone),
        now=clock_text(now_of(request), zone),
        shift=(found.since.strftime("%m-%d %H:%M"), found.until.strftime("%H:%M")),
    )


def _handover(request: Request, caller: Caller) -> Handover:
    """Return the hand-over list as a caller may see it."""
    server = server_of(request)
    moment = dt.datetime.fromtimestamp(now_of(request), tz=ZoneInfo(server.settings.zone))
    with server.ledger.reading() as connection:
        orders = orders_seen(request, connection, caller)
        return handover_of(
            connection,
            book_of(request).process,
            orders,
            moment,
            sees=[act for act in ("incidents", "notices") if caller.may(act)],
            counties=caller.counties,
        )
