"""Keep the alarms known so far: raised, changed, cleared, raised again.

An alarm is a row of the `alarms` table, known by `alarm_id`. Alarms of one object and one meaning
are one identity; occurrences of an identity that follow each other closely are one episode, kept
with its repetitions. State is worked out from the set of what has arrived, so the order of arrival,
lateness and repetition don't matter.

The rules shown with each alarm stand in `alarms.episodes`.

Simple so far: an alarm whose clearing never arrives and that is never raised again stays in force;
only counters could tell, and they are not looked at here.

References
----------
.. [1] ITU-T X.733, 1992, and 3GPP TS 32.111-2: identity of an alarm by object and problem. We leave
   out the probable cause, which exports rarely carry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from alarms.episodes import NOT_YET, Array, Columns, with_episodes
from contract.errors import MissingColumnsError

MEMORY = pd.Timedelta(days=10)
_PRUNE_EVERY = pd.Timedelta(hours=6)

_NEEDED = ("alarm_id", "object_id", "raised_at", "name")
_TEXTS = (
    "alarm_id", "object_id", "name", "code", "severity", "vendor", "detail", "meaning",
    "service_effect", "extent", "rule_id", "basis", "rule",
)  # fmt: skip
_INSTANTS = ("raised_at", "cleared_at", "ended_at", "first_raised_at", "last_raised_at")
_OTHERS = {
    "filter_delay_s": np.float64,
    "is_engineering": np.bool_,
    "repeats": np.int64,
    "is_flapping": np.bool_,
    "is_changed": np.bool_,
    "alarm_key": np.uint64,
    "identity": np.uint64,
    "slot": np.uint64,
}
_SHOWN = (*_TEXTS, *_INSTANTS, "filter_delay_s", "is_engineering", "repeats", "is_flapping")
_COMPARED = ("object_id", "name", "code", "severity", "detail", "raised_at")
# Instants are microseconds inside, so that a step of a few rows costs a few array operations.


def _empty_columns() -> Columns:
    """Return the columns of the book without a row."""
    texts = {name: np.empty(0, dtype=object) for name in _TEXTS}
    instants = {name: np.empty(0, dtype=np.int64) for name in _INSTANTS}
    others: dict[str, Array] = {name: np.empty(0, dtype=kind) for name, kind in _OTHERS.items()}
    return texts | instants | others


@dataclass(frozen=True, eq=False)
class AlarmBook:
    """The alarms known so far.

    Attributes
    ----------
    columns : mapping of str to array
        One entry per alarm, in the order of arrival; instants in microseconds since 1970, UTC.
    orphans : mapping of str to int
        Clearings, in microseconds, of alarms that have not arrived, by `alarm_id`.
    pruned_at : int
        When what is too old was last left out, in microseconds.
    """

    columns: Columns = field(default_factory=_empty_columns)
    orphans: Mapping[str, int] = field(default_factory=dict)
    pruned_at: int = NOT_YET

    def __len__(self) -> int:
        """Return the number of alarms, in force or not."""
        return len(self.columns["alarm_key"])

    @cached_property
    def alarms(self) -> Any:
        """Return all alarms known, one row per `alarm_id`.

        Returns
        -------
        DataFrame
            The columns given, and `cleared_at` (as reported), `ended_at` (as worked out; NaT
            while in force), `first_raised_at`, `last_raised_at` and `repeats` (of the episode),
            `is_flapping`, `rule`. Instants are datetime64[us, UTC]. In force, or ended not
            longer than `MEMORY` ago.
        """
        return _frame(self.columns, np.arange(len(self)))

    def in_force_columns(self) -> Columns:
        """Return the columns of the alarms in force that can touch service, by `raised_at`."""
        telling = self.columns["service_effect"] != "none"
        rows = np.flatnonzero((self.columns["ended_at"] == NOT_YET) & telling)
        order = rows[np.argsort(self.columns["raised_at"][rows], kind="stable")]
        return {name: values[order] for name, values in self.columns.items()}

    def in_force(self, *, since: Any = None) -> Any:
        """Return the alarms in force, by `raised_at`.

        Parameters
        ----------
        since : Timestamp, UTC, optional
            Return those that ended after this instant as well.

        Returns
        -------
        DataFrame
            Rows of `alarms`.
        """
        ended = self.columns["ended_at"]
        keep = (
            ended == NOT_YET
            if since is None
            else (ended == NOT_YET) | (ended > _microseconds(since))
        )
        rows = np.flatnonzero(keep)
        order = np.argsort(self.columns["raised_at"][rows], kind="stable")
        return _frame(self.columns, rows[order])


def update_book(book: AlarmBook, raised: Any, cleared: Any, now: Any) -> AlarmBook:
    """Return the book with what has just arrived.

    Parameters
    ----------
    book : AlarmBook
    raised : DataFrame, columns of `raised_columns`, or None
        Alarms that have arrived. Needs `alarm_id`, `object_id`, `raised_at` (datetime64, UTC) and
        `name`; the columns of `alarms.catalogue.read_meanings` where they have been read. Of rows
        with one `alarm_id` the last wins. A `cleared_at` here is not looked at: it may lie ahead.
    cleared : DataFrame, columns of `cleared_columns`, or None
        Clearings that have arrived: `alarm_id` and `cleared_at` (datetime64, UTC). One whose alarm
        has not arrived is kept until it does.
    now : Timestamp, UTC

    Returns
    -------
    AlarmBook
        The same object where nothing has arrived and nothing is too old.

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
    instant = _microseconds(now)
    is_due = book.pruned_at == NOT_YET or instant - book.pruned_at >= _microseconds(_PRUNE_EVERY)
    if isinstance(raised, pd.DataFrame):
        _check_columns(raised, "raised", _NEEDED)
        raised = raised_columns(raised) if len(raised) else None
    if isinstance(cleared, pd.DataFrame):
        _check_columns(cleared, "cleared", ("alarm_id", "cleared_at"))
    clearings = _clearings(cleared)
    if raised is None and not clearings:
        return _pruned(book, instant) if is_due and len(book) else book
    columns, new_keys = _with_raised(book.columns, raised)
    columns, cleared_keys, orphans = _with_cleared(columns, {**book.orphans, **clearings})
    touched = np.isin(columns["alarm_key"], np.concatenate([new_keys, cleared_keys]))
    rows = np.flatnonzero(np.isin(columns["identity"], columns["identity"][touched]))
    updated = AlarmBook(with_episodes(columns, rows), orphans, book.pruned_at)
    return _pruned(updated, instant) if is_due else updated


