"""Tell when a feed of alarms has gone quiet for longer than chance allows; that is an alarm itself.

A feed is what its caller makes it: a vendor, or a vendor in a county. Its habit is the share of
ten-minute bins with an arrival, by hour of the week, learned as rows arrive and slowly forgotten; so
a storm counts no more than its minutes, and quiet nights are no silence. Hours hardly seen yet are
taken to be a third as busy as the mean. Arrivals that come in clusters make long silences likelier:
negative binomial with the dispersion learned by the hour.

Simple so far: hours are UTC, so a change to summer time moves the habit by an hour until it is learned anew.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import check_columns
from alarms.book import microseconds
from alarms.episodes import NOT_YET, Array
from alarms.lifecycle_rules import SilenceSettings, default_rules

HOURS = 168
_BINS = 6
_BIN_US = 600_000_000
_HOUR_US = _BINS * _BIN_US
_PRIOR_H = 3.0
_QUIET_HOUR = 1 / 3
"""What an hour of the day not seen yet is taken for, as a share of the mean."""
_QUIET_WEEKDAY = 0.85
"""What an hour of the week not seen yet is taken for, as a share of that hour of the day."""
NAME = "Alarm feed silent"
MEANING = "feed_silent"


def _blank(kind: Any) -> Any:
    """Return the field of an array without entries."""
    return field(default_factory=lambda: np.empty(0, dtype=kind))


@dataclass(frozen=True, eq=False)
class FeedWatch:
    """What is known of the feeds' habits; hours and bins are counted since 1970, UTC.

    Attributes
    ----------
    names : tuple of str
    active, seen : array [feeds, 168]
        Bins with an arrival, and hours watched, by hour of the week (from Thursday 0 h); old ones
        count for less.
    first_hour, open_hour : array of int [feeds]
        Of the first arrival; the hour in progress.
    open_bins : array of int [feeds]
        Its bins with an arrival, as bits.
    last_us : array of int [feeds]
        Last arrival, microseconds.
    rows : array of int [feeds]
        Arrivals so far.
    longest_us : array of int [feeds]
        Longest silence so far that was none.
    squares, due : array [feeds]
        Squared differences from what was due by the hour, and what was due, summed.
    silent_since : array of int [feeds]
        Last arrival before the silence found, `NOT_YET` without one.
    told_at : array of int [feeds]
        When the silence was found, microseconds.
    faded_hour : int
        When old hours were last made to count for less.
    """

    names: tuple[str, ...] = ()
    active: Array = field(default_factory=lambda: np.zeros((0, HOURS)))
    seen: Array = field(default_factory=lambda: np.zeros((0, HOURS)))
    first_hour: Array = _blank(np.int64)
    open_hour: Array = _blank(np.int64)
    open_bins: Array = _blank(np.int64)
    last_us: Array = _blank(np.int64)
    rows: Array = _blank(np.int64)
    longest_us: Array = _blank(np.int64)
    squares: Array = _blank(np.float64)
    due: Array = _blank(np.float64)
    silent_since: Array = _blank(np.int64)
    told_at: Array = _blank(np.int64)
    faded_hour: int = 0


def watch_feeds(
    watch: FeedWatch, arrived: Any, now: Any, *, settings: SilenceSettings | None = None
) -> FeedWatch:
    """Return the watch on the feeds after what has arrived, with silences found and ended.

    Parameters
    ----------
    watch : FeedWatch
    arrived : DataFrame or None, one row per row arrived since the last call
        `feed` (str) and `arrived_at` (datetime64, UTC).
    now : Timestamp, UTC
    settings : SilenceSettings, optional
        Ours by default.

    Returns
    -------
    FeedWatch
        A feed is silent when what should have come since its last row is enough, the chance of
        none of it coming is tiny, and the silence is far longer than any before it. A row ends it.

    Raises
    ------
    MissingColumnsError
        If `arrived` has rows and lacks a column.

    Examples
    --------
    >>> at = pd.date_range("2026-03-02", periods=600, freq="10min", tz="UTC").as_unit("us")
    >>> watch = watch_feeds(FeedWatch(), pd.DataFrame({"feed": "ZTE", "arrived_at": at}), at[-1])
    >>> late = watch_feeds(watch, None, at[-1] + pd.Timedelta("12h"))
    >>> bool(late.silent_since[0] == NOT_YET), silent_feeds(late)["feed"].tolist()
    (False, ['ZTE'])
    """
    used = default_rules().silence if settings is None else settings
    check_columns(arrived, "arrived", ("feed", "arrived_at"))
    instant = microseconds(now)
    if arrived is not None and len(arrived):
        watch = _with_rows(watch, arrived)
        watch = _faded(watch, instant // _HOUR_US, half_life_h=24 * used.half_life_d)
    is_new = _is_silent(watch, instant, used) & (watch.silent_since == NOT_YET)
    if not is_new.any():
        return watch
    return replace(
        watch,
        silent_since=np.where(is_new, watch.last_us, watch.silent_since),
        told_at=np.where(is_new, instant, watch.told_at),
    )


def silent_feeds(watch: FeedWatch) -> Any:
    """Return the feeds that are silent now.

    Returns
    -------
    DataFrame
        `feed`, `since` (last row before the silence) and `told_at` (datetime64, UTC).
    """
    rows = np.flatnonzero(watch.silent_since != NOT_YET)
    return pd.DataFrame(
        {
            "feed": pd.array([watch.names[row] for row in rows.tolist()], dtype="str"),
            "since": _stamps(watch.silent_since[rows]),
            "told_at": _stamps(watch.told_at[rows]),
        }
    )


def silence_alarms(before: FeedWatch, after: FeedWatch, now: Any) -> tuple[Any, Any]:
    """Return the alarms that silences found raise, and the clearings of those that ended.

    Parameters
    ----------
    before, after : FeedWatch
    now : Timestamp, UTC

    Returns
    -------
    tuple of DataFrame
        As `alarms.lifecycle.update_book` takes them; they touch no service.

    Examples
    --------
    >>> silence_alarms(FeedWatch(), FeedWatch(), pd.Timestamp("2026-03-02", tz="UTC"))[0].empty
    True
    """
    old, new = silent_feeds(before), silent_feeds(after)
    keys = [table["feed"] + "@" + table["since"].astype("str") for table in (old, new)]
    raised = new[~keys[1].isin(keys[0])]
    gone = old[~keys[0].isin(keys[1])]
    since = raised["since"].dt.strftime("%Y-%m-%d %H:%M UTC")
    alarms = pd.DataFrame(
        {
            "alarm_id": _alarm_ids(raised),
            "object_id": "alarm-feed:" + raised["feed"],
            "raised_at": raised["told_at"],
            "name": NAME,
            "code": "FEED-1",
            "severity": "major",
            "detail": "alarm feed of " + raised["feed"] + " silent since " + since,
            "meaning": MEANING,
            "service_effect": "none",
        }
    )
    cleared = pd.DataFrame({"alarm_id": _alarm_ids(gone), "cleared_at": pd.Timestamp(now)})
    return alarms, cleared


def _alarm_ids(silent: Any) -> Any:
    """Return the id of the alarm of each silence."""
    return "FEED:" + silent["feed"] + "@" + silent["since"].dt.strftime("%Y%m%dT%H%M%S")


def _stamps(instants: Array) -> Any:
    """Return microseconds as instants."""
    return pd.DatetimeIndex(instants.view("datetime64[us]"), tz="UTC")


def _with_rows(watch: FeedWatch, arrived: Any) -> FeedWatch:
    """Return the watch with rows counted; a silence found before them is over."""
    at = arrived["arrived_at"].to_numpy(dtype="datetime64[us]").view(np.int64)
    feeds = ["" if pd.isna(name) else str(name) for name in arrived["feed"].tolist()]
    watch, feed = _with_feeds(watch, feeds, at)
    order = np.lexsort((at, feed))
    feed, at = feed[order], at[order]
    starts = np.flatnonzero(np.r_[True, feed[1:] != feed[:-1]])
    mine = feed[starts]
    watch = _with_hours(watch, feed, at, mine=mine)
    return _with_silences(watch, feed, at, starts=starts)


def _with_silences(watch: FeedWatch, feed: Array, at: Array, *, starts: Array) -> FeedWatch:
    """Return the watch with the longest silences, the last arrivals, and no silence at feeds with rows."""
    mine = feed[starts]
    rows, last_us, longest_us = watch.rows.copy(), watch.last_us.copy(), watch.longest_us.copy()
    rows[mine] += np.diff(np.r_[starts, len(at)])
    # A silence found was none of the habit.
    is_habit = watch.silent_since[mine] == NOT_YET
    quiet = np.where(is_habit, at[starts] - last_us[mine], 0)
    longest_us[mine] = np.maximum(longest_us[mine], quiet)
    np.maximum.at(longest_us, feed[1:], np.where(feed[1:] == feed[:-1], np.diff(at), 0))
    last_us[mine] = np.maximum(last_us[mine], at[np.r_[starts[1:], len(at)] - 1])
    silent_since, told_at = watch.silent_since.copy(), watch.told_at.copy()
    silent_since[mine] = told_at[mine] = NOT_YET
    return replace(
        watch,
        rows=rows,
        last_us=last_us,
        longest_us=longest_us,
        silent_since=silent_since,
        told_at=told_at,
    )


def _with_feeds(watch: FeedWatch, feeds: list[str], at: Array) -> tuple[FeedWatch, Array]:
    """Return the watch with feeds it had not met, and the number of each row's feed."""
    known = {name: number for number, name in enumerate(watch.names)}
    new = sorted(set(feeds) - known.keys())
    known |= {name: len(known) + number for number, name in enumerate(new)}
    feed = np.fromiter(map(known.__getitem__, feeds), np.int64, len(feeds))
    if not new:
        return watch, feed
    first = np.full(len(known), np.iinfo(np.int64).max)
    np.minimum.at(first, feed, at)
    count, first = len(new), first[len(watch.names) :]
    zeros, never = np.zeros(count, dtype=np.int64), np.full(count, NOT_YET)
    added = {
        "active": np.zeros((count, HOURS)), "seen": np.zeros((count, HOURS)),
        "first_hour": first // _HOUR_US, "open_hour": first // _HOUR_US, "open_bins": zeros,
        "last_us": first, "rows": zeros, "longest_us": zeros, "squares": np.zeros(count),
        "due": np.zeros(count), "silent_since": never, "told_at": never,
    }  # fmt: skip
    grown: dict[str, Any] = {
        name: np.concatenate([getattr(watch, name), values]) for name, values in added.items()
    }
    return replace(watch, names=(*watch.names, *new), **grown), feed


