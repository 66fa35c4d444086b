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
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from correlate.live.entries import durable_file
from correlate.state import State

logger = logging.getLogger(__name__)
FOLDER, SUFFIX = "snapshots", ".state"
NO_SUM = "0" * 64
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
    path = folder / FOLDER / f"{step:012d}{SUFFIX}"
    head = Head(fingerprint, step, seq, NO_SUM)
    with durable_file(path) as file:
        file.write(_line(head))
        summed = _Summed(file)
        pickle.dump(state, summed, protocol=pickle.HIGHEST_PROTOCOL)
        file.seek(0)
        file.write(_line(replace(head, sha256=summed.sum.hexdigest())))
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
            with path.open("rb") as file:
                head = _whole_head(file)
                if os.fstat(file.fileno()).st_uid != os.geteuid():
                    logger.warning("the snapshot %s is not ours", path.name)
                elif head is None:
                    logger.warning(
                        "the snapshot %s is not whole; the one before it is tried", path.name
                    )
                elif head.fingerprint != fingerprint:
                    logger.warning("the snapshot %s was written by another version", path.name)
                elif head.step > upto:
                    logger.warning("the snapshot %s belongs to another ledger", path.name)
                else:
                    return pickle.load(file), head
        except FileNotFoundError:
            continue  # the process that saves them let go of it meanwhile
    return None


def covered_seq(folder: Path, *, fingerprint: str) -> int:
    """Return the last arrival that every kept state holds; 0 unless all are whole and of this version.

    What arrived up to there is never read again by a recovery.
    """
    heads = []
    for path in _files(folder):
        try:
            with path.open("rb") as file:
                head = _whole_head(file)
        except FileNotFoundError:
            return 0
        if head is None:
            return 0
        heads.append(head)
    if len(heads) < KEPT or any(head.fingerprint != fingerprint for head in heads):
        return 0
    return min(head.seq for head in heads)


def _files(folder: Path) -> list[Path]:
    """Return the snapshots, the last first."""
    return sorted((folder / FOLDER).glob(f"*{SUFFIX}"), reverse=True)


@dataclass
class _Summed:
    """What is written to a file, and its sum."""

    file: BinaryIO
    sum: Any = field(default_factory=hashlib.sha256)

    def write(self, part: bytes) -> int:
        """Write a part; a state is written part by part, for a second whole one would double what is held."""
        self.sum.update(part)
        return self.file.write(part)


def _line(head: Head) -> bytes:
    """Return what stands before a state, as long with its sum as without."""
    return json.dumps(asdict(head)).encode() + b"\n"


def _whole_head(file: BinaryIO) -> Head | None:
    """Return what stands before a state that is whole, None else; the file is left where the state begins."""
    first = file.readline()
    try:
        head = Head(**json.loads(first))
    except (ValueError, TypeError):
        return None
    found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(len(first))
    return head if found == head.sha256 else None
