"""Hang sites on rings, chains, hubs, controllers and power feeders, and tell what hangs below.

Simple so far: each site hangs in one way; a ring is closed at one hub only; power has one level.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from examples.province.geography import Land
from examples.province.network import Network
from examples.province.settings import Settings, stream

SITES_PER_HUB = 16
SITES_PER_RING = 5
SITES_PER_FEEDER = 3.2
SITES_PER_CORE = 9_000
CELLS_PER_CONTROLLER = 900
Array = Any


@dataclass(frozen=True)
class Wiring:
    """What hangs on what.

    Attributes
    ----------
    links : DataFrame
        `node`, `parent`, `kind`, as in the contract.
    below : dict of str to dict of str to array of int
        By kind of node (hub, ring, chain, feeder, controller, core) the sites below each, as
        positions. A chain is named after its first site.
    """

    links: pd.DataFrame
    below: dict[str, dict[str, Array]]


def wire(settings: Settings, land: Land, network: Network) -> Wiring:
    """Return the trees of transmission, control and power of a province."""
    rng = stream(settings, "wiring")
    links: list[tuple[str, str, str]] = []
    below: dict[str, dict[str, list[int]]] = {
        kind: {} for kind in ("hub", "ring", "chain", "feeder", "controller", "core")
    }
    cores = -(-len(network.sites) // SITES_PER_CORE)
    for number in range(len(land.counties)):
        sites = np.flatnonzero(network.sites["county"].to_numpy() == number)
        core = f"CORE{1 + number * cores // len(land.counties)}"
        if len(sites):
            code = land.counties["code"].iloc[number]
            links += _transport(network, sites, (code, core), below, rng)
            links += _power(network, sites, code, below, rng)
            links += _control(network, sites, (code, core), below)
            below["core"].setdefault(core, []).extend(sites)
    table = pd.DataFrame(links, columns=["node", "parent", "kind"]).drop_duplicates()
    arrays = {k: {n: np.unique(s) for n, s in nodes.items()} for k, nodes in below.items()}
    return Wiring(table.sort_values(["kind", "node", "parent"], ignore_index=True), arrays)


def clusters(points: Array, size: float) -> Iterator[Array]:
    """Yield neighbouring points, as positions, in groups of about a size.

    The points are halved along their longer side until a part is small enough.

    Examples
    --------
    >>> [len(part) for part in clusters(np.arange(8.0).reshape(4, 2), 2)]
    [2, 2]
    """
    waiting = [np.arange(len(points))]
    while waiting:
        part = waiting.pop()
        if len(part) <= size * 1.4 or len(part) < 2:
            yield part
            continue
        side = int(np.argmax(np.ptp(points[part], axis=0)))
        order = part[np.argsort(points[part, side], kind="stable")]
        waiting += [order[: len(order) // 2], order[len(order) // 2 :]]


def _transport(
    network: Network, sites: Array, names: tuple[str, str], below: Any, rng: Any
) -> list[tuple[str, str, str]]:
    """Return the links from sites over rings and chains to hubs, and from hubs to the core."""
    code, core = names
    points = network.sites[["x", "y"]].to_numpy()[sites]
    backbone = f"{code}-BB1"
    links = [(backbone, core, "core")]
    for number, part in enumerate(clusters(points, SITES_PER_HUB), start=1):
        hub = f"{code}-AGG{number}"
        links.append((hub, backbone, "ring"))
        below["hub"][hub] = list(sites[part])
        for turn, few in enumerate(clusters(points[part], SITES_PER_RING), start=1):
            group = sites[part[few]]
            links += _branch(network, group, (hub, f"{hub}-R{turn}"), below, rng)
    return links


def _branch(
    network: Network, group: Array, names: tuple[str, str], below: Any, rng: Any
) -> list[tuple[str, str, str]]:
    """Return the links of a few sites to their hub: as a ring, as a chain or each by itself."""
    hub, ring = names
    label = network.sites["site_id"].to_numpy()
    form = rng.random()
    if form < 0.36 and len(group) > 2:
        below["ring"][ring] = list(group)
        return [(label[s], ring, "ring") for s in group] + [(ring, hub, "hub")]
    if form < 0.72 and len(group) > 1:
        points = network.sites[["x", "y"]].to_numpy()[group]
        order = group[np.argsort(np.hypot(*(points - points[0]).T), kind="stable")]
        for place, site in enumerate(order):
            below["chain"][label[site]] = list(order[place:])
        above = [hub, *label[order[:-1]]]
        return [(label[s], a, "hub") for s, a in zip(order, above, strict=True)]
    return [(label[s], hub, "hub") for s in group]


def _power(
    network: Network, sites: Array, code: str, below: Any, rng: Any
) -> list[tuple[str, str, str]]:
    """Return the links from sites to power feeders; of one site in eight the feeder is unknown."""
    points = network.sites[["x", "y"]].to_numpy()[sites]
    label = network.sites["site_id"].to_numpy()
    links = []
    for number, part in enumerate(clusters(points, SITES_PER_FEEDER), start=1):
        feeder = f"{code}-10KV{number:03d}"
        known = sites[part][rng.random(len(part)) > 0.12]
        below["feeder"][feeder] = list(sites[part])
        links += [(label[s], feeder, "power") for s in known]
    return links


def _control(
    network: Network, sites: Array, names: tuple[str, str], below: Any
) -> list[tuple[str, str, str]]:
    """Return the links from sites with GSM or UMTS to controllers, and from those to the core."""
    code, core = names
    label = network.sites["site_id"].to_numpy()
    links = []
    for rat, kind in (("GSM", "BSC"), ("UMTS", "RNC")):
        is_rat = network.cells["rat"].to_numpy() == rat
        having = np.intersect1d(sites, network.cells["site"].to_numpy()[is_rat])
        points = network.sites[["x", "y"]].to_numpy()[having]
        for number, part in enumerate(clusters(points, CELLS_PER_CONTROLLER / 3), start=1):
            if len(part):
                node = f"{kind}{number}-{code}"
                below["controller"][node] = list(having[part])
                links += [(label[s], node, "controller") for s in having[part]]
                links.append((node, core, "core"))
    return links
