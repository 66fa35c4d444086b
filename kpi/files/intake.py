"""Take measurement files into the table of counters: each content once, late ones too, broken ones not at all.

The table is a folder of Parquet files, one for each hour, with the parts they are made of and a ledger beside them.
What a folder of files gives does not depend on their order, nor on how many intakes they come in.

Simple so far: files are read one after another; a broken file is told, not moved.
"""

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from contract.errors import UnreadableFileError
from contract.history import History
from kpi.files.catalogue import Catalogue
from kpi.files.faults import BrokenFileError
from kpi.files.file_reading import FileRows, Placing, read_file
from kpi.files.ledger import KNOWN, LISTS, QUARANTINED, READ, Entry, Ledger, open_ledger
from kpi.files.objects import Inventory
from kpi.files.stores import ORIGIN, add_parts, ensure_table

SUFFIXES = (".xml", ".xml.gz", ".gz")
"""Names of files that are taken out of a folder."""
_ROWS_AT_A_TIME = 500_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What an intake came to.

    Attributes
    ----------
    files : DataFrame
        A row for each file that was given: `name`, `status` (`read`, `known` or `quarantined`), `reason`, `line`,
        `place`, and the counts of `kpi.files.ledger.Entry`.
    rejected : DataFrame
        Records refused: `name`, `reason`, `object`, `records`, `line`.
    left_out : dict of int
        Records left out by reason.
    not_mapped : DataFrame
        Counters that no rule takes: `counter`, `records`, `files`.
    refused : DataFrame
        Values refused: `counter`, `reason`, `number`.
    rows, hours : int
        Rows of the table that were written anew, and hours.
    """

    files: pd.DataFrame
    rejected: pd.DataFrame
    left_out: dict[str, int]
    not_mapped: pd.DataFrame
    refused: pd.DataFrame
    rows: int
    hours: int


@dataclass
class _Waiting:
    """Files read and not yet written, and what has been found so far."""

    files: list[FileRows] = field(default_factory=list)
    size: int = 0
    entries: list[Entry] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    written: dict[str, int] = field(default_factory=dict)


def measurement_paths(paths: Sequence[Path]) -> list[Path]:
    """Return files, and in place of folders the measurement files below them, by name.

    Raises
    ------
    UnreadableFileError
        If there is none, or a name is neither a file nor a folder.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            msg = f"`files` must name files or folders; {path} is neither. Check the name."
            raise UnreadableFileError(msg)
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [one for one in inside if not path.is_dir() or _is_measurement(one)]
    if not found:
        msg = (
            f"`files` must name at least one of {list(SUFFIXES)}; {list(map(str, paths))} has none."
        )
        raise UnreadableFileError(msg)
    return found


def take_files(
    paths: Sequence[Path],
    folder: Path,
    inventory: Inventory,
    catalogue: Catalogue,
    *,
    zone: str,
    history: History | None = None,
) -> Taken:
    """Take measurement files into the table of counters.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders of them.
    folder : Path
        Folder of the table: new, or of an earlier intake.
    inventory : Inventory
    catalogue : Catalogue
    zone : str
        IANA zone of instants without an offset.
    history : History, optional
        Where rows are written as well, by region and day.

    Returns
    -------
    Taken

    Raises
    ------
    InputError
        If there is no file, none can be read, or the folder can't be written.
    """
    files = measurement_paths(paths)
    placing, waiting = Placing(inventory), _Waiting()
    knowledge = _knowledge(catalogue, inventory)
    with open_ledger(folder) as ledger:
        seen: set[str] = set()
        for path in files:
            entry = _entry(path, knowledge)
            if entry.digest in seen or ledger.knows(entry.digest, knowledge):
                waiting.entries.append(_with(entry, status=KNOWN))
                continue
            seen.add(entry.digest)
            _take(path, entry, placing, catalogue, zone=zone, waiting=waiting)
            if waiting.size > _ROWS_AT_A_TIME:
                _write(folder, ledger, waiting, inventory, history)
        _write(folder, ledger, waiting, inventory, history)
        _check_any(waiting.entries)
        ensure_table(folder)
        _write_lists(folder, ledger)
    return _taken(waiting)


def _is_measurement(path: Path) -> bool:
    """Tell whether a file in a folder is named like a measurement file."""
    name = path.name.lower()
    return path.is_file() and not name.startswith(".") and name.endswith(SUFFIXES)


