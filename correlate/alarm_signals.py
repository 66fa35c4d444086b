"""Bring alarm groups to faults: which fault each group belongs to, and what its alarms say.

How far they can be trusted is told by `correlate.alarm_trust`.

Simple so far: a group belongs to one fault, though its alarms may stand for two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import alarm_keys
from alarms.episodes import NOT_YET
from alarms.groups import LATELY, NEEDED, AlarmGroup, regroup
from correlate.alarm_life import live_on
from correlate.alarm_trust import CARRIER, company_of, judge_over, note_felt, trust
from correlate.faults import (
    HOUR,
    LOSS,
    RADIO,
    WORK,
    Fault,
    Floats,
    Ints,
    merge,
    new_fault,
)
from correlate.feed import Arrivals
from correlate.first_signs import write_diary
from correlate.group_parting import group_cells, parted_rows
from correlate.knowledge import Knowledge
from correlate.matching import best_match
from correlate.partings import are_apart, may_take
from correlate.reach import extent_of, sites_at
from correlate.returning import returned_fault
from correlate.service_seen import served_from
from correlate.small_arrays import is_among
from correlate.state import State

OUTAGE_AFTER_THREAT_S = 14 * HOUR
SHORT_S = 20 * 60
TOGETHER_S = HOUR
MAINS = "mains_off"
"""Meaning of an alarm that tells of a loss of mains (`alarms/meanings.toml`)."""
NAMELESS = 0.1
"""Share left to causes that the alarms of a group do not name."""


def take_alarms(state: State, knowledge: Knowledge, arrivals: Arrivals, *, now: int) -> None:
    """Bring the alarm book up to date and its groups to the faults."""
    judge_over(state, now=now)
    write_diary(state.diary, knowledge, arrivals.raised, now=now)
    if not live_on(state, knowledge, arrivals.raised, arrivals.cleared, now=now):
        return
    instant = pd.Timestamp(now, unit="s", tz="UTC")
    columns = state.book.recent_columns(since=instant - LATELY, names=NEEDED)
    served = served_from(state.service)
    changed = regroup(
        state.groups, columns, knowledge.roots, now=now * 1_000_000, served_from=served
    )
    for group in changed:
        if group.ended_at is None and not group.merged_into:
            _take_group(state, knowledge, group.row, now=now)
    in_force = set(columns["alarm_id"][columns["ended_at"] == NOT_YET].tolist())
    ended = [group for group in changed if group.ended_at is not None]
    _leave_shrunk(state, knowledge, ended, in_force, now=now)
    _note_cleared(state, in_force, now=now)


def _leave_shrunk(
    state: State, knowledge: Knowledge, ended: list[AlarmGroup], in_force: set[str], *, now: int
) -> None:
    """End the wide outages of which a group that ended leaves little: what is left is trouble of its own."""
    numbers = {state.faults.of_alarm.get(a, 0) for group in ended for a in group.row["alarm_ids"]}
    for fault in map(state.faults.by_number, sorted(numbers)):
        if fault is None or not fault.is_open or fault.family == WORK:
            continue
        ids = tuple(sorted(fault.alarm_ids & in_force))
        keys = alarm_keys(np.array(ids, dtype=object)).tolist() if ids else []
        left = sorted({state.groups.last[key] for key in keys if key in state.groups.last})
        rows = [state.groups.groups[group_id].row for group_id in left]
        if not rows:
            continue
        cells = np.unique(np.concatenate([group_cells(row, knowledge) for row in rows]))
        if not _has_shrunk(fault, cells):
            continue
        if any(_is_rest(knowledge, fault, row, cells) for row in rows):
            fault.keep_cells(cells)
        else:
            _let_go(state, fault, ids)
            for row in rows:
                _take_group(state, knowledge, row, now=now)


def _take_group(state: State, knowledge: Knowledge, group: dict[str, Any], *, now: int) -> None:
    """Bring one alarm group to its fault, or to those that a person told apart."""
    if group["service_effect"] != "none":
        for row in parted_rows(state, knowledge, group, now=now):
            _take_row(state, knowledge, row, now=now)


def _take_row(state: State, knowledge: Knowledge, group: dict[str, Any], *, now: int) -> None:
    """Bring one alarm group to its fault, opening one if need be."""
    effect = str(group["service_effect"])
    if effect == "none":
        return
    cells = group_cells(group, knowledge)
    if not len(cells):
        return
    began = int(group["started_at"]) // 1_000_000
    family = LOSS if effect == "down" else RADIO
    fault = _holder(state, knowledge, group, cells, family=family, now=now)
    if fault is None:
        within = _begins_within(group)
        open_ones = [
            f
            for f in state.faults.touching(cells)
            if f.is_open
            and abs(f.started_at - began) <= within
            and _may_be(f, group, cells, family)
            and may_take(state, f, cells)
        ]
        fault = best_match(open_ones, cells, began, family=family, window_s=OUTAGE_AFTER_THREAT_S)
    if fault is None:
        raised_at = int(group["raised_at"]) // 1_000_000
        named = (str(group["object_id"]), group["names"])
        fault = returned_fault(state, *named, family=family, raised_at=raised_at, now=now)
    if fault is None:
        fault = new_fault(
            state.faults, knowledge.signatures, cells, started_at=began, now=now, family=family
        )
        fault.first_alert = str(group["first_alert"])
    strengthen(state, knowledge, fault, group)
    fault.last_sign_at = now


def _begins_within(group: Mapping[str, Any]) -> float:
    """Return how far from a group's beginning a fault may begin that it belongs to, in seconds.

    One break takes all at once; batteries keep sites up for hours.
    """
    if len(group["sites"]) < 2 and not str(group["rule"]).startswith("PARENT"):
        return np.inf
    return OUTAGE_AFTER_THREAT_S if group["kind"] == "power" else TOGETHER_S


def _may_be(fault: Fault, group: Mapping[str, Any], cells: Ints, family: str) -> bool:
    """Tell whether a fault can be what a group shows.

    Lost sites are no milder trouble that counters saw before, and milder trouble is no loss of fewer cells than it
    reaches.
    """
    if family != LOSS:
        return fault.family != LOSS or bool(is_among(cells, fault.cells).all())
    is_mild = fault.family not in (LOSS, WORK) and bool(fault.episodes)
    return not (is_mild and group["kind"] != "cell")


def _holder(
    state: State,
    knowledge: Knowledge,
    group: Mapping[str, Any],
    cells: Ints,
    *,
    family: str,
    now: int,
) -> Fault | None:
    """Return the open fault that holds a group's alarms, one with those that are the same thing."""
    ids = tuple(group["alarm_ids"])
    known = _known(state, ids, family)
    if not known:
        return None
    fault = known[0]
    if family == LOSS and fault.family not in (LOSS, WORK) and fault.confirmed:
        return None
    if _has_shrunk(fault, cells):
        if not _is_rest(knowledge, fault, group, cells):
            _let_go(state, fault, ids)
            return None
        fault.keep_cells(cells)
    for other in known[1:]:
        if _are_one(fault, other, cells) and not are_apart(state, fault, other):
            merge(state.faults, fault, other, now=now)
    return fault


