"""Gather what the levels of a network's cells depend on, ready for computing many levels.

Path loss is Okumura-Hata, above 1500 MHz COST-231-Hata, and 3GPP urban micro for cells inside
buildings. TR 38.901 outdoors, mixed by its chance of line of sight, told seen numbers and closed
orders no better than Hata on any kind of network tried, so the cheaper one stays.

Simple so far: the same models for every operator; one ordinary and one deep building.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from contract.errors import InputError
from sites.antennas import PANEL_VERTICAL_DEG
from sites.inventory import Network
from sites.layers import RATS, TECHNOLOGY_FIELDS, Layers, read_layers
from sites.propagation import building_loss_db, cost231_hata_db, hata_db, umi_db

# Site spacing (median distance to the next four sites) where country is urban, suburban, and half
# way from suburban to open. By experience; moves "nothing serves", not the order of cells.
SPACING_M = (400.0, 1000.0, 3000.0)
MOBILE_M = 1.5
INDOOR_DEPTH_M = 5.0
# The columns of `Radio.packed`.
PACKED = (
    "base_dbm",
    "slope_db",
    "suburban_db",
    "open_db",
    "building_db",
    "azimuth_deg",
    "per_beamwidth",
    "downtilt_deg",
    "per_vertical",
    "rise_m",
    "is_indoor",
)


@dataclass(frozen=True)
class Radio:
    """What the levels of a network's cells depend on, one value per cell or site.

    Attributes
    ----------
    network : Network
    rat : array of int, shape (C,)
        Position in `RATS`; -1 for another technology.
    packed : array of float32, shape (C, len(PACKED))
        What a level is made of, side by side: the level at 1 km in urban country ahead of the
        antenna, its fall per decade, what other country gives back, the mean loss into a building;
        azimuth, tilt and the inverse of the beamwidths (0: no pattern), height over the phone.
    building_db, deep_db : array, shape (C,)
        Mean loss into an ordinary building, and deep into one of coated glass.
    minimum_dbm, data_minimum_dbm : array of float32, shape (C,)
        The level below which calls fail, and data.
    preference_db, voice_db, data_db : array, shape (C,)
    deep_share : float
        Share of people inside buildings who are deep inside.
    indoor_reach_m, indoor_wall_db : float
    spacing_m : array, shape (S,)
    tree : scipy.spatial.cKDTree
        Of the sites that have cells, in `tree_sites`.
    site_xy : array, shape (S, 2)
        Metres.
    first_cell, cell_count, cells_by_site : array of int
        The cells of site s: `cells_by_site[first_cell[s]:][:cell_count[s]]`.
    """

    network: Network
    rat: Any
    packed: Any
    building_db: Any
    deep_db: Any
    minimum_dbm: Any
    data_minimum_dbm: Any
    preference_db: Any
    voice_db: Any
    data_db: Any
    deep_share: float
    indoor_reach_m: float
    indoor_wall_db: float
    spacing_m: Any
    tree: Any
    tree_sites: Any
    site_xy: Any
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
    rat = _rat(network.cells)
    count = np.bincount(site, minlength=len(network.sites))
    tree_sites = np.flatnonzero(count)
    xy = network.sites[["x_m", "y_m"]].to_numpy(float)
    return Radio(
        network=network,
        rat=rat,
        **_losses(network.cells, rat, known),
        **_preferences(network.cells, rat, known),
        deep_share=known.building["deep_share"],
        indoor_reach_m=known.indoor["reach_m"],
        indoor_wall_db=known.indoor["wall_db"],
        spacing_m=_spacing_m(xy),
        tree=cKDTree(xy[tree_sites]),
        tree_sites=tree_sites,
        site_xy=xy,
        first_cell=np.concatenate([[0], np.cumsum(count)[:-1]]),
        cell_count=count,
        cells_by_site=np.argsort(site, kind="stable"),
    )


def _losses(cells: Any, rat: Any, layers: Layers) -> dict[str, Any]:
    """Return the parts of each cell's level that do not depend on the point."""
    frequency, base = cells["freq_mhz"].to_numpy(float), cells["height_m"].to_numpy(float)
    indoor = cells["is_indoor"].to_numpy(bool)
    near, far = (_urban_loss_db(frequency, km, base, indoor) for km in (1.0, 10.0))
    urban = hata_db(frequency, 1.0, base_m=base)
    inside = building_loss_db(frequency / 1e3, depth_m=INDOOR_DEPTH_M)
    deep = building_loss_db(frequency / 1e3, depth_m=layers.building["depth_m"], is_high_loss=True)
    suburban = urban - hata_db(frequency, 1.0, base_m=base, area="suburban")
    open_country = urban - hata_db(frequency, 1.0, base_m=base, area="open")
    radiated = cells["eirp_dbm"].to_numpy(float) - _of_rat(rat, layers, "reference_db")
    azimuth, width = (cells[name].to_numpy(float) for name in ("azimuth_deg", "beamwidth_deg"))
    is_round = indoor | np.isnan(azimuth) | (width >= 360.0)
    columns = (
        radiated - near,
        far - near,
        *(np.where(indoor, 0.0, value) for value in (suburban, open_country, inside)),
        np.where(is_round, 0.0, azimuth),
        np.where(is_round, 0.0, 1.0 / width),
        cells["downtilt_deg"].to_numpy(float),
        np.where(indoor, 0.0, 1.0 / PANEL_VERTICAL_DEG),
        np.maximum(base - MOBILE_M, 0.0),
        indoor,
    )
    packed = np.ascontiguousarray(np.column_stack(columns), dtype=np.float32)
    walls = {"building_db": inside, "deep_db": np.maximum(deep, inside)}
    return {"packed": packed, **{name: np.where(indoor, 0.0, db) for name, db in walls.items()}}


