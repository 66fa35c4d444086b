"""Look up where the number of a ticket was seen, for that ticket alone.

Simple so far: a sighting is at the place when its site is no further from the circle of the place than cells of its
surroundings usually reach; hills and water are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from correlate.case.archive import Sighting
from correlate.case.inquiry import Inquiry
from correlate.case.phrases import Finding, finding

SEEN_S = 7 * 86400
HOUR_S, DAY_S = 3600, 86400
REACH, LEAST_REACH_M, MOST_REACH_M = 4.0, 2000.0, 10_000.0
"""How far cells serve: in spacings of sites around, at least and at most in metres (start values)."""


@dataclass(frozen=True)
class Seen:
    """One sighting of the ticket's number: cell and site by position, and how far the site is from the place.

    `site` is -1 for a cell that is not in the inventory, `distance_m` then unknown (None).
    """

    sighting: Sighting
    site: int
    distance_m: int | None
    is_at_place: bool


def number_sightings(inquiry: Inquiry) -> list[Seen]:
    """Return where the ticket's number was seen in the week before it and since, as known by now; the latest first."""
    ticket = inquiry.ticket
    if not ticket.msisdn:
        return []
    since = ticket.created_at - SEEN_S
    rows = inquiry.archive.sightings.get(ticket.msisdn, ())
    known = [s for s in rows if s.arrived_at <= inquiry.now and s.seen_at >= since]
    known.sort(key=lambda s: -s.seen_at)
    return [_seen(inquiry, sighting) for sighting in known]


def _seen(inquiry: Inquiry, sighting: Sighting) -> Seen:
    """Return a sighting with where it was against the place."""
    site = inquiry.archive.site(inquiry.knowledge, sighting.cell_id)
    if site < 0:
        return Seen(sighting, site, None, is_at_place=False)
    away = inquiry.site_distance_m(site)
    if away is None:
        return Seen(sighting, site, None, is_at_place=site in inquiry.around)
    spacing = float(inquiry.knowledge.gazetteer.ground.spacing_m[site])
    reach = min(max(REACH * spacing, LEAST_REACH_M), MOST_REACH_M)
    radius = float(np.nan_to_num(inquiry.ticket.radius_m))
    return Seen(sighting, site, away, is_at_place=away <= radius + reach)


def lapse(inquiry: Inquiry, seen_at: int) -> Finding:
    """Return how long before or after the complaint something was: minutes, hours or days.

    Parameters
    ----------
    inquiry : Inquiry
    seen_at : int
        Seconds since 1970.

    Returns
    -------
    Finding
    """
    late = seen_at - inquiry.ticket.created_at
    if abs(late) < 60:
        return finding("lapse.then")
    side = "before" if late < 0 else "after"
    for name, unit, most in (("min", 60, 90 * 60), ("h", HOUR_S, 36 * HOUR_S)):
        if abs(late) < most:
            return finding(f"lapse.{name}_{side}", n=round(abs(late) / unit))
    return finding(f"lapse.days_{side}", n=round(abs(late) / DAY_S))
