"""Lost clearings are inferred from service and fresh lists, and give way to what is reported."""

from typing import Any

import pandas as pd
import pytest

from alarms.book import AlarmBook
from alarms.lifecycle import update_book
from alarms.lost_clearings import with_resync, with_service_seen
from contract.errors import MissingColumnsError

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")


def at(hours: float) -> pd.Timestamp:
    return (START + pd.Timedelta(hours=hours)).as_unit("us")


def raised(*rows: tuple[str, str, float], effect: str = "down") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "alarm_id": [row[0] for row in rows],
            "object_id": [row[1] for row in rows],
            "name": "Cell Unavailable",
            "raised_at": pd.DatetimeIndex([at(row[2]) for row in rows]),
            "service_effect": effect,
        }
    )


def service(**since: float | None) -> pd.DataFrame:
    """Return cells of S1 with the hour since which they serve, None where they don't."""
    instants = [pd.NaT if hours is None else at(hours) for hours in since.values()]
    return pd.DataFrame(
        {
            "object_id": list(since),
            "site_id": "S1",
            "since": pd.DatetimeIndex(instants, tz="UTC").as_unit("us"),
        }
    )


def book_of(*rows: tuple[str, str, float], **other: Any) -> AlarmBook:
    return update_book(AlarmBook(), raised(*rows, **other), None, at(0.1))


def test_a_cell_that_has_served_for_an_hour_ends_its_alarm_when_service_was_seen() -> None:
    book = book_of(("A", "C1", 0))
    seen = service(C1=2)
    before = seen.copy(deep=True)
    assert with_service_seen(book, seen, at(2.9)) is book
    ended = with_service_seen(book, seen, at(3))
    alarm = ended.alarms.iloc[0]
    assert (alarm["rule"], alarm["ended_at"], alarm["is_inferred"]) == ("CLEAR-4", at(2), True)
    assert ended.in_force().empty
    assert len(book.in_force()) == 1
    pd.testing.assert_frame_equal(seen, before)


@pytest.mark.parametrize(
    ("effect", "minute"),
    [("degraded", 0.0), ("threat", 0.0), ("none", 0.0), ("down", 2.5)],
    ids=["degraded", "threat", "no effect", "raised after service was seen"],
)
def test_other_alarms_are_not_ended_by_service(effect: str, minute: float) -> None:
    book = book_of(("A", "C1", minute), effect=effect)
    assert with_service_seen(book, service(C1=2), at(9)) is book


@pytest.mark.parametrize(
    ("cells", "is_ended"),
    [
        ({"C1": 1.0, "C2": 2.0}, True),
        ({"C1": 1.0, "C2": None}, False),
        ({"C1": None, "C2": None}, False),
    ],
    ids=["all serve", "one is out", "none serves"],
)
def test_a_site_is_back_when_its_cells_are(cells: dict[str, float | None], is_ended: bool) -> None:
    book = with_service_seen(book_of(("A", "S1", 0)), service(**cells), at(9))
    assert book.in_force().empty == is_ended
    if is_ended:
        assert book.alarms["ended_at"].tolist() == [at(2)]


def test_unknown_cells_neither_prove_nor_deny_as_long_as_most_are_known() -> None:
    seen = service(C1=1, C2=1, C3=None).assign(is_known=[True, True, False])
    assert with_service_seen(book_of(("A", "S1", 0)), seen, at(9)).in_force().empty
    fewer = service(C1=1, C2=None, C3=None).assign(is_known=[True, False, False])
    assert len(with_service_seen(book_of(("A", "S1", 0)), fewer, at(9)).in_force()) == 1


def test_a_clearing_reported_later_takes_the_place_of_the_inferred_one() -> None:
    book = with_service_seen(book_of(("A", "C1", 0)), service(C1=2), at(4))
    gone = pd.DataFrame({"alarm_id": ["A"], "cleared_at": [at(1.5)]})
    alarm = update_book(book, None, gone, at(5)).alarms.iloc[0]
    assert (alarm["rule"], alarm["ended_at"], alarm["is_inferred"]) == ("CLEAR-1", at(1.5), False)


@pytest.mark.parametrize("alarm_id", ["A", "B"], ids=["under its id", "under a new id"])
def test_an_alarm_that_returns_is_in_force_again(alarm_id: str) -> None:
    book = with_service_seen(book_of(("A", "C1", 0)), service(C1=2), at(4))
    book = update_book(book, raised((alarm_id, "C1", 5)), None, at(5.1))
    assert book.in_force()["alarm_id"].tolist() == [alarm_id]


def test_a_fresh_list_without_an_alarm_ends_it() -> None:
    rows = raised(("A", "C1", 0), ("B", "C1", 0), ("C", "C2", 0), ("D", "C1", 2.5))
    book = update_book(AlarmBook(), rows.assign(name=["Link", "Fan", "Fan", "VSWR"]), None, at(0.1))
    active = pd.DataFrame({"object_id": ["C1"], "at": [at(2)], "alarm_id": ["B"]})
    after = with_resync(book, active, at(3))
    told = dict(zip(after.alarms["alarm_id"], after.alarms["rule"], strict=True))
    assert told["A"] == "CLEAR-5"
    assert set(after.in_force()["alarm_id"]) == {"B", "C", "D"}
    assert with_resync(book, active, at(1)) is book


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnsError, match="`service` lacks columns \\['site_id'\\]"):
        with_service_seen(book_of(("A", "C1", 0)), service(C1=2).drop(columns="site_id"), at(4))
