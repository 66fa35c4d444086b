"""Find faults that only customers know: complaints nothing explains, closer in place and time than chance allows.

Every recent ticket counts with the share of it that no known fault explains. At each place the customer's site, the
nodes above it and the whole network are tried over windows of 2, 6 and 24 hours; what chance would bring is the
background rate of that family of symptoms for the users below. The recurrence interval of the finding is stated.

Simple so far: windows are fixed and the daily rhythm is two-valued; no permutation test yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import gammainc

from correlate.faults import HOUR
from correlate.reach import Reach, sites_below
from correlate.tickets import Ticket

SYMPTOM_FAMILY: Mapping[str, str] = {
    "SMSTX": "sms",
    "SMSNO": "sms",
    "MMS": "sms",
    "XTALK": "speech",
    "ONEWAY": "speech",
    "CHOP": "speech",
    "NOSIG": "service",
    "NOCALL": "service",
    "BUSY": "service",
    "NODATA": "data",
    "CARD": "data",
    "SLOW": "data",
    "NR5G": "data",
    "DROP": "drops",
}
"""Symptoms that may show a common fault; roaming, coverage and services never do by number alone."""

WINDOWS_S = (2 * HOUR, 6 * HOUR, 24 * HOUR)
LEAST_TICKETS = 2.5
LARGEST_CHANCE = 1e-5
DISPERSION = 1.5
"""Variance over mean of complaints by chance at many sites together: small faults nobody sees bring several each."""
MEMORY_S = 24 * HOUR

Floats = NDArray[np.float64]


@dataclass
class Recent:
    """Tickets of the last day that may belong to a cluster, oldest first, and how many of each family ever came."""

    tickets: list[Ticket] = field(default_factory=list)
    seen: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Crowd:
    """Who may complain: users normally served by each site, its id, background complaints per user and hour.

    `offset_s` is how far the operator's clock is ahead of UTC, in seconds.
    """

    users: Floats
    site_ids: NDArray[np.object_]
    per_user_hour: float
    offset_s: int


@dataclass(frozen=True)
class Cluster:
    """Complaints of one family closer together than chance: where, since when, and how unlikely by chance."""

    family: str
    object_id: str
    object_kind: str
    sites: NDArray[np.int64]
    since: int
    tickets: tuple[Ticket, ...]
    weights: tuple[float, ...]
    chance: float


def remember(recent: Recent, tickets: list[Ticket], *, now: int) -> None:
    """Add new tickets and forget those older than the memory; further calls of one caller don't count."""
    known = {t.ticket_id for t in recent.tickets}
    for ticket in tickets:
        if ticket.same_as:
            recent.tickets = [t for t in recent.tickets if t.ticket_id != ticket.ticket_id]
            continue
        if ticket.ticket_id in known:
            recent.tickets = [
                ticket if t.ticket_id == ticket.ticket_id else t for t in recent.tickets
            ]
            continue
        family = SYMPTOM_FAMILY.get(ticket.symptom)
        recent.seen["all"] = recent.seen.get("all", 0.0) + 1
        if family is not None and not ticket.is_chronic:
            recent.seen[family] = recent.seen.get(family, 0.0) + 1
            recent.tickets.append(ticket)
    recent.tickets = [t for t in recent.tickets if t.arrived_at > now - MEMORY_S]


def find_clusters(
    recent: Recent,
    fresh: list[Ticket],
    reach: Reach,
    crowd: Crowd,
    *,
    now: int,
) -> list[Cluster]:
    """Return the clusters that the fresh tickets complete, the unlikeliest first, none sharing a ticket.

    Parameters
    ----------
    crowd : Crowd
        Who may complain at each site, and how often by chance.
    """
    families = {SYMPTOM_FAMILY.get(t.symptom) for t in fresh if not t.is_chronic} - {None}
    found: list[Cluster] = []
    for family in sorted(f for f in families if f is not None):
        mine = [t for t in recent.tickets if SYMPTOM_FAMILY[t.symptom] == family]
        if sum(_unexplained(t) for t in mine) < LEAST_TICKETS:
            continue
        share = (5.0 + recent.seen.get(family, 0.0)) / (40.0 + recent.seen.get("all", 0.0))
        best = _best(mine, reach, crowd, share=share, now=now)
        if best is not None:
            found.append(_cluster(best, mine, reach, family=family, site_ids=crowd.site_ids))
    return sorted(found, key=lambda c: c.chance)


