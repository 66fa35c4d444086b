"""Keep what people did: each act once by its id, as an arrival, as a row of its own and as a line of the audit.

Simple so far: texts are kept as they were written, within the ledger; whoever shows them masks the numbers in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from contract.ledger.arrivals import Entry, digest_of
from contract.ledger.audit import note
from contract.ledger.schema import ACTS, ARRIVALS

STREAM = "acts"
US = 1_000_000


@dataclass(frozen=True)
class Deed:
    """An act of somebody on a subject; `content` is what its kind carries."""

    act_id: str
    who: str
    kind: str
    subject_kind: str
    subject_id: str
    content: Mapping[str, Any]

    def entry(self, arrived_us: int) -> Entry:
        """Return the act as it arrives."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        payload = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        subject = f"{self.subject_kind}:{self.subject_id}"
        return Entry(
            STREAM, self.act_id, digest_of(payload), payload, arrived_us, "people", subject
        )


def deed_of(entry: Entry) -> Deed:
    """Return the act that an arrival is."""
    return Deed(**json.loads(entry.payload))


def clashing(connection: Connection, entries: Sequence[Entry]) -> list[bool]:
    """Tell of each act whether its id was given to another content before, in the ledger or among those before it."""
    keys = [entry.key for entry in entries]
    asked = select(ARRIVALS.c.key, ARRIVALS.c.digest).where(
        ARRIVALS.c.stream == STREAM, ARRIVALS.c.key.in_(keys)
    )
    known = {str(key): str(digest) for key, digest in connection.execute(asked)}
    return [known.setdefault(entry.key, entry.digest) != entry.digest for entry in entries]


def record(connection: Connection, fresh: Iterable[Entry]) -> None:
    """Put the acts among arrivals that were put down into their own table and the audit."""
    for entry in fresh:
        if entry.stream != STREAM:
            continue
        deed = deed_of(entry)
        row = {
            "act_id": deed.act_id,
            "at": entry.arrived_us // US,
            "who": deed.who,
            "kind": deed.kind,
            "subject_kind": deed.subject_kind,
            "subject_id": deed.subject_id,
            "content": json.dumps(deed.content, ensure_ascii=False, sort_keys=True),
        }
        connection.execute(insert(ACTS), [row])
        what = f"{deed.subject_kind} {deed.kind}"
        note(connection, deed.who, what, deed.subject_id, detail=f"act {deed.act_id}")
