"""Give the words of the live map.

Simple so far: one file beside.
"""

from __future__ import annotations

from pathlib import Path

from dashboards.wording import Words, load_words

WORDS_FILE = Path(__file__).with_name("words.toml")


def map_words(language: str) -> Words:
    """Return the words of the live map in one language.

    Raises
    ------
    InputError
        If the language is unknown.
    """
    return load_words(WORDS_FILE, language)
