"""Draw the small map of a work order: the place, the stations, the sectors that may serve it.

Metres east and north of the place on a plane that touches the earth there; north is up.

Simple so far: no terrain, roads or boundaries; stations outside the frame are counted, not drawn.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
from markupsafe import Markup

from dashboards.case_evidence import offset_m
from dashboards.case_words import distance
from dashboards.map_labels import placed_labels
from dashboards.vector_drawing import draw, drawing, markup, nice_step, text_width, wedge
from dashboards.wording import Words

WIDTH, HEIGHT, LEGEND = 720.0, 430.0, 26.0
MARGIN_PX = 46.0
LEAST_SPAN_M = 800.0
MOST_NEIGHBOURS = 4
NEAR_FACTOR = 12.0
OMNI_BEAM_DEG = 360.0
USUAL_BEAM_DEG = 65.0
LABEL_PX = 12.0
FURNITURE = np.array([[WIDTH - 44, 6, WIDTH, 52], [0, HEIGHT - 40, 180, HEIGHT]])
"""Boxes of the arrow to the north and of the scale, where no label may lie."""

Point = tuple[float, float]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """The part of the plane that is drawn.

    Attributes
    ----------
    origin : tuple of float
        Longitude and latitude (WGS-84) from which metres are counted.
    middle : tuple of float
        Metres east and north of the middle of the drawing.
    scale : float
        Pixels to a metre.
    """

    origin: Point
    middle: Point
    scale: float

    def pixel(self, row: Row) -> Point:
        """Return where something with `lon` and `lat` lies on the drawing."""
        east, north = offset_m(*self.origin, float(row["lon"]), float(row["lat"]))
        return (
            WIDTH / 2 + (east - self.middle[0]) * self.scale,
            HEIGHT / 2 - (north - self.middle[1]) * self.scale,
        )

    def holds(self, row: Row) -> bool:
        """Return whether something lies on the drawing, a little inside."""
        x, y = self.pixel(row)
        return 8 < x < WIDTH - 8 and 8 < y < HEIGHT - 8


def place_map(place: Row, words: Words, *, name: str = "map") -> Markup:
    """Return the map as SVG; empty where nothing has coordinates.

    Parameters
    ----------
    place : mapping
        `place` of a case: `lon`, `lat`, `radius_m`, `cells`, `sites`, `names`.
    words : mapping
        Words of a work order in the language of the page.
    name : str
        Put before the ids.

    Returns
    -------
    Markup
    """
    cells = [c for c in place.get("cells") or () if _is_placed(c)]
    sites = [s for s in place.get("sites") or () if _is_placed(s)]
    if not (cells or sites or _is_placed(place)):
        return Markup("")
    frame = _frame(place, cells, sites)
    root = drawing(
        WIDTH,
        HEIGHT + LEGEND,
        name=name,
        title=words["map"]["title"],
        text=words["note"]["map_rule"],
    )
    clip = draw(draw(root, "defs"), "clipPath", id=f"{name}-frame")
    draw(clip, "rect", width=WIDTH, height=HEIGHT)
    draw(root, "rect", width=WIDTH, height=HEIGHT, class_="ground")
    land = draw(root, "g", clip_path=f"url(#{name}-frame)")
    _draw_place_area(land, place, frame)
    _draw_sectors(land, cells, frame)
    shown = [s for s in sites if frame.holds(s)]
    for site in shown:
        _draw_site(
            land, frame.pixel(site), str(site.get("role")), is_down=bool(site.get("is_down"))
        )
    if _is_placed(place):
        _draw_target(land, frame.pixel(place))
    _draw_labels(land, place, shown, frame)
    _draw_scale(root, frame)
    _draw_north(root, words)
    _draw_legend(root, place, sites, words, outside=len(sites) - len(shown))
    return markup(root)


def _is_placed(row: Row) -> bool:
    """Return whether something has coordinates."""
    return row.get("lon") is not None and row.get("lat") is not None


def _frame(place: Row, cells: Sequence[Row], sites: Sequence[Row]) -> Frame:
    """Return a frame around the place, the likely cells and the nearest stations."""
    likely = [c for c in cells if float(c.get("probability") or 0) >= 0.02] or list(cells[:3])
    first = next(p for p in (place, *likely, *cells, *sites) if _is_placed(p))
    origin = (float(first["lon"]), float(first["lat"]))

    def plane(row: Row) -> Point:
        return offset_m(*origin, float(row["lon"]), float(row["lat"]))

    points = [(0.0, 0.0), *(plane(c) for c in likely)]
    reach = NEAR_FACTOR * max(LEAST_SPAN_M / 2, *(math.hypot(*p) for p in points))
    others = [plane(s) for s in sites if s.get("role") != "serving"]
    near = sorted(others, key=lambda p: math.hypot(*p))
    points += [p for p in near[:MOST_NEIGHBOURS] if math.hypot(*p) <= reach]
    around = np.array(points)
    radius = min(
        float(place.get("radius_m") or 0), float(np.ptp(around, axis=0).max(initial=LEAST_SPAN_M))
    )
    low = np.minimum(around.min(axis=0), -radius)
    high = np.maximum(around.max(axis=0), radius)
    span = np.maximum(high - low, LEAST_SPAN_M * np.array([WIDTH / HEIGHT, 1.0]) / 2)
    room = np.array([WIDTH, HEIGHT]) - 2 * MARGIN_PX
    middle = (low + high) / 2
    return Frame(origin, (float(middle[0]), float(middle[1])), float((room / span).min()))


def _draw_place_area(land: Element, place: Row, frame: Frame) -> None:
    """Draw how far the place is uncertain."""
    if _is_placed(place) and place.get("radius_m"):
        x, y = frame.pixel(place)
        draw(land, "circle", cx=x, cy=y, r=float(place["radius_m"]) * frame.scale, class_="area")


def _draw_sectors(land: Element, cells: Sequence[Row], frame: Frame) -> None:
    """Draw sectors, darker the likelier; carriers of one sector are one."""
    shares: dict[tuple[Point, float | None, float], float] = defaultdict(float)
    for cell in cells:
        azimuth = cell.get("azimuth_deg")
        beam = (
            float(cell.get("beamwidth_deg") or USUAL_BEAM_DEG)
            if azimuth is not None
            else OMNI_BEAM_DEG
        )
        key = (
            frame.pixel(cell),
            None if azimuth is None else float(azimuth),
            min(beam, OMNI_BEAM_DEG),
        )
        shares[key] += float(cell.get("probability") or 0)
    most = max(shares.values(), default=0.0) or 1.0
    for ((x, y), azimuth, beam), share in sorted(shares.items(), key=lambda item: item[1]):
        radius = 22 + 30 * share / most
        if azimuth is None or beam >= OMNI_BEAM_DEG:
            sector = draw(land, "circle", cx=x, cy=y, r=radius * 0.7, class_="sector")
        else:
            sector = draw(land, "path", d=wedge(x, y, radius, azimuth, beam), class_="sector")
        sector.set("fill-opacity", f"{0.12 + 0.7 * share / most:.2f}")


def _draw_site(parent: Element, at: Point, role: str, *, is_down: bool) -> None:
    """Draw a station by its role: a filled triangle serves, an open one adjoins, a dashed one is planned."""
    x, y = at
    size = 7.0 if role == "serving" else 5.5
    d = f"M{x:.1f} {y - size:.1f}l{size:.1f} {1.7 * size:.1f}h{-2 * size:.1f}z"
    draw(
        parent,
        "path",
        d=d,
        class_=f"site {role if role in ('serving', 'planned') else 'neighbour'}",
    )
    if is_down:
        arm = f"M{x - 7:.1f} {y - 7:.1f}l14 14M{x + 7:.1f} {y - 7:.1f}l-14 14"
        draw(parent, "path", d=arm, class_="down")


def _draw_target(parent: Element, at: Point) -> None:
    """Draw the place of the complaint: a ring with a cross."""
    x, y = at
    draw(parent, "circle", cx=x, cy=y, r=7.0, class_="target")
    draw(parent, "path", d=f"M{x - 11:.1f} {y:.1f}h22M{x:.1f} {y - 11:.1f}v22", class_="target")


def _draw_labels(land: Element, place: Row, sites: Sequence[Row], frame: Frame) -> None:
    """Write names where there is room: serving stations, then others, then places."""
    order = {"serving": 0, "planned": 1}
    ranked = sorted(sites, key=lambda s: order.get(str(s.get("role")), 2))
    named = [
        (
            frame.pixel(s),
            str(s.get("site_name") or s.get("site_id") or ""),
            f"label {s.get('role')}",
        )
        for s in ranked
    ]
    spots = [n for n in place.get("names") or () if _is_placed(n) and frame.holds(n)]
    for spot in spots:
        x, y = frame.pixel(spot)
        draw(land, "circle", cx=x, cy=y, r=2.0, class_="spot")
    named += [(frame.pixel(n), str(n["name"]), "label spot-name") for n in spots]
    if not named:
        return
    points = np.array([at for at, _, _ in named])
    sizes = np.array([(text_width(text, LABEL_PX) + 4, LABEL_PX + 3) for _, text, _ in named])
    corners = [frame.pixel(place)] if _is_placed(place) else []
    marks = np.vstack([points, np.array(corners).reshape(-1, 2)])
    taken = np.vstack([np.hstack([marks - 7, marks + 7]), FURNITURE])
    middles = placed_labels(points, sizes, frame=(WIDTH, HEIGHT), taken=taken, gap=8.0)
    for (_, text, kind), (x, y) in zip(named, middles, strict=True):
        if np.isfinite(x):
            draw(
                land,
                "text",
                text,
                x=float(x),
                y=float(y + LABEL_PX * 0.35),
                text_anchor="middle",
                class_=kind,
            )


def _draw_scale(root: Element, frame: Frame) -> None:
    """Draw a bar of a round length."""
    metres = nice_step(WIDTH / frame.scale, parts=6)
    length, x, y = metres * frame.scale, 14.0, HEIGHT - 12.0
    draw(root, "path", d=f"M{x} {y - 5}v5h{length:.1f}v-5", class_="scale")
    text = f"{metres / 1000:g} km" if metres >= 1000 else distance(metres)
    draw(root, "text", text, x=x + length / 2, y=y - 7, text_anchor="middle", class_="label")


def _draw_north(root: Element, words: Words) -> None:
    """Draw an arrow to the north."""
    x = WIDTH - 24.0
    draw(root, "path", d=f"M{x} 14l6 17l-6 -4l-6 4z", class_="north")
    draw(root, "text", words["map"]["north"], x=x, y=45.0, text_anchor="middle", class_="label")


def _draw_legend(
    root: Element, place: Row, sites: Sequence[Row], words: Words, *, outside: int
) -> None:
    """Explain the signs that are on the map, in a line below it."""
    roles = {str(s.get("role")) for s in sites}
    kinds = [r for r in ("serving", "neighbour", "planned") if r in roles]
    x, y = 10.0, HEIGHT + 17.0
    if _is_placed(place):
        _draw_target(root, (x + 4, y - 4))
        x = _legend_text(root, words["map"]["complaint"], x + 20, y)
    for kind in kinds:
        _draw_site(root, (x + 6, y - 5), kind, is_down=False)
        x = _legend_text(root, words["map"][kind], x + 18, y)
    if any(s.get("is_down") for s in sites):
        _draw_site(root, (x + 6, y - 5), "neighbour", is_down=True)
        x = _legend_text(root, words["map"]["down"], x + 20, y)
    if outside:
        text = words["note"]["outside"].format(count=outside)
        draw(root, "text", text, x=WIDTH - 4, y=y, text_anchor="end", class_="label soft-text")


def _legend_text(root: Element, text: str, x: float, y: float) -> float:
    """Write a word of the legend and return where the next sign begins."""
    draw(root, "text", text, x=x, y=y, class_="label")
    return x + text_width(text, LABEL_PX) + 18
