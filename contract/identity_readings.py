"""Read texts as identities of cells: every number a text can mean, in every standard form.

A reading is a number in a space: `ci` (CI, or the 28 bits of UMTS), `lac_ci`, `eci`, `enb_cell`,
`nci`, `gnb_cell`; with the network (PLMN) and the area (TAC) where the text says them. A text of
digits alone has decimal and hexadecimal readings; nothing is chosen here.

Simple so far: parts are taken in the standard's order (network, area, node, cell), whatever the
words before them say; LAC and CI are both decimal or both hexadecimal.
"""

import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from contract.errors import InputError

LABELS_FILE = Path(__file__).with_name("cell_identities.toml")
SPACES = ("lac_ci", "ci", "eci", "enb_cell", "nci", "gnb_cell")
"""What a number may be, in the order in which the form is named where several agree."""
CI_BITS, LAC_BITS, UMTS_BITS = 16, 16, 28
ECI_BITS, ENB_BITS, ENB_CELL_BITS = 28, 20, 8
NCI_BITS, GNB_BITS, GNB_CELL_BITS = 36, 32, 14
TAC_BITS = 24
LEAST_LONG = 1 << CI_BITS
"""A number from here on is no CI, and no local number of a cell."""

_SEPARATORS = r"[\s\-_:/.,;|=#]+"
_TOKEN = r"(?:0X)?[0-9A-F]{1,24}"
_WHOLE = rf"{_TOKEN}(?:-{_TOKEN}){{0,4}}"
_MOST_PARTS = 5
_READ = ("text", "space", "number", "plmn", "area", "is_hex")
_NONE = -1
_OPEN_MCC = (1, 901, 999)
"""Test, international and private networks; all others are 200 to 799 (ITU-T E.212)."""
_SOLID_HEX = ((0, 4, 4), (0, 4, 8), (0, 0, 7), (0, 0, 9), (4, 0, 7), (6, 0, 9))
"""Hexadecimal digits of area, LAC and the rest behind a PLMN: of fixed width in the standards."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Parts:
    """Parts of texts in one base: position of each text, value [texts, parts], spelling of each part."""

    text: Ints
    value: Ints
    spelling: NDArray[np.object_]
    is_hex: bool


def identity_readings(texts: pd.Series) -> pd.DataFrame:
    """Return every identity of a cell that texts can mean.

    Parameters
    ----------
    texts : Series of str, n rows
        `460-00-8448-16384`, `46000 2100 4000`, `eNodeB ID=12345,Local Cell ID=1`, `0xC0E401`.
        Separators are `- _ : / . , ; |` and blanks. Null reads as nothing.

    Returns
    -------
    DataFrame, one row per reading
        `text` (position in `texts`), `space` (position in `SPACES`), `number` (`lac << 28 | ci`,
        `enb << 8 | cell`, `gnb << 14 | cell`, else as it stands), `plmn` (`mcc * 1000 + mnc`) and
        `area` (TAC), -1 where not said, `is_hex`. Numbers out of the standard's range are left out.

    References
    ----------
    .. [1] 3GPP TS 23.003 4.3.1: CGI = MCC + MNC + LAC (16 bit) + CI (16 bit).
    .. [2] 3GPP TS 36.413 9.2.1.37-38: ECI is 28 bit, the first 20 the macro eNB.
    .. [3] 3GPP TS 38.413 9.3.1.6-7: NCI is 36 bit, the first 22 to 32 the gNB.
    .. [4] 3GPP TS 25.413 9.2.1.9: a UTRAN cell id is 28 bit, RNC and CI.

    Examples
    --------
    >>> found = identity_readings(pd.Series(["460-00-0x2100-0x4000"]))
    >>> [(SPACES[row.space], row.number >> 28, row.plmn) for row in found.itertuples()]
    [('lac_ci', 8448, 460000)]
    """
    plain, allowed = _plain(texts)
    rows = [np.empty((0, len(_READ)), np.int64)]
    for count, is_hex in itertools.product(range(1, _MOST_PARTS + 1), (False, True)):
        parts = _parts_of(plain, count, is_hex=is_hex)
        if not len(parts.text):
            continue
        rows += _layouts(parts, count)
        if count == 1:
            rows += _solid(parts)
    read = np.concatenate(rows)
    read = read[allowed[read[:, 0], read[:, 1]]]
    return pd.DataFrame(read, columns=list(_READ)).astype({"is_hex": bool})


def load_labels() -> Mapping[str, Flags]:
    """Return, for each word that may stand before a number, which of `SPACES` it leaves.

    Raises
    ------
    InputError
        If a row of the shipped list names a space there is not.
    """
    rows = tomllib.loads(LABELS_FILE.read_text(encoding="utf-8"))["labels"]
    wrong = sorted({space for row in rows for space in row["spaces"]} - set(SPACES))
    if wrong:
        msg = f"`spaces` in {LABELS_FILE.name} must be among {list(SPACES)}; it has {wrong}."
        raise InputError(msg)
    return {word: np.isin(SPACES, row["spaces"]) for row in rows for word in row["words"]}


def _plain(texts: pd.Series) -> tuple[pd.Series, Flags]:
    """Return texts as parts joined by hyphens, null where they are none; and the spaces left."""
    text = texts.astype("str").str.normalize("NFKC").str.upper().str.strip()
    text = text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    allowed = np.ones((len(text), len(SPACES)), bool)
    has_words = text.str.contains(r"[G-WYZ\u4e00-\u9fff]", regex=True).fillna(False).to_numpy(bool)
    is_prose = has_words & ~_has_only_labels(text)
    has_words = has_words & ~is_prose
    if has_words.any():
        worded = text[has_words]
        text = text.copy()
        for word, spaces in sorted(load_labels().items(), key=lambda item: -len(item[0])):
            pattern = rf"(?<![0-9A-Z]){word}\s*(?:ID|标识|号)?\s*(?:[=:#]\s*|(?=\d)|\s+|-(?=\d))"
            is_said = worded.str.contains(pattern, regex=True).to_numpy(bool)
            worded = worded.where(~is_said, worded.str.replace(pattern, " ", regex=True))
            allowed[np.flatnonzero(has_words)[is_said]] &= spaces
        text[has_words] = worded
    text = text.mask(is_prose)
    joined = text.str.strip(" -_:/.,;|=#").str.replace(_SEPARATORS, "-", regex=True)
    return joined.where(joined.str.fullmatch(_WHOLE).fillna(False)), allowed


def _has_only_labels(text: pd.Series) -> Flags:
    """Return which texts in capitals have no letters but those of labels and hexadecimal digits."""
    array = pa.array(text, type=pa.large_string(), from_pandas=True)
    found = pc.match_substring_regex(array, _only_labels())
    return np.asarray(pc.fill_null(found, False), bool)


@cache
def _only_labels() -> str:
    """Return the pattern of a text made of labels, hexadecimal digits and what is no letter."""
    words = sorted({*load_labels(), "ID", "标识", "号"}, key=lambda word: (-len(word), word))
    spelled = "|".join(re.escape(word).replace(r"\ ", " ") for word in words)
    return rf"^(?:{spelled}|[A-FX]|[^A-Z\x{{4e00}}-\x{{9fff}}])*$"


def _parts_of(plain: pd.Series, count: int, *, is_hex: bool) -> _Parts:
    """Return the texts of so many parts that can be read in a base, network parts always decimal."""
    fits = plain.str.count("-").eq(count - 1).fillna(False).to_numpy(bool)
    if not is_hex:
        fits = fits & ~plain.str.contains("[A-FX]", regex=True).fillna(False).to_numpy(bool)
    text = np.flatnonzero(fits)
    empty = np.empty((0, count))
    if not len(text):
        return _Parts(text, empty.astype(np.int64), empty.astype(object), is_hex)
    spelling = plain.iloc[text].str.split("-", expand=True).to_numpy(object)
    value = np.full(spelling.shape, _NONE, np.int64)
    for column in range(count):
        value[:, column] = _values(spelling[:, column], is_hex=is_hex)
    return _Parts(text, value, spelling, is_hex)


def _values(spelling: NDArray[np.object_], *, is_hex: bool) -> Ints:
    """Return numbers as they are spelled in a base; -1 for those no identity is large enough for."""
    codes, distinct = pd.factorize(spelling)
    base, longest = (16, 11) if is_hex else (10, 15)
    plain = pd.Series(distinct, dtype="str").str.removeprefix("0X").tolist()
    values = [int(part, base) if 0 < len(part) <= longest else _NONE for part in plain]
    return np.asarray(np.array(values, np.int64)[codes], np.int64)


def _layouts(parts: _Parts, count: int) -> list[Ints]:
    """Return the readings of separated parts: network or none, area or none, one number or two."""
    rows = []
    for network, area, tail in itertools.product((0, 1, 2), (0, 1), (1, 2)):
        if network + area + tail != count:
            continue
        plmn, is_good = _networks(parts.spelling[:, :network])
        tac = parts.value[:, network] if area else np.full(len(is_good), _NONE)
        numbers = parts.value[:, network + area :]
        found = _numbers(numbers, has_network=network > 0, has_area=area > 0)
        for space, number in found.items():
            kept = is_good & (number >= 0) & (tac < 1 << TAC_BITS)
            rows.append(
                _rows(parts.text[kept], space, number[kept], parts.is_hex, plmn[kept], tac[kept])
            )
    return rows


def _networks(spelling: NDArray[np.object_]) -> tuple[Ints, Flags]:
    """Return the PLMN of no part, one (46000) or two (460, 00), and whether it can be one."""
    if not spelling.shape[1]:
        return np.full(len(spelling), _NONE, np.int64), np.ones(len(spelling), bool)
    joined = pd.Series(spelling[:, 0], dtype="str")
    lengths = joined.str.len().to_numpy(int)
    is_wide = np.isin(lengths, (5, 6))
    if spelling.shape[1] == 2:
        is_wide = (lengths == 3) & (pd.Series(spelling[:, 1], dtype="str").str.len() <= 3)
        joined = joined + pd.Series(spelling[:, 1], dtype="str")
    is_wide = np.asarray(is_wide, bool) & joined.str.fullmatch(r"\d+").to_numpy(bool)
    digits = joined.where(is_wide, "0")
    mcc = pd.to_numeric(digits.str.slice(0, 3)).to_numpy(np.int64)
    mnc = pd.to_numeric(digits.str.slice(3).replace("", "0")).to_numpy(np.int64)
    is_mcc = ((mcc >= 200) & (mcc < 800)) | np.isin(mcc, _OPEN_MCC)
    return mcc * 1000 + mnc, is_wide & is_mcc


def _numbers(numbers: Ints, *, has_network: bool, has_area: bool) -> dict[str, Ints]:
    """Return the number of one part or two in each space, -1 where it does not fit.

    Behind a TAC a single number is an ECI or NCI only if it is too large for a CI, for TAC and
    LAC are spelled alike; so is a UMTS number behind a network.
    """
    if numbers.shape[1] == 2:
        first, second = numbers[:, 0], numbers[:, 1]
        packed = {
            "lac_ci": _packed(first, second, LAC_BITS, UMTS_BITS),
            "enb_cell": _packed(first, second, ENB_BITS, ENB_CELL_BITS),
            "gnb_cell": _packed(first, second, GNB_BITS, GNB_CELL_BITS),
        }
        return packed if not has_area else {k: v for k, v in packed.items() if k != "lac_ci"}
    number = numbers[:, 0]
    least = LEAST_LONG if has_area else 0
    found = {
        "eci": np.where((number >= least) & (number < 1 << ECI_BITS), number, _NONE),
        "nci": np.where((number >= least) & (number < 1 << NCI_BITS), number, _NONE),
    }
    if not has_area:
        least = LEAST_LONG if has_network else 0
        found["ci"] = np.where((number >= least) & (number < 1 << UMTS_BITS), number, _NONE)
    return found


def _packed(first: Ints, second: Ints, first_bits: int, second_bits: int) -> Ints:
    """Return two numbers as one, -1 where either is out of range."""
    fits = (first >= 0) & (first < 1 << first_bits) & (second >= 0) & (second < 1 << second_bits)
    return np.asarray(np.where(fits, first << second_bits | second, _NONE), np.int64)


def _solid(parts: _Parts) -> list[Ints]:
    """Return the readings of texts without separators that begin with a network of 5 or 6 digits."""
    whole = pd.Series(parts.spelling[:, 0], dtype="str")
    rows = []
    for width in (5, 6):
        plmn, is_good = _networks(whole.str.slice(0, width).to_numpy(object)[:, None])
        kept = np.flatnonzero(is_good & (whole.str.len().to_numpy(int) >= width + 2))
        if not len(kept):
            continue
        rest = whole.iloc[kept].str.slice(width)
        lengths = rest.str.len().to_numpy(int)
        for area, lac, tail in _splits(parts.is_hex, lengths):
            at = np.flatnonzero(lengths == area + lac + tail)
            split = rest.iloc[at]
            split = split[_is_as_spelled(split, lac, is_hex=parts.is_hex)]
            at = at[np.isin(rest.index[at], split.index)]
            rows += _solid_rows(parts, kept[at], plmn[kept[at]], split, (area, lac))
    return rows


def _splits(is_hex: bool, lengths: Ints) -> list[tuple[int, int, int]]:
    """Return the widths of area, LAC and the rest to try."""
    if is_hex:
        return list(_SOLID_HEX)
    pairs = [(0, lac, ci) for lac in range(1, 6) for ci in range(1, 6)]
    return pairs + [(0, 0, int(n)) for n in np.unique(lengths) if n <= 11]


def _is_as_spelled(rest: pd.Series, lac: int, *, is_hex: bool) -> Flags:
    """Tell where neither LAC nor CI begins with a zero, unless it is filled up to five digits."""
    if is_hex or not lac or not len(rest):
        return np.ones(len(rest), bool)
    first, second = rest.str.slice(0, lac), rest.str.slice(lac)
    is_first = ~first.str.startswith("0") | (first.str.len() == 5) | (first == "0")
    is_second = ~second.str.startswith("0") | (second.str.len() == 5) | (second == "0")
    return np.asarray((is_first & is_second).to_numpy(bool))


def _solid_rows(
    parts: _Parts, at: Ints, plmn: Ints, rest: pd.Series, widths: tuple[int, int]
) -> list[Ints]:
    """Return the readings of what stands behind a network, cut at fixed widths."""
    area, lac = widths
    if not len(at):
        return []
    cut = [rest.str.slice(area, area + lac)] if lac else []
    cut.append(rest.str.slice(area + lac))
    columns = [_values(part.to_numpy(object), is_hex=parts.is_hex) for part in cut]
    tac = np.full(len(at), _NONE, np.int64)
    if area:
        tac = _values(rest.str.slice(0, area).to_numpy(object), is_hex=True)
    found = _numbers(np.column_stack(columns), has_network=True, has_area=False)
    spaces = ("lac_ci",) if lac else ("eci", "nci")
    return [
        _rows(parts.text[at[k]], s, found[s][k], parts.is_hex, plmn[k], tac[k])
        for s in spaces
        for k in [found[s] >= 0]
    ]


def _rows(text: Ints, space: str, number: Ints, is_hex: bool, plmn: Ints, area: Ints) -> Ints:
    """Return readings as rows of numbers, in the order of `_READ`."""
    rows = np.empty((len(text), len(_READ)), np.int64)
    rows[:, 0], rows[:, 1], rows[:, 2] = text, SPACES.index(space), number
    rows[:, 3], rows[:, 4], rows[:, 5] = plmn, area, is_hex
    return rows
