"""Diagnose tickets: weigh them provisionally when they come, and once for good before `hold` is over.

Simple so far: a ticket's weight moves its fault's evidence once, when it is diagnosed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from correlate.assignment import Hypotheses, Weighed, learned_rate, ranked, weigh
from correlate.calibration import tempered
from correlate.callers import calls_before, is_repeat
from correlate.faults import (
    HOUR,
    TICKETS,
    Fault,
    Floats,
    cause_distribution,
    cause_log_weights,
    existence,
)
from correlate.instants import offset_s
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.tickets import Ticket

LEAST_EXISTENCE = 0.02
NIGHT_SHARE = 0.25
PARTS = frozenset({"trx", "cell", "cells"})
"""Extents that leave other cells of the site in service."""
STILL_TICKETS = 3
CROWDED = 0.5
"""Share of the service of a cell that the users of a dead neighbour crowd."""


def fault_causes(knowledge: Knowledge, fault: Fault) -> Floats:
    """Return the probabilities of the signature causes for a fault, kept until its evidence changes."""
    if fault.belief is not None:
        return fault.belief
    log = cause_log_weights(
        fault,
        knowledge.signatures,
        gsm=float(knowledge.reach.is_gsm[fault.cells].mean()) if len(fault.cells) else 0.0,
        indoor=bool(len(fault.cells)) and bool(knowledge.is_indoor[fault.cells].all()),
    )
    fault.belief = cause_distribution(log)
    return fault.belief


def user_hours(knowledge: Knowledge, fault: Fault, *, now: int, since: int | None = None) -> float:
    """Return users reached x hours of day lasted so far (the hours of the night count a quarter).

    Parameters
    ----------
    now, since : int
        Seconds since 1970; default since its begin.
    """
    users = float((knowledge.users[fault.cells] * fault.degree).sum())
    end = now if fault.ended_at is None else min(now, fault.ended_at)
    begin = fault.started_at if since is None else since
    hours = np.arange(begin, max(end, begin + 1), HOUR)
    local = (hours + offset_s(knowledge.zone, now)) // HOUR % 24
    weight = np.where((local >= 8) & (local < 22), 1.0, NIGHT_SHARE)
    last = min(max(0, end - int(hours[-1])), HOUR) / HOUR
    return users * float(weight[:-1].sum() + weight[-1] * last)


def hypotheses_of(
    state: State, knowledge: Knowledge, tickets: Sequence[Ticket], *, now: int
) -> Hypotheses:
    """Return the faults that may explain tickets now: open or closed within two days, reaching their place."""
    asked = {c for t in tickets for c in t.cells.tolist() if c >= 0}
    at_cell: dict[int, list[tuple[int, float]]] = {}
    real: list[tuple[Fault, float]] = []
    for fault in state.faults.faults:
        if fault.ended_at is not None and now - fault.ended_at >= 48 * HOUR:
            continue
        common = asked & _reached(knowledge, fault).keys()
        chance = existence(fault) if common else 0.0
        if chance >= LEAST_EXISTENCE:
            for cell in common:
                at_cell.setdefault(cell, []).append((len(real), fault.reached[cell]))
            real.append((fault, chance))
    causes = np.zeros((len(real), len(knowledge.codes)))
    rate = np.zeros(len(real))
    for i, (fault, _) in enumerate(real):
        p = fault_causes(knowledge, fault)
        causes[i, knowledge.fault_columns] = p
        prior = float(p @ knowledge.signatures.per_user_hour)
        rate[i] = learned_rate(prior, fault.tickets, user_hours(knowledge, fault, now=now))
    return Hypotheses(
        faults=tuple(f for f, _ in real),
        causes=causes,
        exists=np.array([p for _, p in real]),
        rate=rate,
        at_cell=at_cell,
    )


def _reached(knowledge: Knowledge, fault: Fault) -> Mapping[int, float]:
    """Return how much of each cell's service a fault takes: unflagged cells of its sites a part."""
    if fault.reached_from is fault.cells:
        return fault.reached
    reached: dict[int, float] = dict.fromkeys(fault.crowded, CROWDED)
    if fault.extent not in PARTS:
        for site in np.unique(knowledge.reach.site_of[fault.cells]).tolist():
            reached |= dict.fromkeys(knowledge.reach.cells_of[site].tolist(), 0.4)
    reached |= dict(zip(fault.cells.tolist(), fault.degree.tolist(), strict=True))
    fault.reached, fault.reached_from = reached, fault.cells
    return reached


def weigh_fresh(state: State, knowledge: Knowledge, fresh: list[Ticket], *, now: int) -> None:
    """Weigh new tickets provisionally, so that clusters and rates see them at once."""
    if not fresh:
        return
    hypotheses = hypotheses_of(state, knowledge, fresh, now=now)
    for ticket in fresh:
        weighed = weigh(ticket, hypotheses, state.background, now=now)
        ticket.posterior = weighed.causes
        ticket.fault_share = _shares(hypotheses, weighed)


def _shares(hypotheses: Hypotheses, weighed: Weighed) -> dict[int, float]:
    """Return the share of a ticket that each fault explains."""
    share = weighed.by_fault.sum(axis=1)
    return {f.number: float(s) for f, s in zip(hypotheses.faults, share, strict=True) if s > 0.01}


Note = Callable[[State, Ticket, Hypotheses, Weighed], None]
"""Called with each ticket when it is diagnosed."""


