"""Bound what is read of a request, count what is answered, and set the headers that keep browsers safe.

Simple so far: one bound for all routes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dashboards.server.metrics import Metrics

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class _TooLargeError(Exception):
    """Report a body beyond the bound."""


class Limits:
    """A layer around the application."""

    def __init__(self, app: Any, *, most_bytes: int, metrics: Metrics) -> None:
        self.app, self.most_bytes, self.metrics = app, most_bytes, metrics

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
                message["headers"] = [*message.get("headers", ()), *SAFE]
            await send(message)

        try:
            if _announced(scope) > self.most_bytes:
                await self._refuse(answered)
            else:
                await self.app(scope, bounded, answered)
        except _TooLargeError:
            await self._refuse(answered)
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.answered(route, status[0], time.perf_counter() - began)

    async def _refuse(self, send: Send) -> None:
        """Answer that a body is too large."""
        text = json.dumps(
            {"detail": f"a request may have {self.most_bytes} bytes at most"}
        ).encode()
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": text})


def _announced(scope: Scope) -> int:
    """Return the length of a body as its headers tell it, 0 where they don't."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
