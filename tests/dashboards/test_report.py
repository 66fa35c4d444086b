from pathlib import Path

import pytest

from contract.errors import InputError, OutputError
from dashboards.report import write_report
from tests.dashboards.small_report import empty_report


def test_page_and_workbook_are_written(tmp_path: Path) -> None:
    write_report(empty_report(), tmp_path / "a" / "d.html", tmp_path / "d.xlsx", "en")
    assert (tmp_path / "a" / "d.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (tmp_path / "d.xlsx").read_bytes().startswith(b"PK")


def test_workbook_is_left_out_when_not_asked_for(tmp_path: Path) -> None:
    write_report(empty_report(), tmp_path / "d.html", None, "zh")
    assert [path.name for path in tmp_path.iterdir()] == ["d.html"]


def test_nothing_is_written_in_an_unknown_language(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="`language` must be"):
        write_report(empty_report(), tmp_path / "d.html", None, "fr")
    assert not list(tmp_path.iterdir())


def test_folder_in_the_place_of_the_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="must be a file"):
        write_report(empty_report(), tmp_path, None, "en")


def test_page_and_workbook_in_one_file_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "day.html"
    with pytest.raises(InputError, match="`xlsx` must be another file"):
        write_report(empty_report(), target, tmp_path / "sub" / ".." / "day.html", "en")
    assert not target.exists()
