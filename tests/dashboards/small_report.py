"""Build a small daily report by hand, for the tests of its page and workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from correlate.daily.day_report import REPORT, DayReport, report_table

ZONE = "Asia/Shanghai"
HOSTILE = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://example.invalid","x")'
NUMBER = "15900002291"
Rows = Sequence[Mapping[str, Any]]
TOWNS: Rows = [
    {"name": name, "kind": "town", "county": f"{name} County", "lon": 102.5, "lat": 25.0}
    for name in ("Mill", "Ford")
]
"""Places that say which county each town is of."""


def at(text: str) -> pd.Timestamp:
    """Return an instant of the report's zone."""
    return pd.Timestamp(text, tz=ZONE)


def table(name: str, rows: Rows = ()) -> pd.DataFrame:
    """Return a table of a report; columns not given are null."""
    columns = REPORT[name].column_names
    frame = pd.DataFrame(
        {c: pd.Series([row.get(c) for row in rows], dtype=object) for c in columns}
    )
    return report_table(name, frame, ZONE)


def small_report(**rows: Rows) -> DayReport:
    """Return a report of 10 March 2026 with the rows of `ROWS`, or those given."""
    chosen = {**ROWS, **rows}
    tables = {name: table(name, chosen.get(name, ())) for name in REPORT}
    return _report(tables)


def empty_report() -> DayReport:
    """Return a report of a day on which nothing is known."""
    return _report({name: table(name) for name in REPORT})


def _report(tables: Mapping[str, pd.DataFrame]) -> DayReport:
    """Return a report with these tables."""
    return DayReport(
        day=dt.date(2026, 3, 10),
        at=at("2026-03-10 08:00"),
        zone=ZONE,
        bundle="small",
        version="0.1.0",
        first_day=dt.date(2026, 3, 1),
        last_day=dt.date(2026, 3, 12),
        is_whole_day=True,
        target=1.5,
        target_month=30.0,
        **tables,
    )


