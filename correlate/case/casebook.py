"""Keep what was found out about each ticket of a bundle, so that asking again answers at once.

A casebook is an SQLite file in the user's cache folder, one for each state of a bundle's files, each version of the
program and each set of settings. Only the standard library is used: looking a case up imports nothing heavy.

Simple so far: a bundle whose files change gets a new casebook; old ones are left to the cache's owner.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import sqlite3
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from contract.settings import Settings

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contract", "sites", "alarms", "kpi", "correlate")
FORM = 3
"""Number of the form of a case; a change of the form makes older casebooks void."""
LEVEL = 4
"""Effort of compression: more takes longer and saves little."""
SERIES = ("values", "usual", "low", "high")


def cache_folder() -> Path:
    """Return the folder of the casebooks: below `XDG_CACHE_HOME`, else the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME")
    if home:
        return Path(home) / "cellcause"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "cellcause"
    return Path.home() / ".cache" / "cellcause"


def casebook_path(bundle: Path, settings: str) -> Path:
    """Return where the casebook of a bundle lies, whether or not there is one.

    Parameters
    ----------
    bundle : Path
        The folder; name, size and time of change of each file count, its contents are not read.
    settings : str
        The settings as text.
    """
    told = hashlib.sha256(f"{FORM}|{settings}|{bundle.resolve()}".encode())
    for path in sorted(p for p in bundle.iterdir() if p.name != "truth"):
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            state = file.stat()
            told.update(f"|{file.relative_to(bundle)}|{state.st_size}|{state.st_mtime_ns}".encode())
    for name in PACKAGES:
        for module in sorted((ROOT / name).rglob("*.*")):
            if module.suffix != ".pyc":
                told.update(f"|{module.relative_to(ROOT)}|{module.stat().st_mtime_ns}".encode())
    return cache_folder() / f"{told.hexdigest()[:32]}.sqlite"


def told_settings(settings: Settings) -> str:
    """Return the settings that a case depends on, as text: all but the language it is shown in."""
    text = settings.model_dump_json(exclude={"language"})
    if settings.learned is None:
        return text
    files = sorted(settings.learned.glob("*.json"))
    return text + "".join(f"|{file.name}|{file.stat().st_mtime_ns}" for file in files)


def find_case(path: Path, ticket_id: str) -> dict[str, Any] | None:
    """Return the case of a ticket; None when there is no casebook, a damaged one, or not the case."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
            row = book.execute(
                "SELECT told FROM cases WHERE ticket_id = ?", (ticket_id,)
            ).fetchone()
    except sqlite3.DatabaseError as error:
        logger.warning("the casebook %s is damaged and is made anew: %s", path.name, error)
        return None
    return None if row is None else restored(row[0])


def save_cases(path: Path, cases: Iterable[tuple[str, bytes]]) -> None:
    """Write a casebook, whole or not at all, readable by its owner only; without a writable cache, none.

    Parameters
    ----------
    path : Path
    cases : iterable of (str, bytes)
        Ticket and its case as `compressed` makes it; of two cases of one ticket the later counts.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    except OSError as error:
        logger.warning("no casebook is kept, the cache can't be written: %s", error)
        return
    os.close(handle)
    try:
        with closing(sqlite3.connect(name)) as book, book:
            book.execute("CREATE TABLE cases (ticket_id TEXT PRIMARY KEY, told BLOB NOT NULL)")
            book.executemany("INSERT OR REPLACE INTO cases VALUES (?, ?)", cases)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def compressed(case: Mapping[str, Any]) -> bytes:
    """Return a case as it is kept."""
    text = json.dumps(case, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), LEVEL)


def restored(told: bytes) -> dict[str, Any]:
    """Return a case from what is kept of it, its series as lists.

    Examples
    --------
    >>> restored(compressed({"ticket_id": "T1"}))
    {'ticket_id': 'T1'}
    """
    return unpacked(json.loads(zlib.decompress(told)))


def unpacked(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case with the series of its counters laid out as lists; the case given stays as it is.

    Each measure gets `times`, `values`, `usual`, `low` and `high` instead of `series`; what is not known is None.
    """
    counters = case.get("counters")
    if not counters or "times" not in counters:
        return dict(case)
    times = counters["times"]
    cells = [
        cell | {"measures": [_laid_out(m, times) for m in cell["measures"]]}
        for cell in counters["cells"]
    ]
    kept = {name: value for name, value in counters.items() if name != "times"}
    return dict(case) | {"counters": kept | {"cells": cells}}


def _laid_out(measure: Mapping[str, Any], times: list[str]) -> dict[str, Any]:
    """Return a measure with its series as lists of numbers."""
    apart = base64.b64decode(measure["series"])
    count = len(apart) // 4
    raw = bytearray(len(apart))
    for k in range(4):
        raw[k::4] = apart[k * count : (k + 1) * count]
    every = struct.unpack(f"<{count}f", raw)
    numbers = [float(f"{v:.4g}") if v == v and abs(v) != float("inf") else None for v in every]
    size = len(times)
    series = {name: numbers[i * size : (i + 1) * size] for i, name in enumerate(SERIES)}
    kept = {name: value for name, value in measure.items() if name != "series"}
    return kept | {"times": times} | series
