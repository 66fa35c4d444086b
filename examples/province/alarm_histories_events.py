"""Let the alarms of a made-up history happen: by themselves, after their causes, in storms.

Simple so far: a cause brings an effect once or not at all on each device it reaches.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from examples.province.alarm_histories_graph import Graph

if TYPE_CHECKING:
    from examples.province.alarm_histories import HistorySettings

DAY_S = 86_400.0
GENERATIONS = 8
MEAN_RETURNS = 3.0
STORM_ALARMS = 40
STORM_S = 300.0
HIDDEN_TYPES = 4


@dataclass(frozen=True)
class Events:
    """Alarms as arrays of one length: type, device, begin and end in seconds."""

    kind: Any
    device: Any
    at_s: Any
    end_s: Any

    def chosen(self, where: Any) -> "Events":
        """Return the events at a mask or positions."""
        return Events(self.kind[where], self.device[where], self.at_s[where], self.end_s[where])


def cascades(
    settings: "HistorySettings", graph: Graph, lines: Any, rng: np.random.Generator
) -> Events:
    """Return all alarms of a history as they were reported."""
    can_raise = _presence(settings, rng)
    typical_s = settings.duration_s * rng.lognormal(0.0, settings.duration_spread, settings.types)
    wanted = settings.alarms / (_family_size(graph) * (1.0 + settings.flapping * MEAN_RETURNS))
    first = _first_events(settings, can_raise, max(round(wanted), 1), rng)
    first = _with_ends(first, typical_s, rng)
    generations = [first]
    for _ in range(GENERATIONS):
        effects = _effects(settings, graph, lines, generations[-1], rng)
        effects = effects.chosen(can_raise[effects.device, effects.kind])
        if not len(effects.at_s):
            break
        generations.append(_with_ends(effects, typical_s, rng, settings.clears_with_cause))
    events = _joined(generations)
    return _reported(settings, _without_repeats(_flapping(settings, events, rng)), rng)


def _presence(settings: "HistorySettings", rng: np.random.Generator) -> Any:
    """Return which device can raise which type, each type by one device at least."""
    share = np.clip(settings.presence * rng.lognormal(0.0, 0.5, settings.types), 0.03, 1.0)
    can_raise = rng.random((settings.devices, settings.types)) < share
    can_raise[rng.integers(0, settings.devices, settings.types), np.arange(settings.types)] = True
    return can_raise


def _family_size(graph: Graph) -> float:
    """Return how many alarms one that begins by itself brings on average, itself counted."""
    identity = np.eye(len(graph.chance))
    total = identity
    for _ in range(GENERATIONS):
        total = identity + total @ graph.chance
    return float(total.sum(1).mean())


def _first_events(
    settings: "HistorySettings", can_raise: Any, wanted: int, rng: np.random.Generator
) -> Events:
    """Return alarms that begin by themselves, in storms, or by a cause nobody sees."""
    kinds = rng.lognormal(0.0, settings.rate_spread, settings.types)
    devices = rng.lognormal(0.0, settings.device_spread, settings.devices)
    chance = (can_raise * kinds * devices[:, None]).ravel()
    in_storms = round(settings.storms * wanted)
    unseen = round(settings.hidden * wanted)
    alone = max(wanted - in_storms - unseen, 1)
    chosen = rng.choice(chance.size, alone, p=chance / chance.sum())
    device, kind = chosen // settings.types, chosen % settings.types
    at_s = _moments(settings, device, rng)
    parts = [Events(kind, device, at_s, at_s)]
    parts.append(_storm_events(settings, can_raise, in_storms, rng))
    parts.append(_hidden_events(settings, unseen, rng))
    events = _joined(parts)
    return events.chosen(can_raise[events.device, events.kind])


def _moments(settings: "HistorySettings", device: Any, rng: np.random.Generator) -> Any:
    """Return moments at which devices have trouble: some days more, some hours more."""
    trouble = rng.lognormal(0.0, settings.bad_days, (settings.devices, settings.days)).cumsum(1)
    drawn = rng.random(len(device)) * trouble[device, -1]
    day = (trouble[device] < drawn[:, None]).sum(1)
    hour = rng.random(len(device)) * 24.0
    keep = 1.0 + settings.season * np.sin(2 * np.pi * (hour - 8.0) / 24.0)
    is_moved = rng.random(len(device)) * (1.0 + settings.season) > keep
    hour = np.where(is_moved, rng.normal(14.0, 3.0, len(device)) % 24.0, hour)
    return day * DAY_S + hour * 3600.0


def _storm_events(
    settings: "HistorySettings", can_raise: Any, wanted: int, rng: np.random.Generator
) -> Events:
    """Return bursts in which many devices raise a few types, in no order."""
    storm = np.arange(wanted) // STORM_ALARMS
    storms = int(storm[-1]) + 1 if wanted else 0
    kinds = rng.integers(0, settings.types, (max(storms, 1), HIDDEN_TYPES))
    begun = rng.random(max(storms, 1)) * settings.days * DAY_S
    kind = kinds[storm, rng.integers(0, HIDDEN_TYPES, wanted)]
    at_s = begun[storm] + rng.exponential(STORM_S, wanted)
    return Events(kind, rng.integers(0, len(can_raise), wanted), at_s, at_s)


def _hidden_events(settings: "HistorySettings", wanted: int, rng: np.random.Generator) -> Events:
    """Return alarms that follow something unseen, each type of a set after its own lag."""
    sets = 3
    kinds = rng.integers(0, settings.types, (sets, HIDDEN_TYPES))
    lags = settings.lag_s * rng.lognormal(0.0, 1.0, (sets, HIDDEN_TYPES))
    cases = wanted // HIDDEN_TYPES
    case_set = np.repeat(rng.integers(0, sets, cases), HIDDEN_TYPES)
    member = np.tile(np.arange(HIDDEN_TYPES), cases)
    device = rng.integers(0, settings.devices, cases)
    begun = np.repeat(_moments(settings, device, rng), HIDDEN_TYPES)
    at_s = begun + lags[case_set, member] * rng.lognormal(0.0, settings.lag_jitter, len(member))
    is_shown = rng.random(len(member)) < settings.strength
    events = Events(kinds[case_set, member], np.repeat(device, HIDDEN_TYPES), at_s, at_s)
    return events.chosen(is_shown)


def _effects(
    settings: "HistorySettings", graph: Graph, lines: Any, causes: Events, rng: np.random.Generator
) -> Events:
    """Return what some alarms bring directly; an end is that of the cause."""
    parts = []
    neighbours = np.vstack([lines, lines[:, ::-1]])
    neighbours = neighbours[np.argsort(neighbours[:, 0], kind="stable")]
    first = np.searchsorted(neighbours[:, 0], np.arange(settings.devices + 1))
    for cause, effect in zip(*np.nonzero(graph.chance), strict=True):
        at = np.flatnonzero(causes.kind == cause)
        at = at[rng.random(len(at)) < graph.chance[cause, effect]]
        lag = graph.lag_s[cause, effect] * rng.lognormal(0.0, settings.lag_jitter, len(at))
        here = causes.device[at]
        degree = first[here + 1] - first[here]
        is_away = (rng.random(len(at)) < graph.away[cause, effect]) & (degree > 0)
        step = np.floor(rng.random(len(at)) * np.maximum(degree, 1)).astype(int)
        if len(neighbours):
            there = neighbours[np.minimum(first[here] + step, len(neighbours) - 1), 1]
            here = np.where(is_away, there, here)
        parts.append(
            Events(np.full(len(at), effect), here, causes.at_s[at] + lag, causes.end_s[at])
        )
    return _joined(parts)


def _with_ends(
    events: Events, typical_s: Any, rng: np.random.Generator, with_cause: float = 0.0
) -> Events:
    """Return events with ends: after a duration of their type, or shortly after their cause's."""
    lasting = typical_s[events.kind] * rng.lognormal(0.0, 1.0, len(events.at_s))
    own = events.at_s + lasting
    follows = (rng.random(len(own)) < with_cause) & (events.end_s > events.at_s)
    after = events.end_s + rng.exponential(20.0, len(own))
    return replace(events, end_s=np.where(follows, after, own))


