"""Look up the full numbers of a ticket, as its complaint arrived with them.

Everything else shows numbers masked; whoever calls this notes down who asked and why.

Simple so far: numbers that stand in the text of a complaint are not looked for.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from contract.ledger.arrivals import digest_of
from contract.ledger.schema import ARRIVALS
from correlate.live.entries import LONGEST_KEY

COMPLAINTS = "complaints"


def full_numbers(connection: Connection, ticket_id: str) -> list[str]:
    """Return the different numbers that a ticket arrived with, the latest first."""
    key = ticket_id if len(ticket_id) <= LONGEST_KEY else digest_of(ticket_id)
    asked = select(ARRIVALS.c.payload).where(ARRIVALS.c.stream == COMPLAINTS, ARRIVALS.c.key == key)
    payloads = connection.execute(asked.order_by(ARRIVALS.c.seq.desc())).scalars()
    numbers = [str(json.loads(text).get("msisdn") or "") for text in payloads]
    return [number for number in dict.fromkeys(numbers) if number]
