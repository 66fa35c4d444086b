"""Take steps over the ledger: what arrived goes in, what is issued goes out with the position reached, in one go.

A step that was taken before a crash is taken again with the same arrivals and without issuing, until the state is
where the ledger is; then it goes on.

What is over for good is let go of by the clock of the steps (`correlate.purging`), once it is older than anything that
is asked for; it stands in the ledger.

Simple so far: after a start all that stands is written once more; after a change of version steps of the past are
taken again by the new one, so incidents that it would not have opened keep their rows as they were.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from contract.ledger.arrivals import Entry, about, between, last_seq_until, latest, next_us
from contract.ledger.schema import STEPS
from contract.ledger.store import Ledger, put
from correlate.garbage import let_go_of_freed
from correlate.knowledge import Knowledge
from correlate.live.arrivals import arrivals_of, complaining
from correlate.live.outputs import Written, issued_rows, standing_rows
from correlate.live.snapshots import load, save
from correlate.purging import is_purge_due, purge
from correlate.schedule import due_after
from correlate.state import State, start_state
from correlate.step import Issued, step
from correlate.tickets import Ticket

logger = logging.getLogger(__name__)
US = 1_000_000
SNAPSHOT_EVERY_S = 300.0
LOOKED_BACK_S = 60 * 86_400
"""So far back reports look: younger faults and complaints stay."""
SAVED_AFTER_S = 60.0
"""Steps taken again for so long are worth a snapshot at once; for fewer it would only delay the start."""
TAUGHT_BY = 500
"""Earlier complaints that those of a step are read with."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken: its number, its moment (seconds since 1970) and how many rows of each table changed."""

    number: int
    at: int
    changed: Mapping[str, int]


@dataclass
class Driver:
    """The state of a live run, and where it stands in the ledger.

    `clock` gives seconds of a day's clock, for how long ago a snapshot was saved and when a step was taken.
    """

    ledger: Ledger
    knowledge: Knowledge
    history: Path
    fingerprint: str
    clock: Callable[[], float]
    snapshot_every_s: float = SNAPSHOT_EVERY_S
    state: State = field(init=False)
    number: int = 0
    seq: int = 0
    saved_at: float = 0.0
    written: Written = field(default_factory=Written)

    @property
    def step_s(self) -> int:
        """Return the seconds from one step of the grid to the next."""
        return int(self.knowledge.settings.step_min * 60)

    def recover(self) -> int:
        """Bring the state to where the ledger is, and return how many steps were taken again.

        Where that takes long the state is saved on the way: the next start goes on from there.
        """
        self.saved_at = began = self.clock()
        with self.ledger.reading() as connection:
            last = int(connection.execute(select(func.max(STEPS.c.number))).scalar() or 0)
            found = load(self.history, fingerprint=self.fingerprint, upto=last)
            self.state = start_state(self.knowledge) if found is None else found[0]
            self.number, self.seq = (0, 0) if found is None else (found[1].step, found[1].seq)
            asked = select(STEPS.c.number, STEPS.c.upto_seq).where(STEPS.c.number > self.number)
            again = connection.execute(asked.order_by(STEPS.c.number)).all()
            for number, upto in again:
                self._work(connection, int(number), int(upto))
                if self.clock() - self.saved_at >= self.snapshot_every_s:
                    self.save()
        if again:
            logger.info("took %d steps again, up to arrival %d", len(again), self.seq)
        if again and (found is None or self.clock() - began >= SAVED_AFTER_S):
            self.save()
        let_go_of_freed()
        return len(again)

    def advance(self, until: int) -> Taken | None:
        """Take the next step that is due up to a moment (seconds since 1970), None where none is."""
        with self.ledger.reading() as connection:
            number = self._next(connection)
            if number is None or number * self.step_s > until:
                return None
            upto = last_seq_until(connection, self.seq, number * self.step_s * US)
            issued, fresh = self._work(connection, number, upto)
        changed = self._write(issued, fresh)
        if self.clock() - self.saved_at >= self.snapshot_every_s:
            self.save()
        let_go_of_freed()
        return Taken(number, number * self.step_s, changed)

    def peek(self, now: int) -> None:
        """Take the next step before its time, with what arrived up to a moment (seconds since 1970), and issue nothing.

        Only in a copy of the process that is thrown away: the state can't go on from there.
        """
        with self.ledger.reading() as connection:
            upto = last_seq_until(connection, self.seq, now * US)
            self._work(connection, self.number + 1, upto)

    def save(self) -> None:
        """Save a snapshot."""
        save(self.history, self.state, fingerprint=self.fingerprint, step=self.number, seq=self.seq)
        self.saved_at = self.clock()

    def _next(self, connection: Connection) -> int | None:
        """Return the next step to take: that of the next arrival or of what falls due, None for none."""
        arrived = next_us(connection, self.seq)
        moments = [] if arrived is None else [-(-arrived // (self.step_s * US))]
        if self.number:
            due = due_after(self.state, self.knowledge, self.number * self.step_s)
            moments += [] if due is None else [-(-due // self.step_s)]
        following = min(moments, default=None)
        return None if following is None else max(following, self.number + 1)

    def _work(self, connection: Connection, number: int, upto: int) -> tuple[Issued, list[Ticket]]:
        """Take one step over the arrivals up to a place.

        What the steps before wrote is let go of first, by what the state alone says, so that a step that is taken
        again begins with the same.
        """
        if is_purge_due(self.state, now=self.state.now):
            purge(self.state, now=self.state.now, faults_s=LOOKED_BACK_S)
        entries = between(connection, self.seq, upto)
        earlier: list[Entry] = []
        if any(entry.stream == "complaints" for entry in entries):
            earlier = latest(connection, "complaints", upto=self.seq, most=TAUGHT_BY)
        numbers = complaining([*earlier, *entries])
        seen = about(connection, "locations", numbers, upto=self.seq)
        arrivals = arrivals_of(
            entries, self.knowledge, history=self.history, earlier=earlier, seen=seen
        )
        now = number * self.step_s
        self.state, issued = step(self.state, self.knowledge, arrivals, now=now)
        self.state.alarm_log.clear()  # nothing that is served or reported reads how alarms changed
        self.number, self.seq = number, upto
        return issued, list(arrivals.tickets)

    def _write(self, issued: Issued, fresh: list[Ticket]) -> dict[str, int]:
        """Write what was issued and the position reached, all or nothing; return what changed."""
        rows = issued_rows(issued)
        rows |= standing_rows(self.state, self.knowledge, self.written, fresh)
        with self.ledger.writing() as connection:
            reached = {
                "number": self.number,
                "at": self.number * self.step_s,
                "upto_seq": self.seq,
                "taken_at": int(self.clock()),
            }
            connection.execute(insert(STEPS), [reached])
            for table, changed in rows.items():
                put(connection, table, changed)
        return {table.name: len(changed) for table, changed in rows.items() if changed}
