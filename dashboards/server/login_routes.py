"""Let people log in and out, and lead them to the first page that their role may see.

Every log-in, failure and log-out stands in the audit, with the address it came from and never what was typed as a
password; a name that nobody has is not written down either, for it may be a password typed into the wrong field.
Failures of a name from an address, of an address and of a name are bounded within a while.

Simple so far: counts of failures are of this process and begin anew with it.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from contract.ledger.accounts import Caller, caller_of_password, has_user
from contract.ledger.audit import note
from contract.ledger.sessions import end_session, open_session
from dashboards.server.access import SESSION, caller_of, is_foreign, lasting_of, server_of
from dashboards.server.counting import Counts
from dashboards.server.frame import framed, language_of, ways_of
from dashboards.server.refusals import WORDS_FILE, to_log_in
from dashboards.wording import load_words

router = APIRouter(include_in_schema=False)
WINDOW_MIN = 15
OF_BOTH, OF_ADDRESS, OF_NAME = 5, 40, 40
"""Failures within the window of a name from one address, of an address, of a name."""
SEEN_BEFORE = "/"
HOMES = {"agent": "agent"}
"""Roles whose first page is another than the first they may see."""


@dataclass
class Failures:
    """Log-ins that failed of late."""

    both: Counts = field(default_factory=lambda: Counts(OF_BOTH, WINDOW_MIN * 60))
    address: Counts = field(default_factory=lambda: Counts(OF_ADDRESS, WINDOW_MIN * 60))
    name: Counts = field(default_factory=lambda: Counts(OF_NAME, WINDOW_MIN * 60))

    def are_too_many(self, name: str, address: str) -> bool:
        """Tell whether one has to wait."""
        return (
            self.both.is_over((name, address))
            or self.address.is_over(address)
            or self.name.is_over(name)
        )

    def add(self, name: str, address: str) -> None:
        """Count a failure."""
        self.both.add((name, address))
        self.address.add(address)
        self.name.add(name)


@router.get("/")
def first_page(request: Request) -> Response:
    """Lead to the first page that the caller may see."""
    caller = caller_of(request)
    if caller is None:
        return to_log_in(request)
    ways = ways_of(caller, "")
    if not ways:
        raise HTTPException(403, f"the role {caller.role} has no pages")
    first = next((way for way in ways if way.name == HOMES.get(caller.role)), ways[0])
    return RedirectResponse(first.address, 303)


@router.get("/login")
def get_login(request: Request, next: str = SEEN_BEFORE, out: str = "") -> Response:
    """Answer the page at which one logs in; who is known already is led on."""
    if caller_of(request) is not None:
        return RedirectResponse(own_path(next), 303)
    words = load_words(WORDS_FILE, language_of(request))["login"]
    return login_page(request, own_path(next), told=words["over"] if out else "")


@router.post("/login")
def post_login(
    request: Request,
    name: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=2000)] = SEEN_BEFORE,
) -> Response:
    """Log in."""
    if is_foreign(request):
        raise HTTPException(403, "this was sent by a page of another origin")
    words = load_words(WORDS_FILE, language_of(request))["login"]
    address, back = address_of(request), own_path(next)
    failures = failures_of(request)
    if failures.are_too_many(name, address):
        told = words["throttled"].format(minutes=WINDOW_MIN)
        answer = login_page(request, back, name=name, told=told, status=429)
        answer.headers["Retry-After"] = str(WINDOW_MIN * 60)
        return answer
    with server_of(request).ledger.reading() as connection:
        caller = caller_of_password(connection, name, password)
        is_known = caller is not None or has_user(connection, name)
    if caller is None:
        failures.add(name, address)
        who = name if is_known else "unknown"
        with server_of(request).ledger.writing() as connection:
            note(connection, who, "log-in failed", who, detail=f"from {address}")
        return login_page(request, back, name=name, told=words["wrong"], status=403)
    failures.both.forget((name, address))
    return logged_in(request, caller, back)


@router.post("/logout")
def post_logout(request: Request) -> Response:
    """Log out."""
    number = request.cookies.get(SESSION, "")
    caller = caller_of(request)
    if number and caller is not None:
        with server_of(request).ledger.writing() as connection:
            end_session(connection, number, now=int(time.time()))
            note(
                connection,
                caller.name,
                "log-out",
                caller.name,
                detail=f"from {address_of(request)}",
            )
    answer = RedirectResponse("/login?out=1", 303)
    answer.delete_cookie(
        SESSION, path="/", httponly=True, samesite="lax", secure=is_secure(request)
    )
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def logged_in(request: Request, caller: Caller, back: str, *, source: str = "local") -> Response:
    """Return the way on for somebody whose session begins here."""
    before = request.cookies.get(SESSION, "")
    now = int(time.time())
    lasting = lasting_of(request)
    with server_of(request).ledger.writing() as connection:
        if before:
            end_session(connection, before, now=now)
        number = open_session(connection, caller, now=now, lasting=lasting, source=source)
        detail = f"from {address_of(request)} by {source}"
        note(connection, caller.name, "log-in", caller.name, detail=detail)
    answer = RedirectResponse(back, 303)
    answer.set_cookie(
        SESSION, number, path="/", httponly=True, samesite="lax", secure=is_secure(request)
    )
    return answer


def own_path(path: str) -> str:
    r"""Return a path of ours to go on to, `/` for whatever is none.

    Examples
    --------
    >>> [own_path(p) for p in ("/app/queue?county=Hill", "//elsewhere", "https://elsewhere/", "/\\elsewhere", "/login")]
    ['/app/queue?county=Hill', '/', '/', '/', '/']
    """
    is_plain = path.startswith("/") and path.isprintable() and "\\" not in path
    parts = urlsplit(path) if is_plain and not path.startswith("//") else None
    if parts is None or parts.scheme or parts.netloc or parts.path in ("/login", "/logout"):
        return SEEN_BEFORE
    return path


def address_of(request: Request) -> str:
    """Return where a request comes from; of IPv6 the network, for one has many addresses there."""
    host = request.client.host if request.client is not None else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if address.version == 6 and not address.is_loopback:
        return str(ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False))
    return str(address)


def is_secure(request: Request) -> bool:
    """Tell whether the browser talks over TLS, to us or to a proxy that is trusted."""
    return request.url.scheme == "https"


def failures_of(request: Request) -> Failures:
    """Return the failures that this server counted."""
    found = getattr(request.app.state, "failures", None)
    if not isinstance(found, Failures):
        found = request.app.state.failures = Failures()
    return found


def login_page(
    request: Request, back: str, *, name: str = "", told: str = "", status: int = 200
) -> Response:
    """Return the page at which one logs in."""
    words = load_words(WORDS_FILE, language_of(request))
    return framed(
        request,
        "login.html",
        title=words["login"]["title"],
        status=status,
        words=words,
        next=back,
        name=name,
        told=told,
        has_sign_on=server_of(request).settings.oidc is not None,
    )
