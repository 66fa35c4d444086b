"""Keep which callers were told of a notice, so that they did not have to complain.

Simple so far: a telling has no number of the caller; a later complaint is matched by place and time, or by the ticket
that was named.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, RowMapping, func, insert, select

from contract.ledger.county_scope import of_counties
from contract.ledger.schema import TELLINGS

MOST = 1_000


@dataclass(frozen=True)
class Telling:
    """That a caller was told: of which notice and incident, when (seconds since 1970), by whom, from where."""

    notice_id: str
    incident_id: str
    at: int
    who: str
    county: str | None = None
    place: str | None = None
    cell_id: str | None = None
    ticket_id: str | None = None


def add_telling(connection: Connection, telling: Telling) -> int:
    """Put a telling down and return how many there are of its incident by now."""
    connection.execute(insert(TELLINGS), [asdict(telling)])
    asked = select(func.count()).where(TELLINGS.c.incident_id == telling.incident_id)
    return int(connection.execute(asked).scalar_one())


def tellings_of(
    connection: Connection, incident_id: str, *, until: int | None = None
) -> list[RowMapping]:
    """Return the tellings of an incident, in order.

    Parameters
    ----------
    until : int, optional
        Only those before; for a complaint, when it was made.
    """
    asked = select(TELLINGS).where(TELLINGS.c.incident_id == incident_id)
    if until is not None:
        asked = asked.where(TELLINGS.c.at < until)
    return list(connection.execute(asked.order_by(TELLINGS.c.number).limit(MOST)).mappings())


def told_since(connection: Connection, since: int, *, counties: Collection[str] = ()) -> int:
    """Return how many callers were told since an instant who made no complaint.

    Parameters
    ----------
    counties : collection of str
        Only those of notices for one of these; empty: all.
    """
    asked = select(func.count()).select_from(TELLINGS)
    asked = asked.where(
        TELLINGS.c.at >= since, TELLINGS.c.ticket_id.is_(None), of_counties(TELLINGS, counties)
    )
    return int(connection.execute(asked).scalar_one())
