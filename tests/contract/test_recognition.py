"""Tables that name cells in another form are brought to our ids; what is left is listed."""

from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import Bundle, read_bundle
from contract.cell_identities import CellIdentities, cell_identities
from contract.recognition import recognised, recognition_repairs, unresolved_identities
from contract.references import Known
from contract.settings import Settings

SHARED = Path(__file__).resolve().parents[3] / "shared"
SITES = "site_id,site_name,lon,lat\nS1,one,100.1,25.1\nS2,two,100.2,25.2\n"
CELLS = (
    "cell_id,site_id,cell_name,rat,freq_mhz,ci,lac,enb_id\n"
    "G1,S1,Hill G,GSM,945,4000,8448,\n"
    "G2,S2,Mill G,GSM,945,4000,8449,\n"
    "L1,S1,Hill L,LTE,1850,1,,12345\n"
)
KPI = "cell_id,start,minutes,drops\n"


def read(folder: Path, **tables: str) -> Bundle:
    for name, text in {"sites": SITES, "cells": CELLS, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_bundle(folder, Settings(zone="UTC"))


def test_counters_of_another_form_count_for_our_cell_and_are_listed_once(tmp_path: Path) -> None:
    rows = "".join(f"12345-1,2026-03-01 {hour:02}:00,60,{hour}\n" for hour in range(5))
    found = read(tmp_path, kpi=KPI + rows)
    assert found.tables["kpi"]["cell_id"].astype("str").tolist() == ["L1"] * 5
    (repair,) = found.repairs.to_dict("records")
    assert repair["reason"] == "cell identity read as eNB-cell"
    assert repair["content"] == "cell_id=12345-1; read as L1; rows 5"
    assert found.counts.loc["kpi", ["used", "rejected", "repaired"]].tolist() == [5, 0, 1]
    assert found.unresolved.empty


def test_the_same_period_under_two_names_is_a_duplicate(tmp_path: Path) -> None:
    found = read(tmp_path, kpi=KPI + "L1,2026-03-01,60,1\n3160321,2026-03-01,60,2\n")
    assert found.tables["kpi"]["drops"].tolist() == [2.0]
    assert found.rejected["reason"].tolist() == ["duplicate"]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("locations", "msisdn,seen_at,cell_id\n1,2026-03-01,460-00-8448-4000\n"),
        ("neighbours", "cell_id,neighbour_id\nG1,12345-1\n8449-4000,hill g\n"),
        ("alarms", "alarm_id,object_id,raised_at,name\nA,8448-4000/TRX-3,2026-03-01,x\n"),
        ("changes", "object_id,changed_at,parameter\n0x303901,2026-03-01,x\n"),
        ("verdicts", "ticket_id,cause,object_id,closed_at\nT,unknown,8448-4000,2026-03-01\n"),
    ],
    ids=["locations", "neighbours", "alarms", "changes", "verdicts"],
)
def test_every_table_that_names_cells_is_read_so(table: str, text: str, tmp_path: Path) -> None:
    found = read(tmp_path, **{table: text})
    assert found.rejected.empty
    assert found.repairs["reason"].str.startswith("cell identity read as").all()
    columns = [c for c in ("cell_id", "neighbour_id", "object_id") if c in found.tables[table]]
    named = {name for c in columns for name in found.tables[table][c]}
    assert named <= {"G1", "G2", "L1", "G1/TRX-3"}


def test_what_fits_no_cell_or_several_is_rejected_and_told(tmp_path: Path) -> None:
    rows = "4000,2026-03-01,60,1\n999-1,2026-03-01,60,1\n999-1,2026-03-02,60,1\n"
    found = read(tmp_path, kpi=KPI + rows)
    assert found.rejected["reason"].tolist() == [
        "cell_id fits several cells",
        "cell_id is unknown",
        "cell_id is unknown",
    ]
    assert found.unresolved.to_dict("records") == [
        {
            "table": "kpi",
            "column": "cell_id",
            "identity": "999-1",
            "why": "unknown",
            "vendor": "",
            "rows": 2,
        },
        {
            "table": "kpi",
            "column": "cell_id",
            "identity": "4000",
            "why": "ambiguous",
            "vendor": "",
            "rows": 1,
        },
    ]


def test_a_short_number_of_an_alarm_may_be_a_site_and_is_no_cell(tmp_path: Path) -> None:
    cells = CELLS.replace("G2,S2,Mill G,GSM,945,4000", "G2,S2,Mill G,GSM,945,4001")
    alarm = "alarm_id,object_id,raised_at,name\nA,4001,2026-03-01,x\n"
    found = read(tmp_path, cells=cells, alarms=alarm)
    assert found.rejected["reason"].tolist() == ["object_id is unknown"]
    assert found.unresolved["identity"].tolist() == ["4001"]


