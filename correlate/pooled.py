"""Bring trouble that many cells share a little to one fault of the node they depend on.

Simple so far: a fault keeps all cells of its pool while it lasts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from correlate.counter_weights import lay_on
from correlate.covering import final_fault
from correlate.episode_log import note_episode
from correlate.faults import FAMILY_OF_KIND, RADIO, WORK, Fault, Ints, new_fault
from correlate.knowledge import Knowledge
from correlate.reach import extent_of
from correlate.state import State
from kpi.pools import Pool

COMMON = 0.5
BEFORE_S = 100 * 60
SURE = 3.0
"""Log odds of trouble that a pool shows."""


def open_pools(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Open a fault for each pool that newly shows trouble, and end what is over."""
    showing = state.watch.pools.showing
    for key in sorted(showing):
        if key not in state.pooled:
            state.pooled[key] = _fault_of(state, knowledge, showing[key], now=now).number
    for key in [key for key in state.pooled if key not in showing]:
        fault = _held(state, state.pooled.pop(key))
        if fault is not None:
            fault.pools_open -= 1
            fault.touch()


def weigh_pools(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Lay what the pools show on their faults."""
    showing = state.watch.pools.showing
    for key in sorted(state.pooled, key=lambda key: showing[key].strength):
        fault = _held(state, state.pooled[key])
        if fault is not None:
            _weigh(knowledge, fault, showing[key])
            kind = state.watch.kinds[key[1]].name
            note_episode(
                state.episode_log, knowledge, fault, {kind: showing[key].strength}, now=now
            )


def _held(state: State, number: int) -> Fault | None:
    """Return the fault of a number, or the one it went into."""
    return state.faults.by_number(final_fault(state, number))


def _fault_of(state: State, knowledge: Knowledge, pool: Pool, *, now: int) -> Fault:
    """Return the fault that a pool tells of: one that lasts and holds most of its cells, or a new one."""
    cells = _cells(knowledge, pool)
    kind = state.watch.kinds[pool.kind].name
    found = _lasting(state, cells, pool, node=knowledge.pools.nodes[pool.group])
    if found is None:
        found = new_fault(
            state.faults,
            knowledge.signatures,
            cells,
            started_at=pool.onset,
            now=now,
            family=FAMILY_OF_KIND.get(kind, RADIO),
        )
        start = pd.Timestamp(pool.onset, unit="s", tz="UTC").tz_convert(knowledge.zone)
        found.first_alert = f"{knowledge.cell_ids[int(cells[0])]}@{start.isoformat()}"
        _place(knowledge, found, pool)
    found.pools_open, found.was_pooled, found.counters_open = found.pools_open + 1, True, False
    return found


def _cells(knowledge: Knowledge, pool: Pool) -> Ints:
    """Return the cells of a pool, in order."""
    members = knowledge.pools.members
    return np.asarray(
        members.indices[members.indptr[pool.group] : members.indptr[pool.group + 1]], np.int64
    )


def _lasting(state: State, cells: Ints, pool: Pool, *, node: str) -> Fault | None:
    """Return the fault in force that shares most cells with a pool and is of its size, if there is one."""
    best, best_share = None, COMMON
    for fault in state.faults.open_ones():
        shown_at = max(fault.started_at, fault.alarm_raised or 0)
        if shown_at < pool.onset - BEFORE_S and not fault.pools_open:
            continue
        if node and fault.object_id == node and fault.family != WORK:
            return fault
        common = len(np.intersect1d(fault.cells, cells, assume_unique=True))
        whole = len(cells) if fault.pools_open else max(len(cells), len(fault.cells))
        share = common / whole
        if share > best_share:
            best, best_share = fault, share
    return best


def _place(knowledge: Knowledge, fault: Fault, pool: Pool) -> None:
    """Name the node of a pool as what is broken; of the whole network none is known."""
    fault.object_id = knowledge.pools.nodes[pool.group]
    kinds = dict(zip(knowledge.reach.nodes, knowledge.reach.kinds, strict=True))
    fault.object_kind = kinds.get(fault.object_id, "core" if not fault.object_id else "")
    fault.extent = extent_of(knowledge.reach, fault.cells, object_kind=fault.object_kind)


def _weigh(knowledge: Knowledge, fault: Fault, pool: Pool) -> None:
    """Lay what a pool shows on its fault."""
    kinds = np.zeros(knowledge.signatures.kinds.shape[1])
    kinds[pool.kind] = 1.0
    lay_on(
        knowledge, fault, pool.z[None, :].astype(float), pool.change[None, :].astype(float), kinds
    )
    fault.counters_exist = max(fault.counters_exist, SURE)
    fault.healthy = 0.0
    fault.confirmed = True
    fault.last_sign_at = max(fault.last_sign_at, pool.last)
    if fault.counters_began is None or pool.onset < fault.counters_began:
        fault.counters_began = pool.onset
        fault.date()
