"""Lay the faults of a day over the cells: what each does to each cell in each period.

Simple so far: faults on one cell add up or multiply without knowing of each other; only users who
lose their cell burden others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from examples.province.faults import (
    Fault,
    activity,
    effect_of,
    growth,
    read_causes,
    strengths,
)
from examples.province.impact import impact_of
from examples.province.settings import stream
from examples.province.world import World

Array = Any
FACTORS = ("availability", "carried", "data_carried", "throughput", "capacity")
FAILURES = ("setup_fail", "data_fail", "drop", "handover_fail")
ADDED = ("noise_db", "cqi_loss", "extra_home", "extra_work")
DEMANDS = ("voice_demand", "data_demand")
PEAKS = ("vswr", "ber")
ONES = (*FACTORS, *DEMANDS)
Strain = dict[str, Array]


@dataclass(frozen=True)
class Load:
    """A fault as the counters feel it.

    Attributes
    ----------
    fault : Fault
    profile : str
        When it hurts (`faults.activity`).
    strength : mapping of str to float
    grows : mapping of str to float
        `grows`, the share of its life in which it grows to that strength; empty: it is there at once.
    others : array of int
        Cells that take over, sorted.
    home, work : array of float
        Users each takes over by night and by day.
    is_missing : array of bool
        Which of its cells send no counters while they are off.
    is_noisy : array of bool
        Which of its cells hear its noise, if it makes any.
    """

    fault: Fault
    profile: str
    strength: Mapping[str, float]
    grows: Mapping[str, float]
    others: Array
    home: Array
    work: Array
    is_missing: Array
    is_noisy: Array


def loads_of(world: World, faults: list[Fault]) -> list[Load]:
    """Return the faults as the counters feel them."""
    causes = read_causes()
    return [_load(world, fault, effect_of(causes, fault)) for fault in faults]


def strain_of(loads: list[Load], cells: range, hours: Array, length: float) -> Strain:
    """Return what all faults do to some cells in some periods.

    Parameters
    ----------
    loads : list of Load
    cells : range
        Positions of the cells.
    hours : array of float
        Begin of the periods, hours since the first instant.
    length : float
        Hours of a period.

    Returns
    -------
    dict of str to array of float32, cells x periods
        The names of `FACTORS` and so on, and `missing` (0 or 1).
    """
    names = (*FACTORS, *FAILURES, *ADDED, *DEMANDS, *PEAKS, "missing")
    shape = (len(cells), len(hours))
    strain = {n: np.full(shape, float(n in ONES), dtype=np.float32) for n in names}
    strain["ber"] -= 99.0
    last = float(hours[-1]) + length
    for load in loads:
        if load.fault.start < last and load.fault.end > hours[0]:
            _lay(strain, load, cells, hours, length)
    return strain


def overlap(fault: Fault, profile: str, hours: Array, length: float) -> Array:
    """Return the share of each period in which a fault hurts, 0 to 1."""
    common = np.minimum(hours + length, fault.end) - np.maximum(hours, fault.start)
    return common.clip(0, length) / length * activity(profile, hours, fault.serial)


def _load(world: World, fault: Fault, cause: Mapping[str, Any]) -> Load:
    """Return one fault as the counters feel it."""
    strength = strengths(fault, cause)
    rng = stream(world.settings, "missing", fault.serial)
    missing = rng.random(len(fault.cells)) < strength.get("missing", 0.0)
    others: Array = np.empty(0, dtype=int)
    home: Array = np.empty(0)
    work: Array = np.empty(0)
    if cause.get("loses", False):
        hurt = impact_of(world, fault, {**cause, "service": "all"})
        moved = (hurt.next_cell >= 0) & (hurt.next_cell != hurt.cell)
        others, entry = np.unique(hurt.next_cell[moved], return_inverse=True)
        home = np.bincount(entry, weights=hurt.people[moved], minlength=len(others))
        work = np.bincount(entry, weights=hurt.workers[moved], minlength=len(others))
    profile = cause.get("active", "all")
    is_crowd = any(name in DEMANDS for name in strength)
    profile = "all" if is_crowd else profile
    grows = {name: cause[name] for name in ("grows",) if name in cause}
    code = world.network.layers["code"].to_numpy()[world.network.cells["layer"].iloc[fault.cells]]
    noisy = (
        np.isin(code, list(cause["noise_on"]))
        if "noise_on" in cause
        else np.full(len(code), fill_value=True)
    )
    return Load(fault, profile, strength, grows, others, home, work, missing, noisy)


def _lay(strain: Strain, load: Load, cells: range, hours: Array, length: float) -> None:
    """Add one fault to the strain."""
    weight = overlap(load.fault, load.profile, hours, length)
    weight = (weight * growth(load.fault, load.grows, hours + length / 2)).astype(np.float32)
    first, last = np.searchsorted(load.fault.cells, [cells.start, cells.stop])
    row = load.fault.cells[first:last] - cells.start
    hit = load.fault.degree[first:last, None].astype(np.float32) * weight
    noisy = load.is_noisy[first:last, None]
    for name, value in load.strength.items():
        if name != "missing" and len(row):
            _apply(strain[name], name, value, row, hit * noisy if name == "noise_db" else hit)
    is_off = load.is_missing[first:last]
    if is_off.any():
        strain["missing"][row[is_off]] = np.maximum(strain["missing"][row[is_off]], weight > 0.95)
    gone = weight * (
        1 - min(load.strength.get("availability", 1.0), load.strength.get("carried", 1.0))
    )
    first, last = np.searchsorted(load.others, [cells.start, cells.stop])
    row = load.others[first:last] - cells.start
    strain["extra_home"][row] += load.home[first:last, None].astype(np.float32) * gone
    strain["extra_work"][row] += load.work[first:last, None].astype(np.float32) * gone


def _apply(target: Array, name: str, value: float, row: Array, hit: Array) -> None:
    """Move one quantity of some cells."""
    if name in FAILURES:
        target[row] = 1 - (1 - target[row]) * (1 - value * hit)
    elif name in ADDED:
        target[row] += value * hit
    elif name in PEAKS:
        target[row] = np.maximum(target[row], np.where(hit > 0, value, -99.0))
    else:
        target[row] *= 1 + (value - 1) * hit
