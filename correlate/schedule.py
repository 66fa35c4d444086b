"""Say when the clock must stand still next although nothing arrives.

Between arrivals the state changes only at such moments: a held ticket is due, an alarm has lasted, callers have been
silent long enough, a notice ends, announced work draws near, begins or ends. Steps in between would change nothing and
are not taken, so a gap of decades in the input costs nothing.

Simple so far: the moments are worked out anew after each step.
"""

from __future__ import annotations

from collections.abc import Iterator

from correlate.closing import SETTLED_S
from correlate.faults import TICKETS
from correlate.knowledge import Knowledge
from correlate.notices.policy import wait_s
from correlate.state import State
from correlate.works import AHEAD_S


def due_after(state: State, knowledge: Knowledge, now: int) -> int | None:
    """Return the next moment (seconds since 1970, after `now`) at which a step is due, None if never."""
    return min((at for at in _moments(state, knowledge) if at > now), default=None)


def _moments(state: State, knowledge: Knowledge) -> Iterator[int]:
    """Return every moment at which something falls due."""
    hold, step = int(knowledge.settings.hold_min * 60), int(knowledge.settings.step_min * 60)
    for ticket in state.held:
        yield max(ticket.arrived_at + hold - step + 1, state.now + 1)
    for fault in state.faults.open_ones():
        if not fault.is_settled:
            yield fault.opened_at + SETTLED_S
        if fault.family == TICKETS:
            yield fault.last_sign_at + fault.quiet_s + 1
        if fault.work_until is not None:
            yield fault.work_until
    for number in state.notice_book.open:
        ended = state.faults.by_number(number)
        if ended is not None and ended.ended_at is not None:
            yield max(ended.ended_at + wait_s(state.notice_book, ended), state.now + 1)
    for change in state.changes:
        if change.is_work and change.until is not None:
            yield from (change.at - AHEAD_S, change.at, change.until)
