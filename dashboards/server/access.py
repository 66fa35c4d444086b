"""Tell who asks, and whether they may.

A program shows its token as `Authorization: Bearer TOKEN`, or, as event sources do, as the password of basic
authentication. On this machine alone, and while nobody is known to the server, whoever asks may do everything but
make accounts.

Simple so far: no log-in page; users show name and password with each request.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import HTTPException, Request
from starlette.requests import HTTPConnection

from contract.ledger.accounts import Caller, caller_of_password, caller_of_token, has_callers
from dashboards.server.running import LOCAL, Server

ALONE = Caller("local", "system")
HERE = (*LOCAL, "testserver")
"""Names under which this machine is asked when it listens to itself alone."""
ASK = {"WWW-Authenticate": 'Bearer realm="cellcause", Basic realm="cellcause"'}


def server_of(request: HTTPConnection) -> Server:
    """Return the server that a request came to."""
    server: Server = request.app.state.server
    return server


def caller_of(request: HTTPConnection) -> Caller | None:
    """Return who asks, None where that is not known."""
    server = server_of(request)
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    with server.ledger.reading() as connection:
        if not scheme:
            is_here = request.client is not None and request.client.host in (*LOCAL, "testclient")
            is_alone = server.settings.serve_host in LOCAL and not has_callers(connection)
            return ALONE if is_here and is_alone and is_own_origin(request) else None
        if scheme.lower() == "bearer":
            return caller_of_token(connection, shown.strip())
        name, password = _named(scheme, shown)
        found = caller_of_token(connection, password) if password else None
        if found is not None or not name:
            return found
        return caller_of_password(connection, name, password)


def is_own_origin(request: HTTPConnection) -> bool:
    """Tell whether a request comes from a page of ours, or from a program, which sends no origin.

    What reaches this machine under another name than its own was lured here.
    """
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    name = urlsplit(f"//{host}").hostname or ""
    is_named_so = request.app.state.server.settings.serve_host not in LOCAL or name in HERE
    return is_named_so and (origin is None or urlsplit(origin).netloc == host)


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


def page_for(act: str) -> Callable[[Request], Any]:
    """Return what lets a page through to who may do an act; who is not known is sent to log in."""
    check = allowed(act)

    def see(request: Request) -> Caller:
        """Return the caller; 303 to the log-in where it is not known, 403 where it may not."""
        try:
            caller: Caller = check(request)
        except HTTPException as refusal:
            if refusal.status_code != 401:
                raise
            back = quote(f"{request.url.path}?{request.url.query}".rstrip("?"), safe="/")
            raise HTTPException(303, "log in first", {"Location": f"/login?next={back}"}) from None
        return caller

    return see


def allowed(act: str) -> Callable[[Request], Any]:
    """Return what lets a request through whose caller may do an act, and gives the caller."""

    def check(request: Request) -> Caller:
        """Return the caller; 401 where it is not known, 403 where it may not."""
        caller = caller_of(request)
        if caller is None:
            raise HTTPException(401, "who asks is not known here", headers=ASK)
        if not caller.may(act):
            raise HTTPException(403, f"the role {caller.role} may not: {act}")
        return caller

    return check
