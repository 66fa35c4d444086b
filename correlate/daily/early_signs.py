"""Notice early that complaints are unusually many: by county and symptom, in stretches of a few hours.

With weeks of history a stretch is compared with the same hours of the same day of the week (Farrington's way, as made
flexible by Noufaily); while history is short with the same hours of the last days (EARS C1, C2, C3). How many of the
complaints belong to faults already known is told beside: what is left unexplained needs a person.

Simple so far: many stretches are looked at and no correction is made for that; hours are not smoothed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import nbinom, poisson

from contract.knowledge_files import read_numbers
from correlate.daily.known_then import Known

FILE = Path(__file__).with_name("early_signs.toml")
DAY_H, WEEK = 24, 7
EARS_MEMORY = 3
"""Days whose excess C3 adds up."""
LEAST_SPREAD = 0.5
ROUNDS = 8
KEYS = ["scope", "county", "symptom"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SignRules:
    """When complaints are unusually many; units and meaning of each number stand in `early_signs.toml`."""

    block_h: float
    least_complaints: float
    ears_days: float
    ears_gap_days: float
    ears_spreads: float
    ears_sum: float
    ears_chance: float
    farrington_weeks: float
    farrington_most_weeks: float
    farrington_gap_weeks: float
    farrington_chance: float
    farrington_residual: float
    farrington_trend_t: float


@cache
def load_sign_rules(path: Path = FILE) -> SignRules:
    """Return the rules of early signs.

    Raises
    ------
    InputError
        If the file can't be read, lacks a number or holds a strange one, or one lacks a key.
    """
    return SignRules(**read_numbers(path, "early_signs", names=SignRules.__annotations__))


def early_signs(known: Known, first: pd.Timestamp) -> pd.DataFrame:
    """Return the stretches of the last 24 hours with unusually many complaints, most unexplained first.

    Parameters
    ----------
    first : Timestamp
        Local midnight, without zone, of the first day with data.

    Returns
    -------
    DataFrame
        `scope` (county, unknown, all), `county`, `symptom` (null = any), `since` and `until`, `complaints`, `usual`
        mean, `limit` that was passed, `method` (farrington, c1, c2, c3), `explained` (of faults known by now).
    """
    rules = load_sign_rules()
    block = pd.Timedelta(hours=rules.block_h)
    now = known.at.tz_localize(None)
    last = now.floor("D") + (now - now.floor("D")) // block * block - block
    rows = _told(known, block)
    counts = _counted(rows, pd.date_range(first, last, freq=block))
    parts = [
        _signs(counts, counts.index.get_loc(at))
        for at in pd.date_range(last - pd.Timedelta(hours=DAY_H) + block, last, freq=block)
        if at in counts.index
    ]
    found = _narrowest(pd.concat([_NONE, *parts], ignore_index=True))
    return _described(found, rows, known, block)


_NONE = pd.DataFrame(
    {
        "scope": pd.Series(dtype="str"),
        "county": pd.Series(dtype="str"),
        "symptom": pd.Series(dtype="str"),
        "block": pd.Series(dtype="datetime64[us]"),
        "complaints": pd.Series(dtype="float64"),
        "usual": pd.Series(dtype="float64"),
        "limit": pd.Series(dtype="float64"),
        "method": pd.Series(dtype="str"),
    }
)


def farrington(past: Floats, weeks: Floats, chance: float) -> tuple[Floats, Floats]:
    """Return the mean to be expected now and the limit that is passed with a small chance, by series.

    Parameters
    ----------
    past : array [n, c]
        Counts of the same stretch of earlier weeks.
    weeks : array [n]
        How many weeks ago each was, positive.
    chance : float
        Of a count beyond the limit.

    References
    ----------
    .. [1] Noufaily, A. et al. (2013). "An improved algorithm for outbreak detection in multiple surveillance
       systems." Statistics in Medicine 32: 1206-1222. Quasi-Poisson with trend, past outbreaks weigh less, limit of
       a negative binomial; without their seasonal factor, for which a stretch of a weekday stands. The first weights
       take counts as Poisson, so that one outbreak does not hide itself behind its own scatter.

    Examples
    --------
    >>> mean, limit = farrington(np.full((8, 1), 4.0), np.arange(1.0, 9.0), 0.005)
    >>> mean.round(1).tolist(), limit.tolist()
    ([4.0], [11.0])
    """
    rules = load_sign_rules()
    weights = np.ones_like(past)
    mean, fit, error = _trend_fit(past, weeks, weights)
    for number in range(3):
        spread = _spread(past, fit, weights) if number else 1.0
        residual = 1.5 * (past ** (2 / 3) - fit ** (2 / 3)) / (fit ** (1 / 6) * np.sqrt(spread))
        far = np.maximum(residual, rules.farrington_residual) / rules.farrington_residual
        weights = 1.0 / far**2
        weights *= len(past) / weights.sum(axis=0)
        mean, fit, error = _trend_fit(past, weeks, weights)
    spread = _spread(past, fit, weights)
    variance = spread * mean + (mean * error) ** 2 * spread
    wide = variance > 1.001 * mean
    excess = np.where(wide, variance - mean, 1.0)
    limit = np.where(
        wide,
        nbinom.ppf(1 - chance, mean**2 / excess, np.clip(mean / variance, 1e-9, 1 - 1e-9)),
        poisson.ppf(1 - chance, mean),
    )
    return mean, np.asarray(limit, dtype=float)


def ears(past: Floats) -> tuple[Floats, Floats]:
    """Return mean and spread of the days compared with, the spread at least that of a Poisson count.

    Parameters
    ----------
    past : array [days, c]

    Examples
    --------
    >>> mean, spread = ears(np.array([[4.0], [4.0], [4.0]]))
    >>> mean.tolist(), spread.tolist()
    ([4.0], [2.0])
    """
    mean = past.mean(axis=0)
    spread = past.std(axis=0, ddof=1)
    return mean, np.maximum(np.maximum(spread, np.sqrt(mean)), LEAST_SPREAD)


def _narrowest(found: pd.DataFrame) -> pd.DataFrame:
    """Leave out what is told of any symptom, or of all counties, where one symptom or county makes half of it."""
    is_any, is_all = found["symptom"] == "", found["scope"] == "all"
    by_symptom = found[~is_any].groupby(["scope", "county", "block"])["complaints"].max()
    by_county = found[~is_all].groupby(["symptom", "block"])["complaints"].max()
    of_symptom = found.join(by_symptom.rename("part"), on=["scope", "county", "block"])["part"]
    of_county = found.join(by_county.rename("part"), on=["symptom", "block"])["part"]
    half = found["complaints"] / 2
    return found[~(is_any & (of_symptom >= half)) & ~(is_all & (of_county >= half))]


def _told(known: Known, block: pd.Timedelta) -> pd.DataFrame:
    """Return a row for each county and symptom a ticket counts for: its own, any symptom, all counties."""
    tickets = known.tickets
    local = tickets["created_at"].dt.tz_convert(known.zone).dt.tz_localize(None)
    at = tickets["day"] + (local - tickets["day"]) // block * block
    county = tickets["county"].fillna("")
    own = pd.DataFrame(
        {
            "scope": np.where(county == "", "unknown", "county"),
            "county": county,
            "symptom": tickets["symptom"].fillna(""),
            "block": at,
            "is_known": tickets["incident_id"].notna(),
        }
    )
    both = pd.concat([own, own.assign(scope="all", county="")], ignore_index=True)
    named = both[both["symptom"] != ""]
    return pd.concat([named, both.assign(symptom="")], ignore_index=True)


def _counted(rows: pd.DataFrame, blocks: pd.DatetimeIndex) -> pd.DataFrame:
    """Return complaints by stretch (index) and what they count for (columns)."""
    wide = rows.groupby(["block", *KEYS]).size().unstack(KEYS, fill_value=0)
    return wide.reindex(blocks, fill_value=0).astype("float64")


def _signs(counts: pd.DataFrame, at: int) -> pd.DataFrame:
    """Return what is unusual in one stretch."""
    rules = load_sign_rules()
    now = counts.iloc[at].to_numpy(float)
    many = now >= rules.least_complaints
    a_day = round(DAY_H / rules.block_h)
    values = counts.to_numpy(float)[:, many]
    n_weeks = at // (a_day * WEEK)
    if n_weeks >= rules.farrington_weeks:
        found = _by_week(values, at, a_day * WEEK, n_weeks)
    else:
        found = _by_day(values, at, a_day)
    usual, limit, method = found
    told = counts.columns[many].to_frame(index=False)
    told = told.assign(
        block=counts.index[at], complaints=now[many], usual=usual, limit=limit, method=method
    )
    return told[told["method"] != ""]


def _by_week(
    values: Floats, at: int, week: int, n_weeks: int
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Return usual, limit and method where the same hours of the week were fewer."""
    rules = load_sign_rules()
    ago = np.arange(1 + int(rules.farrington_gap_weeks), n_weeks + 1, dtype=float)
    ago = ago[: int(rules.farrington_most_weeks)]
    past = values[(at - ago * week).astype(int)]
    usual, limit = farrington(past, ago, rules.farrington_chance)
    return usual, limit, np.where(values[at] > limit, "farrington", "")


