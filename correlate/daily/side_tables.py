"""Read small tables that stand beside a run: queue lengths of a hotline, exceptions of the repair clock.

They are named by settings, in any form a bundle's tables may have (CSV, XLSX, Parquet), with the column names given.

Simple so far: column names are those of the documents, in any order; nothing is mapped.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from contract.errors import InputError
from contract.files import read_table_file
from contract.instants import parse_instants

logger = logging.getLogger(__name__)


def read_side_table(
    path: Path,
    argument: str,
    *,
    needed: Collection[str],
    instants: Collection[str],
    zone: str,
    more: Collection[str] = (),
) -> pd.DataFrame:
    """Return the rows of a file as text, its instants in UTC; rows without a needed value are left out and counted.

    Parameters
    ----------
    path : Path
    argument : str
        Setting that names the file, for the message.
    needed : collection of str
        Columns that must be there and filled.
    instants : collection of str
        Those columns that hold instants.
    zone : str
        IANA zone of instants without an offset.
    more : collection of str
        Columns that may be missing or empty.

    Raises
    ------
    InputError
        If the file can't be read or lacks a column.
    """
    frame = read_table_file(path).frame
    lacking = sorted(set(needed) - set(frame.columns))
    if lacking:
        msg = f"`{argument}` lacks columns {lacking} in {path.name}; it has {list(frame.columns)}. Add them."
        raise InputError(msg)
    names = [*needed, *more]
    table = pd.DataFrame(
        {
            name: parse_instants(frame[name], zone)
            if name in instants and name in frame
            else frame.get(name, pd.Series(None, index=frame.index, dtype="str")).astype("str")
            for name in names
        }
    )
    for name in names:
        if name not in instants:
            table[name] = table[name].str.strip().replace("", None)
    is_whole = table[list(needed)].notna().all(axis=1)
    if not is_whole.all():
        logger.warning("%s: %d rows without %s", path.name, int((~is_whole).sum()), list(needed))
    return table[is_whole].reset_index(drop=True)
