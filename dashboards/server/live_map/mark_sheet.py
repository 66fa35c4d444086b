"""Draw the marks of severities as the sheet of pictures that maplibre takes ("sprite").

Each severity has its shape of `dashboards.vector_drawing`; one with a badge says that a notice is out.

Simple so far: one sheet at twice the size for all screens.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from dashboards.server.live_map.palette import COLOURS, SEVERITIES

SIDE_PX, RATIO, FINER = 26, 2, 4
"""Side of a mark on the screen, pixels of the sheet for one of the screen, and of the drawing for one of the sheet."""
TOLD = "-told"
SHAPES = {
    "critical": ((6, 0.2), (11.8, 6), (6, 11.8), (0.2, 6)),
    "major": ((6, 0.4), (11.8, 11.2), (0.2, 11.2)),
    "minor": ((1, 1), (11, 1), (11, 11), (1, 11)),
    "cleared": ((1, 6.4), (2.6, 4.8), (4.9, 7), (9.5, 2.2), (11, 3.8), (4.9, 10.2)),
}
"""Corners in a square of 12; a warning is a disc."""
RIM = 1.0
NOTICE = "notice"


def mark_names() -> list[str]:
    """Return the names of the marks in the order of the sheet."""
    return [*SEVERITIES, *[f"{name}{TOLD}" for name in SEVERITIES], NOTICE]


def sheet_index() -> dict[str, dict[str, int]]:
    """Return where each mark lies in the sheet, as maplibre takes it."""
    side = SIDE_PX * RATIO
    return {
        name: {"x": at * side, "y": 0, "width": side, "height": side, "pixelRatio": RATIO}
        for at, name in enumerate(mark_names())
    }


@cache
def sheet_picture(theme: str) -> bytes:
    """Return the sheet as PNG.

    Parameters
    ----------
    theme : {"light", "dark"}
    """
    side = SIDE_PX * RATIO
    names = mark_names()
    sheet = Image.new("RGBA", (side * len(names), side))
    for at, name in enumerate(names):
        sheet.paste(_mark(name, theme, side), (at * side, 0))
    memory = io.BytesIO()
    sheet.save(memory, "PNG")
    return memory.getvalue()


def _mark(name: str, theme: str, side: int) -> Image.Image:
    """Return one mark."""
    colours, size = COLOURS[theme], side * FINER
    picture = Image.new("RGBA", (size, size))
    pen = ImageDraw.Draw(picture)
    level = name.removesuffix(TOLD)
    if level == NOTICE:
        _draw_badge(pen, (size * 0.5, size * 0.5), size * 0.3, colours)
    else:
        _draw_shape(pen, level, size, (colours[level], colours["paper"]))
    if name.endswith(TOLD):
        _draw_badge(pen, (size * 0.79, size * 0.21), size * 0.19, colours)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def _draw_shape(pen: Any, level: str, size: int, colours: tuple[str, str]) -> None:
    """Draw the shape of a severity with a rim that parts it from the ground."""
    inner, rim = colours
    unit = size / 16.0
    if level not in SHAPES:
        for radius, colour in ((5.6 + RIM, rim), (5.6, inner)):
            box = [
                (8 - radius) * unit,
                (8 - radius) * unit,
                (8 + radius) * unit,
                (8 + radius) * unit,
            ]
            pen.ellipse(box, fill=colour)
        return
    corners = (np.array(SHAPES[level]) + 2.0) * unit
    points = [tuple(corner) for corner in corners]
    pen.line([*points, points[0], points[1]], fill=rim, width=int(2 * RIM * unit), joint="curve")
    for x, y in points:
        pen.ellipse([x - RIM * unit, y - RIM * unit, x + RIM * unit, y + RIM * unit], fill=rim)
    pen.polygon(points, fill=inner)


def _draw_badge(pen: Any, middle: tuple[float, float], radius: float, colours: Any) -> None:
    """Draw a disc with a speech bubble: callers are told."""
    (x, y), rim = middle, radius * 1.18
    pen.ellipse([x - rim, y - rim, x + rim, y + rim], fill=colours["paper"])
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colours["accent"])
    wide, high = radius * 0.58, radius * 0.4
    pen.rounded_rectangle(
        [x - wide, y - high * 1.2, x + wide, y + high * 0.7],
        radius=high * 0.5,
        fill=colours["paper"],
    )
    tail = [
        (x - wide * 0.5, y + high * 0.5),
        (x + wide * 0.2, y + high * 0.5),
        (x - wide * 0.4, y + high * 1.5),
    ]
    pen.polygon(tail, fill=colours["paper"])
