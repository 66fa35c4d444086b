"""Put land, network, air and wiring together, with the look-ups that faults and callers need.

Simple so far: everything but the counters is held in memory.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from examples.province.geography import Land, lay_out
from examples.province.network import Network, build_network
from examples.province.radio import GROUPS, Air, handover_pairs, listen, users_of_cells
from examples.province.settings import Settings
from examples.province.wiring import Wiring, wire

Array = Any
AT_WORK = np.array(
    [
        0,
        0,
        0,
        0,
        0,
        0,
        0.05,
        0.25,
        0.6,
        0.75,
        0.8,
        0.75,
        0.6,
        0.65,
        0.75,
        0.75,
        0.7,
        0.55,
        0.3,
        0.18,
        0.12,
        0.08,
        0.03,
        0,
    ]
)
"""Share of the people who are where they work, by hour of day; at weekends half of it."""


@dataclass(frozen=True)
class World:
    """A healthy province.

    Attributes
    ----------
    settings, land, network, air, wiring
        What it is made of.
    pairs : DataFrame
        `cell`, `neighbour`: positions, sorted by `cell`.
    home, work, home_voice, work_voice : array of float
        Users of each cell by night and by day, and those who telephone over it.
    site_start : array of int
        Position of the first cell of each site, and one past the last.
    spot_order, spot_start : list of array, one a group
        Spots ordered by their best cell, and where the spots of each cell begin.
    """

    settings: Settings
    land: Land
    network: Network
    air: Air
    wiring: Wiring
    pairs: pd.DataFrame
    home: Array
    work: Array
    home_voice: Array
    work_voice: Array
    site_start: Array
    spot_order: list[Array]
    spot_start: list[Array]

    def cells_of(self, sites: Array) -> Array:
        """Return the cells of sites, sorted."""
        sites = np.atleast_1d(np.asarray(sites, dtype=np.int64))
        return ranges(self.site_start[sites], self.site_start[sites + 1])

    def spots_of(self, cells: Array, group: int) -> Array:
        """Return the spots whose best cell of a group is one of some cells."""
        start = self.spot_start[group]
        return self.spot_order[group][ranges(start[cells], start[cells + 1])]

    def neighbours_of(self, cell: int) -> Array:
        """Return the cells that phones hear beside a cell."""
        first, last = np.searchsorted(self.pairs["cell"].to_numpy(), [cell, cell + 1])
        return self.pairs["neighbour"].to_numpy()[first:last]


def ranges(start: Array, stop: Array) -> Array:
    """Return the numbers of several ranges, one after the other.

    Examples
    --------
    >>> ranges(np.array([0, 7]), np.array([2, 9]))
    array([0, 1, 7, 8])
    """
    length = stop - start
    shift = np.repeat(start - np.concatenate([[0], np.cumsum(length)[:-1]]), length)
    return shift + np.arange(length.sum())


def build_world(settings: Settings) -> World:
    """Return the healthy province of some settings."""
    land = lay_out(settings)
    network = build_network(settings, land)
    air = listen(settings, land, network)
    count = len(network.cells)
    users = {
        f"{when}{way}": users_of_cells(air, count, weight=weight, way=way.strip("_") or "share")
        for when, weight in (("home", "people"), ("work", "workers"))
        for way in ("", "_voice")
    }
    order = [np.argsort(air.heard[:, g, 0], kind="stable") for g in range(GROUPS)]
    start = [
        np.searchsorted(air.heard[order[g], g, 0], np.arange(count + 1)) for g in range(GROUPS)
    ]
    return World(
        settings=settings,
        land=land,
        network=network,
        air=air,
        wiring=wire(settings, land, network),
        pairs=handover_pairs(air),
        site_start=np.searchsorted(network.cells["site"], np.arange(len(network.sites) + 1)),
        spot_order=order,
        spot_start=start,
        **users,
    )


def at_work(settings: Settings, hours: Array) -> Array:
    """Return the share of people at work at some hours since the first instant."""
    hours = np.asarray(hours, dtype=float)
    day = (settings.begin.day_of_week + (hours // 24).astype(int)) % 7
    share = AT_WORK[(hours % 24).astype(int)]
    return np.where(day >= 5, share * 0.5, share)
