"""Exclude the usual hypotheses with a reason each, as the procedure asks: an exclusion is a result.

Simple so far: six hypotheses; each is excluded by the data of the stations that may serve the place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from correlate.faults import LOSS, Fault, Floats, Ints, existence
from correlate.findings import clock, own_and_around, stations
from correlate.knowledge import Knowledge
from correlate.phrases import finding
from correlate.state import State
from correlate.tickets import NEVER, Ticket
from kpi.episodes import evidence_matrix
from kpi.measures import MEASURE_INDEX

UNLIKELY = 0.1
CALM_Z = 2.0


def excluded_of(
    state: State, knowledge: Knowledge, ticket: Ticket, fault: Fault | None, probability: Floats
) -> list[dict[str, Any]]:
    """Return the hypotheses excluded, each `cause` with its `reason` (a finding)."""
    p = dict(zip(knowledge.codes, probability.tolist(), strict=True))
    found: list[tuple[str, dict[str, Any] | None]] = [
        ("weak_coverage", _coverage(ticket, p)),
        ("parameter_error", _parameters(state, knowledge, ticket, fault, p)),
        ("voice_congestion", _congestion(state, knowledge, ticket, p)),
        ("site_outage", _neighbours(state, knowledge, ticket, fault)),
        ("account_barred", _account(ticket, p)),
        (
            "terminal_fault",
            finding("excluded.single")
            if ticket.is_group and p["terminal_fault"] < UNLIKELY
            else None,
        ),
    ]
    return [{"cause": cause, "reason": reason} for cause, reason in found if reason is not None]


def _coverage(ticket: Ticket, p: dict[str, float]) -> dict[str, Any] | None:
    """Exclude thin coverage when the trouble was sudden or the place is served."""
    if p["weak_coverage"] + p["indoor_coverage"] >= 2 * UNLIKELY:
        return None
    sudden = ticket.onset_to > NEVER and not ticket.is_chronic
    if sudden or ticket.symptom == "BUSY":
        return finding("excluded.coverage_sudden")
    return finding("excluded.coverage_served", p=f"{ticket.nothing:.2f}")


def _parameters(
    state: State, knowledge: Knowledge, ticket: Ticket, fault: Fault | None, p: dict[str, float]
) -> dict[str, Any] | None:
    """Exclude a wrong parameter when nothing was changed around the beginning."""
    if p["parameter_error"] >= UNLIKELY:
        return None
    began = fault.started_at if fault is not None else ticket.created_at
    cells = _cells(knowledge, own_and_around(knowledge, ticket))
    since, until = began - 2 * 86400, min(began + 86400, state.now)
    beside = [c for c in state.changes if c.cells & cells and since <= c.at <= until]
    if beside:
        return None
    told = {"from": clock(knowledge, since), "to": clock(knowledge, until)}
    return finding("excluded.parameters", **told)


def _congestion(
    state: State, knowledge: Knowledge, ticket: Ticket, p: dict[str, float]
) -> dict[str, Any] | None:
    """Exclude congestion when traffic did not rise and nothing was blocked."""
    if p["voice_congestion"] + p["data_congestion"] + p["event_congestion"] >= UNLIKELY:
        return None
    cells = np.array(sorted(_cells(knowledge, stations(knowledge, ticket))), dtype=np.int64)
    if not len(cells):
        return None
    z, _ = evidence_matrix(state.watch, pd.Timestamp(state.now, unit="s", tz="UTC"))
    asked = [
        MEASURE_INDEX[m] for m in ("congestion_rate", "sd_congestion", "traffic_erl", "attempts")
    ]
    seen = z[cells][:, asked]
    if not np.isfinite(seen).any() or np.nanmax(seen) > CALM_Z:
        return None
    return finding("excluded.congestion")


def _neighbours(
    state: State, knowledge: Knowledge, ticket: Ticket, fault: Fault | None
) -> dict[str, Any] | None:
    """Exclude an outage around when no likely fault takes service from the own or adjoining sites."""
    sites = own_and_around(knowledge, ticket)
    for other in state.faults.open_ones():
        if other is fault or other.family != LOSS or existence(other) < 0.5:
            continue
        if np.isin(knowledge.reach.site_of[other.cells], sites).any():
            return None
    if fault is not None and fault.family == LOSS and fault.extent != "trx":
        return None
    return finding("excluded.neighbour")


def _account(ticket: Ticket, p: dict[str, float]) -> dict[str, Any] | None:
    """Exclude a barred account when the account is active."""
    return (
        finding("excluded.account")
        if ticket.account == "active" and p["account_barred"] < UNLIKELY
        else None
    )


def _cells(knowledge: Knowledge, sites: Ints) -> set[int]:
    """Return the cells of sites."""
    return {c for s in sites.tolist() for c in knowledge.reach.cells_of[s].tolist()}
