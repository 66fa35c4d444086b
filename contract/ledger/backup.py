"""Copy the ledger and the history while the server runs, and put a copy back.

The ledger is copied first, as one state of it. Files of the history never change once an entry names them and are on
disk before it, so those copied after it hold all that it names. A list of all files with their checksums is written
last: a copy without it is none.

Simple so far: each copy is whole; PostgreSQL is copied by `pg_dump` and put back by `pg_restore` of its own version.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url

from contract.errors import InputError, OutputError
from contract.folders import replace_folder

LIST, HISTORY = "backup.json", "history"
SQLITE, POSTGRES = "ledger.sqlite", "ledger.pgdump"
LEFT_OUT = ("spill", "laid_out")
PART = 1 << 20


class BackupError(InputError):
    """Report that a back-up could not be made or put back, and why."""


@dataclass(frozen=True)
class Told:
    """What a back-up holds: files, bytes, and when it was made."""

    files: int
    size: int
    made_at: str


def make_backup(ledger: str, history: Path, out: Path) -> Told:
    """Copy a ledger and the history into a new folder, whole or not at all.

    Parameters
    ----------
    ledger : str
        Address of the database.
    history : Path
    out : Path
        Must not be there yet, or be empty.

    Raises
    ------
    BackupError
        If `out` holds something, or the database can't be copied.
    OutputError
        If `out` can't be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        msg = f"`to` must be a new folder; {str(out)!r} holds something."
        raise BackupError(msg)
    told: list[Told] = []

    def write(folder: Path) -> None:
        """Write the copy."""
        _copy_ledger(make_url(ledger), folder)
        for path in history_files(history):
            _copy_file(path, folder / HISTORY / path.relative_to(history))
        told.append(_write_list(folder))

    replace_folder(out, write, ours=())
    return told[0]


def history_files(history: Path) -> Iterator[Path]:
    """Yield the files of a history that are finished, in order."""
    for path in sorted(history.rglob("*")):
        parts = path.relative_to(history).parts
        if path.is_file() and not any(p.startswith(".") or p in LEFT_OUT for p in parts):
            yield path


def check_backup(folder: Path) -> Told:
    """Return what a back-up holds, when every file is there and has its checksum.

    Raises
    ------
    BackupError
        If it is not whole.
    """
    listed = _listed(folder)
    for name, entry in listed["files"].items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != entry["size"]:
            msg = f"the back-up {str(folder)!r} is not whole: {name} is missing or cut."
            raise BackupError(msg)
        if _digest(path) != entry["sha256"]:
            msg = f"the back-up {str(folder)!r} is not whole: {name} is not what was written."
            raise BackupError(msg)
    sizes = [int(entry["size"]) for entry in listed["files"].values()]
    return Told(len(sizes), sum(sizes), str(listed["made_at"]))


def restore_backup(folder: Path, ledger: str, history: Path, *, force: bool = False) -> Told:
    """Put a back-up into an empty place, checked before anything is touched.

    The server must not run. With `force` what is there is replaced; it is moved aside first where it is files.

    Raises
    ------
    BackupError
        If the back-up is not whole, the place is not empty, or the database can't be written.
    """
    told, address = check_backup(folder), make_url(ledger)
    is_lite = address.get_backend_name() == "sqlite"
    kept = folder / (SQLITE if is_lite else POSTGRES)
    if not kept.is_file():
        msg = f"the back-up {str(folder)!r} is of another kind of database than `ledger`."
        raise BackupError(msg)
    if not force:
        _check_empty(address, history)
    if is_lite:
        _put_sqlite(kept, Path(str(address.database)))
    else:
        _run_postgres(
            "pg_restore",
            address,
            ["--clean", "--if-exists", "--no-owner", "--exit-on-error", "--single-transaction"],
            str(kept),
        )
    _aside(history)
    for path in history_files(folder / HISTORY) if (folder / HISTORY).is_dir() else ():
        _copy_file(path, history / path.relative_to(folder / HISTORY))
    return told


def latest_backups(folder: Path) -> list[Path]:
    """Return the whole back-ups of a folder of daily ones, the latest first."""
    found = [path.parent for path in folder.glob(f"*/{LIST}")] if folder.is_dir() else []
    return sorted((path for path in found if not path.name.startswith(".")), reverse=True)


def prune_backups(folder: Path, *, kept: int) -> list[str]:
    """Remove the oldest daily back-ups but for some, and return their names."""
    gone = latest_backups(folder)[kept:]
    for path in gone:
        (path / LIST).unlink()
        shutil.rmtree(path)
    return [path.name for path in gone]


