"""Take the acts of people that arrived with a step, in their order, and tell what became of each.

An act that is taken back before a step took it comes to nothing. A verdict on a ticket that is not diagnosed yet waits.

Simple so far: a verdict on a ticket is not taken back once words and calibration learned from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from contract.acts import INCIDENT, NOTICE, TICKET
from contract.ledger.acts import Deed
from correlate.acts.book import DONE, REFUSED, UNDONE, Outcome
from correlate.acts.incident_acts import act_on_incident, undo_on_incident
from correlate.acts.notice_acts import act_on_notice, undo_on_notice
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.verdicts import take_verdicts

EFFECTIVE = {
    INCIDENT: ("repair_time", "merge", "split", "close", "reopen", "undo"),
    NOTICE: ("edit", "approve", "issue", "withdraw", "undo"),
    TICKET: ("verdict", "undo"),
}
"""Acts that change what the model holds; the others are words among people."""


def is_effective(deed: Deed) -> bool:
    """Tell whether an act changes what the model holds."""
    return deed.kind in EFFECTIVE[deed.subject_kind]


def take_acts(
    state: State, knowledge: Knowledge, deeds: Sequence[Deed], *, now: int
) -> list[dict[str, Any]]:
    """Carry out acts and return what became of each, a row of `act_outcomes` each.

    Parameters
    ----------
    deeds : sequence of Deed
        Those that arrived with the step, in order, each of `is_effective`.
    now : int
        Seconds since 1970.
    """
    told: dict[str, Outcome] = {}
    ids = {deed.act_id for deed in deeds}
    gone = {str(d.content["undoes"]) for d in deeds if d.kind == "undo"}
    for deed in deeds:
        if deed.kind == "undo":
            target = str(deed.content["undoes"])
            told[deed.act_id], is_undone = _undo(state, knowledge, deed, ids, now)
            if is_undone:
                told[target] = Outcome(UNDONE)
        elif deed.act_id in gone:
            told[deed.act_id] = Outcome(UNDONE)
        elif deed.subject_kind == TICKET:
            state.acts.waiting.append(deed)
        else:
            carry_out = act_on_notice if deed.subject_kind == NOTICE else act_on_incident
            told[deed.act_id] = carry_out(state, knowledge, deed, now=now)
    told |= _hear_verdicts(state, knowledge)
    return [
        {"act_id": act_id, "outcome": one.outcome, "detail": one.detail, "at": now}
        for act_id, one in told.items()
    ]


def _undo(
    state: State, knowledge: Knowledge, deed: Deed, with_step: set[str], now: int
) -> tuple[Outcome, bool]:
    """Take an act back; return what became of that, and whether it was."""
    target = str(deed.content["undoes"])
    if target in with_step:
        return Outcome(DONE), True
    waiting = [one for one in state.acts.waiting if one.act_id == target]
    if waiting:
        state.acts.waiting.remove(waiting[0])
        return Outcome(DONE), True
    done = state.acts.done.get(target)
    if done is None:
        return Outcome(REFUSED, "not_undoable"), False
    if done.deed.subject_kind == NOTICE:
        why = undo_on_notice(state, knowledge, done, deed, now)
    else:
        why = undo_on_incident(state, knowledge, done, deed, now)
    if why:
        return Outcome(REFUSED, why), False
    del state.acts.done[target]
    return Outcome(DONE), True


def _hear_verdicts(state: State, knowledge: Knowledge) -> dict[str, Outcome]:
    """Learn from the verdicts whose tickets are diagnosed; each ticket teaches once."""
    told: dict[str, Outcome] = {}
    left = []
    for deed in state.acts.waiting:
        ticket = state.tickets.get(deed.subject_id)
        if ticket is None:
            told[deed.act_id] = Outcome(REFUSED, "unknown")
        elif not ticket.diagnosed_at:
            left.append(deed)
        elif any(number == deed.subject_id for number, _ in state.verdicts):
            told[deed.act_id] = Outcome(DONE, "known")
        else:
            row = {"ticket_id": [deed.subject_id], "cause": [deed.content["cause"]]}
            take_verdicts(state, knowledge, pd.DataFrame(row))
            told[deed.act_id] = Outcome(DONE)
    state.acts.waiting = left
    return told
