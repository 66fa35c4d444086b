"""Push what changes to whoever listens on a websocket.

A browser can't set headers there: a token may be shown as the second sub-protocol, after `cellcause`. A page of
another origin is refused.

Every listener hears of every change, by kind and count; what changed it asks for, and is shown what it may see. What an
act was done to is named only to who may see it.

Simple so far: the ledger is asked for each act and each listener that is bound to counties.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from contract.ledger.accounts import Caller, caller_of_token
from correlate.live.acting import is_there
from dashboards.server.access import caller_of, is_foreign, server_of
from dashboards.server.act_routes import SEEN_WITH
from dashboards.server.pushing import Message

router = APIRouter(tags=["push"])
PROTOCOL = "cellcause"
KNOWN_FOR_S = 30.0
"""Every so many seconds it is asked again whether the listener may listen: sessions and tokens end."""
NOT_KNOWN = 1008
"""Closing code of RFC 6455 for a breach of policy."""


@router.websocket("/push")
async def push(socket: WebSocket) -> None:
    """Send each change to a caller that is known."""
    caller = await asyncio.to_thread(_caller, socket)
    if caller is None or is_foreign(socket):
        await socket.close(NOT_KNOWN)
        return
    offered = socket.headers.get("sec-websocket-protocol", "")
    await socket.accept(PROTOCOL if PROTOCOL in offered else None)
    hub = server_of(socket).hub
    queue = hub.listen()
    gone = asyncio.create_task(_until_gone(socket))
    waiting, known_at = asyncio.create_task(queue.get()), time.monotonic()
    try:
        while True:
            done, _ = await asyncio.wait(
                {waiting, gone}, timeout=KNOWN_FOR_S, return_when=asyncio.FIRST_COMPLETED
            )
            if gone in done:
                break
            if time.monotonic() - known_at >= KNOWN_FOR_S:
                caller = await asyncio.to_thread(_caller, socket)
                if caller is None:
                    await socket.close(NOT_KNOWN)
                    break
                known_at = time.monotonic()
            if waiting in done:
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                    await socket.send_json(await _heard(socket, caller, waiting.result()))
                waiting = asyncio.create_task(queue.get())
    finally:
        waiting.cancel()
        gone.cancel()
        hub.leave(queue)


async def _heard(socket: WebSocket, caller: Caller, message: Message) -> Message:
    """Return a message as a caller hears it: of an act beyond what he may see, that there was one."""
    kind = message.get("subject_kind")
    if kind is None:
        return message
    may = caller.may(SEEN_WITH[str(kind)])
    if may and caller.counties:
        may = await asyncio.to_thread(_is_there, socket, caller, message)
    return message if may else {"kind": message["kind"]}


def _is_there(socket: WebSocket, caller: Caller, message: Message) -> bool:
    """Tell whether the subject of a message is there for a caller."""
    subject = str(message["subject_kind"]), str(message["subject_id"])
    with server_of(socket).ledger.reading() as connection:
        return is_there(connection, *subject, counties=caller.counties)


def _caller(socket: WebSocket) -> Caller | None:
    """Return who listens, None where that is not known."""
    offered = [p.strip() for p in socket.headers.get("sec-websocket-protocol", "").split(",")]
    if len(offered) == 2 and offered[0] == PROTOCOL:
        with server_of(socket).ledger.reading() as connection:
            return caller_of_token(connection, offered[1])
    return caller_of(socket)


async def _until_gone(socket: WebSocket) -> None:
    """Return when the listener is gone; what it says is not heard."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_text()
