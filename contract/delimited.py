"""Read CSV files as text, whatever state they are in.

A file is first surveyed in a stream, so that a line without end, a workbook named `.csv` or a
foreign encoding is found before anything is loaded. Rows with the wrong number of fields, with
broken text or with a quote that never closes are set aside with their reason.

Simple so far: row numbers do not count blank lines; where a quote never closes, every row that
holds an odd number of quotes is set aside.
"""

import codecs
import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from contract.errors import UnreadableFileError
from contract.headers import joined_header, plain_header
from contract.privacy import masked_numbers, masked_texts
from contract.rows import Layout, RawTable

LONGEST_LINE = 2**20
CHUNK = 2**20
BLOCK = 2**24
CONTENT = 500
HEADER_SEARCH = 100
DAMAGED_SHARE = 0.1
REPLACED = "\ufffd"
MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; save it as .xlsx or unpack it",
    b"PAR1": "a Parquet file; name it .parquet",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as .xlsx",
    b"\x1f\x8b": "a gzip archive; unpack it",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}


@dataclass(frozen=True)
class Survey:
    """What one pass over a file found."""

    encoding: str
    is_damaged: bool
    has_nul: bool
    has_open_quote: bool


def read_delimited(path: Path, layout: Layout) -> RawTable:
    """Return the rows of a CSV file as text.

    Parameters
    ----------
    path : Path
    layout : Layout

    Returns
    -------
    RawTable

    Raises
    ------
    UnreadableFileError
        If the file is something else, has a line over 1 MiB, no header or no known encoding.
    """
    survey = _survey(path, layout.encoding)
    head = _head(path, survey)
    delimiter = layout.delimiter or _delimiter(head)
    lines = _head_fields(path, head, delimiter)
    first = header_position(lines, layout, path)
    below = first + layout.header_rows
    names = clean_header(joined_header(lines[first:below]))
    skip = _lines_taken(head, delimiter, below)
    parsed, rejected = _parse(path, survey, names, delimiter=delimiter, skip=skip)
    rows = np.arange(below + 1, below + 1 + len(parsed) + len(rejected), dtype="int64")
    parsed.index = pd.Index(np.delete(rows, rejected["row"].to_numpy("int64")), name="row")
    unreadable = rejected.assign(row=rows[rejected["row"].to_numpy("int64")])
    return _without_broken_text(RawTable(parsed, unreadable), survey)


def first_lines(path: Path) -> list[list[str]]:
    """Return the first rows of a CSV file, as its survey finds encoding and delimiter.

    Raises
    ------
    UnreadableFileError
        If the file is something else or has only blanks.
    """
    head = _head(path, _survey(path, ""))
    return _head_fields(path, head, _delimiter(head))


def header_position(lines: Sequence[Sequence[str]], layout: Layout, path: Path) -> int:
    """Return the position of the header among the lines of a file.

    Raises
    ------
    UnreadableFileError
        If the header is not where the layout says.
    """
    markers = {plain_header(marker) for marker in layout.markers}
    for position, line in enumerate(lines):
        cells = [cell.strip().lstrip("\ufeff") for cell in line]
        is_header = any(plain_header(c) in markers for c in cells) if markers else any(cells)
        if position >= layout.skip_rows and is_header:
            return position
    sought = " or ".join(layout.markers) or "a header"
    msg = f"`{path}` must have {sought!r} in its first {HEADER_SEARCH} rows; it has not."
    raise UnreadableFileError(msg)


def clean_header(names: Sequence[str]) -> list[str]:
    """Return names of columns without blanks; repeated ones are numbered.

    Examples
    --------
    >>> clean_header(["\ufeffcell_id ", "", "lon", "lon"])
    ['cell_id', 'column_2', 'lon', 'lon.2']
    """
    seen: dict[str, int] = {}
    clean = []
    for position, name in enumerate(names):
        plain = name.strip().strip("\ufeff").strip() or f"column_{position + 1}"
        seen[plain] = seen.get(plain, 0) + 1
        clean.append(plain if seen[plain] == 1 else f"{plain}.{seen[plain]}")
    return clean


def no_rows() -> pd.DataFrame:
    """Return an empty list of rows set aside."""
    return _set_aside([])


def _set_aside(records: list[tuple[int, str, str]]) -> pd.DataFrame:
    """Return rows set aside as a table of `row`, `reason`, `content`."""
    frame = pd.DataFrame(records, columns=["row", "reason", "content"])
    return frame.astype({"row": "int64", "reason": "str", "content": "str"})


