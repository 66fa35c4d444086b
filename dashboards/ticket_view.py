"""Word where a work order stands, what may be done to it, and what was done: the part of its page beside the case.

Simple so far: the names of people are shown as they were written.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contract.causes import CAUSES, cause_name
from contract.privacy import masked_numbers
from correlate.live.work_orders import WorkOrder
from correlate.work_order_process import DONE, OrderProcess
from correlate.work_order_standing import HOUR, MINUTE
from dashboards.queue_view import QueueRow, Sight, queue_words
from dashboards.wording import Words, load_words

WORDS_FILE = Path(__file__).with_name("ticket_words.toml")
MOVING = ("acknowledge", "assign", "close")
"""Acts that have a button of their own where a way leads to their state; one that is done is opened again by a move."""


@dataclass(frozen=True)
class DoneAct:
    """One act as it is shown: when, who, what, and what was said."""

    at: str
    who: str
    what: str
    told: str


@dataclass(frozen=True)
class Move:
    """A state that a work order may be moved to, and whether a reason must be given."""

    state: str
    name: str
    needs_text: bool


@dataclass(frozen=True)
class TicketView:
    """Where a work order stands, worded: its row of the queue, further facts, ways on, and what was done.

    `cause`, `sheet` and `reply` are what was written last, the cause the one believed before a verdict.
    """

    row: QueueRow
    facts: tuple[tuple[str, str], ...]
    moves: tuple[Move, ...]
    buttons: tuple[str, ...]
    log: tuple[DoneAct, ...]
    cause: str
    sheet: str
    reply: str
    is_done: bool


def ticket_words(language: str) -> Words:
    """Return the words of the served work order in a language."""
    return load_words(WORDS_FILE, language)


def ticket_view(
    order: WorkOrder, acts: Sequence[Mapping[str, Any]], sight: Sight, zone: ZoneInfo
) -> TicketView:
    """Return where a work order stands as somebody sees it.

    Parameters
    ----------
    acts : sequence of mappings
        Rows of the ledger's `acts` of this ticket, in order.
    zone : ZoneInfo
        In which instants are told.
    """
    standing, ways = order.standing, sight.process.ways_from(order.standing.state)
    moves = tuple(Move(state, sight.state_name(state), needs) for state, needs in ways.items())
    is_done = sight.process.states[standing.state].phase == DONE
    to = {kind: sight.process.acts.get(kind) for kind in MOVING}  # type: ignore[call-overload]
    again = () if is_done or to["assign"] != standing.state else ("assign",)
    possible = () if is_done else tuple(kind for kind in MOVING if to[kind] in ways)
    return TicketView(
        row=sight.row(order),
        facts=tuple(pair for pair in _facts(order, sight, zone) if pair[1]),
        moves=moves,
        buttons=possible + again,
        log=act_log(acts, sight, zone)[::-1],
        cause=standing.cause or (str(order.ticket["cause"] or "") if sight.sees_inside else ""),
        sheet=masked_numbers(standing.sheet),
        reply=masked_numbers(standing.reply),
        is_done=is_done,
    )


def act_log(acts: Iterable[Mapping[str, Any]], sight: Sight, zone: ZoneInfo) -> tuple[DoneAct, ...]:
    """Return what was done, worded, in order; numbers in what was written are masked."""
    words, language = queue_words(sight.language), sight.language
    done = []
    for act in acts:
        content = json.loads(act["content"]) if isinstance(act["content"], str) else act["content"]
        told = [str(content.get("to") or ""), _state(content, sight.process, language)]
        cause = str(content.get("cause") or "")
        told.append(cause_name(cause, language) if cause in CAUSES and sight.sees_inside else "")
        told += [str(content.get(name) or "") for name in ("text", "reply")]
        kind = str(act["kind"])
        done.append(
            DoneAct(
                clock_text(int(act["at"]), zone),
                str(act["who"]),
                words["act"].get(kind, kind),
                masked_numbers(" · ".join(one for one in told if one)),
            )
        )
    return tuple(done)


def clock_text(at: int, zone: ZoneInfo) -> str:
    """Return an instant (seconds since 1970) as a person reads it, empty for none.

    Examples
    --------
    >>> clock_text(0, ZoneInfo("UTC")), clock_text(1_772_419_430, ZoneInfo("Asia/Shanghai"))
    ('', '2026-03-02 10:43')
    """
    return dt.datetime.fromtimestamp(at, tz=zone).strftime("%Y-%m-%d %H:%M") if at else ""


def _state(content: Mapping[str, Any], process: OrderProcess, language: str) -> str:
    """Return the name of the state that an act names, empty where it names none."""
    state = str(content.get("state") or "")
    return process.states[state].name(language) if state in process.states else state


def _facts(order: WorkOrder, sight: Sight, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    """Yield facts of the standing: label and text, empty where there is none."""
    words, standing, ticket = ticket_words(sight.language), order.standing, order.ticket
    fact, limit = words["fact"], sight.process.limit_of(order.standing.escalations)
    created = int(ticket["created_at"])
    solve_at = created + int(limit.solve_h * HOUR) + standing.slept_s
    yield fact["number"], str(ticket["number"] or "")
    yield fact["created"], clock_text(created, zone)
    yield fact["limit"], limit.name.name(sight.language)
    yield fact["accept"], clock_text(created + int(limit.accept_min * MINUTE), zone)
    yield fact["solve"], clock_text(solve_at, zone)
    yield fact["assigned"], standing.assigned_to
    yield fact["first"], standing.first_responsible
    counts = [
        words["count"]["times"].format(name=sight.state_name(state), count=count)
        for state, count in standing.counts.items()
    ]
    if ticket["is_repeat"]:
        counts.append(words["count"]["repeat"])
    if ticket["same_as"]:
        counts.append(words["count"]["same_as"].format(ticket=ticket["same_as"]))
    yield fact["counts"], " · ".join(counts)
    if sight.sees_inside and standing.cause:
        yield fact["verdict"], sight.cause_name(standing.cause)
