"""Judge what was learned on orders that came later, and refuse what is not better there.

Fold: a cut in time. What is learned from the orders closed before the cut is tried on the tickets created after it, up
to the next cut, so nothing is learned from an order that the ticket judged could not have known. The cuts roll on.
Gain: by how many nats the log loss of an order falls (an order is right nine times in ten). Orders of one fault hang
together, so the error of the gain is that of the sums by fault.

Simple so far: what is learned is tried piece by piece, each on top of those accepted before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlate.learning.orders import Evidence

MOST_FOLDS = 4
FOLD_ORDERS = 60
"""Orders for each fold: fewer orders have fewer folds, so that each has enough to be tried on (START value)."""
FIRST_CUT = 0.4
"""Share of the orders, by their closing, before the first cut."""
LEAST_TESTED = 10
LEAST_TRIED = 40
"""Fewest orders of a fold, and of all folds, to be tried on (START values)."""
MARGIN = 0.005
"""Least mean gain, nats an order (START value)."""
ERRORS = 1.0
"""Errors by which the gain must lie above nothing."""
BETTER_SHARE = 0.5
"""More than this share of the folds must gain."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fold:
    """Which orders are learned from and which are tried on, [orders]; `cut` in seconds since 1970."""

    cut: int
    known: NDArray[np.bool_]
    later: NDArray[np.bool_]


@dataclass(frozen=True)
class Judgement:
    """How something learned did on later orders: log loss before and after, nats an order.

    `tried` orders, `folds` of which `better` gained, `error` of the gain; `is_kept` or the `reason` why not.
    """

    before: float
    after: float
    error: float
    tried: int
    folds: int
    better: int
    is_kept: bool
    reason: str = ""

    @property
    def gain(self) -> float:
        """By how much the log loss falls, nats an order."""
        return self.before - self.after


def rolling_folds(closed_at: Floats, created_at: Floats) -> list[Fold]:
    """Return the folds of orders, those with too few to learn from or to be tried on left out.

    Parameters
    ----------
    closed_at, created_at : arrays [orders]
        Seconds since 1970.
    """
    many = min(MOST_FOLDS, len(closed_at) // FOLD_ORDERS)
    if not many:
        return []
    shares = FIRST_CUT + (1.0 - FIRST_CUT) * np.arange(many + 1) / many
    cuts = np.quantile(closed_at, shares, method="lower")
    folds = []
    for cut, following in zip(cuts[:-1], cuts[1:], strict=True):
        later = (created_at > cut) & (created_at <= following)
        known = closed_at <= cut
        if later.sum() >= LEAST_TESTED and known.sum() >= LEAST_TESTED:
            folds.append(Fold(int(cut), known, later))
    return folds


def judged(
    before: Sequence[Floats],
    after: Sequence[Floats],
    together: Sequence[NDArray[np.int64]],
    *,
    least: int = LEAST_TRIED,
) -> Judgement:
    """Return the judgement of something tried on several folds.

    Parameters
    ----------
    before, after : sequence of array [orders of the fold]
        Log losses without and with it.
    together : sequence of array of int
        What each order hangs together with (its fault).
    least : int
        Fewest to be tried on.
    """
    if not before:
        return Judgement(0.0, 0.0, 0.0, 0, 0, 0, is_kept=False, reason="too few to be tried on")
    gains = [b - a for b, a in zip(before, after, strict=True)]
    gain = np.concatenate(gains)
    error = _error(gain, np.concatenate([g + i * 2**40 for i, g in enumerate(together)]))
    better = sum(bool(g.mean() > 0) for g in gains)
    reason = ""
    if len(gain) < least:
        reason = "too few to be tried on"
    elif gain.mean() < MARGIN:
        reason = f"gain below {MARGIN:g}"
    elif gain.mean() < ERRORS * error:
        reason = "gain within its error"
    elif better <= BETTER_SHARE * len(gains):
        reason = "worse in half of the folds or more"
    return Judgement(
        before=float(np.concatenate(list(before)).mean()),
        after=float(np.concatenate(list(after)).mean()),
        error=error,
        tried=len(gain),
        folds=len(gains),
        better=better,
        is_kept=not reason,
        reason=reason,
    )


def together_of(evidence: Evidence) -> NDArray[np.int64]:
    """Return what each order hangs together with: its main fault, else itself alone."""
    return evidence.main_fault()


def _error(gain: Floats, together: NDArray[np.int64]) -> float:
    """Return the standard error of the mean gain, orders that hang together taken as one."""
    _, own = np.unique(together, return_inverse=True)
    sums = np.bincount(own, gain - gain.mean())
    return float(np.sqrt((sums**2).sum()) / len(gain))
