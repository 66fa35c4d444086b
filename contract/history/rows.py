"""Bring rows to the types in which they are kept: those of the contract, where it declares the table.

A number that is not one is null. Of rows with one key in one writing the later received one stays, at equal
receipt the one of greater content, column by column, null lowest.

Simple so far: columns that the contract does not declare keep the type they come in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contract.arrivals import OWN
from contract.errors import InputError
from contract.history.forms import CLOCKS, Form
from contract.history.limits import named
from contract.tables import TABLES, Column

ROW_GROUP = 16_384
"""Rows of a group within a file: few enough that a cell is found without reading all, many enough to pack well."""
SEQUENCE = "_written"
"""Column of compacted files: the order in which a row was written."""
INSTANT = pa.timestamp("us", "UTC")


@dataclass(frozen=True)
class Encoded:
    """Rows as a file holds them.

    Attributes
    ----------
    content : bytes
    rows : int
    columns : str
        Says which columns of which types: equal for equal ones.
    digest : str
        Of the content.
    """

    content: bytes
    rows: int
    columns: str
    digest: str


def kept_rows(
    frame: pd.DataFrame | pa.Table, form: Form, connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    """Return rows as they are kept: typed, each key once, in the order of the key.

    Parameters
    ----------
    frame : DataFrame or Table
    form : Form
    connection : DuckDB connection
        Sorts, and spills where memory is short.

    Raises
    ------
    InputError
        If a column of the key is missing or has nulls, or a column can't be brought to its type.
    """
    table = _typed(_arrow(frame), form)
    for name in form.key:
        if table[name].null_count:
            msg = f"`{form.table}.{name}` must have a value in every row; {table[name].null_count} have none."
            raise InputError(msg)
    connection.register("rows_given", table)
    try:
        rows = connection.sql(_in_order(table, form)).to_arrow_table()
        if form.key and _has_rivals(rows, form.key):
            rows = connection.sql(_settling(table, form)).to_arrow_table()
    finally:
        connection.unregister("rows_given")
    return rows


def encoded(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Encoded:
    """Return batches as a Parquet file, a batch a row group.

    Parameters
    ----------
    batches : iterator of RecordBatch
    schema : Schema
    """
    sink, rows = pa.BufferOutputStream(), 0
    schema = schema.remove_metadata()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(None))
            rows += batch.num_rows
    content = sink.getvalue().to_pybytes()
    return Encoded(content, rows, _digest(str(schema).encode()), _digest(content))


def day_span_us(day: date, zone: str) -> tuple[int, int]:
    """Return the first microsecond of a day in a zone, and that of the next.

    Examples
    --------
    >>> first, end = day_span_us(date(2026, 1, 1), "Asia/Shanghai")
    >>> (end - first) / 3_600_000_000
    24.0
    """
    midnights = (
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)) for d in (day, day + timedelta(1))
    )
    first, end = (round(at.timestamp()) * 1_000_000 for at in midnights)
    return first, end


def clock_span_us(table: pa.Table, form: Form) -> tuple[int, int]:
    """Return the first and the last instant of the rows, in microseconds; zeros where they have none."""
    if not form.clock or table[form.clock].type != INSTANT:
        return 0, 0
    found = pc.min_max(table[form.clock].cast(pa.int64()))
    return int(found["min"].as_py() or 0), int(found["max"].as_py() or 0)


def empty_rows(form: Form) -> pa.Table:
    """Return no rows, in the columns that the contract declares."""
    if form.table not in CLOCKS:
        return pa.table({})
    return pa.schema([(c.name, _arrow_type(c)) for c in TABLES[form.table].columns]).empty_table()


def _arrow(frame: pd.DataFrame | pa.Table) -> pa.Table:
    """Return rows as an Arrow table of plain types, floats without NaN."""
    is_frame = isinstance(frame, pd.DataFrame)
    table = pa.Table.from_pandas(frame, preserve_index=False) if is_frame else frame
    return pa.table({name: _plain(table[name]) for name in table.column_names})


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column in the plain type of its kind."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
        kind = values.type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return values.cast(INSTANT, safe=False)
    if pa.types.is_floating(kind) and pc.any(pc.is_nan(values)).as_py():
        return pc.if_else(pc.is_nan(values), pa.scalar(None, kind), values)
    return values


def _typed(table: pa.Table, form: Form) -> pa.Table:
    """Return the rows of a table of the contract in its columns and types, further columns after them."""
    if form.table not in CLOCKS:
        return table
    declared = TABLES[form.table].columns
    names = [column.name for column in declared]
    extra = [n for n in table.column_names if n not in names and n not in (*OWN, SEQUENCE)]
    typed = {column.name: _typed_column(table, column, form) for column in declared}
    return pa.table({**typed, **{name: table[name] for name in extra}})


def _typed_column(table: pa.Table, column: Column, form: Form) -> pa.ChunkedArray:
    """Return a column of the contract in its type; of nulls where it is missing and may be."""
    kind = _arrow_type(column)
    if column.name not in table.column_names:
        if column.is_required:
            msg = f"`{form.table}` lacks column {column.name!r}; it has {table.column_names[:40]}."
            raise InputError(msg)
        return pa.chunked_array([pa.nulls(table.num_rows, kind)])
    values = table[column.name]
    if values.null_count == len(values):
        return pa.chunked_array([pa.nulls(len(values), kind)])
    if kind == INSTANT and pa.types.is_timestamp(values.type) and values.type.tz is None:
        msg = f"`{form.table}.{column.name}` must have a zone; its times have none. Give them one (UTC)."
        raise InputError(msg)
    try:
        return values.cast(kind, safe=not pa.types.is_floating(kind))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        msg = f"`{form.table}.{column.name}` must be {column.kind}; it can't be read as that: {error}."
        raise InputError(msg) from error


def _arrow_type(column: Column) -> pa.DataType:
    """Return the type a column of the contract is kept in."""
    kinds = {
        "number": pa.float64(),
        "count": pa.float64(),
        "flag": pa.bool_(),
        "instant": INSTANT,
        "date": INSTANT,
    }
    return pa.float32() if column.is_single else kinds.get(column.kind, pa.string())


def _in_order(table: pa.Table, form: Form) -> str:
    """Return the query for the rows in the order of the key; rows alike in every column are one without a key."""
    if form.key:
        return f"SELECT * FROM rows_given ORDER BY {_listed(form.key)}"
    return f"SELECT DISTINCT * FROM rows_given ORDER BY {_listed(table.column_names)}"


def _has_rivals(rows: pa.Table, key: tuple[str, ...]) -> bool:
    """Tell whether two rows in the order of the key share one."""
    is_same: Any = True
    for name in key:
        values = rows[name]
        is_same = pc.and_(pc.equal(values[1:], values[:-1]), is_same)
    return bool(pc.any(is_same).as_py())


def _settling(table: pa.Table, form: Form) -> str:
    """Return the query that leaves each key once, in order."""
    arrival = [form.arrival] if form.arrival in table.column_names else []
    content = [n for n in table.column_names if n not in form.key and n not in arrival]
    rank = ", ".join(f"{named(name)} DESC NULLS LAST" for name in [*arrival, *content])
    key, by = _listed(form.key), f"ORDER BY {rank}" if rank else ""
    once = f"QUALIFY row_number() OVER (PARTITION BY {key} {by}) = 1"
    return f"SELECT * FROM rows_given {once} ORDER BY {key}"


def _listed(names: Iterable[str]) -> str:
    """Return names of columns as SQL lists them."""
    return ", ".join(named(name) for name in names)


def _digest(content: bytes) -> str:
    """Return a short digest."""
    return hashlib.sha256(content).hexdigest()[:12]
