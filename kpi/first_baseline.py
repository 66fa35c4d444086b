"""Learn at once what is usual from the history, so that a watch begins knowing it.

Two passes. The first lays the levels of every hour into the ring and the trials and failures of every hour beside it.
The second takes out what belongs to a fault. Of the levels that is what lies further than `FAR` spreads (the cell's
own, or its layer's where that is wider) from the middle of its hour over days of its kind, once the common movement
of the layer is taken off; of the shares first the days, then the hours further than that from the cell's usual share.
What is left is what `kpi.baseline.learn` would have kept. Periods in which a cell was away for a part are not
learned, as there.

Simple so far: a fault that fills more than half of the days of an hour passes for usual; shares are judged without
regard to the kind of day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kpi.baseline import COMMON, FADING, Baseline, expected_shares
from kpi.counter_rows import CounterRows
from kpi.day_kinds import WORKDAY, day_kinds
from kpi.deviations import SHIFT
from kpi.hour_levels import ALIKE_LEAST, BLOCK
from kpi.layers import LEAST_CELLS
from kpi.measures import (
    AVAILABILITY,
    FLOORS,
    GAUGES,
    MEASURES,
    RATIOS,
    Floats,
    measure_values,
    scaled_values,
)
from kpi.quantiles import column_quantiles, group_medians
from kpi.rings import HOURS, Ring, start_ring

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

FAR = np.float32(5.0)
MAD_TO_SIGMA = np.float32(1.4826)
OUT_SHARE = 0.85  # availability below which nothing of the period is learned
COMMON_GAUGES = np.flatnonzero(COMMON)
SHARE_FLOORS = FLOORS[RATIOS]
SAMPLE = 400
"""Cells of a layer that its common movement is taken from: the median of so many is within a tenth of a spread."""


def learn_days(
    baseline: Baseline, batches: Iterable[CounterRows], *, utc_offset: int, spill: Path | None
) -> Baseline:
    """Return a fresh baseline after some days of history, its arrays changed in place.

    Parameters
    ----------
    baseline : Baseline
        Of which nothing is known yet.
    batches : iterable of CounterRows
        In order of time, each hour in one of them; a day at a time keeps memory small.
    utc_offset : int
        Seconds by which the network's day is ahead of UTC.
    spill : Path or None
        Folder for what is needed until the end, twice the size of the shares; None: memory.

    Returns
    -------
    Baseline
    """
    cells = len(baseline.layers)
    days = len(baseline.ring.days)
    sums = _Sums(
        fails=start_ring(cells, len(RATIOS), days=days, folder=spill and spill / "fails"),
        trials=start_ring(cells, len(RATIOS), days=days, folder=spill and spill / "trials"),
    )
    for rows in batches:
        _lay_down(baseline, sums, rows, utc_offset=utc_offset)
    for ring in (baseline.ring, sums.fails, sums.trials):
        ring.flush()
    for hour in range(HOURS):
        _clean_levels(baseline, hour)
    _learn_shares(baseline, sums)
    return baseline


@dataclass(frozen=True)
class _Sums:
    """Failures and trials of every hour, on the slots of the baseline's ring."""

    fails: Ring
    trials: Ring


def _lay_down(baseline: Baseline, sums: _Sums, rows: CounterRows, *, utc_offset: int) -> None:
    """Put rows into the slabs of their hours: levels as the mean of the periods, failures and trials as sums."""
    keys = (rows.start + utc_offset) // 3600
    used = np.flatnonzero((rows.cells >= 0) & (rows.minutes > 0))
    order = used[np.argsort(keys[used], kind="stable")]
    hours, firsts = np.unique(keys[order], return_index=True)
    ends = [*firsts.tolist(), len(order)][1:]
    for hour_key, first, last in zip(hours.tolist(), firsts.tolist(), ends, strict=True):
        part = rows.take(order[first:last])
        if (np.diff(part.cells) < 0).any():
            part = part.take(np.argsort(part.cells, kind="stable"))
        _lay_hour_down(baseline, sums, part, hour_key=hour_key)


