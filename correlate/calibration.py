"""Make stated probabilities match how often they come true, from closed orders as they arrive.

One number, the temperature, flattens (above 1) or sharpens (below 1) all probabilities of a ticket. It is fitted on
closed orders, taken as right nine times in ten, and drawn towards 1 until there are many.

Simple so far: one temperature for all causes and all kinds of evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

TRUST_IN_ORDERS = 0.9
TEMPERATURES = np.round(np.exp(np.linspace(np.log(0.6), np.log(3.0), 21)), 3)
PRIOR_ORDERS = 40.0
MEMORY = 3000

Floats = NDArray[np.float64]
Curve = tuple[tuple[float, float], ...]
"""Probabilities stated and how often they come true, both ascending; empty leaves them as stated."""


@dataclass
class Calibration:
    """Probabilities stated before the order was closed, the cause it was closed with, and the temperature.

    `start` is the temperature that few orders are drawn to, which count as `start_orders`; `curve` comes before it.
    """

    stated: list[Floats] = field(default_factory=list)
    closed_as: list[int] = field(default_factory=list)
    temperature: float = 1.0
    start: float = 1.0
    start_orders: float = PRIOR_ORDERS
    curve: Curve = ()

    def note(self, probability: Floats, cause: int) -> None:
        """Remember one closed order."""
        self.stated.append(curved(probability, self.curve))
        self.closed_as.append(cause)
        del self.stated[:-MEMORY], self.closed_as[:-MEMORY]

    def refit(self) -> None:
        """Choose the temperature with the least log loss on the orders remembered."""
        if not self.stated:
            return
        log = np.log(np.maximum(np.vstack(self.stated), 1e-6))
        closed = np.array(self.closed_as)
        losses = [_loss(log, closed, t) + self._pull(float(t)) for t in TEMPERATURES]
        self.temperature = float(TEMPERATURES[int(np.argmin(losses))])

    def corrected(self, probability: Floats) -> Floats:
        """Return probabilities as they are to be stated, sum unchanged."""
        return tempered(curved(probability, self.curve), self.temperature)

    def _pull(self, temperature: float) -> float:
        """Return the cost of leaving the temperature started from, as much as a few orders."""
        return self.start_orders * 0.25 * float(np.log(temperature / self.start)) ** 2


def curved(probability: Floats, curve: Curve) -> Floats:
    """Return probabilities with the likeliest as often right as a curve says, sum unchanged; the others share the rest.

    >>> curved(np.array([0.8, 0.2]), ((0.0, 0.0), (0.8, 0.7), (1.0, 1.0))).round(3).tolist()
    [0.7, 0.3]
    """
    total, best = float(probability.sum()), int(np.argmax(probability))
    if not curve or total <= 0 or probability[best] >= total:
        return probability
    stated, right = zip(*curve, strict=True)
    first = float(np.interp(probability[best] / total, stated, right)) * total
    out = probability * ((total - first) / (total - probability[best]))
    out[best] = first
    return np.asarray(out, dtype=float)


def tempered(probability: Floats, temperature: float) -> Floats:
    """Return probabilities at a temperature, sum unchanged.

    >>> tempered(np.array([0.8, 0.2]), 1.0).round(3).tolist()
    [0.8, 0.2]
    """
    total = probability.sum()
    if total <= 0:
        return probability
    powered = np.power(np.maximum(probability / total, 1e-12), 1.0 / temperature)
    return np.asarray(powered / powered.sum() * total, dtype=float)


def _loss(log: Floats, closed: NDArray[np.int64], temperature: float) -> float:
    """Return the log loss of orders right nine times in ten."""
    scaled = log / temperature
    norm = np.log(np.exp(scaled - scaled.max(axis=1, keepdims=True)).sum(axis=1))
    own = scaled[np.arange(len(closed)), closed] - scaled.max(axis=1) - norm
    likely = TRUST_IN_ORDERS * np.exp(own) + (1 - TRUST_IN_ORDERS) / log.shape[1]
    return float(-np.log(likely).sum())
