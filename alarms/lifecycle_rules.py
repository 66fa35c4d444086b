"""Read the rules by which alarms get their states, and the settings of these rules.

Simple so far: one set of settings for all vendors.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from contract.errors import InputError

RULES_FILE = Path(__file__).with_name("lifecycle_rules.toml")


@dataclass(frozen=True)
class Rule:
    """A rule in words, with where it is from and whether that was checked (v or u)."""

    rule: str
    zh: str
    en: str
    source: str
    verified: str


@dataclass(frozen=True)
class ServiceSettings:
    """When counters prove that service is back: minutes of service, share of a site's cells."""

    least_min: float
    least_share: float


@dataclass(frozen=True)
class MutingSettings:
    """How far alarms around announced work belong to it, in minutes."""

    before_min: float
    after_min: float


@dataclass(frozen=True)
class SilenceSettings:
    """When a feed that has gone quiet is silent; see `lifecycle_rules.toml`."""

    chance: float
    least_expected: float
    least_min: float
    habit_h: float
    habit_rows: int
    least_ratio: float
    half_life_d: float


@dataclass(frozen=True)
class LifecycleRules:
    """All rules by their numbers, and the settings."""

    rules: Mapping[str, Rule]
    service: ServiceSettings
    muting: MutingSettings
    silence: SilenceSettings


def load_lifecycle_rules(path: Path = RULES_FILE) -> LifecycleRules:
    """Read and check the rules of the life cycle.

    Parameters
    ----------
    path : Path
        A TOML file in the form of `lifecycle_rules.toml`.

    Returns
    -------
    LifecycleRules

    Raises
    ------
    InputError
        If a rule or a group of settings lacks something or has something unknown.

    Examples
    --------
    >>> load_lifecycle_rules().rules["CLEAR-1"].en
    'cleared as reported'
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    rules = read_rules(content["rules"], path)
    groups = {"service": ServiceSettings, "muting": MutingSettings, "silence": SilenceSettings}
    settings = {
        name: _made(kind, _without_origin(content["settings"][name]), name, path)
        for name, kind in groups.items()
    }
    return LifecycleRules(rules=rules, **settings)


def read_rules(rows: Mapping[str, Any], path: Path) -> dict[str, Rule]:
    """Return the rules of a file by their numbers, checked.

    Parameters
    ----------
    rows : mapping
        The parsed table `rules`: of each number `zh`, `en`, `source`, `verified`.
    path : Path
        The file, for messages.

    Raises
    ------
    InputError
        If a rule lacks something, has something unknown, or `verified` is neither v nor u.
    """
    rules = {key: _made(Rule, {"rule": key, **row}, key, path) for key, row in rows.items()}
    for rule in rules.values():
        if rule.verified not in ("v", "u"):
            msg = f"`verified` of rule {rule.rule} in {path.name} must be v or u; it is {rule.verified!r}."
            raise InputError(msg)
    return rules


@cache
def default_rules() -> LifecycleRules:
    """Return the rules as they come with the program."""
    return load_lifecycle_rules()


def _without_origin(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without where they are from."""
    return {name: value for name, value in row.items() if name not in ("source", "verified")}


def _made(kind: Any, row: Mapping[str, Any], name: str, path: Path) -> Any:
    """Return a row as a record, if it has exactly the fields of the record."""
    needed = {each.name for each in fields(kind)}
    if needed != set(row):
        msg = (
            f"`{name}` in {path.name} must have {sorted(needed)}; it has {sorted(row)}. "
            "Add what is missing, take out what is unknown."
        )
        raise InputError(msg)
    return kind(**row)
