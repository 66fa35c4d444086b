"""Bring alarm groups to faults: which fault each group belongs to, and what its alarms say.

How far an alarm can be trusted is learned: an alarm name that counters never confirm soon counts for little.

Simple so far: trust is learned by alarm name for the whole network, not by site.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alarms.lifecycle import update_book
from alarms.roots import root_rows
from correlate.faults import (
    HOUR,
    LOSS,
    RADIO,
    WORK,
    Fault,
    Floats,
    Ints,
    best_match,
    merge,
    new_fault,
)
from correlate.feed import Arrivals
from correlate.knowledge import Knowledge
from correlate.reach import extent_of
from correlate.returning import returned_fault
from correlate.state import State

OUTAGE_AFTER_THREAT_S = 14 * HOUR
SHORT_S = 20 * 60
CARRIER = re.compile(r"/TRX-?(\d+)$")
TOGETHER_S = HOUR
NAMELESS = 0.1
"""Share left to causes that the alarms of a group do not name."""
RECENT_S = 3 * HOUR
BATTERY_S = 15 * HOUR
POWER_LOST = ("mains_off", "load_disconnected", "battery_low")


def take_alarms(state: State, knowledge: Knowledge, arrivals: Arrivals, *, now: int) -> None:
    """Bring the alarm book up to date and its groups to the faults."""
    instant = pd.Timestamp(now, unit="s", tz="UTC")
    raised, cleared = arrivals.raised, arrivals.cleared
    if raised is None and cleared is None:
        return
    before = state.book
    state.book = update_book(before, raised, cleared, instant)
    if not _matters(raised, cleared, state):
        return
    columns = state.book.in_force_columns()
    asked = _asked(state, knowledge, columns, raised, cleared, now=now)
    objects = dict(zip(asked["alarm_id"].tolist(), asked["object_id"].tolist(), strict=True))
    raised_at = dict(zip(asked["alarm_id"].tolist(), asked["raised_at"].tolist(), strict=True))
    for group in root_rows(asked, knowledge.topology, knowledge.network, instant):
        group["raised_at"] = min(raised_at[i] for i in group["alarm_ids"]) // 1_000_000
        group["carriers"] = {
            f"TRX{found[1]}" for i in group["alarm_ids"] if (found := CARRIER.search(objects[i]))
        }
        _take_group(state, knowledge, group, now=now)
    _note_cleared(state, set(columns["alarm_id"].tolist()), now=now)


def _asked(
    state: State,
    knowledge: Knowledge,
    columns: Mapping[str, NDArray[Any]],
    raised: Mapping[str, NDArray[Any]] | None,
    cleared: Mapping[str, NDArray[Any]] | None,
    *,
    now: int,
) -> dict[str, NDArray[Any]]:
    """Return the alarms to group: all of the places where one is new, changed or may yet lead to an outage.

    Older alarms elsewhere keep the fault they have: nothing new can come of them.
    """
    objects = [] if raised is None else raised["object_id"].tolist()
    if cleared is not None:
        objects += cleared["object_id"].tolist()
    places = state.places
    for name in {*objects, *columns["object_id"].tolist()} - places.keys():
        places[name] = _place_of(knowledge, name)
    changed = {places[name] for name in objects}
    age_us = now * 1_000_000 - columns["raised_at"]
    lasting = np.isin(columns["meaning"], POWER_LOST) & (age_us <= BATTERY_S * 1_000_000)
    recent = lasting | (age_us <= RECENT_S * 1_000_000)
    own = [places[n] for n in columns["object_id"].tolist()]
    changed |= {place for place, new in zip(own, recent.tolist(), strict=True) if new}
    keep = np.flatnonzero(np.array([place in changed for place in own], dtype=bool))
    return {name: values[keep] for name, values in columns.items()}


def _place_of(knowledge: Knowledge, object_id: str) -> str:
    """Return the site of a cell or carrier, else the object itself."""
    cell = knowledge.network.cell_position.get(object_id.split("/")[0])
    if cell is None:
        return object_id
    return str(knowledge.site_ids[knowledge.reach.site_of[cell]])


def _matters(
    raised: Mapping[str, NDArray[Any]] | None,
    cleared: Mapping[str, NDArray[Any]] | None,
    state: State,
) -> bool:
    """Tell whether an alarm that can be felt was raised, or one of a fault was cleared."""
    if raised is not None and bool((raised["service_effect"] != "none").any()):
        return True
    if cleared is None:
        return False
    return any(a in state.faults.of_alarm for a in cleared["alarm_id"].tolist())


def _take_group(state: State, knowledge: Knowledge, group: dict[str, Any], *, now: int) -> None:
    """Bring one alarm group to its fault, opening one if need be."""
    ids = tuple(group["alarm_ids"])
    if state.groups.get(ids[0]) == (ids, group["cells"]):
        return
    state.groups[ids[0]] = (ids, group["cells"])
    effect = str(group["service_effect"])
    if effect == "none":
        return
    cells = _cells(group, knowledge)
    if not len(cells):
        return
    began = int(group["started_at"]) // 1_000_000
    family = LOSS if effect == "down" else RADIO
    fault = _holder(state, ids, cells, family, now=now)
    if fault is None:
        fault = best_match(
            state.faults.open_ones(), cells, began, family=family, window_s=OUTAGE_AFTER_THREAT_S
        )
    if fault is None:
        fault = returned_fault(
            state, str(group["object_id"]), group["names"], raised_at=group["raised_at"], now=now
        )
    if fault is None:
        fault = new_fault(
            state.faults, knowledge.signatures, cells, started_at=began, now=now, family=family
        )
        fault.first_alert = str(group["first_alert"])
    _strengthen(state, knowledge, fault, group, cells, family)
    fault.last_sign_at = now


def _holder(
    state: State, ids: tuple[str, ...], cells: Ints, family: str, *, now: int
) -> Fault | None:
    """Return the open fault that holds a group's alarms, one with those that are the same thing."""
    known = _known(state, ids, family)
    if not known:
        return None
    fault = known[0]
    if family == LOSS and fault.family not in (LOSS, WORK) and fault.confirmed:
        return None
    if _has_shrunk(fault, cells):
        _let_go(state, fault, ids)
        return None
    for other in known[1:]:
        if _are_one(fault, other, cells):
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
    return fault.family == other.family and near and bool(np.isin(other.cells, cells).mean() > 0.5)


