"""The life cycle: what is in force, in whatever order it is told."""

import itertools

import numpy as np
import pandas as pd
import pytest

from alarms.lifecycle import AlarmBook, update_book
from contract.errors import MissingColumnsError

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")


def at(minutes: float) -> pd.Timestamp:
    return START + pd.Timedelta(minutes=minutes)


def raised(*rows: tuple[str, float], object_id: str = "S1", name: str = "Fan") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "alarm_id": [row[0] for row in rows],
            "object_id": object_id,
            "name": name,
            "raised_at": pd.DatetimeIndex([at(row[1]) for row in rows]).as_unit("us"),
        }
    )


def cleared(*rows: tuple[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "alarm_id": [row[0] for row in rows],
            "cleared_at": pd.DatetimeIndex([at(row[1]) for row in rows]).as_unit("us"),
        }
    )


def rule_of(book: AlarmBook) -> dict[str, str]:
    return dict(zip(book.alarms["alarm_id"], book.alarms["rule"], strict=True))


def test_an_alarm_is_in_force_until_it_is_cleared() -> None:
    book = update_book(AlarmBook(), raised(("A", 0)), None, at(1))
    assert book.in_force()["alarm_id"].tolist() == ["A"]
    book = update_book(book, None, cleared(("A", 9)), at(10))
    assert book.in_force().empty
    assert book.in_force(since=at(8))["alarm_id"].tolist() == ["A"]
    assert rule_of(book) == {"A": "CLEAR-1"}


def test_a_clearing_that_lies_ahead_in_the_row_is_not_looked_at() -> None:
    table = raised(("A", 0)).assign(cleared_at=at(9))
    book = update_book(AlarmBook(), table, None, at(1))
    assert len(book.in_force()) == 1


def test_a_clearing_may_come_before_its_alarm() -> None:
    book = update_book(AlarmBook(), None, cleared(("A", 9)), at(10))
    assert dict(book.orphans).keys() == {"A"}
    book = update_book(book, raised(("A", 0)), None, at(20))
    assert book.in_force().empty
    assert not book.orphans


def test_a_clearing_before_the_raising_ends_the_alarm_at_once() -> None:
    book = update_book(AlarmBook(), raised(("A", 5)), cleared(("A", 1)), at(10))
    assert rule_of(book) == {"A": "CLEAR-3"}
    assert book.alarms["ended_at"].tolist() == [at(5)]


def test_the_same_alarm_told_twice_counts_once() -> None:
    once = update_book(AlarmBook(), raised(("A", 0)), None, at(1))
    twice = update_book(once, raised(("A", 0)), None, at(2))
    pd.testing.assert_frame_equal(once.alarms, twice.alarms)


def test_other_content_is_a_change_and_keeps_the_clearing() -> None:
    book = update_book(AlarmBook(), raised(("A", 0)), cleared(("A", 3)), at(5))
    book = update_book(book, raised(("A", 0), name="Fan Stalled"), None, at(6))
    assert book.alarms["name"].tolist() == ["Fan Stalled"]
    assert book.in_force().empty


def test_a_change_in_force_is_marked() -> None:
    book = update_book(AlarmBook(), raised(("A", 0)), None, at(5))
    book = update_book(book, raised(("A", 1)), None, at(6))
    assert rule_of(book) == {"A": "CHANGE-1"}


def test_a_second_raising_without_clearing_is_the_same_alarm() -> None:
    book = update_book(AlarmBook(), raised(("A", 0), ("B", 60)), None, at(61))
    assert rule_of(book) == {"A": "CLEAR-2", "B": "RAISE-2"}
    assert book.in_force()["first_raised_at"].tolist() == [at(0)]


def test_a_return_within_five_minutes_is_a_flap() -> None:
    book = update_book(AlarmBook(), raised(("A", 0), ("B", 24)), cleared(("A", 20)), at(30))
    last = book.in_force().iloc[0]
    assert (last["rule"], last["repeats"], last["is_flapping"]) == ("FLAP-1", 2, True)
    assert (last["first_raised_at"], last["last_raised_at"]) == (at(0), at(24))


def test_three_raisings_in_ten_minutes_are_chattering() -> None:
    cycles = raised(("A", 0), ("B", 2), ("C", 9)), cleared(("A", 1), ("B", 3))
    book = update_book(AlarmBook(), *cycles, at(10))
    last = book.in_force().iloc[0]
    assert (last["rule"], last["repeats"]) == ("FLAP-2", 3)


def test_a_return_after_an_hour_is_a_new_alarm() -> None:
    book = update_book(AlarmBook(), raised(("A", 0), ("B", 80)), cleared(("A", 20)), at(90))
    assert book.in_force()["repeats"].tolist() == [1]


def test_other_objects_and_names_do_not_touch_each_other() -> None:
    both = pd.concat([raised(("A", 0)), raised(("B", 1), object_id="S2")], ignore_index=True)
    book = update_book(AlarmBook(), both, None, at(5))
    assert set(book.alarms["rule"]) == {"RAISE-1"}


def test_any_order_of_arrival_gives_the_same_state() -> None:
    events = [
        (raised(("A", 0)), None), (None, cleared(("A", 4))), (raised(("B", 6)), None),
        (None, cleared(("B", 8))), (raised(("C", 9)), None),
    ]  # fmt: skip
    states = []
    for order in itertools.permutations(events):
        book = AlarmBook()
        for new, gone in order:
            book = update_book(book, new, gone, at(20))
        states.append(book.alarms.sort_values("alarm_id", ignore_index=True))
    for state in states[1:]:
        pd.testing.assert_frame_equal(states[0], state)


def test_nothing_arriving_returns_the_same_book() -> None:
    book = update_book(AlarmBook(), raised(("A", 0)), None, at(1))
    assert update_book(book, None, None, at(6)) is book
    assert update_book(book, raised(), cleared(), at(6)) is book


def test_what_ended_ten_days_ago_is_forgotten_and_what_is_in_force_is_not() -> None:
    table = pd.concat([raised(("A", 0)), raised(("B", 0), object_id="S2")], ignore_index=True)
    book = update_book(AlarmBook(), table, cleared(("A", 5)), at(6))
    book = update_book(book, None, None, at(0) + pd.Timedelta(days=11))
    assert book.alarms["alarm_id"].tolist() == ["B"]


def test_inputs_and_earlier_books_stay_as_they_are() -> None:
    first, gone = raised(("A", 0)), cleared(("A", 3))
    before = first.copy(deep=True), gone.copy(deep=True)
    old = update_book(AlarmBook(), first, None, at(1))
    snapshot = {name: values.copy() for name, values in old.columns.items()}
    update_book(old, raised(("B", 4)), gone, at(5))
    pd.testing.assert_frame_equal(first, before[0])
    pd.testing.assert_frame_equal(gone, before[1])
    for name, values in snapshot.items():
        np.testing.assert_array_equal(old.columns[name], values)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnsError, match="`raised` lacks columns \\['name'\\]"):
        update_book(AlarmBook(), raised(("A", 0)).drop(columns="name"), None, at(1))
