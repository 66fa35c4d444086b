"""Answer the queue of open work orders, as a page that keeps itself up to date and as JSON.

Simple so far: the whole queue is put in order for each question; a page of it is sent.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from contract.ledger.accounts import Caller
from dashboards.pages import page_words, template_named
from dashboards.queue_view import SORTS, QueueAsk, QueueView, queue_view, queue_words
from dashboards.server.access import allowed, page_for, server_of
from dashboards.server.frame import framed, language_of
from dashboards.server.order_desk import now_of, orders_seen, sees_inside, sight_of

router = APIRouter()
Looker = Annotated[Caller, Depends(page_for("tickets"))]
Asker = Annotated[Caller, Depends(allowed("tickets"))]
Asked = Annotated[QueueAsk, Query()]
PLAIN = QueueAsk()
FIRST_DOWN = ("age",)
"""Columns that are first put in order with the largest above."""


@router.get("/queue", summary="Open work orders, what is due first first", tags=["views"])
def get_queue(request: Request, caller: Asker, asked: Asked) -> dict[str, Any]:
    """Answer a page of the queue, with counts of all that may be seen."""
    view = _view(request, caller, asked)
    zone = ZoneInfo(server_of(request).settings.zone)
    rows = [dataclasses.asdict(row) for row in view.rows]
    for row in rows:
        at = row["due_at"]
        row["due_at"] = (
            dt.datetime.fromtimestamp(at, tz=zone).isoformat() if row["due_kind"] else None
        )
    told = {"rows": rows, "found": view.found, "page": view.page, "pages": view.pages}
    return {**told, **view.counts}


@router.get("/app/queue", include_in_schema=False)
def queue_page(request: Request, caller: Looker, asked: Asked) -> HTMLResponse:
    """Answer the queue as a page."""
    language = language_of(request)
    words = queue_words(language)
    return framed(
        request,
        "queue.html",
        title=words["queue"]["title"],
        here="queue",
        caller=caller,
        **_shown(request, caller, asked),
    )


@router.get("/app/queue/rows", include_in_schema=False)
def queue_rows(request: Request, caller: Asker, asked: Asked) -> HTMLResponse:
    """Answer the part of the page that changes."""
    shown = page_words(language_of(request)) | _shown(request, caller, asked)
    return HTMLResponse(template_named("queue_rows.html").render(**shown))


def _shown(request: Request, caller: Caller, asked: QueueAsk) -> dict[str, Any]:
    """Return what the templates show."""
    zone = ZoneInfo(server_of(request).settings.zone)
    return {
        "words": queue_words(language_of(request)),
        "view": _view(request, caller, asked),
        "asked": asked,
        "columns": [name for name in SORTS if name != "cause" or sees_inside(caller)],
        "at": dt.datetime.fromtimestamp(now_of(request), tz=zone).strftime("%Y-%m-%d %H:%M"),
        "address": lambda **changes: _query(asked, **changes),
        "sorted_by": lambda name: _query(asked, sort=name, down=_turned(asked, name), page=1),
        "inside": sees_inside(caller),
    }


def _view(request: Request, caller: Caller, asked: QueueAsk) -> QueueView:
    """Return the queue as a caller sees it."""
    with server_of(request).ledger.reading() as connection:
        orders = orders_seen(request, connection, caller)
    return queue_view(orders, asked, sight_of(request, caller))


def _turned(asked: QueueAsk, name: str) -> bool:
    """Return the direction of a column that is asked for once more, or for the first time."""
    return not asked.down if asked.sort == name else name in FIRST_DOWN


def _query(asked: QueueAsk, **changes: Any) -> str:
    """Return what is asked as the query of an address, without what is plain."""
    told = asked.model_dump() | changes
    plain = PLAIN.model_dump()
    kept = {k: str(v).lower() if v is True else v for k, v in told.items() if v != plain[k]}
    return urlencode(kept)
