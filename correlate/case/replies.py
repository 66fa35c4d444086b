"""Draft the reply of a work order in the operator's three fields, and a few words for the customer.

The recovery time is left open with a prompt until it is known: the end of announced work is, a repair limit is told
beside the prompt as a hint. What the customer is told holds nothing of other customers. A draft is always editable.

Simple so far: one wording for each family of causes, and for main carriers one of its own.
"""

from __future__ import annotations

import numpy as np

from alarms.rhythm import rhythm_of
from contract.causes import CAUSES
from correlate.case.gathered import COVERAGE, Gathered
from correlate.case.inquiry import clock
from correlate.case.phrases import Finding, finding, load_phrases
from correlate.faults import Fault
from correlate.interception import load_scripts, repair_hours

MOST_NAMED = 6
HOUR, MICROSECONDS = 3600, 1_000_000


def reply_of(gathered: Gathered) -> dict[str, list[Finding]]:
    """Return the fields `classification`, `handling`, `recovery` and `customer`, each as findings."""
    inquiry, cause = gathered.inquiry, gathered.inquiry.cause
    family = family_of(cause)
    side = "customer" if cause in inquiry.knowledge.customer_side else "network"
    return {
        "classification": [finding(f"reply.class_{side}", kind=f"class.{family}", cause=cause)],
        "handling": _handling(gathered, family),
        "recovery": _recovery(gathered),
        "customer": [_customer(gathered, family)],
    }


def family_of(cause: str) -> str:
    """Return the family of a cause as the reply words it.

    >>> family_of("bcch_trx_fault"), family_of("unknown")
    ('equipment', 'unknown')
    """
    return CAUSES[cause].family or "unknown"


def _handling(gathered: Gathered, family: str) -> list[Finding]:
    """Return the handling field: what it is and where, or why nothing was found."""
    inquiry, fault, cause = gathered.inquiry, gathered.inquiry.fault, gathered.inquiry.cause
    if fault is not None:
        return [_fault_words(gathered, fault, family)]
    if cause in COVERAGE:
        planned = [s for s in gathered.sections["place"]["sites"] if s["role"] == "planned"]
        key = "reply.handling_planned" if planned else "reply.handling_cover"
        sites = [str(s["site_name"]) for s in planned[:2]]
        return [finding(key, cause=cause, site=_station(gathered), planned=sites)]
    if cause in inquiry.knowledge.customer_side:
        state = f"account.{inquiry.ticket.account}" if inquiry.ticket.account else "account.none"
        return [finding("reply.handling_customer", cause=cause, state=state)]
    return [finding("reply.handling_open", cause=cause, site=_station(gathered))]


def _fault_words(gathered: Gathered, fault: Fault, family: str) -> Finding:
    """Return the handling field for a fault, in the words of its family."""
    inquiry, cause = gathered.inquiry, gathered.inquiry.cause
    site = _main_site(gathered, fault)
    values = {
        "site": inquiry.site_name(site),
        "object": fault.object_id,
        "cause": cause,
        "at": clock(inquiry.knowledge, fault.started_at),
        "place": _station(gathered),
    }
    carriers = sorted(fault.carriers, key=lambda c: (len(c), c))
    if carriers:
        is_main = cause == "bcch_trx_fault"
        key = "reply.handling_bcch" if is_main else "reply.handling_carriers"
        return finding(key, carriers=carriers, cells=_cells(gathered, fault, site), **values)
    if _is_beside(gathered, fault):
        return finding("reply.handling_neighbour", **values)
    key = f"handling_{family}"
    known = key if key in load_phrases()["reply"] else "handling_fault"
    return finding(f"reply.{known}", cells=_cells(gathered, fault, site), **values)


def _is_beside(gathered: Gathered, fault: Fault) -> bool:
    """Tell whether a fault sits on a neighbour and not on a station that serves the place."""
    sites = np.unique(gathered.inquiry.knowledge.reach.site_of[fault.cells])
    return not np.isin(sites, gathered.inquiry.own).any()


