"""Read the tables that are measured: a world's own, as a run reads them, and those written.

Simple so far: each table is held in memory whole.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from contract import errors
from contract.files import SUFFIXES, read_table_file
from contract.instants import parse_instants
from contract.tables import TABLES
from contract.validation import typed_column

TIMES = (
    "created_at received_at seen_at start end diagnosed_at started_at detected_at ended_at "
    "issued_at valid_until raised_at onset_at opened_at closed_at"
)
IDS = (
    "ticket_id fault_id object_id cell_id site_id incident_id interception_id cells msisdn "
    "episode_id explained_by"
)


def table_path(folder: Path, name: str) -> Path | None:
    """Return where a table is, Parquet before CSV, or None where there is none."""
    paths = [folder / f"{name}{suffix}" for suffix in reversed(SUFFIXES)] + [folder / name]
    return next((path for path in paths if path.exists()), None)


def given_table(world: Path, name: str, zone: str, *, needed: Sequence[str]) -> DataFrame:
    """Return an input table, whatever its encoding and its forms of time.

    Parameters
    ----------
    world : Path
        The bundle.
    name : str
        Name of the table in the contract.
    zone : str
        IANA zone of times without an offset.
    needed : sequence of str
        Columns that must be there, of which rows without a value are left out.

    Returns
    -------
    DataFrame
        Rows in the order of the file, identifiers as text and times as UTC.

    Raises
    ------
    InputError
        If the table is missing, unreadable or lacks a column.
    """
    path = _present(world, name)
    table = read_table_file(path).frame.reset_index(drop=True)
    _check_columns(path, table, needed)
    kinds = {column.name: column for column in TABLES[name].columns if column.name in table}
    typed = {
        at: typed_column(table[at], column, zone)[0]
        for at, column in kinds.items()
        if column.kind in ("id", "instant")
    }
    return table.assign(**typed).dropna(subset=list(needed)).reset_index(drop=True)


def written_table(folder: Path, name: str, zone: str, *, needed: Sequence[str]) -> DataFrame:
    """Return a table that a program wrote, rows 0, 1, ..., identifiers as text and times as UTC.

    Parameters
    ----------
    folder : Path
    name : str
        Name of the file without its suffix.
    zone : str
        IANA zone of times without an offset.
    needed : sequence of str
        Columns that must be there.

    Raises
    ------
    InputError
        If the table is missing, unreadable, lacks a column or has a time that is none.
    """
    path = _present(folder, name)
    try:
        if path.suffix == ".csv":
            table = pd.read_csv(path, dtype=dict.fromkeys(IDS.split(), "str"), low_memory=False)
        else:
            table = pd.read_parquet(path).reset_index(drop=True)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        msg = f"`{path}` must be a table and is not: {reason}. Write it again."
        raise errors.UnreadableFileError(msg) from error
    _check_columns(path, table, needed)
    times = {at: parse_instants(table[at], zone) for at in TIMES.split() if at in table}
    unread = [at for at, read in times.items() if (read.isna() & table[at].notna()).any()]
    if unread:
        msg = f"`{path}` must hold ISO 8601 times in {unread}; some are none. Mend them."
        raise errors.UnreadableFileError(msg)
    return table.assign(**times)


def _check_columns(path: Path, table: DataFrame, needed: Sequence[str]) -> None:
    """Refuse a table that lacks a column."""
    lacking = [column for column in needed if column not in table]
    if lacking:
        msg = f"`{path}` lacks columns {lacking}; it has {list(table)}. Add them."
        raise errors.MissingColumnsError(msg)


def _present(folder: Path, name: str) -> Path:
    """Return where a table is, or say that there is none."""
    path = table_path(folder, name)
    if path is None:
        msg = f"`{folder}` needs {name}.csv or {name}.parquet and has neither. Check the folder."
        raise errors.MissingTableError(msg)
    return path
