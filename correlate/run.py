"""Run the step over a bundle in the order its rows arrived, and write every output table.

Simple so far: one process; the state is not saved between steps.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from contract.bundles import Bundle, read_bundle
from contract.outputs import write_outputs
from contract.settings import Settings
from correlate.diagnosis import Note
from correlate.feed import build_feed
from correlate.intake import learn_wording
from correlate.knowledge import Knowledge, gather
from correlate.state import State, start_state
from correlate.step import Issued, step
from correlate.tabling import output_tables

Progress = Callable[[int, int, int], None]


@dataclass(frozen=True)
class Result:
    """What a run came to: the state at its end, all output tables, and what it cost."""

    bundle: Bundle
    knowledge: Knowledge
    state: State
    tables: dict[str, pd.DataFrame]
    seconds: float
    peak_bytes: int


def run_bundle(folder: Path, settings: Settings, *, progress: Progress | None = None) -> Result:
    """Return what a run over a bundle comes to.

    Parameters
    ----------
    folder : Path
        The bundle.
    progress : callable, optional
        Called with (steps done, steps in all, instant reached as seconds since 1970).

    Raises
    ------
    InputError
        If the bundle can't be used.
    """
    began = time.monotonic()
    bundle = read_bundle(folder, settings)
    knowledge = gather(bundle.tables, settings)
    state, issued = play(bundle, knowledge, progress=progress)
    tables = output_tables(state, knowledge, issued, bundle)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Result(bundle, knowledge, state, tables, time.monotonic() - began, peak)


def play(
    bundle: Bundle,
    knowledge: Knowledge,
    *,
    until: int | None = None,
    progress: Progress | None = None,
    note: Note | None = None,
) -> tuple[State, Issued]:
    """Return the state after a bundle was played to its end (or to `until`), and all that was issued.

    After the last arrival the clock runs on until every held ticket is diagnosed.
    """
    step_s = int(knowledge.settings.step_min * 60)
    feed = build_feed(bundle.tables, knowledge)
    state, issued = start_state(knowledge), Issued()
    last = feed.last if until is None else min(feed.last, until // step_s)
    number, learned_on, day = feed.first, 0, 86400 // step_s
    while number <= last or (state.held and until is None):
        if state.words_learned_on != learned_on:
            learned_on = state.words_learned_on
            learn_wording(state, knowledge, feed.tickets_until(number, number + day))
        state, new = step(state, knowledge, feed.at(number), now=number * step_s, note=note)
        issued.diagnoses += new.diagnoses
        issued.serving_cells += new.serving_cells
        if progress is not None and number % 12 == 0:
            progress(number - feed.first, max(1, last - feed.first), number * step_s)
        number += 1
    return state, issued


def run_to_folder(
    folder: Path, out: Path, settings: Settings, *, progress: Progress | None = None
) -> Result:
    """Run a bundle and write its output tables to `out`, whole or not at all."""
    result = run_bundle(folder, settings, progress=progress)
    write_outputs(out, result.tables, settings.zone)
    return result
