"""Lay alarms and clearings that have arrived out as columns: texts as objects, instants in microseconds.

An alarm is told by `alarm_id`; alarms of one object and one meaning (the name where it has none)
have one identity. A row is stamped when the feed says since when it holds: the later stamp wins,
whatever the order of arrival.

Simple so far: the probable cause is no part of the identity; exports rarely carry it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alarms.episodes import NOT_YET, Array
from contract.errors import MissingColumnsError

NEEDED = ("alarm_id", "object_id", "raised_at", "name")
SEVERITIES = ("critical", "major", "minor", "warning", "indeterminate")
"""The worst first (ITU-T X.733, 1992, 8.1.2.3); what is none of them comes last."""
_TEXTS = (
    "alarm_id", "object_id", "name", "code", "severity", "vendor", "detail", "meaning",
    "service_effect", "extent", "rule_id", "basis", "ack_state", "ack_user",
)  # fmt: skip
_STAMPS = ("changed_at", "arrived_at")
_CLEAR_STAMPS = ("clear_arrived_at", "arrived_at")
_MIX = np.uint64(0x9E3779B97F4A7C15)


def raised_columns(raised: Any) -> dict[str, Array]:
    """Return alarms as columns of the book, one row each; `update_book` takes a slice of them too.

    Parameters
    ----------
    raised : DataFrame
        As `alarms.lifecycle.update_book` takes it.

    Returns
    -------
    dict of str to array, shape (n,)
        Texts as objects, "" where missing; instants in microseconds since 1970 (UTC), `NOT_YET`
        where missing.
    """
    count = len(raised)
    new: dict[str, Array] = {name: _texts(raised, name) for name in _TEXTS}
    new["raised_at"] = new["earliest_raised_at"] = _instants(raised["raised_at"])
    new["told_at"] = _stamps(raised, _STAMPS)
    new["is_stamped"] = new["told_at"] != NOT_YET
    delays = raised.get("filter_delay_s", pd.Series(0.0, index=raised.index))
    new["filter_delay_s"] = delays.fillna(0.0).to_numpy(dtype=np.float64)
    working = raised.get("is_engineering", pd.Series(False, index=raised.index))
    new["is_engineering"] = working.eq(True).to_numpy(dtype=np.bool_)
    new["is_changed"] = np.zeros(count, dtype=np.bool_)
    new["worst_told"] = severity_ranks(new["severity"])
    new["ack_at"] = _acknowledged_at(raised, new)
    what = np.where(np.isin(new["meaning"], ["", "unknown"]), new["name"], new["meaning"])
    new["alarm_key"] = alarm_keys(new["alarm_id"])
    new["identity"] = _keys(new["object_id"], what)
    new["slot"] = _keys(new["name"], new["detail"])
    told = _keys(new["object_id"], new["code"], new["severity"])
    new["content"] = (told * _MIX + new["slot"]) * _MIX + new["raised_at"].view(np.uint64)
    return new


def cleared_columns(cleared: Any) -> dict[str, Array]:
    """Return clearings as columns; `update_book` takes a slice of them too.

    Parameters
    ----------
    cleared : DataFrame
        As `alarms.lifecycle.update_book` takes it.

    Returns
    -------
    dict of str to array, shape (n,)
        `alarm_id`, `object_id` (objects), `cleared_at` and `clear_told_at` (microseconds).
    """
    texts = {name: _texts(cleared, name) for name in ("alarm_id", "object_id")}
    instants = {
        "cleared_at": _instants(cleared["cleared_at"]),
        "clear_told_at": _stamps(cleared, _CLEAR_STAMPS),
    }
    return texts | instants


def check_columns(table: Any, name: str, needed: tuple[str, ...]) -> None:
    """Raise MissingColumnsError where a table with rows lacks a column."""
    if table is None or not len(table):
        return
    missing = [column for column in needed if column not in table.columns]
    if missing:
        msg = f"`{name}` lacks columns {missing}; it has {list(table.columns)}. Add them."
        raise MissingColumnsError(msg)


def alarm_keys(alarm_ids: Array) -> Array:
    """Return the number by which a book finds each alarm."""
    return _keys(alarm_ids)


def severity_ranks(severities: Array) -> Array:
    """Return the position of each severity in `SEVERITIES`, their number where it is none of them.

    Examples
    --------
    >>> severity_ranks(np.array(["major", ""], dtype=object)).tolist()
    [1, 5]
    """
    ranks = {name: rank for rank, name in enumerate(SEVERITIES)}
    found = [ranks.get(text, len(SEVERITIES)) for text in severities.tolist()]
    return np.array(found, dtype=np.int8)


def last_version(versions: Mapping[str, Array]) -> dict[str, Array]:
    """Return one row for each alarm that arrived in several versions.

    What was told last holds (of equal stamps the greater content, without stamps the row that came last). Kept of all
    versions: the worst severity, the earliest raising, whether they differ, and the last acknowledgement.

    Parameters
    ----------
    versions : mapping of str to array, shape (n,)
        Columns of `raised_columns`.

    Returns
    -------
    dict of str to array, shape (m,)
        In the order of the versions that hold.
    """
    key, content = versions["alarm_key"], versions["content"]
    tie = np.where(versions["is_stamped"], content, np.arange(len(key), dtype=np.uint64))
    order = np.lexsort((tie, versions["told_at"], key))
    starts = np.flatnonzero(np.r_[True, key[order][1:] != key[order][:-1]])
    holds = order[np.r_[starts[1:], len(order)] - 1]
    told = content[order]
    differs = np.maximum.reduceat(told, starts) != np.minimum.reduceat(told, starts)
    acknowledged = np.lexsort((versions["ack_at"], key))[np.r_[starts[1:], len(order)] - 1]
    last = {name: values[holds] for name, values in versions.items()}
    for name in ("ack_at", "ack_state", "ack_user"):
        last[name] = versions[name][acknowledged]
    last["worst_told"] = np.minimum.reduceat(versions["worst_told"][order], starts)
    last["earliest_raised_at"] = np.minimum.reduceat(versions["earliest_raised_at"][order], starts)
    changed = np.logical_or.reduceat(versions["is_changed"][order], starts)
    last["is_changed"] = changed | differs
    arrival = np.argsort(holds)
    return {name: values[arrival] for name, values in last.items()}


def _acknowledged_at(raised: Any, new: Mapping[str, Array]) -> Array:
    """Return when each alarm was acknowledged or not any more: as told, else with the row that says so."""
    at = _stamps(raised, ("ack_at",))
    fallback = np.where(new["told_at"] == NOT_YET, new["raised_at"], new["told_at"])
    return np.where((at == NOT_YET) & (new["ack_state"] != ""), fallback, at)


def _keys(*columns: Array) -> Array:
    """Return one number per row for the texts in columns."""
    total = np.zeros(len(columns[0]), dtype=np.uint64)
    for texts in columns:
        # Multiplying between columns tells ("a", "b") from ("b", "a").
        total = total * _MIX + pd.util.hash_array(texts, categorize=False)
    return total


def _texts(table: Any, name: str) -> Array:
    """Return a column as texts, empty where missing."""
    if name not in table.columns:
        return np.full(len(table), "", dtype=object)
    return np.asarray(table[name].astype("str").fillna("").to_numpy(dtype=object), dtype=object)


def _instants(column: Any) -> Array:
    """Return a column of instants in microseconds."""
    return np.asarray(column.to_numpy(dtype="datetime64[us]").view(np.int64))


def _stamps(table: Any, names: tuple[str, ...]) -> Array:
    """Return the first instant given of some columns."""
    stamps = np.full(len(table), NOT_YET)
    for name in names:
        if name in table.columns:
            stamps = np.where(stamps == NOT_YET, _instants(table[name]), stamps)
    return stamps
