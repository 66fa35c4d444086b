"""Make the inventory wrong as hand-kept lists are: moved sites, turned antennas, zero heights.

Simple so far: errors are independent of each other and of the age of the site.
"""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from examples.province.dirt_forms import with_blanks
from examples.province.dirt_ledger import chosen
from examples.province.dirt_plan import DirtPlan

_KM_PER_DEGREE = 111.2
_IMPOSSIBLE_DEG = (400.0, -1.0)


def dirty_sites(sites: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator) -> pd.DataFrame:
    """Return the sites with some coordinates wrong: kilometres off, swapped, zero.

    Parameters
    ----------
    sites : DataFrame
        Needs `site_id`, `site_name`, `lon`, `lat` (degrees, WGS-84). Never changed.
    plan : DirtPlan
    rng : Generator

    Returns
    -------
    DataFrame
    """
    rules = plan.rules["inventory"]
    lon, lat = (sites[name].to_numpy(dtype=float, copy=True) for name in ("lon", "lat"))
    free = rng.permutation(len(sites))
    count = max(1, round(rules["moved_sites"] * len(sites)))
    moved, swapped, zero = free[:count], free[count : count + 1], free[count + 1 : count + 2]
    nearest, farthest = rules["moved_km"]
    away = rng.uniform(nearest, farthest, size=len(moved))
    bearing = rng.uniform(0.0, 2.0 * math.pi, size=len(moved))
    lat[moved] += away * np.cos(bearing) / _KM_PER_DEGREE
    lon[moved] += away * np.sin(bearing) / (_KM_PER_DEGREE * np.cos(np.radians(lat[moved])))
    lon[swapped], lat[swapped] = lat[swapped], lon[swapped]
    lon[zero], lat[zero] = 0.0, 0.0
    ids = sites["site_id"].to_numpy()
    for row, km in zip(moved, away, strict=True):
        plan.ledger.enter("moved_site", "sites", 1, object_id=ids[row], note=f"{km:.1f} km off")
    for kind, rows in (("swapped_site", swapped), ("zero_site", zero)):
        for row in rows:
            plan.ledger.enter(kind, "sites", 1, object_id=ids[row])
    return with_blanks("sites", sites.assign(lon=lon, lat=lat), "site_name", plan, rng)


def dirty_cells(cells: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator) -> pd.DataFrame:
    """Return the cells with some azimuths turned or impossible, some heights zero, and a column nobody asked for.

    Parameters
    ----------
    cells : DataFrame
        Needs `cell_id`; `azimuth_deg` and `height_m` are dirtied where they are. Never changed.
    plan : DirtPlan
    rng : Generator

    Returns
    -------
    DataFrame
    """
    rules = plan.rules["inventory"]
    changed = cells
    if "azimuth_deg" in cells:
        changed = changed.assign(azimuth_deg=_azimuths(cells, plan, rng))
    if "height_m" in cells:
        height = cells["height_m"].to_numpy(dtype=float, copy=True)
        zero = chosen(height > 0, rules["zero_heights"], rng, at_least=2)
        height[zero] = 0.0
        _enter_each("zero_height", cells, np.flatnonzero(zero), [""] * int(zero.sum()), plan)
        changed = changed.assign(height_m=height)
    column, text = ("备注", "已核对") if plan.is_chinese else ("remark", "verified on site")
    remarked = rng.random(len(cells)) < rules["remarks"]
    plan.ledger.enter("extra_column", "cells", remarked.sum(), note=column)
    return changed.assign(**{column: np.where(remarked, text, "")})


def _azimuths(
    cells: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return the azimuths, some turned by a right angle or more, some no direction at all."""
    rules = plan.rules["inventory"]
    azimuth: npt.NDArray[np.float64] = cells["azimuth_deg"].to_numpy(dtype=float, copy=True)
    turned = chosen(~np.isnan(azimuth), rules["turned_cells"], rng)
    impossible = chosen(~np.isnan(azimuth) & ~turned, rules["impossible_azimuths"], rng, at_least=2)
    rows = np.flatnonzero(turned)
    by = np.rint(rng.uniform(90.0, 180.0, size=len(rows)) * rng.choice([-1.0, 1.0], size=len(rows)))
    azimuth[rows] = (azimuth[rows] + by) % 360.0
    _enter_each(
        "turned_azimuth", cells, rows, [f"turned by {angle:.0f} degrees" for angle in by], plan
    )
    rows = np.flatnonzero(impossible)
    azimuth[rows] = np.resize(_IMPOSSIBLE_DEG, len(rows))
    _enter_each(
        "impossible_azimuth", cells, rows, [f"{angle:.0f}" for angle in azimuth[rows]], plan
    )
    return azimuth


def _enter_each(
    kind: str, cells: pd.DataFrame, rows: npt.NDArray[np.intp], notes: list[str], plan: DirtPlan
) -> None:
    """Note one entry for each cell dirtied."""
    for cell_id, note in zip(cells["cell_id"].to_numpy()[rows], notes, strict=True):
        plan.ledger.enter(kind, "cells", 1, object_id=cell_id, note=note)