@dataclass(frozen=True)
class _Finding:
    """The unlikeliest place and window for one family."""

    chance: float
    place: int
    is_node: bool
    window_s: int
    now: int


def _best(
    tickets: list[Ticket], reach: Reach, crowd: Crowd, *, share: float, now: int
) -> _Finding | None:
    """Return the unlikeliest place and window of tickets of one family, or None if chance would do."""
    at = _shares(tickets, reach)
    weight = np.array([_unexplained(t) for t in tickets])
    age = now - np.array([t.arrived_at for t in tickets])
    best: _Finding | None = None
    for window in WINDOWS_S:
        counts = at.T @ (weight * (age <= window))
        hours = _busy_hours(window, now + crowd.offset_s)
        expected = np.maximum(crowd.users * crowd.per_user_hour * share * hours, 1e-6)
        nodes = reach.below @ counts
        tried = (
            (False, counts, expected),
            (True, nodes, reach.below @ expected),
            (False, np.array([counts.sum()]), np.array([expected.sum()])),
        )
        for kind, (is_node, seen, chance_count) in enumerate(tried):
            spread = 1.0 if kind < 1 else DISPERSION
            tail = np.where(
                seen >= (LEAST_TICKETS if kind < 2 else 6.0),
                gammainc(np.maximum(seen, 0.1) / spread, chance_count / spread),
                1.0,
            )
            if not len(tail):
                continue
            place = int(np.argmin(tail))
            chance = float(tail[place]) * len(tail)
            if chance < LARGEST_CHANCE and (best is None or chance < best.chance):
                best = _Finding(chance, place if kind < 2 else -1, is_node, window, now)
    return best


def _cluster(
    finding: _Finding,
    tickets: list[Ticket],
    reach: Reach,
    *,
    family: str,
    site_ids: NDArray[np.object_],
) -> Cluster:
    """Return the cluster of a finding with the tickets in it."""
    if finding.place < 0:
        sites, name, kind = np.arange(len(site_ids)), "", "core"
    elif finding.is_node:
        sites = sites_below(reach, finding.place)
        name, kind = reach.nodes[finding.place], reach.kinds[finding.place]
    else:
        sites, name, kind = np.array([finding.place]), str(site_ids[finding.place]), ""
    recent = [t for t in tickets if finding.now - t.arrived_at <= finding.window_s]
    inside = _shares(recent, reach)[:, sites].sum(axis=1) if recent else np.empty(0)
    weights = np.asarray(inside).ravel() * np.array([_unexplained(t) for t in recent])
    kept = [(t, float(w)) for t, w in zip(recent, weights, strict=True) if w > 0.1]
    return Cluster(
        family=family,
        object_id=name,
        object_kind=kind,
        sites=np.asarray(sites, np.int64),
        since=min(t.created_at for t, _ in kept) - HOUR,
        tickets=tuple(t for t, _ in kept),
        weights=tuple(w for _, w in kept),
        chance=finding.chance,
    )


def _shares(tickets: list[Ticket], reach: Reach) -> csr_array:
    """Return the share of each ticket's place served by each site, [tickets, sites]."""
    rows = np.repeat(np.arange(len(tickets)), [len(t.cells) for t in tickets])
    cells = np.concatenate([t.cells for t in tickets]) if tickets else np.empty(0, np.int64)
    share = np.concatenate([t.share for t in tickets]) if tickets else np.empty(0)
    known = cells >= 0
    shape = (len(tickets), reach.near.shape[0])
    return csr_array((share[known], (rows[known], reach.site_of[cells[known]])), shape=shape)


def _unexplained(ticket: Ticket) -> float:
    """Return the share of a ticket that no known fault explains."""
    return max(0.0, 1.0 - sum(ticket.fault_share.values()))


def _busy_hours(window_s: int, local_now: int) -> float:
    """Return the hours of a window on the operator's clock, those of the night counting a fifth."""
    local = (local_now - np.arange(0, window_s, HOUR)) // HOUR % 24
    return float(np.where((local >= 8) & (local < 22), 1.4, 0.3).sum())
