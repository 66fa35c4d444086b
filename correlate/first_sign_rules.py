"""Read what comes first at a site before it is lost, and which cause that names: `first_signs.toml`.

Simple so far: the chances are estimates of engineers; they are not yet fitted to an operator's closed orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alarms.catalogue import load_catalogue
from contract.causes import CAUSES
from contract.errors import InputError
from contract.knowledge_files import check_keys, number_of, read_knowledge

CATALOGUE = Path(__file__).with_name("first_signs.toml")
NEEDED = ("causes", "otherwise", "source", "verified")
OF_ALARMS, OF_TIME = ("meanings", "before_s"), ("lasts_s",)
OPTIONAL = ("after_s", "least", "alone")


@dataclass(frozen=True)
class FirstSign:
    """One kind of first sign; durations in seconds, chances from 0 to 1. `lasts_s` is 0 but for signs of time."""

    name: str
    meanings: frozenset[str]
    before_s: int
    after_s: int
    lasts_s: int
    least: int
    is_alone: bool
    causes: Mapping[str, float]
    otherwise: float


@cache
def load_first_signs(path: Path = CATALOGUE) -> tuple[FirstSign, ...]:
    """Return the kinds of first sign.

    Raises
    ------
    InputError
        If the file can't be read, a sign lacks a key, or names a meaning or cause there is not.

    Examples
    --------
    >>> [sign.name for sign in load_first_signs() if "mains_off" in sign.meanings]
    ['mains']
    """
    rows = read_knowledge(path, "first_signs")
    return tuple(_sign(name, row, f"[{name}] of {path.name}") for name, row in rows.items())


def _sign(name: str, row: Any, where: str) -> FirstSign:
    """Return one sign of the file, checked."""
    is_of_time = isinstance(row, Mapping) and "lasts_s" in row
    needed, known = (OF_TIME, ()) if is_of_time else (OF_ALARMS, OPTIONAL)
    check_keys(row, where, argument="first_signs", needed=(*NEEDED, *needed), known=known)
    meanings = row.get("meanings", ())
    _check_words(meanings, load_catalogue().meanings, f"`meanings` in {where}")
    _check_words(row["causes"], {c.code for c in CAUSES.values()}, f"`causes` in {where}")
    chances = {c: _chance(v, f"`{c}` in {where}") for c, v in row["causes"].items()}
    seconds = {
        key: int(number_of(row.get(key, 0), f"`{key}` in {where}", argument="first_signs"))
        for key in ("before_s", "after_s", "lasts_s")
    }
    return FirstSign(
        name=name,
        meanings=frozenset(meanings),
        least=int(number_of(row.get("least", 1), f"`least` in {where}", argument="first_signs")),
        is_alone=bool(row.get("alone", False)),
        causes=chances,
        otherwise=_chance(row["otherwise"], f"`otherwise` in {where}"),
        **seconds,
    )


def _check_words(words: Any, known: Any, where: str) -> None:
    """Raise where a word is not known."""
    if strange := sorted(set(words) - set(known)):
        message = f"`first_signs`: {where} names {strange}, which there is not; correct it."
        raise InputError(message)


def _chance(value: object, where: str) -> float:
    """Return a chance of the file, between 0 and 1."""
    chance = number_of(value, where, argument="first_signs")
    if not 0.0 < chance < 1.0:
        message = f"`first_signs`: {where} must lie between 0 and 1, got {chance}; correct it."
        raise InputError(message)
    return chance
