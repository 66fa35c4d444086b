"""Recognise cells of the inventory by whatever identity a table gives them.

A text is taken for a cell by its id, then by its name, then by the numbers of the standards (CGI,
ECI, NCI and their parts). What fits several cells is told as ambiguous and never guessed.

Simple so far: hexadecimal and decimal are not learned from the column; a text of digits alone that
means one cell in decimal and another in hexadecimal is ambiguous.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.identity_readings import (
    ENB_CELL_BITS,
    GNB_CELL_BITS,
    LAC_BITS,
    LEAST_LONG,
    SPACES,
    UMTS_BITS,
    identity_readings,
)
from contract.inventory_numbers import inventory_numbers, packed

GNB_ID_BITS = 24
"""Usual length of a gNB id, of the 22 to 32 bits the standard allows."""
AMBIGUOUS, UNKNOWN = "ambiguous", "unknown"
FORMS = {
    "lac_ci": ("LAC-CI", "CGI"),
    "ci": ("CI", "CGI"),
    "eci": ("ECI", "ECGI"),
    "enb_cell": ("eNB-cell", "eNB-cell"),
    "nci": ("NCI", "NCGI"),
    "gnb_cell": ("gNB-cell", "gNB-cell"),
}
"""Name of a form by space: without a network, and with one."""
_TRX = r"(?i)\s*[/_\-:\s]\s*TRX\s*[-_]?\s*0*(\d+)$"
_NONE = -1
_SEVERAL = -2
_SPACE_SHIFT = 46
_CHUNK = 200_000
"""Distinct texts read at a time, so that memory stays bounded."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CellIdentities:
    """Every identity of the cells of an inventory, to look up.

    Attributes
    ----------
    cell_ids : array of object
        Ids by position.
    spelled : tuple of Series
        Position by spelling, exact spellings first; -2 where several cells share one. Each
        with the form it stands for as its name.
    codes, cells : array of int64
        Sorted codes of numbers in spaces, and the position of the cell that has each.
    plmn, area : array of int64
        Network (`mcc * 1000 + mnc`) and area of each cell, -1 where unknown.
    """

    cell_ids: NDArray[np.object_]
    spelled: tuple[pd.Series, ...]
    codes: Ints
    cells: Ints
    plmn: Ints
    area: Ints


def cell_identities(cells: pd.DataFrame, *, gnb_bits: int = GNB_ID_BITS) -> CellIdentities:
    """Return the identities of the cells of an inventory, to be looked up by `resolve_cells`.

    Where only `ci` is given, its size and the technology say what it is: on LTE a number above
    65,535 is an ECI and one below 256, beside an `enb_id`, the cell of an eNB; on NR a number above
    65,535 is an NCI; on UMTS the number may be of 28 bit. The parts of a `cell_id` such as
    `460-00-8448-16384`, `12345-1` or `460-00-12345601` are read too.

    Parameters
    ----------
    cells : DataFrame, one row per cell
        `cell_id`, `rat`; where there: `cell_name`, `ci`, `lac`, `tac`, `enb_id`, `gnb_id`,
        `local_cell_id`, `eci`, `nci`, `cgi`, `ecgi`, `ncgi`, `mcc`, `mnc`, as text or numbers.
        Where all cells that say so are of one network, the others are taken to be of it too.
    gnb_bits : int, default 24
        Length of a gNB id in bits, 22 to 32; found out where both `gnb_id` and `nci` are given.

    Returns
    -------
    CellIdentities

    References
    ----------
    .. [1] 3GPP TS 36.413 9.2.1.38: ECI = macro eNB (20 bit) x 256 + cell (8 bit).
    .. [2] 3GPP TS 38.413 9.3.1.6-7: NCI = gNB (22 to 32 bit) and cell, 36 bit in all.

    Examples
    --------
    >>> cells = pd.DataFrame({"cell_id": ["A"], "rat": ["LTE"], "ci": ["3160321"]})
    >>> resolve_cells(pd.Series(["12345-1", "0x303901"]), cell_identities(cells)).values.tolist()
    [['A', 'eNB-cell'], ['A', 'ECI hex']]
    """
    table = cells.reset_index(drop=True)
    numbers = inventory_numbers(table, gnb_bits=gnb_bits)
    codes, cell = _keys(numbers)
    order = np.lexsort((cell, codes))
    plmn = numbers["plmn"].to_numpy(np.int64)
    known = np.unique(plmn[plmn >= 0])
    ids = table["cell_id"].astype("str")
    spelled = [(ids, "cell_id"), (folded(ids), "cell_id"), (_joined(ids), "cell_id")]
    if "cell_name" in table:
        names = table["cell_name"].astype("str")
        spelled += [(names, "cell_name"), (folded(names), "cell_name")]
    return CellIdentities(
        cell_ids=ids.to_numpy(object),
        spelled=tuple(_positions(spelling, form) for spelling, form in spelled),
        codes=codes[order],
        cells=cell[order],
        plmn=np.where(plmn < 0, known[0], plmn) if len(known) == 1 else plmn,
        area=numbers["area"].to_numpy(np.int64),
    )


