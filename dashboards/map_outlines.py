"""Draw lands from sites alone: the outline of each county and the area around some sites, in metres.

There are no boundaries in the input. A county's land is where the nearest site is one of its own.

Simple so far: straight edges half way between sites; rivers and true boundaries are unknown.
"""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

MOST_SEEDS = 4000
SMALL_PART = 0.08


def county_outlines(sites: pd.DataFrame, *, span_m: float) -> Any:
    """Return the land of each county.

    Parameters
    ----------
    sites : DataFrame
        `x_m`, `y_m` and `county` (null where unknown).
    span_m : float
        Size of the map, which sets how coarse it may be.

    Returns
    -------
    GeoDataFrame
        `county` and `geometry`, in metres; empty with fewer than four sites.
    """
    seeds = thinned(sites.dropna(subset=["x_m", "y_m"]), span_m=span_m)
    if len(seeds) < 4:
        return geopandas.GeoDataFrame({"county": pd.Series(dtype="str")}, geometry=[])
    points = shapely.points(seeds["x_m"], seeds["y_m"])
    cloud = shapely.multipoints(points)
    land = shapely.buffer(shapely.concave_hull(cloud, ratio=0.35), span_m * 0.03)
    cells = shapely.get_parts(shapely.voronoi_polygons(cloud, extend_to=land))
    tree = shapely.STRtree(cells)
    point, cell = tree.query(points, predicate="intersects")
    owner = pd.Series(seeds["county"].to_numpy()[point], index=cell).groupby(level=0).first()
    pieces = shapely.intersection(cells[owner.index], land)
    table = geopandas.GeoDataFrame({"county": owner.to_numpy()}, geometry=pieces)
    joined = table.dissolve(by="county", dropna=False).reset_index()
    return joined.assign(geometry=[_large_parts(shape) for shape in joined.geometry])


def area_around(sites: pd.DataFrame, *, radius_m: float) -> Any:
    """Return the land within a distance of some sites.

    Parameters
    ----------
    sites : DataFrame
        `x_m`, `y_m`.
    radius_m : float

    Returns
    -------
    shapely geometry
    """
    known = sites.dropna(subset=["x_m", "y_m"])
    points = shapely.points(known["x_m"], known["y_m"])
    return shapely.union_all(shapely.buffer(points, radius_m, quad_segs=6))


def thinned(sites: pd.DataFrame, *, span_m: float) -> pd.DataFrame:
    """Return at most one site of each square of a grid: all of them when there are few.

    Parameters
    ----------
    sites : DataFrame
        `x_m`, `y_m`.
    span_m : float
        Side of the map; the squares are chosen so that about `MOST_SEEDS` fill it.
    """
    if len(sites) <= MOST_SEEDS:
        return sites.drop_duplicates(["x_m", "y_m"])
    side = span_m / np.sqrt(MOST_SEEDS)
    squares = (sites[["x_m", "y_m"]] / side).round()
    return sites.loc[~squares.duplicated()]


def _large_parts(shape: Any) -> Any:
    """Return a shape without its small islands, which come of sites in the wrong county."""
    parts = shapely.get_parts(shape)
    areas = shapely.area(parts)
    return shapely.union_all(parts[areas >= SMALL_PART * areas.sum()])
