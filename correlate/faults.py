"""Keep the faults of the network: one for each real thing that is broken, with what speaks for it.

Fault: something broken at an object since some time, reaching some cells, of uncertain cause. Signal: one sign of
trouble (an alarm group, episodes of counters, a window of work, complaints nothing explains). A signal joins the fault
it belongs to by place, time and family, or opens a new one.

Simple so far: the program splits a fault only where it shrank to little or grew beyond a limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from correlate.fault_index import FaultIndex
from correlate.signatures import EXTENTS, Signatures

HOUR = 3600
LOSS, DATA, RADIO, LOAD, TICKETS, WORK = "loss", "data", "radio", "load", "tickets", "work"
FAMILY_OF_KIND = {
    "cell_lost": LOSS,
    "sleeping": LOSS,
    "data_lost": DATA,
    "data_degraded": DATA,
    "congestion_voice": LOAD,
    "congestion_data": LOAD,
    "congestion_signalling": LOAD,
    "crowding": LOAD,
}
"""Family of each kind of episode; what is not named is `radio`."""
PERIOD_S = 75 * 60
"""A counter period at its longest, with room for the delay of its alarm."""
YOUNG_ODDS = 2.0
"""Log odds withheld from alarms that have not lasted yet: many clear by themselves."""
STALE_S = 48 * HOUR
"""A clock that lost its reference holds over for a day at most: what an alarm foretells comes sooner."""
MINOR_ODDS = 0.0
"""Of alarms that are felt less often than not."""
TEMPERATURE = 1.3
"""Flattens what the signs of a fault say of its cause: they hang together more than the sum takes them to."""
ABOVE_SITES = frozenset({"controller", "network"})
EQUIPMENT_SAYS = 1.5
"""Log weight for the causes that sit on such equipment, and against the others."""
ODDS_TOLD, MOST_TICKET_ODDS = 0.5, 3.0
"""Log odds that each complaint adds to its fault's being real, and their most."""
QUIET_S = 4 * HOUR
"""Silence after which a fault that customers alone know is over, at least."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Sign = str | tuple[int, int]
"""What a fault rests on: an alarm by its id, or an episode by its cell and kind."""


@dataclass
class Fault:
    """One thing broken. Times are seconds since 1970; arrays `*_log` are log weights by cause.

    `orders` is closed orders it learned from, `cut_from` the fault it was cut off from as too large, `recurs_days` how
    rarely chance brings as many complaints together (0 = not found by them), `closed_log` what people closed it as,
    `is_held`: a person opened it again.
    """

    number: int
    object_id: str
    object_kind: str
    family: str
    cells: Ints
    degree: Floats
    started_at: int
    opened_at: int
    first_alert: str
    extent: str
    alarm_log: Floats
    counter_log: Floats
    change_log: Floats
    ticket_log: Floats
    order_log: Floats = field(default_factory=lambda: np.zeros(1))
    closed_log: Floats = field(default_factory=lambda: np.zeros(1))
    ended_at: int | None = None
    alarm_ids: set[str] = field(default_factory=set)
    alarm_open: bool = False
    leading_alarms: int = 0
    alarm_exists: float = -9.0
    alarm_began: int | None = None
    alarm_raised: int | None = None
    counters_began: int | None = None
    names: tuple[str, ...] = ()
    company: str = ""
    out_since: int | None = None
    carriers: frozenset[str] = frozenset()
    z: Floats = field(default_factory=lambda: np.zeros(0))
    change: Floats = field(default_factory=lambda: np.zeros(0))
    episodes: dict[tuple[int, int], int] = field(default_factory=dict)
    counters_open: bool = False
    pools_open: int = 0
    was_pooled: bool = False
    counters_exist: float = 0.0
    healthy: float = 0.0
    lost_at: int = 0
    silence: float = 0.0
    work_until: int | None = None
    changes: tuple[str, ...] = ()
    change_families: frozenset[str] = frozenset()
    tickets: float = 0.0
    late: float = 0.0
    unserved: tuple[float, float] | None = None
    ticket_times: list[int] = field(default_factory=list)
    cluster_odds: float = 0.0
    quiet_s: int = QUIET_S
    orders: int = 0
    cut_from: int = 0
    recurs_days: float = 0.0
    reported_at: int | None = None
    is_settled: bool = False
    is_noted: bool = False
    confirmed: bool = False
    last_sign_at: int = 0
    returned_at: int = 0
    incident_id: str = ""
    guessed_id: str = ""
    is_held: bool = False
    is_touched: bool = True
    belief: Floats | None = None
    crowded: set[int] = field(default_factory=set)
    reached: tuple[Ints, Floats] = field(
        default_factory=lambda: (np.zeros(0, np.int64), np.zeros(0))
    )
    reached_from: tuple[Ints, Floats, int, str] | None = None
    places: dict[int, set[int]] = field(default_factory=dict, repr=False, compare=False)
    news: dict[int, Fault] = field(default_factory=dict, repr=False, compare=False)

    def touch(self) -> None:
        """Note that evidence changed, so that beliefs and reports are worked out anew."""
        self.is_touched, self.belief = True, None
        self.news[self.number] = self

    def date(self) -> None:
        """Work out when the fault began.

        An alarm bounds it between its raising less its filter delay and its raising, counters by the begin of the first
        bad period: where both agree within a period, the later begin counts, but never after the raising.
        """
        alarm, raised, counters = self.alarm_began, self.alarm_raised, self.counters_began
        if alarm is None or raised is None or counters is None:
            began = alarm if counters is None else counters
        elif abs(alarm - counters) <= PERIOD_S:
            began = min(max(alarm, counters), max(raised, alarm))
        else:
            began = min(alarm, counters)
        self.started_at = self.started_at if began is None else began

    @property
    def seen_at(self) -> int:
        """When its first sign was seen: what began later than a complaint can't explain it."""
        signs = [s for s in (self.alarm_raised, self.counters_began) if s is not None]
        return min(signs, default=self.started_at)

    @property
    def is_open(self) -> bool:
        """Whether the fault still lasts, as far as is known."""
        return self.ended_at is None

    @property
    def is_minor(self) -> bool:
        """Whether its alarms are felt less often than not: they explain little of what counters show."""
        return self.alarm_exists < MINOR_ODDS

    def is_stale(self, at: int) -> bool:
        """Tell whether it rests on seldom felt alarms of long ago alone: what begins now is trouble of its own."""
        is_old = at > self.started_at + STALE_S
        return is_old and self.is_minor and not self.episodes and not self.confirmed

    def add_cells(self, cells: Ints, degree: Floats | float) -> None:
        """Reach more cells; of two degrees the greater stays."""
        if self._holds(cells, degree):
            return
        merged = dict(zip(self.cells.tolist(), self.degree.tolist(), strict=True))
        values = np.broadcast_to(np.asarray(degree, float), cells.shape)
        for cell, value in zip(cells.tolist(), values.tolist(), strict=True):
            merged[cell] = max(value, merged.get(cell, 0.0))
        self.cells = np.array(sorted(merged), dtype=np.int64)
        self.degree = np.array([merged[c] for c in self.cells.tolist()], dtype=float)
        self.stand_at(cells)

    def _holds(self, cells: Ints, degree: Floats | float) -> bool:
        """Tell whether it reaches some cells as much already."""
        if not len(self.cells):
            return False
        at = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        return bool((self.cells[at] == cells).all() and (self.degree[at] >= degree).all())

    def crowd(self, cells: Ints) -> None:
        """Note cells that its users crowd."""
        self.crowded |= set(cells.tolist())
        self.stand_at(cells)

    def stand_at(self, cells: Ints) -> None:
        """Let the book find it by some cells."""
        for cell in cells.tolist():
            self.places.setdefault(cell, set()).add(self.number)

    def keep_cells(self, cells: Ints) -> None:
        """Reach no cells but some of those reached: what else was lost is back, but its callers may still come."""
        kept = np.isin(self.cells, cells)
        if kept.any() and not kept.all():
            self.crowd(self.cells[~kept])
            self.cells, self.degree = self.cells[kept], self.degree[kept]
            self.touch()


