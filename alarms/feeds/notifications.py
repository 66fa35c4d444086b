"""Fold a stream of notifications - raised, changed, cleared, acknowledged - into rows of alarms.

A notification belongs to the alarm of its id; where the source gives none, or gives one id to
different problems, to the alarm of its identity: source, object, part, and code or else name. A
raising while the alarm is in force changes it; one after its clearing begins a new occurrence. A
clearing whose id is unknown clears what is in force of its identity. The order of the rows,
lateness and repetition do not matter.

Simple so far: of several raisings and clearings of one alarm at one instant, without a sequence
number, one of each is believed; an acknowledgement finds its alarm by id, or by identity where no id
is given.

References
----------
.. [1] ITU-T X.733, 1992, 8.1 and 3GPP TS 32.111-2 5.3: identity, notifications and alarm id.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alarms.feeds.notification_table import (
    ACKNOWLEDGE,
    CHANGE,
    CLEAR,
    KINDS,
    RAISE,
    UNACKNOWLEDGE,
    Keys,
    checked_notifications,
    identity_keys,
    joined_keys,
    thread_keys,
)

CONTENT = (
    "object_id", "name", "code", "severity", "vendor", "detail", "received_at", "source", "part",
    "event_type", "probable_cause",
)  # fmt: skip
"""What an alarm keeps as it was first told; of all other columns the last value counts."""
_INNER = (
    "kind", "at", "alarm_id", "raised_at", "ack_user", "sequence", "row", "identity", "opens",
)  # fmt: skip
"""Columns that are not simply taken over."""
_TOLD = ("alarm_id", "object_id", "source", "part", "name", "code", "severity", "vendor", "detail")
_ORPHAN = {
    CLEAR: "cleared without having been raised",
    CHANGE: "changed without having been raised",
    ACKNOWLEDGE: "acknowledged without having been raised",
    UNACKNOWLEDGE: "acknowledgement taken back without having been raised",
}
_NONE = -1

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Folded:
    """What a stream of notifications came to.

    Attributes
    ----------
    alarms : DataFrame
        One row per alarm, by `raised_at` and `alarm_id`: the columns of the `alarms` table as
        they were when it was raised; `source`, `part`, `event_type`, `probable_cause`;
        `latest_severity`, `changed_at`, `notifications` (how many told of it), `ack_state`
        (acknowledged, unacknowledged), `ack_at`, `ack_user`; `root_cause`, `correlated_ids` and
        any other column as last told; `row` of its first notification.
    orphans : DataFrame
        Notifications of alarms that were never raised, with `reason`.
    rejected : DataFrame
        Notifications that cannot be used, with `reason`.
    used : int
        Notifications that are part of a row; used + orphans + rejected = notifications.
    """

    alarms: pd.DataFrame
    orphans: pd.DataFrame
    rejected: pd.DataFrame
    used: int


def alarm_rows(notifications: pd.DataFrame, *, zone: str = "UTC") -> Folded:
    """Return the alarms that a stream of notifications tells of.

    Parameters
    ----------
    notifications : DataFrame, one row per notification, any order
        As `alarms.feeds.notification_table.checked_notifications` takes them.
    zone : str
        IANA zone of times without an offset.

    Returns
    -------
    Folded
        `alarm_id` is the source's own, with `@` and the time it was raised where that stands for
        several; where the source gives none a key of identity and `raised_at`. `cleared_at` is
        the first clearing after the raising.

    Examples
    --------
    >>> told = pd.DataFrame({"kind": ["clear", "raise"], "object_id": "S1", "name": "Mains off",
    ...                      "at": ["2026-03-01 09:00", "2026-03-01 08:00"]})
    >>> alarm_rows(told).alarms[["raised_at", "cleared_at"]].map("{:%H:%M}".format).values.tolist()
    [['08:00', '09:00']]
    """
    table, rejected = checked_notifications(notifications, zone)
    ordered, begins = _ordered(table)
    occurrence = _occurrences(ordered, begins)
    strays = _stray_clearings(ordered, occurrence)
    is_stray = np.isin(np.arange(len(ordered)), strays["stray"])
    occurrence = _with_own_raisings(ordered, occurrence, is_taken=is_stray)
    is_used = is_stray | (occurrence != _NONE)
    orphans = ordered[~is_used].drop(columns=["identity", "opens"])
    reasons = orphans["kind"].map(_ORPHAN).astype("str")
    return Folded(
        alarms=_rows(ordered, occurrence, strays),
        orphans=orphans.assign(reason=reasons).sort_values("row", ignore_index=True),
        rejected=rejected,
        used=int(is_used.sum()),
    )


def _ordered(table: pd.DataFrame) -> tuple[pd.DataFrame, Flags]:
    """Return notifications by thread and time, and where each thread begins."""
    identity = identity_keys(table)
    thread = thread_keys(table, identity)
    order = _order(table, thread)
    ordered = table.iloc[order].reset_index(drop=True)
    ordered["identity"] = identity[order]
    begins = _changes(thread[order])
    is_raise = (ordered["kind"] == RAISE).to_numpy(bool)
    is_change = (ordered["kind"] == CHANGE).to_numpy(bool)
    could = is_raise | (is_change & _is_whole(ordered))
    # A change speaks for a raising that was lost, but only where the thread has none before it.
    told = np.cumsum(could) - could
    ordered["opens"] = is_raise | (could & (told == told[_first_of(begins)]))
    return ordered, begins


def _order(table: pd.DataFrame, thread: Keys) -> Ints:
    """Return the order of notifications by thread and time.

    A clearing and a raising of one instant leave the alarm as it was: in force, it was cleared and
    raised again; not in force, it was raised and cleared.
    """
    places = {kind: place for place, kind in enumerate(KINDS)}
    rank = table["kind"].map(places).to_numpy("int64", copy=True)
    content = joined_keys([table[name] for name in _TOLD])
    at, sequence = table["at"].astype("int64").to_numpy(), table["sequence"].to_numpy()
    order = np.lexsort((content, rank, sequence, at, thread))
    begins = _changes(thread[order])
    moment = np.cumsum(begins | _changes(at[order]) | _changes(sequence[order])) - 1
    raises, clears = rank[order] == KINDS.index(RAISE), rank[order] == KINDS.index(CLEAR)
    is_both = np.bincount(moment, raises).astype(bool) & np.bincount(moment, clears).astype(bool)
    if not is_both.any():
        return order
    is_tie = is_both[moment]
    place = np.arange(len(order))
    last = np.maximum.accumulate(np.where((raises | clears) & ~is_tie, place, _NONE))
    is_in_force = (last >= _first_of(begins)) & raises[np.maximum(last, 0)]
    rank[order[is_tie & clears & is_in_force]] = _NONE
    return np.lexsort((content, rank, sequence, at, thread))


def _changes(values: NDArray[Any]) -> Flags:
    """Return where a value differs from the one before it; the first does."""
    differs = np.ones(len(values), bool)
    differs[1:] = values[1:] != values[:-1]
    return differs


def _first_of(begins: Flags) -> Ints:
    """Return the place where the run of each row begins."""
    return np.maximum.accumulate(np.where(begins, np.arange(len(begins)), 0))


def _occurrences(ordered: pd.DataFrame, begins: Flags) -> Ints:
    """Return the occurrence that each notification belongs to by its thread; -1 for none."""
    place = np.arange(len(ordered))
    if not len(place):
        return place
    opens = ordered["opens"].to_numpy(bool)
    clears = (ordered["kind"] == CLEAR).to_numpy(bool)
    first = _first_of(begins)
    telling = np.maximum.accumulate(np.where(opens | clears, place, _NONE))
    before = np.append(_NONE, telling[:-1])
    starts = opens & ((before < first) | clears[np.maximum(before, 0)])
    latest = np.maximum.accumulate(np.where(starts, place, _NONE))
    return np.where(latest >= first, np.cumsum(starts) - 1, _NONE)


def _is_whole(table: pd.DataFrame) -> Flags:
    """Return which notifications say enough for a row of their own."""
    is_named = table["name"].notna() | table["code"].notna()
    return np.asarray((is_named & table["object_id"].notna()).to_numpy(bool))


def _stray_clearings(ordered: pd.DataFrame, occurrence: Ints) -> pd.DataFrame:
    """Return clearings of another id (`stray`), each with the raising it clears by identity (`raised`).

    An alarm in force is cleared by the first stray clearing after its raising; both as places.
    """
    clears = (ordered["kind"] == CLEAR).to_numpy(bool)
    closed = occurrence[clears & (occurrence != _NONE)]
    start = _first_places(occurrence, np.ones(len(occurrence), bool))
    places = {
        "raised": start[~np.isin(occurrence[start], closed)],
        "stray": np.flatnonzero(clears & (occurrence == _NONE)),
    }
    sides = [
        ordered.iloc[rows][["identity", "at"]].assign(**{name: rows}).sort_values("at")
        for name, rows in places.items()
    ]
    met = pd.merge_asof(*sides, on="at", by="identity", direction="forward")
    return met.dropna()[["raised", "stray"]].astype("int64").reset_index(drop=True)


def _with_own_raisings(ordered: pd.DataFrame, occurrence: Ints, *, is_taken: Flags) -> Ints:
    """Return occurrences with those that only a clearing tells of, by when it says it was raised."""
    is_told = (ordered["raised_at"] < ordered["at"]).to_numpy(bool) & _is_whole(ordered)
    is_clear = (ordered["kind"] == CLEAR).to_numpy(bool)
    own = np.flatnonzero(is_clear & is_told & ~is_taken & (occurrence == _NONE))
    alarms = ordered.iloc[own][["identity", "raised_at"]]
    number = alarms.groupby(["identity", "raised_at"], sort=False).ngroup().to_numpy("int64")
    out = occurrence.copy()
    out[own] = number + occurrence.max(initial=_NONE) + 1
    return out


def _first_places(occurrence: Ints, is_counted: Flags) -> Ints:
    """Return the place of the first counted notification of each occurrence."""
    places = np.flatnonzero(is_counted & (occurrence != _NONE))
    _, first = np.unique(occurrence[places], return_index=True)
    return places[first]


def _last_places(occurrence: Ints, is_counted: Flags) -> Ints:
    """Return the place of the last counted notification of each occurrence."""
    places = np.flatnonzero(is_counted & (occurrence != _NONE))[::-1]
    _, last = np.unique(occurrence[places], return_index=True)
    return places[last]


def _rows(ordered: pd.DataFrame, occurrence: Ints, strays: pd.DataFrame) -> pd.DataFrame:
    """Return one row per occurrence."""
    row_of = pd.Index(np.unique(occurrence[occurrence != _NONE]))

    def taken(name: str, places: Ints) -> pd.Series:
        """Return a column of some notifications, at the rows of their occurrences."""
        values = ordered[name].iloc[places]
        return pd.Series(values.array, index=occurrence[places]).reindex(row_of)

    def first(name: str, is_counted: Flags) -> pd.Series:
        """Return the first value of a column that is there."""
        return taken(name, _first_places(occurrence, is_counted & _is_given(ordered, name)))

    def last(name: str, is_counted: Flags) -> pd.Series:
        """Return the last value of a column that is there."""
        return taken(name, _last_places(occurrence, is_counted & _is_given(ordered, name)))

    any_kind = np.ones(len(ordered), bool)
    kinds = {kind: (ordered["kind"] == kind).to_numpy(bool) for kind in KINDS}
    tells = kinds[RAISE] | kinds[CHANGE]
    ack = kinds[ACKNOWLEDGE] | kinds[UNACKNOWLEDGE]
    raised_at = _raised_at(ordered, occurrence, row_of)
    changed_at = last("at", tells)
    columns = {
        "alarm_id": first("alarm_id", any_kind),
        "raised_at": raised_at,
        "cleared_at": _cleared_at(ordered, occurrence, strays, row_of=row_of),
        **{name: first(name, any_kind) for name in CONTENT},
        "latest_severity": last("severity", tells),
        "changed_at": changed_at.where(changed_at > raised_at),
        "notifications": pd.Series(np.bincount(occurrence[occurrence != _NONE]), dtype="int64"),
        "ack_state": last("kind", ack).map(
            {ACKNOWLEDGE: "acknowledged", UNACKNOWLEDGE: "unacknowledged"}
        ),
        "ack_at": last("at", ack),
        "ack_user": last("ack_user", ack),
        **{name: last(name, any_kind) for name in ordered if name not in {*_INNER, *CONTENT}},
        "row": first("row", any_kind),
    }
    return _finished(pd.DataFrame(columns, index=row_of), first("identity", any_kind))


def _is_given(ordered: pd.DataFrame, name: str) -> Flags:
    """Return where a column has a value."""
    return np.asarray(ordered[name].notna().to_numpy(bool))


def _raised_at(ordered: pd.DataFrame, occurrence: Ints, row_of: pd.Index) -> pd.Series:
    """Return when each alarm was raised: as a notification says, else when the first told of it."""
    told = ordered["raised_at"].where(ordered["raised_at"] <= ordered["at"])
    counts = (ordered["opens"] | (told.notna() & (ordered["kind"] == CLEAR))).to_numpy(bool)
    places = np.flatnonzero(counts & (occurrence != _NONE))
    instants = told.fillna(ordered["at"]).iloc[places]
    return pd.Series(instants.groupby(occurrence[places]).min()).reindex(row_of)


def _cleared_at(
    ordered: pd.DataFrame, occurrence: Ints, strays: pd.DataFrame, *, row_of: pd.Index
) -> pd.Series:
    """Return when each alarm was cleared: by the first clearing of its own, else a stray one."""
    own = _first_places(occurrence, (ordered["kind"] == CLEAR).to_numpy(bool))
    places = np.concatenate([own, strays["stray"].to_numpy("int64")])
    of = np.concatenate([occurrence[own], occurrence[strays["raised"].to_numpy("int64")]])
    return pd.Series(ordered["at"].iloc[places].array, index=of).reindex(row_of)


def _finished(rows: pd.DataFrame, identity: pd.Series) -> pd.DataFrame:
    """Return rows with a name and an id each, no id twice, in their order."""
    rows = rows.assign(name=rows["name"].fillna(rows["code"]))
    raised = rows["raised_at"].astype("int64").astype("str")
    made = joined_keys([identity.astype("str"), raised])
    keys = pd.Series(made, index=rows.index).map("N{:016x}".format).astype("str")
    rows["alarm_id"] = rows["alarm_id"].fillna(keys)
    rows = rows.sort_values(["raised_at", "alarm_id", "source", "object_id", "part"])
    is_again = rows["alarm_id"].duplicated().to_numpy(bool)
    at = rows["raised_at"].dt.strftime("@%Y%m%dT%H%M%SZ")
    rows["alarm_id"] = rows["alarm_id"].where(~is_again, rows["alarm_id"] + at)
    count = rows.groupby("alarm_id").cumcount().astype("str")
    rows["alarm_id"] = rows["alarm_id"].where(count == "0", rows["alarm_id"] + "." + count)
    return rows.sort_values(["raised_at", "alarm_id"], ignore_index=True)
