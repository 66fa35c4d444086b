"""Read when a period of measurement began and how long it was.

3GPP states the end of a period and its length, Nokia its begin and minutes; what bears no offset is local time.

Simple so far: months and years have no length here; a period is cut nowhere at a change of the clock.

References
----------
.. [1] 3GPP TS 32.435 V17, 4.1 and annex A (granPeriod: duration, endTime). TS 28.532, 11.3.2.
.. [2] ISO 8601-1, 5.5.2: durations.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import pandas as pd

from contract.instants import parse_instants

LONGEST_MIN = 1440.0
_DURATION = re.compile(
    r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$", re.IGNORECASE
)
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Period:
    """A period of measurement: begin in microseconds since 1970 (UTC), and length in minutes."""

    start_us: int
    minutes: float


def period_before(end: str | None, duration: str | None, zone: str) -> Period | str:
    """Return the period that ends at an instant, or why there is none.

    Parameters
    ----------
    end : str or None
    duration : str or None
        ISO 8601, such as `PT900S`; or seconds, as `gp` states them.
    zone : str
        IANA zone of an instant without an offset.

    Examples
    --------
    >>> period_before("2026-03-01T08:15:00+08:00", "PT900S", "UTC")
    Period(start_us=1772323200000000, minutes=15.0)
    >>> period_before("2026-03-01T08:15:00+08:00", "soon", "UTC")
    "the length of the period is 'soon'"
    """
    minutes = duration_minutes(duration or "")
    if not 0 < minutes <= LONGEST_MIN:
        return f"the length of the period is {duration!r}"
    end_us = instant_us(end or "", zone)
    if end_us is None:
        return f"the end of the period is {end!r}"
    return Period(end_us - round(minutes * 60e6), minutes)


def period_from(start: str | None, minutes: str | None, zone: str) -> Period | str:
    """Return the period that begins at an instant, or why there is none.

    Examples
    --------
    >>> period_from("2026-03-01T08:00:00.000+08:00:00", "60", "UTC").minutes
    60.0
    """
    try:
        length = float(minutes or "")
    except ValueError:
        length = 0.0
    if not 0 < length <= LONGEST_MIN:
        return f"the length of the period is {minutes!r}"
    start_us = instant_us(start or "", zone)
    if start_us is None:
        return f"the begin of the period is {start!r}"
    return Period(start_us, length)


def duration_minutes(text: str) -> float:
    """Return the minutes of a duration in ISO 8601 or seconds; 0 where it is neither.

    Examples
    --------
    >>> [duration_minutes(text) for text in ("PT900S", "PT1H30M", "900", "P1D", "P1M")]
    [15.0, 90.0, 15.0, 1440.0, 0.0]
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text[:9]) / 60.0
    found = _DURATION.match(text)
    if not found:
        return 0.0
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return (days * 24 + hours) * 60 + minutes + seconds / 60


@lru_cache(maxsize=4096)
def instant_us(text: str, zone: str) -> int | None:
    """Return microseconds since 1970 of an instant, null where it can't be read."""
    instant = None
    if _ISO.match(text.strip()):
        with suppress(ValueError):
            instant = datetime.fromisoformat(text.strip())
    if instant is not None and instant.tzinfo is not None:
        away = instant - _EPOCH
        return (away.days * 86_400 + away.seconds) * 1_000_000 + away.microseconds
    found = parse_instants(pd.Series([text], dtype="str"), zone).iloc[0]
    return None if pd.isna(found) else int(found.value // 1000)
