"""Build the live network, its cells by position and its projection, from the inventory tables.

Site, live, planned, retired as in the contract. Positions are metres in an azimuthal equidistant
projection centred on the median live site: distances from the centre are exact, others within
0.1 % up to 400 km away.

Simple so far: coordinates, azimuths and heights are believed as written unless absent; one
height per site stands in for a cell's missing one; neighbours without a table are geometric.
"""

import itertools
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyproj
from scipy.spatial import cKDTree

from contract.errors import InputError

logger = logging.getLogger(__name__)

SITE_COLUMNS = (
    "site_id", "site_name", "lon", "lat", "x_m", "y_m",
    "county", "town", "grade", "vendor", "status",
)  # fmt: skip
CELL_COLUMNS = (
    "cell_id", "site", "site_id", "rat", "freq_mhz", "azimuth_deg", "beamwidth_deg",
    "downtilt_deg", "height_m", "eirp_dbm", "is_indoor", "users", "ci", "bcch_trx", "x_m", "y_m",
)  # fmt: skip
IMPUTED_COLUMNS = ("height_m", "eirp_dbm", "beamwidth_deg", "downtilt_deg", "users")

# Used only where no cell of the same layer, nor of the same technology, states a value.
# Typical macro and distributed-antenna figures; 3GPP TR 36.942 (2020), 4.2 and 4.5: 65 degrees,
# 30 m over ground, 43 to 46 dBm into 15 dBi.
OUTDOOR_DEFAULTS: Mapping[str, float] = {
    "height_m": 30.0,
    "eirp_dbm": 59.0,
    "beamwidth_deg": 65.0,
    "downtilt_deg": 6.0,
    "users": 100.0,
}
INDOOR_DEFAULTS: Mapping[str, float] = {
    **OUTDOOR_DEFAULTS,
    "height_m": 4.0,
    "eirp_dbm": 24.0,
    "downtilt_deg": 0.0,
}

NEIGHBOURS_DERIVED = 10
# Sites whose neighbours are worked out together: some tens of megabytes.
SITES_TOGETHER = 512


@dataclass(frozen=True, eq=False)
class Network:
    """The live network at one moment; tables are read, never changed.

    Attributes
    ----------
    sites : DataFrame, index 0..S-1
        Live sites: `site_id`, `site_name`, `lon`, `lat` (WGS-84 degrees), `x_m`, `y_m`, `county`,
        `town`, `grade`, `vendor`, `status`.
    planned : DataFrame
        The same columns for sites planned, retired or not valid now, with `planned_on_air`.
    cells : DataFrame, index 0..C-1
        Cells of live sites: see `CELL_COLUMNS`; `site` is a position in `sites`; `azimuth_deg` is
        NaN for an omnidirectional cell; powers in dBm.
    imputed : DataFrame of bool, index of `cells`
        True where a value of `IMPUTED_COLUMNS` was not in the inventory but filled in.
    neighbours : DataFrame
        `cell`, `neighbour`: handover relations as positions in `cells`.
    cell_position, site_position : dict
        Position of each id.
    projection : pyproj.Transformer
        From longitude and latitude (WGS-84) to metres.
    worked_out : dict
        What is worked out of it once and asked for again (`sites.coverage`), by name.
    """

    sites: Any
    planned: Any
    cells: Any
    imputed: Any
    neighbours: Any
    cell_position: Mapping[str, int]
    site_position: Mapping[str, int]
    projection: Any
    worked_out: dict[Any, Any] = field(init=False, default_factory=dict, repr=False)

    def to_xy(self, lon: Any, lat: Any) -> tuple[Any, Any]:
        """Return metres east and north of the network's centre for WGS-84 degrees.

        Parameters
        ----------
        lon, lat : float or array, shape (n,)
            Degrees; NaN gives NaN.

        Returns
        -------
        tuple of float or array, shape (n,)
        """
        return _finite(self.projection.transform(*_floats(lon, lat)))

    def to_lonlat(self, x_m: Any, y_m: Any) -> tuple[Any, Any]:
        """Return WGS-84 degrees for metres east and north of the network's centre.

        Parameters
        ----------
        x_m, y_m : float or array, shape (n,)

        Returns
        -------
        tuple of float or array, shape (n,)
        """
        inverse = pyproj.enums.TransformDirection.INVERSE
        return _finite(self.projection.transform(*_floats(x_m, y_m), direction=inverse))


