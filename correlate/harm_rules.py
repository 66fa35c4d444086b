"""Read how complaints teach which episodes hurt customers: `harm.toml`.

Simple so far: one set of numbers for every network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contract.knowledge_files import read_numbers

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
    return HarmRules(**read_numbers(path, "harm", names=HarmRules.__annotations__))
