"""Pick and fill phrases for many rows at once.

Texts are object arrays, one entry a row. A template holds `{slots}`; its rows are filled together, so the cost is one
concatenation for each distinct template. Simple so far: a phrase knows nothing of its neighbours but its slots.
"""

import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Texts = npt.NDArray[np.object_]

_FOLDER = Path(__file__).parent
_SECTIONS = (
    "format",
    "words",
    "speakers",
    "depending",
    "voices",
    "symptoms",
    "also",
    "denials",
    "group",
    "tests",
    "chance",
    "closing",
    "onset",
    "parts",
    "where",
    "address",
    "opinion",
    "category",
    "hints",
    "red_herrings",
    "second_symptoms",
    "linkers",
    "slips",
)


@dataclass(frozen=True)
class Wording:
    """The phrases of a language, as read from its file.

    Attributes
    ----------
    language : str
        `zh` or `en`.
    sections : mapping of str to mapping
        The sections of the file.
    """

    language: str
    sections: Mapping[str, Any]

    def phrases(self, section: str, name: str) -> list[str]:
        """Return the phrases `name` of a section."""
        return list(self.sections[section][name])

    def chance(self, name: str) -> float:
        """Return how often something is said, 0 to 1."""
        return float(self.sections["chance"][name])

    @property
    def has_spaces(self) -> bool:
        """Return whether words are parted by spaces."""
        return bool(self.sections["format"]["spaces"])


def load_wording(language: str) -> Wording:
    """Return the phrases of a language.

    Parameters
    ----------
    language : str
        `zh` or `en`.

    Returns
    -------
    Wording

    Raises
    ------
    ValueError
        If there is no file for the language, or it lacks a section.

    Examples
    --------
    >>> load_wording("en").phrases("closing", "hello")[0]
    'hi'
    """
    path = _FOLDER / f"wording_{language}.toml"
    if not path.is_file():
        message = f"`language` must be one of ['en', 'zh']; it is {language!r}"
        raise ValueError(message)
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    missing = [name for name in _SECTIONS if name not in sections]
    if missing:
        message = f"`{path.name}` lacks sections {missing}"
        raise ValueError(message)
    return Wording(language, sections)


def as_texts(values: Any) -> Texts:
    """Return a series or array as texts."""
    return np.asarray(values, dtype=object)


def pick(options: Sequence[str], size: int, rng: np.random.Generator) -> Texts:
    """Return `size` phrases drawn evenly from `options`.

    Examples
    --------
    >>> pick(["a"], 2, np.random.default_rng(0)).tolist()
    ['a', 'a']
    """
    return np.array(options, dtype=object)[rng.integers(len(options), size=size)]


def pick_by(options: Mapping[str, Sequence[str]], keys: Texts, rng: np.random.Generator) -> Texts:
    """Return a phrase for each row, drawn from the options of its key; empty for a key without options.

    Examples
    --------
    >>> pick_by({"x": ["a"]}, np.array(["x", "y"], dtype=object), np.random.default_rng(0)).tolist()
    ['a', '']
    """
    drawn = np.full(len(keys), "", dtype=object)
    codes, names = pd.factorize(keys, sort=True)
    for code, name in enumerate(names):
        rows = np.flatnonzero(codes == code)
        if name in options:
            drawn[rows] = pick(options[name], len(rows), rng)
    return drawn


def fill(templates: Texts, slots: Mapping[str, Texts]) -> Texts:
    """Return the templates with their `{slots}` filled from the same row.

    Raises
    ------
    KeyError
        If a template names a slot that is not given.

    Examples
    --------
    >>> fill(np.array(["in {place}"], dtype=object), {"place": np.array(["Oak"], dtype=object)})[0]
    'in Oak'
    """
    filled = np.full(len(templates), "", dtype=object)
    codes, names = pd.factorize(templates)
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    for code, template in enumerate(names):
        rows = order[bounds[code] : bounds[code + 1]]
        filled[rows] = _fill_one(template, slots, rows)
    return filled


def sometimes(
    texts: Texts, chance: float | npt.NDArray[np.float64], rng: np.random.Generator
) -> Texts:
    """Return the texts, each kept with the chance given and else empty."""
    kept = rng.random(len(texts)) < chance
    return np.where(kept, texts, "").astype(object)


def joined(first: Texts, second: Texts, *, separator: str) -> Texts:
    """Return both texts with the separator between them where neither is empty.

    Examples
    --------
    >>> joined(np.array(["a", ""], dtype=object), np.array(["b", "b"], dtype=object), separator="|").tolist()
    ['a|b', 'b']
    """
    both = (first != "") & (second != "")
    return as_texts(np.where(both, first + separator + second, first + second))


def _fill_one(template: str, slots: Mapping[str, Texts], rows: npt.NDArray[np.intp]) -> Texts:
    """Fill one template for the rows that use it."""
    text: Texts = np.full(len(rows), "", dtype=object)
    for literal, slot, _, _ in string.Formatter().parse(template):
        text = text + literal
        if slot is not None:
            text = text + slots[slot][rows]
    return text
