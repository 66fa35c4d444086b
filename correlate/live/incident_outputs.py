"""Lay out for the ledger how incidents stand, which alarms they hold and what speaks for and against them.

Evidence is told as natural logarithms of odds: what speaks for there being a fault, and for its likeliest cause rather
than the next.

Simple so far: of an incident whose fault is forgotten the evidence stays as it was written last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from correlate.covering import final_fault
from correlate.diagnosis import fault_causes
from correlate.faults import (
    MOST_TICKET_ODDS,
    ODDS_TOLD,
    TICKETS,
    YOUNG_ODDS,
    Fault,
    existence,
)
from correlate.knowledge import Knowledge
from correlate.past_incidents import state_of
from correlate.problem_tables import impact
from correlate.signatures import EXTENTS
from correlate.state import State
from kpi.kinds import KINDS

Row = Mapping[str, Any]
MOST_CAUSES = 5
LEAST_WEIGHT = 0.05


def incident_states(state: State) -> dict[object, Row]:
    """Return how each incident stands, in the words of the daybook's `problems`."""
    rows: dict[object, Row] = {}
    for number, incident in state.incidents.items():
        history = state.versions.get(number)
        if not history:
            continue
        rows[incident.incident_id] = {
            "incident_id": incident.incident_id,
            "state": state_of(incident, state.life.changes.get(number, [])),
            "first_sign": history[-1].first_sign,
            "impact": impact(incident.users),
            "recurs_days": _known(history[-1].recurs_days),
            "frozen_at": incident.frozen_at,
            "merged_into": incident.merged_into or None,
            "split_from": incident.split_from or None,
            "due_at": state.acts.due_at.get(number),
        }
    return rows


def incident_alarms(state: State) -> dict[object, Row]:
    """Return the incident that each alarm belongs to, by alarm."""
    rows: dict[object, Row] = {}
    for alarm_id, first in state.faults.of_alarm.items():
        incident = state.incidents.get(final_fault(state, first))
        if incident is not None:
            rows[alarm_id] = {"alarm_id": alarm_id, "incident_id": incident.incident_id}
    return rows


def incident_evidence(state: State, knowledge: Knowledge) -> dict[object, Row]:
    """Return what speaks for and against each incident whose fault is in memory, as JSON."""
    rows: dict[object, Row] = {}
    for number, incident in state.incidents.items():
        fault = state.faults.by_number(number)
        if fault is None or fault.number in state.faults.merged_into:
            continue
        told = {
            "real": round(existence(fault), 4),
            "for_fault": _for_fault(fault),
            **_causes(knowledge, fault),
            "counters": _counters(state, knowledge, fault),
            "changes": list(fault.changes),
            "complaints": round(fault.tickets, 2),
        }
        text = json.dumps(told, ensure_ascii=False, sort_keys=True)
        rows[incident.incident_id] = {"incident_id": incident.incident_id, "content": text}
    return rows


def _known(value: float | None) -> float | None:
    """Return a number, None where it is none."""
    return None if value is None or value != value else float(value)


def _for_fault(fault: Fault) -> dict[str, float]:
    """Return what speaks for a fault's being real and, below zero, against it."""
    told = min(MOST_TICKET_ODDS, fault.cluster_odds + ODDS_TOLD * fault.tickets)
    is_young = bool(fault.alarm_ids) and not fault.episodes and not fault.is_settled
    is_seen = bool(fault.episodes) or fault.was_pooled
    is_felt = fault.family == TICKETS
    weights = {
        "alarms": fault.alarm_exists if fault.alarm_ids else 0.0,
        "counters": fault.counters_exist if is_seen else 0.0,
        "complaints": told if is_felt else max(told, 0.0),
        "young": -YOUNG_ODDS if is_young else 0.0,
        "healthy": 0.0 if is_felt else -fault.healthy,
        "silence": 0.0 if is_felt else -fault.silence,
    }
    return _telling(weights)


def _causes(knowledge: Knowledge, fault: Fault) -> dict[str, Any]:
    """Return the likeliest causes, and what speaks for the first rather than the second."""
    s, chance = knowledge.signatures, fault_causes(knowledge, fault)
    order = np.argsort(-chance, kind="stable")[:MOST_CAUSES].tolist()
    first, second = order[0], order[1]
    logs = {
        "alarms": fault.alarm_log,
        "counters": fault.counter_log,
        "changes": fault.change_log,
        "complaints": np.clip(fault.ticket_log, -6.0, 6.0),
        "first_signs": fault.order_log,
        "verdict": fault.closed_log,
        "extent": s.extent[:, EXTENTS.index(fault.extent)],
        "frequency": s.log_frequency,
    }
    weights = {
        name: float(log[first] - log[second]) if len(log) > 1 else 0.0 for name, log in logs.items()
    }
    return {
        "causes": [[s.causes[i], round(float(chance[i]), 4)] for i in order],
        "for_cause": _telling(weights),
    }


def _telling(weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights that say anything, rounded."""
    return {name: round(float(w), 2) for name, w in weights.items() if abs(w) >= LEAST_WEIGHT}


def _counters(state: State, knowledge: Knowledge, fault: Fault) -> list[dict[str, Any]]:
    """Return the episodes of the counters by kind: cells, since when, and until when where none is open."""
    noted = state.episode_log.rows.get(fault.number)
    until = None if noted is None or noted.closed is None or fault.counters_open else noted.closed
    by_kind: dict[int, list[tuple[int, int]]] = {}
    for (cell, kind), onset in sorted(fault.episodes.items()):
        by_kind.setdefault(kind, []).append((cell, onset))
    return [
        {
            "kind": KINDS[kind].name,
            "cells": [str(knowledge.cell_ids[cell]) for cell, _ in held],
            "began_at": min(onset for _, onset in held),
            "ended_at": until,
        }
        for kind, held in by_kind.items()
    ]
