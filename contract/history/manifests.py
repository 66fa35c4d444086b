"""Keep, for each partition, the list of the files that hold its rows.

The list is replaced as a whole, so that a reader sees the files before a change or after it, never both. Files that
left the list are kept until readers of the older list are done, then removed.

Simple so far: one list a partition; a reader of many partitions sees each at its own moment.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from contract.errors import UnreadableFileError
from contract.history.layout import MANIFEST, Partition
from contract.history.storage import Storage


@dataclass(frozen=True)
class StoredFile:
    """A file of a partition.

    Attributes
    ----------
    name : str
    rows, size_bytes : int
    sequence : int
        Order of writing, over the whole history.
    columns : str
        Says which columns of which types it has: equal for equal ones.
    first_us, last_us : int
        Span of its rows' instants, in microseconds; both 0 where the table has none.
    is_compacted : bool
        Holds rows of several writings, each row with the sequence of its own.
    """

    name: str
    rows: int
    size_bytes: int
    sequence: int
    columns: str
    first_us: int = 0
    last_us: int = 0
    is_compacted: bool = False


@dataclass(frozen=True)
class Retired:
    """A file that left the list, and when."""

    name: str
    at: str


@dataclass(frozen=True)
class Manifest:
    """The files of a partition.

    Attributes
    ----------
    files : tuple of StoredFile
        In order of writing.
    retired : tuple of Retired
    last_batch : str
        What was written last: the same again changes nothing.
    """

    files: tuple[StoredFile, ...] = ()
    retired: tuple[Retired, ...] = ()
    last_batch: str = ""

    @property
    def last_sequence(self) -> int:
        """Return the greatest sequence of a file listed; 0 where there is none."""
        return max((file.sequence for file in self.files), default=0)

    def with_file(self, file: StoredFile, batch: str) -> Manifest:
        """Return the list with one file more, the last written."""
        return replace(self, files=(*self.files, file), last_batch=batch)

    def replaced_by(self, files: tuple[StoredFile, ...], now: datetime) -> Manifest:
        """Return the list with these files alone, all others retired."""
        kept = {file.name for file in files}
        gone = [Retired(f.name, now.isoformat()) for f in self.files if f.name not in kept]
        retired = [old for old in self.retired if old.name not in kept]
        return replace(self, files=files, retired=(*retired, *gone))

    def outlived(self, now: datetime, grace: timedelta) -> tuple[str, ...]:
        """Return the retired files that no reader needs any more."""
        return tuple(
            old.name for old in self.retired if datetime.fromisoformat(old.at) + grace <= now
        )

    def without(self, names: Collection[str]) -> Manifest:
        """Return the list without these retired files."""
        return replace(self, retired=tuple(old for old in self.retired if old.name not in names))


def read_manifest(storage: Storage, partition: Partition) -> Manifest:
    """Return the list of a partition; an empty one where there is none.

    Raises
    ------
    UnreadableFileError
        If it is damaged.
    """
    content = storage.read(partition.manifest)
    return Manifest() if content is None else _parsed(content, partition)


def read_manifests(
    storage: Storage, partitions: Collection[Partition]
) -> dict[Partition, Manifest]:
    """Return the lists of partitions; those without one, or without files, left out.

    Raises
    ------
    UnreadableFileError
        If one is damaged.
    """
    found = storage.read_many([partition.manifest for partition in partitions])
    lists = {
        partition: _parsed(found[partition.manifest], partition)
        for partition in partitions
        if partition.manifest in found
    }
    return {partition: manifest for partition, manifest in lists.items() if manifest.files}


def write_manifest(storage: Storage, partition: Partition, manifest: Manifest) -> None:
    """Replace the list of a partition: the moment from which readers see the change."""
    content = json.dumps({"format": 1, **asdict(manifest)}, separators=(",", ":"))
    storage.put(partition.manifest, content.encode())


def sweep(
    storage: Storage,
    partition: Partition,
    manifest: Manifest,
    *,
    now: datetime,
    grace: timedelta,
) -> Manifest:
    """Remove files that no list names, and retired ones that have outlived their readers; return the list.

    For the writer alone: he knows that no file is about to be listed.
    """
    outlived = manifest.outlived(now, grace)
    named = {file.name for file in manifest.files} | {old.name for old in manifest.retired}
    there = storage.names(partition.folder)
    for name in [name for name in there if name not in named | {MANIFEST}] + list(outlived):
        storage.remove(f"{partition.folder}/{name}")
    left = manifest.without(outlived)
    if not left.files and not left.retired:
        storage.remove(partition.manifest)
        storage.remove_folder(partition.folder)
    elif outlived:
        write_manifest(storage, partition, left)
    return left


def _parsed(content: bytes, partition: Partition) -> Manifest:
    """Return the list that a file holds."""
    try:
        told: dict[str, Any] = json.loads(content)
        return Manifest(
            files=tuple(StoredFile(**file) for file in told["files"]),
            retired=tuple(Retired(**old) for old in told["retired"]),
            last_batch=told["last_batch"],
        )
    except (ValueError, KeyError, TypeError) as error:
        msg = (
            f"`{partition.manifest}` must list the files of its partition; it is damaged ({error}). "
            "Take the partition from a copy, or remove its folder and add its day again."
        )
        raise UnreadableFileError(msg) from error
