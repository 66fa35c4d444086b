"""Lay out what a map shows all day: sites, names of places, the land of counties and towns.

Counties and towns have no boundaries in the input; their land is where the nearest site is one of their own
(`dashboards.map_outlines`).

Simple so far: made in memory at the first look and again when the inventory changed.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dashboards.map_outlines import MOST_SEEDS, county_outlines
from dashboards.server.live_map.lands import GeoJson, Land, land_files
from dashboards.server.live_map.views import mercator

RANKS = {"county": 0, "seat": 1, "town": 1, "village": 2, "poi": 3}
"""How important a name is; other kinds count as `poi`."""
METRES_PER_DEGREE = 111_320.0
LIVE = "live"
DIGITS = 4
COARSENESS = 2_000.0
"""Part of the span of a map that outlines may be off by."""


@dataclass(frozen=True)
class Ground:
    """What does not change while the inventory does not.

    Attributes
    ----------
    sites : DataFrame
        `site_id`, `name`, `county`, `town`, `lon`, `lat`, `x`, `y` (`views.mercator`), `cells`, `users`; index from 0.
    place : mapping
        Row of `sites` by site.
    names : DataFrame
        `name`, `county`, `lon`, `lat`, `rank`, the important ones first.
    cells : DataFrame
        `cell_id` and `row`, that of its site.
    counties, towns : GeoJSON
        Their land, each with `id`, the name; towns of small inventories alone.
    """

    sites: pd.DataFrame
    place: pd.Series
    names: pd.DataFrame
    cells: pd.DataFrame
    counties: GeoJson
    towns: GeoJson

    @cached_property
    def lands(self) -> Mapping[str, Land]:
        """The land as files, by name."""
        return land_files(self.counties, self.towns)

    def bounds(self, counties: Collection[str] = ()) -> tuple[float, float, float, float]:
        """Return west, south, east and north of the sites of some counties, of all where none has one."""
        own = self.sites[self.sites["county"].isin(list(counties))] if counties else self.sites
        own = own if len(own) else self.sites
        if not len(own):
            return (-1.0, -1.0, 1.0, 1.0)
        west, east = np.quantile(own["lon"], [0.001, 0.999])
        south, north = np.quantile(own["lat"], [0.001, 0.999])
        least = 0.01
        return (
            float(west - least),
            float(south - least),
            float(east + least),
            float(north + least),
        )


@dataclass
class KeptGround:
    """The ground of an inventory, made once for each."""

    _of: object = None
    _ground: Ground | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, inventory: Mapping[str, pd.DataFrame]) -> Ground:
        """Return the ground of an inventory."""
        with self._lock:
            if self._ground is None or self._of is not inventory:
                self._ground, self._of = ground_of(inventory), inventory
            return self._ground


def ground_of(inventory: Mapping[str, pd.DataFrame]) -> Ground:
    """Return the ground of an inventory.

    Parameters
    ----------
    inventory : mapping of table name to DataFrame
        `sites`, `cells`, `places` of the contract. Sites without a position are left out.
    """
    sites = _sites(inventory["sites"], inventory["cells"])
    place = pd.Series(np.arange(len(sites)), index=pd.Index(sites["site_id"]))
    row = place.reindex(inventory["cells"]["site_id"].astype("str").to_numpy())
    cells = pd.DataFrame(
        {"cell_id": inventory["cells"]["cell_id"].astype("str"), "row": row.to_numpy()}
    )
    has_towns = len(sites) <= MOST_SEEDS
    counties = _land(sites, "county")
    return Ground(
        sites=sites,
        place=place,
        names=_names(sites, inventory["places"], counties),
        cells=cells.dropna(subset="row"),
        counties=counties,
        towns=_land(sites if has_towns else sites.iloc[:0], "town"),
    )


def _sites(sites: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return sites with what is drawn of them."""
    is_live = sites["status"].isna() | (sites["status"] == LIVE)
    is_placed = sites["lon"].notna() & sites["lat"].notna()
    known = sites[is_live & is_placed].drop_duplicates("site_id")
    users = pd.to_numeric(cells["users"], errors="coerce").groupby(cells["site_id"].astype("str"))
    lon, lat = known["lon"].to_numpy(float), known["lat"].to_numpy(float)
    x, y = mercator(lon, lat)
    site_id = known["site_id"].astype("str")
    name = known["site_name"].astype("object").where(known["site_name"].notna(), site_id)
    return pd.DataFrame(
        {
            "site_id": site_id.to_numpy(object),
            "name": name.astype("str").to_numpy(object),
            "county": _text(known["county"]),
            "town": _text(known["town"]),
            "lon": lon,
            "lat": lat,
            "x": x,
            "y": y,
            "cells": users.size().reindex(site_id.to_numpy()).fillna(0).to_numpy(int),
            "users": users.sum(min_count=1).reindex(site_id.to_numpy()).to_numpy(float),
        }
    )


