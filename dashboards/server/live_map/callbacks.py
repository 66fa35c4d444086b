"""Answer what the page asks: what a view shows, and what was searched for.

A page asks when it is moved, when its layers, colours or moment change, and when the server pushed a change
(`assets/live_map.js`). It is answered with the marks alone, so that where its user went is kept; with the whole figure
at first and after a change of colours. Where a page shows all of it already, as when rows came in and no step has
concluded anything from them, it is answered with the figures along the top alone.

Simple so far: marks are sent whole each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import ClientsideFunction, Input, Output, Patch, State, no_update
from fastapi import HTTPException, Request

from contract.errors import InputError
from contract.ledger.accounts import Caller
from dashboards.server.access import server_of
from dashboards.server.frame import language_of
from dashboards.server.live_map.base_maps import base_layout, land_address
from dashboards.server.live_map.finding import found
from dashboards.server.live_map.grounds import KeptGround
from dashboards.server.live_map.lands import COUNTIES
from dashboards.server.live_map.layout import LAYERS
from dashboards.server.live_map.palette import THEMES
from dashboards.server.live_map.panels import (
    clock,
    fault_list,
    found_list,
    headline,
    legend,
    notes,
)
from dashboards.server.live_map.scenes import KeptStandings, marks_of, told_rates
from dashboards.server.live_map.traces import Look, traces
from dashboards.server.live_map.views import View, view_of
from dashboards.server.live_map.wordings import map_words

CLIENT = "live_map"
BESIDE = ("headline", "faults", "legend", "notes")


@dataclass(frozen=True)
class Asker:
    """Who asks, and how: the server asked, the caller, the language, and the origin of the page."""

    request: Request
    caller: Caller

    @property
    def language(self) -> str:
        """Language the page is shown in."""
        return language_of(self.request)

    @property
    def origin(self) -> str:
        """Where the page came from, which a sheet of pictures must be asked of by its whole address."""
        return self.request.headers.get("origin") or str(self.request.base_url).rstrip("/")


@dataclass(frozen=True)
class Asked:
    """What a page asks for.

    `drawn` is the ground, colours and size that it was drawn with last, `scene` what was drawn on it, `marks` how many.
    """

    view: View
    layers: tuple[str, ...]
    at: int | None
    theme: str
    drawn: str
    scene: str = ""
    marks: int = 0


def add_callbacks(app: Any, asker: Any, ground: KeptGround, standings: KeptStandings) -> None:
    """Add the callbacks of the page.

    Parameters
    ----------
    asker : callable
        Gives the `Asker` of the request that is answered.
    """

    async def show(*told: Any) -> Any:
        """Answer what a view shows."""
        who = asker()
        if told[0] is None or told[4] is None:
            return [no_update] * 6
        asked = asked_of(*told)
        return await asyncio.to_thread(shown, who, asked, ground, standings, told[1])

    async def search(text: Any) -> Any:
        """Answer what a text names."""
        return await asyncio.to_thread(searched, asker(), text, ground)

    app.callback(
        *[Output(name, "children") for name in BESIDE],
        Output("map", "figure"),
        Output("shown", "data"),
        *[Input(name, "data") for name in ("view", "pulse", "moment")],
        Input("layers", "value"),
        Input("theme", "data"),
        State("shown", "data"),
    )(show)
    app.callback(Output("hits", "children"), Input("search", "value"))(search)
    _add_client_side(app)


def asked_of(
    view: object, pulse: object, at: object, layers: object, theme: object, drawn: object
) -> Asked:
    """Return what a page asks for.

    Raises
    ------
    HTTPException
        422, if it can't be used.
    """
    del pulse
    if at is not None and (isinstance(at, bool) or not isinstance(at, int | float)):
        raise HTTPException(422, "`moment` must be seconds since 1970 or nothing")
    if theme not in THEMES or not isinstance(layers, list):
        raise HTTPException(422, f"`theme` must be one of {THEMES}, `layers` a list")
    try:
        seen = view_of(view)
    except InputError as error:
        raise HTTPException(422, str(error)) from error
    had = drawn if isinstance(drawn, Mapping) else {}
    base, scene, marks = str(had.get("base", "")), str(had.get("scene", "")), had.get("marks")
    moment = None if at is None else int(min(max(at, 0), 1e11))
    chosen = tuple(name for name in LAYERS if name in layers)
    count = marks if isinstance(marks, int) else 0
    return Asked(seen, chosen, moment, str(theme), base, scene, count)


def shown(
    who: Asker, asked: Asked, kept_ground: KeptGround, standings: KeptStandings, pulse: object
) -> list[Any]:
    """Return what a view shows: what stands beside the map, the figure or what changes of it, and what was drawn."""
    server = server_of(who.request)
    ground = kept_ground.of(server.intake.inventory)
    look = Look(asked.theme, asked.view.scale, who.language, map_words(who.language))
    stood = standings.of(server, ground, who.caller.counties, asked.at)
    zone = server.settings.zone
    top = headline(stood, caller=who.caller, look=look, zone=zone)
    data = {
        "base": asked.drawn,
        "scene": f"{stood.drawn} {asked.view} {asked.layers} {asked.theme} {look.language} {who.caller.role}",
        "marks": asked.marks,
        "now": server.writer.clock() // 1_000_000,
        "pulse": pulse,
        "told": _moment_told(stood.moment, look, zone),
    }
    if data["scene"] == asked.scene:
        return [top, *[no_update] * len(BESIDE), data]
    marks = marks_of(stood, ground, asked.view, caller=who.caller, layers=asked.layers)
    rates, home = told_rates(stood.rates, who.caller), f"{who.origin}/app/map"
    land = land_address(ground, COUNTIES, home=home)
    drawn = traces(marks, rates, land, layers=asked.layers, look=look)
    beside = [
        top,
        fault_list(stood, caller=who.caller, look=look, zone=zone),
        legend(stood, look=look),
        notes(stood, shown=len(marks), cut=marks.cut, look=look),
    ]
    base = f"{asked.theme} {land} {asked.view.scale}"
    figure: Any = Patch()
    figure["data"], figure["layout"]["meta"] = drawn, pulse
    if asked.drawn != base:
        layout = base_layout(ground, asked.view, theme=asked.theme, home=home)
        figure = {"data": drawn, "layout": layout | {"meta": pulse}}
    return [*beside, figure, data | {"base": base, "marks": len(marks)}]


def searched(who: Asker, text: object, kept_ground: KeptGround) -> list[Any]:
    """Return what a text names, as components."""
    server = server_of(who.request)
    ground = kept_ground.of(server.intake.inventory)
    look = Look(THEMES[0], 1.0, who.language, map_words(who.language))
    with server.ledger.reading() as connection:
        return found_list(found(connection, ground, text, caller=who.caller), look=look)


def _moment_told(moment: Any, look: Look, zone: str) -> str:
    """Return the moment that is shown, in words."""
    words = look.words["time"]
    return words["live"] if moment.is_now else words["at"].format(at=clock(moment.at, 0, zone))


def _add_client_side(app: Any) -> None:
    """Add what the page does by itself, in `assets/live_map.js`."""
    app.clientside_callback(
        ClientsideFunction(CLIENT, "begin"),
        Output("view", "data"),
        Output("theme", "data"),
        Input("extent", "data"),
    )
    app.clientside_callback(
        ClientsideFunction(CLIENT, "moved"),
        Output("view", "data", allow_duplicate=True),
        Input("map", "relayoutData"),
        State("view", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(CLIENT, "flown"),
        Output("map", "figure", allow_duplicate=True),
        Output("view", "data", allow_duplicate=True),
        Input("fly", "data"),
        State("map", "figure"),
        prevent_initial_call=True,
    )
    for prop, name in (("clickData", "clicked"), ("hoverData", "pointed")):
        app.clientside_callback(
            ClientsideFunction(CLIENT, name),
            Output("done", "data", allow_duplicate=True),
            Input("map", prop),
            prevent_initial_call=True,
        )
    app.clientside_callback(
        ClientsideFunction(CLIENT, "drawn"),
        Output("done", "data"),
        Input("shown", "data"),
        prevent_initial_call=True,
    )
