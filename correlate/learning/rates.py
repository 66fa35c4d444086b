"""Learn how readily the users of a fault of each cause complain, from faults that are over.

A gamma distribution of all causes and one of each cause around it, as `correlate.rates` has them; what is kept are the
complaints counted and those our first estimates expected.

Simple so far: judged by how well the complaints of later faults are foretold, each fault's length as it turned out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlate.rates import Lesson, Rates, start_rates

MOST_COMPLAINTS = 60.0
"""Most complaints of a cause that count for a later run, which learns on (START value)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RateCounts:
    """Complaints of faults that are over, and those expected of them, [causes of faults]; how many faults."""

    told: Floats
    expected: Floats
    faults: Floats


def learn_rates(lessons: Sequence[Lesson], causes: int) -> RateCounts:
    """Return what faults taught."""
    told = np.array([x.told for x in lessons]).reshape(-1, causes)
    expected = np.array([x.expected for x in lessons]).reshape(-1, causes)
    total = np.maximum(expected.sum(axis=1, keepdims=True), 1e-12)
    return RateCounts(told.sum(axis=0), expected.sum(axis=0), (expected / total).sum(axis=0))


def rates_from(counts: RateCounts, prior: Floats) -> Rates:
    """Return rates that start from what was learned; of many complaints of a cause a part counts."""
    most = np.maximum(np.maximum(counts.told, counts.expected), MOST_COMPLAINTS)
    part = MOST_COMPLAINTS / most
    rates = start_rates(prior)
    rates.told, rates.expected = counts.told * part, counts.expected * part
    return rates


def rate_gains(counts: RateCounts, later: Sequence[Lesson]) -> Floats:
    """Return by how much better each later fault's complaints are foretold than by first estimates, nats, [faults].

    Complaints are taken as Poisson with an overdispersion: negative binomial of shape 1.
    """
    size = len(counts.told)
    ones = np.ones(size)
    times = rates_from(counts, ones).per_user_hour()
    told = np.array([x.told.sum() for x in later])
    before = np.array([x.expected.sum() for x in later])
    after = np.array([(x.expected * times).sum() for x in later])
    return np.asarray(_log_likelihood(told, after) - _log_likelihood(told, before), float)


def _log_likelihood(told: Floats, expected: Floats) -> Floats:
    """Return the log likelihood of complaints under a negative binomial of shape 1, but for a constant."""
    expected = np.maximum(expected, 1e-6)
    return np.asarray(told * np.log(expected) - (told + 1.0) * np.log1p(expected), float)


def rate_entries(counts: RateCounts, causes: Sequence[str]) -> list[dict[str, object]]:
    """Return an entry for each cause with complaints counted or expected."""
    times = rates_from(counts, np.ones(len(causes))).per_user_hour()
    return [
        {
            "cause": cause,
            "times": round(float(times[i]), 3),
            "complaints": round(float(counts.told[i]), 2),
            "expected": round(float(counts.expected[i]), 2),
            "faults": round(float(counts.faults[i]), 1),
        }
        for i, cause in enumerate(causes)
        if counts.told[i] >= 0.005 or counts.expected[i] >= 0.005
    ]
