"""Claims about the measures."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from kpi.measures import (
    MEASURE_INDEX,
    MEASURES,
    measure_values,
    read_measures,
    scaled_values,
    wilson_interval,
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


def test_wilson_is_unknown_without_attempts_and_wide_for_few() -> None:
    low, high = wilson_interval(np.array([0, 1, 100]), np.array([0, 1, 100]))
    assert np.isnan(low[0])
    assert low[1] < 0.3 < 0.95 < low[2]
    assert (high[1:] <= 1).all()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('[[measure]]\nname = "x"', "needs keys"),
        (
            '[[measure]]\nname="x"\nform="odd"\nbad="low"\nfloor=1.0\nsource="s"',
            "`form` must be one of",
        ),
        ("", "distinct names"),
    ],
    ids=["lacks keys", "unknown form", "empty"],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "measures.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        read_measures(path)
