"""Tell in the terminal what a history holds, and what was added, compacted, taken out or found in it.

Simple so far: text tables only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contract.errors import OutputError
from contract.history import History
from contract.history.adding import add_bundle
from contract.history.coverage import coverage
from contract.history.exports import export_days, parsed_days
from contract.history.retention import kept_days, load_retention
from contract.outputs import as_text
from contract.settings import Settings

MOST_ROWS, MOST_HOLES = 40, 3
SUFFIXES = (".csv", ".parquet")


def add_to_history(history: History, folder: Path, settings: Settings) -> None:
    """Add a bundle to a history, and print rows, regions and days, and files of each table."""
    added = add_bundle(history, folder, settings)
    console = Console()
    counts = added.counts.reset_index()
    console.print(_table(counts, list(counts.columns)))
    for title, listed in (("rejected", added.rejected), ("repaired", added.repairs)):
        for (table, reason), number in listed.value_counts(["table", "reason"]).head(5).items():
            console.print(f"{title} {table}: {reason} ({number:,})", markup=False)
    console.print(f"added to {history.storage.root}", markup=False, soft_wrap=True)


def print_history(history: History, now: datetime) -> None:
    """Print what a history holds: first and last day, rows, files, size and holes of each table and region."""
    console, today = Console(), now.astimezone(ZoneInfo(history.zone)).date()
    there = coverage(history.partitions(), today)
    shown = there.assign(
        MiB=(there["bytes"] / 2**20).map("{:,.1f}".format),
        holes=[_holes(days) for days in there["holes"]],
    )
    names = ["table", "region", "first", "last", "days", "files", "rows", "MiB", "holes"]
    console.print(_table(shown, names))
    ahead = there[there["ahead"] > 0]
    for row in ahead.itertuples():
        told = (
            f"{row.table} of {row.region}: {row.ahead} days lie ahead of today, from a wrong clock"
        )
        console.print(told, style="yellow", markup=False)
    console.print(
        f"{there['rows'].sum():,} rows, {there['files'].sum():,} files, "
        f"{there['bytes'].sum() / 2**20:,.1f} MiB; days of {history.zone}",
        markup=False,
    )


def compact_history(history: History) -> None:
    """Bring the files of each region and day into one, and print what that came to."""
    before = history.partitions()
    fewer = {name: history.compact(name) for name in sorted(history.forms())}
    after = history.partitions()
    for name, number in fewer.items():
        sizes = [frame.loc[frame["table"] == name, "bytes"].sum() for frame in (before, after)]
        told = f"{sizes[0] / 2**20:,.1f} MiB before, {sizes[1] / 2**20:,.1f} MiB after"
        print_line(f"{name}: {number:,} files fewer; {told}")


def prune_history(
    history: History, settings: Settings, *, keep: Sequence[str], is_trial: bool
) -> None:
    """Take days out of a history that have outlived their time, and print which."""
    policy = load_retention(settings.history_retention) | kept_days(keep)
    taken = history.prune(policy, is_trial=is_trial)
    for name in sorted(history.forms()):
        rows = taken[taken["table"] == name]
        told = f"kept {policy[name]} days" if name in policy else "kept for good: no policy"
        if len(rows):
            days = f"{rows['day'].min():%Y-%m-%d} to {rows['day'].max():%Y-%m-%d}"
            size = f"{rows['rows'].sum():,} rows, {rows['bytes'].sum() / 2**20:,.1f} MiB"
            verb = "would go" if is_trial else "gone"
            told += f"; {verb}: {len(rows):,} regions and days from {days}, {size}"
        print_line(f"{name}: {told}")
    if len(taken) and not is_trial:
        minutes = history.grace.total_seconds() / 60
        print_line(
            f"files are removed by the next compact or prune after {minutes:.0f} min, so that readers can end"
        )


def query_history(history: History, query: str, out: Path | None) -> None:
    """Print the answer to a query, or write it to a file."""
    if out is not None and (out.suffix.lower() not in SUFFIXES or not out.parent.is_dir()):
        msg = f"`out` must be a {' or '.join(SUFFIXES)} file in a folder that is there; it is {str(out)!r}."
        raise OutputError(msg)
    answer = history.sql(query)
    if out is None:
        frame = as_text(_frame(answer.slice(0, MOST_ROWS), history.zone))
        Console().print(_table(frame, list(frame.columns)))
        more = f", the first {MOST_ROWS} shown" if answer.num_rows > MOST_ROWS else ""
        print_line(f"{answer.num_rows:,} rows{more}")
        return
    partial = out.with_name(f".{out.name}.partial")
    if out.suffix.lower() == ".csv":
        as_text(_frame(answer, history.zone)).to_csv(partial, index=False, lineterminator="\n")
    else:
        pq.write_table(answer, partial, compression="zstd")
    partial.replace(out)
    print_line(f"{answer.num_rows:,} rows written to {out}")


def export_history(history: History, days: str, out: Path) -> None:
    """Write days of a table as a folder that a bundle takes, and print how many rows."""
    rows = export_days(history, out, *parsed_days(days))
    print_line(f"{rows:,} rows of {out.name} written to {out}")


def print_line(text: str) -> None:
    """Print a line as it is."""
    Console().print(text, markup=False, soft_wrap=True)


def _frame(answer: pa.Table, zone: str) -> pd.DataFrame:
    """Return an answer as a frame, its instants on the clocks of a zone."""
    frame = answer.to_pandas()
    aware = {
        name: frame[name].dt.tz_convert(zone)
        for name in frame
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype)
    }
    return frame.assign(**aware)


def _holes(days: Sequence[object]) -> str:
    """Return missing days in short."""
    more = f" and {len(days) - MOST_HOLES} more" if len(days) > MOST_HOLES else ""
    return ", ".join(str(day) for day in days[:MOST_HOLES]) + more


def _table(frame: pd.DataFrame, names: Sequence[str]) -> Table:
    """Return columns of a frame as a table for the terminal."""
    table = Table()
    for name in names:
        is_number = pd.api.types.is_numeric_dtype(frame[name].dtype) or name == "MiB"
        table.add_column(escape(str(name)), justify="right" if is_number else "left")
    for row in frame[list(names)].itertuples(index=False):
        table.add_row(*(_text(value) for value in row))
    return table


def _text(value: object) -> str:
    """Return a value as it is shown."""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:g}"
    return "" if value is None or value is pd.NaT else escape(str(value))
