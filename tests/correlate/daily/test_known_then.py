import datetime as dt

import pandas as pd
import pytest

from correlate.daily.known_then import known_then, local_instant
from tests.correlate.small_daybook import AT, ZONE, local, small_known, small_run


def test_tickets_that_arrive_later_are_not_known() -> None:
    run = small_run(tickets=[{}, {"ticket_id": "T2", "arrived_at": "03-10 08:01"}])
    assert list(small_known(run).tickets["ticket_id"]) == ["T1"]


def test_what_was_diagnosed_later_is_empty() -> None:
    run = small_run(tickets=[{"diagnosed_at": "03-10 08:20", "is_customer_side": True}])
    (row,) = small_known(run).tickets.to_dict("records")
    assert pd.isna(row["cause"])
    assert not row["is_customer_side"]
    assert row["day"] == pd.Timestamp("2026-03-09")


@pytest.mark.parametrize(
    ("covered_at", "expected"),
    [("03-09 12:30", "N1"), ("03-10 09:00", None)],
    ids=["known", "found later"],
)
def test_a_cover_counts_from_when_it_is_known(covered_at: str, expected: str | None) -> None:
    run = small_run(tickets=[{"covered_by": "N1", "covered_at": covered_at, "lead_min": 110.0}])
    covered = small_known(run).tickets["covered_by"]
    assert covered.dropna().tolist() == ([expected] if expected else [])


def test_an_incident_stands_as_its_last_version_before() -> None:
    later = {"at": "03-10 08:05", "cause": "power_failure", "ended_at": "03-10 08:05"}
    run = small_run(versions=[{}, {"at": "03-09 12:00", "cells": 5}, later])
    (row,) = small_known(run).incidents.to_dict("records")
    assert (row["state"], row["cause"], row["cells"]) == ("open", "site_outage", 5)


@pytest.mark.parametrize(
    ("real", "state"), [(0.6, "cleared"), (0.1, "mistaken")], ids=["repaired", "proved mistaken"]
)
def test_an_incident_that_is_over_says_how(real: float, state: str) -> None:
    over = {"at": "03-09 20:00", "ended_at": "03-09 20:00", "real": real}
    known = small_known(small_run(versions=[{}, over]))
    assert known.incidents.at["I1", "state"] == state
    assert known.incidents.at["I1", "surest"] == 0.9
    assert known.open_incidents.empty


def test_tickets_of_a_merged_incident_go_on_with_the_other() -> None:
    told = {"incident_id": "I1", "incident_at": "03-09 12:30"}
    run = small_run(
        tickets=[told],
        versions=[{}, {"incident_id": "I2"}, {"at": "03-09 15:00", "ended_at": "03-09 15:00"}],
        merges=[{"incident_id": "I1", "into": "I2", "at": "03-09 15:00"}],
    )
    known = small_known(run)
    assert known.incidents["state"].to_dict() == {"I1": "merged", "I2": "open"}
    assert known.incidents["complaints"].to_dict() == {"I1": 0, "I2": 1}
    before = known_then(run, local("03-09 14:00"), ZONE)
    assert before.incidents["complaints"].to_dict() == {"I1": 1, "I2": 0}


def test_a_notice_ended_later_is_still_out() -> None:
    ended = {"valid_until": "03-10 09:00", "end_reason": "cleared"}
    run = small_run(notices=[ended, {"interception_id": "N2", "issued_at": "03-10 08:30"}])
    known = small_known(run)
    assert list(known.notices["interception_id"]) == ["N1"]
    assert known.notices["end_reason"].isna().all()
    assert list(known.open_notices["interception_id"]) == ["N1"]


def test_looking_changes_nothing() -> None:
    run = small_run(tickets=[{}], versions=[{}], notices=[{}])
    before = {name: table.copy() for name, table in run.items()}
    known_then(run, AT, ZONE)
    for name, table in before.items():
        pd.testing.assert_frame_equal(run[name], table)


def test_an_hour_the_clock_leaves_out_is_the_next_one() -> None:
    moment = local_instant(dt.date(2026, 3, 29), 2.5, "Europe/Berlin")
    assert moment == pd.Timestamp("2026-03-29 03:00+02:00")
