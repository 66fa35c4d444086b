"""Merge incidents and split them as people say, and take that back.

A merge taken back gives the incident that went into another what it had brought, and what came to its cells since; both
are told apart from then on. A split taken back merges the two again. Either can be taken back as long as no other act
reshaped one of the two, both last, and the program did not merge or cut them meanwhile.

Simple so far: of a complaint that both explained before a merge each has its part back by what that was then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from contract.ledger.acts import Deed
from correlate.acts.book import DONE, REFUSED, Done, Outcome, Parting
from correlate.acts.callers_moving import Callers, callers_of, callers_with, move_callers
from correlate.acts.evidence_kept import kept_of, stand_again, take_back
from correlate.acts.splitting import named_cells, share_at, split_off, weigh_anew, why_not
from correlate.assignment import told_by
from correlate.covering import final_fault
from correlate.faults import Fault, Floats
from correlate.incident_life import part_again
from correlate.incident_size import hand_over
from correlate.knowledge import Knowledge
from correlate.partings import KEPT, are_apart, lift, side_of
from correlate.state import State
from correlate.uniting import unite

Shares = Mapping[str, tuple[float, float]]
"""Complaints by id with how much of each the fault that went, and the one that took it in, explained."""


def merge_incidents(state: State, fault: Fault, into: Fault, deed: Deed, now: int) -> Outcome:
    """Let one fault go on as another that lasts (`now`: seconds since 1970)."""
    before: dict[str, Any] = {
        "into": into.number,
        "at": now,
        "gone": kept_of(fault),
        "before": kept_of(into),
        "shares": _shares(state, fault, into),
        "reshaped": _reshaped(state, deed.act_id, fault, into),
        "partings": _without_parting(state, fault, into),
    }
    state.acts.rejoined.discard(fault.number)
    _join(state, into, fault, deed.who, now)
    state.acts.done[deed.act_id] = Done(deed, before | {"after": kept_of(into)})
    return Outcome(DONE)


def split_incident(
    state: State, knowledge: Knowledge, fault: Fault, deed: Deed, now: int
) -> Outcome:
    """Make the named parts of a fault that lasts a fault of their own (`now`: seconds since 1970)."""
    cells = named_cells(knowledge, deed.content)
    share = share_at(state, knowledge, fault, cells)
    if why := why_not(fault, share):
        return Outcome(REFUSED, why)
    before = kept_of(fault)
    made = split_off(state, knowledge, fault, share, now=now)
    parting = Parting(fault.number, made.number, frozenset(cells.tolist()), deed.who)
    state.acts.partings.append(parting)
    kept = {
        "made": made.number,
        "kept": fault.number,
        "at": now,
        "before": before,
        "after": kept_of(fault),
        "reshaped": _reshaped(state, deed.act_id, fault, made),
    }
    state.acts.done[deed.act_id] = Done(deed, kept)
    return Outcome(DONE)


def undo_merge(state: State, knowledge: Knowledge, done: Done, who: str, now: int) -> str:
    """Take a merge back; return why it can't be, "" where it was."""
    before, book = done.before, state.faults
    gone, into = book.by_number(before["gone"].number), book.by_number(before["into"])
    if gone is None or into is None or not _stands(state, done, into):
        return "overtaken"
    if book.merged_into.get(gone.number) != into.number:
        return "overtaken"
    was, had = before["gone"], before["before"]
    own = np.setdiff1d(was.cells, had.cells)
    share = share_at(state, knowledge, into, own)
    fresh = {n: s for n, s in share.callers.shares.items() if n not in before["shares"]}
    callers = callers_with(state, _own_shares(state, into, before["shares"]) | fresh)
    part_again(state, gone.number, who=who, now=now)
    was_parted, is_parted = before["partings"]
    left = [p for p in state.acts.partings if p not in is_parted]
    state.acts.partings = left + was_parted
    if not are_apart(state, into, gone):
        parting = Parting(into.number, gone.number, frozenset(own.tolist()), who)
        state.acts.partings.append(parting)
    alarms = (was.alarm_ids & into.alarm_ids | share.alarms) - had.alarm_ids
    signs = (was.episodes.keys() & into.episodes.keys() | share.episodes) - had.episodes.keys()
    stand_again(gone, was)
    theirs = (into.number, gone.number)
    lasting = {a for a in was.alarm_ids if book.of_alarm.get(a, gone.number) in theirs}
    gone.alarm_ids, gone.episodes = alarms | lasting, {k: into.episodes[k] for k in signs}
    gone.ended_at, gone.last_sign_at = None, max(was.last_sign_at, into.last_sign_at)
    hand_over(state, into, gone)
    take_back(into, had, before["after"])
    _let_go(into, gone, had, own)
    for fault in (gone, into):
        fault.pools_open = sum(final_fault(state, n) == fault.number for n in state.pooled.values())
        fault.counters_open = fault.counters_open and bool(fault.episodes)
        fault.alarm_open = fault.alarm_open and _is_in_force(state, fault)
    _give_callers(state, knowledge, (into, gone), before["shares"], callers, now)
    for fault in (gone, into):
        if share.alarms - was.alarm_ids:
            weigh_anew(state, knowledge, fault, now=now)
        fault.stand_at(fault.cells)
        fault.reached_from, fault.unserved = None, None
        fault.touch()
    _restore(state, before["reshaped"])
    return ""


