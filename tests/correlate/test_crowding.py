"""Crowds beside a fault are its users."""

from typing import Any

import numpy as np
import pytest

from correlate.crowding import fault_around, lost_users
from correlate.faults import Fault
from correlate.state import State
from kpi.measures import MEASURE_INDEX, MEASURES
from tests.correlate.small_network import (
    NOON,
    fresh_state,
    make_fault,
    small_knowledge,
    sure_outage,
)
from tests.correlate.test_episode_joining import shown

KNOWN = small_knowledge()


def ailing(state: State, change: float, **fields: Any) -> Fault:
    """Return a fault sure to be real whose cells still serve, with the change of their users."""
    moves = np.full(len(MEASURES), np.nan)
    moves[MEASURE_INDEX["active_users"]] = change
    given: dict[str, Any] = {"family": "radio", "counters_exist": 3.0, "episodes": {(0, 0): NOON}}
    return make_fault(state, "H1", change=moves, **(given | fields))


def found_by(state: State, crowd: str) -> Fault | None:
    episodes = shown((crowd, "crowding", 1))
    return fault_around(state, KNOWN, episodes, np.array([0]))


@pytest.mark.parametrize(
    ("change", "is_its"),
    [
        pytest.param(-0.7, True, id="half of its users left"),
        pytest.param(-0.1, False, id="no more than chance"),
        pytest.param(0.5, False, id="its own load rose"),
        pytest.param(np.nan, False, id="unknown"),
    ],
)
def test_users_who_leave_a_sick_cell_crowd_the_next_one(change: float, is_its: bool) -> None:
    state = fresh_state()
    fault = ailing(state, change)
    assert found_by(state, "H2-L") is (fault if is_its else None)


def test_lost_users_are_all_of_an_outage_and_those_who_left_a_sick_cell() -> None:
    state = fresh_state()
    outage = sure_outage(state, "H1")
    users = float(KNOWN.users[outage.cells].sum())
    assert users > 0
    assert lost_users(KNOWN, outage) == users
    assert lost_users(KNOWN, ailing(state, -np.log(2.0))) == pytest.approx(users / 2)
    assert lost_users(KNOWN, ailing(state, -3.0, family="load")) == 0.0


def test_no_fault_no_crowd_of_one() -> None:
    assert found_by(fresh_state(), "H2-L") is None
