"""Give the land of a map as files that a browser keeps: all of it, the lines between its parts, the parts themselves.

A border between two counties is one line, and the land below them is one piece: drawing each county by itself took most
of what a frame of the map costs.

Simple so far: the same land for all zooms; the browser coarsens it as it needs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely

GeoJson = dict[str, Any]
WHOLE, COUNTIES = "whole", "counties"
VERSION_DIGITS = 16


@dataclass(frozen=True)
class Land:
    """Land as a file of GeoJSON, and the version by which browsers keep it."""

    version: str
    content: bytes


def land_files(counties: GeoJson, towns: GeoJson) -> Mapping[str, Land]:
    """Return the files of the land, by name.

    Parameters
    ----------
    counties, towns : GeoJSON
        Their parts; neighbours share the points of their border.

    Returns
    -------
    mapping of name to Land
        `whole`, `county-lines`, `town-lines`, and `counties` with the name of each as its `id`.
    """
    made = {
        WHOLE: _collection(shapely.coverage_union_all(_shapes(counties))),
        "county-lines": _collection(_lines(counties)),
        "town-lines": _collection(_lines(towns)),
        COUNTIES: counties,
    }
    return {name: _file(content) for name, content in made.items()}


def _shapes(land: GeoJson) -> list[Any]:
    """Return the shapes of the parts of some land."""
    return [shapely.geometry.shape(part["geometry"]) for part in land["features"]]


def _lines(land: GeoJson) -> Any:
    """Return the borders of the parts of some land, each once."""
    return shapely.line_merge(shapely.union_all(shapely.boundary(_shapes(land))))


def _collection(shape: Any) -> GeoJson:
    """Return a shape as a collection, empty where there is nothing of it."""
    geometry = shapely.geometry.mapping(shape)
    part = {"type": "Feature", "properties": {}, "geometry": geometry}
    return {"type": "FeatureCollection", "features": [] if shape.is_empty else [part]}


def _file(content: GeoJson) -> Land:
    """Return the file of a collection."""
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Land(hashlib.sha256(written).hexdigest()[:VERSION_DIGITS], written)
