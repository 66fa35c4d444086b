"""Bring what the counters tell to faults: which are real, since when, and what speaks for which cause.

Simple so far: the evidence of a fault is that of its open episodes; what closed is forgotten.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from correlate.alarm_signals import kind_of_object
from correlate.alarm_trust import note_felt
from correlate.counter_rules import load_counter_rules
from correlate.counter_weights import lay_on
from correlate.diagnosis import fault_causes, user_hours
from correlate.episode_arrays import Episodes, episode_arrays, episode_key, episode_keys
from correlate.episode_joining import (
    LEAST_SHOWING,
    WIDE,
    fresh_episodes,
    join_known,
    open_new,
)
from correlate.episode_log import close_episodes, note_episode
from correlate.fading import Sky
from correlate.faults import FAMILY_OF_KIND, HOUR, LOSS, RADIO, Fault, Ints
from correlate.feed import CounterRows, Scored
from correlate.felt import unfelt_share
from correlate.harm import kind_odds
from correlate.kind_trust import KIND_NAMES, load_kind_trust
from correlate.knowledge import Knowledge
from correlate.outlasting import part_outlasting
from correlate.pooled import open_pools, weigh_pools
from correlate.reach import explaining_nodes, extent_of, sites_at
from correlate.service_seen import lost_cells, note_service
from correlate.small_arrays import distinct, is_among
from correlate.state import State
from kpi.episodes import observe, open_episodes

LOSSES = [i for i, name in enumerate(KIND_NAMES) if FAMILY_OF_KIND.get(name) == LOSS]
FOLLOWING = {KIND_NAMES.index(name) for name in ("data_degraded", "quality", "drops")}
"""What service suffers from errors and load: it tells nothing of where they come from."""
UNFELT, SHARED = load_kind_trust().unfelt, load_kind_trust().shared


def take_counters(state: State, knowledge: Knowledge, rows: CounterRows, *, now: int) -> None:
    """Judge the counters that arrived and bring the open episodes to the faults."""
    state.counters_since = state.counters_since or now
    instant = pd.Timestamp(now, unit="s", tz="UTC")
    state.watch = observe(
        state.watch,
        rows.cell,
        rows.start.astype("datetime64[s]"),
        rows.minutes,
        dict(rows.counters),
        instant,
    )
    scored = Scored(rows, open_episodes(state.watch, instant, keep_hours=0.0))
    take_scored(state, knowledge, scored, now=now)


def take_scored(state: State, knowledge: Knowledge, scored: Scored, *, now: int) -> None:
    """Bring the open episodes of counters to the faults, wherever they were scored."""
    rows, episodes = scored.rows, episode_arrays(scored.episodes)
    state.counters_since = state.counters_since or now
    lost = lost_cells(episodes.kind, episodes.cell, episodes.is_open)
    note_service(state.service, rows, lost)
    state.has_new_service = True
    open_pools(state, knowledge, now=now)
    part_outlasting(state, episodes)
    fresh = fresh_episodes(state, episodes)
    if len(fresh):
        left = join_known(state, knowledge, episodes, fresh)
        open_new(state, knowledge, episodes, left, now=now)
    _refresh(state, knowledge, episodes, rows, now=now)
    weigh_pools(state, knowledge, now=now)
    close_episodes(state.episode_log, state.faults.numbered, now=now)


def _refresh(
    state: State, knowledge: Knowledge, episodes: Episodes, rows: CounterRows, *, now: int
) -> None:
    """Bring every open fault up to date with the counters that arrived."""
    mine: dict[int, list[int]] = {}
    for i, key in enumerate(episode_keys(episodes)):
        number = state.faults.of_episode.get(key)
        if number is not None:
            mine.setdefault(number, []).append(i)
    sky = Sky(state.watch, knowledge, now)
    ends = np.full(len(knowledge.cell_ids), -1, np.int64)
    ends[rows.cell] = rows.start + rows.minutes * 60
    ends[episodes.cell[episodes.is_open & np.isin(episodes.kind, LOSSES)]] = -1
    for fault in state.faults.faults:
        if not fault.is_open and not (fault.is_touched and fault.number in mine):
            continue
        if fault.pools_open or fault.was_pooled:
            continue
        held = np.array(mine.get(fault.number, []), dtype=np.int64)
        held = held[is_among(episodes.cell[held], fault.cells)]
        speaking = held[episodes.is_open[held]]
        if fault.counters_open != (len(speaking) > 0):
            fault.touch()
        fault.counters_open = len(speaking) > 0
        if _has_shrunk(fault, episodes, speaking):
            if not _is_of_one_site(knowledge, fault):
                _let_go(state, fault, episodes, speaking)
                continue
            fault.keep_cells(np.unique(episodes.cell[speaking]))
        if len(speaking):
            _weigh(state, sky, fault, episodes, speaking)
            fault.last_sign_at = max(fault.last_sign_at, int(episodes.last[speaking].max()))
        else:
            _look_for_health(state, fault, ends)


def _has_shrunk(fault: Fault, episodes: Episodes, speaking: Ints) -> bool:
    """Tell whether what is left of a wide fault is so little that it is trouble of its own."""
    if not fault.is_open or fault.alarm_open or not len(speaking) or len(fault.cells) < WIDE:
        return False
    return len(np.unique(episodes.cell[speaking])) < LEAST_SHOWING * len(fault.cells)


def _is_of_one_site(knowledge: Knowledge, fault: Fault) -> bool:
    """Tell whether a fault that is no outage is of one site: an alarm widened it, and it goes on where it was."""
    return fault.family != LOSS and len(np.unique(knowledge.reach.site_of[fault.cells])) == 1


def _let_go(state: State, fault: Fault, episodes: Episodes, speaking: Ints) -> None:
    """End a wide fault whose few remaining episodes are trouble of their own."""
    for i in speaking.tolist():
        state.faults.of_episode.pop(episode_key(episodes, i), None)
        sign = int(episodes.cell[i]), int(episodes.kind[i])
        fault.episodes.pop(sign, None)
        state.faults.let_go[sign] = fault.number
    fault.counters_open = False
    fault.ended_at = fault.last_sign_at
    fault.touch()


def _weigh(state: State, sky: Sky, fault: Fault, episodes: Episodes, speaking: Ints) -> None:
    """Lay the evidence of the open episodes on their fault."""
    rules, knowledge, now = load_counter_rules(), sky.knowledge, sky.now
    core = core_cells(fault, episodes, speaking)
    leading = speaking[is_among(episodes.cell[speaking], core)]
    is_wide = len(sites_at(knowledge.reach, core)) > 1
    _lay_moves(knowledge, fault, episodes, speaking if is_wide or not len(leading) else leading)
    cells = distinct(episodes.cell[speaking])
    sure = np.clip(episodes.confidence[speaking], 0.02, 0.98)
    odds = np.log(sure / (1 - sure)) + kind_odds(state.harm)[episodes.kind[speaking]]
    odds = odds - unfelt_share(fault.z) * UNFELT[episodes.kind[speaking]]
    if now - state.counters_since < rules.learning_h * HOUR and fault.family != LOSS:
        odds = odds - rules.learning_odds
    fault.counters_exist = float(odds.max() + 0.5 * np.log(len(cells)))
    if _fades(sky, fault):
        fault.counters_exist -= rules.weather_odds
    fault.healthy = 0.0
    fault.silence = silence(state, knowledge, fault, now=now)
    if fault.alarm_ids and not fault.is_noted:
        note_felt(state, fault, felt=True)
    fault.confirmed = True
    began = int(np.median(episodes.onset[speaking]))
    if fault.counters_began is None or began < fault.counters_began:
        fault.counters_began = began
        fault.date()
    if not fault.alarm_ids or (fault.family == RADIO and fault.is_minor):
        place_object(knowledge, fault, core)
    told = _shown(episodes, speaking)
    note_episode(state.episode_log, knowledge, fault, told, now=now)


def _shown(episodes: Episodes, speaking: Ints) -> dict[str, float]:
    """Return the evidence gathered for each kind that shows."""
    strength = np.bincount(episodes.kind[speaking], weights=episodes.strength[speaking])
    return {KIND_NAMES[k]: float(strength[k]) for k in distinct(episodes.kind[speaking]).tolist()}


def silence(state: State, knowledge: Knowledge, fault: Fault, *, now: int) -> float:
    """Return the log odds by which customers who say nothing speak against trouble that counters alone tell.

    A gamma-Poisson: how much likelier no complaint is where nothing hurts than where the usual rate of the causes would
    have brought some since it was opened. One complaint ends it.
    """
    if fault.family == LOSS or fault.alarm_open:
        return 0.0
    rate = float(fault_causes(knowledge, fault) @ state.rates.per_user_hour())
    rules = load_counter_rules()
    reached = user_hours(knowledge, fault, now=now, since=fault.opened_at)
    expected = rules.silence_share * rate * reached
    against = rules.silence_shape * np.log1p(expected / rules.silence_shape)
    return float(min(against * max(0.0, 1.0 - fault.tickets), rules.silence_most))


def _fades(sky: Sky, fault: Fault) -> bool:
    """Tell whether a fault known by kinds that many places share alone is the weather's or the day's."""
    kinds = {k for _, k in fault.episodes} - FOLLOWING
    if fault.alarm_open or not kinds or not all(SHARED[k] for k in kinds):
        return False
    site = int(sky.knowledge.reach.site_of[fault.cells[0]])
    began = min(fault.episodes.values())
    return any(sky.is_shared(k, site=site, began=began) for k in kinds)


def core_cells(fault: Fault, episodes: Episodes, speaking: Ints) -> Ints:
    """Return the cells that show the leading kind of a fault, or showed it; of losses those down, of data and load all.

    Handovers fail at the neighbours of a cell with noise, too: they are hit, but what is broken is not there.
    """
    if fault.family not in (RADIO, LOSS):
        return fault.cells
    total = np.bincount(episodes.kind[speaking], weights=episodes.strength[speaking])
    kinds = LOSSES if fault.family == LOSS else {int(np.argmax(total))}
    held = np.array([c for c, k in fault.episodes if k in kinds], dtype=np.int64)
    core = distinct(held[is_among(held, fault.cells)])
    return core if len(core) else fault.cells


def _lay_moves(knowledge: Knowledge, fault: Fault, episodes: Episodes, leading: Ints) -> None:
    """Lay moves and kinds of the episodes that lead on their fault."""
    shown = set(zip(episodes.kind[leading].tolist(), episodes.cell[leading].tolist(), strict=True))
    size, cells = knowledge.signatures.kinds.shape[1], len({cell for _, cell in shown})
    kinds = np.bincount([kind for kind, _ in shown], minlength=size) / cells
    z, change = episodes.z[leading], episodes.change[leading]
    lay_on(knowledge, fault, z, change, kinds, cells=episodes.cell[leading])


def place_object(knowledge: Knowledge, fault: Fault, cells: Ints) -> None:
    """Name the object of a fault known by its cells: the node, site or cell that explains them.

    Parameters
    ----------
    cells : array of int
        Those of its cells that show what leads.
    """
    reach = knowledge.reach
    sites = sites_at(reach, cells)
    if len(sites) == 1:
        kind = extent_of(reach, cells)
        site = int(sites[0])
        fault.object_id = (
            str(knowledge.cell_ids[cells[0]])
            if kind == "cell" and len(cells) == 1
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
        meant = set(cells.tolist())
        held = [c for c, _ in fault.episodes if c in meant] or cells.tolist()
        site = int(np.bincount(reach.site_of[np.array(held)]).argmax())
        fault.object_id, fault.object_kind = str(knowledge.site_ids[site]), ""
    fault.extent = extent_of(reach, cells, object_kind=fault.object_kind)


def _look_for_health(state: State, fault: Fault, ends: Ints) -> None:
    """Count counters in order against a fault they should show, and learn how far its alarms can be trusted."""
    ended = ends[fault.cells]
    arrived = ended >= 0
    if arrived.mean() < 0.5:
        return
    full = ended[arrived] >= max(fault.started_at, fault.lost_at) + 30 * 60
    if full.mean() < 0.5:
        return
    fault.touch()
    fault.healthy = min(fault.healthy + 2.0, 8.0)
    if fault.alarm_ids and not fault.confirmed and not fault.is_noted:
        note_felt(state, fault, felt=False)
