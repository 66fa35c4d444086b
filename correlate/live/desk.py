"""Answer questions about tickets from the state that the steps have reached, in a copy of their process.

The process of the steps makes a copy of itself (fork) when somebody asks, and after each step for as long as somebody
did of late. The copy holds the state as of that step, shares its memory, and answers while the steps go on; whatever it
does to its state is gone with it, so no question can change what is issued. A ticket that arrived after the step is
weighed by taking the next step before its time in the copy.

Simple so far: one copy answers one question after another; it works where processes can be forked.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from correlate.case.inquiry import Desk
from correlate.case.investigation import case_now
from correlate.live.case_tables import Shelves
from correlate.live.driver import Driver

logger = logging.getLogger(__name__)
WARM_S = 600.0
"""How long after the last question each step is followed by a new copy."""
LEAST_APART_S = 1.0
LOOK_S = 0.5
BACKLOG = 64


@dataclass
class Copies:
    """The copies of the process of the steps, seen from there: who listens, the copy that answers, when it was asked.

    Attributes
    ----------
    address
        File of the socket at which questions are put.
    """

    address: Path
    listening: socket.socket = field(init=False)
    copy: _Copy | None = None
    shelves: Shelves | None = None
    asked_at: float = 0.0
    _made: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen."""
        self.address.unlink(missing_ok=True)
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listening.bind(str(self.address))
        self.listening.listen(BACKLOG)
        self.listening.setblocking(False)

    def tend(self, driver: Driver) -> None:
        """Make a copy where one is needed, and let go of one that is not; takes no time else."""
        now = time.monotonic()
        self._bury()
        if self.copy is not None and self.copy.was_asked():
            self.asked_at = now
        if self.copy is None:
            if select.select([self.listening], [], [], 0)[0]:
                self.asked_at = now
                self._copy(driver, now)
        elif now - self.asked_at > WARM_S:
            self._let_go()
        elif self.copy.step != driver.number and now - self.copy.made_at >= LEAST_APART_S:
            older = self.copy
            self._copy(driver, now)
            older.end()

    def close(self) -> None:
        """Let the copy end, and listen no more."""
        self._let_go()
        self.listening.close()
        for number in self._made:
            with suppress(ChildProcessError):
                os.waitpid(number, 0)
        self._made.clear()

    def _copy(self, driver: Driver, now: float) -> None:
        """Make a copy that answers."""
        if self.shelves is None:
            self.shelves = Shelves(driver.knowledge, driver.history)
        end, until = os.pipe()
        heard, hears = os.pipe()
        parent, number = os.getpid(), os.fork()
        if number == 0:
            for pipe in (until, heard, *([] if self.copy is None else self.copy.pipes)):
                os.close(pipe)
            _answer_for_good(driver, self.shelves, (self.listening, end, hears), parent)
        os.close(end)
        os.close(hears)
        os.set_blocking(heard, False)
        self._made.append(number)
        self.copy = _Copy(number, driver.number, now, until, heard)

    def _let_go(self) -> None:
        """Let the copy end."""
        if self.copy is not None:
            self.copy.end()
        self.copy = None

    def _bury(self) -> None:
        """Take note of copies that ended."""
        for number in list(self._made):
            with suppress(ChildProcessError):
                if os.waitpid(number, os.WNOHANG)[0] == 0:
                    continue
            self._made.remove(number)
            if self.copy is not None and self.copy.number == number:
                self._let_go()


@dataclass
class _Copy:
    """A copy: the step it was made after, when, and the ends of the pipes by which it is ended and heard."""

    number: int
    step: int
    made_at: float
    until: int
    heard: int

    @property
    def pipes(self) -> tuple[int, int]:
        """The ends of the pipes that the process of the steps holds."""
        return self.until, self.heard

    def was_asked(self) -> bool:
        """Tell whether it answered anything since this was asked last."""
        with suppress(BlockingIOError):
            return bool(os.read(self.heard, 4096))
        return False

    def end(self) -> None:
        """Let it end once it answered what it was asked."""
        for pipe in self.pipes:
            os.close(pipe)


def _answer_for_good(
    driver: Driver, shelves: Shelves, ways: tuple[socket.socket, int, int], parent: int
) -> None:
    """Answer questions until told to end, or the parent is gone; never returns."""
    status = 1
    try:
        gc.disable()
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        driver.ledger.engine.dispose(close=False)
        _answer(_Clerk(driver, shelves), *ways, parent=parent)
        status = 0
    except BaseException:
        logger.exception("a copy that answers about tickets ended")
    finally:
        os._exit(status)


def _answer(clerk: _Clerk, listening: socket.socket, end: int, hears: int, *, parent: int) -> None:
    """Answer questions until told to end, or the parent is gone."""
    watched: list[Any] = [listening, end]
    while os.getppid() == parent:
        ready = select.select(watched, [], [], LOOK_S)[0]
        if listening in ready:
            try:
                asking, _ = listening.accept()
            except BlockingIOError:
                continue
            with suppress(BrokenPipeError):
                os.write(hears, b".")
            asking.setblocking(True)
            with Connection(asking.detach()) as line, suppress(EOFError, OSError):
                question = json.loads(line.recv_bytes())
                line.send_bytes(json.dumps(clerk.told(question), ensure_ascii=False).encode())
        elif end in ready:
            return


@dataclass
class _Clerk:
    """Who answers in a copy: what was told once is kept."""

    driver: Driver
    shelves: Shelves
    desk: Desk | None = None
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    peeked_at: int = 0

    def told(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return the case of a ticket, None where it did not arrive by the moment asked, and the step it is as of."""
        ticket_id, now = str(question["ticket_id"]), int(question["now"])
        state = self.driver.state
        if ticket_id not in state.tickets and now > max(state.now, self.peeked_at):
            self.driver.peek(now)
            self.peeked_at, self.known, self.desk = now, {}, None
        if ticket_id not in self.known:
            self.known[ticket_id] = self._case(ticket_id)
        return self.known[ticket_id]

    def _case(self, ticket_id: str) -> dict[str, Any]:
        """Return the case of a ticket as the state has it."""
        driver = self.driver
        ticket = driver.state.tickets.get(ticket_id)
        if ticket is None:
            return {"case": None}
        with driver.ledger.reading() as connection:
            archive = self.shelves.archive_of(
                connection, ticket, now=driver.state.now, upto=driver.seq
            )
        desk = (
            Desk(driver.knowledge, archive)
            if self.desk is None
            else replace(self.desk, archive=archive)
        )
        case = case_now(driver.state, desk, ticket)
        self.desk = desk
        return {"case": case, "is_final": bool(ticket.diagnosed_at)}


def ask(address: Path, ticket_id: str, *, now: int, patience_s: float) -> dict[str, Any] | None:
    """Return what the copies tell of a ticket; None where nobody answers in time.

    Parameters
    ----------
    now : int
        Seconds since 1970: nothing that arrived later is told.
    patience_s : float
        How long to wait for the answer.

    Returns
    -------
    dict or None
        `case` as `correlate.case.investigation.case_now` returns it, None where there is no such ticket; `is_final`.
    """
    try:
        with Client(str(address), family="AF_UNIX") as line:
            line.send_bytes(json.dumps({"ticket_id": ticket_id, "now": now}).encode())
            if not line.poll(patience_s):
                return None
            told: dict[str, Any] = json.loads(line.recv_bytes())
            return told
    except (OSError, EOFError) as error:
        logger.info("nobody tells of tickets yet: %s", type(error).__name__)
        return None
