"""Draw up a daily report in a process of its own, so that neither pages nor steps wait for it.

Simple so far: one report at a time; the state is read and brought up to date anew for each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Collection
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from contract.errors import InputError
from contract.ledger.store import open_ledger
from contract.logs import log_lines
from contract.settings import Settings
from correlate.daily.county_report import report_within
from correlate.daily.kept_report import kept_report
from correlate.daily.report import day_report
from correlate.live.process import end_with
from correlate.live.results import write_result
from dashboards.delivery.letter import FILE as LETTERS
from dashboards.report_documents import write_documents

logger = logging.getLogger(__name__)
FOLDER, RUN, COUNTIES = "reports", ".run", ".counties"
MOST_S = 3600.0
NICE = 10
POLL_S = 0.2


@dataclass(frozen=True)
class Asked:
    """A report that is to be drawn up: its name, its day, the local hour as of which it is known, and who asked.

    With `counties` it is cut down to them, from the report of the whole network that was drawn up before.
    """

    report_id: str
    day: dt.date
    hour: float
    by: str = ""
    counties: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Drawn:
    """What became of it: why it failed (empty: it did not), and what is lacking."""

    failure: str = ""
    lacking: str = ""


def report_folder(settings: Settings, report_id: str) -> Path:
    """Return where the documents of a report are."""
    return Path(str(settings.history)) / FOLDER / report_id


def county_folder(settings: Settings, report_id: str, counties: Collection[str]) -> Path:
    """Return where the documents of a report of some counties alone are, once somebody asked for them."""
    digest = hashlib.sha256("|".join(sorted(counties)).encode()).hexdigest()[:32]
    return Path(str(settings.history)) / FOLDER / COUNTIES / report_id / digest


def is_drawn(settings: Settings, report_id: str, counties: Collection[str]) -> bool:
    """Tell whether a report of some counties was drawn up since that of the whole network was."""
    whole = report_folder(settings, report_id) / LETTERS
    own = county_folder(settings, report_id, counties) / LETTERS
    try:
        return own.stat().st_mtime_ns >= whole.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def draw(settings: Settings, asked: Asked, is_ending: threading.Event) -> Drawn | None:
    """Return what became of drawing up a report; None where the server ends before."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process: Any = context.Process(
        target=_draw, args=(settings, asked, there, os.getpid()), name="report", daemon=True
    )
    process.start()
    there.close()
    waited = 0.0
    try:
        while not here.poll(POLL_S):
            waited += POLL_S
            if is_ending.is_set():
                return None
            if waited > MOST_S:
                return Drawn(failure=f"it took longer than {MOST_S / 60:.0f} minutes")
        told = here.recv()
    except EOFError:
        process.join(5)
        return Drawn(failure=f"its process ended with {process.exitcode}")
    finally:
        _end(process, is_wanted=waited <= MOST_S and not is_ending.is_set())
        here.close()
    return Drawn(**told)


def _end(process: Any, *, is_wanted: bool) -> None:
    """Let a process end by itself, or end it."""
    if not is_wanted:
        process.terminate()
    process.join(10)
    if process.is_alive():
        process.kill()
        process.join()


def _draw(settings: Settings, asked: Asked, told: Connection, parent: int) -> None:
    """Draw up a report and tell what became of it."""
    os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    log_lines()
    try:
        lacking = draw_here(settings, asked)
    except InputError as error:
        told.send({"failure": str(error)})
        return
    told.send({"lacking": lacking})


def draw_here(settings: Settings, asked: Asked) -> str:
    """Draw up a report in this process and return what is lacking.

    Raises
    ------
    InputError
        If there is nothing to report on, or a folder can't be written.
    """
    if asked.counties:
        report = kept_report(report_folder(settings, asked.report_id))
        folder = county_folder(settings, asked.report_id, asked.counties)
        return write_documents(report_within(report, asked.counties), folder)
    run = Path(str(settings.history)) / FOLDER / RUN
    ledger = open_ledger(str(settings.ledger))
    try:
        reached = write_result(ledger, settings, run)
    finally:
        ledger.close()
    report = day_report(run, asked.day, settings.model_copy(update={"report_hour": asked.hour}))
    lacking = write_documents(report, report_folder(settings, asked.report_id))
    logger.info(
        "drew up the report %s; the state took %.1f s, %d steps taken again",
        asked.report_id,
        reached.seconds,
        reached.again,
    )
    return lacking
