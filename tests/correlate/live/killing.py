"""Play a bundle into a ledger as a server would, and kill whoever plays at random moments until one comes through."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Table, select

from contract.bundles import Bundle
from contract.ledger.acts import Deed
from contract.ledger.arrivals import latest_us
from contract.ledger.store import Ledger, open_ledger
from contract.settings import Settings
from correlate.knowledge import Knowledge
from correlate.live.driver import Driver
from correlate.live.intake import Intake
from correlate.live.replay import SOURCE, US, batches
from tests.correlate.live.small_bundle import STEP_S

FAR = 2**50
BEFORE_DEEDS = 3
"""Batches before the first act."""
OFTEN_S = 0.2


@dataclass(frozen=True)
class Play:
    """What is played: a bundle, what a run over it knows, and an act of somebody with each batch from the fourth on."""

    bundle: Bundle
    known: Knowledge
    deeds: Sequence[Deed] = ()

    def into(self, ledger: Ledger, home: Path, *, every_s: float) -> Driver:
        """Send what was not sent yet, and take all steps, from wherever the ledger stands."""
        intake = Intake(ledger, home, Settings(), self.bundle.tables)
        driver = Driver(
            ledger, self.known, home, "this version", time.time, snapshot_every_s=every_s
        )
        driver.recover()
        with ledger.reading() as connection:
            reached = latest_us(connection, SOURCE)
        after = 0 if reached is None else -(-reached // (STEP_S * US))
        whole = list(batches(self.bundle.tables, step_s=STEP_S))
        numbers = [batch.number for batch in whole[BEFORE_DEEDS:]]
        deeds = dict(zip(numbers, self.deeds, strict=False))
        assert len(deeds) == len(self.deeds)
        for batch in whole:
            if batch.number <= after:
                continue
            own = [deeds[batch.number]] if batch.number in deeds else []
            intake.take([*batch.submissions, *own], now_us=batch.at * US)
            while driver.advance(batch.at) is not None:
                pass
        while driver.advance(FAR) is not None:
            pass
        return driver

    def killed_often(self, address: str, home: Path, *, kills: int, seed: int) -> int:
        """Play in processes of their own, each killed but the last; return how many were killed."""
        rng, killed = np.random.default_rng(seed), 0
        while True:
            child = os.fork()
            if child == 0:
                os._exit(self._in_child(address, home))
            if killed < kills:
                time.sleep(float(rng.uniform(0.05, 1.5)))
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if os.WIFEXITED(status):
                assert os.WEXITSTATUS(status) == 0
                return killed
            killed += 1

    def _in_child(self, address: str, home: Path) -> int:
        """Play with a snapshot after every few steps; return the exit code."""
        try:
            self.into(open_ledger(address), home, every_s=OFTEN_S)
        except BaseException as error:  # noqa: BLE001 - a child of a test must never go on as the test
            os.write(2, repr(error).encode())
            return 1
        return 0


def contents(ledger: Ledger, tables: Sequence[Table]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of tables."""
    with ledger.reading() as connection:
        return {
            table.name: sorted(
                (dict(row) for row in connection.execute(select(table)).mappings()), key=str
            )
            for table in tables
        }
