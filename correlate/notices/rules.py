"""Read the numbers notices are issued by: costs, times, limits of severity.

Simple so far: one set of numbers for all causes, counties and hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contract.knowledge_files import read_numbers

CATALOGUE = Path(__file__).with_name("notice_rules.toml")


@dataclass(frozen=True)
class NoticeRules:
    """When a notice is worth its while and how it lives; `notice_rules.toml` says what each number means."""

    saved_share: float
    false_cost: float
    sure: float
    late_growth: float
    most_rest: float
    repair_spread: float
    all_outcomes: float
    class_outcomes: float
    renew_after: float
    revise_after: float
    after_clear: float
    pause_times: float
    most_pause: float
    shrunk: float
    service_share: float
    below_share: float
    severe_sites: float
    severe_users: float


@cache
def load_notice_rules(path: Path = CATALOGUE) -> NoticeRules:
    """Return the rules of notices.

    Raises
    ------
    InputError
        If the file can't be read, lacks a number or holds a strange one, or one lacks a key.
    """
    return NoticeRules(**read_numbers(path, "notice rules", names=NoticeRules.__annotations__))
