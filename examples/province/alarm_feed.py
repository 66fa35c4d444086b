"""Raise the alarms: of what is broken, and of much that harms nobody.

Simple so far: makers differ in names, codes and in what they don't raise, not in delays; an alarm
of a fault is raised once or, where it chatters, evenly while it hurts.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from examples.province.faults import Fault, activity, effect_of, read_causes
from examples.province.settings import instants, stream
from examples.province.world import World

Array = Any
NAMES = Path(__file__).with_name("alarm_names.csv")
EMISSIONS = Path(__file__).with_name("alarms.toml")
NEVER_CLEARED = 0.02
LOCAL_NAMES = ("Huawei", "ZTE")
"""Makers that name alarms in the operator's language; the others always in English."""


def alarm_table(world: World, faults: list[Fault]) -> tuple[pd.DataFrame, set[int]]:
    """Return table `alarms` of the contract, in order of raising, and which faults raised any.

    Returns
    -------
    DataFrame
    set of int
        `serial` of the faults.
    """
    emissions = tomllib.loads(EMISSIONS.read_text(encoding="utf-8"))
    causes = read_causes()
    raised = [
        row
        for fault in faults
        if fault.is_visible
        for row in _of_fault(world, fault, emissions[fault.cause], effect_of(causes, fault))
    ]
    raised += _harmless(world, emissions["harmless"])
    table = pd.concat([part for part in raised if len(part)], ignore_index=True)
    table = table[(table["raised"] < world.settings.hours) & (table["raised"] > -48)]
    table = table.sort_values(["raised", "object_id", "kind"], ignore_index=True)
    return _as_exported(world, table), _heard(world, table)


def _heard(world: World, table: pd.DataFrame) -> set[int]:
    """Return the faults of which an alarm has a name with its maker."""
    vendor = world.network.sites["vendor"].to_numpy()[table["site"]]
    names = _names(world)
    known = pd.MultiIndex.from_arrays([names["kind"], names["vendor"]])
    is_named = pd.MultiIndex.from_arrays([table["kind"], vendor]).isin(known)
    return {int(serial) for serial in table["fault"][is_named] if serial >= 0}


def _of_fault(
    world: World, fault: Fault, emissions: list[Mapping[str, Any]], cause: Mapping[str, Any]
) -> list[pd.DataFrame]:
    """Return what one fault raises; the first alarm comes through even where others are missed."""
    rng = stream(world.settings, "alarms", fault.serial)
    parts: list[pd.DataFrame] = []
    for emission in emissions:
        objects, sites = _objects(world, fault, emission["on"])
        is_heard = rng.random(len(objects)) >= emission["miss"]
        if emission is emissions[-1] and not any(len(part) for part in parts) and len(is_heard):
            is_heard[0] = True
        times = _times(fault, emission, cause.get("active", "all"), int(is_heard.sum()), rng=rng)
        of, raised, cleared = times
        parts.append(
            pd.DataFrame(
                {
                    "object_id": np.asarray(objects, dtype=object)[is_heard][of],
                    "site": np.asarray(sites)[is_heard][of],
                    "kind": emission["kind"],
                    "fault": fault.serial,
                    "raised": raised,
                    "cleared": cleared,
                }
            )
        )
    return parts


def _objects(world: World, fault: Fault, on: str) -> tuple[Array, Array]:
    """Return the objects that raise an alarm, and the site of each."""
    cells, sites = world.network.cells.iloc[fault.cells], world.network.sites
    if on == "itself":
        return [fault.object_id], [fault.site]
    if on == "feeder_sites":
        at = _fed_alike(world, fault)
        return sites["site_id"].to_numpy()[at], at
    if on in ("sites", "gsm_sites"):
        chosen = cells if on == "sites" else cells[cells["rat"] == "GSM"]
        at = np.unique(chosen["site"])
        return sites["site_id"].to_numpy()[at], at
    if on != "cells":
        cells = cells[cells["rat"] == "GSM"]
    names = cells["cell_id"]
    if on == "main_carriers":
        names = names + "/TRX-" + cells["bcch_trx"]
    return names.to_numpy(), cells["site"].to_numpy()


def _fed_alike(world: World, fault: Fault) -> Array:
    """Return the sites on the feeder of a fault, also those whose batteries last."""
    feeders = world.wiring.below["feeder"]
    if fault.object_id in feeders:
        return feeders[fault.object_id]
    code = str(world.network.sites["site_id"].iloc[fault.site])[:2]
    own = (sites for name, sites in feeders.items() if name.startswith(code))
    return next(sites for sites in own if fault.site in sites)


