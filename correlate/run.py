"""Run the step over a bundle in the order its rows arrived, and write every output table.

Simple so far: the step has one process (words of complaints may be read in others); the state is not saved between
steps.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from contract.bundles import Bundle, read_bundle
from contract.folders import check_replaceable
from contract.outputs import WRITTEN_NAMES, write_outputs
from contract.settings import Settings
from correlate.daybook import daybook_tables
from correlate.diagnosis import Note
from correlate.feed import Feed, Scored, build_feed
from correlate.garbage import collected_seldom
from correlate.intake import learn_wording
from correlate.knowledge import Knowledge, gather
from correlate.schedule import due_after
from correlate.state import State, start_state
from correlate.step import Issued, step
from correlate.tabling import output_tables
from kpi.schedules import Schedule

Progress = Callable[[int, int, int], None]
Look = Callable[[State, Issued], None]
"""Called after each step with the state and what was issued in it."""


@dataclass(frozen=True)
class Result:
    """What a run came to: the state at its end, all output tables, those of the daybook, and what it cost."""

    bundle: Bundle
    knowledge: Knowledge
    state: State
    tables: dict[str, pd.DataFrame]
    daybook: dict[str, pd.DataFrame]
    seconds: float
    peak_bytes: int


def run_bundle(
    folder: Path,
    settings: Settings,
    *,
    progress: Progress | None = None,
    schedule: Schedule | None = None,
) -> Result:
    """Return what a run over a bundle comes to.

    Parameters
    ----------
    folder : Path
        The bundle.
    progress : callable, optional
        Called with (steps done, steps in all, instant reached as seconds since 1970).
    schedule : Schedule, optional
        Where regions are read; the tables are the same wherever that is.

    Raises
    ------
    InputError
        If the bundle can't be used.
    """
    began = time.monotonic()
    bundle = read_bundle(folder, settings)
    knowledge = gather(bundle.tables, settings)
    feed = build_feed(bundle.tables, knowledge, schedule=schedule)
    state, issued = play_feed(feed, knowledge, progress=progress)
    tables = output_tables(state, knowledge, issued, bundle)
    daybook = daybook_tables(state, knowledge, tables["diagnoses"], bundle)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Result(bundle, knowledge, state, tables, daybook, time.monotonic() - began, peak)


def play(
    bundle: Bundle,
    knowledge: Knowledge,
    *,
    until: int | None = None,
    progress: Progress | None = None,
    note: Note | None = None,
    scored: Mapping[int, Scored] | None = None,
) -> tuple[State, Issued]:
    """Return the state after a bundle was played to its end (or to `until`), and all that was issued.

    After the last arrival the clock runs on until every held ticket is diagnosed.

    Parameters
    ----------
    scored : mapping of step to Scored, optional
        Counters that were scored elsewhere; the bundle then has none.
    """
    feed = build_feed(known_by(bundle.tables, until), knowledge, scored=scored)
    with collected_seldom():
        return play_feed(feed, knowledge, until=until, progress=progress, note=note)


def play_feed(
    feed: Feed,
    knowledge: Knowledge,
    *,
    until: int | None = None,
    progress: Progress | None = None,
    note: Note | None = None,
    look: Look | None = None,
) -> tuple[State, Issued]:
    """Return the state after a feed was played to its end (or to `until`), and all that was issued.

    Parameters
    ----------
    look : callable, optional
        Called after each step with the state and what the step issued; `correlate.purging.hander_out` makes one.
    """
    step_s = feed.step_s
    state, issued = start_state(knowledge), Issued()
    state.coverage = feed.coverage
    number: int | None = feed.first
    learned_on, day = 0, 86400 // step_s
    while number is not None:
        now = number * step_s if until is None else min(number * step_s, until)
        if state.words_learned_on != learned_on:
            learned_on = state.words_learned_on
            learn_wording(state, knowledge, feed.tickets_until(number, number + day))
        state, new = step(state, knowledge, feed.at(number), now=now, note=note)
        issued.diagnoses += new.diagnoses
        issued.serving_cells += new.serving_cells
        if look is not None:
            look(state, new)
        if progress is not None:
            progress(number - feed.first, max(1, feed.last - feed.first), now)
        number = _next(state, knowledge, feed, number, until=until)
    return state, issued


def known_by(tables: Mapping[str, pd.DataFrame], until: int | None) -> Mapping[str, pd.DataFrame]:
    """Return the rows of the tables that had arrived by a moment (seconds since 1970; None: all)."""
    if until is None:
        return tables
    moment = pd.Timestamp(until, unit="s", tz="UTC")
    known = {
        name: rows[rows["arrived_at"] <= moment] if "arrived_at" in rows else rows
        for name, rows in tables.items()
    }
    alarms = known["alarms"]
    later = alarms["clear_arrived_at"] > moment
    return known | {
        "alarms": alarms.assign(clear_arrived_at=alarms["clear_arrived_at"].mask(later))
    }


def _next(
    state: State, knowledge: Knowledge, feed: Feed, number: int, *, until: int | None
) -> int | None:
    """Return the next step to take: that of the next arrival or of what falls due, None at the end."""
    arrival = feed.next_arrival(number)
    due = due_after(state, knowledge, number * feed.step_s)
    moments = [arrival] if arrival is not None else []
    if due is not None:
        moments.append(max(number + 1, -(-due // feed.step_s)))
    following = min(moments, default=None)
    if following is None or (until is not None and (following - 1) * feed.step_s >= until):
        return None
    return following


def run_to_folder(
    folder: Path,
    out: Path,
    settings: Settings,
    *,
    progress: Progress | None = None,
    schedule: Schedule | None = None,
) -> Result:
    """Run a bundle and write its output tables to `out`, whole or not at all."""
    check_replaceable(out, ours=WRITTEN_NAMES)
    result = run_bundle(folder, settings, progress=progress, schedule=schedule)
    write_outputs(out, result.tables, settings.zone, daybook=result.daybook)
    return result
