"""Remember the complaints that may gather into a cluster, where they are and how much of each nothing explains.

A pile holds the complaints of one family of symptoms for a week as arrays; what is older lives on as counts of its
site, fading by half in four weeks. The hour of the week at which complaints come is learned along.

Simple so far: what a complaint's share explained was when it turned a day old is final.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from correlate.reach import Reach
from correlate.scan import HOUR, WINDOWS_H
from correlate.tickets import Ticket

MEMORY_S = max(WINDOWS_H) * HOUR
FINAL_S = 24 * HOUR
HALF_LIFE_DAYS = 28.0
DAY = 24 * HOUR
HOURS_A_WEEK = 168
PRIOR_A_HOUR = 2.0
"""Complaints that the usual rhythm counts as, for each hour of the week."""
BUSY = (8, 22)
BUSY_PACE, QUIET_PACE = 1.4, 0.3
"""Complaints an hour by day and at night against the mean, before an operator's own are known."""
FIRST_HOUR = 72
"""Hour of the week, from Monday, in which 1970 began."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _usual_rhythm() -> Floats:
    """Return the weight of each hour of the week before anything came."""
    hour = np.arange(HOURS_A_WEEK) % 24
    return PRIOR_A_HOUR * np.where((hour >= BUSY[0]) & (hour < BUSY[1]), BUSY_PACE, QUIET_PACE)


def _none() -> Floats:
    """Return no numbers."""
    return np.empty(0)


def _no_places() -> Ints:
    """Return no positions."""
    return np.empty(0, np.int64)


@dataclass
class Pile:
    """Complaints of one family, oldest first.

    `arrived` [tickets], `weight` [tickets] the share nothing explains; `row`, `site` and `share` [entries] which ticket
    lies how much at which site, rows ascending. `past` [sites] is what is older, `seen` how many came; both fade.
    """

    tickets: list[Ticket] = field(default_factory=list)
    arrived: Ints = field(default_factory=_no_places)
    weight: Floats = field(default_factory=_none)
    row: Ints = field(default_factory=_no_places)
    site: Ints = field(default_factory=_no_places)
    share: Floats = field(default_factory=_none)
    past: Floats = field(default_factory=_none)
    seen: float = 0.0

    def add(self, tickets: Sequence[Ticket], reach: Reach) -> None:
        """Add new complaints."""
        known = [t.cells >= 0 for t in tickets]
        many = [int(k.sum()) for k in known]
        first = len(self.tickets)
        row = np.repeat(np.arange(first, first + len(tickets)), many)
        cells = [t.cells[k] for t, k in zip(tickets, known, strict=True)]
        share = [t.share[k] for t, k in zip(tickets, known, strict=True)]
        weight = np.array([unexplained(t) for t in tickets])
        self.tickets.extend(tickets)
        self.arrived = np.append(self.arrived, [t.arrived_at for t in tickets]).astype(np.int64)
        self.weight = np.append(self.weight, weight)
        self.row = np.append(self.row, row)
        self.site = np.append(self.site, reach.site_of[np.concatenate(cells)])
        self.share = np.append(self.share, np.concatenate(share))
        self.seen += float(weight.sum())

    def drop(self, ticket_ids: set[str], *, now: int) -> None:
        """Let complaints count no more: other versions of them came, or they prove to be a caller's second."""
        for place in range(len(self.tickets) - 1, -1, -1):
            if self.arrived[place] < now - FINAL_S:
                break
            if self.tickets[place].ticket_id in ticket_ids:
                self.seen -= float(self.weight[place])
                self._keep(np.arange(len(self.tickets)) != place)

    def refresh(self, *, now: int) -> None:
        """Weigh the complaints of the last day anew by what explains them now."""
        first = int(np.searchsorted(self.arrived, now - FINAL_S))
        self.weight[first:] = [unexplained(t) for t in self.tickets[first:]]

    def expire(self, n_sites: int, *, now: int) -> None:
        """Turn the complaints that are older than the memory into counts of their sites."""
        if not len(self.past):
            self.past = np.zeros(n_sites)
        gone = self.arrived <= now - MEMORY_S
        if gone.any():
            old = gone[self.row]
            amount = self.share[old] * self.weight[self.row[old]]
            self.past = self.past + np.bincount(self.site[old], amount, n_sites)
            self._keep(~gone)

    def counts(self, n_sites: int, *, now: int) -> Floats:
        """Return what came at each site in each window up to now, [sites, windows]."""
        amount = self.share * self.weight[self.row]
        age = (now - self.arrived)[self.row]
        latest = np.searchsorted(np.array(WINDOWS_H) * HOUR, age)
        kept = latest < len(WINDOWS_H)
        place = self.site[kept] * len(WINDOWS_H) + latest[kept]
        apart = np.bincount(place, amount[kept], n_sites * len(WINDOWS_H))
        return np.asarray(np.cumsum(apart.reshape(n_sites, len(WINDOWS_H)), axis=1), float)

    def totals(self, *, now: int) -> Floats:
        """Return what came anywhere in each window up to now, [windows]."""
        latest = np.searchsorted(np.array(WINDOWS_H) * HOUR, now - self.arrived)
        kept = latest < len(WINDOWS_H)
        apart = np.bincount(latest[kept], self.weight[kept], len(WINDOWS_H))
        return np.asarray(np.cumsum(apart), float)

    def inside(self, sites: Ints, since: int) -> list[tuple[int, float]]:
        """Return the complaints that came after a moment and lie at some sites, each with the weight it has there."""
        chosen = np.isin(self.site, sites) & (self.arrived[self.row] >= since)
        part = np.bincount(self.row[chosen], self.share[chosen], len(self.tickets)) * self.weight
        return [(int(i), float(part[i])) for i in np.flatnonzero(part > 0)]

    def _keep(self, kept: NDArray[np.bool_]) -> None:
        """Keep some of the complaints."""
        self.tickets = [t for t, k in zip(self.tickets, kept.tolist(), strict=True) if k]
        self.arrived, self.weight = self.arrived[kept], self.weight[kept]
        entries = kept[self.row]
        self.row = (np.cumsum(kept) - 1)[self.row[entries]]
        self.site, self.share = self.site[entries], self.share[entries]


@dataclass
class Rhythm:
    """How many complaints came in each hour of the week on the operator's clock, from Monday; what is usual first."""

    weight: Floats = field(default_factory=_usual_rhythm)

    def note(self, local: int, weight: float) -> None:
        """Count a complaint that came at a moment of the operator's clock, in seconds since 1970."""
        self.weight[(local // HOUR + FIRST_HOUR) % HOURS_A_WEEK] += weight

    def hours(self, local: int) -> Floats:
        """Return how long each window up to a moment is, in hours of ordinary traffic, [windows].

        >>> Rhythm().hours(12 * HOUR).round(1).tolist()[:2]
        [1.5, 3.0]
        """
        pace = self.weight / self.weight.mean()
        back = (local // HOUR + FIRST_HOUR - np.arange(max(WINDOWS_H))) % HOURS_A_WEEK
        return np.asarray(np.cumsum(pace[back])[np.array(WINDOWS_H) - 1], float)


def unexplained(ticket: Ticket) -> float:
    """Return the share of a complaint that no known fault explains."""
    return max(0.0, 1.0 - sum(ticket.fault_share.values()))
