"""Look ahead: the complaints of the day of the report, of the month to its end, and the chance to miss its target.

Simple so far: what open faults were expected to bring is worked out again for the last three weeks alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from correlate.daily.forecast import chance_above, forecast, interval, load_forecast_rules
from correlate.daily.incidents import told_incidents, with_expected
from correlate.daily.known_then import Known, known_then

KEYS = ["scope", "county"]
COLUMNS = (
    "forecast",
    "forecast_low",
    "forecast_high",
    "pace",
    "pace_low",
    "pace_high",
    "over_chance",
)


def open_expected(
    run: Mapping[str, pd.DataFrame],
    known: Known,
    first: dt.date,
    day: dt.date,
    *,
    days: int | None = None,
) -> pd.DataFrame:
    """Return what the faults open at the hour of the report were expected to bring until midnight, day by day.

    Parameters
    ----------
    run : mapping of DataFrame
        As `correlate.daily.known_then.read_run` gives it.
    known : Known
        At the hour of the report of `day`.
    first, day : date
        First day with data, and the day of the report.
    days : int, optional
        Days back at most; default `open_days` of `forecast.toml`.

    Returns
    -------
    DataFrame
        Index local midnights to that of `day`, columns counties ("" = not known).
    """
    most = int(load_forecast_rules().open_days) if days is None else days
    back = min((day - first).days, most)
    tickets = run["tickets"]
    light = {**run, "tickets": tickets[tickets["incident_id"].notna()]}
    found = {}
    for ago in range(back, -1, -1):
        at = known.at - pd.Timedelta(days=ago)
        then = known if ago == 0 else known_then(light, at, known.zone)
        told = told_incidents(then)
        rows = with_expected(told[told["state"] == "open"], then)
        by_county = rows["expected"].groupby(rows["county"].fillna("")).sum()
        found[pd.Timestamp(day) - pd.Timedelta(days=ago)] = by_county
    return pd.DataFrame(found).T.fillna(0.0)


def left_by_day(counts: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return complaints not intercepted by day, a column for each scope and county, and their users of late."""
    rows = counts.assign(left=counts["complaints"] - counts["intercepted"])
    users = rows.sort_values("day").drop_duplicates(KEYS, keep="last").set_index(KEYS)["users"]
    wide = rows.pivot(index="day", columns=KEYS, values="left")[users.index]
    return wide.dropna(how="all").fillna(0.0).astype("float64"), users


def with_total(expected: pd.DataFrame, left: pd.DataFrame) -> pd.DataFrame:
    """Return what open faults bring in the columns of the counts, a day longer; unknown days as the mean of others."""
    days = [*left.index, left.index[-1] + pd.Timedelta(days=1)]
    known = expected.reindex(days)
    parts = {}
    for scope, county in left.columns:
        own = known.get(county, pd.Series(np.nan, index=known.index))
        parts[scope, county] = known.sum(axis=1, min_count=1) if scope == "all" else own
    wide = pd.DataFrame(parts, index=known.index).astype("float64")
    return wide.fillna(wide.mean()).fillna(0.0)


def outlook(
    counts: pd.DataFrame, expected: pd.DataFrame, day: dt.date, *, target_month: float | None
) -> pd.DataFrame:
    """Return what is to come, per 10,000 users, index scope and county.

    Parameters
    ----------
    counts : DataFrame
        As `correlate.daily.rates.daily_counts` gives them.
    expected : DataFrame
        As `open_expected` gives it; may be empty.
    day : date
        Day of the report; its month is that of the day before.
    target_month : float or None
        Target for the month, per 10,000 users.

    Returns
    -------
    DataFrame
        `forecast`, `forecast_low`, `forecast_high` of `day`; `pace`, `pace_low`, `pace_high` of the whole month; and
        `over_chance`, the chance that the month ends over its target, null without one.
    """
    left, users = left_by_day(counts)
    if left.empty:
        return pd.DataFrame(columns=COLUMNS, index=users.index, dtype="float64")
    before = pd.Timestamp(day) - pd.Timedelta(days=1)
    rest = before.days_in_month - before.day
    scope = pd.Series(left.columns.get_level_values("scope") == "all", index=left.columns)
    told = with_total(expected, left)
    come = forecast(left, told, max(rest, 1), groups=scope.map({False: "county", True: "all"}))
    of_month = left[left.index >= before.replace(day=1)]
    so_far = of_month.sum().to_numpy(float)
    blank = before.day - len(of_month)
    mean = blank * left.mean().to_numpy(float) + (come.mean if rest else 0.0)
    variance = blank * come.first_variance + (come.variance if rest else 0.0)
    scale = (1e4 / users.where(users > 0)).to_numpy(float)
    return pd.DataFrame(
        {
            **_ends("forecast", 0.0, come.first, come.first_variance, scale),
            **_ends("pace", so_far, mean, variance, scale),
            "over_chance": _chance(target_month, so_far, mean, variance, scale),
        },
        index=users.index,
    )


def _ends(
    name: str, so_far: np.ndarray | float, mean: np.ndarray, variance: np.ndarray, scale: np.ndarray
) -> dict[str, np.ndarray]:
    """Return a sum and the ends of its interval, per 10,000 users."""
    low, high = interval(mean, variance)
    parts = zip(("", "_low", "_high"), (mean, low, high), strict=True)
    return {f"{name}{end}": (so_far + value) * scale for end, value in parts}


def _chance(
    target: float | None,
    so_far: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    scale: np.ndarray,
) -> np.ndarray:
    """Return the chance that the month ends over its target."""
    if target is None:
        return np.full(len(mean), np.nan)
    limit = np.floor(target / scale - so_far + 1e-9)
    return np.where(np.isfinite(scale), chance_above(limit, mean, variance), np.nan)
