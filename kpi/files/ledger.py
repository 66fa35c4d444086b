"""Remember which measurement files were taken, and what was found in them.

A file is known by the hash of its content, whatever its name; it is read anew when the rules or the inventory have
changed. The ledger is a SQLite file beside the table; one intake at a time holds it.

Simple so far: of the records that were refused the ledger holds reason, object and number, not the records.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from contract.errors import InputError, OutputError

FILE = "ledger.sqlite"
READ, QUARANTINED, KNOWN = "read", "quarantined", "known"
LISTS = {
    "files": "name, status, form, reason, line, place, records, used, left_out, rejected, suspect, "
    "rows, first, last, note",
    "rejected": "files.name AS name, rejected.reason AS reason, object, "
    "rejected.records AS records, rejected.line AS line",
    "not_mapped": "files.name AS name, counter, not_mapped.records AS records",
    "refused": "files.name AS name, counter, refused.reason AS reason, number",
}
"""Lists that are written beside the table, and their columns."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    digest TEXT PRIMARY KEY, name TEXT, bytes INTEGER, generation INTEGER, knowledge TEXT, status TEXT, form TEXT,
    reason TEXT, line INTEGER, place INTEGER, records INTEGER, used INTEGER, left_out INTEGER, rejected INTEGER,
    suspect INTEGER, rows INTEGER, first TEXT, last TEXT, hours TEXT, note TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rejected (digest TEXT, reason TEXT, object TEXT, records INTEGER, line INTEGER);
CREATE TABLE IF NOT EXISTS not_mapped (digest TEXT, counter TEXT, records INTEGER);
CREATE TABLE IF NOT EXISTS refused (digest TEXT, counter TEXT, reason TEXT, number INTEGER);
"""


@dataclass(frozen=True)
class Entry:
    """What is known of a file.

    Attributes
    ----------
    digest, name, bytes, generation
        Hash of the content, name, size, and when it was changed last (ns since 1970).
    knowledge
        Hash of the rules and the inventory it was read with.
    status, form
        `read` or `quarantined`; name of its form.
    reason, line, place
        Why it was quarantined, and the line and column of the fault.
    records, used, left_out, rejected, suspect
        Records, and what became of them; records = used + left_out + rejected. Of those used the suspect ones.
    rows
        Cells and periods it has values for.
    first, last, hours
        First and last begin of a period, and the hours its rows are in, blanks between.
    note
        What else is to be said.
    lists
        Rows of the lists `rejected`, `not_mapped` and `refused`.
    """

    digest: str
    name: str
    bytes: int
    generation: int
    knowledge: str
    status: str
    form: str = ""
    reason: str = ""
    line: int = 0
    place: int = 0
    records: int = 0
    used: int = 0
    left_out: int = 0
    rejected: int = 0
    suspect: int = 0
    rows: int = 0
    first: str = ""
    last: str = ""
    hours: str = ""
    note: str = ""
    lists: Mapping[str, list[tuple[Any, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Ledger:
    """An open ledger."""

    connection: sqlite3.Connection

    def knows(self, digest: str, knowledge: str) -> bool:
        """Tell whether a content was read before, with the same rules and inventory."""
        query = "SELECT 1 FROM files WHERE digest = ? AND knowledge = ? AND status = ?"
        return self.connection.execute(query, (digest, knowledge, READ)).fetchone() is not None

    def hours(self, digest: str) -> tuple[str, ...]:
        """Return the hours in which an earlier reading of a content has rows."""
        found = self.connection.execute("SELECT hours FROM files WHERE digest = ?", (digest,))
        row = found.fetchone()
        return tuple(row[0].split()) if row else ()

    def record(self, entries: list[Entry]) -> None:
        """Note files, in place of what was noted of the same contents; they stay noted from here on."""
        for entry in entries:
            for name, rows in entry.lists.items():
                self.connection.execute(f"DELETE FROM {name} WHERE digest = ?", (entry.digest,))
                if rows:
                    marks = ", ".join("?" for _ in range(len(rows[0]) + 1))
                    whole = [(entry.digest, *row) for row in rows]
                    self.connection.executemany(f"INSERT INTO {name} VALUES ({marks})", whole)
            values = [getattr(entry, name) for name in _FIELDS]
            marks = ", ".join("?" for _ in values)
            names = ", ".join(_FIELDS)
            command = f"INSERT OR REPLACE INTO files ({names}) VALUES ({marks})"
            self.connection.execute(command, values)
        self.connection.commit()
        self.connection.execute("BEGIN IMMEDIATE")

    def listed(self, name: str) -> pd.DataFrame:
        """Return one of `LISTS`, in the order of all its columns."""
        join = "" if name == "files" else f" JOIN {name} USING (digest)"
        query = f"SELECT {LISTS[name]} FROM files{join}"
        frame = pd.read_sql_query(query, self.connection)
        return frame.sort_values(list(frame), ignore_index=True)


_FIELDS = tuple(name for name in Entry.__dataclass_fields__ if name != "lists")


@contextmanager
def open_ledger(folder: Path) -> Iterator[Ledger]:
    """Open the ledger of a table, made where there is none, and hold it.

    Parameters
    ----------
    folder : Path
        Folder of the table.

    Yields
    ------
    Ledger

    Raises
    ------
    InputError
        If another intake holds it, or it is no ledger.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect(path, timeout=2.0, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        msg = f"`out` must be a folder that can be written; {folder}: {error}."
        raise OutputError(msg) from error
    with closing(opened) as connection:
        try:
            connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            msg = f"`{path}` must be a ledger that no other intake holds: {error}. Wait, or move it away."
            raise InputError(msg) from error
        yield Ledger(connection)
        connection.commit()
