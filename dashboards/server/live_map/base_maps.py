"""Lay out the ground of the map without anything from outside: the land of counties and towns, and where to begin.

The style names land by its address: a figure that holds it is copied whole by the browser with each change of a mark.

Names are written with the typeface of the page: a style without `glyphs` makes maplibre draw letters by itself.

Simple so far: towns have outlines from `TOWNS_FROM` on; rivers and roads are unknown.
"""

from __future__ import annotations

from typing import Any

from dashboards.fonts import PAGE_FAMILY
from dashboards.server.live_map.grounds import Ground
from dashboards.server.live_map.lands import WHOLE
from dashboards.server.live_map.palette import COLOURS, GROUND
from dashboards.server.live_map.views import View

TOWNS_FROM = 9.0
COUNTY_LINES = "county-lines"
"""What lies on the land must be put below this."""
LEAST_ZOOM = 2.0
PLACES = 10
"""Traces that lie on the ground one upon another."""


def base_layout(ground: Ground, view: View, *, theme: str, home: str) -> dict[str, Any]:
    """Return the layout of the figure.

    Parameters
    ----------
    view : View
        Where the map begins; the figure keeps where its user went from there (`uirevision`).
    home : str
        Whole address below which land and the sheets of marks are.
    """
    colours = COLOURS[theme]
    lon, lat = view.centre
    return {
        "map": {
            "style": _style(ground, theme=theme, home=home),
            "center": {"lon": lon, "lat": lat},
            "zoom": view.zoom,
        },
        "uirevision": "kept",
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": GROUND[theme]["sea"],
        "showlegend": False,
        "clickmode": "event",
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": colours["panel"],
            "bordercolor": colours["faint"],
            "font": {"color": colours["ink"], "family": PAGE_FAMILY, "size": 13 * view.scale},
            "align": "left",
        },
    }


def place_on(number: int) -> str:
    """Return what the trace of a number lies below, from the bottom.

    Plotly puts all layers that lie below the same one into the map anew with each change, so none shares its own.
    """
    return f"place-{number}"


def land_address(ground: Ground, name: str, *, home: str) -> str:
    """Return the address of a file of the land, another one when it changed."""
    return f"{home}/land-{name}.json?v={ground.lands[name].version}"


def _style(ground: Ground, *, theme: str, home: str) -> dict[str, Any]:
    """Return the style of maplibre."""
    colours = GROUND[theme]
    land = {"fill-color": colours["land"], "fill-antialias": False}
    towns = {"line-color": colours["town"], "line-width": 1, "line-dasharray": [3, 2]}
    return {
        "version": 8,
        "id": f"cellcause-{theme}",
        "sprite": f"{home}/marks-{theme}",
        "sources": {
            name: {"type": "geojson", "data": land_address(ground, name, home=home)}
            for name in (WHOLE, COUNTY_LINES, "town-lines")
        },
        "layers": [
            {"id": "sea", "type": "background", "paint": {"background-color": colours["sea"]}},
            _layer("land", "fill", WHOLE, land),
            _layer("town-lines", "line", "town-lines", towns) | {"minzoom": TOWNS_FROM},
            _layer(
                COUNTY_LINES,
                "line",
                COUNTY_LINES,
                {"line-color": colours["county"], "line-width": 1.2},
            ),
            *[
                {"id": place_on(n), "type": "background", "layout": {"visibility": "none"}}
                for n in range(PLACES)
            ],
        ],
    }


def _layer(name: str, kind: str, source: str, paint: dict[str, Any]) -> dict[str, Any]:
    """Return a layer of the style."""
    return {"id": name, "type": kind, "source": source, "paint": paint}
