"""Issue the notices that reach callers before they call: when, for which cells, with which words, until when.

A notice is issued once the complaints expected before repair make it worth its while, revised when its cause or its
sites change, ended `AFTER_CLEAR` after the fault clears, withdrawn when the fault proves mistaken.

Simple so far: worth is one threshold of expected complaints; no approval; one script for agent, IVR and SMS.
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

AFTER_CLEAR_S = 30 * 60
REVISE_AFTER_S = 30 * 60
GRADES = ("VIP", "A", "B", "C", "D")
DEFAULT_GRADE = "C"


@dataclass
class Notice:
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


@cache
def load_scripts() -> Mapping[str, Mapping[str, str]]:
    """Return what to tell a caller, by cause and language."""
    rows = tomllib.loads(Path(__file__).with_name("scripts.toml").read_text(encoding="utf-8"))
    return {cause: row for cause, row in rows.items() if isinstance(row, dict)}


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


def script(cause: str, language: str, *, area: str, since: str, eta: str) -> str:
    """Return the words for a caller; the cause unknown has words of its own."""
    words = load_scripts().get(cause) or load_scripts()["unknown"]
    return words[language].format(area=area, since=since, eta=eta)


def expected_complaints(users: float, per_user_hour: float, hours: float) -> float:
    """Return the complaints to come while a fault lasts: one in twenty of the users complains at most.

    References
    ----------
    .. [1] Operators' domain notes 6.2: complaints saturate at 5 % of the users affected.

    Examples
    --------
    >>> round(expected_complaints(1000, 4e-4, 4), 2)
    1.57
    """
    most = 0.05 * users
    return float(most * -np.expm1(-users * per_user_hour * hours / most)) if most > 0 else 0.0
