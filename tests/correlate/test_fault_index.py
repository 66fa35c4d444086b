"""The index finds what is open, what changed and what is over, whatever happened in between."""

from correlate.closing import close_faults
from tests.correlate.small_network import HOUR, NOON, fresh_state, settle, sure_outage


def test_open_faults_come_in_order_of_their_numbers_even_when_one_opens_again() -> None:
    state = fresh_state()
    first, second = sure_outage(state, "H1"), sure_outage(state, "H2")
    first.ended_at = NOON
    settle(state)
    assert state.faults.open_ones() == [second]
    first.touch()
    first.ended_at = None
    assert state.faults.open_ones() == [first, second]


def test_what_changed_is_told_once() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    settle(state)
    assert state.faults.index.touched() == []
    fault.touch()
    assert state.faults.index.touched() == [fault]
    settle(state)
    assert not state.faults.index.news


def test_what_is_over_is_found_by_its_object_until_it_is_forgotten() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", alarm_open=False, ended_at=NOON)
    settle(state)
    assert state.faults.index.over_at(fault.object_id) == [fault]
    assert state.faults.index.over_at("H2") == []
    assert close_faults(state.faults, now=NOON + 90 * 24 * HOUR) == [fault]
    assert state.faults.index.over_at(fault.object_id) == []
    assert not any(state.faults.places.values())


def test_an_open_fault_is_not_over_at_its_object() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", ended_at=NOON)
    settle(state)
    fault.ended_at = None
    assert state.faults.index.over_at(fault.object_id) == []
