"""Keep what is usual for every cell, measure and hour of the day.

Levels (interference, users, ...) are compared with the median of the same hour of earlier days,
kept in a ring of days, in memory or in a folder; ratios with the ratio of sums of the same and the neighbouring hours,
fading with age. While a cell is young its own level relative to its layer (rat, band, indoor)
stands in, and before that the layer alone. All cells of a layer moving together (a holiday) is
taken out of those measures that say so. Frozen values are not learned.

Simple so far: days are days of one fixed offset, and a level that stays changed is adopted once it fills half of
the ring.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kpi.day_kinds import Holidays, load_holidays
from kpi.hour_levels import hour_levels
from kpi.layers import LEAST_CELLS
from kpi.measures import AVAILABILITY, FLOORS, GAUGES, MEASURES, RATIOS, Floats
from kpi.quantiles import group_medians
from kpi.rings import Ring, start_ring

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

RING_BYTES = 400_000_000
RING_DAYS = 21
FADING = np.float32(0.9)  # of a ratio's sums, per day
CELL_WEIGHT = np.float32(60.0)  # attempts that the whole day of the cell, and its layer, count for
YOUNG_STEPS = 24  # periods until the young level moves at its slowest
COMMON_LIMIT = np.float32(0.7)
IQR_TO_SIGMA = np.float32(1 / 1.349)
UNSETTLED = np.float32(2.0)  # days that the error of a median is worth
COMMON = np.array([MEASURES[i].is_common for i in GAUGES])


@dataclass
class Baseline:
    """What is usual, kept by `learn` in place; G gauges, R ratios, L layers, C cells."""

    layers: Ints  # [C]
    country: str  # whose holidays
    holidays: Holidays
    ring: Ring  # levels of the last days
    hour_counts: Floats  # [C, G] periods already in the slab being filled
    hour_key: int  # day * 24 + hour of that slab
    fails: Floats  # [24, C, R] faded sums of numerators
    trials: Floats  # [24, C, R] faded sums of denominators
    faded_on: npt.NDArray[np.int64]  # [24] day on which the sums of the hour faded last
    layer_hours: Floats  # [24, L, G] last layer level of each hour
    offsets: Floats  # [C, G] level of the cell relative to its layer
    offset_spreads: Floats  # [C, G]
    offset_counts: Floats  # [C, G] periods behind them
    cached_key: int  # hour for which the medians below were taken
    medians: Floats  # [C, G]
    spreads: Floats  # [C, G]
    days_known: Floats  # [C, G]


def start_baseline(
    layers: Ints,
    *,
    days: int = RING_DAYS,
    folder: Path | None = None,
    country: str = "CN",
    holidays: Holidays | None = None,
) -> Baseline:
    """Return the baseline of cells of which nothing is known yet.

    Parameters
    ----------
    layers : array of int [C]
        Layer of each cell, from 0.
    days : int, default 21
        Days remembered; in memory fewer are kept where the ring would pass 400 MB.
    folder : Path, optional
        Where the ring lies; default memory. With a folder all days are kept, whatever their size.
    country : str, default "CN"
        Whose holidays are known, ISO 3166-1.
    holidays : Holidays, optional
        Default: those shipped.

    Returns
    -------
    Baseline
    """
    cells, gauges, ratios = len(layers), len(GAUGES), len(RATIOS)
    if folder is None:
        days = int(np.clip(RING_BYTES // max(24 * cells * gauges * 4, 1), 3, days))
    layer_count = int(layers.max()) + 1 if cells else 1
    return Baseline(
        layers=layers,
        country=country,
        holidays=holidays or load_holidays(),
        ring=start_ring(cells, gauges, days=days, folder=folder),
        hour_counts=np.zeros((cells, gauges), dtype=np.float32),
        hour_key=-1,
        fails=np.zeros((24, cells, ratios), dtype=np.float32),
        trials=np.zeros((24, cells, ratios), dtype=np.float32),
        faded_on=np.full(24, -1, dtype=np.int64),
        layer_hours=np.full((24, layer_count, gauges), np.nan, dtype=np.float32),
        offsets=np.zeros((cells, gauges), dtype=np.float32),
        offset_spreads=np.full((cells, gauges), np.nan, dtype=np.float32),
        offset_counts=np.zeros((cells, gauges), dtype=np.float32),
        cached_key=-1,
        medians=np.full((cells, gauges), np.nan, dtype=np.float32),
        spreads=np.full((cells, gauges), np.nan, dtype=np.float32),
        days_known=np.zeros((cells, gauges), dtype=np.float32),
    )


def expected_levels(
    baseline: Baseline, cells: Ints, scaled: Floats, *, hour_key: int
) -> tuple[Floats, Floats]:
    """Return what was to be expected of some cells in an hour, and its spread.

    Only what was learned before, and what the other cells of the layer show in the same period,
    is used.

    Parameters
    ----------
    baseline : Baseline
        Its cache of the hour is renewed.
    cells : array of int [n]
        Positions of cells, each once.
    scaled : array [n, M]
        The measures of the period, on the scale of `scaled_values`.
    hour_key : int
        Hours since the epoch of the network's day.

    Returns
    -------
    expected, spread : arrays [n, M]
        NaN where nothing is known.
    """
    _renew(baseline, hour_key)
    expected = np.full_like(scaled, np.nan)
    spread = np.broadcast_to(FLOORS, scaled.shape).copy()
    expected[:, AVAILABILITY] = 1.0
    expected[:, RATIOS] = expected_shares(baseline, cells, scaled, hour=hour_key % 24)
    levels, widths = _expected_gauges(baseline, cells, scaled[:, GAUGES])
    expected[:, GAUGES] = levels
    spread[:, GAUGES] = np.maximum(widths, FLOORS[GAUGES])
    return expected, spread


def _expected_gauges(baseline: Baseline, cells: Ints, seen: Floats) -> tuple[Floats, Floats]:
    """Return level and spread of the gauges: of the hour where known, else of the young cell."""
    layers = baseline.layers[cells]
    size = baseline.layer_hours.shape[1]
    middle, counts = group_medians(seen, layers, size)
    middle[counts < LEAST_CELLS] = np.nan
    young, young_spread = _young_levels(baseline, cells, seen, middle=middle)
    medians, spreads = baseline.medians[cells], baseline.spreads[cells]
    shift, counts = group_medians(seen - medians, layers, size)
    shift = np.where((counts >= LEAST_CELLS) & COMMON, np.nan_to_num(shift), np.float32(0.0))
    shift = np.clip(shift, -COMMON_LIMIT, COMMON_LIMIT)
    days = baseline.days_known[cells]
    usual = np.maximum(spreads, FLOORS[GAUGES])
    own = np.where(days > 0, usual**2 * (1 + UNSETTLED / np.maximum(days, 1 / 3)), np.inf)
    return _weighed(medians + shift[layers], own, young, young_spread**2)


def _weighed(
    level: Floats, variance: Floats, other: Floats, other_variance: Floats
) -> tuple[Floats, Floats]:
    """Return level and spread of two estimates weighed by how sure each is."""
    sure = np.where(np.isfinite(level), 1 / np.maximum(variance, 1e-6), 0)
    other_sure = np.where(np.isfinite(other), 1 / np.maximum(other_variance, 1e-6), 0)
    total = np.where(sure + other_sure > 0, sure + other_sure, np.nan)
    mean = (np.nan_to_num(level) * sure + np.nan_to_num(other) * other_sure) / total
    return mean.astype(np.float32), np.sqrt(1 / total).astype(np.float32)


def _young_levels(
    baseline: Baseline, cells: Ints, seen: Floats, *, middle: Floats
) -> tuple[Floats, Floats]:
    """Return level and spread by the cell's distance from its layer, or by the layer alone."""
    layers = baseline.layers[cells]
    steps = baseline.offset_counts[cells]
    distance = seen - middle[layers]
    width, _ = group_medians(np.abs(distance), layers, len(middle))
    alone = width[layers] * np.float32(1.5)
    trust = steps / (steps + 2)
    own = np.where(steps > 0, baseline.offset_spreads[cells], 0)
    spread = np.sqrt(trust * own**2 + (1 - trust) * alone**2)
    return middle[layers] + trust * baseline.offsets[cells], spread


