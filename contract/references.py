"""Find rows that point nowhere: at unknown cells, sites or objects, or off the map.

Simple so far: a site is misplaced when it is far from the median of all sites; the shape of the
country is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

EARTH_RADIUS_KM = 6371.0088
TRX_SUFFIX = r"/TRX-\d+$"
SWAPPED = "lon and lat look swapped"
ZERO = "lon and lat are zero"

_CELL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kpi": ("cell_id",),
    "locations": ("cell_id",),
    "neighbours": ("cell_id", "neighbour_id"),
}


@dataclass(frozen=True)
class Known:
    """What rows may point at.

    Attributes
    ----------
    sites, cells : Index of str
    nodes : Index of str
        Nodes and parents of `links`.
    """

    sites: pd.Index
    cells: pd.Index
    nodes: pd.Index


def known_objects(tables: Mapping[str, pd.DataFrame]) -> Known:
    """Return what the inventory read so far knows; tables not read yet are empty."""
    names = (("sites", "site_id"), ("cells", "cell_id"), ("links", "node"), ("links", "parent"))
    sites, cells, nodes, parents = (
        pd.Index(tables[table][column], dtype="str")
        if table in tables
        else pd.Index([], dtype="str")
        for table, column in names
    )
    return Known(sites.unique(), cells.unique(), nodes.append(parents).unique())


def unknown_reference(frame: pd.DataFrame, name: str, known: Known) -> Any:
    """Return, per row of a table, what it points at that is not known; null where all is.

    A cell needs a known site; counters, locations and neighbours a known cell; an alarm or a
    change a known site, cell, transceiver of a known cell (`<cell_id>/TRX-<n>`) or node.

    Parameters
    ----------
    frame : DataFrame
        Typed rows.
    name : str
        Name of the table.
    known : Known

    Returns
    -------
    array of object

    Examples
    --------
    >>> known = Known(pd.Index(["S1"]), pd.Index(["C1"]), pd.Index(["HUB"]))
    >>> alarms = pd.DataFrame({"object_id": ["S1", "C1/TRX-3", "HUB", "X"]})
    >>> unknown_reference(alarms, "alarms", known).tolist()
    [None, None, None, 'object_id is unknown']
    """
    reason = np.full(len(frame), None, dtype=object)
    if name == "cells":
        reason[~is_among(frame["site_id"], known.sites)] = "site_id is unknown"
    for column in _CELL_COLUMNS.get(name, ()):
        is_unknown = ~is_among(frame[column], known.cells)
        reason[is_unknown & pd.isna(reason)] = f"{column} is unknown"
    if name in ("alarms", "changes"):
        reason[~is_known_object(frame["object_id"], known)] = "object_id is unknown"
    return reason


def is_known_object(objects: pd.Series, known: Known) -> Any:
    """Tell which objects are a known site, cell, transceiver of a known cell or node.

    Examples
    --------
    >>> known = Known(pd.Index(["S1"]), pd.Index(["C1"]), pd.Index(["HUB"]))
    >>> is_known_object(pd.Series(["C1/TRX-3", "C2/TRX-3"]), known).tolist()
    [True, False]
    """
    codes, distinct = pd.factorize(objects, use_na_sentinel=False)
    names = pd.Series(distinct, dtype="str")
    of_cell = names.str.replace(TRX_SUFFIX, "", regex=True)
    is_known = is_among(names, known.sites) | is_among(names, known.cells)
    is_known |= is_among(names, known.nodes)
    is_known |= is_among(of_cell, known.cells) & (of_cell != names).to_numpy(bool)
    return is_known[codes]


def is_among(values: pd.Series, known: pd.Index) -> Any:
    """Tell which values stand in an index without repetitions.

    Unlike `isin`, what is looked up in stays laid out with the index: a few values cost little among many.

    Examples
    --------
    >>> is_among(pd.Series(["A", "B", "A"]), pd.Index(["A", "C"])).tolist()
    [True, False, True]
    """
    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    return (known.get_indexer(pd.Index(distinct)) >= 0)[codes]


def swapped_out_of_range(frame: pd.DataFrame) -> Any:
    """Return where a latitude is out of range but would fit as a longitude.

    Parameters
    ----------
    frame : DataFrame
        `lon` and `lat` as they came, any type.
    """
    lon = pd.to_numeric(frame["lon"], errors="coerce").to_numpy("float64", na_value=np.nan)
    lat = pd.to_numeric(frame["lat"], errors="coerce").to_numpy("float64", na_value=np.nan)
    return (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)


def misplaced(frame: pd.DataFrame, *, far_km: float, centre: tuple[float, float] | None) -> Any:
    """Return, per row, why its coordinates cannot be; null where they can.

    Parameters
    ----------
    frame : DataFrame
        `lon`, `lat` in degrees, WGS-84, in range.
    far_km : float
        Kilometres from the centre that are too far.
    centre : (lon, lat) or None
        None = the median of those rows that are not zero.

    Returns
    -------
    array of object
    """
    lon, lat = frame["lon"].to_numpy("float64"), frame["lat"].to_numpy("float64")
    reason = np.full(len(frame), None, dtype=object)
    is_zero = (lon == 0) & (lat == 0)
    reason[is_zero] = ZERO
    if is_zero.all():
        return reason
    middle = centre or (float(np.median(lon[~is_zero])), float(np.median(lat[~is_zero])))
    is_far = ~is_zero & (distance_km(lon, lat, middle) > far_km)
    is_swapped = is_far & (np.abs(lon) <= 90) & (distance_km(lat, lon, middle) <= far_km)
    reason[is_far] = f"lies over {far_km:g} km from the median site"
    reason[is_swapped] = SWAPPED
    return reason


def distance_km(lon: Any, lat: Any, centre: tuple[float, float]) -> Any:
    """Return great-circle distances from a centre in kilometres, by the haversine formula."""
    lon_1, lat_1, lon_2, lat_2 = (np.radians(x) for x in (lon, lat, centre[0], centre[1]))
    chord = (
        np.sin((lat_2 - lat_1) / 2) ** 2
        + np.cos(lat_1) * np.cos(lat_2) * np.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
