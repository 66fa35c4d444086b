"""Tell what a work order says, as it was read: the first section of its case. Numbers of customers are masked.

Simple so far: only the symptoms, place, beginning and company that the reader of complaints knows are told.
"""

from __future__ import annotations

from typing import Any

from contract.privacy import masked_number, masked_numbers
from correlate.case.inquiry import Inquiry
from correlate.tickets import NEVER

REPEAT_S = 30 * 86400


def ticket_section(inquiry: Inquiry) -> dict[str, Any]:
    """Return what the work order says, as plain data.

    Keys: `created_at`, `arrived_at`, `text`, `address`, `county`, `msisdn`, `second_numbers`, `channel`, `category`,
    `previous_opinion`, `symptoms` (codes, the dominant one first), `group` (group, single, unknown), `chronic`,
    `onset` ([from or None, to] or None), `account`, `repeat` (earlier tickets of the number within 30 days).
    """
    ticket = inquiry.ticket
    second = masked_number(ticket.second_number)
    return {
        "created_at": inquiry.iso(ticket.created_at),
        "arrived_at": inquiry.iso(ticket.arrived_at),
        "text": masked_numbers(ticket.text),
        "address": masked_numbers(ticket.address),
        "county": ticket.county,
        "msisdn": masked_number(ticket.msisdn),
        "second_numbers": [second] if second else [],
        "channel": ticket.channel,
        "category": ticket.category,
        "previous_opinion": masked_numbers(ticket.previous),
        "symptoms": list(ticket.symptoms or ((ticket.symptom,) if ticket.symptom else ())),
        "group": group_of(inquiry),
        "chronic": ticket.is_chronic,
        "onset": _onset(inquiry),
        "account": ticket.account,
        "repeat": earlier_tickets(inquiry),
    }


def group_of(inquiry: Inquiry) -> str:
    """Return whether others are said to suffer the same: group, single or unknown."""
    if inquiry.ticket.is_group:
        return "group"
    return "single" if inquiry.ticket.is_single else "unknown"


def _onset(inquiry: Inquiry) -> list[str | None] | None:
    """Return when the customer says it began: from (None: or earlier) and to."""
    ticket = inquiry.ticket
    if ticket.onset_to == NEVER or ticket.is_chronic:
        return None
    began = None if ticket.onset_from == NEVER else ticket.onset_from
    return [inquiry.iso(began), inquiry.iso(ticket.onset_to)]


def earlier_tickets(inquiry: Inquiry) -> int:
    """Return how many other tickets of the number came within 30 days before."""
    ticket = inquiry.ticket
    known = inquiry.archive.callers.get(ticket.msisdn, ())
    since = ticket.created_at - REPEAT_S
    return len(
        {
            other
            for created, arrived, other in known
            if other != ticket.ticket_id
            and since <= created <= ticket.created_at
            and arrived <= inquiry.now
        }
    )
