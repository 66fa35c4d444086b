"""Say how often the users a fault reaches complain, and learn it from the faults that are over.

A rate is complaints per user reached and hour. The first estimate of a cause (`signatures.toml`) is moved by two gamma
distributions, one of all causes together and one of each cause around it: the complaints of faults that are over
against those expected of them. How many call after the repair is learned likewise.

Simple so far: what is learned is never forgotten; places and ages of customers are not told apart.

References
----------
.. [1] Gelman et al., "Bayesian Data Analysis", 3rd edition, 2.6-2.7: gamma distributions of Poisson rates, pooled.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contract.knowledge_files import read_numbers
from correlate.faults import HOUR, Fault

CATALOGUE = Path(__file__).with_name("rates.toml")
DAY_HOURS = (8, 22)
LEAST_LASTED_H = 1 / 6

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RateRules:
    """How rates depend on hour and age and how they learn; `rates.toml` says what each number means."""

    night: float
    age_fade: float
    age_least: float
    late_fade: float
    late_share: float
    fault_tickets: float
    most_times: float
    cause_tickets: float
    all_tickets: float


@cache
def load_rate_rules(path: Path = CATALOGUE) -> RateRules:
    """Return the rules of rates.

    Raises
    ------
    InputError
        If the file can't be read, lacks a number or holds a strange one, or one lacks a key.
    """
    return RateRules(**read_numbers(path, "rates", names=RateRules.__annotations__))


@dataclass(frozen=True)
class Lesson:
    """What a fault that is over taught: its key, when it ended, its complaints and those expected, [causes]."""

    key: str
    ended_at: int
    told: Floats
    expected: Floats


def fault_key(fault: Fault) -> str:
    """Return what a fault is known again by in another run over the same rows."""
    day = fault.opened_at // (24 * HOUR)
    return hashlib.sha256(f"{fault.first_alert}|{fault.object_id}|{day}".encode()).hexdigest()[:16]


@dataclass
class Rates:
    """Complaints of the faults that are over and those expected of them.

    `prior` [causes] first estimates, per user reached and hour; `told` and `expected` [causes] complaints while the
    faults lasted; `late` and `late_expected` those after their repair. `counted` are the keys of faults that what the
    run started from counts already; `log`, where there is one, keeps what each fault taught.
    """

    prior: Floats
    told: Floats
    expected: Floats
    late: float = 0.0
    late_expected: float = 0.0
    counted: frozenset[str] = frozenset()
    log: list[Lesson] | None = None

    def per_user_hour(self) -> Floats:
        """Return complaints per user reached and hour that each cause usually brings, [causes]."""
        rules = load_rate_rules()
        own = rules.all_tickets
        times = (own + self.told.sum()) / (own + self.expected.sum())
        each = (rules.cause_tickets * times + self.told) / (rules.cause_tickets + self.expected)
        return np.asarray(self.prior * each, dtype=float)

    def late_times(self) -> float:
        """Return how many call after the repair against the first estimate."""
        own = load_rate_rules().all_tickets
        return (own + self.late) / (own + self.late_expected)

    def learn(self, fault: Fault, belief: Floats, user_hours: float) -> None:
        """Learn from a fault that is over and whose complaints are settled.

        Parameters
        ----------
        belief : array [causes]
            Probabilities of its causes.
        user_hours : float
            Users it reached x hours it lasted, as :func:`lasted_hours` counts them.
        """
        rules = load_rate_rules()
        if self.counted and fault_key(fault) in self.counted:
            return
        during = max(0.0, fault.tickets - fault.late)
        told, expected = belief * during, belief * self.prior * user_hours
        self.told = self.told + told
        self.expected = self.expected + expected
        if self.log is not None:
            ended_at = int(fault.ended_at or fault.started_at)
            self.log.append(Lesson(fault_key(fault), ended_at, told, expected))
        lasted_h = (int(fault.ended_at or fault.started_at) - fault.started_at) / HOUR
        after = rules.late_share * rules.late_fade * late_rate(0.0, lasted_h)
        self.late += fault.late
        self.late_expected += during * float(after) / max(lasted_h, LEAST_LASTED_H)


def start_rates(prior: Floats) -> Rates:
    """Return rates of which nothing was learned yet; `prior` [causes] per user reached and hour."""
    return Rates(prior, np.zeros(len(prior)), np.zeros(len(prior)))


def learned_rate(prior_per_user_hour: Floats, tickets: Floats, user_hours: Floats) -> Floats:
    """Return faults' own complaints per user and hour: a gamma prior worth a few tickets, then their own.

    >>> learned_rate(np.array([1e-4]), np.array([0.0]), np.array([0.0])).round(6).tolist()
    [0.0001]
    """
    rules = load_rate_rules()
    prior_hours = rules.fault_tickets / prior_per_user_hour
    rate = (rules.fault_tickets + tickets) / (prior_hours + user_hours)
    most = prior_per_user_hour * rules.most_times
    return np.asarray(np.clip(rate, prior_per_user_hour / 10.0, most), dtype=float)


def aged(age_h: Floats) -> Floats:
    """Return the rate of complaints at an age of the fault, against its first hours.

    >>> aged(np.array([0.0, 1e6])).tolist()
    [1.0, 0.3]
    """
    rules = load_rate_rules()
    return np.asarray(np.maximum(rules.age_least, np.exp(-age_h / rules.age_fade)), dtype=float)


def late_rate(gap_h: Floats | float, lasted_h: Floats | float) -> Floats:
    """Return the rate of complaints some time after a repair, against `late_share` of that before it.

    Those who call late call with a delay: of a short fault there are few of them.

    >>> late_rate(0.0, np.array([10.0, 1.0])).round(2).tolist()
    [0.63, 0.1]
    """
    fade = load_rate_rules().late_fade
    lasted = np.maximum(lasted_h, LEAST_LASTED_H)
    late = np.exp(-np.asarray(gap_h) / fade) * -np.expm1(-lasted / fade)
    return np.asarray(late, dtype=float)


@lru_cache(maxsize=2**18)
def lasted_hours(begin: int, end: int, *, offset_s: int, aging_from: int) -> float:
    """Return hours of day between two moments; hours of the night and of an old fault count less.

    Parameters
    ----------
    begin, end : int
        Seconds since 1970.
    offset_s : int
        How far the operator's clock is ahead of UTC, in seconds.
    aging_from : int
        When the fault began.
    """
    hours = np.arange(begin, max(end, begin + 1), HOUR)
    local = (hours + offset_s) // HOUR % 24
    is_day = (local >= DAY_HOURS[0]) & (local < DAY_HOURS[1])
    weight = np.where(is_day, 1.0, load_rate_rules().night)
    weight = weight * aged((hours - aging_from) / HOUR)
    last = min(max(0, end - int(hours[-1])), HOUR) / HOUR
    return float(weight[:-1].sum() + weight[-1] * last)
