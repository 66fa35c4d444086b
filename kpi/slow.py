"""See trouble too weak for any hour but plain over a day: sums of deviations that fade within a day.

A cell with fifteen calls an hour whose drops rise from one in a hundred to five shows nothing in an hour and is beyond
doubt after a day. The faded sum of a measure's deviations is brought to unit spread by what the bulk of its layer and
the cell itself showed before; see `kpi.calibrations`.

Simple so far: one length of memory for all measures; the begin is where the score left two spreads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kpi.evidence import NEVER, Evidence
from kpi.kinds import Kind, kind_scores, yielding
from kpi.measures import MEASURES, Floats
from kpi.quantiles import column_quantiles
from kpi.run_moves import add_moves, forget_moves

Ints = npt.NDArray[np.intp]
Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MEMORY_HOURS = 24.0
MENDED_AT = 3.0  # twenty to one
LEAST_HOURS = 6.0  # of weight before anything is said
SINCE_AT = 2.0
OPEN_AT = 4.5
HOLD_AT = 3.0
CLIP = np.float32(4.0)  # one wild hour must not make a day
BULK_GAIN = np.float32(0.02)
NORMAL_DECILE = np.float32(1.645)
CELL_GAIN = np.float32(1 / 96)
LIMIT = np.float32(4.0)


@dataclass
class Slow:
    """Faded sums by cell and measure, changed in place."""

    sums: Floats  # [C, M] deviations
    weights: Floats  # [C, M] squares of their weights
    changes: Floats  # [C, M] plain changes
    shares: Floats  # [C, M] weights of the changes
    bulk: Floats  # [L, M]
    restless: Floats  # [C, M] mean square
    since: Seconds  # [C, K]
    peak: Floats  # [C, K] highest score since
    mended: Floats  # [C, K] log-likelihood that it is over, from the periods since
    held: Flags  # [C, K] kinds that the day still shows


class Day(NamedTuple):
    """What the last day shows: scores of unit spread in a healthy cell, NaN where too little is known."""

    scores: Floats  # [n, K]
    opens: Flags  # [n, K] beyond doubt
    level: Floats  # [n, M] deviations of the day
    mean: Floats  # [n, M] plain changes of the day


def start_slow(cells: int, layers: int, kinds: int) -> Slow:
    """Return sums of nothing."""
    shape = (cells, len(MEASURES))
    return Slow(
        sums=np.zeros(shape, dtype=np.float32),
        weights=np.zeros(shape, dtype=np.float32),
        changes=np.zeros(shape, dtype=np.float32),
        shares=np.zeros(shape, dtype=np.float32),
        bulk=np.ones((layers, len(MEASURES)), dtype=np.float32),
        restless=np.ones(shape, dtype=np.float32),
        since=np.full((cells, kinds), NEVER, dtype=np.int64),
        peak=np.zeros((cells, kinds), dtype=np.float32),
        mended=np.zeros((cells, kinds), dtype=np.float32),
        held=np.zeros((cells, kinds), dtype=np.bool_),
    )


def observe_slow(
    slow: Slow,
    kinds: tuple[Kind, ...],
    cells: Ints,
    moves: tuple[Floats, ...],
    *,
    layers: Ints,
    span: tuple[int, int, int],
) -> Day:
    """Return what the last day shows of each cell and kind; sums are changed in place.

    Parameters
    ----------
    cells : array of int [n]
        Each once.
    moves : arrays [n, M], the last [n, K]
        Deviations, plain changes and values of the period, and its scores.
    layers : array of int [n]
        Layer of each cell.
    span : start, end and arrival of the period, seconds since 1970

    Returns
    -------
    Day
    """
    start, end, _ = span
    z, change, values, hour = moves
    hours = np.float32((end - start) / 3600)
    _fold(slow, cells, z, change, hours=hours)
    weights = slow.weights[cells]
    known = weights >= LEAST_HOURS
    level = np.divide(slow.sums[cells], np.sqrt(weights), where=known, out=np.full_like(z, np.nan))
    level = _calibrated(slow, cells, level, layers=layers, hours=hours)
    mean = np.divide(
        slow.changes[cells], slow.shares[cells], where=known, out=np.full_like(z, np.nan)
    )
    scores, passed = kind_scores(kinds, level, values=values, change=mean)
    watched = np.array([kind.is_slow for kind in kinds])
    scores = np.where(watched & np.isfinite(scores), scores, np.float32(np.nan))
    high = np.nan_to_num(scores, nan=0.0)
    since = slow.since[cells]
    since = np.where(high < SINCE_AT, NEVER, np.where(since == NEVER, start, since))
    slow.since[cells] = since
    _judge_mended(slow, cells, high, hour, hours=hours)
    lasts = slow.mended[cells] < MENDED_AT
    slow.held[cells] = (high >= HOLD_AT) & lasts
    better = yielding(kinds, passed & slow.held[cells])
    return Day(scores, (high >= OPEN_AT) & passed & lasts & ~better, level, mean)


def _judge_mended(
    slow: Slow, cells: Ints, high: Floats, hour: Floats, *, hours: np.float32
) -> None:
    """Weigh whether the period alone looks as the day does or as if the trouble were over.

    The sum of a day fades slowly; the log-likelihood of "over" against "lasts", never below zero, is quicker.
    """
    peak = np.where(high < SINCE_AT, 0, np.maximum(slow.peak[cells], high))
    slow.peak[cells] = peak
    usual = peak / np.float32(np.sqrt(2 * MEMORY_HOURS))
    seen = np.sqrt(hours) * np.clip(np.nan_to_num(hour, nan=0.0), -CLIP / 2, CLIP)
    says = np.where(np.isfinite(hour), usual * (usual / 2 * hours - seen), 0)
    slow.mended[cells] = np.where(peak > 0, np.maximum(slow.mended[cells] + says, 0), 0)


def _fold(slow: Slow, cells: Ints, z: Floats, change: Floats, *, hours: np.float32) -> None:
    """Fade the sums by the length of a period and add it."""
    fade = np.float32(np.exp(-hours / MEMORY_HOURS))
    known = np.isfinite(z)
    root = np.sqrt(hours)
    held = np.clip(np.where(known, z, 0), -CLIP, CLIP)
    slow.sums[cells] = slow.sums[cells] * fade + root * held
    slow.weights[cells] = slow.weights[cells] * fade**2 + hours * known
    slow.changes[cells] = slow.changes[cells] * fade + hours * np.where(known, change, 0)
    slow.shares[cells] = slow.shares[cells] * fade + hours * known


def _calibrated(
    slow: Slow, cells: Ints, level: Floats, *, layers: Ints, hours: np.float32
) -> Floats:
    """Return levels of unit spread: divided by the bulk of the layer and the restlessness of the cell."""
    gain = BULK_GAIN * hours
    for layer in np.unique(layers).tolist():
        mine = level[layers == layer]
        if len(mine) < 12:
            continue
        (decile,), counts = column_quantiles(np.abs(mine), (0.9,))
        seen = np.where(counts >= 12, decile / NORMAL_DECILE, slow.bulk[layer])
        slow.bulk[layer] += gain * (seen - slow.bulk[layer])
    level = np.asarray(level / np.clip(slow.bulk[layers], 1, LIMIT), dtype=np.float32)
    restless = np.sqrt(np.clip(slow.restless[cells], 1, LIMIT**2))
    square = np.square(np.clip(np.nan_to_num(level), -CLIP, CLIP))
    is_held = np.asarray(slow.held[cells].any(axis=1))
    known = np.isfinite(level) & ~is_held[:, None]
    moved = slow.restless[cells] + CELL_GAIN * hours * (square - slow.restless[cells])
    slow.restless[cells] = np.where(known, moved, slow.restless[cells])
    return np.asarray(level / restless, dtype=np.float32)


def open_slow(
    slow: Slow,
    evidence: Evidence,
    kinds: tuple[Kind, ...],
    cells: Ints,
    day: Day,
    *,
    span: tuple[int, int, int],
) -> None:
    """Open the episodes that a day shows beyond doubt and no hour did, and keep open those it still shows.

    What a better kind showed within that day explains it: calls fail all day long where channels ran out at noon. The
    moves of such an episode are those of the day.
    """
    _, end, now = span
    limit = np.array([kind.open_at for kind in kinds], dtype=np.float32)
    closed = evidence.closed[cells]
    lately = (closed != NEVER) & (now - closed < MEMORY_HOURS * 3600)
    better = yielding(kinds, evidence.is_open[cells] | lately)
    rows, column = np.nonzero(day.opens & ~better & ~evidence.is_open[cells])
    at = (cells[rows], column)
    forget_moves(evidence.moves, *at)
    add_moves(evidence.moves, *at, z=day.level[rows], change=day.mean[rows])
    evidence.is_open[at] = True
    evidence.opened[at] = now
    evidence.last[at] = np.maximum(evidence.last[at], end)
    evidence.closed[at] = NEVER
    evidence.onset[at] = slow.since[at]
    fresh = evidence.first_period[at] < slow.since[at]
    evidence.first_period[at] = np.where(fresh, slow.since[at], evidence.first_period[at])
    evidence.strength[at] = np.maximum(evidence.strength[at], limit[column])
    evidence.sums[at] = np.maximum(evidence.sums[at], limit[column] / 2)
    evidence.quiet[cells] = np.where(slow.held[cells], 0, evidence.quiet[cells])
