"""Learn how far stated probabilities come true: by one temperature, or by a curve; the better on later orders is kept.

Temperature flattens or sharpens all probabilities of an order. The curve (isotonic regression) says of the likeliest
cause how often it is right at each probability stated; the other causes share the rest as before. Orders are right nine
times in ten, so a cause is right more often than its orders say.

Simple so far: one curve for all causes.

References
----------
.. [1] Zadrozny, Elkan (2002), "Transforming classifier scores into accurate multiclass probability estimates", KDD.
.. [2] Guo, Pleiss, Sun, Weinberger (2017), "On calibration of modern neural networks", ICML: temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from correlate.calibration import TRUST_IN_ORDERS, Calibration, Curve, curved, tempered
from correlate.learning.orders import Evidence

CURVE_ORDERS = 5.0
"""Orders at each end that hold the curve to the diagonal (start value)."""
MOST_SURE = 0.995

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Correction:
    """A temperature (1 leaves all as it is) or a curve (empty: none), and the orders it was learned from."""

    temperature: float
    curve: Curve
    orders: int


def learn_temperature(evidence: Evidence) -> Correction:
    """Return the temperature with the least log loss, drawn towards 1."""
    fitted = Calibration()
    for probability, cause in zip(evidence.posterior(), evidence.closed_as, strict=True):
        fitted.note(probability, int(cause))
    fitted.refit()
    return Correction(fitted.temperature, (), len(evidence))


def learn_curve(evidence: Evidence) -> Correction:
    """Return how often the likeliest cause is right by the probability stated, as a curve that never falls."""
    probability = evidence.posterior()
    stated = probability.max(axis=1)
    agrees = (probability.argmax(axis=1) == evidence.closed_as).astype(float)
    wrong = (1.0 - TRUST_IN_ORDERS) / max(1, len(evidence.causes) - 1)
    right = (agrees - wrong) / (TRUST_IN_ORDERS - wrong)
    ends = np.array([0.0, 1.0])
    fitted = IsotonicRegression(y_min=0.0, y_max=MOST_SURE, out_of_bounds="clip").fit(
        np.concatenate([stated, ends]),
        np.concatenate([right, ends]),
        sample_weight=np.concatenate([np.ones(len(stated)), np.full(2, CURVE_ORDERS)]),
    )
    points = zip(fitted.X_thresholds_, fitted.y_thresholds_, strict=True)
    curve = tuple((round(float(x), 4), round(float(y), 4)) for x, y in points)
    return Correction(1.0, curve, len(evidence))


def corrected(correction: Correction, probability: Floats) -> Floats:
    """Return probabilities corrected, [orders, causes]."""
    rows = [tempered(curved(p, correction.curve), correction.temperature) for p in probability]
    return np.asarray(rows, dtype=float).reshape(probability.shape)


def correction_entries(correction: Correction) -> list[dict[str, object]]:
    """Return the temperature, or an entry for each point of the curve."""
    if not correction.curve:
        return [{"temperature": correction.temperature, "orders": correction.orders}]
    return [{"stated": x, "right": y, "orders": correction.orders} for x, y in correction.curve]