_FAULT = {
    "incident_id": "INC-1", "severity": "critical", "county": "Mill County", "area": "Mill|Ford",
    "cause": "power_failure", "object_id": "S1", "since": at("2026-03-10 05:30"),
    "detected_at": at("2026-03-10 05:35"), "is_silent": False, "first_sign": "alarm", "sites": 2,
    "cells": 6, "users": 3200.0, "complaints": 4, "interception_id": "N-1", "repair_class": "D3",
    "grade": "B", "limit_h": 8.0, "due_at": at("2026-03-10 13:35"), "late_h": 0.0,
    "probability": 0.93, "real": 0.99,
}  # fmt: skip
_SILENT = _FAULT | {
    "incident_id": "INC-2", "severity": "minor", "county": "Ford County", "area": HOSTILE,
    "cause": "low_power", "object_id": "S3", "is_silent": True, "first_sign": "counters",
    "users": 240.0, "complaints": 1, "interception_id": None, "sites": 1, "late_h": 5.5,
    "due_at": at("2026-03-10 02:30"), "probability": 0.61,
}  # fmt: skip
_CLEARED = _FAULT | {
    "incident_id": "INC-3", "severity": "cleared", "area": FORMULA, "cause": "cell_outage",
    "ended_at": at("2026-03-10 06:00"), "interception_id": None,
}  # fmt: skip
_WORDS = {
    "expected": 6.2, "expected_low": 2.0, "expected_high": 12.0, "issued_at": at("2026-03-10 05:40"),
    "script_zh": "Mill因停电导致基站中断,正在抢修。", "script_en": "Mill: power is out, crews are on site.",
}  # fmt: skip
_RATE = {
    "scope": "county", "county": "Mill County", "complaints": 12, "repeats": 2, "customer_side": 3,
    "intercepted": 4, "users": 42000.0, "per_10k": 1.9, "low": 0.8, "high": 3.7,
    "per_10k_without": 2.9, "week_before": 0.7, "change": 1.2, "is_change_clear": True,
    "target": 1.5, "month_days": 9, "month_complaints": 60, "month_per_10k": 11.9,
    "month_low": 8.8, "month_high": 15.7, "pace": 41.0, "pace_low": 31.0, "pace_high": 53.0,
    "forecast": 1.6, "forecast_low": 0.2, "forecast_high": 3.3, "over_chance": 0.97,
    "target_month": 30.0, "is_over_target": True, "is_small": False,
}  # fmt: skip
ROWS: Mapping[str, Rows] = {
    "headline": [
        {"measure": "complaints", "value": 14.0, "before": 11.0, "change": 3.0, "unit": "complaints"},
        {"measure": "per_10k", "value": 1.42, "before": 1.5, "change": -0.08, "low": 0.7, "high": 2.6,
         "unit": "per_10k"},
        {"measure": "per_10k_without", "value": 2.0, "unit": "per_10k"},
        {"measure": "open_faults", "value": 2.0, "before": 2.0, "change": 0.0, "unit": "faults"},
        {"measure": "silent_faults", "value": 1.0, "before": 2.0, "change": -1.0, "unit": "faults"},
        {"measure": "open_notices", "value": 1.0, "before": 0.0, "change": 1.0, "unit": "notices"},
        {"measure": "expected_today", "value": 7.2, "low": 3.0, "high": 13.0, "unit": "complaints"},
        {"measure": "late_repairs", "value": 1.0, "before": 1.0, "change": 0.0, "unit": "repairs"},
    ],
    "to_intercept": [_FAULT | _WORDS, _SILENT | {"expected": 1.1, "script_issued": f"{HOSTILE} {NUMBER}"}],
    "faults": [
        _FAULT | {"state": "open", "duration_h": 2.5, "lon": 102.51, "lat": 25.01},
        _SILENT | {"state": "open", "duration_h": 2.5, "lon": 102.6, "lat": 25.1},
        _CLEARED | {"state": "cleared", "duration_h": 0.5, "lon": 102.55, "lat": 25.05},
    ],
    "fault_sites": [{"incident_id": "INC-1", "site_id": "S1", "lon": 102.51, "lat": 25.01}],
    "rates": [
        _RATE,
        _RATE | {"county": "Ford County", "per_10k": 0.6, "low": 0.1, "high": 1.8, "per_10k_without": 0.6,
                 "change": -0.1, "is_change_clear": False, "is_over_target": False},
        {"scope": "unknown", "complaints": 1, "repeats": 0, "customer_side": 1, "intercepted": 0},
        _RATE | {"scope": "all", "county": None, "per_10k": 1.42, "low": 0.7, "high": 2.6},
    ],
    "series": [
        {"scope": scope, "county": county, "day": f"2026-03-{day:02d}", "complaints": day, "intercepted": 1,
         "per_10k": day / 5, "low": day / 9, "high": day / 3, "per_10k_without": day / 4}
        for scope, county in (("county", "Mill County"), ("county", "Ford County"), ("all", None))
        for day in range(1, 10)
    ],
    "notices": [
        {"interception_id": "N-1", "incident_id": "INC-1", "state": "new", "county": "Mill County",
         "area": "Mill|Ford|Glen|Dale|Weir", "cause": "power_failure", "issued_at": at("2026-03-09 05:40"),
         "duration_h": 2.3, "expected": 6.0, "seen": 4, "intercepted": 3, "escaped": 1,
         "lead_min": 42.0, "is_false": False, "per_10k_with": 3.1, "per_10k_without": 12.5},
        {"interception_id": "N-2", "incident_id": "INC-9", "state": "continued", "county": "Ford County",
         "area": "Ford", "cause": "cell_outage", "issued_at": at("2025-12-31 23:40"), "end_reason": "withdrawn",
         "valid_until": at("2026-03-09 01:00"), "duration_h": 80.0, "is_false": True},
    ],
    "late_by": [
        {"county": "Ford County", "repair_class": "D4", "open": 1, "late": 1, "late_mean_h": 5.5,
         "late_worst_h": 5.5, "due_month": 3, "on_time_month": 2, "on_time_share": 0.667},
        {"county": "Mill County", "repair_class": "D3", "open": 1, "late": 0, "due_month": 0, "on_time_month": 0},
    ],
    "late": [_SILENT | {"owner_zh": "无线设备维护", "owner_en": "radio maintenance", "suspended_h": 0.0}],
    "repairs": [
        _SILENT | {"clock": "suspended", "suspension": "property", "suspended_h": 2.0, "left_h": -5.5},
        _CLEARED | {"clock": "in_time", "left_h": 7.5},
    ],
    "outage_classes": [
        {"scope": "all", "class": "A", "cells": 60, "outages": 3, "minutes": 98.4, "minutes_exempt": 90.0,
         "below": 115.0, "is_passed": True, "long_share": 0.004, "is_long_passed": True},
        {"scope": "county", "county": "Ford County", "class": "C+D", "cells": 20, "outages": 9, "minutes": 412.0,
         "minutes_exempt": 412.0, "below": 300.0, "is_passed": False},
    ],
    "top_outages": [
        {"site_id": "S3", "site_name": HOSTILE, "county": "Ford County", "grade": "C", "outages": 9,
         "minutes": 610.0, "weighted": 512.0, "by_minutes": 1, "by_count": 1, "cause": "cell_outage",
         "last_at": at("2026-03-09 11:00"), "is_open": True, "is_exempt": False},
    ],
    "movers": [
        {"scope": "all", "kind": "fault", "incident_id": "INC-1", "area": "Mill|Ford", "cause": "power_failure",
         "complaints": 6.0, "usual": 0.0, "moved": 6.0, "moved_per_10k": 0.61},
        {"scope": "county", "county": "Ford County", "kind": "background", "complaints": 1.0, "usual": 2.5,
         "moved": -1.5, "moved_per_10k": -0.3},
    ],
    "numerators": [
        {"scope": "all", "numerator": "events", "complaints": 9, "per_10k": 0.9, "low": 0.4, "high": 1.7,
         "month_complaints": 60, "month_per_10k": 6.1},
    ],
    "signs": [
        {"scope": "county", "county": "Ford County", "symptom": "DROP", "since": at("2026-03-09 12:00"),
         "until": at("2026-03-09 16:00"), "complaints": 9.0, "usual": 1.3, "limit": 5.0, "method": "c1",
         "explained": 2},
        {"scope": "all", "since": at("2026-03-09 08:00"), "until": at("2026-03-09 12:00"), "complaints": 30.0,
         "usual": 11.0, "limit": 22.0, "method": "farrington", "explained": 30},
    ],
    "queues": [
        {"queue": "10086", "action": "add_agents", "since": at("2026-03-09 12:05"), "worst": 8.0},
    ],
    "site_values": [
        {"kind": "proposed", "site_name": "Upper Dale", "county": "Ford County", "places": 1, "complaints": 3,
         "callers": 2, "agreeing": 3, "per_month": 10.0, "recent": 3, "users": 800.0},
    ],
    "thin": [
        {"place": "Upper Dale", "kind": "village", "county": "Ford County", "complaints": 3, "callers": 2,
         "indoor": 1, "last_at": at("2026-03-08 20:10"), "lon": 102.6, "lat": 25.1, "site_id": "S3",
         "site_name": "Dale", "users": 800.0, "planned_id": "P1", "planned_name": "@Dale 2",
         "planned_on_air": "2026-06-30", "planned_km": 3.2, "is_few": True, "agrees": True, "recent": 2,
         "per_month": 10.0, "unserved": 0.4, "told_en": f"call {NUMBER}", "told_zh": "您好"},
    ],
    "repeaters": [
        {"caller": "a1b2", "number": "159****2291", "complaints": 3, "first_at": at("2026-03-02 10:00"),
         "last_at": at("2026-03-09 10:00"), "last_cause": "low_power", "is_same_cause": True,
         "county": "Ford County", "place": f"call {NUMBER}", "last_ticket_id": "WO7", "is_open": True},
    ],
    "gaps": [
        {"table": "kpi", "scope": "county", "county": "Ford County", "cells": 40,
         "since": at("2026-03-09 13:00"), "until": at("2026-03-09 17:00"), "hours": 4.0, "share": 0.83},
    ],
    "doubts": [{"kind": "clock", "table": "alarms", "object_id": "S3", "rows": 7, "note": f"+SUM(1) {NUMBER}"}],
    "listed": [{"list": "rejected", "table": "complaints", "reason": "no text", "rows": 2}],
    "sites": [
        {"site_id": f"S{n}", "site_name": f"site {n}", "county": "Mill County" if n < 5 else "Ford County",
         "lon": 102.5 + 0.03 * (n % 4), "lat": 25.0 + 0.04 * (n // 4), "status": "live", "users": 900.0}
        for n in range(10)
    ] + [{"site_id": "P1", "site_name": "Dale 2", "lon": 102.55, "lat": 25.07, "status": "planned"}],
    "places": [
        {"name": "Mill", "kind": "seat", "lon": 102.51, "lat": 25.01},
        {"name": "Ford", "kind": "town", "lon": 102.52, "lat": 25.012},
        {"name": HOSTILE, "kind": "town", "lon": 102.58, "lat": 25.08},
    ],
}  # fmt: skip
