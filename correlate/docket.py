"""Keep the complaints whose shares may still change: those of the last three days.

Simple so far: a list in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from correlate.faults import HOUR
from correlate.tickets import Ticket

REVIEWED_S = 72 * HOUR
"""Age at which the shares of a complaint are settled."""
OWN_SHARE = 0.3
"""Share from which on a complaint belongs to a fault's incident."""


@dataclass
class Docket:
    """Complaints under review, oldest first, and when all of them were reviewed (seconds since 1970)."""

    tickets: list[Ticket] = field(default_factory=list)
    reviewed_at: int = 0

    def take(self, fresh: Sequence[Ticket], *, now: int) -> list[Ticket]:
        """Take new complaints, in place of earlier versions of them; return the old ones, settled now."""
        again = {t.ticket_id for t in fresh}
        settled = [t for t in self.tickets if t.arrived_at <= now - REVIEWED_S]
        kept = [t for t in self.tickets if t.arrived_at > now - REVIEWED_S]
        self.tickets = [t for t in kept if t.ticket_id not in again] + list(fresh)
        return settled


def assign(ticket: Ticket, *, now: int) -> None:
    """Say which fault a complaint belongs to, if to any, and since when (seconds since 1970) that is known."""
    best = max(ticket.fault_share, key=lambda n: (ticket.fault_share[n], -n), default=0)
    fault = best if best and ticket.fault_share[best] > OWN_SHARE else 0
    if fault != ticket.fault:
        ticket.fault, ticket.assigned_at = fault, now
