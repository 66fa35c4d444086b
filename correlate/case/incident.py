"""Tell of the incident a ticket belongs to: how it changed and why, and the same incident in the past.

Simple so far: of the past as far back as the run reaches.
"""

from __future__ import annotations

from typing import Any

from contract.causes import CAUSES
from correlate.case.incident_story import story
from correlate.case.inquiry import Inquiry
from correlate.covering import final_fault
from correlate.faults import Fault
from correlate.incidents import Incident
from correlate.past_incidents import Known, past_of, state_of, verdict_of


def incident_section(inquiry: Inquiry) -> dict[str, Any] | None:
    """Return the incident of a ticket's likeliest fault as plain data, None where no fault explains it.

    Keys: `incident_id` (None: not reported yet), `first_alert`, `detected_at`, `split_from`, `recurs_days` (of
    complaints alone: how rarely chance brings as many together), `changes` (see `incident_story.story`), `past`
    (`same`, `times`, `rows`, the latest first).
    """
    fault = inquiry.fault
    if fault is None:
        return None
    incident = inquiry.state.incidents.get(fault.number)
    return {
        "incident_id": None if incident is None else incident.incident_id,
        "first_alert": fault.first_alert if incident is None else incident.first_alert,
        "detected_at": None if incident is None else inquiry.iso(incident.detected_at),
        "split_from": None if incident is None else incident.split_from or None,
        "recurs_days": round(fault.recurs_days, 1) or None,
        "changes": story(_changes(inquiry, fault.number)),
        "past": _past(inquiry, fault),
    }


def _changes(inquiry: Inquiry, number: int) -> list[dict[str, Any]]:
    """Return the changes of an incident so far."""
    incidents = inquiry.state.incidents
    return [
        {
            "at": inquiry.iso(change.at),
            "rule": change.rule,
            "detail": change.detail,
            "evidence": change.evidence,
            "other_id": incidents[change.other].incident_id if change.other in incidents else None,
        }
        for change in inquiry.state.life.changes.get(number, [])
    ]


def _past(inquiry: Inquiry, fault: Fault) -> dict[str, Any]:
    """Return the same incident in the past."""
    cells = frozenset(map(str, fault.cells.tolist()))
    one = Known("", inquiry.cause, fault.object_id, cells, fault.started_at, None, "open")
    if inquiry.cause not in CAUSES:
        return {"same": "", "times": 0, "rows": []}
    family = CAUSES[inquiry.cause].family
    numbers = {
        incident.incident_id: number
        for number, incident in inquiry.state.incidents.items()
        if number != fault.number and CAUSES[incident.cause].family == family
    }
    others = [_known(inquiry, inquiry.state.incidents[n], n) for n in numbers.values()]
    past = past_of(one, others)
    rows = [_row(inquiry, known, numbers[known.incident_id]) for known in past.listed]
    return {"same": past.same, "times": len(past.earlier), "rows": rows}


def _known(inquiry: Inquiry, incident: Incident, number: int) -> Known:
    """Return an incident as it is known now."""
    return Known(
        incident.incident_id,
        incident.cause,
        incident.object_id,
        frozenset(map(str, incident.cells.tolist())),
        incident.started_at,
        incident.ended_at,
        state_of(incident, inquiry.state.life.changes.get(number, [])),
    )


def _row(inquiry: Inquiry, known: Known, number: int) -> dict[str, Any]:
    """Return an incident of the past as plain data."""
    state = inquiry.state
    orders = [
        cause
        for first, causes in inquiry.desk.closed_orders(state).items()
        if final_fault(state, first) == number
        for cause in causes
    ]
    closed_as, count = verdict_of(orders)
    return {
        "incident_id": known.incident_id,
        "cause": known.cause,
        "object_id": known.object_id,
        "started_at": inquiry.iso(int(known.started_at)),
        "ended_at": None if known.ended_at is None else inquiry.iso(int(known.ended_at)),
        "state": known.state,
        "closed_as": closed_as or None,
        "closed_count": count,
        "orders": len(orders),
    }
