"""Find where each complaint is and which cells serve that place while the network is healthy.

A complaint's place is a cloud of weighted points, from its coordinates (in every reading that fits
the network), the names in its address and text, the cells where its number was seen, and its
county. Coverage turns the cloud into probabilities of cells; sightings weigh points and cells.

Simple so far: sightings of one number are taken as independent of each other, and a landmark that
no table names falls back to its town.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from correlate.candidates import Sightings, away_chance, components_of
from correlate.nearby_sightings import arrival_hours, in_order, learned_serving, stacked
from correlate.place_points import (
    Components,
    LocatingSettings,
    Points,
    chosen_components,
    points_of,
)
from sites.areas import Ground
from sites.coverage import Serving, serving_probabilities
from sites.inventory import Network
from sites.mentions import matching_pairs
from sites.places import Gazetteer, find_places

COVERAGE_TOP = 12
# Complaints whose points are in memory together.
CHUNK = 512
HOURS = np.timedelta64(1, "h")
BASES = np.array(["coordinates", "address", "register", "county", "nothing"], dtype=object)
SAYS = {
    "coordinates": "the coordinates of the order",
    "register": "the number was last seen on",
    "county": "the order names no place inside its county",
    "network": "nothing says where",
}


@dataclass(frozen=True)
class Located:
    """Where complaints are, one row each in the order given.

    Attributes
    ----------
    serving : Serving
        Cells of the place while the network is healthy, likeliest first.
    places : DataFrame
        The candidate places: `row`, `x_m`, `y_m`, `radius_m`, `weight` (after the sightings, 1 in
        sum over a row), `kind`, `basis`, `name`.
    basis : Series of str
        What decided: coordinates, address, register, county or nothing.
    reason : Series of str
        The same as a sentence.
    x_m, y_m, radius_m : Series of float
        Best estimate, and the distance within which two thirds of the cloud lie, metres.
    notes : Series of str
        What was odd about the order's coordinates, empty for nothing.
    """

    serving: Serving
    places: pd.DataFrame
    basis: pd.Series
    reason: pd.Series
    x_m: pd.Series
    y_m: pd.Series
    radius_m: pd.Series
    notes: pd.Series


@dataclass(frozen=True)
class _Fused:
    """Cells, weights of components and best spots of some complaints."""

    serving: Serving
    share: Any
    spot: Any


def locate(
    complaints: pd.DataFrame,
    gazetteer: Gazetteer,
    network: Network,
    sightings: pd.DataFrame,
    *,
    symptoms: pd.DataFrame | None = None,
    settings: LocatingSettings | None = None,
) -> Located:
    """Return where complaints are and which cells serve there while the network is healthy.

    Coordinates count as far as they fit the network, the names and the county; where another
    reading fits better (another map system, longitude and latitude exchanged) it is used and
    noted. Names give discs, towns and counties the spread of their sites. Every sighting of the
    number makes the points it is served from likelier, by its age; it never decides alone against
    a place that is named exactly.

    Parameters
    ----------
    complaints : DataFrame, n rows, unique index
        `text`, `address`, `county`, `lon`, `lat`, `crs`, `msisdn`, `created_at` (UTC); any value
        may be missing, no column.
    gazetteer : Gazetteer
    network : Network
    sightings : DataFrame
        `msisdn`, `seen_at` (UTC), `cell` (position, -1 for unknown): what had arrived by now.
    symptoms : DataFrame, n rows, optional
        `service` (voice, data, anything else) and `is_indoor` are used if there.
    settings : LocatingSettings, optional

    Returns
    -------
    Located
    """
    chosen = settings or LocatingSettings()
    asked = complaints.reset_index(drop=True)
    seen = _sightings_of(asked, sightings, gazetteer, network, chosen)
    found = find_places(gazetteer, asked["text"], asked["county"], addresses=asked["address"])
    parts, notes = components_of(
        asked, found, seen, gazetteer=gazetteer, network=network, settings=chosen
    )
    how = _conditions(len(asked), symptoms)
    fused = [
        _fused(
            slice(start, min(start + CHUNK, len(asked))),
            (parts, seen, how),
            ground=gazetteer.ground,
            network=network,
            settings=chosen,
        )
        for start in range(0, max(len(asked), 1), CHUNK)
    ]
    share = np.concatenate([piece.share for piece in fused])
    parts = Components(**{**vars(parts), "weight": share})
    spot = np.concatenate([piece.spot for piece in fused])
    serving = learned_serving(
        stacked([piece.serving for piece in fused]), seen, spot=spot, network=network,
        arrived_h=arrival_hours(asked), ground=gazetteer.ground, settings=chosen,
    )  # fmt: skip
    return _located(complaints.index, parts, in_order(serving, chosen.top), spot, notes)


def _sightings_of(
    asked: pd.DataFrame,
    sightings: pd.DataFrame,
    gazetteer: Gazetteer,
    network: Network,
    settings: LocatingSettings,
) -> Sightings:
    """Return the sites that saw each complaint's number, the most trusted ones, in order of row."""
    number = asked["msisdn"].fillna("").to_numpy(object).astype(str)
    seen = sightings["msisdn"].fillna("").to_numpy(object).astype(str)
    order = np.argsort(seen, kind="stable")
    row, at = matching_pairs(number, seen[order])
    at = order[at]
    cell = sightings["cell"].to_numpy(int)[at]
    kept = (cell >= 0) & (number[row] != "")
    row, at, cell = row[kept], at[kept], cell[kept]
    created = asked["created_at"].dt.tz_localize(None).to_numpy()[row]
    hours = np.abs(created - sightings["seen_at"].dt.tz_localize(None).to_numpy()[at]) / HOURS
    site = network.cells["site"].to_numpy(int)[cell]
    trust = settings.seen_trust * 0.5 ** (hours / settings.seen_half_life_h)
    trust = trust * away_chance(asked, gazetteer, 1.0, settings.seen_trust_away)[row]
    return _one_a_site(row, site, cell, trust, settings=settings)


