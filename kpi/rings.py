"""Keep the levels of the last days by hour of the day, in memory or in a folder.

Terms: a *slab* is what all cells showed in one hour of one day, [C, G]. The slabs of one hour of the day lie side by
side, for an hour is compared with the same hour of other days: what a question needs is one stretch of a file. Slots
are used in turn; a slab whose day is not the day of its slot counts as unknown, so that a new day costs no clearing.

Simple so far: one slab is being filled at a time, and is written when another is asked for or `flush` is called; a
ring in a folder has one writer, and its files are as the machine writes numbers.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from contract.errors import InputError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
Days = npt.NDArray[np.int64]

HOURS = 24
EMPTY = -1


class Slabs(Protocol):
    """Where slabs lie."""

    def read(self, hour: int, slot: int, out: Floats, *, first: int) -> None:
        """Fill `out` [n, G] with the cells from `first` on."""

    def write(self, hour: int, slot: int, values: Floats, *, first: int = 0) -> None:
        """Replace the cells from `first` on by `values` [n, G]."""


@dataclass(frozen=True)
class MemorySlabs:
    """Slabs in memory; pages that no slab has touched take none."""

    array: Floats  # [24, days, C, G]

    def read(self, hour: int, slot: int, out: Floats, *, first: int) -> None:
        """Fill `out` with cells from `first` on."""
        out[:] = self.array[hour, slot, first : first + len(out)]

    def write(self, hour: int, slot: int, values: Floats, *, first: int = 0) -> None:
        """Replace cells from `first` on."""
        self.array[hour, slot, first : first + len(values)] = values


@dataclass(frozen=True)
class FolderSlabs:
    """Slabs in a file for each hour; read and written piece by piece, so no file is held in memory."""

    folder: Path
    cells: int
    gauges: int

    def path(self, hour: int) -> Path:
        """Return the file of an hour."""
        return self.folder / f"hour-{hour:02d}.f32"

    def read(self, hour: int, slot: int, out: Floats, *, first: int) -> None:
        """Fill `out` with cells from `first` on."""
        with self.path(hour).open("rb", buffering=0) as file:
            file.seek(self._place(slot, first))
            if file.readinto(out.data.cast("B")) != out.nbytes:
                message = f"`folder` needs whole slabs; {self.path(hour)} ends early. Learn the baseline anew."
                raise InputError(message)

    def write(self, hour: int, slot: int, values: Floats, *, first: int = 0) -> None:
        """Replace cells from `first` on."""
        descriptor = os.open(self.path(hour), os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            left = np.ascontiguousarray(values).data.cast("B")
            place = self._place(slot, first)
            while left:
                written = os.pwrite(descriptor, left, place)
                left, place = left[written:], place + written
        finally:
            os.close(descriptor)

    def _place(self, slot: int, first: int) -> int:
        """Return where in the file a slab's cells begin."""
        return (slot * self.cells + first) * self.gauges * 4


@dataclass
class Ring:
    """Slabs of the last days, changed in place."""

    slabs: Slabs
    cells: int
    gauges: int
    days: Days  # [slots] day number held by each slot, -1 empty
    held: Days  # [24, slots] day number of each slab
    filling: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    filling_key: int = EMPTY  # day * 24 + hour of the slab being filled

    def slots_before(self, day: int) -> Ints:
        """Return the slots of days earlier than one."""
        return np.flatnonzero((self.days >= 0) & (self.days < day))

    def slab(self, hour_key: int) -> Floats | None:
        """Return the slab of an hour to be changed in place, or None where its day is forgotten.

        Parameters
        ----------
        hour_key : int
            Day number times 24 plus hour.
        """
        day, hour = divmod(hour_key, HOURS)
        slot = day % len(self.days)
        if self.days[slot] > day:
            return None
        if self.filling_key != hour_key:
            self.flush()
            self.filling = np.full((self.cells, self.gauges), np.nan, dtype=np.float32)
            if self.held[hour, slot] == day:
                self.slabs.read(hour, slot, self.filling, first=0)
            self.filling_key = hour_key
        self.days[slot] = day
        return self.filling

    def flush(self) -> None:
        """Write the slab being filled to where it belongs."""
        if self.filling_key == EMPTY:
            return
        day, hour = divmod(self.filling_key, HOURS)
        slot = day % len(self.days)
        if self.days[slot] == day:
            self.slabs.write(hour, slot, self.filling)
            self.held[hour, slot] = day
        self.filling_key = EMPTY

    def read(self, hour: int, slots: Ints, *, first: int = 0, last: int | None = None) -> Floats:
        """Return what some cells showed in an hour of some days, [s, n, G]; NaN where unknown.

        Parameters
        ----------
        hour : int
            Hour of the day.
        slots : array of int [s]
        first, last : int
            Cells from `first` to before `last`; default all.
        """
        stop = self.cells if last is None else last
        out = np.empty((len(slots), stop - first, self.gauges), dtype=np.float32)
        for i, slot in enumerate(slots.tolist()):
            day = int(self.days[slot])
            if day != EMPTY and day * HOURS + hour == self.filling_key:
                out[i] = self.filling[first:stop]
            elif day != EMPTY and self.held[hour, slot] == day:
                self.slabs.read(hour, slot, out[i], first=first)
            else:
                out[i] = np.nan
        return out

    def read_cells(self, slots: Ints, cells: Ints) -> Floats:
        """Return what a few cells showed in all hours of some days, [s, 24, n, G].

        Parameters
        ----------
        slots : array of int [s]
        cells : array of int [n]
        """
        out = np.empty((len(slots), HOURS, len(cells), self.gauges), dtype=np.float32)
        for i, cell in enumerate(cells.tolist()):
            for hour in range(HOURS):
                out[:, hour, i] = self.read(hour, slots, first=cell, last=cell + 1)[:, 0]
        return out


def start_ring(cells: int, gauges: int, *, days: int, folder: Path | None = None) -> Ring:
    """Return a ring of which nothing is known yet.

    Parameters
    ----------
    cells, gauges : int
    days : int
        Days remembered.
    folder : Path, optional
        Where slabs lie; default memory. Made where it is not there; files of another ring in it are
        taken over by what is written.

    Returns
    -------
    Ring

    Examples
    --------
    >>> ring = start_ring(2, 1, days=3)
    >>> slab = ring.slab(24 * 10 + 7)
    >>> slab[:] = [[1.0], [2.0]]
    >>> ring.read(7, ring.slots_before(11))[0, :, 0].tolist()
    [1.0, 2.0]
    """
    slabs: Slabs
    if folder is None:
        slabs = MemorySlabs(np.zeros((HOURS, days, cells, gauges), dtype=np.float32))
    else:
        folder.mkdir(parents=True, exist_ok=True)
        slabs = FolderSlabs(folder, cells, gauges)
    return Ring(
        slabs=slabs,
        cells=cells,
        gauges=gauges,
        days=np.full(days, EMPTY, dtype=np.int64),
        held=np.full((HOURS, days), EMPTY, dtype=np.int64),
    )
