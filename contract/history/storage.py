"""Put, get and list the files of a history on any file system that fsspec knows, each put whole or not at all.

A local file is written under a hidden name, forced to disk and renamed; an object store takes an object in one
request, which is whole by itself.

Simple so far: a file is held in memory while it is written.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from contract.errors import InputError

WILD = "*?["
"""Signs that a path must not hold: they mean several files to whoever reads a list of paths."""


@dataclass(frozen=True)
class Storage:
    """A folder on a file system.

    Attributes
    ----------
    filesystem : fsspec file system
    root : str
        Path of the folder on it, without a slash at its end.
    protocol : str
        What stands before a path in an address, such as `memory://`; empty for a local one.
    """

    filesystem: Any
    root: str
    protocol: str = ""

    @property
    def is_local(self) -> bool:
        """Tell whether the files lie on this machine's own file system."""
        return not self.protocol

    def path(self, name: str) -> str:
        """Return the path of a file on the file system."""
        return f"{self.root}/{name}"

    def address(self, name: str) -> str:
        """Return the address of a file, as a reader that knows the file system takes it."""
        return f"{self.protocol}{self.path(name)}"

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None where there is none."""
        try:
            return bytes(self.filesystem.cat_file(self.path(name)))
        except FileNotFoundError:
            return None

    def read_many(self, names: Collection[str]) -> dict[str, bytes]:
        """Return the content of files by name, many at a time where the file system can; missing ones left out."""
        if not names:
            return {}
        paths = {self.path(name): name for name in names}
        found = self.filesystem.cat(list(paths), on_error="omit")
        return {paths[path]: bytes(content) for path, content in found.items()}

    def names(self, folder: str = "") -> list[str]:
        """Return the names of what lies in a folder, sorted; empty where there is no such folder."""
        path = self.path(folder) if folder else self.root
        self.filesystem.invalidate_cache()
        try:
            listed = self.filesystem.ls(path, detail=False)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(str(entry).rstrip("/").rpartition("/")[2] for entry in listed)

    def put(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all; an earlier one of that name is replaced."""
        if not self.is_local:
            self.filesystem.pipe_file(self.path(name), content)
            return
        path = Path(self.path(name))
        partial = path.with_name(f".{path.name}.partial")
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.filesystem.open(str(partial), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self.filesystem.mv(str(partial), str(path))
        _force_folder(path.parent)

    def put_new(self, name: str, content: bytes) -> bool:
        """Write a file unless there is one of that name; tell whether it was written."""
        try:
            self.filesystem.pipe_file(self.path(name), content, mode="create")
        except FileExistsError:
            return False
        return True

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is no matter."""
        try:
            self.filesystem.rm_file(self.path(name))
        except FileNotFoundError:
            return

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder, where the file system has folders at all."""
        if self.is_local:
            folder = Path(self.path(name))
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def storage_at(address: str, filesystem: Any = None) -> Storage:
    """Return the storage at an address.

    Parameters
    ----------
    address : str
        Path of a folder, or a URL that fsspec knows, such as `memory://history`.
    filesystem : fsspec file system, optional
        Taken instead of the one that the address names.

    Raises
    ------
    InputError
        If the address names no file system that is installed, or holds `*`, `?` or `[`.

    Examples
    --------
    >>> storage_at("memory://history").address("kpi")
    'memory:///history/kpi'
    """
    try:
        found, root = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError, OSError) as error:
        msg = f"`address` must be a folder or a URL that fsspec knows; {address!r} is not: {error}. Check it."
        raise InputError(msg) from error
    root = str(root).rstrip("/")
    if not root or set(WILD) & set(root):
        msg = f"`address` must name a folder, without any of {WILD}; it is {address!r}. Choose another."
        raise InputError(msg)
    used = found if filesystem is None else filesystem
    if isinstance(used, LocalFileSystem):
        return Storage(used, root)
    scheme = used.protocol if isinstance(used.protocol, str) else used.protocol[0]
    return Storage(used, root, f"{scheme}://")


def _force_folder(folder: Path) -> None:
    """Force the entries of a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
