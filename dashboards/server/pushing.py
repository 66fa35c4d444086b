"""Tell every page what changed, as it happens.

A listener that does not keep up misses messages and is told so once; it then asks for everything anew.

Simple so far: messages say what changed, not how; pages ask for the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_WAITING = 1_000
Message = Mapping[str, object]
MISSED: Message = {"kind": "missed"}
ARRIVED = "arrived"
"""Kind of the messages that rows came in; what was concluded from them comes with a step."""


@dataclass
class Hub:
    """The listeners of this process; messages come from any thread. `told` counts what there was to tell.

    `concluded` counts what told of more than that rows came in.
    """

    listeners: set[asyncio.Queue[Message]] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None
    told: int = 0
    concluded: int = 0

    def listen(self) -> asyncio.Queue[Message]:
        """Return a queue of the messages from now on."""
        self.loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Message] = asyncio.Queue(MOST_WAITING)
        self.listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Message]) -> None:
        """Listen no longer."""
        self.listeners.discard(queue)

    def tell(self, message: Message) -> None:
        """Tell all listeners; may be called from any thread."""
        self.told += 1
        self.concluded += message["kind"] != ARRIVED
        if self.loop is not None and self.listeners and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._spread, message)

    def _spread(self, message: Message) -> None:
        """Put a message into every queue."""
        for queue in self.listeners:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(MISSED)
            queue.put_nowait(message)
