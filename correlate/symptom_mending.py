"""Mend badly typed complaint texts: letters astray, characters of the same sound, pinyin amid characters.

A word that is no known word becomes the known one it is nearest to; characters that sound like a
known word of complaints become that word. It is for texts that say nothing as they stand, so that
a right text is never spoilt. Simple so far: one slip to a word, and words mended without regard to
what they are about.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from correlate.lexicon import Lexicon, View
from sites.sounds import Sounds, load_sounds

__all__ = ["mended"]

LEAST_LETTERS = 4
"""Shortest English word that is mended; of so short a one only letters that changed places."""
TWO_SLIPS = 8
"""Letters from which two slips are mended (start value)."""
FAR = 9
"""Slips between words that are not compared."""
PARTED_FROM = 7
"""Letters from which a word may be two run together."""
_WORD = re.compile(r"[a-z]{4,}")
_ANY_WORD = re.compile(r"[a-z]{2,}")
_LATIN = re.compile(r"[a-z]")


def mended(views: Sequence[View], lexicon: Lexicon) -> list[View]:
    """Return the views with badly typed words mended.

    English: one slip (a letter missing, added, wrong or two that changed places), two from eight
    letters on, with the first letter taken as right and one nearest word; and a blank left out or
    put a letter too early or late. Chinese: two characters that changed places, and a run of
    characters that sounds like a word of the lexicon's vocabulary, near homophones included, or is
    written in pinyin in part.

    Parameters
    ----------
    views : sequence of View
        From `lexicon.view_of`.
    lexicon : Lexicon
        Its vocabulary and the words of its phrases are what is mended to.

    Returns
    -------
    list of View
        In the order of `views`; equal where there was nothing to mend.

    Examples
    --------
    >>> from correlate.lexicon import default_lexicon, view_of
    >>> known = default_lexicon()
    >>> [mended([view_of(text, known)], known)[0].en for text in ("sginal intrenet", "no signal")]
    [' signal internet ,', ' no signal ,']
    >>> mended([view_of("connected bu tnothing, notsent", known)], known)[0].en
    ' connected but nothing , not sent ,'
    >>> mended([view_of("手机新号差,xin号", known)], known)[0].zh
    '手机信号差,信号'
    """
    if not views:
        return []
    known = _known_words(lexicon.phrases, lexicon.vocabulary["en"])
    spaced = [_respaced(view.en, frozenset(known)) for view in views]
    mends = _mends(spaced, known)
    words = lexicon.vocabulary["zh"]
    return [
        replace(
            view,
            zh=_by_sound(_swapped_back(_from_pinyin(view.zh, words), words), words),
            en=_WORD.sub(lambda match: mends.get(match[0], match[0]), text),
        )
        for view, text in zip(views, spaced, strict=True)
    ]


@cache
def _known_words(
    phrases: tuple[tuple[str, str], ...], vocabulary: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the English words that are right as they stand."""
    said = {word for _, phrase in phrases for word in _ANY_WORD.findall(phrase.lower())}
    return tuple(sorted(said | set(vocabulary)))


def _mends(texts: Sequence[str], known: tuple[str, ...]) -> dict[str, str]:
    """Return the known word that each unknown word of the texts stands for, where there is one."""
    unknown = sorted({word for text in texts for word in _WORD.findall(text)} - set(known))
    if not unknown:
        return {}
    slips = cdist(unknown, known, scorer=OSA.distance, score_cutoff=2)
    starts = np.array([word[0] for word in known])
    same_start = np.array([word[0] for word in unknown])[:, None] == starts
    turned = np.array([word[1] + word[0] for word in unknown])[:, None] == np.array(
        [word[:2] for word in known]
    )
    is_near = same_start | (turned & (slips == 1))
    is_short = np.array([len(word) == LEAST_LETTERS for word in unknown])[:, None]
    is_near &= ~is_short | (_letters(unknown)[:, None] == _letters(known))
    slips = np.where(is_near, slips, FAR)
    best = slips.min(axis=1)
    alone = (slips == best[:, None]).sum(axis=1) == 1
    nearest = [known[column] for column in slips.argmin(axis=1)]
    return {
        word: to
        for word, to, count, is_alone in zip(unknown, nearest, best, alone, strict=True)
        if is_alone and _is_slip(word, int(count))
    }


