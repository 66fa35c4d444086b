"""Keep the open work orders in order: what the ledger tells of each, where it stands, what is due next.

What is asked again and again is read once: acts and closings as they come, the words of a complaint when it is first
seen. The standing itself is derived from the acts each time it is asked for.

Simple so far: one book for the whole network, in memory; a work order older than the oldest open one is not looked at.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from contract.ledger.schema import ACTS, ARRIVALS, FAULT_INCIDENTS, TICKETS
from contract.ledger.store import AT_A_TIME
from correlate.lexicon import Lexicon, view_of
from correlate.work_order_process import DONE, OrderProcess
from correlate.work_order_standing import Due, Standing, due_of, standing_of

Row = dict[str, Any]
TICKET = "ticket"
NEVER_DUE = 2**62
OLDEST_S = 365 * 86400
"""Work orders older than that are in no queue: what closed them may have been purged."""


@dataclass(frozen=True)
class WorkOrder:
    """One work order: its row of `tickets` with `incident_id`, where it stands, what is due, and who touched it."""

    ticket: Mapping[str, Any]
    standing: Standing
    due: Due | None
    urgency: int
    people: frozenset[str]

    @property
    def ticket_id(self) -> str:
        """The number of the work order."""
        return str(self.ticket["ticket_id"])

    @property
    def is_final(self) -> bool:
        """Whether its diagnosis was issued."""
        return bool(self.ticket["diagnosed_at"])

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """What work orders are put in order by: the limit, then the escalation, then age."""
        due_at = NEVER_DUE if self.due is None else self.due.at
        return (due_at, self.urgency, int(self.ticket["created_at"]), self.ticket_id)


@dataclass
class OrderBook:
    """What was read of work orders so far; `orders` brings it up to date."""

    process: OrderProcess
    lexicon: Lexicon
    _said: dict[str, frozenset[str]] = field(default_factory=dict)
    _acts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _closed: dict[str, int] = field(default_factory=dict)
    _acts_upto: int = 0
    _closings_upto: int = 0
    _oldest_open: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def orders(
        self, connection: Connection, *, now: int, counties: Collection[str] = ()
    ) -> list[WorkOrder]:
        """Return the open work orders, what is due first first.

        Parameters
        ----------
        now : int
            Seconds since 1970.
        counties : collection of str
            Those of these counties alone; empty: all.
        """
        with self._turn:
            self._read_news(connection)
            rows = _tickets(connection, since=max(self._oldest_open, now - OLDEST_S))
            untold = [row for row in rows if not self._is_closed_untouched(row)]
            self._read_texts(connection, [row["ticket_id"] for row in untold])
            crowds = _crowds(rows, self.process.group_households)
            found = [self._order(row, crowds, now=now) for row in untold]
            open_ones = [o for o in found if self.process.states[o.standing.state].phase != DONE]
            created = [int(order.ticket["created_at"]) for order in open_ones]
            self._oldest_open = min(created, default=self._oldest_open)
        seen = [o for o in open_ones if not counties or o.ticket["county"] in counties]
        return sorted(seen, key=lambda order: order.rank)

    def order(
        self, connection: Connection, ticket_id: str, *, now: int, counties: Collection[str] = ()
    ) -> WorkOrder | None:
        """Return one work order, open or done; None where there is none for whoever sees these counties."""
        with self._turn:
            self._read_news(connection)
            found = _tickets(connection, ticket_id=ticket_id)
            if not found or (counties and found[0]["county"] not in counties):
                return None
            self._read_texts(connection, [ticket_id])
            around = _tickets(connection, beside=found[0])
            crowds = _crowds(around, self.process.group_households)
            return self._order(found[0], crowds, now=now)

    def acts_of(self, ticket_id: str) -> list[Row]:
        """Return what people did to a work order, as far as it was read."""
        return list(self._acts.get(ticket_id, ()))

    def _is_closed_untouched(self, row: Row) -> bool:
        """Tell whether a work order was reported closed and nobody touched it after."""
        closed_at = self._closed.get(row["ticket_id"])
        if closed_at is None:
            return False
        return all(int(act["at"]) <= closed_at for act in self._acts.get(row["ticket_id"], ()))

    def _order(self, row: Row, crowds: Collection[tuple[Any, ...]], *, now: int) -> WorkOrder:
        """Return a work order as it stands."""
        ticket_id = row["ticket_id"]
        said = set(self._said.get(ticket_id, ()))
        if row["is_repeat"]:
            said |= self._read_as("is_repeat")
        if _matter(row) in crowds:
            said |= self._read_as("is_group")
        acts = self._acts.get(ticket_id, [])
        standing = standing_of(
            self.process,
            int(row["created_at"]),
            acts,
            escalations=said,
            closed_at=self._closed.get(ticket_id),
        )
        people = frozenset({str(act["who"]) for act in acts} | {standing.assigned_to}) - {""}
        urgency = self.process.urgency(standing.escalations)
        return WorkOrder(row, standing, due_of(self.process, standing, now=now), urgency, people)

    def _read_as(self, flag: str) -> set[str]:
        """Return the escalations that a flag stands for."""
        return {name for name, one in self.process.escalations.items() if one.read == flag}

    def _read_news(self, connection: Connection) -> None:
        """Read the acts and closings that came since."""
        asked = select(ACTS).where(ACTS.c.number > self._acts_upto).order_by(ACTS.c.number)
        for act in connection.execute(asked).mappings():
            self._acts_upto = int(act["number"])
            if act["subject_kind"] == TICKET:
                self._acts[str(act["subject_id"])].append({str(k): v for k, v in act.items()})
        closings = (
            select(ARRIVALS.c.seq, ARRIVALS.c.key, ARRIVALS.c.payload)
            .where(ARRIVALS.c.stream == "verdicts", ARRIVALS.c.seq > self._closings_upto)
            .order_by(ARRIVALS.c.seq)
        )
        for seq, _, payload in connection.execute(closings):
            self._closings_upto = int(seq)
            told = json.loads(payload)
            closed_at = dt.datetime.fromisoformat(told["closed_at"])
            self._closed[str(told["ticket_id"])] = int(closed_at.timestamp())

    def _read_texts(self, connection: Connection, ticket_ids: Iterable[str]) -> None:
        """Read what complaints not seen before say of urgency."""
        unread = [ticket_id for ticket_id in ticket_ids if ticket_id not in self._said]
        for first in range(0, len(unread), AT_A_TIME):
            some = unread[first : first + AT_A_TIME]
            asked = (
                select(ARRIVALS.c.key, ARRIVALS.c.payload)
                .where(ARRIVALS.c.stream == "complaints", ARRIVALS.c.key.in_(some))
                .order_by(ARRIVALS.c.seq)
            )
            for key, payload in connection.execute(asked):
                self._said[str(key)] = self._escalations(json.loads(payload))

    def _escalations(self, told: Mapping[str, Any]) -> frozenset[str]:
        """Return the escalations that a complaint's own words are."""
        text = str(told.get("text") or "")
        labels = f"{told.get('category') or ''} {told.get('channel') or ''}"
        view = view_of(text, self.lexicon)
        found = {
            name
            for name, one in self.process.escalations.items()
            if one.is_said(f"{text} {labels}")
            or (one.read and self.lexicon.flags[one.read].position(view) is not None)
        }
        return frozenset(found)


