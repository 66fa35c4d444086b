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
    mean, shape = mean_to_come(rates, hours), shape_of(rates)
    low, high = count_interval(rates, mean, shape)
    square = mean + mean**2 / shape + mean**2
    return pd.DataFrame(
        {
            "expected": rates.real * mean,
            "expected_low": low,
            "expected_high": high,
            "expected_variance": rates.real * square - (rates.real * mean) ** 2,
        }
    )


def mean_to_come(rates: Rates, hours: Floats) -> Floats:
    """Return the complaints to come in weighted hours, if the faults are real, an element per fault."""
    own = load_rate_rules().fault_tickets
    prior = own / np.maximum(rates.per_user_hour, 1e-12) + rates.users * rates.hours
    mean = shape_of(rates) / prior * rates.users * hours
    most = _most(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(most > 0, most * -np.expm1(-mean / most), 0.0)


def shape_of(rates: Rates) -> Floats:
    """Return the shape of the gamma distribution of each fault's rate: the complaints it rests on."""
    return np.asarray(load_rate_rules().fault_tickets + rates.complaints, dtype=float)


def count_interval(
    rates: Rates, mean: Floats, shape: Floats, *, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Return the ends of the interval of negative binomial counts, nothing where a fault is not real.

    Parameters
    ----------
    mean, shape : array
        Of the counts, if the faults are real.
    level : float
        Share of the cases that lie inside.
    """
    chance = shape / (shape + np.maximum(mean, 1e-12))
    tail, ceiling = (1 - level) / 2, np.ceil(_most(rates))
    low, high = (_quantile(q, shape, chance, rates.real) for q in (tail, 1 - tail))
    return np.minimum(low, ceiling), np.minimum(high, ceiling)


def _most(rates: Rates) -> Floats:
    """Return the complaints that are left to come at most."""
    return np.asarray(np.maximum(MOST_SHARE * rates.users - rates.complaints, 0.0), dtype=float)


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
