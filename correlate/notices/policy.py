"""Decide, each step, what becomes of the notice of a fault: drafted, issued, revised, withdrawn or ended.

An outage or work that is sure is told at once, any other fault when a notice costs less than it saves, a site on its
last battery hour among them. A draft that
needs a person's word waits for it. A notice is revised when cells, cause or repair change and when a repair is overdue,
at once when it becomes severe, withdrawn when its fault proves mistaken, ended when that has been over for a while:
longer where it is sure and came back before.

Simple so far: a new time for an overdue repair is told at the next step at which something arrives; an issued notice
that becomes severe waits for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from correlate.faults import HOUR, LOSS, WORK, Fault, existence
from correlate.incidents import WITHDRAW_AT, Incident
from correlate.interception import Interception
from correlate.knowledge import Knowledge
from correlate.notices.content import area_cells, content_of, severe_because, with_new_time
from correlate.notices.notice import (
    APPROVED,
    DRAFTED,
    ISSUED,
    PROGRAM,
    WITHDRAWN,
    Content,
    Notice,
    NoticeBook,
    draft,
    end,
    issue,
    revise,
    withdraw,
)
from correlate.notices.outlook import Outlook, is_worth
from correlate.notices.rules import load_notice_rules
from correlate.state import State

MINUTE_S = 60


@dataclass(frozen=True, eq=False)
class Matter:
    """What a notice is about: a fault, its incident and what is to come of it."""

    fault: Fault
    incident: Incident
    outlook: Outlook


def review_notice(
    state: State,
    knowledge: Knowledge,
    fault: Fault,
    incident: Incident,
    *,
    outlook: Outlook,
    now: int,
) -> None:
    """Bring the notice of an incident up to date.

    Parameters
    ----------
    now : int
        Seconds since 1970.
    """
    book, matter = state.notice_book, Matter(fault, incident, outlook)
    notice = book.of_fault(fault.number)
    book.note_pause(fault.number, fault.ended_at, now=now)
    if notice is None:
        untell(state, fault.number, "withdrawn", now=now)
    if incident.ended_at is not None:
        if notice is not None:
            _close(state, fault, notice, now=now)
        return
    if notice is None:
        why = _reason_to_draft(knowledge, fault, outlook)
        if not why or _is_unwanted(state, fault):
            return
        content = content_of(knowledge, fault, incident, outlook=outlook)
        notice = book.put(
            draft(
                f"NT-{len(book.notices) + state.purged.drafts + 1:06d}",
                content,
                incident_id=incident.incident_id,
                fault=fault.number,
                at=now,
                why=why,
            )
        )
    else:
        notice = _kept_true(state, knowledge, matter, notice, now=now)
    if notice.state == APPROVED or (notice.state == DRAFTED and not _waits(knowledge, notice)):
        notice = book.put(issue(notice, at=now, why=notice.changes[0].why))
        tell(state, knowledge, incident, notice, now=now)


def wait_s(book: NoticeBook, fault: Fault) -> int:
    """Return how long a fault must be over before its notice ends, seconds; a sure one that paused before, longer."""
    rules = load_notice_rules()
    least = rules.after_clear * MINUTE_S
    if existence(fault) < rules.sure:
        return int(least)
    paused = min(rules.pause_times * book.pauses.get(fault.number, 0), rules.most_pause * HOUR)
    return int(max(least, paused))


def _reason_to_draft(knowledge: Knowledge, fault: Fault, outlook: Outlook) -> str:
    """Return why a fault should be told of, "" if it should not: `threat`, `outage`, `work` or `worth`."""
    if outlook.is_threat:
        is_due = is_worth(outlook, least=knowledge.settings.notice_min_complaints)
        return "threat" if is_due else ""
    is_sure = outlook.real >= load_notice_rules().sure
    if is_sure and fault.family in (LOSS, WORK):
        return "outage" if fault.family == LOSS else "work"
    return "worth" if is_worth(outlook, least=knowledge.settings.notice_min_complaints) else ""


def _is_unwanted(state: State, fault: Fault) -> bool:
    """Tell whether a person withdrew the last notice of a fault: it is not for the program to tell of it again."""
    book = state.notice_book
    if fault.number not in book.last or book.last[fault.number] in state.acts.wanted:
        return False
    last = book.notices[book.last[fault.number]]
    return last.state == WITHDRAWN and last.changes[-1].who != PROGRAM


def _waits(knowledge: Knowledge, notice: Notice) -> bool:
    """Tell whether a notice needs a person's word before it is issued."""
    asked = knowledge.settings.notice_approval
    return asked == "all" or (asked == "severe" and bool(notice.content.severe_because))


