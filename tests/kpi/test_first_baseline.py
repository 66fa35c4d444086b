"""Claims about learning from history at once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi.baseline import Baseline, expected_levels, learn, start_baseline
from kpi.counter_rows import CounterRows
from kpi.first_baseline import learn_days
from kpi.measures import MEASURE_INDEX, MEASURES, measure_values, scaled_values
from kpi.region_watches import play_day
from kpi.watches import start_watch

CELLS, DAYS = 30, 16
OFFSET = 8 * 3600
MONDAY = 20514  # 2 March 2026
VSWR, SETUP, LOAD = (MEASURE_INDEX[name] for name in ("vswr", "setup_success", "attempts"))


def day_of(day: int, *, minutes: int = 60, ill: frozenset[int] = frozenset()) -> CounterRows:
    """Return a day; on the days `ill` cell 5 has a bad antenna line and fails half of its calls."""
    periods = 1440 // minutes
    rng = np.random.default_rng(day)
    cells, step = np.tile(np.arange(CELLS), periods), np.repeat(np.arange(periods), CELLS)
    hour = step * minutes // 60
    tried = rng.poisson((300 + 100 * np.sin(hour / 4) + 5 * cells) * minutes / 60)
    is_ill = (cells == 5) & (day in ill)
    start = (MONDAY + day) * 86400 - OFFSET + step * minutes * 60
    return CounterRows(
        cells=cells,
        start=start,
        minutes=np.full(len(cells), minutes),
        arrived=start + minutes * 60,
        counters={
            "setup_attempts": tried.astype(np.float32),
            "setup_successes": rng.binomial(tried, np.where(is_ill, 0.5, 0.99)).astype(np.float32),
            "vswr": (1.2 + 0.01 * cells + rng.normal(0, 0.005, len(cells)) + is_ill).astype("f4"),
            "availability": np.ones(len(cells), dtype=np.float32),
        },
    )


def learned(
    batches: Iterator[CounterRows], *, folder: Path | None = None, spill: Path | None = None
) -> Baseline:
    """Return what is learned at once from some days."""
    fresh = start_baseline(np.zeros(CELLS, dtype=np.intp), folder=folder)
    return learn_days(fresh, batches, utc_offset=OFFSET, spill=spill)


def streamed(batches: Iterator[CounterRows]) -> Baseline:
    """Return what is learned hour by hour."""
    baseline = start_baseline(np.zeros(CELLS, dtype=np.intp))
    for rows in batches:
        for start in np.unique(rows.start):
            part = rows.take(np.flatnonzero(rows.start == start))
            values, attempts = measure_values(part.counters, part.minutes)
            scaled, key = scaled_values(values), (int(start) + OFFSET) // 3600
            expected_levels(baseline, part.cells, scaled, hour_key=key)
            frozen = np.zeros(scaled.shape, dtype=np.bool_)
            learn(baseline, part.cells, scaled, attempts=attempts, hour_key=key, frozen=frozen)
    return baseline


def expected(baseline: Baseline, *, hour: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Return what is expected, and its spread, in an hour of the day after."""
    nothing = np.full((CELLS, len(MEASURES)), np.nan, dtype=np.float32)
    key = (MONDAY + DAYS) * 24 + hour
    return expected_levels(baseline, np.arange(CELLS), nothing, hour_key=key)


@pytest.mark.parametrize("minutes", [60, 15], ids=["hours", "quarters"])
def test_learned_at_once_or_hour_by_hour_is_the_same(minutes: int) -> None:
    days = [day_of(day, minutes=minutes) for day in range(DAYS)]
    here, there = expected(learned(iter(days))), expected(streamed(iter(days)))
    for measure in (VSWR, SETUP, LOAD):
        away = np.abs(here[0][:, measure] - there[0][:, measure]) / there[1][:, measure]
        assert np.median(away) < 0.02
        assert away.max() < 0.3


def test_a_fault_of_some_days_is_not_learned() -> None:
    ill = frozenset(range(6, 11))
    spoiled = expected(learned(day_of(day, ill=ill) for day in range(DAYS)))[0]
    whole = expected(learned(day_of(day) for day in range(DAYS)))[0]
    assert abs(spoiled[5, VSWR] - whole[5, VSWR]) < 0.01
    assert abs(spoiled[5, SETUP] - whole[5, SETUP]) < 0.005


