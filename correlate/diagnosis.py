"""Diagnose tickets: weigh them provisionally when they come, and once for good before `hold` is over.

Simple so far: a ticket's weight moves its fault's evidence once, when it is diagnosed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import logit

from correlate.assignment import Hypotheses, Weighed, ranked, weigh
from correlate.callers import calls_before, is_repeat
from correlate.docket import assign
from correlate.faults import (
    HOUR,
    TICKETS,
    Fault,
    Floats,
    Ints,
    cause_distribution,
    cause_log_weights,
    existence,
)
from correlate.incidents import unserved_users
from correlate.instants import offset_s
from correlate.knowledge import Knowledge
from correlate.rates import lasted_hours
from correlate.reach import cells_at, sites_at
from correlate.state import State
from correlate.tickets import Ticket

LEAST_EXISTENCE = 0.02
ENDED_WITHIN_S = 48 * HOUR
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
    """Return users no neighbour serves x hours of day lasted (hours of the night and of an old fault count less).

    Parameters
    ----------
    now, since : int
        Seconds since 1970; default since its begin.
    """
    users = unserved_of(knowledge, fault)
    end = now if fault.ended_at is None else min(now, fault.ended_at)
    return users * lasted_hours(
        fault.started_at if since is None else since,
        end,
        offset_s=offset_s(knowledge.zone, now),
        aging_from=fault.started_at,
    )


def unserved_of(knowledge: Knowledge, fault: Fault) -> float:
    """Return the users of a fault whom no healthy neighbour serves, kept until its cells change."""
    return _unserved(knowledge, fault)[0]


def unserved_share(knowledge: Knowledge, fault: Fault) -> float:
    """Return which part of its users they are."""
    unserved, users = _unserved(knowledge, fault)
    return unserved / users if users > 0 else 1.0


def _unserved(knowledge: Knowledge, fault: Fault) -> tuple[float, float]:
    """Return the users of a fault whom no healthy neighbour serves, and all it reaches, by their share lost."""
    _reached(knowledge, fault)
    if fault.unserved is None:
        cells, degree = fault.cells, fault.degree
        alone = unserved_users(knowledge.users, cells, degree, knowledge.neighbours)
        fault.unserved = alone, float((knowledge.users[cells] * degree).sum())
    return fault.unserved


def hypotheses_of(
    state: State,
    knowledge: Knowledge,
    tickets: Sequence[Ticket],
    *,
    now: int,
    ended_within_s: int = ENDED_WITHIN_S,
) -> Hypotheses:
    """Return the faults that may explain tickets now: open or closed lately, reaching their place."""
    cells = np.concatenate([np.empty(0, np.int64), *(t.cells for t in tickets)])
    cells = np.unique(cells[cells >= 0])
    column = np.full(len(knowledge.cell_ids), -1)
    column[cells] = np.arange(len(cells))
    real: list[tuple[Fault, float, Ints, Floats]] = []
    around = cells_at(knowledge.reach, sites_at(knowledge.reach, cells))
    for fault in state.faults.touching(around):
        if fault.ended_at is not None and now - fault.ended_at >= ended_within_s:
            continue
        if fault.number in state.faults.merged_into:
            continue
        reached, degree = _reached(knowledge, fault)
        met = column[reached]
        is_met = met >= 0
        chance = existence(fault) if is_met.any() else 0.0
        if chance >= LEAST_EXISTENCE:
            real.append((fault, chance, met[is_met], degree[is_met]))
    faults = tuple(fault for fault, *_ in real)
    belief = np.array([fault_causes(knowledge, f) for f in faults])
    belief = belief.reshape(len(real), len(knowledge.signatures.causes))
    return Hypotheses(
        faults=faults,
        columns=knowledge.fault_columns,
        belief=belief,
        log_odds=logit(np.array([chance for _, chance, *_ in real])),
        prior_rate=belief @ state.rates.per_user_hour(),
        user_hours=np.array([user_hours(knowledge, f, now=now) for f in faults]),
        cells=cells,
        reach=_reach([(met, degree) for *_, met, degree in real], len(cells)),
        late_times=state.rates.late_times(),
        unserved=np.array([unserved_share(knowledge, f) for f in faults]),
        ages=knowledge.start.age_table(knowledge.signatures.causes),
    )


def _reach(parts: Sequence[tuple[Ints, Floats]], size: int) -> Any:
    """Return how much of the service of some cells each fault takes, sparse [faults, cells]."""
    cells = np.concatenate([np.zeros(0, np.int64), *(c for c, _ in parts)])
    degree = np.concatenate([np.zeros(0), *(d for _, d in parts)])
    rows = np.concatenate([[0], np.cumsum([len(c) for c, _ in parts], dtype=np.int64)])
    return sparse.csr_array((degree, cells, rows), shape=(len(parts), size))


def _reached(knowledge: Knowledge, fault: Fault) -> tuple[Ints, Floats]:
    """Return the cells a fault reaches and how much of their service it takes: unflagged ones of its sites a part."""
    key = (fault.cells, fault.degree, len(fault.crowded), fault.extent)
    known = fault.reached_from
    if known is not None and all(known[i] is key[i] for i in (0, 1)) and known[2:] == key[2:]:
        return fault.reached
    reached: dict[int, float] = dict.fromkeys(fault.crowded, CROWDED)
    if fault.extent not in PARTS:
        for site in sites_at(knowledge.reach, fault.cells).tolist():
            reached |= dict.fromkeys(knowledge.reach.cells_of[site].tolist(), 0.4)
    reached |= dict(zip(fault.cells.tolist(), fault.degree.tolist(), strict=True))
    cells = np.array(sorted(reached), dtype=np.int64)
    degree = np.array([reached[c] for c in cells.tolist()], dtype=float)
    fault.reached, fault.reached_from = (cells, degree), key
    fault.unserved = None
    return fault.reached


def weigh_fresh(state: State, knowledge: Knowledge, fresh: list[Ticket], *, now: int) -> None:
    """Weigh new tickets provisionally, so that an answer is there at once."""
    if not fresh:
        return
    hypotheses = hypotheses_of(state, knowledge, fresh, now=now)
    for ticket in fresh:
        ticket.posterior = weigh(ticket, hypotheses, state.background, now=now).causes


Note = Callable[[State, Ticket, Hypotheses, Weighed], None]
"""Called with each ticket when it is diagnosed."""


def due_tickets(state: State, knowledge: Knowledge, *, now: int) -> list[Ticket]:
    """Return the held tickets that can't wait for another step; they are held no longer."""
    hold = int(knowledge.settings.hold_min * 60)
    step = int(knowledge.settings.step_min * 60)
    due = [t for t in state.held if now + step > t.arrived_at + hold]
    if due:
        state.held = [t for t in state.held if now + step <= t.arrived_at + hold]
    return due


