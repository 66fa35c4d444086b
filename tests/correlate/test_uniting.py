"""Faults at one object that began together are one thing."""

import pytest

from correlate.faults import PERIOD_S, Fault
from correlate.state import State
from correlate.uniting import unite_same
from tests.correlate.small_network import HOUR, NOON, fresh_state, make_fault

LATER = NOON + HOUR


def two(state: State, **second: object) -> tuple[Fault, Fault]:
    given = {"object_id": "H1", "family": "loss"}
    return make_fault(state, "H1", **given), make_fault(state, "H2", **(given | second))  # type: ignore[arg-type]


def test_two_outages_of_one_site_that_began_together_are_one() -> None:
    state = fresh_state()
    first, second = two(state, counters_began=NOON - 600, counters_open=True, counters_exist=2.0)
    unite_same(state, now=LATER)
    assert state.faults.merged_into == {second.number: first.number}
    assert (first.is_open, second.is_open) == (True, False)
    assert set(second.cells.tolist()) <= set(first.cells.tolist())
    assert (first.started_at, first.counters_open, first.counters_exist) == (NOON - 600, True, 2.0)


def test_the_one_with_alarms_is_kept() -> None:
    state = fresh_state()
    first, second = two(state, alarm_ids={"A1"})
    unite_same(state, now=LATER)
    assert state.faults.merged_into == {first.number: second.number}


@pytest.mark.parametrize(
    "second",
    [
        {"started_at": NOON + PERIOD_S + 1},
        {"object_id": "H2"},
        {"family": "load"},
        {"family": "radio"},
        {"guessed_id": "H1"},
        {"ended_at": NOON + 60},
    ],
    ids=["began later", "elsewhere", "load", "milder trouble", "guessed", "over"],
)
def test_what_is_not_the_same_stays_apart(second: dict[str, object]) -> None:
    state = fresh_state()
    two(state, **second)
    unite_same(state, now=LATER)
    assert state.faults.merged_into == {}


def test_what_a_pool_spoke_for_goes_on_by_its_pools() -> None:
    state = fresh_state()
    first, _ = two(state, was_pooled=True, pools_open=1, counters_open=True)
    unite_same(state, now=LATER)
    assert (first.pools_open, first.was_pooled, first.counters_open) == (1, True, False)


def test_an_alarm_that_said_little_learns_what_kind_of_service_is_lost() -> None:
    state = fresh_state()
    first = make_fault(state, "H1", object_id="BSC", family="radio", alarm_ids={"A1"})
    make_fault(state, "H2", object_id="BSC", family="data")
    unite_same(state, now=LATER)
    assert first.family == "data"
