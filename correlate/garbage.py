"""Let Python look for cyclic garbage seldom while steps are taken: they make much that lasts and hardly any cycles.

Simple so far: the same figures for a batch of a day and a service of months.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (100_000, 50, 50)
"""Objects made, and collections of the younger generations, between two collections; Python has (700, 10, 10)."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Collect seldom within; a tenth of the time of a province's day went into collections that found nothing.

    Examples
    --------
    >>> before = gc.get_threshold()
    >>> with collected_seldom():
    ...     gc.get_threshold() == THRESHOLDS
    True
    >>> gc.get_threshold() == before
    True
    """
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
