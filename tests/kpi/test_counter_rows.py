"""Claims about rows of counters as arrays."""

import numpy as np
import pandas as pd
import pyarrow as pa

from kpi.counter_rows import counter_rows, deliveries

START = pd.Timestamp("2026-03-02 00:00", tz="UTC")
IDS = pa.array(["a", "b"])


def table() -> pa.Table:
    frame = pd.DataFrame(
        {
            "cell_id": ["b", "x", "a", "b"],
            "start": [START, START, START, START + pd.Timedelta("15min")],
            "minutes": [15.0, 15.0, 60.0, 15.0],
            "drops": [1.0, 2.0, None, 4.0],
            "received_at": [pd.NaT, pd.NaT, START + pd.Timedelta("3h"), pd.NaT],
        }
    )
    return pa.Table.from_pandas(frame, preserve_index=False)


def test_cells_become_positions_and_strangers_none() -> None:
    rows = counter_rows(table(), IDS)
    assert rows.cells.tolist() == [1, -1, 0, 1]
    np.testing.assert_array_equal(rows.counters["drops"], [1, 2, np.nan, 4])


def test_rows_arrive_when_they_say_else_after_their_period() -> None:
    rows = counter_rows(table(), IDS, delay_minutes=5)
    since = rows.arrived - int(START.timestamp())
    assert since.tolist() == [1200, 1200, 10800, 2100]


def test_deliveries_come_in_the_order_of_arrival() -> None:
    parts = list(deliveries(counter_rows(table(), IDS, delay_minutes=5)))
    assert [len(part.cells) for _, part in parts] == [2, 1, 1]
    assert [now for now, _ in parts] == sorted(now for now, _ in parts)
    assert sum(part.counters["drops"][0] for _, part in parts[:2]) == 5


def test_no_rows_make_no_delivery() -> None:
    assert list(deliveries(counter_rows(table().slice(0, 0), IDS))) == []
