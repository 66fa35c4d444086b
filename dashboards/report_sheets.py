"""Write a daily report as a workbook for the county branches: a sheet for each section and one for each county.

Every text is written as text: nothing in it becomes a formula or a link. Instants are local, in the zone of the report.

Simple so far: no charts; a county's sheet holds its open faults, late repairs and thin places.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from contract.causes import CAUSES, cause_name
from contract.privacy import masked_numbers
from contract.tables import Column
from correlate.daily.day_report import REPORT, DayReport
from dashboards.report_cells import (
    CAUSE_COLUMNS,
    load_layout,
    page_columns,
    report_words,
    symptom_name,
)
from dashboards.report_page import known_line
from dashboards.wording import Words

SHEETS = (
    "headline", "to_intercept", "faults", "rates", "movers", "numerators", "series", "signs", "queues",
    "notices", "late_by", "late", "repairs", "outage_classes", "top_outages", "thin", "site_values",
    "repeaters", "gaps", "doubts", "listed",
)  # fmt: skip
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
LONGEST_NAME = 31
LONGEST_TEXT = 32_000
WIDTHS = (8, 46)
INSTANT_FORMAT, DATE_FORMAT = "yyyy-mm-dd hh:mm", "yyyy-mm-dd"
FEW_LINES = 200


def report_workbook(report: DayReport, language: str) -> bytes:
    """Return the workbook of a daily report.

    Parameters
    ----------
    report : DayReport
    language : {"zh", "en"}

    Returns
    -------
    bytes
        An `.xlsx` file; the same report gives the same bytes.

    Raises
    ------
    InputError
        If the language is unknown.
    """
    import xlsxwriter

    words, written = report_words(language), io.BytesIO()
    book = xlsxwriter.Workbook(written, OPTIONS)
    book.set_properties({"title": words["report"]["title"], "created": _naive(report.at)})
    writer = _Writer(book, words, language)
    taken: set[str] = set()
    writer.about(sheet_name(words["workbook"]["about"], taken), report)
    for name in SHEETS:
        writer.section(sheet_name(words["workbook"][name], taken), name, getattr(report, name))
    for county in branch_counties(report):
        writer.county(sheet_name(county, taken), county, report)
    book.close()
    return written.getvalue()


def branch_counties(report: DayReport) -> list[str]:
    """Return the counties that get a sheet: those with an open fault, a late repair or a thin place, by name.

    Parameters
    ----------
    report : DayReport
    """
    blocks = _county_blocks(report).values()
    named = pd.concat([frame["county"] for frame in blocks]).dropna()
    return sorted(set(named))


def sheet_name(wanted: str, taken: set[str]) -> str:
    r"""Return a name that a sheet may have and none has yet, and add it to those taken.

    Parameters
    ----------
    wanted : str
    taken : set of str
        Names in use, in lower case; the new one is added.

    References
    ----------
    .. [1] Microsoft, Excel, rename a worksheet: at most 31 characters, none of ``/ \ ? * : [ ]``, no apostrophe at an
       end, not "History".

    Examples
    --------
    >>> taken = set()
    >>> sheet_name("North/East", taken), sheet_name("north/east", taken)
    ('North East', 'north east 2')
    """
    clean = FORBIDDEN.sub(" ", wanted).strip().strip("'")[:LONGEST_NAME].strip() or "-"
    name, number = clean, 1
    while name.lower() in taken or name.lower() == "history":
        number += 1
        tail = f" {number}"
        name = clean[: LONGEST_NAME - len(tail)] + tail
    taken.add(name.lower())
    return name


def sheet_values(frame: pd.DataFrame, column: Column, *, language: str) -> list[Any]:
    """Return a column as values of a workbook: dates as dates, codes as words, None where null.

    Parameters
    ----------
    frame : DataFrame
    column : Column
        Its declaration.
    language : {"zh", "en"}
    """
    words, values = report_words(language), frame[column.name]
    if column.name == "county" and "scope" in frame and (frame["scope"] == "all").any():
        names = {"all": words["report"]["all"], "unknown": words["report"]["unknown_county"]}
        values = values.fillna(frame["scope"].map(names))
    known: Callable[[Any], Any] = _reader(column, language, words)
    return [None if pd.isna(value) else known(value) for value in values.tolist()]


def _reader(column: Column, language: str, words: Words) -> Callable[[Any], Any]:
    """Return the function that turns one value of a column into what the workbook holds."""
    if column.kind == "instant":
        return _naive
    if column.kind == "date":
        return dt.datetime.fromisoformat
    if column.kind in ("number", "count"):
        return float
    if column.kind == "flag":
        return lambda value: words["report"]["yes" if value else "no"]
    if column.name in CAUSE_COLUMNS:
        return lambda value: cause_name(value, language) if value in CAUSES else value
    if column.name == "measure":
        return lambda value: words["headline"][value]
    if column.kind == "choice":
        return lambda value: words["choice"].get(value, value)
    if column.name == "symptom":
        return lambda value: symptom_name(value, language)
    return lambda value: masked_numbers(str(value))[:LONGEST_TEXT]


class _Writer:
    """Write the sheets of one workbook: holds its formats, which belong to the file."""

    def __init__(self, book: Any, words: Words, language: str) -> None:
        self.book, self.words, self.language = book, words, language
        self.head = book.add_format(
            {
                "bold": True,
                "bottom": 1,
                "text_wrap": True,
                "valign": "bottom",
                "bg_color": "#F0F3F5",
            }
        )
        self.bold = book.add_format({"bold": True, "font_size": 13})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.forms: dict[str, Any] = {}

    def about(self, name: str, report: DayReport) -> None:
        """Write what the workbook is, and how to read it."""
        text, sheet = self.words["report"], self.book.add_worksheet(name)
        sheet.set_column(0, 0, 100)
        sheet.write_string(0, 0, text["title"], self.bold)
        lines = [
            known_line(report, self.words),
            text["run"].format(
                bundle=report.bundle, first=report.first_day, last=report.last_day,
                version=report.version, zone=report.zone,
            ),
            text["print_note"],
            *(self.words["note"][key] for key in (
                "faults", "movers", "signs", "notices", "late", "outages", "thin", "site_values", "repeaters",
            )),
        ]  # fmt: skip
        for row, line in enumerate(lines, start=2):
            sheet.write_string(row, 0, line, self.wrap)

    def section(self, name: str, table: str, frame: pd.DataFrame) -> None:
        """Write a table of the report as a sheet: head frozen, filter, widths."""
        sheet, columns = self.book.add_worksheet(name), shown_columns(table)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        widths = self._block(sheet, columns, frame, top=0)
        if len(frame):
            sheet.autofilter(0, 0, len(frame), len(columns) - 1)
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)

    def county(self, name: str, county: str, report: DayReport) -> None:
        """Write a county's open faults, late repairs and thin places, one below the other."""
        sheet, row = self.book.add_worksheet(name), 2
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.freeze_panes(1, 0)
        sheet.write_string(0, 0, f"{county}  {report.day.isoformat()}", self.bold)
        widest: list[int] = []
        for heading, (table, frame) in zip(
            ("open_faults", "late", "thin"), _county_blocks(report).items(), strict=True
        ):
            rows, columns = (
                frame.loc[frame["county"] == county],
                shown_columns(table, page=self.language),
            )
            sheet.write_string(row, 0, self.words["workbook"][heading], self.bold)
            if rows.empty:
                sheet.write_string(row + 1, 0, self.words["empty"][table])
                row += 3
                continue
            widths = self._block(sheet, columns, rows, top=row + 1)
            widest = [max(pair) for pair in _padded(widest, widths)]
            row += len(rows) + 4
        for number, width in enumerate(widest):
            sheet.set_column(number, number, width)

    def _block(
        self, sheet: Any, columns: list[Column], frame: pd.DataFrame, *, top: int
    ) -> list[int]:
        """Write a head and rows; return the width of each column."""
        widths = []
        for number, column in enumerate(columns):
            title = self._title(column)
            values = sheet_values(frame, column, language=self.language)
            sheet.write_string(top, number, title, self.head)
            sheet.write_column(top + 1, number, values, self._form(column))
            widths.append(_width(title, column, values))
        return widths

    def _title(self, column: Column) -> str:
        """Return the head of a column, with its unit where the values need one."""
        title = self.words["column"][column.name]
        unit = self.words["unit"].get(column.unit)
        return f"{title} ({unit})" if unit else title

    def _form(self, column: Column) -> Any:
        """Return the format of a column, made once for each pattern."""
        pattern = _pattern(column)
        if pattern not in self.forms:
            style = {"num_format": pattern, "valign": "top"} if pattern else {"valign": "top"}
            self.forms[pattern] = self.book.add_format(style)
        return self.forms[pattern]


