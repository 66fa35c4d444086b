"""Answer for a few numbers what NumPy answers for many: most faults have a handful of cells.

The answers are NumPy's; only the way there differs, for its own costs ten times what a few numbers cost.

Simple so far: what counts as few is one number, measured once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEW = 48
"""Numbers up to which a set of Python is faster than a sort of NumPy."""

Ints = NDArray[np.int64]


def distinct(values: Ints) -> Ints:
    """Return the different numbers of an array in order, as `np.unique` does.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    if len(values) > FEW:
        return np.unique(values)
    return np.array(sorted(set(values.tolist())), dtype=values.dtype)


def is_among(values: Ints, members: Ints) -> NDArray[np.bool_]:
    """Tell of each number whether it is one of the members, as `np.isin` does.

    >>> is_among(np.array([3, 1, 2]), np.array([2, 3])).tolist()
    [True, False, True]
    """
    if len(values) > FEW or len(members) > FEW:
        return np.isin(values, members)
    held = set(members.tolist())
    return np.array([value in held for value in values.tolist()], dtype=bool)
