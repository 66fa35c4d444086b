"""Work out the numbers that a cell of the inventory has on the air: CI, ECI, NCI and their parts.

They are taken from columns, from a CGI column, from the cell's own id where it is made of numbers,
and from `ci`, which an inventory may use for a CI, an ECI or an NCI.

Simple so far: one length of gNB ids holds for all cells, save where `gnb_id` and `nci` tell it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.identity_readings import (
    ECI_BITS,
    ENB_BITS,
    ENB_CELL_BITS,
    GNB_CELL_BITS,
    LEAST_LONG,
    NCI_BITS,
    SPACES,
    UMTS_BITS,
    identity_readings,
)

GNB_LENGTHS = range(22, 33)
_COLUMNS = ("ci", "lac", "tac", "enb_id", "gnb_id", "local_cell_id", "eci", "nci", "mcc", "mnc")
_OWN = ("plmn", "area", "ci", "eci", "nci", "enb", "enb_cell", "gnb", "gnb_cell", "pair")
_OF_RAT: Mapping[str, str] = {"eci": "LTE", "enb_cell": "LTE", "nci": "NR", "gnb_cell": "NR"}
_NONE = -1

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Numbers = dict[str, Ints]


def inventory_numbers(cells: pd.DataFrame, *, gnb_bits: int) -> pd.DataFrame:
    """Return the numbers of each cell, -1 where unknown.

    Parameters
    ----------
    cells : DataFrame, one row per cell
        As `contract.cell_identities.cell_identities` takes it.
    gnb_bits : int
        Length of a gNB id in bits, 22 to 32.

    Returns
    -------
    DataFrame of int64, index of `cells`
        `plmn` (`mcc * 1000 + mnc`), `area` (TAC or LAC), `ci`, `eci`, `nci`, `enb`, `enb_cell`,
        `gnb`, `gnb_cell`, `local_cell_id`, and `pair` (`lac << 28 | ci` as the id spells it).

    Examples
    --------
    >>> cells = pd.DataFrame({"cell_id": ["460-00-12345-1"], "rat": ["LTE"]})
    >>> inventory_numbers(cells, gnb_bits=24)[["plmn", "enb", "enb_cell", "eci"]].values.tolist()
    [[460000, 12345, 1, 3160321]]
    """
    given = {name: _column(cells, name) for name in _COLUMNS}
    is_network = (given["mcc"] >= 0) & (given["mnc"] >= 0)
    own = {name: np.full(len(cells), _NONE, np.int64) for name in _OWN}
    own["plmn"] = np.where(is_network, given["mcc"] * 1000 + given["mnc"], _NONE)
    own["area"] = np.where(given["tac"] >= 0, given["tac"], given["lac"])
    own |= {name: given[name] for name in ("ci", "local_cell_id")}
    own["eci"] = np.where(given["eci"] < 1 << ECI_BITS, given["eci"], _NONE)
    own["nci"] = np.where(given["nci"] < 1 << NCI_BITS, given["nci"], _NONE)
    own["enb"], own["gnb"] = given["enb_id"].copy(), given["gnb_id"].copy()
    rat = cells["rat"].astype("str").to_numpy(object)
    for name in ("cgi", "ecgi", "ncgi", "cell_id"):
        if name in cells:
            _add_readings(own, cells[name], rat, gnb_bits=gnb_bits, is_id=name == "cell_id")
    _settle_long(own, rat)
    _settle_lte(own, rat == "LTE")
    _settle_nr(own, rat == "NR", gnb_bits=gnb_bits)
    return pd.DataFrame(own, index=cells.index)


def packed(first: Ints, second: Ints, bits: int) -> Ints:
    """Return two numbers as one, -1 where either is unknown or the second too large.

    Examples
    --------
    >>> packed(np.array([12345, 12345]), np.array([1, 256]), 8).tolist()
    [3160321, -1]
    """
    fits = (first >= 0) & (second >= 0) & (second < 1 << bits)
    return np.asarray(np.where(fits, first << bits | second, _NONE), np.int64)


def _column(cells: pd.DataFrame, name: str) -> Ints:
    """Return the numbers of a column: hexadecimal with 0x, or where most of the column has letters."""
    number = np.full(len(cells), _NONE, np.int64)
    if name not in cells:
        return number
    text = cells[name].astype("str").str.strip().str.upper()
    text = text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    is_plain = text.str.fullmatch(r"\d{1,15}").fillna(False).to_numpy(bool)
    is_hex = text.str.fullmatch(r"(?:0X)?[0-9A-F]{1,11}").fillna(False).to_numpy(bool)
    if _is_mostly(is_hex & ~is_plain, is_hex):
        is_plain = is_plain & ~is_hex
    is_hex = is_hex & ~is_plain
    number[is_plain] = pd.to_numeric(text[is_plain]).to_numpy(np.int64)
    number[is_hex] = [int(part, 16) for part in text[is_hex]]
    return number


def _is_mostly(flags: Flags, among: Flags) -> bool:
    """Tell whether more than half of some rows have a flag."""
    return 2 * int(flags.sum()) > int(among.sum())


def _add_readings(
    own: Numbers, texts: pd.Series, rat: NDArray[np.object_], *, gnb_bits: int, is_id: bool
) -> None:
    """Fill numbers still missing from what texts spell; of an id only its decimal readings."""
    read = _in_one_base(identity_readings(texts), is_id=is_id)
    read = _fitting(read.assign(space=np.asarray(SPACES)[read["space"]]), rat, gnb_bits=gnb_bits)
    number, at = (read[name].to_numpy(np.int64) for name in ("number", "text"))
    space = read["space"].to_numpy(object)
    is_node = pd.Index(at).isin(at[np.isin(space, ("enb_cell", "gnb_cell"))])
    for name in SPACES:
        kept = space == name
        parts = _parts(name, number[kept], has_node=is_node[kept])
        parts["plmn"] = read["plmn"].to_numpy(np.int64)[kept]
        if name != "lac_ci":
            parts["area"] = read["area"].to_numpy(np.int64)[kept]
        for part, values in parts.items():
            column = own[part].copy()
            column[at[kept]] = np.where(column[at[kept]] < 0, values, column[at[kept]])
            own[part] = column


def _in_one_base(read: pd.DataFrame, *, is_id: bool) -> pd.DataFrame:
    """Return readings in the base of their column: digits without a letter look decimal anyway."""
    is_hex = read["is_hex"].to_numpy(bool)
    texts = pd.Index(read["text"].unique())
    has_plain = texts.isin(read.loc[~is_hex, "text"])
    all_hex = not is_id and _is_mostly(~has_plain, np.ones(len(texts), bool))
    if is_id or all_hex:
        return read[is_hex == all_hex]
    return read[~(is_hex & read["text"].isin(texts[has_plain]).to_numpy(bool))]


def _fitting(read: pd.DataFrame, rat: NDArray[np.object_], *, gnb_bits: int) -> pd.DataFrame:
    """Return the readings that cells of a technology can have, one a text and space.

    An ECI or NCI that stands alone is not cut into a network and the rest.
    """
    space, number = read["space"].to_numpy(object), read["number"].to_numpy(np.int64)
    fits = ~((space == "ci") & (read["plmn"] < 0).to_numpy(bool))
    for name, kind in _OF_RAT.items():
        fits &= (space != name) | (rat[read["text"].to_numpy()] == kind)
    is_long = np.isin(space, ("eci", "nci"))
    fits &= ~is_long | (number >= LEAST_LONG)
    fits &= (space != "gnb_cell") | (number & _mask(GNB_CELL_BITS) <= _mask(NCI_BITS - gnb_bits))
    is_alone = fits & is_long & ((read["plmn"] < 0) & (read["area"] < 0)).to_numpy(bool)
    is_cut = read["text"].isin(read.loc[is_alone, "text"]) & (read["plmn"] >= 0)
    kept = read[fits & ~is_cut.to_numpy(bool)].drop_duplicates()
    return kept[~kept.duplicated(["text", "space"], keep=False)]


def _mask(bits: int) -> int:
    """Return the largest number of so many bits."""
    return (1 << bits) - 1


def _parts(space: str, number: Ints, *, has_node: Flags) -> Numbers:
    """Return the parts of numbers in a space; a pair that may be node and cell says no area."""
    if space == "lac_ci":
        area = np.where(has_node, _NONE, number >> UMTS_BITS)
        ci = np.where(has_node, _NONE, number & _mask(UMTS_BITS))
        return {"area": area, "ci": ci, "pair": number}
    if space == "enb_cell":
        return {"enb": number >> ENB_CELL_BITS, "enb_cell": number & _mask(ENB_CELL_BITS)}
    if space == "gnb_cell":
        return {"gnb": number >> GNB_CELL_BITS, "gnb_cell": number & _mask(GNB_CELL_BITS)}
    return {space: number}


def _settle_long(own: Numbers, rat: NDArray[np.object_]) -> None:
    """Take a `ci` too large for a CI as what it is: an ECI on LTE, an NCI on NR."""
    is_long = own["ci"] >= LEAST_LONG
    for kind, name, bits in (("LTE", "eci", ECI_BITS), ("NR", "nci", NCI_BITS)):
        is_it = is_long & (rat == kind)
        fits = is_it & (own["ci"] < 1 << bits) & (own[name] < 0)
        own[name] = np.where(fits, own["ci"], own[name])
        own["ci"] = np.where(is_it, _NONE, own["ci"])
    own["ci"] = np.where(own["ci"] < 1 << UMTS_BITS, own["ci"], _NONE)


def _settle_lte(own: Numbers, is_lte: Flags) -> None:
    """Make ECI, eNB and cell agree; a `ci` below 256 beside an eNB is the cell."""
    is_node = is_lte & (own["enb"] >= 0) & (own["enb"] < 1 << ENB_BITS)
    own["enb"] = np.where(is_node, own["enb"], _NONE)
    is_local = is_node & (own["ci"] >= 0) & (own["ci"] <= _mask(ENB_CELL_BITS))
    cell = np.where(is_local, own["ci"], own["enb_cell"])
    cell = np.where(cell < 0, own["local_cell_id"], cell)
    own["ci"] = np.where(is_local, _NONE, own["ci"])
    own["eci"] = np.where(own["eci"] < 0, packed(own["enb"], cell, ENB_CELL_BITS), own["eci"])
    known = own["eci"] >= 0
    own["enb"] = np.where(known, own["eci"] >> ENB_CELL_BITS, own["enb"])
    own["enb_cell"] = np.where(known, own["eci"] & _mask(ENB_CELL_BITS), cell)


def _settle_nr(own: Numbers, is_nr: Flags, *, gnb_bits: int) -> None:
    """Make NCI, gNB and cell agree; the length of the gNB id follows where both are known."""
    own["gnb"] = np.where(is_nr, own["gnb"], _NONE)
    cell_bits = np.full(len(is_nr), NCI_BITS - gnb_bits, np.int64)
    both = (own["nci"] >= 0) & (own["gnb"] >= 0)
    for length in GNB_LENGTHS:
        agrees = both & (own["nci"] >> (NCI_BITS - length) == own["gnb"])
        cell_bits = np.where(agrees, NCI_BITS - length, cell_bits)
    largest = (1 << cell_bits) - 1
    is_local = (own["gnb"] >= 0) & (own["ci"] >= 0) & (own["ci"] <= largest)
    cell = np.where(is_local, own["ci"], own["gnb_cell"])
    cell = np.where(cell < 0, own["local_cell_id"], cell)
    own["ci"] = np.where(is_local, _NONE, own["ci"])
    fits = (own["nci"] < 0) & (own["gnb"] >= 0) & (cell >= 0) & (cell <= largest)
    fits &= own["gnb"] < 1 << (NCI_BITS - cell_bits)
    own["nci"] = np.where(fits, own["gnb"] << cell_bits | cell, own["nci"])
    known = own["nci"] >= 0
    own["gnb"] = np.where(known, own["nci"] >> cell_bits, own["gnb"])
    own["gnb_cell"] = np.where(known, own["nci"] & largest, cell)
