"""What is known of all recent complaints together, and how it changes as more arrives."""

import pytest

from correlate.docket import REVIEWED_S, Docket
from correlate.faults import merge
from correlate.joint import EVERY_S, review
from correlate.state import State
from correlate.tickets import Ticket
from tests.correlate.small_network import (
    HOUR,
    NOON,
    diagnose_held,
    fresh_state,
    make_fault,
    make_ticket,
    small_knowledge,
    sure_outage,
    words_for,
)

KNOWN = small_knowledge()
LATER = NOON + HOUR


def calls(number: int, *, cell: str = "H1-L", first: int = 1, **fields: object) -> list[Ticket]:
    return [make_ticket(f"T{i}", cell=cell, **fields) for i in range(first, first + number)]


def reviewed(state: State, fresh: list[Ticket], *, now: int = LATER) -> None:
    state.tickets |= {t.ticket_id: t for t in fresh}
    review(state, KNOWN, fresh, [], now=now)


def test_the_complaints_of_a_fault_are_the_sum_of_their_shares() -> None:
    state = fresh_state()
    faults = [sure_outage(state, "H1"), sure_outage(state, "H1", "H2", alarm_exists=-1.0)]
    tickets = calls(5)
    for now in (LATER, LATER + EVERY_S, LATER + 2 * EVERY_S):
        reviewed(state, tickets if now == LATER else [], now=now)
        for fault in faults:
            total = sum(t.fault_share.get(fault.number, 0.0) for t in tickets)
            assert fault.tickets == pytest.approx(total)
        left = sum(1.0 - sum(t.fault_share.values()) for t in tickets)
        assert state.background.tickets == pytest.approx(left)


def test_no_complaint_is_its_own_witness() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", alarm_exists=-1.5)
    (ticket,) = calls(1)
    reviewed(state, [ticket])
    once = ticket.fault_share[fault.number]
    for i in range(1, 6):
        reviewed(state, [], now=LATER + i * EVERY_S)
    assert ticket.fault_share[fault.number] == pytest.approx(once, rel=0.05)


def test_complaints_bear_each_other_out() -> None:
    def share(number: int) -> float:
        state = fresh_state()
        fault = make_fault(state, "H1", family="radio", alarm_exists=-3.5)
        tickets = calls(number)
        for i in range(4):
            reviewed(state, tickets if i == 0 else [], now=LATER + i * EVERY_S)
        return tickets[0].fault_share.get(fault.number, 0.0)

    assert share(8) > share(1) + 0.1


def test_a_fault_found_late_takes_the_complaints_it_explains() -> None:
    state = fresh_state()
    tickets = calls(3)
    state.held = list(tickets)
    reviewed(state, tickets)
    rows = diagnose_held(state, KNOWN, now=LATER + 1800)
    assert {row["fault"] for row in rows} == {0}
    fault = sure_outage(state, "H1")
    reviewed(state, [], now=LATER + 2 * EVERY_S)
    assert {t.fault for t in tickets} == {fault.number}
    assert {t.assigned_at for t in tickets} == {LATER + 2 * EVERY_S}
    assert max(t.posterior[KNOWN.codes.index("site_outage")] for t in tickets) < 0.5


def test_a_fault_that_proves_mistaken_gives_its_complaints_back() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", alarm_exists=2.0)
    tickets = calls(2)
    reviewed(state, tickets)
    assert fault.tickets > 1.0
    fault.healthy = 20.0
    fault.touch()
    for i in (1, 2):
        reviewed(state, [], now=LATER + i * EVERY_S)
    assert fault.tickets < 0.2
    assert abs(fault.ticket_log).max() < 0.2


def test_shares_follow_a_fault_that_was_merged() -> None:
    state = fresh_state()
    kept, other = sure_outage(state, "H1", alarm_exists=0.0), sure_outage(state, "H1")
    tickets = calls(3)
    reviewed(state, tickets)
    assert tickets[0].fault_share[other.number] > 0.5
    merge(state.faults, kept, other, now=LATER)
    reviewed(state, [], now=LATER + EVERY_S)
    assert other.number not in tickets[0].fault_share
    total = sum(t.fault_share[kept.number] for t in tickets)
    assert kept.tickets == pytest.approx(total)


def test_what_a_forgotten_fault_explained_stays_explained() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", ended_at=NOON + 1800)
    (ticket,) = calls(1)
    reviewed(state, [ticket])
    share = ticket.fault_share[fault.number]
    state.faults.forget(NOON + HOUR)
    reviewed(state, [], now=LATER + EVERY_S)
    assert ticket.fault_share == {fault.number: share}


def test_after_three_days_a_complaint_is_settled() -> None:
    docket, (old, young) = Docket(), calls(2)
    young.arrived_at = LATER + HOUR
    docket.take([old, young], now=LATER + HOUR)
    docket.take([], now=LATER + REVIEWED_S)
    assert docket.tickets == [young]


def test_a_later_version_of_a_complaint_takes_its_place() -> None:
    docket, (ticket,) = Docket(), calls(1)
    docket.take([ticket], now=LATER)
    docket.take(calls(1, text="other"), now=LATER)
    assert [t.text for t in docket.tickets] == ["other"]


def test_new_complaints_are_shared_out_between_reviews() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reviewed(state, calls(1))
    reviewed(state, calls(1, first=2), now=LATER + 300)
    assert fault.tickets > 1.5


def test_words_of_the_others_tell_of_the_cause() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", family="radio", alarm_exists=3.0)
    said = words_for(external_interference=2.0)
    reviewed(state, calls(4, words=said))
    column = KNOWN.signatures.position("external_interference")
    assert fault.ticket_log[column] == pytest.approx(fault.tickets, rel=1e-6)


def test_what_something_else_took_of_a_complaint_is_no_longer_the_background_s() -> None:
    state = fresh_state()
    (ticket,) = calls(1)
    reviewed(state, [ticket])
    assert state.background.tickets == pytest.approx(1.0)
    ticket.fault_share = {99: 0.6}
    reviewed(state, [], now=LATER + EVERY_S)
    assert state.background.tickets == pytest.approx(0.4)
