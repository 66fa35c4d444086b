"""Read parameter changes and planned works into families.

A change is evidence only beside trouble that began with it; a window of work is a fault of its own while it lasts.

Simple so far: the family is read from the parameter's name alone, not from the values.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

CATALOGUE = Path(__file__).with_name("changes.toml")


@dataclass(frozen=True)
class ChangeFamily:
    """A family of changes: how its parameters are named, and what it does to service."""

    name: str
    pattern: re.Pattern[str]
    is_work: bool
    service: float


def load_families() -> tuple[ChangeFamily, ...]:
    """Return the families of change, the first that matches counts."""
    rows = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["family"]
    return tuple(
        ChangeFamily(
            r["name"],
            re.compile("|".join(r["patterns"]), re.IGNORECASE),
            bool(r["is_work"]),
            float(r.get("service", 0.0)),
        )
        for r in rows
    )


def change_families(changes: pd.DataFrame, families: tuple[ChangeFamily, ...]) -> pd.DataFrame:
    """Return family, work and service of each change, index of `changes`.

    A change with an end (`until`) whose parameter no family knows counts as work.

    Parameters
    ----------
    changes : DataFrame
        The contract's table `changes`: needs `parameter` and `until`.

    Returns
    -------
    DataFrame
        `family` (text, "other" if none), `is_work` (bool), `service` (0-1, chance that service stops).
    """
    by_name = {p: _family(str(p), families) for p in changes["parameter"].dropna().unique()}
    found = changes["parameter"].map(by_name)
    has_end = changes["until"].notna().to_numpy()
    rows = [
        (f.name, f.is_work, f.service)
        if isinstance(f, ChangeFamily)
        else (("work", True, 0.3) if end else ("other", False, 0.0))
        for f, end in zip(found, has_end, strict=True)
    ]
    out = pd.DataFrame(rows, columns=["family", "is_work", "service"], index=changes.index)
    out["is_work"] = out["is_work"].astype(bool) & has_end
    return out


def _family(parameter: str, families: tuple[ChangeFamily, ...]) -> ChangeFamily | None:
    """Return the first family whose pattern is found in the name."""
    return next((f for f in families if f.pattern.search(parameter)), None)
