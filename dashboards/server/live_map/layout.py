"""Lay out the page of the map as components of Dash: figures along the top, the map, the list beside it.

What is shown is filled in by `callbacks`; what a page keeps to itself lies in stores: the view, the moment looked back
to, and what was drawn last. The slider back through the day stands in `templates/map.html`.

Simple so far: one layout for all sizes, the style sheet of the page makes it fit.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards.wording import Words

LAYERS = ("faults", "extent", "notices", "complaints", "sites", "rates", "names")
AT_FIRST = ("faults", "extent", "notices", "complaints", "sites", "names")
HIDDEN: dict[str, Any] = {"aria-hidden": "true"}
GRAPH_SETTINGS: Any = {
    "displayModeBar": False,
    "scrollZoom": True,
    "responsive": True,
    "doubleClick": False,
}


def page_layout(words: Words, *, extent: tuple[float, float, float, float]) -> Any:
    """Return the layout of the page.

    Parameters
    ----------
    extent : tuple of float
        West, south, east and north of what its caller may see: where the map begins.
    """
    return html.Div(
        [
            html.Div(id="headline", className="headline"),
            html.Div([_map(words), _side(words)], className="stage"),
            *_stores(extent),
        ],
        className="live-map",
    )


def _map(words: Words) -> Any:
    """Return the map with what lies on it."""
    told = words["map"]
    zoom = [
        html.Button("+", id="zoom-in", type="button", **_named(told["zoom_in"])),
        html.Button("−", id="zoom-out", type="button", **_named(told["zoom_out"])),
        html.Button("⌂", id="zoom-whole", type="button", **_named(told["whole"])),
    ]
    graph = dcc.Graph(id="map", figure={}, config=GRAPH_SETTINGS, className="graph")
    ring = html.Div(id="ring", className="ring", **HIDDEN)
    named: dict[str, Any] = {"aria-label": f"{told['label']}. {told['keys']}"}
    return html.Div(
        [
            html.Div(
                [graph, ring],
                id="map-frame",
                className="map-frame",
                tabIndex=0,
                role="application",
                **named,
            ),
            html.Div(zoom, className="zoom", role="group"),
            html.Div([*_search(words)], className="search"),
            html.Div([html.Div(id="legend", className="legend"), _layers(words)], className="key"),
            html.Div(id="notes", className="notes", role="status"),
        ],
        className="map-pane",
    )


def _search(words: Words) -> list[Any]:
    """Return the search box and what it found."""
    told = words["search"]
    box = dcc.Input(
        id="search", type="text", placeholder=told["hint"], debounce=0.25, value="", autoComplete="off",
        className="search-box", maxLength=100,
    )  # fmt: skip
    return [
        html.Label(told["label"], htmlFor="search", className="hidden"),
        box,
        html.Div(id="hits", className="hits"),
    ]


def _layers(words: Words) -> Any:
    """Return the switches of the layers."""
    told = words["layer"]
    choices = [
        {
            "label": html.Span([html.Span(className=f"swatch of-{name}", **HIDDEN), told[name]]),
            "value": name,
        }
        for name in LAYERS
    ]
    return html.Div(
        dcc.Checklist(
            id="layers", options=choices, value=list(AT_FIRST), inline=True, persistence="layers-1",
            persistence_type="local", className="layers",
        ),
        role="group", **_labelled(told["title"]),
    )  # fmt: skip


def _side(words: Words) -> Any:
    """Return the list of faults."""
    told = words["list"]
    return html.Section(
        [
            html.Div([html.H2(told["title"]), html.Span(told["keys"], className="soft small")], className="side-head"),
            html.Ol(id="faults", className="faults"),
        ],
        className="side", **_labelled(told["title"]),
    )  # fmt: skip


def _stores(extent: tuple[float, float, float, float]) -> list[Any]:
    """Return what the page keeps to itself."""
    names = ("view", "pulse", "moment", "theme", "shown", "fly", "done")
    return [dcc.Store(id="extent", data=list(extent)), *[dcc.Store(id=name) for name in names]]


def _named(text: str) -> dict[str, Any]:
    """Return the attributes that name a button that shows a sign alone."""
    return {"title": text, "aria-label": text}


def _labelled(text: str) -> dict[str, Any]:
    """Return the attributes that name a part of the page."""
    return {"aria-label": text}
