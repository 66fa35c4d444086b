"""Tell every change of state of an alarm, with the number of the rule that made it.

States: orphan (a clearing whose alarm has not arrived), raised, changed, flapping, muted (planned work), cleared and
clear_inferred. An acknowledgement is a flag beside the state and changes none.

The changes between two books are worked out from the books, so nothing need be noted while they are made.

Simple so far: what happened and was undone between two books is not told.
"""

from typing import Any

import numpy as np
import pandas as pd

from alarms.book import AlarmBook
from alarms.episodes import INFERRED_ENDS, NOT_YET, RULE_NUMBER, RULES, Array, Columns
from alarms.storage import BLOCK, STATE, Rows

STATES = (
    "orphan", "raised", "changed", "flapping", "muted", "cleared", "clear_inferred",
)  # fmt: skip
COLUMNS = (
    "alarm_id", "object_id", "name", "at", "known_at", "from_state", "to_state", "rule",
    "severity", "is_acknowledged", "detail",
)  # fmt: skip
_TEXTS_GIVEN = ("alarm_id", "object_id", "name", "severity", "to_state", "rule", "detail")
_SAID = ("raised_at", "ack_at", "is_changed", "content")
_STATED = (
    "raise_rule", "end_rule", "ended_at", "mute_rule", "muted_from", "muted_until", "told_at",
)  # fmt: skip
_FLAPS = (RULE_NUMBER["FLAP-1"], RULE_NUMBER["FLAP-2"])
_MUTED, _UNMUTED = RULE_NUMBER["MUTE-1"], RULE_NUMBER["MUTE-2"]
ACKNOWLEDGED = ("acknowledged", "acked", "已确认")


def states(columns: Columns) -> Array:
    """Return the state of each alarm, one of `STATES`.

    Parameters
    ----------
    columns : mapping of str to array
        Of a book: needs `raise_rule`, `end_rule`, `mute_rule`, `is_changed`.
    """
    end, mute = columns["end_rule"], columns["mute_rule"]
    return np.select(
        [
            np.isin(end, INFERRED_ENDS),
            end > 0,
            mute == _MUTED,
            np.isin(columns["raise_rule"], _FLAPS),
            columns["is_changed"],
        ],
        ["clear_inferred", "cleared", "muted", "flapping", "changed"],
        default="raised",
    ).astype(object)


def is_acknowledged(ack_states: Array) -> Array:
    """Tell which alarms are acknowledged, by the words of their feeds."""
    return np.array([text.strip().lower() in ACKNOWLEDGED for text in ack_states.tolist()], bool)


def transitions(before: AlarmBook, after: AlarmBook, now: Any) -> Any:
    """Return the changes of state between two books.

    Parameters
    ----------
    before, after : AlarmBook
        `after` made from `before`, by any number of steps.
    now : Timestamp, UTC
        When the changes became known.

    Returns
    -------
    DataFrame, one row per change, by alarm and in the order of the changes
        `alarm_id`, `object_id`, `name`, `at` (when it took place), `known_at`, `from_state` (empty
        for an alarm not known before), `to_state`, `rule` (a number of `lifecycle_rules.toml`),
        `severity`, `is_acknowledged`, `detail` (what changed).

    Examples
    --------
    >>> from alarms.lifecycle import update_book
    >>> at = pd.Timestamp("2026-03-02 10:00", tz="UTC")
    >>> raised = pd.DataFrame(
    ...     {"alarm_id": ["A1"], "object_id": ["S1"], "raised_at": [at], "name": ["Fan Stalled"]})
    >>> book = update_book(AlarmBook(), raised, None, at)
    >>> transitions(AlarmBook(), book, at)[["from_state", "to_state", "rule"]].values.tolist()
    [['', 'raised', 'RAISE-1']]
    """
    rows = _touched(before.rows, after.rows)
    new = _known(after.rows, rows)
    old, is_known = _counterparts(before.rows, new)
    waited = np.array([name in before.orphans for name in new["alarm_id"].tolist()], bool)
    first = np.where(is_known, states(old), np.where(waited, "orphan", "")).astype(object)
    parts = [
        _raisings(old, new, is_known),
        _changes(old, new),
        *_mutings(old, new),
        _endings(old, new, is_known),
        _acknowledgements(old, new),
        _orphans(before, after),
    ]
    table = pd.concat(parts, ignore_index=True)
    states_before = dict(zip(new["alarm_id"].tolist(), first.tolist(), strict=True))
    return _chained(table, states_before, now)


def _touched(before: Rows, after: Rows) -> Array:
    """Return the rows of `after` that may differ from `before`: those in blocks that are not the same any more."""
    if before.written is not after.written:
        return after.present
    is_other = np.zeros(after.count, dtype=np.bool_)
    is_other[before.count :] = True
    for name in STATE:
        for number, (one, other) in enumerate(
            zip(before.blocks[name], after.blocks[name], strict=False)
        ):
            if one is not other:
                part = is_other[number * BLOCK : (number + 1) * BLOCK]
                part |= (one != other)[: len(part)]
    rows = np.flatnonzero(is_other)
    return rows[~after.state("is_gone", rows)]


def _known(state: Rows, rows: Array) -> dict[str, Array]:
    """Return what is compared of some rows."""
    names = ("alarm_id", "alarm_key", "object_id", "name", "severity", "ack_state", *_SAID)
    return {name: state.said(name, rows) for name in names} | state.states(_STATED, rows)


