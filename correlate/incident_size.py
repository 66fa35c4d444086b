"""Keep an incident from swallowing the network: what no node of the trees explains has a largest size.

A fault on more sites than the limit (`incident_rules.toml`, `most_sites`) needs something that all of them hang on: a
node of the trees, a pool, announced work, or the core. Without one it keeps the sites closest to what is broken, and
what is beyond becomes a fault, and so an incident, of its own.

Simple so far: what is beyond takes over the evidence as it stands; its own alarms and episodes then go on apart.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from alarms.arrivals import alarm_keys
from contract.causes import CAUSES
from correlate.counter_signals import place_object
from correlate.diagnosis import fault_causes
from correlate.faults import WORK, Fault, Floats, Ints
from correlate.incident_rules import load_incident_rules
from correlate.knowledge import Knowledge
from correlate.reach import extent_of
from correlate.state import State

CORE = "core"
CORE_AT = 0.5
"""Probability of causes of the core from which a fault needs no node: the trees often leave the core out."""


def limit_sizes(state: State, knowledge: Knowledge, *, most: int | None = None) -> list[Fault]:
    """Cut what lies beyond the limit off every open fault that nothing explains; return the faults that got it.

    Parameters
    ----------
    most : int, optional
        Sites of a fault at most; default `most_sites` of the rules.
    """
    most = int(load_incident_rules().limits.most_sites) if most is None else most
    made = []
    left = [f for f in state.faults.open_ones() if f.is_touched and len(f.cells) > most]
    while left:
        fault = left.pop()
        if not is_oversized(knowledge, fault, most=most):
            continue
        rest = _cut(state, knowledge, fault, most=most)
        made.append(rest)
        left.append(rest)
    return made


def is_oversized(knowledge: Knowledge, fault: Fault, *, most: int) -> bool:
    """Tell whether a fault is on more than `most` sites without anything that explains them all."""
    if len(np.unique(knowledge.reach.site_of[fault.cells])) <= most:
        return False
    if fault.family == WORK or fault.pools_open or fault.was_pooled:
        return False
    if fault.object_id in knowledge.topology.graph and fault.object_kind:
        return False
    core = [i for i, c in enumerate(knowledge.signatures.causes) if CAUSES[c].family == CORE]
    return float(fault_causes(knowledge, fault)[core].sum()) < CORE_AT


def _cut(state: State, knowledge: Knowledge, fault: Fault, *, most: int) -> Fault:
    """Leave a fault the sites closest to what is broken, and return the fault that has the rest."""
    is_kept = np.isin(knowledge.reach.site_of[fault.cells], _closest(knowledge, fault, most))
    beyond, degree = fault.cells[~is_kept], fault.degree[~is_kept]
    gone = set(beyond.tolist())
    moved = {key: at for key, at in fault.episodes.items() if key[0] in gone}
    alarms = _alarms_beyond(state, knowledge, fault, gone)
    rest = _with_room(state, knowledge, fault, beyond, most=most)
    if rest is None:
        rest = fault_beside(state, fault, beyond, degree)
    else:
        rest.add_cells(beyond, degree)
    rest.episodes, rest.alarm_ids = rest.episodes | moved, rest.alarm_ids | alarms
    rest.alarm_open = rest.alarm_open or (fault.alarm_open and bool(alarms))
    rest.extent = extent_of(knowledge.reach, rest.cells)
    rest.touch()
    fault.cells, fault.degree = fault.cells[is_kept], fault.degree[is_kept]
    fault.episodes = {key: at for key, at in fault.episodes.items() if key not in moved}
    fault.alarm_ids = fault.alarm_ids - alarms
    fault.reached_from = None
    fault.extent = extent_of(knowledge.reach, fault.cells, object_kind=fault.object_kind)
    fault.touch()
    hand_over(state, fault, rest)
    place_object(knowledge, rest, rest.cells)
    return rest


def _closest(knowledge: Knowledge, fault: Fault, most: int) -> Ints:
    """Return the sites of a fault closest to its object, else to that of its sites with most users."""
    reach = knowledge.reach
    sites = np.unique(reach.site_of[fault.cells])
    name = fault.object_id.split("/")[0]
    cell = knowledge.network.cell_position.get(name)
    here = knowledge.network.site_position.get(name) if cell is None else int(reach.site_of[cell])
    if here is None:
        users = np.bincount(reach.site_of[fault.cells], knowledge.users[fault.cells])
        here = int(np.argmax(users))
    xy = knowledge.site_xy
    away = np.hypot(*(xy[sites] - xy[here]).T)
    return np.asarray(sites[np.argsort(away, kind="stable")[:most]], dtype=np.int64)


def _alarms_beyond(state: State, knowledge: Knowledge, fault: Fault, gone: set[int]) -> set[str]:
    """Return the alarms of a fault whose group lies wholly in the cells that go."""
    book, ids = state.groups, sorted(fault.alarm_ids)
    found = set()
    for alarm_id, key in zip(ids, alarm_keys(np.array(ids, dtype=object)).tolist(), strict=True):
        group = book.groups.get(book.last.get(key, ""))
        sites = () if group is None else group.row["sites"]
        cells = [c for s in sites for c in knowledge.reach.cells_of[s].tolist()]
        if cells and gone.issuperset(cells):
            found.add(alarm_id)
    return found


def _with_room(
    state: State, knowledge: Knowledge, fault: Fault, beyond: Ints, *, most: int
) -> Fault | None:
    """Return the fault that took what lay beyond another's limit before, if it has room for more."""
    site_of = knowledge.reach.site_of
    for other in reversed(state.faults.open_ones()):
        if other.cut_from == fault.number:
            sites = np.unique(np.concatenate([site_of[other.cells], site_of[beyond]]))
            return other if len(sites) <= most else None
    return None


def fault_beside(state: State, fault: Fault, cells: Ints, degree: Floats) -> Fault:
    """Return a new fault with part of another one's cells, believed as it is."""
    book = state.faults
    rest = replace(
        fault,
        number=book.next_number,
        cells=cells,
        degree=degree,
        ticket_log=fault.ticket_log.copy(),
        alarm_ids=set(),
        alarm_open=False,
        episodes={},
        tickets=0.0,
        late=0.0,
        cluster_odds=0.0,
        ticket_times=[],
        orders=0,
        crowded=set(),
        reached_from=None,
        reported_at=None,
        incident_id="",
        cut_from=fault.number,
        is_held=False,
        opened_at=state.now,
    )
    book.keep(rest)
    return rest


def hand_over(state: State, fault: Fault, rest: Fault) -> None:
    """Let the signs of the cells that went lead to their new fault."""
    for alarm_id in rest.alarm_ids:
        state.faults.of_alarm[alarm_id] = rest.number
    for key in sorted(state.faults.episodes_of.get(fault.number, ())):
        if state.faults.of_episode.get(key) == fault.number and key[:2] in rest.episodes:
            state.faults.hold(key, rest)