def _with_hours(watch: FeedWatch, feed: Array, at: Array, *, mine: Array) -> FeedWatch:
    """Return the watch with the hours that are over counted, quiet ones too unless in a silence found."""
    hour = np.maximum(at // _HOUR_US, watch.open_hour[feed])
    bits = np.int64(1) << (at % _HOUR_US // _BIN_US)
    feed, hour = np.concatenate([mine, feed]), np.concatenate([watch.open_hour[mine], hour])
    bits = np.concatenate([watch.open_bins[mine], bits])
    order = np.lexsort((hour, feed))
    feed, hour, bits = feed[order], hour[order], bits[order]
    is_next = np.r_[True, (feed[1:] != feed[:-1]) | (hour[1:] != hour[:-1])]
    starts = np.flatnonzero(is_next)
    feed, hour, bits = feed[starts], hour[starts], np.bitwise_or.reduceat(bits, starts)
    is_last = np.r_[feed[1:] != feed[:-1], True]
    is_first = np.r_[True, is_last[:-1]]
    open_hour, open_bins = watch.open_hour.copy(), watch.open_bins.copy()
    open_hour[feed[is_last]], open_bins[feed[is_last]] = hour[is_last], bits[is_last]
    over = np.flatnonzero(~is_last)
    quiet = hour[over + 1] - hour[over] - 1
    quiet[is_first[over] & (watch.silent_since[feed[over]] != NOT_YET)] = 0
    inside = np.arange(int(quiet.sum())) - np.repeat(np.cumsum(quiet) - quiet, quiet)
    watch = replace(watch, open_hour=open_hour, open_bins=open_bins)
    return _counted(
        watch,
        np.concatenate([feed[over], np.repeat(feed[over], quiet)]),
        np.concatenate([hour[over], np.repeat(hour[over] + 1, quiet) + inside]),
        np.concatenate([np.bitwise_count(bits[over]), np.zeros(len(inside))]),
    )


def _counted(watch: FeedWatch, feed: Array, hour: Array, bins: Array) -> FeedWatch:
    """Return the watch with whole hours added to the habits."""
    if not len(feed):
        return watch
    due = _rates(watch)[feed, hour % HOURS]
    active, seen = watch.active.copy(), watch.seen.copy()
    squares, total = watch.squares.copy(), watch.due.copy()
    np.add.at(active, (feed, hour % HOURS), bins)
    np.add.at(seen, (feed, hour % HOURS), 1.0)
    is_known = watch.seen[feed].sum(axis=1) >= 24
    np.add.at(squares, feed, np.where(is_known, (bins - due) ** 2, 0.0))
    np.add.at(total, feed, np.where(is_known, due, 0.0))
    return replace(watch, active=active, seen=seen, squares=squares, due=total)


def _faded(watch: FeedWatch, hour: int, *, half_life_h: float) -> FeedWatch:
    """Return the watch with old hours counting for less, brought up to date once a day."""
    if hour - watch.faded_hour < 24:
        return watch
    share = 0.5 ** ((hour - watch.faded_hour) / half_life_h) if watch.faded_hour else 1.0
    return replace(
        watch,
        faded_hour=hour,
        active=watch.active * share,
        seen=watch.seen * share,
        squares=watch.squares * share,
        due=watch.due * share,
    )


def _rates(watch: FeedWatch) -> Array:
    """Return the active bins due in each hour of the week [feeds, 168]: as seen, leaning to fewer where little was."""
    active, seen = (values.reshape(-1, 7, 24) for values in (watch.active, watch.seen))
    mean = active.sum(axis=(1, 2)) / np.maximum(seen.sum(axis=(1, 2)), 1.0)
    daily_seen = seen.sum(axis=1)
    daily = active.sum(axis=1) + _PRIOR_H * _QUIET_HOUR * mean[:, None]
    daily = daily / (daily_seen + _PRIOR_H)
    weekly = (active + _PRIOR_H * _QUIET_WEEKDAY * daily[:, None, :]) / (seen + _PRIOR_H)
    return np.asarray(weekly.reshape(-1, HOURS))


def _is_silent(watch: FeedWatch, instant: int, settings: SilenceSettings) -> Array:
    """Return which feeds have been quiet for longer than chance allows."""
    quiet_us = instant - watch.last_us
    is_due = quiet_us >= settings.least_min * 60_000_000
    is_due &= quiet_us >= settings.least_ratio * watch.longest_us
    is_due &= watch.last_us - watch.first_hour * _HOUR_US >= settings.habit_h * _HOUR_US
    is_due &= watch.rows >= settings.habit_rows
    if not is_due.any():
        return is_due
    rates = _rates(watch)
    due = _due_until(rates, instant) - _due_until(rates, watch.last_us)
    # Of a bin that is active with chance p none comes with log(1 - p): more than p, at busy feeds.
    busy = np.minimum(rates.mean(axis=1) / _BINS, 0.99)
    weight = -np.log1p(-busy) / np.maximum(busy, 1e-9)
    clusters = np.maximum(watch.squares / np.maximum(watch.due, 1e-9), 1.0 + 1e-9)
    log_chance = -due * weight * np.log(clusters) / (clusters - 1.0)
    is_enough = due >= settings.least_expected
    return np.asarray(is_due & is_enough & (log_chance <= np.log(settings.chance)))


def _due_until(rates: Array, instants: Any) -> Array:
    """Return the active bins due of each feed from 1970 to an instant, in microseconds."""
    hours = np.broadcast_to(np.asarray(instants) / _HOUR_US, len(rates))
    sums = np.concatenate([np.zeros((len(rates), 1)), np.cumsum(rates, axis=1)], axis=1)
    weeks, inside = np.divmod(hours, HOURS)
    whole = np.minimum(inside.astype(np.int64), HOURS - 1)
    every = np.arange(len(rates))
    part = sums[every, whole] + (inside - whole) * rates[every, whole]
    return np.asarray(weeks * sums[:, -1] + part)
