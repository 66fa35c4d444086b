"""Unite faults that proved to be one thing: at the same object and begun together, or of one cause at one site.

Alarms and counters may each open a fault before either knows what is broken; once both name one object they are one.
A second cell of a site that falls ill of what ails the first is the same trouble, whenever it began; so is what comes
again within a day. What a person told apart stays apart.

Simple so far: faults of different objects on one branch of the trees are not united.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from correlate.diagnosis import fault_causes
from correlate.faults import DATA, HOUR, LOAD, LOSS, PERIOD_S, RADIO, Fault, existence, merge
from correlate.knowledge import Knowledge
from correlate.partings import are_apart
from correlate.state import State

UNITED = frozenset({LOSS, DATA, RADIO})
"""Families of trouble that are one thing at one object; load, work and what customers alone know have own rules."""
TOGETHER_S = 4 * HOUR
"""Two troubles of one site that began so close to each other are one: sites seldom break twice in a morning."""
AGAIN_S = 26 * HOUR
"""What was over and comes again so soon was not repaired: the busy hour, the night or the rain came back."""
TOLD_AT = 0.5
"""Least probability of being real of a fault that is compared by its cause: below it the cause means little."""


def unite_same(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Merge the open faults that are one thing (`now`: seconds since 1970)."""
    _unite_objects(state, now=now)
    _unite_causes(state, knowledge, now=now)


def _unite_objects(state: State, *, now: int) -> None:
    """Merge the open faults that name the same object and began together."""
    touched = {f.object_id for f in state.faults.index.touched() if _may_be_one(f)}
    at_object: dict[str, list[Fault]] = {name: [] for name in touched}
    for fault in state.faults.open_ones():
        if fault.object_id in touched and _may_be_one(fault):
            at_object[fault.object_id].append(fault)
    for name in sorted(touched):
        for kept, other in _pairs(at_object[name]):
            if kept.is_open and other.is_open and not are_apart(state, kept, other):
                unite(state, kept, other, now=now)


def _unite_causes(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Merge the likely faults of one site that began together or have the same likeliest cause."""
    for fault in state.faults.open_ones():
        if not fault.is_touched or not _is_told(knowledge, fault):
            continue
        site = int(knowledge.reach.site_of[fault.cells[0]])
        here = state.faults.touching(knowledge.reach.cells_of[site])
        for other in here:
            if other is fault or not fault.is_open or other.number in state.faults.merged_into:
                continue
            if not _is_told(knowledge, other) or not _is_at(knowledge, other, site):
                continue
            if are_apart(state, fault, other):
                continue
            if other.is_open and _is_one(knowledge, fault, other):
                kept, gone = sorted((fault, other), key=_told_first)
                unite(state, kept, gone, now=now)
            elif fault.reported_at is None and _is_again(knowledge, fault, other):
                other.ended_at = None
                unite(state, other, fault, now=now)


def _is_told(knowledge: Knowledge, fault: Fault) -> bool:
    """Tell whether a fault is of one site, of a kind that alarms or counters show, and likely."""
    if fault.family not in UNITED | {LOAD} or not len(fault.cells):
        return False
    if len(np.unique(knowledge.reach.site_of[fault.cells])) > 1:
        return False
    return fault.reported_at is not None or (fault.is_open and existence(fault) >= TOLD_AT)


def _is_at(knowledge: Knowledge, fault: Fault, site: int) -> bool:
    """Tell whether a fault of one site is of that one."""
    return int(knowledge.reach.site_of[fault.cells[0]]) == site


def _is_one(knowledge: Knowledge, one: Fault, other: Fault) -> bool:
    """Tell whether two faults of a site that last are one: begun together, or of the same cause."""
    apart_s = abs(one.started_at - other.started_at)
    is_together = LOAD not in (one.family, other.family) and apart_s <= TOGETHER_S
    return is_together or _cause(knowledge, one) == _cause(knowledge, other)


def _is_again(knowledge: Knowledge, fault: Fault, over: Fault) -> bool:
    """Tell whether a fault is one that was over, come again to a cell of it within a day with the same cause."""
    if over.ended_at is None or over.started_at > fault.started_at or over.was_pooled:
        return False
    gap = fault.started_at - over.ended_at
    shared = np.isin(fault.cells, over.cells).any()
    return bool(shared) and gap <= AGAIN_S and _cause(knowledge, fault) == _cause(knowledge, over)


def _cause(knowledge: Knowledge, fault: Fault) -> int:
    """Return the likeliest cause of a fault."""
    return int(np.argmax(fault_causes(knowledge, fault)))


def _told_first(fault: Fault) -> tuple[bool, int]:
    """Return the order in which faults were told."""
    return fault.reported_at is None, fault.number


def _may_be_one(fault: Fault) -> bool:
    """Tell whether an open fault names its object for sure and is of a family that is one thing at one object."""
    is_sure = bool(fault.object_id) and fault.object_id != fault.guessed_id
    return is_sure and fault.is_open and fault.family in UNITED


def _pairs(faults: list[Fault]) -> Iterator[tuple[Fault, Fault]]:
    """Return the pairs of faults of an object that are one thing, the one to keep first."""
    ranked = sorted(faults, key=lambda f: (not f.alarm_ids, f.reported_at is None, f.number))
    for kept, other in combinations(ranked, 2):
        is_kin = kept.family == other.family or LOSS not in (kept.family, other.family)
        if is_kin and abs(kept.started_at - other.started_at) <= PERIOD_S:
            yield kept, other


def unite(state: State, kept: Fault, other: Fault, *, now: int) -> None:
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