@dataclass
class FaultBook:
    """All faults so far: the open ones, and those closed within memory.

    `let_go` has, by sign, the fault that let a sign go as trouble of its own.
    `places` gives the numbers of the faults that hold or crowd each cell; `of_work` the windows of work that have one.
    """

    faults: list[Fault] = field(default_factory=list)
    numbered: dict[int, Fault] = field(default_factory=dict)
    merged_into: dict[int, int] = field(default_factory=dict)
    merged_at: dict[int, int] = field(default_factory=dict)
    next_number: int = 1
    forgot_at: int = 0
    of_alarm: dict[str, int] = field(default_factory=dict)
    of_work: set[str] = field(default_factory=set)
    of_episode: dict[tuple[int, int, int], int] = field(default_factory=dict)
    let_go: dict[Sign, int] = field(default_factory=dict)
    episodes_of: dict[int, set[tuple[int, int, int]]] = field(default_factory=dict)
    places: dict[int, set[int]] = field(default_factory=dict)
    index: FaultIndex[Fault] = field(default_factory=FaultIndex)

    def open_ones(self) -> list[Fault]:
        """Return the faults that last."""
        return self.index.open_ones()

    def touching(self, cells: Ints) -> list[Fault]:
        """Return the faults in memory that hold or crowd one of some cells, the oldest number first."""
        numbers = {n for c in set(cells.tolist()) & self.places.keys() for n in self.places[c]}
        return [self.numbered[n] for n in sorted(numbers & self.numbered.keys())]

    def by_number(self, number: int) -> Fault | None:
        """Return the fault of that number, if still in memory."""
        return self.numbered.get(number)

    def hold(self, episode: tuple[int, int, int], fault: Fault) -> None:
        """Let a fault hold an episode: cell, kind and first period."""
        self.of_episode[episode] = fault.number
        self.episodes_of.setdefault(fault.number, set()).add(episode)

    def keep(self, fault: Fault) -> None:
        """Take a new fault in."""
        self.next_number = fault.number + 1
        self.faults.append(fault)
        self.numbered[fault.number] = fault
        fault.places, fault.news = self.places, self.index.news
        fault.stand_at(fault.cells)
        fault.touch()

    def end_early(self, fault: Fault) -> None:
        """End a fault when it last showed, for what is left of it is trouble of its own."""
        fault.ended_at = fault.last_sign_at
        self.index.note_over(fault)
        fault.touch()

    def forget(self, before: int) -> list[Fault]:
        """Forget the faults that ended before a moment (seconds since 1970) and return them."""
        kept = {f.number: f for f in self.faults if f.ended_at is None or f.ended_at >= before}
        gone = [f for f in self.faults if f.number not in kept]
        self.faults, self.numbered = list(kept.values()), kept
        self.index.forget(gone)
        numbers = {f.number for f in gone}
        for cell in [c for c, held in self.places.items() if not held.isdisjoint(numbers)]:
            self.places[cell] -= numbers & self.places[cell]
        return gone


