"""Remember for some seconds whom a token belongs to, so that a feed is not looked up with each of its requests.

A token that is closed is refused once it is looked up again: at most so many seconds later. One that is not known is
looked up each time, so a new one holds at once. What is remembered is a digest, never the token.

Simple so far: of this process alone; people, who are known by a cookie or a password, are looked up each time.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import TTLCache

from contract.ledger.accounts import Caller

KNOWN_FOR_S = 5.0
"""How long a closed token may still be let through."""
MOST = 1_000


@dataclass
class KnownTokens:
    """Whom tokens belong to that were looked up lately.

    Parameters
    ----------
    clock : callable
        Gives seconds that only grow.

    Examples
    --------
    >>> seconds = iter([0.0, 1.0, 9.0])
    >>> known = KnownTokens(clock=lambda: next(seconds))
    >>> known.note("secret", Caller("nms", "feed"))
    >>> known.of("secret").name, known.of("secret")
    ('nms', None)
    """

    clock: Callable[[], float] = time.monotonic
    _callers: TTLCache[bytes, Caller] = field(init=False)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Begin with none."""
        self._callers = TTLCache(MOST, KNOWN_FOR_S, timer=self.clock)

    def of(self, token: str) -> Caller | None:
        """Return whom a token belongs to, None where it must be looked up."""
        with self._turn:
            return self._callers.get(_digest(token))

    def note(self, token: str, caller: Caller) -> None:
        """Remember whom a token belongs to, as was just looked up."""
        with self._turn:
            self._callers[_digest(token)] = caller


def _digest(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
