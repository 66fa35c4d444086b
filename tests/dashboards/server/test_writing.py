"""Rows wait in bounds, are written together, and one bad request does not spoil the others."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from contract.errors import InputError
from contract.ledger.arrivals import Entry
from correlate.live.submissions import Outcome, Submission
from dashboards.server.writing import BehindError, Writer


class Told:
    """An intake that remembers what it was given together and can't use what is called bad."""

    def __init__(self) -> None:
        self.together: list[list[str]] = []

    def take(
        self, submissions: Sequence[Submission], *, now_us: int
    ) -> tuple[list[Outcome], list[Entry]]:
        """Take all, or raise."""
        del now_us
        names = [one.source for one in submissions]
        self.together.append(names)
        if "bad" in names:
            raise InputError("bad")
        if "broken" in names:
            raise ZeroDivisionError
        return [Outcome(one.sent) for one in submissions], []


@pytest.fixture
def writer() -> Iterator[Writer]:
    """A writer that does not write yet."""
    writer = Writer(Told(), 10, lambda: 0, len)  # type: ignore[arg-type]
    yield writer
    writer.stop()


def send(writer: Writer, source: str, rows: int = 1) -> Future[Any]:
    """Submit rows."""
    return writer.submit([Submission("alarms", source, sent=rows)])


def test_too_many_waiting_rows_are_turned_away(writer: Writer) -> None:
    send(writer, "first", rows=6)
    send(writer, "second", rows=4)
    with pytest.raises(BehindError):
        send(writer, "third")


def test_one_request_larger_than_all_that_may_wait_is_taken_alone(writer: Writer) -> None:
    assert not send(writer, "large", rows=1000).done()


def test_what_waits_is_written_together_and_room_is_made(writer: Writer) -> None:
    futures = [send(writer, name, rows=5) for name in ("a", "b")]
    writer.start()
    assert [future.result(10)[0].received for future in futures] == [5, 5]
    assert writer.intake.together == [["a", "b"]]  # type: ignore[attr-defined]
    assert send(writer, "c", rows=10).result(10)[0].received == 10


@pytest.mark.parametrize(("name", "error"), [("bad", InputError), ("broken", ZeroDivisionError)])
def test_a_bad_request_fails_alone(writer: Writer, name: str, error: type[Exception]) -> None:
    futures = [send(writer, one) for one in ("a", name, "b")]
    writer.start()
    assert futures[0].result(10)[0].received == 1
    assert futures[2].result(10)[0].received == 1
    with pytest.raises(error):
        futures[1].result(10)
    assert writer.is_alive


def test_what_waits_is_written_before_the_end(writer: Writer) -> None:
    future = send(writer, "last")
    writer.start()
    writer.stop()
    assert future.result(0)[0].received == 1


def test_a_sender_who_gave_up_does_not_stop_the_writing(writer: Writer) -> None:
    futures = [send(writer, name) for name in ("gone", "stays")]
    assert futures[0].cancel()
    writer.start()
    assert futures[1].result(10)[0].received == 1
    assert writer.intake.together == [["stays"]]  # type: ignore[attr-defined]
    assert send(writer, "later").result(10)[0].received == 1


def test_rows_whose_news_can_not_be_told_are_not_acknowledged_and_writing_goes_on() -> None:
    told = []

    def on_fresh(fresh: Sequence[Entry]) -> None:
        told.append(fresh)
        if len(told) == 1:
            raise RuntimeError("nobody listens")

    writer = Writer(Told(), 10, lambda: 0, on_fresh)  # type: ignore[arg-type]
    writer.start()
    assert send(writer, "one").exception(10) is not None
    assert send(writer, "again").result(10)[0].received == 1
    writer.stop()
