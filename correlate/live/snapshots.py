"""Save the state every few minutes, whole or not at all, and read the last one back.

A snapshot says who wrote it and what it must sum up to; one of another version, or that is not whole, is passed over
for the one before it, else the step begins anew with the first arrival. Only files of a folder of our own are read:
reading a state runs code that it names.

Simple so far: the whole state is written each time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path

from correlate.live.entries import write_durably
from correlate.state import State

logger = logging.getLogger(__name__)
FOLDER, SUFFIX = "snapshots", ".state"
KEPT = 2
"""Snapshots that are kept: the last, and one for the case that it can't be read."""


@dataclass(frozen=True)
class Head:
    """What stands before a state.

    Attributes
    ----------
    fingerprint
        Of what wrote it (`correlate.live.fingerprints`).
    step, seq
        The last step taken, and the last arrival given to it.
    sha256
        Of the bytes of the state.
    """

    fingerprint: str
    step: int
    seq: int
    sha256: str


def save(folder: Path, state: State, *, fingerprint: str, step: int, seq: int) -> Path:
    """Write a snapshot and return its file; older ones go, but for one."""
    body = pickle.dumps(state, protocol=pickle.HIGHEST_PROTOCOL)
    head = Head(fingerprint, step, seq, hashlib.sha256(body).hexdigest())
    path = folder / FOLDER / f"{step:012d}{SUFFIX}"
    write_durably(path, json.dumps(asdict(head)).encode() + b"\n" + body)
    path.chmod(0o600)
    for older in _files(folder)[KEPT:]:
        older.unlink(missing_ok=True)
    return path


def load(folder: Path, *, fingerprint: str, upto: int) -> tuple[State, Head] | None:
    """Return the last state that can be used with what stands before it, None where there is none.

    Parameters
    ----------
    fingerprint : str
        Of what reads it.
    upto : int
        The last step that the ledger knows of: a later snapshot belongs to another ledger.
    """
    for path in _files(folder):
        try:
            is_ours = path.stat().st_uid == os.geteuid()
            head, body = _read(path)
        except FileNotFoundError:
            continue  # the process that saves them let go of it meanwhile
        if not is_ours:
            logger.warning("the snapshot %s is not ours", path.name)
        elif head is None or hashlib.sha256(body).hexdigest() != head.sha256:
            logger.warning("the snapshot %s is not whole; the one before it is tried", path.name)
        elif head.fingerprint != fingerprint:
            logger.warning("the snapshot %s was written by another version", path.name)
        elif head.step > upto:
            logger.warning("the snapshot %s belongs to another ledger", path.name)
        else:
            return pickle.loads(body), head
    return None


def covered_seq(folder: Path, *, fingerprint: str) -> int:
    """Return the last arrival that every kept state holds; 0 unless all are whole and of this version.

    What arrived up to there is never read again by a recovery.
    """
    heads = []
    for path in _files(folder):
        try:
            head, body = _read(path)
        except FileNotFoundError:
            return 0
        if head is None or hashlib.sha256(body).hexdigest() != head.sha256:
            return 0
        heads.append(head)
    if len(heads) < KEPT or any(head.fingerprint != fingerprint for head in heads):
        return 0
    return min(head.seq for head in heads)


def _files(folder: Path) -> list[Path]:
    """Return the snapshots, the last first."""
    return sorted((folder / FOLDER).glob(f"*{SUFFIX}"), reverse=True)


def _read(path: Path) -> tuple[Head | None, bytes]:
    """Return what stands before a state, None where it can't be read, and the bytes of the state."""
    first, _, body = path.read_bytes().partition(b"\n")
    try:
        return Head(**json.loads(first)), body
    except (ValueError, TypeError):
        return None, b""