def _urban_loss_db(frequency: Any, km: float, base: Any, indoor: Any) -> Any:
    """Return the path loss of each cell at a distance, in urban country."""
    street = np.where(
        frequency > 1500.0,
        cost231_hata_db(frequency, km, base_m=base),
        hata_db(frequency, km, base_m=base),
    )
    hall = umi_db(frequency / 1e3, km * 1e3, base_m=base, is_los=False)
    return np.where(indoor, hall, street)


def _of_rat(rat: Any, layers: Layers, field: str) -> Any:
    """Return a value of each cell's technology; one not known here is treated as LTE."""
    values = np.array([layers.technologies[name][field] for name in RATS], dtype=float)
    return values[np.where(rat < 0, RATS.index("LTE"), rat)]


def _rat(cells: Any) -> Any:
    """Return the position of each cell's technology in `RATS`, -1 for another."""
    names = cells["rat"].map({name: at for at, name in enumerate(RATS)})
    return names.fillna(-1).astype(int).to_numpy()


def _preferences(cells: Any, rat: Any, layers: Layers) -> dict[str, Any]:
    """Return what each cell's layer is preferred by and what it needs."""
    of = {field: _of_rat(rat, layers, field) for field in TECHNOLOGY_FIELDS}
    band = np.searchsorted(layers.band_from_mhz, cells["freq_mhz"].to_numpy(), side="right") - 1
    indoor_db = np.where(cells["is_indoor"], layers.indoor["preference_db"], 0.0)
    preferred = of["preference_db"] + np.array(layers.band_preference_db)[band] + indoor_db
    needed = ("minimum_dbm", "data_minimum_dbm")
    return {
        "preference_db": preferred,
        **{field: of[field].astype(np.float32) for field in needed},
        **{field: of[field] for field in ("voice_db", "data_db")},
    }


def _spacing_m(xy: Any) -> Any:
    """Return for each site the median distance to its next four sites."""
    count = len(xy)
    if count < 2:
        return np.full(count, SPACING_M[-1])
    away, _ = cKDTree(xy).query(xy, k=min(5, count))
    return np.maximum(np.median(away[:, 1:], axis=1), 50.0)