def _times(
    fault: Fault, emission: Mapping[str, Any], profile: str, count: int, *, rng: Any
) -> tuple[Array, Array, Array]:
    """Return, for some objects, which of them raises when, and clears when."""
    first = fault.start + rng.uniform(*emission["delay"], count) / 60
    if "per_day" not in emission:
        return np.arange(count), first, np.maximum(fault.end, first) + rng.exponential(0.06, count)
    hours = np.arange(np.floor(fault.start), np.ceil(fault.end))
    hurt = activity(profile, hours, fault.serial)
    hurt = hurt if hurt.sum() else np.ones(len(hours))
    many = 1 + rng.poisson(emission["per_day"] * len(hours) / 24, count)
    of = np.repeat(np.arange(count), many)
    raised = rng.choice(hours, len(of), p=hurt / hurt.sum()) + rng.random(len(of))
    raised = np.clip(raised, first[of], np.maximum(fault.end, first[of]))
    return of, raised, raised + rng.lognormal(np.log(0.4), 0.9, len(of))


def _harmless(world: World, kinds: Mapping[str, Mapping[str, Any]]) -> list[pd.DataFrame]:
    """Return alarms that nobody feels."""
    cells = world.network.cells
    gsm = cells[cells["rat"] == "GSM"]
    carrier = gsm["bcch_trx"].astype(int) % 4 + 1
    where = {
        "sites": (world.network.sites["site_id"].to_numpy(), np.arange(len(world.network.sites))),
        "cells": (cells["cell_id"].to_numpy(), cells["site"].to_numpy()),
        "carriers": ((gsm["cell_id"] + "/TRX-" + carrier.astype(str)).to_numpy(),
                     gsm["site"].to_numpy()),
    }  # fmt: skip
    parts = []
    for kind, row in kinds.items():
        rng = stream(world.settings, f"harmless {kind}")
        names, sites = where[row["on"]]
        count = rng.poisson(row["rate"] * len(names) * world.settings.days)
        of = rng.integers(len(names), size=count)
        many = np.where(rng.random(count) < row["flurry"], rng.integers(3, 14, count), 1)
        start = np.repeat(rng.uniform(-6, world.settings.hours, count), many)
        start = start + np.where(np.repeat(many, many) > 1, rng.gamma(1.5, 0.5, many.sum()), 0)
        length = rng.lognormal(np.log(row["minutes"] / 60), 0.9, many.sum())
        length = np.where(np.repeat(many, many) > 1, np.minimum(length, 0.1), length)
        of = np.repeat(of, many)
        parts.append(
            pd.DataFrame(
                {"object_id": names[of], "site": sites[of], "kind": kind, "fault": -1, "raised": start,
                 "cleared": start + length}
            )
        )  # fmt: skip
    return parts


def _as_exported(world: World, table: pd.DataFrame) -> pd.DataFrame:
    """Return alarms with the names of their makers; those without a name were never raised."""
    rng = stream(world.settings, "alarm export")
    vendor = world.network.sites["vendor"].to_numpy()[table["site"]]
    keyed = table.assign(vendor=vendor)
    full = keyed.merge(_names(world), on=["kind", "vendor"], how="inner", sort=False)
    is_open = (full["cleared"] > world.settings.hours) | (rng.random(len(full)) < NEVER_CLEARED)
    cleared = instants(world.settings, full["cleared"]).mask(is_open)
    serial = pd.Series(np.arange(1, len(full) + 1), index=full.index).astype(str)
    return pd.DataFrame(
        {
            "alarm_id": "AL" + serial.str.zfill(8),
            "object_id": full["object_id"],
            "raised_at": instants(world.settings, full["raised"]),
            "cleared_at": cleared,
            "name": full["name"],
            "code": full["code"],
            "severity": full["severity"],
            "vendor": full["vendor"],
            "detail": full["detail"],
        }
    )


def _names(world: World) -> pd.DataFrame:
    """Return the names of alarms by kind and maker, in the language each maker uses."""
    names = pd.read_csv(NAMES, dtype=str, keep_default_na=False)
    local = names["name_zh"] if world.settings.language == "zh" else names["name_en"]
    names["name"] = names["name_en"].where(~names["vendor"].isin(LOCAL_NAMES), local)
    return names
