"""Match misspelt pieces of text with known names: dropped or wrong letters, homophones, short forms.

Names that share pairs of sounds with a piece are its candidates; each is then compared in writing
and in sound, as a whole and in the head that tells names apart.

Simple so far: what a slip of the pen costs does not depend on which letters look alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csr_matrix

from sites.names import SHORTEST_HAN, NameIndex, is_latin
from sites.sounds import Sounds, abbreviated, sound_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CUTOFF_HAN, CUTOFF_SHORT, CUTOFF_LATIN = 66.0, 88.0, 88.0
# A wrong character is a larger part of a Chinese name than a wrong letter of a Latin one.
HAN_RELIEF = 0.5
# The same sound is a little less than the same writing; part of a sound is not enough.
SOUND_TRUST = 0.95
WHOLE_SOUND = 99.0
LEAST_HEARD, LEAST_LETTERS_ALIKE = 66.0, 65.0
KEEP_WITHIN = 9.0
MOST_FUZZY = 6

MOST_CANDIDATES = 24
# Candidates that share less than this part of what the best one shares are not compared.
LEAST_SHARED = 0.35
PIECES_AT_ONCE = 1000
# A pair of sounds in more than this share of the names, and in many, tells nothing.
COMMON_SHARE, COMMON_COUNT = 0.1, 200
CODE_BITS = 21


@dataclass(frozen=True)
class LooseIndex:
    """Names prepared for :func:`fuzzy_hits`.

    Attributes
    ----------
    key : array of int, shape (N,)
        Position of each name in the index of names.
    names, sounds, heads, head_sounds : lists of str, length N
        Each name abbreviated and as it sounds, whole and its head.
    pairs : array of int, shape (columns,)
        The pairs of sounds or letters that tell, as numbers, in ascending order.
    shared : csr_matrix, shape (columns, N)
        The square of how much each pair tells, where a name has it.
    spoken : Sounds
    """

    key: Ints
    names: Sequence[str]
    sounds: Sequence[str]
    heads: Sequence[str]
    head_sounds: Sequence[str]
    pairs: Ints
    shared: Any
    spoken: Sounds


def build_loose_index(index: NameIndex, allowed: Iterable[int], sounds: Sounds) -> LooseIndex:
    """Return names prepared for loose matching.

    Parameters
    ----------
    index : NameIndex
    allowed : iterable of int
        Positions of the keys that a misspelt piece may mean.
    sounds : Sounds

    Returns
    -------
    LooseIndex
    """
    key = np.array([n for n in allowed if len(index.keys[n]) >= SHORTEST_HAN], dtype=np.int64)
    written = [index.keys[number] for number in key]
    names = [abbreviated(name, sounds) for name in written]
    spoken = [sound_of(name, sounds) for name in written]
    heads = [_head(name) for name in names]
    name, pair = _pairs(names, spoken)
    pairs, column = np.unique(pair, return_inverse=True)
    matrix = _incidence(name, column, (len(key), len(pairs)))
    told = matrix.getnnz(axis=0) <= max(COMMON_COUNT, COMMON_SHARE * len(key))
    pairs, matrix = pairs[told], matrix[:, told]
    telling = np.log1p(len(key) / np.maximum(np.asarray(matrix.sum(axis=0)).ravel(), 1.0))
    shared = matrix.multiply(telling**2).T.tocsr()
    return LooseIndex(
        key, names, spoken, heads, [sound_of(h, sounds) for h in heads], pairs, shared, sounds
    )


def fuzzy_hits(loose: LooseIndex, pieces: Sequence[str]) -> pd.DataFrame:
    """Return the keys that misspelt pieces of text may have meant.

    Parameters
    ----------
    loose : LooseIndex
    pieces : sequence of str
        Distinct, in normal form.

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
    found = [
        _hits_of(loose, pieces[start : start + PIECES_AT_ONCE], start)
        for start in range(0, len(pieces) if len(loose.key) else 0, PIECES_AT_ONCE)
    ]
    if not found:
        return pd.DataFrame({"piece": [], "key": [], "score": []}).astype(
            {"piece": int, "key": int, "score": float}
        )
    return pd.concat(found, ignore_index=True)


def _hits_of(loose: LooseIndex, pieces: Sequence[str], first: int) -> pd.DataFrame:
    """Return the hits of some pieces, the first of which has the number `first`."""
    spoken = [sound_of(piece, loose.spoken) for piece in pieces]
    short = [abbreviated(text, loose.spoken) for text in pieces]
    piece, name = _candidates(loose, short, spoken)
    score = _likeness(loose, short, spoken, piece=piece, name=name)
    best = np.zeros(len(pieces))
    np.maximum.at(best, piece, score)
    cutoff = np.array([_cutoff(text) for text in pieces])
    kept = (score >= cutoff[piece]) & (score >= best[piece] - KEEP_WITHIN)
    count = np.bincount(piece[kept], minlength=len(pieces))
    kept &= count[piece] <= MOST_FUZZY
    is_han = np.array([not is_latin(text) for text in pieces], dtype=bool)[piece]
    score = np.where(is_han, 100.0 - HAN_RELIEF * (100.0 - score), score)
    return pd.DataFrame(
        {"piece": piece[kept] + first, "key": loose.key[name[kept]], "score": score[kept]}
    )


