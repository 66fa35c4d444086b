"""Say what to ask the customer when the data do not say: only what is unsure, in the order of a call.

Simple so far: what is unsure is judged from the ticket and the ranking, not by what each answer would change.
"""

from __future__ import annotations

from correlate.case.gathered import COVERAGE, Gathered
from correlate.case.phrases import Finding, finding
from correlate.tickets import NEVER

UNSURE = 0.5
VAGUE_M = 1_500.0
VAGUE_BASES = ("register", "county", "nothing")


def is_vague(gathered: Gathered) -> bool:
    """Tell whether the place is known too roughly to say which station serves it."""
    ticket = gathered.inquiry.ticket
    if not gathered.inquiry.is_placed or ticket.basis in VAGUE_BASES:
        return True
    return not ticket.radius_m <= VAGUE_M


def questions_of(gathered: Gathered) -> list[Finding]:
    """Return what to ask the customer, as findings; empty when the data say enough."""
    ticket = gathered.inquiry.ticket
    p = gathered.causes[0]["probability"]
    vague, unsure = is_vague(gathered), p < UNSURE
    if not unsure and not (vague and not gathered.is_network_fault) and not _about_site(gathered):
        return []
    thin = gathered.suspects_coverage
    customer = gathered.inquiry.cause in gathered.inquiry.knowledge.customer_side
    asked = [
        ("ask.there", vague),
        ("ask.place", vague),
        ("ask.relative", vague and not gathered.is_network_fault),
        ("ask.detail", unsure or not ticket.symptom),
        ("ask.others", unsure and not ticket.is_group and not ticket.is_single),
        ("ask.since", unsure and ticket.onset_to == NEVER and not ticket.is_chronic),
        ("ask.indoor", thin and not ticket.is_indoor),
        ("ask.handset", unsure and not ticket.is_group),
        ("ask.other_number", unsure and not ticket.second_number and not vague),
        ("ask.account", customer and not ticket.account),
        ("ask.households", _about_site(gathered)),
        ("ask.callback", True),
    ]
    return [finding(key) for key, wanted in asked if wanted]


def _about_site(gathered: Gathered) -> bool:
    """Tell whether the value of a new site is in question: thin coverage, none planned near."""
    planned = [s for s in gathered.sections["place"]["sites"] if s["role"] == "planned"]
    return gathered.inquiry.cause in COVERAGE and not planned
