"""Alarms of announced work are muted while it lasts and no longer."""

import pandas as pd
import pytest

from alarms.book import AlarmBook
from alarms.lifecycle import update_book
from alarms.muting import with_works

START = pd.Timestamp("2026-03-02 00:00", tz="UTC")


def at(hours: float) -> pd.Timestamp:
    return (START + pd.Timedelta(hours=hours)).as_unit("us")


def book_of(object_id: str, hours: float) -> AlarmBook:
    raised = pd.DataFrame(
        {"alarm_id": ["A"], "object_id": [object_id], "name": "Fan", "raised_at": [at(hours)]}
    )
    return update_book(AlarmBook(), raised, None, at(hours))


def works(until: float = 3) -> pd.DataFrame:
    return pd.DataFrame({"object_id": ["S1", "C1"], "since": at(1), "until": at(until)})


def rule_of(book: AlarmBook) -> tuple[str, bool]:
    alarm = book.alarms.iloc[0]
    return str(alarm["rule"]), bool(alarm["is_muted"])


@pytest.mark.parametrize(
    ("object_id", "hours", "expected"),
    [
        ("S1", 2.0, True),
        ("C1/TRX-2", 2.0, True),
        ("S1", 0.9, True),
        ("S1", 3.4, True),
        ("S2", 2.0, False),
        ("S1", 0.5, False),
        ("S1", 3.6, False),
    ],
    ids=[
        "within",
        "part of a cell",
        "just before",
        "just after",
        "elsewhere",
        "long before",
        "long after",
    ],
)
def test_what_is_raised_around_the_work_on_its_objects_is_muted(
    object_id: str, hours: float, expected: bool
) -> None:
    book = with_works(book_of(object_id, hours), works(), at(hours))
    assert rule_of(book)[1] == expected
    assert len(book.in_force()) == 1


def test_what_is_in_force_after_the_work_is_muted_no_more() -> None:
    book = with_works(book_of("S1", 2), works(), at(2))
    assert rule_of(with_works(book, works(), at(3.4))) == ("MUTE-1", True)
    assert rule_of(with_works(book, None, at(3.5))) == ("MUTE-2", False)


def test_work_that_takes_longer_mutes_longer() -> None:
    book = with_works(book_of("S1", 2), works(), at(2))
    assert rule_of(with_works(book, works(until=6), at(4))) == ("MUTE-1", True)


def test_the_clearing_of_a_muted_alarm_is_recorded() -> None:
    book = with_works(book_of("S1", 2), works(), at(2))
    gone = pd.DataFrame({"alarm_id": ["A"], "cleared_at": [at(2.5)]})
    book = with_works(update_book(book, None, gone, at(2.6)), works(), at(9))
    assert rule_of(book) == ("CLEAR-1", False)


def test_nothing_to_mute_returns_the_same_book_and_leaves_the_works_alone() -> None:
    book, table = book_of("S2", 2), works()
    before = table.copy(deep=True)
    assert with_works(book, table, at(2)) is book
    assert with_works(book, None, at(2)) is book
    pd.testing.assert_frame_equal(table, before)
