"""Let one writer at a time change a history.

On this machine's file system the kernel holds the lock and lets it go with the process, however that ends. Elsewhere a
lease stands as a file: it names its owner, is renewed while he works, and may be taken over once it has run out.

Simple so far: two writers that take over a lease that has run out within the same moment are told apart by who wrote
last, not by the store; the clocks of writers must agree within minutes.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract.errors import InputError
from contract.history.storage import Storage

LOCK, LEASE = "writer.lock", "writer.lease"
LASTS = timedelta(minutes=10)
"""How long a lease holds without being renewed."""

Clock = Callable[[], datetime]


@contextmanager
def writing_lock(storage: Storage, clock: Clock) -> Iterator[Callable[[], None]]:
    """Hold the lock of a history; yield a function to call before each change, which makes sure of it.

    Parameters
    ----------
    storage : Storage
    clock : callable
        Returns the time now, with a zone.

    Raises
    ------
    InputError
        If another writer holds it, or, from the function, has taken it over.
    """
    hold = _kernel_lock if storage.is_local else _lease
    with hold(storage, clock) as check:
        yield check


@contextmanager
def _kernel_lock(storage: Storage, clock: Clock) -> Iterator[Callable[[], None]]:
    """Hold a lock of the kernel on a file, which says who holds it."""
    path = Path(storage.path(LOCK))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise InputError(_held(storage, file.read())) from None
        file.truncate(0)
        file.write(json.dumps(_owner(clock())))
        file.flush()
        try:
            yield lambda: None
        finally:
            file.truncate(0)


@contextmanager
def _lease(storage: Storage, clock: Clock) -> Iterator[Callable[[], None]]:
    """Hold a lease that stands as a file."""
    token = uuid.uuid4().hex
    _take(storage, token, clock())

    def check() -> None:
        """Make sure of the lease, and renew it when half of it has run out."""
        now, held = clock(), _read(storage)
        if held.get("token") != token:
            raise InputError(_held(storage, json.dumps(held)))
        if now > _until(held) - LASTS / 2:
            storage.put(LEASE, _written(token, now))

    try:
        yield check
    finally:
        if _read(storage).get("token") == token:
            storage.remove(LEASE)


def _take(storage: Storage, token: str, now: datetime) -> None:
    """Take the lease; one that has run out is taken over."""
    if storage.put_new(LEASE, _written(token, now)):
        return
    held = _read(storage)
    if held and _until(held) > now:
        raise InputError(_held(storage, json.dumps(held)))
    storage.put(LEASE, _written(token, now))
    held = _read(storage)
    if held.get("token") != token:
        raise InputError(_held(storage, json.dumps(held)))


def _written(token: str, now: datetime) -> bytes:
    """Return a lease as it is written."""
    held = _owner(now) | {"token": token, "until": (now + LASTS).isoformat()}
    return json.dumps(held).encode()


def _read(storage: Storage) -> dict[str, str]:
    """Return the lease that stands there; empty where there is none that can be read."""
    try:
        found = json.loads(storage.read(LEASE) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _until(held: dict[str, str]) -> datetime:
    """Return when a lease runs out; long ago where it does not say."""
    try:
        return datetime.fromisoformat(held["until"])
    except (KeyError, ValueError):
        return datetime.min.replace(tzinfo=UTC)


def _owner(now: datetime) -> dict[str, str]:
    """Return who writes, for whoever comes second."""
    return {
        "host": socket.gethostname(),
        "pid": str(os.getpid()),
        "since": now.isoformat(timespec="seconds"),
    }


def _held(storage: Storage, told: str) -> str:
    """Return the line for whoever comes second."""
    try:
        owner = json.loads(told)
        who = f"process {owner['pid']} on {owner['host']} since {owner['since']}"
    except (ValueError, KeyError, TypeError):
        who = "another process"
    return (
        f"`address` must have one writer at a time; {storage.root!r} is being written by {who}. "
        "Wait for it, or stop it; reading needs no turn."
    )
