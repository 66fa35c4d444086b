"""How readily customers complain, and how that is learned."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from correlate.faults import Fault
from correlate.rates import Rates, aged, lasted_hours, late_rate, load_rate_rules, start_rates
from correlate.step import step
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arrivals,
    fresh_state,
    make_fault,
    make_ticket,
    small_knowledge,
)

KNOWN = small_knowledge()
PRIOR = np.array([1e-4, 4e-4])


def over(*, tickets: float, late: float = 0.0, hours: int = 10) -> Fault:
    return make_fault(fresh_state(), "H1", tickets=tickets, late=late, ended_at=NOON + hours * HOUR)


def taught(*tickets: float, belief: tuple[float, float] = (1.0, 0.0)) -> Rates:
    rates = start_rates(PRIOR)
    for number in tickets:
        rates.learn(over(tickets=number), np.array(belief), 1e5)
    return rates


def test_before_any_fault_is_over_the_first_estimates_hold() -> None:
    assert start_rates(PRIOR).per_user_hour() == pytest.approx(PRIOR)
    assert start_rates(PRIOR).late_times() == 1.0


def test_more_complaints_than_expected_raise_the_rate_of_their_cause_most() -> None:
    times = taught(30.0, 30.0).per_user_hour() / PRIOR
    assert times[0] > times[1] > 1.0


def test_silence_lowers_the_rate_without_end_but_never_to_nothing() -> None:
    few, many = taught(0.0, 0.0).per_user_hour(), taught(*[0.0] * 50).per_user_hour()
    assert 0.0 < many[0] < few[0] < PRIOR[0]


def test_the_mean_of_many_faults_is_what_they_brought() -> None:
    rate = taught(*[25.0] * 400).per_user_hour()[0]
    assert rate == pytest.approx(25.0 / 1e5, rel=0.05)


def test_late_callers_are_no_complaints_while_it_lasted() -> None:
    rates = start_rates(PRIOR)
    rates.learn(over(tickets=30.0, late=20.0), np.array([1.0, 0.0]), 1e5)
    assert rates.told.tolist() == [10.0, 0.0]
    assert rates.late_times() > 1.0


def test_who_calls_at_once_teaches_that_few_call_late() -> None:
    assert taught(*[30.0] * 20).late_times() < 0.5


def test_old_faults_bring_fewer_complaints_but_some() -> None:
    assert aged(np.array([0.0, 24.0, 1000.0])).tolist() == pytest.approx(
        [1.0, 0.7165, 0.3], rel=1e-3
    )


def test_after_a_short_fault_fewer_call_late_than_after_a_long_one() -> None:
    short, long = late_rate(1.0, np.array([1.0, 30.0])).tolist()
    assert 0.0 < short < long < 1.0


def test_hours_of_the_night_and_of_old_faults_count_less() -> None:
    def hours(begin: int, end: int, *, old_h: int = 0) -> float:
        return lasted_hours(begin, end, offset_s=8 * HOUR, aging_from=begin - old_h * HOUR)

    day = hours(NOON, NOON + 2 * HOUR)
    night = hours(NOON + 12 * HOUR, NOON + 14 * HOUR)
    assert night == pytest.approx(day * load_rate_rules().night)
    assert hours(NOON, NOON + 2 * HOUR, old_h=72) < 0.5 * day
    assert hours(NOON, NOON) == 0.0


def test_a_fault_that_is_over_and_forgotten_teaches_the_rates_once() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", alarm_exists=4.0, reported_at=NOON, ended_at=NOON + 2 * HOUR)
    fault.tickets = 7.0
    for day in (4, 6, 7):
        step(state, KNOWN, arrivals(), now=NOON + day * 24 * HOUR)
    assert state.rates.told.sum() == pytest.approx(7.0)


def test_what_was_never_reported_teaches_nothing() -> None:
    state = fresh_state()
    make_fault(state, "H1", alarm_exists=4.0, ended_at=NOON + 2 * HOUR, tickets=3.0)
    step(state, KNOWN, arrivals(), now=NOON + 7 * 24 * HOUR)
    assert state.rates.told.sum() == 0.0


def test_a_complaint_after_the_repair_is_late_once_it_is_settled() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", alarm_exists=4.0, ended_at=NOON + 1800)
    ticket = make_ticket()
    state.tickets[ticket.ticket_id] = ticket
    step(state, KNOWN, arrivals(tickets=[ticket]), now=NOON + HOUR)
    share = ticket.fault_share[fault.number]
    assert fault.late == 0.0
    step(state, KNOWN, arrivals(), now=NOON + 80 * HOUR)
    assert fault.late == pytest.approx(share)


@pytest.mark.parametrize(
    ("text", "told"),
    [("[night]\nvalue = 1\n", "lacks"), ("night = [", "can't be read")],
    ids=["a key missing", "no toml"],
)
def test_a_strange_file_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "rates.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        load_rate_rules(path)
