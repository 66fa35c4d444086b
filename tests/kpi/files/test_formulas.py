"""Our counters come out of those of the equipment by their rules, in our units, null where a part is unknown."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.kpi.files.made import cell, collected, info, lncel, omes, read

NR = "GNBDUFunction=1,NRCellDU=1"
GSM = "BtsSiteManager=1,GsmCell=7001-1"


def worked_out(
    folder: Path, values: Mapping[str, str], name: str = cell(), node: str = "5001"
) -> dict[str, float]:
    """Our counters that a cell's values give."""
    text = collected(
        info({name: tuple(values.values())}, names=tuple(values)), node=f"ManagedElement={node}"
    )
    rows = read(folder / "a.xml", text).rows
    return (
        rows.iloc[0].drop(["cell_id", "start", "minutes", "is_suspect"]).dropna().to_dict()
        if len(rows)
        else {}
    )


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"RRC.ConnEstabAtt.mo-Data": "3", "RRC.ConnEstabAtt.mt-Access": "4"}, {"setup_attempts": 7}),
        ({"RRC.ConnEstabAtt.sum": "9", "RRC.ConnEstabAtt.mo-Data": "3"}, {"setup_attempts": 9}),
        ({"RRC.ConnEstabAtt.sum": "NIL", "RRC.ConnEstabAtt.mo-Data": "3"}, {"setup_attempts": 3}),
        ({"RRC.ConnEstabAtt.mo-Data": "3", "RRC.ConnEstabAtt.mt-Access": "NIL"}, {}),
        ({"RRU.PrbTotDl": "37"}, {"prb_utilisation": 0.37}),
        ({"RRU.PrbTotDl": "137"}, {}),
        ({"RRU.CellUnavailableTime.sum": "90"}, {"availability": 0.9}),
        ({"DRB.IPVolDl": "80000", "DRB.IPTimeDl": "4000"}, {"data_mb": 10, "throughput_mbps": 20}),
        ({"DRB.IPVolDl": "80000", "DRB.IPTimeDl": "0"}, {"data_mb": 10}),
        ({"CARR.WBCQIDist.Bin5": "3", "CARR.WBCQIDist.Bin9": "1"}, {"cqi": 6}),
        ({"CARR.WBCQIDist.Bin5": "0", "CARR.WBCQIDist.Bin9": "0"}, {}),
        ({"pmRrcConnEstabAtt": "10", "pmRrcConnEstabAttReatt": "2"}, {"setup_attempts": 8}),
        ({"pmRrcConnEstabAtt": "10", "pmRrcConnEstabAttReatt": "NIL"}, {}),
        ({"pmRrcConnLevSum": "450", "pmRrcConnLevSamp": "180"}, {"active_users": 2.5}),
        ({"pmCellDowntimeAuto": "90", "pmCellDowntimeMan": "0"}, {"availability": 0.9}),
        ({"pmPrbUsedDlDtch": "30", "pmPrbUsedDlBcch": "10", "pmPrbAvailDl": "80"}, {"prb_utilisation": 0.5}),
        ({"L.UL.Interference.Avg": "-112.5"}, {"ul_interference_dbm": -112.5}),
        ({"L.Thrp.bits.DL": "8000000"}, {"data_mb": 1}),
        ({"pmRadioUeRepCqiDistr": "0,0,0,0,0,0,0,2,0,2,0,0,0,0,0,0"}, {"cqi": 8}),
        ({"pmRadioUeRepCqiDistr": "0,1,2"}, {}),
        ({"pmRadioUeRepCqiDistr": "NIL"}, {}),
        ({"HO.IntraFreqOutAtt": "5", "HO.InterFreqMeasGapOutAtt": "2"}, {"ho_attempts": 7}),
        (
            {"RRC.AttConnEstab": "5", "ERAB.NbrReqRelEnb": "9", "ERAB.NbrReqRelEnb.Normal": "7"},
            {"setup_attempts": 5, "drops": 2},
        ),
    ],
    ids=lambda given: "+".join(given) if isinstance(given, dict) else None,
)  # fmt: skip
def test_lte_counters(tmp_path: Path, values: dict[str, str], wanted: dict[str, float]) -> None:
    assert worked_out(tmp_path, values) == pytest.approx(wanted)


