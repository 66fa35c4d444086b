"""Collect what the records of one file say: objects, periods, and the values of the counters that are wanted.

Terms: a *record* is the values of one object and period (`measValue`, `PMMOResult`). A *block* is records with the same
counters. Every record is used, left out or rejected; a value that is not given is unknown, never zero.

Simple so far: the values of a file are held in memory as numbers, some 8 bytes each, until the file has ended well.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kpi.files.catalogue import Catalogue, plain_name
from kpi.files.periods import Period

NOT_MAPPED = "no counter of the record is mapped"
NOT_GIVEN = frozenset(("", "nil", "null", "nan", "none", "-", "--", "n/a", "na"))
"""Ways to write that there is no value."""
MOST_REASONS = 20_000
"""Reasons and objects told apart for one file; further ones are counted under `and others`."""


@dataclass(frozen=True)
class Block:
    """Records with the same counters.

    Attributes
    ----------
    names
        Plain names of the counters.
    objects, periods, is_suspect
        Of each record: positions in the lists of the file, and the flag.
    values
        [records, names], NaN where unknown.
    vectors
        Values of counters that are lists of bins, as text, by name.
    """

    names: tuple[str, ...]
    objects: NDArray[np.int64]
    periods: NDArray[np.int64]
    is_suspect: NDArray[np.bool_]
    values: NDArray[np.float64]
    vectors: dict[str, list[str | None]]


@dataclass(frozen=True, eq=False)
class Layout:
    """Which counters of a list are wanted.

    Attributes
    ----------
    names
        Every counter, as the file names it.
    places, wanted
        Positions of those wanted as numbers, and their plain names.
    vector_places, vectors
        The same of those wanted as lists of bins.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    wanted: tuple[str, ...]
    vector_places: tuple[int, ...]
    vectors: tuple[str, ...]

    @cached_property
    def every(self) -> tuple[int, ...]:
        """Return the positions of all that is wanted: numbers, then lists of bins."""
        return (*self.places, *self.vector_places)

    @property
    def is_wanted(self) -> bool:
        """Tell whether any counter is wanted."""
        return bool(self.wanted or self.vectors)


@dataclass
class Readings:
    """What a file says, as it is being read.

    Attributes
    ----------
    form
        Name of the form.
    objects, periods
        Distinct ones, in order of appearance; `objects` by name with their position.
    blocks
        Values of wanted counters.
    records, left_out
        Records met; those without a wanted counter.
    rejected
        Records refused: reason and object, with how many and the line of the first.
    unmapped
        Counters that no rule takes, with the records that had them.
    not_numbers
        Values that are no number, by counter.
    notes
        What else is to be said of the file.
    """

    catalogue: Catalogue
    form: str = ""
    objects: dict[str, int] = field(default_factory=dict)
    periods: dict[Period, int] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    records: int = 0
    left_out: int = 0
    rejected: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    unmapped: Counter[str] = field(default_factory=Counter)
    not_numbers: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    _layouts: dict[tuple[str, ...], Layout] = field(default_factory=dict)
    _open: dict[Layout, "_OpenBlock"] = field(default_factory=dict)
    _passed: Counter[Layout] = field(default_factory=Counter)

    def period(self, period: Period) -> int:
        """Return the position of a period in the list of the file."""
        return self.periods.setdefault(period, len(self.periods))

    def layout(self, names: tuple[str, ...]) -> Layout:
        """Return which counters of a list are wanted; a counter listed twice is not known by its place."""
        found = self._layouts.get(names)
        if found is None:
            found = self._layouts[names] = _layout(names, self.catalogue)
        return found

    def reject(self, reason: str, name: str, line: int) -> None:
        """Count a record as rejected."""
        self.records += 1
        key = (reason, name)
        if key not in self.rejected and len(self.rejected) >= MOST_REASONS:
            key = (reason, "and others")
        self.rejected.setdefault(key, [0, line])[0] += 1

    def pass_over(self, layout: Layout) -> None:
        """Count a record without a wanted counter as left out."""
        self.records += 1
        self.left_out += 1
        self._passed[layout] += 1

    def add(
        self, layout: Layout, name: str, texts: list[str | None], *, period: int, suspect: bool
    ) -> None:
        """Add a record.

        Parameters
        ----------
        layout : Layout
        name : str
            Of the object.
        texts : list of str or None
            Values of `layout.every`.
        period : int
            As `period` gives it.
        suspect : bool
        """
        self.records += 1
        block = self._open.get(layout)
        if block is None:
            block = self._open[layout] = _OpenBlock()
        count = len(layout.places)
        try:
            block.values += map(float, texts[:count])  # type: ignore[arg-type]
        except (TypeError, ValueError):
            del block.values[block.count * count :]
            block.values += self._numbers(layout, texts[:count])
        for place, text in enumerate(texts[count:]):
            block.vectors.setdefault(layout.vectors[place], []).append(text)
        block.count += 1
        block.objects.append(self.objects.setdefault(name, len(self.objects)))
        block.periods.append(period)
        block.is_suspect.append(suspect)
        if len(block.values) > _FULL:
            self._close(layout, self._open.pop(layout))

    def finish(self) -> "Readings":
        """Put what is open into blocks; call it when the file has ended well."""
        for layout, block in self._open.items():
            self._close(layout, block)
        self._open.clear()
        for layout, count in self._passed.items():
            self.unmapped.update(dict.fromkeys(layout.names, count))
        self._passed.clear()
        return self

    def _close(self, layout: Layout, block: "_OpenBlock") -> None:
        """Add an open block to the blocks."""
        values = np.array(block.values, np.float64).reshape(block.count, len(layout.places))
        values[~np.isfinite(values)] = np.nan
        taken = {*layout.places, *layout.vector_places}
        for place, name in enumerate(layout.names):
            if place not in taken:
                self.unmapped[name] += block.count
        self.blocks.append(
            Block(
                layout.wanted,
                np.array(block.objects, np.int64),
                np.array(block.periods, np.int64),
                np.array(block.is_suspect, bool),
                values,
                block.vectors,
            )
        )

    def _numbers(self, layout: Layout, texts: list[str | None]) -> list[float]:
        """Return values one by one; what is no number is unknown, and counted unless it says so."""
        found = []
        for name, text in zip(layout.wanted, texts, strict=True):
            plain = (text or "").strip()
            try:
                found.append(float(plain))
            except ValueError:
                found.append(np.nan)
                if plain.casefold() not in NOT_GIVEN:
                    self.not_numbers[name] += 1
        return found


_FULL = 200_000
"""Numbers in a block before it is closed."""


@dataclass
class _OpenBlock:
    """Records of one layout that are still lists."""

    count: int = 0
    objects: list[int] = field(default_factory=list)
    periods: list[int] = field(default_factory=list)
    is_suspect: list[bool] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    vectors: dict[str, list[str | None]] = field(default_factory=dict)


def _layout(names: tuple[str, ...], catalogue: Catalogue) -> Layout:
    """Return the wanted counters of a list of names."""
    plain = [plain_name(name) for name in names]
    times = Counter(plain)
    places = [
        place
        for place, name in enumerate(plain)
        if name in catalogue.scalars and times[name] == 1 and name not in catalogue.vectors
    ]
    bins = [
        place for place, name in enumerate(plain) if name in catalogue.vectors and times[name] == 1
    ]
    return Layout(
        names,
        tuple(places),
        tuple(plain[place] for place in places),
        tuple(bins),
        tuple(plain[place] for place in bins),
    )
