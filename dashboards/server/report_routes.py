"""Show the daily reports: the list, each in the frame, and its files.

Who is bound to counties gets each report cut down to those, drawn up in a process of its own when first asked for.
The page of a report has scripts inside; it is served in a sandbox of its own, without this server's cookies.

Simple so far: the last hundred are listed.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from contract.ledger.accounts import Caller
from contract.ledger.reports import FAILED, ITSELF, MADE, delivery_rows, report_row, report_rows
from dashboards.delivery.letter import KINDS, file_of, load_letter
from dashboards.server.access import page_for, server_of
from dashboards.server.frame import framed, language_of, theme_of
from dashboards.server.report_drawing import Asked, county_folder, is_drawn, report_folder
from dashboards.server.running import Server
from dashboards.server.security_headers import POLICY
from dashboards.wording import Words, load_words

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(page_for("rates"))]
WORDS_FILE = Path(__file__).with_name("report_words.toml")
_DRAWING = threading.Lock()
"""Reports of counties are drawn up one after the other."""
NAME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{4})?")
MOST = 100
MEDIA = {suffix: "/".join(kind) for suffix, kind in KINDS.items()}
ALONE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-scripts",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Headers of a report by itself: its own scripts, no origin, in frames of ours alone."""


@router.get("/app/report")
def get_reports(request: Request, caller: Reader) -> HTMLResponse:
    """Answer the list of reports."""
    return _page(request, caller, "reports.html", asked=request.query_params.get("asked", ""))


@router.get("/app/report/rows")
def get_rows(request: Request, caller: Reader) -> HTMLResponse:
    """Answer the rows of the list, to be filled in anew."""
    return _page(request, caller, "report_rows.html", asked="")


@router.post("/app/report/draw")
def draw_now(request: Request, caller: Reader) -> Response:
    """Ask for a report of now."""
    _check_scope(request, caller)
    name = server_of(request).reports.ask(caller.name)
    return RedirectResponse(f"/app/report?asked={name or 'none'}", 303)


@router.post("/app/report/{report_id}/send")
def send_again(request: Request, caller: Reader, report_id: str) -> Response:
    """Send a report on the ways on which that failed."""
    _check_scope(request, caller)
    _row(server_of(request), report_id)
    server_of(request).reports.send_again(report_id)
    return RedirectResponse("/app/report", 303)


@router.get("/app/report/{report_id}.html")
def get_document(request: Request, caller: Reader, report_id: str) -> HTMLResponse:
    """Answer a report by itself."""
    folder = _folder(request, caller, report_id)
    html = file_of(folder, language_of(request), "html").read_text(encoding="utf-8")
    theme = theme_of(request)
    if theme != "auto":
        html = html.replace("<html ", f'<html data-theme="{theme}" ', 1)
    return HTMLResponse(html, headers=ALONE)


@router.get("/app/report/{report_id}.{suffix}")
def get_file(request: Request, caller: Reader, report_id: str, suffix: str) -> FileResponse:
    """Answer a file of a report."""
    language = language_of(request)
    path = file_of(_folder(request, caller, report_id), language, suffix)
    if suffix not in MEDIA or not path.is_file():
        raise HTTPException(404, "there is no such file of this report")
    name = f"cellcause-{report_id}-{language}.{suffix}"
    return FileResponse(path, media_type=MEDIA[suffix], filename=name)


@router.get("/app/report/{report_id}")
def get_report(request: Request, caller: Reader, report_id: str) -> HTMLResponse:
    """Answer a report in the frame."""
    server, language = server_of(request), language_of(request)
    folder = _folder(request, caller, report_id)
    with server.ledger.reading() as connection:
        sent = [] if caller.counties else delivery_rows(connection, report_id)
        row = _told(server, dict(_row(server, report_id)), sent)
    words = _words(request)
    answer = framed(
        request,
        "report_frame.html",
        title=words["page"]["frame"].format(id=report_id),
        here="report",
        caller=caller,
        told=words,
        row=row,
        letter=load_letter(folder, language),
    )
    policy = "; ".join([*POLICY, "frame-src 'self'"]).format(hashes="")
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _page(request: Request, caller: Caller, template: str, **values: Any) -> HTMLResponse:
    """Return the list of reports, or its rows."""
    server, words = server_of(request), _words(request)
    with server.ledger.reading() as connection:
        rows = [
            _told(
                server,
                dict(row),
                [] if caller.counties else delivery_rows(connection, row["report_id"]),
            )
            for row in report_rows(connection, most=MOST)
        ]
    hour = server.settings.serve_report_hour
    return framed(
        request,
        template,
        title=words["page"]["title"],
        here="report",
        caller=caller,
        told=words,
        rows=rows,
        hour=f"{int(hour):02d}:{round(hour % 1 * 60):02d}",
        is_bound=bool(caller.counties),
        under_way=server.reports.under_way,
        **values,
    )


def _told(server: Server, row: dict[str, Any], sent: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a report as the list shows it."""
    zone = ZoneInfo(server.settings.zone)
    for name in ("known_at", "made_at"):
        row[name] = dt.datetime.fromtimestamp(int(row[name]), tz=zone).strftime("%Y-%m-%d %H:%M")
    folder = report_folder(server.settings, row["report_id"])
    is_made = row["state"] == MADE and folder.is_dir()
    row["files"] = [s for s in KINDS if is_made and any(folder.glob(f"*.{s}"))]
    row["is_made"], row["is_itself"] = is_made, row["by"] == ITSELF
    known = {one["channel"]: dict(one) for one in sent}
    ways = server.reports.sending.names if server.reports.sending else []
    if is_made and row["is_itself"]:
        known = {
            name: {"channel": name, "state": "waiting", "detail": None} for name in ways
        } | known
    row["sent"] = [known[name] for name in sorted(known)]
    row["may_send"] = any(one["state"] == FAILED for one in row["sent"]) and bool(ways)
    return row


def _words(request: Request) -> Words:
    """Return the words of these pages."""
    return load_words(WORDS_FILE, language_of(request))


def _check_scope(request: Request, caller: Caller) -> None:
    """Raise 403 when a caller may not see the whole network."""
    if caller.counties:
        raise HTTPException(403, _words(request)["page"]["whole"])


def _row(server: Server, report_id: str) -> Mapping[str, Any]:
    """Return a report; 404 where there is none."""
    with server.ledger.reading() as connection:
        row = report_row(connection, report_id) if NAME.fullmatch(report_id) else None
    if row is None:
        raise HTTPException(404, "there is no such report")
    return row


def _folder(request: Request, caller: Caller, report_id: str) -> Path:
    """Return the documents of a report as a caller may see it; 404 where there are none."""
    server = server_of(request)
    row = _row(server, report_id)
    folder = report_folder(server.settings, report_id)
    if row["state"] != MADE or not folder.is_dir():
        raise HTTPException(404, "this report has not been drawn up")
    return folder if not caller.counties else _county_folder(server, row, caller)


def _county_folder(server: Server, row: Mapping[str, Any], caller: Caller) -> Path:
    """Return the documents of a report of the caller's counties, drawn up now where they are not there."""
    report_id, counties = str(row["report_id"]), caller.counties
    with _DRAWING:
        if not is_drawn(server.settings, report_id, counties):
            day = dt.date.fromisoformat(str(row["day"]))
            asked = Asked(report_id, day, 0.0, caller.name, counties)
            drawn = server.reports.draw(server.settings, asked, threading.Event())
            if drawn is None or drawn.failure:
                raise HTTPException(404, drawn.failure if drawn else "the server ends")
    return county_folder(server.settings, report_id, counties)
