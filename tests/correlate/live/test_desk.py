"""Questions about tickets are answered beside the steps, with what `investigate` says, and change nothing."""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.bundles import read_bundle
from contract.ledger.store import open_ledger
from contract.settings import Settings
from correlate.case.investigation import investigate
from correlate.knowledge import gather
from correlate.live.desk import Copies, ask
from correlate.live.driver import Driver
from correlate.live.intake import Intake
from correlate.live.replay import US, batches
from tests.correlate.live.small_bundle import STEP_S, write_bundle

PATIENCE_S = 30.0


class Live:
    """A driver over a bundle that was sent up to the last complaint, which no step has taken yet."""

    def __init__(self, folder: Path, home: Path) -> None:
        bundle = read_bundle(folder, Settings())
        self.folder, self.ledger = folder, open_ledger(f"sqlite:///{home}/ledger.db")
        knowledge = gather(bundle.tables, Settings())
        intake = Intake(self.ledger, home, Settings(), bundle.tables)
        self.driver = Driver(self.ledger, knowledge, home, "this version", time.time)
        self.driver.recover()
        last = int(bundle.tables["complaints"]["arrived_at"].max().timestamp())
        for batch in batches(bundle.tables, step_s=STEP_S, after=0):
            if batch.at > last + STEP_S:
                break
            intake.take(batch.submissions, now_us=batch.at * US)
            self.now = batch.at
            while batch.at <= last and self.driver.advance(batch.at) is not None:
                pass
        self.socket = Path(tempfile.mkdtemp(prefix="desk-")) / "desk"
        self.copies = Copies(self.socket)

    def ask(self, ticket_id: str) -> dict[str, Any] | None:
        """Return what is told of a ticket while the process of the steps goes on."""
        told: list[dict[str, Any] | None] = []
        asking = threading.Thread(
            target=lambda: told.append(
                ask(self.socket, ticket_id, now=self.now, patience_s=PATIENCE_S)
            )
        )
        asking.start()
        while asking.is_alive():
            self.copies.tend(self.driver)
            asking.join(0.02)
        return told[0]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A driver with copies."""
    folder = write_bundle(tmp_path_factory.mktemp("bundle"))
    live = Live(folder, tmp_path_factory.mktemp("home"))
    yield live
    live.copies.close()
    live.ledger.close()
    shutil.rmtree(live.socket.parent)


def test_case_is_the_one_that_investigate_makes(live: Live) -> None:
    told = live.ask("T1")
    assert told is not None
    at = told["case"]["asked_at"]
    expected = investigate(live.folder, "T1", Settings(), at=at)
    del expected["language"]
    assert told["case"] == json.loads(json.dumps(expected))
    assert told["case"]["counters"]["cells"]
    assert told["case"]["alarms"]["rows"]


def test_ticket_that_no_step_took_is_told_of_at_once(live: Live) -> None:
    assert "T5" not in live.driver.state.tickets
    told = live.ask("T5")
    assert told is not None
    assert (told["is_final"], told["case"]["ticket_id"]) == (False, "T5")
    assert told["case"]["causes"]


def test_question_changes_nothing(live: Live) -> None:
    before = (live.driver.number, live.driver.seq, live.driver.state.now)
    live.ask("T5")
    assert "T5" not in live.driver.state.tickets
    assert (live.driver.number, live.driver.seq, live.driver.state.now) == before


def test_ticket_there_is_not_is_told_as_such(live: Live) -> None:
    assert live.ask("T99") == {"case": None}


def test_nothing_later_than_the_moment_asked_is_told(live: Live) -> None:
    live.now -= 2 * STEP_S
    try:
        live.copies.close()
        live.copies = Copies(live.socket)
        assert live.ask("T5") == {"case": None}
    finally:
        live.now += 2 * STEP_S


def test_nobody_listening_is_no_error(tmp_path: Path) -> None:
    assert ask(tmp_path / "none", "T1", now=0, patience_s=1.0) is None
