"""Read the TOML files of words and rules that places are read with.

Simple so far: rows are checked by the module they belong to.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contract.knowledge_files import ORIGIN, check_keys, read_knowledge


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
    raw = read_knowledge(path, what)
    for table in tables:
        where = f"[{table}] of {path.name}"
        check_keys(raw.get(table, {}), where, argument=what, needed=(*ORIGIN, "rows"))
    return {table: raw[table]["rows"] for table in tables}
