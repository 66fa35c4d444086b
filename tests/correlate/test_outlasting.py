"""Episodes of the counters that go on after their fault ended."""

from dataclasses import replace

import pytest

from correlate.episode_arrays import Episodes
from correlate.faults import Fault
from correlate.outlasting import OVER_S, outlasts, part_outlasting
from correlate.state import State
from tests.correlate.small_network import HOUR, NOON, fresh_state, make_fault
from tests.correlate.test_episode_joining import opened, shown


def over(state: State, episodes: Episodes, **fields: object) -> Fault:
    """Return a fault that was over an hour after noon and holds the first episode."""
    fault = make_fault(state, "H1", family="radio", ended_at=NOON + HOUR, **fields)  # type: ignore[arg-type]
    key = (int(episodes.cell[0]), int(episodes.kind[0]), int(episodes.first_period[0]))
    state.faults.hold(key, fault)
    fault.episodes[key[:2]] = NOON
    return fault


def test_what_shows_beyond_a_period_after_the_end_outlasts_it() -> None:
    fault = make_fault(fresh_state(), "H1", ended_at=NOON)
    assert [outlasts(fault, NOON + OVER_S + late) for late in (0, 1)] == [False, True]
    fault.ended_at = None
    assert not outlasts(fault, NOON + 9 * HOUR)


def test_trouble_beside_an_alarm_that_cleared_untold_becomes_a_fault_of_its_own() -> None:
    state, episodes = fresh_state(), shown(("H1-L", "handover", 2))
    fault = over(state, episodes)
    part_outlasting(state, episodes)
    assert (fault.episodes, fault.is_open) == ({}, False)
    old, new = opened(state, episodes)
    assert old is fault
    assert (new.is_open, new.started_at) == (True, NOON + 2 * HOUR)


def test_a_fault_that_was_told_goes_on_with_what_outlasts_its_end() -> None:
    state, episodes = fresh_state(), shown(("H1-L", "handover", 2))
    fault = over(state, episodes, reported_at=NOON)
    part_outlasting(state, episodes)
    assert fault.is_open
    assert fault.episodes


@pytest.mark.parametrize(
    ("hours", "fields", "is_open", "is_held"),
    [
        pytest.param(0.5, {}, False, True, id="no longer than a period after the end"),
        pytest.param(2, {"reported_at": NOON, "family": "work"}, False, False, id="work is over"),
        pytest.param(2, {"reported_at": NOON, "was_pooled": True}, False, True, id="told by pools"),
    ],
)
def test_what_else_is_held_beyond_the_end(
    hours: float, fields: dict[str, object], is_open: bool, is_held: bool
) -> None:
    state, episodes = fresh_state(), shown(("H1-L", "handover", hours))
    fault = over(state, episodes)
    for name, value in fields.items():
        setattr(fault, name, value)
    part_outlasting(state, episodes)
    assert (fault.is_open, bool(fault.episodes)) == (is_open, is_held)


@pytest.mark.parametrize(("hours", "faults"), [(1, 1), (4, 2)], ids=["ends with it", "goes on"])
def test_an_episode_does_not_join_an_untold_fault_whose_end_it_outlasts(
    hours: int, faults: int
) -> None:
    state, episodes = fresh_state(), shown(("H1-L", "vswr", 0))
    make_fault(state, "H1", family="radio", ended_at=NOON + HOUR)
    lasting = replace(episodes, last=episodes.onset + hours * HOUR)
    assert len(opened(state, lasting)) == faults
