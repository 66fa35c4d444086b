"""Tell the changes and works at the stations around, and who else complained there within a day.

Simple so far: a change is told by its names and values; what it does to service is judged elsewhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from correlate.case.archive import ChangeRow
from correlate.case.inquiry import Inquiry
from correlate.clusters import SYMPTOM_FAMILY
from correlate.tickets import Ticket

TEN_DAYS_S = 10 * 86400
DAY_S = 86400
MOST_CHANGES, MOST_AROUND = 40, 20
AROUND_M = 10_000.0
LEAST_EXPLAINED = 0.3


def changes_section(inquiry: Inquiry) -> list[dict[str, Any]]:
    """Return the changes and works of ten days at the stations around, the latest first, as plain data.

    Each: `object_id`, `site_id`, `parameter`, `old_value`, `new_value`, `at`, `until`, `announced_at`, `is_work`,
    `distance_m`, `role` (serving, neighbour).
    """
    around, own = set(inquiry.around.tolist()), set(inquiry.own.tolist())
    known = [
        row
        for row in inquiry.archive.changes
        if row.arrived_at <= inquiry.now
        and (row.at > inquiry.now - TEN_DAYS_S or (row.until or 0) > inquiry.now)
        and not row.sites.isdisjoint(around)
    ]
    known.sort(key=lambda row: (-row.at, row.object_id, row.parameter))
    works = {(c.object_id, c.at, c.parameter) for c in inquiry.state.changes if c.is_work}
    return [_change(inquiry, row, own, works) for row in known[:MOST_CHANGES]]


def _change(
    inquiry: Inquiry, row: ChangeRow, own: set[int], works: set[tuple[str, int, str]]
) -> dict[str, Any]:
    """Return one change as plain data."""
    away = [(inquiry.site_distance_m(s) or 0, s) for s in sorted(row.sites)]
    distance, nearest = min(away)
    return {
        "object_id": row.object_id,
        "site_id": str(inquiry.knowledge.site_ids[nearest]) if len(row.sites) == 1 else "",
        "parameter": row.parameter,
        "old_value": row.old_value,
        "new_value": row.new_value,
        "at": inquiry.iso(row.at),
        "until": inquiry.iso(row.until),
        "announced_at": inquiry.iso(row.announced_at),
        "is_work": (row.object_id, row.at, row.parameter) in works,
        "distance_m": distance if inquiry.is_placed else None,
        "role": "serving" if row.sites & own else "neighbour",
    }


def around_section(inquiry: Inquiry) -> list[dict[str, Any]]:
    """Return the complaints of a day around the place, the nearest first, without anything of their customers.

    Each: `ticket_id`, `created_at`, `symptom`, `distance_m` (None: place not known, a serving cell in common),
    `same_incident`, `alike` (the same family of symptoms).
    """
    archive, ticket = inquiry.archive, inquiry.ticket
    first, last = np.searchsorted(archive.arrivals, [inquiry.now - DAY_S, inquiry.now + 1])
    others = [
        inquiry.state.tickets.get(t) for t in archive.ids[first:last] if t != ticket.ticket_id
    ]
    found = [row for other in others if other is not None and (row := _other(inquiry, other))]
    found.sort(key=lambda row: (_or_far(row["distance_m"]), row["created_at"], row["ticket_id"]))
    unique = {row["ticket_id"]: row for row in found}
    return list(unique.values())[:MOST_AROUND]


def _or_far(distance_m: int | None) -> float:
    """Return a distance to sort by; one that is not known comes last."""
    return float("inf") if distance_m is None else distance_m


def _other(inquiry: Inquiry, other: Ticket) -> dict[str, Any] | None:
    """Return another complaint, None when it is of elsewhere."""
    distance = inquiry.distance_m(other.x_m, other.y_m)
    mine = set(inquiry.best_cells[:3].tolist())
    shares = bool(mine & set(other.cells[:3].tolist()))
    same = _explained_by(other) == _explained_by(inquiry.ticket) != 0
    if not shares and not same and (distance is None or distance > AROUND_M):
        return None
    family = SYMPTOM_FAMILY.get(inquiry.ticket.symptom)
    return {
        "ticket_id": other.ticket_id,
        "created_at": inquiry.iso(other.created_at),
        "symptom": other.symptom,
        "distance_m": distance,
        "same_incident": same,
        "alike": family is not None and SYMPTOM_FAMILY.get(other.symptom) == family,
    }


def _explained_by(ticket: Ticket) -> int:
    """Return the number of the fault that explains most of a ticket, 0 for none."""
    best = max(ticket.fault_share, key=lambda n: (ticket.fault_share[n], -n), default=0)
    return best if best and ticket.fault_share[best] > LEAST_EXPLAINED else 0
