"""Keep a record of the hidden faults that the counters told of: since when, where, how sure, and what explains them.

Terms: an *episode* here is what counters show of one fault: an object, its cells, a kind of trouble.

Simple so far: the record holds what was last known; what it was before is in the versions of its incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from contract.daybook import DAYBOOK
from correlate.faults import WORK, Fault, Ints, cause_log_weights, existence
from correlate.knowledge import Knowledge
from kpi.measures import MEASURES

TELLING_Z = 1.0
MEASURES_TOLD = 5


@dataclass
class Episode:
    """One row of the record. Times are seconds since 1970."""

    fault: int
    opened: int
    kind: str
    cause: str
    object_id: str
    cells: Ints
    onset: int
    last: int
    strength: float
    confidence: float
    explained_by: str
    evidence: str
    closed: int | None = None


LIKELY = 0.5
"""Confidence from which an episode is told."""


@dataclass
class EpisodeLog:
    """All episodes so far, by number of their fault; `open` are those that last."""

    rows: dict[int, Episode] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)


def note_episode(
    log: EpisodeLog, knowledge: Knowledge, fault: Fault, shown: Mapping[str, float], *, now: int
) -> None:
    """Write down what counters show of a fault, from the moment that makes it likelier than not to be one.

    Parameters
    ----------
    shown : mapping of kind to strength
        The kinds its cells show now, with the evidence gathered for each.
    """
    held, told = log.rows.get(fault.number), _by_counters(fault)
    confidence = existence(told)
    if held is None and confidence < LIKELY:
        return
    strength = max(shown.values())
    if held is not None and held.strength > strength:
        kind, strength = held.kind, held.strength
    else:
        kind = max(sorted(shown), key=lambda name: shown[name])
    log.rows[fault.number] = Episode(
        fault=fault.number,
        opened=now if held is None else held.opened,
        kind=kind,
        cause=_cause(knowledge, told),
        object_id=fault.object_id,
        cells=fault.cells,
        onset=int(fault.counters_began or fault.started_at),
        last=fault.last_sign_at,
        strength=strength,
        confidence=confidence,
        explained_by=_explained(fault),
        evidence=_evidence(fault),
    )
    log.open.add(fault.number)


def close_episodes(log: EpisodeLog, faults: Mapping[int, Fault], *, now: int) -> None:
    """Close the episodes whose counters are in order again, and those whose fault went into another."""
    for number in sorted(log.open):
        fault = faults.get(number)
        if fault is not None and (fault.counters_open or fault.pools_open):
            continue
        log.rows[number].closed = now
        log.open.remove(number)


def episode_table(log: EpisodeLog, knowledge: Knowledge) -> pd.DataFrame:
    """Return the table `episodes` of the daybook."""
    records = [
        {
            "episode_id": f"EP-{row.fault:06d}",
            "kind": row.kind,
            "cause": row.cause or None,
            "object_id": row.object_id or None,
            "cells": "|".join(knowledge.cell_ids[row.cells].astype(str)),
            "onset_at": row.onset,
            "opened_at": row.opened,
            "closed_at": row.closed,
            "strength": round(row.strength, 2),
            "confidence": round(row.confidence, 3),
            "explained_by": row.explained_by or None,
            "evidence": row.evidence,
        }
        for _, row in sorted(log.rows.items())
    ]
    frame = pd.DataFrame(records, columns=list(DAYBOOK["episodes"].column_names))
    for name in ("onset_at", "opened_at", "closed_at"):
        values = pd.to_numeric(frame[name]).astype("Int64")
        frame[name] = pd.to_datetime(values, unit="s", utc=True)
    return frame


def _by_counters(fault: Fault) -> Fault:
    """Return a fault as the counters alone know it."""
    zero = np.zeros_like(fault.counter_log)
    return replace(
        fault,
        alarm_ids=set(),
        alarm_exists=-9.0,
        alarm_log=zero,
        ticket_log=zero,
        change_log=zero,
        cluster_odds=0.0,
        tickets=0.0,
    )


def _cause(knowledge: Knowledge, fault: Fault) -> str:
    """Return the likeliest cause of a fault as the counters alone know it, by its extent as well."""
    log = cause_log_weights(
        fault,
        knowledge.signatures,
        gsm=float(knowledge.reach.is_gsm[fault.cells].mean()) if len(fault.cells) else 0.0,
        indoor=bool(len(fault.cells)) and bool(knowledge.is_indoor[fault.cells].all()),
    )
    return knowledge.signatures.causes[int(np.argmax(log))]


def _explained(fault: Fault) -> str:
    """Return what explains an episode away: announced work, or alarms that are mostly felt; "" for nothing."""
    if fault.family == WORK:
        return "work"
    return "" if fault.is_minor else min(fault.alarm_ids, default="")


def _evidence(fault: Fault) -> str:
    """Return the measures that moved most, with spreads and plain changes."""
    z = np.nan_to_num(fault.z)
    order = [i for i in np.argsort(-np.abs(z), kind="stable").tolist() if abs(z[i]) >= TELLING_Z]
    told = [
        f"{MEASURES[i].name} {z[i]:+.1f} ({fault.change[i]:+.3g})" for i in order[:MEASURES_TOLD]
    ]
    return "; ".join(told)
