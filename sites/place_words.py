"""Read the words that say something about a place without being its name.

They are data: ``place_words.toml`` beside this module, or a file of the user in the same form.

Simple so far: the usual radius of a kind of place is one figure, whatever the country.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contract.errors import InputError
from contract.knowledge_files import read_knowledge

WORDS_FILE = Path(__file__).with_name("place_words.toml")
CHARACTERS_FILE = Path(__file__).with_name("characters.toml")
ROLES = (
    "site_suffix",
    "town_suffix",
    "county_suffix",
    "village_suffix",
    "seat",
    "wide",
    "beside",
    "vague",
    "introduction",
    "away",
)
KINDS = ("county", "seat", "town", "village", "poi", "site")

BLANKS = re.compile(r"[^\S\n]+")


@dataclass(frozen=True)
class PlaceWords:
    """Words about places, by role, in normal form, and the usual radius of each kind of place."""

    words: Mapping[str, tuple[str, ...]]
    patterns: Mapping[str, re.Pattern[str]]
    radius_m: Mapping[str, float]


def load_place_words(path: Path | None = None) -> PlaceWords:
    """Return the words about places from a TOML file of the form of ``place_words.toml``.

    Parameters
    ----------
    path : Path, optional
        The user's own file; the one beside this module by default.

    Returns
    -------
    PlaceWords

    Raises
    ------
    InputError
        If the file cannot be read, or a role, a radius, a `source` or `verified` is missing.

    Examples
    --------
    >>> "downtown" in load_place_words().words["seat"]
    True
    """
    source = path or WORDS_FILE
    raw = read_knowledge(source, "place words")
    rows, radii = _checked(raw, source)
    words = {
        row["role"]: tuple(sorted({normal_name(w) for w in row["words"]}, key=_longest_first))
        for row in rows
    }
    radius = {row["kind"]: float(row["radius_m"]) for row in radii}
    return PlaceWords(words, {role: _word_pattern(words[role]) for role in words}, radius)


def normal_name(text: str) -> str:
    """Return a name or text in normal form: narrow, lower case, simplified, single blanks.

    Examples
    --------
    >>> normal_name("雙龍鄉")
    '双龙乡'
    >>> normal_name("Ｌangworth   COURT ")
    'langworth court'
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    if not (folded.isascii() or _simplified().keys().isdisjoint(map(ord, folded))):
        folded = folded.translate(_simplified())
    return BLANKS.sub(" ", folded).strip()


@cache
def _simplified() -> Mapping[int, int]:
    """Return the simplified character of each traditional one, by code point."""
    table = read_knowledge(CHARACTERS_FILE, "characters")
    return {ord(a): ord(b) for a, b in zip(table["traditional"], table["simplified"], strict=True)}


def _longest_first(word: str) -> tuple[int, str]:
    """Return a sorting key that puts long words before short ones."""
    return -len(word), word


def _word_pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of words, Latin ones only as whole words."""
    parts = (
        rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" if word[0].isascii() else re.escape(word)
        for word in words
    )
    return re.compile("|".join(parts) or r"(?!)")


def _checked(
    raw: Mapping[str, Any], source: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of a word file, or say what is wrong with it."""
    rows, radii = raw.get("words", []), raw.get("radii", [])
    roles = {row.get("role") for row in rows}
    kinds = {row.get("kind") for row in radii}
    absent = sorted((set(ROLES) - roles) | (set(KINDS) - kinds))
    if absent:
        message = f"`{source}` needs all roles and radii; it lacks {absent}. Add these rows."
        raise InputError(message)
    for row in [*rows, *radii]:
        if not {"source", "verified"} <= set(row):
            name = row.get("role") or row.get("kind")
            message = (
                f"`{source}` needs `source` and `verified` in each row; `{name}` has not both."
            )
            raise InputError(message)
    return rows, radii
