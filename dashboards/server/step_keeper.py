"""Keep the process of the steps running, and know how far it is.

Simple so far: a process that ends is started again after a pause, without end.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.settings import Settings
from correlate.live.process import WALL, StepProcess, shared_moment, start_steps
from dashboards.server.pushing import Message

logger = logging.getLogger(__name__)
AGAIN_AFTER_S = 1.0


@dataclass
class StepKeeper:
    """The process of the steps and what it told last.

    `tell` is called with each message that others should hear; `desk` is the file of the socket, in a folder
    for us alone, where questions about tickets are put.
    """

    settings: Settings
    tell: Callable[[Message], None]
    until: Any = field(default_factory=lambda: shared_moment(WALL))
    steps: StepProcess | None = None
    is_ready: bool = False
    step: int = 0
    desk: Path = Path("desk")
    starts: int = 0
    failure: str = ""
    heard_at: float = field(default_factory=time.time)
    _is_ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to keep the process."""
        self.desk = Path(tempfile.mkdtemp(prefix="cellcause-")) / "desk"
        self._thread = threading.Thread(target=self._keep, name="step keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the process; a step under way is taken again at the next start."""
        self._is_ending.set()
        if self._thread is not None:
            self._thread.join()
            shutil.rmtree(self.desk.parent, ignore_errors=True)

    @property
    def is_alive(self) -> bool:
        """Tell whether the process is there, or will be in a moment."""
        keeps = self._thread is not None and self._thread.is_alive()
        return keeps and not self.failure

    def go_until(self, moment: int) -> None:
        """Let the steps go on to a moment (seconds since 1970), or with the clock (`WALL`)."""
        self.until.value = moment

    def _keep(self) -> None:
        """Start the process, hear it, start it again when it ends."""
        while not self._is_ending.is_set():
            self.steps = start_steps(self.settings, self.until, self.desk)
            self.starts += 1
            self._hear(self.steps)
            self.steps.process.join(timeout=5)
            if not self._is_ending.is_set():
                ended = f"the steps ended with {self.steps.process.exitcode}"
                if not self.is_ready:
                    self.failure = self.failure or f"{ended} before they had caught up"
                logger.warning("%s; begun anew", ended)
                self._is_ending.wait(AGAIN_AFTER_S)
            self.is_ready = False

    def _hear(self, steps: StepProcess) -> None:
        """Hear the process until it ends or must end."""
        while not self._is_ending.is_set():
            try:
                if steps.messages.poll(0.1):
                    self._take(steps.messages.recv())
                elif not steps.is_alive:
                    return
            except (EOFError, OSError):
                return
        steps.process.terminate()

    def _take(self, message: dict[str, Any]) -> None:
        """Take one message."""
        self.heard_at = time.time()
        if message["kind"] == "failed":
            self.failure = str(message["reason"])
            logger.error("the steps can't begin: %s", self.failure)
            return
        self.failure = ""
        self.step = int(message["step"])
        self.is_ready = True
        if message["kind"] != "alive":
            self.tell(message)
