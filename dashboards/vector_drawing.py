"""Draw SVG for a page by hand: text stays text that can be selected, colours are those of the page.

Simple so far: the width of a text is estimated from its letters, not measured.
"""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

WIDE_EM, NARROW_EM = 1.0, 0.56
"""Width of an ideograph and of a Latin letter in a proportional typeface, in parts of the size (mean)."""
FIRST_WIDE = 0x2E80
SHAPES = {
    "critical": "M6 .6 11.4 6 6 11.4 .6 6z",
    "major": "M6 1 11.5 11H.5z",
    "minor": "M1.3 1.3h9.4v9.4H1.3z",
    "warning": "M6 1a5 5 0 1 0 .01 0z",
}
"""Severities by shape, in a square of 12, as on every page."""


def drawing(width: float, height: float, *, name: str, title: str, text: str = "") -> Element:
    """Return an empty drawing with a title, and a description where there is one, for those who can't see it.

    Parameters
    ----------
    width, height : float
        In user units; on a page it shrinks with the column.
    name : str
        Put before the ids in it; one of its own on a page.
    """
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:g} {height:g}",
            "width": f"{width:g}",
            "height": f"{height:g}",
            "role": "img",
            "aria-labelledby": f"{name}-title" + (f" {name}-text" if text else ""),
        },
    )
    draw(root, "title", title, id=f"{name}-title")
    if text:
        draw(root, "desc", text, id=f"{name}-text")
    return root


def draw(parent: Element, tag: str, text: str = "", **attributes: object) -> Element:
    """Add an element and return it; `_` in a name of an attribute stands for `-`, `class_` for `class`.

    Examples
    --------
    >>> root = drawing(10, 10, name="d", title="A square")
    >>> sorted(draw(root, "rect", class_="square", stroke_width=2.0).attrib.items())
    [('class', 'square'), ('stroke-width', '2')]
    """
    given = {k.rstrip("_").replace("_", "-"): _written(v) for k, v in attributes.items()}
    element = SubElement(parent, tag, given)
    if text:
        element.text = text
    return element


def markup(root: Element) -> Markup:
    """Return a drawing as text of a page."""
    return Markup(tostring(root, encoding="unicode"))


def text_width(text: str, size: float) -> float:
    """Return the width of a text, estimated.

    Examples
    --------
    >>> text_width("双阳", 10.0), round(text_width("DL4419", 10.0), 1)
    (20.0, 33.6)
    """
    return size * sum(WIDE_EM if ord(c) >= FIRST_WIDE else NARROW_EM for c in text)


def cut(text: str, size: float, width: float) -> str:
    """Return a text cut to a width, with an ellipsis where something is missing.

    Examples
    --------
    >>> cut("CHANNEL FAILURE RATE", 10.0, 60.0)
    'CHANNEL F…'
    """
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def severity_shape(parent: Element, level: str, x: float, y: float, *, size: float = 10.0) -> None:
    """Draw the shape of a severity with its upper left corner at a point."""
    place = f"translate({x:.1f} {y:.1f}) scale({size / 12:.3f})"
    if level in SHAPES:
        draw(parent, "path", d=SHAPES[level], transform=place, class_=f"fill-{level}")
    else:
        draw(parent, "circle", cx=6, cy=6, r=4.5, transform=place, class_="fill-none")


def wedge(x: float, y: float, radius: float, azimuth_deg: float, width_deg: float) -> str:
    """Return the path of a sector of a circle; azimuths run clockwise from north, y runs down.

    Examples
    --------
    >>> wedge(0, 0, 10, 90, 180)
    'M0.0 0.0L0.0 -10.0A10.0 10.0 0 0 1 0.0 10.0Z'
    """
    sides = [math.radians(azimuth_deg + half * width_deg / 2) for half in (-1, 1)]
    (ax, ay), (bx, by) = ((x + radius * math.sin(a), y - radius * math.cos(a)) for a in sides)
    large = int(width_deg > 180)
    return (
        f"M{x:.1f} {y:.1f}L{ax:.1f} {ay:.1f}A{radius:.1f} {radius:.1f} 0 {large} 1 "
        f"{bx:.1f} {by:.1f}Z"
    )


def nice_step(span: float, *, parts: int = 3) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that parts a span.

    Examples
    --------
    >>> nice_step(47.0), nice_step(0.9)
    (20.0, 0.5)
    """
    if span <= 0:
        return 1.0
    rough = span / parts
    power = 10.0 ** math.floor(math.log10(rough))
    return next(f * power for f in (1.0, 2.0, 5.0, 10.0) if f * power >= rough * 0.999)


def _written(value: object) -> str:
    """Return an attribute as text; numbers short."""
    return f"{round(value, 2):g}" if isinstance(value, float) else str(value)
