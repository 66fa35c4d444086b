"""Word the queue of work orders: what is shown of each, filtered, in order, a page at a time.

Who may not look inside the network (an agent) is shown no causes and no incidents.

Simple so far: filters are plain equality, the search looks for each word as it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contract.causes import CAUSES, cause_name
from correlate.case.shares import percentage
from correlate.live.work_orders import NEVER_DUE, WorkOrder
from correlate.work_order_process import WAITING, OrderProcess
from dashboards.case_words import case_words, worded
from dashboards.wording import Words, load_words

WORDS_FILE = Path(__file__).with_name("queue_words.toml")
SORTS = ("due", "ticket", "place", "county", "symptom", "cause", "age", "state", "assigned")
Sort = Literal["due", "ticket", "place", "county", "symptom", "cause", "age", "state", "assigned"]
Short = Annotated[str, Field(max_length=100)]
PAGE_SIZE = 50
DAY, HOUR, MINUTE = 86400, 3600, 60


class QueueAsk(BaseModel):
    """What is asked of the queue: filters, empty for all, an order, a page from 1."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)
    county: Short = ""
    state: Short = ""
    cause: Short = ""
    escalation: Short = ""
    mine: bool = False
    overdue: bool = False
    q: Short = ""
    sort: Sort = "due"
    down: bool = False
    page: int = Field(default=1, ge=1, le=100_000)


@dataclass(frozen=True)
class QueueRow:
    """One work order as it is shown.

    `level` is of the limit: over, near, far or none; `cause` and `share` are empty where nothing is believed or the one
    who looks may not see it.
    """

    ticket_id: str
    level: str
    due_kind: str
    due: str
    due_at: int
    escalations: tuple[str, ...]
    place: str
    county: str
    symptom: str
    cause: str
    share: str
    belief: str
    incident_id: str
    age: str
    state: str
    assigned_to: str


