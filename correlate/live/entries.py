"""Turn rows of tables into entries of the ledger and back.

Counters come by the hundred thousand and are kept as Parquet files of the history; their entry names the file.

Simple so far: a batch of counters is one file; files are not joined later.
"""

from __future__ import annotations

import hashlib
import io
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contract.arrivals import settled_versions
from contract.instants import INSTANT
from contract.ledger.arrivals import Entry, digest_of
from contract.tables import TABLES, Table
from correlate.live.object_files import written_durably

CLEARINGS, COUNTERS, STRAYS = "clearings", "kpi", "strays"
NOT_CONTENT = ("received_at", "cleared_at")
"""Columns of alarms that don't make them another version."""
SUBJECTS = {
    "alarms": "object_id",
    "locations": "msisdn",
    "accounts": "msisdn",
    "complaints": "msisdn",
}
LONGEST_KEY = 200
FOLDER = "counters"
ROWS_TOGETHER = 8_192
"""Rows of a batch that are read together: sorted by cell, so that those of a few cells are found without the rest."""
_WRITTEN_ALIKE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_PLACED = ("row", "arrived_at", "superseded_at", "clear_arrived_at")


def row_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as objects of JSON without empty values; instants as ISO text in UTC."""
    columns: dict[str, list[Any]] = {}
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            text = values.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            columns[str(name)] = [None if v is None or v is np.nan or v != v else v for v in text]
        else:
            plain = values.astype(object).where(values.notna(), None)
            columns[str(name)] = [v.item() if isinstance(v, np.generic) else v for v in plain]
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    return [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in rows]


def entries_of(
    name: str, frame: pd.DataFrame, arrived_us: Sequence[int], *, source: str
) -> list[list[Entry]]:
    """Return the entries of each row: one, and of an alarm that was cleared a second one.

    Parameters
    ----------
    name : str
        Table of arrivals, not `kpi`.
    frame : DataFrame
        Typed rows.
    arrived_us : sequence of int
        When each row arrived, microseconds since 1970.
    """
    table = TABLES[name]
    kept = frame.drop(columns=[c for c in _PLACED if c in frame])
    out = []
    for record, at in zip(row_records(kept), arrived_us, strict=True):
        out.append(_of_record(table, record, at, source=source))
    return out


def strays_of(rows: pd.DataFrame, arrived_us: int, *, source: str) -> list[Entry]:
    """Return the entries of alarms of objects that the inventory does not know: kept, but not given to the step."""
    out = []
    for record in row_records(rows):
        text = _json(record)
        key = str(record.get("alarm_id", ""))[:LONGEST_KEY]
        out.append(
            Entry(STRAYS, key, digest_of(text), text, arrived_us, source, record.get("object_id"))
        )
    return out


def _of_record(table: Table, record: Mapping[str, Any], at: int, *, source: str) -> list[Entry]:
    """Return the entries of one row."""
    content = {n: record[n] for n in table.column_names if n in record and n not in NOT_CONTENT}
    content |= {n: record[n] for n in ("ack_state", "latest_severity") if n in record}
    digest = digest_of(_json(content))
    key = "|".join(str(record.get(n, "")) for n in table.key) if table.key else digest
    key = key if len(key) <= LONGEST_KEY else digest_of(key)
    subject = record.get(SUBJECTS.get(table.name, ""))
    raised = {n: v for n, v in record.items() if table.name != "alarms" or n != "cleared_at"}
    entry = Entry(table.name, key, digest, _json(raised), at, source, subject)
    if table.name != "alarms" or "cleared_at" not in record:
        return [entry]
    cleared = digest_of(str(record["cleared_at"]))
    return [entry, Entry(CLEARINGS, key, cleared, _json(record), at, source, subject)]


def _json(record: Mapping[str, Any]) -> str:
    """Return an object as JSON, always written alike."""
    return _WRITTEN_ALIKE.encode(record)


def keep_counters(
    frame: pd.DataFrame, folder: Path, arrived_us: Sequence[int], *, source: str
) -> Entry:
    """Return the entry of a batch of counters, once the batch is on disk.

    Parameters
    ----------
    folder : Path
        Of the history; the file goes to `counters/` in it.
    """
    kept = frame.drop(columns=[c for c in _PLACED if c in frame]).reset_index(drop=True)
    kept = kept.assign(cell_id=kept["cell_id"].astype("str"))
    hashes = pd.util.hash_pandas_object(kept, index=False).to_numpy()
    digest = hashlib.sha256("|".join(kept.columns).encode() + hashes.tobytes()).hexdigest()[:32]
    path = folder / FOLDER / digest[:2] / f"{digest}.parquet"
    if not path.exists():
        arrived = pd.to_datetime(pd.Series(list(arrived_us), dtype="int64"), unit="us", utc=True)
        memory = io.BytesIO()
        rows = kept.assign(arrived_at=arrived.astype(INSTANT))
        rows = rows.sort_values(["cell_id", "start"], kind="stable")
        rows.to_parquet(memory, index=False, row_group_size=ROWS_TOGETHER)
        with written_durably(path) as file:
            file.write(memory.getvalue())
    told = {"file": str(path.relative_to(folder)), "rows": len(kept)}
    latest = max(arrived_us, default=0)
    return Entry(COUNTERS, digest, digest, _json(told), latest, source)


def table_of(name: str, entries: Iterable[Entry]) -> pd.DataFrame:
    """Return entries as rows of a table of arrivals, typed and in canonical order."""
    table, listed = TABLES[name], list(entries)
    frame = pd.DataFrame([json.loads(entry.payload) for entry in listed], dtype="object")
    extras = [c for c in frame.columns if c not in table.column_names]
    typed = {column.name: _typed(frame, column.name, column.dtype) for column in table.columns}
    typed |= {str(c): frame[c].astype("str") for c in extras}
    for given in ("lon_given", "lat_given"):
        if given in typed:
            typed[given] = pd.to_numeric(typed[given], errors="coerce").astype("float64")
    arrived = pd.Series([entry.arrived_us for entry in listed], dtype="int64")
    typed["arrived_at"] = pd.to_datetime(arrived, unit="us", utc=True).astype(INSTANT)
    typed["row"] = pd.Series([entry.seq for entry in listed], dtype="int64")
    rows = pd.DataFrame(typed, index=pd.RangeIndex(len(listed)))
    if name == "alarms":
        rows["clear_arrived_at"] = pd.Series(pd.NaT, index=rows.index, dtype=INSTANT)
    return settled_versions(rows, table)[0]


def cleared_table(entries: Iterable[Entry]) -> pd.DataFrame:
    """Return clearings as rows of alarms whose clearing arrives with the entry."""
    rows = table_of("alarms", entries)
    return rows.assign(clear_arrived_at=rows["arrived_at"])


def counter_table(
    entries: Iterable[Entry], folder: Path, *, cells: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the counters of batches as rows of `kpi`, in canonical order.

    Parameters
    ----------
    cells : sequence of str, optional
        Only the rows of these cells.
    """
    files = [folder / json.loads(entry.payload)["file"] for entry in entries]
    if cells is None:
        parts = [pd.read_parquet(file) for file in files]
        rows = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    else:
        rows = _rows_of_cells(files, cells)
    rows["arrived_at"] = rows["arrived_at"].astype(INSTANT)
    return settled_versions(rows.assign(row=np.arange(len(rows))), TABLES[COUNTERS])[0]


