"""Gather from the ledger and the history what the case of one ticket looks back at, restricted by place and time.

What follows from the inventory (names of places, sites, cells) is laid out once and kept; the rest is looked up for
each ticket: who complained of late, the calls and sightings of its number, changes, counters of the cells asked for.

Simple so far: changes are read for the whole network, as far back as a case looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from contract.ledger.arrivals import Entry, about
from contract.ledger.schema import ARRIVALS, STEPS
from contract.tables import TABLES
from correlate.case.archive import (
    Archive,
    CounterRows,
    Lay,
    NamedPlaces,
    PlannedSite,
    callers_of,
    changes_of,
    counter_history,
    lay_of,
    named_places,
    planned_sites,
    sightings_of,
)
from correlate.knowledge import Knowledge
from correlate.live.arrivals import nothing_of
from correlate.live.entries import COUNTERS, counter_table, table_of
from correlate.tickets import Ticket

Ints = NDArray[np.int64]
US = 1_000_000
DAY = 86400
BACK_S = {"complaints": DAY, "changes": 35 * DAY, COUNTERS: 4 * DAY}
"""How far back arrivals are looked up: as far as any section of a case looks, works that last among the changes."""


@dataclass(frozen=True)
class LiveCounters:
    """Counters kept as batches of the history, of which only the rows of the cells asked for are read."""

    knowledge: Knowledge
    history: Path
    batches: Sequence[Entry]

    def rows_of(self, cells: Ints, *, since: int, now: int) -> CounterRows:
        """Return the rows of cells that end after `since`, as they were known at `now` (seconds since 1970)."""
        wanted = [str(cell) for cell in self.knowledge.cell_ids[cells]]
        known = [e for e in self.batches if since * US <= e.arrived_us <= now * US]
        table = counter_table(known, self.history, cells=wanted) if known else None
        rows = nothing_of(COUNTERS) if table is None else table
        return counter_history(rows, self.knowledge).rows_of(cells, since=since, now=now)


@dataclass
class Shelves:
    """What is the same for the cases of all tickets, laid out once."""

    knowledge: Knowledge
    history: Path
    places: NamedPlaces = field(init=False)
    lay: Lay = field(init=False)
    planned: tuple[PlannedSite, ...] = field(init=False)
    site_of: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out what follows from the inventory."""
        self.places = named_places(self.knowledge.gazetteer)
        self.lay, self.planned = lay_of(self.knowledge), planned_sites(self.knowledge)

    def archive_of(self, connection: Connection, ticket: Ticket, *, now: int, upto: int) -> Archive:
        """Return what the case of a ticket looks back at.

        Parameters
        ----------
        now : int
            Seconds since 1970; nothing that arrived later is given.
        upto : int
            The place of the last arrival that is given.
        """
        step_s = int(self.knowledge.settings.step_min * 60)
        since = {n: _seq_at(connection, now - back, step_s) for n, back in BACK_S.items()}
        found = {n: _stream(connection, n, after, upto) for n, after in since.items()}
        lately, number = found["complaints"], ticket.msisdn
        own = about(connection, "complaints", [number], upto=upto) if number else []
        seen = about(connection, "locations", [number], upto=upto) if number else []
        return Archive(
            missing=_missing(connection),
            counters=LiveCounters(self.knowledge, self.history, found[COUNTERS]),
            changes=changes_of(_rows("changes", found["changes"]), self.knowledge),
            sightings=sightings_of(_rows("locations", seen)),
            callers=callers_of(_rows("complaints", own)),
            arrivals=np.array([entry.arrived_us // US for entry in lately], dtype=np.int64),
            ids=tuple(entry.key for entry in lately),
            places=self.places,
            lay=self.lay,
            planned=self.planned,
            site_of=self.site_of,
        )


def _seq_at(connection: Connection, moment: int, step_s: int) -> int:
    """Return the place of the last arrival that a step before a moment was given, 0 for none."""
    asked = select(STEPS.c.upto_seq).where(STEPS.c.number <= moment // step_s)
    return int(connection.execute(asked.order_by(STEPS.c.number.desc()).limit(1)).scalar() or 0)


def _stream(connection: Connection, stream: str, after: int, upto: int) -> list[Entry]:
    """Return the arrivals of a stream after a place up to another, in order."""
    asked = select(ARRIVALS).where(
        ARRIVALS.c.stream == stream, ARRIVALS.c.seq > after, ARRIVALS.c.seq <= upto
    )
    rows = connection.execute(asked.order_by(ARRIVALS.c.seq)).mappings()
    return [Entry(**{str(k): v for k, v in row.items()}) for row in rows]


def _rows(name: str, entries: Sequence[Entry]) -> pd.DataFrame:
    """Return arrivals as a table, an empty one where nothing came."""
    return table_of(name, entries) if entries else nothing_of(name)


def _missing(connection: Connection) -> frozenset[str]:
    """Return the tables of which nothing has ever arrived."""
    names = [name for name, table in TABLES.items() if table.arrives]
    some = {
        name
        for name in names
        if connection.execute(
            select(ARRIVALS.c.seq).where(ARRIVALS.c.stream == name).limit(1)
        ).first()
    }
    return frozenset(names) - some
