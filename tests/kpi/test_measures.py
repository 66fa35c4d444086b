"""Claims about the measures."""

import numpy as np
import pytest

from kpi.measure_files import load_measures
from kpi.measures import (
    MEASURE_INDEX,
    MEASURES,
    measure_values,
    scaled_values,
)


def values_of(counters: dict[str, list[float]], minutes: int = 60) -> np.ndarray:
    rows = {name: np.array(column, dtype=np.float32) for name, column in counters.items()}
    size = len(next(iter(rows.values())))
    return measure_values(rows, np.full(size, minutes))[0]


def test_a_zero_denominator_gives_no_ratio() -> None:
    values = values_of({"setup_attempts": [0.0, 4.0], "setup_successes": [0.0, 1.0]})
    column = values[:, MEASURE_INDEX["setup_success"]]
    assert np.isnan(column[0])
    assert column[1] == 0.25


@pytest.mark.parametrize("minutes", [5, 15, 60], ids=lambda m: f"{m} min")
def test_counts_are_per_hour_whatever_the_period(minutes: int) -> None:
    values = values_of({"setup_attempts": [2.0 * minutes]}, minutes)
    assert values[0, MEASURE_INDEX["attempts"]] == pytest.approx(120.0)


def test_a_counter_not_reported_is_unknown() -> None:
    values = values_of({"setup_attempts": [3.0]})
    assert np.isnan(values[0, MEASURE_INDEX["vswr"]])
    assert values[0, MEASURE_INDEX["present"]] == 1.0


def test_counters_are_left_as_they_were() -> None:
    rows = {"setup_attempts": np.array([3.0]), "setup_successes": np.array([2.0])}
    kept = {name: column.copy() for name, column in rows.items()}
    measure_values(rows, np.array([60]))
    assert all((rows[name] == kept[name]).all() for name in rows)


def test_a_bit_error_ratio_of_zero_has_a_logarithm() -> None:
    assert np.isfinite(scaled_values(values_of({"ber": [0.0]}))[0, MEASURE_INDEX["ber"]])


def test_every_measure_names_its_source() -> None:
    assert all(measure.source and measure.verified for measure in MEASURES)


def test_the_sum_of_counters_is_unknown_where_one_of_them_is() -> None:
    values = values_of({"drops": [1.0, np.nan], "setup_successes": [4.0, 4.0]})
    column = values[:, MEASURE_INDEX["drop_rate"]]
    assert column[0] == 0.25
    assert np.isnan(column[1])


def test_measures_that_are_only_shown_are_not_watched() -> None:
    shown = {measure.name for measure in load_measures().measures} - {m.name for m in MEASURES}
    assert "mean_holding_s" in shown
    assert all(measure.form in ("ratio", "count", "level") for measure in MEASURES)
