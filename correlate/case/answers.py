"""Answer the question of the previous node from what was found, point by point.

A reply that leaves a point open is rejected by quality control, so each kind asked has its answer, also "not queried".

Simple so far: one sentence or two a kind; nothing is asked back to the previous node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.privacy import masked_numbers
from correlate.case.gathered import COVERAGE, Gathered
from correlate.case.inquiry import clock
from correlate.case.phrases import Finding, finding
from correlate.case.place import troubled
from correlate.case.previous_question import asked_kinds
from correlate.case.questions import is_vague
from correlate.case.replies import limit_hours, unstable_returns

UNSURE = 0.5


def previous_section(gathered: Gathered) -> dict[str, Any]:
    """Return the question of the previous node, `asks` (its kinds) and `answer` (findings, in their order)."""
    ticket = gathered.inquiry.ticket
    asks = asked_kinds(ticket.previous)
    answered: list[Finding] = []
    for kind in asks:
        answered += ANSWERS[kind](gathered)
    return {"question": masked_numbers(ticket.previous), "asks": asks, "answer": answered}


def _fault(gathered: Gathered) -> list[Finding]:
    """Answer whether there is a fault."""
    inquiry, first = gathered.inquiry, gathered.causes[0]
    p = f"{first['probability']:.2f}"
    fault = inquiry.fault
    if fault is not None:
        at = clock(inquiry.knowledge, fault.started_at)
        key = "answer.fault" if first["probability"] >= UNSURE else "answer.fault_maybe"
        return [finding(key, cause=inquiry.cause, object=fault.object_id, at=at, p=p)]
    down = [r["site_name"] for r in troubled(gathered.sections["neighbourhood"])]
    if gathered.no_alarms is not None:
        return [finding("answer.not_queried", reason="table.alarms")]
    told = [finding("answer.no_fault", cause=inquiry.cause, p=p)]
    return told + ([finding("answer.around", stations=down[:4])] if down else [])


def _recovery(gathered: Gathered) -> list[Finding]:
    """Answer when service is back."""
    inquiry, fault = gathered.inquiry, gathered.inquiry.fault
    if fault is None:
        return [finding("answer.recovery_none")]
    if fault.ended_at is not None:
        at = clock(inquiry.knowledge, fault.ended_at)
        returns = unstable_returns(gathered, fault)
        if returns:
            return [finding("answer.recovery_unstable", at=at, n=returns)]
        return [finding("answer.recovery_over", at=at)]
    if fault.work_until is not None:
        return [finding("answer.recovery_work", at=clock(inquiry.knowledge, fault.work_until))]
    hours = limit_hours(gathered, fault)
    if hours is None:
        return [finding("answer.recovery_open")]
    return [finding("answer.recovery_limit", hours=f"{hours:g}")]


def _planned(gathered: Gathered) -> list[Finding]:
    """Answer whether a site is planned at the place."""
    if not gathered.inquiry.is_placed:
        return [finding("answer.planned_unknown")]
    planned = [s for s in gathered.sections["place"]["sites"] if s["role"] == "planned"]
    if not planned:
        return [finding("answer.planned_none", km=3)]
    return [finding("answer.planned", sites=[str(s["site_name"]) for s in planned[:3]])]


def _coverage(gathered: Gathered) -> list[Finding]:
    """Answer how the place is covered."""
    inquiry = gathered.inquiry
    if not inquiry.is_placed:
        return [finding("answer.coverage_unknown")]
    p = f"{inquiry.chance(*COVERAGE):.2f}"
    word = "thin" if gathered.suspects_coverage else "good"
    return [finding(f"answer.coverage_{word}", p=p, nothing=f"{inquiry.ticket.nothing:.2f}")]


def _account(gathered: Gathered) -> list[Finding]:
    """Answer in what state the account is."""
    account = gathered.inquiry.ticket.account
    if account:
        return [finding("answer.account", state=f"account.{account}")]
    return [finding("answer.account_unknown")]


def _terminal(gathered: Gathered) -> list[Finding]:
    """Answer whether the handset may be at fault."""
    inquiry = gathered.inquiry
    if inquiry.ticket.is_group:
        return [finding("answer.terminal_no")]
    return [finding("answer.terminal", p=f"{inquiry.chance('terminal_fault'):.2f}")]


def _on_site(gathered: Gathered) -> list[Finding]:
    """Answer whether somebody must go and test."""
    if gathered.is_network_fault:
        return [finding("answer.on_site_no")]
    return [finding("answer.on_site_ask" if is_vague(gathered) else "answer.on_site")]


def _callback(_: Gathered) -> list[Finding]:
    """Answer that the customer is called."""
    return [finding("answer.callback")]


ANSWERS: dict[str, Callable[[Gathered], list[Finding]]] = {
    "fault": _fault,
    "recovery": _recovery,
    "planned_site": _planned,
    "coverage": _coverage,
    "account": _account,
    "terminal": _terminal,
    "on_site": _on_site,
    "callback": _callback,
}
