"""Read the way of work orders: states, what leads from one to the next, limits of time, what makes one urgent.

It is data (`work_order_process.toml`), for every operator has its own; a file that could strand a work
order is refused.

Simple so far: one way for all kinds of work orders; limits run by the clock, nights and holidays included.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contract.errors import InputError

PROCESS_FILE = Path(__file__).with_name("work_order_process.toml")
NEW, WORKING, WAITING, ANSWERED, DONE = "new", "working", "waiting", "answered", "done"
Phase = Literal["new", "working", "waiting", "answered", "done"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=60)]
MovingAct = Literal["acknowledge", "assign", "reply_sent", "close", "reopen"]


class Row(BaseModel):
    """A row of the file: nothing unknown stands in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Worded(Row):
    """What has a name in Chinese and English."""

    zh: Text
    en: Text

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.en


class OrderState(Worded):
    """A state: its phase, and whether it is counted how often a work order comes to it."""

    phase: Phase
    counts: bool = False


class OrderWay(Row):
    """A way from states (by name or phase) to others; `needs_text`: only with a reason."""

    begins: tuple[str, ...] = Field(alias="from", min_length=1)
    to: tuple[Name, ...] = Field(min_length=1)
    needs_text: bool = False


class OrderLimit(Row):
    """Limits of time for work orders with one of some escalations: to accept (T1), to answer (T2)."""

    name: Worded
    escalations: tuple[Name, ...] = Field(alias="for")
    accept_min: float = Field(gt=0, le=100_000)
    solve_h: float = Field(gt=0, le=10_000)
    source: Text | str
    verified: bool


class Escalation(Worded):
    """What makes a work order urgent: words in its text, or what the text was read to say."""

    words: tuple[str, ...] = ()
    read: Literal["", "is_group", "is_repeat", "is_escalated"] = ""

    def is_said(self, text: str) -> bool:
        """Tell whether one of the words stands in a text."""
        return any(re.search(word, text) for word in self.words)


class OrderProcess(Row):
    """The way of work orders, checked: every name is known, and no state has no way to the end.

    `closed_by_feed` is the state of a work order that the operator's own system reported closed; a work order that
    `group_households` numbers of one place complain about is a group's; the customer is called back within
    `call_back_h`; a limit is near from `near_min` before it. `shifts` begin at these times of day.
    """

    first: Name
    closed_by_feed: Name
    group_households: int = Field(ge=2, le=1000)
    call_back_h: float = Field(gt=0, le=1000)
    near_min: float = Field(ge=0, le=10_000)
    shifts: tuple[dt.time, ...] = Field(min_length=1, max_length=24)
    source: str
    verified: bool
    states: Mapping[Name, OrderState]
    ways: tuple[OrderWay, ...]
    acts: Mapping[MovingAct, Name]
    limits: tuple[OrderLimit, ...] = Field(min_length=1)
    escalations: Mapping[Name, Escalation]

    @model_validator(mode="after")
    def _sound(self) -> OrderProcess:
        """Refuse names that are not known and states without a way to the end."""
        named = {self.first, self.closed_by_feed, *self.acts.values()}
        named |= {state for way in self.ways for state in way.to}
        _known(named, self.states, "states")
        phases = {state.phase for state in self.states.values()}
        _known({one for way in self.ways for one in way.begins}, {*self.states, *phases}, "states")
        _known({one for row in self.limits for one in row.escalations}, self.escalations, "limits")
        if self.limits[-1].escalations:
            raise ValueError("the last of [[limits]] must hold for all: `for = []`")
        if self.states[self.closed_by_feed].phase != DONE:
            raise ValueError("`closed_by_feed` must be a state whose phase is done")
        if list(self.shifts) != sorted(set(self.shifts)):
            raise ValueError("`shifts` must be times of a day, each later than the one before")
        stranded = sorted(set(self.states) - self._ending())
        if stranded:
            msg = f"no way leads from {stranded} to a state whose phase is done"
            raise ValueError(msg)
        for word in (word for one in self.escalations.values() for word in one.words):
            re.compile(word)
        return self

    def _ending(self) -> set[str]:
        """Return the states from which a way leads to the end."""
        ending = {name for name, state in self.states.items() if state.phase == DONE}
        while True:
            more = {name for name in self.states if ending & set(self.ways_from(name))} - ending
            if not more:
                return ending
            ending |= more

    def ways_from(self, state: str) -> dict[str, bool]:
        """Return the states that a state may be followed by, each with whether a reason is needed."""
        found: dict[str, bool] = {}
        for way in self.ways:
            if state in way.begins or self.states[state].phase in way.begins:
                for to in way.to:
                    if to != state:
                        found[to] = way.needs_text and found.get(to, True)
        return found

    def shift_at(self, moment: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
        """Return when the shift of a moment began and when the next begins, by the clock of the moment's zone.

        Examples
        --------
        >>> began, ends = load_process().shift_at(dt.datetime(2026, 3, 2, 9, 30))
        >>> f"{began:%d %H:%M}", f"{ends:%d %H:%M}"
        ('02 08:00', '02 16:00')
        """
        days = [moment.date() + dt.timedelta(days=n) for n in (-1, 0, 1)]
        begins = [
            dt.datetime.combine(day, time, tzinfo=moment.tzinfo)
            for day in days
            for time in self.shifts
        ]
        return max(b for b in begins if b <= moment), min(b for b in begins if b > moment)

    def limit_of(self, escalations: frozenset[str]) -> OrderLimit:
        """Return the limits of a work order with some escalations."""
        return next(
            row for row in self.limits if not row.escalations or escalations & {*row.escalations}
        )

    def urgency(self, escalations: frozenset[str]) -> int:
        """Return the rank of the most urgent escalation, 0 the most urgent; the number of them for none."""
        ranks = [rank for rank, name in enumerate(self.escalations) if name in escalations]
        return min(ranks, default=len(self.escalations))


@cache
def load_process(path: Path | None = None) -> OrderProcess:
    """Return the way of work orders; a user's file takes the place of ours.

    Raises
    ------
    InputError
        If the file can't be read, or something in it is wrong: each is named.

    Examples
    --------
    >>> load_process().states["accepted"].zh
    '确认受理'
    >>> sorted(load_process().ways_from("called_back"))
    ['archived', 'archived_by_force', 'rejected', 'returned']
    """
    path = path or PROCESS_FILE
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"`process` must be a TOML file; {path.name}: {error}."
        raise InputError(msg) from error
    head = content.pop("process", {})
    try:
        return OrderProcess.model_validate({**head, **content})
    except (ValidationError, re.error) as error:
        msg = f"`process` can't be used; {path.name}: {_told(error)}."
        raise InputError(msg) from error


def _told(error: ValidationError | re.error) -> str:
    """Return what is wrong in one line."""
    if isinstance(error, re.error):
        return f"{error.pattern!r} is no pattern"
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg'].removeprefix('Value error, ')}"
        for one in error.errors()
    )


def _known(named: set[str], known: Any, where: str) -> None:
    """Raise where something is named that is not there."""
    if strange := sorted(named - set(known)):
        msg = f"[{where}] names {strange}, which stand nowhere in the file"
        raise ValueError(msg)
