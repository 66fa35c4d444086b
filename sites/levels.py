"""Compute the reference level of the cells around each point.

A level is the received power of a cell's reference signal: radiated power less the path loss
(Okumura-Hata, above 1500 MHz COST-231-Hata, inside buildings 3GPP urban micro), less what the
antenna's pattern takes. The country's roughness is read off the spacing of its sites: dense is
urban, sparse is open.

Simple so far: no terrain and no clutter map; one building loss for every building.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import ndtr

from contract.errors import InputError
from sites.antennas import (
    angle_between_deg,
    combined_gain_db,
    horizontal_gain_db,
    vertical_gain_db,
)
from sites.inventory import Network
from sites.layers import RATS, TECHNOLOGY_FIELDS, Layers, read_layers
from sites.propagation import building_loss_db, cost231_hata_db, hata_db, umi_db

NEAREST_SITES = 24
# The near field, a mast's own yard and coordinates rounded to the building.
NEAREST_M = 10.0
# Site spacing (median distance to the next four sites) where country is urban, suburban, and half
# way from suburban to open. By experience; moves "nothing serves", not the order of cells.
SPACING_M = (400.0, 1000.0, 3000.0)
# Side lobes fill in behind the main beam: a beam-centre pattern alone would leave holes under masts
# and make wrongly recorded tilts fatal. Below the 20 dB of TR 36.814.
VERTICAL_FLOOR_DB = 10.0
INDOOR_DEPTH_M = 5.0
# 3GPP TR 36.942 V16 (2020), 4.5.2: shadowing of two sites is correlated so.
SITE_CORRELATION = 0.5
# Nodes over the part of the shadowing that all sites share.
COMMON_NODES = 7
# The logistic curve with this slope is nearest to the normal one: Bowling et al. (2009).
LOGISTIC = 1.702


@dataclass(frozen=True)
class Radio:
    """What the levels of a network's cells depend on, one value per cell or site.

    Attributes
    ----------
    network : Network
    rat : array of int, shape (C,)
        Position in `RATS`; -1 for another technology.
    fixed_db, slope_db : array, shape (C,)
        Path loss at 1 km and its growth per decade, in urban country.
    suburban_db, open_db : array, shape (C,)
        What other country takes off it.
    building_db : array, shape (C,)
        Mean loss into a building.
    power_dbm, minimum_dbm, preference_db, voice_db, data_db : array, shape (C,)
    indoor_reach_m, indoor_wall_db : float
    spacing_m : array, shape (S,)
    tree : scipy.spatial.cKDTree
        Of the sites that have cells, in `tree_sites`.
    first_cell, cell_count, cells_by_site : array of int
        The cells of site s: `cells_by_site[first_cell[s]:][:cell_count[s]]`.
    """

    network: Network
    rat: Any
    fixed_db: Any
    slope_db: Any
    suburban_db: Any
    open_db: Any
    building_db: Any
    power_dbm: Any
    minimum_dbm: Any
    preference_db: Any
    voice_db: Any
    data_db: Any
    indoor_reach_m: float
    indoor_wall_db: float
    spacing_m: Any
    tree: Any
    tree_sites: Any
    first_cell: Any
    cell_count: Any
    cells_by_site: Any


def build_radio(network: Network, layers: Layers | None = None) -> Radio:
    """Return what the levels of a network's cells depend on.

    Parameters
    ----------
    network : Network
    layers : Layers, optional
        Default: the shipped file.

    Returns
    -------
    Radio

    Raises
    ------
    InputError
        If the network has no cells.
    """
    if not len(network.cells):
        message = "`cells` needs at least one cell of a live site; none is left. Add it."
        raise InputError(message)
    known = layers or read_layers()
    site = network.cells["site"].to_numpy()
    count = np.bincount(site, minlength=len(network.sites))
    tree_sites = np.flatnonzero(count)
    xy = network.sites[["x_m", "y_m"]].to_numpy(float)
    return Radio(
        network=network,
        **_losses(network.cells),
        **_preferences(network.cells, known),
        indoor_reach_m=known.indoor["reach_m"],
        indoor_wall_db=known.indoor["wall_db"],
        spacing_m=_spacing_m(xy),
        tree=cKDTree(xy[tree_sites]),
        tree_sites=tree_sites,
        first_cell=np.concatenate([[0], np.cumsum(count)[:-1]]),
        cell_count=count,
        cells_by_site=np.argsort(site, kind="stable"),
    )


def _losses(cells: Any) -> dict[str, Any]:
    """Return the parts of each cell's path loss that do not depend on the point."""
    frequency, base = cells["freq_mhz"].to_numpy(), cells["height_m"].to_numpy()
    indoor = cells["is_indoor"].to_numpy()
    near, far = (
        np.where(
            indoor,
            umi_db(frequency / 1e3, km * 1e3, base_m=base, is_los=False),
            np.where(
                frequency > 1500.0,
                cost231_hata_db(frequency, km, base_m=base),
                hata_db(frequency, km, base_m=base),
            ),
        )
        for km in (1.0, 10.0)
    )
    urban = hata_db(frequency, 1.0, base_m=base)
    return {
        "fixed_db": near,
        "slope_db": far - near,
        "suburban_db": urban - hata_db(frequency, 1.0, base_m=base, area="suburban"),
        "open_db": urban - hata_db(frequency, 1.0, base_m=base, area="open"),
        "building_db": building_loss_db(frequency / 1e3, depth_m=INDOOR_DEPTH_M),
    }


