import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from correlate.daily.forecast import (
    chance_above,
    forecast,
    interval,
    load_forecast_rules,
    weekday_factors,
)


def counts(values: list[float], **more: list[float]) -> pd.DataFrame:
    days = pd.date_range("2026-03-01", periods=len(values))
    return pd.DataFrame({"a": values, **more}, index=days, dtype="float64")


def calm(seen: pd.DataFrame, last: float = 0.0) -> pd.DataFrame:
    """Return open faults that bring nothing, but for the first day to come."""
    table = pd.DataFrame(
        0.0, index=pd.date_range(seen.index[0], periods=len(seen) + 1), columns=seen.columns
    )
    table.iloc[-1] = last
    return table


def test_a_steady_county_goes_on_as_it_was() -> None:
    seen = counts([10.0] * 12)
    made = forecast(seen, calm(seen), 5)
    assert made.mean[0] == pytest.approx(50.0)
    assert made.first[0] == pytest.approx(10.0)
    assert made.variance[0] > 50.0


def test_a_level_that_stays_is_believed_a_level_that_returns_is_not() -> None:
    stays = counts([5.0] * 8 + [30.0] * 6)
    jumps = counts([5.0, 40.0] * 7)
    assert forecast(stays, calm(stays), 1).first[0] > 25.0
    assert 15.0 < forecast(jumps, calm(jumps), 1).first[0] < 30.0


def test_open_faults_add_to_the_first_day_where_they_have_told_before() -> None:
    hit = [5.0, 5.0, 25.0, 5.0, 5.0, 25.0, 5.0, 5.0, 25.0, 5.0, 5.0, 5.0]
    seen = counts(hit)
    told = calm(seen, 20.0)
    told["a"] = [20.0 if value > 20 else 0.0 for value in hit] + [20.0]
    assert forecast(seen, told, 1).first[0] > forecast(seen, calm(seen), 1).first[0] + 5.0


def test_scatter_of_the_past_widens_the_interval() -> None:
    even, wild = counts([10.0] * 14), counts([2.0, 18.0] * 7)
    narrow = forecast(even, calm(even), 7)
    wide = forecast(wild, calm(wild), 7)
    assert wide.variance[0] > 1.3 * narrow.variance[0]


def test_nine_of_ten_weeks_lie_within_their_interval() -> None:
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(40):
        daily = rng.negative_binomial(5, 5 / 17, size=27).astype(float)
        seen = counts(list(daily[:20]))
        made = forecast(seen, calm(seen), 7)
        low, high = interval(made.mean, made.variance)
        inside.append(low[0] <= daily[20:].sum() <= high[0])
    assert np.mean(inside) > 0.85


def test_weekdays_count_after_four_weeks_alone() -> None:
    week = [20.0, 20.0, 20.0, 20.0, 20.0, 5.0, 5.0]
    assert (weekday_factors(counts(week * 3), 7) == 1.0).all()
    found = weekday_factors(counts(week * 5), 7)[-7:]
    assert found[0] > 1.0 > found[6]


def test_nothing_seen_is_not_taken_for_never() -> None:
    seen = counts([0.0] * 3)
    assert forecast(seen, calm(seen), 1).first[0] > 0.0


def test_the_chance_of_more_than_a_limit_falls_with_it() -> None:
    mean, variance = np.full(3, 20.0), np.full(3, 40.0)
    found = chance_above(np.array([-1.0, 20.0, 60.0]), mean, variance)
    assert found[0] == 1.0 > found[1] > 0.3 > 0.01 > found[2]
    assert chance_above(np.array([0.0]), np.zeros(1), np.zeros(1))[0] == 0.0


def test_a_file_without_a_number_is_refused(tmp_path: object) -> None:
    path = tmp_path / "forecast.toml"  # type: ignore[operator]
    path.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="lacks"):
        load_forecast_rules(path)
