"""Know the words that stand above the columns of exports, from `headers.toml`.

Simple so far: likeness is of spelling; words that mean the same must both be in the list.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rapidfuzz.fuzz import ratio

from contract.headers import plain_header, words_of_header
from contract.tables import TABLES
from contract.word_lists import WordList

FILE = Path(__file__).with_name("headers.toml")
_DIGITS = "0123456789"
LEAST_ALIKE = 0.78
"""Below this share of common signs two words are not the same: 受理时间 and 处理时间 have 0.75."""


@dataclass(frozen=True)
class Wanted:
    """A column that an export may hold.

    Attributes
    ----------
    table, name
        Table and column of the contract; `table` is empty for a part that a recipe needs.
    words
        Words that stand above it, the best first.
    form, word_list
        What its values look like and the list of words they come from, where declared.
    """

    table: str
    name: str
    words: tuple[str, ...]
    form: str = ""
    word_list: str = ""


@dataclass(frozen=True)
class Recipe:
    """How a column is made of others where no column of an export is it."""

    table: str
    column: str
    needs: tuple[str, ...]
    expression: str = ""
    value: str = ""
    join: str | None = None
    is_sum: bool = False
    word_list: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class HeaderWords:
    """All that `headers.toml` says.

    Attributes
    ----------
    wanted
        Columns by table.
    parts
        Parts by name.
    companions
        Tables that an export of a table may hold too.
    recipes
        In order of preference.
    ignored
        Canonical words of columns that are none of the contract.
    choices
        Words of choices by column.
    known
        Every word, canonical.
    """

    wanted: Mapping[str, tuple[Wanted, ...]]
    parts: Mapping[str, Wanted]
    companions: Mapping[str, tuple[str, ...]]
    recipes: tuple[Recipe, ...]
    ignored: frozenset[str]
    choices: Mapping[str, WordList]
    known: frozenset[str]


@cache
def load_header_words() -> HeaderWords:
    """Return the words of headers.

    Raises
    ------
    ValueError
        If the file names a table or column that the contract has not.
    """
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    wanted = {
        table: tuple(_wanted(table, name, said[table][name]) for name in said[table])
        for table in TABLES
        if table in said
    }
    for table, columns in wanted.items():
        strange = {column.name for column in columns} - set(TABLES[table].column_names)
        if strange:
            msg = f"`{FILE.name}` must name columns of {table!r}; {sorted(strange)} are none."
            raise ValueError(msg)
    parts = {name: _wanted("", name, record) for name, record in said["parts"].items()}
    every = [column.words for columns in wanted.values() for column in columns]
    every += [part.words for part in parts.values()]
    ignored = frozenset(canonical(word) for word in said["ignored"]["words"])
    return HeaderWords(
        wanted=MappingProxyType(wanted),
        parts=MappingProxyType(parts),
        companions={name: tuple(record["companions"]) for name, record in said["tables"].items()},
        recipes=tuple(_recipe(record) for record in said["recipes"]),
        ignored=ignored,
        choices={name: _choices(name, record) for name, record in said["choices"].items()},
        known=frozenset(canonical(word) for words in every for word in words) | ignored,
    )


@lru_cache(maxsize=20_000)
def canonical(header: str) -> str:
    """Return a header without brackets, with one way of writing for what is written in several.

    Examples
    --------
    >>> canonical("eNB Identifier"), canonical("状态生效日期")
    ('enodebid', '状态生效时间')
    """
    parts, words = _same()
    found = "".join(words.get(word, word) for word in words_of_header(header))
    for part, same in parts.items():
        found = found.replace(part, same)
    return found or plain_header(header)


def likeness(header: str, words: Iterable[str]) -> float:
    """Return how far a header is one of some words, 0 to 1.

    Examples
    --------
    >>> likeness("投诉受理时间", ["受理时间"]) > likeness("处理时间", ["受理时间"])
    True
    >>> likeness("天线挂高(米)", ["天线挂高"]), likeness("E-mail", ["lon"])
    (0.98, 0.0)
    """
    plain, bare = plain_header(header), canonical(header)
    best = 0.0
    for word in words:
        same = canonical(word)
        if plain == _plain(word):
            return 1.0
        if bare and same in (bare, bare.rstrip(_DIGITS)):
            best = max(best, 0.98)
            continue
        best = max(best, _within(bare, same), 0.9 * _within(same, bare), _alike(bare, same))
    return round(best, 3)


def _within(header: str, word: str) -> float:
    """Return how far a header that contains a word is it: the last word of a name says what it is."""
    is_short = len(word) < (2 if not word.isascii() else 4)
    if is_short or word not in header or word == header:
        return 0.0
    share = len(word) / len(header)
    return (0.72 if header.endswith(word) else 0.55) + 0.25 * share


def _alike(header: str, word: str) -> float:
    """Return how alike two words are written, 0 where that means nothing."""
    share = ratio(header, word) / 100
    least = 2 if not word.isascii() else 3
    return 0.9 * share if share >= LEAST_ALIKE and min(len(header), len(word)) > least else 0.0


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    """Return a word as it is compared."""
    return plain_header(word)


@cache
def _same() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return parts of words, and words, with what they are taken for."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return said["same"], said["same_words"]


def _choices(name: str, record: Mapping[str, list[str]]) -> WordList:
    """Return the words of the choices of a column."""
    whole = {plain_header(word): value for value, words in record.items() for word in words}
    return WordList(name, whole, {})


def _wanted(table: str, name: str, record: Mapping[str, Any]) -> Wanted:
    """Return a column that an export may hold."""
    words = tuple(dict.fromkeys([*record["words"], name]))
    return Wanted(
        table,
        name,
        words,
        record.get("form", ""),
        record.get("list", ""),
    )


def _recipe(record: Mapping[str, Any]) -> Recipe:
    """Return a recipe."""
    return Recipe(
        table=record["table"],
        column=record["column"],
        needs=tuple(record["needs"]),
        expression=record.get("expression", ""),
        value=record.get("value", ""),
        join=record.get("join"),
        is_sum=record.get("sum", False),
        word_list=record.get("list", ""),
        doubt=record.get("doubt", ""),
    )
