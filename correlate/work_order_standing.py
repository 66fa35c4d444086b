"""Tell where a work order stands: its state, who has it, when what is due, from what people did to it.

The state is derived from acts each time, never kept: what was done is the truth, and an act taken back leaves no
trace. A state in which a work order sleeps (phase waiting) moves the limit to answer by as long as it slept.

Simple so far: the first person to accept a work order answers for it to the end (R5); it is shown, not enforced.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contract.errors import InputError
from correlate.work_order_process import ANSWERED, DONE, NEW, WAITING, OrderProcess

ACCEPT, SOLVE, CALL_BACK = "accept", "solve", "call_back"
MINUTE, HOUR = 60, 3600
Act = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """Where a work order stands. Times are seconds since 1970, 0 for never.

    Attributes
    ----------
    state, since
        The state and when it came to it.
    created_at, escalations
        Of the work order: what its limits depend on.
    assigned_to, first_responsible
        Who has it; who accepted it first.
    slept_s
        How long it slept, up to its last waking.
    answered_at
        When the customer was answered last.
    cause, sheet, reply
        The verdict, empty before it; the sheet written with it; what the customer was told last.
    counts
        How often it came to each state that is counted.
    """

    state: str
    since: int
    created_at: int
    escalations: frozenset[str] = frozenset()
    assigned_to: str = ""
    first_responsible: str = ""
    accepted_at: int = 0
    slept_s: int = 0
    answered_at: int = 0
    cause: str = ""
    sheet: str = ""
    reply: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """What is due next of a work order: which limit, when (seconds since 1970), the seconds left (below 0: over)."""

    kind: str
    at: int
    left_s: int
    is_near: bool

    @property
    def is_over(self) -> bool:
        """Whether the limit has passed."""
        return self.left_s < 0


def stood_at_first(
    process: OrderProcess, created_at: int, escalations: Iterable[str] = ()
) -> Standing:
    """Return where a work order stands before anybody touched it."""
    return Standing(process.first, created_at, created_at, frozenset(escalations))


def standing_of(
    process: OrderProcess,
    created_at: int,
    acts: Sequence[Act],
    *,
    escalations: Iterable[str] = (),
    closed_at: int | None = None,
) -> Standing:
    """Return where a work order stands after what people did to it, in order.

    Parameters
    ----------
    acts : sequence of mappings
        Rows of the ledger's `acts`: `at`, `who`, `kind`, `content` (JSON text or a mapping), `act_id` where known.
    closed_at : int, optional
        When the operator's own system reported it closed; it counts from then on, unless it was opened again later.
    """
    listed = [dict(act) | {"content": content_of(act)} for act in acts]
    undone = {a["content"].get("undoes") for a in listed if a["kind"] == "undo"}
    counted = [a for a in listed if a["kind"] != "undo" and a.get("act_id", "") not in undone]
    standing = stood_at_first(process, created_at, escalations)
    for act in sorted(counted, key=lambda a: int(a["at"])):
        if closed_at is not None and int(act["at"]) > closed_at:
            standing, closed_at = moved(process, standing, process.closed_by_feed, closed_at), None
        standing = _after(process, standing, act)
    if closed_at is not None:
        standing = moved(process, standing, process.closed_by_feed, closed_at)
    return standing


def content_of(act: Act) -> dict[str, Any]:
    """Return what an act carries."""
    content = act["content"]
    return dict(json.loads(content)) if isinstance(content, str) else dict(content)


def _after(process: OrderProcess, standing: Standing, act: Act) -> Standing:
    """Return where a work order stands after one act; one that leads nowhere from here moves nothing."""
    kind, content, at = str(act["kind"]), act["content"], int(act["at"])
    to = aimed_at(process, kind, content)
    if kind == "verdict":
        standing = replace(
            standing,
            cause=str(content.get("cause") or standing.cause),
            sheet=str(content.get("reply") or standing.sheet),
        )
    if to and (to == standing.state or to in process.ways_from(standing.state)):
        standing = moved(process, standing, to, at)
        if kind == "reply_sent":
            standing = replace(standing, reply=str(content.get("reply") or standing.reply))
        if kind == "assign":
            standing = replace(standing, assigned_to=str(content.get("to", "")))
        if not standing.first_responsible and process.states[to].phase not in (NEW, DONE):
            standing = replace(standing, first_responsible=str(act["who"]))
    return standing


def aimed_at(process: OrderProcess, kind: str, content: Mapping[str, Any]) -> str:
    """Return the state that an act leads to, empty where it leads to none."""
    return str(content.get("state", "")) if kind == "state" else process.acts.get(kind, "")  # type: ignore[call-overload]


def moved(process: OrderProcess, standing: Standing, to: str, at: int) -> Standing:
    """Return where a work order stands once it came to a state."""
    if to == standing.state:
        return standing
    slept = at - standing.since if process.states[standing.state].phase == WAITING else 0
    phase, counts = process.states[to].phase, dict(standing.counts)
    if process.states[to].counts:
        counts[to] = counts.get(to, 0) + 1
    is_first_answer = phase == ANSWERED and process.states[standing.state].phase != ANSWERED
    return replace(
        standing,
        state=to,
        since=at,
        slept_s=standing.slept_s + max(0, slept),
        accepted_at=standing.accepted_at or (at if phase not in (NEW, DONE) else 0),
        answered_at=at if is_first_answer else standing.answered_at,
        counts=counts,
    )


def due_of(process: OrderProcess, standing: Standing, *, now: int) -> Due | None:
    """Return what is due next of a work order, None where nothing is: it is done, or it sleeps.

    To accept (T1) while nobody did, then to answer (T2), then to call the customer back (R9).
    """
    phase = process.states[standing.state].phase
    limit = process.limit_of(standing.escalations)
    if phase in (DONE, WAITING):
        return None
    solve_at = standing.created_at + int(limit.solve_h * HOUR) + standing.slept_s
    kind, at = SOLVE, solve_at
    if phase == NEW and not standing.accepted_at:
        kind, at = ACCEPT, standing.created_at + int(limit.accept_min * MINUTE)
    elif phase == ANSWERED:
        if _was_called_back(process, standing):
            return None
        kind, at = CALL_BACK, standing.answered_at + int(process.call_back_h * HOUR)
    left = at - now
    return Due(kind, at, left, 0 <= left <= process.near_min * MINUTE)


def _was_called_back(process: OrderProcess, standing: Standing) -> bool:
    """Tell whether an answered work order needs no call any more: it is no longer in the state an answer leads to."""
    return standing.state != process.acts.get("reply_sent")


def check_ticket_act(
    process: OrderProcess, standing: Standing, kind: str, content: Mapping[str, Any]
) -> None:
    """Raise when an act may not be done to a work order that stands there.

    Raises
    ------
    InputError
        If there is no such state, no way leads to it from here, or a reason is lacking.

    Examples
    --------
    >>> from correlate.work_order_process import load_process
    >>> process = load_process()
    >>> check_ticket_act(process, stood_at_first(process, 0), "acknowledge", {})
    """
    to = aimed_at(process, kind, content)
    if not to:
        return
    if to not in process.states:
        msg = f"`state` must be one of {sorted(process.states)}; it is {to!r}."
        raise InputError(msg)
    ways = process.ways_from(standing.state)
    is_again = to == standing.state and kind in ("assign", "reply_sent")
    if to not in ways and not is_again:
        msg = f"`{kind}` leads to {to!r}; from {standing.state!r} a work order comes to {sorted(ways)}."
        raise InputError(msg)
    if ways.get(to, False) and not str(content.get("text", "")).strip():
        msg = f"`text` must give a reason to come to {to!r}; it is empty."
        raise InputError(msg)
