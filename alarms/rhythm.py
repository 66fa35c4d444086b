"""Tell an alarm that keeps coming back from one that is over, by its own rhythm.

A return is a raising after a clearing of the same identity (`alarms.lifecycle`). Returns that follow each other within
a day are one chain: what shows only by day, under load or in the heat comes back the next day. An alarm is over when it
has been silent for twice the longest silence of its chain, at least an hour and at most a day; before that it is only
cleared.

Simple so far: one longest silence a chain; that an alarm shows only at some hours of the day is not learned.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from alarms.episodes import NOT_YET, Array, Columns

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
FEWEST_RETURNS = 2
"""Below this there is no rhythm: an alarm that came twice may be two things."""
ROOM = 2


@dataclass(frozen=True)
class Rhythm:
    """How an alarm comes and goes; instants and durations in microseconds, UTC.

    Attributes
    ----------
    returns : int
        How often it was raised anew after a clearing.
    since : int
        When the first of the chain was raised.
    cleared : int
        When the last of the chain was cleared, `NOT_YET` while it is in force.
    patience : int
        Silence after which it is over.
    """

    returns: int
    since: int
    cleared: int
    patience: int

    def is_awaited(self, at: int) -> bool:
        """Tell whether the alarm is cleared and not yet silent for long enough to be over."""
        return self.cleared != NOT_YET and at - self.cleared <= self.patience


def rhythm_of(
    columns: Columns, alarm_ids: Collection[str], *, before: int | None = None
) -> Rhythm | None:
    """Return the rhythm of the alarms of some identities, each given by one of its alarms.

    Of several identities the one that came back most often counts.

    Parameters
    ----------
    columns : mapping of str to array, shape (n,)
        Of a book of alarms: `alarm_id`, `identity`, `raised_at`, `ended_at`, instants in microseconds.
    alarm_ids : collection of str
    before : int, optional
        Only what was raised before this instant, microseconds.

    Returns
    -------
    Rhythm or None
        None where none of them came back `FEWEST_RETURNS` times.

    Examples
    --------
    >>> hours = HOUR_US * np.arange(3)
    >>> columns = {
    ...     "alarm_id": np.array(["A1", "A2", "A3"], dtype=object),
    ...     "identity": np.ones(3, dtype=np.uint64),
    ...     "raised_at": hours,
    ...     "ended_at": hours + HOUR_US // 2,
    ... }
    >>> rhythm = rhythm_of(columns, ["A3"])
    >>> rhythm.returns, rhythm.patience // HOUR_US, rhythm.is_awaited(4 * HOUR_US)
    (2, 1, False)
    """
    if len(columns["raised_at"]) <= FEWEST_RETURNS:
        return None
    asked = set(alarm_ids)
    is_asked = np.array([alarm_id in asked for alarm_id in columns["alarm_id"].tolist()], bool)
    found = [
        _chain(columns, identity, before=before)
        for identity in np.unique(columns["identity"][is_asked])
    ]
    known = [rhythm for rhythm in found if rhythm is not None]
    return max(known, key=lambda r: (r.returns, r.cleared), default=None)


def _chain(columns: Columns, identity: Any, *, before: int | None) -> Rhythm | None:
    """Return the rhythm of the last chain of one identity, None where it hardly came back."""
    is_mine = columns["identity"] == identity
    if before is not None:
        is_mine &= columns["raised_at"] < before
    raised, ended = columns["raised_at"][is_mine], columns["ended_at"][is_mine]
    order = np.argsort(raised, kind="stable")
    raised = raised[order]
    ends = np.where(ended == NOT_YET, np.iinfo(np.int64).max, ended)[order]
    latest: Array = np.maximum.accumulate(ends)
    # In force all through: no silence, so no return.
    silence = np.maximum(np.where(latest[:-1] < raised[1:], raised[1:] - latest[:-1], 0), 0)
    breaks = np.flatnonzero(silence > DAY_US)
    first = int(breaks[-1]) + 1 if len(breaks) else 0
    silence = silence[first:][silence[first:] > 0]
    if len(silence) < FEWEST_RETURNS:
        return None
    is_over = latest[-1] != np.iinfo(np.int64).max
    return Rhythm(
        returns=len(silence),
        since=int(raised[first]),
        cleared=int(latest[-1]) if is_over else int(NOT_YET),
        patience=int(np.clip(ROOM * silence.max(), HOUR_US, DAY_US)),
    )
