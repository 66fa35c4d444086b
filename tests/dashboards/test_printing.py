"""A page becomes a PDF without a network, and what hinders that is told."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dashboards.printing import NotPrintedError, browser, printed_page

PAGE = (
    "<html><head><style>@page { size: A4; @bottom-right { content: counter(page) }}</style></head>"
    "<body><p>Hello 移动</p></body></html>"
)


@pytest.mark.skipif(browser() is None, reason="no Chromium here")
def test_a_page_is_printed_on_a4(tmp_path: Path) -> None:
    pdf = printed_page(PAGE)
    assert pdf.startswith(b"%PDF-")
    if shutil.which("pdfinfo"):
        (tmp_path / "a.pdf").write_bytes(pdf)
        told = subprocess.run(["pdfinfo", tmp_path / "a.pdf"], capture_output=True, check=True)
        assert b"A4" in told.stdout
        assert b"Pages:           1" in told.stdout


def program_of(tmp_path: Path, text: str) -> str:
    """Return a program that does as a script says."""
    path = tmp_path / "browser"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o700)
    return str(path)


def test_a_browser_that_prints_nothing_is_told_of(tmp_path: Path) -> None:
    program = program_of(tmp_path, "echo no screen >&2; exit 3")
    with pytest.raises(NotPrintedError, match="browser gave no PDF: no screen"):
        printed_page(PAGE, program=program)


def test_a_browser_that_hangs_is_ended(tmp_path: Path) -> None:
    program = program_of(tmp_path, "sleep 60 & sleep 60")
    with pytest.raises(NotPrintedError, match=r"did not print within 0\.5 s"):
        printed_page(PAGE, program=program, most_s=0.5)


def test_no_browser_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.printing.browser", lambda: None)
    with pytest.raises(NotPrintedError, match="needs a Chromium"):
        printed_page(PAGE)
