"""Run the step in a process of its own, so that pages and feeds never wait for it.

The process tells its parent what it did through a pipe, ends when the parent is gone, and ends to begin anew when the
inventory changed.

Simple so far: one process takes all steps; a new inventory means that all steps are taken again.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from contract.errors import InputError
from contract.ledger.store import open_ledger
from contract.logs import log_lines
from contract.settings import Settings
from correlate.garbage import collected_seldom
from correlate.live.desk import Copies
from correlate.live.driver import Driver
from correlate.live.fingerprints import fingerprint, inventory_fingerprint
from correlate.live.inventories import known_network

logger = logging.getLogger(__name__)
WALL = -1
"""In place of a moment: the clock of the day holds."""
PAUSE_S = 0.1
INVENTORY_EVERY_S = 30.0
ENDED_BY_INPUT = 2


@dataclass
class StepProcess:
    """A process that takes steps: its end of the pipe, and how far it may go (seconds since 1970, or `WALL`)."""

    process: Any
    messages: Connection
    until: Any

    @property
    def is_alive(self) -> bool:
        """Tell whether the process is there."""
        return bool(self.process.is_alive())


def start_steps(settings: Settings, until: Any, desk: Path) -> StepProcess:
    """Start the process; `until` is a shared number, `desk` the file of the socket where questions are put."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(
        target=take_steps,
        args=(settings, there, until, os.getpid(), desk),
        name="steps",
        daemon=True,
    )
    process.start()
    there.close()
    return StepProcess(process, here, until)


def shared_moment(value: int) -> Any:
    """Return a number that processes share."""
    return multiprocessing.get_context("spawn").Value("q", value)


def take_steps(
    settings: Settings, messages: Connection, until: Any, parent: int, desk: Path
) -> None:
    """Take steps for as long as the parent is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    log_lines()
    try:
        driver, seen = _made(settings)
    except InputError as error:
        messages.send({"kind": "failed", "reason": str(error)})
        raise SystemExit(ENDED_BY_INPUT) from error
    with collected_seldom():
        again = driver.recover()
        messages.send({"kind": "ready", "steps_again": again, "step": driver.number})
        going = _Going(Path(str(settings.inventory)), seen, Copies(desk))
    _go_on(driver, messages, until, going)


def _made(settings: Settings) -> tuple[Driver, str]:
    """Return the driver and the fingerprint of the inventory it is made with."""
    inventory, history = Path(str(settings.inventory)), Path(str(settings.history))
    seen = inventory_fingerprint(inventory)
    driver = Driver(
        ledger=open_ledger(str(settings.ledger)),
        knowledge=known_network(settings),
        history=history,
        fingerprint=fingerprint(settings, inventory),
        clock=time.time,
    )
    return driver, seen


@dataclass(frozen=True)
class _Going:
    """What the steps look at on their way: the inventory they were made with, and who answers questions."""

    inventory: Path
    seen: str
    copies: Copies


def _go_on(driver: Driver, messages: Connection, until: Any, going: _Going) -> None:
    """Take each step when it is due; return when the inventory changed."""
    looked_at = told_at = time.monotonic()
    while True:
        limit = int(until.value)
        taken = driver.advance(int(time.time()) if limit == WALL else limit)
        going.copies.tend(driver)
        now = time.monotonic()
        if taken is not None:
            messages.send(
                {"kind": "step", "step": taken.number, "at": taken.at, "changed": taken.changed}
            )
            continue
        if now - told_at > 1.0:
            told_at = now
            messages.send({"kind": "alive", "step": driver.number})
        if now - looked_at > INVENTORY_EVERY_S:
            looked_at = now
            if inventory_fingerprint(going.inventory) != going.seen:
                logger.info("the inventory changed; the steps begin anew with it")
                return
        time.sleep(PAUSE_S)


def end_with(parent: int) -> None:
    """End this process at once when its parent is gone."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)
