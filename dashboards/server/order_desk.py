"""Give routes the book of work orders, who may see which of them, and the moment that counts.

Who may see incidents looks inside the network; who may not (an agent) sees the work orders assigned to or touched by
itself alone, without causes.

Simple so far: the process is read when the first work order is asked for; another one needs a start of the server.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from sqlalchemy import Connection, select

from contract.errors import InputError
from contract.ledger.accounts import Caller
from contract.ledger.acts import Deed
from contract.ledger.schema import STEPS
from correlate.lexicon import load_lexicon
from correlate.live.work_orders import OrderBook, WorkOrder
from correlate.work_order_process import load_process
from correlate.work_order_standing import check_ticket_act
from dashboards.queue_view import Sight
from dashboards.server.access import server_of
from dashboards.server.frame import language_of
from dashboards.server.writing import US


def book_of(request: Request) -> OrderBook:
    """Return the book of the server's work orders."""
    state, settings = request.app.state, server_of(request).settings
    if not hasattr(state, "orders"):
        state.orders = OrderBook(load_process(settings.process), load_lexicon(settings.lexicon))
    book: OrderBook = state.orders
    return book


def now_of(request: Request) -> int:
    """Return the moment that counts, seconds since 1970: the clock's, never before that of the last step."""
    server = server_of(request)
    with server.ledger.reading() as connection:
        asked = select(STEPS.c.at).order_by(STEPS.c.number.desc()).limit(1)
        reached = int(connection.execute(asked).scalar() or 0)
    return max(reached, server.writer.clock() // US)


def sight_of(request: Request, caller: Caller) -> Sight:
    """Return how a caller sees work orders now."""
    process, now = book_of(request).process, now_of(request)
    return Sight(process, now, language_of(request), caller.name, sees_inside(caller))


def sees_inside(caller: Caller) -> bool:
    """Tell whether a caller is shown causes and incidents."""
    return caller.may("incidents")


def is_seen(order: WorkOrder, caller: Caller) -> bool:
    """Tell whether a caller may see a work order of its counties."""
    return sees_inside(caller) or caller.name in order.people


def orders_seen(request: Request, connection: Connection, caller: Caller) -> Sequence[WorkOrder]:
    """Return the open work orders that a caller may see, what is due first first."""
    book, now = book_of(request), now_of(request)
    found = book.orders(connection, now=now, counties=caller.counties)
    return [order for order in found if is_seen(order, caller)]


def order_seen(
    request: Request, connection: Connection, caller: Caller, ticket_id: str
) -> WorkOrder | None:
    """Return a work order, open or done, if there is one that a caller may see."""
    book, now = book_of(request), now_of(request)
    found = book.order(connection, ticket_id, now=now, counties=caller.counties)
    return found if found is not None and is_seen(found, caller) else None


def order_objection(request: Request, connection: Connection, deed: Deed) -> str:
    """Return why a work order can't be acted on so where it stands, "" where it can."""
    book = book_of(request)
    order = book.order(connection, deed.subject_id, now=now_of(request))
    if order is None:
        return "there is no such ticket"
    try:
        check_ticket_act(book.process, order.standing, deed.kind, deed.content)
    except InputError as error:
        return str(error)
    return ""
