"""Lay the counters of a bundle out as hours, cells x hours for each measure, for detectors other than our own.

Shorter periods are summed up to the hour they lie in; a ratio is a ratio of those sums, null where its denominator is
zero.

Simple so far: a period longer than an hour counts for the hour it begins in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Array = Any
HOUR = pd.Timedelta("1h")
RATIOS = {
    "setup_success": ("setup_successes", "setup_attempts"),
    "data_success": ("data_successes", "data_attempts"),
    "ho_success": ("ho_successes", "ho_attempts"),
    "drop_rate": ("drops", "setup_successes"),
    "congestion_rate": ("congestion_failures", "setup_attempts"),
    "sd_congestion": ("sd_congestion", "sd_attempts"),
}
COUNTS = ("setup_attempts", "data_attempts", "data_mb")
LEVELS = (
    "traffic_erl", "active_users", "prb_utilisation", "ul_interference_dbm", "cqi", "throughput_mbps", "vswr", "ber",
    "availability",
)  # fmt: skip
WHOLE = 0.8  # of the cells that ever reported: an hour is whole enough to miss a cell in it


@dataclass(frozen=True, eq=False)
class Hours:
    """The counters of a bundle by the hour.

    Attributes
    ----------
    cell_id, site_id : array of str [C]
    xy : array [C, 2]
        Metres east and north of some point, of each cell's site.
    begin : Timestamp
        First hour, UTC.
    utc_offset : int
        Hours of the network's day from UTC.
    values : mapping of measure to array of float32 [C, H]
        Ratios, counts and levels, null where unknown, and `present` (1, or 0 where a cell is missing from an hour).
    attempts : mapping of ratio to array of float32 [C, H]
        Its denominators.
    known_h : array of float32 [C, H]
        When the hour was known, hours since `begin`; of a missing one when nine tenths of the others were.
    """

    cell_id: Array
    site_id: Array
    xy: Array
    begin: pd.Timestamp
    utc_offset: int
    values: Mapping[str, Array]
    attempts: Mapping[str, Array]
    known_h: Array


def lay_out(tables: Mapping[str, pd.DataFrame], utc_offset: int = 8) -> Hours:
    """Return the counters of a bundle by the hour.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        `sites`, `cells` and `kpi` as `contract.bundles.read_bundle` returns them.
    utc_offset : int, default 8
    """
    cells = tables["cells"].drop_duplicates("cell_id", keep="last").reset_index(drop=True)
    kpi = tables["kpi"]
    cell = pd.Index(cells["cell_id"]).get_indexer(kpi["cell_id"])
    kpi, cell = kpi[cell >= 0], cell[cell >= 0]
    begin = kpi["start"].min().floor("h")
    hour = ((kpi["start"] - begin) // HOUR).to_numpy()
    shape = (len(cells), int(hour.max()) + 1)
    grid = _Grid(cell * shape[1] + hour, shape)
    seen = grid.total(np.ones(len(kpi))) > 0
    known = grid.latest(((kpi["arrived_at"] - begin) / HOUR).to_numpy(float))
    values, attempts = _measures(kpi, grid)
    values["present"], known = _presence(seen, known)
    return Hours(
        cells["cell_id"].to_numpy(object), cells["site_id"].to_numpy(object), _metres(cells, tables["sites"]),
        begin, utc_offset, values, attempts, known.astype(np.float32),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Grid:
    """Where each row of counters belongs in cells x hours."""

    at: Array
    shape: tuple[int, int]

    def total(self, column: Array) -> Array:
        """Return the sums of a column, nulls left out."""
        size = self.shape[0] * self.shape[1]
        return np.bincount(self.at, np.nan_to_num(column), size).reshape(self.shape)

    def latest(self, column: Array) -> Array:
        """Return the greatest value of a column, minus infinity where there is no row."""
        found = np.full(self.shape[0] * self.shape[1], -np.inf)
        np.maximum.at(found, self.at, column)
        return found.reshape(self.shape)


def _measures(kpi: pd.DataFrame, grid: _Grid) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the measures by the hour, and the denominators of ratios."""
    minutes = kpi["minutes"].to_numpy(float)
    values: dict[str, Array] = {}
    attempts = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, (over, under) in RATIOS.items():
            if over in kpi and under in kpi:
                bottom = kpi[under].to_numpy(float)
                bottom = np.where(np.isnan(kpi[over].to_numpy(float)), np.nan, bottom)
                attempts[name] = grid.total(bottom).astype(np.float32)
                top = grid.total(kpi[over].to_numpy(float))
                values[name] = (top / attempts[name]).astype(np.float32)
                values[name][attempts[name] == 0] = np.nan
        for name in (*COUNTS, *LEVELS):
            if name in kpi:
                column = kpi[name].to_numpy(float)
                weight = grid.total(np.where(np.isnan(column), 0, minutes))
                scale = 60 if name in COUNTS else minutes
                values[name] = (grid.total(column * scale) / weight).astype(np.float32)
    return values, attempts


def _presence(seen: Array, known: Array) -> tuple[Array, Array]:
    """Return 1 for rows that came and 0 for cells missing from a whole hour, and when each was known."""
    ever = np.maximum.accumulate(seen, axis=1)
    is_whole = seen.sum(axis=0) >= WHOLE * np.maximum(ever.sum(axis=0), 1)
    present = np.where(seen, 1.0, np.where(ever & is_whole, 0.0, np.nan)).astype(np.float32)
    whole_at = np.array(
        [np.quantile(column[mask], 0.9) if mask.any() else np.inf for column, mask in zip(known.T, seen.T, strict=True)]
    )  # fmt: skip
    return present, np.where(seen, known, whole_at)


def _metres(cells: pd.DataFrame, sites: pd.DataFrame) -> Array:
    """Return metres east and north of each cell's site."""
    place = sites.drop_duplicates("site_id", keep="last").set_index("site_id")[["lon", "lat"]]
    lon, lat = place.reindex(cells["site_id"]).to_numpy(float).T
    middle = np.nanmean(lat)
    scale = 111_320.0
    xy = np.stack([lon * scale * np.cos(np.radians(middle)), lat * scale], axis=1)
    return np.where(np.isnan(xy), 1e9, xy)
