"""Write an object into a file, whole or not at all, and read it back with its large arrays left where they are.

A file has parts: the pickled object and the arrays that it leaves out, each on pages of its own. It ends with a foot of
JSON, what the writer says of it and the size and sum of each part, and the length of that foot. Nothing is held twice:
the object is written as it is pickled, and what is read back is mapped, not copied. What is changed later is ours
alone, what is not may be read again. Reading an object runs code that it names, so only files of a folder of our own
are read.

Simple so far: the whole object is written each time; a file that is let go of is on disk until nobody maps it.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

LARGE = 1 << 20
"""Bytes of an array from which on it is a part of its own."""
PAGE = mmap.ALLOCATIONGRANULARITY
MOST_TOLD = 1 << 20
LENGTH = 8
_PARTS, _SUMS = "parts", "sha256"


class SpoiltError(ValueError):
    """Report that a file is not what was written."""


@dataclass(frozen=True)
class _Part:
    """A part of a file, and what it must sum up to."""

    content: memoryview
    due: str

    @property
    def is_whole(self) -> bool:
        """Tell whether it is what was written."""
        return hashlib.sha256(self.content).hexdigest() == self.due


def write_object(path: Path, told: Mapping[str, Any], value: object) -> None:
    """Write an object durably, and what is told of it; nobody else may read the file.

    Parameters
    ----------
    told : mapping
        Values of JSON.
    """
    left_out: list[memoryview] = []

    def keep_inside(buffer: pickle.PickleBuffer) -> bool:
        """Tell whether an array stays within the pickled object."""
        raw = buffer.raw()
        if raw.nbytes < LARGE:
            return True
        left_out.append(raw)
        return False

    with written_durably(path) as file:
        body = _Summed(file)
        pickle.Pickler(body, protocol=5, buffer_callback=keep_inside).dump(value)
        sizes, sums = [body.size], [body.sum.hexdigest()]
        _fill_page(file, body.size)
        for part in left_out:
            sizes, sums = [*sizes, part.nbytes], [*sums, hashlib.sha256(part).hexdigest()]
            file.write(part)
            _fill_page(file, part.nbytes)
        foot = json.dumps({**told, _PARTS: sizes, _SUMS: sums}).encode()
        file.write(foot + len(foot).to_bytes(LENGTH, "little"))


@dataclass
class _Summed:
    """What is written to a file, its size and sum."""

    file: BinaryIO
    size: int = 0
    sum: Any = field(default_factory=hashlib.sha256)

    def write(self, part: bytes) -> int:
        """Write a part."""
        self.size += memoryview(part).nbytes
        self.sum.update(part)
        return self.file.write(part)


def _fill_page(file: BinaryIO, size: int) -> None:
    """Write up to the next page after a part of some size."""
    file.write(bytes(_paged(size) - size))


def told_of(path: Path) -> dict[str, Any] | None:
    """Return what is told of an object, None where the end of the file can't be read.

    Raises
    ------
    FileNotFoundError
        If it is gone.
    """
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - LENGTH))
        length = int.from_bytes(file.read(LENGTH), "little")
        if not 0 < length <= min(MOST_TOLD, end - LENGTH):
            return None
        file.seek(end - LENGTH - length)
        foot = file.read(length)
    try:
        told = json.loads(foot)
    except ValueError:
        return None
    is_whole = isinstance(told, dict) and isinstance(told.get(_PARTS), list) and _SUMS in told
    return {**told, "begins": end - LENGTH - length} if is_whole else None


def read_object(path: Path) -> Any:
    """Return the object of a file.

    Raises
    ------
    SpoiltError
        If it is not what was written.
    FileNotFoundError
        If it is gone.
    """
    body, *arrays = _parts(path)
    _check(path, [body])
    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(_check, path, arrays)
        value = pickle.loads(body.content, buffers=[part.content for part in arrays])
        checked.result()
    return value


def is_whole(path: Path) -> bool:
    """Tell whether a file is what was written.

    Raises
    ------
    FileNotFoundError
        If it is gone.
    """
    try:
        _check(path, _parts(path))
    except SpoiltError:
        return False
    return True


def _check(path: Path, parts: Sequence[_Part]) -> None:
    """Raise when a part is not what was written."""
    if not all(part.is_whole for part in parts):
        msg = f"{path.name} is not what was written."
        raise SpoiltError(msg)


def _parts(path: Path) -> list[_Part]:
    """Return the parts of a file, mapped so that what is changed is ours alone."""
    told = told_of(path)
    if told is None or told["begins"] != sum(_paged(size) for size in told[_PARTS]):
        msg = f"{path.name} is cut."
        raise SpoiltError(msg)
    first, found = 0, []
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    mapped.madvise(mmap.MADV_WILLNEED)
    for size, due in zip(told[_PARTS], told[_SUMS], strict=True):
        found.append(_Part(memoryview(mapped)[first : first + size], due))
        first += _paged(size)
    return found


def _paged(size: int) -> int:
    """Return how many bytes the pages take that hold so many."""
    return -(-size // PAGE) * PAGE


@contextmanager
def written_durably(path: Path) -> Iterator[BinaryIO]:
    """Give a file that is whole and on disk in its place afterwards, or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            beside.chmod(0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
