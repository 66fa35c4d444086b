"""Read the rules by which incidents change and the limits of their life: `incident_rules.toml`.

Simple so far: one set of limits for every network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alarms.lifecycle_rules import Rule, read_rules
from contract.knowledge_files import check_keys, number_of, read_knowledge

INCIDENT_RULES_FILE = Path(__file__).with_name("incident_rules.toml")


@dataclass(frozen=True)
class IncidentLimits:
    """Limits of the life of incidents; units and meaning of each stand in `incident_rules.toml`."""

    freeze_h: float
    most_sites: float
    moved: float
    full_impact_users: float


@dataclass(frozen=True)
class IncidentRules:
    """All rules by their numbers, and the limits."""

    rules: Mapping[str, Rule]
    limits: IncidentLimits


@cache
def load_incident_rules(path: Path = INCIDENT_RULES_FILE) -> IncidentRules:
    """Return the rules and limits of incidents.

    Raises
    ------
    InputError
        If the file can't be read, lacks a rule or a limit, or one lacks a key.

    Examples
    --------
    >>> load_incident_rules().rules["END-1"].en
    'ended: all its alarms cleared'
    """
    content = read_knowledge(path, "incident_rules")
    check_keys(content, path.name, argument="incident_rules", needed=("rules", "limits"), known=())
    limits, names = content["limits"], IncidentLimits.__annotations__
    check_keys(limits, "[limits]", argument="incident_rules", needed=names, known=())
    for name, row in limits.items():
        needed = ("value", "unit", "meaning", "source", "verified")
        check_keys(row, f"[limits.{name}]", argument="incident_rules", needed=needed, known=())
    values = {
        n: number_of(row["value"], f"`{n}`", argument="incident_rules") for n, row in limits.items()
    }
    return IncidentRules(read_rules(content["rules"], path), IncidentLimits(**values))
