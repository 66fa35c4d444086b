"""Hold notifications of alarms as a table: its columns, its checks, the keys that join its rows.

Simple so far: a table is held in memory as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alarms.x733 import CLEARED, severity_of
from contract.instants import INSTANT, parse_instants
from contract.spreadsheets import lost_digits

RAISE, CHANGE, ACKNOWLEDGE, UNACKNOWLEDGE, CLEAR = KINDS = (
    "raise", "change", "acknowledge", "unacknowledge", "clear",
)  # fmt: skip
"""What a notification tells, in the order in which those of one instant are taken to come."""
TEXTS = (
    "source", "alarm_id", "object_id", "part", "code", "name", "severity", "vendor", "detail",
    "event_type", "probable_cause", "ack_user", "correlated_ids",
)  # fmt: skip
INSTANTS = ("at", "raised_at", "received_at")
_KNOWN = ("kind", *TEXTS, *INSTANTS, "sequence", "root_cause", "row")

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification.

    Attributes
    ----------
    kind
        One of `KINDS`.
    at
        When it happened at the source: a datetime, or text.
    source, alarm_id, object_id, part, code, name
        Who says so, its id of the alarm, the object and the part of it, number and name.
    severity
        As `alarms.x733.severity_of` gives it; a notification `cleared` is a clearing.
    raised_at
        When the alarm was raised, where the notification says so itself.
    received_at
        When it arrived, where that is known.
    sequence
        Place among the notifications of one instant, where the source counts them.
    row
        Number of the record it came from.
    extra
        Names and texts of columns besides.
    """

    kind: str
    at: Any
    source: str = ""
    alarm_id: str = ""
    object_id: str = ""
    part: str = ""
    code: str = ""
    name: str = ""
    severity: str = ""
    vendor: str = ""
    detail: str = ""
    event_type: str = ""
    probable_cause: str = ""
    raised_at: Any = None
    received_at: Any = None
    sequence: float | None = None
    ack_user: str = ""
    root_cause: bool | None = None
    correlated_ids: str = ""
    row: int = 0
    extra: tuple[tuple[str, str], ...] = ()


def notification_table(records: Sequence[Notification]) -> pd.DataFrame:
    """Return notifications as a table, one row each, empty texts as null, extras as columns.

    Examples
    --------
    >>> notification_table([Notification("raise", "2026-03-01", name="Mains off")]).shape
    (1, 20)
    """
    columns = {}
    for field in fields(Notification):
        if field.name == "extra":
            continue
        values = [getattr(record, field.name) for record in records]
        if field.name in INSTANTS:
            columns[field.name] = pd.Series(_instants(values), dtype=INSTANT)
        elif field.name in TEXTS or field.name == "kind":
            columns[field.name] = pd.Series([value or None for value in values], dtype="str")
        else:
            kind = {"sequence": "float64", "root_cause": "boolean"}.get(field.name, "int64")
            columns[field.name] = pd.Series(values, dtype=kind)
    extras = [dict(record.extra) for record in records]
    for name in sorted({name for extra in extras for name in extra}):
        columns[name] = pd.Series([extra.get(name) or None for extra in extras], dtype="str")
    return pd.DataFrame(columns)


