"""Show rates, repairs and coverage of a run: as tables in the terminal, as one JSON object, or as CSV files.

Columns and words are those of the daily report.

Simple so far: the terminal shows fewer columns than the report's page, as many rows, 110 characters wide at least.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from contract.errors import InputError, OutputError
from contract.outputs import as_text
from contract.privacy import masked_numbers
from correlate.daily.day_report import REPORT, report_table
from correlate.daily.moments import Moment, coverage_tables, rate_tables, repair_tables
from dashboards.report_cells import TableView, report_words, table_view
from dashboards.terminal_text import plain_text, quiet_table

QUESTIONS = {
    "rate": (rate_tables, ("rates", "movers", "numerators", "signs", "queues")),
    "repairs": (repair_tables, ("late_by", "repairs", "outage_classes", "top_outages")),
    "coverage": (coverage_tables, ("thin", "site_values")),
}
"""What draws up the tables of a question, and which of them are told, in order."""


VIEWS = {
    "rates": ("rates_short", "month_short"),
    "late_by": ("late_short",),
    "repairs": ("repairs_short",),
    "top_outages": ("outages_short",),
    "thin": ("thin_short",),
    "site_values": ("values_short",),
}
"""The columns of wide tables that fit into a terminal, of `report_layout.toml`."""
LEAST_WIDTH, TEXT_WIDTH = 110, 10


@dataclass(frozen=True)
class Asked:
    """A question: `rate`, `repairs` or `coverage`; of one county or all (None); its language."""

    question: str
    county: str | None
    language: str


def answer_tables(moment: Moment, asked: Asked) -> dict[str, pd.DataFrame]:
    """Return the tables of an answer, as the daily report declares them.

    Raises
    ------
    InputError
        If there is no such county.
    """
    draw, names = QUESTIONS[asked.question]
    made = draw(moment)
    tables = {name: report_table(name, made[name], moment.known.zone) for name in names}
    if asked.county is None:
        return tables
    known = set(moment.run["sites"]["county"].dropna()) | set(moment.run["subscribers"]["county"])
    if asked.county not in known:
        msg = f"`county` must be one of {sorted(known)}; it is {asked.county!r}."
        raise InputError(msg)
    return {
        name: frame[frame["county"] == asked.county].reset_index(drop=True)
        if "county" in frame
        else frame
        for name, frame in tables.items()
    }


def show_answer(
    tables: Mapping[str, pd.DataFrame],
    moment: Moment,
    asked: Asked,
    *,
    as_json: bool = False,
    folder: Path | None = None,
) -> None:
    """Print an answer, or print it as JSON, or write it as CSV files.

    Raises
    ------
    OutputError
        If a file can't be written.
    """
    console = Console(width=max(Console().width, LEAST_WIDTH))
    if folder is not None:
        _write(tables, folder)
        names = ", ".join(f"{name}.csv" for name in tables)
        console.print(f"{names} written to {folder}", markup=False, soft_wrap=True)
    if as_json:
        console.print(_json(tables, moment), markup=False, highlight=False, soft_wrap=True)
    elif folder is None:
        _print(tables, moment, asked, console)


def _print(
    tables: Mapping[str, pd.DataFrame], moment: Moment, asked: Asked, console: Console
) -> None:
    """Print every table under its heading."""
    words = report_words(asked.language)
    at = moment.known.at.strftime("%Y-%m-%d %H:%M")
    told = words["report"]["as_known"].format(day=moment.day.isoformat(), at=at)
    console.print(told, markup=False, highlight=False)
    for name, frame in tables.items():
        if name == "queues" and frame.empty:
            continue
        console.print()
        console.print(plain_text(words["workbook"][name], "bold"))
        if frame.empty:
            console.print(plain_text(words["empty"][name]))
            continue
        for part in VIEWS.get(name, (name,)):
            how: dict[str, Any] = {"language": asked.language, "year": moment.day.year}
            view = table_view(name, frame, view=part, **how)
            _print_view(view, console)
            if view.more:
                more = words["report"]["more_lines"].format(rows=view.more)
                console.print(plain_text(more, "dim"))


def _print_view(view: TableView, console: Console) -> None:
    """Print the rows of a table."""
    kinds = [
        "right" if heading.is_number else ("keep" if heading.is_fixed else "left")
        for heading in view.headings
    ]
    table = quiet_table(*((h.text, kind) for h, kind in zip(view.headings, kinds, strict=True)))
    for column, kind in zip(table.columns, kinds, strict=True):
        column.min_width = TEXT_WIDTH if kind == "left" else None
    for row in view.rows:
        table.add_row(*(plain_text(f"{cell.text} {cell.interval}".strip()) for cell in row))
    console.print(table)


def _json(tables: Mapping[str, pd.DataFrame], moment: Moment) -> str:
    """Return an answer as one JSON object: null where unknown, instants as in the CSV."""
    content = {"day": moment.day.isoformat(), "at": moment.known.at.isoformat()}
    rows = {name: _records(_told(frame, name)) for name, frame in tables.items()}
    return json.dumps(content | rows, ensure_ascii=False, indent=2)


def _records(frame: pd.DataFrame) -> list[dict[Hashable, object]]:
    """Return the rows of a table with plain values."""
    plain = {name: frame[name].astype(object).where(frame[name].notna(), None) for name in frame}
    rows: list[dict[Hashable, object]] = pd.DataFrame(plain, dtype=object).to_dict("records")
    return rows


def _told(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table with its instants as text and numbers of callers in its texts masked."""
    table = as_text(frame)
    texts = [c.name for c in REPORT[name].columns if c.kind == "text"]
    masked = {c: table[c].map(masked_numbers, na_action="ignore") for c in texts}
    return table.assign(**masked)


def _write(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table as a CSV file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in tables.items():
            path = folder / f"{name}.csv"
            _told(frame, name).to_csv(path, index=False, lineterminator="\n")
    except OSError as error:
        msg = f"`csv` must be a folder that can be written; {str(folder)!r}: {error.strerror}."
        raise OutputError(msg) from error
