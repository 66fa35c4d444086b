"""Note who did what to whom; what is noted is never changed nor removed.

Simple so far: the database refuses changes; who owns its files could still replace them.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection, insert

from contract.ledger.schema import AUDIT


def note(connection: Connection, who: str, what: str, subject: str, *, detail: str = "") -> None:
    """Add a line to the audit, kept with the rest of the transaction."""
    row = {"at": int(time.time()), "who": who, "what": what, "subject": subject, "detail": detail}
    connection.execute(insert(AUDIT), [row])
