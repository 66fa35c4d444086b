"""Unite faults that proved to be one thing: at the same object and begun together, or of one cause at one site.

Alarms and counters may each open a fault before either knows what is broken; once both name one object they are one.
A second cell of a site that falls ill of what ails the first is the same trouble, whenever it began.

Simple so far: faults of different objects on one branch of the trees are not united.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from correlate.diagnosis import fault_causes
from correlate.faults import DATA, LOAD, LOSS, PERIOD_S, RADIO, Fault, existence, merge
from correlate.knowledge import Knowledge
from correlate.state import State

UNITED = frozenset({LOSS, DATA, RADIO})
"""Families of trouble that are one thing at one object; load, work and what customers alone know have own rules."""
TOLD_AT = 0.5
"""Least probability of being real of a fault that is compared by its cause: below it the cause means little."""


def unite_same(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Merge the open faults that are one thing (`now`: seconds since 1970)."""
    _unite_objects(state, now=now)
    _unite_causes(state, knowledge, now=now)


def _unite_objects(state: State, *, now: int) -> None:
    """Merge the open faults that name the same object and began together."""
    at_object: dict[str, list[Fault]] = {}
    touched: set[str] = set()
    for fault in state.faults.open_ones():
        if fault.object_id and fault.object_id != fault.guessed_id and fault.family in UNITED:
            at_object.setdefault(fault.object_id, []).append(fault)
            if fault.is_touched:
                touched.add(fault.object_id)
    for name in sorted(touched):
        for kept, other in _pairs(at_object[name]):
            if kept.is_open and other.is_open:
                _unite(state, kept, other, now=now)


def _unite_causes(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Merge the open faults of one site that are likely and whose likeliest cause is the same."""
    site_of = knowledge.reach.site_of
    at_site: dict[int, list[Fault]] = {}
    touched: set[int] = set()
    for fault in state.faults.open_ones():
        sites = np.unique(site_of[fault.cells])
        if len(sites) == 1 and fault.family in UNITED | {LOAD}:
            at_site.setdefault(int(sites[0]), []).append(fault)
            if fault.is_touched:
                touched.add(int(sites[0]))
    for site in sorted(touched):
        likely = [f for f in at_site[site] if f.reported_at or existence(f) >= TOLD_AT]
        for kept, other in _kin(knowledge, likely):
            if kept.is_open and other.is_open:
                _unite(state, kept, other, now=now)


def _kin(knowledge: Knowledge, faults: list[Fault]) -> Iterator[tuple[Fault, Fault]]:
    """Return the pairs of faults with one likeliest cause, the one told first before the other."""
    ranked = sorted(faults, key=lambda f: (f.reported_at is None, f.number))
    causes = [int(np.argmax(fault_causes(knowledge, f))) for f in ranked]
    for (kept, one), (other, two) in combinations(zip(ranked, causes, strict=True), 2):
        if one == two:
            yield kept, other


def _pairs(faults: list[Fault]) -> Iterator[tuple[Fault, Fault]]:
    """Return the pairs of faults of an object that are one thing, the one to keep first."""
    ranked = sorted(faults, key=lambda f: (not f.alarm_ids, f.reported_at is None, f.number))
    for kept, other in combinations(ranked, 2):
        is_kin = kept.family == other.family or LOSS not in (kept.family, other.family)
        if is_kin and abs(kept.started_at - other.started_at) <= PERIOD_S:
            yield kept, other


def _unite(state: State, kept: Fault, other: Fault, *, now: int) -> None:
    """Let one fault go on with what the counters showed of both."""
    was_open, pools = other.counters_open, other.pools_open
    kept.counters_exist = max(kept.counters_exist, other.counters_exist)
    began = [at for at in (kept.counters_began, other.counters_began) if at is not None]
    merge(state.faults, kept, other, now=now)
    kept.pools_open += pools
    kept.was_pooled = kept.was_pooled or other.was_pooled
    kept.counters_open = (kept.counters_open or was_open) and not kept.was_pooled
    if began:
        kept.counters_began = min(began)
        kept.date()
    if kept.family == RADIO:
        kept.family = other.family
    kept.last_sign_at = max(kept.last_sign_at, other.last_sign_at)
