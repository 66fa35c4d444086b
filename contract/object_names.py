"""Find the object of the inventory that a vendor's name means: a cell, its site, or a node.

The lowest object that is surely known wins: a cell before its site, a site before a node. A cell is
known by its name or identity, by node and number on the air, or by its number within a site. What may
mean two means none; a board, a radio unit or a port below a site is that site.

Simple so far: a cell's number within a site is its number on the air, a column `local_cell_id` of the
inventory, or the number its id ends in.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contract.cell_identities import (
    AMBIGUOUS,
    UNKNOWN,
    CellIdentities,
    cell_numbers,
    folded,
    resolve_cells,
)
from contract.object_parts import object_parts

CELL, SITE, NODE = "name of a cell", "name of a site", "name of a node"
BESIDE = ("cell", "air", "local", "node", "carrier")
"""Roles that count where they stand in the text beside an object; a site named there may be another's."""
_NUMBERED = ("LTE", "NR")
"""Technologies whose nodes have numbers on the air."""
_LETTERS = "^[lungLUNG](?=.)"
"""Letter of a technology that some networks put before the code of a site."""
_CODE = r"^(?=.*[a-z])(?=.*\d)[a-z0-9]{4,}$"
_NUMBER = r"^0*(\d{1,10})(?!\d)"
_ID_NUMBER = r"^[a-z]{0,3}[-_ ]?0*(\d{3,})$"
_LAST_NUMBER = r"(?:^|\D)0*(\d{1,3})$"


@dataclass(frozen=True)
class ObjectNames:
    """What the objects of an inventory are called, to look up; a name of two is not there.

    Attributes
    ----------
    identities : CellIdentities
    names, codes : Series of str
        Site by plain name or id, `ambiguous` where several share it, and by plain id alone.
    technical : Series of str
        Site by technology of its cells and plain name: `LTE:hill`.
    nodes : Series of str
        Node of `links` by plain id.
    numbers : Series of str
        Site by technology and number of its node: `LTE:12345`; without technology, by the number that
        its id is made of.
    locals : Series of str
        Cell by site, technology and the number its id ends in: `S1:LTE:11`, `S1::11`; by site and
        plain name: `S1=hill1`.
    air : Series of str
        Cell by technology, number of its node and number below it: `LTE:12345:1`.
    sites : Series of str
        Site by cell.
    """

    identities: CellIdentities
    names: pd.Series
    codes: pd.Series
    technical: pd.Series
    nodes: pd.Series
    numbers: pd.Series
    locals: pd.Series
    air: pd.Series
    sites: pd.Series


def object_names(
    sites: pd.DataFrame, cells: pd.DataFrame, nodes: pd.Index, identities: CellIdentities
) -> ObjectNames:
    """Return what the objects of an inventory are called.

    Parameters
    ----------
    sites : DataFrame, one row per site
        `site_id`, `site_name`.
    cells : DataFrame, one row per cell
        `cell_id`, `site_id`, `rat`.
    nodes : Index of str
        Nodes and parents of `links`.
    identities : CellIdentities
        Of the same cells.
    """
    ids = sites["site_id"].astype("str")
    codes = _only(_plain(ids), ids)
    plain = _plain(sites["site_name"].astype("str"))
    shared = plain[plain.duplicated(keep=False) & plain.notna()].unique()
    several = pd.Series(AMBIGUOUS, index=shared, dtype="str")
    site_of = cells.drop_duplicates("cell_id").set_index("cell_id")["site_id"].astype("str")
    named_nodes = pd.Series(nodes, dtype="str")
    own = cell_numbers(identities)
    node = own["technology"] + ":" + own["node"].astype("str")
    return ObjectNames(
        identities=identities,
        names=pd.concat([codes, _only(plain, ids), several]).groupby(level=0).first(),
        codes=codes,
        technical=_technical(plain.set_axis(ids.to_numpy()), cells),
        nodes=_only(_plain(named_nodes), named_nodes),
        numbers=pd.concat([_only(node, _found(own["cell_id"], site_of)), _id_numbers(ids)]),
        locals=_local_numbers(cells),
        air=_only(node + ":" + own["number"].astype("str"), own["cell_id"]),
        sites=site_of,
    )


