"""Count complaints per 10,000 users of a day, of the month so far and to its end, by county.

What is to come is forecast by `correlate.daily.outlook`.

Simple so far: one target for all counties; users without a month are taken as they are.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from scipy.stats import binom

from contract.settings import Settings
from correlate.daily.known_then import Known
from correlate.daily.outlook import outlook
from correlate.per_10k import exact_interval, rates

LEAST_USERS = 1000.0
"""Counties with fewer users are not ranked (operators' domain notes 6.1)."""
CLEAR = 0.05
SERIES_DAYS = 30
COUNTS = ["complaints", "repeats", "customer_side", "intercepted"]
KEYS = ["scope", "county"]


def daily_counts(
    known: Known, subscribers: pd.DataFrame, *, span: tuple[dt.date, dt.date]
) -> pd.DataFrame:
    """Return complaints and rates by county and day, with rows for all together.

    Parameters
    ----------
    subscribers : DataFrame
        The contract's table.
    span : pair of date
        First local day with data and last day asked for, both counted; where the last lies before the first it is
        told without counts.

    Returns
    -------
    DataFrame
        `scope` (county, unknown, all), `county`, `day` (local midnight), the counts, `users`, and the rates of
        `correlate.per_10k.rates`. All together are over the users of all counties whose users are known.
    """
    first, last = span
    days = pd.date_range(min(first, last), last, freq="D")
    tickets = known.tickets[known.tickets["day"].isin(days)]
    flags = tickets[["county", "day", "is_repeat", "is_customer_side"]]
    flags = flags.assign(is_intercepted=tickets["covered_by"].notna())
    table = rates(flags, subscribers, days=days)
    table = table.assign(day=pd.to_datetime(table["day"]).astype("datetime64[us]"))
    scope = np.where(table["county"] == "", "unknown", "county")
    whole = table.groupby("day", as_index=False)[[*COUNTS, "users"]].sum(min_count=1)
    whole = whole.assign(scope="all", county="")
    rows = pd.concat([table.assign(scope=scope), whole], ignore_index=True)
    rows[COUNTS] = rows[COUNTS].where(rows["day"] >= pd.Timestamp(first))
    return with_rates(rows)


def with_rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts with `per_10k`, `low`, `high` and `per_10k_without`, null where users are unknown."""
    left = counts["complaints"] - counts["intercepted"]
    scale = 1e4 / counts["users"].where(counts["users"] > 0)
    low, high = exact_interval(left)
    return counts.assign(
        per_10k=left * scale,
        low=(low * scale).where(left.notna()),
        high=high * scale,
        per_10k_without=counts["complaints"] * scale,
    )


def series(counts: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Return the last 30 days to the day before `day`, in order, days as text."""
    begin = pd.Timestamp(day) - pd.Timedelta(days=SERIES_DAYS)
    rows = counts[(counts["day"] >= begin) & (counts["day"] < pd.Timestamp(day))]
    rows = rows[rows["complaints"].notna()]
    return _ordered(rows, "day")


def day_rates(
    counts: pd.DataFrame,
    day: dt.date,
    settings: Settings,
    *,
    expected: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the rates of the day before `day` and of the month it lies in, all together last.

    Parameters
    ----------
    counts : DataFrame
        As `daily_counts` gives them.
    settings : Settings
        `target_per_10k` and `target_per_10k_month` matter here.
    expected : DataFrame, optional
        What open faults were expected to bring, as `correlate.daily.outlook.open_expected` gives it.
    """
    before = pd.Timestamp(day) - pd.Timedelta(days=1)
    of_day = counts[counts["day"] == before].set_index(KEYS)
    week = counts[counts["day"] == before - pd.Timedelta(days=7)].set_index(KEYS)
    table = of_day.assign(week_before=week["per_10k"].reindex(of_day.index))
    table = table.assign(change=table["per_10k"] - table["week_before"])
    table["is_change_clear"] = _is_clear(of_day, week.reindex(of_day.index))
    table = table.join(_month(counts, before))
    to_come = pd.DataFrame() if expected is None else expected
    target_month = settings.target_per_10k_month
    table = table.join(outlook(counts, to_come, day, target_month=target_month))
    table = table.assign(
        target=settings.target_per_10k,
        target_month=target_month,
        is_small=~(table["users"] >= LEAST_USERS),
        is_over_target=_is_over(table, settings),
    )
    return _ordered(table.reset_index())


def _ordered(table: pd.DataFrame, *more: str) -> pd.DataFrame:
    """Return rows by county, the unknown one after them, all together last; counties null where none."""
    place = table["scope"].map({"county": 0, "unknown": 1, "all": 2})
    rows = table.assign(place=place).sort_values(["place", "county", *more], ignore_index=True)
    return rows.assign(county=rows["county"].replace("", None))


def _is_clear(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """Tell whether two counts over their users differ by more than chance brings; null where one is missing.

    Of two Poisson counts with one rate, the first is binomial given their sum (Przyborowski and Wilenski 1940).
    """
    first = (one["complaints"] - one["intercepted"]).astype(float)
    second = (other["complaints"] - other["intercepted"]).astype(float)
    share = one["users"] / (one["users"] + other["users"])
    total = first + second
    lower = binom.cdf(first, total, share)
    upper = binom.sf(first - 1, total, share)
    clear = pd.Series(np.minimum(lower, upper) * 2 < CLEAR, index=one.index, dtype="boolean")
    return clear.mask(second.isna() | share.isna())


def _month(counts: pd.DataFrame, before: pd.Timestamp) -> pd.DataFrame:
    """Return the month to date, index scope and county."""
    begin = before.replace(day=1)
    rows = counts[(counts["day"] >= begin) & (counts["day"] <= before)]
    rows = rows.assign(left=rows["complaints"] - rows["intercepted"])
    grouped = rows.groupby(KEYS)
    sums = grouped[["complaints", "intercepted", "left"]].sum(min_count=1)
    users = rows.sort_values("day").drop_duplicates(KEYS, keep="last").set_index(KEYS)["users"]
    sums = with_rates(sums.assign(users=users.reindex(sums.index)))
    n_days = rows.loc[rows["left"].notna(), "day"].nunique()
    return pd.DataFrame(
        {
            "month_days": n_days,
            "month_complaints": sums["complaints"],
            "month_intercepted": sums["intercepted"],
            "month_per_10k": sums["per_10k"],
            "month_low": sums["low"],
            "month_high": sums["high"],
            "month_without": sums["per_10k_without"],
        }
    )


def _is_over(table: pd.DataFrame, settings: Settings) -> pd.Series:
    """Tell whether the day is clearly over its target or the month over its own; null without a target."""
    over = pd.Series(pd.NA, index=table.index, dtype="boolean")
    if settings.target_per_10k is not None:
        over = (table["low"] > settings.target_per_10k).astype("boolean")
    if settings.target_per_10k_month is not None:
        month = (table["month_per_10k"] > settings.target_per_10k_month).astype("boolean")
        over = over.fillna(value=False) | month
    return over.mask(table["per_10k"].isna())
