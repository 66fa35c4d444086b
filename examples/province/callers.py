"""Let people call: who, where, about what, and when.

Those a fault hurts call at a rate of its cause, at the hours people call, tiring as it lasts; some
wait until the morning. A slow background of other grievances never stops.

Simple so far: nobody calls because others did, and no notice keeps anybody from calling.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from examples.province.faults import Fault, activity, effect_of, growth, read_causes
from examples.province.impact import NONE, Impact, impact_of
from examples.province.settings import stream
from examples.province.world import World, at_work

Array = Any
BACKGROUND = Path(__file__).with_name("background.toml")
CALLING = np.array([0.03, 0.02, 0.01, 0.01, 0.02, 0.05, 0.15, 0.45, 0.85, 1.1, 1.2, 1.1,
                    0.8, 0.75, 0.95, 1.0, 1.0, 0.95, 0.95, 1.1, 1.15, 0.95, 0.5, 0.15])  # fmt: skip
"""How ready people are to call, by hour of day, against the mean of the day's hours."""
EAGERNESS = 1.5
"""How much readier those near a local fault are to call than the rates of the causes say."""
DATA_SYMPTOMS = ("NODATA", "SLOW", "CARD", "NR5G", "MMS")


def all_calls(world: World, faults: list[Fault]) -> pd.DataFrame:
    """Return every call within the days of the province, by time.

    Returns
    -------
    DataFrame
        `fault` (position, -1 for background), `cause`, `symptom`, `spot`, `group`, `cell` (serves
        them when all is well, -1 for none), `next_cell` (serves them now), `felt` and `called`
        (hours since the first instant).
    """
    causes = read_causes()
    parts = [
        _fault_calls(world, number, fault, effect_of(causes, fault))
        for number, fault in enumerate(faults)
    ]
    parts.append(_background_calls(world))
    calls = pd.concat([part for part in parts if len(part)], ignore_index=True)
    calls = calls[(calls["called"] >= 0) & (calls["called"] < world.settings.hours)]
    return calls.sort_values(["called", "spot", "symptom"], ignore_index=True)


def read_background() -> dict[str, dict[str, Any]]:
    """Return the grievances that no fault brings, by code of their cause."""
    table = tomllib.loads(BACKGROUND.read_text(encoding="utf-8"))
    return {code: row for code, row in table.items() if isinstance(row, dict)}


def drawn(mix: Mapping[str, float], count: int, rng: np.random.Generator) -> Array:
    """Return words drawn from weights."""
    weight = np.array(list(mix.values()), dtype=float)
    return rng.choice(np.array(list(mix), dtype=object), count, p=weight / weight.sum())


def _fault_calls(world: World, number: int, fault: Fault, cause: Mapping[str, Any]) -> pd.DataFrame:
    """Return the calls that one fault brings."""
    rng = stream(world.settings, "calls", fault.serial)
    hurt = impact_of(world, fault, cause)
    hours, length = _hours(fault)
    ready = CALLING[(hours % 24).astype(int)] * activity(
        cause.get("active", "all"), hours, fault.serial
    )
    ready = ready * growth(fault, cause, hours + length / 2)
    tired = np.exp(-(hours - fault.start) / cause["tires"])
    work = at_work(world.settings, hours)
    home_users, work_users = ((hurt.harm * w).sum() for w in (hurt.people, hurt.workers))
    eagerness = EAGERNESS if cause["per"] == "cells" else 1.0
    rate = eagerness * cause["complaints"] * 1e-4 * ready * tired * length
    calls = [
        _at_spots(hurt, rng.poisson(rate * (1 - work) * home_users), hurt.people, hours, rng),
        _at_spots(hurt, rng.poisson(rate * work * work_users), hurt.workers, hours, rng),
    ]
    entry = np.concatenate([c[0] for c in calls])
    felt = np.maximum(np.concatenate([c[1] for c in calls]), fault.start)
    is_lost = (hurt.next_cell[entry] == NONE) | (not cause.get("loses", False))
    lost = drawn(cause["lost"], len(entry), rng)
    eased = drawn(cause.get("eased", cause["lost"]), len(entry), rng)
    return pd.DataFrame(
        {
            "fault": number,
            "cause": fault.cause,
            "symptom": np.where(is_lost, lost, eased),
            "spot": hurt.spot[entry],
            "group": hurt.group[entry],
            "cell": hurt.cell[entry],
            "next_cell": hurt.next_cell[entry],
            "felt": felt,
            "called": _when_called(felt, rng),
        }
    )


