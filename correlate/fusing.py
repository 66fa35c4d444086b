"""Fuse places, coverage and sightings of some complaints into the cells that serve them.

Simple so far: sightings of one number are taken as independent of each other.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from correlate.place_points import (
    Components,
    LocatingSettings,
    Points,
    chosen_components,
    points_of,
)
from correlate.register import Sightings
from correlate.taught_coverage import Lessons
from sites.areas import Ground
from sites.coverage import serving_probabilities
from sites.inventory import Network
from sites.mentions import matching_pairs
from sites.serving import Serving

COVERAGE_TOP = 12
# Points so near are asked once; more of them than this don't fit on the Earth.
SAME_SPOT_M, SPOTS = 1.0, 1 << 27
# What one point adds to one cell of a complaint is left out below this.
LEAST_SHARE = 1e-7


@dataclass(frozen=True)
class Conditions:
    """How complaints ask for service, one value each: voice, data or "", indoors (0 or 1), number of the lesson."""

    service: Any
    indoor: Any
    lesson: Any


@dataclass(frozen=True)
class Fused:
    """Cells, weights of components and best spots of some complaints."""

    serving: Serving
    share: Any
    spot: Any


def fused(
    rows: slice,
    evidence: tuple[Components, Sightings, Conditions, Lessons],
    *,
    ground: Ground,
    network: Network,
    settings: LocatingSettings,
) -> Fused:
    """Return cells, component weights and best spots of some complaints."""
    parts, seen, how, taught = evidence
    first, last = np.searchsorted(parts.row, [rows.start, rows.stop])
    mine = chosen_components(parts, slice(first, last))
    saw_first, saw_last = np.searchsorted(seen.row, [rows.start, rows.stop])
    saw = Sightings(**{name: values[saw_first:saw_last] for name, values in vars(seen).items()})
    points = points_of(mine, 0, ground, settings)
    cells, chance, nothing = _covered(points, how, taught, network)
    fit = _sighting_fit(points, saw, (cells, chance), ground=ground, network=network,
                        settings=settings)  # fmt: skip
    size = rows.stop - rows.start
    row = points.row - rows.start
    weight = points.weight * fit
    weight = weight / np.bincount(row, weights=weight, minlength=size)[row]
    spot = _spots(points, row, weight, size)
    table = _cell_sums(row, weight, cells, chance)
    boost = _boost_of(table, mine, saw, network, rows=rows, settings=settings)
    lost = np.bincount(row, weights=weight * nothing, minlength=size)
    serving = _top_cells(table, boost, lost, spot, network=network)
    share = np.bincount(points.part, weights=weight, minlength=len(mine.row))
    return Fused(serving, share, spot)


def _covered(
    points: Points, how: Conditions, taught: Lessons, network: Network
) -> tuple[Any, Any, Any]:
    """Return cells, probabilities and nothing of each point, to the metre; equal ones are asked once."""
    service, indoor, lesson = (values[points.row] for values in vars(how).values())
    size = len(points.row)
    cells, chance = np.full((size, COVERAGE_TOP), -1), np.zeros((size, COVERAGE_TOP))
    nothing = np.ones(size)
    east, north = (np.round(at / SAME_SPOT_M).astype(np.int64) for at in (points.x_m, points.y_m))
    spot = (east * SPOTS + north) * 2 + (indoor > 0.5)
    for name, number in itertools.product(("", "voice", "data"), np.unique(how.lesson).tolist()):
        mine = np.flatnonzero((service == name) & (lesson == number))
        if not len(mine):
            continue
        place, distinct = pd.factorize(spot[mine])
        first = np.empty(len(distinct), dtype=np.int64)
        first[place] = mine
        served = serving_probabilities(
            network, SAME_SPOT_M * east[first], SAME_SPOT_M * north[first], indoor=indoor[first],
            top=COVERAGE_TOP, offset_db=taught.offset_db(number),
            service=name or None,  # type: ignore[arg-type]
        )  # fmt: skip
        cells[mine], chance[mine] = served.cell[place], served.probability[place]
        nothing[mine] = served.nothing[place]
    return cells, np.where(cells >= 0, chance, 0.0), nothing


def _sighting_fit(
    points: Points,
    saw: Sightings,
    covered: tuple[Any, Any],
    *,
    ground: Ground,
    network: Network,
    settings: LocatingSettings,
) -> Any:
    """Return how much likelier or less likely the sightings make each point.

    A sighting is of the place with its trust, else of anywhere. At the place its site is the one
    that serves there, or one close by that stood in for it.
    """
    cells, chance = covered
    fit = np.ones(len(points.row))
    point, number = matching_pairs(points.row, saw.row)
    if not len(point):
        return fit
    site = saw.site[number]
    site_of = network.cells["site"].to_numpy(int)
    serves = np.where(site_of[cells[point]] == site[:, None], chance[point], 0.0).sum(axis=1)
    at = ground.site_xy[site]
    away = np.hypot(points.x_m[point] - at[:, 0], points.y_m[point] - at[:, 1])
    reach = settings.stand_in_reach
    stand_in = np.exp(-away / (reach * ground.spacing_m[site])) / (2 * np.pi * reach**2)
    there = settings.same_site_share * serves + (1 - settings.same_site_share) * stand_in
    trust = saw.trust[number]
    np.multiply.at(fit, point, (1.0 - trust) + trust * there * len(ground.site_xy))
    return fit


def _cell_sums(row: Any, weight: Any, cells: Any, chance: Any) -> tuple[Any, Any, Any]:
    """Return row, cell and probability, summed over points, in order of row and cell."""
    flat = (weight[:, None] * chance).ravel()
    used = flat > LEAST_SHARE
    rows = np.broadcast_to(row[:, None], cells.shape).ravel()[used]
    shape = (int(row.max(initial=-1)) + 1, int(cells.max(initial=0)) + 1)
    table = sparse.coo_array((flat[used], (rows, cells.ravel()[used])), shape=shape).tocsr()
    table.sum_duplicates()
    return np.repeat(np.arange(shape[0]), np.diff(table.indptr)), table.indices, table.data


def _boost_of(
    table: tuple[Any, Any, Any],
    mine: Components,
    saw: Sightings,
    network: Network,
    *,
    rows: slice,
    settings: LocatingSettings,
) -> Any:
    """Return by how much the cells that the register or the words name count more."""
    row, cell, _ = table
    site = network.cells["site"].to_numpy(int)[cell]
    boost = np.ones(len(row))
    found, number = matching_pairs(row, saw.row - rows.start)
    trust = saw.trust[number]
    extra = settings.seen_cell_boost * (cell[found] == saw.cell[number])
    extra = extra + settings.seen_site_boost * (site[found] == saw.site[number])
    np.add.at(boost, found, trust * extra)
    found, number = matching_pairs(row, mine.row - rows.start)
    same = site[found] == mine.site[number]
    np.add.at(boost, found, settings.named_site_boost * mine.weight[number] * same)
    return boost


def _top_cells(
    table: tuple[Any, Any, Any], boost: Any, lost: Any, spot: Any, *, network: Network
) -> Serving:
    """Return the likeliest cells of each row; all cells of a row share what is not lost."""
    row, cell, before = table
    size = len(lost)
    after = before * boost
    sums = np.bincount(row, weights=after, minlength=size)
    after = after * ((1.0 - lost) / np.maximum(sums, 1e-300))[row]
    order = np.lexsort((cell, -after, row))
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = place < COVERAGE_TOP
    chosen, at = order[kept], (row[kept], place[kept])
    cells, probability = np.full((size, COVERAGE_TOP), -1), np.zeros((size, COVERAGE_TOP))
    distance = np.full((size, COVERAGE_TOP), np.nan)
    cells[at], probability[at] = cell[chosen], after[chosen]
    x_m, y_m = network.cells["x_m"].to_numpy(float), network.cells["y_m"].to_numpy(float)
    distance[at] = np.hypot(x_m[cell[chosen]] - spot[at[0], 0], y_m[cell[chosen]] - spot[at[0], 1])
    return Serving(cell=cells, probability=probability, nothing=lost, distance_m=distance)


def _spots(points: Points, row: Any, weight: Any, size: int) -> Any:
    """Return the best estimate of each row: the centre of its likeliest component, and radius."""
    share = np.bincount(points.part, weights=weight)
    best = np.zeros(size)
    np.maximum.at(best, row, share[points.part])
    main = np.where(share[points.part] >= best[row] * (1 - 1e-9), weight, 0.0)
    total = np.bincount(row, weights=main, minlength=size)
    x_m = np.bincount(row, weights=main * points.x_m, minlength=size) / total
    y_m = np.bincount(row, weights=main * points.y_m, minlength=size) / total
    away = np.hypot(points.x_m - x_m[row], points.y_m - y_m[row])
    order = np.lexsort((away, row))
    reached = np.cumsum(weight[order]) - row[order]
    is_inside = reached < 2.0 / 3.0
    radius = np.zeros(size)
    np.maximum.at(radius, row[order][is_inside], away[order][is_inside])
    return np.column_stack([x_m, y_m, radius])
