"""Carry out what people do to notices: edit, approve, issue, withdraw, and take that back.

Simple so far: what a person wrote is written anew by the program when cells, cause or repair change.
"""

from __future__ import annotations

from dataclasses import replace

from contract.ledger.acts import Deed
from correlate.acts.book import DONE, REFUSED, Done, Outcome
from correlate.knowledge import Knowledge
from correlate.notices.notice import (
    DRAFTED,
    ISSUED,
    WAITING,
    Notice,
    approve,
    issue,
    revise,
    withdraw,
)
from correlate.notices.policy import tell, untell
from correlate.state import State


def act_on_notice(state: State, knowledge: Knowledge, deed: Deed, *, now: int) -> Outcome:
    """Carry out an act on a notice (`now`: seconds since 1970)."""
    notice = state.notice_book.notices.get(deed.subject_id)
    if notice is None:
        return Outcome(REFUSED, "unknown")
    if notice.is_over:
        return Outcome(REFUSED, "notice_over")
    carry_out = {"edit": _edit, "approve": _approve, "issue": _issue, "withdraw": _withdraw}
    outcome = carry_out[deed.kind](state, knowledge, notice, deed, now)
    fault = state.faults.by_number(notice.fault)
    if fault is not None:
        fault.touch()
    return outcome


def _edit(state: State, knowledge: Knowledge, notice: Notice, deed: Deed, now: int) -> Outcome:
    """Let a notice say what somebody wrote."""
    scripts = dict(notice.content.scripts)
    if not deed.content["scripts"].keys() <= scripts.keys():
        return Outcome(REFUSED, "no_such_script")
    content = replace(notice.content, scripts=scripts | deed.content["scripts"])
    revised = revise(notice, content, at=now, why=deed.content["text"] or "edited", who=deed.who)
    state.notice_book.put(revised)
    if revised.state == ISSUED:
        tell(state, knowledge, state.incidents[notice.fault], revised, now=now)
    before = {"revision": revised.revision, "scripts": scripts}
    state.acts.done[deed.act_id] = Done(deed, before)
    return Outcome(DONE)


def _approve(state: State, knowledge: Knowledge, notice: Notice, deed: Deed, now: int) -> Outcome:
    """Approve a draft; the program issues it."""
    del knowledge
    if notice.state != DRAFTED:
        return Outcome(REFUSED, "not_draft")
    state.notice_book.put(approve(notice, at=now, who=deed.who, why=deed.content["text"]))
    return Outcome(DONE)


def _issue(state: State, knowledge: Knowledge, notice: Notice, deed: Deed, now: int) -> Outcome:
    """Issue a draft, approved or not."""
    if notice.state not in WAITING:
        return Outcome(REFUSED, "not_draft")
    issued = issue(notice, at=now, who=deed.who, why=deed.content["text"])
    state.notice_book.put(issued)
    tell(state, knowledge, state.incidents[notice.fault], issued, now=now)
    return Outcome(DONE)


def _withdraw(state: State, knowledge: Knowledge, notice: Notice, deed: Deed, now: int) -> Outcome:
    """Withdraw a notice; the program does not draft another of its fault."""
    del knowledge
    why = deed.content["text"] or "person"
    state.notice_book.put(withdraw(notice, at=now, why=why, who=deed.who))
    untell(state, notice.fault, "withdrawn", now=now)
    state.acts.done[deed.act_id] = Done(deed, {})
    return Outcome(DONE)


def undo_on_notice(state: State, knowledge: Knowledge, done: Done, deed: Deed, now: int) -> str:
    """Take an edit or a withdrawal back; return why it can't be, "" where it was."""
    notice = state.notice_book.notices[done.deed.subject_id]
    fault = state.faults.by_number(notice.fault)
    if fault is None:
        return "overtaken"
    if done.deed.kind == "withdraw":
        if state.notice_book.last.get(notice.fault) != notice.notice_id:
            return "overtaken"
        state.acts.wanted.add(notice.notice_id)
        fault.touch()
        return ""
    if notice.is_over or notice.revision != done.before["revision"]:
        return "overtaken"
    content = replace(notice.content, scripts=done.before["scripts"])
    revised = state.notice_book.put(revise(notice, content, at=now, why="undone", who=deed.who))
    if revised.state == ISSUED:
        tell(state, knowledge, state.incidents[notice.fault], revised, now=now)
    fault.touch()
    return ""
