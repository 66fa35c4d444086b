"""Every form of 3GPP files gives the same, and what is missing is unknown, never zero."""

from pathlib import Path

import pandas as pd
import pytest

from tests.kpi.files.made import END, NAMES, SPACE, cell, collected, info, read

ROWS = {cell(1): ("10", "9", "7"), cell(2): ("20", "18", "7")}
NEW_SPACE = "http://www.3gpp.org/ftp/specs/archive/28_series/28.532#measData"


def as_28532(text: str) -> str:
    """The same as a file of TS 28.532."""
    for old, new in (
        (SPACE, NEW_SPACE),
        ("measCollecFile", "measDataFile"),
        ("managedElement", "measEntity"),
        ("<measCollec ", "<measData "),
    ):
        text = text.replace(old, new)
    return text


def old_form() -> str:
    """The same in the older form."""
    values = "".join(
        f"<mv><moid>{name}</moid>{''.join(f'<r>{v}</r>' for v in row)}<sf>FALSE</sf></mv>"
        for name, row in ROWS.items()
    )
    types = "".join(f"<mt>{name}</mt>" for name in NAMES)
    return (
        '<?xml version="1.0"?><mdc><mfh><ffv>1</ffv></mfh><md><neid><neun>x</neun>'
        "<nedn>ManagedElement=5001</nedn></neid>"
        f"<mi><mts>20260301001500Z</mts><gp>900</gp>{types}{values}</mi></md></mdc>"
    )


def prefixed(text: str) -> str:
    """The same with its namespace as a prefix."""
    for name in ("measCollecFile", "measData", "measInfo", "measValue", "measType", "granPeriod"):
        text = text.replace(f"<{name}", f"<m:{name}").replace(f"</{name}", f"</m:{name}")
    return text.replace("xmlns=", "xmlns:m=")


@pytest.mark.parametrize(
    "text",
    [
        collected(info(ROWS)),
        collected(info(ROWS, listed=True)),
        as_28532(collected(info(ROWS))),
        old_form(),
        prefixed(collected(info(ROWS))),
        collected(info(ROWS)).replace("\n", ""),
        collected(info(ROWS), space="http://vendor.example/own"),
        collected(info(ROWS)).replace(END, "2026-03-01T00:15:00Z"),
        collected(info(ROWS)).replace(END, "2026-03-01T08:15:00"),
        collected(info(ROWS)).replace("PT900S", "PT15M"),
    ],
    ids=["p", "list", "28.532", "mdc", "prefix", "compact", "namespace", "UTC", "no offset", "15M"],
)
def test_forms_give_the_same(tmp_path: Path, text: str) -> None:
    found = read(tmp_path / "a.xml", text)
    assert found.entry.records == found.entry.used == 2
    rows = found.rows.set_index("cell_id")
    assert rows["setup_attempts"].to_dict() == {"5001-1": 10.0, "5001-2": 20.0}
    assert rows["setup_successes"].to_dict() == {"5001-1": 9.0, "5001-2": 18.0}
    assert (rows["start"] == pd.Timestamp("2026-03-01T00:00Z")).all()
    assert (rows["minutes"] == 15).all()
    assert rows["drops"].isna().all()
    assert found.entry.lists["not_mapped"] == [("Some.Other", 2)]


@pytest.mark.parametrize("text", ["NIL", "null", "", " ", "NaN", "-"])
def test_no_value_is_unknown(tmp_path: Path, text: str) -> None:
    found = read(tmp_path / "a.xml", collected(info({cell(): (text, "9", "7")})))
    assert found.rows["setup_attempts"].isna().all()
    assert found.rows["setup_successes"].tolist() == [9.0]
    assert not found.entry.lists["refused"]


@pytest.mark.parametrize(
    ("text", "why"),
    [("-3", "negative"), ("many", "no number"), ("inf", ""), ("1,2,3", "no number")],
    ids=["negative", "words", "infinite", "list"],
)
def test_odd_value_is_refused_and_counted(tmp_path: Path, text: str, why: str) -> None:
    found = read(tmp_path / "a.xml", collected(info({cell(): (text, "9", "7")})))
    assert found.rows["setup_attempts"].isna().all()
    assert found.rows["setup_successes"].tolist() == [9.0]
    assert [r[0] for r in found.entry.lists["refused"] if why and why in r[1]] == (
        ["rrc.connestabatt.sum"] if why else []
    )


def test_left_out_values_are_found_by_their_mark(tmp_path: Path) -> None:
    rows = {cell(1): (None, "9", "7"), cell(2): ("20", None, None), cell(3): ("1", "1", "1")}
    found = read(tmp_path / "a.xml", collected(info(rows))).rows.set_index("cell_id")
    assert found["setup_attempts"].fillna(-1).to_dict() == {"5001-1": -1.0, "5001-2": 20.0}
    assert found["setup_successes"].fillna(-1).to_dict() == {"5001-1": 9.0, "5001-2": -1.0}