def build_network(tables: Mapping[str, Any], now: Any = None) -> Network:
    """Return the network that the inventory tables describe.

    A site counts when its status is live or not stated and, with `now`, when it is valid then. A
    cell counts when its site does. Missing heights are those of the same site, else the median of
    the layer (technology, frequency, indoor or not), then of the technology, then a default; the
    other radio values the same without the site. An unknown number of users is the layer's median.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        Needs `sites` and `cells` with the contract's columns; optional columns may be absent.
        `neighbours` is used when it has a row between two known cells.
    now : Timestamp, UTC, optional
        Leaves out what is not valid at this time. Without it, validity is not looked at.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        If a table or a required column is missing, or no live site is left.

    Examples
    --------
    >>> sites = pd.DataFrame({"site_id": ["A"], "site_name": ["Hill"], "lon": [1.0], "lat": [2.0]})
    >>> cells = pd.DataFrame({"cell_id": ["A-1"], "site_id": ["A"], "rat": ["LTE"],
    ...                       "freq_mhz": [1800.0]})
    >>> network = build_network({"sites": sites, "cells": cells})
    >>> float(network.cells.at[0, "height_m"]), bool(network.imputed.at[0, "height_m"])
    (30.0, True)
    """
    all_sites = _table(tables, "sites", ("site_id", "site_name", "lon", "lat"))
    all_cells = _table(tables, "cells", ("cell_id", "site_id", "rat", "freq_mhz"))
    live = _live(all_sites, now)
    if not live.any():
        message = (
            f"`sites` needs at least one live site; it has {len(all_sites)} rows and none is live."
            " Check the columns `status`, `valid_from` and `valid_to`."
        )
        raise InputError(message)
    projection = _projection(all_sites[live])
    sites = _placed(all_sites[live], projection)
    planned = _placed(all_sites[~live], projection, extra=("planned_on_air",))
    site_position = _positions(sites["site_id"])
    cells, imputed = _cells(all_cells[_valid(all_cells, now)], sites, site_position)
    cell_position = _positions(cells["cell_id"])
    return Network(
        sites=sites,
        planned=planned,
        cells=cells,
        imputed=imputed,
        neighbours=_neighbours(tables.get("neighbours"), cells, cell_position),
        cell_position=cell_position,
        site_position=site_position,
        projection=projection,
    )


def _table(tables: Mapping[str, Any], name: str, required: tuple[str, ...]) -> Any:
    """Return a table of the inventory, or say what it lacks."""
    if name not in tables:
        message = f"`tables` needs `{name}`; it has {sorted(tables)}. Add the table."
        raise InputError(message)
    table = tables[name]
    missing = [column for column in required if column not in table.columns]
    if missing:
        message = f"`{name}` lacks columns {missing}; it has {list(table.columns)}."
        raise InputError(message)
    return table


def _live(sites: Any, now: Any) -> Any:
    """Return which sites are on air: live or unstated, in force, with coordinates."""
    status = _column(sites, "status").astype("str").str.strip().str.lower()
    stated = _column(sites, "status").notna() & status.ne("")
    known = sites["lon"].notna() & sites["lat"].notna()
    return known & _valid(sites, now) & (status.eq("live") | ~stated)


def _valid(table: Any, now: Any) -> Any:
    """Return which rows are in force at `now`."""
    valid = pd.Series(data=True, index=table.index)
    if now is None:
        return valid
    if "valid_from" in table.columns:
        valid &= ~(table["valid_from"] > now)
    if "valid_to" in table.columns:
        valid &= ~(table["valid_to"] <= now)
    return valid


