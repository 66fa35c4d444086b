"""Tell what kind of day a day is: workday, weekend or holiday, as the country has arranged it.

Terms: a *day* is a whole number of days since 1 January 1970 in the network's own zone. A make-up day is
a Saturday or Sunday on which people work; it is a workday.

Simple so far: weekends are Saturday and Sunday in every country; the hours before a holiday, when people
travel, are days like any other.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from contract.errors import InputError

WORKDAY, WEEKEND, HOLIDAY = 0, 1, 2
KINDS: Mapping[str, int] = {"workday": WORKDAY, "weekend": WEEKEND, "holiday": HOLIDAY}
HOLIDAYS_FILE = Path(__file__).with_name("holidays.csv")
COLUMNS = ("country", "first", "last", "kind", "source", "verified")
LONGEST_DAYS = 366
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Holidays:
    """Days that are not what their weekday says, by country.

    Attributes
    ----------
    days : mapping of country to array of int, ascending
        Days since 1 January 1970.
    kinds : mapping of country to array of int8
        Kind of each of them.
    """

    days: Mapping[str, npt.NDArray[np.int64]]
    kinds: Mapping[str, npt.NDArray[np.int8]]


def day_kinds(
    days: npt.ArrayLike, country: str = "CN", *, holidays: Holidays | None = None
) -> npt.NDArray[np.int8]:
    """Return what kind of day each day is.

    Parameters
    ----------
    days : array of int [n]
        Days since 1 January 1970 in the network's zone.
    country : str, default "CN"
        Two letters of ISO 3166-1. A country of which the table has no row has weekends alone.
    holidays : Holidays, optional
        From `load_holidays`; default the table shipped.

    Returns
    -------
    array of int8 [n]
        `WORKDAY`, `WEEKEND` or `HOLIDAY`.

    Raises
    ------
    InputError
        If `country` is not two capital letters.

    Examples
    --------
    >>> labour_day, make_up_saturday = 20574, 20582  # 1 and 9 May 2026
    >>> day_kinds([labour_day, make_up_saturday, 20583]).tolist()
    [2, 0, 1]
    """
    _check_country(country)
    table = load_holidays() if holidays is None else holidays
    numbers = np.asarray(days, dtype=np.int64)
    kinds = np.where((numbers + 3) % 7 >= 5, np.int8(WEEKEND), np.int8(WORKDAY))
    named = table.days.get(country, np.empty(0, dtype=np.int64))
    if not len(named):
        return kinds
    place = np.minimum(np.searchsorted(named, numbers), len(named) - 1)
    return np.where(named[place] == numbers, table.kinds[country][place], kinds)


@cache
def load_holidays(override: Path | None = None) -> Holidays:
    """Return the table of holidays, with a user's file laid over it.

    Parameters
    ----------
    override : Path, optional
        CSV of the form of `holidays.csv`; its days replace ours, its countries are added.

    Returns
    -------
    Holidays

    Raises
    ------
    InputError
        If a file can't be read, lacks a column, or a row holds no dates, an unknown kind or no
        source. The row is named.
    """
    named = _rows(HOLIDAYS_FILE)
    if override is not None:
        named |= _rows(override)
    found: dict[str, dict[int, int]] = {}
    for (country, day), kind in sorted(named.items()):
        found.setdefault(country, {})[day] = kind
    return Holidays(
        days={name: np.array(list(row), dtype=np.int64) for name, row in found.items()},
        kinds={name: np.array(list(row.values()), dtype=np.int8) for name, row in found.items()},
    )


def _rows(path: Path) -> dict[tuple[str, int], int]:
    """Return the kind of each day that a file names."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if lacking:
                message = f"`holidays` needs columns {list(COLUMNS)}; {path.name} lacks {lacking}."
                raise InputError(message)
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"`holidays` needs a CSV file in UTF-8; {path} gave: {error}."
        raise InputError(message) from error
    named: dict[tuple[str, int], int] = {}
    for number, row in enumerate(rows, start=2):
        first, last = _span(row, f"{path.name} row {number}")
        named |= {(row["country"], day): KINDS[row["kind"]] for day in range(first, last + 1)}
    return named


def _span(row: Mapping[str, str], where: str) -> tuple[int, int]:
    """Return first and last day of a row, or say what is wrong with it."""
    _check_country(row["country"], where)
    if row["kind"] not in KINDS or not row["source"] or row["verified"] not in ("v", "u"):
        message = (
            f"`holidays` needs a kind of {list(KINDS)}, a source and v or u as verified; {where} has "
            f"{row['kind']!r}, {row['source']!r}, {row['verified']!r}. Correct it."
        )
        raise InputError(message)
    try:
        first, last = (date.fromisoformat(row[name]).toordinal() for name in ("first", "last"))
    except (TypeError, ValueError) as error:
        message = f"`holidays` needs dates as 2026-10-01; {where}: {error}. Correct it."
        raise InputError(message) from error
    if not first <= last < first + LONGEST_DAYS:
        message = f"`holidays` needs a last day on or after the first; {where} has neither a day nor a year."
        raise InputError(message)
    return first - EPOCH, last - EPOCH


def _check_country(country: str | None, where: str = "the call") -> None:
    """Raise where a country is not two capital letters."""
    if country is None or len(country) != 2 or not (country.isascii() and country.isupper()):
        message = (
            f"`country` must be two capital letters such as 'CN'; {where} has {country!r}. "
            "Use the code of ISO 3166-1."
        )
        raise InputError(message)
