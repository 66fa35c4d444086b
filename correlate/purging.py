"""Let go of what is over for good, so that the memory of a live service is flat over months.

A run keeps all it concluded, for its tables are written at the end. A service writes as it goes: it calls `purge` every
few hours, and what the state let go of is handed out, to be written (or dropped, where it was written already). The
steps that follow come to the same either way; `lay_back` gives a state all of it back.

Simple so far: a complaint is let go of whole, not first what only its own diagnosis needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd

from alarms.groups import AlarmGroup, GroupBook, GroupChange
from alarms.lifecycle import MEMORY
from correlate.callers import REPEAT_S
from correlate.covering import final_fault
from correlate.episode_arrays import episode_arrays, episode_keys
from correlate.episode_log import Episode
from correlate.faults import HOUR
from correlate.harm import NOTE_EVERY_S
from correlate.harm_rules import load_harm_rules
from correlate.incidents import Incident, IncidentChange, Version
from correlate.interception import Interception
from correlate.notices.notice import Notice
from correlate.state import State
from correlate.tickets import Ticket
from kpi.episodes import open_episodes

DAY_S = 24 * HOUR
FAULTS_S = int(MEMORY.total_seconds())
"""Age of the faults let go of: as long as the book of alarms remembers, so no alarm still leads to one."""
PURGE_EVERY_S = 6 * HOUR
"""How often there is enough to let go of to be worth looking for; faults are forgotten as often."""

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class Gone:
    """What a state let go of, under the names it had there.

    Attributes
    ----------
    incidents, versions, changes, episodes : by number of their fault
        Nothing of them can change any more.
    notices : list of Interception
    drafts : by id, the notices behind them
    merged_into, merged_at, of_alarm : of faults, as `FaultBook` has them
    groups, last, group_changes : of groups of alarms, as `GroupBook` has them
    alarm_log : list of DataFrame
    tickets : by ticket id
    verdicts : list of (ticket id, cause)
    """

    incidents: dict[int, Incident] = field(default_factory=dict)
    versions: dict[int, list[Version]] = field(default_factory=dict)
    changes: dict[int, list[IncidentChange]] = field(default_factory=dict)
    episodes: dict[int, Episode] = field(default_factory=dict)
    notices: list[Interception] = field(default_factory=list)
    drafts: dict[str, Notice] = field(default_factory=dict)
    merged_into: dict[int, int] = field(default_factory=dict)
    merged_at: dict[int, int] = field(default_factory=dict)
    of_alarm: dict[str, int] = field(default_factory=dict)
    groups: dict[str, AlarmGroup] = field(default_factory=dict)
    last: dict[int, str] = field(default_factory=dict)
    group_changes: list[GroupChange] = field(default_factory=list)
    alarm_log: list[pd.DataFrame] = field(default_factory=list)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    verdicts: list[tuple[str, str]] = field(default_factory=list)


def tickets_s() -> int:
    """Return the age of the complaints let go of: none is a repeat of them or learned from any more.

    >>> tickets_s() // DAY_S
    60
    """
    return max(REPEAT_S, int(load_harm_rules().memory * DAY_S))


def is_purge_due(state: State, *, now: int) -> bool:
    """Tell whether so much time went by since the state last let go of anything (`now`: seconds since 1970)."""
    last = max((at for at, _ in state.purged.marks), default=0)
    return now - last >= PURGE_EVERY_S


def purge(
    state: State, *, now: int, faults_s: int = FAULTS_S, complaints_s: int | None = None
) -> Gone:
    """Let the state go of what is over for good and return that.

    Parameters
    ----------
    state : State
        Changed in place.
    now : int
        Seconds since 1970.
    faults_s : int
        Age of the faults and groups let go of.
    complaints_s : int, optional
        Age of the complaints let go of, `tickets_s` by default.
    """
    complaints_s = tickets_s() if complaints_s is None else complaints_s
    purged = state.purged
    purged.marks.append((now, state.faults.next_number))
    kept = _in_use(state)
    gone = Gone()
    _purge_faults(state, gone, purged.number_at(now - faults_s), kept, now=now)
    _purge_groups(state.groups, gone, before=(now - faults_s) * 1_000_000)
    gone.alarm_log, state.alarm_log = state.alarm_log, []
    _purge_tickets(state, gone, before=now - complaints_s)
    oldest = purged.number_at(now - max(faults_s, complaints_s))
    state.harm.known = {n for n in state.harm.known if n >= oldest or n in kept}
    purged.forget_marks(now - max(faults_s, complaints_s))
    return gone


def hander_out(hand_out: Callable[[Gone], None]) -> Callable[[State, object], None]:
    """Return what looks at a state after each step and hands out what it lets go of, every `PURGE_EVERY_S`."""

    def look(state: State, _issued: object) -> None:
        if is_purge_due(state, now=state.now):
            hand_out(purge(state, now=state.now))

    return look


def lay_back(state: State, gone: Iterable[Gone]) -> None:
    """Give a state back what it let go of, oldest first, so that tables can be made of all of it."""
    parts = list(gone)
    life, book, groups = state.life, state.faults, state.groups
    incidents = _joined([g.incidents for g in parts], state.incidents)
    order = sorted(incidents, key=lambda number: _running_number(incidents[number].incident_id))
    state.incidents = {number: incidents[number] for number in order}
    versions = _joined([g.versions for g in parts], state.versions)
    state.versions = {number: versions[number] for number in order if number in versions}
    changes = _joined([g.changes for g in parts], life.changes)
    life.changes = {number: changes[number] for number in order if number in changes}
    notices = [notice for g in parts for notice in g.notices] + state.notices
    state.notices = sorted(notices, key=lambda n: _running_number(n.interception_id))
    drafts = state.notice_book
    drafts.notices = _joined([g.drafts for g in parts], drafts.notices)
    log = state.episode_log
    log.rows = _joined([g.episodes for g in parts], log.rows)
    book.merged_at = _joined([g.merged_at for g in parts], book.merged_at)
    merged = _joined([g.merged_into for g in parts], book.merged_into)
    book.merged_into = dict(sorted(merged.items(), key=lambda pair: book.merged_at[pair[0]]))
    book.of_alarm = _joined([g.of_alarm for g in parts], book.of_alarm)
    groups.groups = _joined([g.groups for g in parts], groups.groups)
    groups.last = _joined([g.last for g in parts], groups.last)
    groups.changes = [change for g in parts for change in g.group_changes] + groups.changes
    state.alarm_log = [table for g in parts for table in g.alarm_log] + state.alarm_log
    state.tickets = _joined([g.tickets for g in parts], state.tickets)
    state.verdicts = [verdict for g in parts for verdict in g.verdicts] + state.verdicts


def _in_use(state: State) -> set[int]:
    """Return the numbers of the faults that are in memory or became one that is, and of those not told in full."""
    book = state.faults
    kept = {n for n in book.merged_into if final_fault(state, n) in book.numbered}
    kept |= book.numbered.keys() | state.open_notice.keys() | state.episode_log.open
    kept |= state.notice_book.open.keys()
    untold = state.life.untold
    return kept | untold.keys() | set(untold.values()) | set(state.pooled.values())


def _purge_faults(state: State, gone: Gone, limit: int, kept: set[int], *, now: int) -> None:
    """Let go of what is known of faults with a number below a limit that are not in use."""

    def is_over(number: int) -> bool:
        return number < limit and number not in kept

    book, life = state.faults, state.life
    state.incidents, gone.incidents = _parted(state.incidents, is_over)
    state.versions, gone.versions = _parted(state.versions, is_over)
    life.changes, gone.changes = _parted(life.changes, is_over)
    state.episode_log.rows, gone.episodes = _parted(state.episode_log.rows, is_over)
    gone.notices = [n for n in state.notices if is_over(n.fault)]
    state.notices = [n for n in state.notices if not is_over(n.fault)]
    drafts = state.notice_book
    over = {name for name, notice in drafts.notices.items() if is_over(notice.fault)}
    drafts.notices, gone.drafts = _parted(drafts.notices, over.__contains__)
    drafts.last, _ = _parted(drafts.last, is_over)
    drafts.over_since, _ = _parted(drafts.over_since, is_over)
    drafts.pauses, _ = _parted(drafts.pauses, is_over)
    book.merged_into, gone.merged_into = _parted(book.merged_into, is_over)
    book.merged_at, gone.merged_at = _parted(book.merged_at, is_over)
    life.merges_seen -= len(gone.merged_into)
    gone.of_alarm = {alarm: n for alarm, n in book.of_alarm.items() if is_over(n)}
    book.of_alarm = {alarm: n for alarm, n in book.of_alarm.items() if not is_over(n)}
    book.let_go = {sign: n for sign, n in book.let_go.items() if not is_over(n)}
    book.episodes_of, _ = _parted(book.episodes_of, is_over)
    showing = _showing(state, now=now)
    held = book.of_episode.items()
    book.of_episode = {key: n for key, n in held if not is_over(n) or key in showing}
    state.purged.incidents += len(gone.incidents)
    state.purged.notices += len(gone.notices)
    state.purged.drafts += len(gone.drafts)


def _showing(state: State, *, now: int) -> set[tuple[int, int, int]]:
    """Return the episodes that are open or closed so lately that they are still asked about."""
    instant = pd.Timestamp(now, unit="s", tz="UTC")
    table = open_episodes(state.watch, instant, keep_hours=2.0 * NOTE_EVERY_S / HOUR)
    return set(episode_keys(episode_arrays(table)))


def _purge_groups(book: GroupBook, gone: Gone, *, before: int) -> None:
    """Let go of the groups of alarms that ended before a moment (microseconds) and are frozen, and of all changes."""
    over = {
        name
        for name, group in book.groups.items()
        if group.frozen_at is not None and group.ended_at is not None and group.ended_at < before
    }
    over -= {book.frozen[key] for key in book.frozen}
    while needed := {g.merged_into for n, g in book.groups.items() if n not in over} & over:
        over -= needed
    book.groups, gone.groups = _parted(book.groups, over.__contains__)
    gone.last = {key: name for key, name in book.last.items() if name in over}
    book.last = {key: name for key, name in book.last.items() if name not in over}
    gone.group_changes, book.changes = book.changes, []


def _purge_tickets(state: State, gone: Gone, *, before: int) -> None:
    """Let go of the diagnosed complaints that arrived before a moment, and of what was learned from them."""
    over = {
        name for name, t in state.tickets.items() if t.arrived_at < before and t.diagnosed_at
    } - {t.ticket_id for t in (*state.held, *state.docket.tickets)}
    if not over:
        return
    state.tickets, gone.tickets = _parted(state.tickets, over.__contains__)
    calls = {who: [i for i in ids if i not in over] for who, ids in state.callers.items()}
    state.callers = {who: ids for who, ids in calls.items() if ids}
    gone.verdicts = [verdict for verdict in state.verdicts if verdict[0] in over]
    state.verdicts = [verdict for verdict in state.verdicts if verdict[0] not in over]
    state.purged.verdicts += len(gone.verdicts)


def _parted(held: dict[K, V], is_over: Callable[[K], bool]) -> tuple[dict[K, V], dict[K, V]]:
    """Return what stays of some records, and what goes by its key."""
    going = {key for key in held if is_over(key)}
    left = {key: value for key, value in held.items() if key not in going} if going else held
    return left, {key: held[key] for key in held if key in going} if going else {}


def _joined(parts: Iterable[dict[K, V]], rest: dict[K, V]) -> dict[K, V]:
    """Return records let go of one after the other, and the rest, as one."""
    found: dict[K, V] = {}
    for part in (*parts, rest):
        found |= part
    return found


def _running_number(name: str) -> int:
    """Return the running number at the end of an id.

    >>> _running_number("INC-20260302-00012")
    12
    """
    return int(name.rpartition("-")[2])
