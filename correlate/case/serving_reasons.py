"""Say in a short sentence why a cell serves the place of a complaint.

First what is particular to this complaint (its number was seen there, its words name the site, a fault there fits),
then what coverage says: where the place lies in the beam of the antenna, and how far from it.

Simple so far: what numbers of earlier complaints from nearby taught is part of the probability, not of the sentence.
"""

from __future__ import annotations

import numpy as np

from correlate.case.inquiry import Inquiry
from correlate.case.number_sightings import Seen, lapse, number_sightings
from correlate.case.phrases import Finding, finding
from correlate.case.place_reasons import told_distance
from correlate.case.shares import percentage

SITE_NAMED_M = 30.0
"""A named place of kind site this close to a site is that site."""
RAISED, LEAST_RAISE = 1.25, 0.03
"""Factor and share by which a fault must raise a cell for it to be told (start values)."""
WIDE_M = 5000.0
"""A place no better known than this says nothing of beams."""
USUAL_BEAM_DEG = 65.0
BEHIND_DEG = 120.0


def serving_reasons(
    inquiry: Inquiry, cells: list[int], *, stands_in: bool = False
) -> list[Finding]:
    """Return why each of some cells serves the place.

    Parameters
    ----------
    inquiry : Inquiry
    cells : list of int
        Positions in the network.
    stands_in : bool, default False
        Whether they serve because cells that should are down.

    Returns
    -------
    list of Finding
        `serves.why`, one for each cell; its clauses are findings of their own.
    """
    seen = number_sightings(inquiry)
    return [_reason(inquiry, cell, seen, stands_in=stands_in) for cell in cells]


def _reason(inquiry: Inquiry, cell: int, seen: list[Seen], *, stands_in: bool) -> Finding:
    """Return why a cell serves the place."""
    site = int(inquiry.knowledge.reach.site_of[cell])
    on_it = _sighting(inquiry, cell, site, seen)
    told = [] if on_it is None else [_seen(inquiry, cell, on_it)]
    if _is_named(inquiry, site):
        told.append(finding("serves.named"))
    is_down = bool(inquiry.moment.conditions.is_down[cell])
    told += _fault(inquiry, cell, is_down=is_down)
    if stands_in and not is_down:
        told.append(finding("serves.stands_in"))
    if on_it is None or on_it.is_at_place:
        told.append(_by_coverage(inquiry, cell))
    return finding("serves.why", told=told)


def _sighting(inquiry: Inquiry, cell: int, site: int, seen: list[Seen]) -> Seen | None:
    """Return the sighting of the number on a cell, else on its site, that is nearest in time."""
    cell_id, created_at = str(inquiry.knowledge.cell_ids[cell]), inquiry.ticket.created_at
    known = [s for s in seen if s.sighting.cell_id == cell_id]
    known = known or [s for s in seen if s.site == site]
    return min(known, key=lambda s: abs(s.sighting.seen_at - created_at), default=None)


def _seen(inquiry: Inquiry, cell: int, on_it: Seen) -> Finding:
    """Return that the number was on a cell or its site, and how far off when that is not there."""
    is_cell = on_it.sighting.cell_id == str(inquiry.knowledge.cell_ids[cell])
    key = "serves.seen" if is_cell else "serves.seen_site"
    when = lapse(inquiry, on_it.sighting.seen_at)
    if on_it.is_at_place or on_it.distance_m is None:
        return finding(key, lapse=when)
    return finding(f"{key}_away", lapse=when, d=told_distance(on_it.distance_m))


def _is_named(inquiry: Inquiry, site: int) -> bool:
    """Return whether the words name a site."""
    x_m, y_m = inquiry.archive.lay.site_xy[site].tolist()
    return any(
        kind == "site" and basis == "address" and np.hypot(x - x_m, y - y_m) <= SITE_NAMED_M
        for kind, _, basis, _, x, y, _ in inquiry.ticket.candidates
    )


def _fault(inquiry: Inquiry, cell: int, *, is_down: bool) -> list[Finding]:
    """Return that a fault at a cell made it likelier, or that it is down now."""
    ticket = inquiry.ticket
    at = np.flatnonzero(ticket.cells == cell)
    before, after = (float(v[at].sum()) for v in (ticket.share, ticket.served))
    if after >= RAISED * before and after - before >= LEAST_RAISE:
        key = "serves.down_fits" if is_down else "serves.fault_fits"
        return [finding(key, before=percentage(before), after=percentage(after))]
    return [finding("serves.down")] if is_down else []


def _by_coverage(inquiry: Inquiry, cell: int) -> Finding:
    """Return how the place lies to the antenna of a cell, and how far from it."""
    lay, ticket = inquiry.archive.lay, inquiry.ticket
    site = int(inquiry.knowledge.reach.site_of[cell])
    if not inquiry.is_placed:
        return finding("serves.coverage")
    x_m, y_m = lay.site_xy[site].tolist()
    away = round(float(np.hypot(ticket.x_m - x_m, ticket.y_m - y_m)))
    values = {"d": told_distance(away)}
    if inquiry.knowledge.is_indoor[cell]:
        return finding("serves.indoor", **values)
    if ticket.radius_m >= WIDE_M:
        return finding("serves.wide", d=told_distance(ticket.radius_m))
    if ticket.radius_m >= away:
        return finding("serves.inside", **values)
    bearing = float(np.degrees(np.arctan2(ticket.x_m - x_m, ticket.y_m - y_m)))
    position = beam_position(bearing, float(lay.azimuth_deg[cell]), float(lay.beamwidth_deg[cell]))
    return finding(f"serves.{position}", **values)


def beam_position(bearing_deg: float, azimuth_deg: float, beamwidth_deg: float) -> str:
    """Return where a bearing lies against the beam of an antenna.

    Parameters
    ----------
    bearing_deg : float
        From the site to the place, degrees from north.
    azimuth_deg, beamwidth_deg : float
        Of the antenna; NaN for none. The beamwidth is that at half power.

    Returns
    -------
    str
        `round` (no azimuth), `ahead` (within half the beamwidth), `edge` (within all of it), `beside` or `behind`
        (more than 120 degrees off).

    Examples
    --------
    >>> [beam_position(b, 350.0, 65.0) for b in (10.0, -60.0, 90.0, 180.0)]
    ['ahead', 'edge', 'beside', 'behind']
    """
    if not np.isfinite(azimuth_deg):
        return "round"
    off = abs((bearing_deg - azimuth_deg + 180.0) % 360.0 - 180.0)
    width = beamwidth_deg if np.isfinite(beamwidth_deg) else USUAL_BEAM_DEG
    if off <= width / 2.0:
        return "ahead"
    if off <= width:
        return "edge"
    return "behind" if off > BEHIND_DEG else "beside"
