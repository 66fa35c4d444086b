"""Claims about the ring of days."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from kpi.rings import Ring, start_ring

CELLS, GAUGES, DAYS = 5, 3, 4


def played(folder: Path | None, *, days: int = 11) -> Ring:
    """Return a ring into which some days were written, the hours 6, 7 and 23 of each."""
    ring = start_ring(CELLS, GAUGES, days=DAYS, folder=folder)
    rng = np.random.default_rng(3)
    for day in range(100, 100 + days):
        for hour in (6, 7, 23):
            slab = ring.slab(day * 24 + hour)
            assert slab is not None
            slab[rng.random(CELLS) < 0.8] = rng.normal(day, 1, GAUGES).astype(np.float32)
    return ring


def test_a_folder_holds_what_memory_holds(tmp_path: Path) -> None:
    here, there = played(None), played(tmp_path / "ring")
    for hour in (6, 7, 8, 23):
        slots = here.slots_before(1000)
        np.testing.assert_array_equal(here.read(hour, slots), there.read(hour, slots))
        np.testing.assert_array_equal(
            here.read(hour, slots, first=1, last=3), there.read(hour, slots, first=1, last=3)
        )


def test_only_the_last_days_are_known() -> None:
    ring = played(None)
    assert sorted(ring.days.tolist()) == [107, 108, 109, 110]
    assert len(ring.slots_before(109)) == 2


def test_an_hour_without_rows_is_unknown_though_an_earlier_day_lies_there() -> None:
    ring = played(None, days=4)
    later = ring.slab(104 * 24 + 6)
    assert later is not None
    later[:] = 1
    slot = np.array([104 % DAYS])
    assert np.isnan(ring.read(7, slot)).all()
    assert (ring.read(6, slot) == 1).all()


def test_a_late_row_finds_what_its_hour_held() -> None:
    ring = played(None)
    before = ring.read(6, np.array([109 % DAYS]))
    slab = ring.slab(109 * 24 + 6)
    assert slab is not None
    np.testing.assert_array_equal(slab, before[0])
    slab[0] = 42
    ring.slab(110 * 24 + 23)
    assert (ring.read(6, np.array([109 % DAYS]))[0, 0] == 42).all()


def test_a_forgotten_day_takes_nothing() -> None:
    assert played(None).slab(100 * 24 + 6) is None


def test_few_cells_are_read_over_the_whole_day() -> None:
    ring = played(None)
    slots, cells = ring.slots_before(110), np.array([4, 1])
    found = ring.read_cells(slots, cells)
    np.testing.assert_array_equal(found[:, 6], ring.read(6, slots)[:, cells])
    assert np.isnan(found[:, 12]).all()


def test_an_empty_ring_knows_nothing() -> None:
    ring = start_ring(CELLS, GAUGES, days=DAYS)
    assert len(ring.slots_before(1000)) == 0
    assert np.isnan(ring.read(23, np.array([0, 1]))).all()


def test_a_file_cut_short_is_told(tmp_path: Path) -> None:
    ring = played(tmp_path)
    ring.flush()
    (tmp_path / "hour-06.f32").write_bytes(b"short")
    with pytest.raises(InputError, match="ends early"):
        ring.read(6, ring.slots_before(1000))