def _one_a_site(
    row: Any, site: Any, cell: Any, trust: Any, *, settings: LocatingSettings
) -> Sightings:
    """Return sightings with the sightings of one site together, the best ones of each row."""
    order = np.lexsort((cell, -trust, site, row))
    row, site, cell, trust = row[order], site[order], cell[order], trust[order]
    is_first = np.ones(len(row), dtype=bool)
    is_first[1:] = (row[1:] != row[:-1]) | (site[1:] != site[:-1])
    count = np.diff(np.append(np.flatnonzero(is_first), len(row)))
    row, site, cell = row[is_first], site[is_first], cell[is_first]
    trust = 1.0 - (1.0 - trust[is_first]) * settings.seen_again ** (count - 1)
    order = np.lexsort((site, -trust, row))
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = order[place < settings.most_sightings]
    return Sightings(row=row[kept], site=site[kept], cell=cell[kept], trust=trust[kept])


def _conditions(size: int, symptoms: pd.DataFrame | None) -> tuple[Any, Any]:
    """Return the service (voice, data or none) and whether it is indoors, one a complaint."""
    service, indoor = np.full(size, "", dtype=object), np.zeros(size)
    if symptoms is not None and "service" in symptoms.columns:
        stated = symptoms["service"].to_numpy(object)
        service = np.where((stated == "voice") | (stated == "data"), stated, "")
    if symptoms is not None and "is_indoor" in symptoms.columns:
        indoor = symptoms["is_indoor"].to_numpy(float)
    return service, indoor


def _fused(
    rows: slice,
    evidence: tuple[Components, Sightings, tuple[Any, Any]],
    *,
    ground: Ground,
    network: Network,
    settings: LocatingSettings,
) -> _Fused:
    """Return cells, component weights and best spots of some complaints."""
    parts, seen, how = evidence
    first, last = np.searchsorted(parts.row, [rows.start, rows.stop])
    mine = chosen_components(parts, slice(first, last))
    saw_first, saw_last = np.searchsorted(seen.row, [rows.start, rows.stop])
    saw = Sightings(**{name: values[saw_first:saw_last] for name, values in vars(seen).items()})
    points = points_of(mine, 0, ground, settings)
    cells, chance, nothing = _covered(points, how, network)
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
    serving = _top_cells(table, boost, lost, spot, network=network, sharpness=settings.sharpness)
    share = np.bincount(points.part, weights=weight, minlength=len(mine.row))
    return _Fused(serving, share, spot)


