"""Write an investigated work order as one offline page that reads and prints without scripts.

Simple so far: figures have one size; on a narrow screen they shrink with the column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from contract.errors import OutputError
from dashboards.case_evidence import AlarmView, MeasureView
from dashboards.case_view import CaseView, case_view
from dashboards.case_words import moment
from dashboards.pages import render_page, save_page
from dashboards.place_map import place_map
from dashboards.work_order_figures import alarm_timeline, counter_chart

TEMPLATE = "work_order.html"
MOST_ALARMS = 18
MOST_STATIONS = 16


@dataclass(frozen=True)
class Chart:
    """A counter with its drawing; the drawing is empty where there is too little to draw."""

    measure: MeasureView
    drawing: Markup


def work_order_page(case: Mapping[str, Any]) -> str:
    """Return a case as one page.

    Parameters
    ----------
    case : mapping
        As `correlate.case.investigation.investigate` returns it; sections may be missing.

    Returns
    -------
    str
        HTML in the language of the case; nothing is fetched from anywhere.

    Raises
    ------
    UnreadableFileError
        If the typeface of the pages is missing.
    """
    values = case_values(case)
    view: CaseView = values["view"]
    title = view.words["heading"]["title"].format(ticket=view.ticket_id)
    return render_page(TEMPLATE, language=view.language, title=title, **values)


def case_values(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the sections of a case show (`case_sections.html`): the case worded, its map and its drawings."""
    view = case_view(case)
    words, found = view.words, view.evidence
    alarms = found.alarms[:MOST_ALARMS]
    return {
        "view": view,
        "words": words,
        "found": found,
        "first": view.causes[0] if view.causes else None,
        "map": place_map(case.get("place") or {}, words),
        "alarms": alarms,
        "alarms_left": len(found.alarms) - len(alarms),
        "alarm_window": _window(found.alarm_window),
        "timeline": _timeline(view, alarms),
        "counter_window": _window(found.counter_window),
        "charts": _charts(view),
        "stations": found.stations[:MOST_STATIONS],
    }


def save_work_order(case: Mapping[str, Any], path: Path) -> None:
    """Write a case as one page, whole or not at all.

    Raises
    ------
    OutputError
        If `path` is a folder, lies in no folder, or can't be written.
    """
    check_target(path)
    save_page(work_order_page(case), path)


def check_target(path: Path) -> None:
    """Raise when a page can't be written to a path: call it before long work.

    Raises
    ------
    OutputError
        If `path` is a folder or lies in no folder.
    """
    if path.is_dir():
        msg = f"`html` must be a file; {str(path)!r} is a folder. Give a name in it, such as case.html."
        raise OutputError(msg)
    parent = path.absolute().parent
    if not parent.is_dir():
        msg = f"`html` must lie in a folder that is there; {str(parent)!r} is none. Make it first."
        raise OutputError(msg)


def _window(span: tuple[str, str]) -> str:
    """Return a window of data as text."""
    since, until = moment(span[0]), moment(span[1])
    return f"{since} – {until}" if since and until else ""


def _timeline(view: CaseView, alarms: tuple[AlarmView, ...]) -> Markup:
    """Return the drawing of alarms over the days."""
    span = view.evidence.alarm_window
    return alarm_timeline(alarms, span, view.words, ticket_at=view.created_at)


def _charts(view: CaseView) -> list[tuple[str, list[Chart]]]:
    """Return each cell with the drawings of its counters."""
    cells = []
    for number, (cell, measures) in enumerate(view.evidence.counters):
        charts = []
        for place, measure in enumerate(measures):
            title = f"{cell} {measure.name}: {measure.now} ({measure.usual})"
            name = f"chart-{number}-{place}"
            drawn = counter_chart(measure, name=name, title=title, ticket_at=view.created_at)
            charts.append(Chart(measure, drawn))
        cells.append((cell, charts))
    return cells
