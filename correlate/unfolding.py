"""Tell a run step by step as it unfolds: what became known, what was told to whom, who called anyway.

An unfolding looks over the shoulder of the step and compares the state with what it saw last; it changes nothing, so
what it tells is what the run wrote.

Simple so far: whether a notice covered a complaint is told as it stood when the complaint was diagnosed; its incident
may change later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from contract.privacy import masked_number
from correlate.covering import covering_of, notices_by_fault
from correlate.instants import offset_s
from correlate.interception import Interception
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.step import Issued
from correlate.tickets import Ticket

MICROSECONDS = 1_000_000
DAY = 86400
KINDS = ("alarm_group", "incident", "notice", "notice_ended", "complaint", "diagnosis")
"""Kinds of event in the order in which they are told within a step."""


@dataclass(frozen=True)
class Event:
    """One thing that happened: `at` (seconds since 1970), kind, the id it is about, and what else is told of it."""

    at: int
    kind: str
    name: str
    told: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """How things stand after a step: faults open, users hit, notices out; complaints of the day, those told before.

    `per_10k` is complaints of the day per 10,000 users on the network, those told before they came left out.
    """

    at: int
    faults: int
    users: float
    notices: int
    complaints: int
    covered: int
    per_10k: float


@dataclass
class Unfolding:
    """What was told so far of a run."""

    knowledge: Knowledge
    groups_told: int = 0
    notices_told: int = 0
    changes_told: dict[int, int] = field(default_factory=dict)
    tickets_seen: int = 0
    notices_open: list[Interception] = field(default_factory=list)
    day: int = 0
    complaints: int = 0
    covered: int = 0

    def look(self, state: State, issued: Issued) -> tuple[list[Event], Standing]:
        """Return what happened in a step that was just taken, and how things stand."""
        now = state.now
        day = (now + offset_s(self.knowledge.zone, now)) // DAY
        if day != self.day:
            self.day, self.complaints, self.covered = day, 0, 0
        events = [
            *self._groups(state),
            *self._incidents(state),
            *self._notices(state),
            *self._complaints(state),
            *self._diagnoses(state, issued),
        ]
        return events, self._standing(state, now)

    def _groups(self, state: State) -> Iterator[Event]:
        """Yield the changes of groups of alarms since the last look."""
        fresh = state.groups.changes[self.groups_told :]
        self.groups_told = len(state.groups.changes)
        for change in fresh:
            told: dict[str, object] = {"rule": change.rule, "detail": change.detail}
            yield Event(change.at // MICROSECONDS, "alarm_group", change.group_id, told)

    def _incidents(self, state: State) -> Iterator[Event]:
        """Yield the changes of incidents since the last look."""
        for number, changes in state.life.changes.items():
            seen = self.changes_told.get(number, 0)
            if len(changes) == seen:
                continue
            self.changes_told[number] = len(changes)
            incident = state.incidents[number]
            for change in changes[seen:]:
                other = state.incidents.get(change.other)
                yield Event(
                    change.at,
                    "incident",
                    incident.incident_id,
                    {
                        "rule": change.rule,
                        "detail": change.detail,
                        "evidence": change.evidence,
                        "other_id": other.incident_id if other else None,
                        "cause": incident.cause,
                        "object_id": incident.object_id,
                        "probability": incident.probability,
                    },
                )

    def _notices(self, state: State) -> Iterator[Event]:
        """Yield notices issued and ended since the last look."""
        fresh = state.notices[self.notices_told :]
        self.notices_told = len(state.notices)
        for notice in fresh:
            yield Event(notice.issued_at, "notice", notice.interception_id, _notice(notice))
        watched = [*self.notices_open, *fresh]
        self.notices_open = [n for n in watched if n.valid_until is None]
        for notice in watched:
            if notice.valid_until is not None:
                told = _notice(notice) | {"end_reason": notice.end_reason}
                yield Event(notice.valid_until, "notice_ended", notice.interception_id, told)

    def _complaints(self, state: State) -> Iterator[Event]:
        """Yield the complaints that came since the last look."""
        if len(state.tickets) == self.tickets_seen:
            return
        fresh = list(state.tickets.values())[self.tickets_seen :]
        self.tickets_seen = len(state.tickets)
        for ticket in fresh:
            self.complaints += 1
            yield Event(ticket.arrived_at, "complaint", ticket.ticket_id, _complaint(ticket))

    def _diagnoses(self, state: State, issued: Issued) -> Iterator[Event]:
        """Yield the diagnoses of a step, each with the notice that had covered its place."""
        first = [row for row in issued.diagnoses if row["rank"] == 1]
        notices = notices_by_fault(state) if first else {}
        for row in first:
            ticket = state.tickets[str(row["ticket_id"])]
            covering = covering_of(state, self.knowledge, ticket, notices)
            self.covered += covering is not None
            yield Event(
                int(str(row["diagnosed_at"])),
                "diagnosis",
                ticket.ticket_id,
                {
                    **_complaint(ticket),
                    "cause": row["cause"],
                    "probability": row["probability"],
                    "object_id": row["object_id"],
                    "covered_by": covering.notice.interception_id if covering else None,
                    "is_customer_side": row["cause"] in self.knowledge.customer_side,
                },
            )

    def _standing(self, state: State, now: int) -> Standing:
        """Return how things stand now."""
        standing = [i for i in state.incidents.values() if i.ended_at is None]
        users = float(self.knowledge.users.sum())
        rest = self.complaints - self.covered
        return Standing(
            at=now,
            faults=len(standing),
            users=float(sum(i.users for i in standing)),
            notices=len(state.open_notice),
            complaints=self.complaints,
            covered=self.covered,
            per_10k=max(0, rest) / users * 1e4 if users else 0.0,
        )


def _notice(notice: Interception) -> dict[str, object]:
    """Return what is told of a notice."""
    return {
        "incident_id": notice.incident_id,
        "cause": notice.cause,
        "object_id": notice.object_id,
        "sites": len(notice.sites),
        "users": notice.users,
        "expected": notice.expected_complaints,
        "script": notice.script,
        "revises": notice.revises,
    }


def _complaint(ticket: Ticket) -> dict[str, object]:
    """Return what is told of a complaint: no text, its number masked."""
    return {
        "number": masked_number(ticket.msisdn) if ticket.msisdn else "",
        "county": ticket.county,
        "place": next(iter(ticket.names), ""),
        "symptom": ticket.symptom,
        "created_at": ticket.created_at,
        "is_repeat": bool(ticket.is_repeat or ticket.same_as),
    }
