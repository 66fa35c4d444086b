"""Keep who is logged in: sessions of people at the pages, ended by themselves, by idleness and by age.

The browser holds a long random number; the ledger keeps a digest of it. A session is as good as its account: a user
that is closed is logged out, a role that is changed holds at once. Sessions of people whom another system vouches for
carry the role and counties that it told.

Simple so far: `seen_at` is brought up to date once a minute at most, so idleness is told to the minute.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from contract.ledger.accounts import Caller, counties_of
from contract.ledger.schema import SESSIONS, USERS

ID_BYTES = 32
SEEN_EVERY_S = 60
KEPT_S = 30 * 86_400
"""How long the row of a session that is over stays."""
LOCAL = "local"
"""Source of the sessions of our own users."""


@dataclass(frozen=True)
class Lasting:
    """How long a session may last: without a request, and at all; seconds."""

    idle_s: int
    most_s: int


@dataclass(frozen=True)
class Session:
    """A session that holds."""

    caller: Caller
    seen_at: int
    digest: str


def open_session(
    connection: Connection, caller: Caller, *, now: int, lasting: Lasting, source: str = LOCAL
) -> str:
    """Return the number of a new session, to be given to the browser; it can't be read again.

    Parameters
    ----------
    connection : Connection
        Of `Ledger.writing`.
    now : int
        Seconds since 1970.
    source : str, default "local"
        Who vouches for the caller: "local" for our users, else the other system.
    """
    over = SESSIONS.c.made_at < now - lasting.most_s - KEPT_S
    connection.execute(delete(SESSIONS).where(over))
    number = secrets.token_urlsafe(ID_BYTES)
    row = {"digest": _digest(number), "name": caller.name, "source": source, "role": caller.role}
    row |= {"counties": "|".join(sorted(caller.counties))}
    connection.execute(insert(SESSIONS), [row | {"made_at": now, "seen_at": now}])
    return number


def session_of(
    connection: Connection, number: str, *, now: int, lasting: Lasting
) -> Session | None:
    """Return the session of a number, None where there is none, or it is over."""
    asked = (
        select(SESSIONS, USERS.c.role.label("role_now"), USERS.c.counties.label("counties_now"))
        .join(USERS, (USERS.c.name == SESSIONS.c.name) & USERS.c.closed_at.is_(None), isouter=True)
        .where(
            SESSIONS.c.digest == _digest(number),
            SESSIONS.c.ended_at.is_(None),
            SESSIONS.c.made_at > now - lasting.most_s,
            SESSIONS.c.seen_at > now - lasting.idle_s,
        )
    )
    row = connection.execute(asked).mappings().first()
    if row is None or (row["source"] == LOCAL and row["role_now"] is None):
        return None
    return Session(_caller(row), int(row["seen_at"]), str(row["digest"]))


def note_seen(connection: Connection, session: Session, *, now: int) -> None:
    """Put down that a session was used."""
    same = SESSIONS.c.digest == session.digest
    connection.execute(update(SESSIONS).where(same).values(seen_at=now))


def end_session(connection: Connection, number: str, *, now: int) -> None:
    """End a session for good."""
    same = (SESSIONS.c.digest == _digest(number)) & SESSIONS.c.ended_at.is_(None)
    connection.execute(update(SESSIONS).where(same).values(ended_at=now))


def session_mark(number: str) -> str:
    """Return what the pages of a session show with their forms; the number can't be told from it.

    Examples
    --------
    >>> session_mark("a") == session_mark("a"), session_mark("a") == session_mark("b")
    (True, False)
    """
    return hashlib.sha256(b"form of session " + number.encode()).hexdigest()


def _caller(row: RowMapping) -> Caller:
    """Return who a session belongs to, as the account stands now."""
    own = "_now" if row["source"] == LOCAL else ""
    counties = counties_of(str(row[f"counties{own}"]))
    return Caller(str(row["name"]), str(row[f"role{own}"]), counties)


def _digest(number: str) -> str:
    """Return what is kept of a number; it is long and random, so a plain digest is safe."""
    return hashlib.sha256(number.encode()).hexdigest()
