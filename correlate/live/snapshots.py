"""Save the state every few minutes, whole or not at all, and read the last one back.

A snapshot says who wrote it and what it must sum up to; one of another version, or that is not whole, is passed over
for the one before it, else the step begins anew with the first arrival. Only files of a folder of our own are read:
reading a state runs code that it names.

Simple so far: the whole state is written each time.
"""

from __future__ import annotations

import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from correlate.live.object_files import SpoiltError, is_whole, read_object, told_of, write_object
from correlate.state import State

logger = logging.getLogger(__name__)
FOLDER, SUFFIX = "snapshots", ".state"
KEPT = 2
"""Snapshots that are kept: the last, and one for the case that it can't be read."""


@dataclass(frozen=True)
class Head:
    """What is told of a state.

    Attributes
    ----------
    fingerprint
        Of what wrote it (`correlate.live.fingerprints`).
    step, seq
        The last step taken, and the last arrival given to it.
    """

    fingerprint: str
    step: int
    seq: int


def save(folder: Path, state: State, *, fingerprint: str, step: int, seq: int) -> Path:
    """Write a snapshot and return its file; older ones go, but for one."""
    path = folder / FOLDER / f"{step:012d}{SUFFIX}"
    write_object(path, asdict(Head(fingerprint, step, seq)), state)
    for older in _files(folder)[KEPT:]:
        older.unlink(missing_ok=True)
    return path


def load(folder: Path, *, fingerprint: str, upto: int) -> tuple[State, Head] | None:
    """Return the last state that can be used with what is told of it, None where there is none.

    Parameters
    ----------
    fingerprint : str
        Of what reads it.
    upto : int
        The last step that the ledger knows of: a later snapshot belongs to another ledger.
    """
    for path in _files(folder):
        try:
            state = _usable(path, fingerprint, upto)
        except FileNotFoundError:
            continue  # the process that saves them let go of it meanwhile
        if state is not None:
            return state
    return None


def _usable(path: Path, fingerprint: str, upto: int) -> tuple[State, Head] | None:
    """Return a state and what is told of it, None with a warning where it can't be used."""
    is_ours, head = path.stat().st_uid == os.geteuid(), _head(path)
    if not is_ours:
        logger.warning("the snapshot %s is not ours", path.name)
    elif head is None:
        logger.warning("the snapshot %s is not whole; the one before it is tried", path.name)
    elif head.fingerprint != fingerprint:
        logger.warning("the snapshot %s was written by another version", path.name)
    elif head.step > upto:
        logger.warning("the snapshot %s belongs to another ledger", path.name)
    else:
        try:
            return read_object(path), head
        except SpoiltError:
            logger.warning("the snapshot %s is not whole; the one before it is tried", path.name)
    return None


def covered_seq(folder: Path, *, fingerprint: str) -> int:
    """Return the last arrival that every kept state holds; 0 unless all are whole and of this version.

    What arrived up to there is never read again by a recovery.
    """
    heads = []
    for path in _files(folder):
        try:
            head = _head(path)
            if head is None or head.fingerprint != fingerprint or not is_whole(path):
                return 0
        except FileNotFoundError:
            return 0
        heads.append(head)
    return min(head.seq for head in heads) if len(heads) >= KEPT else 0


def _files(folder: Path) -> list[Path]:
    """Return the snapshots, the last first."""
    return sorted((folder / FOLDER).glob(f"*{SUFFIX}"), reverse=True)


def _head(path: Path) -> Head | None:
    """Return what is told of a state, None where it can't be read."""
    told = told_of(path) or {}
    try:
        return Head(**{name: told[name] for name in Head.__dataclass_fields__})
    except KeyError:
        return None
