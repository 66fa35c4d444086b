"""Serve the page of the live map: the frame of all pages around an application of Dash on its FastAPI backend.

Nothing of Dash is reached but through `Guarded`: who may not see incidents is given neither layout nor answers, and the
websocket of Dash is closed to all, for changes come over `/push` and are asked for by requests of their own.

Simple so far: the application of Dash is one for all; language and counties are told by each request.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from typing import Annotated, Any

from dash import Dash
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from markupsafe import Markup

from contract.ledger.accounts import Caller
from dashboards.server.access import allowed, is_own_origin, page_for, server_of
from dashboards.server.frame import framed, language_of
from dashboards.server.live_map.callbacks import Asker, add_callbacks
from dashboards.server.live_map.grounds import KeptGround
from dashboards.server.live_map.layout import page_layout
from dashboards.server.live_map.mark_sheet import sheet_index, sheet_picture
from dashboards.server.live_map.palette import THEMES
from dashboards.server.live_map.scenes import MOST_BACK_S, KeptStandings
from dashboards.server.live_map.wordings import map_words
from dashboards.wording import LANGUAGES

ADDRESS = "/app/map"
PREFIX = f"{ADDRESS}/"
ACT = "incidents"
CALLER, OUTER = "cellcause.caller", "cellcause.request"
MARK_COOKIE = "cellcause_mark"
"""Cookie in which the page hands the mark of its session to Dash, which shows it with each question."""
NOT_KNOWN = 1008
NOWHERE = (-1.0, -1.0, 1.0, 1.0)
"""Extent of the layout that Dash checks before anybody asks."""
HELD = {"Cache-Control": "private, max-age=3600"}

RENDERER = '<script id="_dash-renderer" src="/assets/live_map_start.js"></script>'

BACKEND: Any = import_module("dash.backends._fastapi")
"""Where Dash keeps the request it answers; its page can be made for a request alone."""
logger = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class MapApp(Dash):
    """Dash whose page is a part of ours, not one of its own."""

    def interpolate_index(self, *given: Any, **parts: Any) -> str:
        """Return what Dash puts into a page, without inline scripts; the frame is laid around it."""
        del given
        return "\n".join([*[parts[name] for name in ("app_entry", "config", "scripts")], RENDERER])


class Guarded:
    """A layer around Dash that lets through to its questions who may see incidents, and nobody to its websocket."""

    def __init__(self, app: Any, outputs: Callable[[], Any]) -> None:
        self.app, self.outputs = app, outputs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": NOT_KNOWN})
            return
        request = Request(scope, receive)
        try:
            caller = await allowed(ACT)(request)
            receive = await _judged(request, receive, self.outputs())
        except HTTPException as refusal:
            answer = JSONResponse({"detail": refusal.detail}, refusal.status_code, refusal.headers)
            await answer(scope, receive, send)
            return
        inner = {**scope, "root_path": "", CALLER: caller, OUTER: request}
        await self.app(inner, receive, send)


def mount_live_map(app: FastAPI) -> None:
    """Lay Dash below the address of the page."""
    inner = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    dash: Any = MapApp(
        "cellcause",
        server=False,
        backend="fastapi",
        routes_pathname_prefix=PREFIX,
        requests_pathname_prefix=PREFIX,
        serve_locally=True,
        assets_folder="assets-there-are-none",
        add_log_handler=False,
        update_title="",
        on_error=_failed,
        csrf_token_name=MARK_COOKIE,
        csrf_header_name="X-CSRF",
    )
    dash.backend.websocket_capability = False
    dash.init_app(inner)
    ground, standings = KeptGround(), KeptStandings()

    def layout() -> Any:
        """Return the layout in the language of the request, beginning at what its caller may see."""
        if not dash.backend.has_request_context():
            return page_layout(map_words(LANGUAGES[0]), extent=NOWHERE)
        who = _asker()
        inventory = server_of(who.request).intake.inventory
        bounds = ground.of(inventory).bounds(who.caller.counties)
        return page_layout(map_words(who.language), extent=bounds)

    dash.layout = layout
    add_callbacks(dash, _asker, ground, standings)
    app.state.live_map, app.state.live_map_ground = dash, ground
    app.mount(ADDRESS, Guarded(inner, lambda: dash.callback_map))


@router.get(ADDRESS)
def get_map(request: Request, caller: Annotated[Caller, Depends(page_for(ACT))]) -> HTMLResponse:
    """Answer the page."""
    words = map_words(language_of(request))
    token = BACKEND.set_current_request(request)
    try:
        parts = request.app.state.live_map.index()
    finally:
        BACKEND.reset_current_request(token)
    title = words["map"]["title"]
    return framed(
        request,
        "map.html",
        title=title,
        here="map",
        caller=caller,
        dash=Markup(parts),
        words=words,
        back_min=MOST_BACK_S // 60,
    )


@router.get(PREFIX + "marks-{theme}.json", dependencies=[Depends(allowed(ACT))])
@router.get(PREFIX + "marks-{theme}@2x.json", dependencies=[Depends(allowed(ACT))])
def get_marks_index(theme: str) -> JSONResponse:
    """Answer where each mark lies in the sheet."""
    return JSONResponse(sheet_index(), headers=HELD) if theme in THEMES else _no_such()


@router.get(PREFIX + "marks-{theme}.png", dependencies=[Depends(allowed(ACT))])
@router.get(PREFIX + "marks-{theme}@2x.png", dependencies=[Depends(allowed(ACT))])
def get_marks_picture(theme: str) -> Response:
    """Answer the sheet of marks."""
    if theme not in THEMES:
        return _no_such()
    return Response(sheet_picture(theme), media_type="image/png", headers=HELD)


@router.get(PREFIX + "land-{name}.json", dependencies=[Depends(allowed(ACT))])
def get_land(request: Request, name: str, v: str = "") -> Response:
    """Answer a file of the land; a browser keeps the version it asked for."""
    land = request.app.state.live_map_ground.of(server_of(request).intake.inventory).lands.get(name)
    if land is None:
        return _no_such()
    headers = HELD if v == land.version else None
    return Response(land.content, media_type="application/geo+json", headers=headers)


def _asker() -> Asker:
    """Return who asks what Dash answers now."""
    scope = BACKEND.get_current_request().scope
    return Asker(scope[OUTER], scope[CALLER])


def _failed(error: Exception) -> None:
    """Log what went wrong with an answer, unless the question was refused; then let it go on its way."""
    if not isinstance(error, HTTPException):
        logger.error("a question of the map could not be answered", exc_info=error)
    raise error


def _no_such() -> JSONResponse:
    """Answer that there is no such sheet or land."""
    return JSONResponse({"detail": "there is no such file"}, 404)


async def _judged(request: Request, receive: Receive, outputs: Any) -> Receive:
    """Return what gives the body of a question that Dash knows.

    Raises
    ------
    HTTPException
        404, if it is not about Dash; 403, if a page of another origin asks; 400, if it is no question of the page.
    """
    if not request.url.path.startswith(f"{PREFIX}_dash-"):
        raise HTTPException(404, "there is no such page")
    if request.method != "POST":
        return receive
    if not is_own_origin(request):
        raise HTTPException(403, "this was sent by a page of another origin")
    body = await request.body()
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400, "a question must be JSON") from None
    if not isinstance(told, dict) or not _is_question(told, outputs):
        raise HTTPException(400, "this is no question of the page")
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> MutableMapping[str, Any]:
        """Return the body, then that the caller is gone."""
        return parts.pop() if parts else {"type": "http.disconnect"}

    return give


def _is_question(told: dict[str, Any], callbacks: Any) -> bool:
    """Tell whether something asks for outputs that Dash knows, with the inputs and states they need."""
    wanted = told.get("outputs")
    listed = wanted if isinstance(wanted, list) else [wanted]
    keys = [_key(one) for one in listed]
    output = f"..{'...'.join(keys)}.." if isinstance(wanted, list) else keys[0]
    known = callbacks.get(output)
    if known is None or told.get("output") != output:
        return False
    changed = told.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        return False
    given = [told.get("inputs", []), told.get("state", [])]
    needed = [[_key(one) for one in known[name]] for name in ("inputs", "state")]
    return all(isinstance(some, list) for some in given) and needed == [
        [_key(one) for one in some] for some in given
    ]


def _key(told: object) -> str:
    """Return the name of a property of a component, empty where it is none."""
    return f"{told.get('id')}.{told.get('property')}" if isinstance(told, dict) else ""