def _hours(fault: Fault) -> tuple[Array, Array]:
    """Return the clock hours of a fault's life and how much of each it lasts."""
    first, last = int(np.floor(fault.start)), int(np.ceil(fault.end))
    hours = np.arange(first, max(last, first + 1)).astype(float)
    length = np.minimum(hours + 1, fault.end) - np.maximum(hours, fault.start)
    return np.maximum(hours, fault.start), length.clip(0)


def _at_spots(
    hurt: Impact, counts: Array, users: Array, hours: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return the entries of those who will call, and the hour each felt it."""
    weight = hurt.harm * users
    if not counts.sum() or not weight.sum():
        return np.empty(0, dtype=int), np.empty(0)
    entry = rng.choice(len(weight), int(counts.sum()), p=weight / weight.sum())
    return entry, np.repeat(hours, counts) + rng.random(int(counts.sum()))


def _when_called(felt: Array, rng: np.random.Generator) -> Array:
    """Return when people call: most within the hour, some next morning, some a day later."""
    called = felt + np.exp(rng.normal(np.log(0.4), 1.0, len(felt)))
    called = called + np.where(rng.random(len(felt)) < 0.08, rng.uniform(10, 30, len(felt)), 0)
    clock = called % 24
    is_night = ((clock >= 22.5) | (clock < 7)) & (rng.random(len(felt)) < 0.8)
    morning = np.floor(called / 24) * 24 + np.where(clock >= 22.5, 24, 0)
    return np.where(is_night, morning + 7.3 + rng.gamma(2.0, 0.9, len(felt)), called)


def _background_calls(world: World) -> pd.DataFrame:
    """Return the calls that no fault brings; each grievance at least once."""
    rng = stream(world.settings, "background")
    people = world.air.spots["people"].to_numpy()
    parts = []
    for cause, row in read_background().items():
        weight = _sufferers(world, cause)
        count = max(1, rng.poisson(row["rate"] * people.sum() / 1e4 * world.settings.days))
        spot = rng.choice(len(people), count, p=weight / weight.sum())
        day = rng.integers(world.settings.days, size=count)
        hour = rng.choice(24, count, p=CALLING / CALLING.sum()) + rng.random(count)
        symptom = drawn(row["symptoms"], count, rng)
        group = _group_of(world, spot, symptom, rng)
        cell = world.air.heard[spot, group, 0]
        called = 24.0 * day + hour
        felt = called - rng.gamma(1.2, 14.0, count)
        parts.append(
            pd.DataFrame(
                {"fault": -1, "cause": cause, "symptom": symptom, "spot": spot, "group": group,
                 "cell": cell, "next_cell": cell, "felt": felt, "called": called}
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _sufferers(world: World, cause: str) -> Array:
    """Return how many people at each spot have reason for a grievance."""
    spots, margin = world.air.spots, world.air.margin[:, :, 0]
    people = spots["people"].to_numpy()
    if cause in ("weak_coverage", "indoor_coverage"):
        best = np.maximum(margin[:, 1], margin[:, 0] - 6)
        poor = 1 / (1 + np.exp((best + 1) / 2.5)) + 2e-4
        inside = spots["is_inside"].to_numpy()
        return people * poor * np.where(inside == (cause == "indoor_coverage"), 1.0, 0.03)
    if cause == "border_roaming":
        away = np.hypot(spots["x"].to_numpy(), spots["y"].to_numpy())
        return people * (away > 0.85 * np.quantile(away, 0.995))
    return people


def _group_of(world: World, spot: Array, symptom: Array, rng: np.random.Generator) -> Array:
    """Return the group of technologies that each caller used."""
    is_data = np.isin(symptom, DATA_SYMPTOMS)[:, None]
    share = np.where(is_data, world.air.share[spot], world.air.voice[spot])
    steps = np.cumsum(share, axis=1)
    draw = rng.random(len(spot)) * np.maximum(steps[:, -1], 1e-9)
    return (draw[:, None] > steps[:, :2]).sum(axis=1)
