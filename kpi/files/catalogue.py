"""Say which counters of equipment feed which counters of ours, and how: rules kept as data.

Every `counters-*.toml` beside this module holds rules of one standard or vendor; a user's file comes before them. Of
the rules for one of our counters the first that gives a value counts, row by row.

Terms: a *term* names alternatives, `A | B`, the first with a value counts; `A.{x,y}` is the sum over what is in the
braces, `{0..15}` a range; a `?` behind a term lets it be missing from the file.

Simple so far: a rule is a sum, a difference or a ratio of sums; what needs more stays unmapped.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contract.errors import InputError
from contract.knowledge_files import check_choice, check_keys, number_of, read_knowledge
from contract.tables import TABLES

FOLDER = Path(__file__).parent
ARGUMENT = "counters"
MERGES = ("sum", "mean", "max")
RATS = ("GSM", "UMTS", "LTE", "NR")
ORDER = ("3gpp", "northbound", "ericsson", "huawei", "nokia")
"""Shipped files in the order in which their rules count."""
COLUMNS = tuple(column.name for column in TABLES["kpi"].columns[3:-1])
"""Our counters."""
_KEYS = (
    "rat", "add", "less", "over", "over_period", "scale", "inverted", "merge", "below",
    "bins", "vector", "values", "power",
)  # fmt: skip
_NOKIA = re.compile(r"^m0*(\d+)c0*(\d+)$")
_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"^(\d+)\.\.(\d+)$")


@dataclass(frozen=True)
class Term:
    """A part of a sum.

    Attributes
    ----------
    alternatives
        Each the plain names that are added up.
    is_needed
        Whether it must be in the file.
    """

    alternatives: tuple[tuple[str, ...], ...]
    is_needed: bool = True


@dataclass(frozen=True)
class CounterRule:
    """How one of our counters comes from those of the equipment.

    Attributes
    ----------
    column, rats
        Our counter, and the technologies of the cells it is for; empty = all.
    add, less, over
        Terms: (sum of `add` - sum of `less`) / sum of `over`.
    is_over_period
        Divide by the seconds of the period.
    scale
        Factor to our unit.
    is_inverted
        One less the result.
    merge
        How values of several parts of a cell become one: `sum`, `mean` or `max`.
    below
        Classes of objects below a cell whose values are added up where the cell itself has none.
    bins, vector, values, is_power
        Of a mean over bins: names of the bins in order, or the name of the list of bins; value of each; whether the
        mean is of powers given in dBm.
    source, is_verified
        Where the rule is from, and whether that was looked up.
    """

    column: str
    rats: tuple[str, ...] = ()
    add: tuple[Term, ...] = ()
    less: tuple[Term, ...] = ()
    over: tuple[Term, ...] = ()
    is_over_period: bool = False
    scale: float = 1.0
    is_inverted: bool = False
    merge: str = "sum"
    below: tuple[str, ...] = ()
    bins: tuple[str, ...] = ()
    vector: str = ""
    values: tuple[float, ...] = ()
    is_power: bool = False
    source: str = ""
    is_verified: bool = False

    @property
    def terms(self) -> tuple[Term, ...]:
        """Return all terms."""
        return (*self.add, *self.less, *self.over)

    @property
    def names(self) -> frozenset[str]:
        """Return the plain names of all counters it reads as numbers."""
        named = (name for term in self.terms for names in term.alternatives for name in names)
        return frozenset(itertools.chain(named, self.bins))


@dataclass(frozen=True)
class Catalogue:
    """The rules in the order in which they count.

    Attributes
    ----------
    rules
    scalars, vectors
        Plain names of all counters read as numbers, and as lists of bins.
    below
        Classes of objects below a cell that some rule adds up.
    """

    rules: tuple[CounterRule, ...]
    scalars: frozenset[str]
    vectors: frozenset[str]
    below: frozenset[str]


def plain_name(name: str) -> str:
    """Return a counter's name as it is compared: without case and blanks, Nokia's numbers without zeros before them.

    Examples
    --------
    >>> plain_name(" RRC.ConnEstabAtt.Sum"), plain_name("M8013C005"), plain_name("M55110C00001")
    ('rrc.connestabatt.sum', 'm8013c5', 'm55110c1')
    """
    plain = name.strip().casefold()
    found = _NOKIA.match(plain)
    return f"m{found[1]}c{found[2]}" if found else plain


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Return the shipped rules, those of a user's file before them.

    Parameters
    ----------
    path : Path, optional
        TOML file of the same form.

    Raises
    ------
    InputError
        If a file cannot be read, or a row of it is not as it should be.

    Examples
    --------
    >>> "rrc.connestabatt.sum" in load_catalogue().scalars
    True
    """
    own = () if path is None else counter_rules(read_knowledge(path, ARGUMENT), path.name)
    return _catalogue((*own, *_shipped()))


