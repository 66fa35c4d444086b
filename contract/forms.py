"""Count what was read past: blanks, wide digits, ids written as decimals, mixed forms of time, extra columns.

Nothing is wrong with these rows once read; that a feed brings them is worth knowing.

Simple so far: one count a column and form; of counters only the keys are looked at.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contract.tables import Column, Table

COLUMNS = ("table", "column", "form", "rows")
KINDS = ("id", "instant", "text")
DECIMAL, WIDE = r"^\d+\.0+$", "[\uff10-\uff19]"
BLANKS, DECIMALS, WIDE_DIGITS = "blanks around", "number written as a decimal", "wide digits"
MIXED, EXTRA = "another form of time than most", "column not of the contract"


def odd_forms(source: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the odd forms in which values of a table came.

    Parameters
    ----------
    source : DataFrame
        Rows as they came; columns that are not text have no form.
    table : Table

    Returns
    -------
    DataFrame
        `table`, `column`, `form`, `rows`.

    Examples
    --------
    >>> from contract.tables import TABLES
    >>> rows = pd.DataFrame({"site_id": ["S1", " S2"], "remark": ["x", "y"]})
    >>> odd_forms(rows, TABLES["sites"])[["column", "form"]].values.tolist()
    [['site_id', 'blanks around'], ['remark', 'column not of the contract']]
    """
    found: list[tuple[str, str, int]] = []
    for column in table.columns:
        is_asked = column.kind in KINDS and (table.name != "kpi" or column.is_required)
        if is_asked and column.name in source and pd.api.types.is_string_dtype(source[column.name]):
            found += [(column.name, form, n) for form, n in _forms(source[column.name], column)]
    known = set(table.column_names)
    extra = [str(name) for name in source.columns if name not in known]
    found += [(name, EXTRA, int(source[name].notna().sum())) for name in extra]
    rows = [(table.name, *row) for row in found if row[2]]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _forms(values: pd.Series, column: Column) -> list[tuple[str, int]]:
    """Return the odd forms of one column and the rows of each, every distinct text looked at once."""
    counts = values.dropna().value_counts(sort=False)
    text = pd.Series(counts.index.astype("str"), dtype="str")
    rows = pd.Series(counts.to_numpy())
    found = [(BLANKS, int(rows[(text != text.str.strip()).to_numpy(bool)].sum()))]
    if column.kind == "instant":
        shape = text.str.strip().str.replace(r"\d", "9", regex=True)
        by_shape = rows.groupby(shape.to_numpy()).sum()
        found.append((MIXED, int(by_shape.sum() - by_shape.max()) if len(by_shape) else 0))
        return found
    found.append((WIDE_DIGITS, int(rows[_contains(text, WIDE)].sum())))
    if column.kind == "id":
        found.append((DECIMALS, int(rows[text.str.match(DECIMAL).to_numpy(bool)].sum())))
    return found


def _contains(text: pd.Series, pattern: str) -> Any:
    """Return which texts a pattern is found in."""
    return np.asarray(pc.match_substring_regex(pa.array(text), pattern), bool)
