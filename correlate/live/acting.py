"""Tell whether an act of somebody can be meant: its subject is there, and what it names belongs to it.

What stands in the ledger may have moved on before the step takes the act; the step has the last word.

Simple so far: an incident belongs to the county where most of its users are, as it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from contract.acts import INCIDENT, NOTICE, TICKET
from contract.ledger.acts import Deed
from contract.ledger.county_scope import of_counties
from contract.ledger.schema import (
    ACT_OUTCOMES,
    ACTS,
    INCIDENTS,
    NOTICE_SHEETS,
    TICKETS,
    VERSIONS,
)
from correlate.acts.book import DONE, REFUSED, UNDONE
from correlate.acts.taking import EFFECTIVE

SUBJECTS: dict[str, tuple[Table, str]] = {
    INCIDENT: (INCIDENTS, "incident_id"),
    NOTICE: (NOTICE_SHEETS, "notice_id"),
    TICKET: (TICKETS, "ticket_id"),
}
PARTS: Mapping[str, Table] = {"sites": VERSIONS, "cells": INCIDENTS}
"""Where the parts of an incident stand that a split may name."""
MOST_NAMED = 5
UNDOABLE = ("repair_time", "close", "merge", "split", "withdraw", "edit")
"""Kinds of act that can be taken back once a step took them; until then all that change anything can be."""


def is_there(
    connection: Connection, kind: str, subject_id: str, *, counties: Collection[str]
) -> bool:
    """Tell whether a subject is there for who sees some counties; none bound nothing."""
    table, key = SUBJECTS[kind]
    asked = select(table.c[key]).where(table.c[key] == subject_id, of_counties(table, counties))
    return connection.execute(asked).first() is not None


def objection(connection: Connection, deed: Deed, *, counties: Collection[str]) -> str:
    """Return why an act can't be meant, "" where it can."""
    check = {"merge": _of_merge, "split": _of_split, "undo": _of_undo}.get(deed.kind)
    return "" if check is None else check(connection, deed, counties)


def _of_merge(connection: Connection, deed: Deed, counties: Collection[str]) -> str:
    """Return why incidents can't be merged."""
    into = str(deed.content["into"])
    if into == deed.subject_id:
        return "`into` must be another incident"
    is_known = is_there(connection, INCIDENT, into, counties=counties)
    return "" if is_known else "`into`: there is no such incident"


def _of_split(connection: Connection, deed: Deed, counties: Collection[str]) -> str:
    """Return why parts can't be split off an incident: what is named must be of it, and not all of it."""
    del counties
    told = {part: _parts(connection, table, deed.subject_id, part) for part, table in PARTS.items()}
    for part, known in told.items():
        if lacking := [name for name in deed.content[part] if name not in known]:
            return f"`{part}`: {', '.join(lacking[:MOST_NAMED])} are no part of the incident"
        if known and known <= set(deed.content[part]):
            return f"`{part}`: nothing would be left of the incident"
    return ""


def _parts(connection: Connection, table: Table, incident_id: str, part: str) -> set[str]:
    """Return the sites or the cells of an incident as it was told last."""
    column = table.c["site_ids" if part == "sites" else part]
    asked = select(column).where(table.c.incident_id == incident_id)
    if table is VERSIONS:
        asked = asked.order_by(VERSIONS.c.number.desc()).limit(1)
    return set(str(connection.execute(asked).scalar() or "").split("|")) - {""}


def _of_undo(connection: Connection, deed: Deed, counties: Collection[str]) -> str:
    """Return why an act can't be taken back."""
    asked: Any = (
        select(ACTS, ACT_OUTCOMES.c.outcome)
        .join(ACT_OUTCOMES, ACT_OUTCOMES.c.act_id == ACTS.c.act_id, isouter=True)
        .where(ACTS.c.act_id == deed.content["undoes"])
        .where(ACTS.c.subject_kind == deed.subject_kind, ACTS.c.subject_id == deed.subject_id)
    )
    found = connection.execute(asked).mappings().first()
    if found is None:
        return "`undoes`: there is no such act here"
    if not may_undo(dict(found)):
        was = (
            f"it was {found['outcome']}" if found["outcome"] in (REFUSED, UNDONE) else "it can't be"
        )
        return f"`undoes`: {found['kind']} can't be taken back: {was}"
    into = json.loads(found["content"]).get("into") if found["kind"] == "merge" else None
    if into is not None and not is_there(connection, INCIDENT, into, counties=counties):
        return "`undoes`: the other incident is not yours to see"
    return ""


def may_undo(act: Mapping[str, Any]) -> bool:
    """Tell whether an act, with what the step made of it, can be taken back yet.

    Examples
    --------
    >>> may_undo({"subject_kind": "incident", "kind": "merge", "outcome": None})
    True
    >>> may_undo({"subject_kind": "incident", "kind": "reopen", "outcome": "done"})
    False
    """
    is_effect = act["kind"] in EFFECTIVE[act["subject_kind"]] and act["kind"] != "undo"
    return is_effect and (
        act["outcome"] is None or (act["outcome"] == DONE and act["kind"] in UNDOABLE)
    )
