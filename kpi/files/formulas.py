"""Work our counters out of those of the equipment, a row for each cell and period.

Values of one counter for one cell and period may come from several lists and from parts of a cell. A value given twice
counts once where both agree, and is unknown where they differ. Sound and suspect records are worked out apart.

Simple so far: a ratio is worked out within one file; its parts are not gathered from several files.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.tables import TABLES
from kpi.files.catalogue import COLUMNS, Catalogue, CounterRule, Term
from kpi.files.readings import Block, Readings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
KEY = ("cell_id", "start", "minutes", "is_suspect")
NEGATIVE, DIFFERS = "the value is negative", "the value is given twice and differs"
_ROUNDING = 1e-6
"""A share may exceed its limit by so much and is then taken as the limit."""


@dataclass(frozen=True)
class Placed:
    """What is known of the objects of a file.

    Attributes
    ----------
    cells
        Position of the cell of each object in `cell_ids`, -1 where there is none.
    parts
        Class of the part below the cell that each object is; empty for the cell itself.
    cell_ids, rats
        Cells and their technologies.
    """

    cells: Ints
    parts: NDArray[np.object_]
    cell_ids: NDArray[np.object_]
    rats: NDArray[np.object_]


@dataclass(frozen=True)
class _Rows:
    """The rows being made: cell, period and technology of each, and values of counters by part of the cell."""

    keys: Ints
    seconds: Floats
    rats: NDArray[np.object_]
    values: Mapping[tuple[str, str, str], Floats]


def counter_rows(
    readings: Readings, placed: Placed, catalogue: Catalogue
) -> tuple[pd.DataFrame, Counter[tuple[str, str]]]:
    """Return our counters, and how many values were refused by counter and reason.

    Parameters
    ----------
    readings : Readings
        Of a file that ended well.
    placed : Placed
    catalogue : Catalogue

    Returns
    -------
    DataFrame
        `cell_id`, `start` (UTC), `minutes`, `is_suspect` and our counters, null where unknown; a row for each cell,
        period and whether it is suspect, in that order.
    Counter
        By counter and reason.
    """
    refused: Counter[tuple[str, str]] = Counter()
    tables = []
    for is_suspect in (False, True):
        rows = _rows(readings, placed, catalogue, is_suspect=is_suspect, refused=refused)
        if len(rows.keys):
            columns = _columns(rows, catalogue)
            table = _table(rows, columns, readings, placed, is_suspect=is_suspect)
            tables.append(_within_limits(table, refused))
    if not tables:
        return no_rows(), refused
    frame = pd.concat(tables, ignore_index=True)
    has_value = frame[list(COLUMNS)].notna().any(axis=1)
    return frame[has_value].sort_values(list(KEY), ignore_index=True), refused


def no_rows() -> pd.DataFrame:
    """Return rows of which there are none."""
    kinds = {"cell_id": "str", "start": "datetime64[us, UTC]", "minutes": "float64"}
    kinds |= {"is_suspect": "bool"} | dict.fromkeys(COLUMNS, "float64")
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})


def _rows(
    readings: Readings,
    placed: Placed,
    catalogue: Catalogue,
    *,
    is_suspect: bool,
    refused: Counter[tuple[str, str]],
) -> _Rows:
    """Return the rows of sound or suspect records with the values of all counters."""
    count = max(len(readings.periods), 1)
    blocks = [_chosen(block, placed, is_suspect=is_suspect) for block in readings.blocks]
    codes = [placed.cells[block.objects] * count + block.periods for block in blocks]
    keys = np.unique(np.concatenate([*codes, np.empty(0, np.int64)]))
    places = [np.searchsorted(keys, code) for code in codes]
    merges, levels = _natures(catalogue)
    values: dict[tuple[str, str, str], Floats] = {}
    for name, pieces in _pieces(blocks, places, catalogue).items():
        objects, rows, numbers = (np.concatenate(part) for part in zip(*pieces, strict=True))
        plain = name.partition("\0")[0]
        known = ~np.isnan(numbers)
        if plain not in levels:
            refused[plain, NEGATIVE] += int((numbers < 0).sum())
            known &= numbers >= 0
        told = _Told(objects, rows, numbers, known, len(keys))
        for part in np.unique(placed.parts[objects]).tolist() if len(objects) else [""]:
            mine = told.of(placed.parts[objects] == part)
            for merge in merges[plain]:
                values[name, part, merge], differing = mine.merged(merge)
            refused[plain, DIFFERS] += differing
    seconds = np.array([period.minutes * 60 for period in readings.periods] or [1.0])
    return _Rows(keys, seconds[keys % count], placed.rats[keys // count], values)


@dataclass(frozen=True)
class _Told:
    """Values of one counter: object, row and whether known, and how many rows there are."""

    objects: Ints
    rows: Ints
    numbers: Floats
    known: NDArray[np.bool_]
    size: int

    def of(self, is_mine: NDArray[np.bool_]) -> "_Told":
        """Return some of the values."""
        return _Told(
            self.objects[is_mine],
            self.rows[is_mine],
            self.numbers[is_mine],
            self.known[is_mine],
            self.size,
        )

    def merged(self, merge: str) -> tuple[Floats, int]:
        """Return one value a row from those of its objects, and how many were given twice and differ.

        Of values added up all must be known: a sum without one of them would be too small.
        """
        out = np.full(self.size, np.nan)
        if not len(self.rows):
            return out, 0
        numbers = np.where(self.known, self.numbers, np.nan)
        span = int(self.objects.max()) + 1
        pairs, place = np.unique(self.rows * span + self.objects, return_inverse=True)
        differing = 0
        if len(pairs) < len(numbers):
            frame = pd.Series(numbers).groupby(place).agg(["min", "max"])
            is_differing = (frame["min"] != frame["max"]) & frame["min"].notna()
            differing = int(is_differing.sum())
            numbers = frame["min"].mask(is_differing).to_numpy(np.float64)
        else:
            numbers = numbers[np.argsort(place)]
        rows = pairs // span
        if merge != "sum":
            good = ~np.isnan(numbers)
            rows, numbers = rows[good], numbers[good]
        if merge == "max":
            out[rows] = -np.inf
            np.maximum.at(out, rows, numbers)
            return out, differing
        times = np.bincount(rows, minlength=self.size)
        total = np.bincount(rows, weights=numbers, minlength=self.size)
        has = times > 0
        out[has] = total[has] / times[has] if merge == "mean" else total[has]
        return out, differing


def _chosen(block: Block, placed: Placed, *, is_suspect: bool) -> Block:
    """Return the records of a block that are of a cell, and sound or suspect."""
    kept = np.flatnonzero((block.is_suspect == is_suspect) & (placed.cells[block.objects] >= 0))
    if len(kept) == len(block.objects):
        return block
    vectors = {name: [texts[k] for k in kept] for name, texts in block.vectors.items()}
    return Block(
        block.names,
        block.objects[kept],
        block.periods[kept],
        block.is_suspect[kept],
        block.values[kept],
        vectors,
    )


def _pieces(
    blocks: Sequence[Block], places: Sequence[Ints], catalogue: Catalogue
) -> dict[str, list[tuple[Ints, Ints, Floats]]]:
    """Return objects, rows and values of each counter; a bin of a list is a counter of its own, named after it."""
    sizes = {rule.vector: len(rule.values) for rule in catalogue.rules if rule.vector}
    found: dict[str, list[tuple[Ints, Ints, Floats]]] = {}
    for block, rows in zip(blocks, places, strict=True):
        for column, name in enumerate(block.names):
            found.setdefault(name, []).append((block.objects, rows, block.values[:, column]))
        for name, texts in block.vectors.items():
            bins = _bins(texts, sizes[name])
            for index in range(sizes[name]):
                piece = (block.objects, rows, bins[:, index])
                found.setdefault(f"{name}\0{index}", []).append(piece)
    return found


def _bins(texts: Sequence[str | None], size: int) -> Floats:
    """Return lists of bins as numbers; a list of another length, or with what is no number, is unknown."""
    out = np.full((len(texts), size), np.nan)
    for row, text in enumerate(texts):
        parts = (text or "").split(",")
        if len(parts) == size:
            try:
                out[row] = [float(part) for part in parts]
            except ValueError:
                continue
    return out


def _natures(catalogue: Catalogue) -> tuple[dict[str, set[str]], frozenset[str]]:
    """Return how each counter is merged, and the counters that may be negative: levels in dBm."""
    merges: dict[str, set[str]] = {}
    levels: set[str] = set()
    for rule in catalogue.rules:
        for name in rule.names | ({rule.vector} if rule.vector else set()):
            merges.setdefault(name, set()).add(rule.merge)
        if rule.column == "ul_interference_dbm" and rule.add:
            levels |= rule.names
    return merges, frozenset(levels)


def _columns(rows: _Rows, catalogue: Catalogue) -> dict[str, Floats]:
    """Return our counters: of the rules for one the first with a value."""
    out = {name: np.full(len(rows.keys), np.nan) for name in COLUMNS}
    held = {name for name, _, _ in rows.values} | {n.partition("\0")[0] for n, _, _ in rows.values}
    for rule in catalogue.rules:
        if not (rule.names | {rule.vector}) & held:
            continue
        told = _mean_of_bins(rule, rows) if rule.values else _ratio(rule, rows)
        if rule.rats:
            told = np.where(np.isin(rows.rats, rule.rats), told, np.nan)
        have = out[rule.column]
        out[rule.column] = np.where(np.isnan(have), told, have)
    return out


def _ratio(rule: CounterRule, rows: _Rows) -> Floats:
    """Return (added - taken away) / divided by, scaled; null where the divisor is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _sum(rule.add, rule, rows) - (_sum(rule.less, rule, rows) if rule.less else 0.0)
        if rule.over:
            divisor = _sum(rule.over, rule, rows)
            found = np.where(divisor > 0, found / divisor, np.nan)
        if rule.is_over_period:
            found = found / rows.seconds
    found = found * rule.scale
    return 1.0 - found if rule.is_inverted else found