def new_fault(
    book: FaultBook, signatures: Signatures, cells: Ints, *, started_at: int, now: int, family: str
) -> Fault:
    """Open a fault on `cells` and return it; object and evidence are set by the caller."""
    zero = np.zeros(len(signatures.causes))
    fault = Fault(
        number=book.next_number,
        object_id="",
        object_kind="",
        family=family,
        cells=np.sort(cells),
        degree=np.ones(len(cells)),
        started_at=started_at,
        opened_at=now,
        first_alert="",
        extent="cell",
        alarm_log=zero.copy(),
        counter_log=zero.copy(),
        change_log=zero.copy(),
        ticket_log=zero.copy(),
        last_sign_at=now,
    )
    book.keep(fault)
    return fault


def merge(book: FaultBook, into: Fault, other: Fault, *, now: int) -> None:
    """Merge a fault into another that turned out to be the same thing; its number leads there from now on."""
    into.add_cells(other.cells, other.degree)
    into.alarm_ids |= other.alarm_ids
    into.episodes |= other.episodes
    into.carriers |= other.carriers
    into.names = tuple(sorted(set(into.names) | set(other.names)))
    into.tickets, into.late = into.tickets + other.tickets, into.late + other.late
    into.ticket_log = into.ticket_log + other.ticket_log
    into.cluster_odds = max(into.cluster_odds, other.cluster_odds)
    into.confirmed |= other.confirmed
    into.orders += other.orders
    into.recurs_days = max(into.recurs_days, other.recurs_days)
    for alarm in other.alarm_ids:
        if book.of_alarm.get(alarm) == other.number:
            book.of_alarm[alarm] = into.number
    for episode in book.episodes_of.pop(other.number, set()):
        if book.of_episode.get(episode) == other.number:
            book.hold(episode, into)
    book.merged_into[other.number], book.merged_at[other.number] = into.number, now
    other.ended_at = max(now, other.started_at)
    other.alarm_ids, other.alarm_open, other.counters_open = set(), False, False
    into.touch()
    other.touch()