def _survey(path: Path, encoding: str) -> Survey:
    """Return what one pass over a file finds, holding one chunk at a time."""
    quotes, has_nul, open_length, is_utf8 = 0, False, 0, True
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        _check_start(path, stream.read(8))
        stream.seek(0)
        while chunk := stream.read(CHUNK):
            open_length = _check_lines(path, chunk, open_length)
            quotes += chunk.count(b'"')
            has_nul = has_nul or b"\0" in chunk
            is_utf8 = is_utf8 and _decodes(decoder, chunk)
    is_utf8 = is_utf8 and _decodes(decoder, b"", is_last=True)
    if encoding:
        found, is_damaged = encoding, not _is_whole(path, encoding)
    else:
        found, is_damaged = ("utf-8", False) if is_utf8 else _other_encoding(path)
    return Survey(found, is_damaged, has_nul, quotes % 2 == 1)


def _check_start(path: Path, start: bytes) -> None:
    """Raise when a file begins as something other than text."""
    for magic, form in MAGIC.items():
        if start.startswith(magic):
            msg = f"`{path}` must be CSV text; it is {form}."
            raise UnreadableFileError(msg)


def _check_lines(path: Path, chunk: bytes, open_length: int) -> int:
    """Return the length of the line still open at the end of a chunk; raise when too long."""
    pieces = re.split(rb"[\r\n]", chunk)
    lengths = [len(piece) for piece in pieces]
    lengths[0] += open_length
    if max(lengths) > LONGEST_LINE:
        msg = (
            f"`{path}` must have lines of at most {LONGEST_LINE} bytes; one is longer. "
            "It is no CSV table, or its line ends are lost: export it again."
        )
        raise UnreadableFileError(msg)
    return lengths[-1]


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, is_last: bool = False) -> bool:
    """Tell whether the next chunk of a file decodes."""
    try:
        decoder.decode(chunk, is_last)
    except UnicodeDecodeError:
        return False
    return True


def _is_whole(path: Path, encoding: str) -> bool:
    """Tell whether a file decodes without error."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        msg = f"`encoding` must be one that Python knows; {encoding!r} is none."
        raise UnreadableFileError(msg) from None
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if not _decodes(decoder, chunk):
                return False
    return _decodes(decoder, b"", is_last=True)


def _other_encoding(path: Path) -> tuple[str, bool]:
    """Return the encoding of a file that is not whole UTF-8, and whether it is damaged.

    A few broken characters among many sound ones are damage; else the file is GB18030.
    """
    damage = {encoding: _damaged_share(path, encoding) for encoding in ("utf-8", "gb18030")}
    if damage["utf-8"] < DAMAGED_SHARE:
        return "utf-8", True
    if damage["gb18030"] < DAMAGED_SHARE:
        return "gb18030", damage["gb18030"] > 0
    msg = f"`{path}` must be UTF-8 or GB18030 text; it is neither. Save it as UTF-8."
    raise UnreadableFileError(msg)


def _damaged_share(path: Path, encoding: str) -> float:
    """Return the share of the characters beyond ASCII that an encoding cannot read."""
    broken = beyond = 0
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        while chunk := text.read(CHUNK):
            broken += chunk.count(REPLACED)
            beyond += sum(1 for _ in re.finditer(r"[^\x00-\x7f]", chunk))
    return broken / beyond if beyond else 0.0


def _head(path: Path, survey: Survey) -> list[str]:
    """Return the first lines of a file."""
    with path.open(encoding=survey.encoding, errors="replace", newline="") as text:
        return list(itertools.islice(text, HEADER_SEARCH))


def _head_fields(path: Path, head: Sequence[str], delimiter: str) -> list[list[str]]:
    """Return the first lines of a file, taken apart; raise when there is nothing in them."""
    lines = list(csv.reader(head, delimiter=delimiter))
    if not any(field.strip() for line in lines for field in line):
        msg = f"`{path}` must have a header; it has only blanks. Export it again."
        raise UnreadableFileError(msg)
    return lines


def _delimiter(head: Sequence[str]) -> str:
    """Return the delimiter of the first line that has one: a comma, unless it has none but another."""
    marks = (",", "\t", ";")
    line = next((line for line in head if any(mark in line for mark in marks)), "")
    return next((mark for mark in marks if mark in line), ",")


def _lines_taken(head: Sequence[str], delimiter: str, records: int) -> int:
    """Return how many lines the first records of a file take."""
    reader = csv.reader(head, delimiter=delimiter)
    for _ in itertools.islice(reader, records):
        pass
    return reader.line_num


def _parse(
    path: Path, survey: Survey, names: list[str], *, delimiter: str, skip: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return parsed rows, and rows set aside whose `row` is their position among the data."""
    if not survey.is_damaged and not survey.has_open_quote:
        form = _Form(names, delimiter, survey.encoding, skip)
        parsed, ragged = _parse_arrow(path, form, str(path))
        return parsed, _set_aside(ragged)
    text = path.read_bytes().decode(survey.encoding, errors="replace")
    kept, positions, unclosed = _closed_lines(text, skip)
    form = _Form(names, delimiter, "utf-8", 0)
    parsed, ragged = _parse_arrow(pa.BufferReader(kept), form, str(path))
    moved = [(positions[row], reason, content) for row, reason, content in ragged]
    return parsed, _set_aside(moved + unclosed)


