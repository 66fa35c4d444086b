"""Learn from the past on a user's behalf and tell in the terminal what came of it: how much, how much better, what not.

Simple so far: relations of alarms are judged by how many of the earlier half are found again in the later one, what is
usual in counters by nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from alarms.relation_tables import (
    HistoryTables,
    check_relations_target,
    read_history,
    write_relations,
)
from alarms.relations import learned_relations
from contract.errors import OutputError
from contract.settings import Settings
from correlate.learning.verdicts import (
    Learned,
    Piecework,
    check_target,
    learn_verdicts,
    write_verdicts,
)
from dashboards.progress import progress_bar
from dashboards.summary import print_counts
from dashboards.terminal_text import quiet_table
from kpi.region_cells import region_cells
from kpi.regions import learn_regions
from kpi.schedules import Schedule

VERDICTS, RELATIONS, BASELINE, SETTINGS = "verdicts", "relations.csv", "baseline", "settings.toml"
WRITTEN = frozenset({VERDICTS, RELATIONS, BASELINE, SETTINGS})
PAIR = ["cause_code", "effect_code"]


@dataclass(frozen=True)
class Night:
    """What is learned every night: from which bundle and history (None: no counters), to which folder, and where."""

    bundle: Path
    history: str | None
    out: Path
    schedule: Schedule


@dataclass(frozen=True)
class Told:
    """One line of what was learned: what, from how much, how much better and in how many folds, what became of it."""

    what: str
    source: str
    outcome: str
    before: str = ""
    after: str = ""
    gain: str = ""
    folds: str = ""


def learn_from_orders(
    bundle: Path, out: Path | None, settings: Settings, *, now: datetime, quiet: bool
) -> None:
    """Learn from the closed orders of a bundle, write what later orders confirm, and tell of all.

    Raises
    ------
    InputError
        If the bundle can't be used or has no closed order, or `out` holds something else.
    """
    if out is not None:
        check_target(out)
    with progress_bar(settings, quiet=quiet) as progress:
        learned = learn_verdicts(bundle, settings, now=now, progress=progress)
    if out is not None:
        write_verdicts(learned, out)
    console = Console()
    console.print(_table([piece_line(work) for work in learned.pieces]))
    console.print(_orders_line(learned), markup=False, soft_wrap=True)
    if out is not None:
        console.print(f"written to {out}", markup=False, soft_wrap=True)


def learn_from_alarms(history: Path, links: Path | None, out: Path, *, settings: Settings) -> None:
    """Learn from a history of alarms which type causes which, write it, and tell how many relations there are.

    Raises
    ------
    InputError
        If the history can't be used, or `out` can't be written.
    """
    check_relations_target(out)
    found = read_history(history, links, settings)
    relations = learned_relations(found.alarms, found.links)
    write_relations(relations, out)
    print_counts(found.counts, out, rejected=found.rejected, repaired=found.repairs)
    Console().print(f"{len(relations)} relations between types of alarms", markup=False)


def learn_all(night: Night, settings: Settings, *, now: datetime, quiet: bool) -> None:
    """Learn from closed orders, alarms and counters, write it to one folder with settings that use it, and tell of all.

    Raises
    ------
    InputError
        If the bundle or the history can't be used, or the folder holds something else.
    """
    _check_folder(night.out)
    history = read_history(night.bundle, None, settings)
    with progress_bar(settings, quiet=quiet) as progress:
        learned = learn_verdicts(night.bundle, settings, now=now, progress=progress)
    night.out.mkdir(parents=True, exist_ok=True)
    write_verdicts(learned, night.out / VERDICTS)
    lines = [piece_line(work) for work in learned.pieces]
    lines.append(_learn_alarms(history, night.out / RELATIONS))
    lines.append(_learn_counters(night, settings))
    (night.out / SETTINGS).write_text(_settings_text(), encoding="utf-8")
    console = Console()
    console.print(_table(lines))
    console.print(_orders_line(learned), markup=False, soft_wrap=True)
    told = f"written to {night.out}; use it with --settings {night.out / SETTINGS}"
    console.print(told, markup=False, soft_wrap=True)


def piece_line(work: Piecework) -> Told:
    """Return what came of one piece learned from closed orders."""
    told, is_rates = work.judgement, work.name == "rates"
    name = f"{work.name} ({work.form})" if work.form else work.name
    source = f"{work.counted:,} {'faults' if is_rates else 'orders'}"
    outcome = "kept" if told.is_kept else f"refused: {told.reason}"
    if not told.tried:
        return Told(name, source, outcome)
    before, after = ("", "") if is_rates else (f"{told.before:.3f}", f"{told.after:.3f}")
    gain = f"{told.gain:+.3f} ±{told.error:.3f}"
    return Told(name, source, outcome, before, after, gain, f"{told.better}/{told.folds}")


def _learn_alarms(history: HistoryTables, out: Path) -> Told:
    """Learn relations of alarms."""
    relations = learned_relations(history.alarms, history.links)
    write_relations(relations, out)
    ordered = history.alarms.sort_values("raised_at", kind="stable")
    half = len(ordered) // 2
    early, late = (
        learned_relations(part, history.links) for part in (ordered[:half], ordered[half:])
    )
    again = len(pd.merge(early[PAIR], late[PAIR]))
    return Told(
        "relations of alarms",
        f"{len(history.alarms):,} alarms",
        f"kept: {len(relations)}, of {len(early)} of the earlier half {again} found again later",
    )


def _learn_counters(night: Night, settings: Settings) -> Told:
    """Learn what is usual in counters, where there is a history of them."""
    if night.history is None:
        return Told("counters", "", "not learned: no history given")
    cells = region_cells(night.bundle, settings)
    counts = learn_regions(
        night.history, cells, night.out / BASELINE, settings=settings, schedule=night.schedule
    )
    rows, days = int(counts["rows"].sum()), int(counts["days"].max())
    outcome = f"kept: {counts['cells'].sum():,} cells"
    return Told("counters", f"{rows:,} rows of {days} days", outcome)


def _settings_text() -> str:
    """Return settings by which a run takes what was learned."""
    return f'# Written by `cellcause learn all`.\nlearned = "{VERDICTS}"\nalarm_relations = "{RELATIONS}"\n'


def _check_folder(out: Path) -> None:
    """Raise where something else than an earlier result stands."""
    if out.exists() and not out.is_dir():
        msg = f"`out` must be a folder; {str(out)!r} is a file. Choose another name."
        raise OutputError(msg)
    strange = sorted(p.name for p in out.iterdir() if p.name not in WRITTEN) if out.is_dir() else []
    if strange:
        msg = f"`out` must be new, empty or an earlier result; {str(out)!r} holds {strange[:5]}. Choose another folder."
        raise OutputError(msg)
    check_target(out / VERDICTS)


def _orders_line(learned: Learned) -> str:
    """Return from how many orders, closed when."""
    span = " to ".join(str(at)[:10] for at in learned.about["closed"]) or "-"
    return (
        f"{learned.about['orders']:,} closed orders, {span}; log loss of orders that came later before and after, "
        "gain ± its error in nats an order (of rates: a fault), folds that gained"
    )


def _table(lines: list[Told]) -> Table:
    """Return the lines as a table."""
    table = quiet_table(
        ("learned", "left"),
        ("from", "keep"),
        ("before", "right"),
        ("after", "right"),
        ("gain", "right"),
        ("folds", "right"),
        ("", "left"),
    )
    for line in lines:
        numbers = (line.before, line.after, line.gain, line.folds)
        table.add_row(line.what, line.source, *numbers, line.outcome)
    return table
