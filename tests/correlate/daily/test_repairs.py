from typing import Any

import pandas as pd
import pytest

from correlate.daily.repairs import late_by_county, late_repairs
from tests.correlate.small_daybook import small_known, small_run


def over(number: int, ended: str, **changes: Any) -> dict[str, Any]:
    return {"incident_id": f"I{number}", "at": ended, "ended_at": ended, **changes}


def test_open_faults_beyond_their_limit_are_late_the_latest_first() -> None:
    later = {"incident_id": "I2", "due_at": "03-10 07:00"}
    intime = {"incident_id": "I3", "due_at": "03-10 09:00"}
    found = late_repairs(
        small_known(small_run(versions=[later, intime, {}, over(4, "03-09 23:00")]))
    )
    assert list(found["incident_id"]) == ["I1", "I2"]
    assert found["late_h"].tolist() == [pytest.approx(15 + 55 / 60), pytest.approx(1.0)]


def test_counties_are_told_what_is_late_and_what_was_in_time() -> None:
    versions: list[dict[str, Any]] = [
        {},
        {"incident_id": "I2", "due_at": "03-10 07:55"},
        over(3, "03-09 15:00"),
        over(4, "03-09 17:00"),
        {"incident_id": "I5", "county": "Vale", "due_at": "03-10 12:00"},
    ]
    found = late_by_county(small_known(small_run(versions=versions))).set_index("county")
    hill, vale = found.loc["Hill"], found.loc["Vale"]
    assert (hill["open"], hill["late"]) == (2, 2)
    assert hill["late_worst_h"] == pytest.approx(15 + 55 / 60)
    assert hill["late_mean_h"] == pytest.approx((15 + 55 / 60 + 5 / 60) / 2)
    assert (hill["due_month"], hill["on_time_month"], hill["on_time_share"]) == (4, 1, 0.25)
    assert (vale["open"], vale["late"], vale["due_month"]) == (1, 0, 0)
    assert pd.isna(vale["on_time_share"])


def test_mistaken_and_merged_faults_do_not_count() -> None:
    run = small_run(
        versions=[over(1, "03-09 12:00", real=0.1), over(2, "03-09 12:00")],
        merges=[{"incident_id": "I2", "into": "I3", "at": "03-09 12:00"}],
    )
    assert late_by_county(small_known(run)).empty


def test_faults_of_no_county_are_told_too() -> None:
    found = late_by_county(small_known(small_run(versions=[{"county": None}])))
    assert found["county"].isna().tolist() == [True]