def resolve_objects(texts: pd.Series, names: ObjectNames, *, beside: pd.Series) -> pd.DataFrame:
    """Return the object of the inventory that each text means.

    Parameters
    ----------
    texts : Series of str, n rows
        Names, pairs, paths and distinguished names as `contract.object_parts` reads them.
    names : ObjectNames
    beside : Series of str, index of `texts`
        Text that stands beside it, such as the location of the alarm; it may name a cell of the site that
        `texts` means, never another site.

    Returns
    -------
    DataFrame, index of `texts`
        `object_id` (a carrier as `<cell_id>/TRX-<n>`), null where none is surely known; `form`: what it was known by,
        `ambiguous`, or `unknown`.

    Examples
    --------
    >>> sites = pd.DataFrame({"site_id": ["E5001"], "site_name": ["Hill"]})
    >>> cells = pd.DataFrame({"cell_id": ["5001-L11"], "site_id": ["E5001"], "rat": ["LTE"]})
    >>> from contract.cell_identities import cell_identities
    >>> names = object_names(sites, cells, pd.Index([]), cell_identities(cells))
    >>> texts = pd.Series(["PLMN-PLMN/MRBTS-5001/LNBTS-5001/LNCEL-11", "NE=HILL, Slot No.=3"])
    >>> resolve_objects(texts, names, beside=pd.Series([None, None]))["object_id"].tolist()
    ['5001-L11', 'E5001']
    """
    count = len(texts)
    parts = object_parts(texts)
    more = object_parts(beside)
    site = _sites(parts, names, count)
    more = more[more["role"].isin(BESIDE)]
    every = pd.concat([parts, more], ignore_index=True)
    technology = _sole(every[every["technology"] != ""], "technology", count).fillna("")
    cell, is_shared = _cells(every, names, site, technology)
    node = _last(parts.assign(found=_nodes(parts, names)), count)
    is_several = (site == AMBIGUOUS).fillna(False) | is_shared
    site = site.mask(site == AMBIGUOUS)
    own = _found(cell, names.sites)
    cell = cell.mask(site.notna() & (own != site))
    carrier = _last(every[every["role"] == "carrier"].assign(found=_digits), count)
    with_carrier = cell.where(carrier.isna(), cell + "/TRX-" + carrier)
    found = with_carrier.fillna(site).fillna(node.mask(is_several))
    known_by = np.select(
        [cell.notna(), site.notna(), found.notna(), is_several],
        [CELL, SITE, NODE, AMBIGUOUS],
        default=UNKNOWN,
    )
    return pd.DataFrame(
        {"object_id": found.array, "form": pd.array(known_by, dtype="str")}, index=texts.index
    )


def _plain(names: pd.Series) -> pd.Series:
    """Return names without case, width, blanks and the marks between their parts."""
    return folded(names).str.replace(r"[-_.:·/]+", "", regex=True)


def _only(plain: pd.Series, ids: pd.Series) -> pd.Series:
    """Return ids by plain name, those names left out that several ids have."""
    found = pd.DataFrame({"plain": plain.to_numpy(), "id": ids.to_numpy()}).dropna()
    found = found[found["plain"] != ""].drop_duplicates()
    found = found[~found["plain"].duplicated(keep=False)]
    return pd.Series(found["id"].to_numpy(), index=found["plain"].to_numpy(), dtype="str")


def _technical(plain: pd.Series, cells: pd.DataFrame) -> pd.Series:
    """Return sites by technology of their cells and plain name."""
    pairs = cells[["site_id", "rat"]].astype("str").drop_duplicates()
    return _only(
        pairs["rat"] + ":" + pairs["site_id"].map(plain.groupby(level=0).first()), pairs["site_id"]
    )


def _id_numbers(ids: pd.Series) -> pd.Series:
    """Return sites by the number that their id is made of."""
    return _only(":" + folded(ids).str.extract(_ID_NUMBER, expand=False), ids)