def resolve_cells(
    texts: pd.Series, identities: CellIdentities, *, bare: bool = True
) -> pd.DataFrame:
    """Return the cell that each text names, whatever the form, and the form it was read in.

    A network or area named in the text must be that of the cell where the inventory knows it.

    Parameters
    ----------
    texts : Series of str, n rows
        A transceiver's suffix (`/TRX-3`) is kept.
    identities : CellIdentities
    bare : bool, default True
        Whether a CI alone counts; no, where a text may as well be a site or a node.

    Returns
    -------
    DataFrame, index of `texts`
        `cell_id`, null where none or several fit; `form`: `cell_id`, `cell_name`, `CGI`, `LAC-CI`,
        `CI`, `ECI`, `ECGI`, `eNB-cell`, `NCI`, `NCGI`, `gNB-cell`, these with ` hex` where spelled
        so, or `ambiguous` or `unknown`; null for null.

    Examples
    --------
    >>> cells = pd.DataFrame({"cell_id": ["A", "B"], "rat": ["GSM"] * 2, "ci": ["7", "7"],
    ...                       "lac": [8448, 8449]})
    >>> resolve_cells(pd.Series(["8449-7", "7", "a/TRX-2"]), cell_identities(cells)).values.tolist()
    [['B', 'LAC-CI'], [nan, 'ambiguous'], ['A/TRX-2', 'cell_id']]
    """
    codes, distinct = pd.factorize(texts)
    asked = pd.Series(distinct, dtype="str")
    whole = asked.str.replace(_TRX, "", regex=True).str.strip()
    carrier = asked.str.extract(_TRX, expand=False)
    position, form = _by_spelling(whole, identities)
    rest = np.flatnonzero(position == _NONE)
    for start in range(0, len(rest), _CHUNK):
        part = rest[start : start + _CHUNK]
        position[part], form[part] = _by_number(whole.iloc[part], identities, bare=bare)
    found = np.append(identities.cell_ids, np.nan)[np.maximum(position, _NONE)]
    cell = pd.Series(found, dtype="str")
    cell = cell.where(carrier.isna(), cell + "/TRX-" + carrier.astype("str"))
    return pd.DataFrame(
        {
            "cell_id": cell.array.take(codes, allow_fill=True),
            "form": pd.Series(form, dtype="str").array.take(codes, allow_fill=True),
        },
        index=texts.index,
    )


def cell_numbers(identities: CellIdentities) -> pd.DataFrame:
    """Return the nodes that cells stand below on the air.

    Returns
    -------
    DataFrame, one row per number
        `cell_id`, `technology` (LTE, NR), `node` (number of the eNB or gNB), `number` (of the cell in it).

    Examples
    --------
    >>> cells = pd.DataFrame({"cell_id": ["12345-1"], "rat": ["LTE"]})
    >>> cell_numbers(cell_identities(cells)).values.tolist()
    [['12345-1', 'LTE', 12345, 1]]
    """
    found = []
    for space, technology, bits in (
        ("enb_cell", "LTE", ENB_CELL_BITS),
        ("gnb_cell", "NR", GNB_CELL_BITS),
    ):
        is_here = identities.codes >> _SPACE_SHIFT == SPACES.index(space)
        packed_numbers = identities.codes[is_here] & ((1 << _SPACE_SHIFT) - 1)
        own = {
            "cell_id": identities.cell_ids[identities.cells[is_here]],
            "technology": technology,
            "node": packed_numbers >> bits,
            "number": packed_numbers & ((1 << bits) - 1),
        }
        found.append(pd.DataFrame(own).astype({"cell_id": "str", "technology": "str"}))
    return pd.concat(found, ignore_index=True).drop_duplicates(ignore_index=True)


