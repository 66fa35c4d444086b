"""Replay a bundle through the intake of the server, time running as much faster as asked.

What was sent before a crash is known by the ledger; the replay goes on after it.

Simple so far: the steps wait for the rows, so a speed beyond what the machine can do is not reached.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from contract.bundles import read_bundle
from contract.ledger.arrivals import latest_us
from contract.ledger.store import Ledger
from contract.settings import Settings
from correlate.live.replay import SOURCE, US, Batch, batches
from dashboards.server.step_keeper import StepKeeper
from dashboards.server.writing import Writer

logger = logging.getLogger(__name__)
AFTER_END_S = 4 * 24 * 3600
"""How long the clock runs on after the last row, so that all that is held is diagnosed."""


@dataclass(frozen=True)
class Pace:
    """What is replayed, how much faster than the clock, and from when on (seconds since 1970): all before at once."""

    bundle: Path
    speed: float
    since: float = 0.0


@dataclass
class Replay:
    """A bundle that is sent as it arrived."""

    pace: Pace
    settings: Settings
    writer: Writer
    steps: StepKeeper
    is_over: bool = False
    _at: float = 0.0
    _since: float = field(default_factory=time.monotonic)

    def now_us(self) -> int:
        """Return the moment that the replay has reached, microseconds since 1970."""
        gone = (time.monotonic() - self._since) * self.pace.speed
        return int((self._at + min(gone, self.settings.step_min * 60)) * US)

    def run(self, ledger: Ledger, is_ending: threading.Event) -> None:
        """Send the bundle and let the steps follow."""
        tables = read_bundle(self.pace.bundle, self.settings).tables
        step_s = int(self.settings.step_min * 60)
        with ledger.reading() as connection:
            reached = latest_us(connection, SOURCE)
        after = 0 if reached is None else -(-reached // (step_s * US))
        self._go(after * step_s)
        for batch in batches(tables, step_s=step_s, after=after):
            if self._paced(batch, is_ending):
                return
            self.writer.submit(batch.submissions).result()
            self._go(batch.at)
        logger.info("the replay of %s is over", self.pace.bundle.name)
        self.is_over = True
        self.steps.go_until(int(self._at) + AFTER_END_S)

    def _go(self, at: float) -> None:
        """Let the clock and the steps come to a moment."""
        self._at, self._since = at, time.monotonic()
        self.steps.go_until(int(at))

    def _paced(self, batch: Batch, is_ending: threading.Event) -> bool:
        """Wait until a batch is due; return whether the server ends."""
        if batch.at < self.pace.since:
            return is_ending.is_set()
        begun = max(self._at, self.pace.since)
        wait = (batch.at - begun) / self.pace.speed if self._at else 0.0
        return is_ending.wait(max(0.0, wait - (time.monotonic() - self._since)))
