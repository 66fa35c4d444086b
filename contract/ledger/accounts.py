"""Keep who may use the server: tokens of programs and users with passwords, each with a role and counties.

A token is shown once, when it is made; the ledger keeps a digest of it. Passwords are kept as argon2id makes them.

Simple so far: a token does not end by itself; it is closed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, RowMapping, Table, func, insert, select, update

from contract.errors import SettingsError
from contract.ledger.audit import note
from contract.ledger.schema import SESSIONS, TOKENS, USERS

TOKEN_BYTES = 32
LEAST_PASSWORD = 10
_HASHER = PasswordHasher()
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True)
class Caller:
    """Who asks: a name, a role, and the counties it may see; none for all of them."""

    name: str
    role: str
    counties: frozenset[str] = frozenset()

    def may(self, act: str) -> bool:
        """Tell whether the role allows an act."""
        return act in roles()[self.role]


ALONE = "alone"
"""Role of whoever sits at a machine that listens to itself alone; nobody is given it."""


@cache
def roles() -> Mapping[str, frozenset[str]]:
    """Return what each role may do.

    Examples
    --------
    >>> "send" in roles()["feed"], "send" in roles()["agent"]
    (True, False)
    """
    rows = tomllib.loads(Path(__file__).with_name("roles.toml").read_text(encoding="utf-8"))
    return {name: frozenset(row["may"]) for name, row in rows["role"].items()}


def make_token(
    connection: Connection, name: str, *, role: str, counties: str = "", by: str = "command"
) -> str:
    """Return a new token; it can't be read again.

    Raises
    ------
    SettingsError
        If the name is taken or can't be one, or there is no such role.
    """
    _check(connection, TOKENS, name, role)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"name": name, "digest": _digest(token), "role": role, "counties": counties}
    connection.execute(insert(TOKENS), [row | {"made_at": int(time.time())}])
    note(connection, by, "token made", name, detail=f"role {role} counties {counties or 'all'}")
    return token


def make_user(
    connection: Connection, name: str, password: str, *, role: str, counties: str = ""
) -> None:
    """Add a user.

    Raises
    ------
    SettingsError
        If the name is taken or can't be one, there is no such role, or the password is short.
    """
    _check(connection, USERS, name, role)
    row = {"name": name, "password_hash": _hashed(password), "role": role}
    row |= {"counties": counties}
    connection.execute(insert(USERS), [row | {"made_at": int(time.time())}])
    note(
        connection, "command", "user made", name, detail=f"role {role} counties {counties or 'all'}"
    )


def change_password(connection: Connection, name: str, password: str) -> None:
    """Change the password of a user, who is logged out everywhere.

    Raises
    ------
    SettingsError
        If there is no such user, or the password is short.
    """
    _change(connection, USERS, name, {"password_hash": _hashed(password)})
    _log_out(connection, name)
    note(connection, "command", "password changed", name)


def close_token(connection: Connection, name: str, *, by: str = "command") -> None:
    """End a token for good.

    Raises
    ------
    SettingsError
        If there is none of this name that is open.
    """
    _change(connection, TOKENS, name, {"closed_at": int(time.time())})
    note(connection, by, "token closed", name)


def close_user(connection: Connection, name: str, *, by: str = "command") -> None:
    """Close the account of a user for good, who is logged out everywhere.

    Raises
    ------
    SettingsError
        If there is none of this name that is open.
    """
    _change(connection, USERS, name, {"closed_at": int(time.time())})
    _log_out(connection, name)
    note(connection, by, "user closed", name)


def accounts(connection: Connection, kind: str) -> list[RowMapping]:
    """Return the accounts of a kind, "users" or "tokens", by name, without what they are known by."""
    table = {"users": USERS, "tokens": TOKENS}[kind]
    told = [table.c[name] for name in ("name", "role", "counties", "made_at", "closed_at")]
    return list(connection.execute(select(*told).order_by(table.c.name)).mappings())


def caller_of_token(connection: Connection, token: str) -> Caller | None:
    """Return who a token belongs to, None where it is not known or closed."""
    asked = select(TOKENS).where(TOKENS.c.digest == _digest(token), TOKENS.c.closed_at.is_(None))
    return _caller(connection.execute(asked).mappings().first())


def caller_of_password(connection: Connection, name: str, password: str) -> Caller | None:
    """Return a user whose password it is, None where it is not."""
    asked = select(USERS).where(USERS.c.name == name, USERS.c.closed_at.is_(None))
    row = connection.execute(asked).mappings().first()
    try:
        _HASHER.verify(_nobody() if row is None else row["password_hash"], password)
    except VerifyMismatchError:
        return None
    return _caller(row)


def has_user(connection: Connection, name: str) -> bool:
    """Tell whether there is, or was, a user of a name."""
    asked = select(USERS.c.name).where(USERS.c.name == name)
    return connection.execute(asked).first() is not None


def has_callers(connection: Connection) -> bool:
    """Tell whether anybody may use the server from elsewhere."""
    return any(
        connection.execute(
            select(func.count()).select_from(t).where(t.c.closed_at.is_(None))
        ).scalar()
        for t in (TOKENS, USERS)
    )


def counties_of(text: str) -> frozenset[str]:
    """Return the counties that stand in a column, parted by |; empty for all.

    Examples
    --------
    >>> sorted(counties_of("Hill|Vale")), counties_of("")
    (['Hill', 'Vale'], frozenset())
    """
    return frozenset(part for part in text.split("|") if part)


@cache
def _nobody() -> str:
    """Return a hash that takes as long to check as any, for names that are not known."""
    return _HASHER.hash(secrets.token_urlsafe(TOKEN_BYTES))


def _caller(row: object) -> Caller | None:
    """Return a row of tokens or users as who asks."""
    if not isinstance(row, Mapping):
        return None
    return Caller(str(row["name"]), str(row["role"]), counties_of(str(row["counties"])))


def _change(connection: Connection, table: Table, name: str, values: Mapping[str, object]) -> None:
    """Change an open account; raise where there is none."""
    changing = update(table).where(table.c.name == name, table.c.closed_at.is_(None))
    if not connection.execute(changing.values(**values)).rowcount:
        kind = table.name.removesuffix("s")
        msg = f"`name` must be that of a {kind} that is open; there is none of the name {name!r}."
        raise SettingsError(msg)


def _log_out(connection: Connection, name: str) -> None:
    """End all sessions of one of our users."""
    same = (SESSIONS.c.name == name) & SESSIONS.c.ended_at.is_(None)
    connection.execute(update(SESSIONS).where(same).values(ended_at=int(time.time())))


def _hashed(password: str) -> str:
    """Return what is kept of a password; raise where it is short."""
    if len(password) < LEAST_PASSWORD:
        msg = f"`password` must have {LEAST_PASSWORD} characters at least."
        raise SettingsError(msg)
    return _HASHER.hash(password)


def _digest(token: str) -> str:
    """Return what is kept of a token; it is long and random, so a plain digest is safe."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check(connection: Connection, table: Table, name: str, role: str) -> None:
    """Raise where a name is taken or none, or a role is not known."""
    if not _NAME.fullmatch(name):
        msg = f"`name` must be letters, digits and . _ @ -, at most 64; it is {name!r}."
        raise SettingsError(msg)
    given = [name for name in roles() if name != ALONE]
    if role not in given:
        msg = f"`role` must be one of {', '.join(given)}; it is {role!r}."
        raise SettingsError(msg)
    if connection.execute(select(table.c.name).where(table.c.name == name)).first() is not None:
        msg = f"`name` must be new; {name!r} is taken."
        raise SettingsError(msg)
