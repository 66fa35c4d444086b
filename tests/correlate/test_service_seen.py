"""Service seen: since when counters prove that a cell serves."""

import numpy as np
import pandas as pd
import pytest

from correlate.feed import CounterRows
from correlate.service_seen import NEVER, ServiceSeen, note_service, served_from, service_table

HOUR = 3600
NONE = np.empty(0, dtype=np.int64)


def rows(*cells: tuple[int, int, float], availability: float | None = None) -> CounterRows:
    """Return counters: cell, hour, calls set up."""
    counters = {"setup_successes": np.array([cell[2] for cell in cells], dtype=np.float32)}
    if availability is not None:
        counters["availability"] = np.full(len(cells), availability, dtype=np.float32)
    return CounterRows(
        cell=np.array([cell[0] for cell in cells], dtype=np.int64),
        start=np.array([cell[1] * HOUR for cell in cells], dtype=np.int64),
        minutes=np.full(len(cells), 60, dtype=np.int64),
        counters=counters,
    )


def after_a_day() -> ServiceSeen:
    """Return what is known after a day of 100 calls an hour at both of two cells."""
    seen = ServiceSeen.nothing(2)
    for hour in range(24):
        note_service(seen, rows((0, hour, 100.0), (1, hour, 100.0)), NONE)
    return seen


def test_service_is_seen_since_the_period_after_the_first() -> None:
    assert after_a_day().since.tolist() == [HOUR, HOUR]


def test_an_outage_ends_what_was_seen_and_service_after_it_begins_anew() -> None:
    seen = after_a_day()
    note_service(seen, rows((0, 24, 0.0), (1, 24, 90.0)), np.array([0]))
    assert seen.since.tolist() == [NEVER, HOUR]
    note_service(seen, rows((0, 25, 0.0)), np.array([0]))
    note_service(seen, rows((0, 26, 95.0)), NONE)
    assert seen.since.tolist() == [26 * HOUR, HOUR]


def test_a_trickle_proves_no_service() -> None:
    seen = after_a_day()
    note_service(seen, rows((0, 24, 5.0)), NONE)
    assert seen.latest[0] == 23 * HOUR


def test_low_availability_proves_no_service() -> None:
    seen = after_a_day()
    note_service(seen, rows((0, 24, 100.0), availability=0.5), NONE)
    assert seen.latest[0] == 23 * HOUR


def test_the_table_tells_of_cells_that_serve_and_that_are_out() -> None:
    seen = after_a_day()
    note_service(seen, rows((1, 24, 0.0)), np.array([1]))
    ids = np.array(["C1", "C2"], dtype=object)
    table = service_table(seen, np.array([0, 1]), ids, np.array(["S", "S"], dtype=object))
    assert table["object_id"].tolist() == ["C1", "C2"]
    assert table["since"].iloc[0] == pd.Timestamp(HOUR, unit="s", tz="UTC")
    assert pd.isna(table["since"].iloc[1])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(0, 23 * HOUR * 1_000_000), (1, -1)],
    ids=["serves", "is out"],
)
def test_what_is_known_of_a_cell_is_an_instant_or_an_outage(cell: int, expected: int) -> None:
    seen = after_a_day()
    note_service(seen, rows((1, 24, 0.0)), np.array([1]))
    assert served_from(seen)[cell] == expected


def test_nothing_is_known_of_a_cell_without_counters() -> None:
    assert served_from(ServiceSeen.nothing(1))[0] == np.iinfo(np.int64).min
