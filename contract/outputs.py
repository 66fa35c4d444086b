"""Write the tables of a run, as Parquet and as CSV, whole or not at all.

Simple so far: the tables are written from memory; several runs into one folder at a time are not
kept apart.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from contract.daybook import DAYBOOK, FOLDER
from contract.errors import OutputError
from contract.folders import replace_folder
from contract.tables import OUTPUTS, Column, Table

OUTPUT_NAMES = frozenset(f"{name}.{suffix}" for name in OUTPUTS for suffix in ("csv", "parquet"))
WRITTEN_NAMES = OUTPUT_NAMES | {f"{FOLDER}/{name}.parquet" for name in DAYBOOK}
"""What a run writes: an earlier result may hold this and nothing else."""


def write_outputs(
    out: Path,
    tables: Mapping[str, pd.DataFrame],
    zone: str,
    *,
    daybook: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Write every output table as Parquet and CSV into a folder, whole or not at all.

    Parameters
    ----------
    out : Path
        New or empty folder, or an earlier result, which is replaced.
    tables : mapping of DataFrame
        Every table of `OUTPUTS`; extra columns are refused. Instants in UTC or any zone.
    zone : str
        IANA zone the times are written in.
    daybook : mapping of DataFrame, optional
        Every table of `DAYBOOK`, written as Parquet into the folder `daybook` with the rest.

    Raises
    ------
    OutputError
        If a table or column is missing, strange or of the wrong kind, a required value is
        missing, a key stands twice, or `out` holds something else.
    """
    ready = _ready(tables, OUTPUTS, zone, argument="tables")
    pages = {} if daybook is None else _ready(daybook, DAYBOOK, zone, argument="daybook")

    def write(folder: Path) -> None:
        """Write the tables into the folder."""
        for name, frame in ready.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
            as_text(frame).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        if pages:
            (folder / FOLDER).mkdir()
        for name, frame in pages.items():
            frame.to_parquet(folder / FOLDER / f"{name}.parquet", index=False)

    replace_folder(out, write, ours=WRITTEN_NAMES)


def _ready(
    tables: Mapping[str, pd.DataFrame], declared: Mapping[str, Table], zone: str, *, argument: str
) -> dict[str, pd.DataFrame]:
    """Return tables as they are written, all that are declared and no other."""
    strange = sorted(set(tables) ^ set(declared))
    if strange:
        msg = f"`{argument}` must be exactly {list(declared)}; {strange} are missing or unknown."
        raise OutputError(msg)
    return {name: output_table(tables[name], declared[name], zone) for name in declared}


def output_table(frame: pd.DataFrame, table: Table, zone: str) -> pd.DataFrame:
    """Return a table as it is written: columns of the contract in order and in their types.

    Parameters
    ----------
    frame : DataFrame
    table : Table
    zone : str
        IANA zone the times are written in.

    Raises
    ------
    OutputError
        If the table does not fit the contract.
    """
    missing = [name for name in table.column_names if name not in frame]
    extra = [name for name in frame if name not in table.column_names]
    if missing or extra:
        msg = f"`{table.name}` must have the contract's columns; missing {missing}, extra {extra}."
        raise OutputError(msg)
    written = pd.DataFrame(
        {
            column.name: _written_column(frame[column.name], column, table.name, zone)
            for column in table.columns
        }
    ).reset_index(drop=True)
    if table.key and written.duplicated(list(table.key)).any():
        first = written.loc[written.duplicated(list(table.key)), list(table.key)].iloc[0].to_dict()
        msg = f"`{table.name}` must have each key once; {first} stands twice."
        raise OutputError(msg)
    return written


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its instants as ISO 8601 text with offset.

    Examples
    --------
    >>> at = pd.Series(pd.to_datetime(["2010-06-28T05:45:37Z"])).dt.tz_convert("Asia/Shanghai")
    >>> as_text(pd.DataFrame({"at": at})).loc[0, "at"]
    '2010-06-28T13:45:37+08:00'
    """
    instants = {
        name: iso_text(frame[name])
        for name in frame
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype)
    }
    return frame.assign(**instants)


def iso_text(instants: pd.Series) -> pd.Series:
    """Return instants as ISO 8601 text with offset, null where NaT."""
    has_fraction = bool((instants.dropna().dt.microsecond != 0).any())
    local = instants.dt.tz_localize(None).to_numpy("datetime64[us]")
    away = local - instants.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    codes, offsets = pd.factorize(away.astype("timedelta64[m]").astype("int64"))
    written = [
        f"{'-' if m < 0 else '+'}{abs(m) // 60:02}:{abs(m) % 60:02}" for m in offsets.tolist()
    ]
    text = pd.Series(np.datetime_as_string(local, unit="us" if has_fraction else "s"), dtype="str")
    whole = text + pd.Series(np.array(written, object)[codes], dtype="str")
    return whole.set_axis(instants.index).rename(instants.name).mask(instants.isna())


def _written_column(values: pd.Series, column: Column, table: str, zone: str) -> pd.Series:
    """Return a column as it is written."""
    try:
        written = _in_kind(values, column, zone)
    except (TypeError, ValueError) as error:
        msg = f"`{table}.{column.name}` must hold values of kind {column.kind}; {error}."
        raise OutputError(msg) from error
    if column.is_required and written.isna().any():
        msg = f"`{table}.{column.name}` must have a value in every row; some are missing."
        raise OutputError(msg)
    wrong = set(written.dropna()) - set(column.choices) if column.choices else set()
    if wrong:
        msg = f"`{table}.{column.name}` must be one of {column.limits}; it has {sorted(wrong)}."
        raise OutputError(msg)
    return written


def _in_kind(values: pd.Series, column: Column, zone: str) -> pd.Series:
    """Return values in the type their kind is written in."""
    if column.kind == "instant":
        aware = pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
        return aware.dt.tz_convert(zone)
    if column.kind == "date":
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.tz_convert(zone)
        if pd.api.types.is_datetime64_any_dtype(values.dtype):
            return values.dt.strftime("%Y-%m-%d").astype("str")
        return values.astype("str").str.slice(0, 10)
    if column.kind == "count":
        return pd.to_numeric(values).astype("Int64")
    if column.kind == "number":
        return pd.to_numeric(values).astype("float64")
    if column.kind == "flag":
        return values.astype("boolean")
    return values.astype("str").mask(values.isna())
