"""What keeps coming back was not repaired; what came back by chance is another fault."""

from typing import Any

import pytest

from correlate.closing import close_faults
from correlate.faults import Fault
from correlate.feed import build_feed
from correlate.returning import returned_fault
from correlate.state import State
from correlate.step import step
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    fresh_state,
    settle,
    small_knowledge,
    sure_outage,
)

CARRIER, OUTAGE = "CHANNEL FAILURE RATE ABOVE DEFINED THRESHOLD", "NE Is Disconnected"
DAY = 24 * HOUR
SHOWN_BY_DAY = [NOON + day * DAY + h * HOUR for day in range(3) for h in range(-3, 5)]


def played(begins: list[int], name: str, object_id: str, *, lasts: int = 3000) -> State:
    """Play an alarm that is raised at some moments and cleared each time."""
    alarms = arriving(
        "alarms",
        begins,
        alarm_id=[f"A{n:03}" for n in range(len(begins))],
        object_id=[object_id] * len(begins),
        raised_at=[at(began) for began in begins],
        cleared_at=[at(began + lasts) for began in begins],
        name=[name] * len(begins),
    )
    known, state = small_knowledge(), fresh_state()
    feed = build_feed(bundle_tables(alarms=alarms), known)
    for number in range(feed.first, feed.last + 1):
        state, _ = step(state, known, feed.at(number), now=number * feed.step_s)
    return state


def kept(state: State) -> list[Fault]:
    return [f for f in state.faults.faults if f.number not in state.faults.merged_into]


def test_an_alarm_back_every_hour_by_day_is_one_fault_dated_from_the_first() -> None:
    (fault,) = kept(played(SHOWN_BY_DAY, CARRIER, "H1-G/TRX-2"))
    assert fault.seen_at <= SHOWN_BY_DAY[0]
    assert len(fault.alarm_ids) == len(SHOWN_BY_DAY)


def test_a_filter_delay_longer_than_the_gap_does_not_make_a_fault_of_each_return() -> None:
    hourly = [NOON + h * HOUR for h in range(4)]
    assert len(played(hourly, CARRIER, "H1-G/TRX-2", lasts=3540).faults.faults) == 1


@pytest.mark.parametrize(
    ("name", "object_id", "begins"),
    [
        (OUTAGE, "H1", SHOWN_BY_DAY),
        (CARRIER, "H1-G/TRX-2", [NOON, NOON + DAY // 2, NOON + DAY]),
    ],
    ids=["an outage is over when service is back", "twice at half a day is no rhythm"],
)
def test_what_has_no_rhythm_is_another_fault(name: str, object_id: str, begins: list[int]) -> None:
    assert len(kept(played(begins, name, object_id))) > 1


def test_a_lately_returned_alarm_is_no_lost_clearing() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", confirmed=True, healthy=8.0, returned_at=NOON + HOUR)
    close_faults(state.faults, now=NOON + 2 * HOUR)
    assert fault.is_open
    close_faults(state.faults, now=NOON + 6 * HOUR)
    assert not fault.is_open


def test_what_has_merged_is_not_opened_again() -> None:
    state = played(SHOWN_BY_DAY, CARRIER, "H1-G/TRX-2")
    merged = [f for f in state.faults.faults if f.number in state.faults.merged_into]
    assert all(not f.is_open and not f.alarm_ids for f in merged)


@pytest.mark.parametrize(
    ("gap", "confirmed", "object_id", "again"),
    [
        (8 * HOUR, True, "H1", True),
        (8 * HOUR, False, "H1", False),
        (14 * HOUR, True, "H1", False),
        (8 * HOUR, True, "H2", False),
    ],
    ids=["seen by counters", "by alarms alone", "long after", "elsewhere"],
)
def test_what_counters_saw_lost_and_is_lost_again_goes_on(
    gap: int, confirmed: bool, object_id: str, again: bool
) -> None:
    state = fresh_state()
    given: dict[str, Any] = {
        "names": (),
        "alarm_ids": set(),
        "alarm_open": False,
        "confirmed": confirmed,
    }
    fault = sure_outage(state, "H1", ended_at=NOON + HOUR, **given)
    settle(state)
    raised_at = NOON + HOUR + gap
    found = returned_fault(
        state, object_id, [OUTAGE], family="loss", raised_at=raised_at, now=raised_at
    )
    assert (found is fault) is again
    assert fault.is_open is again
