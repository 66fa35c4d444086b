"""Tell what the next shift must know: what is due, who has what, which incidents and notices stand, what was done.

Simple so far: what was done is told from the beginning of the shift on, each act with its words.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from contract.acts import INCIDENT, NOTICE, TICKET
from contract.ledger.schema import ACTS
from correlate.live import views
from correlate.live.acting import is_there
from correlate.live.work_orders import WorkOrder
from correlate.work_order_process import OrderProcess
from correlate.work_order_standing import CALL_BACK

Row = dict[str, Any]
SEEN = {INCIDENT: "incidents", NOTICE: "notices"}


@dataclass(frozen=True)
class Handover:
    """What the next shift must know.

    Attributes
    ----------
    since, until
        When this shift began and the next begins.
    pressing
        Work orders over their limit to accept or answer, or near it.
    call_backs
        Work orders whose customer is to be called back.
    people
        Who has how many open work orders and how many of them are over: name, open, over; "" for nobody.
    incidents
        Open incidents, each with `acknowledged_by` ("" for nobody).
    notices
        Notices that are out.
    acts
        What was done since the shift began, in order.
    """

    since: dt.datetime
    until: dt.datetime
    pressing: tuple[WorkOrder, ...]
    call_backs: tuple[WorkOrder, ...]
    people: tuple[tuple[str, int, int], ...]
    incidents: tuple[Row, ...]
    notices: tuple[Row, ...]
    acts: tuple[Row, ...]


def handover_of(
    connection: Connection,
    process: OrderProcess,
    orders: Sequence[WorkOrder],
    moment: dt.datetime,
    *,
    sees: Collection[str],
    counties: Collection[str] = (),
) -> Handover:
    """Return what the next shift must know.

    Parameters
    ----------
    orders : sequence of WorkOrder
        The open ones that may be seen, in order.
    moment : datetime
        In the operator's zone.
    sees : collection of str
        What else may be seen: "incidents", "notices".
    counties : collection of str
        Those of these counties alone; empty: all.
    """
    since, until = process.shift_at(moment)
    due = [(order, order.due) for order in orders if order.due is not None]
    incidents = (
        views.incidents(connection, counties=counties, is_open=True) if "incidents" in sees else []
    )
    return Handover(
        since=since,
        until=until,
        pressing=tuple(o for o, d in due if d.kind != CALL_BACK and (d.is_over or d.is_near)),
        call_backs=tuple(o for o, d in due if d.kind == CALL_BACK),
        people=_people(orders),
        incidents=tuple(_acknowledged(connection, incidents)),
        notices=tuple(views.notice_sheets(connection, counties=counties, states=("issued",)))
        if "notices" in sees
        else (),
        acts=tuple(
            act
            for act in _acts_since(connection, int(since.timestamp()))
            if _is_seen(connection, act, orders, sees=sees, counties=counties)
        ),
    )


def _people(orders: Sequence[WorkOrder]) -> tuple[tuple[str, int, int], ...]:
    """Return who has how many work orders, most first, and how many of them are over their limit."""
    has = Counter(order.standing.assigned_to for order in orders)
    over = Counter(
        order.standing.assigned_to
        for order in orders
        if order.due is not None and order.due.is_over
    )
    return tuple((who, count, over[who]) for who, count in sorted(has.items(), key=_most_first))


def _most_first(pair: tuple[str, int]) -> tuple[int, str]:
    """Return what people are put in order by."""
    return -pair[1], pair[0]


def _acknowledged(connection: Connection, incidents: Sequence[Row]) -> list[Row]:
    """Return incidents with who acknowledged each last."""
    ids = [row["incident_id"] for row in incidents]
    asked = (
        select(ACTS.c.subject_id, ACTS.c.who)
        .where(ACTS.c.subject_kind == INCIDENT, ACTS.c.kind == "acknowledge")
        .where(ACTS.c.subject_id.in_(ids))
        .order_by(ACTS.c.number)
    )
    by = {str(subject): str(who) for subject, who in connection.execute(asked)}
    return [row | {"acknowledged_by": by.get(row["incident_id"], "")} for row in incidents]


def _acts_since(connection: Connection, since: int) -> list[Row]:
    """Return what people did since a moment (seconds since 1970), in order."""
    asked = select(ACTS).where(ACTS.c.at >= since).order_by(ACTS.c.number)
    return [{str(k): v for k, v in row.items()} for row in connection.execute(asked).mappings()]


def _is_seen(
    connection: Connection,
    act: Row,
    orders: Sequence[WorkOrder],
    *,
    sees: Collection[str],
    counties: Collection[str],
) -> bool:
    """Tell whether an act is on something that may be seen."""
    kind, subject = str(act["subject_kind"]), str(act["subject_id"])
    if kind == TICKET and "incidents" not in sees:
        return any(order.ticket_id == subject for order in orders)
    if kind in SEEN and SEEN[kind] not in sees:
        return False
    return not counties or is_there(connection, kind, subject, counties=counties)