def _sum(terms: Sequence[Term], rule: CounterRule, rows: _Rows) -> Floats:
    """Return the sum of terms; null where a needed one is unknown, or one that the file has."""
    total = np.zeros(len(rows.keys))
    for term in terms:
        told: Floats | None = None
        for names in term.alternatives:
            found = [_value(name, rule, rows) for name in names]
            known = [values for values in found if values is not None]
            if known:
                whole: Floats = np.sum(known, axis=0)
                told = whole if told is None else np.where(np.isnan(told), whole, told)
        if told is not None:
            total = total + told
        elif term.is_needed:
            return np.full(len(rows.keys), np.nan)
    return total


def _value(name: str, rule: CounterRule, rows: _Rows) -> Floats | None:
    """Return a counter of the cell, or the sum over its parts; null where the file has no such counter."""
    found = rows.values.get((name, "", rule.merge))
    keys = [(name, part, rule.merge) for part in rule.below]
    parts = [rows.values[key] for key in keys if key in rows.values]
    if not parts:
        return found
    below = np.sum(parts, axis=0)
    return below if found is None else np.where(np.isnan(found), below, found)


def _mean_of_bins(rule: CounterRule, rows: _Rows) -> Floats:
    """Return the mean of the values of bins, weighted by how often each was hit; null where none was."""
    names = rule.bins or tuple(f"{rule.vector}\0{index}" for index in range(len(rule.values)))
    at = np.array(rule.values)
    at = 10 ** (at / 10) if rule.is_power else at
    hits, total = np.zeros(len(rows.keys)), np.zeros(len(rows.keys))
    for name, value in zip(names, at.tolist(), strict=True):
        told = _value(name, rule, rows)
        if told is not None:
            hits, total = hits + told, total + told * value
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(hits > 0, total / hits, np.nan)
        return 10 * np.log10(mean) if rule.is_power else mean


