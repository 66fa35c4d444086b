"""Keep which alarms are in force, and find those that notifications are about.

A clearing comes hours after its raising, in a message of its own: what the ledger knows of the alarm is told again, so
that `alarms.feeds.notifications` folds both into one row.

Simple so far: an alarm's acknowledgement is kept with its row, not as a history.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, bindparam, or_, select, update

from alarms.feeds.notification_table import ACKNOWLEDGE, CLEAR, RAISE
from contract.ledger.arrivals import Entry
from contract.ledger.schema import ALARMS
from contract.ledger.store import AT_A_TIME, put
from correlate.live.entries import CLEARINGS

TOLD = (
    "source", "part", "code", "name", "severity", "vendor", "detail", "event_type", "probable_cause",
)  # fmt: skip
"""What is told again of a known alarm."""
KNOWN_ROW = -1
"""Number of the record of what was known before."""


def remember(connection: Connection, entries: Iterable[Entry]) -> None:
    """Bring the alarms in force up to date with what was put down."""
    raised: dict[str, Mapping[str, Any]] = {}
    cleared: list[tuple[str, int]] = []
    for entry in entries:
        record = json.loads(entry.payload) if entry.stream in ("alarms", CLEARINGS) else {}
        if entry.stream == "alarms":
            raised[record["alarm_id"]] = _alarm_row(record, entry)
        elif entry.stream == CLEARINGS:
            cleared.append((record["alarm_id"], _seconds(record["cleared_at"])))
    put(connection, ALARMS, [_without_clearing(row) for row in raised.values()])
    if cleared:
        is_it = ALARMS.c.alarm_id == bindparam("cleared_id")
        over = update(ALARMS).where(is_it).values(cleared_at=bindparam("over_at"))
        connection.execute(over, [{"cleared_id": one, "over_at": at} for one, at in cleared])


def _alarm_row(record: Mapping[str, Any], entry: Entry) -> Mapping[str, Any]:
    """Return an alarm as a row of the ledger."""
    given = record.get("object_name") or record["object_id"]
    return {
        "alarm_id": record["alarm_id"],
        "source_id": record.get("source_id"),
        "object_id": record["object_id"],
        "given_id": given,
        "name": record["name"],
        "severity": record.get("latest_severity") or record.get("severity"),
        "payload": entry.payload,
        "raised_at": _seconds(record["raised_at"]),
        "seq": entry.seq,
    }


def _without_clearing(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row that leaves the clearing of an alarm as it is."""
    return {name: value for name, value in row.items() if name != "cleared_at"}


def _seconds(instant: str) -> int:
    """Return an instant of JSON as seconds since 1970."""
    return int(dt.datetime.fromisoformat(instant).timestamp())


def known_notifications(connection: Connection, told: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of the alarms that notifications may be about, as notifications of record -1.

    Known are all occurrences of the ids told of, and what is in force at the objects told of.
    """
    ids = _distinct(told, "alarm_id")
    objects = _distinct(told, "object_id")
    rows = _found(connection, ids, lambda part: ALARMS.c.source_id.in_(part))
    rows |= _found(
        connection,
        objects,
        lambda part: ALARMS.c.given_id.in_(part) & ALARMS.c.cleared_at.is_(None),
    )
    return pd.DataFrame([one for row in rows.values() for one in _told_again(row)])


def _distinct(told: pd.DataFrame, name: str) -> list[str]:
    """Return the distinct texts of a column."""
    return [str(value) for value in told[name].dropna().unique()]


def _found(connection: Connection, values: Sequence[str], is_meant: Any) -> dict[str, Any]:
    """Return the alarms that a condition on some values holds for."""
    found: dict[str, Any] = {}
    for first in range(0, len(values), AT_A_TIME):
        condition: ColumnElement[bool] = is_meant(values[first : first + AT_A_TIME])
        for row in connection.execute(select(ALARMS).where(or_(condition))).mappings():
            found[str(row["alarm_id"])] = row
    return found


def _told_again(row: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Yield an alarm as notifications: raised, and perhaps acknowledged and cleared."""
    record = json.loads(row["payload"])
    base = {name: record.get(name) for name in TOLD}
    base |= {"alarm_id": row["source_id"], "object_id": row["given_id"], "row": KNOWN_ROW}
    base["source_id"] = row["source_id"]
    yield base | {
        "kind": RAISE,
        "at": record["raised_at"],
        "received_at": record.get("received_at"),
    }
    if record.get("ack_state") == "acknowledged":
        at = record.get("ack_at") or record["raised_at"]
        yield base | {"kind": ACKNOWLEDGE, "at": at, "ack_user": record.get("ack_user")}
    if row["cleared_at"] is not None:
        at = pd.Timestamp(row["cleared_at"], unit="s", tz="UTC").isoformat()
        yield base | {"kind": CLEAR, "at": at}
