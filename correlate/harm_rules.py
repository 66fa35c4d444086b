"""Read how complaints teach which episodes hurt customers: `harm.toml`.

Simple so far: one set of numbers for every network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contract.knowledge_files import check_keys, number_of, read_knowledge

CATALOGUE = Path(__file__).with_name("harm.toml")


@dataclass(frozen=True)
class HarmRules:
    """How complaints teach; units and meaning of each number stand in `harm.toml`."""

    tail: float
    spread: float
    most_shift: float
    shape: float
    loudness_spread: float
    cell_complaints: float
    hour_complaints: float
    order_trust: float
    least_complaints: float
    memory: float
    limit_complaints: float
    limit_ratio: float


@cache
def load_harm_rules(path: Path = CATALOGUE) -> HarmRules:
    """Return the rules of learning.

    Raises
    ------
    InputError
        If the file can't be read, lacks a rule or a rule lacks a key.
    """
    rows = read_knowledge(path, "harm")
    check_keys(rows, path.name, argument="harm", needed=HarmRules.__annotations__, known=())
    for name, row in rows.items():
        needed = ("value", "unit", "meaning", "source", "verified")
        check_keys(row, f"[{name}]", argument="harm", needed=needed, known=())
    values = {n: number_of(r["value"], f"`{n}`", argument="harm") for n, r in rows.items()}
    return HarmRules(**values)
