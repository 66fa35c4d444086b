"""Bound what is read of a request and how many somebody sends, and count what is answered.

What feeds send is not counted: they are told to wait when too much of theirs waits to be written.

Simple so far: one bound for all routes; counts are of this process.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dashboards.server.counting import Counts
from dashboards.server.metrics import Metrics

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MOST_QUERY, MOST_PATH = 4_000, 1_000
WINDOW_S = 60
FEEDS = ("/intake/", "/tmf-api/", "/eventListener/")
FREE = ("/health", "/ready", "/metrics", "/assets/")
OF_AN_ADDRESS = 10
"""So many times what one may send may come from one address; many work behind one."""


class _TooLargeError(Exception):
    """Report a body beyond the bound."""


class Limits:
    """A layer around the application."""

    def __init__(self, app: Any, *, most_bytes: int, most_a_minute: int, metrics: Metrics) -> None:
        self.app, self.most_bytes, self.metrics = app, most_bytes, metrics
        self.of_caller = Counts(most_a_minute, WINDOW_S)
        self.of_address = Counts(most_a_minute * OF_AN_ADDRESS, WINDOW_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within its bounds."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, read = time.perf_counter(), [500], [0]

        async def bounded() -> MutableMapping[str, Any]:
            """Return the next part of the body."""
            message = await receive()
            read[0] += len(message.get("body", b""))
            if read[0] > self.most_bytes:
                raise _TooLargeError
            return message

        async def answered(message: MutableMapping[str, Any]) -> None:
            """Send a part of the answer."""
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            refusal = self._refusal(scope)
            if refusal is None:
                await self.app(scope, bounded, answered)
            else:
                await _refuse(answered, *refusal)
        except _TooLargeError:
            await _refuse(answered, 413, self._most_told())
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.answered(route, status[0], time.perf_counter() - began)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return status and reason where a request is beyond a bound, None where it is within all."""
        if _announced(scope) > self.most_bytes:
            return 413, self._most_told()
        path, query = scope["path"], scope.get("query_string", b"")
        if len(path) > MOST_PATH or len(query) > MOST_QUERY:
            return 414, f"an address may have {MOST_PATH} + {MOST_QUERY} characters at most"
        if "\0" in path or b"%00" in query or b"\0" in query:
            return 400, "an address can't have the character 0"
        if path.startswith((*FEEDS, *FREE)):
            return None
        address, shown = _sender(scope)
        counts = (self.of_caller, (address, shown)), (self.of_address, address)
        if any(counter.add(key) > counter.most for counter, key in counts):
            return 429, f"{self.of_caller.most} requests a minute may be sent; come again later"
        return None

    def _most_told(self) -> str:
        """Return what is told of the bound of a body."""
        return f"a request may have {self.most_bytes} bytes at most"


async def _refuse(send: Send, status: int, reason: str) -> None:
    """Answer that a request is beyond a bound."""
    text = json.dumps({"detail": reason}).encode()
    headers = [(b"content-type", b"application/json")]
    headers += {413: [(b"connection", b"close")], 429: [(b"retry-after", b"60")]}.get(status, [])
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _sender(scope: Scope) -> tuple[str, int]:
    """Return the address of who sends, and a number of what it is known by."""
    client = scope.get("client") or ("", 0)
    shown = [value for name, value in scope["headers"] if name in (b"authorization", b"cookie")]
    return str(client[0]), hash(tuple(shown))


def _announced(scope: Scope) -> int:
    """Return the length of a body as its headers tell it, 0 where they don't."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
