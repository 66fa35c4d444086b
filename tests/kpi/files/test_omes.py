"""Files of NetAct are read by their counters' numbers; dimensions make parts of a cell."""

from pathlib import Path

import pandas as pd
import pytest

from tests.kpi.files.made import lncel, omes, read

SETUP = {"M8013C5": "9", "M8013C17": "4", "M8013C18": "5", "M8013C19": "1", "M8013C21": "0"}


def test_counters_of_a_cell_become_a_row(tmp_path: Path) -> None:
    volume = {"M8012C19": "1000000", "M8012C20": "3000000", "M8020C3": "80", "M8020C6": "90"}
    found = read(tmp_path / "a.xml", omes([([lncel()], SETUP), ([lncel()], volume)]))
    row = found.rows.iloc[0]
    assert (row["cell_id"], row["start"]) == ("5001-1", pd.Timestamp("2026-03-01T00:00Z"))
    assert row[["minutes", "setup_attempts", "setup_successes", "data_mb"]].tolist() == [
        15,
        10,
        9,
        4,
    ]
    assert row["availability"] == pytest.approx(8 / 9)
    assert found.entry.records == found.entry.used == 2


@pytest.mark.parametrize("zeros", ["M8013C005", "m8013c5"], ids=["zeros", "case"])
def test_numbers_are_known_in_any_spelling(tmp_path: Path, zeros: str) -> None:
    found = read(tmp_path / "a.xml", omes([([lncel()], {zeros: "9"})]))
    assert found.rows["setup_successes"].tolist() == [9.0]


def test_name_of_base_and_what_is_below_is_an_object_too(tmp_path: Path) -> None:
    text = omes([([lncel()], SETUP)]).replace(
        f"<DN>{lncel()}</DN>",
        "<baseId>NE-MRBTS-5001</baseId><localMoid>DN:NE-LNBTS-5001/LNCEL-2</localMoid>",
    )
    assert read(tmp_path / "a.xml", text).rows["cell_id"].tolist() == ["5001-2"]


def test_part_by_dimension_is_left_out(tmp_path: Path) -> None:
    part = ([lncel(), "PLMN-PLMN/MCC-460/MNC-0"], SETUP)
    found = read(tmp_path / "a.xml", omes([([lncel()], SETUP), part]))
    assert found.rows["setup_successes"].tolist() == [9.0]
    assert (found.entry.used, found.entry.left_out) == (1, 1)


def test_counter_given_twice_in_a_record_is_unknown(tmp_path: Path) -> None:
    text = omes([([lncel()], SETUP)]).replace("</PMTarget>", "<M8013C5>8</M8013C5></PMTarget>")
    found = read(tmp_path / "a.xml", text)
    assert found.rows["setup_successes"].isna().all()
    assert found.rows["setup_attempts"].tolist() == [10.0]


@pytest.mark.parametrize(
    ("given", "why"),
    [({"start": "soon"}, "begin"), ({"interval": "0"}, "length"), ({"interval": "x"}, "length")],
    ids=["start", "zero", "words"],
)
def test_record_without_a_period_is_rejected(
    tmp_path: Path, given: dict[str, str], why: str
) -> None:
    found = read(tmp_path / "a.xml", omes([([lncel()], SETUP)], **given))
    assert why in found.entry.lists["rejected"][0][0]
    assert found.entry.records == found.entry.rejected == 1


def test_result_without_measurement_is_rejected(tmp_path: Path) -> None:
    text = omes([([lncel()], SETUP)]).replace(' measurementType="LTE_X"', "")
    found = read(tmp_path / "a.xml", text)
    assert found.entry.lists["rejected"][0][0] == "no measurement in the result"