def _rows_of_cells(files: Sequence[Path], cells: Sequence[str]) -> pd.DataFrame:
    """Return the rows of some cells in batches, turned into a table once."""
    wanted = sorted(set(cells))
    with ThreadPoolExecutor() as readers:
        parts = list(readers.map(lambda file: _part_of_cells(file, wanted), files))
    rows = pa.concat_tables(parts, promote_options="permissive").to_pandas()
    return rows.astype({"cell_id": "str"})


def _part_of_cells(file: Path, wanted: Sequence[str]) -> pa.Table:
    """Return the rows of cells (sorted) in a batch: only groups of rows that may hold one are read.

    No threads of the library are used: a process that was forked has none of them.
    """
    with pq.ParquetFile(file, memory_map=True) as batch:
        place = batch.schema_arrow.get_field_index("cell_id")
        told = [batch.metadata.row_group(n).column(place) for n in range(batch.num_row_groups)]
        near = [n for n, column in enumerate(told) if _may_hold(column.statistics, wanted)]
        rows = batch.read_row_groups(near, use_threads=False)
    names = pa.array(wanted, type=pa.string())
    return rows.filter(pc.is_in(rows["cell_id"].cast(pa.string()), value_set=names))


def _may_hold(statistics: pq.Statistics | None, wanted: Sequence[str]) -> bool:
    """Tell whether a group of rows may hold one of some names (sorted)."""
    if statistics is None or not statistics.has_min_max:
        return True
    return bisect_left(wanted, statistics.min) < bisect_right(wanted, statistics.max)


def _typed(frame: pd.DataFrame, name: str, dtype: str) -> pd.Series:
    """Return a column of JSON values in the type of the contract."""
    if name not in frame:
        return pd.Series(None, index=frame.index, dtype=dtype)
    if dtype.startswith("datetime"):
        instants = pd.to_datetime(frame[name], utc=True, format="ISO8601")
        return pd.Series(instants).astype(INSTANT)
    return frame[name].astype(dtype)