def _preferences(cells: Any, layers: Layers) -> dict[str, Any]:
    """Return each cell's powers and what its layer is preferred by."""
    names = cells["rat"].map({name: at for at, name in enumerate(RATS)})
    rat = names.fillna(-1).astype(int).to_numpy()
    # A technology not known here is treated as LTE.
    row = np.where(rat < 0, RATS.index("LTE"), rat)
    of = {
        field: np.array([layers.technologies[name][field] for name in RATS])[row]
        for field in TECHNOLOGY_FIELDS
    }
    band = np.searchsorted(layers.band_from_mhz, cells["freq_mhz"].to_numpy(), side="right") - 1
    indoor_db = np.where(cells["is_indoor"], layers.indoor["preference_db"], 0.0)
    preferred = of["preference_db"] + np.array(layers.band_preference_db)[band] + indoor_db
    return {
        "rat": rat,
        "power_dbm": cells["eirp_dbm"].to_numpy() - of["reference_db"],
        "minimum_dbm": of["minimum_dbm"],
        "preference_db": preferred,
        "voice_db": of["voice_db"],
        "data_db": of["data_db"],
    }


def _spacing_m(xy: Any) -> Any:
    """Return for each site the median distance to its next four sites."""
    count = len(xy)
    if count < 2:
        return np.full(count, SPACING_M[-1])
    away, _ = cKDTree(xy).query(xy, k=min(5, count))
    return np.maximum(np.median(away[:, 1:], axis=1), 50.0)


def candidate_cells(radio: Radio, x_m: Any, y_m: Any, *, nearest: int = NEAREST_SITES) -> Any:
    """Return the cells of the nearest sites around each point.

    Parameters
    ----------
    radio : Radio
    x_m, y_m : array, shape (n,)
        Metres in the network's projection; finite.
    nearest : int
        How many sites to look at.

    Returns
    -------
    array of int, shape (n, m)
        Positions in `Network.cells`, those of the nearest site first; -1 pads.
    """
    k = min(nearest, len(radio.tree_sites))
    _, at = radio.tree.query(np.column_stack([x_m, y_m]), k=k)
    sites = radio.tree_sites[at.reshape(len(x_m), k)]
    count = radio.cell_count[sites]
    ends = np.cumsum(count, axis=1)
    width = int(ends[:, -1].max(initial=0))
    rows, columns = np.nonzero(count)
    repeats = count[rows, columns]
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    slot = np.repeat((ends - count)[rows, columns], repeats) + within
    cells = np.full((len(x_m), width), -1, dtype=np.int64)
    first = np.repeat(radio.first_cell[sites[rows, columns]], repeats)
    cells[np.repeat(rows, repeats), slot] = radio.cells_by_site[first + within]
    return cells


def levels_dbm(
    radio: Radio, x_m: Any, y_m: Any, cells: Any, *, indoor: Any | None = None
) -> tuple[Any, Any]:
    """Return the levels and distances of given cells at each point.

    Parameters
    ----------
    radio : Radio
    x_m, y_m : array, shape (n,)
        Metres.
    cells : array of int, shape (n, m)
        Positions in `Network.cells`, -1 for none.
    indoor : array, shape (n,), optional
        Chance, 0 to 1, that the point is inside a building.

    Returns
    -------
    tuple of array, shape (n, m)
        dBm of the reference signal (-inf for none) and metres (NaN for none).
    """
    rows, columns = np.nonzero(cells >= 0)
    cell = cells[rows, columns]
    table = radio.network.cells
    east = np.asarray(x_m)[rows] - table["x_m"].to_numpy()[cell]
    north = np.asarray(y_m)[rows] - table["y_m"].to_numpy()[cell]
    away = np.hypot(east, north)
    level = radio.power_dbm[cell] + _pattern_db(table, cell, east, north)
    inside = np.zeros(len(x_m)) if indoor is None else np.asarray(indoor, dtype=float)
    level -= _loss_db(radio, cell, away, _country(radio, x_m, y_m)[:, rows], inside[rows])
    out = np.full(cells.shape, -np.inf)
    distance = np.full(cells.shape, np.nan)
    out[rows, columns] = level
    distance[rows, columns] = away
    return out, distance


