"""Write a folder whole or not at all.

The files are written into a hidden folder beside the target, forced to disk and swapped in; an
earlier result is replaced, a folder that holds anything else is refused.

Simple so far: between taking the old folder away and putting the new one in its place there is a
moment without either; the old one then lies beside, hidden.
"""

import os
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from contract.errors import OutputError


def replace_folder(out: Path, write: Callable[[Path], None], *, ours: Collection[str]) -> None:
    """Write a folder by a function, whole or not at all.

    Parameters
    ----------
    out : Path
        Folder to write. Its parents are made.
    write : callable of Path
        Writes the files into the folder it is given.
    ours : collection of str
        Names that an existing folder may hold to be replaced; `folder/name` of those in folders.

    Raises
    ------
    OutputError
        If `out` is a file, holds anything of another name, or cannot be written.
    """
    out = out.absolute()
    check_replaceable(out, ours=ours)
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        write(partial)
        for path in [*partial.rglob("*"), partial]:
            _force_to_disk(path)
        _swap(partial, out)
    except OSError as error:
        msg = f"`out` must be a folder that can be written; {str(out)!r}: {error.strerror}."
        raise OutputError(msg) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_replaceable(out: Path, *, ours: Collection[str]) -> None:
    """Raise when a folder cannot be replaced: call it before long work.

    Raises
    ------
    OutputError
        If `out` is a file or holds anything of another name.
    """
    if not out.exists():
        return
    if not out.is_dir():
        msg = f"`out` must be a folder; {str(out)!r} is a file. Choose another name."
        raise OutputError(msg)
    foreign = sorted(_foreign(out, ours))
    if foreign:
        msg = (
            f"`out` must be new, empty or an earlier result; {str(out)!r} holds {foreign[:5]}. "
            "Choose another folder."
        )
        raise OutputError(msg)


def _foreign(out: Path, ours: Collection[str]) -> list[str]:
    """Return what a folder holds that is not ours; of a folder of ours what is foreign in it."""
    folders = {name.rpartition("/")[0] for name in ours if "/" in name}
    found = []
    for path in out.iterdir():
        if path.name in folders and path.is_dir() and not path.is_symlink():
            inner = [f"{path.name}/{inside.name}" for inside in path.iterdir()]
            found += [name for name in inner if name not in ours]
        elif path.name not in ours:
            found.append(path.name)
    return found


def _force_to_disk(path: Path) -> None:
    """Force a file or folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap(partial: Path, out: Path) -> None:
    """Put a written folder in the place of an earlier one; put that back when it fails."""
    if not out.exists():
        partial.rename(out)
        return
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    shutil.rmtree(old, ignore_errors=True)
    out.rename(old)
    try:
        partial.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
