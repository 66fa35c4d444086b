"""Bring back the fault of an alarm that returns: what keeps coming back was not repaired.

A fault whose alarm returns within hours goes on, and so does an outage that counters had seen, whatever alarm tells the
next. One that is milder than an outage also goes on when its alarm returns
within the silence that its own rhythm (`alarms.rhythm`) allows, with all earlier faults of that rhythm: it is dated
from the first of them. An outage is over when service is back; the next one is another.

Simple so far: a fault stands as ended between its alarm's returns.
"""

from __future__ import annotations

from collections.abc import Collection

from alarms.rhythm import Rhythm, rhythm_of
from correlate.faults import HOUR, LOSS, Fault, merge
from correlate.partings import are_apart
from correlate.state import State

AGAIN_S = 6 * HOUR
LOST_AGAIN_S = 12 * HOUR
"""What counters saw lost and is lost again so soon was not repaired (START value)."""
MICROSECONDS = 1_000_000


def returned_fault(
    state: State,
    object_id: str,
    names: Collection[str],
    *,
    family: str,
    raised_at: int,
    now: int,
) -> Fault | None:
    """Return the fault of the same object and alarm that ended a while ago, opened anew; None if there is none.

    Parameters
    ----------
    object_id : str
        What the alarm that came now is at.
    names : collection of str
        What it is called.
    family : str
        Of the trouble it tells.
    raised_at, now : int
        Seconds since 1970.
    """
    past = _past(state, object_id, set(names), raised_at=raised_at)
    if not past:
        is_lost = family == LOSS
        return _lost_again(state, object_id, raised_at=raised_at, now=now) if is_lost else None
    last = past[-1]
    rhythm = _rhythm(state, last, before=raised_at)
    is_awaited = rhythm is not None and rhythm.is_awaited(raised_at * MICROSECONDS)
    if not is_awaited and raised_at - int(last.ended_at or 0) > _again_s(last):
        return None
    same = [last]
    if is_awaited and rhythm is not None:
        since = rhythm.since // MICROSECONDS
        recent = [f for f in past if int(f.ended_at or 0) >= since]
        same = [f for f in recent if not are_apart(state, last, f)]
    return _as_one(state, same or [last], now=now)


def _again_s(fault: Fault) -> int:
    """Return within which time of its end trouble like a fault's is the same fault, in seconds."""
    return LOST_AGAIN_S if fault.family == LOSS and fault.confirmed else AGAIN_S


def _lost_again(state: State, object_id: str, *, raised_at: int, now: int) -> Fault | None:
    """Return the outage of an object that counters saw and that ended a while ago, opened anew."""
    for fault in sorted(state.faults.index.over_at(object_id), key=lambda f: -f.number):
        ended = fault.ended_at
        if ended is None or fault.number in state.faults.merged_into:
            continue
        is_seen = fault.family == LOSS and fault.confirmed
        if is_seen and 0 <= raised_at - ended <= LOST_AGAIN_S:
            return _as_one(state, [fault], now=now)
    return None


def _past(state: State, object_id: str, names: set[str], *, raised_at: int) -> list[Fault]:
    """Return the ended faults of an object and alarm, the one that ended last at the end."""
    found = [
        fault
        for fault in state.faults.index.over_at(object_id)
        if fault.ended_at is not None
        and fault.ended_at <= raised_at
        and fault.number not in state.faults.merged_into
        and names & set(fault.names)
    ]
    return sorted(found, key=lambda f: (int(f.ended_at or 0), f.number))


def _rhythm(state: State, fault: Fault, *, before: int) -> Rhythm | None:
    """Return the rhythm of a fault's alarms before a moment; an outage has none."""
    if fault.family == LOSS:
        return None
    return rhythm_of(
        state.book.history(fault.alarm_ids), fault.alarm_ids, before=before * MICROSECONDS
    )


def _as_one(state: State, same: list[Fault], *, now: int) -> Fault:
    """Return ended faults as one that is open: the reported one, else the oldest, dated from the first."""
    kept, *others = sorted(same, key=lambda f: (f.reported_at is None, f.number))
    for other in others:
        ended = other.ended_at
        merge(state.faults, kept, other, now=now)
        other.ended_at = ended
    dated = [f for f in same if f.alarm_began is not None]
    if dated:
        first = min(dated, key=lambda f: int(f.alarm_began or 0))
        kept.alarm_began, kept.alarm_raised = first.alarm_began, first.alarm_raised
        kept.date()
    kept.ended_at, kept.returned_at = None, now
    kept.touch()
    return kept
