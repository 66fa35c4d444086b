"""Put one ticket on the desk: what is known of it now, with the shelves a case is made from.

An inquiry holds one ticket at one moment; the sections of its case (`place`, `alarms`, ...) read it. What is
the same for all tickets of a moment is worked out once, at the desk.

Simple so far: one moment is remembered at a time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from correlate.case.archive import Archive
from correlate.case.conditions import Conditions, conditions_of
from correlate.faults import Fault
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.tickets import Ticket

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_SHARE = 0.05
"""Least chance of serving the place for a station to count as its own."""
FEW = 3


@dataclass(frozen=True)
class Moment:
    """What holds for all tickets of a moment: conditions of the cells, and the site of each alarm in the book."""

    now: int
    book: object
    conditions: Conditions
    alarm_sites: Ints


@dataclass
class Desk:
    """Where cases are made: the knowledge, the archive, and the moment worked out last."""

    knowledge: Knowledge
    archive: Archive
    moment: Moment | None = None
    orders: dict[int, list[str]] = field(default_factory=dict)
    orders_read: int = 0

    def closed_orders(self, state: State) -> dict[int, list[str]]:
        """Return the causes that orders were closed with so far, by the number of their fault."""
        unread = max(0, self.orders_read - state.purged.verdicts)
        for ticket_id, cause in state.verdicts[unread:]:
            self.orders.setdefault(state.tickets[ticket_id].fault, []).append(cause)
        self.orders_read = len(state.verdicts) + state.purged.verdicts
        return self.orders

    def moment_of(self, state: State) -> Moment:
        """Return what holds for all tickets now."""
        held = self.moment
        if held is not None and held.now == state.now and held.book is state.book:
            return held
        known, objects = self.archive.site_of, state.book.columns["object_id"].tolist()
        for new in set(objects).difference(known):
            self.archive.site(self.knowledge, new)
        sites = np.fromiter(map(known.__getitem__, objects), np.int64, len(objects))
        self.moment = Moment(state.now, state.book, conditions_of(state, self.knowledge), sites)
        return self.moment


@dataclass(frozen=True)
class Inquiry:
    """One ticket at one moment. `fault` carries its likeliest cause (None: the background does).

    `best_cells` may serve the place, the likeliest first; `own` are the sites that may, `around` those and the ones
    that adjoin them; `probability` is by cause of `knowledge.codes`.
    """

    state: State
    desk: Desk
    ticket: Ticket
    fault: Fault | None
    cause: str
    probability: Floats
    own: Ints
    around: Ints
    best_cells: Ints
    moment: Moment = field(repr=False)

    @property
    def now(self) -> int:
        """The moment asked, seconds since 1970."""
        return self.state.now

    @property
    def knowledge(self) -> Knowledge:
        """What does not change while a run lasts."""
        return self.desk.knowledge

    @property
    def archive(self) -> Archive:
        """What was handed in."""
        return self.desk.archive

    @property
    def is_placed(self) -> bool:
        """Whether the ticket has a place on the land."""
        return bool(np.isfinite(self.ticket.x_m) and np.isfinite(self.ticket.y_m))

    def iso(self, at: int | None) -> str | None:
        """Return an instant (seconds since 1970) in the configured zone, ISO 8601 with offset."""
        return None if at is None else iso(self.knowledge, at)

    def chance(self, *causes: str) -> float:
        """Return the probability of some causes together."""
        codes = self.knowledge.codes
        return float(sum(self.probability[codes.index(c)] for c in causes))

    def distance_m(self, x_m: float, y_m: float) -> int | None:
        """Return whole metres from the ticket's place, None when the place is not known."""
        if not self.is_placed or not np.isfinite(x_m):
            return None
        return round(float(np.hypot(x_m - self.ticket.x_m, y_m - self.ticket.y_m)))

    def site_distance_m(self, site: int) -> int | None:
        """Return whole metres from the ticket's place to a site."""
        x_m, y_m = self.archive.lay.site_xy[site].tolist()
        return self.distance_m(x_m, y_m)

    def site_name(self, site: int) -> str:
        """Return the name of a site, its id when it has none."""
        return str(self.archive.lay.site_names[site])


def inquiry_of(
    state: State,
    desk: Desk,
    ticket: Ticket,
    *,
    fault: Fault | None,
    cause: str,
    probability: Floats,
) -> Inquiry:
    """Return the inquiry of a ticket now.

    Parameters
    ----------
    fault : Fault or None
        What carries the likeliest cause.
    cause : str
        The likeliest cause.
    probability : array [causes]
        As told, in the order of `desk.knowledge.codes`.
    """
    own = own_sites(desk.knowledge, ticket)
    return Inquiry(
        state=state,
        desk=desk,
        ticket=ticket,
        fault=fault,
        cause=cause,
        probability=probability,
        own=own,
        around=with_adjoining(desk.knowledge, own),
        best_cells=_best_cells(ticket),
        moment=desk.moment_of(state),
    )


def _best_cells(ticket: Ticket) -> Ints:
    """Return the cells that may serve the place, the likeliest first."""
    order = np.lexsort((ticket.cells, -ticket.served))
    known = (ticket.cells[order] >= 0) & (ticket.served[order] > 0)
    return np.asarray(ticket.cells[order][known], dtype=np.int64)


def own_sites(knowledge: Knowledge, ticket: Ticket) -> Ints:
    """Return the sites that may serve a ticket's place, faults apart; of a vague place those of the likeliest cells."""
    known = np.flatnonzero((ticket.cells >= 0) & (ticket.share > 0))
    likely = known[ticket.share[known] >= LEAST_SHARE]
    if not len(likely):
        likely = known[np.argsort(-ticket.share[known], kind="stable")[:FEW]]
    return np.unique(knowledge.reach.site_of[ticket.cells[likely]])


def with_adjoining(knowledge: Knowledge, sites: Ints) -> Ints:
    """Return sites and those that adjoin them."""
    if not len(sites):
        return sites
    near = knowledge.reach.near[sites].sum(axis=0)
    return np.union1d(sites, np.flatnonzero(np.asarray(near).ravel()))


def iso(knowledge: Knowledge, at: int) -> str:
    """Return an instant in the configured zone, ISO 8601 with offset."""
    return dt.datetime.fromtimestamp(at, tz=knowledge.zone).isoformat()


def clock(knowledge: Knowledge, at: int) -> str:
    """Return an instant in the configured zone, to the minute."""
    return f"{dt.datetime.fromtimestamp(at, tz=knowledge.zone):%Y-%m-%d %H:%M}"


def latest_told(knowledge: Knowledge, at: int) -> str:
    """Return the latest moment of something said to be over by an instant: at a midnight the day that ended there."""
    told = dt.datetime.fromtimestamp(at, tz=knowledge.zone)
    if (told.hour, told.minute, told.second) != (0, 0, 0):
        return clock(knowledge, at)
    return f"{told - dt.timedelta(days=1):%Y-%m-%d}"
