"""Exports of counters in tables become `kpi` by the shipped mappings, in our units, unknown where nothing is given."""

from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.mapping_files import load_mapping, shipped_names
from contract.mappings import convert
from contract.settings import Settings
from tests.kpi.files.made import saved

SITES = "site_id,site_name,lon,lat\nE5001,甲站,100.1,25.1\n"
CELLS = (
    "cell_id,site_id,cell_name,rat,freq_mhz,ci,enb_id\n"
    "C1,E5001,甲站_1,LTE,1850,1,5001\nC2,E5001,甲站_2,LTE,1850,2,5001\n"
)
HUAWEI = (
    "eNodeB Name,Cell Name,Start Time,Period (min),Reliability,L.RRC.ConnReq.Att (None),L.RRC.ConnReq.Succ (None),"
    "L.UL.Interference.Avg(dBm),L.ChMeas.PRB.DL.Used.Avg (None),L.ChMeas.PRB.DL.Avail (None),L.Thrp.bits.DL (bit),"
    "L.Thrp.bits.UL (bit),L.Cell.Unavail.Dur.Sys(s),L.Cell.Unavail.Dur.Manual(s)\n"
    "甲站,甲站_1,2026-03-01 08:00:00,15,Reliable,10,9,-112,25,100,8000000,8000000,90,0\n"
    "甲站,甲站_2,2026-03-01 08:00:00,15,Unreliable,NIL,9,-112,25,0,NIL,8000000,NIL,0\n"
)
ZTE = (
    "开始时间,结束时间,网元,小区,mt-Access类型RRC连接建立请求次数,mo-Data类型RRC连接建立请求次数,"
    "mt-Access类型RRC连接建立成功次数,mo-Data类型RRC连接建立成功次数,小区下行PDCP层流量（MB）,小区上行PDCP层流量（MB）,下行PRB平均利用率,载波平均噪声干扰\n"
    "2026-03-01 23:45,2026-03-02 00:00,5001,1,4,6,4,5,1.5,0.5,25%,-112\n"
)
ERICSSON = (
    "DATE_ID,HOUR_ID,MIN_ID,EUtranCellFDD,pmRrcConnEstabAtt,pmRrcConnEstabAttReatt,pmRrcConnEstabSucc,pmRrcConnLevSum,"
    "pmRrcConnLevSamp,pmPdcpVolDlDrb,pmPdcpVolUlDrb,pmPdcpVolDlDrbLastTTI,pmUeThpTimeDl\n"
    "2026-03-01,8,15,甲站_1,12,2,9,450,180,8000,8000,800,360\n"
)
NOKIA = (
    "PERIOD_START_TIME,LNBTS_ID,LNCEL_ID,SIGN_CONN_ESTAB_ATT_MO_S (M8013C17),SIGN_CONN_ESTAB_ATT_MT (M8013C18),"
    "SIGN_CONN_ESTAB_COMP (M8013C5),SAMPLES_CELL_AVAIL (M8020C3),DENOM_CELL_AVAIL (M8020C6)\n"
    "2026-03-01 08:00:00,5001,1,4,6,9,270,360\n"
)
OPERATOR = (
    "时间粒度,开始时间,小区名称,无线接通率分子,无线接通率分母,无线接通率(%),总流量(GB),下行PRB平均利用率(%),平均干扰(dBm),小区可用率(%)\n"
    "15分钟,2026-03-01 08:00,甲站_1,9,10,90,0.002,25,-112,98.5\n"
    "小时,2026-03-01 08:00,甲站_2,,,90,,,,\n"
)
FORMS = {"huawei": HUAWEI, "zte": ZTE, "ericsson": ERICSSON, "nokia": NOKIA, "operator": OPERATOR}
TRIED = {"setup_attempts": 10, "setup_successes": 9}
LOAD = {"ul_interference_dbm": -112, "prb_utilisation": 0.25, "data_mb": 2}
WANTED = {
    "huawei": TRIED | LOAD | {"minutes": 15, "availability": 0.9},
    "zte": TRIED | LOAD | {"minutes": 15},
    "ericsson": TRIED | {"minutes": 15, "active_users": 2.5, "data_mb": 2, "throughput_mbps": 20},
    "nokia": TRIED | {"minutes": 60, "availability": 0.75},
    "operator": TRIED | LOAD | {"minutes": 15, "availability": 0.985},
}


def counters(folder: Path, name: str) -> pd.DataFrame:
    """The table `kpi` of a bundle whose counters an export gave."""
    convert(
        load_mapping(f"kpi-{name}"), [saved(folder / "export.csv", FORMS[name])], folder / "out"
    )
    saved(folder / "out" / "sites.csv", SITES)
    saved(folder / "out" / "cells.csv", CELLS)
    return read_bundle(folder / "out", Settings()).tables["kpi"].set_index("cell_id")


def test_every_mapping_of_counters_is_tried() -> None:
    assert {name for name in shipped_names() if name.startswith("kpi-")} == {
        f"kpi-{n}" for n in FORMS
    }


@pytest.mark.parametrize("name", list(FORMS))
def test_export_becomes_counters_in_our_units(tmp_path: Path, name: str) -> None:
    row = counters(tmp_path, name).loc["C1"]
    assert {column: float(row[column]) for column in WANTED[name]} == pytest.approx(
        WANTED[name], rel=1e-5
    )


def test_period_over_midnight_has_its_length(tmp_path: Path) -> None:
    assert counters(tmp_path, "zte").loc["C1", "start"] == pd.Timestamp("2026-03-01T15:45Z")


def test_what_is_not_given_is_unknown(tmp_path: Path) -> None:
    row = counters(tmp_path, "operator").loc["C2"]
    assert row["minutes"] == 60
    assert row[["setup_attempts", "data_mb", "prb_utilisation", "availability"]].isna().all()


def test_suspect_mark_and_zero_divisor(tmp_path: Path) -> None:
    rows = counters(tmp_path, "huawei")
    assert rows["is_suspect"].tolist() == ["false", "true"]
    assert (
        rows.loc["C2", ["setup_attempts", "prb_utilisation", "data_mb", "availability"]]
        .isna()
        .all()
    )
