"""Forecast the complaints of the next days: what is usual, what is recent, and what open faults still bring.

A day's complaints have a mean that lies between the long mean and the recent level and returns to the long mean; on the
first day comes what the open faults are expected to bring beyond the usual. How much the recent counts, how fast it is
forgotten and how much the open faults say differs between networks: several ways are tried side by side, and each
weighs as much as it made the days so far likely. Counts scatter as a negative binomial.

Simple so far: counties are independent but for the ways they share; holidays and the weather are not known.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import nbinom, poisson

from contract.knowledge_files import read_numbers

FILE = Path(__file__).with_name("forecast.toml")
LEVEL = 0.95
LEAST = 0.3
"""Complaints a day at least: none so far does not mean none ever."""
LEAST_SCATTER = 0.01
WEEK = 7

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """One way to forecast: weight of the last day, share of the recent kept a day, share of the open faults."""

    memory: float
    persistence: float
    open_share: float


@dataclass(frozen=True)
class Forecast:
    """Complaints to come of each series: `mean` and `variance` of the sum of the days, `first` and its variance."""

    mean: Floats
    variance: Floats
    first: Floats
    first_variance: Floats


@dataclass(frozen=True)
class Past:
    """Days so far: counts [n, c] and what open faults were expected to bring [n + 1, c], today's last."""

    counts: Floats
    expected: Floats


@dataclass(frozen=True)
class ForecastRules:
    """How days are forecast; units and meaning of each number stand in `forecast.toml`."""

    memory_least: float
    memory_most: float
    persistence_least: float
    persistence_most: float
    open_most: float
    noise_kept: float
    scatter: float
    scatter_days: float
    least_days: float
    weekday_weeks: float
    weekday_complaints: float
    open_days: float


@cache
def load_forecast_rules(path: Path = FILE) -> ForecastRules:
    """Return the numbers of a forecast.

    Raises
    ------
    InputError
        If the file can't be read, lacks a number or holds a strange one, or one lacks a key.
    """
    return ForecastRules(**read_numbers(path, "forecast", names=ForecastRules.__annotations__))


@cache
def ways() -> tuple[Way, ...]:
    """Return the ways that are tried side by side."""
    rules = load_forecast_rules()
    memory = np.linspace(rules.memory_least, rules.memory_most, 3).tolist()
    kept = np.linspace(rules.persistence_least, rules.persistence_most, 4).tolist()
    shares = np.linspace(0.0, rules.open_most, 3).tolist()
    return tuple(Way(*chosen) for chosen in itertools.product(memory, kept, shares))


def forecast(
    counts: pd.DataFrame, expected: pd.DataFrame, days: int, *, groups: pd.Series | None = None
) -> Forecast:
    """Return the complaints of the next days, summed, and those of the first day.

    Parameters
    ----------
    counts : DataFrame [n days, c series]
        Complaints by day, consecutive, index of days (datetime64).
    expected : DataFrame [n + 1 days, c series]
        What the faults open on each day were expected to bring that day, the last row of the first day to come.
    days : int
        How many days to come; 0 gives no complaints.
    groups : Series of str, index of the columns, optional
        Series of one group share their scatter; the first group weighs the ways. Default: one group.

    References
    ----------
    .. [1] Raftery, A. E. et al. (2005). "Using Bayesian model averaging to calibrate forecast ensembles." Monthly
       Weather Review 133: 1155-1174. Here the weights are those of one-step likelihoods, without discount.

    Examples
    --------
    >>> days = pd.date_range("2026-03-01", periods=8)
    >>> seen = pd.DataFrame({"a": [10, 12, 9, 11, 10, 8, 12, 10.0]}, index=days)
    >>> none = pd.DataFrame(0.0, index=pd.date_range("2026-03-01", periods=9), columns=["a"])
    >>> forecast(seen, none, 3).mean.round(0)
    array([31.])
    """
    group = np.zeros(counts.shape[1], int) if groups is None else pd.factorize(groups)[0]
    factors = weekday_factors(counts, days)
    past = Past(counts.to_numpy(float) / factors[: len(counts), None], expected.to_numpy(float))
    coming = factors[len(counts) :]
    found = [_one_way(past, way, coming, group=group) for way in ways()]
    weights = _weights(np.array([f[0] for f in found]), len(counts))
    first = _mixed(weights, [f[1] for f in found])
    whole = _mixed(weights, [f[2] for f in found])
    return Forecast(whole[0], whole[1], first[0], first[1])