def diagnose(
    state: State,
    knowledge: Knowledge,
    due: Sequence[Ticket],
    *,
    now: int,
    note: Note | None = None,
) -> list[dict[str, object]]:
    """Diagnose tickets for good; return rows of `diagnoses`.

    Times are seconds since 1970; `fault` stands in for `incident_id`, which the run fills in at its end.
    """
    if not due:
        return []
    hypotheses = hypotheses_of(state, knowledge, due, now=now)
    rows: list[dict[str, object]] = []
    for ticket in due:
        weighed = weigh(ticket, hypotheses, state.background, now=now)
        _settle(state, ticket, hypotheses, weighed, now=now)
        if note is not None:
            note(state, ticket, hypotheses, weighed)
        rows += _rows(state, knowledge, ticket, hypotheses, weighed, now=now)
    return rows


def _settle(
    state: State, ticket: Ticket, hypotheses: Hypotheses, weighed: Weighed, *, now: int
) -> None:
    """Fix what was made of a ticket and, if it is its caller's first, let the faults it shows know."""
    ticket.diagnosed_at = now
    ticket.posterior = weighed.causes
    ticket.served = weighed.served
    assign(ticket, now=now)
    ticket.is_repeat = is_repeat(ticket, calls_before(ticket, state.callers, state.tickets))
    if not ticket.same_as:
        for fault in hypotheses.faults:
            if ticket.fault_share.get(fault.number, 0.0) > 0.5:
                _note_time(fault, ticket.arrived_at)


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
    probability = state.calibration.corrected(weighed.causes)
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
