"""Bring the book of alarms up to date: what arrived, feeds gone quiet, announced work, service seen again.

Simple so far: a feed is all alarms of one maker; lists of active alarms are not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alarms.episodes import NOT_YET
from alarms.lifecycle import update_book
from alarms.lost_clearings import with_service_seen
from alarms.muting import with_works
from alarms.silence import silence_alarms, watch_feeds
from alarms.transitions import transitions
from correlate.faults import HOUR
from correlate.knowledge import Knowledge
from correlate.service_seen import NEVER, service_table
from correlate.state import Change, State

NEAR_S = 2 * HOUR
"""Windows of work that begin or ended so lately still matter to alarms."""
LISTEN_EVERY_S = 10 * 60
MICROSECONDS = 1_000_000
LOG_EVERY_S = 6 * HOUR
NAMELESS = "alarms"

Columns = Mapping[str, NDArray[Any]]


def live_on(
    state: State, knowledge: Knowledge, raised: Columns | None, cleared: Columns | None, *, now: int
) -> bool:
    """Bring the book up to date and tell whether it changed.

    Parameters
    ----------
    raised, cleared : mapping of str to array, or None
        As `alarms.lifecycle.update_book` takes them.
    now : int
        Seconds since 1970.
    """
    instant = pd.Timestamp(now, unit="s", tz="UTC")
    before = state.book
    if raised is not None or cleared is not None:
        state.book = update_book(state.book, raised, cleared, instant)
    _listen(state, raised, instant)
    works = [change for change in state.changes if _matters(change, now)]
    if works or state.had_works:
        state.book = with_works(state.book, _work_table(knowledge, works), instant)
    state.had_works = bool(works)
    if state.has_new_service:
        state.has_new_service = False
        _see_service(state, knowledge, instant)
    if now - state.logged_at >= LOG_EVERY_S:
        write_down(state, instant)
    return state.book is not before


def write_down(state: State, instant: pd.Timestamp) -> None:
    """Write down the changes of state of alarms since the last time, each with its rule."""
    changes = transitions(state.logged, state.book, instant)
    if len(changes):
        state.alarm_log.append(changes)
    state.logged, state.logged_at = state.book, int(instant.timestamp())


def _see_service(state: State, knowledge: Knowledge, instant: pd.Timestamp) -> None:
    """Infer clearings that were lost, from the service seen since an alarm that says down."""
    columns = state.book.in_force_columns(("object_id", "service_effect", "raised_at"))
    down = np.flatnonzero(columns["service_effect"] == "down")
    raised = columns["raised_at"][down] // MICROSECONDS
    network, reach, since = knowledge.network, knowledge.reach, state.service.since
    sites = set()
    for name, at in zip(columns["object_id"][down].tolist(), raised.tolist(), strict=True):
        cell = network.cell_position.get(name)
        site = network.site_position.get(name) if cell is None else int(reach.site_of[cell])
        if site is None:
            continue
        own = reach.cells_of[site] if cell is None else cell
        if np.max(since[own], initial=NEVER) >= at:
            sites.add(site)
    if not sites:
        return
    asked = np.flatnonzero(np.isin(reach.site_of, np.array(sorted(sites))))
    seen = service_table(
        state.service, asked, knowledge.cell_ids, knowledge.site_ids[reach.site_of]
    )
    state.book = with_service_seen(state.book, seen, instant)


def _listen(state: State, raised: Columns | None, instant: pd.Timestamp) -> None:
    """Watch the feeds of alarms; one gone quiet raises an alarm."""
    if raised is not None:
        makers = raised["vendor"]
        state.heard.extend((str(name) or NAMELESS, instant) for name in makers.tolist())
    now = int(instant.timestamp())
    if now - state.listened_at < LISTEN_EVERY_S:
        return
    state.listened_at = now
    arrived = pd.DataFrame(state.heard, columns=["feed", "arrived_at"]) if state.heard else None
    state.heard = []
    before, state.feeds = state.feeds, watch_feeds(state.feeds, arrived, instant)
    if not any((feeds.silent_since != NOT_YET).any() for feeds in (before, state.feeds)):
        return
    silent, heard_again = silence_alarms(before, state.feeds, instant)
    if len(silent) or len(heard_again):
        state.book = update_book(
            state.book,
            silent if len(silent) else None,
            heard_again if len(heard_again) else None,
            instant,
        )


def _matters(change: Change, now: int) -> bool:
    """Tell whether a change is work whose window is near."""
    if not change.is_work or change.until is None:
        return False
    return change.at - NEAR_S <= now <= change.until + NEAR_S


def _work_table(knowledge: Knowledge, works: list[Change]) -> pd.DataFrame | None:
    """Return the objects under work and the windows, as `alarms.muting.with_works` takes them."""
    if not works:
        return None
    rows = [
        (name, work.at, work.until) for work in works for name in _objects_under(knowledge, work)
    ]
    table = pd.DataFrame(rows, columns=["object_id", "since", "until"])
    for name in ("since", "until"):
        table[name] = pd.to_datetime(table[name], unit="s", utc=True).dt.as_unit("us")
    return table


def _objects_under(knowledge: Knowledge, work: Change) -> set[str]:
    """Return the object of a work, its cells, and the sites of which it has all cells."""
    cells = np.array(sorted(work.cells), dtype=np.int64)
    site = knowledge.reach.site_of[cells]
    sites, counts = np.unique(site, return_counts=True)
    pairs = zip(sites.tolist(), counts.tolist(), strict=True)
    whole = [s for s, count in pairs if count == len(knowledge.reach.cells_of[s])]
    names = {work.object_id, *map(str, knowledge.cell_ids[cells])}
    return names | {str(name) for name in knowledge.site_ids[np.array(whole, dtype=np.int64)]}
