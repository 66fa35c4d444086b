"""Claims about deviations."""

import numpy as np
import pytest

from kpi.deviations import RAW_LIMIT, deviations
from kpi.measures import FLOORS, MEASURE_INDEX, MEASURES, measure_values, scaled_values


def z_of(measure: str, seen: dict[str, float], usual: dict[str, float], minutes: int = 60) -> float:
    length = np.array([minutes], dtype=np.float32)
    rows = {name: np.array([value], dtype=np.float32) for name, value in seen.items()}
    values, attempts = measure_values(rows, length)
    usual_rows = {name: np.array([value], dtype=np.float32) for name, value in usual.items()}
    expected = scaled_values(measure_values(usual_rows, np.array([60]))[0])
    spread = np.tile(FLOORS, (1, 1)).reshape(1, len(MEASURES))
    z, _ = deviations(values, attempts, minutes=length, expected=expected, spread=spread)
    return float(z[0, MEASURE_INDEX[measure]])


USUAL = {"setup_attempts": 1000.0, "setup_successes": 990.0, "vswr": 1.2}


def test_a_small_sample_proves_little() -> None:
    few = z_of("setup_success", {"setup_attempts": 4, "setup_successes": 3}, USUAL)
    many = z_of("setup_success", {"setup_attempts": 400, "setup_successes": 300}, USUAL)
    assert -2 < few < 0
    assert many < -8


def test_as_usual_is_near_zero() -> None:
    assert abs(z_of("setup_success", USUAL, USUAL)) < 0.1
    assert abs(z_of("attempts", USUAL, USUAL)) < 0.1


def test_the_same_rate_in_a_quarter_hour_is_no_change() -> None:
    assert abs(z_of("attempts", {"setup_attempts": 250}, USUAL, minutes=15)) < 0.1


def test_no_traffic_where_there_was_much_is_certain() -> None:
    assert z_of("attempts", {"setup_attempts": 0}, USUAL) < -10


@pytest.mark.parametrize(("vswr", "sign"), [(9.0, 1), (0.01, -1)], ids=["high", "low"])
def test_deviations_are_signed_and_bounded(vswr: float, sign: int) -> None:
    assert z_of("vswr", {"vswr": vswr}, USUAL) == sign * RAW_LIMIT


def test_unknown_stays_unknown() -> None:
    assert np.isnan(z_of("vswr", {"setup_attempts": 3}, USUAL))
