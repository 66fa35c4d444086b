"""Read one measurement file: find its form, read its records, and work out the rows of our counters.

Simple so far: forms are told apart by the name of the outermost element alone.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from kpi.files.catalogue import Catalogue
from kpi.files.faults import BrokenFileError
from kpi.files.formulas import Placed, counter_rows, no_rows
from kpi.files.gpp import OLD_ROOT, ROOTS, read_gpp
from kpi.files.ledger import Entry
from kpi.files.objects import NO_CELL, Inventory, cells_of
from kpi.files.omes import ROOT, read_omes
from kpi.files.readings import NOT_MAPPED, Readings
from kpi.files.stores import hours_of
from kpi.files.streams import Opened, opened

FORMS: Mapping[str, Callable[[Opened, Readings, str], None]] = {
    **dict.fromkeys((*ROOTS, OLD_ROOT), read_gpp),
    ROOT: read_omes,
}
"""Reader of each form, by the name of the outermost element."""
NOT_A_NUMBER = "the value is no number"
PART = "a part of a cell that no rule adds up"


@dataclass(frozen=True)
class FileRows:
    """What a file came to.

    Attributes
    ----------
    entry
        What the ledger is told of it.
    rows : DataFrame
        As `kpi.files.formulas.counter_rows` gives them.
    left_out
        Records left out by reason.
    """

    entry: Entry
    rows: pd.DataFrame = field(default_factory=no_rows)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass
class Placing:
    """Cells of objects, each name looked up once for all files.

    Attributes
    ----------
    inventory
    known
        Position of the cell (-1 = none), class of the part and why there is no cell, by name of the object.
    """

    inventory: Inventory
    known: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    _positions: dict[str, int] = field(default_factory=dict)

    def place(self, objects: list[str]) -> list[tuple[int, str, str]]:
        """Return what is known of objects."""
        if not self._positions:
            self._positions = {str(cell): n for n, cell in enumerate(self.inventory.rats.index)}
        fresh = [name for name in objects if name not in self.known]
        if fresh:
            found = cells_of(fresh, self.inventory)
            cells = found["cell_id"].map(self._positions).fillna(-1).astype("int64")
            told = zip(cells.tolist(), found["part"].tolist(), found["why"].tolist(), strict=True)
            self.known.update(zip(fresh, told, strict=True))
        return [self.known[name] for name in objects]


def read_file(
    path: Path, entry: Entry, placing: Placing, catalogue: Catalogue, *, zone: str
) -> FileRows:
    """Return what a file comes to.

    Parameters
    ----------
    path : Path
    entry : Entry
        With hash and name of the file.
    placing : Placing
    catalogue : Catalogue
    zone : str
        IANA zone of instants without an offset.

    Raises
    ------
    BrokenFileError
        If it is none of `FORMS`, or broken anywhere: then nothing of it is used.
    """
    readings = Readings(catalogue)
    with opened(path) as source:
        reader = FORMS.get(source.root)
        if reader is None:
            root = f"its root is {source.root}" if source.root else "it is no XML"
            reason = f"no measurement file: {root}; known are {sorted(FORMS)}"
            raise BrokenFileError(reason)
        readings.form = source.root
        if source.note:
            readings.notes.append(source.note)
        reader(source, readings, zone)
    return _file_rows(readings.finish(), entry, placing, catalogue)


def _file_rows(
    readings: Readings, entry: Entry, placing: Placing, catalogue: Catalogue
) -> FileRows:
    """Return the rows of a file, and what became of its records."""
    objects = list(readings.objects)
    told = placing.place(objects)
    records, suspect = _records(readings, len(objects))
    left_out = Counter({NOT_MAPPED: readings.left_out} if readings.left_out else {})
    cells = np.full(len(objects), -1, np.int64)
    used = suspects = 0
    for place, (cell, part, why) in enumerate(told):
        count = int(records[place])
        if why == NO_CELL:
            left_out[NO_CELL] += count
        elif cell < 0:
            readings.rejected.setdefault((why, objects[place]), [0, 0])[0] += count
        elif part and part not in catalogue.below:
            left_out[f"{PART}: {part}"] += count
        else:
            cells[place] = cell
            used += count
            suspects += int(suspect[place])
    rats = placing.inventory.rats
    parts = np.array([part for _, part, _ in told], object)
    ids = rats.index.to_numpy(object)
    placed = Placed(cells, parts, ids, rats.to_numpy(object))
    rows, refused = counter_rows(readings, placed, catalogue)
    refused.update({(name, NOT_A_NUMBER): n for name, n in readings.not_numbers.items()})
    done = _noted(entry, readings, rows, refused)
    done = replace(done, used=used, suspect=suspects, left_out=sum(left_out.values()))
    return FileRows(done, rows, left_out)


def _records(readings: Readings, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how many records each object has, and how many of them are suspect."""
    records, suspect = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for block in readings.blocks:
        records += np.bincount(block.objects, minlength=size)
        suspect += np.bincount(block.objects[block.is_suspect], minlength=size)
    return records, suspect


def _noted(
    entry: Entry, readings: Readings, rows: pd.DataFrame, refused: Counter[tuple[str, str]]
) -> Entry:
    """Return what the ledger is told of a file that was read."""
    rejected = [(why, name, n, line) for (why, name), (n, line) in readings.rejected.items()]
    starts = rows["start"]
    return replace(
        entry,
        form=readings.form,
        records=readings.records,
        rejected=sum(row[2] for row in rejected),
        rows=len(rows),
        first=starts.min().isoformat() if len(rows) else "",
        last=starts.max().isoformat() if len(rows) else "",
        hours=" ".join(sorted(hours_of(starts).unique())) if len(rows) else "",
        note="; ".join(readings.notes),
        lists={
            "rejected": rejected,
            "not_mapped": list(readings.unmapped.items()),
            "refused": [(name, why, n) for (name, why), n in refused.items() if n],
        },
    )
