"""Keep which daily reports were drawn up, and what became of each on each way to its readers.

A way is marked as being tried before anything is sent. What was being tried when a server ended stays so: nobody
can say whether it came, so it is not sent again by itself.

Simple so far: a failure is told in one line, the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from contract.ledger.arrivals import last_seq_until
from contract.ledger.schema import DELIVERIES, REPORTS, STEPS
from contract.ledger.store import put

MADE, FAILED, SENT, TRYING = "made", "failed", "sent", "trying"
ITSELF = "cellcause"
"""Who draws up the report of the day."""
Row = Mapping[str, Any]


def is_given(connection: Connection, *, until_us: int) -> bool:
    """Tell whether all that arrived up to a moment (microseconds since 1970) was given to a step."""
    asked = select(STEPS.c.upto_seq).order_by(STEPS.c.number.desc()).limit(1)
    given = int(connection.execute(asked).scalar() or 0)
    return last_seq_until(connection, given, until_us) == given


def put_report(connection: Connection, row: Row) -> None:
    """Put down a report, or what became of trying to draw it up."""
    put(connection, REPORTS, [{column.name: row.get(column.name) for column in REPORTS.columns}])


def report_row(connection: Connection, report_id: str) -> Row | None:
    """Return a report, None where there is none of that name."""
    found = connection.execute(select(REPORTS).where(REPORTS.c.report_id == report_id)).mappings()
    return next((_plain(row) for row in found), None)


def report_rows(connection: Connection, *, most: int) -> list[Row]:
    """Return the last reports, the latest first."""
    asked = select(REPORTS).order_by(REPORTS.c.known_at.desc(), REPORTS.c.report_id.desc())
    return [_plain(row) for row in connection.execute(asked.limit(most)).mappings()]


def delivery_rows(connection: Connection, report_id: str) -> list[Row]:
    """Return what became of a report on each way, by name."""
    asked = select(DELIVERIES).where(DELIVERIES.c.report_id == report_id)
    found = connection.execute(asked.order_by(DELIVERIES.c.channel)).mappings()
    return [_plain(row) for row in found]


def begin_delivery(connection: Connection, report_id: str, channel: str, *, at: int) -> bool:
    """Mark a way as being tried; return False where it was sent, or may have been, already.

    Parameters
    ----------
    connection : Connection
        Of `Ledger.writing`: of two that begin at once, one does.
    at : int
        Seconds since 1970.
    """
    key = (DELIVERIES.c.report_id == report_id, DELIVERIES.c.channel == channel)
    known = connection.execute(select(DELIVERIES).where(*key)).mappings().first()
    if known is not None and known["state"] in (SENT, TRYING):
        return False
    tries = 1 if known is None else int(known["tries"] or 0) + 1
    row = {"report_id": report_id, "channel": channel, "state": TRYING, "detail": None}
    put(connection, DELIVERIES, [row | {"tries": tries, "tried_at": at, "sent_at": None}])
    return True


def end_delivery(
    connection: Connection, report_id: str, channel: str, *, at: int, failure: str = ""
) -> None:
    """Put down that a report was sent on a way, or why not."""
    values: dict[str, Any] = {"state": FAILED, "detail": failure, "tried_at": at}
    if not failure:
        values = {"state": SENT, "detail": None, "tried_at": at, "sent_at": at}
    connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.report_id == report_id, DELIVERIES.c.channel == channel)
        .values(**values)
    )


def _plain(row: RowMapping) -> Row:
    """Return a row by the names of its columns."""
    return {str(name): value for name, value in row.items()}
