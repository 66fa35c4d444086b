"""Write a bundle of one afternoon in the small network: a site that fails, its callers, its counters."""

from pathlib import Path

import pandas as pd

from tests.correlate.small_network import HOUR, NOON, at, small_tables

STEP_S = 300


def write_inventory(folder: Path) -> Path:
    """Write the small network as a bundle without arrivals."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("sites", "cells", "links", "neighbours"):
        small_tables()[name].to_csv(folder / f"{name}.csv", index=False)
    places = {"name": ["Vale town"], "lon": [100.0], "lat": [25.1], "kind": ["town"]}
    pd.DataFrame(places).to_csv(folder / "places.csv", index=False)
    users = {"county": ["Hill", "Vale"], "users": [4000, 2500], "month": ["2026-03", "2026-03"]}
    pd.DataFrame(users).to_csv(folder / "subscribers.csv", index=False)
    return folder


def alarm(number: str, cell: str, raised: int, cleared: int | None = None) -> dict[str, object]:
    """Return a row of `alarms`."""
    return {
        "alarm_id": number,
        "object_id": cell,
        "raised_at": at(raised).isoformat(),
        "name": "Mains power failure",
        "severity": "critical",
        "cleared_at": "" if cleared is None else at(cleared).isoformat(),
    }


def complaint(number: str, created: int, county: str = "Hill") -> dict[str, object]:
    """Return a row of `complaints`."""
    return {
        "ticket_id": number,
        "created_at": at(created).isoformat(),
        "text": "No signal at H1 station since noon",
        "msisdn": "1590000" + f"{sum(map(ord, number)):04d}",
        "address": "H1 station",
        "county": county,
        "lon": 100.0,
        "lat": 25.0,
    }


def write_bundle(folder: Path) -> Path:
    """Write the small network with an outage of H1 from noon to half past two, and who complains of it."""
    write_inventory(folder)
    alarms = [
        alarm("A1", "H1", NOON + 60, NOON + 9000),
        alarm("A2", "H1-G", NOON + 90, NOON + 9000),
    ]
    alarms += [alarm("A3", "V1", NOON + 4000, NOON + 4300)]
    pd.DataFrame(alarms).to_csv(folder / "alarms.csv", index=False)
    calls = [complaint(f"T{i}", NOON + 900 + 700 * i) for i in range(6)]
    pd.DataFrame(calls).to_csv(folder / "complaints.csv", index=False)
    seen = {"msisdn": calls[0]["msisdn"], "seen_at": at(NOON + 600).isoformat(), "cell_id": "H2-G"}
    pd.DataFrame([seen]).to_csv(folder / "locations.csv", index=False)
    cells = small_tables()["cells"]["cell_id"]
    rows = [
        {
            "cell_id": cell,
            "start": at(NOON + hour * HOUR).isoformat(),
            "minutes": 60,
            "setup_attempts": 0 if cell.startswith("H1") and hour >= 0 else 100,
            "setup_successes": 0 if cell.startswith("H1") and hour >= 0 else 99,
            "availability": 0.0 if cell.startswith("H1") and hour >= 0 else 1.0,
        }
        for hour in (-2, -1, 0, 1)
        for cell in cells
    ]
    pd.DataFrame(rows).to_csv(folder / "kpi.csv", index=False)
    return folder
