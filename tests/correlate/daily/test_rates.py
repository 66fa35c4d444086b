import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from contract.settings import Settings
from correlate.daily.rates import daily_counts, day_rates, series
from tests.correlate.small_daybook import DAY, small_known, small_run

BEFORE = DAY - dt.timedelta(days=1)


def made(days: dict[str, int], first: str = "2026-03-01", **changes: object) -> pd.DataFrame:
    """Return counts with so many complaints of Hill on the days of March given."""
    tickets = [
        {"ticket_id": f"T{day}-{i}", "created_at": f"{day} 12:00", "arrived_at": f"{day} 12:00",
         "diagnosed_at": f"{day} 12:30", **changes}
        for day, n in days.items()
        for i in range(n)
    ]  # fmt: skip
    run = small_run(tickets=tickets)
    span = (dt.date.fromisoformat(first), BEFORE)
    return daily_counts(small_known(run), run["subscribers"], span=span)


def row(counts: pd.DataFrame, **settings: Any) -> pd.Series:
    table = day_rates(counts, DAY, Settings(**settings))
    return table[table["county"] == "Hill"].iloc[0]


def test_the_day_before_is_counted_over_its_users() -> None:
    hill = row(made({"03-09": 4}))
    assert hill["per_10k"] == pytest.approx(2.0)
    assert hill["low"] == pytest.approx(chi2.ppf(0.025, 8) / 2 / 2)
    assert hill["high"] == pytest.approx(chi2.ppf(0.975, 10) / 2 / 2)


def test_intercepted_complaints_count_in_the_rate_without_alone() -> None:
    hill = row(made({"03-09": 4}, covered_by="N1", covered_at="03-09 12:30"))
    assert (hill["per_10k"], hill["per_10k_without"]) == (0.0, 2.0)


def test_all_together_stand_last_over_all_users() -> None:
    table = day_rates(made({"03-09": 4}), DAY, Settings())
    assert list(table["scope"]) == ["county", "county", "all"]
    assert table["users"].tolist() == [20_000.0, 500.0, 20_500.0]
    assert table["per_10k"].iloc[-1] == pytest.approx(4 / 2.05)
    assert table["is_small"].tolist() == [False, True, False]


def test_complaints_of_no_county_are_told_without_a_rate() -> None:
    table = day_rates(made({"03-09": 2}, county=None), DAY, Settings())
    unknown = table[table["scope"] == "unknown"].iloc[0]
    assert unknown["complaints"] == 2
    assert pd.isna(unknown["county"])
    assert np.isnan([unknown["per_10k"], unknown["low"]]).all()
    assert table["complaints"].iloc[-1] == 2


def test_the_same_weekday_a_week_earlier_is_compared() -> None:
    hill = row(made({"03-02": 1, "03-09": 4}))
    assert hill["week_before"] == pytest.approx(0.5)
    assert hill["change"] == pytest.approx(1.5)
    assert not hill["is_change_clear"]
    assert row(made({"03-02": 1, "03-09": 14}))["is_change_clear"]


def test_without_that_day_nothing_is_compared() -> None:
    hill = row(made({"03-09": 4}, first="2026-03-05"))
    assert pd.isna(hill["week_before"])
    assert pd.isna(hill["is_change_clear"])


def test_the_month_goes_on_as_its_days_so_far() -> None:
    hill = row(made({f"03-0{d}": 2 for d in range(1, 10)}))
    assert (hill["month_days"], hill["month_complaints"]) == (9, 18)
    assert hill["month_per_10k"] == pytest.approx(9.0)
    assert hill["pace"] == pytest.approx(31.0)
    assert 20.0 < hill["pace_low"] < 31.0 < hill["pace_high"] < 45.0
    assert hill["forecast"] == pytest.approx(1.0)
    assert pd.isna(hill["over_chance"])


def test_days_before_the_data_are_taken_like_those_seen() -> None:
    hill = row(made({"03-08": 2, "03-09": 2}, first="2026-03-08"))
    assert hill["month_days"] == 2
    assert hill["pace"] == pytest.approx(31.0)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"target_per_10k": 5.0}, False),
        ({"target_per_10k": 0.1}, True),
        ({"target_per_10k_month": 1.0}, True),
        ({"target_per_10k": 5.0, "target_per_10k_month": 50.0}, False),
    ],
    ids=["none", "day kept", "day over", "month over", "both kept"],
)
def test_a_target_is_missed_by_day_or_month(
    settings: dict[str, Any], expected: bool | None
) -> None:
    over = row(made({"03-09": 4}), **settings)["is_over_target"]
    assert pd.isna(over) if expected is None else over == expected


def test_the_series_has_no_day_before_the_data() -> None:
    counts = made({"03-09": 1}, first="2026-03-08")
    found = series(counts, DAY)
    hill = found[found["county"] == "Hill"]
    assert hill["day"].dt.strftime("%m-%d").tolist() == ["03-08", "03-09"]
    assert hill["complaints"].tolist() == [0, 1]


def test_before_the_first_day_nothing_is_counted() -> None:
    counts = made({}, first="2026-03-10")
    hill = row(counts, target_per_10k=1.0)
    assert hill[["complaints", "per_10k", "low", "pace", "is_over_target"]].isna().all()
    assert hill["month_days"] == 0
    assert series(counts, DAY).empty
