"""Bring trouble tickets of TMF621 to rows of `complaints`, and incidents to service problems of TMF656.

What a ticket says beside its description stands among its characteristics under the names of the contract: `msisdn`,
`address`, `county`, `lon`, `lat`, `crs`, `channel`, `category`, `previous_opinion`.

Simple so far: attachments, notes and related parties of a ticket are not read.

References
----------
.. [1] TM Forum TMF621 Trouble Ticket 5.0.1; TMF656 Service Problem Management 5.0.0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from contract.tables import TABLES

TICKETS = "/tmf-api/troubleTicket/v5/troubleTicket"
PROBLEMS = "/tmf-api/serviceProblemManagement/v5/serviceProblem"
NEEDED = ("description", "severity", "ticketType")
SEVERE, GREAT = 3000.0, 300.0
"""Users from which a problem has priority 1 and 2 (START values, operators' domain notes 6.3)."""
Resource = dict[str, Any]


def missing_in(ticket: Mapping[str, Any]) -> list[str]:
    """Return what the standard needs and a new ticket lacks.

    Examples
    --------
    >>> missing_in({"description": "no signal", "severity": "Minor"})
    ['ticketType']
    """
    return [name for name in NEEDED if not isinstance(ticket.get(name), str) or not ticket[name]]


def complaint_of(ticket: Mapping[str, Any], *, now: str) -> dict[str, object]:
    """Return a trouble ticket as a row of `complaints`.

    Parameters
    ----------
    ticket : mapping
        A body of `POST /troubleTicket`.
    now : str
        When it was created, where it does not say so.

    Examples
    --------
    >>> told = {"name": "msisdn", "value": "15900002291"}
    >>> row = complaint_of({"id": "T1", "description": "no signal", "troubleTicketCharacteristic": [told]}, now="")
    >>> row["ticket_id"], row["text"], row["msisdn"]
    ('T1', 'no signal', '15900002291')
    """
    known = TABLES["complaints"].column_names
    row: dict[str, object] = {}
    for one in _objects(ticket.get("troubleTicketCharacteristic")):
        name = str(one.get("name", "")).lower()
        if name in known and one.get("value") is not None:
            row[name] = one["value"]
    channel = ticket.get("channel")
    if isinstance(channel, Mapping) and channel.get("name"):
        row.setdefault("channel", channel["name"])
    row.setdefault("category", ticket.get("ticketType"))
    row.setdefault("created_at", ticket.get("creationDate") or now)
    return row | {"ticket_id": ticket_id(ticket), "text": ticket.get("description")}


def ticket_id(ticket: Mapping[str, Any]) -> str:
    """Return the number of a ticket: its own, that of another system, else one made of what it says."""
    outside = [one.get("id") for one in _objects(ticket.get("externalIdentifier"))]
    given = [ticket.get("id"), *outside]
    found = next((str(one) for one in given if isinstance(one, str | int) and str(one)), "")
    if found:
        return found
    text = json.dumps(ticket, sort_keys=True, ensure_ascii=False, default=str)
    return f"TT-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def ticket_resource(row: Mapping[str, Any]) -> Resource:
    """Return a ticket of the ledger, its instants as text, as a trouble ticket; causes are not told to customers."""
    characteristics = [
        {"@type": "StringCharacteristic", "name": name, "value": str(row[name])}
        for name in ("county", "symptom", "place")
        if row.get(name)
    ]
    return {
        "@type": "TroubleTicket",
        "id": row["ticket_id"],
        "href": f"{TICKETS}/{row['ticket_id']}",
        "description": row.get("symptom") or "",
        "severity": "Minor",
        "ticketType": "complaint",
        "creationDate": row.get("created_at"),
        "status": "inProgress" if row.get("diagnosed_at") else "acknowledged",
        "troubleTicketCharacteristic": characteristics,
    }


def problem_resource(row: Mapping[str, Any]) -> Resource:
    """Return an incident of the ledger, its instants as text, as a service problem."""
    users = float(row.get("users") or 0.0)
    cells = row.get("cells") or []
    resource: Resource = {
        "@type": "ServiceProblem",
        "id": row["incident_id"],
        "href": f"{PROBLEMS}/{row['incident_id']}",
        "category": "serviceProvider.declared",
        "description": f"{row.get('cause')} at {row.get('object_id') or row.get('area') or '?'}",
        "reason": row.get("cause") or "unknown",
        "priority": 1 if users >= SEVERE else 2 if users >= GREAT else 3,
        "originatorParty": _party(),
        "status": "resolved" if row.get("ended_at") else "inProgress",
        "creationDate": row.get("detected_at"),
        "affectedNumberOfServices": round(users),
        "affectedResource": [_resource(cell) for cell in cells],
        "rootCauseResource": [_resource(row["object_id"])] if row.get("object_id") else [],
        "firstAlert": {"@type": "FirstAlert", "id": row.get("first_alert")},
    }
    if row.get("ended_at"):
        resource["resolutionDate"] = row["ended_at"]
    return resource


def _party() -> Resource:
    """Return who tells of a problem."""
    own = {"@type": "PartyRef", "id": "cellcause", "name": "cellcause"}
    return {"@type": "RelatedPartyRefOrPartyRoleRef", "role": "originator", "partyOrPartyRole": own}


def _resource(name: str) -> Resource:
    """Return an object of the network as a reference."""
    return {"@type": "ResourceRef", "id": name, "name": name}


def _objects(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list, none where it is no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
