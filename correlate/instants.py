"""Turn instants into whole seconds since 1970, in which the step reckons.

Simple so far: fractions of a second are dropped.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
US_PER_HOUR = 3.6e9


def seconds(instants: pd.Series) -> Ints:
    """Return instants as whole seconds since 1970; missing ones as the smallest number.

    >>> seconds(pd.Series(pd.to_datetime(["1970-01-01T00:01:00Z"]))).tolist()
    [60]
    """
    naive = instants.dt.tz_convert("UTC").dt.tz_localize(None)
    values = naive.to_numpy("datetime64[us]").astype(np.int64)
    missing = values == np.iinfo(np.int64).min
    return np.where(missing, np.iinfo(np.int64).min, values // 1_000_000)


def arrival_hours(complaints: pd.DataFrame) -> NDArray[np.float64]:
    """Return when complaints arrived, in hours since 1970.

    Parameters
    ----------
    complaints : DataFrame
        `arrived_at` (UTC), or else `created_at`.

    Returns
    -------
    array of float

    >>> arrival_hours(pd.DataFrame({"created_at": pd.to_datetime(["1970-01-01T05:30Z"])})).tolist()
    [5.5]
    """
    name = "arrived_at" if "arrived_at" in complaints.columns else "created_at"
    instants = complaints[name].dt.tz_localize(None).to_numpy("datetime64[us]")
    return np.asarray(instants.astype(float) / US_PER_HOUR)


def offset_s(zone: ZoneInfo, now: int) -> int:
    """Return the seconds a zone is ahead of UTC at a moment (seconds since 1970).

    >>> offset_s(ZoneInfo("Asia/Shanghai"), 0)
    28800
    """
    delta = dt.datetime.fromtimestamp(now, tz=zone).utcoffset()
    return int(delta.total_seconds()) if delta is not None else 0
