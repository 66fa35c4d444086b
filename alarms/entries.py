"""Hold the rows of the alarm catalogue: meanings, and the names and codes that carry them.

Simple so far: a row of the user that names an object holds for that very object and what is
mounted on it, not for the sites below it.
"""

import csv
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alarms.words import Words, plain_text, vendor_name
from contract.causes import CAUSES
from contract.errors import InputError

UNKNOWN = "unknown"
EFFECTS = ("none", "threat", "degraded", "down")
EXTENTS = ("trx", "cell", "sector", "site", "node", "area")
DETAIL_USES = ("ignore", "keep", "take", "cap")
# What another system has concluded from alarms that are in the list as well: their keys begin so.
DERIVED = "derived_"
_COLUMNS = ("vendor", "code", "name", "meaning")
_MOST_SHOWN = 20
_SUFFIXES = ("告警", " alarm", " alarms")


@dataclass(frozen=True)
class Meaning:
    """What an alarm can mean.

    Attributes
    ----------
    meaning, zh, en
        Key and names.
    service_effect
        One of `EFFECTS`.
    extent
        One of `EXTENTS`.
    filter_delay_s
        Seconds the equipment waits before it raises the alarm.
    causes
        Chance of each cause; what is missing to 1 is the chance that nobody feels anything.
    detail
        What the supplementary text may do, one of `DETAIL_USES`.
    source, verified
        Where it is from; v or u.
    """

    meaning: str
    zh: str
    en: str
    service_effect: str
    extent: str
    filter_delay_s: float
    causes: Mapping[str, float]
    source: str
    verified: str
    detail: str = "ignore"


@dataclass(frozen=True)
class Entry:
    """A row of the catalogue: an alarm of a vendor and its meaning.

    Attributes
    ----------
    rule_id
        `CAT-` or `USER-` and the row number.
    vendor, code, name
        Empty where any will do.
    meaning
        Key of a `Meaning`.
    object_id
        The object the row holds for; empty where it holds for all.
    """

    rule_id: str
    vendor: str
    code: str
    name: str
    meaning: str
    object_id: str = ""


@dataclass(frozen=True)
class EntryIndex:
    """Rows of a catalogue by name and by code.

    Attributes
    ----------
    by_name, by_code
        Keys are (vendor, name) and (vendor, code). Vendor "" stands for any: it is there for
        rows without a vendor, and where all vendors with that name or code mean the same.
    """

    by_name: Mapping[tuple[str, str], Entry]
    by_code: Mapping[tuple[str, str], Entry]

    @classmethod
    def of(cls, entries: tuple[Entry, ...]) -> "EntryIndex":
        """Return the index of rows; a row with both code and name is found by either."""
        named = [(entry.name, entry) for entry in entries if entry.name]
        coded = [(entry.code, entry) for entry in entries if entry.code]
        return cls(_by_key(named), _by_key(coded))

    def find(self, vendor: str, *, name: str = "", code: str = "") -> Entry | None:
        """Return the row for a name or a code of a vendor, or None."""
        table, key = (self.by_name, name) if name else (self.by_code, code)
        return (table.get((vendor, key)) or table.get(("", key))) if key else None


