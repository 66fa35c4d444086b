"""Read one file, or folder of files, into rows of text or of typed columns.

Nothing is judged here but whether the file is what its name says and whether each row has the
right number of fields. The index of what is read is the number of the row in its file: the
header of a CSV or XLSX file is row 1; rows of Parquet files count from 1.

Simple so far: workbooks and Parquet files are read whole; folders of Parquet files are read in the
order of their names, without partition columns.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, ZipError

from contract.delimited import (
    HEADER_SEARCH,
    clean_header,
    first_lines,
    header_position,
    open_delimited,
    read_delimited,
)
from contract.delimited_rows import no_rows
from contract.errors import UnreadableFileError
from contract.headers import joined_header, plain_header
from contract.rows import Layout, RawTable

LARGEST_EXACT = 2**53
SUFFIXES = (".csv", ".xlsx", ".parquet")


def read_table_file(path: Path, layout: Layout | None = None) -> RawTable:
    """Return the rows of a CSV, XLSX or Parquet file, or of a folder of Parquet files.

    Parameters
    ----------
    path : Path
    layout : Layout, optional
        Where the header stands, encoding, delimiter and sheet, where the file is not plain.

    Returns
    -------
    RawTable
        `frame`: text for CSV and XLSX (empty = missing), typed for Parquet; `unreadable`: rows
        that have the wrong number of fields or broken text.

    Raises
    ------
    UnreadableFileError
        If the file is not what its suffix says, is empty, or cannot be read.
    """
    layout = layout or Layout()
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        msg = f"`{path}` must be a file; there is none. Check the name."
        raise UnreadableFileError(msg)
    readers = {".csv": read_delimited, ".xlsx": _read_workbook, ".parquet": _read_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        msg = f"`{path}` must end in one of {list(SUFFIXES)}. Convert it first."
        raise UnreadableFileError(msg)
    try:
        if path.stat().st_size == 0:
            msg = f"`{path}` must have a header; it is empty. Export it again."
            raise UnreadableFileError(msg)
        return reader(path, layout)
    except OSError as error:
        msg = f"`{path}` cannot be read: {_first_line(error)}. Check the file."
        raise UnreadableFileError(msg) from error


def open_table_file(
    path: Path, layout: Layout | None = None
) -> tuple[list[str], Callable[[], Iterator[RawTable]]]:
    """Return the names of the columns of a file, and a function that reads its rows in pieces.

    A CSV file is held a piece at a time; a workbook or Parquet file comes as one piece.

    Parameters
    ----------
    path : Path
    layout : Layout, optional
        As `read_table_file` takes it.

    Raises
    ------
    UnreadableFileError
        As `read_table_file`; what is found only while reading comes from the pieces.
    """
    if path.suffix.lower() == ".csv" and path.is_file() and path.stat().st_size:
        return open_delimited(path, layout or Layout())
    raw = read_table_file(path, layout)
    return list(raw.frame), lambda: iter((raw,))


def file_head(path: Path) -> dict[str, list[list[str]]]:
    """Return the first rows of each sheet of a file as text; a file without sheets has one, ``.

    Parameters
    ----------
    path : Path
        A CSV, XLSX or Parquet file.

    Raises
    ------
    UnreadableFileError
        If the file is not what its suffix says, is empty, or cannot be read.
    """
    if path.suffix.lower() == ".csv" and path.is_file() and path.stat().st_size:
        return {"": first_lines(path)}
    if path.suffix.lower() == ".xlsx" and path.is_file():
        with _opened(path) as workbook:
            return {
                name: _sheet_lines(workbook, name, HEADER_SEARCH) for name in workbook.sheet_names
            }
    return {"": [list(read_table_file(path).frame)]}


def _first_line(error: Exception) -> str:
    """Return the first line of what an error says, without its full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _read_folder(folder: Path) -> RawTable:
    """Return the rows of the Parquet files of a folder, in the order of their names."""
    files = sorted(path for path in folder.rglob("*.parquet") if path.is_file())
    if not files:
        msg = f"`{folder}` must hold Parquet files; it holds none. Put them there or remove it."
        raise UnreadableFileError(msg)
    tables = [_arrow_table(path) for path in files]
    try:
        table = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        msg = (
            f"`{folder}` must hold Parquet files of one form; they differ: "
            f"{_first_line(error)}. Write them with the same types."
        )
        raise UnreadableFileError(msg) from error
    return _from_arrow(table)