@dataclass(frozen=True)
class _Form:
    """How the data of a file is laid out."""

    names: list[str]
    delimiter: str
    encoding: str
    skip: int


def _parse_arrow(
    source: Any, form: _Form, name: str
) -> tuple[pd.DataFrame, list[tuple[int, str, str]]]:
    """Return parsed rows and the ragged ones; only the second try counts, so only it is slow."""
    found: list[Any] = []

    def set_aside(row: Any) -> str:
        """Keep a ragged row."""
        found.append(row)
        return "skip"

    parse = pacsv.ParseOptions(
        delimiter=form.delimiter, newlines_in_values=True, invalid_row_handler=set_aside
    )
    try:
        table = _arrow_table(source, form, parse, use_threads=True)
        if found:
            found.clear()
            if not isinstance(source, Path):
                source.seek(0)
            table = _arrow_table(source, form, parse, use_threads=False)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        msg = f"`{name}` must be a CSV table; it is not: {str(error).splitlines()[0]}."
        raise UnreadableFileError(msg) from error
    ragged = [
        (
            row.number - form.skip - 1,
            f"{row.actual_columns} fields where the header has {row.expected_columns}",
            masked_numbers(row.text)[:CONTENT],
        )
        for row in found
    ]
    return table.to_pandas(), ragged


def _arrow_table(source: Any, form: _Form, parse: Any, *, use_threads: bool) -> Any:
    """Return the table of a CSV source, every column as text."""
    read = pacsv.ReadOptions(
        column_names=form.names,
        skip_rows=form.skip,
        encoding=form.encoding,
        block_size=BLOCK,
        use_threads=use_threads,
    )
    convert = pacsv.ConvertOptions(
        column_types=dict.fromkeys(form.names, pa.large_string()),
        strings_can_be_null=True,
        null_values=[""],
    )
    return pacsv.read_csv(source, read_options=read, parse_options=parse, convert_options=convert)


def _closed_lines(text: str, skip: int) -> tuple[bytes, list[int], list[tuple[int, str, str]]]:
    """Return the data lines to parse, their positions, and those a lone quote spoils.

    A text whose quotes close is returned line by line as it is.
    """
    lines = [line for line in text.splitlines(keepends=True)[skip:] if line.strip("\r\n")]
    has_open_quote = text.count('"') % 2 == 1
    is_spoilt = [has_open_quote and line.count('"') % 2 == 1 for line in lines]
    reason = "a quote is opened and never closed"
    spoilt = [
        (position, reason, masked_numbers(line.strip())[:CONTENT])
        for position, line in enumerate(lines)
        if is_spoilt[position]
    ]
    positions = [position for position in range(len(lines)) if not is_spoilt[position]]
    kept = "".join(lines[position] for position in positions)
    return kept.encode("utf-8"), positions, spoilt


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
        broken = frame[is_broken]
        content = broken.fillna("").agg(",".join, axis=1).str.replace(mark, "?", regex=False)
        content = masked_texts(content).str[:CONTENT]
        records = zip(broken.index, [reason] * len(broken), content, strict=True)
        unreadable.append(_set_aside([(int(row), why, text) for row, why, text in records]))
        frame = frame[~is_broken]
    aside = pd.concat(unreadable, ignore_index=True).sort_values("row", ignore_index=True)
    return RawTable(frame, aside, survey.encoding)
