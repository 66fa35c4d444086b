"""Learn what is usual from a history, play days of it to the watches, and tell in the terminal what came of it.

Simple so far: text tables only; nothing is told before all regions are done.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from contract.errors import OutputError
from contract.history.exports import parsed_days
from contract.settings import Settings
from kpi.region_cells import region_cells
from kpi.regions import learn_regions, watch_regions
from kpi.schedules import Schedule

SUFFIXES = (".csv", ".parquet")
MOST_ROWS = 40


def learn_counters(
    address: str,
    bundle: Path,
    out: Path,
    *,
    settings: Settings,
    days: str | None,
    schedule: Schedule,
) -> None:
    """Learn every region of a history, and print rows and cells of each."""
    span = None if days is None else [day.date() for day in pd.date_range(*parsed_days(days))]
    cells = region_cells(bundle, settings)
    counts = learn_regions(address, cells, out, settings=settings, days=span, schedule=schedule)
    console = Console()
    console.print(_table(counts, ["region", "cells", "days", "rows", "used", "rejected"]))
    told = (
        f"{counts['cells'].sum():,} cells of {len(counts):,} regions, {counts['rows'].sum():,} rows"
    )
    unknown = int(counts["rejected"].sum())
    told += f", {unknown:,} of cells that the inventory lacks there" if unknown else ""
    console.print(f"{told}; written to {out}", markup=False, soft_wrap=True)


def watch_counters(
    address: str,
    baseline: Path,
    out: Path,
    *,
    settings: Settings,
    days: str,
    schedule: Schedule,
) -> None:
    """Play days of a history to the watches, write the episodes of the last and print how many there are."""
    _check_target(out)
    for day in pd.date_range(*parsed_days(days)):
        found = watch_regions(
            address, baseline, day=day.date(), settings=settings, schedule=schedule
        )
    _write(found, out)
    console = Console()
    open_ones = found[found["closed_at"].isna()]
    counts = found.groupby("kind").agg(episodes=("cell_id", "size"), cells=("cell_id", "nunique"))
    counts["open"] = open_ones.groupby("kind").size().reindex(counts.index, fill_value=0)
    console.print(_table(counts.reset_index(), ["kind", "episodes", "open", "cells"]))
    console.print(
        f"{len(found):,} episodes, {len(open_ones):,} of them open; written to {out}",
        markup=False,
        soft_wrap=True,
    )


def _check_target(out: Path) -> None:
    """Raise where a table can't be written."""
    if out.suffix.lower() not in SUFFIXES or not out.absolute().parent.is_dir():
        msg = f"`out` must be a {' or '.join(SUFFIXES)} file in a folder that is there; it is {str(out)!r}."
        raise OutputError(msg)


def _write(found: pd.DataFrame, out: Path) -> None:
    """Write a table, whole or not."""
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        if out.suffix.lower() == ".csv":
            found.to_csv(partial, index=False, lineterminator="\n")
        else:
            found.to_parquet(partial, index=False)
        partial.replace(out)
    except OSError as error:
        msg = f"`out` must be a file that can be written; {str(out)!r}: {error.strerror}."
        raise OutputError(msg) from error
    finally:
        partial.unlink(missing_ok=True)


def _table(frame: pd.DataFrame, names: Sequence[str]) -> Table:
    """Return the first rows of a table to be printed."""
    table = Table(*names)
    for row in frame[list(names)].head(MOST_ROWS).itertuples(index=False):
        table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in row))
    return table
