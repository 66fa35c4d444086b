"""Write names as they sound, so that homophones and near homophones become equal.

A Chinese character becomes one letter for its syllable without tone; initials and finals that
speakers of many regions do not tell apart are folded. An English word keeps its consonants.

Simple so far: a character has one reading, its first in the dictionary; English vowels are left out.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sites.word_tables import read_rows

SOUNDS_FILE = Path(__file__).with_name("sounds.toml")
FIRST_LETTER = 0xE000
# Nothing of these has an accent: most names need no look at each letter.
UNACCENTED = re.compile("[\\x00-\\x7f一-鿿\\ue000-\\uf8ff]*")
TABLES = ("initials", "finals", "spellings", "abbreviations")


@dataclass(frozen=True)
class Sounds:
    """How to write names as they sound.

    Attributes
    ----------
    syllables : mapping of code point to code point
        A letter of the private use area for the syllable of each Chinese character.
    spellings : sequence of (pattern, replacement)
        Applied to English words in order.
    abbreviations : mapping of word to word
        Full words and other short forms to the one that stands for all.
    """

    syllables: Mapping[int, int]
    spellings: Sequence[tuple[re.Pattern[str], str]]
    abbreviations: Mapping[str, str]


def load_sounds(path: Path | None = None) -> Sounds:
    """Return the sounds of a TOML file of the form of ``sounds.toml``.

    Parameters
    ----------
    path : Path, optional
        The user's own file; the one beside this module by default.

    Returns
    -------
    Sounds

    Raises
    ------
    InputError
        If the file cannot be read, or a table, a `source` or `verified` is missing.
    """
    rows = read_rows(path or SOUNDS_FILE, TABLES, "sounds")
    spellings = [(re.compile(pattern), to) for pattern, to in rows["spellings"]]
    short = {word: group[0] for group in rows["abbreviations"] for word in group}
    return Sounds(_syllables(rows["initials"], rows["finals"]), spellings, short)


def sound_of(text: str, sounds: Sounds) -> str:
    """Return a normal name as it sounds: one letter a Chinese syllable, consonants of English.

    Examples
    --------
    >>> known = load_sounds()
    >>> sound_of("阳光花园", known) == sound_of("杨光花圆", known)
    True
    >>> sound_of("whitcombe", known), sound_of("wittcomb", known)
    ('wtkmb', 'wtkmb')
    """
    if not text.isascii():
        return _plain(text.translate(sounds.syllables))
    return " ".join(filter(None, (_spoken(word, sounds) for word in text.split(" "))))


def abbreviated(text: str, sounds: Sounds) -> str:
    """Return a normal name with each usual word in its one short form, apostrophes left out.

    Examples
    --------
    >>> abbreviated("saint mary's cross", load_sounds())
    'st marys x'
    """
    if not text.isascii():
        return _plain(text)
    words = re.sub(r"['.]", "", text).split(" ")
    return " ".join(sounds.abbreviations.get(word, word) for word in words if word)


def _spoken(word: str, sounds: Sounds) -> str:
    """Return the consonants of one English word, and its first vowel if it begins with one."""
    for pattern, to in sounds.spellings:
        word = pattern.sub(to, word)
    return word


def _plain(text: str) -> str:
    """Return text with accents off Latin letters."""
    if UNACCENTED.fullmatch(text):
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _syllables(
    initials: Sequence[tuple[str, str]], finals: Sequence[tuple[str, str]]
) -> dict[int, int]:
    """Return the letter of the folded syllable of each character of the pinyin dictionary."""
    # Most of a second to load, so only where sounds are wanted.
    from pypinyin.constants import PINYIN_DICT

    read: dict[str, str] = {}
    of_character: dict[int, str] = {}
    for code, readings in PINYIN_DICT.items():
        first = readings.split(",")[0]
        if first not in read:
            read[first] = _folded(_plain(first), initials, finals)
        of_character[code] = read[first]
    letters = {s: FIRST_LETTER + n for n, s in enumerate(sorted(set(of_character.values())))}
    return {code: letters[syllable] for code, syllable in of_character.items()}


def _folded(
    syllable: str, initials: Sequence[tuple[str, str]], finals: Sequence[tuple[str, str]]
) -> str:
    """Return a syllable with what is often confused folded into one."""
    for sound, to in initials:
        if syllable.startswith(sound):
            syllable = to + syllable[len(sound) :]
            break
    for sound, to in finals:
        if syllable.endswith(sound):
            return syllable[: -len(sound)] + to
    return syllable
