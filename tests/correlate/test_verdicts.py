import pandas as pd

from correlate.state import State
from correlate.tickets import Ticket
from correlate.verdicts import learn_daily, take_verdicts
from tests.correlate.small_network import (
    NOON,
    fresh_state,
    make_ticket,
    small_knowledge,
    sure_outage,
)

KNOWN = small_knowledge()
DAY = 86400


def closed(state: State, ticket: Ticket, cause: str) -> None:
    state.tickets[ticket.ticket_id] = ticket
    rows = pd.DataFrame({"ticket_id": [ticket.ticket_id], "cause": [cause]})
    take_verdicts(state, KNOWN, rows)


def count(state: State, cause: str) -> float:
    return float(state.background.counts[KNOWN.codes.index(cause)])


def test_an_unexplained_ticket_moves_the_background_by_one() -> None:
    state = fresh_state()
    closed(state, make_ticket(diagnosed_at=NOON), "weak_coverage")
    assert count(state, "weak_coverage") == 1.0
    assert ("T1", "weak_coverage") in state.verdicts


def test_a_ticket_its_fault_explains_moves_the_fault_not_the_background() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    closed(state, make_ticket(diagnosed_at=NOON, fault_share={fault.number: 1.0}), "power_failure")
    assert count(state, "power_failure") == 0.0
    moved = fault.ticket_log.nonzero()[0]
    assert moved.tolist() == [KNOWN.signatures.position("power_failure")]
    assert fault.ticket_log[moved[0]] > 0


def test_nothing_is_learned_from_a_ticket_not_diagnosed_yet_or_unknown() -> None:
    state = fresh_state()
    closed(state, make_ticket(), "weak_coverage")
    take_verdicts(state, KNOWN, pd.DataFrame({"ticket_id": ["T9"], "cause": ["weak_coverage"]}))
    assert not state.background.counts.any()
    assert state.verdicts == []


def test_a_cause_of_the_customer_does_not_move_a_fault() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    closed(state, make_ticket(diagnosed_at=NOON, fault_share={fault.number: 0.5}), "terminal_fault")
    assert not fault.ticket_log.any()
    assert count(state, "terminal_fault") == 0.5


def test_learning_happens_once_a_day() -> None:
    state = fresh_state()
    learn_daily(state, now=NOON)
    learned_on = state.words_learned_on
    learn_daily(state, now=NOON + 600)
    assert state.words_learned_on == learned_on
    learn_daily(state, now=NOON + DAY)
    assert state.words_learned_on > learned_on


def test_a_few_orders_teach_no_words() -> None:
    state = fresh_state()
    closed(state, make_ticket(diagnosed_at=NOON), "weak_coverage")
    learn_daily(state, now=NOON)
    assert state.words is None


def test_orders_of_one_caller_teach_once() -> None:
    state = fresh_state()
    state.tickets["T1"] = make_ticket("T1", diagnosed_at=NOON)
    closed(state, make_ticket("T2", diagnosed_at=NOON, same_as="T1"), "weak_coverage")
    closed(state, state.tickets["T1"], "weak_coverage")
    assert count(state, "weak_coverage") == 1.0
    assert state.verdicts == [("T2", "weak_coverage")]
