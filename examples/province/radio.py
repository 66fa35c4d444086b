"""Say which cells a phone hears at each spot, and so how many users each cell has.

Free space up to a breakpoint, a steeper slope beyond it, a loss for what is built around, and
shadows: of the spot, and of each path from a site to it.

Simple so far: no terrain; of a spot's three best cells per group of technologies only; a
neighbour relation is a pair of cells heard at one spot.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from examples.province.geography import Land
from examples.province.network import Network
from examples.province.settings import Settings, stream

SPOTS = {"seat": 24, "town": 14, "village": 7, "quarter": 7}
"""Spots of a place by what it is; others have two."""
INSIDE = {
    "hospital": 0.85,
    "market": 0.8,
    "station": 0.6,
    "school": 0.7,
    "stadium": 0.4,
    "factory": 0.6,
    "quarter": 0.65,
    "seat": 0.55,
}
CLUTTER_DB = {"seat": 18, "town": 14, "village": 8, "poi": 17}
SLOPE = {"seat": 38.0, "town": 36.0, "village": 33.0, "poi": 38.0}
BREAK_KM = 0.12
WALL_DB = {"seat": 13, "town": 10, "village": 7, "poi": 13}
FADE_DB = 3.0
NEAREST = 12
BLOCK = 8_000
KEPT = 3
GROUPS = 3
SILENT = -200.0
Array = Any


@dataclass(frozen=True)
class Air:
    """What is heard where, the network being healthy.

    Attributes
    ----------
    spots : DataFrame
        `place` (position), `x`, `y`, `people`, `workers`, `is_inside`.
    heard : array of int, spots x 3 groups x 3
        Positions of the best cells, best first; -1 for none.
    level : array of float32, the same shape
        Level of the reference signal, dBm.
    margin : array of float32, the same shape
        How far above the floor of service, dB.
    share : array of float, spots x 3 groups
        Share of the phones that camp on the group's best cell; may sum to less than 1.
    voice : array of float, spots x 3 groups
        Share of the phones that telephone over it.
    """

    spots: pd.DataFrame
    heard: Array
    level: Array
    margin: Array
    share: Array
    voice: Array


def listen(settings: Settings, land: Land, network: Network) -> Air:
    """Return what phones hear all over the province."""
    spots = _spots(settings, land)
    rng = stream(settings, "shadows")
    tree = cKDTree(network.sites[["x", "y"]].to_numpy())
    table = _cells_of_sites(network)
    kinds = land.places["kind"].to_numpy()[spots["place"]]
    parts = [
        _heard(network, table, tree, spots[k : k + BLOCK], kinds[k : k + BLOCK], rng)
        for k in range(0, len(spots), BLOCK)
    ]
    heard, level, margin = (np.concatenate([part[n] for part in parts]) for n in range(3))
    share, voice = _shares(margin[:, :, 0], kinds)
    return Air(spots, heard, level, margin, share, voice)


def users_of_cells(air: Air, count: int, *, weight: str, way: str = "share") -> Array:
    """Return the users of each cell, by where people are at home (`people`) or work (`workers`)."""
    users = air.spots[weight].to_numpy()[:, None] * getattr(air, way)
    best = air.heard[:, :, 0]
    return np.bincount(best[best >= 0], weights=users[best >= 0], minlength=count)


def handover_pairs(air: Air) -> pd.DataFrame:
    """Return pairs of cells of one group heard at one spot, both ways, without repeats."""
    pairs = []
    for group in range(GROUPS):
        heard = air.heard[:, group]
        for one, other in ((0, 1), (0, 2), (1, 2)):
            pairs.append(heard[:, [one, other]])
    pairs.append(air.heard[:, [1, 0], 0])
    pairs.append(air.heard[:, [2, 1], 0])
    found = np.concatenate(pairs)
    found = found[(found >= 0).all(axis=1)]
    both = np.unique(np.concatenate([found, found[:, ::-1]]), axis=0)
    return pd.DataFrame(both, columns=["cell", "neighbour"])


def _spots(settings: Settings, land: Land) -> pd.DataFrame:
    """Return the spots at which people stand, several a place."""
    rng = stream(settings, "spots")
    places = land.places
    count = places["what"].map(SPOTS).fillna(2).astype(int).to_numpy()
    place = np.repeat(np.arange(len(places)), count)
    spread = places["spread"].to_numpy()[place]
    part = rng.gamma(6.0, 1.0, len(place))
    part /= np.bincount(place, weights=part)[place]
    inside = places["what"].map(INSIDE).fillna(0.45).to_numpy()[place]
    return pd.DataFrame(
        {
            "place": place,
            "x": places["x"].to_numpy()[place] + rng.normal(0, 1, len(place)) * spread,
            "y": places["y"].to_numpy()[place] + rng.normal(0, 1, len(place)) * spread,
            "people": places["people"].to_numpy()[place] * part,
            "workers": places["workers"].to_numpy()[place] * part,
            "is_inside": rng.random(len(place)) < inside,
        }
    )


def _cells_of_sites(network: Network) -> Array:
    """Return the cells of each site as one row, filled up with -1."""
    site = network.cells["site"].to_numpy()
    first = np.searchsorted(site, np.arange(len(network.sites)))
    number = np.arange(len(site)) - first[site]
    table = np.full((len(network.sites), int(number.max()) + 1), -1)
    table[site, number] = np.arange(len(site))
    return table


def _heard(
    network: Network, table: Array, tree: Any, spots: Any, kinds: Array, rng: Any
) -> tuple[Array, Array, Array]:
    """Return the best cells of each group at some spots, their levels and margins."""
    near = min(NEAREST, len(network.sites))
    away, site = tree.query(spots[["x", "y"]].to_numpy(), k=near)
    away, site = away.reshape(len(spots), near), site.reshape(len(spots), near)
    shadow = rng.normal(0, 5.5, len(spots))[:, None] + rng.normal(0, 6.0, (len(spots), near))
    cells = table[site]
    shape = cells.shape
    level = _levels(network, cells, spots, away, kinds) - shadow[:, :, None]
    level = level + rng.normal(0, FADE_DB, level.shape)
    level[cells < 0] = SILENT
    layers = network.layers
    layer = network.cells["layer"].to_numpy()[cells]
    group = network.cells["group"].to_numpy()[cells]
    flat = shape[1] * shape[2]
    found = []
    for number in range(GROUPS):
        fit = np.where(group == number, level + layers["preference_db"].to_numpy()[layer], SILENT)
        order = np.argsort(-fit.reshape(len(spots), flat), axis=1, kind="stable")[:, :KEPT]
        of = [
            np.take_along_axis(a.reshape(len(spots), flat), order, 1)
            for a in (cells, level, layers["floor_dbm"].to_numpy()[layer], fit)
        ]
        is_none = (of[3] <= SILENT + 50) | (of[1] < of[2] - 12)
        found.append(
            (
                np.where(is_none, -1, of[0]),
                np.where(is_none, SILENT, of[1]),
                np.where(is_none, -99.0, of[1] - of[2]),
            )
        )
    heard, strength, margin = (np.stack([f[n] for f in found], axis=1) for n in range(3))
    return heard.astype(np.int32), strength.astype(np.float32), margin.astype(np.float32)


def _levels(network: Network, cells: Array, spots: Any, away: Array, kinds: Array) -> Array:
    """Return the level of each cell at each spot without shadows, dBm."""
    inventory = network.cells
    layer = inventory["layer"].to_numpy()[cells]
    is_indoor = inventory["indoor"].to_numpy()[cells] == 1
    mhz = network.layers["freq_mhz"].to_numpy()[layer]
    kilometres = np.maximum(away, 20.0)[:, :, None] / 1000
    slope, clutter, wall = (
        np.array([table[k] for k in kinds], dtype=float)[:, None, None]
        for table in (SLOPE, CLUTTER_DB, WALL_DB)
    )
    free = 32.45 + 20 * np.log10(mhz) + 20 * np.log10(np.minimum(kilometres, BREAK_KM))
    beyond = slope * np.log10(np.maximum(kilometres / BREAK_KM, 1.0))
    loss = free + beyond + clutter - 12 * np.log10(inventory["height"].to_numpy()[cells] / 30)
    inside = spots["is_inside"].to_numpy()[:, None, None]
    loss = loss + np.where(inside & ~is_indoor, wall * (0.8 + mhz / 6000), 0)
    # Inside its own building an indoor system has no walls to cross; outside it is weak.
    own = 40 + 30 * np.log10(np.maximum(kilometres * 1000, 20) / 20) + np.where(inside, 0, 25)
    loss = np.where(is_indoor, own + np.where(kilometres > 0.25, 60, 0), loss)
    power = inventory["eirp"].to_numpy()[cells] - network.layers["reference_db"].to_numpy()[layer]
    return power - loss - _off_axis(network, cells, spots, away)


def _off_axis(network: Network, cells: Array, spots: Any, away: Array) -> Array:
    """Return what the antenna takes away in the direction of the spot, dB."""
    site = network.cells["site"].to_numpy()[cells]
    east = spots["x"].to_numpy()[:, None, None] - network.sites["x"].to_numpy()[site]
    north = spots["y"].to_numpy()[:, None, None] - network.sites["y"].to_numpy()[site]
    bearing = np.degrees(np.arctan2(east, north))
    azimuth = network.cells["azimuth"].to_numpy()[cells]
    turn = (bearing - azimuth + 180) % 360 - 180
    width = network.layers["beamwidth_deg"].to_numpy()[network.cells["layer"].to_numpy()[cells]]
    across = np.nan_to_num(np.minimum(12 * (turn / width) ** 2, 26.0))
    height = network.cells["height"].to_numpy()[cells]
    down = np.degrees(np.arctan2(height - 1.5, np.maximum(away, 20.0)[:, :, None]))
    tilted = np.minimum(12 * ((down - network.cells["tilt"].to_numpy()[cells]) / 11) ** 2, 16.0)
    return np.minimum(across + np.where(np.isnan(azimuth), 0.3 * tilted, tilted), 30.0)


def _shares(margin: Array, kinds: Array) -> tuple[Array, Array]:
    """Return the share of phones that camp, and that telephone, on each group at each spot."""
    young = np.select([kinds == "village", kinds == "town"], [0.24, 0.33], 0.46)
    old = np.select([kinds == "village", kinds == "town"], [0.12, 0.08], 0.05)
    works = margin > 0
    usable = margin > -6
    modern = 1 - old
    on_nr = np.where(works[:, 2], young, 0.0)
    rest = modern - on_nr
    on_lte = np.where(usable[:, 1], rest, 0.0)
    on_old = np.where(usable[:, 0], old + rest - on_lte, 0.0)
    # Of the phones on LTE or NR about a third still falls back to call.
    over_lte = np.where(works[:, 1], 0.66 * modern, 0.0)
    over_old = np.where(usable[:, 0], 1 - over_lte, 0.0)
    share = np.stack([on_old, on_lte, on_nr], axis=1)
    return share, np.stack([over_old, over_lte, np.zeros_like(over_lte)], axis=1)
