"""Draft the reply of a work order in the operator's three fields, and the questions to ask when data do not say.

The recovery time is left open with a prompt until it is known. The draft is always editable.

Simple so far: three kinds of reply (fault, coverage, customer's side).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from correlate.faults import Fault, Floats
from correlate.findings import clock
from correlate.knowledge import Knowledge
from correlate.phrases import finding
from correlate.tickets import NEVER, Ticket

UNSURE = 0.5


def reply_of(
    knowledge: Knowledge, ticket: Ticket, fault: Fault | None, first: dict[str, Any]
) -> dict[str, Any]:
    """Return the three fields: `classification`, `handling`, `recovery`."""
    cause = str(first["cause"])
    customer = cause in knowledge.customer_side
    if fault is not None:
        handling = _fault_words(knowledge, fault, cause)
    elif customer:
        handling = [finding("reply.handling_customer", cause=cause)]
    else:
        handling = [finding("reply.handling_cover", cause=cause, site=_station(knowledge, ticket))]
    kind = "reply.class_customer" if customer else "reply.class_network"
    return {
        "classification": [finding(kind, cause=cause)],
        "handling": handling,
        "recovery": [finding("reply.recovery")],
    }


def _fault_words(knowledge: Knowledge, fault: Fault, cause: str) -> list[dict[str, Any]]:
    """Return the handling field for a fault."""
    site = int(np.bincount(knowledge.reach.site_of[fault.cells]).argmax())
    carriers = ", ".join(sorted(fault.carriers, key=lambda c: (len(c), c)))
    return [
        finding(
            "reply.handling_carriers" if carriers else "reply.handling_fault",
            site=str(knowledge.network.sites["site_name"].iat[site]),
            object=fault.object_id,
            cause=cause,
            at=clock(knowledge, fault.started_at),
            carriers=carriers,
        )
    ]


def _station(knowledge: Knowledge, ticket: Ticket) -> str:
    """Return the name of the likeliest station."""
    known = ticket.cells >= 0
    if not known.any():
        return ""
    cell = int(ticket.cells[known][np.argmax(ticket.share[known])])
    return str(knowledge.network.sites["site_name"].iat[knowledge.reach.site_of[cell]])


def questions_of(ticket: Ticket, probability: Floats) -> list[dict[str, Any]]:
    """Return what to ask the customer when the data do not say."""
    if probability.max() >= UNSURE:
        return []
    asked = [
        ("ask.place", ticket.basis not in ("coordinates", "address")),
        ("ask.others", not ticket.is_group),
        ("ask.since", ticket.onset_to == NEVER and not ticket.is_chronic),
        ("ask.handset", True),
    ]
    return [finding(key) for key, wanted in asked if wanted]
