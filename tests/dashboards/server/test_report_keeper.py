"""The report of the day is drawn up by itself, once, also where a restart missed its hour."""

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.ledger import schema
from contract.ledger.arrivals import Entry, append
from contract.ledger.reports import report_rows
from contract.ledger.store import Ledger, open_ledger, put
from contract.settings import Settings
from dashboards.server import report_keeper
from dashboards.server.pushing import Message
from dashboards.server.report_drawing import Asked, Drawn
from dashboards.server.report_keeper import ReportKeeper

ZONE = ZoneInfo("Asia/Shanghai")
ENDING = threading.Event()


def at(day: int, hour: int, minute: int = 0) -> int:
    """Return a moment of March 2026 of the operator."""
    return int(dt.datetime(2026, 3, day, hour, minute, tzinfo=ZONE).timestamp())


@dataclass
class Desk:
    """What draws up nothing but keeps what it was asked for."""

    answers: list[Drawn] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def draw(self, settings: Settings, asked: Asked, is_ending: threading.Event) -> Drawn | None:
        """Keep it."""
        del settings, is_ending
        self.asked.append(asked)
        return self.answers.pop(0) if self.answers else Drawn()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger to which something came in the night to 10 March."""
    made = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    with made.writing() as connection:
        append(connection, [Entry("alarms", "A1", "d", "{}", at(10, 1) * 1_000_000)])
        put(connection, schema.STEPS, [{"number": 1, "at": at(10, 2), "upto_seq": 1}])
    yield made
    made.close()


def keeper_at(
    tmp_path: Path, ledger: Ledger, desk: Desk, moments: list[int], *, is_ready: bool = True
) -> list[Message]:
    """Let a keeper look at some moments and return what it told."""
    told: list[Message] = []
    left = list(moments)
    keeper = ReportKeeper(
        Settings(history=tmp_path),
        ledger,
        clock=lambda: left[0],
        is_ready=lambda: is_ready,
        tell=told.append,
        draw=desk.draw,
    )
    while left:
        keeper.look(ENDING)
        left.pop(0)
    return told


def names(ledger: Ledger) -> list[tuple[str, str]]:
    """Return what stands in the ledger."""
    with ledger.reading() as connection:
        return [(row["report_id"], row["state"]) for row in report_rows(connection, most=9)]


def test_nothing_is_drawn_up_before_the_hour(tmp_path: Path, ledger: Ledger) -> None:
    desk = Desk()
    keeper_at(tmp_path, ledger, desk, [at(10, 7, 29), at(10, 7, 34)])
    assert desk.asked == []


def test_each_day_is_drawn_up_once_at_its_hour(tmp_path: Path, ledger: Ledger) -> None:
    desk = Desk()
    moments = [at(10, 7, 36), at(10, 9), at(11, 7, 20), at(11, 7, 36), at(11, 23)]
    told = keeper_at(tmp_path, ledger, desk, moments)
    assert [(a.report_id, a.hour) for a in desk.asked] == [("2026-03-10", 7.5), ("2026-03-11", 7.5)]
    assert names(ledger) == [("2026-03-11", "made"), ("2026-03-10", "made")]
    assert {message["kind"] for message in told} == {"report"}


def test_what_a_restart_missed_is_made_up_for_once(tmp_path: Path, ledger: Ledger) -> None:
    desk = Desk()
    keeper_at(tmp_path, ledger, desk, [at(14, 16)])
    keeper_at(tmp_path, ledger, desk, [at(14, 17), at(15, 3)])
    assert [asked.report_id for asked in desk.asked] == ["2026-03-14"]


def test_no_report_before_the_steps_have_caught_up(tmp_path: Path, ledger: Ledger) -> None:
    desk = Desk()
    keeper_at(tmp_path, ledger, desk, [at(10, 9)], is_ready=False)
    assert desk.asked == []


def test_no_report_before_all_that_came_by_its_hour_was_given_to_a_step(
    tmp_path: Path, ledger: Ledger
) -> None:
    desk = Desk()
    with ledger.writing() as connection:
        append(connection, [Entry("alarms", "A2", "d", "{}", at(10, 7) * 1_000_000)])
    keeper_at(tmp_path, ledger, desk, [at(10, 9)])
    assert desk.asked == []
    with ledger.writing() as connection:
        put(connection, schema.STEPS, [{"number": 2, "at": at(10, 8), "upto_seq": 2}])
    keeper_at(tmp_path, ledger, desk, [at(10, 9)])
    assert len(desk.asked) == 1


def test_a_server_to_which_nothing_came_stays_quiet(tmp_path: Path) -> None:
    desk, empty = Desk(), open_ledger(f"sqlite:///{tmp_path}/empty.db")
    keeper_at(tmp_path, empty, desk, [at(10, 9)])
    assert desk.asked == []
    empty.close()


def test_a_failure_is_put_down_and_tried_again_but_not_for_ever(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_keeper, "AGAIN_AFTER_S", 0.0)
    desk = Desk([Drawn(failure="no room")] * 5)
    keeper_at(tmp_path, ledger, desk, [at(10, 8)] * 6)
    assert len(desk.asked) == report_keeper.MOST_TRIES
    assert names(ledger) == [("2026-03-10", "failed")]


def test_a_report_asked_for_bears_its_hour_and_who_asked(tmp_path: Path, ledger: Ledger) -> None:
    desk, is_ready = Desk(), [False]
    keeper = ReportKeeper(
        Settings(history=tmp_path, serve_report_hour=23.0),
        ledger,
        clock=lambda: at(10, 14, 25),
        is_ready=lambda: is_ready[0],
        tell=lambda _: None,
        draw=desk.draw,
    )
    assert [keeper.ask("li") for _ in range(4)] == [*["2026-03-10T1425"] * 3, None]
    keeper.look(ENDING)
    assert desk.asked == []
    is_ready[0] = True
    keeper.look(ENDING)
    assert desk.asked[0].by == "li"
    assert desk.asked[0].hour == pytest.approx(14 + 25 / 60)
    assert names(ledger) == [("2026-03-10T1425", "made")]