def counter_rules(held: Mapping[str, Any], name: str) -> tuple[CounterRule, ...]:
    """Return the rules that a file holds.

    Parameters
    ----------
    held : mapping
        As TOML gives it: tables `counter`.
    name : str
        Of the file, for messages.

    Raises
    ------
    InputError
        If a row lacks a key, has one that is not known, or a value that is not as it should be.
    """
    rows = held.get("counter")
    if not isinstance(rows, list) or not rows:
        msg = f"`{ARGUMENT}` needs tables [[counter]] in {name}; it has {sorted(held)}."
        raise InputError(msg)
    return tuple(_rule(row, f"{name}, counter {n}") for n, row in enumerate(rows, start=1))


@cache
def _shipped() -> tuple[CounterRule, ...]:
    """Return the rules of the shipped files."""
    paths = [FOLDER / f"counters-{name}.toml" for name in ORDER]
    return tuple(
        itertools.chain.from_iterable(
            counter_rules(read_knowledge(path, ARGUMENT), path.name) for path in paths
        )
    )


def _catalogue(rules: Iterable[CounterRule]) -> Catalogue:
    """Return rules with what they read."""
    every = tuple(rules)
    return Catalogue(
        every,
        frozenset(itertools.chain.from_iterable(rule.names for rule in every)),
        frozenset(rule.vector for rule in every if rule.vector),
        frozenset(itertools.chain.from_iterable(rule.below for rule in every)),
    )


def _rule(row: object, where: str) -> CounterRule:
    """Return the rule of a row."""
    check_keys(row, where, argument=ARGUMENT, needed=("column", "source", "verified"), known=_KEYS)
    assert isinstance(row, dict)
    column = check_choice(row["column"], COLUMNS, f"`column` in {where}", argument=ARGUMENT)
    rats = tuple(
        check_choice(rat, RATS, f"`rat` in {where}", argument=ARGUMENT)
        for rat in row.get("rat", ())
    )
    merge = check_choice(row.get("merge", "sum"), MERGES, f"`merge` in {where}", argument=ARGUMENT)
    bins, values = _bins(row, where)
    rule = CounterRule(
        column,
        rats,
        add=_terms(row, "add", where),
        less=_terms(row, "less", where),
        over=_terms(row, "over", where),
        is_over_period=row.get("over_period") is True,
        scale=number_of(row.get("scale", 1), f"`scale` in {where}", argument=ARGUMENT),
        is_inverted=row.get("inverted") is True,
        merge=merge,
        below=tuple(map(plain_name, row.get("below", ()))),
        bins=bins,
        vector=plain_name(row.get("vector", "")),
        values=values,
        is_power=row.get("power") is True,
        source=str(row["source"]),
        is_verified=row["verified"] is True,
    )
    if bool(rule.add) == bool(rule.values) or not rule.source:
        msg = f"`{ARGUMENT}` needs either `add` or bins with `values`, and a `source`, in {where}."
        raise InputError(msg)
    return rule


def _bins(row: Mapping[str, Any], where: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the names of bins, where they have some, and the value of each."""
    given = row.get("values", ())
    values = tuple(number_of(v, f"`values` in {where}", argument=ARGUMENT) for v in given)
    if bool(values) != (("bins" in row) != ("vector" in row)):
        msg = f"`{ARGUMENT}` needs `values` with either `bins` or `vector` in {where}; add one."
        raise InputError(msg)
    if "bins" not in row:
        return (), values
    names = tuple(map(plain_name, expanded(str(row["bins"]))))
    if len(names) % len(values):
        msg = f"`{ARGUMENT}` needs a value for each of {len(names)} bins in {where}; it has {len(values)}."
        raise InputError(msg)
    each = len(names) // len(values)
    return names, tuple(value for value in values for _ in range(each))


def _terms(row: Mapping[str, Any], key: str, where: str) -> tuple[Term, ...]:
    """Return the terms of a key."""
    given = row.get(key, [])
    if not isinstance(given, list) or not all(isinstance(text, str) and text for text in given):
        msg = f"`{ARGUMENT}` needs a list of texts as `{key}` in {where}; got {given!r}."
        raise InputError(msg)
    return tuple(_term(text) for text in given)


def _term(text: str) -> Term:
    """Return the term that a text stands for."""
    stripped = text.strip()
    alternatives = tuple(
        tuple(map(plain_name, expanded(part.strip())))
        for part in stripped.removesuffix("?").split("|")
    )
    return Term(alternatives, not stripped.endswith("?"))


def expanded(text: str) -> list[str]:
    """Return the names that a text with braces stands for, the first brace changing slowest.

    Examples
    --------
    >>> expanded("A.{x,y}.{1..2}"), expanded("B")
    (['A.x.1', 'A.x.2', 'A.y.1', 'A.y.2'], ['B'])
    """
    parts = _BRACES.split(text)
    choices = [[part] if n % 2 == 0 else _choices(part) for n, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def _choices(text: str) -> list[str]:
    """Return what stands in braces: a list, or a range of whole numbers."""
    found = _RANGE.match(text)
    if found:
        return [str(number) for number in range(int(found[1]), int(found[2]) + 1)]
    return [choice.strip() for choice in text.split(",")]