def diagnose_due(
    state: State, knowledge: Knowledge, *, now: int, note: Note | None = None
) -> list[dict[str, object]]:
    """Diagnose every held ticket that can't wait for another step; return rows of `diagnoses`.

    Times are seconds since 1970; `fault` stands in for `incident_id`, which the run fills in at its end.
    """
    hold = int(knowledge.settings.hold_min * 60)
    step = int(knowledge.settings.step_min * 60)
    due = [t for t in state.held if now + step > t.arrived_at + hold]
    if not due:
        return []
    state.held = [t for t in state.held if now + step <= t.arrived_at + hold]
    hypotheses = hypotheses_of(state, knowledge, due, now=now)
    rows: list[dict[str, object]] = []
    for ticket in due:
        weighed = weigh(ticket, hypotheses, state.background, now=now)
        _settle(state, knowledge, ticket, hypotheses, weighed)
        ticket.diagnosed_at = now
        if note is not None:
            note(state, ticket, hypotheses, weighed)
        rows += _rows(state, knowledge, ticket, hypotheses, weighed, now=now)
    return rows


def _settle(
    state: State, knowledge: Knowledge, ticket: Ticket, hypotheses: Hypotheses, weighed: Weighed
) -> None:
    """Fix what was made of a ticket and, if it is its caller's first, let faults and background learn from it."""
    ticket.posterior = weighed.causes
    ticket.served = weighed.served
    ticket.fault_share = _shares(hypotheses, weighed)
    best = max(ticket.fault_share, key=lambda n: (ticket.fault_share[n], -n), default=0)
    ticket.fault = best if best and ticket.fault_share[best] > 0.3 else 0
    ticket.is_repeat = is_repeat(ticket, calls_before(ticket, state.callers, state.tickets))
    if not ticket.same_as:
        _teach(state, knowledge, ticket, hypotheses)


def _teach(state: State, knowledge: Knowledge, ticket: Ticket, hypotheses: Hypotheses) -> None:
    """Let the faults of a ticket and the background learn from it."""
    said = ticket.words[knowledge.fault_columns]
    for fault in hypotheses.faults:
        share = ticket.fault_share.get(fault.number, 0.0)
        if share > 0.05:
            fault.tickets += share
            fault.touch()
            fault.ticket_log = fault.ticket_log + 0.5 * share * np.clip(said, -3, 3)
            fault.ticket_exists = min(3.0, fault.ticket_exists + 0.5 * share)
            if share > 0.5:
                _note_time(fault, ticket.arrived_at)
    own = sum(ticket.fault_share.values())
    state.background.tickets += max(0.0, 1.0 - own)


def _note_time(fault: Fault, arrived_at: int) -> None:
    """Let a fault that customers alone know show again, when several complained within two hours."""
    fault.ticket_times = [t for t in fault.ticket_times if t > arrived_at - fault.quiet_s // 2]
    fault.ticket_times.append(arrived_at)
    if fault.family == TICKETS and len(fault.ticket_times) >= STILL_TICKETS:
        fault.last_sign_at = max(fault.last_sign_at, arrived_at)


def _rows(
    state: State,
    knowledge: Knowledge,
    ticket: Ticket,
    hypotheses: Hypotheses,
    weighed: Weighed,
    *,
    now: int,
) -> list[dict[str, object]]:
    """Return the rows of `diagnoses` for one ticket."""
    probability = tempered(weighed.causes, state.calibration.temperature)
    rows: list[dict[str, object]] = []
    for rank, (cause, p) in enumerate(ranked(probability, knowledge.codes), start=1):
        fault = fault_for(hypotheses, weighed, cause)
        code = knowledge.codes[cause]
        rows.append(
            {
                "ticket_id": ticket.ticket_id,
                "rank": rank,
                "cause": code,
                "probability": p,
                "object_id": object_of(knowledge, ticket, fault, code),
                "cell_id": _best_cell(knowledge, ticket),
                "fault_started_at": fault.started_at if fault is not None else None,
                "fault": fault.number if fault is not None else 0,
                "diagnosed_at": now,
            }
        )
    return rows


def fault_for(hypotheses: Hypotheses, weighed: Weighed, cause: int) -> Fault | None:
    """Return the fault that carries a cause for this ticket, None when the background carries it."""
    if not len(hypotheses.faults):
        return None
    column = weighed.by_fault[:, cause]
    best = int(np.argmax(column))
    return hypotheses.faults[best] if column[best] > weighed.background[cause] else None


def object_of(knowledge: Knowledge, ticket: Ticket, fault: Fault | None, code: str) -> str | None:
    """Return what is broken: the fault's object, else the likeliest site for a cause of the network."""
    if fault is not None:
        return fault.object_id or None
    if code in knowledge.customer_side:
        return None
    return _best_cell(knowledge, ticket)


def _best_cell(knowledge: Knowledge, ticket: Ticket) -> str | None:
    """Return the likeliest serving cell."""
    known = ticket.cells >= 0
    if not known.any():
        return None
    best = int(ticket.cells[known][np.argmax(ticket.served[known])])
    return str(knowledge.cell_ids[best])


def serving_rows(knowledge: Knowledge, tickets: list[Ticket]) -> list[dict[str, object]]:
    """Return the rows of `serving_cells` for tickets just diagnosed."""
    rows: list[dict[str, object]] = []
    for ticket in tickets:
        order = np.lexsort((ticket.cells, -ticket.served))
        kept = [i for i in order.tolist() if ticket.cells[i] >= 0 and ticket.served[i] > 0][:6]
        rows += [
            {
                "ticket_id": ticket.ticket_id,
                "rank": rank,
                "cell_id": str(knowledge.cell_ids[ticket.cells[i]]),
                "probability": float(ticket.served[i]),
                "distance_m": float(ticket.distance_m[i]),
            }
            for rank, i in enumerate(kept, start=1)
        ]
    return rows