def checked_notifications(
    notifications: pd.DataFrame, zone: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the usable notifications, typed, and those rejected with a `reason`.

    Parameters
    ----------
    notifications : DataFrame, one row per notification, any order
        `kind` and `at`; the other fields of `Notification` and any extra column may be missing.
    zone : str
        IANA zone of times without an offset.

    Raises
    ------
    KeyError
        If `kind` or `at` is missing.
    """
    table = notifications.reset_index(drop=True)
    typed: dict[str, pd.Series] = {"kind": table["kind"].astype("str").str.strip().str.lower()}
    for name in TEXTS:
        given = table[name] if name in table else pd.Series(None, index=table.index, dtype="str")
        text = given.astype("str").str.strip()
        typed[name] = text.mask(text == "")
    for name in INSTANTS:
        given = table[name] if name in table else pd.Series(None, index=table.index, dtype="str")
        typed[name] = parse_instants(given, zone)
    typed["severity"] = _severities(typed["severity"])
    typed["sequence"] = _numbers(table, "sequence").fillna(-1.0)
    typed["root_cause"] = _flags(table)
    typed["row"] = (
        table["row"].astype("int64") if "row" in table else pd.Series(np.arange(len(table)))
    )
    extra = {name: table[name] for name in table if name not in _KNOWN}
    checked = pd.DataFrame({**typed, **extra}, index=table.index)
    is_cleared = (checked["severity"] == CLEARED) & checked["kind"].isin((RAISE, CHANGE))
    checked["kind"] = checked["kind"].mask(is_cleared, CLEAR)
    checked["severity"] = checked["severity"].mask(checked["severity"] == CLEARED)
    reason = _reasons(checked)
    is_bad = pd.notna(reason)
    rejected = notifications[is_bad].assign(reason=pd.Series(reason[is_bad], dtype="str").array)
    return checked[~is_bad].reset_index(drop=True), rejected.reset_index(drop=True)


def _instants(values: list[Any]) -> pd.Series:
    """Return datetimes as a column; texts are read as UTC where they bear no offset."""
    if any(isinstance(value, str) for value in values):
        return parse_instants(pd.Series(values, dtype="object").astype("str"), "UTC")
    return pd.Series(pd.to_datetime(pd.Series(values, dtype="object"), utc=True))


def _numbers(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of numbers; NaN where it is missing or none."""
    if name not in table:
        return pd.Series(np.nan, index=table.index)
    return pd.to_numeric(table[name], errors="coerce").astype("float64")


def _severities(words: pd.Series) -> pd.Series:
    """Return severities in the words of the contract, or `cleared`; null where they are none."""
    known = {word: severity_of(word) for word in words.dropna().unique()}
    said = words.map(known).astype("str")
    return said.mask(said == "")


def _flags(table: pd.DataFrame) -> pd.Series:
    """Return which notifications call their alarm a root cause; null where they do not say."""
    if "root_cause" not in table:
        return pd.Series(None, index=table.index, dtype="boolean")
    text = table["root_cause"].astype("str").str.lower()
    return text.map({"true": True, "1": True, "false": False, "0": False}).astype("boolean")


def _reasons(table: pd.DataFrame) -> Any:
    """Return why notifications cannot be used; null where they can."""
    reason = np.full(len(table), None, dtype=object)
    is_named = table["code"].notna() | table["name"].notna()
    is_told = table["alarm_id"].notna() | (table["object_id"].notna() & is_named)
    is_cut = _is_cut(table["object_id"]) | _is_cut(table["alarm_id"])
    checks = (
        (~table["kind"].isin(KINDS), f"kind is not one of {', '.join(KINDS)}"),
        (table["at"].isna(), "at is not a time"),
        (is_cut, "object_id or alarm_id lost digits in a spreadsheet"),
        (~is_told, "neither alarm_id nor object_id with code or name is given"),
        (
            (table["kind"] == RAISE) & (table["object_id"].isna() | ~is_named),
            "object_id, or both code and name, are missing in a raising",
        ),
    )
    for is_wrong, why in checks:
        reason[pd.isna(reason) & is_wrong.to_numpy(bool)] = why
    return reason


def _is_cut(ids: pd.Series) -> pd.Series:
    """Return which ids a spreadsheet has cut; each distinct one is looked at once."""
    codes, distinct = pd.factorize(ids)
    is_cut = np.append(np.asarray(lost_digits(pd.Series(distinct, dtype="str")), bool), False)
    return pd.Series(is_cut[codes], index=ids.index)


def identity_keys(table: pd.DataFrame) -> Keys:
    """Return the identity of the alarm of each notification: source, object, part, problem."""
    problem = table["code"].fillna(table["name"])
    return joined_keys([table["source"], table["object_id"], table["part"], problem])


def thread_keys(table: pd.DataFrame, identity: Keys) -> Keys:
    """Return what joins the notifications of one alarm: its id where it can be relied on.

    An id that raisings of different identities bear counts within its source; within a source it
    is none.
    """
    is_given = table["alarm_id"].notna().to_numpy(bool)
    is_raise = is_given & (table["kind"] == RAISE).to_numpy(bool)
    # Identities and ids must not meet by chance: one kind of key is turned round.
    keys = ~identity
    for columns in ((table["source"], table["alarm_id"]), (table["alarm_id"],)):
        by_id = joined_keys(columns)
        is_reliable = is_given & ~np.isin(by_id, _shared(by_id[is_raise], identity[is_raise]))
        keys = np.where(is_reliable, by_id, keys)
    return keys


def _shared(by_id: Keys, identity: Keys) -> Keys:
    """Return the ids that several identities bear."""
    pairs = pd.DataFrame({"id": by_id, "identity": identity}).drop_duplicates()["id"]
    return np.asarray(pairs[pairs.duplicated()].unique(), dtype=np.uint64)


def joined_keys(columns: Sequence[pd.Series]) -> Keys:
    """Return 64-bit keys of rows, the same on every machine and in every order."""
    keys = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        codes, distinct = pd.factorize(column.astype("str"))
        hashed = pd.util.hash_array(np.asarray(distinct, dtype=object), categorize=False)
        whole = np.append(hashed, np.uint64(0))[codes]
        keys = _mixed(keys ^ whole)
    return keys


def _mixed(keys: Keys) -> Keys:
    """Return keys with their bits stirred, so that the order of columns counts (SplitMix64)."""
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
