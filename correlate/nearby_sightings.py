"""Learn which cells serve a place from where the numbers of earlier complaints near it were seen.

No model knows each wall and ridge; the register of numbers that complained from the same place
does. Faults also gather complaints: of two sites that may serve a place, the one whose customers
complained lately is likelier to be meant.

Simple so far: the cost grows with the square of how many complaints come from one town, and a
number that complains again counts again.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from correlate.place_points import LocatingSettings
from correlate.register import Sightings
from sites.areas import Ground
from sites.coverage import Serving
from sites.inventory import Network

CHUNK = 256
# An earlier sighting that would weigh less than this is left out.
LEAST_WEIGHT = 0.02
DIGITS = 9
US_PER_HOUR = 3.6e9


def learned_serving(  # noqa: PLR0913 - what was known of each complaint, all by keyword
    serving: Serving,
    seen: Sightings,
    *,
    spot: Any,
    arrived_h: Any,
    ground: Ground,
    network: Network,
    settings: LocatingSettings,
) -> Serving:
    """Return serving cells with earlier sightings from the same place taken into account.

    The probabilities of a complaint are the prior of a Dirichlet distribution worth
    `settings.nearby_prior` sightings. Each sighting of a complaint that arrived earlier adds its
    trust, times how much the two places overlap, times how recent it is.

    Parameters
    ----------
    serving : Serving
        Of n complaints.
    seen : Sightings
        Of the numbers of these complaints, in order of `row`.
    spot : array, shape (n, 3)
        Best estimate of each place and its radius, metres.
    arrived_h : array, shape (n,)
        When each complaint arrived, hours; of two with one moment neither is earlier.
    ground : Ground
    network : Network
    settings : LocatingSettings

    Returns
    -------
    Serving
        The same cells, `nothing` and sums; the probabilities are no longer in order.

    References
    ----------
    .. [1] Gelman A. et al. (2013), Bayesian Data Analysis, 3rd ed., 3.4: multinomial data with a
       Dirichlet prior. Here an observation counts in part, by its kernel weight.
    """
    chance = np.where(serving.cell >= 0, serving.probability, 0.0)
    if not len(seen.row):
        return serving
    tree = cKDTree(spot[seen.row, :2])
    rank = min(4, ground.tree.n)
    near_m = ground.tree.query(spot[:, :2], k=[rank])[0][:, 0]
    reach = settings.nearby_reach * np.clip(near_m, 200.0, 3000.0)
    site_of = network.cells["site"].to_numpy(int)
    added = np.zeros_like(chance)
    for start in range(0, len(chance), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(chance)))
        row, number = _pairs(tree, rows, spot, reach, settings)
        weight = _weights(row, seen, number, (spot, reach, arrived_h), settings)
        row, number, weight = row[weight > 0], number[weight > 0], weight[weight > 0]
        is_cell = serving.cell[row] == seen.cell[number][:, None]
        is_site = site_of[serving.cell[row]] == seen.site[number][:, None]
        part = _parts(chance[row], is_cell, is_site, settings.nearby_cell_share)
        np.add.at(added, row, weight[:, None] * part)
    total = chance.sum(axis=1, keepdims=True)
    grown = settings.nearby_prior * chance / np.maximum(total, 1e-300) + added
    after = grown * total / np.maximum(grown.sum(axis=1, keepdims=True), 1e-300)
    return Serving(serving.cell, after, serving.nothing, serving.distance_m)


def arrival_hours(complaints: pd.DataFrame) -> Any:
    """Return when complaints arrived, in hours since 1970.

    Parameters
    ----------
    complaints : DataFrame
        `arrived_at` (UTC), or else `created_at`.

    Returns
    -------
    array of float

    Examples
    --------
    >>> arrival_hours(pd.DataFrame({"created_at": pd.to_datetime(["1970-01-01T05:30Z"])})).tolist()
    [5.5]
    """
    name = "arrived_at" if "arrived_at" in complaints.columns else "created_at"
    instants = complaints[name].dt.tz_localize(None).to_numpy("datetime64[us]")
    return instants.astype(float) / US_PER_HOUR


def stacked(parts: Sequence[Serving]) -> Serving:
    """Return the cells of several parts as one.

    Parameters
    ----------
    parts : sequence of Serving

    Returns
    -------
    Serving
    """
    names = [field.name for field in fields(Serving)]
    return Serving(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def in_order(serving: Serving, top: int) -> Serving:
    """Return the likeliest cells in order.

    Parameters
    ----------
    serving : Serving
    top : int
        How many cells are kept.

    Returns
    -------
    Serving
    """
    # Rounded, so that the last digits don't tell how many complaints were located together.
    chance = np.where(serving.cell >= 0, serving.probability, 0.0).round(DIGITS)
    order = np.lexsort((serving.cell, -chance), axis=1)[:, :top]
    cell, away = (np.take_along_axis(v, order, 1) for v in (serving.cell, serving.distance_m))
    return Serving(cell, np.take_along_axis(chance, order, 1), serving.nothing, away)


def _pairs(
    tree: Any, rows: Any, spot: Any, reach: Any, settings: LocatingSettings
) -> tuple[Any, Any]:
    """Return complaints and sightings from so near that they may weigh enough."""
    # The overlap v / s exp(-d^2 / 2s), s >= v, reaches the limit furthest out at s = v / (e limit).
    most = settings.seen_trust * (1.0 + settings.nearby_recent)
    away = reach[rows] * np.sqrt(2.0 * most / (np.e * LEAST_WEIGHT))
    found = tree.query_ball_point(spot[rows, :2], away, return_sorted=True)
    count = np.array([len(numbers) for numbers in found], dtype=np.int64)
    number = np.concatenate([np.asarray(numbers, dtype=np.int64) for numbers in found])
    return np.repeat(rows, count), number


def _weights(
    row: Any,
    seen: Sightings,
    number: Any,
    known: tuple[Any, Any, Any],
    settings: LocatingSettings,
) -> Any:
    """Return what each earlier sighting weighs for a complaint, 0 for one that was not earlier."""
    spot, reach, arrived_h = known
    other = seen.row[number]
    square = ((spot[row, :2] - spot[other, :2]) ** 2).sum(axis=1)
    spread = reach[row] ** 2 + spot[row, 2] ** 2 + spot[other, 2] ** 2
    overlap = reach[row] ** 2 / spread * np.exp(-0.5 * square / spread)
    age_h = arrived_h[row] - arrived_h[other]
    recent = 1.0 + settings.nearby_recent * np.exp(-np.maximum(age_h, 0.0) / settings.nearby_h)
    weight = seen.trust[number] * overlap * recent
    is_earlier = (age_h > 0) & (age_h < 24.0 * settings.nearby_days)
    return np.where(is_earlier & (weight > LEAST_WEIGHT), weight, 0.0)


def _parts(chance: Any, is_cell: Any, is_site: Any, cell_share: float) -> Any:
    """Return how sightings are shared out among cells: the cell seen, the others of its site."""
    of_site = is_site * chance
    of_site = of_site / np.maximum(of_site.sum(axis=1, keepdims=True), 1e-300)
    has_cell = is_cell.any(axis=1, keepdims=True)
    return np.where(has_cell, cell_share * is_cell + (1.0 - cell_share) * of_site, of_site)
