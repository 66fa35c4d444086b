"""Take changes and windows of work as they become known; a window of work is a fault of its own while it lasts.

Simple so far: a parameter change counts for faults that begin between `BEFORE_S` before and
`AFTER_S` after it, not by what it does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from correlate.alarm_signals import kind_of_object
from correlate.changes import change_families
from correlate.faults import HOUR, WORK, Fault, Ints, new_fault
from correlate.instants import seconds
from correlate.knowledge import Knowledge
from correlate.matching import best_match
from correlate.reach import extent_of
from correlate.state import Change, State

BEFORE_S = 2 * HOUR
AFTER_S = 30 * HOUR
HALF_LIFE_S = 5 * HOUR
AHEAD_S = HOUR
MEMORY_S = 15 * 86400


def take_changes(state: State, knowledge: Knowledge, rows: pd.DataFrame) -> None:
    """Remember changes and works as they become known."""
    families = change_families(rows, knowledge.families)
    at, until = seconds(rows["changed_at"]), seconds(rows["until"])
    for i, (object_id, parameter) in enumerate(
        zip(rows["object_id"], rows["parameter"], strict=True)
    ):
        cells = object_cells(knowledge, str(object_id))
        state.changes.append(
            Change(
                object_id=str(object_id),
                at=int(at[i]),
                until=int(until[i]) if until[i] > 0 else None,
                family=str(families["family"].iat[i]),
                is_work=bool(families["is_work"].iat[i]),
                service=float(families["service"].iat[i]),
                parameter=str(parameter),
                cells=frozenset(cells.tolist()),
            )
        )


def object_cells(knowledge: Knowledge, object_id: str) -> Ints:
    """Return the cells of an object: a cell, TRX, site or node."""
    cell = knowledge.network.cell_position.get(object_id.split("/")[0])
    if cell is not None:
        return np.array([cell], dtype=np.int64)
    if object_id in knowledge.topology.graph or object_id in knowledge.network.site_position:
        sites = knowledge.topology.sites_below(object_id)
        own = [knowledge.reach.cells_of[s] for s in np.asarray(sites).tolist()]
        return np.unique(np.concatenate(own)) if own else np.empty(0, np.int64)
    return np.empty(0, np.int64)


def open_works(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Open a fault for each window of work from an hour before it begins, and close those that are over."""
    state.changes = [c for c in state.changes if c.at > now - MEMORY_S or (c.until or 0) > now]
    for change in state.changes:
        if not change.is_work or change.until is None or change.service < 0.2:
            continue
        if change.at - AHEAD_S <= now < change.until and change.cells:
            _open_work(state, knowledge, change, now=now)


def _open_work(state: State, knowledge: Knowledge, change: Change, *, now: int) -> None:
    """Open the fault of one window of work, once."""
    label = f"work:{change.object_id}@{change.at}"
    if label in state.faults.of_work:
        return
    cells = np.array(sorted(change.cells), dtype=np.int64)
    here = [f for f in state.faults.touching(cells) if f.is_open]
    fault = best_match(here, cells, change.at, family=WORK, window_s=HOUR)
    if fault is None:
        fault = new_fault(
            state.faults, knowledge.signatures, cells, started_at=change.at, now=now, family=WORK
        )
        start = pd.Timestamp(change.at, unit="s", tz="UTC").tz_convert(knowledge.zone)
        fault.first_alert = f"{knowledge.cell_ids[cells[0]]}@{start.isoformat()}"
    state.faults.of_work.add(label)
    fault.object_id = change.object_id
    fault.object_kind = kind_of_object(knowledge, change.object_id)
    fault.extent = extent_of(knowledge.reach, fault.cells, object_kind=fault.object_kind)
    fault.work_until = change.until
    fault.alarm_exists = max(
        fault.alarm_exists, float(np.log(change.service / (1 - change.service)))
    )


def telling_changes(state: State, knowledge: Knowledge) -> tuple[list[Change], Ints]:
    """Return the changes remembered that may speak for a cause, and when each was made, seconds since 1970."""
    families = frozenset(knowledge.signatures.change_families)
    telling = [c for c in state.changes if c.family in families and c.cells]
    return telling, np.array([c.at for c in telling], dtype=np.int64)


def weigh_changes(knowledge: Knowledge, fault: Fault, changes: list[Change], made_at: Ints) -> None:
    """Lay the changes beside a fault's beginning on it, nearer ones weighing more.

    Parameters
    ----------
    changes, made_at
        As `telling_changes` gives them.
    """
    log = np.zeros(len(knowledge.signatures.causes))
    seen = []
    families: set[str] = set()
    gaps = fault.started_at - made_at
    beside = np.flatnonzero((gaps >= -BEFORE_S) & (gaps <= AFTER_S)).tolist()
    cells = set(fault.cells.tolist()) if beside else set()
    for change, gap in ((changes[i], int(gaps[i])) for i in beside):
        if change.cells.isdisjoint(cells):
            continue
        column = knowledge.signatures.change_families.index(change.family)
        common = len(change.cells & cells) / max(1, min(len(change.cells), len(cells)))
        near = 0.5 ** (max(0, gap) / HALF_LIFE_S) * min(1.0, common)
        log = log + near * knowledge.signatures.changes[:, column]
        seen.append(f"{change.parameter}@{change.object_id}")
        families.add(change.family)
    fault.change_log = np.clip(log, -3.0, 6.0)
    fault.changes, fault.change_families = tuple(sorted(seen)), frozenset(families)
    fault.belief = None
