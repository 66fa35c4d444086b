"""Let Python look for cyclic garbage seldom while steps are taken: they make much that lasts and hardly any cycles.

What a step freed goes back to the system, else the largest step ever taken would decide for good what is held.

Simple so far: the same figures for a batch of a day and a service of months.
"""

from __future__ import annotations

import ctypes
import gc
import sys
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


def let_go_of_freed() -> None:
    """Give memory that is free, but held for the next use, back to the system, where its C library can.

    Examples
    --------
    >>> let_go_of_freed()
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
