"""Read the TOML files in which knowledge is kept, ours and a user's, and check their rows.

Terms: *knowledge* is what an engineer can dispute, such as thresholds, words and weights. A row of it says where it is
from (`source`) and whether that was looked up (`verified`).

Simple so far: a row is checked for its keys and for words out of a list; what its values mean is checked by the module
that reads it.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from contract.errors import InputError

ORIGIN = ("source", "verified")
"""What every row of knowledge says of itself."""
NUMBER = ("value", "unit", "meaning", *ORIGIN)
"""What a number that stands by itself says of itself."""


def read_knowledge(path: Path, argument: str) -> dict[str, Any]:
    """Return what a TOML file holds.

    Parameters
    ----------
    path : Path
        TOML in UTF-8, with or without byte order mark.
    argument : str
        What the file was given as, for the message: a setting or an argument.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If the file can't be read or is no TOML; it is named with the place of the fault.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"`{argument}` needs a TOML file in UTF-8; {path} can't be read: {error}."
        raise InputError(message) from error


def read_numbers(path: Path, argument: str, *, names: Collection[str]) -> dict[str, float]:
    """Return the numbers of a file that has a table for each: its value, unit, meaning and origin.

    Parameters
    ----------
    path : Path
        As of `read_knowledge`.
    argument : str
        What the file was given as, for the message.
    names : collection of str
        Those it must hold, and no others.

    Raises
    ------
    InputError
        If the file can't be read, lacks a number or holds a strange one, or one lacks a key or is no number.
    """
    rows = read_knowledge(path, argument)
    check_keys(rows, path.name, argument=argument, needed=names, known=())
    for name, row in rows.items():
        check_keys(row, f"[{name}]", argument=argument, needed=NUMBER, known=())
    return {n: number_of(r["value"], f"`{n}`", argument=argument) for n, r in rows.items()}


def check_keys(
    row: object,
    where: str,
    *,
    argument: str,
    needed: Iterable[str] = ORIGIN,
    known: Collection[str] | None = None,
) -> None:
    """Raise where a row lacks a key, or has one that nothing reads.

    Parameters
    ----------
    row : object
        A row of a file; anything but a table is refused.
    where : str
        Which row of which file, for the message.
    argument : str
        What the file was given as, for the message.
    needed : iterable of str, default `source` and `verified`
        Keys the row must have.
    known : collection of str, optional
        All keys it may have beside those needed; without it any other key is left alone.

    Raises
    ------
    InputError
        If a key is missing or unknown.

    Examples
    --------
    >>> check_keys({"source": "TS 32.450", "verified": "v"}, "[drop_rate]", argument="measures")
    """
    if not isinstance(row, Mapping):
        message = f"`{argument}` needs a table at {where}; got {row!r}. Write it as key = value."
        raise InputError(message)
    needed = tuple(needed)
    if lacking := sorted(set(needed) - set(row)):
        message = f"`{argument}` lacks {lacking} in {where}; add them."
        raise InputError(message)
    if known is not None and (strange := sorted(set(row) - {*needed, *known})):
        may = sorted({*needed, *known})
        message = f"`{argument}` has unknown keys {strange} in {where}; it may have {may}."
        raise InputError(message)


def check_choice(value: object, allowed: Collection[str], where: str, *, argument: str) -> str:
    """Return a word of a file, if it is one of those known.

    Parameters
    ----------
    value : object
    allowed : collection of str
    where : str
        Which key of which row, for the message.
    argument : str
        What the file was given as, for the message.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> check_choice("low", ("high", "low"), "`direction` of 'cqi'", argument="measures")
    'low'
    """
    if not isinstance(value, str) or value not in allowed:
        message = (
            f"`{argument}`: {where} must be one of {list(allowed)}, got {value!r}; correct it."
        )
        raise InputError(message)
    return value


def number_of(value: object, where: str, *, argument: str) -> float:
    """Return a number of a file.

    Parameters
    ----------
    value : object
    where : str
        Which key of which row, for the message.
    argument : str
        What the file was given as, for the message.

    Returns
    -------
    float
        Finite.

    Raises
    ------
    InputError
        If it is text, a truth value, not finite, or nothing.

    Examples
    --------
    >>> number_of(30, "`least` of 'drop_rate'", argument="measures")
    30.0
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not abs(float(value)) < float("inf"):  # type: ignore[arg-type]
        message = f"`{argument}`: {where} must be a number, got {value!r}; correct it."
        raise InputError(message)
    return float(value)  # type: ignore[arg-type]
