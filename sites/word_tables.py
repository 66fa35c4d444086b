"""Read the TOML files of words and rules that places are read with.

Simple so far: rows are checked by the module they belong to.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contract.errors import InputError


def read_toml(path: Path, what: str) -> Mapping[str, Any]:
    """Return what a TOML file holds.

    Parameters
    ----------
    path : Path
    what : str
        What it is a file of, for the message.

    Returns
    -------
    mapping

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        message = f"`{path}` must be a TOML file of {what}; {problem}. Correct the file."
        raise InputError(message) from problem


def read_rows(path: Path, tables: Sequence[str], what: str) -> Mapping[str, Any]:
    """Return the rows of tables that say where they are from.

    Parameters
    ----------
    path : Path
    tables : sequence of str
        Each needs `rows`, `source` and `verified`.
    what : str

    Returns
    -------
    mapping of table to rows

    Raises
    ------
    InputError
        If the file cannot be read, or a table, a `source` or `verified` is missing.
    """
    raw = read_toml(path, what)
    bad = [
        table for table in tables if not {"source", "verified", "rows"} <= set(raw.get(table, {}))
    ]
    if bad:
        message = f"`{path}` needs `rows`, `source` and `verified` in each table; see {bad}."
        raise InputError(message)
    return {table: raw[table]["rows"] for table in tables}
