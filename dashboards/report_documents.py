"""Write all documents of a daily report into one folder: page, PDF and workbook in both languages, and what is sent.

Simple so far: where no PDF can be made the rest is written, and the reason is given back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contract.folders import replace_folder
from correlate.daily.day_report import DayReport
from correlate.daily.kept_report import KEPT, keep_report
from dashboards.delivery.letter import FILE, KINDS, Letter, file_of, save_letters
from dashboards.printing import NotPrintedError, printed_page
from dashboards.report_cells import report_words
from dashboards.report_page import headline_figures, known_line, report_html, summary_lines
from dashboards.report_sheets import report_workbook
from dashboards.wording import LANGUAGES

SUFFIXES = ("html", *KINDS)
WRITTEN = frozenset(
    {FILE, *KEPT, *(file_of(Path(), one, suffix).name for one in LANGUAGES for suffix in SUFFIXES)}
)
"""What a folder of documents holds."""


def write_documents(
    report: DayReport, folder: Path, *, printer: Callable[[str], bytes] = printed_page
) -> str:
    """Write the documents of a report, whole or not at all, and return why there is no PDF; empty where there is.

    Parameters
    ----------
    report : DayReport
    folder : Path
        Replaced if it is there.
    printer : callable
        Makes a PDF of a page.

    Raises
    ------
    OutputError
        If the folder can't be written.
    """
    pages = {one: report_html(report, one) for one in LANGUAGES}
    books = {one: report_workbook(report, one) for one in LANGUAGES}
    pdfs, reason = _printed(pages, printer)

    def write(target: Path) -> None:
        """Write the files."""
        for one in LANGUAGES:
            file_of(target, one, "html").write_text(pages[one], encoding="utf-8")
            file_of(target, one, "xlsx").write_bytes(books[one])
            if one in pdfs:
                file_of(target, one, "pdf").write_bytes(pdfs[one])
        save_letters({one: letter_of(report, one) for one in LANGUAGES}, target)
        keep_report(report, target)

    replace_folder(folder, write, ours=WRITTEN)
    return reason


def letter_of(report: DayReport, language: str) -> Letter:
    """Return what a report is sent as."""
    words = report_words(language)
    text = words["report"]
    figures = headline_figures(report, words)
    return Letter(
        title=f"{text['title']} {report.day.isoformat()}",
        known=known_line(report, words),
        note=text["print_note"],
        open=text["open"],
        lines=tuple(summary_lines(report, words)),
        figures=tuple((f.name, f.value, f.interval, f.change) for f in figures),
    )


def _printed(
    pages: dict[str, str], printer: Callable[[str], bytes]
) -> tuple[dict[str, bytes], str]:
    """Return the PDFs of pages by language, and why there are none."""
    try:
        return {one: printer(html) for one, html in pages.items()}, ""
    except NotPrintedError as error:
        return {}, str(error)