def _is_slip(word: str, slips: int) -> bool:
    """Return whether a word is so near another that it is taken for it."""
    return slips <= (2 if len(word) >= TWO_SLIPS else 1)


def _letters(words: Sequence[str]) -> NDArray[np.str_]:
    """Return the letters of each word in the order of the alphabet."""
    return np.array(["".join(sorted(word)) for word in words])


def _respaced(text: str, known: frozenset[str]) -> str:
    """Put blanks right between unknown words that become known ones by it."""
    words = text.split()
    for at, (left, right) in enumerate(pairwise(words)):
        if left in known and right in known:
            continue
        for first, second in ((left + right[:1], right[1:]), (left[:-1], left[-1:] + right)):
            if first in known and second in known:
                words[at : at + 2] = [first, second]
                break
    return f" {' '.join(_parted(word, known) for word in words)}" if words else ""


def _parted(word: str, known: frozenset[str]) -> str:
    """Return an unknown word as the two known ones it is run together from, if it is."""
    if len(word) < PARTED_FROM or word in known:
        return word
    cuts = (at for at in range(len(word) - 3, 2, -1) if {word[:at], word[at:]} <= known)
    at = next(cuts, 0)
    return f"{word[:at]} {word[at:]}" if at else word


def _swapped_back(text: str, words: tuple[str, ...]) -> str:
    """Return a text with characters that changed places in a word put back."""
    for wrong, word in _swaps(words):
        text = text.replace(wrong, word)
    return text


@cache
def _swaps(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the words of three characters and more as written with two characters exchanged."""
    return tuple(
        (word[:at] + word[at + 1] + word[at] + word[at + 2 :], word)
        for word in words
        if len(word) >= 3
        for at in range(len(word) - 1)
        if word[at] != word[at + 1]
    )


def _by_sound(text: str, words: tuple[str, ...]) -> str:
    """Write the words that a text sounds like, character for character."""
    sounds = _sounds().syllables
    spoken = text.translate(sounds)
    for word, sound in _spoken(words):
        at = spoken.find(sound)
        while at >= 0:
            if text[at : at + len(word)] not in words:
                text = text[:at] + word + text[at + len(word) :]
            at = spoken.find(sound, at + len(word))
    return text


def _from_pinyin(text: str, words: tuple[str, ...]) -> str:
    """Write in characters the words that are in pinyin, wholly or in part."""
    if not _LATIN.search(text):
        return text
    pattern, groups = _pinyin_pattern(words)
    return pattern.sub(lambda match: groups[(match.lastindex or 1) - 1], text)


@cache
def _pinyin_pattern(words: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Return a pattern of the words, each character as such or in pinyin, longest word first."""
    from pypinyin import lazy_pinyin  # Most of a second to load, so only where it is wanted.

    ordered = tuple(sorted(words, key=lambda word: (-len(word), word)))
    parts = [
        "(" + "".join(f"(?:{c}|{p})" for c, p in zip(word, lazy_pinyin(word), strict=True)) + ")"
        for word in ordered
    ]
    return re.compile(f"(?<![a-z])(?:{'|'.join(parts)})(?![a-z])"), ordered


@cache
def _spoken(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return each word with its sound, longest first; words that sound alike are left out."""
    syllables = _sounds().syllables
    ordered = sorted(words, key=lambda word: (-len(word), word))
    pairs = [(word, word.translate(syllables)) for word in ordered]
    count = Counter(sound for _, sound in pairs)
    return tuple(pair for pair in pairs if count[pair[1]] == 1)


@cache
def _sounds() -> Sounds:
    """Return how characters sound, loaded once."""
    return load_sounds()
