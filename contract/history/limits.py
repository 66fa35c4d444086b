"""Open the engine that reads and sorts, within limits of memory and cores, spilling to a folder beyond them.

Simple so far: the limit holds for one engine; a process that reads with several needs as much for each.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from contract.errors import InputError
from contract.history.storage import Storage
from contract.settings import Settings


@dataclass(frozen=True)
class Limits:
    """What the engine may use.

    Attributes
    ----------
    memory_mib : float
    threads : int
        0 = all cores.
    spill : Path or None
        Folder for what does not fit, made when needed; None = one in the system's folder of temporary files.
    """

    memory_mib: float = 2048.0
    threads: int = 0
    spill: Path | None = None


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings give."""
    return Limits(
        settings.history_memory_mib, settings.history_threads, settings.history_spill_folder
    )


@contextmanager
def engine(
    limits: Limits, storage: Storage | None = None, *, is_shut: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine in memory, and close it at the end.

    Parameters
    ----------
    limits : Limits
    storage : Storage, optional
        File system to read from.
    is_shut : bool
        Files outside the storage can't be read, and no setting can be changed: for queries of others.

    Raises
    ------
    InputError
        If what is asked for does not fit into the memory allowed and the spill folder.
    """
    told: dict[str, Any] = {
        "memory_limit": f"{limits.memory_mib:.0f}MiB",
        "preserve_insertion_order": False,
        "python_enable_replacements": False,
    }
    if limits.threads:
        told["threads"] = limits.threads
    spill = limits.spill or Path(tempfile.gettempdir()) / f"cellcause-{os.getpid()}"
    told["temp_directory"] = str(spill)
    try:
        with duckdb.connect(":memory:", config=told) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            if storage is not None and not storage.is_local:
                connection.register_filesystem(storage.filesystem)
            if is_shut and storage is not None:
                _shut(connection, storage)
            yield connection
    except duckdb.OutOfMemoryException as error:
        msg = (
            f"`history_memory_mib` must be enough for what is asked; {limits.memory_mib:.0f} MiB is not "
            f"({str(error).splitlines()[0]}). Ask for fewer days, raise it, or name `history_spill_folder`."
        )
        raise InputError(msg) from error


def _shut(connection: duckdb.DuckDBPyConnection, storage: Storage) -> None:
    """Let an engine read the files of a storage and no others."""
    folder = quoted(f"{storage.address('')}")
    connection.execute(f"SET allowed_directories = [{folder}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def quoted(text: str) -> str:
    """Return text as a literal of SQL.

    Examples
    --------
    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def named(column: str) -> str:
    """Return the name of a column as SQL takes it, whatever it holds.

    Examples
    --------
    >>> named('a"b')
    '"a""b"'
    """
    return '"' + column.replace('"', '""') + '"'