def load_meanings(path: Path) -> dict[str, Meaning]:
    """Read and check the meanings.

    Parameters
    ----------
    path : Path
        A TOML file in the form of `meanings.toml`.

    Returns
    -------
    dict of str to Meaning

    Raises
    ------
    InputError
        If a meaning is not of the form it must have.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    meanings = {key: Meaning(meaning=key, **row) for key, row in content.items()}
    for meaning in meanings.values():
        _check_meaning(meaning)
    if UNKNOWN not in meanings:
        msg = f"`meanings` must have {UNKNOWN!r}; {path.name} has {sorted(meanings)}. Add it."
        raise InputError(msg)
    return meanings


def load_entries(
    path: Path,
    prefix: str,
    meanings: Mapping[str, Meaning],
    *,
    words: Words,
    sources: set[str] | None = None,
) -> tuple[Entry, ...]:
    """Read and check the rows of a catalogue file.

    Parameters
    ----------
    path : Path
        A CSV, UTF-8 or GB18030, with the columns `vendor`, `code`, `name`, `meaning`, and perhaps
        `object` (an object id). Ours also has `source`, `verified` (the name is: v, u, empty where
        there is none) and `code_verified` (the same for the code).
    prefix : str
        Start of the rule ids.
    meanings : mapping of str to Meaning
        Those a row may name.
    words : Words
        For the spellings of vendors.
    sources : set of str, optional
        Those a row may name; without it `source`, `verified` and `code_verified` are not looked at.

    Returns
    -------
    tuple of Entry

    Raises
    ------
    InputError
        If the file is not readable, columns are missing, or rows cannot be used; the first 20 are
        named, the rest counted.
    """
    rows = _rows(path)
    problems = [
        f"row {number}: {problem}"
        for number, row in enumerate(rows, start=2)
        for problem in _row_problems(row, meanings, sources)
    ]
    entries = tuple(
        Entry(
            rule_id=f"{prefix}-{number}",
            vendor=vendor_name(row["vendor"], words),
            code=code_key(row["code"]),
            name=name_key(row["name"]),
            meaning=row["meaning"],
            object_id=row.get("object", ""),
        )
        for number, row in enumerate(rows, start=2)
    )
    problems += _contradictions(entries)
    if problems:
        shown, more = problems[:_MOST_SHOWN], len(problems) - _MOST_SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        msg = f"`override` {path.name} has rows that cannot be used: {'; '.join(shown)}{rest}."
        raise InputError(msg)
    return entries


def _rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV, blanks cut off and nothing missing."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            with path.open(encoding=encoding, newline="") as stream:
                reader = csv.DictReader(stream, restkey="")
                names = [name.strip() for name in reader.fieldnames or ()]
                reader.fieldnames = names
                rows = list(reader)
            break
        except UnicodeDecodeError:
            continue
    else:
        msg = f"`override` must be a CSV in UTF-8 or GB18030; {path.name} is neither. Save it anew."
        raise InputError(msg)
    missing = sorted(set(_COLUMNS) - set(names))
    if missing:
        msg = f"`override` lacks columns {missing}; it has {names}. Add them."
        raise InputError(msg)
    return [{name: (row[name] or "").strip() for name in names} for row in rows]


def _contradictions(entries: tuple[Entry, ...]) -> list[str]:
    """Return the rows that give what an earlier row names another meaning."""
    earlier: dict[tuple[str, str, str, str], Entry] = {}
    problems = []
    for entry in entries:
        key = (entry.object_id, entry.vendor, entry.code, entry.name)
        first = earlier.setdefault(key, entry)
        if first.meaning != entry.meaning:
            row, other = (one.rule_id.rpartition("-")[2] for one in (entry, first))
            problems.append(
                f"row {row}: says {entry.meaning!r} of what row {other} says {first.meaning!r}"
            )
    return problems


def name_key(name: str) -> str:
    """Return a name as the catalogue compares it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        As `plain_text`, without a closing word for "alarm".

    Examples
    --------
    >>> name_key("License试运行告警")
    'license 试运行'
    """
    key = plain_text(name)
    for suffix in _SUFFIXES:
        key = key.removesuffix(suffix)
    return key.strip()


def code_key(code: str) -> str:
    """Return a code as the catalogue compares it.

    Parameters
    ----------
    code : str
        For example "ALM-25622" or "25622.0".

    Returns
    -------
    str

    Examples
    --------
    >>> code_key("ALM-25622"), code_key("25622.0")
    ('25622', '25622')
    """
    bare = code.strip().lower().removeprefix("alm").lstrip("-_# ").removesuffix(".0")
    return bare.lstrip("0") or bare


def _by_key(pairs: list[tuple[str, Entry]]) -> dict[tuple[str, str], Entry]:
    """Return rows by vendor and key, and by key alone where all vendors mean the same."""
    table: dict[tuple[str, str], Entry] = {}
    meanings: dict[str, set[str]] = {}
    for key, entry in pairs:
        table.setdefault((entry.vendor, key), entry)
        meanings.setdefault(key, set()).add(entry.meaning)
    for key, entry in pairs:
        if len(meanings[key]) == 1:
            table.setdefault(("", key), entry)
    return table


def _check_meaning(meaning: Meaning) -> None:
    """Raise where a meaning is not of the form it must have."""
    allowed = (
        ("service_effect", meaning.service_effect, EFFECTS),
        ("extent", meaning.extent, EXTENTS),
        ("detail", meaning.detail, DETAIL_USES),
        ("verified", meaning.verified, ("v", "u")),
    )
    for column, value, values in allowed:
        if value not in values:
            msg = (
                f"`{column}` of meaning {meaning.meaning} must be one of {values}; it is {value!r}."
            )
            raise InputError(msg)
    strangers = sorted(set(meaning.causes) - set(CAUSES))
    total = sum(meaning.causes.values())
    if strangers or total > 1 or min(meaning.causes.values(), default=0.0) < 0:
        msg = (
            f"`causes` of meaning {meaning.meaning} must be causes of the contract with chances "
            f"of at most 1 in sum; unknown are {strangers}, the sum is {total:.2f}."
        )
        raise InputError(msg)


def _row_problems(
    row: Mapping[str, str], meanings: Mapping[str, Meaning], sources: set[str] | None
) -> list[str]:
    """Return what is wrong with a row of a catalogue file."""
    problems = []
    if row["meaning"] not in meanings:
        near = difflib.get_close_matches(row["meaning"], meanings, n=3, cutoff=0.3)
        perhaps = f" (perhaps {', '.join(near)})" if near else ""
        problems.append(f"`meaning` {row['meaning']!r} must be one of meanings.toml{perhaps}")
    if not (row["code"] or row["name"]):
        problems.append("`code` or `name` must be given")
    if sources is not None and row["source"] not in sources:
        problems.append(f"`source` {row['source']!r} must stand in sources.csv")
    for flag, told in (("verified", "name"), ("code_verified", "code")):
        allowed = ("v", "u") if row[told] else ("",)
        if sources is not None and row.get(flag, "") not in allowed:
            problems.append(f"`{flag}` must be one of {allowed}, not {row.get(flag, '')!r}")
    return problems
