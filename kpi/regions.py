"""Keep a watch for each region of a country in a folder, learn it from the history and play days of the history to it.

Terms: a *region* is what the history calls so (a county). A cell needs of the others only what its layer shows in the
same period, so regions know nothing of each other: each is done by a function of its task alone, in this process or
in others, and the result is the same.

Simple so far: a cell belongs to one region for good, and a folder of watches has one writer.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from contract.errors import InputError
from contract.history import open_history
from contract.history.layout import region_name
from contract.settings import Settings
from kpi.counter_rows import COLUMNS, CounterRows, counter_rows
from kpi.episodes import open_episodes
from kpi.files.suspects import COLUMN as SUSPECT
from kpi.first_baseline import learn_days
from kpi.region_watches import (
    ABOUT,
    CELLS,
    REMEMBERED_DAYS,
    Terms,
    open_region,
    play_day,
    read_about,
    start_region,
)
from kpi.saved_watches import save_watch
from kpi.schedules import Schedule, in_order

TABLE = "kpi"
CELL_COLUMNS = ("cell_id", "rat", "freq_mhz", "is_indoor", "site", "feed")
REPLAYED_DAYS = 3
"""Days at the end that are played to the watch: what it knows of restlessness, losses and open faults comes of them."""
LEARNED_LEAST = 8
"""Days from which there is enough to learn at once; fewer are all played."""
MEMORY_CELLS = 10_000
"""Cells up to which what learning needs for a while is kept in memory."""


@dataclass(frozen=True)
class Task:
    """Days of the history of one region to be learned or watched."""

    region: str
    address: str
    settings: Settings
    terms: Terms
    days: tuple[date, ...]
    folder: Path


def learn_regions(
    address: str,
    cells: pd.DataFrame,
    out: Path,
    *,
    settings: Settings | None = None,
    days: Sequence[date] | None = None,
    schedule: Schedule | None = None,
) -> pd.DataFrame:
    """Learn what is usual in every region and keep it in a folder.

    Parameters
    ----------
    address : str
        History with the table `kpi`.
    cells : DataFrame, one row per cell
        `cell_id`, `region`, `rat`; `freq_mhz`, `is_indoor`, `site` and `feed` where known.
    out : Path
        New or empty folder, or an earlier result, which is replaced.
    settings : Settings, optional
        `zone`, `kpi_delay_min`, `country`, `holidays` and those of the history.
    days : sequence of date, optional
        Default: the last 28 in the history.
    schedule : Schedule, optional

    Returns
    -------
    DataFrame, one row per region
        `region`, `cells`, `days`, `rows`, `used` and `rejected` (rows of cells that `cells` lacks in the region).

    Raises
    ------
    InputError
        If the history has no counters, or `cells` lacks a column.
    """
    chosen = settings or Settings()
    _check_cells(cells)
    there = _days_of(address, chosen, days)
    last = max(day for some in there.values() for day in some)
    terms = _terms(chosen, last)
    _clear(out)
    tasks = []
    for region, known in there.items():
        mine = cells.loc[cells["region"] == region].sort_values("cell_id")
        if len(mine):
            folder = out / region_name(region)
            folder.mkdir(parents=True, exist_ok=True)
            mine[[c for c in CELL_COLUMNS if c in mine]].to_parquet(folder / CELLS, index=False)
            tasks.append(Task(region, address, chosen, terms, known, folder))
    _check_any(tasks, cells, there)
    counts = in_order(learn_region, tasks, schedule)
    about = {"regions": [task.region for task in tasks], "terms": asdict(terms)}
    (out / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
    return pd.DataFrame(counts)


def watch_regions(
    address: str,
    baseline: Path,
    *,
    day: date,
    settings: Settings | None = None,
    schedule: Schedule | None = None,
) -> pd.DataFrame:
    """Return the episodes of a day, region by region; the watches in the folder go on by that day.

    Parameters
    ----------
    address : str
    baseline : Path
        Folder that `learn_regions` wrote.
    day : date
        In the zone of the settings. Of a day already played nothing is taken twice.
    settings : Settings, optional
    schedule : Schedule, optional

    Returns
    -------
    DataFrame, by region, cell and kind
        `region`, `cell_id` and what `kpi.episodes.open_episodes` tells of the episodes that were open on that day.

    Raises
    ------
    InputError
        If the folder holds no watches.
    """
    chosen = settings or Settings()
    regions, terms = read_about(baseline)
    tasks = [
        Task(region, address, chosen, terms, (day,), baseline / region_name(region))
        for region in regions
    ]
    return pd.concat(in_order(watch_region, tasks, schedule), ignore_index=True)


def learn_region(task: Task) -> dict[str, Any]:
    """Learn a region and keep its watch in its folder; return how many rows there were.

    Parameters
    ----------
    task : Task

    Returns
    -------
    dict
    """
    watch, ids = start_region(task.folder, task.terms)
    counts = {"rows": 0, "used": 0}

    def read(day: date) -> CounterRows:
        rows = _rows_of(task, day, ids)
        counts["rows"] += len(rows.cells)
        counts["used"] += int((rows.cells >= 0).sum())
        return rows

    replayed = task.days if len(task.days) < LEARNED_LEAST else task.days[-REPLAYED_DAYS:]
    spill = task.folder / "spill" if len(ids) > MEMORY_CELLS else None
    batches = (read(day) for day in task.days[: -len(replayed)])
    learn_days(watch.baseline, batches, utc_offset=watch.utc_offset, spill=spill)
    if spill is not None:
        shutil.rmtree(spill, ignore_errors=True)
    for day in replayed:
        watch = play_day(watch, read(day))
    save_watch(watch, task.folder)
    found = {"region": task.region, "cells": len(ids), "days": len(task.days), **counts}
    return {**found, "rejected": counts["rows"] - counts["used"]}


def watch_region(task: Task) -> pd.DataFrame:
    """Play days to the watch of a region, keep it, and return the episodes open on the last of them.

    Parameters
    ----------
    task : Task

    Returns
    -------
    DataFrame
    """
    watch, ids = open_region(task.folder, task.terms)
    for day in task.days:
        watch = play_day(watch, _rows_of(task, day, ids))
    save_watch(watch, task.folder)
    zone = ZoneInfo(task.settings.zone)
    midnight = datetime.combine(task.days[-1] + timedelta(days=1), datetime.min.time(), zone)
    end = pd.Timestamp(midnight.astimezone(UTC))
    found = open_episodes(watch, end, keep_hours=24.0)
    names = np.asarray(ids.to_pylist(), dtype=object)[found["cell"].to_numpy()]
    found = found.drop(columns="cell")
    found.insert(0, "cell_id", pd.Series(names, dtype="str"))
    found.insert(0, "region", pd.Series([task.region] * len(found), dtype="str"))
    return found.sort_values(["cell_id", "kind"], ignore_index=True)


def _rows_of(task: Task, day: date, ids: pa.Array) -> CounterRows:
    """Return the rows of a day of a region."""
    history = open_history(task.address, settings=task.settings, is_new=False)
    there = history.read(TABLE, regions=[task.region], days=[day], only=()).column_names
    wanted = [name for name in (*COLUMNS, SUSPECT) if name in there]
    table = history.read(TABLE, regions=[task.region], days=[day], columns=wanted)
    return counter_rows(table, ids, delay_minutes=task.terms.delay_minutes)


def _days_of(
    address: str, settings: Settings, days: Sequence[date] | None
) -> dict[str, tuple[date, ...]]:
    """Return the days of each region that are there and asked for, in order."""
    history = open_history(address, settings=settings, is_new=False)
    parts = history.partitions(TABLE)
    found = pd.Series(parts["day"].dt.date.to_numpy(), dtype=object)
    wanted = sorted(set(found))[-REMEMBERED_DAYS:] if days is None else sorted(set(days))
    kept = found.isin(wanted).to_numpy()
    if not kept.any():
        message = f"`history` must hold counters of the days asked for; {address!r} has none. Add a bundle first."
        raise InputError(message)
    grouped = found[kept].groupby(parts["region"].to_numpy()[kept])
    return {str(region): tuple(sorted(set(some))) for region, some in grouped}


def _terms(settings: Settings, last: date) -> Terms:
    """Return what regions share by the settings; the offset is that of the last day."""
    noon = datetime(last.year, last.month, last.day, 12, tzinfo=ZoneInfo(settings.zone))
    offset = noon.utcoffset() or timedelta()
    return Terms(
        utc_offset_hours=offset / timedelta(hours=1),
        delay_minutes=settings.kpi_delay_min,
        country=settings.country,
        holidays=str(settings.holidays) if settings.holidays else None,
    )


def _check_cells(cells: pd.DataFrame) -> None:
    """Raise where a column is missing or a cell comes twice."""
    lacking = [name for name in ("cell_id", "region", "rat") if name not in cells]
    if lacking or cells["cell_id"].duplicated().any():
        message = f"`cells` needs each cell once with cell_id, region and rat; it lacks {lacking or 'unique ids'}."
        raise InputError(message)


def _check_any(tasks: Sequence[Task], cells: pd.DataFrame, there: dict[str, Any]) -> None:
    """Raise where no cell lies in a region of the history."""
    if not tasks:
        names = sorted(cells["region"].astype(str).unique())[:5]
        message = (
            f"`cells` must lie in regions of the history, {sorted(there)[:5]}; they lie in {names}."
        )
        raise InputError(message)


def _clear(out: Path) -> None:
    """Empty a folder of watches; refuse one that holds anything else."""
    if out.exists() and any(out.iterdir()) and not (out / ABOUT).is_file():
        message = f"`out` must be new, empty or a folder of watches; {out} holds something else. Choose another."
        raise InputError(message)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
