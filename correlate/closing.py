"""Close faults that no longer show: alarms cleared, counters in order, the window of work over.

Simple so far: a fault that customers alone know ends when they fall silent.
"""

from __future__ import annotations

from correlate.faults import HOUR, TICKETS, WORK, Fault, FaultBook
from correlate.incident_rules import load_incident_rules

SETTLED_S = 10 * 60
HEALTHY_ENOUGH = 4.0
FRESH_S = 3 * HOUR
"""An alarm that returned so lately is no lost clearing, whatever the counters said before."""
FORGET_EVERY_S = 6 * HOUR


def close_faults(book: FaultBook, *, now: int) -> list[Fault]:
    """Close every fault that no longer shows; forget those closed long ago and return them."""
    for fault in book.open_ones():
        if not fault.is_settled and now - fault.opened_at >= SETTLED_S:
            fault.is_settled = True
            fault.touch()
        ended = _ended(fault, now=now)
        if ended is not None:
            fault.ended_at = max(ended, fault.started_at)
            fault.touch()
    if now - book.forgot_at >= FORGET_EVERY_S:
        book.forgot_at = now
        return book.forget(now - int(load_incident_rules().limits.freeze_h * HOUR))
    return []


def _ended(fault: Fault, *, now: int) -> int | None:
    """Return when a fault ended, None while it lasts."""
    if fault.counters_open or fault.pools_open or fault.is_held:
        return None
    if fault.family == WORK and fault.work_until is not None:
        return fault.work_until if now >= fault.work_until else None
    if fault.family == TICKETS:
        return fault.last_sign_at if now - fault.last_sign_at > fault.quiet_s else None
    if fault.alarm_open:
        is_fresh = now - fault.returned_at < FRESH_S
        lost_clear = fault.confirmed and fault.healthy >= HEALTHY_ENOUGH and not is_fresh
        return fault.last_sign_at if lost_clear else None
    return fault.last_sign_at