def _entry(path: Path, knowledge: str) -> Entry:
    """Return a file with the hash of its content, not yet read."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            told = os.fstat(file.fileno())
    except OSError as error:
        return Entry("", path.name, 0, 0, knowledge, QUARANTINED, reason=f"{error.strerror}")
    return Entry(digest, path.name, told.st_size, told.st_mtime_ns, knowledge, READ)


def _take(
    path: Path,
    entry: Entry,
    placing: Placing,
    catalogue: Catalogue,
    *,
    zone: str,
    waiting: _Waiting,
) -> None:
    """Read a file and add it to those waiting; a broken one is noted with the place of its fault."""
    if entry.status == QUARANTINED:
        waiting.entries.append(entry)
        return
    try:
        found = read_file(path, entry, placing, catalogue, zone=zone)
    except BrokenFileError as error:
        broken = _with(entry, status=QUARANTINED, reason=error.reason, line=error.line)
        waiting.files.append(FileRows(_with(broken, place=error.column)))
        logger.info("%s is quarantined: %s", path.name, error)
    else:
        waiting.files.append(found)
        waiting.size += len(found.rows)
        waiting.left_out.update(found.left_out)
    waiting.entries.append(waiting.files[-1].entry)


def _write(
    folder: Path,
    ledger: Ledger,
    waiting: _Waiting,
    inventory: Inventory,
    history: History | None,
) -> None:
    """Write what waits: parts and rows first, then the history, then the ledger, so that nothing is lost by a stop."""
    if not waiting.files:
        return
    tables = [_with_origin(file) for file in waiting.files if len(file.rows)]
    back: dict[str, set[str]] = {}
    for file in waiting.files:
        for hour in ledger.hours(file.entry.digest):
            back.setdefault(hour, set()).add(file.entry.digest)
    if tables or back:
        parts = pd.concat(tables, ignore_index=True) if tables else _with_origin(waiting.files[0])
        for hour, rows in add_parts(folder, parts, taken_back=back):
            waiting.written[hour] = len(rows)
            if history is not None:
                _write_history(history, rows, inventory)
    ledger.record([file.entry for file in waiting.files])
    waiting.files, waiting.size = [], 0


def _with_origin(file: FileRows) -> pd.DataFrame:
    """Return the rows of a file with what tells files apart."""
    return file.rows.assign(**{name: getattr(file.entry, name) for name in ORIGIN})


def _write_history(history: History, rows: pd.DataFrame, inventory: Inventory) -> None:
    """Write the rows of an hour into a history, by region and day."""
    region = rows["cell_id"].map(inventory.regions).astype("str")
    day = rows["start"].dt.tz_convert(history.zone).dt.date
    with history.writing() as writer:
        for (name, on), some in rows.groupby([region, day]):
            writer.write("kpi", some.reset_index(drop=True), region=str(name), day=on)


def _knowledge(catalogue: Catalogue, inventory: Inventory) -> str:
    """Return the hash of all that decides what a file gives."""
    found = hashlib.sha256(repr(catalogue.rules).encode())
    names = inventory.names
    for known in (inventory.rats, names.names, names.codes, names.numbers, names.locals, names.air):
        hashed = pd.util.hash_pandas_object(known.astype("str")).to_numpy(np.uint64)
        found.update(np.sort(hashed).tobytes())
    return found.hexdigest()


def _check_any(entries: Iterable[Entry]) -> None:
    """Raise when no file could be read: the first is named with its fault."""
    broken = [entry for entry in entries if entry.status == QUARANTINED]
    if not broken or len(broken) < len(list(entries)):
        return
    first = broken[0]
    place = f"line {first.line}, column {first.place}: " if first.line else ""
    msg = (
        f"`files` must hold measurement files; none of {len(broken)} can be read, the first is "
        f"{first.name}: {place}{first.reason}. Export them again."
    )
    raise UnreadableFileError(msg)


def _write_lists(folder: Path, ledger: Ledger) -> None:
    """Write the lists of all files taken so far beside the table."""
    for name in LISTS:
        partial = folder / f".{name}.csv.partial"
        ledger.listed(name).to_csv(partial, index=False, lineterminator="\n")
        partial.replace(folder / f"{name}.csv")


def _with(entry: Entry, **changed: object) -> Entry:
    """Return an entry with some of its fields changed."""
    held = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return Entry(**(held | changed))


def _taken(waiting: _Waiting) -> Taken:
    """Return what the intake came to."""
    entries = waiting.entries
    columns = [name for name in Entry.__dataclass_fields__ if name != "lists"]
    files = pd.DataFrame([[getattr(e, c) for c in columns] for e in entries], columns=columns)
    rejected = pd.DataFrame(
        list(_listed(entries, "rejected")), columns=["name", "reason", "object", "records", "line"]
    )
    mapped = pd.DataFrame(
        list(_listed(entries, "not_mapped")), columns=["name", "counter", "records"]
    )
    refused = pd.DataFrame(
        list(_listed(entries, "refused")), columns=["name", "counter", "reason", "number"]
    )
    by_counter = mapped.groupby("counter", as_index=False).agg(
        records=("records", "sum"), files=("name", "nunique")
    )
    return Taken(
        files,
        rejected.sort_values("records", ascending=False, kind="stable", ignore_index=True),
        dict(waiting.left_out.most_common()),
        by_counter.sort_values(["records", "counter"], ascending=[False, True], ignore_index=True),
        refused.groupby(["counter", "reason"], as_index=False)["number"].sum(),
        sum(waiting.written.values()),
        len(waiting.written),
    )


def _listed(entries: Iterable[Entry], name: str) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a list of all files."""
    for entry in entries:
        for row in entry.lists.get(name, ()):
            yield (entry.name, *row)
