"""Declare and read the daybook: what a daily report needs beside the tables of the contract.

`cellcause run` writes it into OUT/daybook, Parquet only, with the other tables, whole or not at all.

Simple so far: read whole into memory, for one day's report as for a month's.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from contract.errors import InputError
from contract.tables import Column, Table, declared_tables

FOLDER = "daybook"
DECLARATION = Path(__file__).with_name("daybook.toml")
DAYBOOK: Mapping[str, Table] = declared_tables(
    tomllib.loads(DECLARATION.read_text(encoding="utf-8"))["daybook"]
)
"""The tables of the daybook by name."""


def read_daybook(out: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of the daybook that a run wrote, instants in UTC.

    Parameters
    ----------
    out : Path
        What `cellcause run` wrote.

    Raises
    ------
    InputError
        If `out` holds no daybook, or one of its tables is missing, unreadable or of another form.
    """
    return {name: read_result(out, f"{FOLDER}/{name}", table) for name, table in DAYBOOK.items()}


def read_result(out: Path, name: str, table: Table) -> pd.DataFrame:
    """Return a table that a run wrote as Parquet, instants in UTC.

    Parameters
    ----------
    out : Path
        What `cellcause run` wrote.
    name : str
        Name of the file without its suffix, with the folder within `out`.
    table : Table
        Its declaration.

    Raises
    ------
    InputError
        If the file is missing, unreadable or lacks a column.
    """
    path = out / f"{name}.parquet"
    try:
        frame = pd.read_parquet(path)
    except FileNotFoundError:
        msg = f"`out` must be what `cellcause run` wrote; {str(out)!r} has no {name}.parquet. Run the bundle again."
        raise InputError(msg) from None
    except (OSError, ValueError) as error:
        msg = f"`out` must be what `cellcause run` wrote; {str(path)!r} cannot be read: {error}."
        raise InputError(msg) from error
    missing = [column for column in table.column_names if column not in frame]
    if missing:
        msg = f"`out` must be what this version's `cellcause run` wrote; {name}.parquet lacks {missing}. Run again."
        raise InputError(msg)
    frame = frame[list(table.column_names)]
    return pd.DataFrame({c.name: _typed(frame[c.name], c) for c in table.columns})


def _typed(values: pd.Series, column: Column) -> pd.Series:
    """Return a column as it is used: instants in UTC, text as text also where all of it is empty."""
    if column.kind == "instant":
        return pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
    return values.astype("str") if column.dtype == "str" else values
