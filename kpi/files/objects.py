"""Find the cell of the inventory that the object of a record is, or is a part of.

The name of the object is read as those of alarms are. Its last part says what it is: a cell, a part below a cell such
as a relation or a carrier, or something that is no cell at all, such as a port.

Simple so far: what a class means is known by its name alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from contract.bundle_files import table_paths
from contract.bundles import read_table
from contract.cell_identities import AMBIGUOUS, cell_identities
from contract.errors import InputError
from contract.headers import plain_header
from contract.history.regions import NETWORK, regions_of
from contract.knowledge_files import check_keys, read_knowledge
from contract.object_names import ObjectNames, object_names, resolve_objects
from contract.object_parts import load_object_words, object_parts
from contract.references import TRX_SUFFIX
from contract.settings import Settings

FILE = Path(__file__).with_name("objects.toml")
CELL_ROLES = ("cell", "air", "local")
NO_CELL = "the object is no cell"
UNKNOWN = "no cell of the inventory"
SEVERAL = "may mean several cells of the inventory"
_LAST = re.compile(r"(?:^|[,/;|])\s*(?P<class>[^,/;|=:]*?)\s*(?:[=:]|-(?=[^,/;|=:-]*$))[^,/;|]*$")
_SUBJECT = re.compile(r"/(?P<class>[^,;=/:|]{1,20}):[^,;=/:|]{1,40}=")


@dataclass(frozen=True)
class Inventory:
    """The cells that records may be of.

    Attributes
    ----------
    names : ObjectNames
    rats, regions : Series of str
        Technology, and region of the site in a history, by `cell_id`.
    """

    names: ObjectNames
    rats: pd.Series
    regions: pd.Series


def load_inventory(folder: Path, settings: Settings) -> Inventory:
    """Return the inventory of a bundle: its tables `sites`, `cells` and `links`.

    Raises
    ------
    InputError
        If the folder has no `sites` and `cells` that can be read.
    """
    paths, _ = table_paths(folder)
    missing = [name for name in ("sites", "cells") if name not in paths]
    if missing:
        msg = f"`cells` must be a bundle with sites and cells; {folder} lacks {missing}."
        raise InputError(msg)
    tables = {
        name: read_table(paths[name], name, settings).frame
        for name in ("sites", "cells", "links")
        if name in paths
    }
    return inventory_of(tables["sites"], tables["cells"], tables.get("links"))


def inventory_of(
    sites: pd.DataFrame, cells: pd.DataFrame, links: pd.DataFrame | None = None
) -> Inventory:
    """Return the inventory that tables make.

    Parameters
    ----------
    sites : DataFrame
        `site_id`, `site_name`; for regions `county`, `lon` and `lat` too.
    cells : DataFrame
        `cell_id`, `site_id`, `rat`.
    links : DataFrame, optional
        `node`, `parent`.
    """
    nodes = pd.Index([], dtype="str")
    if links is not None:
        nodes = pd.Index(pd.concat([links["node"], links["parent"]]).dropna().unique(), dtype="str")
    names = object_names(sites, cells, nodes, cell_identities(cells))
    by_cell = cells.drop_duplicates("cell_id").set_index("cell_id")
    regions = pd.Series(NETWORK, index=by_cell.index, dtype="str")
    if {"county", "lon", "lat"} <= set(sites):
        of_site = regions_of(sites.drop_duplicates("site_id"))
        regions = by_cell["site_id"].map(of_site).astype("str").fillna(NETWORK)
    return Inventory(names, by_cell["rat"].astype("str"), regions)


def cells_of(objects: Sequence[str], inventory: Inventory) -> pd.DataFrame:
    """Return the cell of each object.

    Parameters
    ----------
    objects : sequence of str
        Whole names.
    inventory : Inventory

    Returns
    -------
    DataFrame, in the order of `objects`
        `cell_id` (null where there is none), `part` (class of a part below the cell, plain; empty for the cell
        itself), `why` (why there is none; empty where there is one).

    Examples
    --------
    >>> sites = pd.DataFrame({"site_id": ["E5001"], "site_name": ["Hill"]})
    >>> cells = pd.DataFrame({"cell_id": ["E5001-1"], "site_id": ["E5001"], "rat": ["LTE"]})
    >>> objects = ["PLMN-PLMN/MRBTS-5001/LNBTS-5001/LNCEL-1", "ManagedElement=E5001,Port=2"]
    >>> cells_of(objects, inventory_of(sites, cells)).values.tolist()
    [['E5001-1', '', ''], [nan, '', 'the object is no cell']]
    """
    texts = pd.Series(list(objects), dtype="str")
    parts = object_parts(texts)
    has_cell = texts.index.isin(parts["text"][parts["role"].isin(CELL_ROLES)])
    beside = pd.Series(None, index=texts.index, dtype="str")
    found = resolve_objects(texts, inventory.names, beside=beside)
    cell = found["object_id"].str.replace(TRX_SUFFIX, "", regex=True)
    cell = cell.where(cell.isin(inventory.rats.index) & has_cell)
    why = pd.Series("", index=texts.index, dtype="str")
    why = why.mask(cell.isna(), UNKNOWN)
    why = why.mask(cell.isna() & (found["form"] == AMBIGUOUS), SEVERAL).mask(~has_cell, NO_CELL)
    part = [
        part_class(text) if known else "" for text, known in zip(objects, has_cell, strict=True)
    ]
    return pd.DataFrame({"cell_id": cell, "part": pd.Series(part, dtype="str"), "why": why})


def part_class(name: str) -> str:
    """Return the plain class of the part below a cell that a name ends in; empty where that is the cell.

    Examples
    --------
    >>> part_class("EUtranCellFDD=C1,EUtranCellRelation=7"), part_class("EUtranCellFDD=C1")
    ('eutrancellrelation', '')
    >>> part_class("N1/Cell:eNodeB Function Name=N1, Local Cell ID=1, Cell FDD TDD indication=FDD")
    ''
    """
    subject = _SUBJECT.search(name)
    last = subject or _LAST.search(name)
    word = last["class"] if last else ""
    return "" if plain_header(word) in _cell_words() else word.casefold().strip()


@cache
def _cell_words() -> frozenset[str]:
    """Return the plain words for a cell."""
    held = read_knowledge(FILE, "objects")
    for number, row in enumerate(held["cell"], start=1):
        check_keys(row, f"{FILE.name}, cell {number}", argument="objects", known=("words",))
    own = (plain_header(word) for row in held["cell"] for word in row["words"])
    shared = (word for word, (role, _) in load_object_words().items() if role in CELL_ROLES)
    return frozenset([*own, *shared])
