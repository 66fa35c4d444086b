"""Hold the rows of a book of alarms so that a step costs what it touches, not what the book holds.

What an alarm says never changes once written and is kept in arrays that grow by doubling; texts are
numbers of a shared vocabulary. What is worked out of it changes and is kept in blocks; a draft
copies the blocks it writes to. So rows as they stood before a draft stay as they are, at the price
of the blocks touched since.

Simple so far: one process; rows are not written to disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from alarms.episodes import NOT_YET, Array, Columns

BLOCK = 16_384
"""Rows a block holds: small enough to copy at every step, large enough to keep the list of blocks short."""
_FIRST_ROOM = 1024
CODED = (
    "object_id", "name", "code", "severity", "vendor", "detail", "meaning", "service_effect",
    "extent", "rule_id", "basis", "ack_state", "ack_user",
)  # fmt: skip
PLAIN: Mapping[str, Any] = {
    "alarm_id": object,
    "raised_at": np.int64,
    "earliest_raised_at": np.int64,
    "ack_at": np.int64,
    "filter_delay_s": np.float64,
    "is_engineering": np.bool_,
    "is_changed": np.bool_,
    "is_stamped": np.bool_,
    "worst_told": np.int8,
    "alarm_key": np.uint64,
    "identity": np.uint64,
    "slot": np.uint64,
    "content": np.uint64,
}
_INSTANTS = (
    "told_at", "cleared_at", "clear_told_at", "inferred_at", "ended_at", "first_raised_at",
    "last_raised_at", "muted_from", "muted_until",
)  # fmt: skip
STATE: Mapping[str, Any] = {
    **dict.fromkeys(_INSTANTS, np.int64),
    "repeats": np.int64,
    "is_flapping": np.bool_,
    "raise_rule": np.int8,
    "end_rule": np.int8,
    "inferred_rule": np.int8,
    "mute_rule": np.int8,
    "worst": np.int8,
    "is_gone": np.bool_,
}


def _blank(name: str, count: int) -> Array:
    """Return a column of the state of alarms of which nothing is worked out yet."""
    return np.full(count, NOT_YET) if name in _INSTANTS else np.zeros(count, dtype=STATE[name])


def empty_state(count: int) -> dict[str, Array]:
    """Return the state of alarms of which nothing is worked out yet."""
    return {name: _blank(name, count) for name in STATE}


class Vocabulary(dict[str, int]):
    """Number texts in the order in which they are first met; a number never changes its text.

    Examples
    --------
    >>> words = Vocabulary()
    >>> codes = words.encode(np.array(["b", "a", "b"], dtype=object))
    >>> codes.tolist(), words.decode(codes).tolist()
    ([0, 1, 0], ['b', 'a', 'b'])
    """

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[str] = []
        self._table: Array = np.empty(0, dtype=object)
        self._filled = 0

    def __missing__(self, text: str) -> int:
        number = len(self)
        self[text] = number
        self._texts.append(text)
        return number

    def encode(self, texts: Array) -> Array:
        """Return the number of each text."""
        return np.fromiter(map(self.__getitem__, texts.tolist()), np.int32, len(texts))

    def decode(self, codes: Array) -> Array:
        """Return the text of each number, as objects."""
        count = len(self._texts)
        if self._filled < count:
            if len(self._table) < count:
                wider = np.empty(max(count, 2 * len(self._table)), dtype=object)
                wider[: self._filled] = self._table[: self._filled]
                self._table = wider
            self._table[self._filled : count] = self._texts[self._filled :]
            self._filled = count
        return np.asarray(self._table[codes])


@dataclass(frozen=True, eq=False)
class KeyIndex:
    """Find rows by key: sorted runs, each about twice as long as the next.

    Examples
    --------
    >>> index = KeyIndex().add(np.array([7, 5], np.uint64), np.array([0, 1]))
    >>> index = index.add(np.array([7], np.uint64), np.array([2]))
    >>> asked, rows = index.find(np.array([9, 7], np.uint64))
    >>> asked.tolist(), sorted(rows.tolist())
    ([1, 1], [0, 2])
    """

    runs: tuple[tuple[Array, Array], ...] = ()

    def add(self, keys: Array, rows: Array) -> KeyIndex:
        """Return the index with more rows; a key may have several."""
        runs = list(self.runs)
        order = np.argsort(keys, kind="stable")
        keys, rows = keys[order], rows[order]
        while runs and len(runs[-1][0]) <= 2 * len(keys):
            older = runs.pop()
            keys, rows = np.concatenate([older[0], keys]), np.concatenate([older[1], rows])
            order = np.argsort(keys, kind="stable")
            keys, rows = keys[order], rows[order]
        return KeyIndex((*runs, (keys, rows)))

    def find(self, keys: Array) -> tuple[Array, Array]:
        """Return positions in `keys` and the rows with that key, in no particular order."""
        asked = [np.empty(0, dtype=np.intp)]
        found = [np.empty(0, dtype=np.intp)]
        order = np.argsort(keys)
        sought = keys[order]
        for held, rows in self.runs:
            first = np.searchsorted(held, sought, side="left")
            count = np.searchsorted(held, sought, side="right") - first
            number = np.repeat(np.arange(len(keys)), count)
            inside = np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count)
            asked.append(order[number])
            found.append(rows[first[number] + inside])
        return np.concatenate(asked), np.concatenate(found)


class _Written:
    """What alarms say, one entry a row; grows by doubling and is shared by all books that follow each other."""

    def __init__(self) -> None:
        self.count = 0
        self.words = Vocabulary()
        kinds = dict.fromkeys(CODED, np.int32) | dict(PLAIN)
        self.arrays = {name: np.empty(_FIRST_ROOM, dtype=kind) for name, kind in kinds.items()}

    def append(self, columns: Columns) -> None:
        """Write rows behind those written."""
        added = len(columns["alarm_key"])
        end = self.count + added
        room = len(self.arrays["alarm_key"])
        if end > room:
            self._grow(max(end, 2 * room))
        for name, values in self.arrays.items():
            new = columns[name]
            values[self.count : end] = self.words.encode(new) if name in CODED else new
        self.count = end

    def _grow(self, room: int) -> None:
        """Make room for rows."""
        for name, values in self.arrays.items():
            wider = np.empty(room, dtype=values.dtype)
            wider[: self.count] = values[: self.count]
            self.arrays[name] = wider

    def only(self, rows: Array) -> _Written:
        """Return some rows, with the words they use."""
        other = _Written()
        is_used = np.zeros(len(self.words), dtype=np.bool_)
        for name in CODED:
            is_used[self.arrays[name][rows]] = True
        kept = np.flatnonzero(is_used)
        codes = np.zeros(len(self.words), dtype=np.int32)
        codes[kept] = other.words.encode(self.words.decode(kept))
        for name, values in self.arrays.items():
            other.arrays[name] = codes[values[rows]] if name in CODED else values[rows]
        other.count = len(rows)
        return other


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a book at one moment; never changes.

    Attributes
    ----------
    count : int
        Rows written, those gone included.
    blocks : mapping of str to sequence of array
        Columns of the state, cut into blocks of `BLOCK` rows.
    gone : int
        Rows replaced by a later version of their alarm.
    """

    written: _Written = field(default_factory=_Written)
    count: int = 0
    blocks: Mapping[str, Sequence[Array]] = field(default_factory=lambda: dict.fromkeys(STATE, ()))
    keys: KeyIndex = KeyIndex()
    identities: KeyIndex = KeyIndex()
    gone: int = 0

    def __len__(self) -> int:
        """Return the number of alarms."""
        return self.count - self.gone

    @cached_property
    def present(self) -> Array:
        """Return the rows that hold, in the order of arrival."""
        every = np.arange(self.count)
        return every[~self.state("is_gone", every)] if self.gone else every

    def said(self, name: str, rows: Array) -> Array:
        """Return what alarms say in a column; texts as objects."""
        values = self.written.arrays[name][rows]
        return self.written.words.decode(values) if name in CODED else values

    def is_said(self, name: str, text: str, rows: Array) -> Array:
        """Tell where a column of texts has a text."""
        code = self.written.words.get(text, -1)
        return np.asarray(self.written.arrays[name][rows] == code)

    def state(self, name: str, rows: Array) -> Array:
        """Return what is worked out, in a column."""
        return self.states((name,), rows)[name]

    def states(self, names: Collection[str], rows: Array) -> dict[str, Array]:
        """Return what is worked out, in some columns."""
        if self.count <= BLOCK and self.count:
            return {name: self.blocks[name][0][rows] for name in names}
        if len(rows) > self.count // 8 and self.count:
            return {name: np.concatenate(self.blocks[name])[rows] for name in names}
        found = {name: np.empty(len(rows), dtype=STATE[name]) for name in names}
        for number, asked, inside in _by_block(rows):
            for name, values in found.items():
                values[asked] = self.blocks[name][number][inside]
        return found

    def find(self, keys: Array) -> tuple[Array, Array]:
        """Return positions in `keys` (of alarms) and the rows that hold them."""
        return self._that_hold(*self.keys.find(keys))

    def of_identities(self, identities: Array) -> tuple[Array, Array]:
        """Return positions in `identities` and the rows that hold of each."""
        return self._that_hold(*self.identities.find(identities))

    def _that_hold(self, asked: Array, rows: Array) -> tuple[Array, Array]:
        """Leave out the rows that are gone."""
        if not self.gone or not len(rows):
            return asked, rows
        holds = ~self.state("is_gone", rows)
        return asked[holds], rows[holds]

    def only(self, rows: Array) -> Rows:
        """Return some rows, written anew, in the order given."""
        written, numbers = self.written.only(rows), np.arange(len(rows))
        return Rows(
            written,
            len(rows),
            {name: _cut(name, self.state(name, rows)) for name in STATE},
            KeyIndex().add(written.arrays["alarm_key"], numbers),
            KeyIndex().add(written.arrays["identity"], numbers),
        )