def expected_shares(baseline: Baseline, cells: Ints, seen: Floats, *, hour: int) -> Floats:
    """Return the share expected of some cells: ratio of sums, shrunk to the cell's day and its layer.

    Parameters
    ----------
    baseline : Baseline
    cells : array of int [n]
        Positions of cells.
    seen : array [n, M]
        Shares of this period, for layers without a past.
    hour : int
        Hour of the day; the hours before and after count as well.

    Returns
    -------
    array [n, R]
    """
    near = [(hour - 1) % 24, hour, (hour + 1) % 24]
    fails, trials = baseline.fails[near].sum(axis=0), baseline.trials[near].sum(axis=0)
    day_fails, day_trials = baseline.fails.sum(axis=0), baseline.trials.sum(axis=0)
    layer = _layer_shares(baseline, cells, seen, sums=(day_fails, day_trials))
    usual = (day_fails[cells] + CELL_WEIGHT * layer) / (day_trials[cells] + CELL_WEIGHT)
    return np.asarray(
        (fails[cells] + CELL_WEIGHT * usual) / (trials[cells] + CELL_WEIGHT), dtype=np.float32
    )


def _layer_shares(
    baseline: Baseline, cells: Ints, seen: Floats, *, sums: tuple[Floats, Floats]
) -> Floats:
    """Return the usual share of each cell's layer; of this period where the layer has no past."""
    layers = baseline.layers
    size = baseline.layer_hours.shape[1]
    fails = np.zeros((size, sums[0].shape[1]), dtype=np.float32)
    trials = np.zeros_like(fails)
    np.add.at(fails, layers, sums[0])
    np.add.at(trials, layers, sums[1])
    middle, _ = group_medians(seen[:, RATIOS], layers[cells], size)
    share = np.divide(fails, trials, out=middle, where=trials > 0)
    return np.asarray(share[layers[cells]], dtype=np.float32)


