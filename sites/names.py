"""Find known names in free text, Chinese and English, and the pieces that may be misspelt names.

A *key* is a name in normal form (`sites.place_words.normal_name`), a *hit* a key found in a text.

Simple so far: a name is found only as it is written, up to case, width and simplification.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sites.place_words import PlaceWords, normal_name

# Characters after which a short form may begin; inside a word it would be chance.
BEFORE_SHORT = frozenset(" ,.;:/|\n、。到往是家在")
NUMBERED = re.compile(r"[a-z]?\d+(?:[-+.]\d+)*(?:st|nd|rd|th)?(?:号楼|[栋幢单元楼层室号组米座])?")
BREAKS = re.compile(r"[^\w]+|[_\n]+")
IN_BRACKETS = re.compile(r"[(\[{【].*?[)\]}】]")
SERIAL = re.compile(r"[\s#-]*\d+#?$")
HAN = re.compile("[一-鿿]")
TEXT_WINDOW = 24
# A segment as short as this says too little to be matched loosely.
SHORTEST_HAN, SHORTEST_LATIN = 3, 5


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
    ends = tuple(suffixes)
    if not name.endswith(ends):
        return name
    for suffix in ends:
        if not name.endswith(suffix):
            continue
        if is_latin(suffix):
            if name.endswith(" " + suffix):
                return name[: -len(suffix) - 1].rstrip(" -,")
        elif len(name) - len(suffix) >= 2:
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
    place = IN_BRACKETS.sub(" ", normal_name(name)).strip()
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
    if not place or not (place[-1].isdecimal() or place[-1] == "#"):
        return place
    shorter = SERIAL.sub("", place)
    return shorter if len(shorter) >= 2 else place


def is_latin(text: str) -> bool:
    """Return whether a text is written in Latin letters, without any Chinese character."""
    return text.isascii() or HAN.search(text) is None


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
