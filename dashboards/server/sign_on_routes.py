"""Send people to the provider who vouches for them, and take them back from there.

Simple so far: one provider.
"""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contract.ledger.accounts import has_user
from contract.ledger.audit import note
from dashboards.server.access import server_of
from dashboards.server.login_routes import address_of, is_secure, logged_in, login_page, own_path
from dashboards.server.single_sign_on import BEGUN_S, SignOn, SignOnError, read_provider

router = APIRouter(include_in_schema=False)
BEGUN = "cellcause_sign_on"
SOURCE = "single sign-on"
PATH = "/login"
Text = Annotated[str, Query(max_length=4000)]


@router.get("/login/sign-on")
def get_sign_on(request: Request, next: Text = "/") -> Response:
    """Send the browser to the provider."""
    try:
        address, state = sign_on_of(request).begin(own_path(next))
    except SignOnError as error:
        return _refused(request, error)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        BEGUN, state, BEGUN_S, path=PATH, httponly=True, samesite="lax", secure=is_secure(request)
    )
    return answer


@router.get("/login/return")
def get_return(request: Request, state: Text = "", code: Text = "", error: Text = "") -> Response:
    """Log in whom the provider sends back."""
    sign_on = sign_on_of(request)
    shown = request.cookies.get(BEGUN, "")
    try:
        if not state or not secrets.compare_digest(shown.encode(), state.encode()):
            raise SignOnError("this log-in was not begun in this browser")  # noqa: TRY301
        if error or not code:
            raise SignOnError("the provider did not vouch for anybody")  # noqa: TRY301
        caller, back = sign_on.end(state, code)
        with server_of(request).ledger.reading() as connection:
            is_taken = has_user(connection, caller.name)
        if is_taken:
            raise SignOnError("a user of this server bears the same name")  # noqa: TRY301
    except SignOnError as refusal:
        return _refused(request, refusal)
    answer = logged_in(request, caller, back, source=SOURCE)
    answer.delete_cookie(BEGUN, path=PATH)
    return answer


def sign_on_of(request: Request) -> SignOn:
    """Return the single sign-on of this server; 404 where there is none."""
    path = server_of(request).settings.oidc
    if path is None:
        raise HTTPException(404, "nobody vouches for people here")
    found = getattr(request.app.state, "sign_on", None)
    if not isinstance(found, SignOn):
        found = request.app.state.sign_on = SignOn(read_provider(path))
    return found


def _refused(request: Request, error: SignOnError) -> Response:
    """Note that somebody was not let in and show why."""
    with server_of(request).ledger.writing() as connection:
        detail = f"from {address_of(request)} by {SOURCE}: {error}"
        note(connection, "unknown", "log-in failed", "unknown", detail=detail)
    return login_page(request, "/", told=str(error), status=403)