def _read_parquet(path: Path, layout: Layout) -> RawTable:
    """Return the rows of a Parquet file."""
    del layout
    return _from_arrow(_arrow_table(path))


def _arrow_table(path: Path) -> Any:
    """Return a Parquet file as an Arrow table."""
    try:
        with pq.ParquetFile(path) as file:
            return file.read()
    except (pa.ArrowException, OSError) as error:
        msg = f"`{path}` must be a Parquet file; it is not: {_first_line(error)}. Export it again."
        raise UnreadableFileError(msg) from error


def _from_arrow(table: Any) -> RawTable:
    """Return an Arrow table as rows."""
    names = clean_header([str(name) for name in table.column_names])
    arrow = table.columns
    rows = pd.RangeIndex(1, table.num_rows + 1, name="row")
    del table
    columns = {name: _plain(arrow.pop(0)).to_pandas(date_as_object=False) for name in names}
    frame = pd.DataFrame(columns, copy=False)
    frame.index = rows
    return RawTable(frame, no_rows())


def _plain(column: Any) -> Any:
    """Return an Arrow column in a type that pandas holds without loss."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_integer(kind) and column.null_count:
        largest = pc.max(pc.abs(column)).as_py() or 0
        return column.cast(pa.string()) if largest > LARGEST_EXACT else column
    if pa.types.is_nested(kind):
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return column.cast(pa.string())
    return column


def _read_workbook(path: Path, layout: Layout) -> RawTable:
    """Return the rows of a sheet of an XLSX file as text."""
    with _opened(path) as workbook:
        name = _sheet_name(workbook, path, layout)
        lines = _sheet_lines(workbook, name, None)
    if not lines:
        msg = f"`{path}` must have a header; sheet {name!r} is empty."
        raise UnreadableFileError(msg)
    return _from_lines(lines, header_position(lines, layout, path), layout.header_rows)


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    """Open a workbook; what is wrong with it becomes one clear line."""
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            yield workbook
    except (CalamineError, ZipError) as error:
        msg = f"`{path}` must be an Excel workbook; it is not: {_first_line(error)}. Save it again."
        raise UnreadableFileError(msg) from error


def _sheet_name(workbook: CalamineWorkbook, path: Path, layout: Layout) -> str:
    """Return the name of the sheet that is meant."""
    names = list(workbook.sheet_names)
    place = re.fullmatch(r"#([1-9]\d{0,3})", layout.sheet)
    if place and int(place[1]) <= len(names):
        return names[int(place[1]) - 1]
    if layout.sheet in names:
        return layout.sheet
    if layout.sheet or not names:
        msg = f"`{path}` must have the sheet {layout.sheet!r}; it has {names}."
        raise UnreadableFileError(msg)
    markers = {plain_header(marker) for marker in layout.markers}
    usual = path.stem if path.stem in names else names[0]
    for name in [usual, *names] if markers and len(names) > 1 else ():
        head = _sheet_lines(workbook, name, HEADER_SEARCH)
        if any(plain_header(cell) in markers for line in head for cell in line):
            return name
    return usual


def _sheet_lines(workbook: CalamineWorkbook, name: str, most: int | None) -> list[list[str]]:
    """Return the rows of a sheet as text, without the empty ones at its end."""
    cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=most)
    lines = [[_cell_text(cell) for cell in line] for line in cells]
    while lines and not any(lines[-1]):
        lines.pop()
    return lines


def _from_lines(lines: Sequence[Sequence[str]], first: int, header_rows: int) -> RawTable:
    """Return the lines below a header as rows of text."""
    below = first + header_rows
    names = clean_header(joined_header(lines[first:below]))
    body = np.array(lines[below:], dtype=object).reshape(-1, len(names))
    frame = pd.DataFrame(body, columns=names).astype("str")
    frame = frame.mask(frame == "")
    frame.index = pd.RangeIndex(below + 1, below + 1 + len(frame), name="row")
    return RawTable(frame, no_rows())


def _cell_text(cell: object) -> str:
    """Return a cell of a workbook as text, whole numbers without decimals.

    A whole number too large to be exact is written as what it is: one that lost digits.

    Examples
    --------
    >>> _cell_text(2010062801365464.0)
    '2010062801365464'
    >>> _cell_text(datetime.datetime(2010, 6, 28, 13, 45, 37))
    '2010-06-28 13:45:37'
    >>> _cell_text(20220802092823703918.0)
    '2.02208E+19'
    """
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        if abs(cell) > LARGEST_EXACT:
            return f"{cell:.5E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    return str(cell)
