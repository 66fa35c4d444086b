"""Bring episodes of the counters to faults: which belong together, and what the measures say of the cause.

An episode joins the fault that holds its cell, or the fault of its family under the same node or on adjoining land;
what is left is grouped and opens faults of its own.

Simple so far: an episode stays with the fault it first joined.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.alarm_signals import kind_of_object, note_felt
from correlate.faults import (
    DATA,
    FAMILY_OF_KIND,
    HOUR,
    LOAD,
    LOSS,
    RADIO,
    Fault,
    Floats,
    Ints,
    new_fault,
)
from correlate.feed import CounterRows
from correlate.instants import seconds
from correlate.knowledge import Knowledge
from correlate.reach import explaining_nodes, extent_of, joined
from correlate.signatures import counter_log_weights
from correlate.state import State
from kpi.episodes import observe, open_episodes
from kpi.kinds import KINDS
from kpi.measures import MEASURES

JOIN_S = 100 * 60
SAME_CELL_S = 8 * HOUR
CROWD_S = 24 * HOUR
OVER_S = 80 * 60
WIDE = 12
LEAST_SHOWING = 0.2
LEARNING_S = 36 * HOUR
LEARNING_ODDS = 1.5
"""Withheld while the usual band of a cell rests on less than two days."""
ACROSS_LAND = frozenset({"interference", "handover", "crowding", "quality", "cochannel"})
COUNTER_WEIGHT = 1.6

KIND_NAMES = tuple(k.name for k in KINDS)
_TRUST = tomllib.loads(Path(__file__).with_name("kinds.toml").read_text(encoding="utf-8"))
KIND_ODDS = np.array([float(_TRUST[n]["odds"]) for n in KIND_NAMES])
KIND_LASTING_S = np.array([int(_TRUST[n]["lasting"] * HOUR) for n in KIND_NAMES])


@dataclass(frozen=True)
class Episodes:
    """Open episodes as arrays; times in seconds since 1970."""

    cell: Ints
    kind: Ints
    onset: Ints
    last: Ints
    is_open: NDArray[np.bool_]
    confidence: Floats
    first_period: Ints
    z: Floats


def take_counters(state: State, knowledge: Knowledge, rows: CounterRows, *, now: int) -> None:
    """Judge the counters that arrived and bring the open episodes to the faults."""
    if not state.counters_since:
        state.counters_since = now
    instant = pd.Timestamp(now, unit="s", tz="UTC")
    state.watch = observe(
        state.watch,
        rows.cell,
        rows.start.astype("datetime64[s]"),
        rows.minutes,
        dict(rows.counters),
        instant,
    )
    episodes = _arrays(open_episodes(state.watch, instant, keep_hours=0.0))
    fresh = _fresh(state, episodes)
    if len(fresh):
        left = _join_known(state, episodes, fresh)
        _open_new(state, knowledge, episodes, left, now=now)
    _refresh(state, knowledge, episodes, rows, now=now)


def _arrays(table: pd.DataFrame) -> Episodes:
    """Return the table of episodes as arrays."""
    position = {name: i for i, name in enumerate(KIND_NAMES)}
    return Episodes(
        cell=table["cell"].to_numpy(np.int64),
        kind=table["kind"].map(position).to_numpy(np.int64),
        onset=seconds(table["onset_at"]),
        last=seconds(table["last_at"]),
        is_open=table["closed_at"].isna().to_numpy(bool),
        confidence=table["confidence"].to_numpy(float),
        first_period=seconds(table["first_period_at"]),
        z=table[[f"z_{m.name}" for m in MEASURES]].to_numpy(float),
    )


def _key(episodes: Episodes, i: int) -> tuple[int, int, int]:
    """Return what identifies an episode for good."""
    return int(episodes.cell[i]), int(episodes.kind[i]), int(episodes.first_period[i])


def _fresh(state: State, episodes: Episodes) -> Ints:
    """Return the open episodes no fault holds yet."""
    known = state.faults.of_episode
    return np.array(
        [i for i in np.flatnonzero(episodes.is_open) if _key(episodes, int(i)) not in known],
        dtype=np.int64,
    )


def _join_known(state: State, episodes: Episodes, fresh: Ints) -> Ints:
    """Join fresh episodes to faults that hold their cell, open or just over; return those left."""
    earliest = int(episodes.onset[fresh].min())
    showing = np.unique(episodes.cell[episodes.is_open])
    holders: dict[int, list[Fault]] = {}
    for fault in state.faults.faults:
        if fault.ended_at is not None and fault.ended_at < earliest:
            continue
        if len(fault.cells) < WIDE or np.isin(fault.cells, showing).mean() >= LEAST_SHOWING:
            for cell in fault.cells.tolist():
                holders.setdefault(cell, []).append(fault)
    left: list[int] = []
    for i in fresh.tolist():
        found = _holder(holders.get(int(episodes.cell[i]), []), episodes, i)
        if found is None:
            left.append(i)
            continue
        _hold(state, found, episodes, i)
        if found.ended_at is not None and int(episodes.last[i]) > found.ended_at + OVER_S:
            found.ended_at = None
    return np.array(left, dtype=np.int64)


def _holder(faults: list[Fault], episodes: Episodes, i: int) -> Fault | None:
    """Return the fault of a cell that an episode belongs to: the latest begun that can explain it."""
    onset = int(episodes.onset[i])
    is_loss = FAMILY_OF_KIND.get(KIND_NAMES[episodes.kind[i]], RADIO) == LOSS
    able = [
        f
        for f in faults
        if f.started_at - JOIN_S <= onset
        and (f.ended_at is None or onset <= f.ended_at)
        and not (is_loss and f.family == LOAD)
        and not (is_loss and f.family != LOSS and onset > f.started_at + SAME_CELL_S)
    ]
    return max(able, key=lambda f: (f.started_at, f.number), default=None)


def _hold(state: State, fault: Fault, episodes: Episodes, i: int) -> None:
    """Let a fault hold an episode."""
    fault.touch()
    state.faults.of_episode[_key(episodes, i)] = fault.number
    fault.episodes[int(episodes.cell[i]), int(episodes.kind[i])] = int(episodes.onset[i])


def _open_new(
    state: State, knowledge: Knowledge, episodes: Episodes, left: Ints, *, now: int
) -> None:
    """Group the episodes left and open a fault for each group, or widen one of the same family close by."""
    if not len(left):
        return
    families = np.array([FAMILY_OF_KIND.get(KIND_NAMES[k], RADIO) for k in episodes.kind[left]])
    for family in (LOSS, DATA, RADIO, LOAD):
        mine = left[families == family]
        if not len(mine):
            continue
        sites = knowledge.reach.site_of[episodes.cell[mine]]
        land = any(KIND_NAMES[k] in ACROSS_LAND for k in episodes.kind[mine])
        group = joined(knowledge.reach, sites, episodes.onset[mine], land=land, window_s=JOIN_S)
        for number in np.unique(group):
            part = mine[group == number]
            fault = _outage_around(state, knowledge, episodes, part, family)
            if fault is not None:
                for i in part.tolist():
                    state.faults.of_episode[_key(episodes, i)] = fault.number
                continue
            fault = _close_by(state, knowledge, episodes, part, family)
            if fault is None:
                fault = _again(state, episodes, part, family)
            if fault is None:
                cells = np.unique(episodes.cell[part])
                began = int(np.median(episodes.onset[part]))
                fault = new_fault(
                    state.faults,
                    knowledge.signatures,
                    cells,
                    started_at=began,
                    now=now,
                    family=family,
                )
                first = part[np.argmin(episodes.first_period[part])]
                fault.first_alert = _alert(knowledge, episodes, int(first))
            for i in part.tolist():
                _hold(state, fault, episodes, i)
            fault.add_cells(np.unique(episodes.cell[part]), 1.0)


def _outage_around(
    state: State, knowledge: Knowledge, episodes: Episodes, part: Ints, family: str
) -> Fault | None:
    """Return the outage on an adjoining site that a crowd comes from, if there is one."""
    if family != LOAD:
        return None
    sites = np.unique(knowledge.reach.site_of[episodes.cell[part]])
    onset = int(np.median(episodes.onset[part]))
    for fault in reversed(state.faults.open_ones()):
        if fault.family != LOSS or not -JOIN_S <= onset - fault.started_at <= CROWD_S:
            continue
        theirs = np.unique(knowledge.reach.site_of[fault.cells])
        if np.isin(sites, theirs).any() or knowledge.reach.near[theirs][:, sites].nnz:
            return fault
    return None


def _again(state: State, episodes: Episodes, part: Ints, family: str) -> Fault | None:
    """Return the fault that ended a while ago and shows again, opened anew."""
    cells, kinds = set(episodes.cell[part].tolist()), set(episodes.kind[part].tolist())
    onset = int(np.median(episodes.onset[part]))
    for fault in reversed(state.faults.faults):
        if fault.ended_at is None or fault.family != family:
            continue
        alike = kinds & {k for _, k in fault.episodes}
        if not alike or onset - fault.ended_at > max(KIND_LASTING_S[k] for k in alike):
            continue
        if len(cells & set(fault.cells.tolist())) >= 0.5 * min(len(cells), len(fault.cells)):
            fault.ended_at = None
            fault.touch()
            return fault
    return None


def _alert(knowledge: Knowledge, episodes: Episodes, i: int) -> str:
    """Return what gave a fault away: `<cell_id>@<start>`."""
    start = pd.Timestamp(int(episodes.first_period[i]), unit="s", tz="UTC")
    local = start.tz_convert(knowledge.zone).isoformat()
    return f"{knowledge.cell_ids[episodes.cell[i]]}@{local}"


def _close_by(
    state: State, knowledge: Knowledge, episodes: Episodes, part: Ints, family: str
) -> Fault | None:
    """Return an open fault of the family that began with these episodes on the same or adjoining sites."""
    sites = np.unique(knowledge.reach.site_of[episodes.cell[part]])
    onset = int(np.median(episodes.onset[part]))
    for fault in reversed(state.faults.open_ones()):
        slack = JOIN_S if family != RADIO else 4 * JOIN_S
        if fault.family != family or abs(fault.started_at - onset) > slack:
            continue
        theirs = np.unique(knowledge.reach.site_of[fault.cells])
        if np.isin(sites, theirs).any():
            return fault
        kinds = {k for _, k in fault.episodes}
        alike = kinds & set(episodes.kind[part].tolist())
        if alike and _together(knowledge, theirs, sites, family=family):
            return fault
    return None


def _together(knowledge: Knowledge, theirs: Ints, sites: Ints, *, family: str) -> bool:
    """Tell whether sites adjoin a fault's sites, or one node explains them all."""
    if family in (RADIO, LOAD) and knowledge.reach.near[theirs][:, sites].nnz:
        return True
    troubled = np.zeros(len(knowledge.site_ids), bool)
    troubled[np.concatenate([theirs, sites])] = True
    below = knowledge.reach.below
    return any(
        bool(
            (below[[int(n)]][:, np.concatenate([theirs, sites])]).sum() >= len(theirs) + len(sites)
        )
        for n in explaining_nodes(knowledge.reach, troubled)
    )


