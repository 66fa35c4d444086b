"""Make up a mobile network and a day of alarms on it, seeded, for measuring how alarms are grouped.

Sites hang on hubs, hubs on rings, rings on a core; controllers and feeders of mains stand beside. A day has cuts of
hubs and rings, lost mains with outages hours later, sites and cells that go out alone, cells that chatter, and much
that touches no service. Some clearings never come; some rows come twice or hours late.

Simple so far: the shares are judgement, not counted on a real network; more alarms mean more faults, so a million of
them is a bad day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sites.inventory import Network, build_network
from sites.topology import Topology, build_topology

START = pd.Timestamp("2026-03-02", tz="UTC")
DAY_S = 86_400
SITES_PER_HUB, HUBS_PER_RING, SITES_PER_CONTROLLER, SITES_PER_FEEDER = 12, 6, 200, 25
LAYERS = (("GSM", 900.0), ("LTE", 1800.0), ("LTE", 1800.0), ("LTE", 1800.0), ("NR", 2600.0))
SHARES = {
    "hubs": 0.02, "rings": 0.01, "mains": 0.03, "outages": 0.06, "cells": 0.08, "chatter": 0.40,
    "quiet": 0.40,
}  # fmt: skip
"""Of all alarms of a day: most come of few cells again and again, or touch no service."""
NO_CLEARING, LATE, TWICE = 0.03, 0.01, 0.01
QUIET = ("Fan Stalled", "Door Open", "Door Closed", "License Expired")


@dataclass(frozen=True)
class Country:
    """A network made up: its inventory, its trees, and the sites below each node that may break."""

    network: Network
    topology: Topology
    links: pd.DataFrame
    hub: np.ndarray[Any, Any]
    ring: np.ndarray[Any, Any]
    feeder: np.ndarray[Any, Any]
    site_of_cell: np.ndarray[Any, Any]


Rows = dict[str, np.ndarray[Any, Any]]


def country(sites: int, *, seed: int = 3) -> Country:
    """Return a network of some sites with five cells each.

    Parameters
    ----------
    sites : int
        20 or more.
    seed : int
        Of where the sites stand.
    """
    rng = np.random.default_rng(seed)
    number = np.arange(sites)
    ids = _named("S", number)
    size = np.sqrt(sites) * 0.03
    inventory = pd.DataFrame(
        {
            "site_id": ids,
            "site_name": ids,
            "lon": 100.0 + size * rng.random(sites),
            "lat": 25.0 + size * rng.random(sites),
        }
    )
    of_cell = np.repeat(number, len(LAYERS))
    layer = np.tile(np.arange(len(LAYERS)), sites)
    cells = pd.DataFrame(
        {
            "cell_id": np.char.add(np.char.add(ids[of_cell], "-"), layer.astype("U2")),
            "site_id": ids[of_cell],
            "cell_name": "cell",
            "rat": np.array([rat for rat, _ in LAYERS])[layer],
            "freq_mhz": np.array([freq for _, freq in LAYERS])[layer],
            "azimuth_deg": 120.0 * (layer % 3),
            "bcch_trx": np.where(layer == 0, 1.0, np.nan),
        }
    )
    network = build_network({"sites": inventory, "cells": cells})
    hub, ring = number // SITES_PER_HUB, number // (SITES_PER_HUB * HUBS_PER_RING)
    # Feeders run across the hubs, as streets do across cables.
    feeder = rng.permutation(sites) // SITES_PER_FEEDER
    links = _links(number, hub, ring, feeder)
    topology = build_topology(links, network)
    return Country(network, topology, links, hub, ring, feeder, of_cell)


def _links(number: Any, hub: Any, ring: Any, feeder: Any) -> pd.DataFrame:
    """Return what hangs on what."""
    ids = _named("S", number)
    hubs, first = np.unique(hub, return_index=True)
    rings = np.unique(ring)
    controller = _named("BSC", number // SITES_PER_CONTROLLER)
    parts = [
        (ids, _named("H", hub), "hub"),
        (_named("H", hubs), _named("R", ring[first]), "ring"),
        (_named("R", rings), _named("CORE", rings // 40), "core"),
        (ids, controller, "controller"),
        (ids, _named("F", feeder), "power"),
    ]
    tables = [
        pd.DataFrame({"node": node, "parent": parent}).assign(kind=kind)
        for node, parent, kind in parts
    ]
    return pd.concat(tables, ignore_index=True)


def day_of_alarms(place: Country, count: int, *, seed: int = 5) -> pd.DataFrame:
    """Return about `count` alarms of a day as the contract reads them, without their meanings.

    Parameters
    ----------
    place : Country
    count : int
    seed : int

    Returns
    -------
    DataFrame
        `alarm_id`, `object_id`, `name`, `code`, `severity`, `vendor`, `detail`, `raised_at`,
        `cleared_at`, `arrived_at`, `clear_arrived_at` (datetime64[us, UTC]); a few ids twice.
    """
    rng = np.random.default_rng(seed)
    makers: dict[str, Callable[[Country, int, np.random.Generator], Rows]] = {
        "hubs": _hub_cuts, "rings": _ring_cuts, "mains": _mains, "outages": _outages,
        "cells": _cells, "chatter": _chatter, "quiet": _quiet,
    }  # fmt: skip
    parts = [make(place, max(1, int(count * SHARES[kind])), rng) for kind, make in makers.items()]
    return _arrived(
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, rng
    )


def storm_of_alarms(
    place: Country, count: int, sites: int, *, at: pd.Timestamp, seed: int = 7
) -> pd.DataFrame:
    """Return alarms of the sites of some hubs within one minute, as `day_of_alarms` does.

    Parameters
    ----------
    place : Country
    count : int
        Alarms in all.
    sites : int
        Sites that raise them, of whole hubs as far as they go.
    at : Timestamp, UTC
        When the minute begins.
    seed : int
    """
    rng = np.random.default_rng(seed)
    hubs = rng.permutation(np.unique(place.hub))
    hit = np.flatnonzero(np.isin(place.hub, hubs[: -(-sites // SITES_PER_HUB)]))[:sites]
    second = int((at - START).total_seconds()) + rng.integers(0, 60, count)
    site = hit[np.arange(count) % len(hit)]
    layer = np.arange(count) // len(hit) % (len(LAYERS) + 1)
    is_site = layer == len(LAYERS)
    ids = _named("S", site)
    objects = np.where(is_site, ids, np.char.add(np.char.add(ids, "-"), layer.astype("U2")))
    name = np.where(is_site, "NE Is Disconnected", "Cell Unavailable")
    rows = _rows(objects, second, np.full(count, 3600.0), name)
    rows["detail"] = np.char.add("Slot No.=", (np.arange(count) // len(hit) // 6).astype("U4"))
    table = _arrived(rows, rng, is_clean=True)
    return table.assign(alarm_id=table["alarm_id"].str.replace("A", "Z", regex=False))


def _hub_cuts(place: Country, count: int, rng: np.random.Generator) -> Rows:
    """Return the alarms of hubs that are cut."""
    return _cuts(place.hub, "H", count, rng)


def _ring_cuts(place: Country, count: int, rng: np.random.Generator) -> Rows:
    """Return the alarms of rings that are cut."""
    return _cuts(place.ring, "R", count, rng)


def _cuts(group: Any, letter: str, count: int, rng: np.random.Generator) -> Rows:
    """Return the alarms of nodes that are cut: their own, then most sites below, within five minutes."""
    size = np.bincount(group)
    node = rng.integers(0, len(size), max(1, int(count / (1 + 0.9 * size.mean()))))
    start = rng.integers(0, DAY_S - 3600, len(node))
    length = rng.exponential(5400.0, len(node)) + 600.0
    below, number = _below(group, node)
    seen = rng.random(len(below)) < 0.9
    below, number = below[seen], number[seen]
    lag = rng.integers(20, 300, len(below))
    sites = _rows(_named("S", below), start[number] + lag, length[number], "NE Is Disconnected")
    own = _rows(_named(letter, node), start, length, "Ethernet Link Fault")
    return {name: np.concatenate([own[name], sites[name]]) for name in own}


def _mains(place: Country, count: int, rng: np.random.Generator) -> Rows:
    """Return the alarms of feeders that fail: mains lost, and outages of some sites hours later."""
    node = rng.integers(0, place.feeder.max() + 1, max(1, int(count / (1.3 * SITES_PER_FEEDER))))
    start = rng.integers(0, DAY_S - 14_400, len(node))
    length = rng.exponential(7200.0, len(node)) + 1800.0
    site, number = _below(place.feeder, node)
    lost = _rows(
        _named("S", site), start[number] + rng.integers(0, 120, len(site)), length[number],
        "Mains Input Out of Range",
    )  # fmt: skip
    until = rng.exponential(10_800.0, len(site)) + 3600.0
    out = until < length[number]
    rest = length[number] - until
    gone = _rows(
        _named("S", site[out]), start[number][out] + until[out].astype(np.int64), rest[out],
        "NE Is Disconnected",
    )  # fmt: skip
    return {name: np.concatenate([lost[name], gone[name]]) for name in lost}


def _outages(place: Country, count: int, rng: np.random.Generator) -> Rows:
    """Return the alarms of sites that go out alone, each with its cells."""
    each = 1 + len(LAYERS)
    site = rng.integers(0, len(place.hub), max(1, count // each))
    start = rng.integers(0, DAY_S, len(site))
    length = rng.exponential(7200.0, len(site)) + 300.0
    own = _rows(_named("S", site), start, length, "NE Is Disconnected")
    of_cell = np.repeat(np.arange(len(site)), len(LAYERS))
    layer = np.tile(np.arange(len(LAYERS)), len(site))
    lag = rng.integers(0, 60, len(of_cell))
    cells = _rows(
        _cell_names(site[of_cell], layer), start[of_cell] + lag, length[of_cell], "Cell Unavailable"
    )
    return {name: np.concatenate([own[name], cells[name]]) for name in own}


def _cells(place: Country, count: int, rng: np.random.Generator) -> Rows:
    """Return alarms of cells alone: out of service, standing waves, low power."""
    site = rng.integers(0, len(place.hub), count)
    names = np.array(["Cell Unavailable", "RF Unit VSWR Threshold Crossed", "PA disabled"])
    return _rows(
        _cell_names(site, rng.integers(0, len(LAYERS), count)), rng.integers(0, DAY_S, count),
        rng.exponential(5400.0, count) + 60.0, names[rng.integers(0, 3, count)],
    )  # fmt: skip


def _chatter(place: Country, count: int, rng: np.random.Generator) -> Rows:
    """Return alarms of few cells that come and go every few minutes."""
    loud = rng.integers(0, len(place.site_of_cell), max(1, count // 60))
    cell = loud[rng.integers(0, len(loud), count)]
    start = rng.integers(0, DAY_S, count)
    objects = _cell_names(place.site_of_cell[cell], cell % len(LAYERS))
    return _rows(
        objects, start, rng.exponential(90.0, count) + 10.0, "RF Unit VSWR Threshold Crossed"
    )


def _quiet(place: Country, count: int, rng: np.random.Generator) -> Rows:
    """Return alarms that touch no service."""
    site = rng.integers(0, len(place.hub), count)
    names = np.array(QUIET)[rng.integers(0, len(QUIET), count)]
    return _rows(
        _named("S", site), rng.integers(0, DAY_S, count), rng.exponential(3600.0, count), names
    )


def _rows(objects: Any, start: Any, length_s: Any, name: Any) -> Rows:
    """Return alarms as columns: object, start and length in seconds, name."""
    count = len(objects)
    return {
        "object_id": np.asarray(objects).astype("U24"),
        "start": np.asarray(start, dtype=np.int64),
        "end": np.asarray(start, dtype=np.int64) + np.maximum(1, length_s).astype(np.int64),
        "name": np.full(count, name) if isinstance(name, str) else np.asarray(name),
        "detail": np.full(count, "Slot No.=0", dtype="U24"),
    }


def _below(group: Any, nodes: Any) -> tuple[Any, Any]:
    """Return the sites of each node asked for, and which of the nodes asked for each is under."""
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(group.max() + 2))
    first, size = edges[nodes], edges[nodes + 1] - edges[nodes]
    number = np.repeat(np.arange(len(nodes)), size)
    within = np.arange(len(number)) - np.repeat(np.cumsum(size) - size, size)
    return order[np.repeat(first, size) + within], number


def _arrived(rows: Rows, rng: np.random.Generator, *, is_clean: bool = False) -> pd.DataFrame:
    """Return columns as a table of alarms as they arrive: some never cleared, some late, some twice."""
    count = len(rows["start"])
    lag = rng.integers(1, 30, count)
    late = rng.random(count) < (0.0 if is_clean else LATE)
    arrived = rows["start"] + lag + late * rng.integers(600, 10_800, count)
    ends = np.maximum(rows["end"] + lag, arrived * late)
    lost = rng.random(count) < (0.0 if is_clean else NO_CLEARING)
    table = pd.DataFrame(
        {
            "alarm_id": np.char.add("A", np.char.zfill(np.arange(count).astype("U9"), 9)),
            "object_id": rows["object_id"],
            "name": rows["name"],
            "code": "",
            "severity": np.array(["critical", "major", "minor"])[rng.integers(0, 3, count)],
            "vendor": "Huawei",
            "detail": rows["detail"],
            "raised_at": _instants(rows["start"]),
            "cleared_at": _instants(rows["end"]).where(~lost),
            "arrived_at": _instants(arrived),
            "clear_arrived_at": _instants(ends).where(~lost),
        }
    )
    twice = rng.random(count) < (0.0 if is_clean else TWICE)
    later = pd.to_timedelta(rng.integers(0, 3600, int(twice.sum())), unit="s").as_unit("us")
    again = table[twice].assign(arrived_at=table["arrived_at"][twice] + later)
    table = pd.concat([table, again], ignore_index=True)
    return table.sort_values(["arrived_at", "alarm_id"], kind="stable", ignore_index=True)


def _instants(seconds: Any) -> Any:
    """Return seconds since the start of the day as instants."""
    values = (START.as_unit("us").asm8.view("int64") + np.asarray(seconds) * 1_000_000).view(
        "M8[us]"
    )
    return pd.Series(pd.DatetimeIndex(values, tz="UTC"))


def _named(letter: str, number: Any) -> Any:
    """Return ids of a letter and a number."""
    return np.char.add(letter, np.asarray(number).astype("U7"))


def _cell_names(site: Any, layer: Any) -> Any:
    """Return the ids of cells of sites."""
    return np.char.add(np.char.add(_named("S", site), "-"), np.asarray(layer).astype("U2"))
