"""What people do reaches notices, incidents and what is learned, in order, and what comes too late is refused."""

from typing import Any

import pytest

from contract.ledger.acts import Deed
from correlate.acts.taking import take_acts
from correlate.faults import Fault
from correlate.knowledge import Knowledge
from correlate.notices.notice import Notice
from correlate.reporting import report
from correlate.state import State
from correlate.step import step
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arrivals,
    fresh_state,
    knowledge_with,
    make_ticket,
    small_knowledge,
    sure_outage,
)

APPROVED_FIRST = knowledge_with(notice_approval="all")


def deed(kind: str, subject: str, number: str, act_id: str = "a1", **content: Any) -> Deed:
    """Return an act of Li."""
    return Deed(act_id, "li", kind, subject, number, {"text": ""} | content)


def told_of(
    *sites: str, known: Knowledge | None = None, now: int = NOON + 600
) -> tuple[State, list[Fault], list[str]]:
    """Return a state in which outages of sites were reported, their faults and incidents."""
    state = fresh_state()
    faults = [
        sure_outage(state, site, alarm_ids={f"A-{site}"}, last_sign_at=NOON) for site in sites
    ]
    report(state, known or small_knowledge(), now=now)
    return state, faults, [state.incidents[f.number].incident_id for f in faults]


def stepped(
    state: State, *deeds: Deed, known: Knowledge | None = None, now: int = NOON + 900
) -> dict[str, tuple[str, str]]:
    """Take one step with acts and return what became of each."""
    _, issued = step(state, known or small_knowledge(), arrivals(acts=deeds), now=now)
    return {str(r["act_id"]): (str(r["outcome"]), str(r["detail"])) for r in issued.acts}


def only(state: State) -> Notice:
    """Return the one notice."""
    (notice,) = state.notice_book.notices.values()
    return notice


def test_an_approved_draft_is_issued_with_the_same_step() -> None:
    state, _, _ = told_of("H1", known=APPROVED_FIRST)
    assert only(state).state == "drafted"
    told = stepped(state, deed("approve", "notice", "NT-000001"), known=APPROVED_FIRST)
    assert told == {"a1": ("done", "")}
    assert [(c.action, c.who) for c in only(state).changes[1:]] == [
        ("approved", "li"),
        ("issued", "program"),
    ]
    assert [row.issued_at for row in state.notices] == [NOON + 900]


def test_a_draft_is_issued_by_a_person() -> None:
    state, _, _ = told_of("H1", known=APPROVED_FIRST)
    told = stepped(state, deed("issue", "notice", "NT-000001", text="Known."), known=APPROVED_FIRST)
    assert told == {"a1": ("done", "")}
    assert (only(state).state, only(state).changes[-1].who) == ("issued", "li")
    assert len(state.notices) == 1


def test_a_notice_that_a_person_withdrew_stays_away_until_that_is_taken_back() -> None:
    state, (fault,), _ = told_of("H1")
    stepped(state, deed("withdraw", "notice", "NT-000001", text="Not so."))
    assert (only(state).state, only(state).reason) == ("withdrawn", "Not so.")
    assert (state.notices[0].end_reason, state.open_notice) == ("withdrawn", {})
    fault.touch()
    stepped(state, now=NOON + 1200)
    assert len(state.notice_book.notices) == 1
    told = stepped(state, deed("undo", "notice", "NT-000001", "a2", undoes="a1"), now=NOON + 1500)
    assert told == {"a2": ("done", ""), "a1": ("undone", "")}
    assert [n.state for n in state.notice_book.notices.values()] == ["withdrawn", "issued"]


def test_an_edited_notice_says_what_was_written_and_again_what_it_said() -> None:
    state, _, _ = told_of("H1")
    before = only(state).content.scripts["agent_zh"]
    stepped(state, deed("edit", "notice", "NT-000001", scripts={"agent_zh": "抢修中。"}))
    assert only(state).content.scripts["agent_zh"] == "抢修中。"
    assert state.notices[-1].script == "抢修中。"
    assert state.notices[-1].revises == state.notices[0].interception_id
    stepped(state, deed("undo", "notice", "NT-000001", "a2", undoes="a1"), now=NOON + 1200)
    assert only(state).content.scripts["agent_zh"] == before


def test_a_script_that_a_notice_lacks_can_not_be_edited() -> None:
    state, _, _ = told_of("H1")
    told = stepped(state, deed("edit", "notice", "NT-000001", scripts={"fax_zh": "x"}))
    assert told == {"a1": ("refused", "no_such_script")}


def test_a_notice_is_due_when_a_person_said_and_again_as_reckoned() -> None:
    state, _, (incident,) = told_of("H1")
    reckoned = only(state).content.due_at
    due = NOON + 3 * HOUR
    stepped(state, deed("repair_time", "incident", incident, due_at=due))
    assert (only(state).content.due_at, only(state).changes[-1].why) == (due, "repair")
    stepped(state, deed("undo", "incident", incident, "a2", undoes="a1"), now=NOON + 4000)
    assert only(state).content.due_at == reckoned


