import pytest

from correlate.notices.outcomes import Outcomes


def test_more_came_than_expected_so_more_is_expected_of_every_class() -> None:
    outcomes = Outcomes()
    outcomes.note("D2", seen=30.0, expected=5.0)
    assert outcomes.times("D2") > outcomes.times("D4") > 1.0


def test_a_class_that_brings_less_is_told_apart() -> None:
    outcomes = Outcomes()
    outcomes.note("D2", seen=30.0, expected=5.0)
    outcomes.note("D5", seen=0.0, expected=20.0)
    assert outcomes.times("D5") < 1.0 < outcomes.times("D2")


@pytest.mark.parametrize("expected", [0.0, 1e-9])
def test_nothing_expected_teaches_nothing(expected: float) -> None:
    outcomes = Outcomes()
    outcomes.note("D2", seen=0.0, expected=expected)
    assert outcomes.times("D2") == pytest.approx(1.0)
