"""Remember what people did to incidents and notices, so that the model goes by it and it can be taken back.

Simple so far: kept for the whole life of a state; acts are few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.ledger.acts import Deed

DONE, REFUSED, UNDONE = "done", "refused", "undone"


@dataclass(frozen=True)
class Outcome:
    """What a step made of an act: `done`, `refused` or `undone`, and why, a word of `act_words.toml`."""

    outcome: str
    detail: str = ""


@dataclass(frozen=True)
class Done:
    """An act that can be taken back, and what was before it: by kind, whatever its undoing needs."""

    deed: Deed
    before: Mapping[str, Any]


@dataclass(frozen=True)
class Parting:
    """Two faults that a person told apart: what `made` has, `cells` above all, is no part of `kept`."""

    kept: int
    made: int
    cells: frozenset[int]
    who: str


@dataclass
class ActBook:
    """What people did that still holds, by the number of the fault; times are seconds since 1970.

    `due_at` has the repair times they gave, `closed` when a fault ended that they closed, `opened` the step at which
    they opened one again, `merged` who merged a fault into another, `rejoined` those among them that had been split off
    it, `partings` what they told apart, `reshaped` the last act that merged or split a fault. `wanted` are notices
    whose withdrawal was taken back, `done` the acts that can be, `waiting` verdicts on tickets that are not diagnosed
    yet.
    """

    due_at: dict[int, int] = field(default_factory=dict)
    closed: dict[int, int] = field(default_factory=dict)
    opened: dict[int, int] = field(default_factory=dict)
    merged: dict[int, str] = field(default_factory=dict)
    rejoined: set[int] = field(default_factory=set)
    partings: list[Parting] = field(default_factory=list)
    reshaped: dict[int, str] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)
    done: dict[str, Done] = field(default_factory=dict)
    waiting: list[Deed] = field(default_factory=list)
