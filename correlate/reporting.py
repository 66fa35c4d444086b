"""Report faults as incidents and issue, revise, end and withdraw their notices.

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
from correlate.interception import (
    AFTER_CLEAR_S,
    REVISE_AFTER_S,
    Notice,
    expected_complaints,
    repair_hours,
    script,
)
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.versions import note_version


def report(state: State, knowledge: Knowledge, *, now: int) -> None:
    """Bring incidents and notices up to date with the faults."""
    if now // HOUR != state.reported_at // HOUR:
        for number in state.incidents.keys() & state.faults.numbered.keys():
            fault = state.faults.numbered[number]
            fault.is_touched = fault.is_touched or fault.is_open
    state.reported_at = now
    noticed = state.open_notice
    due = [
        f
        for f in state.faults.faults
        if f.is_touched or (f.ended_at is not None and f.number in noticed)
    ]
    for fault in due:
        fault.is_touched = False
        incident = state.incidents.get(fault.number)
        if incident is None:
            if not fault.is_open or existence(fault) < _report_at(knowledge, fault):
                continue
            incident = _new_incident(state, knowledge, fault, now=now)
        if incident.ended_at is None or fault.is_open:
            _revise_incident(state, knowledge, fault, incident, now=now)
            history = state.versions.setdefault(fault.number, [])
            note_version(history, knowledge, fault, incident, now=now)
            note_life(state, knowledge, fault, incident, now=now, real=existence(fault))
        _revise_notice(state, knowledge, fault, incident, now=now)
    note_merges(state, now=now)
    freeze_forgotten(state, now=now)


def _report_at(knowledge: Knowledge, fault: Fault) -> float:
    """Return the probability from which a fault is told: higher where it reaches few, as far as users are known."""
    users = float((knowledge.users[fault.cells] * fault.degree).sum())
    fewer = max(1.0, load_counter_rules().few_users / users) if users > 0 else 1.0
    return REPORT_AT * fewer / (1.0 - REPORT_AT + REPORT_AT * fewer)


def _new_incident(state: State, knowledge: Knowledge, fault: Fault, *, now: int) -> Incident:
    """Open the incident of a fault."""
    stamp = dt.datetime.fromtimestamp(now, tz=knowledge.zone).strftime("%Y%m%d")
    incident = Incident(
        incident_id=f"INC-{stamp}-{len(state.incidents) + 1:05d}",
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
    state: State, knowledge: Knowledge, fault: Fault, incident: Incident, *, now: int
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
    hours = _hours_to_come(knowledge, fault, best, now=now)
    rate = float(p @ state.rates.per_user_hour())
    users = float((knowledge.users[fault.cells] * fault.degree).sum())
    incident.expected_complaints = fault.tickets + real * expected_complaints(users, rate, hours)
    withdrawn_at = incident.ended_at
    incident.ended_at = None
    if not fault.is_open:
        ended = max(int(fault.ended_at or now), incident.detected_at)
        is_mistaken = withdrawn_at is not None and real < WITHDRAW_AT
        incident.ended_at = min(ended, withdrawn_at or ended) if is_mistaken else ended
    elif real < WITHDRAW_AT:
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


def _hours_to_come(knowledge: Knowledge, fault: Fault, cause: int, *, now: int) -> float:
    """Return how long a fault is expected to last from now on, hours.

    Announced work ends when announced. Any other repair is taken as memoryless with its limit as the mean: what is not
    mended by its limit is late, not nearly done.
    """
    if fault.work_until is not None:
        return max(0.25, (fault.work_until - now) / HOUR)
    return max(1.0, _limit_hours(knowledge, fault, cause))


def _due(knowledge: Knowledge, fault: Fault, cause: int, *, now: int) -> int:
    """Return by when callers are told to expect the repair: its limit, or the limit anew once it is overdue."""
    if fault.work_until is not None:
        return max(fault.work_until, now + HOUR // 4)
    limit = int(_limit_hours(knowledge, fault, cause) * HOUR)
    return fault.started_at + limit if fault.started_at + limit > now else now + limit


def _limit_hours(knowledge: Knowledge, fault: Fault, cause: int) -> float:
    """Return the repair limit of a fault by its cause and the most important site it touches, hours."""
    sites = np.unique(knowledge.reach.site_of[fault.cells])
    grades = [knowledge.grades[s] for s in sites.tolist()]
    return repair_hours(knowledge.signatures.repair[cause], grades, override=knowledge.settings.sla)


def _revise_notice(
    state: State, knowledge: Knowledge, fault: Fault, incident: Incident, *, now: int
) -> None:
    """Issue, revise or end the notice of an incident."""
    notice = state.open_notice.get(fault.number)
    if incident.ended_at is not None:
        if notice is not None:
            _end(state, fault, notice, now=now)
        return
    to_come = incident.expected_complaints - fault.tickets
    if notice is None:
        if to_come >= knowledge.settings.notice_min_complaints:
            _issue(state, knowledge, fault, incident, now=now, revises="")
        return
    sites = frozenset(np.unique(knowledge.reach.site_of[fault.cells]).tolist())
    changed = sites - notice.sites or incident.cause != notice.cause
    if changed and now - notice.issued_at >= REVISE_AFTER_S:
        notice.valid_until, notice.end_reason = now, "revised"
        _issue(state, knowledge, fault, incident, now=now, revises=notice.interception_id)


def _end(state: State, fault: Fault, notice: Notice, *, now: int) -> None:
    """End a notice: at once when mistaken, half an hour after the clear otherwise."""
    if fault.is_open or existence(fault) < WITHDRAW_AT:
        notice.valid_until, notice.end_reason = now, "withdrawn"
        del state.open_notice[fault.number]
    elif now >= int(fault.ended_at or now) + AFTER_CLEAR_S:
        notice.valid_until, notice.end_reason = now, "cleared"
        del state.open_notice[fault.number]


def _issue(
    state: State,
    knowledge: Knowledge,
    fault: Fault,
    incident: Incident,
    *,
    now: int,
    revises: str,
) -> None:
    """Issue a notice."""
    cause = knowledge.signatures.position(incident.cause)
    eta = _due(knowledge, fault, cause, now=now)
    notice = Notice(
        interception_id=f"N-{len(state.notices) + 1:06d}",
        incident_id=incident.incident_id,
        fault=fault.number,
        issued_at=now,
        cause=incident.cause,
        object_id=incident.object_id,
        cells=fault.cells,
        sites=frozenset(np.unique(knowledge.reach.site_of[fault.cells]).tolist()),
        users=incident.users,
        expected_complaints=incident.expected_complaints,
        script=script(
            incident.cause,
            knowledge.settings.language,
            area=area_name(knowledge, fault),
            since=_clock(knowledge, fault.started_at),
            eta=_clock(knowledge, eta),
        ),
        revises=revises,
    )
    state.notices.append(notice)
    state.open_notice[fault.number] = notice


def area_name(knowledge: Knowledge, fault: Fault) -> str:
    """Return the place a caller would know: the site's name, or county and number of sites."""
    sites = np.unique(knowledge.reach.site_of[fault.cells])
    named = knowledge.network.sites
    if len(sites) == 1:
        return str(named["site_name"].iat[int(sites[0])])
    counties, towns = named["county"].iloc[sites], named["town"].iloc[sites]
    towns = towns.where(towns.notna(), counties).dropna()
    names = list(dict.fromkeys(towns.value_counts().index.tolist()))[:3]
    joiner = "、" if knowledge.settings.language == "zh" else ", "
    return joiner.join(str(n) for n in names) or str(named["site_name"].iat[int(sites[0])])


def _clock(knowledge: Knowledge, at: int) -> str:
    """Return an instant as people write it."""
    local = dt.datetime.fromtimestamp(at, tz=knowledge.zone)
    return (
        f"{local.month}月{local.day}日{local:%H:%M}"
        if knowledge.settings.language == "zh"
        else f"{local:%d %b %H:%M}"
    )
