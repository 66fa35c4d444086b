"""Say what to tell a caller: the notices that hold where the caller is, in the words for callers.

Simple so far: of several notices of one incident the latest is told; those that hold are all read with each question.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from contract.ledger.schema import NOTICE_SHEETS
from correlate.live.views import Row, notices

ISSUED = "issued"
LANGUAGES = ("zh", "en")
CHANNELS = ("agent", "ivr", "sms")
SAID = ("since", "due_at", "services", "towns", "places", "users", "expected")


def advice(
    connection: Connection,
    *,
    cells: Collection[str] | None = None,
    counties: Collection[str] = (),
) -> list[Row]:
    """Return what callers from some cells are told, the latest notice first.

    Parameters
    ----------
    cells : collection of str, optional
        Where the caller is served; None for everywhere.
    counties : collection of str
        Only notices of incidents of these; empty: all.

    Returns
    -------
    list of dict
        A row for each incident: notice and incident, `told` (callers so far), `words` by channel and language
        (`agent_zh`), and what the notice says: `since`, `due_at`, `services`, `towns`, `places`.
    """
    latest: dict[str, Row] = {}
    for row in notices(connection, cells=cells, counties=counties):
        latest.setdefault(str(row["incident_id"]), row)
    sheets = _sheets(connection, list(latest))
    return [_advised(row, sheets.get(incident, {})) for incident, row in latest.items()]


def _sheets(connection: Connection, incidents: Sequence[str]) -> dict[str, Row]:
    """Return what the notices of incidents say that are issued, the latest of each."""
    asked = (
        select(NOTICE_SHEETS.c.incident_id, NOTICE_SHEETS.c.content)
        .where(NOTICE_SHEETS.c.incident_id.in_(incidents), NOTICE_SHEETS.c.state == ISSUED)
        .order_by(NOTICE_SHEETS.c.issued_at, NOTICE_SHEETS.c.notice_id)
    )
    return {incident: json.loads(content) for incident, content in connection.execute(asked)}


def _advised(row: Row, sheet: Row) -> Row:
    """Return a notice in the words for callers; without a sheet there is its script alone."""
    words = {
        f"{channel}_{language}": sheet.get(f"{channel}_{language}") or row["script"] or ""
        for channel in CHANNELS
        for language in LANGUAGES
    }
    same = ("interception_id", "incident_id", "county", "area", "issued_at", "told")
    said = {name: sheet.get(name) for name in SAID}
    for name in ("services", "towns", "places"):
        said[name] = [part for part in str(said[name] or "").split("|") if part]
    return {name: row[name] for name in same} | said | {"words": words}
