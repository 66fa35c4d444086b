"""Lay out what a run concluded as the output tables of the contract.

Simple so far: everything is laid out at the end of a run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.bundles import Bundle
from correlate.covering import covering_of, final_fault, notices_by_fault
from correlate.doubts import inventory_repairs
from correlate.knowledge import Knowledge
from correlate.per_10k import rates
from correlate.state import State
from correlate.step import Issued

INSTANT = "datetime64[us, UTC]"


def output_tables(
    state: State, knowledge: Knowledge, issued: Issued, bundle: Bundle
) -> dict[str, pd.DataFrame]:
    """Return every output table of the contract."""
    return {
        "diagnoses": _diagnoses(state, issued),
        "serving_cells": _serving(issued),
        "incidents": incident_table(state, knowledge),
        "interceptions": notice_table(state, knowledge),
        "rates": _rates(state, knowledge, bundle),
        "rejected": bundle.rejected,
        "repairs": inventory_repairs(knowledge, bundle),
    }


def _instants(values: Sequence[object]) -> pd.Series:
    """Return seconds since 1970 (or None) as instants."""
    return pd.to_datetime(pd.Series(values, dtype="Int64"), unit="s", utc=True).astype(INSTANT)


def _diagnoses(state: State, issued: Issued) -> pd.DataFrame:
    """Return `diagnoses`; incidents are those of the end of the run: of the first cause the ticket's own by then."""
    columns = ["ticket_id", "rank", "cause", "probability", "object_id", "cell_id"]
    table = pd.DataFrame(
        issued.diagnoses, columns=[*columns, "fault_started_at", "fault", "diagnosed_at"]
    )
    incident = {n: i.incident_id for n, i in state.incidents.items()}
    for number in sorted(state.faults.merged_into):
        incident[number] = incident.get(final_fault(state, number), incident.get(number, ""))
    out = table[columns].copy()
    out["fault_started_at"] = _instants(
        [None if pd.isna(v) else int(v) for v in table["fault_started_at"]]
    )
    own = {t.ticket_id: t.fault for t in state.tickets.values()}
    fault = table["fault"].where(table["rank"] > 1, table["ticket_id"].map(own))
    out["incident_id"] = fault.map(incident).replace("", None)
    out["diagnosed_at"] = _instants(table["diagnosed_at"].tolist())
    return out.sort_values(["ticket_id", "rank"], kind="stable", ignore_index=True)


def _serving(issued: Issued) -> pd.DataFrame:
    """Return `serving_cells`."""
    columns = ["ticket_id", "rank", "cell_id", "probability", "distance_m"]
    table = pd.DataFrame(issued.serving_cells, columns=columns)
    return table.sort_values(["ticket_id", "rank"], kind="stable", ignore_index=True)


def _joined(knowledge: Knowledge, cells: NDArray[np.int64]) -> str:
    """Return cell ids joined by `|`."""
    return "|".join(sorted(str(c) for c in knowledge.cell_ids[cells]))


def incident_table(state: State, knowledge: Knowledge) -> pd.DataFrame:
    """Return `incidents` with the number of tickets diagnosed to each."""
    counts: dict[int, int] = {}
    for ticket in state.tickets.values():
        if ticket.fault:
            fault = final_fault(state, ticket.fault)
            counts[fault] = counts.get(fault, 0) + 1
    found = list(state.incidents.values())
    return pd.DataFrame(
        {
            "incident_id": [i.incident_id for i in found],
            "cause": [i.cause for i in found],
            "object_id": [i.object_id for i in found],
            "started_at": _instants([i.started_at for i in found]),
            "detected_at": _instants([i.detected_at for i in found]),
            "ended_at": _instants([i.ended_at for i in found]),
            "cells": [_joined(knowledge, i.cells) for i in found],
            "users": [i.users for i in found],
            "complaints": [counts.get(i.fault, 0) for i in found],
            "expected_complaints": [i.expected_complaints for i in found],
            "probability": [i.probability for i in found],
            "first_alert": [i.first_alert for i in found],
        }
    )


def notice_table(state: State, knowledge: Knowledge) -> pd.DataFrame:
    """Return `interceptions`, each row as issued."""
    found = state.notices
    return pd.DataFrame(
        {
            "interception_id": [n.interception_id for n in found],
            "incident_id": [n.incident_id for n in found],
            "issued_at": _instants([n.issued_at for n in found]),
            "valid_until": _instants([n.valid_until for n in found]),
            "revises": [n.revises or None for n in found],
            "end_reason": [n.end_reason or None for n in found],
            "cause": [n.cause for n in found],
            "object_id": [n.object_id for n in found],
            "cells": [_joined(knowledge, n.cells) for n in found],
            "users": [n.users for n in found],
            "expected_complaints": [n.expected_complaints for n in found],
            "script": [n.script for n in found],
        }
    )


def _rates(state: State, knowledge: Knowledge, bundle: Bundle) -> pd.DataFrame:
    """Return `rates`."""
    notices = notices_by_fault(state)
    rows = []
    for ticket in state.tickets.values():
        code = knowledge.codes[int(np.argmax(ticket.posterior))]
        day = pd.Timestamp(ticket.created_at, unit="s", tz=knowledge.zone).normalize()
        rows.append(
            (
                ticket.county,
                day.tz_localize(None),
                ticket.is_repeat,
                code in knowledge.customer_side,
                covering_of(state, knowledge, ticket, notices) is not None,
            )
        )
    tickets = pd.DataFrame(
        rows, columns=["county", "day", "is_repeat", "is_customer_side", "is_intercepted"]
    )
    return rates(tickets, bundle.tables["subscribers"])
