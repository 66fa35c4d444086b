import datetime as dt

import pandas as pd
import pytest

from correlate.daily.outlook import open_expected, outlook
from correlate.daily.rates import daily_counts
from tests.correlate.small_daybook import AT, DAY, small_known, small_run

FIRST, BEFORE = dt.date(2026, 3, 1), DAY - dt.timedelta(days=1)


def counted(per_day: int) -> pd.DataFrame:
    tickets = [
        {"ticket_id": f"T{day}-{i}", "created_at": f"03-0{day} 12:00", "arrived_at": f"03-0{day} 12:00",
         "diagnosed_at": f"03-0{day} 12:30"}
        for day in range(1, 10)
        for i in range(per_day)
    ]  # fmt: skip
    run = small_run(tickets=tickets)
    return daily_counts(small_known(run), run["subscribers"], span=(FIRST, BEFORE))


def test_what_open_faults_bring_is_told_for_the_days_they_were_known() -> None:
    run = small_run(versions=[{}])
    found = open_expected(run, small_known(run), FIRST, DAY)
    assert found.index[-1] == pd.Timestamp(DAY)
    assert found.loc[pd.Timestamp(DAY), "Hill"] > 0
    assert found.loc[pd.Timestamp(BEFORE), "Hill"] == 0.0


def test_a_month_far_under_its_target_will_hardly_miss_it() -> None:
    counts = counted(2)
    kept = outlook(counts, pd.DataFrame(), DAY, target_month=100.0).loc[("county", "Hill")]
    missed = outlook(counts, pd.DataFrame(), DAY, target_month=5.0).loc[("county", "Hill")]
    assert kept["over_chance"] < 0.01
    assert missed["over_chance"] > 0.99


def test_all_together_are_narrower_than_a_county_for_their_size() -> None:
    found = outlook(counted(2), pd.DataFrame(), DAY, target_month=None)
    assert found["over_chance"].isna().all()
    assert found.loc[("all", ""), "pace"] == pytest.approx(31.0 / 1.025, rel=0.05)


def test_a_finished_month_has_nothing_to_come() -> None:
    run = small_run(tickets=[{"created_at": "03-31 12:00", "arrived_at": "03-31 12:00"}])
    day = dt.date(2026, 4, 1)
    known = small_known(run, AT + pd.Timedelta(days=22))
    counts = daily_counts(known, run["subscribers"], span=(FIRST, day - dt.timedelta(days=1)))
    hill = outlook(counts, pd.DataFrame(), day, target_month=None).loc[("county", "Hill")]
    assert hill["pace"] == hill["pace_low"] == hill["pace_high"] == 0.5
