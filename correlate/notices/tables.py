"""Lay out the notices, their changes and the complaints they met as tables of the daybook.

Simple so far: laid out whole at the end of a run.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from contract.daybook import DAYBOOK
from correlate.interception import Interception
from correlate.knowledge import Knowledge
from correlate.notices.matching import matched_complaints
from correlate.notices.notice import Notice
from correlate.state import State

MOST_LISTED = 300
Record = dict[str, Any]


def notice_tables(state: State, knowledge: Knowledge) -> dict[str, pd.DataFrame]:
    """Return `notices`, `notice_changes` and `notice_complaints` of the daybook."""
    book = sorted(state.notice_book.notices.values(), key=lambda n: n.notice_id)
    changes = [
        {
            **{name: getattr(change, name) for name in ("at", "action", "who", "due_at")},
            "notice_id": notice.notice_id,
            "why": change.why or None,
            "detail": change.detail or None,
            "expected": change.expected,
            "expected_low": change.low,
            "expected_high": change.high,
        }
        for notice in book
        for change in notice.changes
    ]
    changes.sort(key=lambda c: (c["at"], c["notice_id"]))
    found = matched_complaints(state, knowledge)
    return {
        "notices": _framed("notices", notice_records(state, knowledge)),
        "notice_changes": _framed("notice_changes", changes),
        "notice_complaints": _timed("notice_complaints", found),
    }


def notice_records(state: State, knowledge: Knowledge) -> list[Record]:
    """Return every notice as it stands, a record of the daybook's `notices` each, times as seconds since 1970."""
    rows: dict[str, list[Interception]] = {}
    for row in state.notices:
        rows.setdefault(row.notice_id, []).append(row)
    book = sorted(state.notice_book.notices.values(), key=lambda n: n.notice_id)
    return [_record(n, knowledge, rows.get(n.notice_id, [])) for n in book]


def _framed(name: str, records: list[Record]) -> pd.DataFrame:
    """Return records as a table of the daybook."""
    return _timed(name, pd.DataFrame(records, columns=list(DAYBOOK[name].column_names)))


def _timed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its seconds since 1970 as instants."""
    kinds = {c.name: c.kind for c in DAYBOOK[name].columns}
    instants = [column for column, kind in kinds.items() if kind == "instant"]
    turned = {
        column: pd.to_datetime(pd.to_numeric(frame[column]).astype("Int64"), unit="s", utc=True)
        for column in instants
    }
    return frame.assign(**turned)


def _record(notice: Notice, knowledge: Knowledge, rows: list[Interception]) -> Record:
    """Return a notice as a record."""
    said = notice.content
    sites = knowledge.site_ids[sorted(said.sites)]
    ids = [row.interception_id for row in rows][-MOST_LISTED:]
    same = ("county", "cause", "object_id", "since", "due_at", "repair_class", "grade", "unit")
    life = ("notice_id", "incident_id", "state", "revision", "drafted_at", "approved_at")
    return {
        **{name: getattr(notice, name) for name in (*life, "issued_at", "over_at")},
        **{name: getattr(said, name) or None for name in same},
        **said.scripts,
        "interception_ids": "|".join(ids) or None,
        "level": said.level,
        "severe_because": said.severe_because or None,
        "towns": "|".join(said.towns) or None,
        "places": "|".join(said.places) or None,
        "site_ids": "|".join(str(s) for s in sites[:MOST_LISTED]),
        "sites": len(said.sites),
        "cells": len(said.cells),
        "services": "|".join(said.services),
        "users": said.users,
        "real": said.real,
        "expected": said.expected,
        "expected_low": said.low,
        "expected_high": said.high,
        "approved_by": notice.approved_by or None,
        "reason": notice.reason or None,
    }
