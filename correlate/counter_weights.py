"""Lay what counters show on a fault: the log weight of each cause, and the moves behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from correlate.faults import Fault, Floats, Ints
from correlate.signatures import counter_log_weights

if TYPE_CHECKING:
    from correlate.knowledge import Knowledge

COUNTER_WEIGHT = 1.6


def lay_on(
    knowledge: Knowledge,
    fault: Fault,
    z: Floats,
    change: Floats,
    kinds: Floats,
    *,
    cells: Ints | None = None,
) -> None:
    """Lay moves of measures and kinds of trouble on a fault.

    Parameters
    ----------
    z, change : arrays [n, measures]
        Deviations and plain changes of the cells or episodes that show it; NaN unknown.
    kinds : array [kinds]
        Share of its cells that shows each kind.
    cells : array of int [n], optional
        Cell behind each row; without it none counts as LTE or NR.
    """
    is_packet = None if cells is None else knowledge.is_packet[cells]
    log = counter_log_weights(knowledge.signatures, z, change, is_packet=is_packet).mean(axis=0)
    fault.touch()
    fault.counter_log = COUNTER_WEIGHT * (log + knowledge.signatures.kinds @ kinds)
    fault.z, fault.change = _known_means(z), _known_means(change)


def _known_means(values: Floats) -> Floats:
    """Return the mean of each measure over the rows that know it, NaN where none does."""
    if len(values) == 1:
        return np.where(np.isfinite(values[0]), values[0], np.nan)
    known = np.asarray(np.isfinite(values).any(axis=0))
    means = np.full(values.shape[1], np.nan)
    means[known] = np.nanmean(values[:, known], axis=0)
    return means