def test_power_is_averaged_as_power(tmp_path: Path) -> None:
    bins = ["0"] * 16
    bins[0] = bins[15] = "1"
    found = worked_out(tmp_path, {"pmRadioRecInterferencePwr": ",".join(bins)})
    assert found["ul_interference_dbm"] == pytest.approx(10 * np.log10((10**-12.1 + 10**-9) / 2))


def test_nr_cell_is_put_together_from_both_its_halves(tmp_path: Path) -> None:
    upper = info(
        {"GNBCUCPFunction=1,NRCellCU=1": ("8", "90")}, names=["DRB.EstabAtt", "pmCellDowntimeAuto"]
    )
    lower = info({NR: ("25", "90")}, names=["RRU.PrbTotDl", "pmCellDowntimeAuto"])
    found = read(tmp_path / "a.xml", collected(upper, lower, node="ManagedElement=6001")).rows
    row = found.set_index("cell_id").loc["6001-1"]
    assert row[["data_attempts", "prb_utilisation", "availability"]].tolist() == [8.0, 0.25, 0.9]


def test_rules_are_for_their_technology_alone(tmp_path: Path) -> None:
    values = {"RRU.CellUnavailableTime.sum": "90", "RRC.ConnEstabAtt.sum": "3"}
    assert worked_out(tmp_path, values, NR, "6001") == {"setup_attempts": 3.0}


def test_gsm_counters(tmp_path: Path) -> None:
    values = {
        "attTCHSeizures": "100", "succTCHSeizures": "98", "attImmediateAssingProcs": "300",
        "nbrOfLostRadioLinksTCH": "2", "unsuccHDOsWithReconnection": "1",
    }  # fmt: skip
    found = worked_out(tmp_path, values, GSM, "7001")
    assert found == {
        "setup_attempts": 100.0, "setup_successes": 98.0, "sd_attempts": 300.0, "drops": 3.0,
    }  # fmt: skip


def test_relations_are_added_up_where_the_cell_has_no_value(tmp_path: Path) -> None:
    names = ["HO.OutAttTarget.sum", "HO.OutSuccTarget.sum"]
    below = {f"{cell()},EUtranRelation={n}": (str(10 * n), str(9 * n)) for n in (1, 2)}
    found = read(tmp_path / "a.xml", collected(info(below, names=names))).rows
    assert found[["ho_attempts", "ho_successes"]].to_numpy().tolist() == [[30.0, 27.0]]
    both = below | {cell(): ("25", "NIL")}
    found = read(tmp_path / "a.xml", collected(info(both, names=names))).rows
    assert found[["ho_attempts", "ho_successes"]].to_numpy().tolist() == [[25.0, 27.0]]


def test_sum_over_relations_without_one_of_them_is_unknown(tmp_path: Path) -> None:
    below = {f"{cell()},EUtranRelation={n}": (v,) for n, v in enumerate(("10", "NIL"))}
    assert read(
        tmp_path / "a.xml", collected(info(below, names=["HO.OutAttTarget.sum"]))
    ).rows.empty


def test_suspect_list_does_not_touch_the_sound_one(tmp_path: Path) -> None:
    sound = info({cell(): ("10", "9", "7")})
    suspect = info({cell(): ("40",)}, names=["RRU.PrbTotDl"], suspect=[cell()])
    found = read(tmp_path / "a.xml", collected(sound, suspect)).rows
    assert found["is_suspect"].tolist() == [False, True]
    assert found["setup_attempts"].fillna(-1).tolist() == [10.0, -1.0]
    assert found["prb_utilisation"].fillna(-1).tolist() == [-1.0, 0.4]


def test_nokia_histogram_and_share(tmp_path: Path) -> None:
    bins = {f"M8010C{36 + n}": "0" for n in range(16)} | {"M8010C43": "1", "M8010C45": "1"}
    found = read(tmp_path / "a.xml", omes([([lncel()], bins | {"M8011C37": "371"})])).rows.iloc[0]
    assert (found["cqi"], found["prb_utilisation"]) == (8.0, pytest.approx(0.371))
