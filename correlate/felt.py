"""Tell whether what is unusual hurts, by whether service itself suffers where a cell shows noise or load.

Noise that costs no call, no speed and no handover is unusual and nothing more. Kinds with `unfelt` in `kinds.toml`
are trusted by how plainly a measure of service moves the wrong way along with them.

Simple so far: the plainest measure decides; a cell with few calls shows little of what its users feel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from correlate.counter_rules import load_counter_rules
from kpi.measures import MEASURES

Floats = NDArray[np.float64]

SERVICE = frozenset(
    {"accessibility", "capacity", "retainability", "mobility", "integrity", "availability"}
)
"""Families of measures that users feel."""
BAD = np.array(
    [{"high": 1.0, "low": -1.0}.get(m.direction, 0.0) * (m.family in SERVICE) for m in MEASURES]
)


def unfelt_share(z: Floats) -> float:
    """Return how little service suffers where something is unusual: 1 not at all, 0 plainly.

    Parameters
    ----------
    z : array [measures]
        Deviations in spreads, signed, NaN unknown.

    Examples
    --------
    >>> z = np.full(len(MEASURES), np.nan)
    >>> unfelt_share(z)
    1.0
    """
    worst = np.nan_to_num(z * BAD, nan=0.0).max(initial=0.0)
    return float(1.0 - np.clip(worst / load_counter_rules().unfelt_plain_at, 0.0, 1.0))
