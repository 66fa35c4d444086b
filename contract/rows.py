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
        The header is the first row that has this cell; empty = the first row after `skip_rows`.
    encoding, delimiter
        Of a CSV file; empty = found out.
    sheet
        Of a workbook; empty = the sheet named after the file, else the first.
    """

    skip_rows: int = 0
    header_marker: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class RawTable:
    """Rows as read.

    Attributes
    ----------
    frame : DataFrame
        Index `row`: the number of the row in its file.
    unreadable : DataFrame
        Columns `row`, `reason`, `content`: rows that could not be taken apart.
    """

    frame: pd.DataFrame
    unreadable: pd.DataFrame
