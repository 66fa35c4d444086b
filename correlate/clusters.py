"""Find faults that only customers know: complaints nothing explains, closer in place, time and words than chance.

Every complaint of the last week counts with the share of it that no known fault explains. When one comes, the sites
where it may be, the land around them, the nodes above them and the whole network are scanned (`correlate.scan`) with
the complaints of its family of symptoms. Of what chance brings rarely enough the likeliest zone is taken: one with
silent sites is less likely than a smaller one without. The days between such findings by chance are stated.

Simple so far: families of symptoms are scanned one by one; words tell families apart and nothing finer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from correlate.cluster_memory import DAY, HALF_LIFE_DAYS, MEMORY_S, Pile, Rhythm, unexplained
from correlate.faults import QUIET_S
from correlate.reach import Reach
from correlate.scan import HOUR, WINDOWS_H, Finding, Looks, Seen, Usual, count_looks, rise, scan
from correlate.scan_zones import LAND, NETWORK, NODE, Zones, build_zones
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
FAMILIES = tuple(sorted(set(SYMPTOM_FAMILY.values())))
OTHER = ""
"""Complaints of no family; they tell how many come in all."""

CHANCE_PER_SITE_DAY = 1e-4
LEAST_CHANCE_PER_DAY = 0.01
"""Clusters a day that chance may bring to a network however small."""
REAL_FOR_CHANCE = 3.0
"""Faults that customers alone know for each cluster that chance may bring."""
MOST_ODDS = 4.0
LEAST_SHARE = 0.1
"""Least part of a complaint that may lie somewhere for it to count there."""
LEAST_HERE = 0.3
"""Fewest complaints at a site for it to be part of a patch of land in trouble."""
QUIET_TICKETS = 6.0
LONGEST_QUIET_S = 5 * DAY
SITE_SHAPE = 2.0
"""Shape of the gamma distribution of complaints a user among sites."""
LEVEL_DAYS = 3.0
"""Days that the background rate counts as, against the complaints that came."""
LEAST_A_DAY = 0.2
USUAL_SHARES = (5.0, 40.0)
EMPTY_SITE = 0.1
"""Users of a site at least, against the mean: callers pass by."""

Floats = NDArray[np.float64]


@dataclass
class Recent:
    """Complaints of the last week by family, and what came before: the usual rate, rhythm and share of each site.

    `days` and `past_days` are for how long complaints and those older than a week were counted, fading like they do.
    """

    piles: dict[str, Pile] = field(default_factory=lambda: {f: Pile() for f in (*FAMILIES, OTHER)})
    rhythm: Rhythm = field(default_factory=Rhythm)
    since: int = 0
    aged_at: int = 0
    days: float = 0.0
    past_days: float = 0.0
    zones: Zones | None = None
    looks: Mapping[int, Looks] | None = None


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
    """Complaints of one family closer together than chance: where, since when, and how rarely chance does as much.

    `expected` is what chance brings there in `window_s`, `recurs_days` the days between such findings anywhere in the
    network by chance, at least; `log_odds` those of a fault against chance, `quiet_s` the silence that says it is over.
    """

    family: str
    object_id: str
    object_kind: str
    sites: NDArray[np.int64]
    since: int
    window_s: int
    tickets: tuple[Ticket, ...]
    weights: tuple[float, ...]
    expected: float
    recurs_days: float
    log_odds: float
    quiet_s: int


def find_clusters(
    recent: Recent, fresh: list[Ticket], reach: Reach, crowd: Crowd, *, now: int
) -> list[Cluster]:
    """Remember new complaints and return the clusters that they complete, the rarest by chance first.

    Parameters
    ----------
    recent : Recent
        What came before; changed in place.
    fresh : list of Ticket
        New complaints, weighed against the known faults. Further calls of one caller don't count.
    crowd : Crowd
        Who may complain at each site, and how often by chance.
    now : int
        Seconds since 1970; nothing arrived later.

    Returns
    -------
    list of Cluster
        One for each family of symptoms at most.
    """
    zones = _remember(recent, fresh, reach, crowd, now=now)
    found = []
    for family in FAMILIES:
        new = [t for t in fresh if not t.same_as and _family(t) == family]
        if not new or recent.piles[family].weight.sum() < 1.0:
            continue
        tried = zones.around(_likely_sites(new, reach))
        finding = _scanned(recent, crowd, family, tried, now=now)
        if finding is not None:
            found.append(_cluster(finding, recent, reach, crowd, family=family, now=now))
    return sorted(found, key=lambda c: (-c.recurs_days, c.family))


def _family(ticket: Ticket) -> str:
    """Return the family of symptoms a complaint is counted with."""
    return OTHER if ticket.is_chronic else SYMPTOM_FAMILY.get(ticket.symptom, OTHER)


def _likely_sites(tickets: list[Ticket], reach: Reach) -> NDArray[np.int64]:
    """Return the sites where complaints may well be."""
    parts = [t.cells[(t.cells >= 0) & (t.share >= LEAST_SHARE)] for t in tickets]
    return np.unique(reach.site_of[np.concatenate(parts)]).astype(np.int64)


def _remember(
    recent: Recent, fresh: list[Ticket], reach: Reach, crowd: Crowd, *, now: int
) -> Zones:
    """Add new complaints, weigh those of the last day anew and let old ones fade; return the zones."""
    if recent.zones is None:
        recent.zones, recent.since, recent.aged_at = build_zones(reach), now, now
    again = {t.ticket_id for t in fresh}
    for family, pile in recent.piles.items():
        pile.drop(again, now=now)
        new = [t for t in fresh if not t.same_as and _family(t) == family]
        if new:
            pile.add(new, reach)
            for ticket in new:
                recent.rhythm.note(ticket.arrived_at + crowd.offset_s, unexplained(ticket))
        pile.refresh(now=now)
        pile.expire(len(crowd.site_ids), now=now)
    if recent.looks is None or now - recent.aged_at >= DAY:
        _age(recent, now=now)
        usual = [_usual(recent, crowd, family) for family in FAMILIES]
        recent.looks = count_looks(usual, recent.zones)
    return recent.zones


def _age(recent: Recent, *, now: int) -> None:
    """Let what came before fade, and count the days that have passed."""
    days = (now - recent.aged_at) / DAY
    kept = 0.5 ** (days / HALF_LIFE_DAYS)
    old = max(0.0, (now - max(recent.aged_at, recent.since + MEMORY_S)) / DAY)
    recent.days = recent.days * kept + days
    recent.past_days = recent.past_days * kept + old
    for pile in recent.piles.values():
        pile.past = pile.past * kept
        pile.seen *= kept
    recent.aged_at = now


def _usual(recent: Recent, crowd: Crowd, family: str) -> Usual:
    """Return what chance brings of one family to each site a day: users, the rate so far, what came there before."""
    seen = {f: p.seen for f, p in recent.piles.items()}
    share = (USUAL_SHARES[0] + seen[family]) / (USUAL_SHARES[1] + sum(seen.values()))
    stated = max(crowd.users.sum() * crowd.per_user_hour * 24.0 * share, LEAST_A_DAY)
    level = (stated * LEVEL_DAYS + seen[family]) / (LEVEL_DAYS + recent.days)
    users = crowd.users + EMPTY_SITE * crowd.users.mean() + 1e-9
    prior = level * users / users.sum()
    shape = SITE_SHAPE + recent.piles[family].past
    rate = SITE_SHAPE / prior + recent.past_days
    return Usual(mean=shape / rate, variance=shape / rate**2)


def _scanned(
    recent: Recent, crowd: Crowd, family: str, tried: NDArray[np.int64], *, now: int
) -> Finding | None:
    """Return the likeliest zone and window of one family, or None if chance would do."""
    if recent.zones is None or recent.looks is None:
        return None
    n_sites = len(crowd.site_ids)
    hours = recent.rhythm.hours(now + crowd.offset_s)
    others, due = np.zeros(len(hours)), 0.0
    for other in recent.piles.keys() - {family}:
        others = others + recent.piles[other].totals(now=now)
        due += float(_usual(recent, crowd, other).mean.sum())
    seen = Seen(
        counts=recent.piles[family].counts(n_sites, now=now),
        hours=hours,
        others=rise(others, due * hours / 24.0),
    )
    usual = _usual(recent, crowd, family)
    most = chance_per_day(n_sites)
    return scan(seen, usual, recent.looks, recent.zones, tried, most_per_day=most)


def chance_per_day(n_sites: int) -> float:
    """Return how many clusters a day chance may bring to a network of so many sites.

    >>> chance_per_day(5), chance_per_day(2000)
    (0.01, 0.2)
    """
    return max(LEAST_CHANCE_PER_DAY, CHANCE_PER_SITE_DAY * n_sites)


def _cluster(
    finding: Finding, recent: Recent, reach: Reach, crowd: Crowd, *, family: str, now: int
) -> Cluster:
    """Return the cluster of a finding with the complaints in it."""
    zones, pile = recent.zones or build_zones(reach), recent.piles[family]
    sites, name, kind = _object_of(finding, zones, pile, reach, crowd, now=now)
    found = pile.inside(sites, now - finding.window_s)
    kept = [(pile.tickets[i], weight) for i, weight in found if weight > LEAST_SHARE]
    real = REAL_FOR_CHANCE * chance_per_day(len(crowd.site_ids))
    return Cluster(
        family=family,
        object_id=name,
        object_kind=kind,
        sites=sites,
        since=min(t.created_at for t, _ in kept) - HOUR,
        window_s=finding.window_s,
        tickets=tuple(t for t, _ in kept),
        weights=tuple(w for _, w in kept),
        expected=finding.expected,
        recurs_days=finding.recurs_days,
        log_odds=float(min(MOST_ODDS, np.log(real * finding.recurs_days))),
        quiet_s=_quiet_s(finding),
    )


def _quiet_s(finding: Finding) -> int:
    """Return the silence that says a fault is over: that long, `QUIET_TICKETS` would have come."""
    pace_s = finding.window_s / max(finding.count - 1.0, 1.0)
    return int(np.clip(QUIET_TICKETS * pace_s, QUIET_S, LONGEST_QUIET_S))


def _object_of(
    finding: Finding, zones: Zones, pile: Pile, reach: Reach, crowd: Crowd, *, now: int
) -> tuple[NDArray[np.int64], str, str]:
    """Return sites, id and kind of what is broken: of land the sites that complaints come from, named by the first."""
    sites, kind = zones.members(finding.zone), int(zones.kind[finding.zone])
    place = int(zones.place[finding.zone])
    if kind == NETWORK:
        return sites, "", "core"
    if kind == NODE:
        return sites, reach.nodes[place], reach.kinds[place]
    if kind == LAND:
        window = WINDOWS_H.index(finding.window_s // HOUR)
        counts = pile.counts(len(crowd.site_ids), now=now)[sites, window]
        order = np.argsort(-counts, kind="stable")
        place = int(sites[order[0]])
        sites = np.sort(sites[counts >= min(LEAST_HERE, counts.max())])
    return sites, str(crowd.site_ids[place]), ""
