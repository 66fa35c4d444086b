"""Tell where a complaint is and who serves it: cells, stations and names around, in health and as things stand now.

Simple so far: who serves now is reckoned at the best estimate of the place, not over all of its cloud.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from correlate.case.conditions import IN_SERVICE, station_condition
from correlate.case.inquiry import Inquiry
from correlate.case.phrases import Finding
from correlate.case.place_reasons import place_reason
from correlate.case.serving_reasons import serving_reasons
from sites.coverage import serving_probabilities

MOST_CELLS, MOST_SITES, MOST_NAMES, MOST_PLANNED = 6, 40, 12, 5
NAMES_WITHIN_M = 15_000.0
PLANNED_WITHIN_M = 3_000.0
"""A planned site this near counts as one for the place (start value)."""
LEAST_CURRENT = 0.02


def place_section(inquiry: Inquiry) -> dict[str, Any]:
    """Return where the complaint is and who serves it, as plain data.

    Keys: `basis`, `lon`, `lat`, `radius_m` (None when the place is not known), `nothing` (chance that nothing serves),
    `why` (what decided the place, a finding), `words`, `cells`, `current` (who serves now; empty while no serving cell
    is down), `sites`, `names`. Each cell has its `why`.
    """
    ticket = inquiry.ticket
    lon, lat = place_lonlat(inquiry)
    return {
        "basis": ticket.basis,
        "lon": lon,
        "lat": lat,
        "radius_m": round(ticket.radius_m) if np.isfinite(ticket.radius_m) else None,
        "nothing": round(ticket.nothing, 3),
        "why": place_reason(inquiry),
        "words": list(ticket.names),
        "cells": _cells(inquiry),
        "current": _current(inquiry),
        "sites": _sites(inquiry),
        "names": _names(inquiry),
    }


def place_lonlat(inquiry: Inquiry) -> tuple[float | None, float | None]:
    """Return longitude and latitude (WGS-84 degrees) of the place, None when it is not known."""
    if not inquiry.is_placed:
        return None, None
    lon, lat = inquiry.knowledge.network.to_lonlat(inquiry.ticket.x_m, inquiry.ticket.y_m)
    return round(float(lon), 5), round(float(lat), 5)


def _number(value: Any, digits: int = 5) -> float | None:
    """Return a number rounded, None where it is not known."""
    return round(float(value), digits) if np.isfinite(value) else None


def _cells(inquiry: Inquiry) -> list[dict[str, Any]]:
    """Return the cells that serve the place while the network is healthy, the likeliest first."""
    ticket = inquiry.ticket
    order = np.lexsort((ticket.cells, -ticket.served))
    kept = [i for i in order.tolist() if ticket.cells[i] >= 0 and ticket.served[i] > 0]
    kept = kept[:MOST_CELLS]
    why = serving_reasons(inquiry, ticket.cells[kept].tolist())
    rows = zip(
        *(v[kept].tolist() for v in (ticket.cells, ticket.served, ticket.distance_m)),
        why,
        strict=True,
    )
    return [_cell(inquiry, cell, p, away, why=why) for cell, p, away, why in rows]


def _cell(
    inquiry: Inquiry, cell: int, probability: float, distance_m: float, *, why: Finding
) -> dict[str, Any]:
    """Return what is told of a cell that serves the place with a probability."""
    knowledge, lay = inquiry.knowledge, inquiry.archive.lay
    site = int(knowledge.reach.site_of[cell])
    lon, lat = lay.site_lonlat[site].tolist()
    return {
        "cell_id": str(knowledge.cell_ids[cell]),
        "site_id": str(knowledge.site_ids[site]),
        "site_name": inquiry.site_name(site),
        "lon": _number(lon),
        "lat": _number(lat),
        "azimuth_deg": _number(lay.azimuth_deg[cell], 1),
        "beamwidth_deg": _number(lay.beamwidth_deg[cell], 1),
        "rat": str(lay.rat[cell]),
        "freq_mhz": _number(lay.freq_mhz[cell], 1),
        "indoor": bool(knowledge.is_indoor[cell]),
        "probability": round(probability, 4),
        "distance_m": round(distance_m),
        "is_down": bool(inquiry.moment.conditions.is_down[cell]),
        "why": why,
    }


def _current(inquiry: Inquiry) -> list[dict[str, Any]]:
    """Return who serves the place now, when cells that should are down."""
    down = inquiry.moment.conditions.is_down
    cells = inquiry.best_cells
    if not len(cells) or not down[cells[:MOST_CELLS]].any() or not inquiry.is_placed:
        return []
    served = serving_probabilities(
        inquiry.knowledge.network,
        np.array([inquiry.ticket.x_m]),
        np.array([inquiry.ticket.y_m]),
        indoor=np.array([float(inquiry.ticket.is_indoor)]),
        down=down,
        top=MOST_CELLS,
    )
    pairs = zip(served.cell[0].tolist(), served.probability[0].tolist(), strict=True)
    kept = [(cell, p) for cell, p in pairs if cell >= 0 and p >= LEAST_CURRENT]
    why = serving_reasons(inquiry, [cell for cell, _ in kept], stands_in=True)
    stations = inquiry.knowledge.network.cells[["x_m", "y_m"]].to_numpy(float)
    away = np.hypot(*(stations - (inquiry.ticket.x_m, inquiry.ticket.y_m)).T)
    return [
        _cell(inquiry, cell, p, float(away[cell]), why=told)
        for (cell, p), told in zip(kept, why, strict=True)
    ]


def _sites(inquiry: Inquiry) -> list[dict[str, Any]]:
    """Return the stations around with their part: serving, neighbour or planned."""
    knowledge, own = inquiry.knowledge, set(inquiry.own.tolist())
    lonlat = inquiry.archive.lay.site_lonlat
    conditions = inquiry.moment.conditions
    told = [
        {
            "site_id": str(knowledge.site_ids[site]),
            "site_name": inquiry.site_name(site),
            "lon": _number(lonlat[site, 0]),
            "lat": _number(lonlat[site, 1]),
            "role": "serving" if site in own else "neighbour",
            "is_down": station_condition(knowledge, conditions, site)[0] == "down",
        }
        for site in _nearest_first(inquiry)[:MOST_SITES]
    ]
    return told + [
        {k: row[k] for k in ("site_id", "site_name", "lon", "lat")}
        | {"role": "planned", "is_down": False}
        for row in planned_sites(inquiry)
    ]


def _nearest_first(inquiry: Inquiry) -> list[int]:
    """Return the own stations, then those that adjoin them, by distance."""
    own = set(inquiry.own.tolist())
    away = {site: inquiry.site_distance_m(site) or 0 for site in inquiry.around.tolist()}
    return sorted(away, key=lambda site: (site not in own, away[site], site))


def planned_sites(
    inquiry: Inquiry, *, within_m: float = PLANNED_WITHIN_M, most: int = MOST_PLANNED
) -> list[dict[str, Any]]:
    """Return the sites planned near the place, nearest first, with `planned_on_air` and `distance_m`."""
    if not inquiry.is_placed:
        return []
    x_m, y_m = inquiry.ticket.x_m, inquiry.ticket.y_m
    near = [
        (float(np.hypot(site.x_m - x_m, site.y_m - y_m)), site) for site in inquiry.archive.planned
    ]
    near = sorted((n for n in near if n[0] <= within_m), key=lambda n: (n[0], n[1].site_id))
    return [
        {
            "site_id": site.site_id,
            "site_name": site.site_name,
            "lon": _number(site.lon),
            "lat": _number(site.lat),
            "planned_on_air": site.on_air,
            "distance_m": round(away),
        }
        for away, site in near[:most]
    ]


def _names(inquiry: Inquiry) -> list[dict[str, Any]]:
    """Return the named places nearest to the place."""
    places = inquiry.archive.places
    if places.tree is None or not inquiry.is_placed:
        return []
    spot = (inquiry.ticket.x_m, inquiry.ticket.y_m)
    away, at = places.tree.query(spot, k=min(MOST_NAMES, len(places.names)))
    near = np.atleast_1d(at)[np.atleast_1d(away) <= NAMES_WITHIN_M]
    lon, lat = inquiry.knowledge.network.to_lonlat(places.xy[near, 0], places.xy[near, 1])
    return [
        {
            "name": str(places.names[i]),
            "kind": str(places.kinds[i]),
            "lon": round(float(x), 5),
            "lat": round(float(y), 5),
        }
        for i, x, y in zip(near.tolist(), np.atleast_1d(lon), np.atleast_1d(lat), strict=True)
    ]


def neighbourhood_section(inquiry: Inquiry) -> list[dict[str, Any]]:
    """Return the condition of the own stations and of those around: in service, degraded, down or unknown.

    Each row: `site_id`, `site_name`, `role`, `state`, `since` (of an outage), `distance_m`.
    """
    own = set(inquiry.own.tolist())
    told = []
    for site in _nearest_first(inquiry)[:MOST_SITES]:
        word, since = station_condition(inquiry.knowledge, inquiry.moment.conditions, site)
        told.append(
            {
                "site_id": str(inquiry.knowledge.site_ids[site]),
                "site_name": inquiry.site_name(site),
                "role": "serving" if site in own else "neighbour",
                "state": word,
                "since": inquiry.iso(since),
                "distance_m": inquiry.site_distance_m(site),
            }
        )
    return told


def troubled(stations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the stations of a neighbourhood that are down or degraded."""
    return [row for row in stations if row["state"] not in (IN_SERVICE, "unknown")]
