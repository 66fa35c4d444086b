"""Fill the ledger of a province: python -m benchmarks.province_ledger HOME [--share 1] [--hours 6].

The folder then holds settings, the inventory, the ledger and the history with one saved state, two steps older than the
last step that the ledger knows of; what arrived in a third step waits.

Simple so far: what is older than the hours that are played stands among the arrivals alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from sqlalchemy import func, insert, select

from benchmarks.alarm_days import DAY_S, START
from benchmarks.model_day import STEP_S, Day, make_day, scored_day, write_day
from contract.bundles import Bundle, read_bundle
from contract.ledger import schema
from contract.ledger.accounts import make_token
from contract.ledger.arrivals import Entry, digest_of, head
from contract.ledger.store import Ledger, open_ledger, put
from contract.settings import Settings, load_settings
from correlate.feed import Scored
from correlate.knowledge import Knowledge, gather
from correlate.live.entries import entries_of
from correlate.live.fingerprints import fingerprint
from correlate.live.intake import Intake
from correlate.live.known_alarms import remember
from correlate.live.outputs import Written, issued_rows, standing_rows
from correlate.live.replay import batches
from correlate.live.snapshots import save
from correlate.run import play

SETTINGS = 'ledger = "sqlite:///ledger.db"\nhistory = "history"\ninventory = "network"\n'
HOUR, US = 3600, 1_000_000
DAYS_BACK = 21
AFTER = 2
"""Steps that were taken since the state was saved; what arrived in one more waits."""
SESSIONS = 300
FILLED = "filled.json"


@dataclass(frozen=True)
class Place:
    """Where all is, and what it is made with."""

    home: Path
    settings: Settings
    bundle: Bundle
    knowledge: Knowledge


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a ledger and return 0."""
    parser = argparse.ArgumentParser(description="Fill the ledger of a province.")
    parser.add_argument("home", type=Path)
    parser.add_argument("--share", type=float, default=0.05, help="of the province, 1.0 for all")
    parser.add_argument("--hours", type=float, default=6.0, help="that are played")
    options = parser.parse_args(arguments)
    fill(options.home, share=options.share, hours=options.hours)
    return 0


def fill(home: Path, *, share: float, hours: float) -> None:
    """Fill a ledger."""
    last = int(time.time()) // STEP_S - AFTER - 2
    by = int(last * STEP_S - START.timestamp() - hours * HOUR) // HOUR * HOUR
    scored = write_shifted(make_day(share), home, by)
    settings = load_settings(home / "settings.toml")
    bundle = read_bundle(home / "day", settings)
    place = Place(home, settings, bundle, gather(bundle.tables, settings))
    ledger = open_ledger(str(settings.ledger))
    put_history(ledger, place)
    seq = send(ledger, place, last)
    play_until(ledger, place, scored, last, seq)
    told = {"token": put_sessions(ledger), "step": last + AFTER, "holds": _counts(ledger, place)}
    ledger.close()
    (home / FILLED).write_text(json.dumps(told), encoding="utf-8")


def write_shifted(day: Day, home: Path, by: int) -> dict[int, Scored]:
    """Write the day as if it had begun `by` seconds later, and return its scored counters."""
    alarms = write_day(day, home / "day")
    scored = scored_day(alarms, dict(day.place.network.cell_position))
    later = pd.Timedelta(seconds=by)
    for path in (home / "day").glob("*.parquet"):
        _later(pd.read_parquet(path), later).to_parquet(path, index=False)
    (home / "network").mkdir(parents=True, exist_ok=True)
    for name in ("sites", "cells", "links", "places"):
        shutil.copyfile(home / "day" / f"{name}.parquet", home / "network" / f"{name}.parquet")
    (home / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    return {
        step + by // STEP_S: Scored(
            replace(one.rows, start=one.rows.start + by), _later(one.episodes, later)
        )
        for step, one in scored.items()
    }


def _later(table: pd.DataFrame, by: pd.Timedelta) -> pd.DataFrame:
    """Return a table with every instant later by so much."""
    instants = [n for n in table.columns if isinstance(table[n].dtype, pd.DatetimeTZDtype)]
    return table.assign(**{str(name): table[name] + by for name in instants})


