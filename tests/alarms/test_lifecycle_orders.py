"""The book of alarms is a function of the set of what arrived; old books stay as they were."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from alarms.book import AlarmBook
from alarms.lifecycle import update_book

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")
SEVERITIES = ["critical", "major", "minor", "warning"]


def instants(minutes: Any) -> pd.DatetimeIndex:
    return START + pd.to_timedelta(np.asarray(minutes, dtype=float), unit="min").as_unit("us")


def story(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make alarms of few identities, some told in several versions, and their clearings, stamped."""
    rng = np.random.default_rng(seed)
    count = 120
    number = rng.integers(0, 60, count)
    first = rng.integers(0, 300, 60)
    raised = pd.DataFrame(
        {
            "alarm_id": [f"A{n}" for n in number],
            "object_id": [f"S{n % 5}" for n in number],
            "name": np.array(["Fan", "Link", "Power"])[number % 3],
            "severity": np.array(SEVERITIES)[rng.integers(0, 4, count)],
            "raised_at": instants(first[number] + rng.integers(0, 2, count)),
            "arrived_at": instants(first[number] + rng.integers(0, 40, count)),
            "ack_state": np.where(rng.random(count) < 0.2, "acknowledged", ""),
        }
    )
    gone = rng.choice(60, 40, replace=False)
    cleared = pd.DataFrame(
        {
            "alarm_id": [f"A{n}" for n in gone] + [f"A{gone[0]}"],
            "cleared_at": instants([*(first[gone] + rng.integers(-2, 60, 40)), 200]),
            "clear_arrived_at": instants([*(first[gone] + 60), 400]),
        }
    )
    return raised, cleared


def told(raised: pd.DataFrame, cleared: pd.DataFrame, rng: np.random.Generator) -> AlarmBook:
    """Feed rows in random order and chunks, some of them twice."""
    rows = rng.permutation(np.r_[np.arange(len(raised)), rng.integers(0, len(raised), 30)])
    gone = rng.permutation(np.r_[np.arange(len(cleared)), rng.integers(0, len(cleared), 10)])
    parts = int(rng.integers(1, 30))
    book = AlarmBook()
    pairs = zip(np.array_split(rows, parts), np.array_split(gone, parts), strict=True)
    for new, over in pairs:
        book = update_book(book, raised.iloc[new], cleared.iloc[over], START + pd.Timedelta("1D"))
    return book


def test_twenty_orders_and_chunkings_give_the_identical_book() -> None:
    raised, cleared = story(3)
    books = [told(raised, cleared, np.random.default_rng(seed)) for seed in range(20)]
    for book in books[1:]:
        pd.testing.assert_frame_equal(book.alarms, books[0].alarms)
        pd.testing.assert_frame_equal(book.in_force(), books[0].in_force())
        assert book.orphans == books[0].orphans
        first = books[0].in_force_columns()
        for name, values in book.in_force_columns().items():
            np.testing.assert_array_equal(values, first[name])


def test_working_out_step_by_step_is_working_out_at_once() -> None:
    rng = np.random.default_rng(8)
    count = 1500
    at = np.sort(rng.integers(0, 4000, count)) + rng.random(count)
    raised = pd.DataFrame(
        {
            "alarm_id": [f"A{n}" for n in range(count)],
            "object_id": [f"S{n}" for n in rng.integers(0, 12, count)],
            "name": "Fan",
            "raised_at": instants(at),
        }
    )
    cleared = raised[["alarm_id"]].assign(cleared_at=instants(at + rng.exponential(20.0, count)))
    cleared = cleared[rng.random(count) < 0.9]
    now = START + pd.Timedelta("4D")
    whole = update_book(AlarmBook(), raised, cleared, now)
    book = AlarmBook()
    for first in range(0, 4100, 100):
        mine = (raised["raised_at"] > instants([first])[0]) & (
            raised["raised_at"] <= instants([first + 100])[0]
        )
        over = (cleared["cleared_at"] > instants([first])[0]) & (
            cleared["cleared_at"] <= instants([first + 100])[0]
        )
        book = update_book(book, raised[mine], cleared[over], now)
    rest = cleared[cleared["cleared_at"] > instants([4100])[0]]
    book = update_book(book, raised[raised["raised_at"] <= START], rest, now)
    pd.testing.assert_frame_equal(book.alarms, whole.alarms)


def row(alarm_id: str, minute: float, **other: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {"alarm_id": [alarm_id], "object_id": "S1", "name": "Fan", "raised_at": instants([minute])}
        | {name: [value] for name, value in other.items()}
    )