def test_an_unknown_object_of_a_verdict_is_kept_and_told(tmp_path: Path) -> None:
    verdict = (
        "ticket_id,cause,object_id,closed_at\nT,unknown,S9,2026-03-01\nU,unknown,,2026-03-01\n"
    )
    found = read(tmp_path, verdicts=verdict)
    assert len(found.tables["verdicts"]) == 2
    assert found.unresolved["identity"].tolist() == ["S9"]


def test_counters_of_a_transceiver_are_not_those_of_its_cell(tmp_path: Path) -> None:
    found = read(tmp_path, kpi=KPI + "G1/TRX-3,2026-03-01,60,1\n")
    assert found.rejected["reason"].tolist() == ["cell_id is unknown"]


def test_known_cells_cost_no_lookup_and_nothing_is_changed() -> None:
    def never() -> CellIdentities:
        raise AssertionError

    known = Known(pd.Index(["S1"]), pd.Index(["G1"]), pd.Index(["HUB"]))
    frame = pd.DataFrame({"object_id": ["S1", "G1/TRX-2", "HUB"], "row": [2, 3, 4]})
    same, tried = recognised(frame, "alarms", known, never)
    assert same is frame
    assert recognition_repairs(tried).empty
    assert unresolved_identities(tried).empty


def test_the_table_given_is_not_changed() -> None:
    cells = pd.DataFrame({"cell_id": ["G1"], "rat": ["GSM"], "ci": ["4000"], "lac": ["8448"]})
    known = Known(pd.Index([]), pd.Index(["G1"]), pd.Index([]))
    frame = pd.DataFrame({"cell_id": ["8448-4000", "G1"], "row": [2, 3]})
    before = frame.copy()
    out, _ = recognised(frame, "locations", known, lambda: cell_identities(cells))
    assert out["cell_id"].tolist() == ["G1", "G1"]
    pd.testing.assert_frame_equal(frame, before)


def test_a_practice_world_with_every_cell_renamed_reads_the_same() -> None:
    folder = SHARED / "worlds" / "hills-en"
    if not folder.is_dir():
        pytest.skip("the practice worlds are not on this machine")
    cells = pd.read_csv(folder / "cells.csv", dtype="str")
    seen = pd.read_csv(folder / "locations.csv", dtype="str").rename_axis("row").reset_index()
    parts = seen["cell_id"].str.split("-", expand=True).astype(int)
    spelled = parts[2].map("{:x}".format) + "_" + parts[3].map("0x{:X}".format)
    known = Known(pd.Index([]), pd.Index(cells["cell_id"]), pd.Index([]))
    out, tried = recognised(
        seen.assign(cell_id=spelled), "locations", known, lambda: cell_identities(cells)
    )
    resolved = out["cell_id"].isin(cells["cell_id"])
    assert (out["cell_id"] == seen["cell_id"])[resolved].all()
    assert resolved.mean() > 0.99
    assert set(tried.loc[tried["cell_id"].isna(), "form"]) <= {"ambiguous"}


@pytest.mark.parametrize("given", ["s1", "Ｓ１", " S1"], ids=["case", "width", "blank"])
def test_a_site_or_node_is_known_in_any_case_and_width(given: str) -> None:
    known = Known(pd.Index(["S1"]), pd.Index(["C1"]), pd.Index(["HUB-1"]))
    rows = pd.DataFrame({"object_id": [given, "hub-1", "c1/TRX-2"], "row": [2, 3, 4]})
    cells = pd.DataFrame({"cell_id": ["C1"], "site_id": ["S1"], "rat": ["GSM"]})
    found, tried = recognised(rows, "alarms", known, lambda: cell_identities(cells))
    assert found["object_id"].tolist() == ["S1", "HUB-1", "C1/TRX-2"]
    assert recognition_repairs(tried)["reason"].str.startswith("cell identity read as").all()


def test_a_text_that_spells_a_site_and_a_cell_is_ambiguous() -> None:
    known = Known(pd.Index(["A1"]), pd.Index(["a1"]), pd.Index([], dtype="str"))
    rows = pd.DataFrame({"object_id": ["ａ１"], "row": [2]})
    cells = pd.DataFrame({"cell_id": ["a1"], "site_id": ["A1"], "rat": ["GSM"]})
    _, tried = recognised(rows, "alarms", known, lambda: cell_identities(cells))
    assert tried["form"].tolist() == ["ambiguous"]