def undo_split(state: State, done: Done, who: str, now: int) -> str:
    """Take a split back; return why it can't be, "" where it was."""
    before, book = done.before, state.faults
    kept, made = book.by_number(before["kept"]), book.by_number(before["made"])
    if kept is None or made is None:
        return "overtaken"
    if not (_stands(state, done, kept) and _stands(state, done, made)):
        return "overtaken"
    lift(state, kept, made)
    take_back(kept, before["before"], before["after"])
    kept.crowd(np.array(sorted(made.crowded), dtype=np.int64))
    state.acts.rejoined.add(made.number)
    _join(state, kept, made, who, now)
    _restore(state, before["reshaped"])
    return ""


def _join(state: State, into: Fault, fault: Fault, who: str, now: int) -> None:
    """Let a fault go on as another because a person says so."""
    into.alarm_open = into.alarm_open or fault.alarm_open
    into.alarm_exists = max(into.alarm_exists, fault.alarm_exists)
    into.is_held = into.is_held or fault.is_held
    state.acts.merged[fault.number] = who
    unite(state, into, fault, now=now)


def _stands(state: State, done: Done, fault: Fault) -> bool:
    """Tell whether nothing reshaped a fault since an act, and it lasts."""
    is_cut = any(
        f.cut_from == fault.number and f.opened_at >= done.before["at"] for f in state.faults.faults
    )
    is_last = state.acts.reshaped.get(fault.number) == done.deed.act_id
    return is_last and fault.is_open and fault.number not in state.faults.merged_into and not is_cut


def _reshaped(state: State, act_id: str, *faults: Fault) -> dict[int, str]:
    """Note the act that reshaped faults last, and return which it was before; "" for none."""
    before = {fault.number: state.acts.reshaped.get(fault.number, "") for fault in faults}
    state.acts.reshaped |= dict.fromkeys(before, act_id)
    return before


def _restore(state: State, before: Mapping[int, str]) -> None:
    """Let the act before the one taken back be the last that reshaped some faults."""
    for number, act_id in before.items():
        if act_id:
            state.acts.reshaped[number] = act_id
        else:
            state.acts.reshaped.pop(number, None)


Changed = tuple[list[Parting], list[Parting]]
"""Partings before and after a merge, those that it changed."""


def _without_parting(state: State, fault: Fault, into: Fault) -> Changed:
    """Let no parting stand against a merge: what either brings is of both again; return those that changed."""
    before = list(state.acts.partings)
    lift(state, fault, into)
    for one, other in ((fault, into), (into, fault)):
        brought = frozenset(one.cells.tolist())
        state.acts.partings = [
            replace(p, cells=p.cells - brought) if side_of(state, p, other) == KEPT else p
            for p in state.acts.partings
        ]
    after = state.acts.partings
    return [p for p in before if p not in after], [p for p in after if p not in before]


def _shares(state: State, fault: Fault, into: Fault) -> Shares:
    """Return how much of each complaint either of two faults explains."""
    tickets = {t.ticket_id: t for f in (fault, into) for t in callers_of(state, f)}
    return {
        number: (t.fault_share.get(fault.number, 0.0), t.fault_share.get(into.number, 0.0))
        for number, t in sorted(tickets.items())
    }


def _own_shares(state: State, into: Fault, shares: Shares) -> dict[str, float]:
    """Return what of the complaints of two faults, now of one, is of the one that went into it."""
    held = {t.ticket_id: t.fault_share.get(into.number, 0.0) for t in callers_of(state, into)}
    return {
        number: held[number] * gone / (gone + kept)
        for number, (gone, kept) in shares.items()
        if gone > 0 and held.get(number, 0.0) > 0
    }


def _let_go(into: Fault, gone: Fault, had: Fault, own: Any) -> None:
    """Let a fault hold no more what another that had gone into it has back."""
    is_left = ~np.isin(into.cells, own)
    into.cells, into.degree = into.cells[is_left], into.degree[is_left]
    into.alarm_ids = (into.alarm_ids - gone.alarm_ids) | (had.alarm_ids & into.alarm_ids)
    into.episodes = {k: at for k, at in into.episodes.items() if k not in gone.episodes}
    into.names = tuple(sorted(set(into.names) - set(gone.names) | set(had.names)))
    into.carriers = into.carriers - gone.carriers | had.carriers
    into.orders -= gone.orders
    into.late = max(0.0, into.late - gone.late)


def _is_in_force(state: State, fault: Fault) -> bool:
    """Tell whether an alarm of a fault is in force; of one that the book does not know it is taken to be."""
    ids = np.array(sorted(fault.alarm_ids), dtype=object)
    known = len(ids) and len(state.book.rows_of(ids)[1])
    if not known:
        return bool(len(ids))
    in_force = state.book.in_force_columns(("alarm_id",))["alarm_id"]
    return not fault.alarm_ids.isdisjoint(in_force.tolist())


def _give_callers(
    state: State,
    knowledge: Knowledge,
    pair: tuple[Fault, Fault],
    shares: Shares,
    callers: Callers,
    now: int,
) -> None:
    """Give a fault that had gone into another its callers back, those let go of by now as well."""
    into, gone = pair
    known = [t for n in shares if (t := state.tickets.get(n)) is not None and not t.same_as]
    told = {t.ticket_id: told_by(t.words[knowledge.fault_columns]) for t in known}
    rest = max(0.0, gone.tickets - sum(shares[n][0] for n in told))
    said: Floats = gone.ticket_log - sum(
        (shares[n][0] * log for n, log in told.items()), np.zeros_like(gone.ticket_log)
    )
    gone.tickets, gone.ticket_log = rest, said
    into.tickets, into.ticket_log = max(0.0, into.tickets - rest), into.ticket_log - said
    move_callers(state, knowledge, into, gone, callers, now=now)
