"""Take in files that somebody puts into a folder: each is taken whole, then moved to `done` or `rejected`.

A file is named after the table whose rows it holds, as `alarms.csv` or `complaints-20260310.xlsx`; one that begins with
a dot, or ends in `.part` or `.tmp`, is still being written. Beside a file that was moved stands a JSON file of
what became of its rows.

Simple so far: a file is looked at twice, a second apart, to see that it has stopped growing.
"""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path

from contract.errors import InputError
from contract.files import SUFFIXES, read_table_file
from correlate.live.intake import ARRIVING
from correlate.live.submissions import Submission
from dashboards.server.writing import BehindError, Writer

logger = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
DONE, REJECTED = "done", "rejected"


def watch(folder: Path, writer: Writer, is_ending: threading.Event) -> None:
    """Take in what is put into a folder until the server ends."""
    folder.mkdir(parents=True, exist_ok=True)
    before: dict[Path, tuple[int, int]] = {}
    while True:
        sizes = {path: _size(path) for path in waiting_files(folder)}
        for path, size in sizes.items():
            if before.get(path) == size:
                _take_safely(path, writer)
        before = sizes
        if is_ending.wait(LOOK_EVERY_S):
            return


def _take_safely(path: Path, writer: Writer) -> None:
    """Take one file in; what goes wrong is logged, and the file tried again."""
    try:
        take_file(path, writer)
    except Exception:
        logger.exception("%s could not be taken in; it is tried again", path.name)


def waiting_files(folder: Path) -> list[Path]:
    """Return the files that wait in a folder, by name."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".") and path.suffix not in (".part", ".tmp")
    ]


def take_file(path: Path, writer: Writer) -> bool:
    """Take one file in and move it; return whether it was taken, False to try again."""
    try:
        outcome = writer.submit([_read(path)]).result()[0].as_json()
    except BehindError:
        return False
    except InputError as error:
        outcome = {"error": str(error)}
    is_used = bool(outcome.get("accepted") or outcome.get("repeated"))
    _move(path, DONE if is_used else REJECTED, outcome)
    return True


def _read(path: Path) -> Submission:
    """Return the rows of a file as they are sent."""
    table = table_named(path)
    if table is None or path.suffix.lower() not in SUFFIXES:
        msg = f"the name must begin with one of {', '.join(ARRIVING)} and end in {', '.join(SUFFIXES)}"
        raise InputError(msg)
    rows = read_table_file(path).frame
    numbered = rows.set_axis(range(1, len(rows) + 1))
    return Submission(table, f"file {path.name}", rows=numbered, sent=len(rows))


def table_named(path: Path) -> str | None:
    """Return the table that a file is named after, None for none.

    Examples
    --------
    >>> table_named(Path("complaints-20260310.csv")), table_named(Path("sites.csv"))
    ('complaints', None)
    """
    stem = path.stem.lower()
    return next(
        (n for n in ARRIVING if stem == n or stem.startswith((f"{n}-", f"{n}_", f"{n}."))), None
    )


def _size(path: Path) -> tuple[int, int]:
    """Return size and time of change of a file, by which it is seen to have stopped growing."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return (-1, -1)
    return found.st_size, found.st_mtime_ns


def _move(path: Path, name: str, outcome: object) -> None:
    """Move a file, and write beside it what became of its rows; an earlier file of its name stays."""
    folder = path.parent / name
    folder.mkdir(exist_ok=True)
    target, count = folder / path.name, 1
    while target.exists():
        count += 1
        target = folder / f"{path.stem}.{count}{path.suffix}"
    beside = target.with_name(f"{target.name}.json")
    beside.write_text(json.dumps(outcome, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    path.replace(target)
    logger.info("%s was moved to %s", path.name, name)
