"""Bring sites and nodes that the inventory itself spells in several ways to one spelling.

`cells` names its sites and `links` its nodes in the case, width and blanks of another system now and then. A text is
read as a site or node only where that means one thing.

Simple so far: two spellings of a node that stand as children of one kind are taken for two nodes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from contract.cell_identities import AMBIGUOUS, UNKNOWN, folded
from contract.references import Known

SPELLED = {"cells": ("site_id",), "links": ("node", "parent")}
"""Columns that name sites or nodes, by table."""


def respelled(
    frame: pd.DataFrame, name: str, known: Known
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Return a table of the inventory with one spelling for each site and node, and every text that was tried.

    Parameters
    ----------
    frame : DataFrame
        Typed rows of `cells` or `links`, with `row`.
    name : str
        Name of the table.
    known : Known

    Returns
    -------
    DataFrame
        The rows, texts replaced by the site's or node's own spelling.
    list of DataFrame
        Per column, as `contract.recognition.recognised` gives it; of `links` only what was replaced, for a node that
        is no site is nothing unknown.

    Examples
    --------
    >>> known = Known(pd.Index(["S1"]), pd.Index([]), pd.Index([]))
    >>> cells = pd.DataFrame({"site_id": ["s1", "S1"], "row": [2, 3]}, dtype="object")
    >>> respelled(cells.astype({"site_id": "str"}), "cells", known)[0]["site_id"].tolist()
    ['S1', 'S1']
    """
    nodes = _one_spelling(frame) if name == "links" else pd.Series([], dtype="str")
    spelling = _unique(known.sites).combine_first(nodes)
    shared = set(_shared(known.sites))
    tried = []
    for column in SPELLED[name]:
        values = frame[column]
        is_strange = (~values.isin(known.sites) & values.notna()).to_numpy(bool)
        strange = values[is_strange]
        if strange.empty:
            continue
        plain = folded(strange)
        ours = plain.map(spelling).astype("str")
        ours = ours.mask(plain.isin(shared))
        found = pd.DataFrame({"value": strange, "cell_id": ours, "row": frame["row"][is_strange]})
        is_shared = plain.isin(shared)
        what = np.where(ours.isin(known.sites), "site_id", "node")
        form = np.where(ours.notna(), what, np.where(is_shared, AMBIGUOUS, UNKNOWN))
        tried.append(_listed(found.assign(form=form), name, column))
        frame = frame.assign(**{column: values.mask(values.index.isin(ours.dropna().index), ours)})
    return frame, tried


def _listed(found: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    """Return one row per text that changes or, in `cells`, stays unknown."""
    if name == "links":
        found = found[found["cell_id"].notna() & (found["cell_id"] != found["value"])]
    grouped = found.groupby("value", sort=True).agg(
        cell_id=("cell_id", "first"),
        form=("form", "first"),
        row=("row", "min"),
        rows=("row", "size"),
    )
    return grouped.reset_index().assign(table=name, column=column)


def _unique(names: pd.Index) -> pd.Series:
    """Return names by their folded form, those that share one left out."""
    ours = pd.Series(names, index=folded(pd.Series(names, dtype="str")), dtype="str")
    return ours[~ours.index.duplicated(keep=False)]


def _shared(names: pd.Index) -> pd.Index:
    """Return the folded forms that several names share."""
    plain = pd.Index(folded(pd.Series(names, dtype="str")))
    return plain[plain.duplicated()].unique()


def _one_spelling(links: pd.DataFrame) -> pd.Series:
    """Return the commonest spelling of each node by its folded form, nodes that may be two left out."""
    text = pd.concat([links["node"], links["parent"]], ignore_index=True).dropna()
    counts = text.value_counts().rename_axis("text").reset_index(name="rows")
    counts["plain"] = folded(counts["text"])
    counts = counts.sort_values(["rows", "text"], ascending=[False, True])
    children = links[["node", "kind"]].drop_duplicates()
    plain = folded(children["node"])
    is_two = pd.DataFrame({"plain": plain, "kind": children["kind"]}).duplicated(keep=False)
    counts = counts[~counts["plain"].isin(plain[is_two])]
    return counts.drop_duplicates("plain").set_index("plain")["text"]
