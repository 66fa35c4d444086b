"""What is over is let go of, and whoever was handed it can make the same tables as a run that kept everything."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.bundles import Bundle
from correlate.case.inquiry import Desk
from correlate.daybook import daybook_tables
from correlate.faults import merge
from correlate.feed import build_feed
from correlate.purging import DAY_S, FAULTS_S, Gone, hander_out, lay_back, purge, tickets_s
from correlate.reporting import report
from correlate.run import play_feed
from correlate.state import State
from correlate.tabling import output_tables
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    fresh_state,
    knowledge_with,
    make_ticket,
    settle,
    small_knowledge,
    sure_outage,
)

KNOWN = knowledge_with(notice_min_complaints=0.01)
NONE = pd.DataFrame({"table": [], "row": [], "reason": [], "content": []})
DAYS = 75


def months() -> dict[str, pd.DataFrame]:
    """Return outages over two months and a half, each with a complaint and its order."""
    begins = [NOON + day * DAY_S for day in range(0, DAYS, 7)]
    sites = [("H1", "H2", "V1", "V2")[i % 4] for i in range(len(begins))]
    called = [began + HOUR for began in begins]
    ids = [f"T{i:03}" for i in range(len(begins))]
    alarms = arriving(
        "alarms",
        begins,
        alarm_id=[f"A{i:03}" for i in range(len(begins))],
        object_id=sites,
        raised_at=[at(began) for began in begins],
        cleared_at=[at(began + 3 * HOUR) for began in begins],
        name=["NE Is Disconnected"] * len(begins),
    )
    complaints = arriving(
        "complaints",
        called,
        ticket_id=ids,
        created_at=[at(moment) for moment in called],
        text=["no signal since noon"] * len(begins),
        msisdn=[f"1590000{i % 3:04}" for i in range(len(begins))],
        county=["Hill"] * len(begins),
    )
    closed = [moment + DAY_S for moment in called]
    verdicts = arriving(
        "verdicts",
        closed,
        ticket_id=ids,
        cause=["power_failure"] * len(begins),
        closed_at=[at(moment) for moment in closed],
    )
    return bundle_tables(alarms=alarms, complaints=complaints, verdicts=verdicts)


@pytest.fixture(scope="module")
def played() -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], State, list[Gone]]:
    """Play the months twice, keeping everything and letting go; return both runs' tables and what was let go of."""
    tables = months()
    gone: list[Gone] = []
    bundle = Bundle(Path("/data/small"), tables, NONE, NONE, NONE)
    found, sizes = [], []
    for look in (None, hander_out(gone.append)):
        state, issued = play_feed(build_feed(tables, KNOWN), KNOWN, look=look)
        sizes.append(len(state.incidents))
        lay_back(state, gone)
        told = output_tables(state, KNOWN, issued, bundle)
        found.append(told | daybook_tables(state, KNOWN, told["diagnoses"], bundle))
    assert sizes[1] < sizes[0]
    return found[0], found[1], state, gone


def test_tables_are_those_of_a_run_that_kept_everything(
    played: tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], State, list[Gone]],
) -> None:
    kept, purged, *_ = played
    assert len(kept["incidents"]) >= DAYS // 8
    for name, table in kept.items():
        pd.testing.assert_frame_equal(purged[name], table, obj=name)


def test_complaints_orders_and_groups_of_alarms_are_let_go_of_as_well(
    played: tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], State, list[Gone]],
) -> None:
    *_, gone = played
    for name in ("incidents", "notices", "of_alarm", "groups", "last", "tickets", "verdicts"):
        assert any(len(getattr(part, name)) for part in gone), name


def ended(state: State, *names: str) -> int:
    """Report an outage that is over and was forgotten; return the number of its fault."""
    fault = sure_outage(state, *names, names=("NE Is Disconnected",))
    report(state, KNOWN, now=NOON)
    fault.alarm_open, fault.ended_at = False, NOON + HOUR
    fault.touch()
    report(state, KNOWN, now=NOON + 2 * HOUR)
    return fault.number


def test_what_is_in_memory_or_too_young_is_kept() -> None:
    state = fresh_state()
    number = ended(state, "H1")
    purge(state, now=NOON + 3 * HOUR)
    assert not purge(state, now=NOON + FAULTS_S).incidents
    assert not purge(state, now=NOON + FAULTS_S + 4 * HOUR).incidents
    state.faults.forget(NOON + 2 * HOUR)
    assert list(purge(state, now=NOON + FAULTS_S + 5 * HOUR).incidents) == [number]
    assert not state.incidents


def test_a_fault_that_went_into_one_in_memory_is_kept() -> None:
    state = fresh_state()
    one, other = sure_outage(state, "H1"), sure_outage(state, "H2")
    merge(state.faults, one, other, now=NOON)
    other.ended_at = NOON
    settle(state)
    purge(state, now=NOON)
    state.faults.forget(NOON + DAY_S)
    purge(state, now=NOON + FAULTS_S)
    assert state.faults.merged_into == {other.number: one.number}


def test_running_numbers_go_on() -> None:
    state = fresh_state()
    ended(state, "H1")
    purge(state, now=NOON + 3 * HOUR)
    state.faults.forget(NOON + 2 * HOUR)
    purge(state, now=NOON + FAULTS_S + 4 * HOUR)
    later = sure_outage(state, "H2", started_at=NOON + FAULTS_S + 5 * HOUR)
    report(state, KNOWN, now=NOON + FAULTS_S + 5 * HOUR)
    assert state.incidents[later.number].incident_id.endswith("-00002")
    assert state.notices[-1].interception_id == "N-000002"


def test_a_complaint_not_diagnosed_yet_is_kept() -> None:
    state = fresh_state()
    ticket = make_ticket()
    state.tickets, state.held = {"T1": ticket}, [ticket]
    long_after = ticket.arrived_at + tickets_s() + DAY_S
    assert not purge(state, now=long_after).tickets
    ticket.diagnosed_at, state.held = NOON, []
    assert list(purge(state, now=long_after).tickets) == ["T1"]


def test_orders_read_before_some_were_let_go_of_are_not_read_again() -> None:
    state, desk = fresh_state(), Desk(small_knowledge(), archive=None)  # type: ignore[arg-type]
    old, new = make_ticket("T1", diagnosed_at=NOON, fault=1), make_ticket("T2", fault=2)
    new.arrived_at = old.arrived_at + tickets_s() + DAY_S
    state.tickets = {"T1": old, "T2": new}
    state.verdicts = [("T1", "power_failure")]
    desk.closed_orders(state)
    purge(state, now=new.arrived_at)
    state.verdicts.append(("T2", "cell_outage"))
    assert desk.closed_orders(state) == {1: ["power_failure"], 2: ["cell_outage"]}


def test_a_number_of_a_past_moment_is_that_of_the_last_mark_before_it() -> None:
    state = fresh_state()
    state.purged.marks = [(10, 3), (20, 7), (30, 9)]
    assert np.array([state.purged.number_at(t) for t in (5, 10, 25, 99)]).tolist() == [0, 3, 7, 9]
    state.purged.forget_marks(25)
    assert state.purged.marks == [(20, 7), (30, 9)]
