"""Fill the registers: where numbers were last seen, and the state of their accounts.

Simple so far: only numbers that call are kept in the registers.
"""

from typing import Any

import numpy as np
import pandas as pd

from examples.province.faults import Fault
from examples.province.settings import instants, stream
from examples.province.world import World

Array = Any
UNREACHABLE = 0.02
AWAY = 0.16
STALE = 0.07
AFTER = 0.12
MOST_SIGHTINGS = 4
STATES = {"account_barred": ("suspended", "data_off"), "sms_blacklisted": ("sms_barred",)}


def location_table(world: World, calls: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    """Return table `locations` of the contract: sightings around each call, by time."""
    rng = stream(world.settings, "locations")
    chance = rng.random(int(calls["caller"].max()) + 1)
    is_seen = np.take(chance, calls["caller"].to_numpy()) >= UNREACHABLE
    many = np.where(is_seen, rng.integers(1, MOST_SIGHTINGS + 1, len(calls)), 0)
    of = np.repeat(np.arange(len(calls)), many)
    rows = calls.iloc[of].reset_index(drop=True)
    seen = _moments(rows, rng)
    is_away = np.repeat(rng.random(len(calls)) < AWAY, many) & (rows["called"] - seen < 8)
    cell = _cells(world, rows, seen, faults, rng=rng)
    cell = np.where(is_away, _elsewhere(world, rows, rng), cell)
    group = world.network.cells["group"].to_numpy()[cell]
    draw = rng.random(len(rows))
    source = np.where(group == 0, np.where(draw < 0.9, "hlr", "xdr"),
                      np.where(draw < 0.78, "mme", "xdr"))  # fmt: skip
    table = pd.DataFrame(
        {
            "msisdn": rows["msisdn"],
            "seen_at": instants(world.settings, seen),
            "cell_id": np.append(world.network.cells["cell_id"].to_numpy(), "")[cell],
            "source": source,
        }
    )
    is_known = np.greater_equal(cell, 0) & (seen < world.settings.hours)
    known = table[is_known]
    known = known.drop_duplicates(["msisdn", "seen_at"])
    return known.sort_values(["seen_at", "msisdn"], ignore_index=True)


def account_table(world: World, calls: pd.DataFrame) -> pd.DataFrame:
    """Return table `accounts` of the contract, by number."""
    rng = stream(world.settings, "accounts")
    first = calls.drop_duplicates("caller").reset_index(drop=True)
    opened = -24.0 * rng.uniform(20, 1500, len(first))
    active = pd.DataFrame({"msisdn": first["msisdn"], "since": opened, "state": "active"})
    active = active[rng.random(len(active)) < 0.85]
    barred = first[first["cause"].isin(STATES) & (rng.random(len(first)) < 0.92)]
    state = [str(rng.choice(STATES[cause])) for cause in barred["cause"]]
    since = barred["felt"] - rng.exponential(3.0, len(barred))
    parts = [active, pd.DataFrame({"msisdn": barred["msisdn"], "since": since, "state": state})]
    # An old bar long lifted, and one nobody called about: both are there in any register.
    other = first[~first["cause"].isin(STATES) & (rng.random(len(first)) < 0.015)]
    old = pd.DataFrame({"msisdn": other["msisdn"], "since": -24.0 * rng.uniform(2, 15, len(other)),
                        "state": "data_off"})  # fmt: skip
    parts.append(old)
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    table["since"] = instants(world.settings, table["since"])
    table["since"] = table["since"].mask((table["state"] == "active")
                                         & (rng.random(len(table)) < 0.1))  # fmt: skip
    table = table.drop_duplicates(["msisdn", "since"])
    return table.sort_values(["msisdn", "since", "state"], ignore_index=True)


def _moments(rows: pd.DataFrame, rng: np.random.Generator) -> Array:
    """Return when numbers were seen: mostly within the hours before the call."""
    before = rng.exponential(1.3, len(rows))
    draw = rng.random(len(rows))
    before = np.where(draw < STALE, rng.uniform(22, 90, len(rows)), before)
    before = np.where(draw > 1 - AFTER, -rng.exponential(0.8, len(rows)), before)
    return rows["called"].to_numpy() - before


def _cells(
    world: World, rows: pd.DataFrame, seen: Array, faults: list[Fault], *, rng: np.random.Generator
) -> Array:
    """Return the cells that numbers were seen on at home: the server of that moment, or a near one.

    Where a fault took the server away it is the cell that took over; where nothing was left the
    register still holds the cell of before, if anything.
    """
    start, end = (
        np.array([getattr(fault, name) for fault in faults] + [np.inf])[rows["fault"]]
        for name in ("start", "end")
    )
    is_hurt = (seen > start) & (seen < end)
    served = np.where(is_hurt, rows["next_cell"], rows["cell"])
    heard = world.air.heard[rows["spot"].to_numpy()]
    group = np.where(rng.random(len(rows)) < 0.75, rows["group"], rng.integers(0, 3, len(rows)))
    column = rng.choice(3, len(rows), p=[0.76, 0.17, 0.07])
    other = heard[np.arange(len(rows)), group, column]
    is_moved = is_hurt & (rows["next_cell"] != rows["cell"]).to_numpy()
    usual = np.where(other >= 0, other, served)
    return np.where(is_moved, served, usual)


def _elsewhere(world: World, rows: pd.DataFrame, rng: np.random.Generator) -> Array:
    """Return cells that serve other spots of the same county."""
    county = world.land.places["county"].to_numpy()[world.air.spots["place"].to_numpy()]
    order = np.argsort(county, kind="stable")
    start = np.searchsorted(county[order], np.arange(len(world.land.counties) + 1))
    own = county[rows["spot"].to_numpy()]
    pick = start[own] + (rng.random(len(rows)) * (start[own + 1] - start[own])).astype(int)
    heard = world.air.heard[order[pick], :, 0]
    return np.where(heard[:, 1] >= 0, heard[:, 1], heard[:, 0])