def _flapping(settings: "HistorySettings", events: Events, rng: np.random.Generator) -> Events:
    """Return events with the returns of those types that flap."""
    flaps = rng.random(settings.types) < settings.flapping
    returns = np.where(flaps[events.kind], rng.poisson(MEAN_RETURNS, len(events.at_s)), 0)
    at = np.repeat(np.arange(len(events.at_s)), returns)
    number = np.arange(len(at)) - np.repeat(np.cumsum(returns) - returns, returns) + 1
    short = np.minimum(events.end_s - events.at_s, 30.0)
    gap = 60.0 * number * rng.lognormal(0.0, 0.5, len(at))
    begun = events.at_s[at] + short[at] + gap
    again = Events(events.kind[at], events.device[at], begun, begun + short[at])
    first = replace(events, end_s=np.where(returns > 0, events.at_s + short, events.end_s))
    return _joined([first, again])


def _without_repeats(events: Events) -> Events:
    """Return events without those of a type that a device had raised and not yet cleared."""
    order = np.lexsort((events.at_s, events.kind, events.device))
    events = events.chosen(order)
    key = events.device * (int(events.kind.max(initial=0)) + 1) + events.kind
    horizon = max(float(events.end_s.max(initial=0.0)), 1.0) + 1.0
    latest = np.maximum.accumulate(events.end_s + key * horizon)
    is_new = np.ones(len(key), dtype=bool)
    is_new[1:] = events.at_s[1:] + key[1:] * horizon >= latest[:-1]
    return events.chosen(is_new)


def _reported(settings: "HistorySettings", events: Events, rng: np.random.Generator) -> Events:
    """Return events as the network reports them: late, coarse, some not at all."""
    late = settings.report_s * rng.lognormal(0.0, 1.0, settings.types)
    clock = rng.normal(0.0, settings.clock_s, settings.devices)
    shift = clock[events.device] + late[events.kind] * rng.random(len(events.at_s))
    begun = np.maximum(events.at_s + shift, 0.0)
    ended = np.maximum(events.end_s + shift, begun)
    tick = settings.tick_s
    told = replace(events, at_s=np.floor(begun / tick) * tick, end_s=np.ceil(ended / tick) * tick)
    is_told = rng.random(len(begun)) >= settings.missing
    return told.chosen(is_told & (told.at_s < settings.days * DAY_S))


def _joined(parts: list[Events]) -> Events:
    """Return events one after the other."""
    return Events(
        np.concatenate([part.kind for part in parts]).astype(int),
        np.concatenate([part.device for part in parts]).astype(int),
        np.concatenate([part.at_s for part in parts]),
        np.concatenate([part.end_s for part in parts]),
    )
