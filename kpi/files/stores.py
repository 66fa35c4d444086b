"""Keep the rows of measurement files by the hour, and bring them to one row for each cell and period.

Terms: a *part* is the row of one file for a cell and period. All parts stay beside the table, so that the table is the
same in whatever order files come:

* of periods of a cell with one begin the shortest counts;
* of files with one name the latest counts, row by row: a file that was written anew replaces what it held before;
* a sound part counts before a suspect one;
* of what is left each counter is the value of the latest file that has one.

The latest file is the one changed last, at equal times the one whose content has the greater hash.

Simple so far: an hour is written anew when a part of it comes; a period of an hour is not spread over its quarters.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kpi.files.catalogue import COLUMNS
from kpi.files.formulas import KEY

PARTS = "parts"
"""Folder of the parts, beside the Parquet files of the table."""
ORIGIN = ("name", "generation", "digest")
_CELL = ["cell_id", "start"]
_ORDER = [*_CELL, "minutes", "is_suspect", "generation", "digest"]
_SCHEMA = pa.schema(
    [
        ("cell_id", pa.string()),
        ("start", pa.timestamp("us", "UTC")),
        ("minutes", pa.float64()),
        ("is_suspect", pa.bool_()),
        *((name, pa.float64()) for name in COLUMNS),
    ]
)
_PART_SCHEMA = pa.schema(
    [*_SCHEMA, ("name", pa.string()), ("generation", pa.int64()), ("digest", pa.string())]
)


def hours_of(starts: pd.Series) -> pd.Series:
    """Return the name of the hour (UTC) in which each period begins.

    Examples
    --------
    >>> hours_of(pd.Series(pd.to_datetime(["2026-03-01T08:45Z"]))).tolist()
    ['2026-03-01T08']
    """
    return starts.dt.strftime("%Y-%m-%dT%H").astype("str")


def add_parts(
    folder: Path, parts: pd.DataFrame, *, taken_back: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Write parts, and anew the rows of each hour they touch, each file whole or not at all.

    Parameters
    ----------
    folder : Path
        Folder of the table.
    parts : DataFrame
        Our counters with `KEY` and `ORIGIN`.
    taken_back : mapping
        Hashes of files whose earlier parts go, by hour.

    Yields
    ------
    str, DataFrame
        Each hour that was written, and its rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PARTS).mkdir(exist_ok=True)
    hours = hours_of(parts["start"]) if len(parts) else pd.Series([], dtype="str")
    fresh = {str(hour): rows for hour, rows in parts.groupby(hours.to_numpy())}
    for hour in sorted({*fresh, *taken_back}):
        held = _read_parts(folder, hour)
        held = held[~held["digest"].isin(list(taken_back.get(hour, ())))]
        every = pd.concat([held, fresh[hour]]) if hour in fresh else held
        every = every.sort_values(_ORDER, ignore_index=True)
        rows = merged_rows(every)
        _write(folder / PARTS / f"{hour}.part", every, _PART_SCHEMA)
        _write(folder / f"{hour}.parquet", rows, _SCHEMA)
        yield hour, rows


def ensure_table(folder: Path) -> None:
    """Write a file without rows where a table has none: a folder without a Parquet file is no table.

    Parameters
    ----------
    folder : Path
        Folder of the table.
    """
    if not any(folder.glob("*.parquet")):
        _write(folder / "none.parquet", _SCHEMA.empty_table().to_pandas(), _SCHEMA)


def merged_rows(parts: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each cell and period.

    Parameters
    ----------
    parts : DataFrame
        Our counters with `KEY` and `ORIGIN`, in any order.

    Returns
    -------
    DataFrame
        `KEY` and our counters, in the order of cell and begin.
    """
    is_shared = parts.duplicated(_CELL, keep=False)
    alone = parts.loc[~is_shared, [*KEY, *COLUMNS]]
    shared = parts[is_shared].sort_values(_ORDER)
    shared = shared[shared["minutes"] == shared.groupby(_CELL)["minutes"].transform("min")]
    latest = shared.sort_values(["generation", "digest"]).drop_duplicates(
        [*_CELL, "name"], keep="last"
    )
    kept = shared.merge(latest[[*_CELL, "name", "digest"]], on=[*_CELL, "name", "digest"])
    least = kept.groupby(_CELL)["is_suspect"].transform("min")
    kept = kept[kept["is_suspect"] == least].sort_values(_ORDER)
    merged = kept.groupby(_CELL, as_index=False)[[*KEY[2:], *COLUMNS]].last()
    every = pd.concat([alone, merged[[*KEY, *COLUMNS]]]) if len(merged) else alone
    return every.sort_values(_CELL, ignore_index=True)


def _read_parts(folder: Path, hour: str) -> pd.DataFrame:
    """Return the parts of an hour; none where there are none."""
    path = folder / PARTS / f"{hour}.part"
    if not path.is_file():
        return _PART_SCHEMA.empty_table().to_pandas()
    with path.open("rb") as file:
        return pq.read_table(file).to_pandas()


def _write(path: Path, rows: pd.DataFrame, schema: pa.Schema) -> None:
    """Write rows as a Parquet file that takes the place of an earlier one at once."""
    table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        pq.write_table(table, partial, compression="zstd")
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
