"""Show the measures of a cell, site, layer or county in the terminal, or as JSON.

Simple so far: text tables; without a measure named, one line for each, with the last value known and its course.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from contract.settings import Settings
from dashboards.case_words import case_words, measure_form, quantity, sparkline
from dashboards.wording import Words, load_words
from kpi.measure_files import LEVELS, load_measures
from kpi.measure_sources import read_counters
from kpi.measure_views import Asked, asked_instant, measure_view

WORDS_FILE = Path(__file__).with_name("counter_sheet_words.toml")
LEVEL_STYLES = {"watch": "yellow", "bad": "red", "severe": "bold red"}
MARKS = {"watch": "!", "bad": "!!", "severe": "!!!"}


def show_counters(
    source: str,
    name: str,
    settings: Settings,
    *,
    asked: Asked,
    inventory: Path | None = None,
    as_json: bool = False,
) -> None:
    """Print the measures of an object over a window.

    Parameters
    ----------
    source : str
        Folder of a bundle, or address of a history.
    name : str
        Cell, site, layer or county.
    settings : Settings
        `language` is that of the table.
    asked : Asked
    inventory : Path, optional
        Bundle that knows the cells of a history.
    as_json : bool, default False
        One JSON object instead of a table.

    Raises
    ------
    InputError
        If the source, the object or what is asked can't be used.
    """
    until = asked_instant(asked.until, "to", settings.zone)
    counters = read_counters(source, name, settings, inventory=inventory, until=until)
    view = measure_view(counters, asked, settings)
    if as_json:
        json.dump(
            as_data(view, counters.object_id, asked, settings),
            sys.stdout,
            ensure_ascii=False,
            indent=1,
        )
        sys.stdout.write("\n")
        return
    console = Console()
    for part in sheet(view, counters.object_id, asked, settings):
        console.print(part)


def as_data(view: pd.DataFrame, object_id: str, asked: Asked, settings: Settings) -> dict[str, Any]:
    """Return a view as plain data: an object with the rows of each measure, null where unknown.

    Parameters
    ----------
    view : DataFrame
        From `kpi.measure_views.measure_view`.
    object_id : str
    asked : Asked
    settings : Settings
        `zone` and `measures` matter here.
    """
    book = load_measures(settings.measures).by_name
    measures = []
    for name, rows in view.groupby("measure", sort=False):
        plain = rows.drop(columns="measure").assign(start=rows["start"].map(pd.Timestamp.isoformat))
        plain = plain.astype(object).where(plain.notna(), None)
        measure = book[str(name)]
        about = {"measure": measure.name, "unit": measure.unit, "direction": measure.direction}
        measures.append(about | {"source": measure.source, "rows": plain.to_dict("records")})
    return {"object_id": object_id, "by": asked.by, "zone": settings.zone, "measures": measures}


def sheet(
    view: pd.DataFrame, object_id: str, asked: Asked, settings: Settings
) -> list[Table | Text]:
    """Return a view as what is printed: a table for each measure asked for, else one of all.

    Parameters
    ----------
    view : DataFrame
        From `kpi.measure_views.measure_view`.
    object_id : str
    asked : Asked
    settings : Settings
        `language` and `measures` matter here.
    """
    words = {**case_words(settings.language), **load_words(WORDS_FILE, settings.language)}
    note = words["note"]
    if view.empty:
        return [Text(note["nothing"])]
    starts = view["start"].drop_duplicates()
    title = note["title"].format(
        object=object_id,
        by=words["by"][asked.by],
        since=f"{starts.iloc[0]:%Y-%m-%d %H:%M}",
        until=f"{starts.iloc[-1]:%Y-%m-%d %H:%M}",
        zone=settings.zone,
    )
    parts: list[Table | Text] = [Text(title, style="bold")]
    units = {m.name: m.unit for m in load_measures(settings.measures).measures}
    if asked.names:
        parts += [_course(view, name, units[name], words) for name in dict.fromkeys(asked.names)]
    else:
        parts.append(_summary(view, units, words))
    if view["value"].isna().any():
        parts.append(Text(note["unknown_means"], style="dim"))
    if (view["is_few"] & view["value"].notna()).any():
        parts.append(Text(note["few_means"], style="dim"))
    return parts


def _course(view: pd.DataFrame, name: str, unit: str, words: Words) -> Table:
    """Return one measure, a line for each step."""
    table = _table(words, ("start", "value", "n", "interval", "usual", "crossed", "coverage"))
    table.title = _named(name, words)
    for row in view[view["measure"] == name].to_dict("records"):
        told = _cells(row, name, unit, words)
        table.add_row(f"{row['start']:%m-%d %H:%M}", *told, f"{row['coverage']:.0%}")
    return table


def _summary(view: pd.DataFrame, units: Mapping[str, str], words: Words) -> Table:
    """Return one line for each measure: its last value, the worst of the window, and its course."""
    columns = (
        "measure",
        "at",
        "last",
        "n",
        "interval",
        "usual",
        "crossed",
        "worst",
        "unknown",
        "trend",
    )
    table = _table(words, columns)
    for name, rows in view.groupby("measure", sort=False):
        known = rows[rows["value"].notna()]
        last = (known if len(known) else rows).iloc[-1].to_dict()
        course = [None if pd.isna(value) else float(value) for value in rows["value"]]
        table.add_row(
            _named(str(name), words),
            f"{last['start']:%m-%d %H:%M}" if len(known) else "",
            *_cells(last, str(name), units[str(name)], words),
            _worst(rows, words),
            f"{len(rows) - len(known)}/{len(rows)}",
            sparkline(course),
        )
    return table


def _table(words: Words, columns: tuple[str, ...]) -> Table:
    """Return an empty table with headings; numbers to the right."""
    table = Table(box=None, padding=(0, 2, 0, 0), title_justify="left", header_style="dim")
    right = {"value", "last", "n", "usual", "coverage", "unknown"}
    for column in columns:
        table.add_column(
            words["heading"][column],
            justify="right" if column in right else "left",
            no_wrap=column != "measure",
        )
    return table


def _cells(row: Mapping[str, Any], name: str, unit: str, words: Words) -> list[str | Text]:
    """Return value, attempts, interval, usual level and limit of a row as they are shown."""
    form, note = measure_form(name, unit), words["note"]
    if pd.isna(row["value"]):
        return [Text(note["unknown"], style="dim"), f"{row['n']:,.0f}", "", *_usual(row, form), ""]
    interval = ""
    if not pd.isna(row["low"]):
        low, high = (quantity(row[end], form, with_unit=False) for end in ("low", "high"))
        interval = f"{low} … {high}"
    attempts = f"{row['n']:,.0f}" + (f" {note['few']}" if row["is_few"] else "")
    value = Text(quantity(row["value"], form), style=LEVEL_STYLES.get(row["crossed"], ""))
    return [value, attempts, interval, *_usual(row, form), _level(row["crossed"], words)]


def _usual(row: Mapping[str, Any], form: Any) -> list[str]:
    """Return the usual level as it is shown; empty where it is not known."""
    return ["" if pd.isna(row["usual"]) else quantity(row["usual"], form)]


def _level(level: str, words: Words) -> Text:
    """Return a level as a mark and a word."""
    if not level:
        return Text("")
    return Text(f"{MARKS[level]} {words['level'][level]}", style=LEVEL_STYLES[level])


def _worst(rows: pd.DataFrame, words: Words) -> Text:
    """Return the worst level of a window and how many steps cross it."""
    crossed = rows.loc[rows["crossed"] != "", "crossed"]
    if crossed.empty:
        return Text("")
    worst = max(crossed, key=LEVELS.index)
    told = _level(worst, words)
    told.append(f" ×{int((crossed == worst).sum())}")
    return told


def _named(name: str, words: Words) -> str:
    """Return the name of a measure in words, or as it stands where it has none."""
    return words["measure"].get(name, name)