def put_history(ledger: Ledger, place: Place) -> None:
    """Put alarms and complaints of three weeks before the day into the ledger, and the steps that were given them."""
    rows = [*_entries(place, "alarms"), *_entries(place, "complaints")]
    rows.sort(key=lambda entry: entry.arrived_us)
    until = (-(-rows[0].arrived_us // (STEP_S * US)) * STEP_S - STEP_S + DAY_S) * US
    rows = [entry for entry in rows if entry.arrived_us <= until]
    seq = 0
    for back in range(DAYS_BACK, 0, -1):
        listed = []
        for entry in rows[back % DAYS_BACK :: DAYS_BACK]:
            seq += 1
            listed.append(_earlier(entry, back, seq))
        with ledger.writing() as connection:
            told = [{name: getattr(e, name) for name in Entry.__slots__} for e in listed]
            connection.execute(insert(schema.ARRIVALS), told)
            remember(connection, listed)
            connection.execute(insert(schema.STEPS), _steps(listed))


def _entries(place: Place, name: str) -> list[Entry]:
    """Return the rows of a table of the day as entries."""
    table = place.bundle.tables[name].assign(cleared_at=pd.NaT) if name == "alarms" else None
    table = place.bundle.tables[name] if table is None else table
    arrived = table["arrived_at"].astype("int64").tolist()
    return [each[0] for each in entries_of(name, table, arrived, source="earlier")]


def _earlier(entry: Entry, back: int, seq: int) -> Entry:
    """Return an entry as if it had come days earlier, under an id of its own."""
    key = f"{entry.key}~{back}"
    payload = entry.payload.replace(f'"{entry.key}"', f'"{key}"')
    arrived = entry.arrived_us - back * DAY_S * US
    return replace(
        entry, key=key, digest=digest_of(payload), payload=payload, arrived_us=arrived, seq=seq
    )


def _steps(listed: Sequence[Entry]) -> list[dict[str, int]]:
    """Return the steps that were given arrivals."""
    upto = {-(-entry.arrived_us // (STEP_S * US)): entry.seq for entry in listed}
    return [_step(number, seq) for number, seq in upto.items()]


def _step(number: int, seq: int) -> dict[str, int]:
    """Return a step as the ledger has it."""
    at = number * STEP_S
    return {"number": number, "at": at, "upto_seq": seq, "taken_at": at}


def send(ledger: Ledger, place: Place, last: int) -> int:
    """Send the day through the intake up to three steps after `last`; return the place of the last arrival by then."""
    history = Path(str(place.settings.history))
    intake = Intake(ledger, history, place.settings, place.bundle.tables)
    reached = 0
    for batch in batches(place.bundle.tables, step_s=STEP_S):
        if batch.number > last + AFTER + 1:
            break
        intake.take(batch.submissions, now_us=batch.at * US)
        with ledger.writing() as connection:
            upto = head(connection)
            if batch.number <= last + AFTER:
                connection.execute(insert(schema.STEPS), [_step(batch.number, upto)])
        reached = upto if batch.number <= last else reached
    return reached


def play_until(
    ledger: Ledger, place: Place, scored: dict[int, Scored], last: int, seq: int
) -> None:
    """Play the day up to a step, save the state and write what it concluded."""
    state, issued = play(place.bundle, place.knowledge, scored=scored, until=last * STEP_S)
    mark = fingerprint(place.settings, place.home / "network")
    save(Path(str(place.settings.history)), state, fingerprint=mark, step=last, seq=seq)
    rows = issued_rows(issued) | standing_rows(state, place.knowledge, Written(), [])
    with ledger.writing() as connection:
        for table, listed in rows.items():
            put(connection, table, listed)


def put_sessions(ledger: Ledger) -> str:
    """Log people in, and return a token that may see everything."""
    now = int(time.time())
    sessions = [
        {"digest": f"{n:064x}", "name": f"user{n}", "source": "here", "role": "engineer", "counties": "",
         "made_at": now - DAY_S, "seen_at": now - HOUR, "ended_at": None}
        for n in range(SESSIONS)
    ]  # fmt: skip
    with ledger.writing() as connection:
        connection.execute(insert(schema.SESSIONS), sessions)
        return make_token(connection, "looker", role="system", counties="")


def _counts(ledger: Ledger, place: Place) -> dict[str, int]:
    """Return how much of everything there is."""
    tables = {
        "arrivals": schema.ARRIVALS, "alarms": schema.ALARMS, "steps": schema.STEPS,
        "incidents": schema.INCIDENTS, "work orders": schema.TICKETS, "sessions": schema.SESSIONS,
    }  # fmt: skip
    with ledger.reading() as connection:
        found = {
            name: int(connection.execute(select(func.count()).select_from(table)).scalar() or 0)
            for name, table in tables.items()
        }
    return {"cells": len(place.knowledge.network.cells)} | found


if __name__ == "__main__":
    sys.exit(main())
