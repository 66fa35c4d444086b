"""Reckon which day's work is due at an hour of the operator's zone.

Simple so far: once a day.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from correlate.daily.known_then import local_instant

ONE_DAY = dt.timedelta(days=1)


def last_due(now: int, hour: float, zone: str) -> tuple[dt.date, int]:
    """Return the last day whose hour has come by a moment, and that hour as seconds since 1970.

    Examples
    --------
    >>> at = int(dt.datetime(2026, 3, 10, 7, 29, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
    >>> last_due(at, 7.5, "Asia/Shanghai")[0], last_due(at + 60, 7.5, "Asia/Shanghai")[0]
    (datetime.date(2026, 3, 9), datetime.date(2026, 3, 10))
    """
    day = local_day(now, zone)
    at = int(local_instant(day, hour, zone).timestamp())
    if at > now:
        day -= ONE_DAY
        at = int(local_instant(day, hour, zone).timestamp())
    return day, at


def local_day(now: int, zone: str) -> dt.date:
    """Return the local day of a moment (seconds since 1970)."""
    return dt.datetime.fromtimestamp(now, tz=ZoneInfo(zone)).date()


def day_from(now: int, zone: str) -> int:
    """Return when the local day of a moment began; both in seconds since 1970.

    >>> day_from(1_773_100_800, "Asia/Shanghai")
    1773072000
    """
    return int(local_instant(local_day(now, zone), 0, zone).timestamp())


def hour_of(now: int, zone: str) -> tuple[dt.date, float]:
    """Return the local day and hour of a moment (seconds since 1970).

    >>> hour_of(1_773_100_800, "Asia/Shanghai")
    (datetime.date(2026, 3, 10), 8.0)
    """
    return local_day(now, zone), (now - day_from(now, zone)) / 3600.0