def _lay_hour_down(baseline: Baseline, sums: _Sums, rows: CounterRows, *, hour_key: int) -> None:
    """Put the rows of an hour, by cell, into its slabs."""
    slabs = [ring.slab(hour_key) for ring in (baseline.ring, sums.fails, sums.trials)]
    values, attempts = measure_values(rows.counters, rows.minutes)
    scaled = scaled_values(values)
    scaled[(values[:, AVAILABILITY] < OUT_SHARE).any(axis=1)] = np.nan
    trials = np.where(np.isnan(scaled[:, RATIOS]), np.float32(0), attempts[:, RATIOS])
    parts = (scaled[:, GAUGES], np.fmax(scaled[:, RATIOS], 0) * trials, trials)
    is_first = np.diff(rows.cells, prepend=-1) > 0
    firsts, cells = np.flatnonzero(is_first), rows.cells[is_first]
    for i, (slab, part) in enumerate(zip(slabs, parts, strict=True)):
        if slab is None:
            continue
        summed = part if is_first.all() else _joined(part, firsts, is_mean=i == 0)
        held = slab[cells]
        slab[cells] = (
            np.where(np.isnan(summed), held, summed) if i == 0 else np.fmax(held, 0) + summed
        )


def _joined(values: Floats, firsts: Ints, *, is_mean: bool) -> Floats:
    """Return the sum of the rows of each cell, or the mean of those known."""
    total = np.add.reduceat(
        np.fmax(values, 0) if not is_mean else np.nan_to_num(values), firsts, axis=0
    )
    if not is_mean:
        return np.asarray(total)
    count = np.add.reduceat(np.isfinite(values), firsts, axis=0, dtype=np.float32)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _clean_levels(baseline: Baseline, hour: int) -> None:
    """Take the levels of faults out of an hour of all days, and note what the layers showed last."""
    ring = baseline.ring
    slots = ring.slots_before(np.iinfo(np.int64).max)
    slots = slots[np.argsort(ring.days[slots])]
    kinds = day_kinds(ring.days[slots], baseline.country, holidays=baseline.holidays)
    is_off = kinds != WORKDAY
    if min(is_off.sum(), (~is_off).sum()) < ALIKE_LEAST:
        is_off[:] = False
    held = baseline.layer_hours[hour]
    middles, sigma = _middles(ring, hour, slots, is_off)
    typical, counts = group_medians(sigma, baseline.layers, len(held))
    sigma = np.fmax(sigma, np.where(counts >= LEAST_CELLS, typical, 0)[baseline.layers])
    sample = _sample(baseline.layers)
    for slot, off in zip(slots.tolist(), is_off.astype(int).tolist(), strict=True):
        slab = ring.slab(int(ring.days[slot]) * HOURS + hour)
        if slab is None:
            continue
        away = slab - middles[off]
        some = away[np.ix_(sample, COMMON_GAUGES)]
        shift, counts = group_medians(some, baseline.layers[sample], len(held))
        shift = np.where(counts >= LEAST_CELLS, np.nan_to_num(shift), np.float32(0))
        away[:, COMMON_GAUGES] -= shift[baseline.layers]
        slab[np.abs(away) > FAR * sigma] = np.nan
    if len(slots):
        last = ring.read(hour, slots[-1:])[0]
        middle, counts = group_medians(last, baseline.layers, len(held))
        baseline.layer_hours[hour] = np.where(counts >= LEAST_CELLS, middle, held)
    ring.flush()


