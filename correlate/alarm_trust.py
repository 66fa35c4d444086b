"""Tell how far alarms can be trusted: by name, and by the company they come in.

An alarm that stands alone often means no more than a link to the management system lost; one that comes with alarms of
another kind from other parts of the site is hardly ever wrong. Both are learned as counters come in.

Simple so far: trust is learned for the whole network, not by site.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from contract.knowledge_files import check_keys, number_of, read_knowledge
from correlate.faults import HOUR, Fault
from correlate.service_seen import NEVER
from correlate.state import State

CATALOGUE = Path(__file__).with_name("alarm_company.toml")
CARRIER = re.compile(r"/TRX-?(\d+)$")
"""An object that is one carrier of a cell."""
COMPANIES = ("alone", "told", "led", "alike", "with")
NO_SHARE = 0.1
"""Chance that an alarm is felt of which nothing is known."""
JUDGED_AFTER_S = int(2.5 * HOUR)
"""By then the counters of the last hour of an alarm have come."""


@dataclass(frozen=True)
class Companies:
    """Log odds of each company, and the meanings that say no more than that contact or service is lost."""

    log_odds: Mapping[str, float]
    bare: frozenset[str]


@cache
def load_companies(path: Path = CATALOGUE) -> Companies:
    """Return what each company says.

    Raises
    ------
    InputError
        If the file can't be read, lacks a company or has one too many.

    Examples
    --------
    >>> load_companies().log_odds["alone"] < 0
    True
    """
    rows = read_knowledge(path, "alarm_company")
    check_keys(rows, path.name, argument="alarm_company", needed=COMPANIES, known=())
    needed = ("log_odds", "meaning", "source", "verified")
    for name, row in rows.items():
        more = ("meanings",) if name == "alone" else ()
        check_keys(row, f"[{name}]", argument="alarm_company", needed=(*needed, *more), known=())
    return Companies(
        {n: number_of(r["log_odds"], f"`{n}`", argument="alarm_company") for n, r in rows.items()},
        frozenset(rows["alone"]["meanings"]),
    )


def company_of(group: Mapping[str, Any]) -> str:
    """Return the company in which alarms come that say a cell or a site is lost, "" where they say less.

    A lost carrier leaves its cell in service.

    Parameters
    ----------
    group : mapping
        Row of `alarms.roots`: needs `objects`, `meanings` and `service_effect`.

    Examples
    --------
    >>> lost = ("site_disconnected",)
    >>> row = {"objects": ("S1",), "meanings": lost, "service_effect": "down"}
    >>> company_of(row), company_of(row | {"objects": ("S1", "C1"), "meanings": ("a", "b")})
    ('alone', 'with')
    """
    if group["service_effect"] != "down" or all(map(CARRIER.search, group["objects"])):
        return ""
    several = len(set(group["meanings"])) > 1
    if len(set(group["objects"])) > 1:
        return "with" if several else "alike"
    if several:
        return "led"
    return "alone" if set(group["meanings"]) <= load_companies().bare else "told"


def trust(state: State, group: Mapping[str, Any]) -> float:
    """Return the log odds that the alarms of a group are felt, of the surest of its names.

    Parameters
    ----------
    group : mapping
        Row of `alarms.roots`.
    """
    priors, company = group["harms"], company_of(group)
    odds = []
    for name in set(group["names"]):
        chance = state.reliability.chance(name, priors.get(name, NO_SHARE))
        if company:
            told = 1.0 / (1.0 + np.exp(-_log_odds(chance) - load_companies().log_odds[company]))
            chance = state.reliability.chance(_label(name, company), float(told))
        odds.append(_log_odds(chance))
    sure = max(odds, default=_log_odds(NO_SHARE / 2)) + (1.0 if len(group["sites"]) > 1 else 0.0)
    return float(np.clip(sure, -6, 6))


def note_felt(state: State, fault: Fault, *, felt: bool) -> None:
    """Let the trust in a fault's alarms learn from whether customers felt it, once."""
    for name in fault.names:
        state.reliability.note(name, felt=felt)
        if fault.company:
            state.reliability.note(_label(name, fault.company), felt=felt)
    fault.is_noted = True


def judge_over(state: State, *, now: int) -> None:
    """Learn from outages of alarms alone that are over: counters that came since and show nothing refute them."""
    unjudged = state.faults.index.unjudged
    for number, fault in list(unjudged.items()):
        ended = fault.ended_at
        is_asked = bool(fault.names and fault.company) and not (fault.is_noted or fault.confirmed)
        if ended is not None and is_asked and now - ended < JUDGED_AFTER_S:
            continue
        del unjudged[number]
        if ended is None or not is_asked:
            continue
        seen = state.service.latest[fault.cells]
        if np.mean((seen != NEVER) & (seen >= fault.started_at)) >= 0.5:
            note_felt(state, fault, felt=False)
        else:
            fault.is_noted = True


def _label(name: str, company: str) -> str:
    """Return what a name in a company is learned under."""
    return f"{name}|{company}"


def _log_odds(chance: float) -> float:
    """Return the log odds of a chance."""
    kept = min(max(chance, 0.001), 0.999)
    return float(np.log(kept / (1 - kept)))
