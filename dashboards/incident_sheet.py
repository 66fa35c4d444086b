"""Show one incident in the terminal, or print it as one JSON object.

Simple so far: of long lists the first rows; JSON has all.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from correlate.case.phrases import sentence
from dashboards.incident_view import MOST_ROWS, IncidentView, incident_view
from dashboards.terminal_text import marked_line, plain_text, quiet_table

MOST_WIDE = 110
SEVERITY_MARKS = {"critical": "◆", "major": "▲", "minor": "■", "warning": "●", "indeterminate": "○"}


def print_incident_json(dossier: Mapping[str, Any], language: str) -> None:
    """Print an incident as one JSON object, its sentences in a language."""
    told = dict(dossier) | {
        "changes": [row | {"said": sentence(row["said"], language)} for row in dossier["changes"]],
        "past": dict(dossier["past"])
        | {"said": [sentence(found, language) for found in dossier["past"]["said"]]},
    }
    json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def print_incident(
    dossier: Mapping[str, Any], language: str, *, console: Console | None = None
) -> None:
    """Print an incident for a person.

    Parameters
    ----------
    dossier : mapping
        As `correlate.dossier.incident_dossier` returns it.
    language : {"zh", "en"}
    console : Console, optional
        The terminal; the default asks the environment for width and colour (`COLUMNS`, `NO_COLOR`).
    """
    console = console or Console(highlight=False)
    view = incident_view(dossier, language)
    console.print(Group(*_sections(view)), width=min(console.width, MOST_WIDE))


def _sections(view: IncidentView) -> Iterable[RenderableType]:
    """Yield the sections of an incident."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, fact in view.facts:
        grid.add_row(name, plain_text(fact))
    title = plain_text(f"{view.incident_id} · {view.lead}", "bold")
    yield Panel(grid, title=title, title_align="left", border_style="dim")
    yield from _titled(view, "life", _life(view))
    yield from _titled(view, "alarms", _alarms(view))
    keys: tuple[str, ...] = ("at", "ticket", "place", "symptom", "cause", "closed", "covered")
    heads = ("at", "ticket", "place", "symptom", "ticket_cause", "closed_as", "covered_by")
    yield from _titled(
        view, "tickets", _rows(view, view.tickets, keys, heads=heads, empty="no_tickets")
    )
    keys = ("notice", "issued", "until", "users", "expected")
    yield from _titled(
        view, "notices", _rows(view, view.notices, keys, heads=keys, empty="no_notices")
    )
    yield from _titled(view, "past", _past(view))


def _titled(
    view: IncidentView, key: str, body: Iterable[RenderableType]
) -> Iterable[RenderableType]:
    """Yield a section with its heading."""
    yield Text("")
    heading = Text(view.words["heading"][key], style="bold")
    yield Rule(heading, align="left", style="dim", characters="─")
    yield from body


def _life(view: IncidentView) -> Iterable[RenderableType]:
    """Yield how the incident changed, oldest first."""
    for row in view.life:
        yield marked_line(f"{row['at']} {row['mark']} ", row["said"])


def _alarms(view: IncidentView) -> Iterable[RenderableType]:
    """Yield the alarms, the root and the first alert before the others."""
    words, label = view.words, view.words["label"]
    if not view.alarms:
        yield plain_text(words["note"]["no_alarms"], "dim")
        return
    table = quiet_table(
        (label["alarm"], "left"), (label["part"], "left"), (label["raised"], "keep"),
        (label["cleared"], "keep"), (label["count"], "right"),
    )  # fmt: skip
    for row in view.alarms[:MOST_ROWS]:
        name = f"{SEVERITY_MARKS[row['severity']]} {row['object']} {row['name']}"
        values = (name, row["part"], row["raised"], row["cleared"], row["count"])
        table.add_row(*map(plain_text, values))
    yield table
    yield from _more(view, view.alarms)


def _rows(
    view: IncidentView,
    rows: Sequence[Mapping[str, str]],
    keys: tuple[str, ...],
    *,
    heads: tuple[str, ...],
    empty: str,
) -> Iterable[RenderableType]:
    """Yield rows as a table of the columns that have values, or that there are none."""
    if not rows:
        yield plain_text(view.words["note"][empty], "dim")
        return
    shown = [(k, h) for k, h in zip(keys, heads, strict=True) if any(row[k] for row in rows)]
    table = quiet_table(*((view.words["label"][head], "left") for _, head in shown))
    for row in rows[:MOST_ROWS]:
        table.add_row(*(plain_text(row[key]) for key, _ in shown))
    yield table
    yield from _more(view, rows)


def _more(view: IncidentView, rows: Sequence[object]) -> Iterable[RenderableType]:
    """Yield how many rows are not listed."""
    left = len(rows) - MOST_ROWS
    if left > 0:
        yield plain_text(view.words["note"]["more"].format(count=left), "dim")


def _past(view: IncidentView) -> Iterable[RenderableType]:
    """Yield the same incident in the past."""
    for said in view.past_said:
        yield plain_text(said)
    keys = ("incident", "cause", "object", "began", "ended", "state", "orders")
    yield from _rows(view, view.past, keys, heads=keys, empty="no_past")
