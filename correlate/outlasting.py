"""Part episodes of the counters from faults that ended while they go on.

An alarm that cleared does not end what its cells still suffer: a fault that had been told goes on; beside one that
never was told the trouble is another's, and is taken as such.

Simple so far: one slack for all kinds of trouble.
"""

from __future__ import annotations

from correlate.episode_arrays import Episodes, episode_key
from correlate.faults import WORK, Fault
from correlate.state import State

OVER_S = 80 * 60
"""An episode that shows so long after a fault's end outlasts it: a period, and a while more."""


def part_outlasting(state: State, episodes: Episodes) -> None:
    """Open faults anew whose episodes outlast their end, or let go the episodes of those never told."""
    book = state.faults
    for i in episodes.is_open.nonzero()[0].tolist():
        key = episode_key(episodes, i)
        fault = book.numbered.get(book.of_episode.get(key, 0))
        if fault is None or not outlasts(fault, int(episodes.last[i])):
            continue
        if fault.reported_at is None or fault.family == WORK:
            book.of_episode.pop(key)
            fault.episodes.pop(key[:2], None)
        elif not fault.was_pooled:
            fault.ended_at = None
        fault.touch()


def outlasts(fault: Fault, last: int) -> bool:
    """Tell whether an episode last seen then (seconds since 1970) goes on though a fault is over."""
    return fault.ended_at is not None and last > fault.ended_at + OVER_S
