"""Weigh in which direction an antenna looks, by what its cell met there and what it did not.

A cell *meets* a site that it hands over to, and a place from which a phone was seen on it. It
*misses* what another cell of its site met. How the chance of meeting falls with the angle off the
antenna is counted on this network, most of whose azimuths are right; with it, every direction an
antenna might look in gets its likelihood.

Simple so far: encounters of one cell are taken as independent; who asks must temper the sums.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sites.inventory import Network
from sites.observations import Observations
from sites.shares import layer_number

DIRECTIONS = 24
STEP_DEG = 360.0 / DIRECTIONS
HALF = DIRECTIONS // 2
# Distances in spacings of sites at which the chance of meeting changes its form.
NEAR_SPACINGS, FAR_SPACINGS = 1.2, 2.5
# A sighting further away than so many spacings is not of this place; one whose place is wider than
# its distance has no direction.
REACH_SPACINGS = 3.0
FRESH_H = 6.0
# Pseudo counts: an angle at which little was counted is like its neighbours, then like any.
LIKE_NEXT, LIKE_ANY = 0.5, 5.0


@dataclass(frozen=True)
class Encounters:
    """What cells met or missed: one row a cell and a thing.

    Attributes
    ----------
    cell : array of int
        Position in `Network.cells`.
    bearing_deg : array of float
        From the site to the thing, clockwise from north.
    sort : array of int
        0.. ; the chance of meeting is counted for each by itself.
    is_met : array of bool
    """

    cell: Any
    bearing_deg: Any
    sort: Any
    is_met: Any


def directed_cells(network: Network) -> Any:
    """Return the positions of cells whose antenna looks somewhere.

    Parameters
    ----------
    network : Network

    Returns
    -------
    array of int
    """
    cells = network.cells
    outdoor = ~cells["is_indoor"].to_numpy(bool)
    return np.flatnonzero(np.isfinite(cells["azimuth_deg"].to_numpy(float)) & outdoor)


def handover_encounters(network: Network) -> Encounters:
    """Return which of the sites that its site hands over to each directed cell hands over to.

    Parameters
    ----------
    network : Network

    Returns
    -------
    Encounters
        None of a cell without any relation: its list is missing, not empty.
    """
    site = network.cells["site"].to_numpy(int)
    relations = network.neighbours
    met = pd.DataFrame(
        {
            "cell": relations["cell"].to_numpy(int),
            "other": site[relations["neighbour"].to_numpy(int)],
        }
    )
    met = met[site[met["cell"]] != met["other"]].drop_duplicates()
    around = met.assign(site=site[met["cell"]])[["site", "other"]].drop_duplicates()
    asked = np.intersect1d(directed_cells(network), met["cell"])
    pairs = pd.DataFrame({"cell": asked, "site": site[asked]}).merge(around, on="site")
    pairs = pairs.merge(met, on=["cell", "other"], how="left", indicator=True)
    xy = _site_xy(network)
    step = xy[pairs["other"]] - xy[pairs["site"]]
    away = np.hypot(step[:, 0], step[:, 1])
    spacing = _spacing_m(xy)[pairs["site"]]
    return _encounters(
        pairs["cell"].to_numpy(),
        step,
        np.digitize(away / spacing, [NEAR_SPACINGS, FAR_SPACINGS]),
        is_met=(pairs["_merge"] == "both").to_numpy(),
    )


def sighting_encounters(network: Network, seen: Observations) -> Encounters:
    """Return on which of the sectors of one layer of a site phones were seen, by place.

    Parameters
    ----------
    network : Network
    seen : Observations

    Returns
    -------
    Encounters
        Only places narrow and near enough to have a direction.
    """
    site = network.cells["site"].to_numpy(int)
    layer = layer_number(network.cells)
    directed = directed_cells(network)
    xy = _site_xy(network)
    number = np.flatnonzero(np.isin(seen.cell, directed))
    at = site[seen.cell[number]]
    step = np.column_stack([seen.x_m, seen.y_m])[number] - xy[at]
    away = np.hypot(step[:, 0], step[:, 1])
    told = (away > seen.radius_m[number]) & (away < REACH_SPACINGS * _spacing_m(xy)[at])
    number, at, step = number[told], at[told], step[told]
    places = pd.DataFrame({"site": at, "layer": layer[seen.cell[number]], "seen": number})
    places = places.assign(east=step[:, 0], north=step[:, 1])
    sectors = pd.DataFrame({"cell": directed, "site": site[directed], "layer": layer[directed]})
    pairs = places.merge(sectors, on=["site", "layer"])
    row = pairs["seen"].to_numpy(int)
    return _encounters(
        pairs["cell"].to_numpy(),
        pairs[["east", "north"]].to_numpy(float),
        (seen.age_h[row] > FRESH_H).astype(np.int64),
        is_met=(seen.cell[row] == pairs["cell"]).to_numpy(),
    )


def direction_support(network: Network, met: Encounters) -> Any:
    """Return the log likelihood of what each cell met and missed, were its antenna turned.

    Parameters
    ----------
    network : Network
    met : Encounters

    Returns
    -------
    array, shape (C, 24)
        Column q: turned clockwise by q x 15 degrees from the azimuth of the inventory; 0 where
        nothing is known.
    """
    count = len(network.cells)
    support = np.zeros((count, DIRECTIONS))
    if not len(met.cell):
        return support
    azimuth = network.cells["azimuth_deg"].to_numpy(float)[met.cell]
    ray = ((met.bearing_deg - azimuth) % 360.0 // STEP_DEG).astype(np.int64) % DIRECTIONS
    chance = _log_chance(met, np.minimum(ray, DIRECTIONS - 1 - ray))
    turn = np.arange(DIRECTIONS)
    off = (turn[:, None] - turn[None, :]) % DIRECTIONS
    off = np.minimum(off, DIRECTIONS - 1 - off)
    for sort in range(chance.shape[0]):
        for is_met in (0, 1):
            mine = (met.sort == sort) & (met.is_met == bool(is_met))
            flat = np.bincount(
                met.cell[mine] * DIRECTIONS + ray[mine], minlength=count * DIRECTIONS
            )
            support += flat.reshape(count, DIRECTIONS) @ chance[sort, is_met][off]
    return support


def _encounters(cell: Any, step: Any, sort: Any, *, is_met: Any) -> Encounters:
    """Return encounters for steps east and north from the sites."""
    bearing = np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360.0
    somewhere = np.hypot(step[:, 0], step[:, 1]) > 1.0
    return Encounters(
        cell=cell[somewhere].astype(np.int64),
        bearing_deg=bearing[somewhere],
        sort=sort[somewhere],
        is_met=is_met[somewhere],
    )


def _log_chance(met: Encounters, off: Any) -> Any:
    """Return the log chance of missing and meeting by sort and angle off, shape (sorts, 2, 12)."""
    sorts = int(met.sort.max()) + 1
    flat = (met.sort * 2 + met.is_met) * HALF + off
    counted = np.bincount(flat, minlength=sorts * 2 * HALF).reshape(sorts, 2, HALF).astype(float)
    padded = np.pad(counted, ((0, 0), (0, 0), (1, 1)), mode="edge")
    smooth = counted + LIKE_NEXT * (padded[:, :, :-2] + padded[:, :, 2:])
    usual = counted.sum(axis=2, keepdims=True) / np.maximum(
        counted.sum(axis=(1, 2), keepdims=True), 1.0
    )
    weight = smooth + LIKE_ANY * usual + 1e-3
    # Antennas radiate least behind them: what looks otherwise is a wrong record, or chance.
    met_share = np.minimum.accumulate(weight[:, 1] / weight.sum(axis=1), axis=1)
    return np.log(np.stack([1.0 - met_share, met_share], axis=1))


def _site_xy(network: Network) -> Any:
    """Return metres east and north of the sites."""
    return network.sites[["x_m", "y_m"]].to_numpy(float)


def _spacing_m(xy: Any) -> Any:
    """Return for each site the median distance to its next four sites."""
    if len(xy) < 2:
        return np.full(len(xy), 1000.0)
    away, _ = cKDTree(xy).query(xy, k=min(5, len(xy)))
    return np.maximum(np.median(away[:, 1:], axis=1), 50.0)
