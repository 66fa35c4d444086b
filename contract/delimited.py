"""Read CSV files as text, whatever state they are in.

A file is first surveyed in a stream (`contract.surveys`), then its header is found and its rows are
parsed (`contract.delimited_rows`), whole or in pieces.

Simple so far: a header stands in the first hundred rows.
"""

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from contract.delimited_rows import Form, pieces, whole
from contract.errors import UnreadableFileError
from contract.headers import joined_header, plain_header
from contract.rows import Layout, RawTable
from contract.surveys import Survey, survey_of

HEADER_SEARCH = 100


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
    return whole(path, *_opened(path, layout))


def open_delimited(
    path: Path, layout: Layout
) -> tuple[list[str], Callable[[], Iterator[RawTable]]]:
    """Return the names of the columns of a CSV file, and a function that reads it in pieces.

    The pieces together are what `read_delimited` gives; memory holds a few of some MiB at a time.

    Raises
    ------
    UnreadableFileError
        As `read_delimited`; what is found only while reading comes from the pieces.
    """
    survey, form = _opened(path, layout)
    return form.names, lambda: pieces(path, survey, form)


def first_lines(path: Path) -> list[list[str]]:
    """Return the first rows of a CSV file, as its survey finds encoding and delimiter.

    Raises
    ------
    UnreadableFileError
        If the file is something else or has only blanks.
    """
    head = _head(path, survey_of(path, ""))
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


def _opened(path: Path, layout: Layout) -> tuple[Survey, Form]:
    """Return what a survey of a file finds, and how its data is laid out."""
    survey = survey_of(path, layout.encoding)
    head = _head(path, survey)
    delimiter = layout.delimiter or _delimiter(head)
    lines = _head_fields(path, head, delimiter)
    first = header_position(lines, layout, path)
    below = first + layout.header_rows
    names = clean_header(joined_header(lines[first:below]))
    skip = _lines_taken(head, delimiter, below)
    return survey, Form(names, delimiter, survey.encoding, skip, below + 1)
