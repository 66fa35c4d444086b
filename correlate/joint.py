"""Weigh all recent complaints together, anew as more arrives: each depends on what the others say of its faults.

A complaint is shared out among the faults that reach its place and the background; a fault's rate, its causes and its
being real rest on the shares of its complaints. So shares and faults are worked out in turn, each complaint weighed
without what it said itself. What was diagnosed stays as issued; the incident of a complaint follows its shares until it
is three days old, then it is settled.

Simple so far: one round a review; the next goes on where it stopped.

References
----------
.. [1] Asuncion, Welling, Smyth, Teh (2009), "On smoothing and inference for topic models", UAI: shares worked out with
   the own count taken out (CVB0) come near to sampling at the cost of expectation maximisation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from correlate.assignment import (
    Hypotheses,
    Pairs,
    background_totals,
    pair_weights,
    pairs_of,
    told_by,
)
from correlate.covering import final_fault
from correlate.diagnosis import hypotheses_of
from correlate.docket import assign
from correlate.faults import HOUR
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.tickets import Ticket

EVERY_S = HOUR // 2
FOREVER_S = 2**60
LEAST_SHARE, LEAST_CHANGE = 0.01, 0.002
"""Least share of a complaint that counts, and least change of it that is noted."""
NEWS = 0.02
"""Change of a fault's complaints that is worth working out its beliefs anew."""

Floats = NDArray[np.float64]


def review(
    state: State,
    knowledge: Knowledge,
    fresh: Sequence[Ticket],
    due: Sequence[Ticket],
    *,
    now: int,
    has_news: bool = True,
) -> None:
    """Share complaints out among the faults: new and due ones now, all recent ones every half hour that brings news.

    Parameters
    ----------
    fresh, due : sequence of Ticket
        Those that came since the step before, and those to be diagnosed in this one.
    now : int
        Seconds since 1970; nothing arrived later.
    has_news : bool
        Whether anything arrived: steps in which nothing does may be left out, so they change nothing.
    """
    docket = state.docket
    for ticket in docket.take(fresh, now=now):
        _settle(state, ticket)
    is_time = now // EVERY_S != docket.reviewed_at // EVERY_S
    if is_time and (has_news or fresh or due):
        docket.reviewed_at = now
        _share_out(state, knowledge, docket.tickets, now=now)
    else:
        new = {t.ticket_id for t in fresh}
        asked = [*fresh, *(t for t in due if t.ticket_id not in new)]
        _share_out(state, knowledge, asked, now=now)


def _settle(state: State, ticket: Ticket) -> None:
    """Let the faults of a complaint know that it came after their repair."""
    follow_merges(state, ticket)
    for number, share in ticket.fault_share.items() if not ticket.same_as else ():
        fault = state.faults.by_number(number)
        if fault is not None and fault.ended_at is not None and ticket.arrived_at > fault.ended_at:
            fault.late += share


def _share_out(state: State, knowledge: Knowledge, asked: Sequence[Ticket], *, now: int) -> None:
    """Share some complaints out anew and let their faults know."""
    if not asked:
        return
    for ticket in asked:
        follow_merges(state, ticket)
    hypotheses = hypotheses_of(state, knowledge, asked, now=now, ended_within_s=FOREVER_S)
    back = background_totals(asked, state.background)
    pairs = pairs_of(asked, hypotheses)
    weight = pair_weights(asked, hypotheses, pairs, now=now).sum(axis=1)
    total = back + np.bincount(pairs.ticket, weight, len(asked))
    share = weight / total[pairs.ticket]
    before = [t.fault_share for t in asked]
    share = np.where(share > LEAST_SHARE, share, 0.0)
    share = np.where(np.abs(share - pairs.own) < LEAST_CHANGE, pairs.own, share)
    _note_shares(state, asked, hypotheses, pairs, share)
    _tell(state, knowledge, asked, before)
    for ticket in asked:
        if ticket.diagnosed_at:
            assign(ticket, now=now)


def follow_merges(state: State, ticket: Ticket) -> None:
    """Let the shares of faults that were merged into others count for those."""
    merged = state.faults.merged_into
    if not any(n in merged for n in ticket.fault_share):
        return
    shares: dict[int, float] = {}
    for number, share in ticket.fault_share.items():
        final = final_fault(state, number)
        shares[final] = shares.get(final, 0.0) + share
    ticket.fault_share = shares


def _note_shares(
    state: State, asked: Sequence[Ticket], hypotheses: Hypotheses, pairs: Pairs, share: Floats
) -> None:
    """Write new shares on complaints; what a fault explained that is forgotten by now it goes on explaining."""
    numbers = np.array([f.number for f in hypotheses.faults], dtype=np.int64)[pairs.fault]
    ends = np.searchsorted(pairs.ticket, np.arange(len(asked) + 1))
    for ticket, begin, end in zip(asked, ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        told = ticket.fault_share.items()
        settled = {n: part for n, part in told if state.faults.by_number(n) is None}
        left = max(0.0, 1.0 - sum(settled.values()))
        parts = zip(numbers[begin:end].tolist(), share[begin:end].tolist(), strict=True)
        ticket.fault_share = settled | {n: left * part for n, part in parts if part > 0}


def _tell(
    state: State,
    knowledge: Knowledge,
    asked: Sequence[Ticket],
    before: Sequence[dict[int, float]],
) -> None:
    """Let faults and background know how the shares of complaints changed; further calls of a caller don't count."""
    moved: dict[int, float] = {}
    for ticket, old in zip(asked, before, strict=True):
        if ticket.same_as:
            continue
        left = max(0.0, 1.0 - sum(ticket.fault_share.values()))
        state.background.tickets += left - ticket.unexplained
        ticket.unexplained = left
        if ticket.fault_share == old:
            continue
        told = told_by(ticket.words[knowledge.fault_columns])
        for number in old.keys() | ticket.fault_share.keys():
            change = ticket.fault_share.get(number, 0.0) - old.get(number, 0.0)
            fault = state.faults.by_number(number)
            if fault is None or not change:
                continue
            fault.tickets = max(0.0, fault.tickets + change)
            fault.ticket_log = fault.ticket_log + change * told
            moved[number] = moved.get(number, 0.0) + abs(change)
    for number, change in moved.items():
        if change > NEWS:
            state.faults.numbered[number].touch()