def shown_columns(table: str, *, page: str = "") -> list[Column]:
    """Return the columns of a table that the workbook shows: all but those hidden, or those of the page.

    Parameters
    ----------
    table : str
        Table of `correlate.daily.day_report.REPORT`.
    page : str
        Only the columns that the page of this language shows, without the county.
    """
    layout = load_layout()
    if page:
        return [c for c in page_columns(table, page) if c.name != "county"]
    return [c for c in REPORT[table].columns if c.name not in layout["workbook"]["hidden"]]


def _county_blocks(report: DayReport) -> Mapping[str, pd.DataFrame]:
    """Return the tables of which each county gets its rows."""
    is_open = report.faults["state"] == "open"
    return {"faults": report.faults.loc[is_open], "late": report.late, "thin": report.thin}


def _pattern(column: Column) -> str:
    """Return the number format of a column; empty for text."""
    if column.kind == "instant":
        return INSTANT_FORMAT
    if column.kind == "date":
        return DATE_FORMAT
    if column.kind not in ("number", "count"):
        return ""
    if column.low == 0 and column.high == 1:
        return "0%"
    digits = load_layout()["digits"].get(column.name, 0)
    return "#,##0" + ("." + "0" * digits if digits else "")


def _width(title: str, column: Column, values: Iterable[Any]) -> int:
    """Return the width of a column in characters: of its head in two lines, or of its widest text."""
    if column.kind == "instant":
        return 17
    texts = [value for value in values if isinstance(value, str)][:FEW_LINES]
    needed = max([_columns(title) // 2 + 5, *(_columns(text) + 2 for text in texts)])
    return min(max(needed, 12 if column.kind == "date" else WIDTHS[0]), WIDTHS[1])


def _columns(text: str) -> int:
    """Return how many columns a text takes; an ideograph takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _padded(first: list[int], second: list[int]) -> Iterable[tuple[int, int]]:
    """Return two lists side by side, the shorter filled with zeros."""
    size = max(len(first), len(second))
    return zip(first + [0] * (size - len(first)), second + [0] * (size - len(second)), strict=True)


def _naive(at: pd.Timestamp) -> dt.datetime:
    """Return an instant as a workbook holds it: local, without zone, to the second."""
    local: dt.datetime = at.tz_localize(None).floor("s").to_pydatetime()
    return local
