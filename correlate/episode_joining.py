"""Join episodes of the counters to faults: by cell, by site, by node or by land, else to a fault of their own.

Simple so far: an episode stays with the fault it first joined.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.adjoining import Lasting, is_together, maybe_together
from correlate.crowding import fault_around
from correlate.diagnosis import fault_causes
from correlate.episode_arrays import Episodes, episode_key, episode_keys
from correlate.faults import (
    DATA,
    FAMILY_OF_KIND,
    HOUR,
    LOAD,
    LOSS,
    RADIO,
    Fault,
    Ints,
    new_fault,
)
from correlate.kind_trust import KIND_NAMES, load_kind_trust
from correlate.knowledge import Knowledge
from correlate.outlasting import outlasts
from correlate.partings import may_take, parted_groups
from correlate.reach import (
    cells_at,
    joined,
    sites_at,
)
from correlate.small_arrays import distinct, is_among
from correlate.state import State
from kpi.measures import MEASURES

JOIN_S = 100 * 60
TOGETHER_S = 4 * HOUR
EXPLAINS_AT = 0.3
"""Log weight that the kind of an episode must have under the causes of a fault that began at another time."""
SAME_CELL_S = 8 * HOUR
DAY_S = 24 * HOUR
SAME_HOUR_S = 90 * 60
WIDE = 12
LEAST_SHOWING = 0.2
EVENT_RISE = 0.9
"""Natural logarithm by which load rises at an event: more than twofold."""
LOADS = [i for i, m in enumerate(MEASURES) if m.name in ("attempts", "active_users")]
ERRORS = KIND_NAMES.index("transport_errors")
ACROSS_LAND = frozenset(
    {"sleeping", "interference", "handover", "crowding", "quality", "cochannel"}
)


def fresh_episodes(state: State, episodes: Episodes) -> Ints:
    """Return the open episodes no fault holds yet."""
    known, is_open = state.faults.of_episode, episodes.is_open.tolist()
    keys = enumerate(episode_keys(episodes))
    return np.array([i for i, key in keys if is_open[i] and key not in known], dtype=np.int64)


def join_known(state: State, knowledge: Knowledge, episodes: Episodes, fresh: Ints) -> Ints:
    """Join fresh episodes to faults that hold their cell, open or just over; return those left."""
    earliest = int(episodes.onset[fresh].min())
    showing = np.unique(episodes.cell[episodes.is_open])
    holders: dict[int, list[Fault]] = {}
    asked = set(episodes.cell[fresh].tolist())
    for fault in state.faults.touching(episodes.cell[fresh]):
        if fault.ended_at is not None and fault.ended_at < earliest:
            continue
        is_small = len(fault.cells) < WIDE
        if is_small or fault.pools_open or np.isin(fault.cells, showing).mean() >= LEAST_SHOWING:
            for cell in asked.intersection(fault.cells.tolist()):
                holders.setdefault(cell, []).append(fault)
    left: list[int] = []
    for i in fresh.tolist():
        found = _holder(knowledge, holders.get(int(episodes.cell[i]), []), episodes, i)
        if found is None:
            left.append(i)
            continue
        _hold(state, found, episodes, i)
        if outlasts(found, int(episodes.last[i])):
            found.ended_at = None
    return np.array(left, dtype=np.int64)


def _holder(knowledge: Knowledge, faults: list[Fault], episodes: Episodes, i: int) -> Fault | None:
    """Return the fault of a cell that an episode belongs to: the latest begun that can explain it."""
    onset = int(episodes.onset[i])
    is_loss = FAMILY_OF_KIND.get(KIND_NAMES[episodes.kind[i]], RADIO) == LOSS
    able = [
        f
        for f in faults
        if f.started_at - JOIN_S <= onset
        and (f.ended_at is None or onset <= f.ended_at)
        and not (f.reported_at is None and outlasts(f, int(episodes.last[i])))
        and not (is_loss and f.family == LOAD)
        and (abs(onset - f.started_at) <= TOGETHER_S or _explains(knowledge, f, episodes.kind[i]))
        and not f.is_stale(onset)
        and not (is_loss and f.family != LOSS and onset > f.started_at + SAME_CELL_S)
    ]
    return max(able, key=lambda f: (f.started_at, f.number), default=None)


def _explains(knowledge: Knowledge, fault: Fault, kind: int) -> bool:
    """Tell whether the likely causes of a fault show in such episodes, or it shows them already."""
    if any(held == kind for _, held in fault.episodes):
        return True
    weights = knowledge.signatures.kinds[:, kind]
    return float(fault_causes(knowledge, fault) @ weights) >= EXPLAINS_AT


def _hold(state: State, fault: Fault, episodes: Episodes, i: int) -> None:
    """Let a fault hold an episode."""
    fault.touch()
    state.faults.hold(episode_key(episodes, i), fault)
    fault.episodes[int(episodes.cell[i]), int(episodes.kind[i])] = int(episodes.onset[i])


def open_new(
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
        cells = episodes.cell[mine]
        group = parted_groups(state, cells, _grouped(knowledge, episodes, mine, family=family))
        lasting = Lasting([f for f in state.faults.open_ones() if f.family == family])
        for number in np.unique(group):
            part = mine[group == number]
            fault = fault_around(state, knowledge, episodes, part) if family == LOAD else None
            if fault is not None:
                fault.crowd(episodes.cell[part])
                continue
            fault = _close_by(state, knowledge, episodes, part, lasting)
            if fault is None:
                fault = _again(state, episodes, part, family)
            if fault is None:
                cells = distinct(episodes.cell[part])
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
            fault.add_cells(distinct(episodes.cell[part]), 1.0)
            lasting.note(fault)


def _grouped(knowledge: Knowledge, episodes: Episodes, mine: Ints, *, family: str) -> Ints:
    """Return a group number for each of the episodes of a family.

    Busy hours come to adjoining sites together without a common cause: load joins across land, and under a node, only
    where it rose far beyond a busy hour.
    """
    sites = knowledge.reach.site_of[episodes.cell[mine]]
    if family != LOAD:
        land = any(KIND_NAMES[k] in ACROSS_LAND for k in episodes.kind[mine])
        return joined(knowledge.reach, sites, episodes.onset[mine], land=land, window_s=JOIN_S)
    rose = _rose_far(episodes, mine)
    group = np.unique(sites, return_inverse=True)[1].astype(np.int64)
    if rose.any():
        far = np.flatnonzero(rose)
        part = joined(
            knowledge.reach, sites[far], episodes.onset[mine[far]], land=True, window_s=JOIN_S
        )
        group[far] = len(sites) + part
    return group


def _rose_far(episodes: Episodes, mine: Ints) -> NDArray[np.bool_]:
    """Tell which episodes saw users or attempts rise as at an event, not as at a busy hour."""
    rise = np.nan_to_num(episodes.change[mine][:, LOADS], nan=0.0).max(axis=1)
    return np.asarray(rise >= EVENT_RISE)


def _again(state: State, episodes: Episodes, part: Ints, family: str) -> Fault | None:
    """Return the fault that ended a while ago and shows again, opened anew."""
    cells, kinds = set(episodes.cell[part].tolist()), set(episodes.kind[part].tolist())
    onset = int(np.median(episodes.onset[part]))
    for fault in reversed(state.faults.touching(episodes.cell[part])):
        if fault.ended_at is None or fault.family != family:
            continue
        if fault.number in state.faults.merged_into or fault.was_pooled:
            continue
        alike = kinds & {k for _, k in fault.episodes}
        if not alike or not _is_again(fault, onset, alike):
            continue
        if not may_take(state, fault, episodes.cell[part]):
            continue
        if len(cells & set(fault.cells.tolist())) >= 0.5 * min(len(cells), len(fault.cells)):
            fault.ended_at = None
            fault.touch()
            return fault
    return None


def _is_again(fault: Fault, onset: int, alike: set[int]) -> bool:
    """Tell whether trouble of a fault's kind shows soon enough after its end, or at the same hour of the next day."""
    gap = onset - int(fault.ended_at or onset)
    if gap <= max(load_kind_trust().lasting_s[k] for k in alike):
        return True
    began = max((at for (_, k), at in fault.episodes.items() if k in alike), default=onset)
    off = abs((onset - began + DAY_S // 2) % DAY_S - DAY_S // 2)
    return off <= SAME_HOUR_S and gap <= DAY_S


def _alert(knowledge: Knowledge, episodes: Episodes, i: int) -> str:
    """Return what gave a fault away: `<cell_id>@<start>`."""
    start = pd.Timestamp(int(episodes.first_period[i]), unit="s", tz="UTC")
    local = start.tz_convert(knowledge.zone).isoformat()
    return f"{knowledge.cell_ids[episodes.cell[i]]}@{local}"


def _close_by(
    state: State, knowledge: Knowledge, episodes: Episodes, part: Ints, lasting: Lasting
) -> Fault | None:
    """Return the newest open fault of the family that began with these episodes on the same or adjoining sites.

    `lasting` are the open faults of the family. Errors of a site's transmission show as such on some of its cells and
    as slow data on others.
    """
    family = FAMILY_OF_KIND.get(KIND_NAMES[episodes.kind[part[0]]], RADIO)
    sites = sites_at(knowledge.reach, episodes.cell[part])
    onset, seen = int(np.median(episodes.onset[part])), set(episodes.kind[part].tolist())
    slack = JOIN_S if family != RADIO else 4 * JOIN_S
    same = [
        f
        for f in state.faults.touching(cells_at(knowledge.reach, sites))
        if f.is_open
        and abs(f.started_at - onset) <= slack
        and (f.family == family or _is_degraded(f, family, seen))
        and is_among(sites, knowledge.reach.site_of[f.cells]).any()
        and may_take(state, f, episodes.cell[part])
    ]
    newest = same[-1] if same else None
    if family == LOAD and not _rose_far(episodes, part).any():
        return newest
    since = newest.number if newest is not None else 0
    for fault in maybe_together(state, knowledge, sites, lasting, onset=onset, slack=slack):
        if fault.number <= since or abs(fault.started_at - onset) > slack:
            continue
        if not may_take(state, fault, episodes.cell[part]):
            continue
        alike = {k for _, k in fault.episodes} & seen
        if not alike:
            continue
        land = family == LOAD or (
            family == RADIO and any(KIND_NAMES[k] in ACROSS_LAND for k in alike)
        )
        theirs = sites_at(knowledge.reach, fault.cells)
        hops = int(land) + int(family == LOAD)
        if is_together(knowledge, theirs, sites, hops=hops):
            return fault
    return newest


def _is_degraded(fault: Fault, family: str, seen: set[int]) -> bool:
    """Tell whether a fault and episodes may be errors of one transmission, as such here and as slow data there."""
    return {fault.family, family} == {DATA, RADIO} and ERRORS in {
        k for _, k in fault.episodes
    } | seen
