"""Say what speaks for and against a cause of a ticket, as findings with their weight.

Simple so far: weights are those of the fault's evidence as a whole, not of each alarm or counter.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from correlate.case.phrases import finding
from correlate.circumstances import UNSAID, told_of
from correlate.faults import ODDS_TOLD, Fault
from correlate.knowledge import Knowledge
from correlate.signatures import EXTENTS
from correlate.state import State
from correlate.tickets import Ticket
from kpi.swings import swing

TELLING = 0.4
"""Least log weight worth a line."""
MOST_CHANCE = 4.0
"""Most that the rarity of a cluster of complaints says, as where it is found."""
MOST_DAYS = 1000
"""Days beyond which a recurrence interval is not told in figures."""
UNTOLD = ("", UNSAID)
"""Values of circumstances that are not worth a line."""
PHRASES = {"onset": "began"}
"""Where the phrases of a circumstance stand, if not under its own name."""


def evidence_of(
    state: State, knowledge: Knowledge, ticket: Ticket, fault: Fault | None, cause: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return findings for and against a cause, the weightiest first; each has `weight` (natural log)."""
    found: list[tuple[float, dict[str, Any]]] = []
    if fault is not None and cause in knowledge.signatures.causes:
        found += _fault_evidence(knowledge, fault, cause)
    said = float(ticket.words[knowledge.codes.index(cause)])
    if abs(said) >= TELLING:
        found.append((said, finding("for.words" if said > 0 else "against.words")))
    found += _background_evidence(state, knowledge, ticket, cause)
    ordered = sorted(found, key=lambda f: -abs(f[0]))
    told = [f | {"weight": round(w, 2)} for w, f in ordered]
    speaks = [t for t in told if t["weight"] > 0]
    return speaks, [t for t in told if t["weight"] <= 0]


def _fault_evidence(
    knowledge: Knowledge, fault: Fault, cause: str
) -> list[tuple[float, dict[str, Any]]]:
    """Return what the signs of a fault say of a cause."""
    s = knowledge.signatures
    i = s.position(cause)
    found: list[tuple[float, dict[str, Any]]] = []
    if fault.alarm_ids and abs(fault.alarm_log[i]) >= TELLING:
        speaks = fault.alarm_log[i] > 0
        text = (
            finding("for.alarms", names=list(fault.names)) if speaks else finding("against.alarms")
        )
        found.append((float(fault.alarm_log[i]), text))
    carriers = carriers_of(fault)
    if len(carriers) > 1 and cause in ("bcch_trx_fault", "trx_fault"):
        found.append((1.0, finding("for.carriers", carriers=carriers)))
    if fault.episodes and abs(fault.counter_log[i]) >= TELLING:
        speaks = fault.counter_log[i] > 0
        names = telling_measures(knowledge, fault, i, speaks=bool(speaks))
        key = "for.counters" if speaks else "against.counters"
        found.append((float(fault.counter_log[i]), finding(key, measures=names)))
    reach = float(s.extent[i, EXTENTS.index(fault.extent)])
    if abs(reach) >= TELLING:
        key = "for.extent" if reach > 0 else "against.extent"
        found.append((reach, finding(key, extent=f"extent.{fault.extent}")))
    if fault.changes and abs(fault.change_log[i]) >= TELLING:
        found.append(
            (float(fault.change_log[i]), finding("for.changes", changes=list(fault.changes)))
        )
    if fault.tickets >= 1.5 and fault.ticket_log[i] > 0:
        text = finding("for.tickets", count=round(fault.tickets))
        found.append((float(np.clip(fault.ticket_log[i], 0, 6)), text))
    if fault.recurs_days:
        text = finding("for.chance", days=rarity(fault.recurs_days))
        found.append(
            (min(MOST_CHANCE, max(fault.cluster_odds + ODDS_TOLD * fault.tickets, 0.0)), text)
        )
    return found


def rarity(days: float) -> str:
    """Return the days between findings by chance as people write them.

    >>> rarity(41.6), rarity(1e9)
    ('42', '>1000')
    """
    return f"{days:.0f}" if days <= MOST_DAYS else f">{MOST_DAYS}"


def carriers_of(fault: Fault) -> list[str]:
    """Return the carriers a fault's alarms name, as TRX3."""
    return sorted(fault.carriers, key=lambda c: (len(c), c))


def telling_measures(knowledge: Knowledge, fault: Fault, cause: int, *, speaks: bool) -> list[str]:
    """Return up to four measures that speak most for (or against) a cause, with their deviation."""
    s = knowledge.signatures
    z = fault.z
    moved = swing(z, fault.change)
    says = (
        np.clip(moved, 0, None) * (s.up[cause] - 0.5 * s.down[cause])
        + np.clip(-moved, 0, None) * (s.down[cause] - 0.5 * s.up[cause])
        - np.abs(moved) * s.flat[cause]
    )
    order = np.argsort(-says if speaks else says, kind="stable")[:4]
    kept = [k for k in order.tolist() if (says[k] > 0.1 if speaks else says[k] < -0.1)]
    return [f"measure.{s.measures[k]} {z[k]:+.1f}" for k in kept]


def _background_evidence(
    state: State, knowledge: Knowledge, ticket: Ticket, cause: str
) -> list[tuple[float, dict[str, Any]]]:
    """Return what account, place and closed orders say of a cause."""
    found: list[tuple[float, dict[str, Any]]] = []
    column = knowledge.codes.index(cause)
    for name, value in told_of(ticket).items():
        says = float(state.background.circumstances[name].log_ratios(value)[column])
        if value not in UNTOLD and abs(says) >= TELLING:
            key = f"{'for' if says > 0 else 'against'}.{name}"
            found.append((says, finding(key, **{name: f"{PHRASES.get(name, name)}.{value}"})))
    counts = state.background.counts
    if counts.sum() >= 30 and counts[column] / counts.sum() > 0.1:
        found.append((0.5, finding("for.orders")))
    return found
