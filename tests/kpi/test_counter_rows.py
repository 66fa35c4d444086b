"""Claims about rows of counters as arrays."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

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


@pytest.mark.parametrize(
    "marks",
    [["true", "false", None, "True"], [True, False, None, True], [1.0, 0.0, None, 1.0]],
    ids=["words", "truth values", "numbers"],
)
def test_counters_of_suspect_rows_are_unknown_and_the_rows_stay(marks: list[object]) -> None:
    marked = table().append_column("is_suspect", pa.array(marks))
    rows = counter_rows(marked, IDS)
    np.testing.assert_array_equal(rows.counters["drops"], [np.nan, 2, np.nan, np.nan])
    assert rows.cells.tolist() == [1, -1, 0, 1]
    assert rows.minutes.tolist() == [15, 15, 60, 15]
    assert marked["drops"].to_pylist() == [1.0, 2.0, None, 4.0]


def test_marks_that_suspect_nothing_change_nothing() -> None:
    for marks in (pa.nulls(4, pa.string()), pa.array(["false"] * 4)):
        rows = counter_rows(table().append_column("is_suspect", marks), IDS)
        np.testing.assert_array_equal(rows.counters["drops"], [1, 2, np.nan, 4])


def test_counters_that_a_table_lacks_are_not_made_up() -> None:
    assert set(counter_rows(table(), IDS).counters) == {"drops"}


def test_a_length_that_is_null_makes_a_row_of_no_time() -> None:
    odd = table().set_column(2, "minutes", pa.array([None, 15.0, 60.0, 15.0]))
    rows = counter_rows(odd, IDS)
    assert rows.minutes.tolist() == [0, 15, 60, 15]
    assert rows.arrived[0] == rows.start[0]


def test_some_rows_are_taken_with_all_that_belongs_to_them() -> None:
    rows = counter_rows(table(), IDS)
    part = rows.take(np.array([3, 0]))
    assert part.cells.tolist() == [1, 1]
    assert part.counters["drops"].tolist() == [4.0, 1.0]
    assert (part.start - rows.start[0]).tolist() == [900, 0]
    assert len(part.arrived) == len(part.minutes) == 2
