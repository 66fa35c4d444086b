"""Give the band within which a healthy cell stays, hour by hour, in the units in which its measures are told.

The band is what the baseline expects give or take three spreads: the chance of the period and the habit of cell and
layer, as `kpi.deviations` and `kpi.calibrations` weigh them. Outside it a deviation exceeds three.

Simple so far: what moves a whole layer (a holiday) is not taken out; cells without a day of their own have no band.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi.baseline import UNSETTLED, Baseline
from kpi.calibrations import CELL_LIMIT
from kpi.deviations import SHIFT
from kpi.hour_levels import YOUNG_DAYS, days_alike
from kpi.measures import AVAILABILITY, COUNTS, FLOORS, GAUGES, MEASURES, RATIOS, Floats
from kpi.quantiles import column_quantiles
from kpi.watches import Watch

Ints = npt.NDArray[np.intp]

SPREADS = np.float32(3.0)
IQR_TO_SIGMA = np.float32(1 / 1.349)
CELL_WEIGHT = np.float32(60.0)
"""Attempts that the whole day of the cell counts for beside those of the hour."""


@dataclass(frozen=True)
class Bands:
    """What is usual and its bounds, [n, H, M], in the unit of each measure; NaN where nothing is known."""

    usual: Floats
    low: Floats
    high: Floats


def usual_bands(watch: Watch, cells: Ints, *, hour_keys: Ints, attempts: Floats) -> Bands:
    """Return what is usual of some cells in some hours, by what earlier days showed.

    Parameters
    ----------
    watch : Watch
        Read, not changed.
    cells : array of int [n]
        Positions of cells.
    hour_keys : array of int [H]
        Hours since the epoch of the network's day; of the levels days before the last of them count.
    attempts : array [n, H, M]
        Trials and events behind the values of each hour, as `kpi.measures.measure_values` gives them; where they are
        0 the band of a share is that of its usual trials.

    Returns
    -------
    Bands
    """
    day, hours = int(hour_keys.max()) // 24, hour_keys % 24
    expected, spread = _usual_levels(watch.baseline, cells, day=day)
    expected, spread = expected[:, hours], spread[:, hours]
    layers = watch.baseline.layers[cells]
    held = np.clip(np.sqrt(watch.calibration.restless[cells]), 1, CELL_LIMIT)
    wide = SPREADS * held * np.maximum(watch.calibration.bulk[0][layers], 1)
    return _in_units(expected, spread, attempts=attempts, wide=wide[:, None, :])


def _usual_levels(baseline: Baseline, cells: Ints, *, day: int) -> tuple[Floats, Floats]:
    """Return level and spread by hour of the day, [n, 24, M], on the scale of comparison."""
    shape = (len(cells), 24, len(MEASURES))
    expected = np.full(shape, np.nan, dtype=np.float32)
    spread = np.broadcast_to(FLOORS, shape).copy()
    expected[..., AVAILABILITY] = 1.0
    shares = _shares(baseline, cells)
    expected[..., RATIOS] = np.moveaxis(shares, 0, 1)
    slots = baseline.ring.slots_before(day)
    if not len(slots):
        return expected, spread
    slots = days_alike(
        baseline.ring.days, slots, day=day, country=baseline.country, holidays=baseline.holidays
    )
    samples = baseline.ring.read_cells(slots, cells)
    pooled = 1
    if len(slots) < YOUNG_DAYS:
        near = [np.roll(samples, step, axis=1) for step in (-1, 1)]
        samples, pooled = np.concatenate([samples, *near]), 3
    (low, middle, high), counts = column_quantiles(samples, (0.25, 0.5, 0.75))
    days = np.maximum(counts / pooled, 1 / 3)
    own = np.where(counts >= 3, (high - low) * IQR_TO_SIGMA, 0)
    usual = np.maximum(own, FLOORS[GAUGES]) * np.sqrt(1 + UNSETTLED / days)
    expected[..., GAUGES] = np.moveaxis(middle, 0, 1)
    spread[..., GAUGES] = np.moveaxis(usual, 0, 1)
    return expected, spread


def _shares(baseline: Baseline, cells: Ints) -> Floats:
    """Return the usual shares of cells by hour, [24, n, R]: ratio of sums, shrunk to the cell's whole day."""
    fails, trials = baseline.fails[:, cells], baseline.trials[:, cells]
    total = trials.sum(axis=0)
    day = np.divide(fails.sum(axis=0), total, out=np.full_like(total, np.nan), where=total > 0)
    near = [np.roll(sums, 1, 0) + sums + np.roll(sums, -1, 0) for sums in (fails, trials)]
    return np.asarray((near[0] + CELL_WEIGHT * day) / (near[1] + CELL_WEIGHT), dtype=np.float32)


def _in_units(expected: Floats, spread: Floats, *, attempts: Floats, wide: Floats) -> Bands:
    """Return a band in the units of the measures."""
    usual, half = expected.copy(), wide * spread
    low, high = expected - half, expected + half
    for i, measure in enumerate(MEASURES):
        if measure.form == "level" and measure.scale == "log":
            usual[..., i], low[..., i], high[..., i] = (
                np.exp(part[..., i]) for part in (usual, low, high)
            )
        elif measure.form == "level" and measure.scale == "log10":
            usual[..., i], low[..., i], high[..., i] = (
                10 ** part[..., i] for part in (usual, low, high)
            )
    _share_bounds(usual, low, high, spread=spread, attempts=attempts, wide=wide)
    _count_bounds(usual, low, high, spread=spread, wide=wide)
    low[..., AVAILABILITY], high[..., AVAILABILITY] = np.maximum(low[..., AVAILABILITY], 0), 1.0
    return Bands(usual, low, high)


def _share_bounds(
    usual: Floats, low: Floats, high: Floats, *, spread: Floats, attempts: Floats, wide: Floats
) -> None:
    """Fill in the bounds of the ratios, on the arcsine scale."""
    trials = attempts[..., RATIOS]
    chance = np.where(trials > 0, 1 / (4 * np.maximum(trials, 1) + 2), 0)
    middle = np.arcsin(np.sqrt(np.clip(usual[..., RATIOS], 0, 1)))
    half = np.broadcast_to(wide, usual.shape)[..., RATIOS]
    half = half * np.sqrt(chance + spread[..., RATIOS] ** 2)
    low[..., RATIOS] = np.sin(np.maximum(middle - half, 0)) ** 2
    high[..., RATIOS] = np.sin(np.minimum(middle + half, np.pi / 2)) ** 2


def _count_bounds(
    usual: Floats, low: Floats, high: Floats, *, spread: Floats, wide: Floats
) -> None:
    """Fill in usual and bounds of the amounts, as counts of events in an hour."""
    events = np.array([MEASURES[i].events for i in COUNTS], dtype=np.float32)
    amount = np.maximum(np.exp(usual[..., COUNTS]) - np.float32(0.5), 0)
    root = np.sqrt(amount + SHIFT)
    half = np.broadcast_to(wide, usual.shape)[..., COUNTS] / 2
    half = half * np.sqrt(1 + amount * spread[..., COUNTS] ** 2)
    usual[..., COUNTS] = amount / events
    low[..., COUNTS] = np.maximum(np.maximum(root - half, 0) ** 2 - SHIFT, 0) / events
    high[..., COUNTS] = ((root + half) ** 2 - SHIFT) / events
