import numpy as np
import pandas as pd
import pytest

from correlate.daily.incidents import (
    fault_sites,
    faults,
    severity,
    to_intercept,
    told_incidents,
    with_middles,
)
from tests.correlate.small_daybook import VERSION, small_known, small_run


def rows(**changes: object) -> pd.DataFrame:
    return pd.DataFrame([{**VERSION, "state": "open", **changes}])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "major"),
        ({"per_user_hour": 5e-5}, "minor"),
        ({"sites": 10}, "critical"),
        ({"users": 3000.0}, "critical"),
        ({"grade": "VIP"}, "critical"),
        ({"grade": "VIP", "per_user_hour": 5e-5}, "minor"),
        ({"sites": 40, "per_user_hour": 5e-5}, "major"),
        ({"cause": "planned_work", "sites": 40}, "warning"),
        ({"first_sign": "work"}, "warning"),
        ({"state": "cleared", "sites": 40}, "cleared"),
    ],
    ids=["loss", "degraded", "ten sites", "3,000 users", "VIP out", "VIP degraded", "wide",
         "work", "announced", "over"],
)  # fmt: skip
def test_severity_follows_service_and_width(changes: dict[str, object], expected: str) -> None:
    assert severity(rows(**changes)).tolist() == [expected]


@pytest.mark.parametrize(
    ("sign", "is_silent"),
    [("alarm", False), ("work", False), ("counters", True), ("complaint", True)],
)
def test_a_fault_no_alarm_told_of_is_silent(sign: str, is_silent: bool) -> None:
    told = told_incidents(small_known(small_run(versions=[{"first_sign": sign}])))
    assert told["is_silent"].tolist() == [is_silent]


def test_a_fault_due_yesterday_afternoon_is_sixteen_hours_late() -> None:
    told = told_incidents(small_known(small_run(versions=[{}])))
    assert told.at["I1", "late_h"] == pytest.approx(15 + 55 / 60)
    assert told.at["I1", "duration_h"] == pytest.approx(22.0)


def test_the_fault_with_most_to_come_is_first() -> None:
    wide = {"incident_id": "I2", "reached": 9000.0, "users": 100.0}
    small = {"incident_id": "I3", "reached": 1.0}
    known = small_known(small_run(versions=[{}, wide, small], notices=[{}]))
    found = to_intercept(known, least=0.3)
    assert list(found["incident_id"]) == ["I2", "I1"]
    assert found["interception_id"].tolist()[1] == "N1"
    assert found["script_issued"].tolist()[1] == "as issued"


def test_a_fault_with_a_notice_out_is_listed_however_little_is_to_come() -> None:
    known = small_known(small_run(versions=[{"reached": 1.0}], notices=[{}]))
    assert list(to_intercept(known, least=0.3)["incident_id"]) == ["I1"]
    assert to_intercept(small_known(small_run(versions=[{"reached": 1.0}])), least=0.3).empty


def test_expected_complaints_end_with_the_repair_that_is_due() -> None:
    today = {"due_at": "03-10 10:00"}
    until_ten = to_intercept(small_known(small_run(versions=[today])), least=0.0)
    late = to_intercept(small_known(small_run(versions=[{}])), least=0.0)
    # Weighted hours so far: 10-22 twelve, 22-8 two and a half; to come two, or fourteen and a half.
    shape, exposure = 2.0, 2 / 3e-4 + 2000 * 14.5
    for found, hours in ((until_ten, 2.0), (late, 14.5)):
        mean = shape / exposure * 2000 * hours
        expected = 0.9 * 100 * (1 - np.exp(-mean / 100))
        assert found.at["I1", "expected"] == pytest.approx(expected)


def test_scripts_name_the_place_and_a_time_to_come_in_both_languages() -> None:
    several = {"area": "Hilltown|Valetown", "due_at": "03-10 10:00"}
    found = to_intercept(small_known(small_run(versions=[several])), least=0.0)
    assert "Hilltown、Valetown" in found.at["I1", "script_zh"]
    assert "3月10日10:00" in found.at["I1", "script_zh"]
    assert "Hilltown, Valetown" in found.at["I1", "script_en"]
    assert "10 Mar 10:00" in found.at["I1", "script_en"]


def test_a_late_repair_gets_its_limit_anew() -> None:
    found = to_intercept(small_known(small_run(versions=[{}])), least=0.0)
    assert "10 Mar 14:00" in found.at["I1", "script_en"]


def test_faults_of_the_last_day_are_listed_open_ones_first() -> None:
    over = {"incident_id": "I2", "at": "03-09 20:00", "ended_at": "03-09 20:00"}
    old = {"incident_id": "I3", "at": "03-08 20:00", "started_at": "03-08 10:00",
           "ended_at": "03-08 20:00"}  # fmt: skip
    small = {"incident_id": "I4", "per_user_hour": 5e-5}
    found = faults(small_known(small_run(versions=[small, over, old, {}])))
    assert list(found["incident_id"]) == ["I1", "I4", "I2"]
    assert list(found["severity"]) == ["major", "minor", "cleared"]


def test_a_fault_stands_in_the_middle_of_its_sites() -> None:
    run = small_run(versions=[{"site_ids": "S1|S2|S9"}, {"incident_id": "I2", "site_ids": None}])
    shown = faults(small_known(run))
    touched = fault_sites(shown, run["sites"])
    assert touched.to_numpy().tolist() == [["I1", "S1", 100.0, 25.0], ["I1", "S2", 100.5, 25.0]]
    placed = with_middles(shown, touched)
    assert placed.at["I1", "lon"] == pytest.approx(100.25)
    assert pd.isna(placed.at["I2", "lon"])


def test_a_day_without_faults_is_empty() -> None:
    known = small_known(small_run())
    assert to_intercept(known, least=0.3).empty
    assert faults(known).empty


def test_a_cluster_of_complaints_says_how_rarely_chance_brings_it() -> None:
    found = faults(
        small_known(small_run(versions=[{"first_sign": "complaint", "recurs_days": 42.0}]))
    )
    assert found["recurs_days"].tolist() == [42.0]