def test_a_time_that_went_by_is_refused() -> None:
    state, _, (incident,) = told_of("H1")
    told = stepped(state, deed("repair_time", "incident", incident, due_at=NOON))
    assert told == {"a1": ("refused", "time_gone")}


def test_a_closed_incident_ends_with_the_cause_that_was_named() -> None:
    state, (fault,), (incident,) = told_of("H1")
    assert state.incidents[fault.number].cause == "site_outage"
    stepped(state, deed("close", "incident", incident, cause="power_failure"))
    found = state.incidents[fault.number]
    assert (found.ended_at, found.cause) == (NOON + 900, "power_failure")
    assert [c.rule for c in state.life.changes[fault.number]][-2:] == ["END-7", "CAUSE-1"]
    told = stepped(
        state, deed("close", "incident", incident, "a2", cause="power_failure"), now=NOON + 1200
    )
    assert told == {"a2": ("refused", "incident_over")}


def test_closing_is_taken_back_with_what_was_learned() -> None:
    state, (fault,), (incident,) = told_of("H1")
    stepped(state, deed("close", "incident", incident, cause="power_failure"))
    told = stepped(state, deed("undo", "incident", incident, "a2", undoes="a1"), now=NOON + 1200)
    assert told == {"a2": ("done", ""), "a1": ("undone", "")}
    found = state.incidents[fault.number]
    assert (found.ended_at, found.cause, fault.orders) == (None, "site_outage", 0)
    assert "AGAIN-4" in [c.rule for c in state.life.changes[fault.number]]


def test_what_a_person_opened_again_lasts_until_a_person_closes_it() -> None:
    state, (fault,), (incident,) = told_of("H1")
    fault.alarm_open = False
    stepped(state)
    assert state.incidents[fault.number].ended_at is not None
    told = stepped(state, deed("reopen", "incident", incident), now=NOON + 1200)
    assert told == {"a1": ("done", "")}
    stepped(state, now=NOON + 5 * HOUR)
    assert fault.is_open
    stepped(state, deed("close", "incident", incident, "a2", cause="unknown"), now=NOON + 6 * HOUR)
    assert not fault.is_open


def test_merged_incidents_go_on_as_one_and_say_who_merged_them() -> None:
    state, (one, other), (first, second) = told_of("H1", "V1")
    told = stepped(state, deed("merge", "incident", second, into=first))
    assert told == {"a1": ("done", "")}
    assert state.faults.merged_into == {other.number: one.number}
    assert set(other.cells) <= set(one.cells)
    last = state.life.changes[one.number][-1]
    assert (last.rule, last.detail, last.other) == ("MERGE-4", "li", other.number)
    told = stepped(state, deed("close", "incident", second, "a2", cause="unknown"), now=NOON + 1200)
    assert told == {"a2": ("refused", "merged")}


def test_an_act_taken_back_before_the_step_comes_to_nothing() -> None:
    state, (one, _), (first, second) = told_of("H1", "V1")
    told = stepped(
        state,
        deed("merge", "incident", second, into=first),
        deed("undo", "incident", second, "a2", undoes="a1"),
    )
    assert told == {"a1": ("undone", ""), "a2": ("done", "")}
    assert state.faults.merged_into == {}
    assert one.is_open


def test_a_verdict_on_a_ticket_waits_for_its_diagnosis_and_teaches_once() -> None:
    state, _, _ = told_of("H1")
    state.tickets["T1"] = make_ticket("T1", cell="H1-L")
    verdict = deed("verdict", "ticket", "T1", cause="power_failure", reply="")
    assert take_acts(state, small_knowledge(), [verdict], now=NOON) == []
    state.tickets["T1"].diagnosed_at = NOON + HOUR
    (row,) = take_acts(state, small_knowledge(), [], now=NOON + HOUR)
    assert (row["act_id"], row["outcome"], row["detail"]) == ("a1", "done", "")
    assert state.verdicts == [("T1", "power_failure")]
    again = deed("verdict", "ticket", "T1", "a2", cause="power_failure", reply="")
    (row,) = take_acts(state, small_knowledge(), [again], now=NOON + HOUR)
    assert (row["outcome"], row["detail"]) == ("done", "known")
    assert state.verdicts == [("T1", "power_failure")]


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (deed("approve", "notice", "NT-000001"), "not_draft"),
        (deed("withdraw", "notice", "NT-9"), "unknown"),
        (deed("close", "incident", "INC-9", cause="unknown"), "unknown"),
        (deed("reopen", "incident", "INC-20260310-00001"), "incident_open"),
        (deed("undo", "incident", "INC-20260310-00001", undoes="none"), "not_undoable"),
        (deed("verdict", "ticket", "T-9", cause="unknown", reply=""), "unknown"),
    ],
    ids=lambda value: f"{value.subject_kind} {value.kind}" if isinstance(value, Deed) else value,
)
def test_what_can_not_be_done_is_refused_with_a_word(act: Deed, why: str) -> None:
    state, _, _ = told_of("H1")
    assert stepped(state, act) == {"a1": ("refused", why)}