def _by_day(values: Floats, at: int, a_day: int) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Return usual, limit and method where the same hours of the last days were fewer."""
    rules = load_sign_rules()
    gap, length = int(rules.ears_gap_days), int(rules.ears_days)
    nothing = np.full(values.shape[1], np.nan)
    method = np.full(values.shape[1], "", dtype="<U10")
    if at < a_day * length:
        return nothing, nothing, method
    usual, spread = ears(_days(values, at, a_day, 1, length))
    limit = usual + rules.ears_spreads * spread
    is_rare = _rare(values[at], usual * length, length)
    method[(values[at] > limit) & is_rare] = "c1"
    if at >= a_day * (length + gap + EARS_MEMORY - 1):
        excess = [_c2(values, at - a_day * ago, a_day) for ago in range(EARS_MEMORY)]
        told = [(excess[0] > rules.ears_spreads, "c2"), (_summed(excess) > rules.ears_sum, "c3")]
        for is_more, name in told:
            method[is_more & is_rare & (method == "")] = name
    return usual, limit, method


def _days(values: Floats, at: int, a_day: int, first: int, length: int) -> Floats:
    """Return the same stretch of `length` days, the latest `first` days before."""
    return values[at - a_day * np.arange(first, first + length)]


def _c2(values: Floats, at: int, a_day: int) -> Floats:
    """Return how many spreads a stretch lies above the days before it, the last ones left out."""
    rules = load_sign_rules()
    mean, spread = ears(
        _days(values, at, a_day, int(rules.ears_gap_days) + 1, int(rules.ears_days))
    )
    return np.asarray((values[at] - mean) / spread, dtype=float)


def _summed(excess: list[Floats]) -> Floats:
    """Return C3: what C2 lies above one spread, added up over three days."""
    return np.asarray(np.sum([np.maximum(e - 1.0, 0.0) for e in excess], axis=0), dtype=float)


def _rare(now: Floats, total: Floats, days: int) -> NDArray[np.bool_]:
    """Tell where so many complaints are rare, given their sum over some days."""
    beyond = nbinom.sf(now - 1, total + 0.5, days / (days + 1.0))
    return np.asarray(beyond < load_sign_rules().ears_chance, dtype=bool)


def _trend_fit(past: Floats, weeks: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean now, the fitted past [n, c] and the mean's relative error; a trend only where it is clear."""
    level = np.maximum((weights * past).sum(axis=0) / weights.sum(axis=0), 0.05)
    flat = np.broadcast_to(level, past.shape)
    error = np.sqrt(1.0 / (weights * flat).sum(axis=0))
    x = weeks.mean() - weeks
    a, b = np.log(level), np.zeros_like(level)
    for _ in range(ROUNDS):
        mu = np.exp(np.clip(a + x[:, None] * b, -5.0, 12.0))
        s0, s1, s2 = ((weights * mu * x[:, None] ** k).sum(axis=0) for k in range(3))
        g0 = (weights * (past - mu)).sum(axis=0)
        g1 = (weights * (past - mu) * x[:, None]).sum(axis=0)
        det = np.maximum(s0 * s2 - s1**2, 1e-12)
        a = a + np.clip((s2 * g0 - s1 * g1) / det, -1.0, 1.0)
        b = b + np.clip((s0 * g1 - s1 * g0) / det, -0.5, 0.5)
    mu = np.exp(np.clip(a + x[:, None] * b, -5.0, 12.0))
    ahead = np.exp(np.clip(a + weeks.mean() * b, -5.0, 12.0))
    slope_error = np.sqrt(s0 / det * _spread(past, mu, weights))
    is_clear = (np.abs(b) > load_sign_rules().farrington_trend_t * slope_error) & (
        ahead <= past.max(axis=0)
    )
    wide = np.sqrt((s2 - 2 * weeks.mean() * s1 + weeks.mean() ** 2 * s0) / det)
    return (
        np.where(is_clear, ahead, level),
        np.where(is_clear, mu, flat),
        np.where(is_clear, wide, error),
    )


def _spread(past: Floats, fit: Floats, weights: Floats) -> Floats:
    """Return how much wider than Poisson the past scatters, 1 at least."""
    beyond = (weights * (past - fit) ** 2 / fit).sum(axis=0) / max(len(past) - 1, 1)
    return np.asarray(np.maximum(beyond, 1.0), dtype=float)


def _described(
    found: pd.DataFrame, rows: pd.DataFrame, known: Known, block: pd.Timedelta
) -> pd.DataFrame:
    """Add how much is explained and write instants; most unexplained complaints first."""
    keys = [*KEYS, "block"]
    explained = rows.groupby(keys)["is_known"].sum().rename("explained")
    table = found.join(explained, on=keys)
    begin = table["block"].dt.tz_localize(known.zone, nonexistent="shift_forward", ambiguous=True)
    table = table.assign(
        since=begin, until=begin + block, left=table["complaints"] - table["explained"]
    )
    order = ["left", "complaints", "since", *KEYS]
    table = table.sort_values(order, ascending=[False, False, True, True, True, True])
    blank = {"county": table["county"].replace("", None)}
    return table.assign(symptom=table["symptom"].replace("", None), **blank).reset_index(drop=True)
