"""Show the audit to who may read it, and give it as CSV.

That somebody looks stands in the audit as well, once an hour; a download each time, for then it leaves the house.

Simple so far: lines are found by parts of names; an address is looked for as it was noted.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import RowMapping

from contract.ledger.accounts import Caller
from contract.ledger.audit import MOST, AuditQuestion, audit_lines, is_noted, kinds_of_lines, note
from dashboards.server.access import page_for, server_of
from dashboards.server.frame import framed, language_of
from dashboards.wording import load_words

router = APIRouter(include_in_schema=False)
WORDS_FILE = Path(__file__).with_name("audit_words.toml")
COLUMNS = ("number", "at", "who", "what", "subject", "detail")
ON_A_PAGE = 100
LOOKED_EVERY_S = 3600
LOOKED, TAKEN = "audit read", "audit downloaded"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What spreadsheets take for the beginning of a formula."""
Auditor = Annotated[Caller, Depends(page_for("audit"))]
Text = Annotated[str, Query(max_length=100)]
Before = Annotated[int | None, Query(ge=1)]


class Asked:
    """What the form of the page asks for."""

    def __init__(
        self,
        who: Text = "",
        what: Text = "",
        subject: Text = "",
        first: str = "",
        last: str = "",
    ) -> None:
        self.fields = {"who": who.strip(), "what": what.strip(), "subject": subject.strip()}
        self.days = {"first": _day(first), "last": _day(last)}

    def question(self, zone: ZoneInfo) -> AuditQuestion:
        """Return what the ledger is asked: whole days of the operator."""
        first, last = self.days["first"], self.days["last"]
        since = None if first is None else _midnight(first, zone)
        until = None if last is None else _midnight(last + dt.timedelta(days=1), zone)
        return AuditQuestion(**self.fields, since=since, until=until)

    def shown(self) -> dict[str, str]:
        """Return the fields as they are shown, and stand in addresses."""
        days = {name: "" if day is None else day.isoformat() for name, day in self.days.items()}
        return self.fields | days

    def query(self, **more: object) -> str:
        """Return the fields that are filled as the query of an address."""
        return urlencode({name: text for name, text in (self.shown() | more).items() if text})


@router.get("/app/audit")
def get_audit(
    request: Request, caller: Auditor, asked: Annotated[Asked, Depends()], before: Before = None
) -> Response:
    """Answer the page."""
    zone = ZoneInfo(server_of(request).settings.zone)
    _note_looking(request, caller)
    with server_of(request).ledger.reading() as connection:
        question = asked.question(zone)
        lines = audit_lines(connection, question, before=before, limit=ON_A_PAGE + 1)
        kinds = kinds_of_lines(connection)
    words = load_words(WORDS_FILE, language_of(request))
    shown = [_told(line, zone) for line in lines[:ON_A_PAGE]]
    older = asked.query(before=shown[-1]["number"]) if len(lines) > ON_A_PAGE else ""
    return framed(
        request,
        "audit.html",
        title=words["audit"]["title"],
        here="audit",
        caller=caller,
        words=words,
        lines=shown,
        kinds=kinds,
        asked=asked.shown(),
        older=older,
        latest=asked.query() if before is not None else None,
        download=asked.query(),
        zone=zone.key,
    )


@router.get("/app/audit.csv")
def get_audit_file(
    request: Request, caller: Auditor, asked: Annotated[Asked, Depends()]
) -> Response:
    """Answer the lines asked for as CSV."""
    server = server_of(request)
    zone = ZoneInfo(server.settings.zone)
    with server.ledger.writing() as connection:
        note(connection, caller.name, TAKEN, "audit", detail=asked.query())

    def parts() -> Iterator[bytes]:
        """Give the file piece by piece."""
        yield "\ufeff".encode() + csv_text([COLUMNS])
        before: int | None = None
        while True:
            with server.ledger.reading() as connection:
                lines = audit_lines(connection, asked.question(zone), before=before)
            yield csv_text([tuple(_told(line, zone)[c] for c in COLUMNS) for line in lines])
            if len(lines) < MOST:
                return
            before = lines[-1]["number"]

    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(parts(), media_type="text/csv; charset=utf-8", headers=headers)


def csv_text(rows: Iterable[tuple[Any, ...]]) -> bytes:
    r"""Return rows as CSV in which no cell is a formula.

    Examples
    --------
    >>> csv_text([("=1+1", "li", 2)])
    b"'=1+1,li,2\r\n"
    """
    memory = io.StringIO()
    csv.writer(memory).writerows([[plain_cell(value) for value in row] for row in rows])
    return memory.getvalue().encode()


def plain_cell(value: object) -> object:
    """Return a value that spreadsheets take for a text where it is one."""
    is_formula = isinstance(value, str) and value.lstrip(" ").startswith(FORMULA)
    return f"'{value}" if is_formula else value


def _told(line: RowMapping, zone: ZoneInfo) -> dict[str, Any]:
    """Return a line as it is shown."""
    at = dt.datetime.fromtimestamp(line["at"], tz=zone)
    return {**line, "at": f"{at:%Y-%m-%d %H:%M:%S}"}


def _note_looking(request: Request, caller: Caller) -> None:
    """Note that somebody looks at the audit, once an hour."""
    ledger, now = server_of(request).ledger, int(time.time())
    question = AuditQuestion(who=caller.name, what=LOOKED, since=now - LOOKED_EVERY_S)
    with ledger.reading() as connection:
        if is_noted(connection, question):
            return
    with ledger.writing() as connection:
        note(connection, caller.name, LOOKED, "audit")


def _day(text: str) -> dt.date | None:
    """Return a day as a form gives it, None where it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: dt.date, zone: ZoneInfo) -> int:
    """Return when a day begins, seconds since 1970."""
    return int(dt.datetime.combine(day, dt.time(), tzinfo=zone).timestamp())
