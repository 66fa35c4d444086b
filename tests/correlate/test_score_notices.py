"""Why a complaint was not covered, and what a perfect detector would reach."""

import pandas as pd
import pytest

from correlate.score_details import Run, Truth
from correlate.score_notices import (
    ceiling_table,
    complaint_fates,
    fate_table,
    notice_details,
    perfect_run,
    unnoticed_faults,
)

ZONE = "Asia/Shanghai"
SITES = pd.Series({"A1": "A", "A2": "A", "B1": "B", "C1": "C"})


def at(text: str | None) -> pd.Timestamp:
    return pd.Timestamp(f"2026-03-02 {text}", tz="UTC") if text else pd.NaT


def truth(*calls: tuple[str, str]) -> Truth:
    faults = pd.DataFrame(
        [
            ["F1", "power_failure", "A", "A1|A2|B1", True, at("08:00"), at("12:00")],
            ["F2", "overshoot", "C", "C1", False, at("08:10"), at("20:00")],
        ],
        columns=["fault_id", "cause", "object_id", "cells", "visible", "start", "end"],
    )
    ids = [f"T{n}" for n in range(len(calls))]
    created = pd.Series([at(time) for _, time in calls], index=ids)
    fault = ["F2" if cell == "C1" else "F1" for cell, _ in calls]
    tickets = pd.DataFrame({"cell_id": [cell for cell, _ in calls], "fault_id": fault}, index=ids)
    orders = pd.DataFrame({"created_at": created, "arrived_at": created}).rename_axis("ticket_id")
    return Truth(tickets.rename_axis("ticket_id"), faults, orders, SITES, at("20:00"))


def claims(
    name: str, begin: str, end: str, rows: list[tuple[str, str, str, str | None]]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: [row[0] for row in rows],
            "incident_id": [row[0] for row in rows],
            "cause": "power_failure",
            "cells": [row[1] for row in rows],
            "started_at": [at(row[2]) for row in rows],
            begin: [at(row[2]) for row in rows],
            end: pd.Series([at(row[3]) for row in rows], dtype="datetime64[us, UTC]"),
        }
    )


def run(
    notices: list[tuple[str, str, str, str | None]],
    incidents: list[tuple[str, str, str, str | None]],
) -> Run:
    return Run(
        diagnoses=pd.DataFrame(),
        serving_cells=pd.DataFrame(),
        incidents=claims("incident_id", "detected_at", "ended_at", incidents),
        interceptions=claims("interception_id", "issued_at", "valid_until", notices),
    )


INCIDENT = ("I1", "A1|A2|B1", "08:30", "12:00")


@pytest.mark.parametrize(
    ("notices", "incidents", "call", "fate"),
    [
        ([("I1", "A1", "08:30", None)], [INCIDENT], ("A2", "09:00"), "covered"),
        ([("I1", "A1", "08:30", "09:00")], [INCIDENT], ("A1", "10:00"), "ended"),
        ([("I9", "C1", "06:00", "07:00")], [INCIDENT], ("A1", "10:00"), "unworthy"),
        ([("I1", "A1", "08:30", None)], [("I1", "A1|A2", "08:30", None)], ("B1", "10:00"), "narrow"),
        ([("I9", "C1", "06:00", "07:00")], [INCIDENT], ("A1", "08:10"), "late"),
        ([("I9", "C1", "06:00", "07:00")], [("I9", "C1", "06:00", "07:00")], ("A1", "09:00"), "unseen"),
    ],
)  # fmt: skip
def test_a_complaint_has_one_fate(
    notices: list[tuple[str, str, str, str | None]],
    incidents: list[tuple[str, str, str, str | None]],
    call: tuple[str, str],
    fate: str,
) -> None:
    fates = complaint_fates(truth(call), run(notices, incidents))
    assert fates["fate"].tolist() == [fate]


CALLS = (
    ("A1", "08:20"),
    ("A1", "09:00"),
    ("B1", "09:30"),
    ("C1", "09:00"),
    ("C1", "11:00"),
    ("C1", "12:30"),
)


def test_the_fates_add_up_to_the_complaints() -> None:
    known, made = truth(*CALLS), run([("I1", "A1", "08:30", None)], [INCIDENT])
    table = fate_table(known, made)
    assert table.loc[("all", ""), "complaints"] == len(CALLS)
    assert (
        table.drop(columns=["complaints", "after_repair"]).sum(axis=1) == table["complaints"]
    ).all()


def test_a_perfect_detector_tells_alarms_at_once_and_hidden_faults_after_a_whole_hour() -> None:
    known = truth(*CALLS)
    made = perfect_run(known, run([("I1", "A1", "08:30", None)], [INCIDENT]))
    assert made.interceptions["issued_at"].tolist() == [at("08:00"), at("10:20")]
    best = ceiling_table(known, made)["perfect"]
    assert best["intercept_recall"] == pytest.approx(5 / 6)
    assert best["faults_before_third"] == 1.0


def test_faults_told_too_late_are_listed_with_what_became_of_their_complaints() -> None:
    table = unnoticed_faults(truth(*CALLS), run([("I1", "A1", "08:30", None)], [INCIDENT]), ZONE)
    assert table["fault_id"].tolist() == ["F2"]
    assert table.loc[0, ["complaints", "unseen"]].tolist() == [3, 3]


def test_nothing_is_broken_down_where_there_is_no_notice() -> None:
    assert notice_details(truth(*CALLS), run([], [INCIDENT]), ZONE) == {}
