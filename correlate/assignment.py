"""Weigh complaints: the faults that reach their place against everything that is no fault of the network.

One sum: a fault weighs its probability x the share of the place it reaches x its rate of complaint x what the words
say of its causes; the background weighs its own rate x the words x the place x the account. Divided by their total
these are the probabilities of the causes. The same sum, taken cell by cell, says who serves the place: a complaint
comes rather from where something is broken.

What a ticket itself told of a fault is taken out before the fault is asked to explain it: nobody is his own witness.

Simple so far: how far words tell of causes is the same for every ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from correlate.background import Background
from correlate.circumstances import told_of
from correlate.faults import HOUR, ODDS_TOLD, TEMPERATURE, TICKETS, Fault
from correlate.learning.start import age_log
from correlate.rates import aged, late_rate, learned_rate, load_rate_rules
from correlate.tickets import NEVER, Ticket

ONSET_TOLERANCE_S = 2 * HOUR
WORDS_TOLD, MOST_TOLD = 0.5, 3.0
"""Part of what a ticket's words say of causes that counts for its fault, and their most (log likelihood)."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Hypotheses:
    """The faults that may explain tickets, as arrays.

    `columns` [causes of faults] their positions among all causes, `belief` [faults, causes of faults] their
    probabilities, `log_odds` [faults] of being real, `prior_rate` [faults] complaints per user reached and hour
    that such causes usually bring, `user_hours` [faults] the users reached x hours so far; `cells` are those of the
    tickets asked about, ascending, `reach` sparse [faults, `cells`] how much of the service of each each fault takes;
    `late_times` how many call after a repair against the first estimate, `unserved` [faults] which part of the users a
    fault reaches no neighbouring cell serves. `ages` is what was learned of how old a fault is when its callers come
    (`correlate.learning.start`).
    """

    faults: tuple[Fault, ...]
    columns: Ints
    belief: Floats
    log_odds: Floats
    prior_rate: Floats
    user_hours: Floats
    cells: Ints
    reach: Any
    late_times: float
    unserved: Floats
    ages: Floats | None = None


@dataclass(frozen=True)
class Pairs:
    """Tickets and faults that reach their place, [pairs]: positions of both, share of the place reached.

    `own` is the share of the ticket that the fault was said to explain before.
    """

    ticket: Ints
    fault: Ints
    reach: Floats
    own: Floats


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


def told_by(words: Floats) -> Floats:
    """Return what words (log likelihoods by cause) tell of the cause of their ticket's fault, log weights."""
    return np.asarray(WORDS_TOLD * np.clip(words, -MOST_TOLD, MOST_TOLD), dtype=float)


def pairs_of(tickets: Sequence[Ticket], hypotheses: Hypotheses) -> Pairs:
    """Return every ticket with every fault that reaches its place."""
    many = [len(t.cells) for t in tickets]
    row = np.repeat(np.arange(len(tickets)), many)
    cells = np.concatenate([np.zeros(0, np.int64), *(t.cells for t in tickets)])
    share = np.concatenate([np.zeros(0), *(t.share for t in tickets)])
    known = cells >= 0
    column = np.searchsorted(hypotheses.cells, cells[known])
    shape = (len(tickets), len(hypotheses.cells))
    places = sparse.coo_array((share[known], (row[known], column)), shape=shape).tocsr()
    met = (places @ hypotheses.reach.T).tocoo()
    order = np.lexsort((met.col, met.row))
    ticket, fault, reach = met.row[order], met.col[order], met.data[order]
    numbers = [f.number for f in hypotheses.faults]
    met_by = zip(ticket.tolist(), fault.tolist(), strict=True)
    own = [tickets[t].fault_share.get(numbers[f], 0.0) for t, f in met_by]
    kept = reach > 0
    return Pairs(
        ticket=ticket[kept].astype(np.int64),
        fault=fault[kept].astype(np.int64),
        reach=np.asarray(reach[kept], float),
        own=np.array(own, dtype=float)[kept],
    )


def pair_weights(
    tickets: Sequence[Ticket], hypotheses: Hypotheses, pairs: Pairs, *, now: int
) -> Floats:
    """Return the weight of each cause of each pair, [pairs, causes of faults].

    Parameters
    ----------
    now : int
        Seconds since 1970: nothing after it may count.
    """
    if not len(pairs.ticket):
        return np.zeros((0, len(hypotheses.columns)))
    words = np.array([t.words[hypotheses.columns] for t in tickets])[pairs.ticket]
    own = pairs.own[:, None] * told_by(words)
    belief = hypotheses.belief[pairs.fault] * np.exp(-own / TEMPERATURE)
    belief = belief / belief.sum(axis=1, keepdims=True)
    so_far = np.array([f.tickets for f in hypotheses.faults])[pairs.fault]
    rate = learned_rate(
        hypotheses.prior_rate[pairs.fault],
        np.maximum(so_far - pairs.own, 0.0),
        hypotheses.user_hours[pairs.fault],
    )
    odds = hypotheses.log_odds[pairs.fault] - ODDS_TOLD * pairs.own
    front = rate * pairs.reach / (1.0 + np.exp(-odds)) * hypotheses.unserved[pairs.fault]
    front = front * moments(tickets, hypotheses, pairs, now=now)
    if hypotheses.ages is not None:
        arrived = np.array([t.arrived_at for t in tickets])[pairs.ticket]
        started = np.array([f.started_at for f in hypotheses.faults])[pairs.fault]
        belief = belief * np.exp(age_log(hypotheses.ages, (arrived - started) / HOUR))
    return np.asarray(front[:, None] * belief * np.exp(words), dtype=float)


