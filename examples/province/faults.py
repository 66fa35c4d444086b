"""Break things: draw the faults of a province, each with its cells, its time and its strength.

Simple so far: faults don't cause each other; a cause strikes by chance and by storm, and no site
is older or worse kept than others.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from examples.province.picking import Ground, Reach, ground_of
from examples.province.reach import PLACINGS
from examples.province.settings import Settings, stream
from examples.province.world import World

Array = Any
CAUSES = Path(__file__).with_name("causes.toml")
FULL_CELLS, FULL_DAYS = 300, 14
"""From this size on every cause strikes at least once."""
TRIES = 6
STORM_SHARE = 0.5
HOUR_RANGES = {
    "works": (8.5, 18.0),
    "noon": (11.0, 16.0),
    "office": (9.0, 17.5),
    "night": (0.1, 1.6),
    "evening": (18.3, 19.6),
    "weather": (0.0, 24.0),
    "any": (0.0, 24.0),
}


@dataclass(frozen=True)
class Fault:
    """Something broken.

    Attributes
    ----------
    fault_id, cause, object_id : str
    cells, degree, site
        As in `Reach`.
    start, end : float
        Hours since the first instant. A fault that lasts beyond the last day ends with it.
    is_visible : bool
        Whether it raises an alarm.
    serial : int
        For randomness of its own.
    form : str
        Which of its cause's forms it takes (`causes.toml`), "" for the plain one.
    """

    fault_id: str
    cause: str
    object_id: str
    cells: Array
    degree: Array
    site: int
    start: float
    end: float
    is_visible: bool
    serial: int
    form: str = ""


def read_causes() -> dict[str, dict[str, Any]]:
    """Return what each cause does, by its code."""
    table = tomllib.loads(CAUSES.read_text(encoding="utf-8"))
    return {code: row for code, row in table.items() if isinstance(row, dict)}


def effect_of(causes: Mapping[str, Mapping[str, Any]], fault: Fault) -> dict[str, Any]:
    """Return what a fault does: the row of its cause, changed as its form says."""
    row = causes[fault.cause]
    return {**row, **row.get("form", {}).get(fault.form, {})}


def draw_faults(world: World) -> list[Fault]:
    """Return the faults of a province, in order of their beginning."""
    causes = read_causes()
    rng = stream(world.settings, "faults")
    ground = ground_of(world)
    storms = _storms(world, rng)
    struck: dict[int, list[tuple[float, float]]] = {}
    faults = []
    for serial, code in enumerate(_causes_to_strike(world, causes, rng)):
        fault = _struck(ground, (code, causes[code]), storms, struck, rng=rng)
        if fault is not None:
            reach, start, end = fault
            is_visible = bool(rng.random() < causes[code]["visible"])
            faults.append(
                Fault("", code, reach.object_id, reach.cells, reach.degree, reach.site,
                      start, end, is_visible, serial)
            )  # fmt: skip
    faults = _with_forms(world, faults, causes)
    faults.sort(key=lambda fault: (fault.start, fault.serial))
    return [
        Fault(**{**vars(fault), "fault_id": f"F{number:05d}"})
        for number, fault in enumerate(faults, start=1)
    ]


def _with_forms(
    world: World, faults: list[Fault], causes: Mapping[str, Mapping[str, Any]]
) -> list[Fault]:
    """Return the faults with their forms, those of a cause in turn, beginning anywhere; some lose their alarms."""
    turn: dict[str, int] = {}
    formed = []
    is_heard = stream(world.settings, "silent").random(len(faults)) >= world.settings.silent
    for fault, heard in zip(faults, is_heard, strict=True):
        forms = causes[fault.cause].get("forms", [""])
        first = int(stream(world.settings, f"forms {fault.cause}").integers(len(forms)))
        number = turn.setdefault(fault.cause, first)
        turn[fault.cause] = number + 1
        form = forms[number % len(forms)]
        may = effect_of(causes, replace(fault, form=form))["visible"] > 0
        formed.append(
            replace(fault, form=form, is_visible=bool(may and heard and fault.is_visible))
        )
    return formed


def growth(fault: Fault, cause: Mapping[str, Any], hours: Array) -> Array:
    """Return how much of its strength a fault has reached at some hours: all, unless it grows."""
    if "grows" not in cause:
        return np.ones_like(np.asarray(hours, dtype=float))
    ramp = cause["grows"] * (fault.end - fault.start)
    return ((np.asarray(hours, dtype=float) - fault.start) / ramp).clip(0, 1)


def activity(profile: str, hours: Array, serial: int) -> Array:
    """Return how much a fault hurts at some hours since the first instant, 0 to 1.

    Examples
    --------
    >>> activity("night", np.array([2.0, 12.0]), 0)
    array([1., 0.])
    """
    clock = np.asarray(hours, dtype=float) % 24
    if profile == "night":
        return (clock < 6.0).astype(float)
    if profile == "office":
        return np.where((clock >= 8) & (clock < 18.5), 1.0, 0.15)
    if profile == "load":
        return np.clip(0.15 + 0.85 * np.sin(np.pi * (clock - 5) / 18).clip(0), 0, 1)
    if profile == "busy":
        return np.select([(clock >= 17) & (clock < 23), (clock >= 9) & (clock < 13)], [1, 0.7], 0.3)
    if profile == "bursts":
        beat = (np.floor(hours).astype(int) * 7 + serial * 13) % 10
        return np.where((clock >= 10) & (clock < 21), beat < 6, beat < 1).astype(float)
    return np.ones_like(clock)


def strengths(fault: Fault, cause: Mapping[str, Any]) -> dict[str, float]:
    """Return how strongly a fault moves each counter, drawn from the ranges of its cause."""
    rng = np.random.default_rng([fault.serial, int(abs(fault.start) * 3600)])
    return {name: float(rng.uniform(*ends)) for name, ends in cause["counters"].items()}


def _causes_to_strike(
    world: World, causes: Mapping[str, Any], rng: np.random.Generator
) -> Iterator[str]:
    """Yield the cause of each fault to come, in random order."""
    settings = world.settings
    size = {
        "cells": len(world.network.cells) / 1000,
        "controllers": len(world.wiring.below["controller"]),
        "cores": len(world.wiring.below["core"]),
    }
    mean = {c: row["rate"] * size[row["per"]] * settings.days / 14 for c, row in causes.items()}
    codes = [code for code in causes for _ in range(rng.poisson(mean[code]))]
    missing = [str(code) for code in rng.permutation([c for c in causes if c not in codes])]
    if settings.cells < FULL_CELLS or settings.days < FULL_DAYS:
        room = round(settings.cells * settings.days / 14 / 7)
        missing = missing[: max(0, room - len(codes))]
    yield from rng.permutation([*codes, *missing])


def _storms(world: World, rng: np.random.Generator) -> list[tuple[int, float]]:
    """Return storms as county and hour."""
    days = world.settings.days
    counties = len(world.land.counties)
    count = max(1, round(days / 7 * max(1, counties / 12)))
    return [
        (int(rng.integers(counties)), 24 * rng.integers(days) + rng.uniform(13, 22))
        for _ in range(count)
    ]


def _struck(
    ground: Ground,
    cause: tuple[str, Mapping[str, Any]],
    storms: list[tuple[int, float]],
    struck: dict[int, list[tuple[float, float]]],
    *,
    rng: np.random.Generator,
) -> tuple[Reach, float, float] | None:
    """Return where and when one fault strikes; not where another just did, if it can be helped."""
    settings, row = ground.world.settings, cause[1]
    last = None
    for _ in range(TRIES):
        county, start = _moment(settings, row, storms, rng)
        length = max(0.4, row["hours"][0] * float(np.exp(rng.normal(0, row["hours"][1]))))
        reach = PLACINGS[row["reach"]](ground, rng, county)
        if reach is None or not len(reach.cells):
            continue
        last = (reach, start, min(start + length, settings.hours))
        others = struck.setdefault(reach.site, [])
        if all(last[2] + 4 < begin or start - 4 > end for begin, end in others):
            break
    if last is not None:
        struck.setdefault(last[0].site, []).append(last[1:])
    return last


def _moment(
    settings: Settings, row: Mapping[str, Any], storms: list[tuple[int, float]], rng: Any
) -> tuple[int | None, float]:
    """Return the county (None for any) and the beginning of a fault."""
    if row["starts"] == "weather" and rng.random() < STORM_SHARE:
        county, hour = storms[int(rng.integers(len(storms)))]
        return county, min(hour + float(rng.gamma(2.0, 0.8)), settings.hours - 0.5)
    day = float(rng.integers(settings.days))
    start = 24 * day + float(rng.uniform(*HOUR_RANGES[row["starts"]]))
    # Some of what lasts for days was there before the first day.
    if row["hours"][0] > 48 and rng.random() < 0.1:
        start = -float(rng.uniform(1, 40))
    return None, start
