"""Lay out what a live server concluded so far as the folder that `cellcause run` writes, for reports to read.

Nothing is asked of the process that takes the steps: the last saved state is read and the steps after it are taken
again, without issuing, as after a crash. Issued diagnoses come from the ledger; feeds of the last days tell of gaps.

Simple so far: the state is held a second time while this lasts; of rows that were rejected only those of the inventory
are told, for senders are told of theirs when they send them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, select

from contract.bundles import Bundle, read_bundle
from contract.errors import InputError
from contract.instants import INSTANT
from contract.ledger import schema
from contract.ledger.arrivals import Entry, latest_us_until, opening_us, stream_between
from contract.ledger.store import Ledger
from contract.outputs import write_outputs
from contract.settings import Settings
from correlate.daybook import daybook_tables
from correlate.live.arrivals import nothing_of
from correlate.live.driver import LOOKED_BACK_S, US, Driver
from correlate.live.entries import CLEARINGS, COUNTERS, table_of
from correlate.live.fingerprints import fingerprint
from correlate.live.inventories import INVENTORY, known_network
from correlate.step import Issued
from correlate.tabling import output_tables

DAY_S = 86_400
SHOWN_DAYS = {
    "alarms": 40,
    "accounts": 8,
    "changes": 8,
    "complaints": 8,
    "kpi": 3,
    "locations": 8,
    "verdicts": 62,
}
"""Days of each table of arrivals that are read: a month's outages need its alarms, gaps and doubts the last days."""
TOLD_DAYS = LOOKED_BACK_S // DAY_S
"""Days of complaints that a report looks back on at most; the state lets go of older ones."""
COUNTER_COLUMNS = ("cell_id", "start", "minutes", "received_at", "arrived_at")


@dataclass(frozen=True)
class Reached:
    """How far a result goes: its last step, the arrival that was the last of it, and steps taken again for it."""

    step: int
    seq: int
    again: int
    seconds: float


def write_result(ledger: Ledger, settings: Settings, out: Path) -> Reached:
    """Write what was concluded up to the last step as a result folder, whole or not at all.

    Parameters
    ----------
    ledger : Ledger
    settings : Settings
        `history` and `inventory` say where the rest is.
    out : Path
        New or empty folder, or an earlier result, which is replaced.

    Raises
    ------
    InputError
        If nothing arrived yet, the inventory can't be used, or `out` can't be written.
    """
    began = time.monotonic()
    inventory, history = Path(str(settings.inventory)), Path(str(settings.history))
    found = read_bundle(inventory, settings, tables=INVENTORY)
    driver = Driver(
        ledger=ledger,
        knowledge=known_network(settings),
        history=history,
        fingerprint=fingerprint(settings, inventory),
        clock=time.time,
    )
    again = driver.recover()
    with ledger.reading() as connection:
        issued = _issued(connection, driver)
        bundle = _with_arrivals(connection, found, driver, history)
        span = _span(connection, driver)
    tables = output_tables(driver.state, driver.knowledge, issued, bundle)
    daybook = daybook_tables(driver.state, driver.knowledge, tables["diagnoses"], bundle)
    daybook["about"] = daybook["about"].assign(first_arrival=[span[0]], last_arrival=[span[1]])
    write_outputs(out, tables, settings.zone, daybook=daybook)
    return Reached(driver.number, driver.seq, again, time.monotonic() - began)


def _issued(connection: Connection, driver: Driver) -> Issued:
    """Return what was issued of the tickets that the state still holds, up to its step."""
    diagnoses, serving = schema.DIAGNOSES, schema.SERVING_CELLS
    now = driver.number * driver.step_s
    since = min((t.arrived_at for t in driver.state.tickets.values()), default=now)
    asked = select(diagnoses).where(
        diagnoses.c.diagnosed_at >= since, diagnoses.c.diagnosed_at <= now
    )
    told = [dict(row) for row in connection.execute(asked).mappings()]
    names = {row["ticket_id"] for row in told} & driver.state.tickets.keys()
    within = select(diagnoses.c.ticket_id).where(
        diagnoses.c.diagnosed_at >= since, diagnoses.c.diagnosed_at <= now
    )
    cells = connection.execute(select(serving).where(serving.c.ticket_id.in_(within))).mappings()
    return Issued(
        diagnoses=[row for row in told if row["ticket_id"] in names],
        serving_cells=[dict(row) for row in cells if row["ticket_id"] in names],
    )


def _with_arrivals(
    connection: Connection, inventory: Bundle, driver: Driver, history: Path
) -> Bundle:
    """Return the inventory with the arrivals of the last days."""
    now_us = driver.number * driver.step_s * US
    tables = dict(inventory.tables)
    for name, days in SHOWN_DAYS.items():
        entries = stream_between(
            connection, name, since_us=now_us - days * DAY_S * US, upto=driver.seq
        )
        tables[name] = _table(name, entries, history)
    cleared = stream_between(
        connection,
        CLEARINGS,
        since_us=now_us - SHOWN_DAYS["alarms"] * DAY_S * US,
        upto=driver.seq,
    )
    tables["alarms"] = _with_clearings(tables["alarms"], cleared)
    return replace(inventory, tables=tables)


def _table(name: str, entries: Sequence[Entry], history: Path) -> pd.DataFrame:
    """Return entries as a table of a bundle; of counters only which came when."""
    if not entries:
        return nothing_of(name)
    if name != COUNTERS:
        return table_of(name, entries)
    files = [history / json.loads(entry.payload)["file"] for entry in entries]
    parts = [_counters(path) for path in files if path.exists()]
    if not parts:
        return nothing_of(name)
    rows = pd.concat(parts, ignore_index=True)
    rows["arrived_at"] = rows["arrived_at"].astype(INSTANT)
    rows = rows.sort_values(["arrived_at", "cell_id", "start"], kind="stable")
    return rows.drop_duplicates(["cell_id", "start", "minutes"], ignore_index=True)


def _counters(path: Path) -> pd.DataFrame:
    """Return when the counters of a file came."""
    rows = pd.read_parquet(path, columns=list(COUNTER_COLUMNS))
    return rows.assign(cell_id=rows["cell_id"].astype("str"))


def _with_clearings(alarms: pd.DataFrame, entries: Sequence[Entry]) -> pd.DataFrame:
    """Return alarms with the clearings that came for them."""
    if not entries or alarms.empty:
        return alarms
    rows = table_of("alarms", entries).drop_duplicates("alarm_id", keep="last")
    told = rows.set_index("alarm_id").reindex(alarms["alarm_id"])
    return alarms.assign(
        cleared_at=told["cleared_at"].to_numpy(), clear_arrived_at=told["arrived_at"].to_numpy()
    ).astype({"cleared_at": INSTANT, "clear_arrived_at": INSTANT})


def _span(connection: Connection, driver: Driver) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return when what a report may look back on began to arrive, and when the last row did."""
    opened = opening_us(connection, ("alarms", COUNTERS, "complaints"))
    last = latest_us_until(connection, driver.seq)
    if opened is None or last is None:
        msg = "there is nothing to report on: no alarm, counter or complaint has arrived yet."
        raise InputError(msg)
    first = max(opened, last - TOLD_DAYS * DAY_S * US)
    return pd.Timestamp(first, unit="us", tz="UTC"), pd.Timestamp(last, unit="us", tz="UTC")
