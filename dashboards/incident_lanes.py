"""Draw the story of an incident on one axis of time, a lane for each kind of thing that happened.

A bar lasts, a mark is a moment; each says in a title what it is. An arrow at the end of a bar: it lasts yet.

Simple so far: complaints closer than a few pixels lie over each other; their number stands beside the lane.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from markupsafe import Markup

from dashboards.case_words import instant
from dashboards.vector_drawing import cut, draw, drawing, markup, severity_shape
from dashboards.work_order_figures import Scale

WIDTH, LEFT, RIGHT = 940.0, 250.0, 30.0
TOP, ROW, HEAD = 26.0, 22.0, 20.0
LABEL_PX = 12.0
LEAST_BAR = 3.0
STEPS_H = (1 / 12, 1 / 6, 0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0, 168.0, 336.0)
MOST_TICKS = 9
SHAPES = {
    "act": "M0 -5 5 0 0 5 -5 0z",
    "version": "M-4 -4h8v8h-8z",
    "complaint": "M0 -5 5 4H-5z",
    "change": "M0 -4a4 4 0 1 0 .01 0z",
}
"""Marks by kind, around the origin."""


@dataclass(frozen=True)
class Item:
    """Something on a lane: from `begin` on (ISO 8601), to `end`, to now where `lasts`, else at that moment alone."""

    begin: str
    end: str = ""
    lasts: bool = False
    shape: str = "change"
    fill: str = "warning"
    text: str = ""


@dataclass(frozen=True)
class Lane:
    """A row: its name, how severe it is (a word of severities, "" for none), and what is on it."""

    name: str
    items: tuple[Item, ...]
    severity: str = ""
    count: str = ""


@dataclass(frozen=True)
class Band:
    """Lanes of one kind under one heading."""

    title: str
    lanes: tuple[Lane, ...]


def lanes_drawing(
    bands: Sequence[Band], span: tuple[str, str], *, title: str, name: str = "lanes"
) -> Markup:
    """Return lanes as SVG; empty where nothing happened or the window is none.

    Parameters
    ----------
    bands : sequence of Band
        Those without lanes are left out.
    span : tuple of str
        Begin and end of the window, ISO 8601.
    title : str
        For those who can't see it.
    """
    since, until = instant(span[0]), instant(span[1])
    shown = [band for band in bands if band.lanes]
    if since is None or until is None or until <= since or not shown:
        return Markup("")
    height = TOP + sum(HEAD + ROW * len(band.lanes) for band in shown) + 6
    time = Scale(0.0, (until - since).total_seconds(), LEFT, WIDTH - RIGHT)
    told = "; ".join(f"{b.title}: {sum(len(lane.items) for lane in b.lanes)}" for b in shown)
    root = drawing(WIDTH, height, name=name, title=title, text=told)
    _draw_ticks(root, since, until, time, height)
    y = TOP
    for band in shown:
        draw(root, "text", band.title, x=2, y=y + 14, class_="band-title")
        draw(root, "path", d=f"M0 {y + HEAD - 1:.1f}H{WIDTH}", class_="grid")
        y += HEAD
        for lane in band.lanes:
            _draw_lane(root, lane, y, since=since, time=time)
            y += ROW
    return markup(root)


def _draw_ticks(
    root: Element, since: dt.datetime, until: dt.datetime, time: Scale, height: float
) -> None:
    """Draw lines at round hours, with the day where it begins."""
    hours = (until - since).total_seconds() / 3600
    step_h = next((h for h in STEPS_H if hours / h <= MOST_TICKS), STEPS_H[-1])
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    count, day = 0, ""
    while (at := midnight + dt.timedelta(hours=step_h * count)) <= until:
        count += 1
        if at < since:
            continue
        x = time.at((at - since).total_seconds())
        draw(root, "path", d=f"M{x:.1f} {TOP - 6}V{height}", class_="grid")
        text = f"{at:%m-%d}" if step_h >= 24 else f"{at:%H:%M}"
        if step_h < 24 and f"{at:%m-%d}" != day:
            day = f"{at:%m-%d}"
            text = f"{day} {text}"
        draw(root, "text", text, x=min(x + 3, WIDTH - 66), y=TOP - 10, class_="tick")


def _draw_lane(root: Element, lane: Lane, y: float, *, since: dt.datetime, time: Scale) -> None:
    """Draw a lane: its name, its bars and marks, and how many."""
    row = draw(root, "g")
    draw(row, "title", lane.name)
    if lane.severity:
        severity_shape(row, lane.severity, 2, y + 6)
    left = 18 if lane.severity else 2
    room = LEFT - left - (34 if lane.count else 10)
    draw(row, "text", cut(lane.name, LABEL_PX, room), x=left, y=y + 15)
    if lane.count:
        draw(row, "text", lane.count, x=LEFT - 8, y=y + 15, text_anchor="end", class_="tick")
    for item in lane.items:
        _draw_item(row, item, y + ROW / 2, since=since, time=time)
    draw(row, "path", d=f"M0 {y + ROW:.1f}H{WIDTH}", class_="grid faint")


def _draw_item(row: Element, item: Item, middle: float, *, since: dt.datetime, time: Scale) -> None:
    """Draw a bar or a mark."""
    begin = instant(item.begin)
    if begin is None:
        return
    left = time.at((begin - since).total_seconds())
    if not item.end and not item.lasts:
        if time.start - 6 <= left <= time.end + 6:
            place = f"translate({left:.1f} {middle:.1f})"
            mark = draw(
                row, "path", d=SHAPES[item.shape], transform=place, class_=f"mark {item.shape}"
            )
            draw(mark, "title", item.text)
        return
    end = instant(item.end)
    right = time.end if item.lasts or end is None else time.at((end - since).total_seconds())
    left, right = max(left, time.start), min(right, time.end)
    if right < time.start or left > time.end:
        return
    width, kind = max(right - left, LEAST_BAR), f"fill-{item.fill}"
    bar = draw(row, "rect", x=left, y=middle - 5, width=width, height=10.0, class_=kind)
    draw(bar, "title", item.text)
    if item.lasts:
        draw(row, "path", d=f"M{right:.1f} {middle - 8:.1f}l8 8l-8 8z", class_=kind)