def over(alarm_id: str, minute: float) -> pd.DataFrame:
    return pd.DataFrame({"alarm_id": [alarm_id], "cleared_at": instants([minute])})


def test_the_worst_severity_of_an_episode_is_kept_beside_the_current_one() -> None:
    book = update_book(AlarmBook(), row("A", 0, severity="critical"), None, START)
    book = update_book(book, row("A", 0, severity="minor"), None, START + pd.Timedelta("1min"))
    alarm = book.alarms.iloc[0]
    assert (alarm["severity"], alarm["worst_severity"]) == ("minor", "critical")
    book = update_book(book, row("B", 3, severity="warning"), over("A", 2), START)
    assert set(book.alarms["worst_severity"]) == {"critical"}


def test_an_alarm_raised_again_under_its_id_after_its_clearing_is_in_force() -> None:
    steps = [(row("A", 0), None), (None, over("A", 4)), (row("A", 9), None)]
    for order in ([0, 1, 2], [1, 0, 2]):
        book = AlarmBook()
        for number in order:
            now = START + pd.Timedelta(minutes=10 + order.index(number))
            book = update_book(book, *steps[number], now)
        assert book.in_force()["rule"].tolist() == ["RAISE-3"]


def test_a_row_told_earlier_that_comes_late_changes_nothing_but_the_worst_severity() -> None:
    late = row("A", 0, severity="critical", arrived_at=START)
    book = update_book(
        AlarmBook(), row("A", 0, severity="minor", arrived_at=instants([5])[0]), None, START
    )
    book = update_book(book, late, None, START + pd.Timedelta("1h"))
    assert book.alarms[["severity", "worst_severity"]].to_numpy().tolist() == [
        ["minor", "critical"]
    ]


def test_acknowledgement_is_kept_and_neither_ends_nor_hides() -> None:
    at = instants([3])[0]
    acked = row("A", 0, ack_state="acknowledged", ack_at=at, ack_user="desk 4")
    book = update_book(update_book(AlarmBook(), row("A", 0), None, START), acked, None, START)
    alarm = book.in_force().iloc[0]
    assert (alarm["ack_state"], alarm["ack_at"], alarm["ack_user"]) == (
        "acknowledged",
        at,
        "desk 4",
    )
    assert alarm["rule"] == "RAISE-1"
    assert len(book.in_force_columns()["alarm_id"]) == 1
    again = update_book(book, row("A", 0, severity="major"), None, START + pd.Timedelta("1h"))
    assert again.in_force()["ack_state"].tolist() == ["acknowledged"]


def test_books_made_from_one_book_do_not_touch_each_other() -> None:
    base = update_book(AlarmBook(), row("A", 0), None, START)
    one = update_book(base, row("B", 1), over("A", 2), START)
    other = update_book(base, row("C", 1), None, START)
    third = update_book(one, row("D", 3), None, START)
    assert base.alarms["alarm_id"].tolist() == ["A"]
    assert one.alarms["alarm_id"].tolist() == ["A", "B"]
    assert other.alarms[["alarm_id", "rule"]].to_numpy().tolist() == [
        ["A", "CLEAR-2"],
        ["C", "RAISE-2"],
    ]
    assert set(third.alarms["alarm_id"]) == {"A", "B", "D"}
    assert base.in_force()["alarm_id"].tolist() == ["A"]


def test_history_holds_the_identity_and_nothing_else() -> None:
    rows = pd.concat([row("A", 0), row("B", 60), row("C", 5, object_id="S2")], ignore_index=True)
    book = update_book(AlarmBook(), rows, None, START + pd.Timedelta("2h"))
    assert book.history(["A"])["alarm_id"].tolist() == ["A", "B"]
    assert len(book.history(["unknown"])["alarm_id"]) == 0


@pytest.mark.parametrize("count", [1, 20_000], ids=["one", "more than a block"])
def test_clearings_find_their_alarms_in_any_block(count: int) -> None:
    rows = pd.DataFrame(
        {
            "alarm_id": [f"A{n}" for n in range(count)],
            "object_id": [f"S{n}" for n in range(count)],
            "name": "Fan",
            "raised_at": instants(np.arange(count) / 100),
        }
    )
    book = update_book(AlarmBook(), rows, None, START)
    ids = rows["alarm_id"].iloc[:: max(1, count // 7)]
    gone = pd.DataFrame({"alarm_id": ids, "cleared_at": instants(np.full(len(ids), 300.0))})
    book = update_book(book, None, gone, START)
    assert len(book.in_force()) == count - len(ids)
    assert set(book.alarms.loc[book.alarms["ended_at"].notna(), "alarm_id"]) == set(ids)
