"""Keep what was believed of each incident and when, so that a report can say what was known at a moment.

A version is noted when cause, object, begin, end or reach of an incident change, and every few hours while it is open.

Simple so far: a site stands for the place of an incident; carriers and cells are not told apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from correlate.diagnosis import fault_causes
from correlate.faults import HOUR, TICKETS, WORK, Fault, existence
from correlate.incidents import Incident, Version
from correlate.interception import DEFAULT_GRADE, GRADES, repair_hours
from correlate.knowledge import Knowledge
from correlate.reach import sites_at
from correlate.site_names import weightiest

NOTED_EVERY_S = 6 * HOUR
MOST_SITES = 300
MOST_TOWNS = 3
MOST_DAYS = 10_000.0
"""Days between findings by chance beyond which more make no difference."""


def note_version(
    history: list[Version], knowledge: Knowledge, fault: Fault, incident: Incident, *, now: int
) -> None:
    """Note what is believed of an incident now, unless it is what was noted last.

    Parameters
    ----------
    history : list of Version
        Versions of this incident, oldest first; the new one is added.
    now : int
        Seconds since 1970.
    """
    if history and not _is_news(history[-1], fault, incident, now=now):
        return
    first_sign = history[0].first_sign if history else _first_sign(knowledge, fault)
    made = _version(knowledge, fault, incident, first_sign=first_sign, now=now)
    if history and history[-1].at == now:
        history[-1] = made
    else:
        history.append(made)


def _is_news(last: Version, fault: Fault, incident: Incident, *, now: int) -> bool:
    """Tell whether what is believed of an incident differs from its last version, or that has grown old."""
    told = (incident.cause, incident.object_id, incident.started_at, incident.ended_at)
    if told != (last.cause, last.object_id, last.started_at, last.ended_at):
        return True
    is_old = incident.ended_at is None and last.at < now - NOTED_EVERY_S
    return is_old or len(fault.cells) != last.n_cells


def _version(
    knowledge: Knowledge, fault: Fault, incident: Incident, *, first_sign: str, now: int
) -> Version:
    """Return what is believed of an incident now."""
    causes = fault_causes(knowledge, fault)
    sites, county, area = _place(knowledge, fault)
    grade = top_grade([knowledge.grades[s] for s in sites.tolist()])
    position = knowledge.signatures.position(incident.cause)
    repair_class = knowledge.signatures.repair[position]
    limit = repair_hours(repair_class, [grade], override=knowledge.settings.sla)
    due = incident.detected_at + int(limit * HOUR)
    return Version(
        incident_id=incident.incident_id,
        at=now,
        cause=incident.cause,
        object_id=incident.object_id,
        started_at=incident.started_at,
        detected_at=incident.detected_at,
        ended_at=incident.ended_at,
        first_sign=first_sign,
        county=county,
        area=area,
        sites=sites[:MOST_SITES],
        n_sites=len(sites),
        n_cells=len(fault.cells),
        users=incident.users,
        reached=float((knowledge.users[fault.cells] * fault.degree).sum()),
        per_user_hour=float(causes @ knowledge.signatures.per_user_hour),
        probability=incident.probability,
        real=existence(fault),
        repair_class=repair_class,
        grade=grade,
        limit_h=limit,
        due_at=due if fault.work_until is None else fault.work_until,
        recurs_days=min(fault.recurs_days, MOST_DAYS) or None,
    )


def top_grade(grades: list[str]) -> str:
    """Return the most important grade, that of an ordinary site where none is known.

    >>> top_grade(["C", "", "A"]), top_grade([""])
    ('A', 'C')
    """
    return min((g for g in grades if g in GRADES), key=GRADES.index, default=DEFAULT_GRADE)


def _place(knowledge: Knowledge, fault: Fault) -> tuple[NDArray[np.int64], str, str]:
    """Return the sites of a fault, most users first, their main county and their names or towns."""
    sites, named = sites_at(knowledge.reach, fault.cells), knowledge.site_names
    if not len(sites):
        return sites, "", ""
    if len(sites) == 1:
        return sites, named.counties[sites[0]] or "", named.names[sites[0]]
    here = np.searchsorted(sites, knowledge.reach.site_of[fault.cells])
    users = np.bincount(here, knowledge.users[fault.cells], len(sites))
    order = np.argsort(-users, kind="stable")
    sites, weights = sites[order], (users[order] + 1e-9).tolist()
    counties = weightiest([named.counties[s] for s in sites.tolist()], weights)
    towns = weightiest([named.towns[s] for s in sites.tolist()], weights)
    county = next(iter(counties), "")
    return sites, county, "|".join(towns[:MOST_TOWNS]) or named.names[sites[0]]


def _first_sign(knowledge: Knowledge, fault: Fault) -> str:
    """Return what was seen of a fault first: an announcement of work, an alarm, counters or a complaint."""
    if fault.family == WORK:
        return "work"
    if fault.family == TICKETS:
        return "complaint"
    cell, _, start = fault.first_alert.rpartition("@")
    return "counters" if start and cell in knowledge.network.cell_position else "alarm"
