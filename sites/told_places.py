"""Learn where places lie that no table names, from earlier complaints that spoke of them.

The words left over in an address are a name nobody listed. Complaints that used the same words
earlier, with coordinates or a sighting of their number, tell where it is.

Simple so far: words must be the same to the letter, and the centre is the spot that most of the
evidence agrees on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sites.coordinates import readings
from sites.inventory import Network

# Error of coordinates, and how often they are of the place complained of.
COORDINATES_ERROR_M, COORDINATES_TRUST = 250.0, 0.8
# What a place has to be worth in evidence before it is believed half, by where its words stood.
DOUBT_WRITTEN, DOUBT_SPOKEN = 0.8, 2.5
# So many pieces of evidence, the earliest ones, tell where a name is.
MOST_EVIDENCE = 400
LEAST_WEIGHT = 0.2
PLACE_RADIUS_M = 200.0
FAR_M = 100_000.0
COLUMNS = ("row", "piece", "x_m", "y_m", "radius_m", "weight")


@dataclass(frozen=True)
class Evidence:
    """Where complaints are, as far as each alone tells.

    Attributes
    ----------
    rows : DataFrame
        `row`, `x_m`, `y_m`, `error_m`, `trust` (0-1), any number a complaint.
    arrived : array of float, shape (n,)
        When each complaint arrived, any unit; of two at one moment neither is earlier.
    """

    rows: pd.DataFrame
    arrived: Any


def evidence_of(
    complaints: pd.DataFrame, network: Network, *, arrived: Any, sightings: pd.DataFrame
) -> Evidence:
    """Return what coordinates and sightings tell of where complaints are.

    Parameters
    ----------
    complaints : DataFrame, index 0..n-1
        `lon`, `lat`, `crs`.
    network : Network
    arrived : array of float, shape (n,)
    sightings : DataFrame
        `row`, `site` (position in the network), `trust`, `spacing_m`.

    Returns
    -------
    Evidence
        Readings of coordinates in another system than the one stated are left out; where none is
        stated, all count a part.
    """
    lon, lat = complaints["lon"].to_numpy(float), complaints["lat"].to_numpy(float)
    given = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    crs = [name if isinstance(name, str) else "" for name in complaints["crs"].iloc[given]]
    table = readings(lon[given], lat[given], crs)
    table = table[table["reading"].isin(["stated", "unstated"])]
    x_m, y_m = network.to_xy(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    told = pd.DataFrame({"row": given[table["row"].to_numpy(int)], "x_m": x_m, "y_m": y_m})
    share = 1.0 / told.groupby("row")["row"].transform("size")
    told = told.assign(error_m=COORDINATES_ERROR_M, trust=COORDINATES_TRUST * share)
    at = network.sites[["x_m", "y_m"]].to_numpy(float)[sightings["site"].to_numpy(int)]
    seen = sightings.assign(x_m=at[:, 0], y_m=at[:, 1], error_m=0.6 * sightings["spacing_m"])
    both = pd.concat([told, seen[told.columns]], ignore_index=True)
    extent_m = np.abs(network.sites[["x_m", "y_m"]].to_numpy(float)).max()
    both = both[np.hypot(both["x_m"], both["y_m"]) < FAR_M + extent_m]
    return Evidence(both.reset_index(drop=True), np.asarray(arrived, dtype=float))


def told_places(pieces: Sequence[tuple[int, str, bool]], evidence: Evidence) -> pd.DataFrame:
    """Return the places that earlier complaints tell of pieces of text no table explains.

    Parameters
    ----------
    pieces : sequence of (row, piece, is_written)
        Whether the piece stood in the address, not in free text.
    evidence : Evidence

    Returns
    -------
    DataFrame
        `row`, `piece`, `x_m`, `y_m`, `radius_m`, `weight` (0-1), the best piece of each row.
        Only evidence of complaints that arrived before counts.

    Examples
    --------
    >>> rows = pd.DataFrame({"row": [0, 1], "x_m": [10.0, 30.0], "y_m": 0.0, "error_m": 200.0,
    ...                      "trust": 0.8})
    >>> seen = Evidence(rows, np.array([1.0, 2.0, 3.0]))
    >>> words = [(number, "rose court", True) for number in range(3)]
    >>> told_places(words, seen)[["row", "x_m"]].round().values.tolist()
    [[1.0, 10.0], [2.0, 20.0]]
    """
    said = pd.DataFrame(pieces, columns=["row", "piece", "is_written"]).drop_duplicates(
        ["row", "piece"]
    )
    if not len(said) or np.ptp(evidence.arrived) == 0:
        return _nothing_told()
    known = said.merge(evidence.rows, on="row")
    known = known.assign(arrived=evidence.arrived[known["row"].to_numpy(int)])
    known = known.sort_values(["piece", "arrived", "row"], kind="stable")
    known = known[known.groupby("piece").cumcount() < MOST_EVIDENCE]
    asked = said[said["piece"].isin(known["piece"])]
    asked = asked.assign(arrived=evidence.arrived[asked["row"].to_numpy(int)])
    of_piece = dict(tuple(known.groupby("piece")))
    found = [_told(group, of_piece[piece]) for piece, group in asked.groupby("piece")]
    if not found:
        return _nothing_told()
    told = pd.concat(found, ignore_index=True)
    told = told[told["weight"] >= LEAST_WEIGHT]
    order = told.sort_values(["row", "weight"], ascending=[True, False], kind="stable")
    return order.drop_duplicates("row")[list(COLUMNS)].reset_index(drop=True)


def _nothing_told() -> pd.DataFrame:
    """Return no places."""
    return pd.DataFrame(columns=list(COLUMNS)).astype({"row": int, "weight": float})


def _told(asked: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return where one piece lies for each complaint that used it, by what was known then."""
    at, error = known[["x_m", "y_m"]].to_numpy(float), known["error_m"].to_numpy(float)
    trust = known["trust"].to_numpy(float)
    earlier = known["arrived"].to_numpy()[None, :] < asked["arrived"].to_numpy()[:, None]
    variance = (error[:, None] ** 2 + error[None, :] ** 2) / 2.0
    square = ((at[:, None, :] - at[None, :, :]) ** 2).sum(axis=2)
    agree = np.exp(-0.5 * square / variance)
    support = np.where(earlier, earlier @ (trust[:, None] * agree), 0.0)
    best = support.argmax(axis=1)
    # What is less exact says less about the centre.
    share = earlier * trust * agree[best] / error**2
    total = share.sum(axis=1)
    safe = np.maximum(total, 1e-300)
    centre = (share @ at) / safe[:, None]
    sure = np.take_along_axis(support, best[:, None], axis=1)[:, 0]
    doubt = np.where(asked["is_written"], DOUBT_WRITTEN, DOUBT_SPOKEN)
    spread = np.hypot(PLACE_RADIUS_M, 1.5 / np.sqrt(np.maximum(total, 1e-12)))
    weight = sure / (earlier @ trust + doubt)
    return pd.DataFrame(
        {
            "row": asked["row"].to_numpy(),
            "piece": asked["piece"].to_numpy(),
            "x_m": centre[:, 0],
            "y_m": centre[:, 1],
            "radius_m": spread,
            "weight": np.where(total > 0, weight, 0.0),
        }
    )
