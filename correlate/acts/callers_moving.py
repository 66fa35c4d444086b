"""Let the complaints that a fault explained at some cells count for another fault.

Simple so far: a complaint goes whole, to the side where its place rather is; the next review shares it out anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from correlate.assignment import told_by
from correlate.covering import final_fault
from correlate.docket import assign
from correlate.faults import Fault, Ints
from correlate.joint import follow_merges
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.tickets import Ticket


@dataclass(frozen=True)
class Callers:
    """Complaints by id with how much of each a fault explains, what they come to, and the first of them."""

    shares: Mapping[str, float]
    told: float
    first: str = ""


def callers_at(state: State, fault: Fault, cells: Ints) -> Callers:
    """Return the complaints of a fault whose place is rather at some cells than at its others."""
    others = np.setdiff1d(fault.cells, cells)
    own = [t for t in callers_of(state, fault) if _weight(t, cells) > _weight(t, others)]
    return callers_with(state, {t.ticket_id: t.fault_share[fault.number] for t in own})


def callers_with(state: State, shares: Mapping[str, float]) -> Callers:
    """Return complaints with some shares."""
    found = [state.tickets[number] for number in shares if number in state.tickets]
    told = sum(shares[t.ticket_id] for t in found if not t.same_as)
    first = min(found, key=lambda t: (t.created_at, t.ticket_id), default=None)
    return Callers(dict(shares), told, "" if first is None else first.ticket_id)


def callers_of(state: State, fault: Fault) -> list[Ticket]:
    """Return the complaints that a fault explains anything of, those of faults that went into it as well."""
    found = []
    for ticket in state.tickets.values():
        if any(final_fault(state, number) == fault.number for number in ticket.fault_share):
            follow_merges(state, ticket)
            found.append(ticket)
    return found


def move_callers(
    state: State, knowledge: Knowledge, giver: Fault, taker: Fault, callers: Callers, *, now: int
) -> None:
    """Let shares of complaints count for another fault (`now`: seconds since 1970)."""
    for ticket_id, given in sorted(callers.shares.items()):
        ticket = state.tickets[ticket_id]
        has = ticket.fault_share.get(giver.number, 0.0)
        share = min(given, has)
        shares = dict(ticket.fault_share)
        shares[taker.number] = shares.get(taker.number, 0.0) + share
        shares[giver.number] = has - share
        ticket.fault_share = {number: part for number, part in shares.items() if part > 0}
        if not ticket.same_as:
            told = share * told_by(ticket.words[knowledge.fault_columns])
            giver.tickets, taker.tickets = max(0.0, giver.tickets - share), taker.tickets + share
            giver.ticket_log, taker.ticket_log = giver.ticket_log - told, taker.ticket_log + told
        if ticket.diagnosed_at:
            assign(ticket, now=now)


def _weight(ticket: Ticket, cells: Ints) -> float:
    """Return the probability that one of some cells serves a complaint."""
    return float(ticket.share[np.isin(ticket.cells, cells)].sum())
