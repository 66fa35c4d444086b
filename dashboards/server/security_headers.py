"""Put onto every answer what tells browsers to keep to it: own scripts alone, no frame, nothing remembered.

The policy lets pages run scripts of this server and no text of a page; whoever needs a script inside a page names its
hash with `allow_scripts`. Styles may stand in a page. Workers may be made of what a script holds (maps draw in them).

Simple so far: one policy for all pages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from fastapi import FastAPI

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]
POLICY = (
    "default-src 'none'",
    "script-src 'self'{hashes}",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
)
FIXED: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), usb=()",
    ),
)
"""`same-origin`, for without a referrer browsers hide the origin of a form."""
NOT_KEPT: Header = (b"cache-control", b"no-store")
TLS_ALONE: Header = (b"strict-transport-security", b"max-age=31536000")


def allow_scripts(app: FastAPI, hashes: Iterable[str]) -> None:
    """Let pages run scripts that stand in them, by their hashes.

    Parameters
    ----------
    app : FastAPI
    hashes : iterable of str
        As a policy has them, with or without quotes: `'sha256-...'`.
    """
    known = set(getattr(app.state, "script_hashes", ()))
    app.state.script_hashes = known | {f"'{text.strip(chr(39))}'" for text in hashes}


def safe_headers(app: FastAPI | None, scheme: str, given: Iterable[Header] = ()) -> list[Header]:
    """Return the headers of an answer with those that every answer has; what was given stays.

    Parameters
    ----------
    app : FastAPI, optional
        Whose scripts are allowed.
    scheme : str
        How the browser talks, "http" or "https".
    given : iterable of pairs of bytes
        Headers of the answer so far.

    Examples
    --------
    >>> [value for name, value in safe_headers(None, "http", [NOT_KEPT]) if name == b"cache-control"]
    [b'no-store']
    """
    known = () if app is None else getattr(app.state, "script_hashes", ())
    hashes = "".join(f" {text}" for text in sorted(known))
    policy = "; ".join(POLICY).format(hashes=hashes)
    added = [*FIXED, NOT_KEPT, (b"content-security-policy", policy.encode())]
    if scheme == "https":
        added.append(TLS_ALONE)
    headers = list(given)
    names = {name.lower() for name, _ in headers}
    return headers + [(name, value) for name, value in added if name not in names]


class SecurityHeaders:
    """A layer around the application."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        """Pass a request on and complete the headers of its answer."""
        app, scheme = scope.get("app"), str(scope.get("scheme"))

        async def answered(message: Message) -> None:
            """Send a part of the answer."""
            if message["type"] == "http.response.start":
                message["headers"] = safe_headers(app, scheme, message.get("headers", ()))
            await send(message)

        await self.app(scope, receive, answered if scope["type"] == "http" else send)