def _covered(points: Points, how: tuple[Any, Any], network: Network) -> tuple[Any, Any, Any]:
    """Return cells, probabilities and nothing of each point; equal points are asked once."""
    service, indoor = how[0][points.row], how[1][points.row]
    size = len(points.row)
    cells, chance = np.full((size, COVERAGE_TOP), -1), np.zeros((size, COVERAGE_TOP))
    nothing = np.ones(size)
    for name in ("", "voice", "data"):
        mine = np.flatnonzero(service == name)
        if not len(mine):
            continue
        spots = np.round(np.column_stack([points.x_m[mine], points.y_m[mine], indoor[mine]]), 1)
        spots, number = np.unique(spots, axis=0, return_inverse=True)
        served = serving_probabilities(
            network, spots[:, 0], spots[:, 1], indoor=spots[:, 2], top=COVERAGE_TOP,
            service=name or None,  # type: ignore[arg-type]
        )  # fmt: skip
        number = number.reshape(-1)
        cells[mine], chance[mine] = served.cell[number], served.probability[number]
        nothing[mine] = served.nothing[number]
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
    used, span = flat > 0, cells.max(initial=0) + 1
    distinct, place = np.unique((row[:, None] * span + cells).ravel()[used], return_inverse=True)
    probability = np.bincount(place.reshape(-1), weights=flat[used], minlength=len(distinct))
    return distinct // span, distinct % span, probability


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
    table: tuple[Any, Any, Any],
    boost: Any,
    lost: Any,
    spot: Any,
    *,
    network: Network,
    sharpness: float,
) -> Serving:
    """Return the likeliest cells of each row; all cells of a row share what is not lost.

    Boost and sharpness shift probability among all cells, so that many faint ones weigh little.
    """
    row, cell, before = table
    size = len(lost)
    after = (before * boost) ** sharpness
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


def _located(
    index: Any, parts: Components, serving: Serving, spot: Any, notes: list[str]
) -> Located:
    """Return the record, with what decided each row and the sentence that says it."""
    basis, main = _deciding(parts, len(index))
    reason = [_sentence(parts, number) for number in main.tolist()]
    columns = ("row", "x_m", "y_m", "radius_m", "weight", "kind", "basis", "name")
    return Located(
        serving=serving,
        places=pd.DataFrame({name: getattr(parts, name) for name in columns}),
        basis=pd.Series(basis, index=index, name="basis", dtype="str"),
        reason=pd.Series(reason, index=index, name="reason", dtype="str"),
        x_m=pd.Series(spot[:, 0], index=index, name="x_m"),
        y_m=pd.Series(spot[:, 1], index=index, name="y_m"),
        radius_m=pd.Series(spot[:, 2], index=index, name="radius_m"),
        notes=pd.Series(notes, index=index, name="notes", dtype="str"),
    )


def _deciding(parts: Components, size: int) -> tuple[Any, Any]:
    """Return the basis with the most weight of each row, and its heaviest component."""
    code = (parts.basis[:, None] == BASES[None, :]).argmax(axis=1)
    sums = np.zeros((size, len(BASES)))
    np.add.at(sums, (parts.row, code), parts.weight)
    best = sums.argmax(axis=1)
    heavy = np.where(code == best[parts.row], parts.weight, -1.0)
    order = np.lexsort((-heavy, parts.row))
    return BASES[best], order[np.searchsorted(parts.row, np.arange(size))]


def _sentence(parts: Components, number: int) -> str:
    """Return what a component says about the place, as a sentence."""
    kind, name = parts.kind[number], parts.name[number]
    if kind == "coordinates":
        return f"{SAYS[kind]}, read as {name}" if name else SAYS[kind]
    if kind == "register":
        return f"{SAYS[kind]} {name}"
    if parts.basis[number] == "address":
        return f"the words name {name} ({kind})"
    return SAYS["county"] + f", {name}" if kind == "county" else SAYS["network"]
