"""Claims about what an hour is compared with."""

import numpy as np
import pytest

from kpi.hour_levels import days_alike, hour_levels
from kpi.rings import Ring, start_ring

MONDAY = 20514  # 2 March 2026


def ring_of(days: int, *, cells: int = 3, first: int = MONDAY) -> Ring:
    """Return a ring in which every hour of a day shows the number of the day, cell 2 nothing."""
    ring = start_ring(cells, 1, days=28)
    for day in range(first, first + days):
        for hour in range(24):
            slab = ring.slab(day * 24 + hour)
            assert slab is not None
            slab[:] = day - first
            slab[2] = np.nan
    return ring


def levels(ring: Ring, day: int) -> list[float]:
    """Return lower quartile, middle, upper quartile, values and days of cell 0 at noon of a day."""
    cells = np.zeros(ring.cells, dtype=np.intp)
    found = hour_levels(ring, cells, np.zeros((24, 1, 1), dtype=np.float32), hour_key=day * 24 + 12)
    parts = (found.low, found.middle, found.high, found.counts, found.days)
    return [float(part[0, 0]) for part in parts]


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (0, [np.nan, np.nan, np.nan, 0, 0]),
        (3, [0, 1, 2, 9, 3]),
        (9, [2, 4, 6, 9, 9]),
    ],
    ids=["none", "hours pooled", "a week"],
)
def test_levels_rest_on_the_days_before(days: int, wanted: list[float]) -> None:
    np.testing.assert_array_equal(levels(ring_of(days), MONDAY + days), wanted)


def test_what_was_never_seen_is_unknown() -> None:
    ring = ring_of(10)
    cells = np.zeros(3, dtype=np.intp)
    found = hour_levels(ring, cells, np.zeros((24, 1, 1), np.float32), hour_key=(MONDAY + 10) * 24)
    assert np.isnan(found.middle[2, 0])
    assert found.counts[2, 0] == 0


def test_blocks_of_cells_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = ring_of(5, cells=7)
    cells, hours = np.arange(7) % 2, np.random.default_rng(1).normal(size=(24, 2, 1))
    whole = hour_levels(ring, cells, hours.astype(np.float32), hour_key=(MONDAY + 5) * 24)
    monkeypatch.setattr("kpi.hour_levels.BLOCK", 2)
    parts = hour_levels(ring, cells, hours.astype(np.float32), hour_key=(MONDAY + 5) * 24)
    np.testing.assert_array_equal(whole.middle, parts.middle)
    np.testing.assert_array_equal(whole.counts, parts.counts)


LABOUR_DAY = 20574  # Friday, 1 May 2026, first of five days off; Saturday the 9th is worked
APRIL = np.arange(LABOUR_DAY - 18, LABOUR_DAY + 9)  # from 13 April, after Qingming


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (LABOUR_DAY - 1, "workdays"),
        (LABOUR_DAY, "weekends"),
        (LABOUR_DAY + 3, "weekends and holidays"),
        (LABOUR_DAY + 6, "workdays"),
        (LABOUR_DAY + 8, "workdays"),
        (LABOUR_DAY + 9, "weekends"),
    ],
    ids=["Thursday", "holiday", "holiday Monday", "Thursday after", "worked Saturday", "Sunday"],
)
def test_days_are_compared_with_their_kind(day: int, wanted: str) -> None:
    slots = np.flatnonzero(day > APRIL)
    chosen = APRIL[days_alike(APRIL, slots, day=day)]
    weekday = (chosen + 3) % 7 < 5
    holiday = (chosen >= LABOUR_DAY) & (chosen < LABOUR_DAY + 5)
    worked = weekday & ~holiday | (chosen == LABOUR_DAY + 8)
    if wanted == "workdays":
        assert worked.all()
    else:
        assert not worked.any()
        assert holiday.any() == (wanted == "weekends and holidays")


def test_a_kind_too_rare_is_compared_with_all_but_holidays() -> None:
    days = np.arange(LABOUR_DAY - 6, LABOUR_DAY + 7)
    chosen = days[days_alike(days, np.arange(len(days)), day=LABOUR_DAY + 7)]
    assert len(chosen) == 8
    assert not ((chosen >= LABOUR_DAY) & (chosen < LABOUR_DAY + 5)).any()


def test_days_too_few_are_all_taken() -> None:
    days = np.arange(LABOUR_DAY, LABOUR_DAY + 6)
    assert len(days_alike(days, np.arange(6), day=LABOUR_DAY + 6)) == 6
