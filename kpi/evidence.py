"""Add up the evidence for each cell and kind of fault, and open and close episodes.

Terms: evidence is a cumulative sum of score above drift, never below zero. An episode *opens* when
the sum reaches the kind's limit, so one strong period may do while weak ones must persist; its
onset is where the sum left zero. It *closes* after a quiet time; one that comes back within hours
is the same episode.

Simple so far: a period counts by the root of its share of an hour, and an earlier episode of the
same cell and kind is overwritten by the next; how far measures moved in a run is forgotten two days after it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi.kinds import Kind, speaking, yielding
from kpi.measures import Floats
from kpi.run_moves import (
    RunMoves,
    add_moves,
    forget_moves,
    free_slots,
    held_pairs,
    start_moves,
)

Ints = npt.NDArray[np.intp]
Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NEVER = -1
SUM_LIMIT = 30.0
RELIEF_LEAST = 1.0
RELIEF_MOST = 4.0
REOPEN_SECONDS = 6 * 3600  # faults that flap keep one episode
STALE_SECONDS = 36 * 3600  # an episode of which nothing more was heard
KEPT_SECONDS = 48 * 3600  # moves are known so long after a run or an episode; readers ask for a day
SWEEP_SECONDS = 3600


@dataclass
class Evidence:
    """Evidence and episodes, [C, K]; instants in seconds since 1970 UTC, -1 never."""

    sums: Floats
    strength: Floats
    quiet: Floats  # minutes without the fault
    run_start: Seconds  # where the sum left zero
    first_period: Seconds
    onset: Seconds
    opened: Seconds
    last: Seconds
    closed: Seconds
    is_open: Flags
    moves: RunMoves  # of the runs that last or were over a short while ago
    swept_at: int  # when moves were last forgotten


@dataclass(frozen=True)
class Period:
    """The judged rows of one period: scores of kinds, deviations and instants."""

    cells: Ints  # [n]
    scores: Floats  # [n, K]
    passed: Flags  # [n, K]
    z: Floats  # [n, M]
    change: Floats  # [n, M]
    onset: Seconds  # [n, K] where in the period the fault seems to begin
    start: int
    end: int
    now: int


def start_evidence(cells: int, kinds: int) -> Evidence:
    """Return evidence of nothing for some cells and kinds."""

    def zeros(*shape: int) -> Floats:
        return np.zeros(shape, dtype=np.float32)

    def never() -> Seconds:
        return np.full((cells, kinds), NEVER, dtype=np.int64)

    return Evidence(
        sums=zeros(cells, kinds),
        strength=zeros(cells, kinds),
        quiet=zeros(cells, kinds),
        run_start=never(),
        first_period=never(),
        onset=never(),
        opened=never(),
        last=never(),
        closed=never(),
        is_open=np.zeros((cells, kinds), dtype=np.bool_),
        moves=start_moves(cells, kinds),
        swept_at=NEVER,
    )


def accumulate(evidence: Evidence, kinds: tuple[Kind, ...], period: Period) -> Evidence:
    """Return the evidence after a period; its arrays are changed in place.

    Parameters
    ----------
    evidence : Evidence
    kinds : tuple of Kind
    period : Period
        Each cell once.

    Returns
    -------
    Evidence
    """
    cells = period.cells
    before, was_open = evidence.sums[cells], evidence.is_open[cells]
    speaks = speaking(kinds, period.scores, period.passed)
    better = yielding(kinds, speaks | was_open) & ~was_open
    counts = speaks & ~better
    gains = _gains(kinds, period, counts)
    sums = np.clip(before + gains, 0, SUM_LIMIT).astype(np.float32)
    evidence.sums[cells] = sums
    _begin_runs(evidence, period, begun=(before == 0) & (sums > 0) & ~was_open)
    _gather(evidence, period, counts=counts, gains=gains)
    limit = np.array([kind.open_at for kind in kinds], dtype=np.float32)
    _open(evidence, period, opens=~was_open & (sums >= limit) & counts)
    _close(evidence, kinds, period, speaks=speaks)
    _sweep(evidence, end=period.end)
    return evidence


def _gains(kinds: tuple[Kind, ...], period: Period, counts: Flags) -> Floats:
    """Return what the period adds: score above drift where a kind speaks, else relief."""
    drift = np.array([kind.drift for kind in kinds], dtype=np.float32)
    weight = np.float32(np.sqrt((period.end - period.start) / 3600))
    known = np.isfinite(period.scores)
    above = np.nan_to_num(period.scores) - drift
    least = np.where(period.passed, 0, RELIEF_LEAST)
    relief = -np.clip(-above, least, RELIEF_MOST)
    return np.asarray(np.where(counts, above, np.where(known, relief, 0)) * weight, np.float32)


def _begin_runs(evidence: Evidence, period: Period, *, begun: Flags) -> None:
    """Note where sums leave zero, and forget what belonged to an earlier run."""
    rows, kinds = np.nonzero(begun)
    at = (period.cells[rows], kinds)
    evidence.run_start[at] = period.onset[rows, kinds]
    evidence.strength[at] = 0
    forget_moves(evidence.moves, *at)
    evidence.quiet[at] = 0
    fresh = (evidence.closed[at] == NEVER) | (period.start - evidence.closed[at] > REOPEN_SECONDS)
    evidence.first_period[at] = np.where(fresh, period.start, evidence.first_period[at])


def _gather(evidence: Evidence, period: Period, *, counts: Flags, gains: Floats) -> None:
    """Add strength and deviations of the periods in which a kind speaks."""
    rows, kinds = np.nonzero(counts)
    at = (period.cells[rows], kinds)
    evidence.strength[at] += gains[rows, kinds]
    add_moves(evidence.moves, *at, z=period.z[rows], change=period.change[rows])
    evidence.last[at] = period.end


def _open(evidence: Evidence, period: Period, *, opens: Flags) -> None:
    """Open episodes, or take up again those that closed a short while ago."""
    rows, kinds = np.nonzero(opens)
    at = (period.cells[rows], kinds)
    closed = evidence.closed[at]
    again = (closed != NEVER) & (evidence.run_start[at] - closed <= REOPEN_SECONDS)
    evidence.onset[at] = np.where(again, evidence.onset[at], evidence.run_start[at])
    evidence.opened[at] = np.where(again, evidence.opened[at], period.now)
    evidence.closed[at] = NEVER
    evidence.is_open[at] = True
    evidence.quiet[at] = 0


def _close(evidence: Evidence, kinds: tuple[Kind, ...], period: Period, *, speaks: Flags) -> None:
    """Close episodes after their quiet time, and those of which nothing was heard for long."""
    minutes = np.float32((period.end - period.start) / 60)
    known = np.isfinite(period.scores)
    quiet = evidence.quiet[period.cells]
    quiet = np.where(speaks, 0, quiet + minutes * known)
    evidence.quiet[period.cells] = quiet
    limit = np.array([kind.quiet_minutes for kind in kinds], dtype=np.float32)
    rows, ended = np.nonzero(evidence.is_open[period.cells] & (quiet >= limit))
    end_episodes(evidence, period.cells[rows], ended, now=period.now)
    stale = evidence.is_open & (period.end - evidence.last > STALE_SECONDS)
    end_episodes(evidence, *np.nonzero(stale), now=period.now)


def _sweep(evidence: Evidence, *, end: int) -> None:
    """Forget, once an hour of the counters' own time, the moves of runs and episodes that are over for long."""
    if end - evidence.swept_at < SWEEP_SECONDS:
        return
    evidence.swept_at = end - end % SWEEP_SECONDS
    at = held_pairs(evidence.moves)
    last = np.maximum(evidence.last[at], evidence.closed[at])
    is_over = ~evidence.is_open[at] & (evidence.sums[at] == 0) & (end - last > KEPT_SECONDS)
    free_slots(evidence.moves, at[0][is_over], at[1][is_over])


def end_episodes(evidence: Evidence, cells: Ints, kinds: Ints, *, now: int) -> Evidence:
    """Return the evidence with the episodes of some cells and kinds closed, in place.

    Parameters
    ----------
    evidence : Evidence
    cells, kinds : arrays of int [p]
        Pairs.
    now : int
        Seconds since 1970.

    Returns
    -------
    Evidence
    """
    at = (cells, kinds)
    evidence.closed[at] = np.where(evidence.is_open[at], now, evidence.closed[at])
    evidence.is_open[at] = False
    evidence.sums[at] = 0
    evidence.quiet[at] = 0
    return evidence