def _refresh(
    state: State, knowledge: Knowledge, episodes: Episodes, rows: CounterRows, *, now: int
) -> None:
    """Bring every open fault up to date with the counters that arrived."""
    mine: dict[int, list[int]] = {}
    for i in range(len(episodes.cell)):
        number = state.faults.of_episode.get(_key(episodes, i))
        if number is not None:
            mine.setdefault(number, []).append(i)
    ends = np.full(len(knowledge.cell_ids), -1, np.int64)
    ends[rows.cell] = rows.start + rows.minutes * 60
    for fault in state.faults.faults:
        if not fault.is_open and not (fault.is_touched and fault.number in mine):
            continue
        held = np.array(mine.get(fault.number, []), dtype=np.int64)
        held = held[np.isin(episodes.cell[held], fault.cells)]
        speaking = held[episodes.is_open[held]]
        if fault.counters_open != (len(speaking) > 0):
            fault.touch()
        fault.counters_open = len(speaking) > 0
        if _has_shrunk(fault, episodes, speaking):
            _let_go(state, fault, episodes, speaking)
            continue
        if len(speaking):
            _weigh(state, knowledge, fault, episodes, speaking, now=now)
            fault.last_sign_at = max(fault.last_sign_at, int(episodes.last[speaking].max()))
        else:
            _look_for_health(state, fault, ends)


