"""Answer what is refused: people get a page in the frame, programs JSON, those of TM Forum in its form.

Simple so far: whoever takes HTML is a person.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from dashboards.server.access import caller_of, is_fetched
from dashboards.server.frame import framed, language_of
from dashboards.server.security_headers import safe_headers
from dashboards.wording import load_words

WORDS_FILE = Path(__file__).with_name("access_words.toml")
SHOWN = (403, 404, 413, 429, 500)
"""What is answered with words of its own; all else as "other"."""


def refused(request: Request, error: Exception) -> Response:
    """Return the answer to a request that is refused."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    reason = error.detail if isinstance(error, HTTPException) else "a fault of the server"
    headers = error.headers if isinstance(error, HTTPException) else None
    if request.url.path.startswith("/tmf-api/"):
        told = {"@type": "Error", "code": str(status), "reason": reason, "status": str(status)}
        return JSONResponse(told, status, headers)
    if status == 401 and "sec-fetch-mode" in request.headers:
        headers = None  # a browser would ask for name and password in a window of its own
    if not is_person(request) or status < 400:
        return JSONResponse({"detail": reason}, status, headers)
    if status == 401:
        return to_log_in(request)
    return _page(request, status, str(reason))


def not_understood(request: Request, error: Exception) -> Response:
    """Return the answer to values that can't be used: each with its place and what is wrong, not what came."""
    wrong = error.errors() if isinstance(error, RequestValidationError) else ()
    told = [{name: one[name] for name in ("loc", "msg", "type")} for one in wrong]
    reasons = [f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in told]
    if request.url.path.startswith("/tmf-api/"):
        return refused(request, HTTPException(400, "; ".join(reasons)))
    if not is_person(request):
        return JSONResponse({"detail": told}, 422)
    return _page(request, 422, "; ".join(reasons))


def failed(request: Request, error: Exception) -> Response:
    """Return the answer where the server has a fault; the fault itself is logged, and not shown.

    It is answered outside all layers, so the headers that every answer has are put on here.
    """
    del error
    answer = refused(request, HTTPException(500, "a fault of the server; it stands in its log"))
    answer.raw_headers = safe_headers(request.app, request.url.scheme, answer.raw_headers)
    return answer


def is_person(request: Request) -> bool:
    """Tell whether an answer is read by a person: the browser shows it as a page."""
    return not is_fetched(request) and "text/html" in request.headers.get("accept", "")


def to_log_in(request: Request) -> Response:
    """Return the way to the log-in, and from there back to the page asked for."""
    back = "/"
    if request.method == "GET":
        back = quote(f"{request.url.path}?{request.url.query}".rstrip("?"), safe="/")
    return RedirectResponse(f"/login?next={back}", 303)


def _page(request: Request, status: int, reason: str) -> Response:
    """Return a page that says what is refused and why."""
    words = load_words(WORDS_FILE, language_of(request))
    kind = str(status) if status in SHOWN else "other"
    answer: Response = framed(
        request,
        "refusal.html",
        title=words["refusal"][kind],
        caller=caller_of(request),
        status=status,
        words=words,
        status_shown=status,
        kind=kind,
        reason=reason,
    )
    return answer
