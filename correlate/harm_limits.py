"""Learn from complaints from which deviation of each measure on customers are hurt.

As CableMon [1]_ does for cable modems: for each measure the limit is sought above which complaints come most surely
more often than below it. Counted are user-hours and complaints, by how far a cell's measure deviates from its own usual
in the direction that harms; a complaint counts at the deviation its likely cells show when it is diagnosed.

Simple so far: limits are sought among a few fixed deviations, one for the whole network; an order closed later does not
change what its complaint counted.

References
----------
.. [1] Hu, Zhou, Yang, Malone, Williams: CableMon, NSDI 2020. They maximise the ratio of ticketing rates itself; we go
   by its lower bound, for few tickets make large ratios, and take the lowest limit that comes near the best.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from correlate.harm_counts import HOUR, NIGHT_SHARE, WAKING
from correlate.tickets import Ticket
from kpi.measures import MEASURES

EDGES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""Deviations, in spreads, among which a limit is sought."""
FRESH_H = 3.0
"""A deviation older than this says nothing of now."""
LONGEST_H = 6.0
"""A count stands for this long at most."""
ALMOST = 0.5
"""Share of the greatest ratio that a lower limit must reach to be taken instead."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class LimitBook:
    """User-hours and complaints so far, [measures, EDGES + 1], by how far the measure deviated to the worse.

    `counted_at` is when cells were last counted, seconds since 1970 (0 = never).
    """

    hours: Floats = field(default_factory=lambda: np.zeros((len(MEASURES), len(EDGES) + 1)))
    complaints: Floats = field(default_factory=lambda: np.zeros((len(MEASURES), len(EDGES) + 1)))
    counted_at: int = 0


def worse(z: NDArray[np.floating], direction: str) -> NDArray[np.floating]:
    """Return how far deviations go to the worse, in spreads: below zero where better than usual.

    >>> worse(np.array([-4.0, 1.0]), "low").tolist(), worse(np.array([-4.0]), "either").tolist()
    ([4.0, -1.0], [4.0])
    """
    if direction == "either":
        return np.asarray(np.abs(z))
    return -z if direction == "low" else z


def count_deviations(
    book: LimitBook,
    z: NDArray[np.floating],
    age_h: NDArray[np.floating],
    tickets: Iterable[tuple[Ticket, float]],
    *,
    users: Floats,
    local_now: int,
) -> None:
    """Count the hours since the last count, and complaints diagnosed in them, at the deviations the cells show now.

    Parameters
    ----------
    z, age_h : arrays [cells, measures]
        Deviations and hours since they were known; NaN or old ones are not counted.
    tickets : iterable of (Ticket, weight)
        Complaints diagnosed since the last count, and how much each counts.
    users : array [cells]
        Users of each cell that may count: 0 where a known fault accounts for what is seen.
    local_now : int
        Seconds since 1970 on the operator's clock.
    """
    hours = min((local_now - book.counted_at) / HOUR, LONGEST_H) if book.counted_at else 0.0
    book.counted_at = local_now
    if local_now // HOUR % 24 not in WAKING:
        hours *= NIGHT_SHARE
    heavy = np.zeros(len(users))
    for ticket, weight in tickets:
        known = ticket.cells >= 0
        np.add.at(heavy, ticket.cells[known], weight * ticket.share[known])
    for i, measure in enumerate(MEASURES):
        told = np.flatnonzero((users > 0) & (age_h[:, i] <= FRESH_H) & np.isfinite(z[:, i]))
        at = np.searchsorted(EDGES, worse(z[told, i], measure.direction), side="right")
        book.hours[i] += hours * np.bincount(at, users[told], len(EDGES) + 1)
        book.complaints[i] += np.bincount(at, heavy[told], len(EDGES) + 1)


def learned_limits(book: LimitBook, *, least: float, at_least: float) -> pd.DataFrame:
    """Return, for each measure, the deviation on from which customers complain more often than below it.

    The ratio of complaint rates, above a limit against below it, is judged by its lower bound (97.5 % sure, of two
    Poisson counts). The limit is the lowest whose bound comes to half of the greatest: the greatest alone would leave
    out what hurts less but hurts. It may be used where it `is_sure`; elsewhere the rule book stays.

    Parameters
    ----------
    least : float
        Complaints above a limit before it is sure.
    at_least : float
        Lower bound of the ratio before it is sure.

    Returns
    -------
    DataFrame, one row a measure
        `measure`, `limit` (spreads), `above`, `below` (complaints), `rate_above`, `rate_below` (per 10,000 users and
        calling hour), `ratio`, `low` (its lower bound), `is_sure`. NaN where nothing was counted.

    References
    ----------
    .. [1] Clopper, Pearson 1934, for the share of the complaints that fall above, given their sum; complaints that
       weigh less than one make counts that are not whole, and the bound is then approximate.
    """
    above, hours_above = _beyond(book.complaints), _beyond(book.hours)
    below = book.complaints.sum(axis=1, keepdims=True) - above
    hours_below = book.hours.sum(axis=1, keepdims=True) - hours_above
    with np.errstate(divide="ignore", invalid="ignore"):
        rate_above, rate_below = above / hours_above, below / hours_below
        share = beta.ppf(0.025, above, below + 1.0)
        low = np.nan_to_num(share / (1.0 - share) * hours_below / hours_above, nan=0.0, posinf=0.0)
        ratio = rate_above / rate_below
    most = low.max(axis=1, keepdims=True)
    best = (low >= ALMOST * most).argmax(axis=1)
    pick = (np.arange(len(MEASURES)), best)
    found = low[pick] > 0
    return pd.DataFrame(
        {
            "measure": [measure.name for measure in MEASURES],
            "limit": np.where(found, np.array(EDGES)[best], np.nan),
            "above": above[pick],
            "below": below[pick],
            "rate_above": 1e4 * rate_above[pick],
            "rate_below": 1e4 * rate_below[pick],
            "ratio": ratio[pick],
            "low": np.where(found, low[pick], np.nan),
            "is_sure": found & (above[pick] >= least) & (low[pick] >= at_least),
        }
    )


def _beyond(counts: Floats) -> Floats:
    """Return what was counted at or beyond each edge, [measures, EDGES]."""
    return np.asarray(np.cumsum(counts[:, ::-1], axis=1)[:, ::-1][:, 1:], dtype=float)