def _tickets(
    connection: Connection,
    *,
    since: int | None = None,
    ticket_id: str | None = None,
    beside: Row | None = None,
) -> list[Row]:
    """Return rows of tickets with the incident of each, chosen by age, by number, or of one's matter."""
    asked = select(TICKETS, FAULT_INCIDENTS.c.incident_id).join(
        FAULT_INCIDENTS, FAULT_INCIDENTS.c.fault == TICKETS.c.fault, isouter=True
    )
    if since is not None:
        asked = asked.where(TICKETS.c.created_at >= since)
    if ticket_id is not None:
        asked = asked.where(TICKETS.c.ticket_id == ticket_id)
    if beside is not None:
        asked = asked.where(TICKETS.c.place == beside["place"], TICKETS.c.fault == beside["fault"])
    rows = connection.execute(asked).mappings()
    return [
        {str(k): v for k, v in row.items()} | {"created_at": row["created_at"] or 0} for row in rows
    ]


def _matter(row: Row) -> tuple[Any, ...]:
    """Return what a work order is about: one fault at one place."""
    return (row["fault"], row["place"])


def _crowds(rows: Iterable[Row], households: int) -> set[tuple[Any, ...]]:
    """Return the matters that so many customers complain about that it is a group's complaint (R6)."""
    counted = Counter(
        _matter(row) for row in rows if row["fault"] and row["place"] and not row["same_as"]
    )
    return {matter for matter, count in counted.items() if count >= households}