def _pattern_db(table: Any, cell: Any, east: Any, north: Any) -> Any:
    """Return the antenna's gain towards each point."""
    bearing = np.degrees(np.arctan2(east, north))
    off = angle_between_deg(table["azimuth_deg"].to_numpy()[cell], bearing)
    across = horizontal_gain_db(off, beamwidth_deg=table["beamwidth_deg"].to_numpy()[cell])
    over = np.maximum(table["height_m"].to_numpy()[cell] - 1.5, 0.0)
    below = np.degrees(np.arctan2(over, np.maximum(np.hypot(east, north), NEAREST_M)))
    tilt = table["downtilt_deg"].to_numpy()[cell]
    down = vertical_gain_db(below, tilt_deg=tilt, floor_db=VERTICAL_FLOOR_DB)
    return np.where(table["is_indoor"].to_numpy()[cell], 0.0, combined_gain_db(across, down))


def _country(radio: Radio, x_m: Any, y_m: Any) -> Any:
    """Return how suburban and how open each point's country is, shape (2, n)."""
    k = min(8, len(radio.tree_sites))
    _, at = radio.tree.query(np.column_stack([x_m, y_m]), k=k)
    near = radio.spacing_m[radio.tree_sites[at.reshape(len(x_m), k)]]
    spacing = np.log(np.median(near, axis=1))
    edges = np.log(SPACING_M)
    return np.stack(
        [np.interp(spacing, edges, (0, 1, 0.5)), np.interp(spacing, edges, (0, 0, 0.5))]
    )


def _loss_db(radio: Radio, cell: Any, away: Any, country: Any, inside: Any) -> Any:
    """Return path and building loss from each cell to its point."""
    decades = np.log10(np.maximum(away, NEAREST_M) / 1e3)
    loss = radio.fixed_db[cell] + radio.slope_db[cell] * decades
    open_up = country[0] * radio.suburban_db[cell] + country[1] * radio.open_db[cell]
    indoor_cell = radio.network.cells["is_indoor"].to_numpy()[cell]
    far_wall = np.where(away > radio.indoor_reach_m, radio.indoor_wall_db, 0.0)
    outdoor = loss - open_up + inside * radio.building_db[cell]
    return np.where(indoor_cell, loss + far_wall, outdoor)


def unserved_probability(radio: Radio, cells: Any, level: Any, *, sigma_db: float) -> Any:
    """Return the chance that every cell is below what its technology needs.

    Shadowing has a part that all sites share; given it, sites are independent, and a site counts
    by the best of its cells.

    Parameters
    ----------
    radio : Radio
    cells : array of int, shape (n, m)
        From `candidate_cells`: the cells of one site stand together.
    level : array, shape (n, m)
        dBm; -inf for a cell that is absent or down.
    sigma_db : float

    Returns
    -------
    array, shape (n,)
    """
    real = cells >= 0
    if not real.any():
        return np.ones(len(cells))
    margin = level - radio.minimum_dbm[cells]
    site = radio.network.cells["site"].to_numpy()[cells]
    first = real.copy()
    first[:, 1:] &= site[:, 1:] != site[:, :-1]
    starts = np.flatnonzero(first.ravel())
    best = np.maximum.reduceat(np.where(real, margin, -np.inf).ravel(), starts)
    nodes, weights = np.polynomial.hermite_e.hermegauss(COMMON_NODES)
    own = sigma_db * np.sqrt(1.0 - SITE_CORRELATION)
    common = sigma_db * np.sqrt(SITE_CORRELATION) * nodes
    miss = np.log(np.maximum(ndtr(-(best[:, None] + common) / own), 1e-300))
    row = starts // cells.shape[1]
    together = np.stack([np.bincount(row, column, minlength=len(cells)) for column in miss.T])
    return (np.exp(together) * (weights / weights.sum())[:, None]).sum(axis=0)


def temperature_db(sigma_db: float) -> float:
    """Return the temperature of the logit for a spread.

    Parameters
    ----------
    sigma_db : float
        Above 0.

    Returns
    -------
    float
        dB.

    Raises
    ------
    InputError
        If the spread is not above 0.

    Examples
    --------
    >>> round(temperature_db(12.0), 2)
    7.05
    """
    if not sigma_db > 0.0:
        message = f"`sigma_db` needs a number above 0; it is {sigma_db}. Use 8 to 14."
        raise InputError(message)
    return sigma_db * float(np.sqrt(2.0 * (1.0 - SITE_CORRELATION))) / LOGISTIC
