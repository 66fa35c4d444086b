"""Write what comes in, many requests in one transaction, and tell each sender when its rows are on disk.

Simple so far: one thread writes; rows wait in memory, and their senders with them, until they are on disk.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from contract.errors import InputError
from contract.ledger.acts import Deed
from contract.ledger.arrivals import Entry
from correlate.live.intake import Intake
from correlate.live.submissions import Outcome, Submission

logger = logging.getLogger(__name__)
ROWS_AT_A_TIME = 20_000
US = 1_000_000
GATHER_S = 0.05
"""Pause after a writing: judging costs by the batch, so a few larger ones leave more time to answer."""
RETRY_AFTER_S = 2
"""How long a sender is asked to wait."""

OnFresh = Callable[[Sequence[Entry]], None]


class BehindError(Exception):
    """Report that too many rows wait to be written."""


@dataclass
class _Waiting:
    """Submissions that are written together, and who waits for them."""

    submissions: Sequence[Submission | Deed]
    future: Future[list[Outcome]]

    @property
    def rows(self) -> int:
        """Return how many rows wait."""
        return sum(
            max(1, one.sent) if isinstance(one, Submission) else 1 for one in self.submissions
        )


@dataclass
class Writer:
    """The one thread that writes into the ledger what comes in.

    Attributes
    ----------
    intake : Intake
    most_rows : int
        Rows that may wait.
    clock : callable
        Gives microseconds since 1970.
    on_fresh : callable
        Told what was put down, after it is on disk.
    """

    intake: Intake
    most_rows: int
    clock: Callable[[], int]
    on_fresh: OnFresh
    waiting: deque[_Waiting] = field(default_factory=deque)
    waiting_rows: int = 0
    written_rows: int = 0
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _is_ending: bool = False
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits and end."""
        with self._turn:
            self._is_ending = True
            self._turn.notify_all()
        if self._thread is not None:
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Tell whether the thread is there."""
        return self._thread is not None and self._thread.is_alive()

    def submit(self, submissions: Sequence[Submission | Deed]) -> Future[list[Outcome]]:
        """Return what will become of submissions, all of which are written together.

        Raises
        ------
        BehindError
            If too many rows wait already.
        """
        one = _Waiting(submissions, Future())
        with self._turn:
            if self.waiting and self.waiting_rows + one.rows > self.most_rows:
                raise BehindError
            self.waiting.append(one)
            self.waiting_rows += one.rows
            self._turn.notify_all()
        return one.future

    def _run(self) -> None:
        """Write for as long as there is anything."""
        while True:
            with self._turn:
                while not self.waiting and not self._is_ending:
                    self._turn.wait()
                if not self.waiting:
                    return
                taken, rows = [self.waiting.popleft()], 0
                while self.waiting and rows < ROWS_AT_A_TIME:
                    taken.append(self.waiting.popleft())
                    rows += taken[-1].rows
            try:
                self._write([one for one in taken if one.future.set_running_or_notify_cancel()])
            finally:
                with self._turn:
                    self.waiting_rows -= sum(one.rows for one in taken)
                    self._turn.wait_for(lambda: self._is_ending, GATHER_S)

    def _write(self, taken: Sequence[_Waiting]) -> None:
        """Write some requests together; where that fails, each alone, so that one can't spoil the others."""
        if not taken:
            return
        try:
            self._write_together(taken)
        except Exception as error:
            if len(taken) > 1:
                for one in taken:
                    self._write([one])
                return
            if not isinstance(error, InputError):
                logger.exception("rows could not be written")
            taken[0].future.set_exception(error)

    def _write_together(self, taken: Sequence[_Waiting]) -> None:
        """Write some requests in one transaction and tell their senders."""
        every = [submission for one in taken for submission in one.submissions]
        outcomes, fresh = self.intake.take(every, now_us=self.clock())
        self.written_rows += len(fresh)
        self.on_fresh(fresh)
        place = 0
        for one in taken:
            own = outcomes[place : place + len(one.submissions)]
            place += len(one.submissions)
            one.future.set_result(own)
