"""Read how far trouble that counters alone tell of is believed: `counter_rules.toml`.

Simple so far: one set of numbers for every network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contract.knowledge_files import read_numbers

CATALOGUE = Path(__file__).with_name("counter_rules.toml")


@dataclass(frozen=True)
class CounterRules:
    """How far counters are believed; units and meaning of each number stand in `counter_rules.toml`."""

    learning_h: float
    learning_odds: float
    weather_odds: float
    weather_together_min: float
    weather_lately_h: float
    weather_region_m: float
    weather_least_places: float
    day_least_places: float
    weather_least_share: float
    weather_showing: float
    silence_share: float
    silence_shape: float
    silence_most: float
    unfelt_plain_at: float
    few_users: float


@cache
def load_counter_rules(path: Path = CATALOGUE) -> CounterRules:
    """Return how far counters are believed.

    Raises
    ------
    InputError
        If the file can't be read, lacks a number or holds a strange one, or one lacks a key.
    """
    return CounterRules(**read_numbers(path, "counter_rules", names=CounterRules.__annotations__))
