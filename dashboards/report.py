"""Write a daily report: a page to read and print, and a workbook for the county branches.

Simple so far: both are made in memory before either is written.
"""

from __future__ import annotations

from pathlib import Path

from contract.errors import InputError
from correlate.daily.day_report import DayReport
from dashboards.pages import save_file, save_page
from dashboards.report_page import report_html
from dashboards.report_sheets import report_workbook


def write_report(report: DayReport, html: Path, xlsx: Path | None, language: str) -> None:
    """Write a daily report as a page, and as a workbook if asked; each whole or not at all.

    Parameters
    ----------
    report : DayReport
    html : Path
        Page, one file that needs no network; replaced if it is there.
    xlsx : Path or None
        Workbook; none is written without a path.
    language : {"zh", "en"}

    Raises
    ------
    InputError
        If the language is unknown, or page and workbook are one file.
    OutputError
        If a file cannot be written.
    UnreadableFileError
        If the typeface of the page is missing.
    """
    if xlsx is not None and xlsx.resolve() == html.resolve():
        msg = f"`xlsx` must be another file than the page; both are {str(xlsx)!r}."
        raise InputError(msg)
    page = report_html(report, language)
    workbook = report_workbook(report, language) if xlsx is not None else b""
    save_page(page, html)
    if xlsx is not None:
        save_file(workbook, xlsx)