def _by_block(rows: Array) -> Iterator[tuple[int, Any, Array]]:
    """Return for each block touched its number, the positions in `rows`, and the rows inside it."""
    if not len(rows):
        return
    lowest = int(rows.min()) // BLOCK
    if lowest == int(rows.max()) // BLOCK:
        yield lowest, slice(None), rows - lowest * BLOCK
        return
    which = rows // BLOCK
    is_sorted = bool((which[1:] >= which[:-1]).all())
    order = slice(None) if is_sorted else np.argsort(which, kind="stable")
    cuts = np.flatnonzero(np.diff(which[order])) + 1
    bounds = [0, *cuts.tolist(), len(rows)]
    inside = rows % BLOCK
    for first, last in pairwise(bounds):
        asked = slice(first, last) if is_sorted else np.asarray(order)[first:last]
        yield int(which[asked][0]), asked, inside[asked]


def _cut(name: str, values: Array) -> list[Array]:
    """Cut a column of the state into blocks, the last one filled up."""
    missing = -len(values) % BLOCK
    filled = np.concatenate([values, _blank(name, missing)])
    return [filled[first : first + BLOCK] for first in range(0, len(filled), BLOCK)]


class Draft:
    """Rows being changed: blocks written to are copied once, all else is shared with the rows before."""

    def __init__(self, rows: Rows) -> None:
        self._blocks = {name: list(blocks) for name, blocks in rows.blocks.items()}
        self._own: set[tuple[str, int]] = set()
        self._written, self._count, self._gone = rows.written, rows.count, rows.gone
        if self._written.count != rows.count:
            # Another book was written behind these rows: this one goes on with a copy.
            self._written = rows.written.only(np.arange(rows.count))
        self._keys, self._identities = rows.keys, rows.identities

    def append(self, columns: Columns, state: Columns) -> Array:
        """Write alarms, with the columns of their state that are not blank; return their rows."""
        first = self._count
        self._written.append(columns)
        self._count = self._written.count
        for name, blocks in self._blocks.items():
            for number in range(len(blocks), -(-self._count // BLOCK)):
                self._own.add((name, number))
                blocks.append(_blank(name, BLOCK))
        rows = np.arange(first, self._count)
        self.put(rows, state)
        self._keys = self._keys.add(columns["alarm_key"], rows)
        self._identities = self._identities.add(columns["identity"], rows)
        return rows

    def put(self, rows: Array, values: Columns) -> None:
        """Write columns of the state of rows."""
        for number, asked, inside in _by_block(rows):
            for name, new in values.items():
                blocks = self._blocks[name]
                if (name, number) not in self._own:
                    blocks[number] = blocks[number].copy()
                    self._own.add((name, number))
                blocks[number][inside] = new[asked]

    def put_changed(self, rows: Array, values: Columns) -> None:
        """Write columns of the state of rows where they differ from what is there."""
        before = self.peek().states(tuple(values), rows)
        for name, new in values.items():
            differs = np.flatnonzero(before[name] != new)
            self.put(rows[differs], {name: new[differs]})

    def drop(self, rows: Array) -> None:
        """Mark rows as gone."""
        self.put(rows, {"is_gone": np.ones(len(rows), dtype=np.bool_)})
        self._gone += len(rows)

    def peek(self) -> Rows:
        """Return the rows as they stand, good until the next change only."""
        return Rows(
            self._written, self._count, self._blocks, self._keys, self._identities, self._gone
        )

    def done(self) -> Rows:
        """Return the rows as they stand, for good; a draft that goes on copies anew."""
        self._own = set()
        return replace(self.peek(), blocks={n: tuple(b) for n, b in self._blocks.items()})
