"""Tell whether an act of somebody can be meant: its subject is there, and what it names belongs to it.

What stands in the ledger may have moved on before the step takes the act; the step has the last word.

Simple so far: an incident belongs to the county where most of its users are, as it is shown.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Table, select

from contract.acts import INCIDENT, NOTICE, TICKET
from contract.ledger.acts import Deed
from contract.ledger.schema import (
    ACT_OUTCOMES,
    ACTS,
    FAULT_INCIDENTS,
    INCIDENTS,
    NOTICE_SHEETS,
    TICKETS,
)
from correlate.live.views import within

SUBJECTS: dict[str, tuple[Table, str]] = {
    INCIDENT: (INCIDENTS, "incident_id"),
    NOTICE: (NOTICE_SHEETS, "notice_id"),
    TICKET: (TICKETS, "ticket_id"),
}
UNDOABLE = ("repair_time", "merge", "split", "close", "withdraw", "edit", "approve", "verdict")
"""Kinds of act that can be taken back; the others are words, answered by further words."""


def is_there(
    connection: Connection, kind: str, subject_id: str, *, counties: Collection[str]
) -> bool:
    """Tell whether a subject is there for who sees some counties; none bound nothing."""
    table, key = SUBJECTS[kind]
    asked = within(select(table.c[key]), table, counties).where(table.c[key] == subject_id)
    return connection.execute(asked).first() is not None


def objection(connection: Connection, deed: Deed, *, counties: Collection[str]) -> str:
    """Return why an act can't be meant, "" where it can."""
    check = {"merge": _of_merge, "split": _of_split, "undo": _of_undo}.get(deed.kind)
    return "" if check is None else check(connection, deed, counties)


def _of_merge(connection: Connection, deed: Deed, counties: Collection[str]) -> str:
    """Return why incidents can't be merged."""
    into = str(deed.content["into"])
    if into == deed.subject_id:
        return "`into` must be another incident"
    is_known = is_there(connection, INCIDENT, into, counties=counties)
    return "" if is_known else "`into`: there is no such incident"


def _of_split(connection: Connection, deed: Deed, counties: Collection[str]) -> str:
    """Return why parts can't be split off an incident."""
    asked = select(INCIDENTS.c.cells).where(INCIDENTS.c.incident_id == deed.subject_id)
    cells = set(str(connection.execute(asked).scalar() or "").split("|"))
    strange = sorted(set(deed.content["cells"]) - cells)
    if strange:
        return f"`cells`: {', '.join(strange[:5])} are not of this incident"
    if deed.content["cells"] and cells <= set(deed.content["cells"]):
        return "`cells` must leave the incident some cells"
    faults = select(FAULT_INCIDENTS.c.fault).where(FAULT_INCIDENTS.c.incident_id == deed.subject_id)
    own = within(select(TICKETS.c.ticket_id), TICKETS, counties).where(TICKETS.c.fault.in_(faults))
    lost = sorted(set(deed.content["tickets"]) - set(connection.execute(own).scalars()))
    return f"`tickets`: {', '.join(lost[:5])} are not of this incident" if lost else ""


def _of_undo(connection: Connection, deed: Deed, counties: Collection[str]) -> str:
    """Return why an act can't be taken back."""
    del counties
    asked: Any = (
        select(ACTS.c.kind, ACT_OUTCOMES.c.outcome)
        .join(ACT_OUTCOMES, ACT_OUTCOMES.c.act_id == ACTS.c.act_id, isouter=True)
        .where(ACTS.c.act_id == deed.content["undoes"])
        .where(ACTS.c.subject_kind == deed.subject_kind, ACTS.c.subject_id == deed.subject_id)
    )
    found = connection.execute(asked).first()
    if found is None:
        return "`undoes`: there is no such act here"
    kind, outcome = found
    if kind not in UNDOABLE:
        return f"`undoes`: {kind} can't be taken back"
    return f"`undoes`: it was {outcome}" if outcome in ("refused", "undone") else ""
