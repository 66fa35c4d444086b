"""Count what somebody does within a while, so that too much of it is turned away; bounded in memory.

Simple so far: counts are of this process, and begin anew with it; a window begins with the first thing counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from cachetools import TTLCache

MOST_KEYS = 20_000


@dataclass
class Counts:
    """How often each key was counted since its window began.

    Parameters
    ----------
    most : int
        So often it may be.
    window_s : float
    clock : callable
        Gives seconds that only grow.

    Examples
    --------
    >>> counts = Counts(most=2, window_s=60.0, clock=lambda: 0.0)
    >>> [counts.add("li") for _ in range(3)], counts.is_over("li"), counts.is_over("wang")
    ([1, 2, 3], True, False)
    """

    most: int
    window_s: float
    clock: Callable[[], float] = time.monotonic
    _counts: TTLCache[Hashable, list[int]] = field(init=False)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Begin with nothing counted."""
        self._counts = TTLCache(MOST_KEYS, self.window_s, timer=self.clock)

    def add(self, key: Hashable) -> int:
        """Count once more and return how often by now."""
        with self._turn:
            count: list[int] = self._counts.setdefault(key, [0])
            count[0] += 1
            return count[0]

    def is_over(self, key: Hashable) -> bool:
        """Tell whether as much as may be was counted."""
        with self._turn:
            return bool(self._counts.get(key, [0])[0] >= self.most)

    def forget(self, key: Hashable) -> None:
        """Begin anew for a key."""
        with self._turn:
            self._counts.pop(key, None)
