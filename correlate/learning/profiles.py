"""Learn what callers of each cause complain of, at which hours, and how long after a fault began.

Three tables, each a share per cause drawn towards what is known without closed orders: symptoms towards our profiles,
hours and ages towards those of all orders. A cause with few orders stays there.

Simple so far: hours of a weekday and of a holiday are one; how long a fault lasts bounds how late people may call of
it, which is left out of account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.learning.orders import Evidence
from correlate.profiles import Profiles, symptom_log_likelihood

SYMPTOM_ORDERS = 25.0
TIME_ORDERS = 40.0
"""Orders that what is known without them counts as (start values)."""
HOUR_ENDS = (6, 9, 12, 15, 18, 21, 24)
"""Hours at which the parts of a day end."""
AGE_ENDS_H = (1.0, 3.0, 8.0, 24.0, 72.0)
"""Hours since the beginning of a fault at which its ages end; the last has no end."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Times:
    """Log ratio of each part of time for each cause to that of all, [parts, causes]; orders behind each, `counts`."""

    log: Floats
    counts: Floats


@dataclass(frozen=True)
class SymptomShares:
    """Profiles moved by closed orders, and orders behind each cause and symptom, by cause."""

    profiles: Profiles
    counts: pd.DataFrame
    said: pd.DataFrame
    orders: pd.Series


def hour_part(hour: Floats | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the part of the day of each hour.

    >>> hour_part(np.array([0, 6, 23])).tolist()
    [0, 1, 6]
    """
    return np.asarray(np.searchsorted(HOUR_ENDS, hour, side="right"), dtype=np.int64)


def age_part(age_h: Floats) -> NDArray[np.int64]:
    """Return the part of its life in which each fault is, by hours since it began.

    >>> age_part(np.array([0.5, 100.0])).tolist()
    [0, 5]
    """
    return np.asarray(np.searchsorted(AGE_ENDS_H, age_h, side="right"), dtype=np.int64)


def learn_hours(evidence: Evidence) -> Times:
    """Return at which hours callers of each cause come."""
    part = hour_part(evidence.orders["hour"].to_numpy(np.int64))
    return _times(part, evidence.truths(), parts=len(HOUR_ENDS))


def apply_hours(times: Times, evidence: Evidence) -> Evidence:
    """Return orders weighed with their hours."""
    part = hour_part(evidence.orders["hour"].to_numpy(np.int64))
    return evidence.with_words(times.log[part])


def learn_ages(evidence: Evidence) -> Times:
    """Return how long after a fault began its callers come, by its cause."""
    own = evidence.pairs * _closed_of_faults(evidence)[evidence.order]
    return _times(age_part(evidence.age_h), own, parts=len(AGE_ENDS_H) + 1)


def apply_ages(times: Times, evidence: Evidence) -> Evidence:
    """Return orders weighed with the ages of their faults."""
    return evidence.with_pairs(times.log[age_part(evidence.age_h)], is_belief=False)


def time_entries(
    times: Times, causes: Sequence[str], ends: Sequence[float]
) -> list[dict[str, object]]:
    """Return an entry for each part of time and cause with orders."""
    found = np.argwhere(times.counts >= 1.0)
    return [
        {
            "until_h": float(ends[part]) if part < len(ends) else None,
            "cause": causes[c],
            "log_ratio": round(float(times.log[part, c]), 3),
            "orders": round(float(times.counts[part, c]), 1),
        }
        for part, c in found.tolist()
    ]


def learn_symptoms(evidence: Evidence, profiles: Profiles) -> SymptomShares:
    """Return profiles moved towards what closed orders say callers of each cause complain of."""
    place = [evidence.causes.index(cause) for cause in profiles.causes]
    truths = evidence.truths()[:, place]
    codes, flags = list(profiles.symptoms.columns), list(profiles.flags.columns)
    dominant = evidence.symptoms["dominant"].to_numpy(object)
    is_symptom = (dominant[:, None] == np.array(codes, dtype=object)).astype(float)
    speaks = is_symptom.any(axis=1)
    flagged = evidence.symptoms.reindex(columns=flags, fill_value=False).to_numpy(float)
    counts = truths.T @ is_symptom
    orders, heard = truths[speaks].sum(axis=0), truths.T @ flagged
    shares = SYMPTOM_ORDERS * profiles.symptoms.to_numpy() + counts
    said = SYMPTOM_ORDERS * profiles.flags.to_numpy() + heard
    symptoms = _like(profiles.symptoms, shares / shares.sum(axis=1, keepdims=True))
    chances = _like(profiles.flags, said / (SYMPTOM_ORDERS + truths.sum(axis=0))[:, None])
    return SymptomShares(
        replace(profiles, symptoms=symptoms, flags=chances),
        _like(profiles.symptoms, counts),
        _like(profiles.flags, heard),
        pd.Series(orders, index=list(profiles.causes)),
    )


def apply_symptoms(learned: SymptomShares, evidence: Evidence, before: Profiles) -> Evidence:
    """Return orders weighed with the profiles learned instead of those `before`."""
    moved = [symptom_log_likelihood(evidence.symptoms, p) for p in (learned.profiles, before)]
    log = pd.DataFrame(moved[0] - moved[1], columns=list(before.causes))
    return evidence.with_words(log.reindex(columns=list(evidence.causes)).to_numpy(float))


def symptom_entries(learned: SymptomShares) -> list[dict[str, object]]:
    """Return an entry for each cause and symptom or circumstance with orders: its chance and theirs."""
    entries: list[dict[str, object]] = []
    tables = (
        ("symptom", learned.profiles.symptoms, learned.counts),
        ("flag", learned.profiles.flags, learned.said),
    )
    for kind, chances, counts in tables:
        for cause, row in counts.iterrows():
            entries += [
                {
                    kind: name,
                    "cause": str(cause),
                    "chance": round(float(chances.at[cause, name]), 4),
                    "orders": round(float(n), 1),
                }
                for name, n in row.items()
                if learned.orders[str(cause)] >= 1.0
            ]
    return entries


def moved_profiles(profiles: Profiles, chances: Sequence[tuple[str, str, str, float]]) -> Profiles:
    """Return profiles with chances replaced: `symptom` or `flag`, its name, cause, chance."""
    tables = {"symptom": profiles.symptoms.copy(), "flag": profiles.flags.copy()}
    for kind, name, cause, chance in chances:
        if cause in tables[kind].index and name in tables[kind].columns:
            tables[kind].loc[cause, name] = chance
    symptoms = tables["symptom"]
    return replace(
        profiles, symptoms=symptoms.div(symptoms.sum(axis=1), axis=0), flags=tables["flag"]
    )


def _times(part: NDArray[np.int64], truths: Floats, *, parts: int) -> Times:
    """Return shares of parts of time by cause against those of all."""
    counts = np.zeros((parts, truths.shape[1]))
    np.add.at(counts, part, truths)
    usual = (counts.sum(axis=1) + 1.0) / (counts.sum() + parts)
    shares = counts + TIME_ORDERS * usual[:, None]
    shares = shares / shares.sum(axis=0)
    return Times(np.log(shares / usual[:, None]), counts)


def _closed_of_faults(evidence: Evidence) -> Floats:
    """Return how much likelier each cause of faults is now that the order is closed."""
    times = evidence.truths() / np.maximum(evidence.posterior(), 1e-12)
    return np.asarray(times[:, evidence.fault_columns], float)


def _like(frame: pd.DataFrame, values: Floats) -> pd.DataFrame:
    """Return values as a frame of the same rows and columns."""
    return pd.DataFrame(values, index=frame.index, columns=frame.columns)
