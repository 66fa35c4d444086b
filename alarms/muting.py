"""Mute the alarms of announced work while it lasts.

A muted alarm is in force and is shown as muted; its clearing is recorded as ever. When the work is
over and the alarm is still there, it is muted no more: what goes on after the work is a fault.

Simple so far: whatever is raised on an object under work within the window is taken for the work's doing.
"""

from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import check_columns
from alarms.book import AlarmBook, microseconds
from alarms.episodes import NOT_YET, RULE_NUMBER, Array
from alarms.lifecycle_rules import MutingSettings, default_rules
from alarms.storage import Draft

_MUTED, _UNMUTED = RULE_NUMBER["MUTE-1"], RULE_NUMBER["MUTE-2"]


def with_works(
    book: AlarmBook, works: Any, now: Any, *, settings: MutingSettings | None = None
) -> AlarmBook:
    """Return the book with the alarms of announced work muted, and those it left behind muted no more.

    Parameters
    ----------
    book : AlarmBook
    works : DataFrame or None, one row per object and window
        `object_id` (the object of the work and each one below it; parts of a cell count as the
        cell), `since`, `until` (datetime64, UTC). All windows that may still matter, at each call.
    now : Timestamp, UTC
    settings : MutingSettings, optional
        Ours by default.

    Returns
    -------
    AlarmBook
        Alarms in force raised from `before_min` before a window to `after_min` after it are muted
        (rule MUTE-1) until `after_min` after it, then muted no more (MUTE-2). The same object
        where nothing changes.

    Raises
    ------
    MissingColumnsError
        If `works` has rows and lacks a column.

    Examples
    --------
    >>> from alarms.lifecycle import update_book
    >>> at = pd.Timestamp("2026-03-02 10:00", tz="UTC")
    >>> raised = pd.DataFrame(
    ...     {"alarm_id": ["A1"], "object_id": ["S1"], "raised_at": [at], "name": ["NE Is Disconnected"]})
    >>> works = pd.DataFrame({"object_id": ["S1"], "since": [at], "until": [at + pd.Timedelta("1h")]})
    >>> book = with_works(update_book(AlarmBook(), raised, None, at), works, at)
    >>> book.alarms[["is_muted", "rule"]].values.tolist()
    [[True, 'MUTE-1']]
    >>> book = with_works(book, works, at + pd.Timedelta("3h"))
    >>> book.alarms[["is_muted", "rule"]].values.tolist()
    [[False, 'MUTE-2']]
    """
    check_columns(works, "works", ("object_id", "since", "until"))
    held = book.held
    is_announced = works is not None and len(works) > 0
    if not len(held):
        return book
    known = book.rows.states(("muted_from", "muted_until", "mute_rule"), held)
    begin, end = known["muted_from"], known["muted_until"]
    if is_announced:
        used = default_rules().muting if settings is None else settings
        begin, end = _windows(book, works, used, begin=begin, end=end)
    rule = np.select(
        [end == NOT_YET, end > microseconds(now)], [0, _MUTED], default=_UNMUTED
    ).astype(np.int8)
    new = {"muted_from": begin, "muted_until": end, "mute_rule": rule}
    if all(np.array_equal(known[name], values) for name, values in new.items()):
        return book
    draft = Draft(book.rows)
    draft.put_changed(held, new)
    return AlarmBook(draft.done(), held, book.orphans, book.pruned_at)


def _windows(
    book: AlarmBook, works: Any, settings: MutingSettings, *, begin: Array, end: Array
) -> tuple[Array, Array]:
    """Return from when to when each alarm in force is muted: as known, or longer by the works."""
    objects = book.rows.said("object_id", book.held)
    names = [text.split("/", maxsplit=1)[0] for text in objects.tolist()]
    worked = set(works["object_id"].astype("str").tolist())
    under = np.array([i for i, name in enumerate(names) if name in worked], dtype=np.intp)
    if not len(under):
        return begin, end
    raised = book.rows.said("raised_at", book.held)
    asked = pd.DataFrame(
        {"object_id": [names[i] for i in under], "raised_at": raised[under], "at": under}
    )
    before, after = (
        microseconds(pd.Timedelta(minutes=m)) for m in (settings.before_min, settings.after_min)
    )
    windows = pd.DataFrame(
        {
            "object_id": works["object_id"].astype("str").to_numpy(),
            "since": _instants(works["since"]) - before,
            "until": _instants(works["until"]) + after,
        }
    )
    pairs = asked.merge(windows, on="object_id")
    pairs = pairs[(pairs["raised_at"] >= pairs["since"]) & (pairs["raised_at"] <= pairs["until"])]
    until = pairs.groupby("at")["until"].max()
    at = until.index.to_numpy(dtype=np.intp)
    begin, end = begin.copy(), end.copy()
    begin[at], end[at] = raised[at], np.maximum(end[at], until.to_numpy(dtype=np.int64))
    return begin, end


def _instants(column: Any) -> Array:
    """Return a column of instants in microseconds."""
    return np.asarray(column.to_numpy(dtype="datetime64[us]").view(np.int64))
