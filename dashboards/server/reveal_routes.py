"""Show the full number of a ticket to who may see it and says why; that stands in the audit before it is shown.

On a page: `<button data-reveal="TICKET">` and the script `/assets/reveal.js`, which asks for the reason.

Simple so far: how many a caller may see in an hour is counted by this process.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, field_validator

from contract.ledger.accounts import Caller
from contract.ledger.audit import note
from contract.privacy import masked_numbers
from correlate.live import views
from correlate.live.full_numbers import full_numbers
from dashboards.pages import template_named
from dashboards.server.access import allowed, page_for, server_of
from dashboards.server.counting import Counts
from dashboards.server.frame import language_of
from dashboards.server.refusals import WORDS_FILE
from dashboards.wording import load_words

router = APIRouter(tags=["people"])
LEAST, MOST = 10, 500
AN_HOUR, MOST_AN_HOUR = 3600, 60
WHAT = "number revealed"
Revealer = Annotated[Caller, Depends(allowed("reveal"))]
Ticket = Annotated[str, Path(max_length=200)]


class Reason(BaseModel):
    """Why a number is looked at."""

    reason: str = Field(max_length=MOST)

    @field_validator("reason")
    @classmethod
    def _long_enough(cls, reason: str) -> str:
        """Return a reason that says something; numbers in it are masked."""
        told = " ".join(reason.split())
        if len(told) < LEAST:
            msg = f"a reason has {LEAST} characters at least"
            raise ValueError(msg)
        return masked_numbers(told)


class Numbers(BaseModel):
    """The full numbers of a ticket."""

    ticket_id: str
    numbers: list[str]


@router.post("/tickets/{ticket_id}/reveal", summary="The full number of a ticket, with a reason")
def post_reveal(request: Request, caller: Revealer, ticket_id: Ticket, given: Reason) -> Numbers:
    """Answer the full numbers of a ticket, once that stands in the audit."""
    if _counts(request).add(caller.name) > MOST_AN_HOUR:
        headers = {"Retry-After": str(AN_HOUR)}
        raise HTTPException(429, f"{MOST_AN_HOUR} numbers may be seen in an hour", headers=headers)
    with server_of(request).ledger.writing() as connection:
        if views.ticket(connection, ticket_id, counties=caller.counties) is None:
            raise HTTPException(404, "there is no such ticket")
        numbers = full_numbers(connection, ticket_id)
        if not numbers:
            raise HTTPException(404, "the ticket came without a number")
        note(connection, caller.name, WHAT, ticket_id, detail=given.reason)
    return Numbers(ticket_id=ticket_id, numbers=numbers)


@router.get("/app/reveal/{ticket_id}", include_in_schema=False)
def get_reveal(
    request: Request, caller: Annotated[Caller, Depends(page_for("reveal"))], ticket_id: Ticket
) -> HTMLResponse:
    """Answer the form that asks for the reason, to be laid into a page."""
    del caller
    words = load_words(WORDS_FILE, language_of(request))["reveal"]
    html = template_named("reveal.html").render(ticket_id=ticket_id, words=words, least=LEAST)
    return HTMLResponse(html)


def _counts(request: Request) -> Counts:
    """Return how many numbers each caller saw of late."""
    found = getattr(request.app.state, "reveals", None)
    if not isinstance(found, Counts):
        found = request.app.state.reveals = Counts(MOST_AN_HOUR, AN_HOUR)
    return found