def _sample(layers: Ints) -> Ints:
    """Return cells that stand for their layer: at most `SAMPLE` of each, evenly spread."""
    order = np.argsort(layers, kind="stable")
    sizes = np.bincount(layers)
    rank = np.arange(len(layers)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    step = np.repeat(-(-sizes // SAMPLE), sizes)
    return np.sort(order[rank % np.maximum(step, 1) == 0])


def _middles(ring: Ring, hour: int, slots: Ints, is_off: Flags) -> tuple[list[Floats], Floats]:
    """Return the middle of an hour on workdays and on days off, and the spread around them, [C, G]."""
    shape = (ring.cells, ring.gauges)
    middles = [np.full(shape, np.nan, dtype=np.float32) for _ in range(2)]
    sigma = np.empty(shape, dtype=np.float32)
    for first in range(0, ring.cells, BLOCK):
        last = min(first + BLOCK, ring.cells)
        values = ring.read(hour, slots, first=first, last=last)
        for off in (0, 1):
            chosen = is_off == bool(off)
            (middle,), _ = column_quantiles(values[chosen], (0.5,))
            middles[off][first:last] = middle
            values[chosen] -= middle
        (mad,), _ = column_quantiles(np.abs(values), (0.5,))
        sigma[first:last] = np.fmax(mad * MAD_TO_SIGMA, FLOORS[GAUGES])
    return middles, sigma


def _learn_shares(baseline: Baseline, sums: _Sums) -> None:
    """Learn failures and trials of the hours that are like the cell's others, the older the less."""
    slots = sums.trials.slots_before(np.iinfo(np.int64).max)
    if not len(slots):
        return
    last = int(sums.trials.days.max())
    plain = _plain_days(sums, slots)
    for hour in range(HOURS):
        fails, trials = _amounts(sums, hour, slots)
        baseline.fails[hour] = (fails * plain).sum(axis=0)
        baseline.trials[hour] = (trials * plain).sum(axis=0)
    everyone = np.arange(len(baseline.layers))
    unseen = np.full((len(everyone), len(MEASURES)), np.nan, dtype=np.float32)
    weights = (FADING ** (last - sums.trials.days[slots])).astype(np.float32)[:, None, None]
    usual = [expected_shares(baseline, everyone, unseen, hour=hour) for hour in range(HOURS)]
    for hour in range(HOURS):
        fails, trials = _amounts(sums, hour, slots)
        kept = weights * (np.abs(_share_distance(fails, trials, usual[hour])) <= FAR)
        baseline.fails[hour] = (fails * kept).sum(axis=0)
        baseline.trials[hour] = (trials * kept).sum(axis=0)
    baseline.faded_on[:] = last


def _amounts(sums: _Sums, hour: int, slots: Ints) -> tuple[Floats, Floats]:
    """Return failures and trials of an hour on some days, [s, C, R]."""
    fails, trials = sums.fails.read(hour, slots), sums.trials.read(hour, slots)
    return np.fmax(fails, 0, out=fails), np.fmax(trials, 0, out=trials)


def _plain_days(sums: _Sums, slots: Ints) -> Flags:
    """Return on which days a cell's share was like that of its other days, [s, C, R]."""
    shape = (len(slots), sums.trials.cells, sums.trials.gauges)
    fails, trials = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    for hour in range(HOURS):
        failed, tried = _amounts(sums, hour, slots)
        fails += failed
        trials += tried
    share = np.divide(fails, trials, out=np.full_like(fails, np.nan), where=trials > 0)
    (middle,), _ = column_quantiles(share, (0.5,))
    away = np.abs(_share_distance(fails, trials, middle))
    (spread,), _ = column_quantiles(away, (0.5,))
    return np.asarray(away <= FAR * np.fmax(spread * MAD_TO_SIGMA, np.float32(1)))


def _share_distance(fails: Floats, trials: Floats, usual: Floats) -> Floats:
    """Return how far shares are from what is usual, in spreads of chance and habit; NaN counts as near.

    The scale is that of `kpi.deviations`.
    """
    seen = (fails + SHIFT) / (trials + 2 * SHIFT)
    wanted = (np.clip(usual, 0, 1) * trials + SHIFT) / (trials + 2 * SHIFT)
    distance = np.arcsin(np.sqrt(np.minimum(seen, 1))) - np.arcsin(np.sqrt(wanted))
    spread = np.sqrt(1 / (4 * trials + 2) + SHARE_FLOORS**2)
    return np.asarray(np.nan_to_num(distance / spread), dtype=np.float32)
