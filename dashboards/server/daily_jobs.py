"""Make the daily back-up at its hour, and let go of what was kept long enough.

The folder of back-ups says what was done, so a stop over the hour is made up for.

Simple so far: by the clock of the day, also in a replay; what fails is logged and tried again an hour later.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from contract.errors import InputError
from contract.ledger.backup import latest_backups, make_backup, prune_backups
from contract.ledger.purging import Retention, load_retention, purge_arrivals
from contract.ledger.store import Ledger
from contract.settings import Settings
from correlate.live.fingerprints import fingerprint
from correlate.live.snapshots import covered_seq
from dashboards.server.due_days import last_due
from dashboards.server.writing import US

logger = logging.getLogger(__name__)
LOOK_EVERY_S = 30.0
AGAIN_AFTER_S = 3600.0
STATES_AFTER_S = 600.0
"""How long until it is looked again whether the saved states are of this version."""


@dataclass
class DailyJobs:
    """What is done once a day; `clock` gives seconds since 1970."""

    settings: Settings
    ledger: Ledger
    clock: Callable[[], float] = time.time
    retention: Retention = field(init=False)
    _not_before: float = 0.0
    _purged: str = ""

    def __post_init__(self) -> None:
        """Read how long what arrived is kept."""
        self.retention = load_retention(self.settings.serve_retention)

    def run(self, is_ending: threading.Event) -> None:
        """Do what is due until the server ends."""
        while not is_ending.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """Do what is due now."""
        if self.clock() < self._not_before:
            return
        try:
            self._back_up()
            self._purge()
        except (InputError, SQLAlchemyError, OSError):
            self._not_before = self.clock() + AGAIN_AFTER_S
            logger.exception("the work of the day failed; it is tried again in an hour")

    def _back_up(self) -> None:
        """Make the back-up of the day, if it lacks."""
        folder = self.settings.serve_backup_folder
        if folder is None:
            return
        day, _ = last_due(int(self.clock()), self.settings.serve_backup_hour, self.settings.zone)
        if any(path.name >= day.isoformat() for path in latest_backups(folder)):
            return
        began = time.monotonic()
        told = make_backup(
            str(self.settings.ledger), Path(str(self.settings.history)), folder / day.isoformat()
        )
        logger.info(
            "backed up %d files, %d bytes, in %.1f s",
            told.files,
            told.size,
            time.monotonic() - began,
        )
        for name in prune_backups(folder, kept=self.settings.serve_backup_kept):
            logger.info("let go of the back-up %s", name)

    def _purge(self) -> None:
        """Let go of what was kept long enough, once a day after the back-up."""
        now = int(self.clock())
        day, _ = last_due(now, self.settings.serve_backup_hour, self.settings.zone)
        if self._purged == day.isoformat():
            return
        history, inventory = Path(str(self.settings.history)), Path(str(self.settings.inventory))
        upto = covered_seq(history, fingerprint=fingerprint(self.settings, inventory))
        if not upto:
            self._not_before = now + STATES_AFTER_S
            return
        purge_arrivals(self.ledger, history, self.retention, now_us=now * US, upto=upto)
        self._purged = day.isoformat()
