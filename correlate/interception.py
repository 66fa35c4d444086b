"""Hold the rows of `interceptions`, the words of notices and the limits of repair.

When a notice is issued, revised and ended is decided by `correlate.notices.policy`; its whole life is kept there.

Simple so far: words are sentences with slots for area and times; a grade not known counts as that of an ordinary site.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contract.errors import InputError

GRADES = ("VIP", "A", "B", "C", "D")
DEFAULT_GRADE = "C"


@dataclass
class Interception:
    """One row of `interceptions` as issued; only `valid_until` and `end_reason` are set later."""

    interception_id: str
    incident_id: str
    fault: int
    issued_at: int
    cause: str
    object_id: str
    cells: NDArray[np.int64]
    sites: frozenset[int]
    users: float
    expected_complaints: float
    script: str
    revises: str = ""
    valid_until: int | None = None
    end_reason: str = ""
    notice_id: str = ""


@cache
def load_scripts() -> Mapping[str, Mapping[str, str]]:
    """Return what to tell a caller, by cause and language."""
    return {
        cause: {language: row[language] for language in ("zh", "en")}
        for cause, row in _script_tables().items()
        if cause != "frames"
    }


@cache
def load_short_scripts() -> Mapping[str, Mapping[str, str]]:
    """Return the words of a text message by cause and language; where no short form is given, those in full."""
    short = {cause: _script_tables()[cause] for cause in load_scripts()}
    return {
        cause: {language: row.get(f"sms_{language}", row[language]) for language in ("zh", "en")}
        for cause, row in short.items()
    }


@cache
def load_frames() -> Mapping[str, str]:
    """Return what the words of each channel and language are set in."""
    return _script_tables()["frames"]


def _script_tables() -> Mapping[str, Mapping[str, str]]:
    """Return the tables of the file of scripts."""
    rows = tomllib.loads(Path(__file__).with_name("scripts.toml").read_text(encoding="utf-8"))
    return {name: row for name, row in rows.items() if isinstance(row, dict)}


@cache
def load_repair_limits(override: Path | None = None) -> Mapping[tuple[str, str], float]:
    """Return repair limits in hours by (class, grade of site); a file of the user replaces ours.

    Raises
    ------
    InputError
        If the file lacks a column or holds something that is no number.
    """
    path = override or Path(__file__).with_name("repair.csv")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {(r["class"], g): float(r[g]) for r in csv.DictReader(file) for g in GRADES}
    except (KeyError, TypeError, ValueError) as error:
        msg = f"`sla` needs columns class and {', '.join(GRADES)} in hours; {path.name}: {error!r}."
        raise InputError(msg) from error


def repair_hours(repair_class: str, grades: list[str], *, override: Path | None = None) -> float:
    """Return the repair limit of the most important site touched, hours.

    >>> repair_hours("D3", ["C", "A"])
    4.0
    """
    limits = load_repair_limits(override)
    known = [g for g in grades if g in GRADES] or [DEFAULT_GRADE]
    lacking = [g for g in known if (repair_class, g) not in limits]
    if lacking:
        msg = f"`sla` needs a row of class {repair_class!r}; add it."
        raise InputError(msg)
    return min(limits[repair_class, g] for g in known)


def script(
    cause: str, language: str, *, area: str, since: str, eta: str, is_short: bool = False
) -> str:
    """Return the words for a caller, in full or as short as a text must be; the unknown cause has words of its own."""
    known = load_short_scripts() if is_short else load_scripts()
    words = known.get(cause) or known["unknown"]
    return words[language].format(area=area, since=since, eta=eta)
