"""Look ahead for one fault: when it will be repaired, how many will complain until then, whether a notice is worth it.

The rest of a repair has the mean of a Pareto (Lomax) time whose mean at the begin is its limit: what is late will be
later. Its length and the rate are uncertain both, so that the count to come is wider spread than either.

Telling nobody costs the complaints expected before repair, times the share of them a notice saves; a notice costs what
issuing it costs, and, times the chance that there is no fault, what a false one costs. Costs are in work orders.

What notices that are over expected is set against what came, and the next expect as many times more
(`correlate.notices.outcomes`).

Simple so far: announced work ends when announced; the hour of the day counts by day and night.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from correlate.daily.expected import Rates, count_interval, mean_to_come, shape_of
from correlate.diagnosis import fault_causes, unserved_of, user_hours
from correlate.faults import HOUR, Fault, existence
from correlate.instants import offset_s
from correlate.interception import repair_hours
from correlate.knowledge import Knowledge
from correlate.notices.rules import load_notice_rules
from correlate.rates import lasted_hours
from correlate.state import State

LEVEL = 0.9
"""Share of the faults whose complaints lie inside the interval told."""
LEAST_REST_H = 0.25
POWER = frozenset({"power_failure", "power_equipment"})
"""Causes that a loss of mains foretells."""
ROUND_S = 30 * 60
"""Times told of overdue repairs are rounded up to half hours."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """What is to come of a fault: when it is due (seconds since 1970), the complaints `to_come` if it is real.

    `times` is by how much past notices taught to expect more; `is_threat`: service is still there; `is_said`: a person
    said when it is due.
    """

    due_at: int
    is_overdue: bool
    real: float
    to_come: float
    times: float
    rates: Rates
    spread: float
    is_threat: bool
    is_said: bool = False

    @property
    def expected(self) -> float:
        """Complaints to come, less the chance that there is no fault."""
        return self.real * self.to_come

    def interval(self) -> tuple[float, float]:
        """Return the ends of the interval in which the complaints to come will lie."""
        wide = (1.0 + 1.0 / shape_of(self.rates)) * (1.0 + self.spread**2) - 1.0
        low, high = count_interval(self.rates, np.array([self.to_come]), 1.0 / wide, level=LEVEL)
        return float(low[0]), float(high[0])


def outlook_of(
    state: State, knowledge: Knowledge, fault: Fault, *, cause: int, now: int
) -> Outlook:
    """Return what is to come of a fault.

    Parameters
    ----------
    cause : int
        Position of its likeliest cause in the signature catalogue.
    now : int
        Seconds since 1970.
    """
    rules = load_notice_rules()
    said = state.acts.due_at.get(fault.number, 0)
    rest_h, due_at, is_overdue = _due(knowledge, fault, cause, now=now)
    if said > now:
        rest_h, due_at, is_overdue = max(LEAST_REST_H, (said - now) / HOUR), said, False
    rates = Rates(
        users=np.array([unserved_of(knowledge, fault)]),
        per_user_hour=np.array([fault_causes(knowledge, fault) @ state.rates.per_user_hour()]),
        real=np.array([existence(fault)]),
        complaints=np.array([fault.tickets]),
        hours=np.array([_hours_so_far(knowledge, fault, now=now)]),
    )
    is_power = knowledge.signatures.causes[cause] in POWER
    times = state.notice_book.outcomes.times(knowledge.signatures.repair[cause])
    hours = lasted_hours(
        now,
        now + int(rest_h * HOUR),
        offset_s=offset_s(knowledge.zone, now),
        aging_from=fault.started_at,
    )
    return Outlook(
        due_at=due_at,
        is_overdue=is_overdue,
        real=float(rates.real[0]),
        to_come=times * float(mean_to_come(rates, np.array([hours]))[0]),
        times=times,
        rates=rates,
        spread=0.0 if fault.work_until is not None else rules.repair_spread,
        is_threat=is_power and state.batteries.is_threatened(fault),
        is_said=said > now,
    )


def is_worth(outlook: Outlook, *, least: float) -> bool:
    """Tell whether a notice costs less than it saves.

    Parameters
    ----------
    least : float
        What issuing a notice costs, in complaints that must be expected of a sure fault (`notice_min_complaints`).
    """
    rules = load_notice_rules()
    saved = rules.saved_share * outlook.expected
    return saved >= rules.saved_share * least + rules.false_cost * (1.0 - outlook.real)


def limit_hours(knowledge: Knowledge, fault: Fault, cause: int) -> float:
    """Return the repair limit of a fault by its cause and the most important site it touches, hours."""
    sites = np.unique(knowledge.reach.site_of[fault.cells])
    grades = [knowledge.grades[s] for s in sites.tolist()]
    return repair_hours(knowledge.signatures.repair[cause], grades, override=knowledge.settings.sla)


def _due(knowledge: Knowledge, fault: Fault, cause: int, *, now: int) -> tuple[float, int, bool]:
    """Return the hours a fault is expected to last, when it is due, and whether that is a new time for a late one."""
    rest_h, limit_h = _rest_hours(knowledge, fault, cause, now=now)
    due_at = fault.started_at + int(limit_h * HOUR)
    is_overdue = fault.work_until is None and due_at <= now
    if fault.work_until is not None:
        due_at = max(fault.work_until, now + int(LEAST_REST_H * HOUR))
    elif is_overdue:
        due_at = -(-(now + int(rest_h * HOUR)) // ROUND_S) * ROUND_S
    return rest_h, due_at, is_overdue


def _rest_hours(knowledge: Knowledge, fault: Fault, cause: int, *, now: int) -> tuple[float, float]:
    """Return how long a fault is expected to last from now on, and its limit, hours."""
    limit = limit_hours(knowledge, fault, cause)
    if fault.work_until is not None:
        return max(LEAST_REST_H, (fault.work_until - now) / HOUR), limit
    rules = load_notice_rules()
    age = max(0.0, (now - fault.started_at) / HOUR)
    rest = limit + min(rules.late_growth * age, rules.most_rest)
    return max(1.0, rest), limit


def _hours_so_far(knowledge: Knowledge, fault: Fault, *, now: int) -> float:
    """Return the hours of day it has lasted; those of the night and of an old fault count less."""
    users = unserved_of(knowledge, fault)
    return user_hours(knowledge, fault, now=now) / users if users > 0 else 0.0
