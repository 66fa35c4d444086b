"""Take days out of a history as a table that a bundle can hold: a folder of Parquet files, one a day.

Simple so far: a key that does not tell its day, such as an alarm's number, may stand in two days; whoever reads the
bundle settles that.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from contract.errors import InputError
from contract.folders import check_replaceable, replace_folder
from contract.history.layout import partitions_of
from contract.history.rows import ROW_GROUP
from contract.history.store import History


def parsed_days(told: str) -> tuple[date, date]:
    """Return the first and the last day of a span written A..B, or of one day.

    Raises
    ------
    InputError
        If it is of another form, or ends before it begins.

    Examples
    --------
    >>> parsed_days("2026-01-01..2026-01-31")[1].day
    31
    """
    first, dots, last = told.partition("..")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last if dots else first)
    except ValueError as error:
        msg = f"`days` must be YYYY-MM-DD..YYYY-MM-DD; it is {told!r}. Correct it."
        raise InputError(msg) from error
    if span[1] < span[0]:
        msg = f"`days` must not end before they begin; they are {told!r}. Turn them round."
        raise InputError(msg)
    return span


def export_days(history: History, out: Path, first: date, last: date) -> int:
    """Write the rows of some days as a folder of Parquet files, whole or not at all.

    Parameters
    ----------
    history : History
    out : Path
        Folder named after the table, new, empty or an earlier export; a bundle takes it as its table.
    first, last : date
        Both included.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    InputError
        If the history has no such table or no such days, or `out` holds anything else.
    """
    table = out.name
    forms = history.forms()
    if table not in forms:
        msg = f"`out` must be named after a table of the history, one of {sorted(forms)}; it is {table!r}. Rename it."
        raise InputError(msg)
    there = {part.day for part in partitions_of(history.storage, table)}
    days = sorted(day for day in there if first <= day <= last)
    if not days:
        had = f"it has {min(there)} to {max(there)}" if there else "it has none"
        msg = f"`days` must be some that the history has; {first}..{last} are not there: {had}. Choose others."
        raise InputError(msg)
    earlier = {path.name for path in out.glob("day-*.parquet")} if out.is_dir() else set()
    names = {f"day-{day.isoformat()}.parquet" for day in days} | earlier
    check_replaceable(out, ours=names)
    rows = [0]

    def write(folder: Path) -> None:
        """Write the days into the folder."""
        for day in days:
            whole = history.read(table, days=[day])
            rows.append(whole.num_rows)
            path = folder / f"day-{day.isoformat()}.parquet"
            pq.write_table(whole, path, compression="zstd", row_group_size=ROW_GROUP)

    replace_folder(out, write, ours=names)
    return sum(rows)
