"""Open the ledger: a database that is created, or brought to this version, at its first start.

SQLite keeps what is committed through a loss of power (WAL, synchronous FULL) and has one writer at a time; PostgreSQL
is used as it is set up. A writer takes its turn before it reads, so that what it read still holds when it writes.

Simple so far: one database; its back-up is that of the database itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from contract.errors import SettingsError

BUSY_MS = 30_000
"""How long a writer waits for its turn."""
AT_A_TIME = 500
"""Rows of one statement; SQLite and PostgreSQL bound the number of its values."""
WRITER = "writer"
_TURN = 4_770_231
"""Number of the lock by which writers of arrivals take turns on PostgreSQL."""


@dataclass(frozen=True)
class Ledger:
    """A database of the form of `contract.ledger.schema`."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the ledger and changes nothing."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all kept when it ends without an error, else none."""
        with self.engine.connect().execution_options(role=WRITER) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _TURN})
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_ledger(url: str) -> Ledger:
    """Return the ledger of an address, created or brought to this version.

    Parameters
    ----------
    url : str
        As SQLAlchemy has it: `sqlite:///ledger.db`, `postgresql://user@host/name`.

    Raises
    ------
    SettingsError
        If there is no such database, or it can't be brought to this version.
    """
    try:
        engine = _engine(url)
        with engine.begin() as connection:
            command.upgrade(_alembic(connection), "head")
    except (ArgumentError, SQLAlchemyError, OSError, ImportError) as error:
        shown = str(error).splitlines()[0] if str(error) else type(error).__name__
        msg = f"`ledger` must be the address of a database that can be used: {shown}."
        raise SettingsError(msg) from error
    return Ledger(engine)


def _engine(url: str) -> Engine:
    """Return an engine set up for safety."""
    address = make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True)
    if address.database not in (None, "", ":memory:"):
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_MS / 1000})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, record: object) -> None:
    """Set up a connection to SQLite; transactions are begun by us."""
    del record
    connection.isolation_level = None
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}").close()
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}").close()


def _begin(connection: Connection) -> None:
    """Begin a transaction; a writer takes its turn at once."""
    is_writer = connection.get_execution_options().get("role") == WRITER
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _alembic(connection: Connection) -> Config:
    """Return what Alembic needs to know to bring a database to this version."""
    config = Config()
    config.set_main_option("script_location", str(files("contract.ledger") / "migrations"))
    config.attributes["connection"] = connection
    return config


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows into a table; of a key that is there the other columns are replaced.

    Parameters
    ----------
    connection : Connection
        Of `Ledger.writing`.
    table : Table
    rows : sequence of mappings
        All of the same columns, no key twice.
    """
    if not rows:
        return
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    upsert = (
        statement.on_conflict_do_update(index_elements=keys, set_=others)
        if others
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    connection.execute(upsert, [dict(row) for row in rows])