def _local_numbers(cells: pd.DataFrame) -> pd.Series:
    """Return cells by site, technology or none, and the number that their id ends in."""
    number = cells["cell_id"].astype("str").str.extract(_LAST_NUMBER, expand=False)
    site = cells["site_id"].astype("str")
    keys = [site + ":" + cells["rat"].astype("str") + ":" + number, site + "::" + number]
    if "cell_name" in cells:
        keys.append(site + "=" + _plain(cells["cell_name"].astype("str")))
    return pd.concat([_only(key, cells["cell_id"].astype("str")) for key in keys])


def _found(keys: pd.Series, known: pd.Series) -> pd.Series:
    """Return what keys stand for, null where that is not known."""
    return keys.map(known).astype("str")


def _digits(parts: pd.DataFrame) -> pd.Series:
    """Return the number that values begin with."""
    return parts["value"].str.extract(_NUMBER, expand=False)


def _sole(parts: pd.DataFrame, name: str, count: int) -> pd.Series:
    """Return the one value that the parts of each text have, `ambiguous` where they have several."""
    distinct = parts[["text", name]].dropna().drop_duplicates()
    is_several = distinct["text"].duplicated(keep=False)
    found = pd.Series(None, index=pd.RangeIndex(count), dtype="str")
    only = distinct[~is_several]
    found.loc[only["text"].to_numpy()] = only[name].to_numpy()
    found.loc[distinct["text"][is_several].unique()] = AMBIGUOUS
    return found


def _last(parts: pd.DataFrame, count: int) -> pd.Series:
    """Return what the last part of each text was found to be."""
    last = parts.dropna(subset="found").drop_duplicates("text", keep="last")
    return pd.Series(last["found"].to_numpy(), index=last["text"].to_numpy(), dtype="str").reindex(
        pd.RangeIndex(count)
    )


def _nodes(parts: pd.DataFrame, names: ObjectNames) -> pd.Series:
    """Return the nodes that sites and controllers are named as; a number of a sign or two is none."""
    codes, distinct = pd.factorize(parts["value"])
    values = pd.Series(distinct, dtype="str")
    found = _found(_plain(values.mask(_is_short(values))), names.nodes)
    is_named = parts["role"].isin(("site", "controller"))
    return pd.Series(found.array.take(codes), index=parts.index, dtype="str").where(is_named)


def _is_short(values: pd.Series) -> pd.Series:
    """Return which values are numbers too short to be the name of anything."""
    return values.str.fullmatch(r"\d{1,2}").fillna(False).astype(bool)


def _sites(parts: pd.DataFrame, names: ObjectNames, count: int) -> pd.Series:
    """Return the site that each text names, `ambiguous` where it names several."""
    named = parts[parts["role"].isin(("site", "function", "node"))]
    codes, values = pd.factorize(named["value"])
    distinct = pd.Series(values, dtype="str")
    by_name = _named_sites(distinct, names).array.take(codes)
    found = pd.Series(by_name, index=named.index, dtype="str")
    technical = named["technology"] + ":" + _plain(named["value"])
    known = _found(technical, names.technical)
    found = found.where((found != AMBIGUOUS) | known.isna(), known)
    is_function = (named["role"] == "function") & found.isna()
    bare = _plain(named["value"][is_function].str.replace(_LETTERS, "", regex=True))
    found = found.fillna(_found(bare, names.codes))
    nodes = parts[parts["role"] == "node"].assign(number=_digits)
    inside = named.assign(number=named["value"].str.extract(r"\((\d{3,})\)\s*$", expand=False))
    told = pd.concat([nodes, inside.dropna(subset="number")])
    by_number = _numbered_sites(told, names)
    every = pd.concat(
        [
            named.assign(found=found)[["text", "found"]],
            told.assign(found=by_number)[["text", "found"]],
        ]
    )
    sole = _sole(every[every["found"] != AMBIGUOUS], "found", count)
    is_shared = pd.Series(sole.index.isin(every["text"][every["found"] == AMBIGUOUS]))
    return sole.mask(sole.isna() & is_shared, AMBIGUOUS)


