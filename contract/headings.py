"""Find where the header of an unknown export stands: its sheet, its row, how many rows it takes.

The row with the most words that stand above columns wins; where no word is known, the first row
that is filled with texts.

Simple so far: headers of three rows and more, and several tables on one sheet, are not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.files import file_head
from contract.header_words import canonical, load_header_words
from contract.headers import plain_header

SEARCHED = 40
_DIGITS = "0123456789"


@dataclass(frozen=True)
class Heading:
    """Where a header stands.

    Attributes
    ----------
    sheet
        Name of the sheet of a workbook; empty where a file has none.
    position
        Rows above it.
    rows
        Rows it takes: 1 or 2.
    is_first_sheet
        Whether the sheet is the one that is read when none is named.
    elsewhere
        Plain cells of the first rows of other sheets.
    lines
        The rows above it, and those it takes.
    """

    sheet: str
    position: int
    rows: int
    is_first_sheet: bool
    elsewhere: frozenset[str]
    lines: tuple[tuple[str, ...], ...]


def find_heading(path: Path) -> Heading:
    """Return where the header of a file stands.

    Parameters
    ----------
    path : Path
        A CSV, XLSX or Parquet file.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read.
    """
    sheets = file_head(path)
    best: tuple[float, str, int] = (-1.0, "", 0)
    for sheet, lines in sheets.items():
        for position, line in enumerate(lines[:SEARCHED]):
            score = _header_score(line)
            if score > best[0]:
                best = (score, sheet, position)
    _, sheet, position = best
    lines = sheets.get(sheet, [[]])
    first, rows = _extent(lines, position)
    usual = path.stem if path.stem in sheets else next(iter(sheets), "")
    head = tuple(tuple(line) for line in lines[: first + rows])
    others = [rows_of for name, rows_of in sheets.items() if name != sheet]
    elsewhere = frozenset(plain_header(c) for each in others for line in each for c in line)
    return Heading(sheet, first, rows, sheet == usual, elsewhere, head)


def _header_score(line: Sequence[str]) -> float:
    """Return how far a row is a header: known words, then cells that are texts and no values."""
    cells = [cell.strip() for cell in line if cell.strip()]
    if not cells:
        return -1.0
    values = sum(_is_value(cell) for cell in cells)
    distinct = len(set(cells)) / len(cells)
    filled = min(len(cells), 10) / 20 * distinct
    return _known_words(cells) + filled - values


def _known_words(cells: Sequence[str]) -> int:
    """Return how many cells are words that stand above columns."""
    known = load_header_words().known
    return sum(canonical(cell) in known for cell in cells)


def _is_value(cell: str) -> bool:
    """Tell whether a cell is a number, a time or an identifier rather than a name."""
    digits = sum(sign in _DIGITS for sign in cell)
    return digits >= max(2, len(cell) / 2)


def _extent(lines: Sequence[Sequence[str]], position: int) -> tuple[int, int]:
    """Return the first row of a header and its rows: a second one names what the other leaves out."""
    line = lines[position] if lines else []
    above = lines[position - 1] if position else []
    below = lines[position + 1] if position + 1 < len(lines) else []
    if _names_more(above, line):
        return position - 1, 2
    if _names_more(below, line) and not any(_is_value(cell) for cell in below):
        return position, 2
    return position, 1


def _names_more(other: Sequence[str], line: Sequence[str]) -> bool:
    """Tell whether another row has known words where a row is empty, or below names of groups."""
    missing = [
        c for i, c in enumerate(other) if c.strip() and not (i < len(line) and line[i].strip())
    ]
    return _known_words(missing) > 0
