"""Parse the rows of CSV files, whole or in pieces, and set aside those that cannot be taken apart.

Rows with the wrong number of fields, with broken text or with a quote that never closes are set aside
with their reason.

Simple so far: row numbers do not count blank lines; where a quote never closes, every row that holds
an odd number of quotes is set aside.
"""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from contract.errors import UnreadableFileError
from contract.privacy import masked_numbers, masked_texts
from contract.rows import RawTable
from contract.surveys import REPLACED, Survey

BLOCK, PIECE = 2**24, 2**22
"""Bytes parsed at a time: of a file read whole, and in pieces."""
CONTENT = 500
UNCLOSED = "a quote is opened and never closed"

Ints = NDArray[np.int64]
Records = list[tuple[int, str, str]]
"""Rows set aside: position or number, reason, content."""


@dataclass(frozen=True)
class Form:
    """How the data of a file is laid out.

    Attributes
    ----------
    names
        Of the columns.
    delimiter, encoding
    skip
        Lines above the data.
    row
        Number of its first row.
    """

    names: list[str]
    delimiter: str
    encoding: str
    skip: int
    row: int


@dataclass(frozen=True)
class _Spoilt:
    """Rows that a lone quote spoils, by their position among the data."""

    records: Records

    def original(self, kept: Ints) -> Ints:
        """Return the positions among the data of positions among what is left without them."""
        positions = np.array([position for position, _, _ in self.records], np.int64)
        shifted = positions - np.arange(len(positions))
        return np.asarray(kept + np.searchsorted(shifted, kept, side="right"), np.int64)


def no_rows() -> pd.DataFrame:
    """Return an empty list of rows set aside."""
    return _set_aside([])


def whole(path: Path, survey: Survey, form: Form) -> RawTable:
    """Return all rows of a file, parsed by several threads.

    Raises
    ------
    UnreadableFileError
        If the file is no CSV table.
    """
    with _source(path, survey, form) as (source, laid_out, spoilt):
        frame, ragged = _parsed(source, laid_out, str(path))
    positions = _free(0, len(frame), [position for position, _, _ in ragged])
    frame.index = pd.Index(form.row + spoilt.original(positions), name="row")
    aside = _set_aside(_numbered(ragged, form, spoilt) + _numbered(spoilt.records, form))
    return _without_broken_text(RawTable(frame, aside), survey)


def pieces(path: Path, survey: Survey, form: Form) -> Iterator[RawTable]:
    """Give the rows of a file piece by piece, at least one piece; together they are what `whole` gives.

    Raises
    ------
    UnreadableFileError
        If the file is no CSV table.
    """
    frame = pd.DataFrame({name: pd.Series([], dtype="str") for name in form.names})
    frame.index = pd.Index([], dtype="int64", name="row")
    first = 0
    gone: list[int] = []
    aside: Records = []
    with _source(path, survey, form) as (source, laid_out, spoilt):
        aside += _numbered(spoilt.records, form)
        for parsed, ragged in _batches(source, laid_out, str(path)):
            if len(frame):
                ready, aside = _split(aside, int(frame.index[-1]))
                yield _without_broken_text(RawTable(frame, _set_aside(ready)), survey)
            gone += [position for position, _, _ in ragged]
            positions = _free(first, len(parsed), gone)
            frame = parsed.set_axis(pd.Index(form.row + spoilt.original(positions), name="row"))
            first = int(positions[-1]) + 1 if len(positions) else first
            gone = [position for position in gone if position >= first]
            aside += _numbered(ragged, form, spoilt)
    yield _without_broken_text(RawTable(frame, _set_aside(aside)), survey)


def _set_aside(records: Records) -> pd.DataFrame:
    """Return rows set aside as a table of `row`, `reason`, `content`."""
    frame = pd.DataFrame(records, columns=["row", "reason", "content"])
    frame = frame.astype({"row": "int64", "reason": "str", "content": "str"})
    return frame.sort_values("row", ignore_index=True)


def _free(first: int, count: int, taken: list[int]) -> Ints:
    """Return the first positions, from one on, that are not taken."""
    candidates = np.arange(first, first + count + len(taken), dtype=np.int64)
    return candidates[~np.isin(candidates, taken)][:count]


def _numbered(records: Records, form: Form, spoilt: _Spoilt | None = None) -> Records:
    """Return records by position with the number of the row instead."""
    positions = np.array([position for position, _, _ in records], np.int64)
    numbers = form.row + (positions if spoilt is None else spoilt.original(positions))
    return [(int(n), why, text) for n, (_, why, text) in zip(numbers, records, strict=True)]


def _split(records: Records, last: int) -> tuple[Records, Records]:
    """Return the records of rows up to one, and the others."""
    before = [record for record in records if record[0] <= last]
    return before, [record for record in records if record[0] > last]