@dataclass(frozen=True)
class QueueView:
    """The queue as it is shown: one page of rows, counts of all that may be seen, and what filters offer."""

    rows: tuple[QueueRow, ...]
    found: int
    counts: Mapping[str, int]
    page: int
    pages: int
    counties: tuple[str, ...]
    states: tuple[tuple[str, str], ...]
    causes: tuple[tuple[str, str], ...]
    escalations: tuple[tuple[str, str], ...]

    @property
    def first(self) -> int:
        """The place of the first row shown, from 1; 0 for none."""
        return (self.page - 1) * PAGE_SIZE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The place of the last row shown."""
        return (self.page - 1) * PAGE_SIZE + len(self.rows)


def queue_words(language: str) -> Words:
    """Return the words of the queue in a language."""
    return load_words(WORDS_FILE, language)


@dataclass(frozen=True)
class Sight:
    """How somebody (`me`) sees work orders at a moment; `sees_inside`: whether causes and incidents are shown."""

    process: OrderProcess
    now: int
    language: str
    me: str = ""
    sees_inside: bool = True

    def row(self, order: WorkOrder) -> QueueRow:
        """Return a work order as it is shown."""
        ticket, standing, due = order.ticket, order.standing, order.due
        words = queue_words(self.language)
        cause = str(ticket["cause"] or "") if self.sees_inside else ""
        belief = words["belief"]["final" if order.is_final else "provisional"]
        return QueueRow(
            ticket_id=order.ticket_id,
            level=level_of(order),
            due_kind="" if due is None else words["due"][due.kind],
            due=self.due(order, words),
            due_at=NEVER_DUE if due is None else due.at,
            escalations=tuple(n for c, n in self.escalations() if c in standing.escalations),
            place=str(ticket["place"] or ""),
            county=str(ticket["county"] or ""),
            symptom=worded(case_words(self.language), "symptom", ticket["symptom"]),
            cause=self.cause_name(cause) if cause else "",
            share=percentage(float(ticket["probability"])) if cause else "",
            belief=belief if cause else "",
            incident_id=str(ticket["incident_id"] or "") if self.sees_inside else "",
            age=duration(self.now - int(ticket["created_at"]), words),
            state=self.state_name(standing.state),
            assigned_to=standing.assigned_to,
        )

    def due(self, order: WorkOrder, words: Words) -> str:
        """Return how long is left, or by how much the limit is over."""
        if order.due is not None:
            key = "over" if order.due.is_over else "left"
            return words["due"][key].format(time=duration(abs(order.due.left_s), words))
        is_asleep = self.process.states[order.standing.state].phase == WAITING
        return words["due"]["sleeping" if is_asleep else "nothing"]

    def escalations(self) -> tuple[tuple[str, str], ...]:
        """Return all escalations, the most urgent first: code and name."""
        listed = self.process.escalations.items()
        return tuple((name, one.name(self.language)) for name, one in listed)

    def state_name(self, state: str) -> str:
        """Return the name of a state."""
        return self.process.states[state].name(self.language)

    def cause_name(self, code: str) -> str:
        """Return the name of a cause; a code of another version stands for itself."""
        return cause_name(code, self.language) if code in CAUSES else code


def queue_view(orders: Sequence[WorkOrder], asked: QueueAsk, sight: Sight) -> QueueView:
    """Return the queue as it is shown to somebody.

    Parameters
    ----------
    orders : sequence of WorkOrder
        The open ones that may be seen, as `correlate.live.work_orders.OrderBook` gives them.
    """
    kept = [order for order in orders if _answers(order, asked, sight)]
    ordered = _sorted(kept, asked, sight)
    pages = max(1, -(-len(ordered) // PAGE_SIZE))
    page = min(max(1, asked.page), pages)
    shown = ordered[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    levels = [level_of(order) for order in orders]
    return QueueView(
        rows=tuple(sight.row(order) for order in shown),
        found=len(ordered),
        counts={"open": len(orders), "over": levels.count("over"), "near": levels.count("near")},
        page=page,
        pages=pages,
        counties=tuple(sorted({str(o.ticket["county"]) for o in orders if o.ticket["county"]})),
        states=_offered((o.standing.state for o in orders), sight.state_name),
        causes=_offered((o.ticket["cause"] for o in orders if sight.sees_inside), sight.cause_name),
        escalations=sight.escalations(),
    )


def level_of(order: WorkOrder) -> str:
    """Return how pressing the limit of a work order is: over, near, far, or none."""
    if order.due is None:
        return "none"
    return "over" if order.due.is_over else "near" if order.due.is_near else "far"


def duration(seconds: int, words: Words) -> str:
    """Return how long something lasts, in two units at most.

    Examples
    --------
    >>> [duration(s, queue_words("en")) for s in (90, 3700, 200000)]
    ['1 min', '1 h 1 min', '2 d 7 h']
    """
    seconds = max(0, seconds)
    if seconds >= DAY:
        return words["time"]["days"].format(days=seconds // DAY, hours=seconds % DAY // HOUR)
    if seconds >= HOUR:
        hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
        return words["time"]["hours"].format(hours=hours, minutes=minutes)
    return words["time"]["minutes"].format(minutes=seconds // MINUTE)


def _answers(order: WorkOrder, asked: QueueAsk, sight: Sight) -> bool:
    """Tell whether a work order answers to what is asked."""
    ticket, standing = order.ticket, order.standing
    plain = (
        (asked.county, ticket["county"]),
        (asked.state, standing.state),
        (asked.cause, ticket["cause"] if sight.sees_inside else ""),
    )
    if any(wanted and wanted != found for wanted, found in plain):
        return False
    if asked.escalation and asked.escalation not in standing.escalations:
        return False
    if asked.mine and standing.assigned_to != sight.me:
        return False
    if asked.overdue and level_of(order) != "over":
        return False
    return not asked.q or _is_found(sight.row(order), asked.q)


def _is_found(row: QueueRow, q: str) -> bool:
    """Tell whether all words looked for stand somewhere in a row."""
    told = (row.ticket_id, row.place, row.county, row.symptom, row.cause, row.incident_id)
    text = " ".join((*told, row.state, row.assigned_to, *row.escalations)).casefold()
    return all(word in text for word in q.casefold().split())


def _sorted(orders: Sequence[WorkOrder], asked: QueueAsk, sight: Sight) -> list[WorkOrder]:
    """Return work orders in the order asked for; those that are alike as by the limit."""

    def key(order: WorkOrder) -> Any:
        """Return what a work order is put in order by."""
        if asked.sort == "age":
            return int(order.ticket["created_at"])
        row = sight.row(order)
        if asked.sort == "cause":
            return (row.cause == "", row.cause, -float(order.ticket["probability"] or 0))
        told = {"ticket": row.ticket_id, "assigned": row.assigned_to}.get(asked.sort)
        return str(getattr(row, asked.sort)) if told is None else told

    ordered = sorted(orders, key=lambda order: order.rank)
    if asked.sort == "due":
        return ordered[::-1] if asked.down else ordered
    return sorted(ordered, key=key, reverse=asked.down)


def _offered(codes: Iterable[Any], name: Any) -> tuple[tuple[str, str], ...]:
    """Return the choices of a filter: code and name, by name."""
    found = {str(code) for code in codes if code}
    return tuple(sorted(((code, str(name(code))) for code in found), key=lambda pair: pair[1]))
