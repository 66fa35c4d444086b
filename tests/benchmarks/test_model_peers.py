"""The peers of the model do what they are said to do, and know nothing that had not arrived."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.model_peers import compared, main, mean_of, peer_outputs
from benchmarks.peer_boosting import foretold, ranked_causes
from benchmarks.peer_clusters import Reach, clusters, places_of
from benchmarks.peer_evidence import evidence_table, standing
from benchmarks.peer_outputs import incidents_of
from benchmarks.peer_spreadsheet import spreadsheet_answers
from contract.bundles import read_bundle
from contract.settings import Settings

ZONE = "Asia/Shanghai"
NOON = pd.Timestamp("2026-03-05 12:00", tz=ZONE).tz_convert("UTC")
HOUR = pd.Timedelta("1h")
BUNDLE = {
    "sites": "site_id,site_name,lon,lat\nA,Oak,100.0,25.0\nB,Elm,100.3,25.0\n",
    "cells": "cell_id,site_id,rat,freq_mhz\nA1,A,LTE,1800\nB1,B,GSM,900\n",
    "alarms": (
        "alarm_id,object_id,raised_at,cleared_at,name,vendor\n"
        "L1,A,2026-03-05 09:00:00,,NE Is Disconnected,Huawei\n"
        "L2,B,2026-03-05 12:30:00,,NE Is Disconnected,Huawei\n"
    ),
    "changes": "object_id,changed_at,parameter,until\nB1,2026-03-04 18:00:00,tilt,\n",
    "accounts": "msisdn,since,state\n13900000003,2026-03-01 00:00:00,suspended\n",
    "verdicts": "ticket_id,cause,closed_at\nT1,site_outage,2026-03-06 09:00:00\n",
    "complaints": (
        "ticket_id,created_at,text,msisdn,lon,lat,crs\n"
        "T1,2026-03-05 11:00:00,calls keep dropping,13900000001,100.0,25.0,wgs84\n"
        "T2,2026-03-05 11:10:00,calls keep dropping,13900000002,100.3,25.0,wgs84\n"
        "T3,2026-03-05 11:20:00,no internet,13900000003,100.0,25.0,wgs84\n"
        "T4,2026-03-05 11:30:00,weak signal for months,13900000004,100.0,25.0,wgs84\n"
    ),
}


@pytest.fixture
def tables(tmp_path: Path) -> Any:
    """Tables of two sites, an outage at one of them and four complaints."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, text in BUNDLE.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_bundle(folder, Settings()).tables


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """What a run wrote of these complaints, as far as the peers look at it."""
    folder = tmp_path / "run"
    (folder / "daybook").mkdir(parents=True)
    names = ["T1", "T2", "T3", "T4"]
    at = pd.DatetimeIndex([NOON] * 4).tz_convert(ZONE)
    told = pd.DataFrame({"ticket_id": names, "rank": 1, "diagnosed_at": at})
    told.to_parquet(folder / "diagnoses.parquet")
    served = {"cell_id": ["A1", "B1", "A1", "A1"], "probability": 0.8, "distance_m": 500.0}
    pd.DataFrame({"ticket_id": names, "rank": 1, **served}).to_parquet(
        folder / "serving_cells.parquet"
    )
    when = {"opened_at": at[:1] - HOUR, "closed_at": at[:1] + HOUR}
    pd.DataFrame({"kind": ["drops"], "cells": "B1", "confidence": 0.7, **when}).to_parquet(
        folder / "daybook" / "episodes.parquet"
    )
    page = {
        "incident_id": "I1",
        "real": [0.5, 0.9],
        "sites": 1,
        "first_sign": "alarm",
        "site_ids": "A",
    }
    times = {
        "at": at[:2] + [-HOUR, HOUR],
        "ended_at": pd.Series([pd.NaT] * 2, dtype=f"datetime64[us, {ZONE}]"),
    }
    pd.DataFrame({**page, **times, "started_at": at[:2] - 3 * HOUR}).to_parquet(
        folder / "daybook" / "versions.parquet"
    )
    return folder