def _renew(baseline: Baseline, hour_key: int) -> None:
    """Take the levels of the hour anew where the hour has changed."""
    if baseline.cached_key == hour_key:
        return
    found = hour_levels(
        baseline.ring,
        baseline.layers,
        baseline.layer_hours,
        hour_key=hour_key,
        country=baseline.country,
        holidays=baseline.holidays,
    )
    baseline.medians, baseline.days_known = found.middle, found.days
    own = (found.high - found.low) * IQR_TO_SIGMA
    baseline.spreads = _shrunk_spreads(baseline, own, found.counts)
    baseline.cached_key = hour_key


def _shrunk_spreads(baseline: Baseline, own: Floats, counts: Floats) -> Floats:
    """Return spreads pulled to the middle of the layer while they rest on few values."""
    own = np.where(counts >= 3, own, np.nan).astype(np.float32)
    middle, _ = group_medians(own, baseline.layers, baseline.layer_hours.shape[1])
    layer = np.nan_to_num(middle, nan=0.5)[baseline.layers]
    weight = counts / (counts + 6)
    own = np.where(np.isfinite(own), own, layer)
    return np.asarray(np.sqrt(weight * own**2 + (1 - weight) * layer**2), dtype=np.float32)


def learn(
    baseline: Baseline,
    cells: Ints,
    scaled: Floats,
    *,
    attempts: Floats,
    hour_key: int,
    frozen: Flags,
) -> Baseline:
    """Return the baseline after a period; its arrays are changed in place.

    Parameters
    ----------
    baseline : Baseline
        `expected_levels` was asked for the same hour before.
    cells : array of int [n]
        Positions of cells, each once.
    scaled, attempts : arrays [n, M]
        The period.
    hour_key : int
        Hours since the epoch of the network's day.
    frozen : array of bool [n, M]
        Values that belong to a fault and are not learned.

    Returns
    -------
    Baseline
    """
    day, hour = divmod(hour_key, 24)
    seen = np.where(frozen, np.float32(np.nan), scaled)
    _learn_young(baseline, cells, seen[:, GAUGES], hour=hour)
    _learn_ring(baseline, cells, seen[:, GAUGES], hour_key=hour_key)
    days = max(day - int(baseline.faded_on[hour]), 0) if baseline.faded_on[hour] >= 0 else 0
    if days:
        baseline.fails[hour] *= FADING**days
        baseline.trials[hour] *= FADING**days
    baseline.faded_on[hour] = max(day, int(baseline.faded_on[hour]))
    trials = np.where(np.isfinite(seen[:, RATIOS]), attempts[:, RATIOS], 0)
    baseline.trials[hour, cells] += trials
    baseline.fails[hour, cells] += np.nan_to_num(seen[:, RATIOS]) * trials
    return baseline


def _learn_ring(baseline: Baseline, cells: Ints, seen: Floats, *, hour_key: int) -> None:
    """Put the period into the slab of its day and hour: the mean of the hour's periods."""
    slab = baseline.ring.slab(hour_key)
    if slab is None:
        return
    if baseline.hour_key != hour_key:
        baseline.hour_counts[:] = 0
        baseline.hour_key = hour_key
    counts, held = baseline.hour_counts[cells], slab[cells]
    mean = np.where(counts > 0, (np.nan_to_num(held) * counts + seen) / (counts + 1), seen)
    known = np.isfinite(seen)
    slab[cells] = np.where(known, mean, held)
    baseline.hour_counts[cells] = counts + known


def _learn_young(baseline: Baseline, cells: Ints, seen: Floats, *, hour: int) -> None:
    """Move the cell's distance from its layer towards what was seen, a bounded step at a time."""
    layers = baseline.layers[cells]
    middle, counts = group_medians(seen, layers, baseline.layer_hours.shape[1])
    middle[counts < LEAST_CELLS] = np.nan
    held = baseline.layer_hours[hour]
    baseline.layer_hours[hour] = np.where(np.isfinite(middle), middle, held)
    steps, offsets = baseline.offset_counts[cells], baseline.offsets[cells]
    spreads = baseline.offset_spreads[cells]
    miss = seen - middle[layers] - offsets
    known = np.isfinite(miss)
    bound = np.where(steps >= 3, 2.5 * np.maximum(np.nan_to_num(spreads), 1e-3), np.inf)
    miss = np.clip(np.nan_to_num(miss), -bound, bound)
    gain = 1 / (np.minimum(steps, YOUNG_STEPS) + 1)
    wide = np.where(steps > 0, np.nan_to_num(spreads), 0)
    wide = np.where(
        steps == 0, 0, wide + np.where(steps == 1, 1, gain) * (1.25 * np.abs(miss) - wide)
    )
    baseline.offsets[cells] = np.where(known, offsets + gain * miss, offsets)
    baseline.offset_spreads[cells] = np.where(known, wide, spreads)
    baseline.offset_counts[cells] = steps + known