def _names(sites: pd.DataFrame, places: pd.DataFrame, land: GeoJson) -> pd.DataFrame:
    """Return the names written on the map: counties, towns by their sites, the rest by the table of places."""
    spots = [
        shapely.point_on_surface(shapely.geometry.shape(f["geometry"])) for f in land["features"]
    ]
    counties = pd.DataFrame({"name": [f["id"] for f in land["features"]], "kind": "county"})
    counties = counties.assign(
        county=counties["name"], lon=shapely.get_x(spots), lat=shapely.get_y(spots)
    )
    towns = sites[sites["town"] != ""].groupby(["town", "county"])[["lon", "lat"]].median()
    towns = towns.reset_index().rename(columns={"town": "name"}).assign(kind="town")
    known = places.dropna(subset=["name", "lon", "lat"])
    county = _text(known["county"]) if "county" in known else ""
    others = known[["name", "lon", "lat", "kind"]].assign(county=county)
    columns = ["name", "county", "lon", "lat", "kind"]
    names = pd.concat([part[columns] for part in (counties, towns, others)], ignore_index=True)
    names["rank"] = names["kind"].map(RANKS).fillna(RANKS["poi"]).astype(int)
    names = names.sort_values(["rank", "name"], kind="stable").drop(columns="kind")
    return names.drop_duplicates(["name", "county"]).reset_index(drop=True)


def _land(sites: pd.DataFrame, column: str) -> GeoJson:
    """Return the land of each county or town as GeoJSON."""
    nothing: GeoJson = {"type": "FeatureCollection", "features": []}
    if len(sites) < 4:
        return nothing
    stretch = np.cos(np.radians(sites["lat"].median())) * METRES_PER_DEGREE
    spots = pd.DataFrame({"x_m": sites["lon"] * stretch, "y_m": sites["lat"] * METRES_PER_DEGREE})
    spots["county"] = sites[column].where(sites[column] != "", None)
    span_m = float(max(np.ptp(spots["x_m"]), np.ptp(spots["y_m"]), 1_000.0))
    table = county_outlines(spots, span_m=span_m)
    shapes = shapely.coverage_simplify(table.geometry.to_numpy(), span_m / COARSENESS)
    degrees = [1.0 / stretch, 1.0 / METRES_PER_DEGREE]
    for name, shape in zip(table["county"], shapes, strict=True):
        if isinstance(name, str) and not shape.is_empty:
            turned = shapely.transform(shape, lambda points: np.round(points * degrees, DIGITS))
            geometry = shapely.geometry.mapping(turned)
            nothing["features"].append(
                {"type": "Feature", "id": name, "properties": {}, "geometry": geometry}
            )
    return nothing


def _text(column: pd.Series) -> Any:
    """Return texts, empty where there is none."""
    return column.astype("object").where(column.notna(), "").astype("str").to_numpy(object)
