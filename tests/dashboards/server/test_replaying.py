"""A replay waits as the clock does, but not for what came before the day it is asked for."""

import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from contract.settings import Settings
from correlate.live.replay import Batch
from dashboards.server.replaying import Pace, Replay


class Ending(threading.Event):
    """An end that never comes and notes how long was waited for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Note it."""
        self.waits.append(timeout or 0.0)
        return False


class Told:
    """A writer and steps that remember."""

    def __init__(self) -> None:
        self.until: list[int] = []

    def go_until(self, moment: int) -> None:
        """Remember a moment."""
        self.until.append(moment)

    def submit(self, sent: object) -> Future[list[Any]]:
        """Take everything."""
        del sent
        done: Future[list[Any]] = Future()
        done.set_result([])
        return done


@pytest.mark.parametrize(
    ("since", "waited"),
    [(0.0, [0.0, 3.0, 6.0]), (1500.0, [1.0, 6.0]), (99_999.0, [])],
    ids=["from the first", "from within", "from after the last"],
)
def test_waiting_begins_with_the_day_asked_for(since: float, waited: list[float]) -> None:
    told, ending = Told(), Ending()
    pace = Pace(Path("bundle"), 100.0, since)
    replay = Replay(pace, Settings(), told, told)  # type: ignore[arg-type]
    for number, at in ((1, 1300), (2, 1600), (3, 2200)):
        assert not replay._paced(Batch(number, at, ()), ending)
        replay._go(at)
    assert ending.waits == pytest.approx(waited, abs=0.2)
    assert told.until == [1300, 1600, 2200]
