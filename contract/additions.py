"""Add tables to a bundle whole or not at all, and never over one that stands there.

The folder is written anew beside the old one, with links to what stays, and swapped in.

Simple so far: two additions to one folder at the same moment are not kept apart.
"""

import os
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from contract.errors import OutputError
from contract.files import SUFFIXES
from contract.folders import replace_folder
from contract.tables import TABLES

LISTS = ("rejected", "repairs")
"""Lists that an addition goes on with, beside the tables."""


def check_addable(out: Path, tables: Collection[str]) -> None:
    """Raise when tables cannot be added to a folder: call it before long work.

    Raises
    ------
    OutputError
        If `out` is a file, has one of the tables, or holds anything that is no table of a bundle.
    """
    if not out.exists():
        return
    if not out.is_dir():
        msg = f"`out` must be a folder; {str(out)!r} is a file. Choose another name."
        raise OutputError(msg)
    held = sorted(path.name for path in out.iterdir())
    foreign = [name for name in held if _table_of(name) not in {*TABLES, *LISTS}]
    if foreign:
        msg = (
            f"`out` must be new, empty or a bundle; {str(out)!r} holds {foreign[:5]}. "
            "Choose another folder."
        )
        raise OutputError(msg)
    taken = [name for name in held if _table_of(name) in tables]
    if taken:
        msg = (
            f"`out` must not have the tables to be written yet; {str(out)!r} has {taken}. "
            "Take them away or choose another folder."
        )
        raise OutputError(msg)


def add_tables(
    out: Path, write: Callable[[Path], None], *, tables: Collection[str], lists: Collection[str]
) -> None:
    """Write tables into a folder beside what it holds, whole or not at all.

    Parameters
    ----------
    out : Path
        New or empty folder, or a bundle that has none of the tables.
    write : callable of Path
        Writes files into the folder it is given, where those that stay stand already.
    tables : collection of str
        Tables to be written.
    lists : collection of str
        Names of files that are written anew.

    Raises
    ------
    OutputError
        As `check_addable`, or if the folder cannot be written.
    """
    check_addable(out, tables)
    held = [path for path in out.iterdir() if path.name not in lists] if out.is_dir() else []

    def write_all(folder: Path) -> None:
        """Link what stays, then write what is new."""
        for path in held:
            _linked(path, folder / path.name)
        write(folder)

    replace_folder(out, write_all, ours={path.name for path in held} | set(lists))


def _table_of(name: str) -> str:
    """Return the table that a file or folder of that name would be."""
    path = Path(name)
    return path.stem if path.suffix.lower() in SUFFIXES else name


def _linked(path: Path, target: Path) -> None:
    """Link a file or the files of a folder to another place; copy where that cannot be linked."""
    if path.is_dir():
        shutil.copytree(path, target, copy_function=_link_or_copy)
    else:
        _link_or_copy(path, target)


def _link_or_copy(path: Path | str, target: Path | str) -> None:
    """Link a file, or copy it."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copy2(path, target)