def _has_shrunk(fault: Fault, cells: Ints) -> bool:
    """Tell whether what is left of a wide outage is so little that it is trouble of its own."""
    return len(fault.cells) >= 12 and len(cells) < 0.34 * len(fault.cells)


def _let_go(state: State, fault: Fault, ids: tuple[str, ...]) -> None:
    """End a wide outage whose remaining alarms are trouble of their own."""
    for alarm_id in ids:
        state.faults.of_alarm.pop(alarm_id, None)
    fault.alarm_open = fault.counters_open = False
    fault.ended_at = fault.last_sign_at
    fault.touch()


def _cells(group: dict[str, Any], knowledge: Knowledge) -> Ints:
    """Return the cells of a group: its own, else all of its sites."""
    cells = np.asarray(group["cells"], dtype=np.int64)
    if len(cells):
        return np.unique(cells)
    sites = np.asarray(group["sites"], dtype=np.int64)
    own = [knowledge.reach.cells_of[s] for s in sites.tolist()]
    return np.unique(np.concatenate(own)) if own else np.empty(0, np.int64)


def _strengthen(
    state: State,
    knowledge: Knowledge,
    fault: Fault,
    group: dict[str, Any],
    cells: Ints,
    family: str,
) -> None:
    """Lay the evidence of a group on a fault."""
    ids = set(group["alarm_ids"])
    for alarm_id in ids:
        state.faults.of_alarm[alarm_id] = fault.number
    if ids <= fault.alarm_ids and fault.alarm_open and not np.setdiff1d(cells, fault.cells).size:
        return
    fault.touch()
    fault.alarm_ids |= ids
    fault.carriers |= group["carriers"]
    names = tuple(sorted(set(group["names"])))
    fault.names = tuple(sorted(set(fault.names) | set(names)))
    leads = len(ids) >= fault.leading_alarms
    if leads:
        fault.leading_alarms = len(ids)
        fault.alarm_log = _alarm_log(knowledge, group["causes"])
    fault.alarm_exists = max(fault.alarm_exists, _trust(state, group, names))
    fault.alarm_open = True
    if fault.family == RADIO and family == LOSS and not fault.episodes:
        fault.family = LOSS
    began = int(group["started_at"]) // 1_000_000
    if fault.alarm_began is None or began < fault.alarm_began:
        fault.alarm_began, fault.alarm_raised = began, int(group["raised_at"])
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


def _trust(state: State, group: dict[str, Any], names: tuple[str, ...]) -> float:
    """Return the log odds that the alarms of a group are felt."""
    priors = group["harms"]
    chances = [state.reliability.chance(n, priors.get(n, 0.1)) for n in names]
    chance = max(chances, default=0.05)
    sites = len(group["sites"])
    odds = np.log(chance / (1 - chance)) + (1.0 if sites > 1 else 0.0)
    return float(np.clip(odds, -6, 6))


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


def note_felt(state: State, fault: Fault, *, felt: bool) -> None:
    """Let the trust in a fault's alarms learn from whether customers felt it, once."""
    for name in fault.names:
        state.reliability.note(name, felt=felt)
    fault.is_noted = True


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
