"""Read the words that pages show, Chinese and English, from a file beside the module that uses them.

A file has groups, a group has keys, a key has a text in each language. Slots are named: `{county}`.

Simple so far: no plural forms; sentences avoid them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from contract.errors import InputError

LANGUAGES = ("zh", "en")
Words = Mapping[str, Mapping[str, str]]


@cache
def load_words(path: Path, language: str) -> Words:
    """Return the texts of a file in one language, by group and key.

    Parameters
    ----------
    path : Path
        TOML file of groups of keys, each `{ zh = "...", en = "..." }`.
    language : {"zh", "en"}

    Returns
    -------
    mapping of str to mapping of str to str

    Raises
    ------
    InputError
        If the language is unknown, or a key lacks a text in either language.
    """
    check_language(language)
    groups = tomllib.loads(path.read_text(encoding="utf-8"))
    words: dict[str, Mapping[str, str]] = {}
    for group, keys in groups.items():
        lacking = [k for k, texts in keys.items() if any(not texts.get(x) for x in LANGUAGES)]
        if lacking:
            msg = f"`{path.name}` must have zh and en for every key; [{group}] lacks one of {lacking}."
            raise InputError(msg)
        words[group] = MappingProxyType({k: str(texts[language]) for k, texts in keys.items()})
    return MappingProxyType(words)


def check_language(language: str) -> None:
    """Raise when a language is not one of ours.

    Raises
    ------
    InputError
        If `language` is neither "zh" nor "en".

    Examples
    --------
    >>> check_language("en")
    """
    if language not in LANGUAGES:
        msg = f"`language` must be 'zh' or 'en'; it is {language!r}."
        raise InputError(msg)
