import numpy as np

from correlate.learning.rates import learn_rates, rate_gains, rates_from
from correlate.rates import Lesson


def lesson(told: float, expected: float) -> Lesson:
    return Lesson("k", 0, np.array([told, 0.0]), np.array([expected, 0.0]))


def test_a_cause_whose_users_complain_twice_as_often_gets_about_twice_the_rate() -> None:
    rates = rates_from(learn_rates([lesson(20.0, 10.0)] * 10, 2), np.array([1e-4, 1e-4]))
    first, second = (rates.per_user_hour() / 1e-4).tolist()
    assert 1.5 < first < 2.1
    assert 1.0 < second < first


def test_later_faults_like_the_earlier_gain_and_others_lose() -> None:
    counts = learn_rates([lesson(20.0, 10.0)] * 10, 2)
    assert rate_gains(counts, [lesson(20.0, 10.0)])[0] > 0
    assert rate_gains(counts, [lesson(5.0, 10.0)])[0] < 0


def test_many_complaints_count_as_no_more_than_a_later_run_can_outgrow() -> None:
    rates = rates_from(learn_rates([lesson(2000.0, 1000.0)], 2), np.ones(2))
    assert rates.told.max() == 60.0
    assert np.isclose(rates.told[0] / rates.expected[0], 2.0)
