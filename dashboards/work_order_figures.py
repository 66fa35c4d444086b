"""Draw the figures of a work order: alarms over the days, counters over two days beside their usual band.

Simple so far: one row of the timeline per object and alarm; a counter's axis begins where its values do.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.etree.ElementTree import Element

from markupsafe import Markup

from dashboards.case_evidence import AlarmView, MeasureView, Numbers
from dashboards.case_words import MeasureForm, instant, moment, quantity
from dashboards.vector_drawing import (
    cut,
    draw,
    drawing,
    markup,
    nice_step,
    severity_shape,
    text_width,
)
from dashboards.wording import Words

LINE_WIDTH, ROW, TOP = 980.0, 34.0, 34.0
LEFT, RIGHT = 340.0, 64.0
CHART_WIDTH, CHART_HEIGHT = 300.0, 128.0
CHART_LEFT, CHART_RIGHT, CHART_TOP, CHART_BOTTOM = 46.0, 8.0, 8.0, 20.0
LEAST_BAR = 2.0
LABEL_PX = 12.0
LOG_LEAST = 1e-12


class Scale(NamedTuple):
    """A straight line from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value lies."""
        span = (self.high - self.low) or 1.0
        return self.start + (value - self.low) / span * (self.end - self.start)


def alarm_timeline(
    alarms: Sequence[AlarmView], span: tuple[str, str], words: Words, *, ticket_at: str = ""
) -> Markup:
    """Return ten days of alarms as SVG, a row per object and name; empty where there are none.

    Parameters
    ----------
    alarms : sequence of AlarmView
    span : tuple of str
        Begin and end of the window, ISO 8601.
    words : mapping
        Words of a work order.
    ticket_at : str
        When the customer complained.
    """
    since, until = instant(span[0]), instant(span[1])
    if since is None or until is None or not alarms or until <= since:
        return Markup("")
    height = TOP + ROW * len(alarms) + 6
    time = Scale(0.0, (until - since).total_seconds(), LEFT, LINE_WIDTH - RIGHT)
    told = "; ".join(f"{a.object_id} {a.name} {a.count}" for a in alarms)
    root = drawing(LINE_WIDTH, height, name="timeline", title=words["heading"]["alarms"], text=told)
    _draw_days(root, since, until, time, height)
    for number, alarm in enumerate(alarms):
        _draw_alarm(root, alarm, TOP + number * ROW, since=since, time=time)
    _draw_ticket(root, ticket_at, since, time, words=words, height=height)
    return markup(root)


def _draw_days(
    root: Element, since: dt.datetime, until: dt.datetime, time: Scale, height: float
) -> None:
    """Draw a line at each midnight, with its date."""
    day = (since + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    draw(root, "path", d=f"M{LEFT} {TOP}H{LINE_WIDTH - RIGHT}", class_="axis")
    while day <= until:
        x = time.at((day - since).total_seconds())
        draw(root, "path", d=f"M{x:.1f} {TOP - 4}V{height}", class_="grid")
        if x + 34 < LINE_WIDTH - RIGHT + 20:
            draw(root, "text", f"{day:%m-%d}", x=x + 2, y=TOP - 7, class_="tick")
        day += dt.timedelta(days=1)


def _draw_alarm(
    root: Element, alarm: AlarmView, y: float, *, since: dt.datetime, time: Scale
) -> None:
    """Draw a row: severity, object and name, bars, count."""
    row = draw(root, "g")
    full = f"{alarm.object_id} {alarm.name}: {alarm.first} – {alarm.last}"
    draw(row, "title", full)
    severity_shape(row, alarm.severity, 2, y + 6)
    draw(row, "text", cut(alarm.object_id, LABEL_PX, LEFT - 30), x=18, y=y + 15, class_="object")
    draw(row, "text", cut(alarm.name, LABEL_PX, LEFT - 30), x=18, y=y + 28, class_="tick")
    for first, last in alarm.spans:
        _draw_bar(row, alarm.severity, y, ends=_seconds((first, last), since), time=time)
    draw(
        row, "text", f"{alarm.count}×", x=LINE_WIDTH - 2, y=y + 21, text_anchor="end", class_="tick"
    )
    draw(row, "path", d=f"M2 {y + ROW:.1f}H{LINE_WIDTH}", class_="grid")


def _draw_bar(
    row: Element, severity: str, y: float, *, ends: tuple[float, float | None], time: Scale
) -> None:
    """Draw the time an alarm was in force; an arrow shows that it still is."""
    left = max(time.at(ends[0]), time.start)
    right = time.end if ends[1] is None else min(time.at(ends[1]), time.end)
    if right < time.start or left > time.end:
        return
    width = max(right - left, LEAST_BAR)
    kind = f"in-force fill-{severity}"
    draw(row, "rect", x=left, y=y + 11, width=width, height=12.0, class_=kind)
    if ends[1] is None:
        draw(row, "path", d=f"M{right:.1f} {y + 8:.1f}l8 9l-8 9z", class_=kind)


def _seconds(ends: tuple[str, str | None], since: dt.datetime) -> tuple[float, float | None]:
    """Return when an alarm was raised and cleared, in seconds from the beginning of the window."""
    raised, cleared = instant(ends[0]), instant(ends[1])
    begin = 0.0 if raised is None else (raised - since).total_seconds()
    return begin, None if cleared is None else (cleared - since).total_seconds()


def _draw_ticket(
    root: Element, at: str, since: dt.datetime, time: Scale, *, words: Words, height: float
) -> None:
    """Draw a dashed line where the customer complained."""
    moment_of = instant(at)
    if moment_of is None:
        return
    x = time.at((moment_of - since).total_seconds())
    if not time.start <= x <= time.end:
        return
    text = f"{words['label']['complaint_at']} {moment(at, with_year=False)}"
    draw(root, "path", d=f"M{x:.1f} 14V{height}", class_="ticket-line")
    width = text_width(text, 11.0)
    left = min(x - width / 2, LINE_WIDTH - width - 2)
    draw(root, "text", text, x=left, y=10.0, class_="tick ink-text")


def counter_chart(measure: MeasureView, *, name: str, title: str, ticket_at: str = "") -> Markup:
    """Return two days of a measure beside its usual band as SVG.

    Parameters
    ----------
    measure : MeasureView
    name : str
        Put before the ids; one of its own on a page.
    title : str
        What a screen reader says.
    ticket_at : str
        When the customer complained.
    """
    times = [instant(t) for t in measure.times]
    known = [t for t in times if t is not None]
    values = _known(measure.values)
    if len(known) < 2 or not values:
        return Markup("")
    is_log = measure.form.digits < 0
    value = _value_scale(measure, is_log=is_log)
    since = known[0]
    time = Scale(0.0, (known[-1] - since).total_seconds(), CHART_LEFT, CHART_WIDTH - CHART_RIGHT)
    places = [None if t is None else time.at((t - since).total_seconds()) for t in times]
    root = drawing(CHART_WIDTH, CHART_HEIGHT, name=name, title=title)
    _draw_values_axis(root, value, measure.form, is_log=is_log)
    _draw_hours(root, since, known[-1], time)
    clip = draw(draw(root, "defs"), "clipPath", id=f"{name}-clip")
    room = (CHART_WIDTH - CHART_LEFT - CHART_RIGHT, CHART_HEIGHT - CHART_TOP - CHART_BOTTOM)
    draw(clip, "rect", x=CHART_LEFT, y=CHART_TOP, width=room[0], height=room[1])
    land = draw(root, "g", clip_path=f"url(#{name}-clip)")
    _draw_band(land, places, measure, value, is_log=is_log)
    _draw_line(root, _points(places, measure.middle, value, is_log=is_log), "middle")
    _draw_line(root, _points(places, measure.values, value, is_log=is_log), "values")
    _draw_outliers(root, places, measure, value, is_log=is_log)
    _draw_ticket_in_chart(root, ticket_at, since, time)
    return markup(root)


def _known(series: Numbers) -> list[float]:
    """Return the values of a series that are known."""
    return [v for v in series if v is not None and math.isfinite(v)]


def _position(value: float, *, is_log: bool) -> float:
    """Return a value on the scale it is drawn on."""
    return math.log10(max(value, LOG_LEAST)) if is_log else value


def _value_scale(measure: MeasureView, *, is_log: bool) -> Scale:
    """Return a scale that holds all values; a band that is very wide (idle hours) is cut."""
    held = [_position(v, is_log=is_log) for v in _known([*measure.values, *measure.middle])]
    low, high = (
        [_position(v, is_log=is_log) for v in _known(band)] for band in (measure.low, measure.high)
    )
    least, most = min(held), max(held)
    widths = sorted(b - a for a, b in zip(low, high, strict=False))
    room = max([most - least, *widths[len(widths) // 2 : len(widths) // 2 + 1]])
    bottom = max(min([least, *low]), least - room)
    top = min(max([most, *high]), most + room)
    margin = (top - bottom) * 0.06 or abs(top) * 0.1 or 1.0
    return Scale(bottom - margin, top + margin, CHART_HEIGHT - CHART_BOTTOM, CHART_TOP)


def _draw_values_axis(root: Element, value: Scale, form: MeasureForm, *, is_log: bool) -> None:
    """Draw two to four lines with their values."""
    shown = 1.0 if is_log else form.scale
    step = max(nice_step((value.high - value.low) * shown), 1.0 if is_log else 0.0)
    digits = max(0, -math.floor(math.log10(step))) if step < 1 else 0
    tick = math.ceil(value.low * shown / step) * step
    while tick <= value.high * shown + step * 1e-6:
        y = value.at(tick / shown)
        text = f"1e{tick:.0f}" if is_log else quantity(tick, MeasureForm(1.0, digits, ""))
        draw(root, "path", d=f"M{CHART_LEFT} {y:.1f}H{CHART_WIDTH - CHART_RIGHT}", class_="grid")
        draw(root, "text", text, x=CHART_LEFT - 4, y=y + 3.5, text_anchor="end", class_="tick")
        tick += step


def _draw_hours(root: Element, since: dt.datetime, until: dt.datetime, time: Scale) -> None:
    """Draw midnights with their date, and noons."""
    base = CHART_HEIGHT - CHART_BOTTOM
    draw(root, "path", d=f"M{CHART_LEFT} {base}H{CHART_WIDTH - CHART_RIGHT}", class_="axis")
    mark = since.replace(minute=0, second=0, microsecond=0)
    mark += dt.timedelta(hours=12 - mark.hour % 12)
    while mark <= until:
        x = time.at((mark - since).total_seconds())
        text = f"{mark:%m-%d}" if mark.hour == 0 else f"{mark:%H}:00"
        draw(root, "path", d=f"M{x:.1f} {base}v4", class_="axis")
        anchor = "end" if x > CHART_WIDTH - 24 else "middle"
        draw(root, "text", text, x=x, y=base + 15, text_anchor=anchor, class_="tick")
        mark += dt.timedelta(hours=12)


def _points(
    places: Sequence[float | None], series: Numbers, value: Scale, *, is_log: bool
) -> list[tuple[float, float] | None]:
    """Return a series as pixels, None where it is unknown."""
    return [
        None if x is None or v is None else (x, value.at(_position(v, is_log=is_log)))
        for x, v in zip(places, series, strict=False)
    ]


def _draw_line(root: Element, points: Iterable[tuple[float, float] | None], kind: str) -> None:
    """Draw a line through what is known, broken where it is not."""
    parts = []
    pen_is_down = False
    for point in points:
        if point is not None:
            parts.append(f"{'L' if pen_is_down else 'M'}{point[0]:.1f} {point[1]:.1f}")
        pen_is_down = point is not None
    if parts:
        draw(root, "path", d="".join(parts), class_=kind)


def _draw_band(
    root: Element,
    places: Sequence[float | None],
    measure: MeasureView,
    value: Scale,
    *,
    is_log: bool,
) -> None:
    """Draw the usual band, a quadrilateral per pair of neighbouring periods that have one."""
    low = _points(places, measure.low, value, is_log=is_log)
    high = _points(places, measure.high, value, is_log=is_log)
    parts = []
    for (a, b), (c, d) in zip(pairwise(low), pairwise(high), strict=False):
        if a is None or b is None or c is None or d is None:
            continue
        corners = (a, b, d, c)
        parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z")
    if parts:
        draw(root, "path", d="".join(parts), class_="band")


def _draw_outliers(
    root: Element,
    places: Sequence[float | None],
    measure: MeasureView,
    value: Scale,
    *,
    is_log: bool,
) -> None:
    """Mark values outside the band with a dot."""
    points = _points(places, measure.values, value, is_log=is_log)
    rows = zip(points, measure.values, measure.low, measure.high, strict=False)
    for point, v, low, high in rows:
        if point is None or v is None:
            continue
        if (high is not None and v > high) or (low is not None and v < low):
            draw(root, "circle", cx=point[0], cy=point[1], r=2.4, class_="outlier")


def _draw_ticket_in_chart(root: Element, at: str, since: dt.datetime, time: Scale) -> None:
    """Draw a dashed line where the customer complained."""
    moment_of = instant(at)
    if moment_of is None:
        return
    x = time.at((moment_of - since).total_seconds())
    if time.start <= x <= time.end:
        draw(
            root,
            "path",
            d=f"M{x:.1f} {CHART_TOP}V{CHART_HEIGHT - CHART_BOTTOM}",
            class_="ticket-line",
        )