def _microseconds(value: Any) -> int:
    """Return a Timestamp or Timedelta in microseconds."""
    return int(value.as_unit("us").asm8.view("int64"))


def _frame(columns: Columns, rows: Array) -> Any:
    """Return rows of the book as a table."""
    table: dict[str, Any] = {}
    for name in _SHOWN:
        values = columns[name][rows]
        if name in _INSTANTS:
            table[name] = pd.DatetimeIndex(values.view("datetime64[us]"), tz="UTC")
        else:
            table[name] = pd.array(values, dtype="str") if name in _TEXTS else values
    return pd.DataFrame(table)


def _check_columns(table: Any, name: str, needed: tuple[str, ...]) -> None:
    """Raise where a table with rows lacks a column."""
    if table is None or not len(table):
        return
    missing = [column for column in needed if column not in table.columns]
    if missing:
        msg = f"`{name}` lacks columns {missing}; it has {list(table.columns)}. Add them."
        raise MissingColumnsError(msg)


def _keys(*columns: Array) -> Array:
    """Return one number per row for the texts in columns."""
    total = np.zeros(len(columns[0]), dtype=np.uint64)
    for texts in columns:
        # Multiplying between columns tells ("a", "b") from ("b", "a").
        total = total * np.uint64(0x9E3779B97F4A7C15) + pd.util.hash_array(texts, categorize=False)
    return total


def _texts(table: Any, name: str) -> Array:
    """Return a column as texts, empty where missing."""
    if name not in table.columns:
        return np.full(len(table), "", dtype=object)
    return np.asarray(table[name].astype("str").fillna("").to_numpy(dtype=object), dtype=object)


def _instants(column: Any) -> Array:
    """Return a column of instants in microseconds."""
    return np.asarray(column.to_numpy(dtype="datetime64[us]").view(np.int64))


def raised_columns(raised: Any) -> dict[str, Array]:
    """Return alarms as columns of the book, one row each; `update_book` takes a slice of them too.

    Parameters
    ----------
    raised : DataFrame
        As `update_book` takes it.
    """
    count = len(raised)
    new: dict[str, Array] = {name: _texts(raised, name) for name in _TEXTS if name != "rule"}
    new["rule"] = np.full(count, "RAISE-1", dtype=object)
    for name in _INSTANTS:
        new[name] = np.full(count, NOT_YET)
    new["raised_at"] = _instants(raised["raised_at"])
    delays = raised.get("filter_delay_s", pd.Series(0.0, index=raised.index))
    new["filter_delay_s"] = delays.fillna(0.0).to_numpy(dtype=np.float64)
    working = raised.get("is_engineering", pd.Series(False, index=raised.index))
    new["is_engineering"] = working.eq(True).to_numpy(dtype=np.bool_)
    new["repeats"] = np.ones(count, dtype=np.int64)
    new["is_flapping"] = new["is_changed"] = np.zeros(count, dtype=np.bool_)
    what = np.where(np.isin(new["meaning"], ["", "unknown"]), new["name"], new["meaning"])
    new["alarm_key"] = _keys(new["alarm_id"])
    new["identity"] = _keys(new["object_id"], what)
    new["slot"] = _keys(new["name"], new["detail"])
    return new


