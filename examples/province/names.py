"""Make up names of counties, towns, villages, sites and other places.

Simple so far: two syllables a name; villages of different towns may share one, as they do.
"""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

WORDS = Path(__file__).with_name("names.toml")
Words = dict[str, Any]


def words_of(language: str) -> Words:
    """Return the syllables and words of a language.

    Examples
    --------
    >>> words_of("en")["county"]
    [' County']
    """
    table: Words = tomllib.loads(WORDS.read_text(encoding="utf-8"))[language]
    return table


def stems(words: Words, count: int, *, rng: np.random.Generator) -> list[str]:
    """Return names without ending, unlike each other while there are enough of them.

    Examples
    --------
    >>> len(set(stems(words_of("zh"), 50, rng=np.random.default_rng(1))))
    50
    """
    first, second = list(words["first"]), list(words["second"])
    size = len(first) * len(second)
    picked = np.concatenate([rng.permutation(size) for _ in range(count // size + 1)])[:count]
    names = [first[k // len(second)] + second[k % len(second)] for k in picked]
    return [name if name[0] != name[-1] else first[1] + name[-1] for name in names]


def unlike(names: list[str], form: str) -> list[str]:
    """Return names with a number where one stood before.

    Examples
    --------
    >>> unlike(["Mill", "Mill", "Fold"], "{name} No. {n}")
    ['Mill', 'Mill No. 2', 'Fold']
    """
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else form.format(name=name, n=seen[name]))
    return result