def _known(state: State, ids: tuple[str, ...], family: str) -> list[Fault]:
    """Return the open faults that hold one of the alarms: those of the family first, the reported, the oldest."""
    numbers = {state.faults.of_alarm[i] for i in ids if i in state.faults.of_alarm}
    found = [state.faults.by_number(n) for n in numbers]
    faults = [f for f in found if f is not None and f.is_open]
    return sorted(faults, key=lambda f: (f.family != family, f.reported_at is None, f.number))


def _are_one(fault: Fault, other: Fault, cells: Ints) -> bool:
    """Tell whether two faults under one group are one: same family, begun together, within the group."""
    near = abs(fault.started_at - other.started_at) <= TOGETHER_S
    alike = fault.family == other.family or not other.episodes
    return alike and near and bool(np.isin(other.cells, cells).mean() > 0.5)


def _has_shrunk(fault: Fault, cells: Ints) -> bool:
    """Tell whether what is left of a wide outage is so little that it is trouble of its own."""
    return len(fault.cells) >= 12 and len(cells) < 0.34 * len(fault.cells)


def _is_rest(knowledge: Knowledge, fault: Fault, group: Mapping[str, Any], cells: Ints) -> bool:
    """Tell whether what is left of a wide outage is the same still: several sites under the same root."""
    sites = sites_at(knowledge.reach, cells)
    return fault.object_id == str(group["object_id"]) and len(sites) > 1


