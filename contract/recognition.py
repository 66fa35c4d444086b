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
from contract.object_names import BESIDE, ObjectNames, resolve_objects
from contract.object_parts import mentions
from contract.references import TRX_SUFFIX, Known, is_among, is_known_object

TRIED = ("table", "column", "value", "cell_id", "form", "vendor", "row", "rows")
UNRESOLVED = ("table", "column", "identity", "why", "vendor", "rows")
GIVEN = "object_name"
"""Extra column with the name of an object as it was given, where it was brought to another."""
EXAMPLES = 3
_CELL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kpi": ("cell_id",),
    "locations": ("cell_id",),
    "neighbours": ("cell_id", "neighbour_id"),
}
_OBJECT_TABLES = ("alarms", "changes", "verdicts")


def recognised(
    frame: pd.DataFrame,
    name: str,
    known: Known,
    identities: Callable[[], CellIdentities],
    *,
    names: Callable[[], ObjectNames] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table that names cells by our ids, and every text that was tried.

    A column of cells may hold any form of `contract.cell_identities`; a column of objects any but
    a CI alone, for a short number may as well be a site or a node that the inventory lacks; sites and
    nodes are known in any case and width, also where the inventory itself names them (`contract.node_spellings`),
    and by the names that vendors give them (`contract.object_names`).

    Parameters
    ----------
    frame : DataFrame
        Typed rows with `row`.
    name : str
        Name of the table.
    known : Known
    identities : callable
        Gives the identities of the inventory; called only if there is something to try.
    names : callable, optional
        Gives the names of its objects; called only if there is something to try.

    Returns
    -------
    DataFrame
        The rows, resolved texts replaced; of objects `object_name` keeps what was replaced.
    DataFrame, one row per distinct text tried
        `table`, `column`, `value`, `cell_id` (null where unresolved), `form` (or `ambiguous` or
        `unknown`), `vendor` (of the first row with it), `row` (the first), `rows` (how many).
    """
    tried: list[pd.DataFrame] = []
    if name in SPELLED:
        frame, tried = respelled(frame, name, known)
    for column in _columns(name):
        values = frame[column]
        if name in _OBJECT_TABLES:
            is_strange = ~is_known_object(values, known) & values.notna().to_numpy(bool)
        else:
            is_strange = ~is_among(values, known.cells)
        if not is_strange.any():
            continue
        codes, texts = _distinct(frame[is_strange], name, column)
        found = _tried(texts["value"], name, column, known, identities())
        if name in _OBJECT_TABLES and names is not None:
            found = _with_names(found, texts, names())
        found["rows"] = np.bincount(codes, minlength=len(texts))
        found["row"] = _first(codes, frame["row"].to_numpy(np.int64)[is_strange], len(texts))
        found["vendor"] = texts["vendor"]
        tried.append(found.sort_values("value", kind="stable"))
        if found["cell_id"].notna().any():
            ours = found["cell_id"].fillna(found["value"]).array.take(codes)
            frame = _with_given(frame, is_strange, ours, column)
            frame = frame.assign(**{column: _replaced(values, is_strange, ours)})
    if not tried:
        return frame, pd.DataFrame({column: [] for column in TRIED})
    return frame, pd.concat(tried, ignore_index=True).reindex(columns=list(TRIED))


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
    >>> row = ["kpi", "cell_id", "12345-1", "A", "eNB-cell", "", 7, 96]
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
    kinds = dict.fromkeys(UNRESOLVED[:5], "str") | {"rows": "int64"}
    out = left[list(UNRESOLVED)].astype(kinds).fillna({"vendor": ""})
    out = out.groupby(list(UNRESOLVED[:5]), as_index=False, sort=False)["rows"].sum()
    keys = ["rows", "table", "column", "identity"]
    return out.sort_values(keys, ascending=[False, True, True, True], ignore_index=True)


def unresolved_by_vendor(unresolved: pd.DataFrame) -> pd.DataFrame:
    """Return how many identities of each table and vendor name nothing, with the commonest as examples.

    Parameters
    ----------
    unresolved : DataFrame
        As `unresolved_identities` gives it, the commonest first.

    Returns
    -------
    DataFrame
        `table`, `vendor` (empty where not said), `identities`, `rows`, `examples`; most rows first.

    Examples
    --------
    >>> rows = [["alarms", "object_id", name, "unknown", "V", 2] for name in "abcd"]
    >>> unresolved_by_vendor(pd.DataFrame(rows, columns=list(UNRESOLVED))).values.tolist()
    [['alarms', 'V', 4, 8, 'a; b; c']]
    """
    grouped = unresolved.groupby(["table", "vendor"], as_index=False, sort=True)
    found = grouped.agg(
        identities=("identity", "size"),
        rows=("rows", "sum"),
        examples=("identity", lambda names: "; ".join(names.head(EXAMPLES))),
    )
    return found.sort_values("rows", ascending=False, kind="stable", ignore_index=True)


def _distinct(strange: pd.DataFrame, name: str, column: str) -> tuple[Any, pd.DataFrame]:
    """Return the code of each row, and the distinct texts: `value`, what stands `beside`, `vendor`."""
    beside = pd.Series(None, index=strange.index, dtype="str")
    if name in _OBJECT_TABLES and "detail" in strange:
        of_detail, details = pd.factorize(strange["detail"])
        told = pd.Series(details, dtype="str")
        told = told.where(mentions(told, BESIDE))
        beside = pd.Series(told.array.take(of_detail, allow_fill=True), index=strange.index)
    of_value, values = pd.factorize(strange[column])
    of_beside, sides = pd.factorize(beside)
    codes, pairs = pd.factorize(of_value * (len(sides) + 1) + of_beside + 1)
    texts = pd.DataFrame(
        {
            "value": pd.Series(values, dtype="str").array.take(pairs // (len(sides) + 1)),
            "beside": pd.Series(sides, dtype="str").array.take(
                pairs % (len(sides) + 1) - 1, allow_fill=True
            ),
        }
    )
    first = np.unique(codes, return_index=True)[1]
    vendor = strange["vendor"].array.take(first) if "vendor" in strange else ""
    return codes, texts.assign(vendor=pd.Series(vendor, index=texts.index, dtype="str"))


def _with_names(found: pd.DataFrame, texts: pd.DataFrame, names: ObjectNames) -> pd.DataFrame:
    """Return what texts were found to be, read as names of vendors where that tells more.

    A site or node known by its spelling gives way only to a cell of that site.
    """
    by_name = resolve_objects(texts["value"], names, beside=texts["beside"])
    is_cell = found["cell_id"].str.replace(TRX_SUFFIX, "", regex=True).isin(names.sites.index)
    own = by_name["object_id"].str.replace(TRX_SUFFIX, "", regex=True).map(names.sites)
    is_lower = own.notna() & (own.astype("str") == found["cell_id"])
    is_better = by_name["object_id"].notna() & ~is_cell & (found["cell_id"].isna() | is_lower)
    form = found["form"].mask(is_better, by_name["form"])
    form = form.mask(found["cell_id"].isna() & (by_name["form"] == AMBIGUOUS), AMBIGUOUS)
    return found.assign(cell_id=found["cell_id"].mask(is_better, by_name["object_id"]), form=form)


def _with_given(frame: pd.DataFrame, is_strange: Any, ours: Any, column: str) -> pd.DataFrame:
    """Return alarms and changes with the names of objects that are replaced, as they were given."""
    if column != "object_id" or "changed_at" not in frame and "raised_at" not in frame:
        return frame
    given = frame[column].where(
        is_strange & (_replaced(frame[column], is_strange, ours) != frame[column])
    )
    kept = frame[GIVEN].astype("str").fillna(given) if GIVEN in frame else given
    return frame.assign(**{GIVEN: kept})


def _columns(name: str) -> tuple[str, ...]:
    """Return the columns of a table that name cells."""
    return ("object_id",) if name in _OBJECT_TABLES else _CELL_COLUMNS.get(name, ())


def _tried(
    texts: pd.Series, name: str, column: str, known: Known, identities: CellIdentities
) -> pd.DataFrame:
    """Return what is made of each distinct text that is not known as it stands."""
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
