"""Lay out the ground of the map without anything from outside: the land of counties and towns, and where to begin.

Names are written with the typeface of the page: a style without `glyphs` makes maplibre draw letters by itself.

Simple so far: towns have outlines from `TOWNS_FROM` on; rivers and roads are unknown.
"""

from __future__ import annotations

from typing import Any

from dashboards.fonts import PAGE_FAMILY
from dashboards.server.live_map.grounds import Ground
from dashboards.server.live_map.palette import COLOURS, GROUND
from dashboards.server.live_map.views import View

TOWNS_FROM = 9.0
COUNTY_LINES = "county-lines"
"""What lies on the land must be put below this."""
LEAST_ZOOM = 2.0


def base_layout(ground: Ground, view: View, *, theme: str, sheet: str) -> dict[str, Any]:
    """Return the layout of the figure.

    Parameters
    ----------
    view : View
        Where the map begins; the figure keeps where its user went from there (`uirevision`).
    sheet : str
        Whole address of the sheet of marks without its ending.
    """
    colours = COLOURS[theme]
    lon, lat = view.centre
    return {
        "map": {
            "style": _style(ground, theme=theme, sheet=sheet),
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


def _style(ground: Ground, *, theme: str, sheet: str) -> dict[str, Any]:
    """Return the style of maplibre."""
    colours = GROUND[theme]
    towns = {"line-color": colours["town"], "line-width": 1, "line-dasharray": [3, 2]}
    return {
        "version": 8,
        "id": f"cellcause-{theme}",
        "sprite": sheet,
        "sources": {
            "counties": {"type": "geojson", "data": ground.counties},
            "towns": {"type": "geojson", "data": ground.towns},
        },
        "layers": [
            {"id": "sea", "type": "background", "paint": {"background-color": colours["sea"]}},
            _layer("land", "fill", "counties", {"fill-color": colours["land"]}),
            _layer("town-lines", "line", "towns", towns) | {"minzoom": TOWNS_FROM},
            _layer(
                COUNTY_LINES,
                "line",
                "counties",
                {"line-color": colours["county"], "line-width": 1.2},
            ),
        ],
    }


def _layer(name: str, kind: str, source: str, paint: dict[str, Any]) -> dict[str, Any]:
    """Return a layer of the style."""
    return {"id": name, "type": kind, "source": source, "paint": paint}