def _copy_ledger(address: URL, folder: Path) -> None:
    """Copy one state of the database."""
    if address.get_backend_name() != "sqlite":
        _run_postgres("pg_dump", address, ["--format=custom"], f"--file={folder / POSTGRES}")
        return
    source = Path(str(address.database))
    if not source.is_file():
        msg = f"`ledger` must be there to be copied; there is no file {str(source)!r}."
        raise BackupError(msg)
    try:
        with (
            closing(sqlite3.connect(source.resolve().as_uri() + "?mode=ro", uri=True)) as there,
            closing(sqlite3.connect(folder / SQLITE)) as here,
        ):
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")
            (state,) = here.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        msg = f"`ledger` {str(source)!r} can't be copied: {error}."
        raise BackupError(msg) from error
    if state != "ok":
        msg = f"`ledger` {str(source)!r} is damaged: {state}."
        raise BackupError(msg)


def _run_postgres(program: str, address: URL, options: list[str], what: str) -> None:
    """Run a program of PostgreSQL; the password goes through the environment."""
    found = shutil.which(program)
    if found is None:
        msg = f"`{program}` must be on the path: a ledger on PostgreSQL is copied by its own programs."
        raise BackupError(msg)
    shown = address.set(drivername="postgresql", password=None)
    environment = os.environ | ({"PGPASSWORD": str(address.password)} if address.password else {})
    done = subprocess.run(
        [found, *options, f"--dbname={shown.render_as_string(hide_password=False)}", what],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        msg = f"`{program}` failed: {lines[0]}."
        raise BackupError(msg)


def _check_empty(address: URL, history: Path) -> None:
    """Raise when something stands where a back-up is to be put."""
    taken = []
    if address.get_backend_name() == "sqlite":
        taken = [str(address.database)] if Path(str(address.database)).exists() else []
    elif _has_tables(address):
        taken = [f"database {address.database}"]
    if history.is_dir() and any(history.iterdir()):
        taken.append(str(history))
    if taken:
        msg = f"a back-up is put into an empty place; there is {', '.join(taken)}. `--force` replaces it."
        raise BackupError(msg)


def _has_tables(address: URL) -> bool:
    """Tell whether a database has tables."""
    from sqlalchemy import create_engine, inspect

    engine = create_engine(address.set(drivername="postgresql+psycopg"))
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _put_sqlite(kept: Path, target: Path) -> None:
    """Put a copied database into its place; what was there is moved aside."""
    for suffix in ("", "-wal", "-shm"):
        _aside(target.with_name(target.name + suffix))
    _copy_file(kept, target)


def _aside(path: Path) -> None:
    """Move something aside, if it is there."""
    if path.is_dir() and not any(path.iterdir()):
        path.rmdir()
    if path.exists():
        stamp = dt.datetime.now(tz=dt.UTC).strftime("%Y%m%dT%H%M%S%f")
        path.rename(path.with_name(f"{path.name}.before-{stamp}"))


def _copy_file(source: Path, target: Path) -> None:
    """Copy a file and force it to disk."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as there, target.open("wb") as here:
            shutil.copyfileobj(there, here, PART)
            here.flush()
            os.fsync(here.fileno())
        shutil.copystat(source, target)
    except FileNotFoundError:
        target.unlink(missing_ok=True)  # an older state or report that was let go of meanwhile
    except OSError as error:
        msg = f"{str(target)!r} must be a file that can be written: {error.strerror}."
        raise OutputError(msg) from error


def _write_list(folder: Path) -> Told:
    """Write the list of the files of a copy, and return what it holds."""
    files = {
        str(path.relative_to(folder)): {"size": path.stat().st_size, "sha256": _digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    made_at = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
    told = {"made_at": made_at, "version": version("cellcause"), "files": files}
    (folder / LIST).write_text(json.dumps(told, indent=1), encoding="utf-8")
    return Told(len(files), sum(int(str(entry["size"])) for entry in files.values()), made_at)


def _listed(folder: Path) -> dict[str, Any]:
    """Return the list of the files of a back-up."""
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
        if all(
            ".." not in Path(name).parts and not Path(name).is_absolute()
            for name in listed["files"]
        ):
            return dict(listed)
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{str(folder)!r} must be a back-up that was finished; its {LIST} can't be read: {error}."
        raise BackupError(msg) from error
    msg = f"{str(folder)!r} is no back-up of ours: its {LIST} names files elsewhere."
    raise BackupError(msg)


def _digest(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