def background_totals(tickets: Sequence[Ticket], background: Background) -> Floats:
    """Return how much weighs for no fault explaining each ticket, [tickets].

    What is known beside a ticket's words counts as it did when the ticket was last weighed by itself.
    """
    for ticket in tickets:
        if ticket.beside is None:
            ticket.beside = background.log_ratios(told_of(ticket))
    log = np.array([t.words for t in tickets]) + np.array([t.beside for t in tickets])
    return np.asarray(background.per_user_hour() * (np.exp(log) @ background.shares()), float)


def weigh(ticket: Ticket, hypotheses: Hypotheses, background: Background, *, now: int) -> Weighed:
    """Return the weights of every fault and of the background for one ticket.

    Parameters
    ----------
    now : int
        Seconds since 1970: nothing after it may count.
    """
    ticket.beside = background.log_ratios(told_of(ticket))
    likely = np.exp(ticket.words + ticket.beside)
    back = background.per_user_hour() * background.shares() * likely
    pairs = pairs_of([ticket], hypotheses)
    weight = pair_weights([ticket], hypotheses, pairs, now=now)
    weights = np.zeros((len(hypotheses.faults), len(back)))
    weights[np.ix_(pairs.fault, hypotheses.columns)] = weight
    known = ticket.cells >= 0
    at_cell = np.zeros(len(ticket.cells))
    if len(pairs.fault) and known.any():
        columns = np.searchsorted(hypotheses.cells, ticket.cells[known])
        reach = hypotheses.reach[pairs.fault][:, columns].toarray()
        at_cell[known] = (weight.sum(axis=1) / pairs.reach) @ reach
    total = weights.sum() + back.sum()
    served = ticket.share * (1.0 + at_cell / back.sum())
    rest = max(0.0, 1.0 - float(ticket.share.sum()))
    return Weighed(
        np.asarray(weights / total, float),
        np.asarray(back / total, float),
        np.asarray(served / max(float(served.sum()) + rest, 1e-300), float),
    )


def moments(tickets: Sequence[Ticket], hypotheses: Hypotheses, pairs: Pairs, *, now: int) -> Floats:
    """Return how well the times of each pair's fault and ticket agree, 0 to 1, [pairs]."""
    said = np.array([(t.arrived_at, t.onset_from, t.onset_to, t.is_chronic) for t in tickets])
    arrived, onset_from, onset_to, chronic = said[pairs.ticket].T
    open_end = 2**62
    shown = np.array(
        [
            (f.started_at, f.seen_at, open_end if f.ended_at is None else f.ended_at,
             f.last_sign_at if f.family == TICKETS else open_end, f.quiet_s)
            for f in hypotheses.faults
        ]
    )  # fmt: skip
    start, seen, ended, last_sign, quiet = shown[pairs.fault].T
    factor = np.where((start > arrived) | (seen > arrived), 0.0, 1.0)
    factor *= np.where((onset_to > NEVER) & (start > onset_to + ONSET_TOLERANCE_S), 0.2, 1.0)
    factor *= np.where((onset_from > NEVER) & (start < onset_from - 12 * HOUR), 0.5, 1.0)
    factor *= np.where((chronic > 0) & (arrived - start < 72 * HOUR), 0.4, 1.0)
    factor *= np.exp(-np.maximum(0, arrived - last_sign) * 2.0 / quiet)
    factor *= aged(np.maximum(arrived - start, 0) / HOUR)
    until = np.minimum(arrived, now)
    late = late_rate(np.maximum(until - ended, 0) / HOUR, (np.minimum(ended, until) - start) / HOUR)
    late = np.minimum(1.0, load_rate_rules().late_share * hypotheses.late_times * late)
    return np.asarray(factor * np.where(ended < until, late, 1.0), dtype=float)


def ranked(probability: Floats, codes: Sequence[str], *, most: int = 5) -> list[tuple[int, float]]:
    """Return the likeliest causes as (position, probability), likeliest first, ties by code.

    >>> ranked(np.array([0.2, 0.5, 0.3]), ["a", "b", "c"], most=2)
    [(1, 0.5), (2, 0.3)]
    """
    order = sorted(
        range(len(probability)), key=lambda i: (-round(float(probability[i]), 12), codes[i])
    )
    return [(i, float(probability[i])) for i in order[:most] if probability[i] > 0]
