"""Report faults as incidents, and have their notices brought up to date (`correlate.notices.policy`).

Simple so far: an incident opens again when its fault does, and then has one row for both.
"""

from __future__ import annotations

import datetime as dt
import re

import numpy as np

from correlate.counter_rules import load_counter_rules
from correlate.diagnosis import fault_causes, unserved_of
from correlate.faults import HOUR, WORK, Fault, existence
from correlate.incident_life import freeze_forgotten, note_life, note_merges
from correlate.incidents import REPORT_AT, WITHDRAW_AT, Incident
from correlate.knowledge import Knowledge
from correlate.notices.batteries import weigh_threats
from correlate.notices.outlook import Outlook, outlook_of
from correlate.notices.policy import review_notice
from correlate.partings import forget_partings
from correlate.state import State
from correlate.versions import note_version


def report(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Bring incidents and notices up to date with the faults."""
    if now // HOUR != state.reported_at // HOUR:
        for number in state.incidents.keys() & state.faults.numbered.keys():
            fault = state.faults.numbered[number]
            if fault.is_open:
                fault.is_touched, state.faults.index.news[number] = True, fault
    state.reported_at = now
    weigh_threats(state.batteries, state.faults, knowledge, now=now)
    for fault in _changed(state):
        fault.is_touched = False
        incident = state.incidents.get(fault.number)
        if incident is None:
            if not fault.is_open or not _is_told(state, knowledge, fault):
                continue
            incident = _new_incident(state, knowledge, fault, now=now)
        best = int(np.argmax(fault_causes(knowledge, fault)))
        outlook = outlook_of(state, knowledge, fault, cause=best, now=now)
        if incident.ended_at is None or fault.is_open:
            _revise_incident(knowledge, fault, incident, outlook=outlook, now=now)
            history = state.versions.setdefault(fault.number, [])
            note_version(history, knowledge, fault, incident, now=now)
            note_life(state, knowledge, fault, incident, now=now, real=existence(fault))
        review_notice(state, knowledge, fault, incident, outlook=outlook, now=now)
    state.faults.index.settle()
    note_merges(state, now=now)
    freeze_forgotten(state, now=now)
    if state.faults.forgot_at == now:
        forget_partings(state)


def _changed(state: State) -> list[Fault]:
    """Return the faults that changed or are over and have a notice yet, the oldest number first."""
    due = {fault.number: fault for fault in state.faults.index.touched()}
    for number in state.notice_book.open:
        fault = state.faults.by_number(number)
        if fault is not None and not fault.is_open:
            due[number] = fault
    return [due[number] for number in sorted(due)]


def _is_told(state: State, knowledge: Knowledge, fault: Fault) -> bool:
    """Tell whether a fault is an incident: likely enough, or a person split it off another."""
    is_said = any(parting.made == fault.number for parting in state.acts.partings)
    return is_said or existence(fault) >= _report_at(knowledge, fault)


def _report_at(knowledge: Knowledge, fault: Fault) -> float:
    """Return the probability from which a fault is told: higher where it reaches few, as far as users are known."""
    users = float((knowledge.users[fault.cells] * fault.degree).sum())
    fewer = max(1.0, load_counter_rules().few_users / users) if users > 0 else 1.0
    return REPORT_AT * fewer / (1.0 - REPORT_AT + REPORT_AT * fewer)


def _new_incident(state: State, knowledge: Knowledge, fault: Fault, *, now: int) -> Incident:
    """Open the incident of a fault."""
    stamp = dt.datetime.fromtimestamp(now, tz=knowledge.zone).strftime("%Y%m%d")
    incident = Incident(
        incident_id=f"INC-{stamp}-{len(state.incidents) + state.purged.incidents + 1:05d}",
        fault=fault.number,
        cause="unknown",
        object_id=fault.object_id,
        started_at=fault.started_at,
        detected_at=now,
        first_alert=fault.first_alert,
        cells=fault.cells,
        users=0.0,
        probability=0.0,
        expected_complaints=0.0,
    )
    state.incidents[fault.number] = incident
    fault.reported_at = now
    fault.incident_id = incident.incident_id
    return incident


def _revise_incident(
    knowledge: Knowledge, fault: Fault, incident: Incident, *, outlook: Outlook, now: int
) -> None:
    """Write what is known of a fault now on its incident."""
    p = fault_causes(knowledge, fault)
    best = int(np.argmax(p))
    real = existence(fault)
    incident.cause = knowledge.signatures.causes[best]
    if not fault.object_id or fault.object_id == fault.guessed_id:
        fault.object_id = fault.guessed_id = likely_object(knowledge, best)
    incident.object_id = fault.object_id
    incident.started_at = min(fault.started_at, incident.detected_at)
    if fault.family == WORK:
        incident.started_at = fault.started_at
    incident.cells = fault.cells
    incident.users = unserved_of(knowledge, fault)
    incident.probability = real * float(p[best])
    incident.expected_complaints = fault.tickets + outlook.expected
    withdrawn_at = incident.ended_at
    incident.ended_at = None
    if not fault.is_open:
        ended = max(int(fault.ended_at or now), incident.detected_at)
        is_mistaken = withdrawn_at is not None and real < WITHDRAW_AT
        incident.ended_at = min(ended, withdrawn_at or ended) if is_mistaken else ended
    elif real < WITHDRAW_AT and now > incident.detected_at:
        incident.ended_at = now if withdrawn_at is None else withdrawn_at


def likely_object(knowledge: Knowledge, cause: int) -> str:
    """Return the equipment a fault that reaches the whole network probably sits on, "" if none is known."""
    spelling = knowledge.signatures.objects[cause]
    if not spelling:
        return ""
    nodes = sorted(
        n
        for n in map(str, knowledge.topology.graph.nodes)
        if n not in knowledge.network.site_position
    )
    by_likelihood = (
        n for part in spelling.split("|") for n in nodes if re.search(part, n, re.IGNORECASE)
    )
    return next(by_likelihood, "")