def _named_sites(values: pd.Series, names: ObjectNames) -> pd.Series:
    """Return the sites that names mean: whole, without what stands in brackets, or by the one code in them."""
    site = _found(_plain(values), names.names)
    before = values.where(site.isna()).str.extract(r"^(.+?)\s*\([^()]*\)\s*$", expand=False)
    site = site.fillna(_found(_plain(before), names.names))
    is_short = _is_short(values)
    site = site.mask(is_short)
    words = folded(values.where(site.isna() & ~is_short)).str.split(r"[^0-9a-z]+", regex=True)
    tokens = words.explode().dropna().astype("str")
    tokens = tokens[tokens.str.match(_CODE).fillna(False).astype(bool)]
    coded = pd.DataFrame({"text": tokens.index, "found": _found(tokens, names.codes).array})
    by_code = _sole(coded, "found", len(values))
    return site.fillna(by_code.mask(by_code == AMBIGUOUS))


def _numbered_sites(parts: pd.DataFrame, names: ObjectNames) -> pd.Series:
    """Return the sites whose nodes have the numbers of parts, in the technology said or any."""
    number, technology = parts["number"], parts["technology"]
    exact = _found(technology + ":" + number, names.numbers)
    of_any = [_found(f"{name}:" + number, names.numbers) for name in _NUMBERED]
    either = of_any[0].fillna(of_any[1])
    is_two = of_any[0].notna() & of_any[1].notna() & (of_any[0] != of_any[1])
    either = either.mask(is_two | (technology != ""))
    return exact.fillna(either).fillna(_found(":" + number, names.numbers))


def _cells(
    parts: pd.DataFrame, names: ObjectNames, site: pd.Series, technology: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return the cell that each text names, by the surest way that tells one, and where several fit."""
    spelled = parts[parts["role"] == "cell"]
    is_number = spelled["value"].str.fullmatch(r"\d{1,3}").fillna(False).astype(bool)
    counted = parts[parts["role"].isin(("air", "local"))]
    counted = pd.concat([counted, spelled[is_number].assign(role="local")])
    nodes = parts[parts["role"] == "node"].assign(number=_digits)
    node = _sole(nodes, "number", len(site))
    ways = _by_cell_name(spelled[~is_number], names, site)
    ways += _by_cell_number(counted, names, site, node=node, technology=technology)
    cell = ways[0]
    is_shared = (cell == AMBIGUOUS).fillna(False).astype(bool)
    cell = cell.mask(is_shared)
    for way in ways[1:]:
        cell = cell.fillna(way)
    return cell, is_shared & cell.isna()


def _by_cell_name(parts: pd.DataFrame, names: ObjectNames, site: pd.Series) -> list[pd.Series]:
    """Return the cells that names or identities mean in the network, and within the site."""
    codes, values = pd.factorize(parts["value"])
    resolved = resolve_cells(pd.Series(values, dtype="str"), names.identities, bare=False)
    cell = resolved["cell_id"].mask(resolved["form"] == AMBIGUOUS, AMBIGUOUS)
    found = pd.Series(cell.array.take(codes), index=parts.index, dtype="str")
    spelling = _plain(_sole(parts, "value", len(site)))
    return [
        _sole(parts.assign(found=found), "found", len(site)),
        _found(site + "=" + spelling, names.locals),
    ]


def _by_cell_number(
    parts: pd.DataFrame,
    names: ObjectNames,
    site: pd.Series,
    *,
    node: pd.Series,
    technology: pd.Series,
) -> list[pd.Series]:
    """Return the cells that numbers mean below the node, on the air before local, and within the site."""
    numbers = parts.assign(number=_digits)
    air, local = (
        _sole(numbers[numbers["role"] == role], "number", len(site)) for role in ("air", "local")
    )
    below = technology + ":" + node + ":"
    inside = site + ":" + technology.mask(technology == AMBIGUOUS, "") + ":"
    return [
        _found(below + air, names.air),
        _found(below + local, names.air),
        _found(inside + local, names.locals),
    ]
