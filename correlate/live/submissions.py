"""Hold what somebody sends and what became of it.

Simple so far: a row is told by its number in what was sent, from 1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alarms.feeds.intake import Intake as Told
from alarms.feeds.notification_table import notification_table
from contract.rows import RawTable

ROWS_AT_MOST = 50_000
"""Rows of one submission."""


@dataclass(frozen=True)
class Submission:
    """Rows of one table that somebody sends, or notifications of alarms.

    Attributes
    ----------
    table
        Table of the contract that they belong to.
    source
        Who sends them.
    rows
        Rows as they were sent, values of any form; index from 1.
    records
        In place of rows: the same as objects, values text or none. They are laid out as one table with all that wait,
        for a table of each request would cost more than judging it.
    notifications
        In place of rows: as `alarms.feeds.notification_table.notification_table` gives them.
    arrived_us
        When each row arrived, microseconds since 1970; without it, now.
    sent
        Records that were sent, of which some may have been refused already.
    refused
        Numbers of records refused already, each with its reason.
    """

    table: str
    source: str
    rows: pd.DataFrame | None = None
    records: Sequence[Mapping[str, str | None]] | None = None
    notifications: pd.DataFrame | None = None
    arrived_us: Sequence[int] | None = None
    sent: int = 0
    refused: tuple[tuple[int, str], ...] = ()


@dataclass
class Outcome:
    """What became of a submission: rows received = accepted + repeated + rejected, and those that told of nothing.

    `accepted` and `repeated` are numbers of rows, `rejected` and `repaired` pairs of such a number and the reason.
    """

    received: int
    accepted: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    rejected: list[tuple[int, str]] = field(default_factory=list)
    repaired: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the outcome as it is answered."""
        return {
            "received": self.received,
            "accepted": len(self.accepted),
            "repeated": len(self.repeated),
            "rejected": [{"row": row, "reason": reason} for row, reason in self.rejected],
            "repaired": [{"row": row, "reason": reason} for row, reason in self.repaired],
        }


def of_records(table: str, records: Sequence[Mapping[str, object]], *, source: str) -> Submission:
    """Return rows of a table given as objects of JSON.

    Examples
    --------
    >>> of_records("accounts", [{"msisdn": 15900002291, "state": "active"}], source="crm").records
    [{'msisdn': '15900002291', 'state': 'active'}]
    """
    plain = [{str(name): _text(value) for name, value in one.items()} for one in records]
    return Submission(table, source, records=plain, sent=len(plain))


def of_notifications(told: Told, *, source: str) -> Submission:
    """Return alarms that messages tell of."""
    refused = tuple((noted.row, noted.reason) for noted in told.refused)
    table = notification_table(told.notifications)
    return Submission("alarms", source, notifications=table, sent=told.records, refused=refused)


def raw_table(frame: pd.DataFrame) -> RawTable:
    """Return rows in the form in which files are read."""
    columns = ["row", "reason", "content"]
    unreadable = pd.DataFrame({name: pd.Series([], dtype="str") for name in columns})
    return RawTable(frame, unreadable.astype({"row": "int64"}))


def _text(value: object) -> str | None:
    """Return a value of JSON as text, null for none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    return repr(value) if isinstance(value, int | float) else str(value)


def joined(submissions: Sequence[Submission]) -> Submission:
    """Return submissions of one table, source and kind as one; numbers of rows go on from one to the next."""
    first = submissions[0]
    if first.records is not None:
        return replace(
            first,
            rows=_laid_out([record for one in submissions for record in one.records or ()]),
            records=None,
            sent=sum(one.sent for one in submissions),
        )
    if len(submissions) == 1:
        return first
    offset = 0
    rows, told, refused = [], [], []
    arrived: list[int] = []
    for one in submissions:
        if one.rows is not None:
            rows.append(one.rows.set_axis(one.rows.index + offset))
        if one.notifications is not None:
            told.append(one.notifications.assign(row=one.notifications["row"] + offset))
        refused += [(row + offset, reason) for row, reason in one.refused]
        arrived += one.arrived_us or ()
        offset += one.sent
    return Submission(
        first.table,
        first.source,
        rows=pd.concat(rows) if rows else None,
        notifications=pd.concat(told, ignore_index=True) if told else None,
        arrived_us=arrived or None,
        sent=offset,
        refused=tuple(refused),
    )


def kind_of(submission: Submission) -> tuple[object, ...]:
    """Return what submissions must share to be judged together; batches of counters are kept apart."""
    alone = id(submission) if submission.table == "kpi" else 0
    form = submission.notifications is not None, submission.records is not None
    is_dated = submission.arrived_us is not None
    return submission.table, submission.source, form, is_dated, alone


def parted(outcome: Outcome, submissions: Sequence[Submission]) -> list[Outcome]:
    """Return the outcome of several joined submissions as one for each."""
    out = [Outcome(one.sent) for one in submissions]
    ends = np.cumsum([one.sent for one in submissions]).tolist()
    for name in ("accepted", "repeated", "rejected", "repaired"):
        for told in getattr(outcome, name):
            row = told[0] if isinstance(told, tuple) else told
            place = bisect_left(ends, row)
            if row <= 0 or place == len(out):
                continue
            offset = ends[place] - submissions[place].sent
            own = (row - offset, told[1]) if isinstance(told, tuple) else row - offset
            getattr(out[place], name).append(own)
    return out


def _laid_out(records: Sequence[Mapping[str, str | None]]) -> pd.DataFrame:
    """Return objects as rows, index from 1; null where one lacks what another has."""
    names = list(dict.fromkeys(name for one in records for name in one))
    columns = {name: [one.get(name) for one in records] for name in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(1, len(records) + 1), dtype="object")
