"""Put down what arrives, each content of a key once, and give it back in the order of its arrival.

The instant of arrival never goes back from one row to the next, so the rows that arrived up to a moment are the first
ones, and the number of the last of them says which.

Simple so far: a content that a key had before and lost again counts as a repetition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, RowMapping, func, insert, select

from contract.ledger.schema import ARRIVALS
from contract.ledger.store import AT_A_TIME


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that arrives, or arrived.

    Attributes
    ----------
    stream
        What it is: a table of arrivals, `clearings` of alarms, or `kpi` for a file of counters.
    key, digest
        What it is about, and a digest of its content.
    payload
        The row as JSON.
    arrived_us
        Microseconds since 1970.
    source
        Who sent it.
    subject
        What it may be looked up by: a customer's number, an object.
    seq
        Its place among all, from 1; 0 before it is put down.
    """

    stream: str
    key: str
    digest: str
    payload: str
    arrived_us: int
    source: str = ""
    subject: str | None = None
    seq: int = 0


def digest_of(content: str) -> str:
    """Return a digest of a content.

    Examples
    --------
    >>> digest_of("a") == digest_of("a"), digest_of("a") == digest_of("b"), len(digest_of(""))
    (True, False, 32)
    """
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def append(connection: Connection, entries: Sequence[Entry]) -> list[Entry | None]:
    """Put entries down, in their order.

    Parameters
    ----------
    connection : Connection
        Of `Ledger.writing`: nothing is kept before that ends.

    Returns
    -------
    list of Entry or None
        Each entry as put down, with its place; None where the same content of its key is there already.
    """
    known = _known(connection, entries)
    last_us = connection.execute(
        select(ARRIVALS.c.arrived_us).order_by(ARRIVALS.c.seq.desc()).limit(1)
    ).scalar()
    seq = head(connection)
    out: list[Entry | None] = []
    for entry in entries:
        identity = (entry.stream, entry.key, entry.digest)
        if identity in known:
            out.append(None)
            continue
        known.add(identity)
        last_us = entry.arrived_us if last_us is None else max(last_us, entry.arrived_us)
        seq += 1
        out.append(replace(entry, arrived_us=last_us, seq=seq))
    fresh = [_row(entry) for entry in out if entry is not None]
    if fresh:
        connection.execute(insert(ARRIVALS), fresh)
    return out


def _known(connection: Connection, entries: Sequence[Entry]) -> set[tuple[str, str, str]]:
    """Return which contents of the keys of entries are there."""
    keys: dict[str, list[str]] = {}
    for entry in entries:
        keys.setdefault(entry.stream, []).append(entry.key)
    found: set[tuple[str, str, str]] = set()
    for stream, listed in keys.items():
        distinct = list(dict.fromkeys(listed))
        for first in range(0, len(distinct), AT_A_TIME):
            asked = (
                select(ARRIVALS.c.key, ARRIVALS.c.digest)
                .where(ARRIVALS.c.stream == stream)
                .where(ARRIVALS.c.key.in_(distinct[first : first + AT_A_TIME]))
            )
            found |= {(stream, key, digest) for key, digest in connection.execute(asked)}
    return found


def _row(entry: Entry) -> Mapping[str, object]:
    """Return an entry as a row of the table."""
    return {name: getattr(entry, name) for name in Entry.__slots__}


def head(connection: Connection) -> int:
    """Return the place of the last arrival, 0 where there is none."""
    return int(connection.execute(select(func.max(ARRIVALS.c.seq))).scalar() or 0)


def latest_us(connection: Connection, source: str) -> int | None:
    """Return when the last arrival from a source arrived (microseconds since 1970), None where there is none."""
    asked = select(ARRIVALS.c.arrived_us).where(ARRIVALS.c.source == source)
    found = connection.execute(asked.order_by(ARRIVALS.c.seq.desc()).limit(1)).scalar()
    return None if found is None else int(found)


def next_us(connection: Connection, after: int) -> int | None:
    """Return when the first arrival after a place arrived, None where there is none yet."""
    asked = select(ARRIVALS.c.arrived_us).where(ARRIVALS.c.seq > after)
    found = connection.execute(asked.order_by(ARRIVALS.c.seq).limit(1)).scalar()
    return None if found is None else int(found)


