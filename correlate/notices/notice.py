"""Keep a notice as a thing with a life: drafted, approved, issued, revised, withdrawn, ended; every change is kept.

The functions take a notice and return a new one, with who changed it, when (seconds since 1970) and why. Whatever
drives them, the step of a run or a person at a desk, the same rules hold: only a draft is approved, only what was not
over yet is issued, revised, withdrawn or ended.

Simple so far: what a person wrote is revised by the program when cells, cause or repair change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from contract.errors import InputError
from correlate.notices.outcomes import Outcomes

DRAFTED, APPROVED, ISSUED, WITHDRAWN, ENDED = "drafted", "approved", "issued", "withdrawn", "ended"
WAITING = (DRAFTED, APPROVED)
COUNTY, PROVINCE = "county", "province"
PROGRAM = "program"
"""Who changed a notice when no person did."""


@dataclass(frozen=True, eq=False)
class Content:
    """What a notice says. Times are seconds since 1970; `sites` and `cells` are positions.

    `towns` and `places` are names, those with most users first; `services` of calls, data, texts; `real` the
    probability that there is a fault at all; `expected`, `low`, `high` complaints to come before repair, `untaught`
    those without what past notices taught, `so_far` those that had come; `severe_because` names the rule that makes it
    severe, "" for none; `scripts` by channel and language (`sms_zh`); `is_threat`: service is still there.
    """

    cause: str
    object_id: str
    cells: NDArray[np.int64]
    sites: frozenset[int]
    county: str
    towns: tuple[str, ...]
    places: tuple[str, ...]
    since: int
    due_at: int
    repair_class: str
    grade: str
    services: tuple[str, ...]
    users: float
    real: float
    expected: float
    low: float
    high: float
    untaught: float
    so_far: float
    severe_because: str
    unit: str
    scripts: Mapping[str, str]
    is_threat: bool = False

    @property
    def level(self) -> str:
        """Who is told: the county, or the province too."""
        return PROVINCE if self.severe_because else COUNTY


@dataclass(frozen=True)
class NoticeChange:
    """A change of a notice: when, what was done, by whom and why; `detail` is what was before and after.

    `due_at`, `expected`, `low`, `high` are what it said from then on.
    """

    at: int
    action: str
    who: str
    why: str
    detail: str = ""
    due_at: int = 0
    expected: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, eq=False)
class Notice:
    """A notice as it stands. Times are seconds since 1970, None where it has not come to that.

    `revision` counts revisions; `first_said` is what it said when issued; `changes` is its whole life, oldest first.
    """

    notice_id: str
    incident_id: str
    fault: int
    state: str
    content: Content
    revision: int = 0
    drafted_at: int = 0
    approved_at: int | None = None
    approved_by: str = ""
    issued_at: int | None = None
    first_said: Content | None = None
    told_at: int = 0
    over_at: int | None = None
    reason: str = ""
    changes: tuple[NoticeChange, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it was withdrawn or ended."""
        return self.state in (WITHDRAWN, ENDED)


@dataclass
class NoticeBook:
    """All notices by id, that of each fault which is not over, and how faults paused.

    `over_since` has by fault when it last seemed over, `pauses` how long that was before it came back, seconds, at the
    longest.
    """

    notices: dict[str, Notice] = field(default_factory=dict)
    open: dict[int, str] = field(default_factory=dict)
    last: dict[int, str] = field(default_factory=dict)
    over_since: dict[int, int] = field(default_factory=dict)
    pauses: dict[int, int] = field(default_factory=dict)
    outcomes: Outcomes = field(default_factory=Outcomes)

    def note_pause(self, number: int, ended_at: int | None, *, now: int) -> None:
        """Note when a fault seems over, and for how long it did once it is back."""
        if ended_at is not None:
            self.over_since[number] = ended_at
        elif number in self.over_since:
            pause = now - self.over_since.pop(number)
            self.pauses[number] = max(pause, self.pauses.get(number, 0))

    def of_fault(self, number: int) -> Notice | None:
        """Return the notice of a fault that is not over, None if there is none."""
        return self.notices[self.open[number]] if number in self.open else None

    def put(self, notice: Notice) -> Notice:
        """Keep a notice as it stands now and return it."""
        self.notices[notice.notice_id] = notice
        self.last[notice.fault] = notice.notice_id
        if notice.is_over:
            self.open.pop(notice.fault, None)
        else:
            self.open[notice.fault] = notice.notice_id
        return notice


def draft(
    notice_id: str, content: Content, *, incident_id: str, fault: int, at: int, why: str
) -> Notice:
    """Return a new notice that nobody has been told of yet."""
    new = Notice(notice_id, incident_id, fault, DRAFTED, content, drafted_at=at, told_at=at)
    return _changed(new, NoticeChange(at, DRAFTED, PROGRAM, why))


def approve(notice: Notice, *, at: int, who: str, why: str = "") -> Notice:
    """Return a draft as approved.

    Raises
    ------
    InputError
        If it is no draft.
    """
    _check(notice, (DRAFTED,), "approve")
    return _changed(
        replace(notice, state=APPROVED, approved_at=at, approved_by=who),
        NoticeChange(at, APPROVED, who, why),
    )


def issue(notice: Notice, *, at: int, who: str = PROGRAM, why: str = "") -> Notice:
    """Return a draft, approved or not, as issued; whether it may be is the caller's to know.

    Raises
    ------
    InputError
        If it was issued before or is over.
    """
    _check(notice, WAITING, "issue")
    return _changed(
        replace(notice, state=ISSUED, issued_at=at, told_at=at, first_said=notice.content),
        NoticeChange(at, ISSUED, who, why),
    )


def revise(
    notice: Notice, content: Content, *, at: int, why: str, who: str = PROGRAM, detail: str = ""
) -> Notice:
    """Return a notice that says something else from now on; a draft stays a draft, approved or not.

    Raises
    ------
    InputError
        If it is over.
    """
    _check(notice, (*WAITING, ISSUED), "revise")
    return _changed(
        replace(notice, content=content, revision=notice.revision + 1, told_at=at),
        NoticeChange(at, "revised", who, why, detail),
    )


def withdraw(notice: Notice, *, at: int, why: str, who: str = PROGRAM) -> Notice:
    """Return a notice as withdrawn: what it says is not believed any more, or should not be said.

    Raises
    ------
    InputError
        If it is over.
    """
    return _over(notice, WITHDRAWN, NoticeChange(at, WITHDRAWN, who, why))


def end(notice: Notice, *, at: int, why: str, who: str = PROGRAM) -> Notice:
    """Return a notice as ended: what it says is over.

    Raises
    ------
    InputError
        If it is over already.
    """
    return _over(notice, ENDED, NoticeChange(at, ENDED, who, why))


def _over(notice: Notice, state: str, change: NoticeChange) -> Notice:
    """Return a notice that is over."""
    _check(notice, (*WAITING, ISSUED), "close")
    return _changed(replace(notice, state=state, over_at=change.at, reason=change.why), change)


def _changed(notice: Notice, change: NoticeChange) -> Notice:
    """Return a notice with one more change, and what it says since."""
    said = notice.content
    change = replace(
        change, due_at=said.due_at, expected=said.expected, low=said.low, high=said.high
    )
    return replace(notice, changes=(*notice.changes, change))


def _check(notice: Notice, states: tuple[str, ...], action: str) -> None:
    """Raise where a notice is in none of some states."""
    if notice.state not in states:
        allowed = " or ".join(states)
        msg = f"`notice` to {action} must be {allowed}; {notice.notice_id} is {notice.state}."
        raise InputError(msg)
