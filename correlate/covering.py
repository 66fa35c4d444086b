"""Tell which notice, if any, had covered a complaint's place for the same fault before it came.

Simple so far: a place is its three likeliest sites; a notice that reaches one of them covers it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from correlate.interception import Interception
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.tickets import Ticket

LIKELIEST = 3


@dataclass(frozen=True)
class Covering:
    """A notice that covered a complaint, and since when (seconds since 1970) both are known to be of one fault."""

    notice: Interception
    known_at: int


def final_fault(state: State, number: int) -> int:
    """Return the fault that a fault was merged into in the end, itself if it was not."""
    while number in state.faults.merged_into:
        number = state.faults.merged_into[number]
    return number


def notices_by_fault(state: State) -> Mapping[int, Sequence[Interception]]:
    """Return the notices of each fault that was not merged into another, in order of issue."""
    found: dict[int, list[Interception]] = {}
    for notice in state.notices:
        found.setdefault(final_fault(state, notice.fault), []).append(notice)
    return found


def covering_of(
    state: State,
    knowledge: Knowledge,
    ticket: Ticket,
    notices: Mapping[int, Sequence[Interception]],
) -> Covering | None:
    """Return the first notice that covered a ticket's place for its fault before it came, None if none did.

    Parameters
    ----------
    notices : mapping
        As `notices_by_fault` gives them.
    """
    known = ticket.cells[ticket.cells >= 0]
    sites = set(knowledge.reach.site_of[known[:LIKELIEST]].tolist())
    found = [
        Covering(notice, _one_fault_at(state, ticket, notice))
        for notice in notices.get(final_fault(state, ticket.fault), ())
        if notice.issued_at < ticket.created_at
        and (notice.valid_until is None or ticket.created_at <= notice.valid_until)
        and sites & notice.sites
    ]
    return min(found, key=lambda c: c.known_at, default=None)


def _one_fault_at(state: State, ticket: Ticket, notice: Interception) -> int:
    """Return since when a ticket and a notice are known to be of one fault."""
    return max(ticket.assigned_at, merged_at(state, ticket.fault, notice.fault))


def merged_at(state: State, one: int, other: int) -> int:
    """Return when two faults, one in the end, became one: 0 where they always were."""
    paths = [_path(state, one), _path(state, other)]
    common = next(number for number in paths[0] if number in paths[1])
    steps = [path[: path.index(common)] for path in paths]
    return max((state.faults.merged_at.get(n, 0) for step in steps for n in step), default=0)


def _path(state: State, number: int) -> list[int]:
    """Return the faults that a fault became, itself first."""
    path = [number]
    while path[-1] in state.faults.merged_into:
        path.append(state.faults.merged_into[path[-1]])
    return path
