"""Fit how much each cell is preferred, so that it carries the users the inventory says it does.

The normal number of users of a cell tells how often it serves people, better than any formula:
layers that terminals prefer, antennas that stand otherwise than recorded, ridges and valleys all
show in it. People are laid out around the sites as densely as the operator built them; then the
preferences are raised where the model gives a cell fewer users than it has, and lowered where
more: fully for a layer as a whole, with restraint for the single cell, whose excess may be a town.

Simple so far: people live where sites are, the same number around each, and the users of cells
inside buildings in those; no map of villages. In a large network only the cells that count at a
point are followed.

References
----------
.. [1] Deming W. E., Stephan F. F. (1940), On a least squares adjustment of a sampled frequency
   table, Ann. Math. Statist. 11(4): the proportional fitting this is, with a ridge on cells.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sites.choice import CELL_SHARE
from sites.levels import NEAREST_SITES
from sites.radio import Radio
from sites.surroundings import surroundings

POINTS_PER_SITE = 12
# Above this many sites the points are thinned, fewer sites are looked at around each, and of their
# cells only those not far below the best one, so that the fit stays within seconds.
FULL_SITES = 3000
FEWER_SITES, HEARD_DB = 8, 30.0
CHUNK_POINTS = 2048
ROUNDS = 20
# How far from its site people are laid out, in site spacings.
REACH = 1.2
# How far from an indoor cell its own people seem to be: an address is known to about so much.
INDOOR_AWAY_M = 150.0
# A cell's own preference may explain this many times what it leaves unexplained.
CELL_PULL = 3.0
STEP_LAYER, STEP_CELL = 0.7, 0.35
# No single count moves a cell by more in one round than this (natural logarithm).
STEP_LIMIT = 3.0
_GOLDEN_RAD = np.pi * (3.0 - np.sqrt(5.0))


def fitted_preference_db(radio: Radio, *, temperature_db: float) -> Any:
    """Return the preference of each cell that fits the users of the inventory.

    Cells whose users are not known move with their layer only; where none is known the starting
    preferences stay.

    Parameters
    ----------
    radio : Radio
    temperature_db : float
        Spread of the choice between cells, as in `sites.coverage`.

    Returns
    -------
    array, shape (C,)
        dB to add to a level.
    """
    network = radio.network
    known = ~network.imputed["users"].to_numpy()
    if not known.any():
        return radio.preference_db
    layer = layer_number(network.cells)
    users = np.maximum(network.cells["users"].to_numpy(float), 1.0)
    share = users / users.sum()
    people = _people(radio, share, temperature_db)
    wanted = np.bincount(layer, share)
    of_layer, of_cell = np.zeros(len(wanted)), np.zeros(len(layer))
    for _ in range(ROUNDS):
        carried = _carried(people, of_layer[layer] + of_cell)
        lacking = _log_ratio(wanted, np.bincount(layer, carried, minlength=len(wanted)))
        of_layer += STEP_LAYER * lacking
        own = np.clip(_log_ratio(share, carried) - lacking[layer], -STEP_LIMIT, STEP_LIMIT)
        of_cell += np.where(known, STEP_CELL * (own - of_cell / CELL_PULL), 0.0)
    return radio.preference_db + temperature_db * (of_layer[layer] + of_cell)


def layer_number(cells: Any) -> Any:
    """Return the number of the layer (technology, frequency, indoor or not) of each cell.

    Parameters
    ----------
    cells : DataFrame
        `rat`, `freq_mhz`, `is_indoor`.

    Returns
    -------
    array of int, shape (C,)
        From 0, in the order of the layers' names.
    """
    return cells.groupby(["rat", "freq_mhz", "is_indoor"], dropna=False).ngroup().to_numpy()


@dataclass(frozen=True)
class _People:
    """Where people are taken to live, and how strong the cells around them are.

    Attributes
    ----------
    cell, strength : arrays, shape (m,)
        Cells by pair of point and site; the exponential of level and starting preference over the
        temperature among the cells of a site, 1 for the best cell of a point.
    count : array of int, shape (n, k)
        How many cells each pair has, at least one.
    weight : array, shape (n,)
        Share of all people.
    """

    cell: Any
    strength: Any
    count: Any
    weight: Any


def _people(radio: Radio, share: Any, temperature_db: float) -> _People:
    """Return the cells around where people are taken to live, and how many of them do.

    Cells inside buildings bring their own people, in those buildings: otherwise the fit would have
    to reach out to people in the street.
    """
    cells = radio.network.cells
    indoor = cells["is_indoor"].to_numpy()
    inside = np.bincount(cells["site"], share * indoor, minlength=len(radio.spacing_m))
    halls = np.flatnonzero(inside)
    x_m, y_m = _around(radio)
    sites = radio.network.sites
    x_m = np.concatenate([x_m, sites["x_m"].to_numpy()[halls] + INDOOR_AWAY_M])
    y_m = np.concatenate([y_m, sites["y_m"].to_numpy()[halls]])
    street = len(x_m) - len(halls)
    weight = np.concatenate([np.full(street, (1.0 - inside.sum()) / street), inside[halls]])
    within = np.arange(len(x_m)) >= street
    pieces = [
        _hearing(radio, (x_m[rows], y_m[rows], within[rows]), weight[rows], temperature_db)
        for rows in (slice(at, at + CHUNK_POINTS) for at in range(0, len(x_m), CHUNK_POINTS))
    ]
    names = [field.name for field in fields(_People)]
    return _People(*(np.concatenate([getattr(each, name) for each in pieces]) for name in names))


def _hearing(radio: Radio, point: Any, weight: Any, temperature_db: float) -> _People:
    """Return what some people hear."""
    is_large = len(radio.spacing_m) > FULL_SITES
    x_m, y_m, within = point
    nearest = FEWER_SITES if is_large else NEAREST_SITES
    around = surroundings(radio, x_m, y_m, indoor=within, nearest=nearest)
    level = around.level_dbm + radio.preference_db.astype(np.float32)[around.cell]
    best = np.maximum.reduceat(level, around.first).reshape(around.site.shape)
    count = np.diff(around.first, append=len(level)).reshape(best.shape)
    level = level - np.repeat(best.max(axis=1), count.sum(axis=1))
    cell = around.cell
    if is_large:
        # The best of each site stays, so that no pair is empty.
        below = best - best.max(axis=1, keepdims=True)
        kept = (level > -HEARD_DB) | (level >= below.ravel()[around.pair])
        count = np.bincount(around.pair[kept], minlength=best.size).reshape(best.shape)
        cell, level = cell[kept], level[kept]
    strength = np.exp(level / np.float32(CELL_SHARE * temperature_db))
    return _People(cell, strength, count, weight)


def _around(radio: Radio) -> tuple[Any, Any]:
    """Return points spread evenly over a disc around each site."""
    sites = radio.network.sites
    per_site = max(3, min(POINTS_PER_SITE, POINTS_PER_SITE * FULL_SITES // len(sites)))
    ring = np.arange(per_site)
    away = REACH * np.sqrt((ring + 0.5) / per_site) * radio.spacing_m[:, None]
    turn = ring * _GOLDEN_RAD + np.arange(len(sites))[:, None]
    x_m = sites["x_m"].to_numpy()[:, None] + away * np.sin(turn)
    y_m = sites["y_m"].to_numpy()[:, None] + away * np.cos(turn)
    return x_m.ravel(), y_m.ravel()


def _carried(people: _People, raised: Any) -> Any:
    """Return the share of all people each cell carries: the nested logit of `sites.choice`.

    `raised` is what is added to the preferences, in temperatures between sites.
    """
    count = people.count.ravel()
    first = np.cumsum(count) - count
    raised = np.exp(raised / CELL_SHARE).astype(np.float32)
    chance = people.strength * np.take(raised, people.cell)
    within = np.add.reduceat(chance, first)
    of_site = (within**CELL_SHARE).reshape(people.count.shape)
    per_person = people.weight / np.maximum(of_site.sum(axis=1), np.float32(1e-30))
    share = of_site.ravel() / np.maximum(within, np.float32(1e-30))
    share *= np.repeat(per_person, people.count.shape[1])
    chance *= np.repeat(share.astype(np.float32), count)
    return np.bincount(people.cell, chance, minlength=len(raised))


def _log_ratio(wanted: Any, got: Any) -> Any:
    """Return the logarithm of a ratio of shares, finite for empty ones."""
    return np.log((wanted + 1e-9) / (got + 1e-9))
