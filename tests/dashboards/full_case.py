"""One case with every section filled, as an investigation returns it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from correlate.case.phrases import finding

ZONE = dt.timezone(dt.timedelta(hours=8))
CREATED = dt.datetime(2026, 3, 10, 13, 2, tzinfo=ZONE)
ASKED = CREATED + dt.timedelta(minutes=30)
HOSTILE = '<script>alert("x")</script> [bold]打不通[/bold] & 15912342291 & =HYPERLINK("x")'


def iso(at: dt.datetime) -> str:
    """An instant as the case carries it."""
    return at.isoformat()


def full_case(language: str = "en") -> dict[str, Any]:
    """A case of a site whose main carriers fail, in a hostile ticket."""
    return {
        "ticket_id": "T<1>",
        "asked_at": iso(ASKED),
        "language": language,
        "ticket": _ticket(),
        "place": _place(),
        "serving_cells": [{"rank": 1, "cell_id": "H1-1", "probability": 0.62, "distance_m": 420.0}],
        "causes": [
            {
                "cause": "bcch_trx_fault",
                "probability": 0.91,
                "object_id": "H1",
                "fault_started_at": iso(CREATED - dt.timedelta(days=4)),
                "evidence_for": [
                    finding("for.alarms", names="[TRX] <FAULTY>") | {"weight": 5.2},
                    finding("for.words") | {"weight": 0.6},
                ],
                "evidence_against": [finding("against.extent", extent="trx") | {"weight": -1.2}],
            },
            {
                "cause": "terminal_fault",
                "probability": 0.05,
                "object_id": None,
                "fault_started_at": None,
                "evidence_for": [],
                "evidence_against": [],
            },
        ],
        "excluded": [{"cause": "account_barred", "reason": finding("excluded.account")}],
        "steps": _steps(),
        "alarms": _alarms(),
        "counters": _counters(),
        "changes": [
            {
                "object_id": "H1-1",
                "site_id": "H1",
                "parameter": "tilt",
                "old_value": "2",
                "new_value": "6",
                "at": iso(CREATED - dt.timedelta(days=2)),
                "until": None,
                "announced_at": None,
                "is_work": False,
                "distance_m": 420.0,
            }
        ],
        "around": [
            {
                "ticket_id": "T2",
                "created_at": iso(CREATED - dt.timedelta(hours=3)),
                "symptom": "BUSY",
                "distance_m": 900.0,
                "same_incident": True,
            }
        ],
        "neighbourhood": [
            {"site_id": "H1", "site_name": "Hill one", "role": "serving", "state": "degraded"},
            {
                "site_id": "H2",
                "site_name": "Hill two",
                "role": "neighbour",
                "state": "down",
                "since": iso(CREATED - dt.timedelta(hours=5)),
            },
        ],
        "previous": {
            "question": "is there a fault? call 15912342291",
            "asks": ["fault", "recovery"],
            "answer": [finding("ask.others")],
        },
        "questions": [finding("ask.handset")],
        "reply": {
            "classification": [
                finding("reply.class_network", kind="class.equipment", cause="bcch_trx_fault")
            ],
            "handling": [finding("for.alarms", names="Hill <one>")],
            "recovery": [finding("reply.recovery")],
        },
    }


def _ticket() -> dict[str, Any]:
    """The ticket."""
    return {
        "created_at": iso(CREATED),
        "arrived_at": iso(CREATED),
        "text": HOSTILE,
        "address": "双阳村",
        "county": "大理",
        "msisdn": "15912342291",
        "second_numbers": ["159****4261"],
        "channel": "10086",
        "category": "voice",
        "previous_opinion": "please check, number 15912342291",
        "symptoms": ["NOCALL", "BUSY"],
        "group": "group",
        "chronic": False,
        "onset": [None, iso(CREATED - dt.timedelta(days=2))],
        "account": "active",
        "repeat": 2,
    }


def _place() -> dict[str, Any]:
    """The place with three sectors, a neighbour that is down and a planned station."""
    sector = {"site_id": "H1", "site_name": "Hill one", "lon": 100.103, "lat": 25.602}
    sector |= {"rat": "GSM", "freq_mhz": 900, "beamwidth_deg": 65.0, "indoor": 0, "is_down": False}
    why = finding("serves.why", told=[finding("serves.named"), finding("serves.ahead", d="420 m")])
    cells = [
        sector
        | {
            "cell_id": f"H1-{i}",
            "azimuth_deg": az,
            "probability": p,
            "distance_m": 420.0,
            "why": why,
        }
        for i, az, p in ((1, 240.0, 0.62), (2, 0.0, 0.2), (3, 120.0, 0.1))
    ]
    down = sector | {"site_id": "H2", "site_name": "Hill two", "cell_id": "H2-1", "is_down": True}
    down |= {"lon": 100.12, "lat": 25.61, "azimuth_deg": None, "probability": 0.05}
    return {
        "basis": "address",
        "lon": 100.1,
        "lat": 25.6,
        "radius_m": 600.0,
        "nothing": 0.03,
        "words": ["双阳"],
        "why": finding(
            "whereabouts.why",
            told=[
                finding("whereabouts.nothing"),
                finding("whereabouts.agrees", names=["<b>双阳</b>"]),
            ],
        ),
        "cells": [*cells, down | {"distance_m": 2300.0}],
        "sites": [
            {**_at(100.103, 25.602), "site_id": "H1", "site_name": "Hill one", "role": "serving"},
            {**_at(100.12, 25.61), "site_id": "H2", "site_name": "Hill two", "role": "neighbour"}
            | {"is_down": True},
            {**_at(100.09, 25.605), "site_id": "P9", "site_name": "Plan nine", "role": "planned"},
            {**_at(101.5, 26.5), "site_id": "FAR", "site_name": "Far away", "role": "neighbour"},
        ],
        "names": [{**_at(100.1, 25.601), "name": "双阳", "kind": "village"}],
        "current": [{"cell_id": "H1-1", "probability": 0.7}],
    }


def _at(lon: float, lat: float) -> dict[str, Any]:
    """A position, in service."""
    return {"lon": lon, "lat": lat, "is_down": False}


def _steps() -> list[dict[str, Any]]:
    """Three steps, one of each status."""
    window = ["2026-02-28 13:32", "2026-03-10 13:32"]
    told: tuple[tuple[str, str, list[dict[str, Any]]], ...] = (
        ("steps.ticket", "status.found", [finding("find.symptom", symptom="symptom.BUSY")]),
        ("steps.alarms", "status.nothing", []),
        ("steps.hidden", "status.not_queried", []),
    )
    steps: list[dict[str, Any]] = [
        {"step": s, "status": status, "window": window, "asked_at": iso(ASKED), "findings": found}
        for s, status, found in told
    ]
    part = steps[2] | {
        "number": "3.1",
        "step": "parts.drops",
        "reason": finding("reason.no_table", table="kpi"),
    }
    steps[2]["parts"] = [part]
    return steps


def _alarms() -> dict[str, Any]:
    """Two alarms, one still in force."""
    begin = ASKED - dt.timedelta(days=10)
    spans = [
        [iso(begin + dt.timedelta(days=d)), iso(begin + dt.timedelta(days=d, hours=9))]
        for d in (5, 6, 7)
    ]
    rows = [
        {
            "object_id": "H1-1/TRX-3",
            "site_id": "H1",
            "name": "[TRX] <FAULTY> CHANNEL FAILURE RATE ABOVE DEFINED THRESHOLD",
            "severity": "major",
            "code": "7745",
            "meaning": "degraded",
            "count": 29,
            "first": iso(begin + dt.timedelta(days=5)),
            "last": iso(ASKED - dt.timedelta(hours=1)),
            "in_force": True,
            "spans": [*spans, [iso(ASKED - dt.timedelta(hours=5)), None]],
        },
        {
            "object_id": "H2",
            "site_id": "H2",
            "name": "BCF FAULTY",
            "severity": "critical",
            "code": "7767",
            "meaning": "down",
            "count": 1,
            "first": iso(begin + dt.timedelta(days=1)),
            "last": iso(begin + dt.timedelta(days=1)),
            "in_force": False,
            "spans": spans[:1],
        },
    ]
    return {"since": iso(begin), "until": iso(ASKED), "rows": rows, "quiet": {"DOOR OPEN": 4}}


def _counters() -> dict[str, Any]:
    """Two days of five measures of one cell, with a gap."""
    begin = ASKED.replace(minute=0) - dt.timedelta(hours=48)
    times = [iso(begin + dt.timedelta(hours=h)) for h in range(48)]
    wave = [math.sin(h / 24 * 2 * math.pi) for h in range(48)]
    rows = [
        ("setup_success", "1", "low", [0.98 + 0.01 * w for w in wave], 0.02, True),
        ("drop_rate", "1", "high", [0.01 + 0.002 * w for w in wave], 0.004, False),
        ("traffic_erl", "Erl", "either", [9 + 5 * w for w in wave], 2.0, False),
        ("ber", "1", "high", [1e-9] * 48, 1e-9, False),
        ("ul_interference_dbm", "dBm", "high", [-110 + w for w in wave], 2.0, False),
    ]
    measures = []
    for name, unit, direction, usual, spread, telling in rows:
        values: list[float | None] = [u if h < 40 else u * 0.4 for h, u in enumerate(usual)]
        values[10:14] = [None] * 4
        measures.append(
            {
                "measure": name,
                "unit": unit,
                "direction": direction,
                "times": times,
                "values": values if telling else list(usual),
                "usual": usual,
                "low": [u - spread for u in usual],
                "high": [u + spread for u in usual],
                "z_now": -9.0 if telling else 0.1,
                "telling": telling,
            }
        )
    cells = [{"cell_id": "H1-1", "measures": measures}]
    return {"since": times[0], "until": iso(ASKED), "minutes": 60, "cells": cells}
