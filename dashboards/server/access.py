"""Tell who asks, and whether they may.

A program shows its token as `Authorization: Bearer TOKEN`, or, as event sources do, as the password of basic
authentication. A person has a cookie from the log-in. On this machine alone, and while nobody is known to the server,
whoever asks may do everything but make accounts.

Simple so far: who asks is looked up in the ledger with each request, a program by its token every few seconds
(`dashboards.server.known_tokens`).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import HTTPException, Request
from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from contract.ledger.accounts import ALONE as ALONE_ROLE
from contract.ledger.accounts import Caller, caller_of_password, caller_of_token, has_callers
from contract.ledger.sessions import SEEN_EVERY_S, Lasting, Session, note_seen, session_of
from dashboards.server.running import LOCAL, Server

ALONE = Caller("local", ALONE_ROLE)
SESSION = "cellcause_session"
"""Cookie of the log-in."""
HERE = (*LOCAL, "testserver")
"""Names under which this machine is asked when it listens to itself alone."""
ASK = {"WWW-Authenticate": 'Bearer realm="cellcause", Basic realm="cellcause"'}


def server_of(request: HTTPConnection) -> Server:
    """Return the server that a request came to."""
    server: Server = request.app.state.server
    return server


def is_anybody_known(server: Server, connection: Connection) -> bool:
    """Tell whether somebody must be known to be let in: there are accounts, or another system vouches for people."""
    return server.settings.oidc is not None or has_callers(connection)


def caller_of(request: HTTPConnection) -> Caller | None:
    """Return who asks, None where that is not known."""
    server = server_of(request)
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if not scheme and SESSION in request.cookies:
        caller = _caller_of_session(request)
        if caller is not None:
            return caller
    if scheme.lower() == "bearer":
        return _program_of(server, shown.strip())
    with server.ledger.reading() as connection:
        if not scheme:
            is_here = request.client is not None and request.client.host in (*LOCAL, "testclient")
            is_alone = server.settings.serve_host in LOCAL and not is_anybody_known(
                server, connection
            )
            return ALONE if is_here and is_alone and is_own_origin(request) else None
        name, password = _named(scheme, shown)
        found = caller_of_token(connection, password) if password else None
        if found is not None or not name:
            return found
        return caller_of_password(connection, name, password)


def _program_of(server: Server, token: str) -> Caller | None:
    """Return who shows a token, None where it is not known or closed."""
    known = server.tokens.of(token)
    if known is not None:
        return known
    with server.ledger.reading() as connection:
        found = caller_of_token(connection, token)
    if found is not None:
        server.tokens.note(token, found)
    return found


def lasting_of(request: HTTPConnection) -> Lasting:
    """Return how long a log-in lasts."""
    settings = server_of(request).settings
    return Lasting(int(settings.session_idle_min * 60), int(settings.session_hours * 3600))


def _caller_of_session(request: HTTPConnection) -> Caller | None:
    """Return who is logged in with the cookie of a request; that it was used is noted now and then."""
    ledger, lasting, now = server_of(request).ledger, lasting_of(request), int(time.time())
    session: Session | None
    with ledger.reading() as connection:
        session = session_of(connection, request.cookies[SESSION], now=now, lasting=lasting)
    if session is None:
        return None
    if now - session.seen_at >= min(SEEN_EVERY_S, lasting.idle_s // 2):
        with ledger.writing() as connection:
            note_seen(connection, session, now=now)
    return session.caller


def is_foreign(request: HTTPConnection) -> bool:
    """Tell whether the browser says that a page of others sends a request; programs say nothing."""
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc != host
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def is_own_origin(request: HTTPConnection) -> bool:
    """Tell whether a request comes from a page of ours, or from a program, which sends no origin.

    What reaches this machine under another name than its own was lured here.
    """
    name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    is_named_so = server_of(request).settings.serve_host not in LOCAL or name in HERE
    return is_named_so and not is_foreign(request)


def _named(scheme: str, shown: str) -> tuple[str, str]:
    """Return name and password of basic authentication, empty where it is none."""
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(shown.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, password = text.partition(":")
    return name, password


def is_fetched(request: HTTPConnection) -> bool:
    """Tell whether a script of a page asks, not the address line of the browser."""
    return request.headers.get("sec-fetch-mode", "navigate") != "navigate"


def page_for(act: str) -> Callable[[Request], Any]:
    """Return what lets a page through to who may do an act; who is not known is sent to log in."""

    def see(request: Request) -> Caller:
        """Return the caller; 303 to the log-in where it is not known, 403 where it may not."""
        try:
            return _let_through(caller_of(request), act)
        except HTTPException as refusal:
            if refusal.status_code != 401 or is_fetched(request):
                raise
            back = quote(f"{request.url.path}?{request.url.query}".rstrip("?"), safe="/")
            raise HTTPException(303, "log in first", {"Location": f"/login?next={back}"}) from None

    return see


def allowed(act: str) -> Callable[[Request], Any]:
    """Return what lets a request through whose caller may do an act, and gives the caller."""

    async def check(request: Request) -> Caller:
        """Return the caller; 401 where it is not known, 403 where it may not."""
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        known = server_of(request).tokens.of(shown.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            known = await asyncio.to_thread(caller_of, request)
        return _let_through(known, act)

    return check


def _let_through(caller: Caller | None, act: str) -> Caller:
    """Return a caller who may do an act; raise 401 where it is not known, 403 where it may not."""
    if caller is None:
        raise HTTPException(401, "who asks is not known here", headers=ASK)
    if not caller.may(act):
        raise HTTPException(403, f"the role {caller.role} may not: {act}")
    return caller