def _has_shrunk(fault: Fault, episodes: Episodes, speaking: Ints) -> bool:
    """Tell whether what is left of a wide fault is so little that it is trouble of its own."""
    if not fault.is_open or fault.alarm_open or not len(speaking) or len(fault.cells) < WIDE:
        return False
    return len(np.unique(episodes.cell[speaking])) < LEAST_SHOWING * len(fault.cells)


def _let_go(state: State, fault: Fault, episodes: Episodes, speaking: Ints) -> None:
    """End a wide fault whose few remaining episodes are trouble of their own."""
    for i in speaking.tolist():
        state.faults.of_episode.pop(_key(episodes, i), None)
        fault.episodes.pop((int(episodes.cell[i]), int(episodes.kind[i])), None)
    fault.counters_open = False
    fault.ended_at = fault.last_sign_at
    fault.touch()


def _weigh(
    state: State,
    knowledge: Knowledge,
    fault: Fault,
    episodes: Episodes,
    speaking: Ints,
    *,
    now: int,
) -> None:
    """Lay the evidence of the open episodes on their fault."""
    cells = np.unique(episodes.cell[speaking])
    log = counter_log_weights(knowledge.signatures, episodes.z[speaking]).mean(axis=0)
    pairs = np.unique(np.column_stack([episodes.kind[speaking], episodes.cell[speaking]]), axis=0)
    kinds, seen_on = np.unique(pairs[:, 0], return_counts=True)
    share = seen_on / len(cells)
    log = log + knowledge.signatures.kinds[:, kinds] @ share
    fault.touch()
    fault.counter_log = COUNTER_WEIGHT * log
    known = np.asarray(np.isfinite(episodes.z[speaking]).any(axis=0))
    fault.z = np.zeros(len(known))
    fault.z[known] = np.nanmean(episodes.z[speaking][:, known], axis=0)
    sure = np.clip(episodes.confidence[speaking], 0.02, 0.98)
    odds = np.log(sure / (1 - sure)) + KIND_ODDS[episodes.kind[speaking]]
    if now - state.counters_since < LEARNING_S and fault.family != LOSS:
        odds = odds - LEARNING_ODDS
    fault.counters_exist = float(odds.max() + 0.5 * np.log(len(cells)))
    fault.healthy = 0.0
    if fault.alarm_ids and not fault.is_noted:
        note_felt(state, fault, felt=True)
    fault.confirmed = True
    began = int(np.median(episodes.onset[speaking]))
    if fault.counters_began is None or began < fault.counters_began:
        fault.counters_began = began
        fault.date()
    if not fault.alarm_ids:
        place_object(knowledge, fault)