@dataclass(frozen=True)
class Bare:
    """A bundle that holds its tables alone."""

    tables: dict[str, Any]


def answered(*names: str) -> pd.Series:
    """Return noon as the time of every answer."""
    return pd.Series(NOON, index=list(names))


def test_spreadsheet_takes_the_first_rule_that_fits(tables: Any) -> None:
    before = tables["alarms"].copy()
    told = spreadsheet_answers(tables, answered("T1", "T2", "T3", "T4")).set_index("ticket_id")
    assert told["rule"].to_dict() == {
        "T1": "alarm",
        "T2": "change",
        "T3": "customer",
        "T4": "chronic",
    }
    assert told.loc["T1", "object_id"] == "A"
    assert told.loc[["T2", "T3", "T4"], "cause"].tolist() == [
        "parameter_error", "account_barred", "weak_coverage",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(tables["alarms"], before)


def test_spreadsheet_groups_complaints_of_one_object_and_cause(tables: Any) -> None:
    told = spreadsheet_answers(tables, answered("T1", "T2", "T4")).set_index("ticket_id")
    assert told["incident_id"].notna().to_dict() == {"T1": True, "T2": True, "T4": False}
    assert told.loc["T1", "incident_id"] != told.loc["T2", "incident_id"]


def test_spreadsheet_knows_no_alarm_that_comes_later(tables: Any) -> None:
    later = answered("T2") + HOUR
    assert spreadsheet_answers(tables, answered("T2"))["rule"].tolist() == ["change"]
    assert spreadsheet_answers(tables, later)["rule"].tolist() == ["alarm"]


def test_clusters_need_nearness_in_space_and_time(tables: Any) -> None:
    places = places_of(tables)
    assert clusters(places, Reach(2.0, 2.0)).isna().to_dict() == {
        "T1": False, "T2": True, "T3": False, "T4": False,
    }  # fmt: skip
    assert clusters(places, Reach(2.0, 0.1)).isna().all()
    assert clusters(places.iloc[:0], Reach(2.0, 2.0)).empty


def test_incident_is_detected_when_enough_complaints_came() -> None:
    at = pd.Series([NOON, NOON + HOUR, NOON + 2 * HOUR, NOON])
    answers = pd.DataFrame(
        {"ticket_id": list("abcd"), "incident_id": ["C0", "C0", "C0", None], "cause": "cell_outage",
         "object_id": "A1", "diagnosed_at": at}
    )  # fmt: skip
    told = incidents_of(answers, pd.Series(["A1", "B1|A1", "A1", "B1"]), least=3)
    assert told[["incident_id", "cells", "complaints"]].values.tolist() == [["C0", "A1|B1", 3]]
    assert told["started_at"].tolist() == [NOON]
    assert told["detected_at"].tolist() == [NOON + 2 * HOUR]
    assert incidents_of(answers.iloc[3:], pd.Series(["B1"], index=[3])).empty


def test_sign_counts_while_it_stands_alone() -> None:
    asked = pd.DataFrame(
        {"site_id": ["A", "A", "A", None], "at": [NOON, NOON + HOUR, NOON + 3 * HOUR, NOON]}
    )
    gone = pd.Series([NOON + 2 * HOUR])
    signs = pd.DataFrame(
        {"site_id": ["A"], "name": "fan", "known_at": NOON + HOUR, "gone_at": gone, "value": 2.0}
    )
    assert standing(asked, signs)["fan"].tolist() == [0.0, 2.0, 0.0, 0.0]


def test_evidence_is_what_was_known_at_the_diagnosis(tables: Any, out: Path) -> None:
    table = evidence_table(tables, out, ZONE)
    assert table["alarm_site_disconnected"].to_dict() == {
        "T1": 1.0,
        "T2": 0.0,
        "T3": 1.0,
        "T4": 1.0,
    }
    assert table["episode_drops"].tolist() == [0.0, 0.7, 0.0, 0.0]
    assert table["fault_real"].tolist() == [0.5, 0.0, 0.5, 0.5]
    assert table.loc["T1", "fault_age_h"] == pytest.approx(3.0)
    assert table["account_suspended"].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert table["change_parameter"].tolist() == [0.0, 1.0, 0.0, 0.0]


def made_orders() -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Return 60 tickets of two causes over six days, the sign that tells them apart, and closed orders."""
    names = [f"T{number:02}" for number in range(60)]
    is_first = np.arange(60) % 2 == 0
    evidence = pd.DataFrame({"sign": is_first.astype(float), "void": np.nan}, index=names)
    at = pd.Series(NOON + pd.to_timedelta(np.arange(60) * 2.4, unit="h"), index=names)
    cause = np.where(is_first, "trx_fault", "cell_outage")
    closed = pd.DataFrame(
        {"ticket_id": names, "cause": cause, "arrived_at": (at + HOUR).to_numpy()}
    )
    return evidence, at, closed


def test_boosting_learns_from_orders_closed_before_the_day() -> None:
    evidence, at, closed = made_orders()
    codes = ("trx_fault", "cell_outage", "weak_coverage")
    told = foretold(evidence, at, closed, codes=codes, zone=ZONE)
    assert told.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert told.iloc[0].to_dict() == pytest.approx(told.iloc[1].to_dict())
    assert told.iloc[-2:].idxmax(axis=1).tolist() == ["trx_fault", "cell_outage"]


def test_boosting_does_not_look_ahead() -> None:
    evidence, at, closed = made_orders()
    codes = ("trx_fault", "cell_outage")
    cut = at.iloc[40]
    known = closed[closed["arrived_at"] <= cut]
    whole, short = (
        foretold(evidence, at, orders, codes=codes, zone=ZONE) for orders in (closed, known)
    )
    before = at <= cut
    pd.testing.assert_frame_equal(whole[before], short[before])


def test_five_likeliest_causes_are_told() -> None:
    chances = pd.DataFrame(
        [[0.4, 0.3, 0.1, 0.1, 0.06, 0.04, 0.0]], index=["T1"], columns=list("abcdefg")
    )
    told = ranked_causes(chances)
    assert told["cause"].tolist() == list("abcde")
    assert told["rank"].tolist() == [1, 2, 3, 4, 5]


def test_peers_keep_the_contract_of_outputs(tables: Any, out: Path, tmp_path: Path) -> None:
    written = peer_outputs(tables, out, tmp_path)
    assert list(written) == ["spreadsheet", "dbscan 2 km 2 h", "dbscan 5 km 6 h", "boosting"]
    for folder in written.values():
        told = pd.read_parquet(folder / "diagnoses.parquet")
        assert set(told["ticket_id"]) == {"T1", "T2", "T3", "T4"}
        assert (told.groupby("ticket_id")["probability"].sum() <= 1.001).all()


def test_figures_a_peer_does_not_answer_are_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = ("spreadsheet", "dbscan 2 km 2 h", "dbscan 5 km 6 h", "boosting")
    monkeypatch.setattr("benchmarks.model_peers.cost", lambda *_: None)
    monkeypatch.setattr("benchmarks.model_peers.read_bundle", lambda *_: Bare({}))
    monkeypatch.setattr("benchmarks.model_peers.peer_outputs", lambda *_: dict.fromkeys(ways))
    figures = {"cause_top1": 0.5, "incident_ari": 0.25}
    monkeypatch.setattr("benchmarks.model_peers.score_run", lambda *_: figures)
    table = compared(tmp_path)[list(figures)].fillna(-1.0)
    assert table.loc["cellcause"].tolist() == [0.5, 0.25]
    assert table.loc["dbscan 2 km 2 h"].tolist() == [-1.0, 0.25]
    assert table.loc["boosting"].tolist() == [0.5, -1.0]


def test_mean_keeps_the_order_of_the_ways() -> None:
    two = [
        pd.DataFrame({"cause_top1": [a, b]}, index=["z", "a"]) for a, b in ((1.0, 0.0), (0.0, 0.0))
    ]
    assert mean_of(two)["cause_top1"].to_dict() == {"z": 0.5, "a": 0.0}


def test_absent_world_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "no such world" in capsys.readouterr().err
