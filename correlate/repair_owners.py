"""Say who repairs a fault: by its cause, else by the family of the cause.

Simple so far: who repairs does not depend on the county.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from contract.causes import CAUSES
from contract.errors import InputError

OWNERS_FILE = Path(__file__).with_name("repair_owners.csv")
LANGUAGES = ("zh", "en")


@cache
def load_owners(override: Path | None = None) -> Mapping[str, tuple[str, str]]:
    """Return who repairs, in Chinese and English, by cause or family; a user's file is laid over ours.

    Raises
    ------
    InputError
        If the file lacks a column or names neither a cause nor a family.
    """
    shipped = _owners(OWNERS_FILE)
    return shipped if override is None else {**shipped, **_owners(override)}


def owner_of(cause: str, owners: Mapping[str, tuple[str, str]], language: str) -> str:
    """Return who repairs a cause: its own row, that of its family, or the shift.

    >>> owner_of("power_failure", load_owners(), "en")
    'power maintenance contractor'
    """
    family = CAUSES[cause].family if cause in CAUSES else ""
    row = owners.get(cause) or owners.get(family or "unknown") or owners["unknown"]
    return row[LANGUAGES.index(language)]


def _owners(path: Path) -> dict[str, tuple[str, str]]:
    """Return the rows of a file of owners."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = {row["of"]: (row["zh"], row["en"]) for row in csv.DictReader(file)}
    except (KeyError, OSError, UnicodeDecodeError) as error:
        msg = f"`repair_owners` needs columns of, zh and en; {path.name}: {error!r}."
        raise InputError(msg) from error
    known = {*CAUSES, *(c.family for c in CAUSES.values()), "unknown"}
    if strange := sorted(set(found) - known):
        msg = f"`repair_owners` must name causes or families; {path.name} has {strange}."
        raise InputError(msg)
    return found
