"""Investigate one work order as the operators' procedure does: step by step, with what was found and what was not.

Each step keeps its finding, its window of data and the moment of asking; "not queried" differs from "nothing found".
A bundle is played once and the cases of all its tickets are kept in a casebook; asking again answers at once.

Simple so far: a time other than the default plays the bundle up to it; the counters' usual band is told in spreads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contract.bundles import Bundle, read_bundle
from contract.errors import InputError
from contract.instants import parse_instants
from contract.settings import Settings
from correlate.assignment import Hypotheses, Weighed, ranked, weigh
from correlate.calibration import tempered
from correlate.casebook import casebook_path, find_case, save_cases, told_settings
from correlate.diagnosis import fault_for, hypotheses_of, object_of, serving_rows
from correlate.evidence import evidence_of
from correlate.exclusions import excluded_of
from correlate.faults import Fault
from correlate.findings import steps_of
from correlate.instants import seconds
from correlate.knowledge import Knowledge, gather
from correlate.replies import questions_of, reply_of
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
        save_cases(path, cases)
        case = next((c for c in cases if c["ticket_id"] == ticket_id), None)
    if case is None:
        raise InputError(_unknown(folder, ticket_id))
    return case | {"language": settings.language}


def _unknown(folder: Path, ticket_id: str) -> str:
    """Return the message for a ticket there is not."""
    return (
        f"`ticket` {ticket_id!r} is no usable row of `complaints` in {folder.name!r}; "
        "give a ticket_id of that table (`cellcause check` lists rejected rows)."
    )


def _all_cases(folder: Path, settings: Settings) -> list[dict[str, Any]]:
    """Play a bundle and return the case of every ticket as it stood when it was diagnosed."""
    bundle = read_bundle(folder, settings)
    knowledge = gather(bundle.tables, settings)
    cases: list[dict[str, Any]] = []

    def note(state: State, ticket: Ticket, hypotheses: Hypotheses, weighed: Weighed) -> None:
        cases.append(case_of(state, knowledge, ticket, hypotheses, weighed, bundle=bundle))

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
    hypotheses = hypotheses_of(state, knowledge, [ticket], now=state.now)
    weighed = weigh(ticket, hypotheses, state.background, now=state.now)
    case = case_of(state, knowledge, ticket, hypotheses, weighed, bundle=bundle)
    return case | {"language": settings.language}


def case_of(
    state: State,
    knowledge: Knowledge,
    ticket: Ticket,
    hypotheses: Hypotheses,
    weighed: Weighed,
    *,
    bundle: Bundle,
) -> dict[str, Any]:
    """Return everything known of a ticket now, as plain data (findings are keys with values)."""
    probability = tempered(weighed.causes, state.calibration.temperature)
    causes = []
    fault_first: Fault | None = None
    for rank, (position, p) in enumerate(ranked(probability, knowledge.codes), start=1):
        code = knowledge.codes[position]
        fault = fault_for(hypotheses, weighed, position)
        if rank == 1:
            fault_first = fault
        speaks, contradicts = evidence_of(state, knowledge, ticket, fault, code)
        causes.append(
            {
                "cause": code,
                "probability": round(p, 4),
                "object_id": object_of(knowledge, ticket, fault, code),
                "fault_started_at": _iso(knowledge, fault.started_at if fault else None),
                "evidence_for": speaks,
                "evidence_against": contradicts,
            }
        )
    case: dict[str, Any] = {
        "ticket_id": ticket.ticket_id,
        "asked_at": _iso(knowledge, state.now),
        "serving_cells": [
            {k: v for k, v in row.items() if k != "ticket_id"}
            for row in serving_rows(knowledge, [ticket])
        ],
        "causes": causes,
        "excluded": excluded_of(state, knowledge, ticket, fault_first, probability),
        "steps": steps_of(state, knowledge, ticket, missing=bundle.missing, causes=causes),
        "questions": questions_of(ticket, probability),
    }
    return case | {"reply": reply_of(knowledge, ticket, fault_first, causes[0])}


def _iso(knowledge: Knowledge, at: int | None) -> str | None:
    """Return an instant in the configured zone, ISO 8601 with offset."""
    if at is None or not np.isfinite(at):
        return None
    return str(pd.Timestamp(at, unit="s", tz="UTC").tz_convert(knowledge.zone).isoformat())
