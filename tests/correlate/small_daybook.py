"""Make a daybook that fits in the head: two counties, two sites, a planned one, faults and tickets as asked for.

The report is of 2026-03-10, 08:00 in Asia/Shanghai; `local` writes instants of that zone.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from contract.daybook import DAYBOOK
from contract.tables import OUTPUTS, empty_table
from correlate.daily.known_then import Known, known_then, local_instant

ZONE = "Asia/Shanghai"
DAY = dt.date(2026, 3, 10)
AT = local_instant(DAY, 8, ZONE)
VERSION: Mapping[str, Any] = {
    "incident_id": "I1",
    "at": "03-09 10:05",
    "cause": "site_outage",
    "object_id": "S1",
    "started_at": "03-09 10:00",
    "detected_at": "03-09 10:05",
    "ended_at": None,
    "first_sign": "alarm",
    "county": "Hill",
    "area": "Hilltop",
    "site_ids": "S1",
    "sites": 1,
    "cells": 3,
    "users": 1000.0,
    "reached": 2000.0,
    "per_user_hour": 3e-4,
    "probability": 0.8,
    "real": 0.9,
    "repair_class": "D2",
    "grade": "B",
    "limit_h": 6.0,
    "due_at": "03-09 16:05",
}
TICKET: Mapping[str, Any] = {
    "ticket_id": "T1",
    "created_at": "03-09 12:00",
    "arrived_at": "03-09 12:00",
    "diagnosed_at": "03-09 12:30",
    "county": "Hill",
    "town": "Hilltown",
    "place": "Hilltop",
    "symptom": "NOSIG",
    "cause": "site_outage",
    "probability": 0.7,
    "is_customer_side": False,
    "is_repeat": False,
    "caller": "P1",
    "number": "159****2291",
    "lon": 100.0,
    "lat": 25.0,
    "site_id": "S1",
    "incident_id": None,
    "incident_at": None,
    "covered_by": None,
    "covered_at": None,
    "lead_min": None,
}
NOTICE: Mapping[str, Any] = {
    "interception_id": "N1",
    "incident_id": "I1",
    "issued_at": "03-09 10:10",
    "valid_until": None,
    "revises": None,
    "end_reason": None,
    "cause": "site_outage",
    "object_id": "S1",
    "cells": "C1|C2|C3",
    "users": 1000.0,
    "expected_complaints": 3.0,
    "script": "as issued",
}


def local(text: str | None) -> pd.Timestamp | None:
    """Return `MM-DD HH:MM` of 2026 in the zone as an instant in UTC."""
    if not isinstance(text, str):
        return None
    return pd.Timestamp(f"2026-{text}").tz_localize(ZONE).tz_convert("UTC").as_unit("us")


def rows_of(
    name: str, default: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """Return rows of a table, each the default with its changes, in its types."""
    declared = DAYBOOK[name] if name in DAYBOOK else OUTPUTS[name]
    frame = pd.DataFrame([{**default, **row} for row in rows], columns=list(declared.column_names))
    for column in declared.columns:
        values = frame[column.name]
        if column.kind == "instant":
            moments = [v if isinstance(v, pd.Timestamp) else local(v) for v in values]
            frame[column.name] = pd.Series(moments, dtype="datetime64[us, UTC]")
        elif column.kind in ("number", "count"):
            frame[column.name] = pd.to_numeric(values).astype("float64")
        else:
            frame[column.name] = values.astype("boolean" if column.kind == "flag" else "str")
    return frame


def small_run(
    *,
    tickets: Sequence[Mapping[str, Any]] = (),
    versions: Sequence[Mapping[str, Any]] = (),
    notices: Sequence[Mapping[str, Any]] = (),
    merges: Sequence[Mapping[str, Any]] = (),
    **tables: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return a run's daybook with the tables of the contract that a report reads."""
    sites = [
        ("S1", "Hilltop station", "Hill", "Hilltown", 100.0, 25.0, "B", "live", None, 3000.0, 3),
        ("S2", "Vale station", "Vale", "Valetown", 100.5, 25.0, "C", "live", None, 1000.0, 2),
        (
            "P1",
            "Hilltop west",
            "Hill",
            "Hilltown",
            99.96,
            25.0,
            "C",
            "planned",
            "2026-06-01",
            None,
            None,
        ),
    ]
    names = list(DAYBOOK["sites"].column_names)
    places = [("Hilltop", "village", 100.0, 25.0, "Hill", "Hilltown")]
    users = [("Hill", None, 20_000.0), ("Vale", None, 500.0)]
    about = {
        "bundle": "small", "version": "1", "zone": ZONE, "language": "en", "hold_min": 30.0,
        "kpi_delay_min": 20.0, "notice_min_complaints": 0.3,
        "first_arrival": "03-01 00:05", "last_arrival": "03-15 00:20",
    }  # fmt: skip
    made = {name: empty_table(table) for name, table in DAYBOOK.items()}
    made |= {name: empty_table(OUTPUTS[name]) for name in ("rejected", "repairs", "serving_cells")}
    made |= {
        "tickets": rows_of("tickets", TICKET, tickets),
        "versions": rows_of("versions", VERSION, versions),
        "interceptions": rows_of("interceptions", NOTICE, notices),
        "merges": rows_of("merges", {}, merges),
        "sites": pd.DataFrame(sites, columns=names),
        "places": pd.DataFrame(places, columns=list(DAYBOOK["places"].column_names)),
        "subscribers": pd.DataFrame(users, columns=["county", "month", "users"]),
        "about": rows_of("about", about, [{}]),
    }
    return made | tables


def small_known(run: Mapping[str, pd.DataFrame], at: pd.Timestamp = AT) -> Known:
    """Return what is known of a run at the hour of the report."""
    return known_then(run, at, ZONE)
