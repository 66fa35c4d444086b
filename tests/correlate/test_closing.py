from correlate.closing import close_faults
from correlate.faults import Fault
from correlate.state import State
from tests.correlate.small_network import HOUR, NOON, fresh_state, make_fault, sure_outage


def closed_at(state: State, fault: Fault, now: int) -> int | None:
    close_faults(state.faults, now=now)
    return fault.ended_at


def test_a_fault_customers_alone_know_ends_when_they_fall_silent() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", family="tickets", last_sign_at=NOON + HOUR)
    assert closed_at(state, fault, NOON + 2 * HOUR) is None
    assert closed_at(state, fault, NOON + 12 * HOUR) == NOON + HOUR


def test_a_fault_lasts_while_its_alarm_is_in_force() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    assert closed_at(state, fault, NOON + 48 * HOUR) is None


def test_a_fault_ends_with_its_last_alarm() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", alarm_open=False, last_sign_at=NOON + HOUR)
    assert closed_at(state, fault, NOON + 2 * HOUR) == NOON + HOUR


def test_bad_counters_hold_a_fault_open_after_its_alarms_cleared() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", alarm_open=False, counters_open=True)
    assert closed_at(state, fault, NOON + 2 * HOUR) is None


def test_a_clearing_that_got_lost_does_not_hold_a_proven_fault_open() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", confirmed=True, healthy=8.0, last_sign_at=NOON + HOUR)
    assert closed_at(state, fault, NOON + 3 * HOUR) == NOON + HOUR


def test_a_window_of_work_ends_when_announced() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", family="work", work_until=NOON + 4 * HOUR)
    assert closed_at(state, fault, NOON + 4 * HOUR - 1) is None
    assert closed_at(state, fault, NOON + 4 * HOUR) == NOON + 4 * HOUR


def test_no_fault_ends_before_it_began() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", alarm_open=False, last_sign_at=NOON - HOUR)
    assert closed_at(state, fault, NOON + HOUR) == NOON


def test_a_young_alarm_settles_by_lasting() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", is_settled=False)
    close_faults(state.faults, now=NOON + 60)
    assert not fault.is_settled
    close_faults(state.faults, now=NOON + HOUR)
    assert fault.is_settled


def after_a_long_time(state: State) -> list[Fault]:
    close_faults(state.faults, now=NOON + 1000 * HOUR)
    return state.faults.faults


def test_faults_that_ended_long_ago_are_forgotten_and_open_ones_kept() -> None:
    state = fresh_state()
    make_fault(state, "H1", ended_at=NOON)
    lasting = sure_outage(state, "H2")
    assert after_a_long_time(state) == [lasting]


def test_faults_just_over_are_remembered() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", ended_at=NOON)
    close_faults(state.faults, now=NOON + HOUR)
    assert state.faults.faults == [fault]


def test_an_alarm_never_cleared_does_not_keep_all_later_faults_in_memory() -> None:
    state = fresh_state()
    lasting = sure_outage(state, "H2")
    make_fault(state, "H1", ended_at=NOON)
    assert after_a_long_time(state) == [lasting]