def _kept_true(
    state: State, knowledge: Knowledge, matter: Matter, notice: Notice, *, now: int
) -> Notice:
    """Return the notice of a fault as it should read now, revised where it says what is not so any more."""
    why, detail = _reason_to_revise(knowledge, matter, notice, now=now)
    if not why:
        return notice
    fault, outlook = matter.fault, matter.outlook
    if why in ("overdue", "repair"):
        content = with_new_time(notice.content, knowledge, outlook=outlook, so_far=fault.tickets)
    else:
        content = content_of(knowledge, fault, matter.incident, outlook=outlook)
    revised = state.notice_book.put(revise(notice, content, at=now, why=why, detail=detail))
    if revised.state == ISSUED:
        tell(state, knowledge, matter.incident, revised, now=now)
    return revised


def _reason_to_revise(
    knowledge: Knowledge, matter: Matter, notice: Notice, *, now: int
) -> tuple[str, str]:
    """Return why a notice should read otherwise, and what changed; empty texts if it should not."""
    said, rules = notice.content, load_notice_rules()
    fault, incident, outlook = matter.fault, matter.incident, matter.outlook
    if said.is_threat and not outlook.is_threat:
        return "fallen", ""
    severe = severe_because(knowledge, fault, users=incident.users)
    if severe and not said.severe_because:
        return "severe", severe
    if outlook.is_said and outlook.due_at != said.due_at:
        return "repair", ""
    if now - notice.told_at < rules.revise_after * MINUTE_S:
        return "", ""
    if changed := _other_sites(knowledge, fault, said):
        return "cells", changed
    if incident.cause != said.cause:
        return "cause", f"{said.cause} > {incident.cause}"
    if outlook.is_overdue:
        is_time = now >= min(said.due_at, notice.told_at + int(rules.renew_after * HOUR))
        return ("overdue", "") if is_time else ("", "")
    moved = abs(outlook.due_at - said.due_at) >= rules.revise_after * MINUTE_S
    return ("repair", "") if moved else ("", "")


def _other_sites(knowledge: Knowledge, fault: Fault, said: Content) -> str:
    """Return how many sites a notice named and should name, where that matters, else an empty text."""
    sites = set(knowledge.reach.site_of[area_cells(knowledge, fault)].tolist())
    has_shrunk = len(sites & said.sites) < load_notice_rules().shrunk * len(said.sites)
    return f"{len(said.sites)} > {len(sites)}" if sites - said.sites or has_shrunk else ""


def _close(state: State, fault: Fault, notice: Notice, *, now: int) -> None:
    """Close a notice: at once when its fault proves mistaken, when that has been over for a while otherwise."""
    book = state.notice_book
    if fault.is_open or existence(fault) < WITHDRAW_AT:
        book.put(withdraw(notice, at=now, why="mistaken"))
        untell(state, fault.number, "withdrawn", now=now)
    elif now >= int(fault.ended_at or now) + wait_s(book, fault):
        book.put(end(notice, at=now, why="cleared" if notice.state == ISSUED else "lapsed"))
        untell(state, fault.number, "cleared", now=now)
    else:
        return
    if notice.first_said is not None:
        first = notice.first_said
        seen = max(0.0, fault.tickets - first.so_far)
        book.outcomes.note(first.repair_class, seen=seen, expected=first.untaught)


def tell(
    state: State, knowledge: Knowledge, incident: Incident, notice: Notice, *, now: int
) -> None:
    """Issue a row of the contract's table; the one it revises is closed."""
    said = notice.content
    before = state.open_notice.get(notice.fault)
    if before is not None:
        _untell_row(before, "revised", now=now)
    row = Interception(
        interception_id=f"N-{len(state.notices) + state.purged.notices + 1:06d}",
        incident_id=incident.incident_id,
        fault=notice.fault,
        issued_at=now,
        cause=said.cause,
        object_id=said.object_id,
        cells=said.cells,
        sites=said.sites,
        users=said.users,
        expected_complaints=incident.expected_complaints,
        script=said.scripts[f"agent_{knowledge.settings.language}"],
        revises="" if before is None else before.interception_id,
        notice_id=notice.notice_id,
    )
    state.notices.append(row)
    state.open_notice[notice.fault] = row


def untell(state: State, number: int, reason: str, *, now: int) -> None:
    """Close the row of a fault that is out, if there is one: that of a notice which a person withdrew, too."""
    row = state.open_notice.pop(number, None)
    if row is not None:
        _untell_row(row, reason, now=now)


def _untell_row(row: Interception, reason: str, *, now: int) -> None:
    """Close a row of the contract's table."""
    row.valid_until, row.end_reason = now, reason
