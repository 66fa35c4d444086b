import pytest

from correlate.knowledge import Knowledge
from correlate.notices import notice as life
from correlate.notices.notice import Notice
from correlate.reporting import report
from correlate.state import State
from tests.correlate.small_network import (
    HOUR,
    NOON,
    fresh_state,
    knowledge_with,
    make_fault,
    small_knowledge,
    sure_outage,
)

RELUCTANT = knowledge_with(notice_min_complaints=1e9)


def reported(state: State, *moments: int, known: Knowledge | None = None) -> State:
    for now in moments:
        for fault in state.faults.faults:
            fault.touch()
        report(state, known or small_knowledge(), now=now)
    return state


def only(state: State) -> Notice:
    (notice,) = state.notice_book.notices.values()
    return notice


def test_a_sure_outage_is_told_at_once_whatever_it_costs() -> None:
    state = fresh_state()
    sure_outage(state, "H1")
    reported(state, NOON + 600, known=RELUCTANT)
    assert (only(state).state, only(state).changes[0].why) == ("issued", "outage")
    assert state.notices[0].issued_at == NOON + 600


@pytest.mark.parametrize(("least", "states"), [(1e9, []), (0.0, ["worth"])], ids=["dear", "cheap"])
def test_a_hidden_fault_is_told_when_a_notice_costs_less_than_it_saves(
    least: float, states: list[str]
) -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", family="radio")
    fault.counters_exist, fault.episodes = 6.0, {(int(fault.cells[0]), 0): NOON}
    reported(state, NOON + 600, known=knowledge_with(notice_min_complaints=least))
    assert [n.changes[0].why for n in state.notice_book.notices.values()] == states


@pytest.mark.parametrize(
    ("approval", "site", "out"),
    [("none", "V1", 1), ("severe", "V1", 0), ("severe", "H1", 1), ("all", "H1", 0)],
)
def test_a_draft_that_needs_a_word_is_issued_by_nobody_in_a_run(
    approval: str, site: str, out: int
) -> None:
    state = fresh_state()
    sure_outage(state, site)
    reported(state, NOON + 600, NOON + HOUR, known=knowledge_with(notice_approval=approval))
    assert len(state.notices) == out
    assert only(state).state == ("issued" if out else "drafted")


def test_a_draft_is_issued_at_the_step_after_its_approval() -> None:
    state = fresh_state()
    sure_outage(state, "H1")
    known = knowledge_with(notice_approval="all")
    reported(state, NOON + 600, known=known)
    state.notice_book.put(life.approve(only(state), at=NOON + 700, who="Li"))
    reported(state, NOON + 900, known=known)
    assert [c.action for c in only(state).changes] == ["drafted", "approved", "issued"]
    assert [n.issued_at for n in state.notices] == [NOON + 900]


def test_a_draft_nobody_approved_lapses_with_its_fault() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    known = knowledge_with(notice_approval="all")
    reported(state, NOON + 600, known=known)
    fault.ended_at = NOON + HOUR
    reported(state, NOON + 2 * HOUR, known=known)
    assert (only(state).state, only(state).reason) == ("ended", "lapsed")
    assert state.notices == []


def test_what_a_person_withdrew_the_program_does_not_tell_again() -> None:
    state = fresh_state()
    sure_outage(state, "H1")
    reported(state, NOON + 600)
    state.notice_book.put(life.withdraw(only(state), at=NOON + 900, who="Li", why="a test"))
    reported(state, NOON + HOUR, NOON + 5 * HOUR)
    assert len(state.notice_book.notices) == 1
    assert (state.notices[0].valid_until, state.notices[0].end_reason) == (NOON + HOUR, "withdrawn")


def test_an_overdue_repair_gets_a_new_time_every_two_hours_at_least() -> None:
    state = fresh_state()
    sure_outage(state, "H1")
    reported(state, *(NOON + 600 + h * HOUR for h in range(48)))
    overdue = [c for c in only(state).changes if c.why == "overdue"]
    gaps = [b.at - a.at for a, b in zip(overdue, overdue[1:], strict=False)]
    assert len(overdue) > 5
    assert max(gaps) <= 2 * HOUR
    assert all(c.due_at > c.at for c in overdue)


def test_a_notice_goes_to_the_province_as_soon_as_its_fault_is_severe() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reported(state, NOON + 600)
    assert only(state).content.level == "county"
    wider = sure_outage(fresh_state(), "H1", "V1")
    fault.add_cells(wider.cells, 1.0)
    reported(state, NOON + 900)
    assert (only(state).content.level, only(state).content.severe_because) == ("province", "vip")
    assert (only(state).changes[-1].why, len(state.notices)) == ("severe", 2)


def test_a_fault_that_paused_must_be_over_for_longer_than_that() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reported(state, NOON + 600)
    fault.ended_at = NOON + HOUR
    reported(state, NOON + HOUR)
    fault.ended_at = None
    reported(state, NOON + 5 * HOUR)
    fault.ended_at = NOON + 6 * HOUR
    reported(state, NOON + 6 * HOUR, NOON + 11 * HOUR)
    assert only(state).state == "issued"
    reported(state, NOON + 12 * HOUR)
    assert (only(state).state, only(state).reason) == ("ended", "cleared")
