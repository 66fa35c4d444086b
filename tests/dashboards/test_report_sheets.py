import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from correlate.daily.day_report import REPORT
from dashboards.report_cells import report_words
from dashboards.report_sheets import SHEETS, report_workbook, sheet_name, shown_columns
from tests.dashboards.small_report import FORMULA, HOSTILE, NUMBER, empty_report, small_report


def book(language: str = "en") -> Any:
    return load_workbook(io.BytesIO(report_workbook(small_report(), language)))


def cells(sheet: Any) -> list[Any]:
    return [cell for row in sheet.iter_rows() for cell in row]


def test_there_is_a_sheet_for_each_section_and_each_county() -> None:
    names = report_words("en")["workbook"]
    expected = [names["about"], *(names[name] for name in SHEETS), "Ford County", "Mill County"]
    assert book().sheetnames == expected


def test_no_text_becomes_a_formula_or_a_link() -> None:
    written = report_workbook(small_report(), "en")
    shown = load_workbook(io.BytesIO(written))
    everything = [cell for sheet in shown for cell in cells(sheet)]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in everything)
    texts = [cell.value for cell in everything if isinstance(cell.value, str)]
    assert {FORMULA, HOSTILE, "@Dale 2"} <= set(texts)
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        assert not any("externalLink" in name for name in parts.namelist())
        sheets = [n for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
        assert all(b"<f>" not in parts.read(name) for name in sheets)


def test_numbers_are_masked_and_callers_left_out() -> None:
    texts = [str(cell.value) for sheet in book() for cell in cells(sheet)]
    assert not any(NUMBER in text for text in texts)
    assert "call 159****2291" in texts
    assert "a1b2" not in texts


def test_instants_are_local_dates_and_dates_are_dates() -> None:
    shown, words = book(), report_words("en")
    notices = shown[words["workbook"]["notices"]]
    heads = [cell.value for cell in notices[1]]
    issued = notices.cell(2, heads.index("issued") + 1)
    assert issued.value == dt.datetime.fromisoformat("2026-03-09 05:40")
    assert issued.number_format == "yyyy-mm-dd hh:mm"
    thin = shown[words["workbook"]["thin"]]
    heads = [cell.value for cell in thin[1]]
    on_air = thin.cell(2, heads.index("on air") + 1)
    assert on_air.value == dt.datetime.fromisoformat("2026-06-30")
    assert on_air.number_format == "yyyy-mm-dd"


def test_counts_are_numbers_and_units_stand_in_the_head() -> None:
    sheet = book()[report_words("en")["workbook"]["faults"]]
    heads = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, heads.index("users") + 1).value == 3200
    assert sheet.cell(3, heads.index("late by (h)") + 1).value == 5.5
    assert sheet.cell(2, heads.index("cause, chance") + 1).number_format == "0%"


def test_head_is_frozen_and_filters() -> None:
    sheet = book()[report_words("en")["workbook"]["faults"]]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.auto_filter.ref.endswith("4")


def test_county_gets_only_its_own() -> None:
    texts = [cell.value for cell in cells(book()["Ford County"])]
    assert HOSTILE in texts
    assert "Mill|Ford" not in texts
    assert "Upper Dale" in texts


def test_heads_are_in_the_language_asked_for() -> None:
    sheet = book("zh")[report_words("zh")["workbook"]["rates"]]
    heads = [cell.value for cell in sheet[1]]
    assert {"区县", "万投比", "拦截"} <= set(heads)
    assert sheet.cell(5, heads.index("区县") + 1).value == "全网"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("table", SHEETS)
def test_no_two_columns_of_a_sheet_have_one_head(table: str, language: str) -> None:
    words = report_words(language)["column"]
    heads = [words[column.name] + column.unit for column in shown_columns(table)]
    assert len(set(heads)) == len(heads)


def test_every_table_of_the_report_but_the_ground_of_the_map_has_a_sheet() -> None:
    assert set(SHEETS) == set(REPORT) - {"sites", "places", "fault_sites"}


def test_empty_report_is_a_workbook_too() -> None:
    shown = load_workbook(io.BytesIO(report_workbook(empty_report(), "zh")))
    assert len(shown.sheetnames) == len(SHEETS) + 1


def test_same_report_gives_the_same_bytes() -> None:
    assert report_workbook(small_report(), "en") == report_workbook(small_report(), "en")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("a" * 40, "a" * 31),
        ("'[Mill]: 1/2?*'", "Mill   1 2"),
        ("History", "History 2"),
        ("", "-"),
    ],
    ids=["long", "forbidden", "reserved", "empty"],
)
def test_sheet_names_are_such_as_the_format_allows(wanted: str, name: str) -> None:
    assert sheet_name(wanted, set()) == name


def test_sheet_name_of_a_county_like_a_section_gets_a_number() -> None:
    taken = {"faults"}
    assert sheet_name("Faults", taken) == "Faults 2"
    assert sheet_name("b" * 31, taken) == "b" * 31
    assert sheet_name("b" * 31, taken) == "b" * 29 + " 2"
