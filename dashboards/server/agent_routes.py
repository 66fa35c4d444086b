"""Show agents what to tell a caller from a place, and keep that a caller was told.

Simple so far: a telling can't be taken back; it is counted, and stands in the audit.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, field_validator

from contract.ledger.accounts import Caller
from contract.ledger.audit import note
from contract.ledger.tellings import Telling, add_telling
from contract.privacy import masked_numbers
from correlate.live import views
from correlate.live.callers import LANGUAGES, advice
from correlate.live.whereabouts import COUNTY, Spot
from correlate.notices.wording import clock
from dashboards.pages import template_named
from dashboards.server.access import allowed, page_for, server_of
from dashboards.server.frame import framed, language_of
from dashboards.server.writing import US
from dashboards.wording import Words, load_words

router = APIRouter(tags=["people"])
WORDS_FILE = Path(__file__).with_name("agent_words.toml")
MOST_OFFERED = 8
Reader = Annotated[Caller, Depends(page_for("notices"))]
Teller = Annotated[Caller, Depends(allowed("notices"))]
Name = Annotated[str, Query(max_length=100)]
Key = Annotated[str, Query(max_length=500)]


class Offer(BaseModel):
    """What a name may mean; `key` asks for it without being mistaken for another of the name."""

    key: str
    name: str
    kind: str
    within: str
    cell: str


class Told(BaseModel):
    """Where a caller was who was told; numbers are masked, and not wanted."""

    place: str | None = Field(default=None, max_length=100)
    cell: str | None = Field(default=None, max_length=100)
    ticket: str | None = Field(default=None, max_length=200)

    @field_validator("place")
    @classmethod
    def _without_numbers(cls, place: str | None) -> str | None:
        """Return a place without numbers of customers."""
        return None if place is None else masked_numbers(place)


class Count(BaseModel):
    """How many callers were told of an incident by now."""

    incident_id: str
    told: int


@router.get("/app/agent", include_in_schema=False)
def get_page(request: Request, caller: Reader, q: Name = "", key: Key = "") -> HTMLResponse:
    """Answer the page."""
    words = _words(request)
    answer = _answer(request, caller, q, key) if q or key else ""
    return framed(
        request,
        "agent.html",
        title=words["agent"]["title"],
        here="agent",
        caller=caller,
        words=words,
        asked=q,
        answer=answer,
        spoken=server_of(request).settings.language,
    )


@router.get("/app/agent/answer", include_in_schema=False)
def get_answer(request: Request, caller: Reader, q: Name = "", key: Key = "") -> HTMLResponse:
    """Answer what to tell a caller, to be laid into the page."""
    return HTMLResponse(_answer(request, caller, q, key))


@router.get("/places", summary="What a name may mean: counties, towns, places, sites, cells")
def get_places(request: Request, caller: Teller, q: Name = "") -> list[Offer]:
    """Answer what a text may mean, the likeliest first."""
    found = server_of(request).whereabouts()
    spots = found.suggest(q, counties=caller.counties, most=MOST_OFFERED)
    kinds = _words(request)["kind"]
    return [_offered(spot, kinds[spot.kind]) for spot in spots]


@router.post("/notices/{notice_id}/told", summary="A caller was told of a notice")
def post_told(
    request: Request,
    caller: Teller,
    notice_id: Annotated[str, InPath(max_length=200)],
    given: Told,
) -> Count:
    """Keep that a caller was told, and answer how many were."""
    server = server_of(request)
    at = server.writer.clock() // US
    with server.ledger.writing() as connection:
        holding = views.notices(connection, counties=caller.counties)
        notice = next((row for row in holding if row["interception_id"] == notice_id), None)
        if notice is None:
            raise HTTPException(404, "there is no such notice, or it does not hold any more")
        telling = Telling(
            notice_id,
            notice["incident_id"],
            at,
            caller.name,
            notice["county"],
            given.place,
            given.cell,
            given.ticket,
        )
        told = add_telling(connection, telling)
        detail = f"place {given.place or '-'} cell {given.cell or '-'} ticket {given.ticket or '-'}"
        note(connection, caller.name, "caller told", notice_id, detail=detail)
    subject = {
        "subject_kind": "notice",
        "subject_id": notice_id,
        "incident_id": notice["incident_id"],
    }
    server.hub.tell({"kind": "act", "act": "told", **subject})
    return Count(incident_id=notice["incident_id"], told=told)


def _answer(request: Request, caller: Caller, name: str, key: str) -> str:
    """Return what to tell a caller from a place, as HTML."""
    server = server_of(request)
    found = server.whereabouts()
    spots = found.suggest(name, counties=caller.counties, most=MOST_OFFERED)
    asked = found.spot(key) if key else None
    if asked is not None and caller.counties and asked.county not in {"", *caller.counties}:
        asked = None
    spot = asked or (spots[0] if spots else None)
    rows: list[views.Row] = []
    if spot is not None:
        cells = None if spot.kind == COUNTY else found.cells(spot)
        with server.ledger.reading() as connection:
            rows = advice(connection, cells=cells, counties=_counties(caller, spot))
    words = _words(request)
    html: str = template_named("agent_answer.html").render(
        words=words,
        name=name or (spot.name if spot else ""),
        spot=None if spot is None else _offered(spot, words["kind"][spot.kind]),
        others=[_offered(s, words["kind"][s.kind]) for s in spots if s != spot],
        notices=[_shown(request, row, words) for row in rows],
        languages=LANGUAGES,
    )
    return html


def _counties(caller: Caller, spot: Spot) -> Collection[str]:
    """Return the counties whose notices are told: the one asked for, else those of the caller."""
    return [spot.name] if spot.kind == COUNTY else caller.counties


def _offered(spot: Spot, kind: str) -> Offer:
    """Return a spot as it is offered."""
    around = [part for part in (spot.county, spot.town) if part and part != spot.name]
    if spot.kind == "site" and spot.detail != spot.name:
        around.append(spot.detail)
    cell = spot.name if spot.kind == "cell" else ""
    return Offer(key=spot.key, name=spot.name, kind=kind, within=" · ".join(around), cell=cell)


def _shown(request: Request, row: views.Row, words: Words) -> dict[str, Any]:
    """Return a notice as the page shows it."""
    server = server_of(request)
    zone, now = ZoneInfo(server.settings.zone), server.writer.clock() // US
    language = language_of(request)
    due = row["due_at"]
    left = None if due is None else round((due - now) / 60)
    times = {
        name: "" if row[name] is None else clock(zone, row[name], language)
        for name in ("due_at", "since")
    }
    is_soon = left is not None and 0 <= left <= 120
    return row | {
        "until": times["due_at"],
        "began": times["since"],
        "is_late": left is not None and left < 0,
        "left": words["agent"]["soon"].format(minutes=left) if is_soon else "",
        "affected": [words["service"].get(name, name) for name in row["services"]],
        "callers": words["agent"]["callers"].format(count=row["told"]),
    }


def _words(request: Request) -> Words:
    """Return the words of the page."""
    return load_words(WORDS_FILE, language_of(request))
