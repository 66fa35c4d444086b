"""The documents of a report of one county name nothing of the others: page, workbook, PDF and letter."""

import io
import subprocess
import zipfile
from pathlib import Path
from shutil import which

import pytest

from correlate.daily.county_report import report_within
from dashboards.delivery.letter import FILE, file_of
from dashboards.printing import browser
from dashboards.report_documents import write_documents
from dashboards.wording import LANGUAGES
from tests.dashboards.small_report import TOWNS, small_report

FOREIGN = ("Ford", "INC-2", "Upper Dale", "WO7", "10086")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents of the report of Mill County."""
    out = tmp_path_factory.mktemp("report") / "one"
    write_documents(report_within(small_report(places=TOWNS), {"Mill County"}), out)
    return out


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_workbook_and_letter_name_nothing_of_others(folder: Path, language: str) -> None:
    page = file_of(folder, language, "html").read_text(encoding="utf-8")
    letter = (folder / FILE).read_text(encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(file_of(folder, language, "xlsx").read_bytes())) as book:
        sheets = " ".join(book.read(name).decode() for name in book.namelist())
    page = page[page.index("<body") :]
    for text in (page, letter, sheets):
        assert "Mill County" in text
        assert [word for word in FOREIGN if word in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_names_nothing_of_others(folder: Path, language: str) -> None:
    if browser() is None or which("pdftotext") is None:
        pytest.skip("the PDF is NOT read: Chromium or pdftotext is not installed")
    path = file_of(folder, language, "pdf")
    text = subprocess.run(
        ["pdftotext", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "Mill County" in text
    assert [word for word in FOREIGN if word in text] == []
