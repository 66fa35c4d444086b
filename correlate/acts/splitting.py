"""Split a fault by hand: what a person names of it becomes a fault of its own, with its alarms, episodes and callers.

Both are weighed anew by what is left to each, and the program keeps them apart (`correlate.partings`).

Simple so far: what spans both sides, the alarm of a node or a pool of cells, stays with the fault that was split;
evidence of the counters is weighed anew when the next ones come.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from correlate.acts.callers_moving import Callers, callers_at, move_callers
from correlate.alarm_signals import strengthen
from correlate.counter_signals import place_object
from correlate.faults import (
    FAMILY_OF_KIND,
    LOSS,
    RADIO,
    TICKETS,
    WORK,
    Fault,
    Ints,
)
from correlate.group_parting import cells_of_alarms, rows_of_alarms, within
from correlate.incident_size import fault_beside, hand_over
from correlate.kind_trust import KIND_NAMES
from correlate.knowledge import Knowledge
from correlate.reach import extent_of
from correlate.state import State

LEAST_TOLD = 0.5
"""Complaints, by their shares, from which customers alone tell of a fault."""


@dataclass(frozen=True)
class Share:
    """What of a fault is at some cells: those it reaches, alarms and episodes there alone, and its callers."""

    cells: Ints
    alarms: frozenset[str]
    episodes: frozenset[tuple[int, int]]
    callers: Callers

    @property
    def is_seen(self) -> bool:
        """Whether anything but its cells tells of it."""
        return bool(self.alarms or self.episodes) or self.callers.told >= LEAST_TOLD


def named_cells(knowledge: Knowledge, content: Mapping[str, Any]) -> Ints:
    """Return the cells that an act names, by themselves or by their sites; unknown names are none."""
    network, reach = knowledge.network, knowledge.reach
    sites = [network.site_position[s] for s in content["sites"] if s in network.site_position]
    cells = [network.cell_position[c] for c in content["cells"] if c in network.cell_position]
    own = [reach.cells_of[s] for s in sites]
    return np.unique(np.concatenate([np.array(cells, dtype=np.int64), *own]))


def share_at(state: State, knowledge: Knowledge, fault: Fault, cells: Ints) -> Share:
    """Return what of a fault is at some cells."""
    given = set(cells.tolist())
    at = cells_of_alarms(state, knowledge, fault.alarm_ids)
    alarms = {a for a, where in at.items() if len(where) and given.issuperset(where.tolist())}
    return Share(
        np.intersect1d(fault.cells, cells),
        frozenset(alarms),
        frozenset(key for key in fault.episodes if key[0] in given),
        callers_at(state, fault, cells),
    )


def why_not(fault: Fault, share: Share) -> str:
    """Return why a share can't be split off a fault, "" where it can."""
    if not len(share.cells):
        return "not_its_part"
    if len(share.cells) == len(fault.cells):
        return "nothing_left"
    if not share.is_seen:
        return "no_signs"
    is_kept_seen = (
        fault.alarm_ids - share.alarms
        or fault.episodes.keys() - share.episodes
        or fault.tickets - share.callers.told >= LEAST_TOLD
        or fault.was_pooled
        or fault.pools_open
        or fault.family == WORK
    )
    return "" if is_kept_seen else "nothing_left"


def split_off(state: State, knowledge: Knowledge, fault: Fault, share: Share, *, now: int) -> Fault:
    """Make a share of a fault a fault of its own and return that; `why_not` has been asked."""
    is_gone = np.isin(fault.cells, share.cells)
    made = fault_beside(state, fault, fault.cells[is_gone], fault.degree[is_gone])
    made.cut_from, made.work_until, made.pools_open, made.was_pooled = 0, None, 0, False
    made.healthy, made.silence, made.recurs_days, made.guessed_id = 0.0, 0.0, 0.0, ""
    gone = set(share.cells.tolist())
    made.crowded, fault.crowded = fault.crowded & gone, fault.crowded - gone
    made.episodes = {key: fault.episodes[key] for key in sorted(share.episodes)}
    made.alarm_ids, made.alarm_open = set(share.alarms), fault.alarm_open and bool(share.alarms)
    fault.cells, fault.degree = fault.cells[~is_gone], fault.degree[~is_gone]
    fault.episodes = {k: at for k, at in fault.episodes.items() if k not in share.episodes}
    fault.alarm_ids = fault.alarm_ids - share.alarms
    hand_over(state, fault, made)
    made.ticket_log = np.zeros_like(made.ticket_log)
    move_callers(state, knowledge, fault, made, share.callers, now=now)
    made.object_kind = ""
    rows = weigh_anew(state, knowledge, made, now=now)
    made.family = _family(made, fault, rows)
    made.first_alert = _first_alert(knowledge, made, rows, share)
    weigh_anew(state, knowledge, fault, now=now)
    return made