def _keys(numbers: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return the codes of all numbers that cells have, and the position of the cell of each."""
    part = {name: numbers[name].to_numpy(np.int64) for name in numbers}
    low_ci = np.where(part["ci"] >= LEAST_LONG, part["ci"] & LEAST_LONG - 1, _NONE)
    is_lac = part["area"] < 1 << LAC_BITS
    areas = np.where(is_lac, part["area"], _NONE)
    found = [
        ("ci", part["ci"]),
        ("ci", low_ci),
        ("lac_ci", packed(areas, part["ci"], UMTS_BITS)),
        ("lac_ci", packed(areas, low_ci, UMTS_BITS)),
        ("lac_ci", part["pair"]),
        ("eci", part["eci"]),
        ("enb_cell", packed(part["enb"], part["enb_cell"], ENB_CELL_BITS)),
        ("enb_cell", packed(part["enb"], part["local_cell_id"], ENB_CELL_BITS)),
        ("nci", part["nci"]),
        ("gnb_cell", packed(part["gnb"], part["gnb_cell"], GNB_CELL_BITS)),
        ("gnb_cell", packed(part["gnb"], part["local_cell_id"], GNB_CELL_BITS)),
    ]
    codes = [SPACES.index(space) << _SPACE_SHIFT | number for space, number in found]
    cells = [np.flatnonzero(number >= 0) for _, number in found]
    kept = [code[cell] for code, cell in zip(codes, cells, strict=True)]
    return np.concatenate(kept), np.concatenate(cells)


def _by_spelling(texts: pd.Series, identities: CellIdentities) -> tuple[Ints, NDArray[np.object_]]:
    """Return the cells whose id or name texts spell, exact spellings first; -1 none, -2 several."""
    position = np.full(len(texts), _NONE, np.int64)
    form = np.full(len(texts), UNKNOWN, object)
    plain = folded(texts)
    spellings = (texts, plain, _joined(texts), texts, plain)
    for known, spelling in zip(identities.spelled, spellings, strict=False):
        found = known.reindex(spelling.array).fillna(_NONE).to_numpy(np.int64)
        is_new = (position == _NONE) & (found != _NONE)
        position[is_new] = found[is_new]
        form[is_new] = np.where(found[is_new] == _SEVERAL, AMBIGUOUS, known.name)
    return position, form


def _by_number(
    texts: pd.Series, identities: CellIdentities, *, bare: bool
) -> tuple[Ints, NDArray[np.object_]]:
    """Return the cells whose numbers texts give; -1 none, -2 several."""
    read = identity_readings(texts)
    if not bare:
        is_bare = (read["space"] == SPACES.index("ci")) & (read["plmn"] < 0)
        read = read[~(is_bare & (read["number"] < LEAST_LONG))]
    hits = _hits(read, identities)
    position = np.full(len(texts), _NONE, np.int64)
    form = np.full(len(texts), UNKNOWN, object)
    if hits.empty:
        return position, form
    first = hits.sort_values(["text", "is_hex", "order"], kind="stable").drop_duplicates("text")
    several = hits.groupby("text")["cell"].nunique().reindex(first["text"]).to_numpy() > 1
    at = first["text"].to_numpy()
    position[at] = np.where(several, _SEVERAL, first["cell"])
    form[at] = np.where(several, AMBIGUOUS, _form_names(first))
    return position, form


def _hits(read: pd.DataFrame, identities: CellIdentities) -> pd.DataFrame:
    """Return the cells that have the numbers read, with no contradiction in network or area."""
    code = read["space"].to_numpy(np.int64) << _SPACE_SHIFT | read["number"].to_numpy(np.int64)
    low = np.searchsorted(identities.codes, code)
    count = np.searchsorted(identities.codes, code, side="right") - low
    row = np.repeat(np.arange(len(read)), count)
    start = np.repeat(low - np.append(0, np.cumsum(count)[:-1]), count) if len(read) else low
    cell = identities.cells[np.arange(len(row)) + start]
    hits = read.iloc[row].assign(cell=cell, order=read["space"].to_numpy()[row])
    agrees = np.ones(len(hits), bool)
    for name, own in (("plmn", identities.plmn), ("area", identities.area)):
        said = hits[name].to_numpy(np.int64)
        agrees &= (said < 0) | (own[cell] < 0) | (said == own[cell])
    return hits[agrees]


def _form_names(hits: pd.DataFrame) -> NDArray[np.object_]:
    """Return the names of the forms in which cells were found."""
    names = np.array([FORMS[space] for space in SPACES], object)
    form = names[hits["space"].to_numpy(), (hits["plmn"] >= 0).to_numpy(np.int64)]
    return np.asarray(np.where(hits["is_hex"], form + " hex", form), object)


def folded(texts: pd.Series) -> pd.Series:
    """Return texts without what spreadsheets and people change: case, width, blanks, `.0`.

    Examples
    --------
    >>> folded(pd.Series(["\uff33 12", "7.0"])).tolist()
    ['s12', '7']
    """
    plain = texts.str.normalize("NFKC").str.casefold().str.replace(r"\s+", "", regex=True)
    return plain.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)


def _joined(texts: pd.Series) -> pd.Series:
    """Return folded texts with one kind of separator."""
    return folded(texts).str.replace(r"[-_:/.]+", "-", regex=True)


def _positions(spelling: pd.Series, form: str) -> pd.Series:
    """Return the position of the cell of each spelling, -2 where several cells share it."""
    known = pd.Series(np.arange(len(spelling)), index=spelling, name=form)[spelling.notna().values]
    is_shared = known.index.duplicated(keep=False)
    return known.mask(is_shared, _SEVERAL)[~known.index.duplicated()]