def _let_go(state: State, fault: Fault, ids: tuple[str, ...]) -> None:
    """End a wide outage whose remaining alarms are trouble of their own."""
    for alarm_id in ids:
        state.faults.of_alarm.pop(alarm_id, None)
        state.faults.let_go[alarm_id] = fault.number
    fault.alarm_open = fault.counters_open = False
    state.faults.end_early(fault)


def strengthen(state: State, knowledge: Knowledge, fault: Fault, group: Mapping[str, Any]) -> None:
    """Lay the evidence of a group on a fault.

    Parameters
    ----------
    group : mapping
        Row of `alarms.roots`.
    """
    cells = group_cells(group, knowledge)
    family = LOSS if group["service_effect"] == "down" else RADIO
    ids = set(group["alarm_ids"])
    for alarm_id in ids:
        state.faults.of_alarm[alarm_id] = fault.number
    if ids <= fault.alarm_ids and fault.alarm_open and is_among(cells, fault.cells).all():
        return
    fault.touch()
    if family == LOSS and not ids <= fault.alarm_ids:
        fault.healthy, fault.lost_at = 0.0, state.now
    fault.alarm_ids |= ids
    fault.carriers |= {f"TRX{found[1]}" for o in group["objects"] if (found := CARRIER.search(o))}
    names = tuple(sorted(set(group["names"])))
    fault.names = tuple(sorted(set(fault.names) | set(names)))
    leads = len(ids) >= fault.leading_alarms
    if leads:
        fault.leading_alarms = len(ids)
        fault.alarm_log = _alarm_log(knowledge, group["causes"])
        fault.company = company_of(group)
    fault.alarm_exists = max(fault.alarm_exists, trust(state, group))
    fault.alarm_open = True
    if fault.family == RADIO and family == LOSS and not fault.episodes:
        fault.family = LOSS
    if MAINS in group["meanings"] and family != LOSS:
        state.batteries.lost_at.setdefault(fault.number, int(group["raised_at"]) // 1_000_000)
    if family == LOSS and fault.out_since is None:
        fault.out_since = int(group["service_lost_at"]) // 1_000_000
    began = int(group["started_at"]) // 1_000_000
    if fault.alarm_began is None or began < fault.alarm_began:
        fault.alarm_began, fault.alarm_raised = began, int(group["raised_at"]) // 1_000_000
    fault.date()
    _reach_out(knowledge, fault, str(group["object_id"]) if leads else fault.object_id, cells)


def _alarm_log(knowledge: Knowledge, causes: Mapping[str, float]) -> Floats:
    """Return log weights of the causes: how much likelier a group's alarms make each than it commonly is."""
    common = knowledge.common
    share = np.array([causes.get(c, 0.0) for c in knowledge.signatures.causes])
    if share.sum() <= 0:
        return np.zeros(len(common))
    share = (1 - NAMELESS) * share / share.sum() + NAMELESS * common
    return np.asarray(np.clip(np.log(share / common), -4.0, 6.0), dtype=float)


def _reach_out(knowledge: Knowledge, fault: Fault, object_id: str, cells: Ints) -> None:
    """Give a fault its object and cells."""
    fault.add_cells(cells, 1.0)
    fault.object_id = object_id
    fault.object_kind = kind_of_object(knowledge, fault.object_id)
    fault.extent = (
        "trx"
        if "/TRX-" in fault.object_id
        else extent_of(knowledge.reach, fault.cells, object_kind=fault.object_kind)
    )


def kind_of_object(knowledge: Knowledge, object_id: str) -> str:
    """Return the kind of a node of the trees, "site" for a site, "" for a cell or what is below."""
    if object_id in knowledge.network.site_position:
        return "site"
    if object_id in knowledge.topology.graph:
        return str(knowledge.topology.kind_of(object_id))
    return ""


def _note_cleared(state: State, in_force: set[str], *, now: int) -> None:
    """Mark faults whose alarms are all cleared."""
    for fault in state.faults.open_ones():
        if not fault.alarm_open or not fault.alarm_ids.isdisjoint(in_force):
            continue
        fault.alarm_open = False
        fault.last_sign_at = now
        fault.touch()
        if not fault.confirmed and not fault.is_noted and now - fault.started_at < SHORT_S:
            note_felt(state, fault, felt=False)