def place_object(knowledge: Knowledge, fault: Fault) -> None:
    """Name the object of a fault known by its cells: the node, site or cell that explains them."""
    reach = knowledge.reach
    sites = np.unique(reach.site_of[fault.cells])
    if len(sites) == 1:
        kind = extent_of(reach, fault.cells)
        site = int(sites[0])
        fault.object_id = (
            str(knowledge.cell_ids[fault.cells[0]])
            if kind == "cell" and len(fault.cells) == 1
            else str(knowledge.site_ids[site])
        )
        fault.object_kind, fault.extent = "", kind
        return
    troubled = np.zeros(len(knowledge.site_ids), bool)
    troubled[sites] = True
    nodes = explaining_nodes(reach, troubled)
    if len(nodes) and (reach.below[[int(nodes[0])]] @ troubled)[0] >= 0.7 * len(sites):
        fault.object_id = reach.nodes[int(nodes[0])]
        fault.object_kind = kind_of_object(knowledge, fault.object_id)
    else:
        held = [c for c, _ in fault.episodes] or fault.cells.tolist()
        site = int(np.bincount(reach.site_of[np.array(held)]).argmax())
        fault.object_id, fault.object_kind = str(knowledge.site_ids[site]), ""
    fault.extent = extent_of(reach, fault.cells, object_kind=fault.object_kind)


def _look_for_health(state: State, fault: Fault, ends: Ints) -> None:
    """Count counters in order against a fault they should show, and learn how far its alarms can be trusted."""
    ended = ends[fault.cells]
    arrived = ended >= 0
    if arrived.mean() < 0.5:
        return
    full = ended[arrived] >= fault.started_at + 30 * 60
    if full.mean() < 0.5:
        return
    fault.touch()
    fault.healthy = min(fault.healthy + 2.0, 8.0)
    if fault.alarm_ids and not fault.confirmed and not fault.is_noted:
        note_felt(state, fault, felt=False)
