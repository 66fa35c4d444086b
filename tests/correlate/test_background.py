import numpy as np
import pytest

from correlate.background import Background, load_background, place_log_weights
from tests.correlate.small_network import small_knowledge

CODES = small_knowledge().codes


def fresh() -> Background:
    return load_background(CODES)


def share(background: Background, cause: str) -> float:
    return float(background.shares()[CODES.index(cause)])


def test_every_cause_has_a_share_and_all_sum_to_one() -> None:
    shares = fresh().shares()
    assert shares.sum() == pytest.approx(1.0)
    assert (shares > 0).all()


def test_thin_coverage_is_commoner_unexplained_than_a_hidden_outage() -> None:
    assert share(fresh(), "weak_coverage") > share(fresh(), "site_outage")


def test_closed_orders_take_over_from_the_first_estimate() -> None:
    learned = fresh()
    learned.counts[CODES.index("border_roaming")] = 1000.0
    assert share(learned, "border_roaming") > 0.9


def test_a_network_that_complains_more_gets_a_higher_rate() -> None:
    calm, loud = fresh(), fresh()
    calm.user_hours = loud.user_hours = 1e9
    loud.tickets = 1e4
    assert calm.per_user_hour() < fresh().per_user_hour() < loud.per_user_hour()
    assert loud.per_user_hour() == pytest.approx(1e-5, rel=0.1)


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ("suspended", "account_barred"),
        ("data_off", "account_barred"),
        ("sms_barred", "sms_blacklisted"),
    ],
)
def test_a_barred_account_speaks_for_its_own_cause(state: str, cause: str) -> None:
    account = fresh().account
    says = account.log_ratios(state)
    assert int(np.argmax(says)) == CODES.index(cause)
    assert account.log_ratios("active")[CODES.index(cause)] < 0


def test_thin_coverage_does_not_begin_this_morning() -> None:
    onset, weak = fresh().onset, CODES.index("weak_coverage")
    assert onset.log_ratios("hours")[weak] < -1 < onset.log_ratios("unsaid")[weak]
    assert onset.log_ratios("hours")[CODES.index("power_failure")] == 0


def test_where_nothing_serves_weak_coverage_is_likelier() -> None:
    log = place_log_weights(CODES, np.array([0.0, 0.1, 0.9]), is_indoor=np.zeros(3, bool))
    weak = log[:, CODES.index("weak_coverage")]
    assert weak[0] < weak[1] < weak[2]


def test_deep_indoors_needs_a_building() -> None:
    log = place_log_weights(CODES, np.zeros(2), is_indoor=np.array([True, False]))
    inside, outside = log[:, CODES.index("indoor_coverage")]
    assert inside > 0 > outside


def test_the_place_says_nothing_of_other_causes() -> None:
    log = place_log_weights(CODES, np.array([0.9]), is_indoor=np.array([True]))
    assert set(np.array(CODES)[np.flatnonzero(log[0])]) == {"weak_coverage", "indoor_coverage"}
