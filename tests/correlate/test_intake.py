import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.intake import take_accounts, take_tickets
from correlate.joint import review
from correlate.state import State
from correlate.tickets import Ticket
from tests.correlate.small_network import (
    HOUR,
    NOON,
    at,
    diagnose_held,
    fresh_state,
    make_ticket,
    small_knowledge,
    sure_outage,
    table,
)

KNOWN = small_knowledge()
NUMBER = "15900002291"


def call(ticket_id: str, *, minutes: float = 0, **fields: Any) -> Ticket:
    when = int(NOON + HOUR + minutes * 60)
    given: dict[str, Any] = {"created_at": when, "arrived_at": when, "msisdn": NUMBER}
    return make_ticket(ticket_id, **(given | fields))


def took(state: State, *tickets: Ticket) -> list[str]:
    return [t.ticket_id for t in take_tickets(state, KNOWN, list(tickets))]


def diagnosed(state: State, *tickets: Ticket) -> None:
    for ticket in tickets:
        fresh = take_tickets(state, KNOWN, [ticket])
        review(state, KNOWN, fresh, [], now=ticket.arrived_at)
        diagnose_held(state, KNOWN, now=ticket.arrived_at + 1800)


def test_an_update_replaces_a_held_ticket_and_keeps_its_arrival() -> None:
    state = fresh_state()
    took(state, call("T1", text="slow"))
    assert took(state, call("T1", minutes=10, text="dead")) == ["T1"]
    (held,) = state.held
    assert (held.text, held.arrived_at, held.updates) == ("dead", NOON + HOUR, 1)
    assert held.same_as == ""


def test_an_update_after_the_diagnosis_changes_nothing_and_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    diagnosed(state, call("T1"))
    review(state, KNOWN, [], [], now=NOON + 4 * HOUR)
    before = (fault.tickets, state.background.tickets)
    with caplog.at_level(logging.INFO, logger="correlate.intake"):
        assert took(state, call("T1", minutes=60, text="new"), call("T1", minutes=61)) == []
    assert state.held == []
    assert diagnose_held(state, KNOWN, now=NOON + 4 * HOUR) == []
    told = state.tickets["T1"]
    assert (told.text, told.updates) == ("no signal", 2)
    assert (fault.tickets, state.background.tickets) == before
    assert "T1" in caplog.text


def test_two_versions_in_one_step_are_one_ticket() -> None:
    state = fresh_state()
    assert took(state, call("T1", text="a"), call("T1", text="b")) == ["T1"]
    assert (state.tickets["T1"].text, state.tickets["T1"].updates) == ("b", 1)


def test_a_further_call_is_diagnosed_but_counts_for_nobody() -> None:
    once, twice = fresh_state(), fresh_state()
    faults = [sure_outage(state, "H1") for state in (once, twice)]
    diagnosed(once, call("T1"))
    diagnosed(twice, call("T1"), call("T2", minutes=40))
    second = twice.tickets["T2"]
    assert (second.same_as, second.fault) == ("T1", faults[1].number)
    assert second.diagnosed_at > 0
    assert second.posterior.sum() == pytest.approx(1.0)
    assert not second.is_repeat
    assert faults[0].tickets == pytest.approx(faults[1].tickets, rel=1e-3)
    assert np.allclose(faults[0].ticket_log, faults[1].ticket_log, rtol=1e-3)
    assert once.background.tickets == pytest.approx(twice.background.tickets, abs=1e-3)


@pytest.mark.parametrize(
    "other",
    [{"minutes": 61}, {"cell": "V1-L"}, {"msisdn": "15900009999"}, {"msisdn": ""}],
    ids=["after the hour", "elsewhere", "another number", "no number"],
)
def test_other_calls_count(other: dict[str, Any]) -> None:
    state = fresh_state()
    took(state, call("T1"))
    took(state, call("T2", **({"minutes": 20} | other)))
    assert state.tickets["T2"].same_as == ""


@pytest.mark.parametrize("number", ["10086", "00000000000"], ids=["a hotline", "a filler"])
def test_a_number_that_is_nobody_s_makes_no_caller(number: str) -> None:
    state = fresh_state()
    took(state, call("T1", msisdn=number), call("T2", minutes=1, msisdn=number))
    assert state.tickets["T2"].same_as == ""
    assert state.callers == {}


def test_a_held_call_moved_elsewhere_counts_again() -> None:
    state = fresh_state()
    took(state, call("T1"), call("T2", minutes=5))
    assert state.tickets["T2"].same_as == "T1"
    took(state, call("T2", minutes=5, cell="V1-L"))
    assert state.tickets["T2"].same_as == ""


def test_the_same_number_and_cause_days_later_is_a_repeat() -> None:
    state = fresh_state()
    diagnosed(state, call("T1"), call("T2", minutes=3 * 24 * 60))
    assert not state.tickets["T1"].is_repeat
    assert state.tickets["T2"].is_repeat


def test_the_latest_account_state_holds() -> None:
    state = fresh_state()
    rows = table(
        "accounts",
        msisdn=[NUMBER] * 2,
        since=[at(NOON), at(NOON - HOUR)],
        state=["suspended", "active"],
    )
    before = rows.copy()
    take_accounts(state, rows)
    took(state, call("T1"))
    assert state.tickets["T1"].account == "suspended"
    pd.testing.assert_frame_equal(rows, before)
