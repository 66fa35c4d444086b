"""Lay rows of counters out as arrays by the position of their cell, and feed them to a watch as they arrived.

Simple so far: rows of a period that arrived together are judged together, whatever the minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kpi.files.suspects import COLUMN as SUSPECT
from kpi.files.suspects import suspect_rows
from kpi.measures import COUNTERS

Ints = npt.NDArray[np.intp]
Seconds = npt.NDArray[np.int64]

COLUMNS = ("cell_id", "start", "minutes", "received_at", *COUNTERS)
"""What is read of the table `kpi`, beside `is_suspect` where it is there."""


@dataclass(frozen=True)
class CounterRows:
    """Rows of counters: positions of cells (-1: not ours), begin, minutes and arrival, each counter as an array.

    Instants are seconds since 1970 UTC.
    """

    cells: Ints
    start: Seconds
    minutes: Seconds
    arrived: Seconds
    counters: Mapping[str, npt.NDArray[Any]]

    def take(self, rows: Ints) -> CounterRows:
        """Return some of the rows."""
        part = {name: column[rows] for name, column in self.counters.items()}
        return CounterRows(
            cells=self.cells[rows],
            start=self.start[rows],
            minutes=self.minutes[rows],
            arrived=self.arrived[rows],
            counters=part,
        )


def counter_rows(table: pa.Table, cell_ids: pa.Array, *, delay_minutes: float = 0.0) -> CounterRows:
    """Return the rows of a table by the position of their cell.

    Parameters
    ----------
    table : pyarrow Table
        Columns of the table `kpi`; counters that it lacks are unknown, and so are all of a row that the equipment
        calls suspect (`is_suspect`). `start` is UTC.
    cell_ids : pyarrow Array of str [C]
        Cells by position.
    delay_minutes : float, default 0
        After the end of their period rows arrive so much later, where `received_at` does not say.

    Returns
    -------
    CounterRows

    Examples
    --------
    >>> start = pa.array([0], pa.timestamp("us", "UTC"))
    >>> table = pa.table({"cell_id": ["b"], "start": start, "minutes": [15.0], "drops": [2.0]})
    >>> rows = counter_rows(table, pa.array(["a", "b"]))
    >>> rows.cells.tolist(), rows.arrived.tolist()
    ([1], [900])
    """
    found = pc.index_in(table["cell_id"], value_set=cell_ids)
    start = _seconds(table["start"])
    minutes = np.nan_to_num(_floats(table["minutes"], np.float64)).astype(np.int64)
    due = start + minutes * 60 + round(delay_minutes * 60)
    arrived = due
    if "received_at" in table.column_names and table["received_at"].null_count < len(table):
        told = table["received_at"]
        arrived = np.where(pc.is_valid(told).to_numpy(), _seconds(told), due)
    return CounterRows(
        cells=pc.fill_null(found, -1).to_numpy().astype(np.intp),
        start=start,
        minutes=minutes,
        arrived=arrived,
        counters=_counters(table),
    )


def _counters(table: pa.Table) -> dict[str, npt.NDArray[Any]]:
    """Return the counters that a table has, those of suspect rows unknown."""
    columns = {
        name: _floats(table[name], np.float32) for name in COUNTERS if name in table.column_names
    }
    if SUSPECT in table.column_names and table[SUSPECT].null_count < len(table):
        doubted = suspect_rows(table[SUSPECT].to_pandas()).to_numpy()
        if doubted.any():
            return {name: np.where(doubted, np.float32(np.nan), c) for name, c in columns.items()}
    return columns


def deliveries(rows: CounterRows) -> Iterator[tuple[pd.Timestamp, CounterRows]]:
    """Yield the rows that arrived at each moment, in the order of time.

    Parameters
    ----------
    rows : CounterRows

    Yields
    ------
    now : Timestamp, UTC
    rows : CounterRows
    """
    order = np.argsort(rows.arrived, kind="stable")
    moments, firsts = np.unique(rows.arrived[order], return_index=True)
    ends = [*firsts.tolist(), len(order)][1:]
    for moment, first, last in zip(moments.tolist(), firsts.tolist(), ends, strict=True):
        yield pd.Timestamp(moment, unit="s", tz="UTC"), rows.take(order[first:last])


def _seconds(column: pa.ChunkedArray) -> Seconds:
    """Return instants as seconds since 1970, nulls as 0."""
    numbers = pc.fill_null(column.cast(pa.timestamp("s"), safe=False).cast(pa.int64()), 0)
    return np.asarray(numbers.to_numpy(), dtype=np.int64)


def _floats(column: pa.ChunkedArray, kind: type[np.floating[Any]]) -> npt.NDArray[Any]:
    """Return numbers, nulls as NaN."""
    return np.asarray(column.to_numpy(), dtype=kind)