def _positions(ids: Any) -> dict[str, int]:
    """Return the position of each id."""
    return dict(zip(ids.to_numpy(object).tolist(), range(len(ids)), strict=True))


def _column(table: Any, name: str) -> Any:
    """Return a column, empty where the table has none."""
    if name in table.columns:
        return table[name]
    return pd.Series(np.nan, index=table.index, name=name, dtype=object)


def _numbers(table: Any, name: str) -> Any:
    """Return a column as floats, NaN where empty."""
    return pd.to_numeric(_column(table, name), errors="coerce").astype(float)


def _projection(sites: Any) -> Any:
    """Return the transformer to metres around the median site."""
    lon, lat = float(sites["lon"].median()), float(sites["lat"].median())
    local = f"+proj=aeqd +lat_0={lat:.6f} +lon_0={lon:.6f} +datum=WGS84 +units=m +no_defs"
    return pyproj.Transformer.from_crs("EPSG:4326", local, always_xy=True)


def _floats(first: Any, second: Any) -> tuple[Any, Any]:
    """Return two arrays of floats."""
    return np.asarray(first, dtype=float), np.asarray(second, dtype=float)


def _finite(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return coordinates with NaN where the projection gave infinity."""
    first, second = (np.where(np.isfinite(values), values, np.nan) for values in pair)
    if first.ndim == 0:
        return float(first), float(second)
    return first, second


def _placed(sites: Any, projection: Any, extra: tuple[str, ...] = ()) -> Any:
    """Return the site columns with their metres, positions as the index."""
    rows = sites.reset_index(drop=True)
    x_m, y_m = projection.transform(rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))
    columns = {name: _column(rows, name) for name in (*SITE_COLUMNS, *extra)}
    columns |= {"x_m": x_m, "y_m": y_m, "status": _column(rows, "status").fillna("live")}
    return pd.DataFrame(columns, index=rows.index)


def _cells(rows: Any, sites: Any, site_position: Mapping[str, int]) -> tuple[Any, Any]:
    """Return the cells of live sites with radio values filled in, and what was filled."""
    site = rows["site_id"].map(site_position)
    if site.isna().any():
        logger.info("%d cells left out: their site is not live or unknown", int(site.isna().sum()))
    rows = rows[site.notna()].reset_index(drop=True)
    position = site.dropna().astype(int).to_numpy()
    cells = pd.DataFrame({name: _column(rows, name) for name in CELL_COLUMNS}, index=rows.index)
    numeric = ("freq_mhz", "azimuth_deg", *IMPUTED_COLUMNS)
    cells = cells.assign(
        site=position,
        rat=cells["rat"].astype("str").str.strip().str.upper(),
        is_indoor=_numbers(rows, "indoor").fillna(0).ne(0).to_numpy(),
        x_m=sites["x_m"].to_numpy()[position],
        y_m=sites["y_m"].to_numpy()[position],
        **{name: _numbers(rows, name) for name in numeric},
    )
    imputed = cells[list(IMPUTED_COLUMNS)].isna()
    imputed["beamwidth_deg"] &= cells["azimuth_deg"].notna()
    return _filled(cells), imputed


def _filled(cells: Any) -> Any:
    """Return the cells without gaps in their radio values and users."""
    filled = {}
    for name in IMPUTED_COLUMNS:
        values = cells[name]
        if name == "height_m":
            values = _filled_by(values, [cells["site"], cells["is_indoor"]])
        values = _filled_by(values, [cells["rat"], cells["freq_mhz"], cells["is_indoor"]])
        values = _filled_by(values, [cells["rat"], cells["is_indoor"]])
        default = np.where(cells["is_indoor"], INDOOR_DEFAULTS[name], OUTDOOR_DEFAULTS[name])
        filled[name] = values.where(values.notna(), default)
    filled["beamwidth_deg"] = filled["beamwidth_deg"].where(cells["azimuth_deg"].notna(), 360.0)
    return cells.assign(**filled)


def _filled_by(values: Any, keys: list[Any]) -> Any:
    """Return values with gaps filled by the median of their group."""
    return values.fillna(values.groupby(keys, dropna=False).transform("median"))


def _neighbours(table: Any, cells: Any, cell_position: Mapping[str, int]) -> Any:
    """Return handover relations as positions, derived from geometry where none are given."""
    if table is None or not len(table):
        return _derived_neighbours(cells)
    pairs = pd.DataFrame(
        {
            "cell": table["cell_id"].map(cell_position),
            "neighbour": table["neighbour_id"].map(cell_position),
        }
    )
    known = pairs.dropna().astype(int)
    known = known[known["cell"] != known["neighbour"]].drop_duplicates()
    if len(known) < len(pairs):
        logger.info("%d neighbour relations left out", len(pairs) - len(known))
    if known.empty:
        return _derived_neighbours(cells)
    return known.sort_values(["cell", "neighbour"], ignore_index=True)


def _derived_neighbours(cells: Any) -> Any:
    """Return for each cell the nearest cells of other sites, those it faces counting nearer.

    A cell behind counts as three times as far: its own sector hides it, and it hides ours.
    """
    count = len(cells)
    if count < 2:
        return pd.DataFrame({"cell": np.empty(0, int), "neighbour": np.empty(0, int)})
    site = cells["site"].to_numpy()
    order = np.argsort(site, kind="stable")
    first = np.flatnonzero(np.diff(site[order], prepend=-1))
    tree = cKDTree(cells[["x_m", "y_m"]].to_numpy(float))
    azimuth = cells["azimuth_deg"].to_numpy()
    starts = np.append(first[::SITES_TOGETHER], count)
    pairs = [
        _faced_nearest(order[start:stop], site, tree, azimuth)
        for start, stop in itertools.pairwise(starts.tolist())
    ]
    # One number a pair sorts in a fraction of the time that two columns take.
    cell, neighbour = np.divmod(np.sort(np.concatenate(pairs)), count)
    return pd.DataFrame({"cell": cell, "neighbour": neighbour})


def _faced_nearest(mine: Any, site: Any, tree: Any, azimuth: Any) -> Any:
    """Return `cell * count + neighbour` for some cells, which are in order of their site.

    Cells of a site share its position, carriers of a sector also its azimuth: what depends on
    those alone is worked out once.
    """
    count = len(site)
    _, first, of = np.unique(site[mine], return_index=True, return_inverse=True)
    at = tree.data[mine[first]]
    _, near = tree.query(at, k=min(count, 8 * NEIGHBOURS_DERIVED))
    east, north = (tree.data[:, axis][near] - at[:, None, axis] for axis in (0, 1))
    bearing = np.degrees(np.arctan2(east, north))
    away = np.hypot(east, north)
    away[site[near] == site[mine[first]][:, None]] = np.inf
    towards = _facing(azimuth[near], bearing + 180.0)
    turned = of + 1j * np.nan_to_num(azimuth[mine], nan=-1e9)
    _, alike, sector = np.unique(turned, return_index=True, return_inverse=True)
    own = of[alike]
    cost = away[own] * (1.0 + (_facing(azimuth[mine[alike]][:, None], bearing[own]) + towards[own]))
    order = np.argsort(cost, axis=1, kind="stable")[:, :NEIGHBOURS_DERIVED]
    chosen = np.take_along_axis(near[own], order, axis=1)
    kept = np.isfinite(np.take_along_axis(cost, order, axis=1))
    return (mine[:, None] * count + chosen[sector])[kept[sector]]


def _facing(azimuth_deg: Any, bearing_deg: Any) -> Any:
    """Return 0 for a bearing straight ahead, 1 for straight behind, 0 for an omni cell."""
    ahead = np.cos(np.radians(bearing_deg - azimuth_deg))
    return np.where(np.isnan(azimuth_deg), 0.0, (1.0 - ahead) / 2.0)