def weigh_anew(
    state: State, knowledge: Knowledge, fault: Fault, *, now: int
) -> list[dict[str, Any]]:
    """Weigh a fault by the alarms and episodes it holds now; return the rows of its alarms in force."""
    rows = rows_of_alarms(state, knowledge, fault.alarm_ids, now=now)
    rows = [r for row in rows if (r := within(row, knowledge, fault.cells)) is not None]
    rows = [row for row in rows if row["service_effect"] != "none"]
    named = fault.object_id, fault.object_kind
    is_above = bool(fault.object_kind) and _holds(knowledge, fault.object_id, fault.cells)
    if rows or not fault.alarm_ids:
        _without_alarms(fault)
        held, fault.alarm_ids = fault.alarm_ids, set()
        for row in rows:
            strengthen(state, knowledge, fault, row)
        fault.alarm_ids |= held
    elif _are_known(state, fault.alarm_ids):
        fault.alarm_open = False
    _weigh_counters(fault)
    if is_above:
        fault.object_id, fault.object_kind = named
        fault.extent = extent_of(knowledge.reach, fault.cells, object_kind=fault.object_kind)
    elif len(rows) != 1:
        place_object(knowledge, fault, fault.cells)
    fault.reached_from, fault.unserved = None, None
    fault.touch()
    return rows


def _holds(knowledge: Knowledge, object_id: str, cells: Ints) -> bool:
    """Tell whether all of some cells are of a site, or below a node."""
    if object_id not in knowledge.topology.graph:
        return False
    below = np.asarray(knowledge.topology.sites_below(object_id), dtype=np.int64)
    return bool(np.isin(knowledge.reach.site_of[cells], below).all())


def _without_alarms(fault: Fault) -> None:
    """Let what a fault's alarms said of it count no more."""
    fault.alarm_log, fault.alarm_exists = np.zeros_like(fault.alarm_log), -9.0
    fault.alarm_open, fault.leading_alarms, fault.company = False, 0, ""
    fault.alarm_began = fault.alarm_raised = fault.out_since = None
    fault.names, fault.carriers = (), frozenset()


def _are_known(state: State, alarm_ids: Collection[str]) -> bool:
    """Tell whether the book of alarms knows some alarms."""
    return bool(len(state.book.rows_of(np.array(sorted(alarm_ids), dtype=object))[1]))


def _weigh_counters(fault: Fault) -> None:
    """Date a fault by the episodes it holds, and let the counters say nothing of it where it holds none."""
    if fault.was_pooled:
        return
    if fault.episodes:
        fault.counters_began = int(np.median(list(fault.episodes.values())))
    else:
        fault.counters_open, fault.confirmed, fault.counters_exist = False, False, 0.0
        fault.counters_began, fault.counter_log = None, np.zeros_like(fault.counter_log)
        fault.z, fault.change = np.zeros(0), np.zeros(0)
    fault.date()


def _family(made: Fault, fault: Fault, rows: list[dict[str, Any]]) -> str:
    """Return the family of what was split off: what its alarms say, else its episodes, else its customers alone."""
    if rows:
        is_lost = any(row["service_effect"] == "down" for row in rows)
        return LOSS if is_lost else RADIO
    if made.episodes:
        held = [FAMILY_OF_KIND.get(KIND_NAMES[kind], RADIO) for _, kind in made.episodes]
        return max(sorted(set(held)), key=held.count)
    return fault.family if made.alarm_ids and fault.family != WORK else TICKETS


def _first_alert(
    knowledge: Knowledge, made: Fault, rows: list[dict[str, Any]], share: Share
) -> str:
    """Return what of the signs of a fault came first."""
    if rows:
        return str(
            min(rows, key=lambda row: (row["started_at"], row["first_alert"]))["first_alert"]
        )
    if made.alarm_ids:
        return min(made.alarm_ids)
    if made.episodes:
        (cell, _), onset = min(made.episodes.items(), key=lambda pair: (pair[1], pair[0]))
        start = pd.Timestamp(onset, unit="s", tz="UTC").tz_convert(knowledge.zone)
        return f"{knowledge.cell_ids[cell]}@{start.isoformat()}"
    return share.callers.first
