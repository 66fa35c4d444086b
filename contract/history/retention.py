"""Say how long each table of a history is kept, and which days have outlived that.

Simple so far: one number of days a table, the same for every region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from contract.errors import InputError
from contract.history.layout import check_table_name
from contract.knowledge_files import check_keys, read_knowledge

FILE = Path(__file__).with_name("retention.toml")
ARGUMENT = "history_retention"
LONGEST = 36_500


def load_retention(path: Path | None = None) -> dict[str, int]:
    """Return how many days each table is kept.

    Parameters
    ----------
    path : Path, optional
        A file that overrides the one shipped, table by table.

    Raises
    ------
    InputError
        If the file can't be read, or a row is wrong.

    Examples
    --------
    >>> load_retention()["kpi"] < load_retention()["kpi_hours"]
    True
    """
    shipped = _read(FILE)
    return shipped if path is None else shipped | _read(path)


def kept_days(told: Iterable[str]) -> dict[str, int]:
    """Return how many days each table is kept, as told in the form TABLE=DAYS.

    Raises
    ------
    InputError
        If one is of another form.

    Examples
    --------
    >>> kept_days(["kpi=90"])
    {'kpi': 90}
    """
    found = {}
    for one in told:
        table, _, days = one.partition("=")
        if not days.isdecimal():
            msg = f"`keep` must be TABLE=DAYS, such as kpi=90; it is {one!r}. Correct it."
            raise InputError(msg)
        check_table_name(table)
        found[table] = _checked(int(days), table, "keep")
    return found


def outlived_days(
    partitions: pd.DataFrame, keep_days: Mapping[str, int], today: date
) -> pd.DataFrame:
    """Return the partitions that are older than they are to be kept.

    Parameters
    ----------
    partitions : DataFrame
        `table`, `day`.
    keep_days : mapping of int
    today : date
        Days after it are never old, and make no other day older.

    Examples
    --------
    >>> there = pd.DataFrame({"table": "kpi", "day": pd.to_datetime(["2026-01-01", "2026-01-03", "2099-01-01"])})
    >>> outlived_days(there, {"kpi": 1}, date(2026, 1, 4))["day"].dt.year.tolist()
    [2026]
    """
    keep = partitions["table"].map({name: pd.Timedelta(days=n) for name, n in keep_days.items()})
    is_old = pd.Timestamp(today) - partitions["day"] > pd.to_timedelta(keep)
    return partitions[is_old].reset_index(drop=True)


def _read(path: Path) -> dict[str, int]:
    """Return the days of a file by table."""
    found = {}
    for table, row in read_knowledge(path, ARGUMENT).items():
        check_table_name(table)
        check_keys(
            row,
            f"[{table}]",
            argument=ARGUMENT,
            needed=("keep_days", "source", "verified"),
            known=(),
        )
        found[table] = _checked(row["keep_days"], table, ARGUMENT)
    return found


def _checked(days: object, table: str, argument: str) -> int:
    """Return a number of days when it is one."""
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= LONGEST:
        msg = f"`{argument}` needs whole days from 1 to {LONGEST} for {table!r}; it is {days!r}. Correct it."
        raise InputError(msg)
    return days