def _table(
    rows: _Rows,
    columns: Mapping[str, Floats],
    readings: Readings,
    placed: Placed,
    *,
    is_suspect: bool,
) -> pd.DataFrame:
    """Return rows as a table."""
    periods = list(readings.periods)
    count = max(len(periods), 1)
    starts = np.array([period.start_us for period in periods], np.int64)[rows.keys % count]
    start = pd.Series(starts.astype("datetime64[us]")).dt.tz_localize("UTC")
    keys: dict[str, Any] = {
        "cell_id": pd.Series(placed.cell_ids[rows.keys // count], dtype="str"),
        "start": start,
        "minutes": rows.seconds / 60,
        "is_suspect": np.full(len(rows.keys), is_suspect),
    }
    return pd.DataFrame(keys | dict(columns))


def _within_limits(frame: pd.DataFrame, refused: Counter[tuple[str, str]]) -> pd.DataFrame:
    """Return rows without values out of the range of the contract, which are counted."""
    out = {}
    for column in TABLES["kpi"].columns:
        if column.name not in COLUMNS:
            continue
        values = frame[column.name].to_numpy(np.float64).copy()
        low = -np.inf if column.low is None else column.low
        high = np.inf if column.high is None else column.high
        values[(values > high) & (values <= high + _ROUNDING)] = high
        values[(values < low) & (values >= low - _ROUNDING)] = low
        is_bad = (values < low) | (values > high)
        if is_bad.any():
            refused[column.name, f"out of range ({column.limits})"] += int(is_bad.sum())
            values[is_bad] = np.nan
        out[column.name] = values
    return frame.assign(**out)
