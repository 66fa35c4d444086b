"""Expect complaints to come of open faults, with the interval in which they will lie.

A fault brings complaints at a rate per user and hour that is gamma-distributed: before it has brought any, the mean is
what its causes usually bring and its weight two complaints; every complaint and every hour since then moves it. What is
to come in a time is then negative binomial; with the chance that there is no fault at all nothing comes. At most one in
twenty of the users complains. Hours of the night count a quarter.

Simple so far: faults are independent; a complaint counts wholly for the fault it was diagnosed to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import nbinom

from correlate.rates import DAY_HOURS, load_rate_rules

MOST_SHARE = 0.05
"""Share of the users that complains at most (operators' domain notes 6.2)."""
MORNING_H, EVENING_H = map(float, DAY_HOURS)
LEVEL = 0.95
SPREADS = 1.96
"""Standard deviations to the ends of a 95 % interval of a sum of many."""
HOUR = pd.Timedelta(hours=1)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rates:
    """What is known of the rate of some faults, an element each.

    `users` reached, `per_user_hour` that their causes usually bring, `real` probability of a fault, `complaints` and
    weighted `hours` so far.
    """

    users: Floats
    per_user_hour: Floats
    real: Floats
    complaints: Floats
    hours: Floats


def expected_to_come(rates: Rates, hours: Floats) -> pd.DataFrame:
    """Return the complaints to come in weighted hours, a row per fault.

    Parameters
    ----------
    hours : array
        Hours to come, those of the night a quarter (`day_hours`).

    Returns
    -------
    DataFrame
        `expected`, `expected_low`, `expected_high` (ends of the 95 % interval, whole numbers), `expected_variance`.

    References
    ----------
    .. [1] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., 2.6: a Poisson count with a gamma rate has a
       negative binomial prediction. The chance of no fault and the bound of one in twenty are added.

    Examples
    --------
    >>> one = [np.array([v]) for v in (10_000.0, 3e-4, 1.0, 0.0, 0.0)]
    >>> expected_to_come(Rates(*one), np.array([4.0])).round(1).values.tolist()
    [[11.9, 1.0, 35.0, 82.2]]
    """
    usual = np.maximum(rates.per_user_hour, 1e-12)
    own = load_rate_rules().fault_tickets
    shape = own + rates.complaints
    prior = own / usual + rates.users * rates.hours
    to_come = rates.users * hours
    most = np.maximum(MOST_SHARE * rates.users - rates.complaints, 0.0)
    mean = shape / prior * to_come
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(most > 0, most * -np.expm1(-mean / most), 0.0)
    chance = shape / (shape + np.maximum(mean, 1e-12))
    tail = (1 - LEVEL) / 2
    low, high = (_quantile(q, shape, chance, rates.real) for q in (tail, 1 - tail))
    ceiling = np.ceil(most)
    square = mean + mean**2 / shape + mean**2
    return pd.DataFrame(
        {
            "expected": rates.real * mean,
            "expected_low": np.minimum(low, ceiling),
            "expected_high": np.minimum(high, ceiling),
            "expected_variance": rates.real * square - (rates.real * mean) ** 2,
        }
    )


def _quantile(q: float, shape: Floats, chance: Floats, real: Floats) -> Floats:
    """Return the quantile of a negative binomial count that is nothing with probability 1 - real."""
    inner = (q - (1.0 - real)) / np.maximum(real, 1e-12)
    counts = nbinom.ppf(np.clip(inner, 0.0, 1.0 - 1e-9), shape, chance)
    return np.where(inner <= 0, 0.0, np.maximum(counts, 0.0))


def day_hours(begin: pd.Series, end: pd.Series, zone: str) -> Floats:
    """Return the hours between instants, those from 22 to 8 local time counting a quarter.

    Examples
    --------
    >>> at = pd.Series(pd.to_datetime(["2026-03-10T06:00", "2026-03-10T10:00"])).dt.tz_localize("UTC")
    >>> day_hours(at.iloc[[0]], at.iloc[[1]], "UTC").tolist()
    [2.5]
    """
    gone = np.clip(_weighted(end, zone) - _weighted(begin, zone), 0.0, None)
    return np.asarray(gone, dtype=float)


def _weighted(instants: pd.Series, zone: str) -> Floats:
    """Return weighted local hours since 1970."""
    local = instants.dt.tz_convert(zone).dt.tz_localize(None)
    hours = ((local - pd.Timestamp(0)) / HOUR).to_numpy(float)
    days, hour = np.divmod(hours, 24.0)
    day = np.clip(hour, MORNING_H, EVENING_H) - MORNING_H
    night = load_rate_rules().night
    full = EVENING_H - MORNING_H + night * (24.0 - EVENING_H + MORNING_H)
    return np.asarray(days * full + day + night * (hour - day), dtype=float)
