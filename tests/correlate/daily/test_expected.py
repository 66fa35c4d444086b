import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom

from correlate.daily.expected import Rates, day_hours, expected_to_come
from tests.correlate.small_daybook import ZONE, local


def rates(**changes: float) -> Rates:
    values = {"users": 1e4, "per_user_hour": 3e-4, "real": 1.0, "complaints": 0.0, "hours": 0.0}
    return Rates(**{k: np.array([v]) for k, v in (values | changes).items()})


def test_without_evidence_the_usual_rate_counts() -> None:
    found = expected_to_come(rates(users=1e3), np.array([1.0]))
    most = 50.0
    assert found.at[0, "expected"] == pytest.approx(most * (1 - np.exp(-0.3 / most)))


def test_complaints_and_quiet_hours_move_the_rate() -> None:
    # Prior: 2 complaints in 2 / 3e-4 user hours; seen: 4 in 10,000 users x 2 hours.
    rate = (2 + 4) / (2 / 3e-4 + 2e4)
    mean = 1e4 * rate * 1.0
    most = 500.0 - 4.0
    found = expected_to_come(rates(complaints=4.0, hours=2.0), np.array([1.0]))
    assert found.at[0, "expected"] == pytest.approx(most * (1 - np.exp(-mean / most)))
    quiet = expected_to_come(rates(complaints=0.0, hours=20.0), np.array([1.0]))
    assert quiet.at[0, "expected"] < 0.4


def test_the_interval_is_that_of_a_negative_binomial_count() -> None:
    found = expected_to_come(rates(complaints=10.0, hours=4.0), np.array([2.0]))
    mean = found.at[0, "expected"]
    low, high = nbinom.ppf([0.025, 0.975], 12, 12 / (12 + mean))
    assert (found.at[0, "expected_low"], found.at[0, "expected_high"]) == (low, high)
    assert found.at[0, "expected_variance"] == pytest.approx(mean + mean**2 / 12)


def test_a_doubtful_fault_may_bring_nothing() -> None:
    sure, doubtful = (expected_to_come(rates(real=r), np.array([4.0])) for r in (1.0, 0.5))
    assert doubtful.at[0, "expected"] == pytest.approx(sure.at[0, "expected"] / 2)
    assert doubtful.at[0, "expected_low"] == 0.0
    assert doubtful.at[0, "expected_high"] <= sure.at[0, "expected_high"]


def test_at_most_one_in_twenty_complains() -> None:
    found = expected_to_come(rates(users=100.0, complaints=5.0), np.array([1e4]))
    assert found.to_numpy().tolist() == [[0.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("03-09 10:00", "03-09 12:00", 2.0),
        ("03-09 23:00", "03-10 01:00", 0.5),
        ("03-09 06:00", "03-10 06:00", 16.5),
        ("03-09 12:00", "03-09 11:00", 0.0),
    ],
    ids=["day", "night", "whole day", "backwards"],
)
def test_hours_of_the_night_count_a_quarter(begin: str, end: str, expected: float) -> None:
    begins, ends = (pd.Series([local(t)]) for t in (begin, end))
    assert day_hours(begins, ends, ZONE).tolist() == [pytest.approx(expected)]
