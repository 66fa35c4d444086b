"""Learn what complaints that no fault explains are closed as, and how often each circumstance comes with each cause.

Simple so far: an order counts as far as no fault explains it once its verdict is known; old orders count as new ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from correlate.background import Background, load_background
from correlate.learning.orders import Evidence

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shares:
    """Orders that no fault explains, [causes], and orders by circumstance, [values, causes]."""

    unexplained: Floats
    circumstances: Mapping[str, Floats]


def learn_background(evidence: Evidence) -> Shares:
    """Return counts of orders: each counts in part for every cause it may have."""
    start, truths = load_background(evidence.causes), evidence.truths()
    counts = {}
    for name, circumstance in start.circumstances.items():
        values = evidence.told[name].to_numpy(object)
        counts[name] = np.array([truths[values == v].sum(axis=0) for v in circumstance.values])
    return Shares(evidence.unexplained().sum(axis=0), counts)


def apply_background(learned: Shares, evidence: Evidence) -> Evidence:
    """Return orders weighed with the background learned."""
    before = load_background(evidence.causes)
    after = background_from(learned, before)
    log = np.tile(np.log(after.shares() / before.shares()), (len(evidence), 1))
    for name in before.circumstances:
        values = evidence.told[name].to_numpy(object)
        for value in set(values.tolist()):
            ratios = [b.circumstances[name].log_ratios(str(value)) for b in (after, before)]
            log[values == value] += ratios[0] - ratios[1]
    return evidence.with_background(log)


def background_from(learned: Shares, before: Background) -> Background:
    """Return a background that starts from what was learned."""
    after = load_background(before.causes)
    after.counts = after.counts + learned.unexplained
    for name, counts in learned.circumstances.items():
        after.circumstances[name].counts += counts
    return after


def background_entries(learned: Shares, causes: tuple[str, ...]) -> list[dict[str, object]]:
    """Return an entry for each cause, and one for each circumstance, value and cause, with orders."""
    start = load_background(causes)
    shares = background_from(learned, start).shares()
    entries: list[dict[str, object]] = [
        {"cause": cause, "share": round(float(shares[i]), 4), "orders": round(float(n), 2)}
        for i, (cause, n) in enumerate(zip(causes, learned.unexplained, strict=True))
        if n >= 0.005
    ]
    for name, counts in learned.circumstances.items():
        values = start.circumstances[name].values
        entries += [
            {
                "circumstance": name,
                "value": values[v],
                "cause": causes[c],
                "orders": round(float(counts[v, c]), 2),
            }
            for v, c in np.argwhere(counts >= 0.005).tolist()
        ]
    return entries


def shares_of(entries: Sequence[Mapping[str, Any]], causes: tuple[str, ...]) -> Shares:
    """Return what entries of a file say; causes and values that are not known any more are left out."""
    start = load_background(causes)
    unexplained = np.zeros(len(causes))
    counts = {name: np.zeros_like(c.counts) for name, c in start.circumstances.items()}
    for entry in entries:
        if entry["cause"] not in causes:
            continue
        place, orders = causes.index(entry["cause"]), float(entry["orders"])
        name = str(entry.get("circumstance", ""))
        if not name:
            unexplained[place] += orders
        elif name in counts and entry["value"] in start.circumstances[name].values:
            row = start.circumstances[name].values.index(str(entry["value"]))
            counts[name][row, place] += orders
    return Shares(unexplained, counts)
