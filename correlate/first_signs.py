"""Weigh what came first at a site that is lost: the order of alarms names the cause.

Mains, then batteries, then all cells is a power failure; errors on the hop minutes before the site is lost alone is its
last mile; a hot cabinet or a failing rectifier and loss after loss is its power equipment; a board is the site's own.
How much a sign says depends on how often the network and the site raise such alarms without any outage.

Simple so far: what the far end of a hop raised is not asked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from correlate.faults import FAMILY_OF_KIND, HOUR, LOSS, Fault, Floats
from correlate.first_sign_rules import FirstSign, load_first_signs
from correlate.kind_trust import KIND_NAMES
from correlate.knowledge import Knowledge
from correlate.reach import sites_at

DAY_S = 24 * HOUR
MEMORY_S = 14 * DAY_S
BELIEVED_DAYS = 7.0
"""Days of its own that a site must have been watched to count as much as all the others."""
UNSEEN_SITE_DAYS = 100.0
"""Site-days without such an alarm that are taken for granted (START value)."""
LACKING = 0.25
"""Share of its weight that the absence of a sign counts."""
MOST_ONE, MOST_ALL = 4.0, 5.0
"""Most that one sign and all of them say, log odds."""
PERIOD_S = 45 * 60
"""Counters tell the begin of a loss so exactly (START value)."""
WHOLE = frozenset({"site", "sole"})
"""Extents that leave nothing of a site in service."""
LOSSES = frozenset(i for i, name in enumerate(KIND_NAMES) if FAMILY_OF_KIND.get(name) == LOSS)


@dataclass
class SiteDiary:
    """When each site raised alarms that can be first signs, seconds since 1970, by sign and in order.

    Attributes
    ----------
    since : int
        When it was begun, 0 before.
    raised : dict of (int, str) to list of int
        By position of the site and name of the sign.
    totals : dict of str to int
        How many of each sign there were in the whole network.
    """

    since: int = 0
    raised: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)


def write_diary(
    diary: SiteDiary, knowledge: Knowledge, raised: Mapping[str, NDArray[Any]] | None, *, now: int
) -> None:
    """Write down the alarms that have arrived.

    Parameters
    ----------
    raised : mapping of str to array, or None
        Needs `object_id`, `meaning` and `raised_at` (microseconds).
    now : int
        Seconds since 1970.
    """
    if raised is None:
        return
    diary.since = diary.since or now
    signs = load_first_signs()
    known = np.isin(
        raised["meaning"].astype(str), sorted(set().union(*(s.meanings for s in signs)))
    )
    for at in np.flatnonzero(known).tolist():
        site = _site(knowledge, str(raised["object_id"][at]))
        if site is None:
            continue
        when = int(raised["raised_at"][at]) // 1_000_000
        for sign in signs:
            if raised["meaning"][at] in sign.meanings:
                _write(diary, site, sign.name, when, now=now)


def weigh_first_signs(diary: SiteDiary, knowledge: Knowledge, fault: Fault, *, now: int) -> None:
    """Lay on a fault that takes a site out what came first there.

    The log weight of a cause is how much likelier it shows the signs seen, and lacks those not seen, than outages do by
    accident. How long a whole site has been lost counts as a sign as well.
    """
    before = fault.order_log
    fault.order_log = np.zeros(len(knowledge.signatures.causes))
    lost_at, site = _lost_at(fault), _site_of(knowledge, fault)
    if lost_at is not None and site is not None:
        log = _weights(diary, knowledge, fault, site, lost_at) + _lasting(
            knowledge, fault, now - lost_at
        )
        fault.order_log = np.clip(log, -MOST_ALL, MOST_ALL)
    if not np.array_equal(before, fault.order_log):
        fault.belief = None


def _weights(
    diary: SiteDiary, knowledge: Knowledge, fault: Fault, site: int, lost_at: int
) -> Floats:
    """Return the log weights of the causes for a site lost at some moment."""
    causes = knowledge.signatures.causes
    alone = len(sites_at(knowledge.reach, fault.cells)) == 1
    log = np.zeros(len(causes))
    for sign in load_first_signs():
        if not diary.totals.get(sign.name) or (sign.is_alone and not alone):
            continue
        shown, accident = _shown(diary, knowledge, sign, site, lost_at)
        for cause, chance in sign.causes.items():
            if cause not in causes:
                continue
            says = (
                np.log(chance / accident)
                if shown
                else LACKING * np.log((1 - chance) / (1 - min(accident, chance)))
            )
            log[causes.index(cause)] += min(max(says, -MOST_ONE), MOST_ONE)
    return log


def _lasting(knowledge: Knowledge, fault: Fault, age_s: int) -> Floats:
    """Return the log weights of the causes for a whole site lost for so long."""
    causes = knowledge.signatures.causes
    log = np.zeros(len(causes))
    if fault.extent not in WHOLE:
        return log
    for sign in load_first_signs():
        if sign.lasts_s and age_s >= sign.lasts_s:
            for cause, chance in sign.causes.items():
                if cause in causes:
                    log[causes.index(cause)] += np.log(chance / sign.otherwise)
    return log


def _shown(
    diary: SiteDiary, knowledge: Knowledge, sign: FirstSign, site: int, lost_at: int
) -> tuple[bool, float]:
    """Return whether a site showed a sign around a loss, and the chance that it does by accident."""
    times = diary.raised.get((site, sign.name), [])
    first, last = lost_at - sign.before_s, lost_at + sign.after_s
    inside = bisect_right(times, last) - bisect_left(times, first)
    days = max(1.0, (lost_at - diary.since) / DAY_S)
    usual = (diary.totals[sign.name] + 1) / (len(knowledge.site_ids) * days + UNSEEN_SITE_DAYS)
    watched = min(days, MEMORY_S / DAY_S)
    rate = (usual * BELIEVED_DAYS + len(times) - inside) / (BELIEVED_DAYS + watched)
    accident = 1.0 - float(np.exp(-rate * (sign.before_s + sign.after_s) / DAY_S))
    if sign.least > 1:
        accident = 0.0
    return inside >= sign.least, min(max(accident, sign.otherwise), 0.98)


def _lost_at(fault: Fault) -> int | None:
    """Return when service was lost: when alarms say so, else counters; None where neither does."""
    if fault.family != LOSS:
        return None
    if fault.out_since is not None:
        return fault.out_since
    onsets = [at for (_, kind), at in fault.episodes.items() if kind in LOSSES]
    return min(onsets) + PERIOD_S if onsets else None


def _site_of(knowledge: Knowledge, fault: Fault) -> int | None:
    """Return the position of the site at which what came first tells the cause, None where there is none."""
    sites = sites_at(knowledge.reach, fault.cells)
    if len(sites) == 1:
        return int(sites[0])
    return knowledge.network.site_position.get(fault.object_id)


def _site(knowledge: Knowledge, object_id: str) -> int | None:
    """Return the position of the site of an object, None where it has none."""
    name = object_id.split("/", maxsplit=1)[0]
    cell = knowledge.network.cell_position.get(name)
    if cell is not None:
        return int(knowledge.reach.site_of[cell])
    return knowledge.network.site_position.get(name)


def _write(diary: SiteDiary, site: int, name: str, when: int, *, now: int) -> None:
    """Write one alarm down, and forget what is too old."""
    times = diary.raised.setdefault((site, name), [])
    times.insert(bisect_left(times, when), when)
    del times[: bisect_left(times, now - MEMORY_S)]
    diary.totals[name] = diary.totals.get(name, 0) + 1
