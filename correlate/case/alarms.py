"""Tell ten days of alarms of the own station, its neighbours and of what broke, by object and name.

Alarms that cannot touch service are counted by name and left out.

Simple so far: alarms of nodes above the station are told when the fault rests on them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.episodes import NOT_YET
from correlate.case.inquiry import Inquiry

TEN_DAYS_S = 10 * 86400
MOST_ROWS, MOST_SPANS, MOST_QUIET = 40, 60, 20
MICROSECONDS = 1_000_000
SEVERITIES = ("critical", "major", "minor", "warning", "indeterminate")

Ints = NDArray[np.int64]
Rows = list[int]


def alarms_section(inquiry: Inquiry) -> dict[str, Any]:
    """Return ten days of alarms, as plain data.

    Keys: `since`, `until`, `rows`, and `quiet` (alarms left out as harmless: name to count). A row: `object_id`,
    `site_id`, `role` (serving, neighbour, node), `name`, `severity`, `code`, `meaning` (its effect: down, degraded,
    threat), `reading` (key of the catalogue), `count`, `first`, `last`, `in_force`, `spans` ([from, to or None]).
    """
    columns = inquiry.state.book.columns
    mine = _of_interest(inquiry)
    is_quiet = columns["service_effect"][mine] == "none"
    quiet = Counter(columns["name"][mine[is_quiet]].tolist())
    groups: dict[tuple[str, str], Rows] = {}
    for i in mine[~is_quiet].tolist():
        groups.setdefault((columns["object_id"][i], columns["name"][i]), []).append(i)
    own = set(inquiry.own.tolist())
    rows = [_row(inquiry, key, at, own) for key, at in groups.items()]
    rows.sort(
        key=lambda r: (not r["in_force"], r["role"] != "serving", -r["count"], r["object_id"])
    )
    return {
        "since": inquiry.iso(inquiry.now - TEN_DAYS_S),
        "until": inquiry.iso(inquiry.now),
        "rows": rows[:MOST_ROWS],
        "quiet": dict(quiet.most_common(MOST_QUIET)),
    }


def _of_interest(inquiry: Inquiry) -> Ints:
    """Return the alarms of the stations around and of the fault, in the window, by their raising."""
    columns, sites = inquiry.state.book.columns, inquiry.moment.alarm_sites
    wanted = np.zeros(len(inquiry.knowledge.site_ids) + 1, bool)
    wanted[inquiry.around] = True
    mine = wanted[sites]
    if inquiry.fault is not None and inquiry.fault.alarm_ids and inquiry.fault.object_id:
        mine = mine | (columns["object_id"] == inquiry.fault.object_id)
    since = (inquiry.now - TEN_DAYS_S) * MICROSECONDS
    ended = columns["ended_at"]
    rows = np.flatnonzero(mine & ((ended == NOT_YET) | (ended >= since)))
    return rows[np.argsort(columns["raised_at"][rows], kind="stable")]


def _row(inquiry: Inquiry, key: tuple[str, str], at: Rows, own: set[int]) -> dict[str, Any]:
    """Return the alarms of one object and name as one row."""
    columns = inquiry.state.book.columns
    raised, ended = columns["raised_at"][at], columns["ended_at"][at]
    last = at[-1]
    site = int(inquiry.moment.alarm_sites[last])
    return {
        "object_id": key[0],
        "site_id": str(inquiry.knowledge.site_ids[site]) if site >= 0 else "",
        "role": "serving" if site in own else ("neighbour" if site >= 0 else "node"),
        "name": key[1],
        "severity": _worst(columns["severity"][at].tolist()),
        "code": str(columns["code"][last]),
        "meaning": str(columns["service_effect"][last]),
        "reading": str(columns["meaning"][last]),
        "count": len(at),
        "first": inquiry.iso(int(raised.min()) // MICROSECONDS),
        "last": inquiry.iso(int(raised.max()) // MICROSECONDS),
        "in_force": bool((ended == NOT_YET).any()),
        "spans": [[inquiry.iso(a), inquiry.iso(b)] for a, b in _spans(raised, ended)],
    }


def _worst(severities: list[str]) -> str:
    """Return the worst severity stated."""
    known = [SEVERITIES.index(s) for s in severities if s in SEVERITIES]
    return SEVERITIES[min(known)] if known else "indeterminate"


def _spans(raised: Ints, ended: Ints) -> list[tuple[int, int | None]]:
    """Return when alarms were in force, seconds since 1970, overlapping ones merged, at most `MOST_SPANS`."""
    merged: list[tuple[int, int | None]] = []
    for begin, end in sorted(zip(raised.tolist(), ended.tolist(), strict=True)):
        first, last = begin // MICROSECONDS, None if end == NOT_YET else end // MICROSECONDS
        held = merged[-1] if merged else None
        if held is not None and (held[1] is None or first <= held[1]):
            until = None if held[1] is None or last is None else max(held[1], last)
            merged[-1] = (held[0], until)
        else:
            merged.append((first, last))
    return _thinned(merged)


def _thinned(spans: list[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    """Join the spans with the shortest gaps between them until few enough are left."""
    if len(spans) <= MOST_SPANS:
        return spans
    gaps = np.array([b[0] - (a[1] or b[0]) for a, b in zip(spans, spans[1:], strict=False)])
    kept = np.sort(np.argsort(-gaps, kind="stable")[: MOST_SPANS - 1])
    cuts = [0, *(kept + 1).tolist(), len(spans)]
    return [(spans[a][0], spans[b - 1][1]) for a, b in zip(cuts, cuts[1:], strict=False)]


def repeated(rows: list[dict[str, Any]], *, least: int = 3) -> list[dict[str, Any]]:
    """Return the rows of own alarms that came again and again within the window."""
    return [row for row in rows if row["role"] == "serving" and row["count"] >= least]


def outages(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows in force that take service."""
    return [row for row in rows if row["in_force"] and row["meaning"] == "down"]
