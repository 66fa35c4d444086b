"""Write one incident as one offline page that reads and prints without scripts.

Simple so far: one page an incident, with no links to those it went into.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboards.incident_view import incident_view
from dashboards.pages import render_page, save_page
from dashboards.work_order_figures import alarm_timeline
from dashboards.work_order_page import check_target

TEMPLATE = "incident.html"
MOST_BARS, MOST_LISTED = 16, 40


def incident_page(dossier: Mapping[str, Any], language: str) -> str:
    """Return an incident as one page; nothing is fetched from anywhere.

    Parameters
    ----------
    dossier : mapping
        As `correlate.dossier.incident_dossier` returns it.
    language : {"zh", "en"}

    Raises
    ------
    InputError
        If the language is unknown.
    """
    view = incident_view(dossier, language)
    words = view.words
    bars = view.bars[:MOST_BARS]
    return render_page(
        TEMPLATE,
        language=language,
        title=words["heading"]["title"].format(incident=view.incident_id),
        view=view,
        words=words,
        timeline=alarm_timeline(bars, view.span, words, ticket_at=view.detected_at),
        most=MOST_LISTED,
    )


def save_incident(dossier: Mapping[str, Any], language: str, path: Path) -> None:
    """Write an incident as one page, whole or not at all.

    Raises
    ------
    OutputError
        If `path` is a folder, lies in no folder, or can't be written.
    """
    check_target(path)
    save_page(incident_page(dossier, language), path)