def _with_raised(columns: Columns, raised: Any) -> tuple[Columns, Array]:
    """Return the columns with the alarms raised, and the keys of these."""
    if raised is None:
        return columns, np.empty(0, dtype=np.uint64)
    new = _last_of_each(raised)
    is_known = np.isin(columns["alarm_key"], new["alarm_key"])
    if is_known.any():
        old = {name: values[is_known] for name, values in columns.items()}
        new = _with_reported(new, old)
        columns = {name: values[~is_known] for name, values in columns.items()}
    joined = {name: np.concatenate([values, new[name]]) for name, values in columns.items()}
    return joined, new["alarm_key"]


def cleared_columns(cleared: Any) -> dict[str, Array]:
    """Return clearings as columns: `alarm_id`, `object_id`, `cleared_at` (microseconds); slices serve as well."""
    texts = {name: _texts(cleared, name) for name in ("alarm_id", "object_id")}
    return texts | {"cleared_at": _instants(cleared["cleared_at"])}


def _last_of_each(rows: Mapping[str, Array]) -> dict[str, Array]:
    """Return the last row of each alarm, in the order given."""
    keys = rows["alarm_key"]
    if len(keys) < 2:
        return dict(rows)
    last = len(keys) - 1 - np.unique(keys[::-1], return_index=True)[1]
    kept = np.sort(last)
    return {name: values[kept] for name, values in rows.items()}


def _with_reported(new: dict[str, Array], old: Columns) -> dict[str, Array]:
    """Return alarms that have arrived again, with the clearing known and a change marked."""
    order = np.argsort(old["alarm_key"])
    at = np.searchsorted(old["alarm_key"][order], new["alarm_key"]) % len(order)
    before = {name: values[order][at] for name, values in old.items()}
    is_known = before["alarm_key"] == new["alarm_key"]
    is_other = np.any([before[name] != new[name] for name in _COMPARED], axis=0)
    return new | {
        "cleared_at": np.where(is_known, before["cleared_at"], NOT_YET),
        "is_changed": is_known & (is_other | before["is_changed"]),
    }


def _clearings(cleared: Any) -> dict[str, int]:
    """Return the last clearing of each alarm, in microseconds."""
    if cleared is None or not len(cleared):
        return {}
    if not isinstance(cleared, pd.DataFrame):
        ids, times = cleared["alarm_id"].tolist(), cleared["cleared_at"].tolist()
        return {i: at for i, at in zip(ids, times, strict=True) if at != NOT_YET}
    known = cleared[cleared["cleared_at"].notna()]
    times = _instants(known["cleared_at"]).tolist()
    return dict(zip(known["alarm_id"].astype("str").tolist(), times, strict=True))


def _with_cleared(
    columns: Columns, clearings: Mapping[str, int]
) -> tuple[Columns, Array, dict[str, int]]:
    """Return the columns with clearings, the keys of those cleared, and the clearings left over."""
    if not clearings:
        return columns, np.empty(0, dtype=np.uint64), {}
    ids = np.array(list(clearings), dtype=object)
    times = np.fromiter(clearings.values(), dtype=np.int64, count=len(ids))
    keys = _keys(ids)
    order = np.argsort(keys)
    rows = np.flatnonzero(np.isin(columns["alarm_key"], keys))
    found = columns["alarm_key"][rows]
    cleared_at = columns["cleared_at"].copy()
    cleared_at[rows] = times[order][np.searchsorted(keys[order], found)]
    left = np.flatnonzero(~np.isin(keys, found))
    orphans = {str(ids[at]): int(times[at]) for at in left}
    return {**columns, "cleared_at": cleared_at}, found, orphans


def _pruned(book: AlarmBook, instant: int) -> AlarmBook:
    """Return the book without episodes that ended longer than `MEMORY` ago."""
    columns, limit = book.columns, instant - _microseconds(MEMORY)
    is_old = (columns["ended_at"] != NOT_YET) & (columns["ended_at"] < limit)
    orphans = {name: at for name, at in book.orphans.items() if at >= limit}
    if is_old.any():
        # An episode stays whole: it goes when its last occurrence has ended long ago.
        episode = columns["identity"] ^ columns["first_raised_at"].view(np.uint64)
        keep = np.isin(episode, episode[~is_old])
        columns = {name: values[keep] for name, values in columns.items()}
    return AlarmBook(columns, orphans, instant)
