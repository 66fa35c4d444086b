"""Keep the alarms known so far: raised, changed, cleared, raised again.

An alarm is a row of the `alarms` table, known by `alarm_id`. Alarms of one object and one meaning
are one identity; occurrences of an identity that follow each other closely are one episode, kept
with its repetitions and its worst severity. State is worked out from the set of what has arrived,
so the order of arrival, lateness and repetition don't matter.

The rules shown with each alarm stand in `lifecycle_rules.toml`. Clearings that never came are
inferred in `alarms.lost_clearings`; announced work is in `alarms.muting`.

Simple so far: all alarms of an identity are worked out anew when one of them is touched.

References
----------
.. [1] ITU-T X.733, 1992, and 3GPP TS 32.111-2: identity of an alarm by object and problem. We leave
   out the probable cause, which exports rarely carry.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import (
    NEEDED,
    alarm_keys,
    check_columns,
    cleared_columns,
    last_version,
    raised_columns,
)
from alarms.book import AlarmBook, microseconds, reworked
from alarms.episodes import NOT_YET, Array, Columns
from alarms.storage import CODED, PLAIN, Draft, empty_state

__all__ = ["MEMORY", "AlarmBook", "cleared_columns", "raised_columns", "update_book"]

MEMORY = pd.Timedelta(days=10)
_PRUNE_EVERY = pd.Timedelta(hours=6)
_KEPT = (
    "cleared_at", "clear_told_at", "inferred_at", "inferred_rule", "muted_from", "muted_until",
    "mute_rule",
)  # fmt: skip
"""What is known of an alarm beside what it says; it outlasts a new version."""
_SAME = (
    "content", "meaning", "service_effect", "vendor", "worst_told", "earliest_raised_at",
    "is_changed", "ack_at", "ack_state", "ack_user",
)  # fmt: skip
"""What must be equal for an alarm that arrives again to bring nothing new."""
Clearings = Mapping[str, tuple[int, int]]


def update_book(book: AlarmBook, raised: Any, cleared: Any, now: Any) -> AlarmBook:
    """Return the book with what has just arrived.

    Parameters
    ----------
    book : AlarmBook
    raised : DataFrame, columns of `raised_columns`, or None
        Alarms that have arrived. Needs `alarm_id`, `object_id`, `raised_at` (datetime64, UTC) and
        `name`; the columns of `alarms.catalogue.read_meanings` where they have been read;
        `ack_state`, `ack_at`, `ack_user` where the feed tells them. Of rows with one `alarm_id`
        that with the latest `changed_at`, else `arrived_at`, holds; without either the last to
        arrive. A `cleared_at` here is not looked at: it may lie ahead.
    cleared : DataFrame, columns of `cleared_columns`, or None
        Clearings that have arrived: `alarm_id` and `cleared_at` (datetime64, UTC). Of several the
        one with the latest `clear_arrived_at`, else `arrived_at`, holds. One whose alarm has not
        arrived is kept until it does.
    now : Timestamp, UTC

    Returns
    -------
    AlarmBook
        The same object where nothing has arrived and nothing is too old. Costs what it touches:
        see `benchmarks.alarm_book`.

    Raises
    ------
    MissingColumnsError
        If `raised` or `cleared` has rows and lacks a column.

    Examples
    --------
    >>> at = pd.Timestamp("2026-03-02 10:00", tz="UTC")
    >>> raised = pd.DataFrame(
    ...     {"alarm_id": ["A1"], "object_id": ["S1"], "raised_at": [at], "name": ["Fan Stalled"]}
    ... )
    >>> cleared = pd.DataFrame({"alarm_id": ["A1"], "cleared_at": [at + pd.Timedelta("9min")]})
    >>> book = update_book(AlarmBook(), raised, None, at)
    >>> book.alarms["rule"].tolist(), len(book.in_force())
    (['RAISE-1'], 1)
    >>> book = update_book(book, None, cleared, at + pd.Timedelta("10min"))
    >>> book.alarms["rule"].tolist(), len(book.in_force())
    (['CLEAR-1'], 0)
    """
    instant = microseconds(now)
    is_due = book.pruned_at == NOT_YET or instant - book.pruned_at >= microseconds(_PRUNE_EVERY)
    if isinstance(raised, pd.DataFrame):
        check_columns(raised, "raised", NEEDED)
        raised = raised_columns(raised) if len(raised) else None
    clearings = _clearings(cleared, instant)
    if raised is None and not clearings:
        return _pruned(book, instant) if is_due and len(book) else book
    draft = Draft(book.rows)
    ids, touched = _with_raised(draft, raised, instant)
    found, orphans = _with_cleared(draft, clearings, book.orphans, new=ids)
    updated = reworked(replace(book, orphans=orphans), draft, np.concatenate([touched, found]))
    return _pruned(updated, instant) if is_due else updated


def _with_raised(draft: Draft, raised: Any, instant: int) -> tuple[list[str], Array]:
    """Write alarms raised; return the ids written, and the rows written or replaced."""
    if raised is None:
        return [], np.empty(0, dtype=np.intp)
    told = raised["told_at"]
    new = {**raised, "told_at": np.where(told == NOT_YET, instant, told)}
    _, rows = draft.peek().find(new["alarm_key"])
    ordered = np.sort(new["alarm_key"])
    if len(rows) or (ordered[1:] == ordered[:-1]).any():
        return _with_versions(draft, np.unique(rows), new)
    return new["alarm_id"].tolist(), draft.append(new, {"told_at": new["told_at"]})


def _with_versions(draft: Draft, rows: Array, new: Columns) -> tuple[list[str], Array]:
    """Write alarms of which other versions may be known, in `rows` or among the new; return as `_with_raised`."""
    before = draft.peek()
    known = before.states((*_KEPT, "told_at"), rows)
    old = {name: before.said(name, rows) for name in (*CODED, *PLAIN)}
    old["told_at"] = known["told_at"]
    last = last_version({name: np.concatenate([old[name], new[name]]) for name in old})
    at = np.asarray(pd.Index(old["alarm_key"]).get_indexer(last["alarm_key"]))
    is_same = at >= 0
    for name in _SAME if len(rows) else ():
        is_same &= last[name] == old[name][at]
    draft.put(rows[at[is_same]], {"told_at": last["told_at"][is_same]})
    last, at = {name: values[~is_same] for name, values in last.items()}, at[~is_same]
    state = {name: values for name, values in empty_state(len(at)).items() if name in _KEPT}
    for name in _KEPT:
        state[name][at >= 0] = known[name][at[at >= 0]]
    replaced = rows[at[at >= 0]]
    draft.drop(replaced)
    written = draft.append(last, state | {"told_at": last["told_at"]})
    return last["alarm_id"].tolist(), np.concatenate([replaced, written])


def _clearings(cleared: Any, instant: int) -> Clearings:
    """Return of each alarm the clearing told last: when it was cleared and when that was told, in microseconds."""
    if isinstance(cleared, pd.DataFrame):
        check_columns(cleared, "cleared", ("alarm_id", "cleared_at"))
        cleared = cleared_columns(cleared) if len(cleared) else None
    if cleared is None:
        return {}
    at, told = cleared["cleared_at"], cleared["clear_told_at"]
    told = np.where(told == NOT_YET, instant, told)
    order = np.lexsort((at, told))
    order = order[at[order] != NOT_YET]
    pairs = zip(at[order].tolist(), told[order].tolist(), strict=True)
    return dict(zip(cleared["alarm_id"][order].tolist(), pairs, strict=True))


def _with_cleared(
    draft: Draft, clearings: Clearings, orphans: Clearings, *, new: list[str]
) -> tuple[Array, Clearings]:
    """Write clearings, those that waited for an alarm too; return the rows cleared and the clearings left over."""
    waited = [name for name in new if name in orphans] if orphans else []
    due = _later({name: orphans[name] for name in waited}, clearings)
    if not due:
        return np.empty(0, dtype=np.intp), orphans
    ids = np.array(list(due), dtype=object)
    at, told = np.array(list(due.values()), dtype=np.int64).T
    asked, rows = draft.peek().find(alarm_keys(ids))
    known = draft.peek()
    held, held_told = known.state("cleared_at", rows), known.state("clear_told_at", rows)
    is_later = told[asked] > held_told
    is_later |= (told[asked] == held_told) & (at[asked] > held)
    asked_later, rows_later = asked[is_later], rows[is_later]
    draft.put(rows_later, {"cleared_at": at[asked_later], "clear_told_at": told[asked_later]})
    is_left = np.ones(len(ids), dtype=np.bool_)
    is_left[asked] = False
    left = {name: due[name] for name in ids[is_left].tolist()}
    if not waited and not left:
        return rows_later, orphans
    kept = {name: told for name, told in orphans.items() if name not in set(waited)}
    return rows_later, _later(kept, left)


def _later(one: Clearings, other: Clearings) -> dict[str, tuple[int, int]]:
    """Return clearings of both; where both have one, that told later, then that cleared later."""
    both = {**one, **other}
    for name in one.keys() & other.keys():
        both[name] = max(one[name], other[name], key=lambda pair: pair[::-1])
    return both


def _pruned(book: AlarmBook, instant: int) -> AlarmBook:
    """Return the book without episodes that ended longer than `MEMORY` ago."""
    limit = instant - microseconds(MEMORY)
    orphans = {name: pair for name, pair in book.orphans.items() if pair[0] >= limit}
    book = replace(book, orphans=orphans, pruned_at=instant)
    rows = book.rows.present
    ended = book.rows.state("ended_at", rows)
    is_old = (ended != NOT_YET) & (ended < limit)
    if not is_old.any():
        return book
    # An episode stays whole: it goes when its last occurrence has ended long ago.
    first = book.rows.state("first_raised_at", rows).view(np.uint64)
    episode = book.rows.said("identity", rows) ^ first
    is_kept = np.isin(episode, episode[~is_old])
    held = np.flatnonzero(ended[is_kept] == NOT_YET)
    return replace(book, rows=book.rows.only(rows[is_kept]), held=held)
