"""Count complaints and the chances to complain inside spans of time at cells.

Terms: a *span* is a cell from one instant to another. The *profile* of a day says how readily people call at each hour,
mean 1; an hour counted with it is a *calling hour*, so a night nobody calls in proves nothing.

Simple so far: one profile for the whole network, the same on all days of the week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOUR = 3600
DAY = 86400
KEY = 2**36
"""Room for seconds since 1970 beside a cell in one number."""
WAKING = range(8, 22)
NIGHT_SHARE = 0.25

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Spans:
    """Spans of time at cells; instants in seconds since 1970, both ends within."""

    cell: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.cell)

    def at(self, rows: Ints) -> Spans:
        """Return some of them."""
        return Spans(self.cell[rows], self.start[rows], self.end[rows])


@dataclass(frozen=True)
class Mentions:
    """A complaint and a cell that may serve its place, by cell and time; `ticket` numbers the complaint."""

    cell: Ints
    at: Ints
    ticket: Ints
    share: Floats

    @classmethod
    def of(cls, cell: Ints, at: Ints, ticket: Ints, share: Floats) -> Mentions:
        """Return mentions in order of cell and time."""
        order = np.lexsort((ticket, at, cell))
        return cls(cell[order], at[order], ticket[order], share[order])


@dataclass(frozen=True)
class Profile:
    """How readily people call: weight of each hour of the local day, mean 1, and seconds the zone is ahead of UTC."""

    weights: Floats
    offset_s: int

    def hours(self, start: Ints, end: Ints) -> Floats:
        """Return the calling hours between instants.

        >>> flat = Profile(np.ones(24), 0)
        >>> flat.hours(np.array([1800]), np.array([2 * 86400])).tolist()
        [47.5]
        """
        return np.asarray(self._until(end) - self._until(start), dtype=float)

    def _until(self, instants: Ints) -> Floats:
        """Return the calling hours since the first midnight of 1970."""
        day, second = np.divmod(np.asarray(instants) + self.offset_s, DAY)
        before = np.concatenate([[0.0], np.cumsum(self.weights)])
        hour = second // HOUR
        part = (second - hour * HOUR) / HOUR * self.weights[hour]
        return np.asarray(day * before[-1] + before[hour] + part, dtype=float)


def learned_profile(at: Ints, share: Floats, *, offset_s: int, prior: float) -> Profile:
    """Return the profile of the day that complaints show, the rule of thumb counting as `prior` of them.

    Parameters
    ----------
    at : array of int
        When complaints were made, seconds since 1970.
    share : array of float
        How much each counts.
    offset_s : int
        Seconds the local clock is ahead of UTC.
    prior : float
        Complaints that the rule of thumb (a night hour a quarter of a waking one) counts for.
    """
    thumb = np.array([1.0 if hour in WAKING else NIGHT_SHARE for hour in range(24)])
    hour = (at + offset_s) // HOUR % 24
    counts = np.bincount(hour, share, 24) + prior * thumb / thumb.sum()
    return Profile(counts / counts.mean(), offset_s)


def merged(spans: Spans) -> Spans:
    """Return spans with those of one cell that overlap made one, by cell and time.

    >>> found = merged(Spans(np.array([1, 1, 2]), np.array([0, 5, 3]), np.array([6, 9, 4])))
    >>> list(zip(found.cell.tolist(), found.start.tolist(), found.end.tolist()))
    [(1, 0, 9), (2, 3, 4)]
    """
    if not len(spans):
        return spans
    order = np.lexsort((spans.start, spans.cell))
    cell, start, end = spans.cell[order], spans.start[order], spans.end[order]
    reached = np.maximum.accumulate(cell * KEY + end)
    first = np.concatenate([[True], (cell * KEY + start)[1:] > reached[:-1]])
    last = np.append(np.flatnonzero(first)[1:] - 1, len(cell) - 1)
    return Spans(cell[first], start[first], reached[last] - cell[first] * KEY)


def overlapping(spans: Spans, others: Spans) -> NDArray[np.bool_]:
    """Tell which spans share a moment at their cell with one of the others."""
    apart = merged(others)
    if not len(apart):
        return np.zeros(len(spans), bool)
    after = np.searchsorted(apart.cell * KEY + apart.end, spans.cell * KEY + spans.start)
    found = np.minimum(after, len(apart) - 1)
    same = (after < len(apart)) & (apart.cell[found] == spans.cell)
    return np.asarray(same & (apart.start[found] <= spans.end), dtype=bool)


def mentions_within(mentions: Mentions, spans: Spans) -> tuple[Ints, Ints]:
    """Return every pair of a span and a mention inside it, as positions."""
    key = mentions.cell * KEY + mentions.at
    first = np.searchsorted(key, spans.cell * KEY + spans.start)
    last = np.searchsorted(key, spans.cell * KEY + spans.end, side="right")
    size = np.maximum(last - first, 0)
    span = np.repeat(np.arange(len(spans)), size)
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    return span.astype(np.int64), (np.repeat(first, size) + step).astype(np.int64)