@contextmanager
def _source(path: Path, survey: Survey, form: Form) -> Iterator[tuple[Any, Form, _Spoilt]]:
    """Give what is to be parsed, its form, and the rows that are not in it any more."""
    if not survey.is_damaged and not survey.has_open_quote:
        yield path, form, _Spoilt([])
        return
    with tempfile.TemporaryFile() as kept:
        spoilt = _Spoilt(_closed_lines(path, survey, form.skip, kept))
        kept.seek(0)
        yield kept, replace(form, encoding="utf-8", skip=0), spoilt


def _closed_lines(path: Path, survey: Survey, skip: int, kept: IO[bytes]) -> Records:
    """Write the data lines to parse, and return those that a lone quote spoils, by position.

    A text whose quotes close is written line by line as it is.
    """
    spoilt: Records = []
    with path.open(encoding=survey.encoding, errors="replace", newline="") as text:
        lines = (line for line in itertools.islice(text, skip, None) if line.strip("\r\n"))
        for position, line in enumerate(lines):
            if survey.has_open_quote and line.count('"') % 2 == 1:
                spoilt.append((position, UNCLOSED, masked_numbers(line.strip())[:CONTENT]))
            else:
                kept.write(line.encode("utf-8"))
    return spoilt


def _parsed(source: Any, form: Form, name: str) -> tuple[pd.DataFrame, Records]:
    """Return parsed rows and the ragged ones; only the second try counts, so only it is slow."""
    found: list[Any] = []
    options = _options(form, found, use_threads=True)
    with _told(name):
        table = pacsv.read_csv(source, **options)
        if found:
            found.clear()
            if not isinstance(source, Path):
                source.seek(0)
            table = pacsv.read_csv(source, **_options(form, found, use_threads=False))
    return table.to_pandas(), _ragged(found, form)


def _batches(source: Any, form: Form, name: str) -> Iterator[tuple[pd.DataFrame, Records]]:
    """Give parsed rows batch by batch, and the ragged ones found since the last."""
    found: list[Any] = []
    with _told(name):
        reader = pacsv.open_csv(source, **_options(form, found, use_threads=False, block=PIECE))
    while True:
        with _told(name):
            batch = next(reader, None)
        ragged = _ragged(found, form)
        found.clear()
        if batch is None:
            if ragged:
                yield pd.DataFrame({n: pd.Series([], dtype="str") for n in form.names}), ragged
            return
        yield batch.to_pandas(), ragged


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Tell in one line what Arrow finds wrong with a file."""
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError) as error:
        msg = f"`{name}` must be a CSV table; it is not: {str(error).splitlines()[0]}."
        raise UnreadableFileError(msg) from error


def _ragged(found: list[Any], form: Form) -> Records:
    """Return the rows with the wrong number of fields, by position."""
    return [
        (
            row.number - form.skip - 1,
            f"{row.actual_columns} fields where the header has {row.expected_columns}",
            masked_numbers(row.text)[:CONTENT],
        )
        for row in found
    ]


def _options(
    form: Form, found: list[Any], *, use_threads: bool, block: int | None = None
) -> dict[str, Any]:
    """Return how a CSV source is parsed: every column as text, ragged rows kept in `found`."""

    def set_aside(row: Any) -> str:
        """Keep a ragged row."""
        found.append(row)
        return "skip"

    return {
        "read_options": pacsv.ReadOptions(
            column_names=form.names,
            skip_rows=form.skip,
            encoding=form.encoding,
            block_size=block or BLOCK,
            use_threads=use_threads,
        ),
        "parse_options": pacsv.ParseOptions(
            delimiter=form.delimiter, newlines_in_values=True, invalid_row_handler=set_aside
        ),
        "convert_options": pacsv.ConvertOptions(
            column_types=dict.fromkeys(form.names, pa.large_string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    }


def _without_broken_text(raw: RawTable, survey: Survey) -> RawTable:
    """Return rows, those with NUL bytes or broken characters set aside."""
    marks = [("\0", "holds NUL bytes")] if survey.has_nul else []
    if survey.is_damaged:
        marks.append((REPLACED, f"holds bytes that are not {survey.encoding.upper()}"))
    frame, unreadable = raw.frame, [raw.unreadable]
    for mark, reason in marks:
        is_broken = np.zeros(len(frame), bool)
        for name in frame.columns:
            is_broken |= frame[name].str.contains(mark, regex=False).fillna(False).to_numpy(bool)
        if not is_broken.any():
            continue
        broken = frame[is_broken]
        content = broken.fillna("").agg(",".join, axis=1).str.replace(mark, "?", regex=False)
        content = masked_texts(content).str[:CONTENT]
        records = zip(broken.index, [reason] * len(broken), content, strict=True)
        unreadable.append(_set_aside([(int(row), why, text) for row, why, text in records]))
        frame = frame[~is_broken]
    aside = pd.concat(unreadable, ignore_index=True).sort_values("row", ignore_index=True)
    return RawTable(frame, aside, survey.encoding)
