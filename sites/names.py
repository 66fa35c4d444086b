"""Find known names in free text, Chinese and English, exactly or with a slip of the pen.

A *key* is a name in normal form (`sites.place_words.normal_name`), a *hit* a key found in a text.

Simple so far: homophones are not known as such; a wrong character costs the same whatever its
sound. Traditional characters are not folded.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from sites.place_words import PlaceWords, normal_name

# Characters after which a short form may begin; inside a word it would be chance.
BEFORE_SHORT = frozenset(" ,.;:/|\n、。到往是家在")
NUMBERED = re.compile(r"[a-z]?\d+(?:[-+.]\d+)*(?:st|nd|rd|th)?(?:号楼|[栋幢单元楼层室号组米座])?")
BREAKS = re.compile(r"[^\w]+|[_\n]+")
TEXT_WINDOW = 24
# A segment as short as this says too little to be matched loosely.
SHORTEST_HAN, SHORTEST_LATIN = 3, 5
CUTOFF_HAN, CUTOFF_SHORT, CUTOFF_LATIN = 66.0, 88.0, 88.0
LOOSEST = 50.0
# A wrong character is a larger part of a Chinese name than a wrong letter of a Latin one.
HAN_RELIEF = 0.5
KEEP_WITHIN = 9.0
MOST_FUZZY = 6


@dataclass(frozen=True)
class NameIndex:
    """Keys prepared for scanning: where each stands, and how long keys of each beginning are."""

    keys: tuple[str, ...]
    position: Mapping[str, int]
    lengths: Mapping[str, tuple[int, ...]]
    is_short_form: tuple[bool, ...]


def without_suffix(name: str, suffixes: Iterable[str]) -> str:
    """Return a normal name with the last of `suffixes` it ends in left out; never too short.

    Examples
    --------
    >>> without_suffix("shelden town", ["town"]), without_suffix("石沟乡", ["乡", "镇"])
    ('shelden', '石沟')
    """
    for suffix in suffixes:
        if is_latin(suffix):
            if name.endswith(" " + suffix):
                return name[: -len(suffix) - 1].rstrip(" -,")
        elif name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def site_place(name: str, words: PlaceWords) -> str:
    """Return the place in a site's name: brackets, equipment words and directions left out.

    Parameters
    ----------
    name : str
        The site's name as in the inventory.
    words : PlaceWords

    Returns
    -------
    str, in normal form; a serial number at the end is kept

    Examples
    --------
    >>> from sites.place_words import load_place_words
    >>> words = load_place_words()
    >>> site_place("Gullhaven Bus Station rooftop", words), site_place("福泉村(规划)", words)
    ('gullhaven bus station', '福泉村')
    """
    place = re.sub(r"[(\[{【].*?[)\]}】]", " ", normal_name(name)).strip()
    for _ in range(3):
        shorter = without_suffix(place, words.words["site_suffix"])
        if shorter == place:
            break
        place = shorter
    return place


def without_serial(place: str) -> str:
    """Return a normal name without the number at its end.

    Examples
    --------
    >>> without_serial("武湾师院5"), without_serial("belmont station 11")
    ('武湾师院', 'belmont station')
    """
    shorter = re.sub(r"[\s#-]*\d+#?$", "", place)
    return shorter if len(shorter) >= 2 else place


def is_latin(text: str) -> bool:
    """Return whether a text is written in Latin letters, without any Chinese character."""
    return text.isascii() or not any("一" <= letter <= "鿿" for letter in text)


def build_index(keys: Sequence[str], is_short_form: Sequence[bool]) -> NameIndex:
    """Return an index of distinct normal names for :func:`hits_in`.

    Parameters
    ----------
    keys : sequence of str
        Distinct, in normal form, two characters or more.
    is_short_form : sequence of bool
        Whether a key counts only where a name could begin.

    Returns
    -------
    NameIndex
    """
    lengths: dict[str, set[int]] = {}
    for key in keys:
        lengths.setdefault(key[:2], set()).add(len(key))
    ordered = {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
    position = {key: number for number, key in enumerate(keys)}
    return NameIndex(tuple(keys), position, ordered, tuple(bool(s) for s in is_short_form))


def hits_in(index: NameIndex, text: str) -> list[tuple[int, int, int]]:
    """Return the hits of an index in one normal text, the longest first where they overlap.

    Parameters
    ----------
    index : NameIndex
    text : str
        In normal form.

    Returns
    -------
    list of (start, end, key position), in order of `start`, none overlapping

    Examples
    --------
    >>> index = build_index(["langford", "langford court"], [False, False])
    >>> hits_in(index, "block 5 langford court, langford")
    [(8, 22, 1), (24, 32, 0)]
    """
    found = []
    for start in range(len(text) - 1):
        lengths = index.lengths.get(text[start : start + 2])
        if lengths is not None:
            found.extend(_hits_at(index, text, start, lengths))
    found.sort(key=lambda hit: (hit[0] - hit[1], hit[0]))
    kept: list[tuple[int, int, int]] = []
    for hit in found:
        if all(hit[1] <= other[0] or hit[0] >= other[1] for other in kept):
            kept.append(hit)
    kept.sort()
    return _without_stray(index, text, kept)


def segments(text: str, hits: Sequence[tuple[int, int, int]], words: PlaceWords) -> list[str]:
    """Return what is left of an address that could be a misspelt name.

    Hits, numbers of houses and words such as "opposite" are cut out; what remains between them is
    returned if it is long enough.

    Examples
    --------
    >>> from sites.place_words import load_place_words
    >>> segments("block 9 pnecott mews, langford", [(22, 30, 0)], load_place_words())
    ['pnecott mews']
    """
    for start, end, _ in hits:
        text = text[:start] + "\n" * (end - start) + text[end:]
    for role in ("vague", "beside", "wide"):
        text = words.patterns[role].sub("\n", text)
    text = NUMBERED.sub("\n", text)
    pieces = (piece.strip() for line in text.split("\n") for piece in re.split(r"[^\w ]+", line))
    return [piece for piece in pieces if _is_long_enough(piece)]


def spoken_segments(
    text: str, hits: Sequence[tuple[int, int, int]], words: PlaceWords
) -> list[str]:
    """Return the parts of a sentence that follow a known name or a word that leads to a place.

    Examples
    --------
    >>> from sites.place_words import load_place_words
    >>> spoken_segments("no signal, near pnecott mews, since today", [], load_place_words())
    ['pnecott mews']
    """
    starts = [end for _, end, _ in hits]
    for start, end, _ in hits:
        text = text[:start] + "\n" * (end - start) + text[end:]
    starts += [match.end() for match in words.patterns["introduction"].finditer(text)]
    pieces: list[str] = []
    for start in starts:
        window = re.split(r"[,;/!?。\n]| - ", text[start : start + TEXT_WINDOW].lstrip())[0]
        pieces.extend(segments(window, [], words)[:1])
    return list(dict.fromkeys(pieces))


def fuzzy_hits(index: NameIndex, pieces: Sequence[str], allowed: Sequence[int]) -> pd.DataFrame:
    """Return the keys that misspelt pieces of text may have meant.

    Parameters
    ----------
    index : NameIndex
    pieces : sequence of str
        Distinct, in normal form.
    allowed : sequence of int
        Positions of the keys that may be meant.

    Returns
    -------
    DataFrame
        Columns `piece` (int), `key` (int), `score` (0-100, 100 for a piece that is part of the
        key); at most six keys a piece, none where more are as good.

    References
    ----------
    .. [1] RapidFuzz, ``fuzz.ratio`` and ``fuzz.partial_ratio``: the indel similarity of two
       strings, and of the shorter one with the best window of the longer one; the better counts.
    """
    if not len(pieces) or not len(allowed):
        return pd.DataFrame({"piece": [], "key": [], "score": []}).astype(
            {"piece": int, "key": int, "score": float}
        )
    keys = [index.keys[number] for number in allowed]
    score = _likeness(pieces, keys)
    is_han = np.array([not is_latin(piece) for piece in pieces], dtype=bool)[:, None]
    cutoff = np.array([[_cutoff(piece)] for piece in pieces])
    best = score.max(axis=1, keepdims=True)
    kept = (score >= cutoff) & (score >= best - KEEP_WITHIN)
    kept &= (kept.sum(axis=1) <= MOST_FUZZY)[:, None]
    score = np.where(is_han, 100.0 - HAN_RELIEF * (100.0 - score), score)
    row, column = np.nonzero(kept)
    return pd.DataFrame(
        {"piece": row, "key": np.asarray(allowed)[column], "score": score[row, column]}
    )


def _likeness(pieces: Sequence[str], keys: Sequence[str]) -> NDArray[np.float64]:
    """Return how alike pieces and keys are, whole and in the head that tells names apart."""
    part = process.cdist(pieces, keys, scorer=fuzz.partial_ratio, score_cutoff=LOOSEST)
    whole = process.cdist(pieces, keys, scorer=fuzz.ratio, score_cutoff=CUTOFF_HAN)
    heads = [_head(key) for key in keys]
    head = process.cdist(pieces, heads, scorer=fuzz.partial_ratio, score_cutoff=LOOSEST)
    alike = np.maximum(part, whole).astype(float)
    return np.asarray(0.5 * (alike * _coverage(pieces, keys) + head), dtype=np.float64)


def _cutoff(piece: str) -> float:
    """Return the likeness a piece must reach: a short Chinese one must be part of the name."""
    if is_latin(piece):
        return CUTOFF_LATIN
    return CUTOFF_HAN if len(piece) > SHORTEST_HAN else CUTOFF_SHORT


def _head(key: str) -> str:
    """Return the beginning of a name, without the general word that many names end in."""
    if is_latin(key):
        return key.split(" ")[0] if len(key.split(" ")[0]) >= 4 else key
    return key[: max(2, len(key) - 2)] if len(key) > 3 else key[:2]


def _coverage(pieces: Sequence[str], keys: Sequence[str]) -> NDArray[np.float64]:
    """Return the factor by which a piece much shorter than the key, or longer, is trusted less."""
    a = np.array([len(piece) for piece in pieces], dtype=float)[:, None]
    b = np.array([len(key) for key in keys], dtype=float)[None, :]
    shorter, longer = np.minimum(a, b), np.maximum(a, b)
    factor = np.where(a < b, 0.7 + 0.3 * shorter / longer, 0.85 + 0.15 * shorter / longer)
    return np.where(b < SHORTEST_HAN, 0.0, factor)


def _hits_at(
    index: NameIndex, text: str, start: int, lengths: tuple[int, ...]
) -> list[tuple[int, int, int]]:
    """Return the longest hit that begins at one place of a text, in a list of one or none."""
    for length in lengths:
        end = start + length
        number = index.position.get(text[start:end]) if end <= len(text) else None
        if number is not None and _is_whole(text, start, end):
            return [(start, end, number)]
    return []


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether no Latin word or number is cut at either end."""
    if start and _joined(text[start - 1], text[start]):
        return False
    return end == len(text) or not _joined(text[end - 1], text[end])


def _joined(left: str, right: str) -> bool:
    """Return whether two neighbouring characters belong to one Latin word or number."""
    if left.isdigit() and right.isdigit():
        return True
    return left.isascii() and right.isascii() and left.isalpha() and right.isalpha()


def _without_stray(
    index: NameIndex, text: str, hits: list[tuple[int, int, int]]
) -> list[tuple[int, int, int]]:
    """Return hits without those short forms that stand in the middle of other words."""
    kept: list[tuple[int, int, int]] = []
    for start, end, number in hits:
        follows = bool(kept) and kept[-1][1] == start
        begins = start == 0 or text[start - 1] in BEFORE_SHORT
        if not index.is_short_form[number] or follows or begins:
            kept.append((start, end, number))
    return kept


def _is_long_enough(piece: str) -> bool:
    """Return whether a piece of text says enough to be matched loosely."""
    return len(piece) >= (SHORTEST_LATIN if is_latin(piece) else SHORTEST_HAN)
