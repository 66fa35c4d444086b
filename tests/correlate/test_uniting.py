"""Faults at one object that began together are one thing."""

from typing import Any

import numpy as np
import pytest

from correlate.faults import PERIOD_S, Fault
from correlate.state import State
from correlate.uniting import unite_same
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    fresh_state,
    make_fault,
    small_knowledge,
)

KNOWN = small_knowledge()
LATER = NOON + HOUR


def two(state: State, **second: object) -> tuple[Fault, Fault]:
    given = {"object_id": "H1", "family": "loss"}
    return make_fault(state, "H1", **given), make_fault(state, "H2", **(given | second))  # type: ignore[arg-type]


def test_two_outages_of_one_site_that_began_together_are_one() -> None:
    state = fresh_state()
    first, second = two(state, counters_began=NOON - 600, counters_open=True, counters_exist=2.0)
    unite_same(state, KNOWN, now=LATER)
    assert state.faults.merged_into == {second.number: first.number}
    assert (first.is_open, second.is_open) == (True, False)
    assert set(second.cells.tolist()) <= set(first.cells.tolist())
    assert (first.started_at, first.counters_open, first.counters_exist) == (NOON - 600, True, 2.0)


def test_the_one_with_alarms_is_kept() -> None:
    state = fresh_state()
    first, second = two(state, alarm_ids={"A1"})
    unite_same(state, KNOWN, now=LATER)
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
    unite_same(state, KNOWN, now=LATER)
    assert state.faults.merged_into == {}


def test_what_a_pool_spoke_for_goes_on_by_its_pools() -> None:
    state = fresh_state()
    first, _ = two(state, was_pooled=True, pools_open=1, counters_open=True)
    unite_same(state, KNOWN, now=LATER)
    assert (first.pools_open, first.was_pooled, first.counters_open) == (1, True, False)


def test_an_alarm_that_said_little_learns_what_kind_of_service_is_lost() -> None:
    state = fresh_state()
    first = make_fault(state, "H1", object_id="BSC", family="radio", alarm_ids={"A1"})
    make_fault(state, "H2", object_id="BSC", family="data")
    unite_same(state, KNOWN, now=LATER)
    assert first.family == "data"


def sure_of(cause: str) -> np.ndarray:
    log = np.zeros(len(KNOWN.signatures.causes))
    log[KNOWN.signatures.position(cause)] = 9.0
    return log


def ill(state: State, site: str, cause: str, **fields: Any) -> Fault:
    return make_fault(
        state,
        site,
        family="radio",
        counter_log=sure_of(cause),
        counters_exist=3.0,
        episodes={(0, 0): NOON},
        **fields,
    )


def test_a_second_cell_with_what_ails_the_first_is_the_same_trouble_whenever_it_began() -> None:
    state = fresh_state()
    first = ill(state, "H1", "antenna_fault", object_id="H1-L")
    second = ill(state, "H1", "antenna_fault", object_id="H1-G", started_at=NOON + 20 * HOUR)
    unite_same(state, KNOWN, now=NOON + 21 * HOUR)
    assert state.faults.merged_into == {second.number: first.number}


@pytest.mark.parametrize(
    ("site", "cause", "fields"),
    [
        pytest.param("H2", "antenna_fault", {}, id="another site"),
        pytest.param("H1", "external_interference", {}, id="another cause, hours later"),
        pytest.param("H1", "antenna_fault", {"counters_exist": -3.0}, id="hardly real"),
        pytest.param("H1", "antenna_fault", {"ended_at": NOON + 60}, id="over"),
    ],
)
def test_what_differs_in_site_cause_or_certainty_stays_apart(
    site: str, cause: str, fields: dict[str, object]
) -> None:
    state = fresh_state()
    ill(state, "H1", "antenna_fault", object_id="H1-L")
    second = ill(state, site, cause, object_id=f"{site}-G", started_at=NOON + 20 * HOUR)
    for name, value in fields.items():
        setattr(second, name, value)
    unite_same(state, KNOWN, now=NOON + 21 * HOUR)
    assert state.faults.merged_into == {}


@pytest.mark.parametrize(
    ("hours", "family", "is_one"),
    [
        pytest.param(3, "radio", True, id="the same morning"),
        pytest.param(5, "radio", False, id="half a day later"),
        pytest.param(3, "load", False, id="load comes by itself"),
    ],
)
def test_two_troubles_of_a_site_that_began_together_are_one(
    hours: int, family: str, *, is_one: bool
) -> None:
    state = fresh_state()
    first = ill(state, "H1", "antenna_fault", object_id="H1-L")
    second = ill(state, "H1", "sync_fault", object_id="H1", started_at=NOON + hours * HOUR)
    second.family = family
    unite_same(state, KNOWN, now=NOON + 6 * HOUR)
    assert state.faults.merged_into == ({second.number: first.number} if is_one else {})


@pytest.mark.parametrize(
    ("fields", "is_again"),
    [
        pytest.param({}, True, id="the next night"),
        pytest.param({"started_at": NOON + 40 * HOUR}, False, id="a day and a half later"),
        pytest.param({"reported_at": NOON + 21 * HOUR}, False, id="told as its own already"),
        pytest.param({"counter_log": sure_of("sync_fault")}, False, id="another cause"),
        pytest.param({"cells": cells_of("H1-G")}, False, id="another cell"),
    ],
)
def test_what_was_over_and_comes_again_within_a_day_is_the_same(
    fields: dict[str, Any], *, is_again: bool
) -> None:
    state = fresh_state()
    over = ill(state, "H1", "antenna_fault", reported_at=NOON, ended_at=NOON + HOUR)
    over.keep_cells(cells_of("H1-L"))
    fault = ill(state, "H1", "antenna_fault", started_at=NOON + 20 * HOUR)
    for name, value in fields.items():
        setattr(fault, name, value)
    unite_same(state, KNOWN, now=NOON + 22 * HOUR)
    assert over.is_open is is_again
    assert state.faults.merged_into == ({fault.number: over.number} if is_again else {})
