"""Investigate one work order as the operators' procedure does: step by step, with what was found and what was not.

Each step keeps its finding, its window of data and the moment of asking; "not queried" differs from "nothing found".
A bundle is played once and the cases of all its tickets are kept in a casebook; asking again answers at once.

Simple so far: a time other than the default plays the bundle up to it; the cases of a whole bundle are made at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from contract.bundles import read_bundle
from contract.errors import InputError
from contract.instants import parse_instants
from contract.settings import Settings
from correlate.assignment import Hypotheses, Weighed, ranked, weigh
from correlate.case.alarms import alarms_section
from correlate.case.answers import previous_section
from correlate.case.archive import build_archive
from correlate.case.casebook import (
    casebook_path,
    compressed,
    find_case,
    restored,
    save_cases,
    told_settings,
    unpacked,
)
from correlate.case.changes import around_section, changes_section
from correlate.case.counters import counters_section, seen_counters
from correlate.case.evidence import evidence_of
from correlate.case.exclusions import excluded_of
from correlate.case.findings import steps_of
from correlate.case.gathered import Gathered
from correlate.case.hidden_faults import asked_topics
from correlate.case.incident import incident_section
from correlate.case.inquiry import Desk, Inquiry, inquiry_of, iso
from correlate.case.place import neighbourhood_section, place_section
from correlate.case.questions import questions_of
from correlate.case.replies import reply_of
from correlate.case.ticket import ticket_section
from correlate.diagnosis import fault_for, hypotheses_of, object_of, serving_rows
from correlate.faults import Fault
from correlate.instants import seconds
from correlate.knowledge import Knowledge, gather
from correlate.run import play
from correlate.state import State
from correlate.tickets import Ticket


def investigate(
    folder: Path, ticket_id: str, settings: Settings, *, at: str | None = None
) -> dict[str, Any]:
    """Return the case of a ticket.

    Parameters
    ----------
    folder : Path
        The bundle.
    at : str, optional
        What was known by then; the default is the ticket's arrival plus `hold`.

    Raises
    ------
    InputError
        If the bundle holds no such ticket, or it had not arrived by `at`.
    """
    if at is not None:
        return _at(folder, ticket_id, settings, at)
    if not folder.is_dir():
        read_bundle(folder, settings)
    path = casebook_path(folder, told_settings(settings))
    case = find_case(path, ticket_id)
    if case is None:
        cases = _all_cases(folder, settings)
        save_cases(path, cases.items())
        told = cases.get(ticket_id)
        case = None if told is None else restored(told)
    if case is None:
        raise InputError(_unknown(folder, ticket_id))
    return case | {"language": settings.language}


def _unknown(folder: Path, ticket_id: str) -> str:
    """Return the message for a ticket there is not."""
    return (
        f"`ticket` {ticket_id!r} is no usable row of `complaints` in {folder.name!r}; "
        "give a ticket_id of that table (`cellcause check` lists rejected rows)."
    )


def _all_cases(folder: Path, settings: Settings) -> dict[str, bytes]:
    """Play a bundle and return the case of every ticket as it stood when it was diagnosed, compressed."""
    bundle = read_bundle(folder, settings)
    knowledge = gather(bundle.tables, settings)
    desk = Desk(knowledge, build_archive(bundle, knowledge))
    cases: dict[str, bytes] = {}

    def note(state: State, ticket: Ticket, hypotheses: Hypotheses, weighed: Weighed) -> None:
        case = case_of(state, desk, ticket, hypotheses, weighed)
        cases[ticket.ticket_id] = compressed(case)

    play(bundle, knowledge, note=note)
    return cases


def _at(folder: Path, ticket_id: str, settings: Settings, at: str) -> dict[str, Any]:
    """Return the case of a ticket with what was known at a moment."""
    moment = parse_instants(pd.Series([at], dtype="str"), settings.zone)
    if moment.isna().any():
        msg = f"`at` needs a time such as '2010-06-28 14:15:00'; {at!r} can't be read."
        raise InputError(msg)
    now = int(seconds(moment)[0])
    bundle = read_bundle(folder, settings)
    if ticket_id not in set(bundle.tables["complaints"]["ticket_id"]):
        raise InputError(_unknown(folder, ticket_id))
    knowledge = gather(bundle.tables, settings)
    state, _ = play(bundle, knowledge, until=now)
    ticket = state.tickets.get(ticket_id)
    if ticket is None:
        msg = f"`at` {at!r} is before ticket {ticket_id!r} arrived; give a later time."
        raise InputError(msg)
    desk = Desk(knowledge, build_archive(bundle, knowledge))
    return case_now(state, desk, ticket) | {"language": settings.language}


def case_now(state: State, desk: Desk, ticket: Ticket) -> dict[str, Any]:
    """Return the case of a ticket as the state has it now, diagnosed or not, its series as lists.

    Of a ticket that is still held the cells that serve it are set to what is known now.
    """
    hypotheses = hypotheses_of(state, desk.knowledge, [ticket], now=state.now)
    weighed = weigh(ticket, hypotheses, state.background, now=state.now)
    if not ticket.diagnosed_at:
        ticket.served = weighed.served
    return unpacked(case_of(state, desk, ticket, hypotheses, weighed))


def case_of(
    state: State, desk: Desk, ticket: Ticket, hypotheses: Hypotheses, weighed: Weighed
) -> dict[str, Any]:
    """Return everything known of a ticket now, as plain data (findings are keys with values).

    The sections `ticket`, `place`, `neighbourhood`, `alarms`, `counters`, `changes` and `around` are described where
    they are made (`correlate.case_*`); `steps` in `correlate.case.findings`, `previous` in `correlate.case.answers`.
    """
    knowledge = desk.knowledge
    probability = state.calibration.corrected(weighed.causes)
    order = ranked(probability, knowledge.codes)
    carriers = [fault_for(hypotheses, weighed, position) for position, _ in order]
    causes = [
        _cause(state, knowledge, ticket, fault, (knowledge.codes[position], p))
        for (position, p), fault in zip(order, carriers, strict=True)
    ]
    inquiry = inquiry_of(
        state, desk, ticket, fault=carriers[0], cause=causes[0]["cause"], probability=probability
    )
    sections = _sections(inquiry, causes)
    why = {row["cell_id"]: row["why"] for row in sections["place"]["cells"]}
    return {
        "ticket_id": ticket.ticket_id,
        "asked_at": inquiry.iso(state.now),
        "serving_cells": [
            {k: v for k, v in row.items() if k != "ticket_id"} | {"why": why[row["cell_id"]]}
            for row in serving_rows(knowledge, [ticket])
        ],
        "causes": causes,
    } | sections


def _cause(
    state: State,
    knowledge: Knowledge,
    ticket: Ticket,
    fault: Fault | None,
    cause: tuple[str, float],
) -> dict[str, Any]:
    """Return one cause with what speaks for and against it."""
    code, p = cause
    speaks, contradicts = evidence_of(state, knowledge, ticket, fault, code)
    return {
        "cause": code,
        "probability": round(p, 4),
        "object_id": object_of(knowledge, ticket, fault, code),
        "fault_started_at": None if fault is None else iso(knowledge, fault.started_at),
        "evidence_for": speaks,
        "evidence_against": contradicts,
    }


def _sections(inquiry: Inquiry, causes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the steps of the procedure showed, and what follows from it."""
    seen = seen_counters(inquiry)
    sections: dict[str, Any] = {
        "ticket": ticket_section(inquiry),
        "place": place_section(inquiry),
        "neighbourhood": neighbourhood_section(inquiry),
        "alarms": alarms_section(inquiry),
        "counters": counters_section(inquiry, seen),
        "changes": changes_section(inquiry),
        "around": around_section(inquiry),
        "incident": incident_section(inquiry),
    }
    gathered = Gathered(inquiry, sections, seen, asked_topics(inquiry, seen), causes)
    excluded, undecided = excluded_of(gathered)
    reply, previous = reply_of(gathered), previous_section(gathered)
    questions = questions_of(gathered)
    steps = steps_of(gathered, previous=previous, reply=reply, questions=questions)
    return sections | {
        "excluded": excluded,
        "undecided": undecided,
        "steps": steps,
        "previous": previous,
        "questions": questions,
        "reply": reply,
    }
