from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from contract.errors import InputError
from correlate.notices import notice as life
from correlate.notices.notice import Content, Notice, NoticeBook

SAID = Content(
    cause="site_outage", object_id="H1", cells=np.array([0, 1]), sites=frozenset({0}), county="Hills",
    towns=("Hill",), places=(), since=0, due_at=7200, repair_class="D2", grade="C",
    services=("calls",), users=900.0, real=0.9, expected=2.0, low=0.0, high=6.0, untaught=2.0, so_far=0.0,
    severe_because="",    unit="site maintenance Hills", scripts={},
)  # fmt: skip


def drafted() -> Notice:
    return life.draft("NT-1", SAID, incident_id="INC-1", fault=7, at=100, why="outage")


def test_a_notice_is_drafted_approved_issued_revised_and_ended_and_tells_all_of_it() -> None:
    notice = life.approve(drafted(), at=160, who="Li", why="seen on the map")
    notice = life.issue(notice, at=200)
    notice = life.revise(notice, replace(SAID, due_at=9000), at=300, why="repair", who="Wang")
    notice = life.end(notice, at=400, why="cleared")
    assert (notice.state, notice.revision, notice.over_at, notice.reason) == (
        "ended", 1, 400, "cleared",
    )  # fmt: skip
    assert (notice.approved_by, notice.approved_at, notice.issued_at) == ("Li", 160, 200)
    told = [(c.at, c.action, c.who, c.why, c.due_at) for c in notice.changes]
    assert told == [
        (100, "drafted", "program", "outage", 7200),
        (160, "approved", "Li", "seen on the map", 7200),
        (200, "issued", "program", "", 7200),
        (300, "revised", "Wang", "repair", 9000),
        (400, "ended", "program", "cleared", 9000),
    ]


def test_a_change_leaves_the_notice_it_was_given_as_it_was() -> None:
    before = drafted()
    life.withdraw(before, at=150, why="mistaken")
    assert (before.state, len(before.changes)) == ("drafted", 1)


OVER = life.end(drafted(), at=120, why="lapsed")
OUT = life.issue(drafted(), at=120)


@pytest.mark.parametrize(
    ("action", "notice"),
    [
        (lambda n: life.approve(n, at=200, who="Li"), OUT),
        (lambda n: life.issue(n, at=200), OUT),
        (lambda n: life.revise(n, SAID, at=200, why="cells"), OVER),
        (lambda n: life.withdraw(n, at=200, why="mistaken"), OVER),
        (lambda n: life.end(n, at=200, why="cleared"), OVER),
    ],
    ids=["approve what is out", "issue what is out", "revise", "withdraw", "end what is over"],
)
def test_what_cannot_follow_is_refused_by_name(action: Any, notice: Notice) -> None:
    with pytest.raises(InputError, match=f"NT-1 is {notice.state}"):
        action(notice)


def test_a_severe_notice_is_for_the_province() -> None:
    assert (SAID.level, replace(SAID, severe_because="vip").level) == ("county", "province")


def test_a_book_finds_the_notice_of_a_fault_until_it_is_over() -> None:
    book = NoticeBook()
    notice = book.put(drafted())
    assert book.of_fault(7) is notice
    book.put(life.end(notice, at=200, why="lapsed"))
    assert book.of_fault(7) is None
    assert book.notices["NT-1"].state == "ended"


def test_a_book_knows_the_longest_pause_of_a_fault() -> None:
    book = NoticeBook()
    for ended_at, now in ((1000, 1300), (None, 1600), (2000, 2300), (None, 2200)):
        book.note_pause(7, ended_at, now=now)
    assert book.pauses == {7: 600}