def _main_site(gathered: Gathered, fault: Fault) -> int:
    """Return the site of a fault to name: the object, else the own one, else the one with most cells."""
    knowledge = gathered.inquiry.knowledge
    named = gathered.inquiry.archive.site(knowledge, fault.object_id)
    if named >= 0:
        return named
    sites = knowledge.reach.site_of[fault.cells]
    own = sites[np.isin(sites, gathered.inquiry.own)]
    return int(np.bincount(own if len(own) else sites).argmax())


def _cells(gathered: Gathered, fault: Fault, site: int) -> list[str]:
    """Return the cells of a site that a fault reaches, a few of them."""
    knowledge = gathered.inquiry.knowledge
    mine = fault.cells[knowledge.reach.site_of[fault.cells] == site]
    return [str(knowledge.cell_ids[c]) for c in mine.tolist()[:MOST_NAMED]]


def _station(gathered: Gathered) -> str:
    """Return the name of the likeliest station, empty where none is known."""
    best = gathered.inquiry.best_cells
    if not len(best):
        return ""
    return gathered.inquiry.site_name(int(gathered.inquiry.knowledge.reach.site_of[best[0]]))


def _recovery(gathered: Gathered) -> list[Finding]:
    """Return the recovery field: known, or open with a prompt and the repair limit as a hint."""
    inquiry, fault = gathered.inquiry, gathered.inquiry.fault
    knowledge = inquiry.knowledge
    if fault is None:
        customer = inquiry.cause in knowledge.customer_side
        return [finding("reply.recovery_customer" if customer else "reply.recovery_none")]
    if fault.ended_at is not None:
        at, returns = clock(knowledge, fault.ended_at), unstable_returns(gathered, fault)
        if returns:
            return [finding("reply.recovery_unstable", at=at, n=returns)]
        return [finding("reply.recovery_over", at=at)]
    if fault.work_until is not None:
        return [finding("reply.recovery_work", at=clock(knowledge, fault.work_until))]
    hours = limit_hours(gathered, fault)
    if hours is None:
        return [finding("reply.recovery")]
    due = fault.started_at + int(hours * HOUR)
    key = "reply.recovery_limit" if due >= inquiry.now else "reply.recovery_overdue"
    return [finding(key, hours=f"{hours:g}", at=clock(knowledge, due))]


def unstable_returns(gathered: Gathered, fault: Fault) -> int:
    """Return how often the alarm of an ended fault came back, 0 when it has been silent for long enough to be over.

    What has returned before and is silent no longer than its rhythm allows is cleared, not repaired.
    """
    inquiry = gathered.inquiry
    rhythm = rhythm_of(inquiry.state.book.history(fault.alarm_ids), fault.alarm_ids)
    is_awaited = rhythm is not None and rhythm.is_awaited(inquiry.now * MICROSECONDS)
    return rhythm.returns if rhythm is not None and is_awaited else 0


def limit_hours(gathered: Gathered, fault: Fault) -> float | None:
    """Return the repair limit of a fault in hours, None where its cause has none."""
    knowledge, cause = gathered.inquiry.knowledge, gathered.inquiry.cause
    if cause not in knowledge.signatures.causes:
        return None
    grades = [knowledge.grades[s] for s in np.unique(knowledge.reach.site_of[fault.cells]).tolist()]
    repair = knowledge.signatures.repair[knowledge.signatures.position(cause)]
    return repair_hours(repair, grades, override=knowledge.settings.sla)


def _customer(gathered: Gathered, family: str) -> Finding:
    """Return a few words for the customer: no internal code, nothing of others, no promise of a time."""
    inquiry, fault = gathered.inquiry, gathered.inquiry.fault
    area = inquiry.ticket.names[0] if inquiry.ticket.names else "word.your_place"
    if fault is None:
        key = f"customer_{family}"
        known = key if key in load_phrases()["reply"] else "customer_open"
        return finding(f"reply.{known}", area=area)
    if fault.ended_at is not None:
        word = "unstable" if unstable_returns(gathered, fault) else "over"
        return finding(f"reply.customer_{word}", area=area)
    cause = inquiry.cause if inquiry.cause in load_scripts() else "unknown"
    until = fault.work_until
    eta = "word.open_time" if until is None else clock(inquiry.knowledge, until)
    since = clock(inquiry.knowledge, fault.started_at)
    return finding(f"script.{cause}", area=area, since=since, eta=eta)
