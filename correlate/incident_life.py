"""Tell how each incident changed and why, while it lives: from its opening until it is frozen.

Look: what was believed of an incident when its last change was told, and what it rested on then. A change is told with
the rule it follows (`incident_rules.toml`), what it changed from and to, the other incident it links to, and the
evidence that moved since the last look.

Simple so far: evidence is told by kind and number, not alarm by alarm or counter by counter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from correlate.faults import TICKETS, WORK, Fault, Sign
from correlate.incident_rules import load_incident_rules
from correlate.incidents import WITHDRAW_AT, Incident, IncidentChange, Look
from correlate.knowledge import Knowledge
from correlate.reach import sites_at
from correlate.signatures import EXTENTS
from correlate.state import State

LEAST_TICKETS = 0.5
DATED_ANEW_S = 60
MOST_NAMES = 4
FATES = ("WITHDRAW", "END", "AGAIN", "BACK")
"""What rules begin with by which an incident ends or is open again."""


def note_life(
    state: State,
    knowledge: Knowledge,
    fault: Fault,
    incident: Incident,
    *,
    now: int,
    real: float,
) -> None:
    """Put down how an incident that was just revised changed since the last look, if it did.

    Parameters
    ----------
    now : int
        Seconds since 1970.
    real : float
        Probability that there is a fault.
    """
    life = state.life
    before, after = life.looks.get(fault.number), _look(knowledge, fault, incident)
    if before is None:
        changes = [_opening(state, fault, after, now=now)]
    else:
        changes = [
            *_fate(state, fault, before, after, now=now, real=real),
            *_beliefs(knowledge, before, after, now=now),
        ]
    for change in changes:
        life.note(fault.number, change)
    if changes or before is None:
        life.looks[fault.number] = after


def note_merges(state: State, *, now: int) -> None:
    """Put down which incidents went into which, as soon as both are reported."""
    life, book = state.life, state.faults
    fresh = list(book.merged_into.items())[life.merges_seen :]
    life.merges_seen += len(fresh)
    for number, into in fresh:
        if number in state.incidents:
            life.untold[number] = into
    for number, into in list(life.untold.items()):
        while into not in state.incidents and into in book.merged_into:
            into = book.merged_into[into]
        if into in state.incidents:
            del life.untold[number]
            state.incidents[number].merged_into = state.incidents[into].incident_id
            who = state.acts.merged.get(number, "")
            gone, kept = ("MERGE-3", "MERGE-4") if who else ("MERGE-1", "MERGE-2")
            if number in state.acts.rejoined:
                gone, kept = "SPLIT-5", "SPLIT-6"
            life.note(number, IncidentChange(now, gone, who, other=into))
            life.note(into, IncidentChange(now, kept, who, other=number))


def freeze_forgotten(state: State, *, now: int) -> None:
    """Freeze the incidents of the faults that were just forgotten: nothing can reach them any more."""
    if state.faults.forgot_at != now:
        return
    hours = load_incident_rules().limits.freeze_h
    for number in [n for n in state.life.looks if n not in state.faults.numbered]:
        del state.life.looks[number]
        state.incidents[number].frozen_at = now
        state.life.note(number, IncidentChange(now, "FREEZE-1", f"{hours:g} h"))


def part_again(state: State, number: int, *, who: str, now: int) -> None:
    """Let a fault that was merged into another go on by itself, and put that down.

    Parameters
    ----------
    number : int
        Of a fault in `merged_into`.
    """
    life, book = state.life, state.faults
    if list(book.merged_into).index(number) < life.merges_seen:
        life.merges_seen -= 1
    into = book.merged_into.pop(number)
    del book.merged_at[number]
    state.acts.merged.pop(number, None)
    life.untold.pop(number, None)
    state.incidents[number].merged_into = ""
    if number in life.looks:
        life.looks[number] = replace(life.looks[number], ended_at=None)
    life.note(number, IncidentChange(now, "MERGE-5", who, other=into))
    life.note(into, IncidentChange(now, "MERGE-6", who, other=number))


def source_of_split(state: State, fault: Fault) -> int:
    """Return the number of the fault that let go what a fault rests on, 0 if none did."""
    signs: Iterable[Sign] = [*sorted(fault.alarm_ids), *sorted(fault.episodes)]
    found = (state.faults.let_go.get(sign, 0) for sign in signs)
    return next((number for number in found if number not in (0, fault.number)), 0)


def _look(knowledge: Knowledge, fault: Fault, incident: Incident) -> Look:
    """Return what is believed of an incident now and what it rests on."""
    return Look(
        cause=incident.cause,
        object_id=incident.object_id,
        started_at=incident.started_at,
        ended_at=incident.ended_at,
        cells=len(fault.cells),
        sites=len(sites_at(knowledge.reach, fault.cells)),
        alarms=frozenset(fault.alarm_ids),
        names=frozenset(fault.names),
        episodes=frozenset(fault.episodes),
        tickets=fault.tickets,
        orders=fault.orders,
        changes=frozenset(fault.changes),
        extent=fault.extent,
        logs=(fault.alarm_log, fault.counter_log, fault.change_log, fault.ticket_log.copy()),
    )


def _opening(state: State, fault: Fault, after: Look, *, now: int) -> IncidentChange:
    """Return how an incident was opened: by itself, or as what another let go or could not hold."""
    evidence = _joined(_moved(None, after))
    detail = f"{after.object_id or '-'}: {after.cause}"
    by_hand = next((p for p in state.acts.partings if p.made == fault.number), None)
    split = fault.cut_from or source_of_split(state, fault)
    if by_hand is not None:
        split, (rule, told, said) = by_hand.kept, ("SPLIT-3", "SPLIT-4", by_hand.who)
    elif fault.cut_from:
        limit = f"{load_incident_rules().limits.most_sites:g}"
        rule, told, said = "SIZE-2", "SIZE-1", limit
    elif split:
        rule, told, said = "SPLIT-1", "SPLIT-2", ""
    else:
        return IncidentChange(now, "OPEN-1", detail, evidence)
    source = state.incidents.get(split)
    if source is not None:
        state.incidents[fault.number].split_from = source.incident_id
        state.life.note(split, IncidentChange(now, told, said, other=fault.number))
    return IncidentChange(now, rule, detail if by_hand is None else said, evidence, split)


def _fate(
    state: State, fault: Fault, before: Look, after: Look, *, now: int, real: float
) -> list[IncidentChange]:
    """Return whether an incident ended, was withdrawn, or is open again."""
    if before.ended_at == after.ended_at:
        return []
    if after.ended_at is not None and before.ended_at is None:
        if fault.is_open:
            return [_withdrawal(fault, real, now=now)]
        if fault.number in state.faults.merged_into:
            return []
        is_closed = state.acts.closed.get(fault.number) == fault.ended_at
        return [IncidentChange(now, "END-7" if is_closed else end_rule(fault))]
    if after.ended_at is not None:
        return []
    fates = [c.rule for c in state.life.changes[fault.number] if c.rule.split("-")[0] in FATES]
    was_withdrawn = bool(fates) and fates[-1].startswith("WITHDRAW")
    gap = f"{(now - int(before.ended_at or now)) / 3600:.1f} h"
    rule = "BACK-1" if was_withdrawn else _again_rule(fault, before, after, now=now)
    if state.acts.opened.get(fault.number) == now:
        rule = "AGAIN-4"
    return [IncidentChange(now, rule, gap, _joined(_moved(before, after)))]


def _withdrawal(fault: Fault, real: float, *, now: int) -> IncidentChange:
    """Return why an incident is no longer believed."""
    told = f"{WITHDRAW_AT:g} > {real:.2f}"
    if fault.healthy > 0:
        return IncidentChange(now, "WITHDRAW-1", told, f"healthy:{fault.healthy:.1f}")
    if fault.silence > 0:
        return IncidentChange(now, "WITHDRAW-2", told, f"silence:{fault.silence:.1f}")
    return IncidentChange(now, "WITHDRAW-3", told)


def end_rule(fault: Fault) -> str:
    """Return by which rule a fault ended: what shows that it is over."""
    if fault.family == WORK and fault.work_until is not None:
        return "END-6"
    if fault.family == TICKETS:
        return "END-5"
    if fault.alarm_open:
        return "END-4"
    if not fault.alarm_ids:
        return "END-2"
    return "END-3" if fault.confirmed else "END-1"


def _again_rule(fault: Fault, before: Look, after: Look, *, now: int) -> str:
    """Return by which rule an incident is open again."""
    if fault.returned_at == now or (fault.alarm_open and after.alarms - before.alarms):
        return "AGAIN-1"
    if fault.counters_open or fault.pools_open or after.episodes - before.episodes:
        return "AGAIN-2"
    return "AGAIN-1" if fault.alarm_open else "AGAIN-3"


def _beliefs(knowledge: Knowledge, before: Look, after: Look, *, now: int) -> list[IncidentChange]:
    """Return what is believed otherwise than before, and what evidence of a new kind came."""
    evidence = _joined(_moved(before, after))
    told = []
    if after.cause != before.cause:
        because = _joined([*_weights(knowledge, before, after), *_moved(before, after)])
        told.append(IncidentChange(now, "CAUSE-1", f"{before.cause} > {after.cause}", because))
    if after.object_id != before.object_id:
        detail = f"{before.object_id or '-'} > {after.object_id or '-'}"
        told.append(IncidentChange(now, "OBJECT-1", detail, evidence))
    if after.cells != before.cells:
        rule = "GROW-1" if after.cells > before.cells else "SHRINK-1"
        detail = f"{before.cells} > {after.cells} | {before.sites} > {after.sites}"
        told.append(IncidentChange(now, rule, detail, evidence))
    if abs(after.started_at - before.started_at) >= DATED_ANEW_S:
        detail = " > ".join(_clock(knowledge, at) for at in (before.started_at, after.started_at))
        told.append(IncidentChange(now, "DATE-1", detail, evidence))
    if not told and _new_kinds(before, after):
        told.append(IncidentChange(now, "SIGN-1", evidence=evidence))
    return told


def _clock(knowledge: Knowledge, at: int) -> str:
    """Return an instant in the configured zone, to the minute."""
    return f"{dt.datetime.fromtimestamp(at, tz=knowledge.zone):%Y-%m-%d %H:%M}"


def _new_kinds(before: Look, after: Look) -> bool:
    """Tell whether evidence of a kind came that there was none of."""
    return (
        bool(after.alarms and not before.alarms)
        or bool(after.episodes and not before.episodes)
        or (before.tickets < LEAST_TICKETS <= after.tickets - before.tickets)
        or bool(after.changes and not before.changes)
        or bool(after.orders and not before.orders)
    )


def _weights(knowledge: Knowledge, before: Look, after: Look) -> list[str]:
    """Return by how much each kind of evidence moved from the old cause to the new one, the most first."""
    s = knowledge.signatures
    if before.cause not in s.causes or after.cause not in s.causes:
        return []
    old, new = s.position(before.cause), s.position(after.cause)
    kinds = ("alarms", "counters", "changes", "complaints")
    moved = [
        (float(log[new] - log[old] - was[new] + was[old]), f"{kind}_say")
        for kind, log, was in zip(kinds, after.logs, before.logs, strict=True)
    ]
    ends = [EXTENTS.index(look.extent) for look in (before, after)]
    reach = s.extent[new] - s.extent[old]
    moved.append((float(reach[ends[1]] - reach[ends[0]]), "extent_says"))
    least = load_incident_rules().limits.moved
    return [
        f"{kind}:{weight:+.1f}" for weight, kind in sorted(moved, reverse=True) if weight >= least
    ]


def _moved(before: Look | None, after: Look) -> list[str]:
    """Return the evidence that came since the last look, kind and value."""
    fresh = after.alarms - (before.alarms if before else frozenset())
    names = sorted(after.names - (before.names if before else frozenset())) or sorted(after.names)
    episodes = after.episodes - (before.episodes if before else frozenset())
    tickets = after.tickets - (before.tickets if before else 0.0)
    orders = after.orders - (before.orders if before else 0)
    changes = after.changes - (before.changes if before else frozenset())
    told = []
    if fresh:
        listed = ", ".join(n.replace("|", "/") for n in names[:MOST_NAMES])
        told.append(f"alarms:{len(fresh)} {listed}".strip())
    if episodes:
        told.append(f"counters:{len({cell for cell, _ in episodes})}")
    if tickets >= LEAST_TICKETS:
        told.append(f"tickets:{max(1.0, tickets):.0f}")
    if changes:
        told.append(
            "changes:" + ", ".join(c.replace("|", "/") for c in sorted(changes)[:MOST_NAMES])
        )
    if orders > 0:
        told.append(f"orders:{orders}")
    return told


def _joined(parts: Iterable[str]) -> str:
    """Return pieces of evidence as one text."""
    return "|".join(parts)
