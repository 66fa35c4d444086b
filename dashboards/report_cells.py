"""Write the values of a report's tables as a person reads them, in the language and zone of the report.

Simple so far: one form of number for both languages; a comma parts thousands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from contract.causes import CAUSES, cause_name
from contract.privacy import masked_numbers
from contract.tables import Column
from correlate.case.phrases import load_phrases
from correlate.daily.day_report import REPORT
from dashboards.wording import Words, load_words

LAYOUT_FILE = Path(__file__).with_name("report_layout.toml")
WORDS_FILE = Path(__file__).with_name("report_words.toml")
NOTHING = "–"
SIGNED = ("change", "moved", "moved_per_10k")
ZERO_IS_NOTHING = ("late_", "suspended_")
CAUSE_COLUMNS = frozenset({"cause", "last_cause"})
JOINED_COLUMNS = frozenset({"area"})
FIXED_KINDS = frozenset({"id", "choice", "date", "instant", "flag"})
HOURS_IN_MINUTES, HOURS_IN_HOURS = 2, 48


@dataclass(frozen=True)
class Cell:
    """A value as it is shown: its text, the interval behind it, and the severity it is marked with."""

    text: str
    interval: str = ""
    severity: str = ""


@dataclass(frozen=True)
class Heading:
    """A column as it is shown: what it is called, whether it holds numbers, whether its values stay on one line."""

    text: str
    is_number: bool
    is_fixed: bool


@dataclass(frozen=True)
class TableView:
    """A table as it is shown; `more` rows are left out."""

    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    more: int


@cache
def load_layout() -> Mapping[str, Any]:
    """Return which columns are shown and how numbers are written."""
    return tomllib.loads(LAYOUT_FILE.read_text(encoding="utf-8"))


def report_words(language: str) -> Words:
    """Return the words of the report in a language.

    Raises
    ------
    InputError
        If the language is unknown.
    """
    return load_words(WORDS_FILE, language)


def table_view(
    name: str, frame: pd.DataFrame, *, language: str, year: int, view: str = ""
) -> TableView:
    """Return a table of a report as the page shows it, without columns that are empty throughout.

    Parameters
    ----------
    name : str
        Table of `correlate.daily.day_report.REPORT`.
    frame : DataFrame
        Its rows, as declared.
    language : {"zh", "en"}
    year : int
        Of the report; instants of other years are shown with theirs.
    view : str
        Which of its columns are shown, of `report_layout.toml`; by default those named after the table.

    Returns
    -------
    TableView
    """
    layout, words = load_layout(), report_words(language)
    shown = [c for c in page_columns(name, language, view) if _is_told(frame[c.name])]
    headings = [
        Heading(words["column"][c.name], c.kind in ("number", "count"), _is_fixed(c)) for c in shown
    ]
    most = layout["rows"].get(name, layout["most"]["rows"])
    records = frame.head(most).to_dict("records")
    rows = [[cell(record, c, language=language, year=year) for c in shown] for record in records]
    return TableView(headings, rows, max(len(frame) - most, 0))


def _is_told(values: pd.Series) -> bool:
    """Return whether a column has anything to show: a value; of lengths of time that are mostly none, one above it."""
    if str(values.name).startswith(ZERO_IS_NOTHING):
        return bool((values > 0).any())
    return bool(values.notna().any())


def page_columns(name: str, language: str, view: str = "") -> list[Column]:
    """Return the columns of a table that the page shows; of a text in two languages that of the page.

    >>> [c.name for c in page_columns("late", "en")][3]
    'owner_en'
    """
    columns = {c.name: c for c in REPORT[name].columns}
    return [columns[c.replace("*", language)] for c in load_layout()["page"][view or name]]


def cell(record: Mapping[str, Any], column: Column, *, language: str, year: int) -> Cell:
    """Return one value of a row as it is shown.

    Parameters
    ----------
    record : mapping
        The row.
    column : Column
        Its declaration.
    language : {"zh", "en"}
    year : int
        Of the report.
    """
    value, name = record[column.name], column.name
    if name == "county" and pd.isna(value) and record.get("scope") in ("all", "unknown"):
        key = "all" if record["scope"] == "all" else "unknown_county"
        return Cell(report_words(language)["report"][key])
    if name == "symptom" and pd.isna(value):
        return Cell(report_words(language)["report"]["any_symptom"])
    if pd.isna(value) or (name.startswith(ZERO_IS_NOTHING) and value == 0):
        return Cell(NOTHING)
    if name in SIGNED:
        digits = load_layout()["digits"][name]
        return Cell(_signed(float(value), digits) + (_clearly(record) if name == "change" else ""))
    text = value_text(value, column, language=language, year=year)
    if name == "place" and record.get("is_few") is True:
        text += " *"
    return Cell(text, _interval(record, column), str(value) if name == "severity" else "")


def value_text(value: Any, column: Column, *, language: str, year: int) -> str:
    """Return one value that is known as text.

    Examples
    --------
    >>> value_text(3.25, Column("late_h", "number", unit="h"), language="en", year=2026)
    '3.2 h'
    >>> value_text("power_failure", Column("cause", "cause"), language="zh", year=2026)
    '停电掉站'
    """
    words = report_words(language)
    if column.kind == "instant":
        return instant_text(value, year=year)
    if column.kind == "flag":
        return words["report"]["yes" if value else "no"]
    if column.kind in ("number", "count"):
        return number_text(float(value), column, words)
    if column.name in CAUSE_COLUMNS:
        return cause_name(value, language) if value in CAUSES else str(value)
    if column.kind == "choice":
        return words["choice"].get(str(value), str(value))
    if column.name == "symptom":
        return symptom_name(str(value), language)
    if column.name in JOINED_COLUMNS:
        return joined_names(str(value), words)
    return masked_numbers(str(value))


def symptom_name(code: str, language: str) -> str:
    """Return what a symptom is called.

    >>> symptom_name("DROP", "en")
    'calls drop'
    """
    named = load_phrases()["symptom"].get(code)
    return named[language] if named else code


def number_text(value: float, column: Column, words: Words) -> str:
    """Return a number as text, with its unit where the heading does not say it."""
    if column.unit == "h":
        return hours_text(value, words)
    if column.unit == "min":
        return hours_text(value / 60, words)
    if column.low == 0 and column.high == 1:
        return ">99%" if 0.995 <= value < 1 else f"{value:.0%}"
    text = f"{value:,.{load_layout()['digits'].get(column.name, 0)}f}"
    return f"{text} km" if column.unit == "km" else text


def hours_text(hours: float, words: Words) -> str:
    """Return a length of time in minutes, hours or days.

    >>> hours_text(0.5, report_words("zh")), hours_text(60, report_words("en"))
    ('30 分钟', '2.5 d')
    """
    if abs(hours) < HOURS_IN_MINUTES:
        text = words["report"]["minutes"].format(value=f"{hours * 60:.0f}")
    elif abs(hours) < HOURS_IN_HOURS:
        text = words["report"]["hours"].format(value=f"{hours:.1f}".removesuffix(".0"))
    else:
        text = words["report"]["days"].format(value=f"{hours / 24:.1f}".removesuffix(".0"))
    return text.replace("-", "−")


def instant_text(at: pd.Timestamp, *, year: int) -> str:
    """Return an instant in its own zone, with the year only where it is another one.

    >>> instant_text(pd.Timestamp("2026-03-02 14:05", tz="Asia/Shanghai"), year=2026)
    '03-02 14:05'
    """
    return str(at.strftime("%m-%d %H:%M" if at.year == year else "%Y-%m-%d %H:%M"))


def joined_names(names: str, words: Words) -> str:
    """Return names that `|` joins, the first few of many.

    >>> joined_names("Mill|Ford", report_words("en"))
    'Mill, Ford'
    """
    parts, most = names.split("|"), load_layout()["most"]["names"]
    shown = masked_numbers(words["report"]["joiner"].join(parts[:most]))
    if len(parts) <= most:
        return shown
    return words["report"]["others"].format(names=shown, count=len(parts) - most, total=len(parts))


def interval_text(low: float, high: float, digits: int) -> str:
    """Return an interval in brackets.

    >>> interval_text(0.5, 1.25, 1)
    '[0.5–1.2]'
    """
    return f"[{low:,.{digits}f}–{high:,.{digits}f}]"


def _interval(record: Mapping[str, Any], column: Column) -> str:
    """Return the interval of a value, empty where it has none."""
    layout = load_layout()
    low, high = (record.get(name) for name in layout["interval"].get(column.name, ("", "")))
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    return interval_text(float(low), float(high), layout["digits"].get(column.name, 0))


def _signed(value: float, digits: int) -> str:
    """Return a difference with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def _clearly(record: Mapping[str, Any]) -> str:
    """Return a mark behind a change that is more than chance."""
    is_clear = record.get("is_change_clear")
    if pd.isna(is_clear) or not is_clear:
        return ""
    return " ▲" if record["change"] > 0 else " ▼"


def _is_fixed(column: Column) -> bool:
    """Return whether the values of a column stay on one line."""
    return column.kind in FIXED_KINDS and column.name not in CAUSE_COLUMNS
