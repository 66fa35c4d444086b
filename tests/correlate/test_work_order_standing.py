"""Where a work order stands: state, limits and counts from what people did to it."""

from typing import Any

import pytest

from contract.errors import InputError
from correlate.work_order_process import load_process
from correlate.work_order_standing import Standing, check_ticket_act, due_of, standing_of

HOUR = 3600
PROCESS = load_process()


def act(hour: float, kind: str, **content: Any) -> dict[str, Any]:
    """Return an act of Li."""
    return {
        "act_id": f"{kind}{hour}",
        "at": int(hour * HOUR),
        "who": "li",
        "kind": kind,
        "content": content,
    }


def stands(*acts: dict[str, Any], **given: Any) -> Standing:
    """Return where a work order of hour 0 stands."""
    return standing_of(PROCESS, 0, acts, **given)


def test_untouched_one_is_to_be_accepted_first() -> None:
    due = due_of(PROCESS, stands(), now=HOUR)
    assert due is not None
    assert (due.kind, due.at, due.is_over) == ("accept", 2 * HOUR, False)


def test_accepted_one_is_to_be_answered_by_whoever_accepted_it() -> None:
    standing = stands(act(1, "acknowledge"), act(2, "assign", to="wang"))
    due = due_of(PROCESS, standing, now=3 * HOUR)
    assert due is not None
    assert (due.kind, due.at) == ("solve", 48 * HOUR)
    assert (standing.state, standing.assigned_to, standing.first_responsible) == (
        "assigned",
        "wang",
        "li",
    )


def test_escalated_one_has_the_shorter_limit() -> None:
    due = due_of(PROCESS, stands(escalations=["regulator", "repeat"]), now=HOUR)
    assert due is not None
    assert (due.at, due.is_over) == (15 * 60, True)


def test_sleep_stops_the_clock() -> None:
    asleep = stands(act(1, "acknowledge"), act(2, "state", state="asleep", text="no key"))
    assert due_of(PROCESS, asleep, now=40 * HOUR) is None
    woken = stands(
        act(1, "acknowledge"),
        act(2, "state", state="asleep", text="no key"),
        act(12, "state", state="accepted"),
    )
    due = due_of(PROCESS, woken, now=13 * HOUR)
    assert due is not None
    assert due.at == 58 * HOUR


def test_answered_customer_is_called_back_within_a_day() -> None:
    answered = stands(act(1, "acknowledge"), act(5, "reply_sent", reply="repaired"))
    due = due_of(PROCESS, answered, now=6 * HOUR)
    assert due is not None
    assert (due.kind, due.at, answered.reply) == ("call_back", 29 * HOUR, "repaired")
    called = stands(
        act(1, "acknowledge"),
        act(5, "reply_sent", reply="repaired"),
        act(6, "state", state="called_back"),
    )
    assert due_of(PROCESS, called, now=40 * HOUR) is None


def test_sheet_and_words_to_the_customer_are_kept_apart() -> None:
    standing = stands(
        act(1, "acknowledge"),
        act(2, "verdict", cause="power_failure", reply="mains back at noon"),
        act(3, "reply_sent", reply="it works again"),
    )
    assert (standing.cause, standing.sheet, standing.reply) == (
        "power_failure",
        "mains back at noon",
        "it works again",
    )


def test_rejections_are_counted() -> None:
    rejected = stands(
        act(1, "acknowledge"),
        act(2, "reply_sent", reply="a"),
        act(3, "state", state="rejected", text="does not say what was done"),
        act(4, "reply_sent", reply="b"),
        act(5, "state", state="rejected", text="again"),
    )
    assert rejected.counts == {"rejected": 2}
    assert rejected.reply == "b"


def test_act_taken_back_leaves_no_trace() -> None:
    undo = {"act_id": "u", "at": 3 * HOUR, "who": "li", "kind": "undo"}
    standing = stands(
        act(1, "acknowledge"),
        act(2, "assign", to="wang"),
        undo | {"content": {"undoes": "assign2"}},
    )
    assert (standing.state, standing.assigned_to) == ("accepted", "")


def test_order_of_acts_is_that_of_time() -> None:
    acts = [act(1, "acknowledge"), act(2, "assign", to="wang")]
    assert stands(*acts) == stands(*acts[::-1])


def test_feed_closes_and_people_reopen() -> None:
    closed = stands(act(1, "acknowledge"), closed_at=2 * HOUR)
    assert (closed.state, due_of(PROCESS, closed, now=99 * HOUR)) == ("archived", None)
    again = stands(act(1, "acknowledge"), act(3, "reopen", text="not repaired"), closed_at=2 * HOUR)
    assert again.state == "accepted"


@pytest.mark.parametrize(
    ("acts", "kind", "content", "reason"),
    [
        ([], "close", {}, "archived"),
        ([], "state", {"state": "flying"}, "flying"),
        ([act(1, "acknowledge")], "state", {"state": "asleep"}, "reason"),
        ([act(1, "acknowledge")], "acknowledge", {}, "comes to"),
        ([act(1, "acknowledge")], "close", {}, "comes to"),
    ],
)
def test_way_that_is_not_there_is_refused(
    acts: list[dict[str, Any]], kind: str, content: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        check_ticket_act(PROCESS, stands(*acts), kind, content)


@pytest.mark.parametrize("kind", ["comment", "verdict", "undo"])
def test_what_moves_nothing_may_always_be_done(kind: str) -> None:
    check_ticket_act(PROCESS, stands(), kind, {})
