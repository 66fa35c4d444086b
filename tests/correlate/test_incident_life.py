from typing import Any

import numpy as np
import pytest

from correlate.closing import close_faults
from correlate.faults import Fault, merge
from correlate.incident_life import end_rule, source_of_split
from correlate.incidents import IncidentChange
from correlate.reporting import report
from correlate.state import State
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    fresh_state,
    knowledge_with,
    make_fault,
    small_knowledge,
    sure_outage,
)

KNOWN = knowledge_with(notice_min_complaints=1e9)


def told(state: State, fault: Fault, moment: int) -> list[IncidentChange]:
    """Report a moment after noon and return what was put down of a fault's incident then."""
    before = len(state.life.changes.get(fault.number, []))
    fault.touch()
    report(state, KNOWN, now=NOON + moment)
    return state.life.changes.get(fault.number, [])[before:]


@pytest.fixture
def opened() -> tuple[State, Fault]:
    """Open the incident of an outage of H1."""
    state = fresh_state()
    fault = sure_outage(state, "H1")
    report(state, KNOWN, now=NOON + 600)
    return state, fault


def test_an_incident_says_by_what_it_was_opened(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    (change,) = state.life.changes[fault.number]
    assert (change.at, change.rule) == (NOON + 600, "OPEN-1")
    assert change.detail == "H1: site_outage"
    assert change.evidence == "alarms:1 Site down"


def test_nothing_new_is_not_told(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    assert told(state, fault, 1200) == []


def test_another_cause_is_told_with_the_evidence_that_moved(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    log = np.zeros(len(fault.alarm_log))
    log[small_knowledge().signatures.position("power_failure")] = 9.0
    fault.alarm_log = log
    fault.alarm_ids |= {"A2"}
    fault.names = ("Mains failure", "Site down")
    (change,) = told(state, fault, 1200)
    assert (change.rule, change.detail) == ("CAUSE-1", "site_outage > power_failure")
    assert change.evidence == "alarms_say:+15.0|alarms:1 Mains failure"


def test_a_closed_order_is_evidence(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.ticket_log[small_knowledge().signatures.position("power_failure")] += 20.0
    fault.orders += 1
    fault.tickets += 2.0
    fault.alarm_log = fault.alarm_log / 10
    (change,) = told(state, fault, 1200)
    assert change.rule == "CAUSE-1"
    assert "complaints_say:+20.0" in change.evidence
    assert change.evidence.endswith("tickets:2|orders:1")


def test_object_reach_and_beginning_are_told_apart(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.add_cells(cells_of("H2"), 1.0)
    fault.object_id, fault.object_kind = "HUB", "hub"
    fault.started_at = NOON - HOUR
    changes = {change.rule: change.detail for change in told(state, fault, 1200)}
    assert changes["OBJECT-1"] == "H1 > HUB"
    assert changes["GROW-1"] == "2 > 4 | 1 > 2"
    assert changes["DATE-1"] == "2026-03-10 12:00 > 2026-03-10 11:00"


def test_fewer_cells_are_told(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.cells, fault.degree = fault.cells[:1], fault.degree[:1]
    assert [c.rule for c in told(state, fault, 1200)] == ["SHRINK-1"]


def test_evidence_of_a_new_kind_is_told_once(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.episodes = {(0, 1): NOON}
    assert [(c.rule, c.evidence) for c in told(state, fault, 1200)] == [("SIGN-1", "counters:1")]
    fault.episodes = {(0, 1): NOON, (1, 1): NOON}
    assert told(state, fault, 1800) == []


def test_first_complaints_are_told_with_their_number(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.tickets = 0.4
    assert told(state, fault, 1200) == []
    fault.tickets = 1.6
    assert [(c.rule, c.evidence) for c in told(state, fault, 1800)] == [("SIGN-1", "tickets:2")]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "END-1"),
        ({"alarm_ids": set()}, "END-2"),
        ({"confirmed": True}, "END-3"),
        ({"alarm_open": True}, "END-4"),
        ({"family": "tickets"}, "END-5"),
        ({"family": "work", "work_until": NOON}, "END-6"),
    ],
    ids=["alarms", "counters", "both", "lost clearing", "silence", "announced"],
)
def test_an_end_says_what_shows_it(fields: dict[str, Any], rule: str) -> None:
    given: dict[str, Any] = {"alarm_ids": {"A1"}, "alarm_open": False} | fields
    assert end_rule(make_fault(fresh_state(), "H1", **given)) == rule


def test_an_end_and_a_return_are_told(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.alarm_open, fault.ended_at = False, NOON + HOUR
    assert [c.rule for c in told(state, fault, HOUR)] == ["END-1"]
    fault.alarm_open, fault.ended_at, fault.returned_at = True, None, NOON + 4 * HOUR
    (again,) = told(state, fault, 4 * HOUR)
    assert (again.rule, again.detail) == ("AGAIN-1", "3.0 h")


def test_a_return_of_counters_alone_is_one(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.alarm_open, fault.ended_at = False, NOON + HOUR
    told(state, fault, HOUR)
    fault.ended_at, fault.counters_open, fault.alarm_open = None, True, False
    assert [c.rule for c in told(state, fault, 2 * HOUR)] == ["AGAIN-2"]


def test_a_withdrawal_says_why_and_may_be_taken_back(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.healthy = 20.0
    (gone,) = told(state, fault, HOUR)
    assert (gone.rule, gone.evidence) == ("WITHDRAW-1", "healthy:20.0")
    fault.healthy = 0.0
    assert [c.rule for c in told(state, fault, 2 * HOUR)] == ["BACK-1"]


def test_silent_customers_withdraw_too(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.silence = 20.0
    assert [c.rule for c in told(state, fault, HOUR)] == ["WITHDRAW-2"]


def test_a_merge_is_told_on_both_sides(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    other = sure_outage(state, "H2", alarm_ids={"A2"})
    told(state, other, 900)
    merge(state.faults, fault, other, now=NOON + HOUR)
    report(state, KNOWN, now=NOON + HOUR)
    kept, gone = state.life.changes[fault.number][-1], state.life.changes[other.number][-1]
    assert (kept.rule, kept.other) == ("MERGE-2", other.number)
    assert (gone.rule, gone.other) == ("MERGE-1", fault.number)
    ids = {n: i.incident_id for n, i in state.incidents.items()}
    assert state.incidents[other.number].merged_into == ids[fault.number]


def test_a_merge_into_what_is_not_reported_yet_waits() -> None:
    state = fresh_state()
    late, early = make_fault(state, "H1"), sure_outage(state, "H2")
    report(state, KNOWN, now=NOON + 600)
    merge(state.faults, late, early, now=NOON + 900)
    report(state, KNOWN, now=NOON + 900)
    assert state.incidents[early.number].merged_into == ""
    late.alarm_exists, late.is_settled = 5.0, True
    told(state, late, 1200)
    assert state.incidents[early.number].merged_into == state.incidents[late.number].incident_id


def test_what_was_let_go_is_split_from_the_old_incident(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    state.faults.let_go["A1"] = fault.number
    fault.alarm_open, fault.ended_at = False, NOON + HOUR
    rest = sure_outage(state, "H2", alarm_ids={"A1"})
    report(state, KNOWN, now=NOON + HOUR)
    (first,) = state.life.changes[rest.number]
    assert (first.rule, first.other) == ("SPLIT-1", fault.number)
    assert ("SPLIT-2", rest.number) in [(c.rule, c.other) for c in state.life.changes[fault.number]]
    assert state.incidents[rest.number].split_from == state.incidents[fault.number].incident_id


def test_a_fault_does_not_split_from_itself(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    state.faults.let_go["A1"] = fault.number
    assert source_of_split(state, fault) == 0


def test_an_incident_is_frozen_when_its_fault_is_forgotten(opened: tuple[State, Fault]) -> None:
    state, fault = opened
    fault.alarm_open, fault.ended_at = False, NOON + HOUR
    told(state, fault, HOUR)
    for hours in (120, 128):
        now = NOON + hours * HOUR
        close_faults(state.faults, now=now)
        report(state, KNOWN, now=now)
    assert state.incidents[fault.number].frozen_at == NOON + 128 * HOUR
    frozen = state.life.changes[fault.number][-1]
    assert (frozen.rule, frozen.detail) == ("FREEZE-1", "120 h")