def test_values_out_of_order_are_found_by_their_mark(tmp_path: Path) -> None:
    text = collected(info(ROWS)).replace(
        '<r p="1">10</r>\n<r p="2">9</r>', '<r p="2">9</r><r p="1">10</r>'
    )
    found = read(tmp_path / "a.xml", text).rows
    assert found["setup_attempts"].tolist() == [10.0, 20.0]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('<r p="2">9</r>', '<r p="1">9</r>'), "given twice"),
        (('<r p="2">9</r>', '<r p="8">9</r>'), "no counter of the list"),
        (("PT900S", "soon"), "length of the period"),
        (("PT900S", "P2D"), "length of the period"),
        ((END, "yesterday"), "end of the period"),
        (('<measType p="2">', '<measType p="1">'), "one number"),
    ],
    ids=["mark twice", "mark unknown", "duration", "too long", "end", "types"],
)
def test_record_that_cannot_be_used_is_rejected_with_its_reason(
    tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    found = read(tmp_path / "a.xml", collected(info(ROWS)).replace(*change))
    rejected = found.entry.lists["rejected"]
    assert found.entry.records == found.entry.used + found.entry.rejected == 2
    assert why in rejected[0][0]
    assert rejected[0][3] > 0


def test_list_of_another_length_rejects_its_record_alone(tmp_path: Path) -> None:
    text = collected(info(ROWS, listed=True)).replace("10 9 7", "10 9")
    found = read(tmp_path / "a.xml", text)
    assert found.entry.lists["rejected"][0][0] == "2 values for 3 counters"
    assert found.rows["cell_id"].tolist() == ["5001-2"]


@pytest.mark.parametrize("listed", [False, True], ids=["p", "list"])
def test_suspect_record_is_kept_and_marked(tmp_path: Path, *, listed: bool) -> None:
    text = collected(info(ROWS, suspect=[cell(2)], listed=listed))
    found = read(tmp_path / "a.xml", text)
    assert found.rows["is_suspect"].tolist() == [False, True]
    assert found.rows["setup_attempts"].tolist() == [10.0, 20.0]
    assert found.entry.suspect == 1


def test_lists_of_one_cell_and_period_make_one_row(tmp_path: Path) -> None:
    more = info({cell(): ("40",)}, names=["RRU.PrbTotDl"])
    found = read(tmp_path / "a.xml", collected(info({cell(): ("10", "9", "7")}), more))
    assert found.rows[["setup_attempts", "prb_utilisation"]].to_numpy().tolist() == [[10.0, 0.4]]


def test_value_given_twice_counts_once_and_is_unknown_where_it_differs(tmp_path: Path) -> None:
    once, again = ({cell(): (first, "9", "7")} for first in ("10", "11"))
    same = read(tmp_path / "a.xml", collected(info(once), info(once)))
    assert same.rows["setup_attempts"].tolist() == [10.0]
    differing = read(tmp_path / "a.xml", collected(info(once), info(again)))
    assert differing.rows["setup_attempts"].isna().all()
    assert differing.rows["setup_successes"].tolist() == [9.0]
    assert "differs" in differing.entry.lists["refused"][0][1]


def test_objects_that_are_no_cells_of_ours_are_left_out_or_rejected(tmp_path: Path) -> None:
    objects = ["ENodeBFunction=1", cell(9), cell(1) + ",UeMeasControl=1", cell(1)]
    found = read(tmp_path / "a.xml", collected(info(dict.fromkeys(objects, ("1", "1", "1")))))
    assert found.rows["cell_id"].tolist() == ["5001-1"]
    assert (found.entry.used, found.entry.left_out, found.entry.rejected) == (1, 2, 1)
    assert "5001-9" in found.entry.lists["rejected"][0][1]
    assert any("uemeascontrol" in why for why in found.left_out)


def test_file_of_another_node_knows_nothing_of_the_one_before(tmp_path: Path) -> None:
    two = collected(info({cell(1): ("1", "1", "1")})).replace(
        "<fileFooter>",
        '<measData><managedElement localDn="ManagedElement=5002"/>'
        + info({"ENodeBFunction=1,EUtranCellFDD=1": ("5", "5", "5")})
        + "</measData><fileFooter>",
    )
    found = read(tmp_path / "a.xml", two).rows
    assert found[["cell_id", "setup_attempts"]].to_numpy().tolist() == [
        ["5001-1", 1.0],
        ["5002-1", 5.0],
    ]
