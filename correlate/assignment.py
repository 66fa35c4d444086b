"""Weigh, for each complaint, the faults that reach its place against everything that is no fault of the network.

One sum: a fault weighs its probability x the share of the place it reaches x its rate of complaint x what the words
say of its causes; the background weighs its own rate x the words x the place x the account. Divided by their total
these are the probabilities of the causes. The same sum, taken cell by cell, says who serves the place: a complaint
comes rather from where something is broken.

Simple so far: tickets are weighed one after the other, not jointly; a fault's rate learns from its own tickets only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlate.background import Background, place_log_weights
from correlate.circumstances import onset_value
from correlate.faults import HOUR, TICKETS, Fault
from correlate.tickets import NEVER, Ticket

ONSET_TOLERANCE_S = 2 * HOUR
AFTER_REPAIR_FADE_S = 10 * HOUR
LEAST_LASTED_S = 600
RATE_PRIOR_TICKETS = 2.0
MOST_TIMES = 6.0
"""How far above the usual rate of its cause a fault's own may rise: more are rather another fault's."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hypotheses:
    """The faults that may explain a ticket, as arrays.

    `causes` [faults, all causes] holds their cause probabilities, `exists` [faults] whether each is
    real, `rate` [faults] complaints per user reached and hour; `at_cell` gives, for each cell that was asked about, the
    faults that reach it and how much of its service each takes.
    """

    faults: tuple[Fault, ...]
    causes: Floats
    exists: Floats
    rate: Floats
    at_cell: Mapping[int, Sequence[tuple[int, float]]]

    def reach(self, cells: NDArray[np.int64]) -> Floats:
        """Return how much of the service of some cells each fault takes, [faults, cells]."""
        reach = np.zeros((len(self.faults), len(cells)))
        for column, cell in enumerate(cells.tolist()):
            for number, degree in self.at_cell.get(cell, ()):
                reach[number, column] = degree
        return reach


@dataclass(frozen=True)
class Weighed:
    """What came of weighing one ticket: weights [faults, causes] and [causes], both divided by their total.

    `served` is the probability of each of the ticket's cells, in its order, faults taken into account.
    """

    by_fault: Floats
    background: Floats
    served: Floats

    @property
    def causes(self) -> Floats:
        """Probability of each cause."""
        return np.asarray(self.by_fault.sum(axis=0) + self.background, dtype=float)


def learned_rate(prior_per_user_hour: float, tickets: float, user_hours: float) -> float:
    """Return a fault's complaints per user and hour: a gamma prior worth two tickets, then its own.

    >>> round(learned_rate(1e-4, 0.0, 0.0), 6)
    0.0001
    """
    prior_hours = RATE_PRIOR_TICKETS / prior_per_user_hour
    rate = (RATE_PRIOR_TICKETS + tickets) / (prior_hours + user_hours)
    return float(np.clip(rate, prior_per_user_hour / 10.0, prior_per_user_hour * MOST_TIMES))


def weigh(ticket: Ticket, hypotheses: Hypotheses, background: Background, *, now: int) -> Weighed:
    """Return the weights of every fault and of the background for one ticket.

    Parameters
    ----------
    now : int
        Seconds since 1970: nothing after it may count.
    """
    likely = np.exp(ticket.words)
    back = background.per_user_hour() * background.shares() * likely
    back = back * np.exp(_place(ticket, background))
    reach = hypotheses.reach(ticket.cells)
    meant = np.flatnonzero(reach @ ticket.share > 0)
    weights = np.zeros((len(hypotheses.faults), len(back)))
    at_cell = np.zeros(len(ticket.cells))
    if len(meant):
        faults = [hypotheses.faults[i] for i in meant.tolist()]
        moment = np.array([_moment(f, ticket, now=now) for f in faults])
        front = hypotheses.exists[meant] * hypotheses.rate[meant] * moment
        told = hypotheses.causes[meant] * likely[None, :]
        weights[meant] = (front * (reach[meant] @ ticket.share))[:, None] * told
        at_cell = (front * told.sum(axis=1)) @ reach[meant]
    total = weights.sum() + back.sum()
    served = ticket.share * (1.0 + at_cell / back.sum())
    rest = max(0.0, 1.0 - float(ticket.share.sum()))
    return Weighed(
        np.asarray(weights / total, float),
        np.asarray(back / total, float),
        np.asarray(served / max(float(served.sum()) + rest, 1e-300), float),
    )


def _place(ticket: Ticket, background: Background) -> Floats:
    """Return what place and account say of the background causes."""
    log = place_log_weights(
        background.causes, np.array([ticket.nothing]), is_indoor=np.array([ticket.is_indoor])
    )[0]
    log = log + background.account.log_ratios(ticket.account)
    return np.asarray(log + background.onset.log_ratios(told_onset(ticket)), dtype=float)


def told_onset(ticket: Ticket) -> str:
    """Return how long before a ticket its trouble is said to have begun, a value of `Background.onset`."""
    return onset_value(ticket.created_at, ticket.onset_from, ticket.onset_to, never=NEVER)


def _moment(fault: Fault, ticket: Ticket, *, now: int) -> float:
    """Return how well the times of a fault and a ticket agree, 0 to 1."""
    start, arrived = fault.started_at, ticket.arrived_at
    if start > arrived or fault.seen_at > arrived:
        return 0.0
    factor = 1.0
    if ticket.onset_to > NEVER and start > ticket.onset_to + ONSET_TOLERANCE_S:
        factor *= 0.2
    if ticket.onset_from > NEVER and start < ticket.onset_from - 12 * HOUR:
        factor *= 0.5
    if ticket.is_chronic and arrived - start < 72 * HOUR:
        factor *= 0.4
    if fault.family == TICKETS:
        factor *= float(np.exp(-max(0, arrived - fault.last_sign_at) * 2.0 / fault.quiet_s))
    age = arrived - start
    factor *= max(0.3, float(np.exp(-age / (72.0 * HOUR))))
    if fault.ended_at is not None and fault.ended_at < min(arrived, now):
        gap = min(arrived, now) - fault.ended_at
        factor *= 0.7 * after_repair(gap, fault.ended_at - start)
    return factor


def after_repair(gap_s: float, lasted_s: float) -> float:
    """Return the rate of complaints some time after a repair, as a share of the rate while the fault lasted.

    Those who call late call with a delay that fades by `AFTER_REPAIR_FADE_S`: of a short fault there are few of them.

    >>> round(after_repair(0, 10 * HOUR), 2), round(after_repair(0, HOUR), 2)
    (0.63, 0.1)
    """
    lasted = max(lasted_s, LEAST_LASTED_S)
    return float(np.exp(-gap_s / AFTER_REPAIR_FADE_S) * -np.expm1(-lasted / AFTER_REPAIR_FADE_S))


def ranked(probability: Floats, codes: Sequence[str], *, most: int = 5) -> list[tuple[int, float]]:
    """Return the likeliest causes as (position, probability), likeliest first, ties by code.

    >>> ranked(np.array([0.2, 0.5, 0.3]), ["a", "b", "c"], most=2)
    [(1, 0.5), (2, 0.3)]
    """
    order = sorted(
        range(len(probability)), key=lambda i: (-round(float(probability[i]), 12), codes[i])
    )
    return [(i, float(probability[i])) for i in order[:most] if probability[i] > 0]
