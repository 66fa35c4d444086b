import numpy as np
import pytest

from correlate.calibration import MEMORY, Calibration, tempered


def stated(sure: float) -> np.ndarray:
    return np.array([sure, (1 - sure) * 0.75, (1 - sure) * 0.25])


def refitted(sure: float, *, right: int, wrong: int, third: int = 0) -> float:
    calibration = Calibration()
    for cause in [0] * right + [1] * wrong + [2] * third:
        calibration.note(stated(sure), cause)
    calibration.refit()
    return calibration.temperature


def test_overconfident_orders_raise_the_temperature() -> None:
    assert refitted(0.97, right=150, wrong=150) > 1.2


def test_orders_surer_than_was_said_lower_it() -> None:
    assert refitted(0.6, right=300, wrong=0) < 0.9


def test_honest_probabilities_stay_as_they_are_when_one_order_in_ten_is_wrong() -> None:
    closed = 0.9 * stated(0.7) + 0.1 / 3
    right, wrong, third = (int(n) for n in (300 * closed).round())
    assert refitted(0.7, right=right, wrong=wrong, third=third) == pytest.approx(1.0, abs=0.1)


def test_a_handful_of_orders_moves_little() -> None:
    few, many = refitted(0.97, right=2, wrong=2), refitted(0.97, right=150, wrong=150)
    assert 1.0 <= few < many


def test_without_orders_the_temperature_is_one() -> None:
    calibration = Calibration()
    calibration.refit()
    assert calibration.temperature == 1.0


def test_memory_is_bounded_and_keeps_the_latest() -> None:
    calibration = Calibration()
    for number in range(MEMORY + 5):
        calibration.note(np.array([1.0]), number)
    assert len(calibration.stated) == len(calibration.closed_as) == MEMORY
    assert calibration.closed_as[-1] == MEMORY + 4


@pytest.mark.parametrize("temperature", [0.6, 1.0, 3.0])
def test_tempering_keeps_sum_and_order(temperature: float) -> None:
    given = np.array([0.5, 0.2, 0.1])
    before = given.copy()
    out = tempered(given, temperature)
    assert out.sum() == pytest.approx(0.8)
    assert np.argsort(-out).tolist() == [0, 1, 2]
    assert (given == before).all()


def test_heat_flattens_and_cold_sharpens() -> None:
    given = stated(0.8)
    assert tempered(given, 3.0)[0] < given[0] < tempered(given, 0.6)[0]


def test_nothing_at_all_stays_nothing() -> None:
    assert tempered(np.zeros(3), 2.0).tolist() == [0.0, 0.0, 0.0]
