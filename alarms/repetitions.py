"""Keep the statistics of alarms that come again and again: how often, how long, when.

An alarm that repeats is evidence, not noise: what is collapsed to one row keeps its count, its silences and its hours.

Simple so far: of what a book still holds; earlier repetitions are forgotten with it.
"""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from alarms.book import AlarmBook, microseconds, worst_severities
from alarms.episodes import NOT_YET, Array, Columns, running_maximum

COLUMNS = (
    "object_id", "name", "code", "meaning", "severity", "worst_severity", "count", "first_at",
    "last_at", "ended_at", "cycles_per_hour", "share_raised", "raised_h", "longest_silence_h",
    "hours", "is_flapping", "ack_state", "alarm_id",
)  # fmt: skip
_LAST = ("object_id", "name", "code", "meaning", "severity", "ack_state", "alarm_id")
_HOUR_US = 3_600_000_000
_UTC = ZoneInfo("UTC")


def episode_table(
    book: AlarmBook,
    now: pd.Timestamp,
    *,
    by: str = "episode",
    fewest: int = 1,
    zone: ZoneInfo = _UTC,
) -> pd.DataFrame:
    """Return alarms that belong together as one row, with the statistics of their repetition.

    Parameters
    ----------
    book : AlarmBook
    now : Timestamp, UTC
        Until when alarms in force count as raised.
    by : str
        "episode" (occurrences that follow each other closely) or "identity" (all occurrences of
        one object and meaning that the book holds).
    fewest : int
        Rows with fewer occurrences are left out.
    zone : ZoneInfo
        Of the hours of the day.

    Returns
    -------
    DataFrame, by `first_at`
        `object_id`, `name`, `code`, `meaning`, `severity` (of the last occurrence),
        `worst_severity`, `count`, `first_at`, `last_at` (first and last raising), `ended_at` (NaT
        while in force), `cycles_per_hour` (raisings after the first over the time they took; NaN
        for one), `share_raised` (share of the time from the first raising to the end), `raised_h`,
        `longest_silence_h`, `hours` (raisings in each hour of the day, 24 numbers),
        `is_flapping`, `ack_state` and `alarm_id` (of the last).

    Raises
    ------
    ValueError
        If `by` is neither.
    """
    if by not in ("episode", "identity"):
        msg = f"`by` must be 'episode' or 'identity'; it is {by!r}."
        raise ValueError(msg)
    columns = book.columns
    group = columns["identity"]
    if by == "episode":
        group = group ^ columns["first_raised_at"].view(np.uint64)
    order = np.lexsort((columns["alarm_key"], columns["raised_at"], group))
    _, sizes = _groups(group[order])
    order = order[np.repeat(sizes >= fewest, sizes)]
    starts, sizes = _groups(group[order])
    told = _told(columns, order, starts, last=order[starts + sizes - 1])
    table = pd.DataFrame(
        told
        | {"count": sizes}
        | _statistics(columns, order, starts, now=microseconds(now), zone=zone)
    )
    return table[list(COLUMNS)].sort_values(["first_at", "object_id", "name"], ignore_index=True)


def _told(columns: Columns, order: Array, starts: Array, *, last: Array) -> dict[str, object]:
    """Return what the last occurrence of each group says, and the worst of all."""
    told: dict[str, object] = {n: pd.array(columns[n][last], dtype="str") for n in _LAST}
    ranks, flaps = columns["worst_told"][order], columns["is_flapping"][order]
    if len(starts):
        ranks = np.minimum.reduceat(ranks, starts)
        flaps = np.logical_or.reduceat(flaps, starts)
    told["worst_severity"] = pd.array(worst_severities(ranks), dtype="str")
    told["is_flapping"] = flaps
    return told


def _groups(keys: Array) -> tuple[Array, Array]:
    """Return where each run of equal keys starts, and how long it is."""
    if not len(keys):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return starts, np.diff(np.r_[starts, len(keys)])


def _statistics(
    columns: Columns, order: Array, starts: Array, *, now: int, zone: ZoneInfo
) -> dict[str, object]:
    """Return the times of each group: rows in order of group and raising."""
    raised, ended = columns["raised_at"][order], columns["ended_at"][order]
    is_next = np.ones(len(order), dtype=np.bool_)
    is_next[starts] = False
    until = np.where(ended == NOT_YET, np.maximum(now, raised), ended)
    latest = running_maximum(until, is_next) if len(order) else until
    before = np.where(is_next, np.r_[0, latest[:-1]], raised)
    silence = np.where(is_next, np.maximum(raised - before, 0), 0)
    shown = np.maximum(until - np.maximum(raised, before), 0)
    lasts = np.r_[starts[1:], len(order)] - 1 if len(starts) else starts
    first, last, end = raised[starts], raised[lasts], latest[lasts]
    count = lasts - starts + 1
    taken, span = (last - first) / _HOUR_US, (end - first) / _HOUR_US
    raised_h = _summed(shown, starts) / _HOUR_US
    is_open = _summed(ended == NOT_YET, starts) > 0
    return {
        "first_at": _stamps(first),
        "last_at": _stamps(last),
        "ended_at": _stamps(np.where(is_open, NOT_YET, end)),
        "cycles_per_hour": np.divide(
            count - 1.0, taken, out=np.full(len(taken), np.nan), where=taken > 0
        ),
        "share_raised": np.divide(raised_h, span, out=np.ones(len(span)), where=span > 0),
        "raised_h": raised_h,
        "longest_silence_h": (np.maximum.reduceat(silence, starts) if len(starts) else silence)
        / _HOUR_US,
        "hours": _hours(raised, starts, zone),
    }


def _summed(values: Array, starts: Array) -> Array:
    """Return the sum of each group."""
    if not len(starts):
        return np.empty(0, dtype=np.float64)
    return np.asarray(np.add.reduceat(values.astype(np.float64), starts))


def _hours(raised: Array, starts: Array, zone: ZoneInfo) -> list[tuple[int, ...]]:
    """Return how many raisings of each group fell in each hour of the day."""
    hour = np.asarray(_stamps(raised).tz_convert(zone).hour)
    counts = np.zeros((len(starts), 24), dtype=np.int64)
    np.add.at(counts, (np.repeat(np.arange(len(starts)), _sizes(starts, len(raised))), hour), 1)
    return [tuple(row) for row in counts.tolist()]


def _sizes(starts: Array, count: int) -> Array:
    """Return how long each group is."""
    return np.diff(np.r_[starts, count]) if len(starts) else starts


def _stamps(instants: Array) -> pd.DatetimeIndex:
    """Return microseconds as instants."""
    return pd.DatetimeIndex(instants.view("datetime64[us]"), tz="UTC")