def _counterparts(before: Rows, new: Columns) -> tuple[dict[str, Array], Array]:
    """Return what was known of alarms before, and of which anything was; of others a row that says nothing."""
    asked, rows = before.find(new["alarm_key"])
    found = _known(before, rows)
    is_known = np.zeros(len(new["alarm_key"]), dtype=np.bool_)
    is_known[asked] = True
    old = {}
    for name, values in found.items():
        blank: Any = "" if values.dtype == object else (NOT_YET if name.endswith("_at") else 0)
        old[name] = np.full(len(is_known), blank, dtype=values.dtype)
        old[name][asked] = values
    return old, is_known


def _raisings(old: Columns, new: Columns, is_known: Array) -> Any:
    """Return alarms raised, raised anew, or found to flap."""
    is_back = is_known & (old["ended_at"] != NOT_YET) & (new["ended_at"] == NOT_YET)
    is_meant = ~is_known | is_back | (new["raise_rule"] != old["raise_rule"])
    rules = np.array(RULES, dtype=object)[new["raise_rule"]]
    return _part(new, is_meant, at=new["raised_at"], to_state=_open_state(new), rule=rules)


def _changes(old: Columns, new: Columns) -> Any:
    """Return alarms that arrived with other content; the detail tells a change of severity."""
    is_meant = new["is_changed"] & ((new["content"] != old["content"]) | ~old["is_changed"])
    part = _part(new, is_meant, at=new["told_at"], to_state="changed", rule="CHANGE-1")
    pairs = zip(old["severity"][is_meant].tolist(), part["severity"].tolist(), strict=True)
    return part.assign(detail=[f"{a} > {b}" if a and a != b else "" for a, b in pairs])


def _mutings(old: Columns, new: Columns) -> tuple[Any, Any]:
    """Return alarms muted, and alarms muted no more."""
    is_new = new["mute_rule"] != old["mute_rule"]
    is_muted, is_loud = (
        is_new & (new["mute_rule"] == _MUTED),
        is_new & (new["mute_rule"] == _UNMUTED),
    )
    return (
        _part(new, is_muted, at=new["muted_from"], to_state="muted", rule="MUTE-1"),
        _part(new, is_loud, at=new["muted_until"], to_state=_open_state(new), rule="MUTE-2"),
    )


def _endings(old: Columns, new: Columns, is_known: Array) -> Any:
    """Return alarms that ended, or whose end is now known otherwise."""
    is_other = (new["end_rule"] != old["end_rule"]) | (new["ended_at"] != old["ended_at"])
    is_meant = (new["ended_at"] != NOT_YET) & (is_other | ~is_known)
    to_state = np.where(np.isin(new["end_rule"], INFERRED_ENDS), "clear_inferred", "cleared")
    rules = np.array(RULES, dtype=object)[new["end_rule"]]
    return _part(new, is_meant, at=new["ended_at"], to_state=to_state, rule=rules)


def _acknowledgements(old: Columns, new: Columns) -> Any:
    """Return acknowledgements; they change no state, which stays empty here."""
    is_meant = (new["ack_at"] != old["ack_at"]) & (new["ack_at"] != NOT_YET)
    rules = np.where(is_acknowledged(new["ack_state"]), "ACK-1", "ACK-2")
    return _part(new, is_meant, at=new["ack_at"], to_state="", rule=rules)


def _open_state(columns: Columns) -> Array:
    """Return the state of alarms while they are in force and not muted."""
    return np.where(np.isin(columns["raise_rule"], _FLAPS), "flapping", "raised")


def _orphans(before: AlarmBook, after: AlarmBook) -> Any:
    """Return clearings that now wait for their alarm."""
    names = sorted(after.orphans.keys() - before.orphans.keys())
    at = np.array([after.orphans[name][0] for name in names], dtype=np.int64)
    blank = np.full(len(names), "", dtype=object)
    told = dict.fromkeys(("object_id", "name", "severity", "ack_state"), blank)
    columns = {"alarm_id": np.array(names, dtype=object), **told}
    every = np.ones(len(names), dtype=np.bool_)
    return _part(columns, every, at=at, to_state="orphan", rule="ORPHAN-1")


def _part(columns: Columns, is_meant: Array, *, at: Array, to_state: Any, rule: Any) -> Any:
    """Return changes of one kind as a table."""
    kept = np.flatnonzero(is_meant)
    count = len(is_meant)
    table = {name: columns[name][kept] for name in ("alarm_id", "object_id", "name", "severity")}
    return pd.DataFrame(
        {
            **table,
            "at": pd.DatetimeIndex(at[kept].view("datetime64[us]"), tz="UTC"),
            "to_state": np.broadcast_to(np.asarray(to_state, dtype=object), count)[kept],
            "rule": np.broadcast_to(np.asarray(rule, dtype=object), count)[kept],
            "is_acknowledged": is_acknowledged(columns["ack_state"][kept]),
            "detail": "",
        }
    )


def _chained(table: Any, states_before: dict[str, str], now: Any) -> Any:
    """Return changes by alarm, each with the state before it."""
    table = table.astype(dict.fromkeys(_TEXTS_GIVEN, "str"))
    ordered = table.sort_values("alarm_id", kind="stable", ignore_index=True)
    names = ordered["alarm_id"].tolist()
    first = pd.Series([states_before.get(name, "") for name in names], dtype="str")
    reached = ordered["to_state"].where(ordered["to_state"] != "")
    by_alarm = ordered["alarm_id"]
    held = reached.groupby(by_alarm).ffill()
    ordered["from_state"] = held.groupby(by_alarm).shift().fillna(first).astype("str")
    ordered["to_state"] = held.fillna(first).astype("str")
    ordered["known_at"] = pd.Timestamp(now).as_unit("us")
    return ordered[list(COLUMNS)]
