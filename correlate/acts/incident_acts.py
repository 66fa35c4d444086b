"""Carry out what people do to incidents: repair time, close with a verdict, open again, and take that back.

Who closes an incident saw what it was: the cause named decides. What still shows after
that opens it again, as after any end. What a person opened again lasts until a person closes it.

Merges and splits are carried out by `correlate.acts.reshaping`.

Simple so far: an incident opened again is not closed again by an undo.
"""

from __future__ import annotations

import numpy as np

from contract.ledger.acts import Deed
from correlate.acts.book import DONE, REFUSED, Done, Outcome
from correlate.acts.reshaping import (
    merge_incidents,
    split_incident,
    undo_merge,
    undo_split,
)
from correlate.faults import Fault
from correlate.knowledge import Knowledge
from correlate.state import State

CLOSED_SAYS = 20.0
"""Log weight for the cause that an incident was closed with: it decides, whatever the signs say."""


def act_on_incident(state: State, knowledge: Knowledge, deed: Deed, *, now: int) -> Outcome:
    """Carry out an act on an incident (`now`: seconds since 1970)."""
    fault, why = _fault_of(state, deed.subject_id)
    if fault is None:
        return Outcome(REFUSED, why)
    if deed.kind == "reopen":
        return _reopen(state, fault, now)
    if not fault.is_open:
        return Outcome(REFUSED, "incident_over")
    if deed.kind == "repair_time":
        return _set_repair_time(state, fault, deed, now)
    if deed.kind == "merge":
        into, why = _fault_of(state, deed.content["into"])
        if into is None:
            return Outcome(REFUSED, why)
        if into.number == fault.number or not into.is_open:
            return Outcome(REFUSED, "other_over")
        return merge_incidents(state, fault, into, deed, now)
    if deed.kind == "split":
        return split_incident(state, knowledge, fault, deed, now)
    return _close(state, knowledge, fault, deed, now)


def undo_on_incident(state: State, knowledge: Knowledge, done: Done, deed: Deed, now: int) -> str:
    """Take a repair time, a closing, a merge or a split back; return why it can't be, "" where it was."""
    if done.deed.kind == "merge":
        return undo_merge(state, knowledge, done, deed.who, now)
    if done.deed.kind == "split":
        return undo_split(state, done, deed.who, now)
    fault, why = _fault_of(state, done.deed.subject_id)
    if fault is None:
        return why
    if done.deed.kind == "repair_time":
        if state.acts.due_at.get(fault.number) != done.deed.content["due_at"]:
            return "overtaken"
        _put_due(state, fault, done.before["due_at"])
        return ""
    if fault.is_open or state.acts.closed.get(fault.number) != fault.ended_at:
        return "overtaken"
    fault.is_held = done.before["is_held"]
    _hear_verdict(knowledge, fault, done.deed, times=-1)
    del state.acts.closed[fault.number]
    _open(state, fault, now)
    return ""


def _fault_of(state: State, incident_id: str) -> tuple[Fault | None, str]:
    """Return the fault of an incident, and why there is none to act on."""
    found = [i for i in state.incidents.values() if i.incident_id == incident_id]
    if not found:
        return None, "unknown"
    if found[0].merged_into or found[0].fault in state.faults.merged_into:
        return None, "merged"
    fault = state.faults.by_number(found[0].fault)
    return fault, "" if fault is not None else "frozen"


def _set_repair_time(state: State, fault: Fault, deed: Deed, now: int) -> Outcome:
    """Expect the repair when somebody says."""
    due_at = int(deed.content["due_at"])
    if due_at <= now:
        return Outcome(REFUSED, "time_gone")
    before = state.acts.due_at.get(fault.number)
    state.acts.done[deed.act_id] = Done(deed, {"due_at": before})
    _put_due(state, fault, due_at)
    return Outcome(DONE)


def _put_due(state: State, fault: Fault, due_at: int | None) -> None:
    """Expect the repair of a fault at a moment; None: as the program reckons."""
    if due_at is None:
        state.acts.due_at.pop(fault.number, None)
    else:
        state.acts.due_at[fault.number] = due_at
    fault.touch()


def _close(state: State, knowledge: Knowledge, fault: Fault, deed: Deed, now: int) -> Outcome:
    """End a fault with a verdict."""
    state.acts.done[deed.act_id] = Done(deed, {"is_held": fault.is_held})
    fault.is_held = False
    fault.ended_at = state.acts.closed[fault.number] = max(now, fault.started_at)
    _hear_verdict(knowledge, fault, deed, times=1)
    return Outcome(DONE)


def _hear_verdict(knowledge: Knowledge, fault: Fault, deed: Deed, *, times: int) -> None:
    """Move a fault towards the cause it was closed with, or back."""
    causes, cause = knowledge.signatures.causes, deed.content["cause"]
    if cause in causes:
        is_it = np.arange(len(causes)) == knowledge.signatures.position(cause)
        fault.closed_log = fault.closed_log + times * CLOSED_SAYS * is_it
        fault.orders += times
    fault.touch()


def _reopen(state: State, fault: Fault, now: int) -> Outcome:
    """Let a fault go on that is over, until a person closes it."""
    if fault.is_open:
        return Outcome(REFUSED, "incident_open")
    fault.is_held = True
    state.acts.closed.pop(fault.number, None)
    _open(state, fault, now)
    return Outcome(DONE)


def _open(state: State, fault: Fault, now: int) -> None:
    """Let a fault last again."""
    fault.ended_at = None
    state.acts.opened[fault.number] = now
    fault.touch()
