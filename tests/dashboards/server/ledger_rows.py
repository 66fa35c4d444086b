"""Write rows into a ledger as intake and steps would, for pages that are asked without either."""

import json
import time
from typing import Any

from sqlalchemy import insert

from contract.ledger.arrivals import Entry, append, digest_of
from contract.ledger.schema import ACTS, TICKETS
from contract.ledger.store import Ledger, put

US = 1_000_000
MINUTE = 60


def arrived(ledger: Ledger, stream: str, key: str, **told: Any) -> None:
    """Put one arrival down."""
    text = json.dumps(told)
    entry = Entry(stream, key, digest_of(text), text, int(time.time()) * US, "test")
    with ledger.writing() as connection:
        append(connection, [entry])


def complained(ledger: Ledger, ticket_id: str, text: str, *, minutes_ago: int, **told: Any) -> None:
    """Put a complaint down and the row that the step makes of it."""
    at = int(time.time()) - minutes_ago * MINUTE
    arrived(ledger, "complaints", ticket_id, ticket_id=ticket_id, text=text)
    row: dict[str, Any] = dict.fromkeys(column.name for column in TICKETS.columns)
    row |= {"ticket_id": ticket_id, "created_at": at, "arrived_at": at, "number": "159****0001"}
    row |= {"county": "Hill", "place": "Hill town", "symptom": "NOSIG", "is_repeat": False}
    row |= {"cause": "power_failure", "probability": 0.8} | told
    with ledger.writing() as connection:
        put(connection, TICKETS, [row])


def acted(ledger: Ledger, ticket_id: str, kind: str, who: str = "li", **content: Any) -> None:
    """Put down what somebody did to a ticket."""
    row = {
        "at": int(time.time()),
        "who": who,
        "kind": kind,
        "subject_kind": "ticket",
        "subject_id": ticket_id,
        "content": json.dumps(content),
    }
    with ledger.writing() as connection:
        connection.execute(insert(ACTS), [row])