def interval(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % interval of counts with this mean and variance, negative binomial."""
    tail = (1 - LEVEL) / 2
    return _quantile(tail, mean, variance), _quantile(1 - tail, mean, variance)


def chance_above(limit: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the probability that a count exceeds a limit; where nothing is to come it is 0 or 1."""
    is_wide, shape, chance = _shape(mean, variance)
    above = np.where(
        is_wide, nbinom.sf(limit, shape, chance), poisson.sf(limit, np.maximum(mean, 1e-9))
    )
    return np.asarray(np.where(mean > 0, above, (limit < 0).astype(float)), dtype=float)


def weekday_factors(counts: pd.DataFrame, days: int) -> Floats:
    """Return what each day so far and to come brings against the mean day; 1 before there are whole weeks enough.

    Parameters
    ----------
    days : int
        Days to come after the last of `counts`.
    """
    rules, total = load_forecast_rules(), counts.sum(axis=1).to_numpy(float)
    n = len(counts)
    if n < WEEK * rules.weekday_weeks:
        return np.ones(n + days)
    weekday = np.arange(n + days) % WEEK
    own = rules.weekday_complaints
    seen = np.bincount(weekday[:n], weights=total, minlength=WEEK)
    usual = np.bincount(weekday[:n], minlength=WEEK) * total.mean()
    return np.asarray(((seen + own) / (usual + own))[weekday], dtype=float)


def _one_way(
    past: Past, way: Way, coming: Floats, *, group: NDArray[np.intp]
) -> tuple[float, tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return how likely one way made the days so far, and mean and variance of the first day and of all to come."""
    means = _one_step(past, way)
    seen, told = past.counts[2:], means[1:-1]
    phi = _scatter(past.counts, seen, told, group=group)
    is_first = group == 0
    likely = float(_log_chance(seen, told, phi)[:, is_first].sum()) if len(seen) else 0.0
    mean = np.mean(past.counts, axis=0)
    ahead = np.arange(1, len(coming) + 1)
    kept = way.persistence ** (ahead - 1.0)
    recent = means[-1] - _open_part(past, way, len(past.counts))
    levels = np.maximum(mean + (recent - mean) * kept[:, None], LEAST / 4)
    levels[:1] = means[-1]
    levels = levels * coming[:, None]
    noise = load_forecast_rules().noise_kept ** np.abs(ahead[:, None] - ahead)
    whole = levels.sum(axis=0)
    variance = whole + phi * np.einsum("ic,ij,jc->c", levels, noise, levels)
    of_mean = (mean + phi * mean**2) / len(past.counts)
    variance = variance + of_mean * (len(coming) - kept.sum() * way.persistence) ** 2
    first = means[-1] * (coming[0] if len(coming) else 1.0)
    return likely, (first, first + phi * first**2), (whole, variance)


def _one_step(past: Past, way: Way) -> Floats:
    """Return the mean forecast for each day but the first, from the days before it alone, and for the next."""
    found, recent, weight = [], np.zeros(past.counts.shape[1]), 0.0
    total = np.zeros(past.counts.shape[1])
    for day, seen in enumerate(past.counts, start=1):
        recent = (1 - way.memory) * recent + seen
        weight = (1 - way.memory) * weight + 1.0
        total = total + seen
        mean = total / day
        level = mean + (recent / weight - mean) * way.persistence
        found.append(np.maximum(level + _open_part(past, way, day), LEAST))
    return np.array(found)


def _open_part(past: Past, way: Way, day: int) -> Floats:
    """Return what the open faults add on a day: what they are expected to bring beyond the mean of the days so far."""
    known = past.expected[: day + 1]
    return np.asarray(way.open_share * (known[-1] - known.mean(axis=0)), dtype=float)


def _scatter(counts: Floats, seen: Floats, told: Floats, *, group: NDArray[np.intp]) -> Floats:
    """Return the variance beyond Poisson over the squared mean of each series, one for a group."""
    rules = load_forecast_rules()
    prior = rules.scatter_days * counts.mean(axis=0) ** 2
    beyond = ((seen - told) ** 2 - told).sum(axis=0) + rules.scatter * prior
    square = (told**2).sum(axis=0) + prior
    size = group.max() + 1
    by_group = np.bincount(group, beyond, size) / np.maximum(np.bincount(group, square, size), 1e-9)
    return np.asarray(np.maximum(by_group, LEAST_SCATTER)[group], dtype=float)


def _log_chance(seen: Floats, mean: Floats, phi: Floats) -> Floats:
    """Return the log-likelihood of counts, negative binomial."""
    size = 1.0 / phi
    whole = np.maximum(seen, 0.0)
    found = gammaln(whole + size) - gammaln(size) - gammaln(whole + 1)
    return np.asarray(
        found + size * np.log(size / (size + mean)) + whole * np.log(mean / (size + mean)),
        dtype=float,
    )


def _weights(likely: Floats, days: int) -> Floats:
    """Return what each way weighs."""
    if days < load_forecast_rules().least_days:
        return np.full(len(likely), 1.0 / len(likely))
    weights = np.exp(likely - likely.max())
    return np.asarray(weights / weights.sum(), dtype=float)


def _mixed(weights: Floats, parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Return mean and variance of a mixture."""
    means, variances = (np.array([part[i] for part in parts]) for i in (0, 1))
    mean = weights @ means
    return mean, weights @ (variances + means**2) - mean**2


def _shape(mean: Floats, variance: Floats) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Return where a count is wider than Poisson, and the parameters of its negative binomial."""
    is_wide = variance > 1.0001 * np.maximum(mean, 1e-9)
    beyond = np.where(is_wide, variance - mean, 1.0)
    chance = np.where(is_wide, mean / np.where(is_wide, variance, 1.0), 0.5)
    return is_wide, np.maximum(mean**2 / beyond, 1e-9), np.clip(chance, 1e-9, 1 - 1e-9)


def _quantile(q: float, mean: Floats, variance: Floats) -> Floats:
    """Return a quantile of counts."""
    is_wide, shape, chance = _shape(mean, variance)
    found = np.where(is_wide, nbinom.ppf(q, shape, chance), poisson.ppf(q, np.maximum(mean, 1e-9)))
    return np.where(mean > 0, found, 0.0)