def test_what_moves_the_whole_layer_is_kept() -> None:
    def busy(day: int) -> CounterRows:
        rows = day_of(day)
        twice = {name: rows.counters[name] * 2 for name in ("setup_attempts", "setup_successes")}
        counters = {**rows.counters, **(twice if day == 9 else {})}
        return CounterRows(rows.cells, rows.start, rows.minutes, rows.arrived, counters)

    baseline = learned(busy(day) for day in range(DAYS))
    slot = np.array([(MONDAY + 9) % len(baseline.ring.days)])
    assert np.isfinite(baseline.ring.read(12, slot)[0, :, 0]).all()


def test_spilling_changes_nothing(tmp_path: Path) -> None:
    days = [day_of(day, ill=frozenset([3])) for day in range(DAYS)]
    here = learned(iter(days))
    there = learned(iter(days), folder=tmp_path / "ring", spill=tmp_path / "spill")
    for hour in (0, 12, 23):
        slots = here.ring.slots_before(10**6)
        np.testing.assert_array_equal(here.ring.read(hour, slots), there.ring.read(hour, slots))
    for name in ("fails", "trials", "layer_hours", "faded_on"):
        np.testing.assert_array_equal(getattr(here, name), getattr(there, name))


def test_rows_of_unknown_cells_and_of_cells_that_were_away_teach_nothing() -> None:
    def odd(day: int) -> CounterRows:
        rows = day_of(day)
        cells = np.where(rows.cells == 2, -1, rows.cells)
        up = np.where(rows.cells == 3, np.float32(0.5), np.float32(1))
        return CounterRows(
            cells, rows.start, rows.minutes, rows.arrived, {**rows.counters, "availability": up}
        )

    baseline = learned(odd(day) for day in range(DAYS))
    assert np.isnan(expected(baseline)[0][[2, 3]][:, VSWR]).all()
    assert (baseline.trials[:, [2, 3]] == 0).all()


def test_no_days_teach_nothing() -> None:
    baseline = learned(iter(()))
    assert np.isnan(expected(baseline)[0][:, VSWR]).all()


def test_learned_at_once_is_near_what_a_watch_learns_that_lived_through_the_days() -> None:
    ill = frozenset({11, 12})
    watch = start_watch(pd.DataFrame({"rat": ["LTE"] * CELLS, "site": np.arange(CELLS) // 3}))
    for day in range(DAYS):
        watch = play_day(watch, day_of(day, ill=ill))
    lived, spread = expected(watch.baseline)
    at_once, _ = expected(learned(day_of(day, ill=ill) for day in range(DAYS)))
    for measure in (VSWR, SETUP, LOAD):
        away = np.abs(at_once[:, measure] - lived[:, measure]) / spread[:, measure]
        assert np.median(away) < 0.1
        assert away.max() < 1.0


def test_the_order_of_rows_within_a_day_does_not_matter() -> None:
    def turned(day: int) -> CounterRows:
        rows = day_of(day, minutes=15)
        return rows.take(np.random.default_rng(day).permutation(len(rows.cells)))

    straight = learned(day_of(day, minutes=15) for day in range(DAYS))
    mixed = learned(turned(day) for day in range(DAYS))
    np.testing.assert_allclose(expected(mixed)[0], expected(straight)[0], rtol=1e-5)
    np.testing.assert_allclose(mixed.trials, straight.trials, rtol=1e-5)


def test_days_in_halves_teach_the_same_as_whole_ones() -> None:
    def halves() -> Iterator[CounterRows]:
        for day in range(DAYS):
            rows = day_of(day)
            noon = np.median(rows.start)
            yield rows.take(np.flatnonzero(rows.start < noon))
            yield rows.take(np.flatnonzero(rows.start >= noon))

    whole, parts = learned(day_of(day) for day in range(DAYS)), learned(halves())
    np.testing.assert_array_equal(expected(parts)[0], expected(whole)[0])


def test_the_rows_learned_are_left_as_they_were() -> None:
    days = [day_of(day, minutes=15) for day in range(3)]
    learned(iter(days))
    for day, rows in enumerate(days):
        same = day_of(day, minutes=15)
        np.testing.assert_array_equal(rows.start, same.start)
        for name, column in rows.counters.items():
            np.testing.assert_array_equal(column, same.counters[name])
