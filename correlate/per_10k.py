"""Count complaints per 10,000 users, by county and day.

The figure the company lives by: complaints less those intercepted, over the users of the county, times 10,000, with
the exact 95 % interval of a Poisson count. Users are those of the latest month before the day, else the earliest given.

Simple so far: a month with no figure of users takes the nearest one; days without a complaint are rows of zero.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from scipy.stats import chi2


def exact_interval(counts: pd.Series, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of Poisson counts.

    References
    ----------
    .. [1] Garwood, F. (1936). "Fiducial limits for the Poisson distribution." Biometrika 28: 437-442.

    Examples
    --------
    >>> low, high = exact_interval(pd.Series([0, 10]))
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.0, 4.8], [3.69, 18.39])
    """
    n = counts.to_numpy(float)
    tail = (1 - level) / 2
    low = np.where(n > 0, chi2.ppf(tail, 2 * np.maximum(n, 0.5)) / 2, 0.0)
    return low, np.asarray(chi2.ppf(1 - tail, 2 * (n + 1)) / 2)


def users_by_day(subscribers: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return users by day (index) and county (columns): the latest month that ended before the day.

    Parameters
    ----------
    subscribers : DataFrame
        The contract's table: `county`, `month` (text `YYYY-MM` or empty), `users`.
    days
        Local days, midnight.
    """
    table = subscribers.copy()
    month = pd.to_datetime(table["month"].astype("string").str.slice(0, 7), format="%Y-%m")
    table["from"] = (month + pd.offsets.MonthBegin(1)).fillna(pd.Timestamp("1970-01-01"))
    wide = table.pivot_table(index="from", columns="county", values="users", aggfunc="last")
    known = wide.reindex(wide.index.union(days)).ffill().reindex(days)
    return known.fillna(wide.bfill().iloc[0]) if len(wide) else known


def users_on(subscribers: pd.DataFrame, day: dt.date) -> dict[str, float]:
    """Return the users of each county on a day; a county without a figure is left out.

    >>> table = pd.DataFrame({"county": ["Hill", "Hill"], "month": ["2026-02", "2026-03"], "users": [8e4, 9e4]})
    >>> users_on(table, dt.date(2026, 3, 10)), users_on(table, dt.date(2026, 4, 1))
    ({'Hill': 80000.0}, {'Hill': 90000.0})
    """
    users = users_by_day(subscribers, pd.DatetimeIndex([pd.Timestamp(day)])).iloc[0].dropna()
    return {str(county): float(n) for county, n in users.items()}


def rates(
    tickets: pd.DataFrame, subscribers: pd.DataFrame, *, days: pd.DatetimeIndex | None = None
) -> pd.DataFrame:
    """Return the contract's table `rates`, one row a county and day.

    Parameters
    ----------
    tickets : DataFrame, one row per complaint
        `county`, `day` (local midnight), `is_repeat`, `is_customer_side`, `is_intercepted`.
    subscribers : DataFrame
        The contract's table.
    days : DatetimeIndex, optional
        Local days asked for, midnight; without it those from the first to the last complaint.

    Returns
    -------
    DataFrame
        Rates per 10,000 users; null where the users of the county are unknown.
    """
    columns = ["county", "day", "complaints", "repeats", "customer_side", "intercepted", "users"]
    if tickets.empty and days is None:
        more = ["per_10k", "low", "high", "per_10k_without", "month_to_date"]
        return pd.DataFrame({c: [] for c in columns + more})
    named = tickets.assign(county=tickets["county"].fillna(""))
    flags = {
        "is_repeat": "repeats",
        "is_customer_side": "customer_side",
        "is_intercepted": "intercepted",
    }
    grouped = named.groupby(["county", "day"])
    counts = grouped[list(flags)].sum().rename(columns=flags).astype("int64")
    counts.insert(0, "complaints", grouped.size())
    if days is None:
        days = pd.date_range(named["day"].min(), named["day"].max(), freq="D")
    counties = sorted(set(named["county"]) | set(subscribers["county"].dropna()))
    full = pd.MultiIndex.from_product([counties, days], names=["county", "day"])
    table = counts.reindex(full, fill_value=0).reset_index()
    users = users_by_day(subscribers, days).stack()
    users.index.names = ["day", "county"]
    table = table.merge(users.rename("users").reset_index(), on=["county", "day"], how="left")
    return _with_rates(table)


def _with_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Add the rates, their interval and the month to date."""
    left = table["complaints"] - table["intercepted"]
    scale = 1e4 / table["users"].where(table["users"] > 0)
    low, high = exact_interval(left)
    out = table.assign(
        per_10k=left * scale,
        low=low * scale,
        high=high * scale,
        per_10k_without=table["complaints"] * scale,
    )
    month = out["day"].dt.to_period("M")
    so_far = left.groupby([out["county"], month]).cumsum()
    return out.assign(month_to_date=so_far * scale, day=out["day"].dt.strftime("%Y-%m-%d"))
