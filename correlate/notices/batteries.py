"""Reckon how likely a site that lost its mains falls, and how long its batteries last.

A loss of mains that has lasted some time falls as often as those did that had lasted as long. The hours of batteries
are those of the grade until the site's own lags from mains lost to service lost are known.

Simple so far: sites of one feeder are reckoned apart; a generator on its way is not known.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import logit

from contract.knowledge_files import read_numbers
from correlate.faults import HOUR, LOSS, Fault, FaultBook
from correlate.interception import DEFAULT_GRADE, GRADES
from correlate.knowledge import Knowledge

CATALOGUE = Path(__file__).with_name("batteries.toml")
NAMES = (
    *(f"hours_{grade}" for grade in GRADES),
    *("own_falls", "fall_share", "fall_weight", "told_before"),
)
MOST_CHANCE = 0.98


@cache
def load_batteries(path: Path = CATALOGUE) -> dict[str, float]:
    """Return the numbers of batteries.

    Raises
    ------
    InputError
        If the file can't be read, lacks a number or holds a strange one.
    """
    return read_numbers(path, "batteries", names=NAMES)


@dataclass
class Batteries:
    """How losses of mains went: hours until service was lost (`falls`), until mains were back (`backs`), in order.

    `own_falls` has the falls by position of the site, `lost_at` by number of the fault since when mains are lost where
    that is not over, seconds since 1970.
    """

    lost_at: dict[int, int] = field(default_factory=dict)
    falls: list[float] = field(default_factory=list)
    backs: list[float] = field(default_factory=list)
    own_falls: dict[int, list[float]] = field(default_factory=dict)

    def hours(self, site: int, grade: str) -> float:
        """Return how long a site serves on batteries, hours."""
        known = load_batteries()
        usual = known[f"hours_{grade if grade in GRADES else DEFAULT_GRADE}"]
        own = self.own_falls.get(site, [])
        return (known["own_falls"] * usual + sum(own)) / (known["own_falls"] + len(own))

    def chance(self, lasted_h: float) -> float:
        """Return the chance that service is lost before mains are back, after they have been away for some hours.

        >>> Batteries(falls=[3.0], backs=[0.5, 0.5, 1.0]).chance(2.0) > Batteries().chance(0.0)
        True
        """
        known = load_batteries()
        fell = len(self.falls) - bisect_left(self.falls, lasted_h)
        back = len(self.backs) - bisect_left(self.backs, lasted_h)
        own = known["fall_weight"]
        return (own * known["fall_share"] + fell) / (own + fell + back)

    def note(self, sites: list[int], lasted_h: float, *, fell: bool) -> None:
        """Note how a loss of mains went that lasted some hours."""
        insort(self.falls if fell else self.backs, lasted_h)
        for site in sites if fell else ():
            self.own_falls.setdefault(site, []).append(lasted_h)

    def is_threatened(self, fault: Fault) -> bool:
        """Tell whether a fault is a loss of mains that has not taken service yet."""
        return fault.number in self.lost_at and fault.family != LOSS


def weigh_threats(batteries: Batteries, book: FaultBook, knowledge: Knowledge, *, now: int) -> None:
    """Learn from losses of mains that are over, and weigh those whose batteries are nearly empty.

    Such a fault becomes as likely to be real as it is to fall; whether that is told is for others to decide.

    Parameters
    ----------
    now : int
        Seconds since 1970.
    """
    before = load_batteries()["told_before"]
    for number, lost_at in list(batteries.lost_at.items()):
        fault = book.by_number(number)
        if fault is None or fault.family == LOSS or fault.ended_at is not None:
            _learn(batteries, fault, knowledge, lost_at)
            del batteries.lost_at[number]
            continue
        lasted = (now - lost_at) / HOUR
        sites = np.unique(knowledge.reach.site_of[fault.cells]).tolist()
        if min(batteries.hours(s, knowledge.grades[s]) for s in sites) - lasted <= before:
            odds = float(logit(min(batteries.chance(lasted), MOST_CHANCE)))
            if odds > fault.alarm_exists:
                fault.alarm_exists = odds
                fault.touch()


def _learn(batteries: Batteries, fault: Fault | None, knowledge: Knowledge, lost_at: int) -> None:
    """Learn from a loss of mains that is over, unless its fault is forgotten."""
    over = None if fault is None else fault.ended_at
    if fault is not None and fault.family == LOSS:
        over = fault.out_since or over
    if fault is None or over is None:
        return
    sites = np.unique(knowledge.reach.site_of[fault.cells]).tolist()
    batteries.note(sites, max(0.0, (over - lost_at) / HOUR), fell=fault.family == LOSS)