def cause_log_weights(fault: Fault, signatures: Signatures, *, gsm: float, indoor: bool) -> Floats:
    """Return the log weight of each cause for a fault: how common, and all that was seen.

    Parameters
    ----------
    gsm
        Share of its cells that are GSM (some causes are of GSM equipment alone).
    indoor
        Whether all of them are indoor cells.
    """
    log = signatures.log_frequency + fault.alarm_log + fault.counter_log + fault.change_log
    log = log + fault.order_log + fault.closed_log
    log = log + np.clip(fault.ticket_log, -6.0, 6.0)
    log = log + signatures.extent[:, EXTENTS.index(fault.extent)] + gsm * signatures.gsm
    if not gsm:
        log[signatures.is_of_rat] -= 6.0
    log[signatures.is_indoor] += 1.5 if indoor else -5.0
    is_work = fault.family == WORK
    for i, needed in () if is_work else signatures.needing_change:
        if needed not in fault.change_families:
            log[i] -= 5.0
    if is_work and "planned_work" in signatures.causes:
        log[signatures.position("planned_work")] += 4.0
    if fault.alarm_ids and fault.extent in ABOVE_SITES and fault.object_id != fault.guessed_id:
        log = log + _equipment_says(signatures.objects, fault.object_id)
    return np.asarray(log, dtype=float)


@cache
def _equipment_says(spellings: tuple[str, ...], object_id: str) -> Floats:
    """Return what the spelling of a controller or core element says of each cause: an SMS centre has its own."""
    fits = [bool(s) and bool(re.search(s, object_id, re.IGNORECASE)) for s in spellings]
    return np.where(fits, EQUIPMENT_SAYS, -EQUIPMENT_SAYS) if any(fits) else np.zeros(len(fits))


def cause_distribution(log: Floats, *, temperature: float = TEMPERATURE) -> Floats:
    """Return probabilities of the causes, sum 1.

    >>> cause_distribution(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    scaled = log / temperature
    weights = np.exp(scaled - scaled.max())
    return np.asarray(weights / weights.sum(), dtype=float)


def existence(fault: Fault) -> float:
    """Return the probability that a fault is real.

    Log odds add: alarms by their record, counters by strength, complaints beyond chance; against it, healthy counters
    and customers who say nothing though there are enough of them.
    """
    seen = bool(fault.episodes) or fault.was_pooled
    odds = max(fault.alarm_exists, fault.counters_exist if seen else -9.0)
    if fault.alarm_ids and not fault.episodes and not fault.is_settled:
        odds -= YOUNG_ODDS
    told = min(MOST_TICKET_ODDS, fault.cluster_odds + ODDS_TOLD * fault.tickets)
    if fault.family == TICKETS or (odds < -8 and fault.tickets > 1.0):
        odds = told
    else:
        odds += max(told, 0.0)
    if fault.alarm_exists > -2 and fault.episodes:
        odds += 1.5
    if fault.family != TICKETS:
        odds -= fault.healthy + fault.silence
    return float(1.0 / (1.0 + np.exp(-min(max(odds, -12.0), 12.0))))