def last_seq_until(connection: Connection, after: int, until_us: int) -> int:
    """Return the place of the last arrival up to a moment, `after` where none came."""
    asked = (
        select(func.max(ARRIVALS.c.seq))
        .where(ARRIVALS.c.seq > after)
        .where(ARRIVALS.c.arrived_us <= until_us)
    )
    return int(connection.execute(asked).scalar() or after)


def between(connection: Connection, after: int, upto: int) -> list[Entry]:
    """Return the arrivals after a place up to another, in order."""
    asked = select(ARRIVALS).where(ARRIVALS.c.seq > after).where(ARRIVALS.c.seq <= upto)
    return _entries(connection.execute(asked.order_by(ARRIVALS.c.seq)).mappings())


def stream_between(connection: Connection, stream: str, *, since_us: int, upto: int) -> list[Entry]:
    """Return the arrivals of a stream from a moment (microseconds since 1970) up to a place, in order."""
    asked = select(ARRIVALS).where(ARRIVALS.c.stream == stream, ARRIVALS.c.seq <= upto)
    asked = asked.where(ARRIVALS.c.seq >= first_seq_from(connection, since_us))
    return _entries(connection.execute(asked.order_by(ARRIVALS.c.seq)).mappings())


def first_seq_from(connection: Connection, since_us: int) -> int:
    """Return the place of the first arrival from a moment on, one after the last where none came.

    Instants never go back from one place to the next, so it is found by halving.
    """
    low, high = (
        int(connection.execute(select(func.min(ARRIVALS.c.seq))).scalar() or 1),
        head(connection) + 1,
    )
    while low < high:
        middle = (low + high) // 2
        asked = select(ARRIVALS.c.seq, ARRIVALS.c.arrived_us).where(ARRIVALS.c.seq >= middle)
        found = connection.execute(asked.order_by(ARRIVALS.c.seq).limit(1)).first()
        if found is None or found[1] >= since_us:
            high = middle
        else:
            low = int(found[0]) + 1
    return low


def opening_us(connection: Connection, streams: Iterable[str]) -> int | None:
    """Return when the first arrival of some streams arrived, None where there is none."""
    found = []
    for stream in streams:
        asked = select(ARRIVALS.c.arrived_us).where(ARRIVALS.c.stream == stream)
        found.append(connection.execute(asked.order_by(ARRIVALS.c.seq).limit(1)).scalar())
    return min((int(us) for us in found if us is not None), default=None)


def latest_us_until(connection: Connection, upto: int) -> int | None:
    """Return when the last arrival up to a place arrived, None where there is none."""
    asked = select(ARRIVALS.c.arrived_us).where(ARRIVALS.c.seq <= upto)
    found = connection.execute(asked.order_by(ARRIVALS.c.seq.desc()).limit(1)).scalar()
    return None if found is None else int(found)


def about(
    connection: Connection, stream: str, subjects: Iterable[str], *, upto: int
) -> list[Entry]:
    """Return the arrivals of a stream about some subjects, up to a place, in order."""
    listed = list(dict.fromkeys(subjects))
    found: list[Entry] = []
    for first in range(0, len(listed), AT_A_TIME):
        asked = (
            select(ARRIVALS)
            .where(ARRIVALS.c.stream == stream, ARRIVALS.c.seq <= upto)
            .where(ARRIVALS.c.subject.in_(listed[first : first + AT_A_TIME]))
        )
        found += _entries(connection.execute(asked).mappings())
    return sorted(found, key=lambda entry: entry.seq)


def latest(connection: Connection, stream: str, *, upto: int, most: int) -> list[Entry]:
    """Return the last arrivals of a stream up to a place, in order."""
    asked = select(ARRIVALS).where(ARRIVALS.c.stream == stream, ARRIVALS.c.seq <= upto)
    found = _entries(
        connection.execute(asked.order_by(ARRIVALS.c.seq.desc()).limit(most)).mappings()
    )
    return found[::-1]


def _entries(rows: Iterable[RowMapping]) -> list[Entry]:
    """Return rows of the table as entries."""
    return [Entry(**{str(k): v for k, v in row.items()}) for row in rows]


def with_key(connection: Connection, stream: str, key: str) -> bool:
    """Tell whether anything of a key has arrived."""
    asked = select(ARRIVALS.c.seq).where(ARRIVALS.c.stream == stream, ARRIVALS.c.key == key)
    return connection.execute(asked.limit(1)).first() is not None
