"""Bring cells that a table names in another form to the ids of the inventory, and list the rest.

Only what the inventory does not know as it stands is tried, each distinct text once.

Simple so far: a table is judged by itself; what another table calls the same cell is not used.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from contract.cell_identities import AMBIGUOUS, UNKNOWN, CellIdentities, folded, resolve_cells
from contract.node_spellings import SPELLED, respelled
from contract.references import Known, is_known_object

TRIED = ("table", "column", "value", "cell_id", "form", "row", "rows")
UNRESOLVED = ("table", "column", "identity", "why", "rows")
_CELL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kpi": ("cell_id",),
    "locations": ("cell_id",),
    "neighbours": ("cell_id", "neighbour_id"),
}
_OBJECT_TABLES = ("alarms", "changes", "verdicts")


def recognised(
    frame: pd.DataFrame, name: str, known: Known, identities: Callable[[], CellIdentities]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table that names cells by our ids, and every text that was tried.

    A column of cells may hold any form of `contract.cell_identities`; a column of objects any but
    a CI alone, for a short number may as well be a site or a node that the inventory lacks; sites and
    nodes are known in any case and width, also where the inventory itself names them (`contract.node_spellings`).

    Parameters
    ----------
    frame : DataFrame
        Typed rows with `row`.
    name : str
        Name of the table.
    known : Known
    identities : callable
        Gives the identities of the inventory; called only if there is something to try.

    Returns
    -------
    DataFrame
        The rows, resolved texts replaced.
    DataFrame, one row per distinct text tried
        `table`, `column`, `value`, `cell_id` (null where unresolved), `form` (or `ambiguous` or
        `unknown`), `row` (the first with it), `rows` (how many).
    """
    tried: list[pd.DataFrame] = []
    if name in SPELLED:
        frame, tried = respelled(frame, name, known)
    for column in _columns(name):
        values = frame[column]
        if name in _OBJECT_TABLES:
            is_strange = ~is_known_object(values, known) & values.notna().to_numpy(bool)
        else:
            is_strange = ~values.isin(known.cells).to_numpy(bool)
        if not is_strange.any():
            continue
        codes, texts = pd.factorize(values[is_strange])
        found = _tried(texts, name, column, known, identities())
        found["rows"] = np.bincount(codes, minlength=len(texts))
        found["row"] = _first(codes, frame["row"].to_numpy(np.int64)[is_strange], len(texts))
        tried.append(found.sort_values("value"))
        if found["cell_id"].notna().any():
            ours = found["cell_id"].fillna(found["value"]).array.take(codes)
            frame = frame.assign(**{column: _replaced(values, is_strange, ours)})
    if not tried:
        return frame, pd.DataFrame({column: [] for column in TRIED})
    return frame, pd.concat(tried, ignore_index=True)[list(TRIED)]


def reasons_with_ambiguity(reason: Any, frame: pd.DataFrame, tried: pd.DataFrame) -> Any:
    """Return why rows are rejected, ambiguous identities named as such.

    Parameters
    ----------
    reason : array of object
        As `contract.references.unknown_reference` gives it.
    frame : DataFrame
        The rows it is of.
    tried : DataFrame
        As `recognised` gives it.
    """
    out = reason.copy()
    several = tried[tried["form"] == AMBIGUOUS]
    for column, rows in several.groupby("column"):
        is_several = frame[column].isin(rows["value"]).to_numpy(bool)
        out[is_several & (reason == f"{column} is unknown")] = (
            f"{column} fits several {'sites' if column == 'site_id' else 'cells'}"
        )
    return out


def recognition_repairs(tried: pd.DataFrame) -> pd.DataFrame:
    """Return resolved texts in the form of `repairs`: one row per text, with how many rows had it.

    Examples
    --------
    >>> row = ["kpi", "cell_id", "12345-1", "A", "eNB-cell", 7, 96]
    >>> recognition_repairs(pd.DataFrame([row], columns=list(TRIED)))["content"].tolist()
    ['cell_id=12345-1; read as A; rows 96']
    """
    found = tried[tried["cell_id"].notna()]
    content = [
        f"{column}={value}; read as {cell}; rows {rows}"
        for column, value, cell, rows in zip(
            found["column"], found["value"], found["cell_id"], found["rows"], strict=True
        )
    ]
    return pd.DataFrame(
        {
            "table": found["table"].astype("str"),
            "row": found["row"].astype("int64"),
            "reason": ("cell identity read as " + found["form"].astype("str")).astype("str"),
            "content": pd.Series(content, index=found.index, dtype="str"),
        }
    ).reset_index(drop=True)


def unresolved_identities(tried: pd.DataFrame) -> pd.DataFrame:
    """Return the texts that name no cell or object, the commonest first.

    Returns
    -------
    DataFrame
        `table`, `column`, `identity`, `why` (`ambiguous` or `unknown`), `rows`.
    """
    left = tried[tried["cell_id"].isna()].rename(columns={"value": "identity", "form": "why"})
    kinds = dict.fromkeys(UNRESOLVED[:4], "str") | {"rows": "int64"}
    out = left[list(UNRESOLVED)].astype(kinds)
    keys = ["rows", "table", "column", "identity"]
    return out.sort_values(keys, ascending=[False, True, True, True], ignore_index=True)


def _columns(name: str) -> tuple[str, ...]:
    """Return the columns of a table that name cells."""
    return ("object_id",) if name in _OBJECT_TABLES else _CELL_COLUMNS.get(name, ())


def _tried(
    distinct: pd.Index, name: str, column: str, known: Known, identities: CellIdentities
) -> pd.DataFrame:
    """Return what is made of each distinct text that is not known as it stands."""
    texts = pd.Series(distinct, dtype="str")
    is_object = name in _OBJECT_TABLES
    found = resolve_cells(texts, identities, bare=not is_object)
    cell, form = found["cell_id"], found["form"]
    if is_object:
        cell, form = _as_sites_or_nodes(texts, known, cell, form)
    else:
        is_carrier = cell.notna() & ~cell.isin(known.cells)
        cell, form = cell.mask(is_carrier), form.mask(is_carrier, UNKNOWN)
    whole = {"table": np.full(len(texts), name), "column": np.full(len(texts), column)}
    return pd.DataFrame({**whole, "value": texts, "cell_id": cell, "form": form})


def _as_sites_or_nodes(
    texts: pd.Series, known: Known, cell: pd.Series, form: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return objects and forms, those that spell a site or node in another case as that.

    A text that spells a cell's id as well is ambiguous; a cell's name or number gives way.
    """
    for names, what in ((known.nodes, "node"), (known.sites, "site_id")):
        ours = pd.Series(names, index=folded(pd.Series(names, dtype="str")), dtype="str")
        ours = ours[~ours.index.duplicated(keep=False)]
        spelled = folded(texts).map(ours)
        is_both = spelled.notna() & (form == "cell_id")
        is_ours = spelled.notna() & ~is_both
        cell = cell.mask(is_both).mask(is_ours, spelled)
        form = form.mask(is_both, AMBIGUOUS).mask(is_ours, what)
    return cell, form


def _first(codes: Any, rows: Any, size: int) -> Any:
    """Return the least row of each code."""
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, codes, rows)
    return first


def _replaced(values: pd.Series, is_replaced: Any, ours: Any) -> pd.Series:
    """Return a column of text with some of its rows replaced."""
    out = values.array.copy()
    out[is_replaced] = ours
    return pd.Series(out, index=values.index, name=values.name)
