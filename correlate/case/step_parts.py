"""Lay down the parts of the steps of the procedure: number, question, result, window, and the moment of asking.

Simple so far: everything is asked at one moment, that of the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from correlate.case.hidden_faults import FOUND, NOT_QUERIED, NOTHING
from correlate.case.inquiry import Inquiry, clock
from correlate.case.phrases import Finding, finding


@dataclass(frozen=True)
class Part:
    """One part of a step: what was found, or why it was not asked. `figures` are shown with the part alone."""

    number: str
    key: str
    since: int
    findings: tuple[Finding, ...] = ()
    reason: Finding | None = None
    figures: tuple[Finding, ...] = ()

    @property
    def status(self) -> str:
        """Found, nothing found, or not queried."""
        if self.reason is not None:
            return NOT_QUERIED
        return FOUND if self.findings else NOTHING


def part(
    number: str,
    key: str,
    since: int,
    findings: Iterable[Finding] = (),
    *,
    reason: Finding | None = None,
    figures: Iterable[Finding] = (),
) -> Part:
    """Return a part of a step; what was not asked has a reason and no findings."""
    return Part(
        number, key, since, () if reason is not None else tuple(findings), reason, tuple(figures)
    )


def unneeded(number: str, key: str, since: int, why: str) -> Part:
    """Return a part that the steps before made needless."""
    return Part(number, key, since, reason=finding(f"reason.{why}"))


def step_of(inquiry: Inquiry, number: str, key: str, parts: Sequence[Part]) -> dict[str, Any]:
    """Return a step as plain data.

    Keys: `number`, `step`, `status`, `reason` (a finding or None), `window` [from, to], `asked_at`, `findings` (of all
    parts, each with its `number`), `parts` (the same keys each, and the figures looked at among their findings).
    """
    knowledge, now = inquiry.knowledge, inquiry.now
    asked_at = inquiry.iso(now)
    told = [_part(inquiry, p, asked_at) for p in parts]
    statuses = [p.status for p in parts]
    status = next((s for s in (FOUND, NOTHING) if s in statuses), NOT_QUERIED)
    reasons = [p.reason for p in parts if p.reason is not None]
    return {
        "number": number,
        "step": f"steps.{key}",
        "status": status,
        "reason": reasons[0] if status == NOT_QUERIED and reasons else None,
        "window": [clock(knowledge, min(p.since for p in parts)), clock(knowledge, now)],
        "asked_at": asked_at,
        "findings": [f | {"number": p.number} for p in parts for f in p.findings],
        "parts": told,
    }


def _part(inquiry: Inquiry, one: Part, asked_at: str | None) -> dict[str, Any]:
    """Return a part as plain data."""
    return {
        "number": one.number,
        "step": f"parts.{one.key}",
        "status": one.status,
        "reason": one.reason,
        "window": [clock(inquiry.knowledge, one.since), clock(inquiry.knowledge, inquiry.now)],
        "asked_at": asked_at,
        "findings": [*one.findings, *one.figures],
    }