def _candidates(
    loose: LooseIndex, short: Sequence[str], spoken: Sequence[str]
) -> tuple[Ints, Ints]:
    """Return pieces and the names that share most with each."""
    piece, pair = _pairs(short, spoken)
    column = np.searchsorted(loose.pairs, pair)
    known = np.append(loose.pairs, -1)[column] == pair
    shape = (len(spoken), len(loose.pairs))
    overlap = (_incidence(piece[known], column[known], shape) @ loose.shared).tocsr()
    piece = np.repeat(np.arange(len(spoken)), np.diff(overlap.indptr))
    best = np.zeros(len(spoken))
    np.maximum.at(best, piece, overlap.data)
    near = overlap.data >= LEAST_SHARED * best[piece]
    piece, name, shared = piece[near], overlap.indices[near].astype(np.int64), overlap.data[near]
    order = np.lexsort((name, -shared, piece))
    place = np.arange(len(order)) - np.searchsorted(piece[order], piece[order], side="left")
    order = order[place < MOST_CANDIDATES]
    return piece[order], name[order]


def _likeness(
    loose: LooseIndex, pieces: Sequence[str], spoken: Sequence[str], *, piece: Ints, name: Ints
) -> Floats:
    """Return how alike pieces and names are, whole and in the head that tells names apart."""
    said, names = _taken(pieces, piece), _taken(loose.names, name)
    sound, sounds = _taken(spoken, piece), _taken(loose.sounds, name)
    letters = _pairwise(said, names, fuzz.ratio)
    alike = np.maximum(_pairwise(said, names, fuzz.partial_ratio), letters)
    head = _pairwise(said, _taken(loose.heads, name), fuzz.partial_ratio)
    is_latin_piece = np.array([is_latin(text) for text in pieces], dtype=bool)[piece]
    part = _pairwise(sound, sounds, fuzz.partial_ratio)
    part = np.where((part >= WHOLE_SOUND) & ~is_latin_piece, part, 0.0)
    heard = np.maximum(part, _pairwise(sound, sounds, fuzz.ratio))
    heard_head = _pairwise(sound, _taken(loose.head_sounds, name), fuzz.partial_ratio)
    is_heard = (heard >= LEAST_HEARD) & (~is_latin_piece | (letters >= LEAST_LETTERS_ALIKE))
    trust = np.where(is_heard, SOUND_TRUST, 0.0)
    covered = _coverage(said, names)
    written = alike * covered + head
    return np.asarray(0.5 * np.maximum(written, trust * (heard * covered + heard_head)))


def _pairwise(left: Sequence[str], right: Sequence[str], scorer: Any) -> Floats:
    """Return the likeness of texts in pairs."""
    return np.asarray(process.cpdist(left, right, scorer=scorer), dtype=np.float64)


def _taken(texts: Sequence[str], which: Ints) -> list[str]:
    """Return some texts by position."""
    return [texts[number] for number in which.tolist()]


def _pairs(written: Sequence[str], sounds: Sequence[str]) -> tuple[Ints, Ints]:
    """Return text and pair for what texts are found by: neighbouring sounds, and over one between.

    A pair is a number: both code points, and whether one stands between them.
    """
    joined = [
        "".join((w if is_latin(w) else s).split()) for w, s in zip(written, sounds, strict=True)
    ]
    letter = np.frombuffer("".join(joined).encode("utf-32-le"), dtype="<u4").astype(np.int64)
    text = np.repeat(
        np.arange(len(joined)), np.array([len(each) for each in joined], dtype=np.int64)
    )
    found = []
    for step in (1, 2):
        is_one = text[step:] == text[:-step]
        pair = (letter[:-step] << CODE_BITS | letter[step:]) << 1 | (step - 1)
        found.append((text[step:][is_one], pair[is_one]))
    return np.concatenate([found[0][0], found[1][0]]), np.concatenate([found[0][1], found[1][1]])


def _incidence(text: Ints, column: Ints, shape: tuple[int, int]) -> Any:
    """Return a matrix of texts and pairs, 1 where a text has a pair."""
    matrix = csr_matrix((np.ones(len(text)), (text, column)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


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


def _coverage(pieces: Sequence[str], keys: Sequence[str]) -> Floats:
    """Return the factor by which a piece much shorter than the key, or longer, is trusted less."""
    a = np.array([len(piece) for piece in pieces], dtype=float)
    b = np.maximum(np.array([len(key) for key in keys], dtype=float), 1.0)
    shorter, longer = np.minimum(a, b), np.maximum(np.maximum(a, b), 1.0)
    return np.asarray(np.where(a < b, 0.7 + 0.3 * shorter / longer, 0.85 + 0.15 * shorter / longer))
