"""Hold what was read from a file before it is judged.

Simple so far: rows are held in memory as a whole.
"""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Layout:
    """Where the table stands in a file.

    Attributes
    ----------
    skip_rows
        Title rows above the header.
    header_marker
        The header is the first row that has this cell, or one of these; empty = the first row
        after `skip_rows`. Blanks, width and case of the cell do not matter.
    header_rows
        Rows that the header takes; the lowest name of each column counts.
    encoding, delimiter
        Of a CSV file; empty = found out.
    sheet
        Of a workbook, by name, or by place as `#2`; empty = the first that has the marker, else
        the sheet named after the file, else the first.
    """

    skip_rows: int = 0
    header_marker: str | tuple[str, ...] = ""
    header_rows: int = 1
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    @property
    def markers(self) -> tuple[str, ...]:
        """Return the cells by which the header is known."""
        if isinstance(self.header_marker, tuple):
            return self.header_marker
        return (self.header_marker,) if self.header_marker else ()


@dataclass(frozen=True)
class RawTable:
    """Rows as read.

    Attributes
    ----------
    frame : DataFrame
        Index `row`: the number of the row in its file.
    unreadable : DataFrame
        Columns `row`, `reason`, `content`: rows that could not be taken apart.
    encoding : str
        Of a CSV file, as it was found or given; empty for other files.
    """

    frame: pd.DataFrame
    unreadable: pd.DataFrame
    encoding: str = ""
