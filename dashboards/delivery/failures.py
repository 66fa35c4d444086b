"""Say why something could not be sent, and try again where that may help.

Simple so far: the pauses between tries are held by the thread that sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from contract.errors import InputError


class NotSentError(InputError):
    """Report that something was not sent, and whether it may go another time."""

    def __init__(self, reason: str, *, may_go: bool) -> None:
        super().__init__(reason)
        self.may_go = may_go


@dataclass(frozen=True)
class Patience:
    """How often something is tried in all, and the seconds before the second try, doubled after each, and at most."""

    tries: int = 5
    first_s: float = 5.0
    most_s: float = 120.0


def with_patience(work: Callable[[], None], patience: Patience) -> None:
    """Do something, again after a while where it failed for a reason that passes.

    Raises
    ------
    NotSentError
        If it failed for good, or once more at the last try.
    """
    tries = Retrying(
        stop=stop_after_attempt(patience.tries),
        wait=wait_exponential(multiplier=patience.first_s, max=patience.most_s),
        retry=retry_if_exception(lambda error: isinstance(error, NotSentError) and error.may_go),
        reraise=True,
    )
    tries(work)
