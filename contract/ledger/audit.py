"""Note who did what to whom; what is noted is never changed nor removed.

Simple so far: the database refuses changes; who owns its files could still replace them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, Select, insert, select

from contract.ledger.schema import AUDIT

MOST = 1_000
"""Lines of one answer."""
ESCAPE = "\\"


@dataclass(frozen=True)
class AuditQuestion:
    """Which lines are asked for: parts of names, and seconds since 1970; empty and None bound nothing."""

    who: str = ""
    what: str = ""
    subject: str = ""
    since: int | None = None
    until: int | None = None


def note(connection: Connection, who: str, what: str, subject: str, *, detail: str = "") -> None:
    """Add a line to the audit, kept with the rest of the transaction."""
    row = {"at": int(time.time()), "who": who, "what": what, "subject": subject, "detail": detail}
    connection.execute(insert(AUDIT), [row])


def audit_lines(
    connection: Connection, question: AuditQuestion, *, before: int | None = None, limit: int = MOST
) -> list[RowMapping]:
    """Return lines of the audit, the latest first.

    Parameters
    ----------
    before : int, optional
        Only lines with a number below; that of the last line shown gives the next page.
    """
    asked = _asked(question)
    if before is not None:
        asked = asked.where(AUDIT.c.number < before)
    found = connection.execute(asked.order_by(AUDIT.c.number.desc()).limit(min(limit, MOST)))
    return list(found.mappings())


def is_noted(connection: Connection, question: AuditQuestion) -> bool:
    """Tell whether there is a line."""
    return bool(audit_lines(connection, question, limit=1))


def kinds_of_lines(connection: Connection) -> list[str]:
    """Return what is noted at all, in order: log-in, number revealed, ..."""
    return sorted(connection.execute(select(AUDIT.c.what).distinct()).scalars())


def _asked(question: AuditQuestion) -> Select[tuple[object, ...]]:
    """Return a question as the database is asked it."""
    asked = select(AUDIT)
    for name in ("who", "what", "subject"):
        wanted = getattr(question, name)
        if wanted:
            column = AUDIT.c[name]
            asked = asked.where(column.icontains(wanted, autoescape=True, escape=ESCAPE))
    if question.since is not None:
        asked = asked.where(AUDIT.c.at >= question.since)
    if question.until is not None:
        asked = asked.where(AUDIT.c.at < question.until)
    return asked
