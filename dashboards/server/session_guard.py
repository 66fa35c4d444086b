"""Tell a page of ours from one of others before a request that changes something reaches its route.

A browser shows its cookie, and the password of basic authentication, with whatever request any page makes it send. So
what changes something and is known by these must come from our own origin, and with a cookie also show the mark of
the session: header `X-CSRF`, or form field `csrf`. A bearer token is shown by programs alone; it needs neither.

Simple so far: the mark is read from plain forms; a form with files shows it as the header.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from contract.ledger.sessions import session_mark
from dashboards.server.access import SESSION, is_foreign
from dashboards.server.refusals import refused

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
FORM = "application/x-www-form-urlencoded"
MOST_FORM_BYTES = 256 * 1024
MOST_FIELDS = 200
HEADER, FIELD = "x-csrf", "csrf"


class SessionGuard:
    """A layer around the application; puts `csrf`, the mark of the session, into the state of the request."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        request = Request(scope | {"type": "http"}, receive)
        number = request.cookies.get(SESSION, "")
        scheme = request.headers.get("authorization", "").partition(" ")[0].lower()
        is_by_cookie = bool(number) and not scheme
        state["csrf"] = session_mark(number) if is_by_cookie else ""
        if scope["type"] == "websocket" or scope["method"] in SAFE:
            await self.app(scope, receive, send)
            return
        try:
            if scheme not in ("", "bearer"):
                _check_origin(request)
            if is_by_cookie:
                receive = await _checked(request, receive, state["csrf"])
        except HTTPException as refusal:
            await refused(request, refusal)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _check_origin(request: Request) -> None:
    """Raise 403 where a page of others sends."""
    if is_foreign(request):
        raise HTTPException(403, "this was sent by a page of another origin")


async def _checked(request: Request, receive: Receive, mark: str) -> Receive:
    """Return what gives the body of a request that shows the mark of its session.

    Raises
    ------
    HTTPException
        403, if it comes from elsewhere or does not show the mark; 413, if the form that should is too large.
    """
    _check_origin(request)
    shown = request.headers.get(HEADER)
    if shown is None and request.headers.get("content-type", "").startswith(FORM):
        body = await _whole(request)
        shown = _field(body)
        receive = _again(body, receive)
    if not secrets.compare_digest((shown or "").encode(), mark.encode()):
        raise HTTPException(403, "the page is out of date: load it again and repeat what you did")
    return receive


async def _whole(request: Request) -> bytes:
    """Return the body of a form."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM_BYTES:
            raise HTTPException(413, f"a form may have {MOST_FORM_BYTES} bytes at most")
    return bytes(body)


def _field(body: bytes) -> str | None:
    """Return the mark that a form shows, None where it shows none."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return dict(pairs).get(FIELD)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more, and then what comes."""
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        """Return the body, then whatever comes."""
        return parts.pop() if parts else await receive()

    return give
