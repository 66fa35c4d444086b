"""Report faults as incidents: the rows of the contract's table, kept for good.

An incident begins when a fault is likely enough to be real; `detected_at` and `first_alert` are fixed then. A fault
that proves mistaken ends its incident, the row stays. How an incident changed and why is told by
`correlate.incident_life`.

Simple so far: an incident is one fault; merged faults keep both rows, the younger ended. A reported fault that goes
into one not reported yet does not hand its id on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
REPORT_AT = 0.55
WITHDRAW_AT = 0.2
"""Probabilities that there is a fault from which it is reported, and below which it is withdrawn."""


@dataclass
class Incident:
    """One row of `incidents` as it stands. Times are seconds since 1970.

    `frozen_at` is when nothing could change it any more; `merged_into` and `split_from` are ids of other incidents.
    """

    incident_id: str
    fault: int
    cause: str
    object_id: str
    started_at: int
    detected_at: int
    first_alert: str
    cells: NDArray[np.int64]
    users: float
    probability: float
    expected_complaints: float
    ended_at: int | None = None
    frozen_at: int | None = None
    merged_into: str = ""
    split_from: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What was believed of an incident from `at` on. Times are seconds since 1970; `sites` are positions.

    `reached` is users x share of service lost; `real` the probability that there is a fault, `probability` that it
    has this cause; `recurs_days` how rarely chance brings as many complaints together, None where they did not tell of
    it.
    """

    incident_id: str
    at: int
    cause: str
    object_id: str
    started_at: int
    detected_at: int
    ended_at: int | None
    first_sign: str
    county: str
    area: str
    sites: NDArray[np.int64]
    n_sites: int
    n_cells: int
    users: float
    reached: float
    per_user_hour: float
    probability: float
    real: float
    repair_class: str
    grade: str
    limit_h: float
    due_at: int
    recurs_days: float | None = None


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """A change of an incident: when (seconds since 1970), by which rule, and what.

    `detail` is what it was before and after, ` > ` between; `evidence` pairs `kind:value` joined by `|`, the
    weightiest first; `other` the number of the fault of another incident, 0 for none.
    """

    at: int
    rule: str
    detail: str = ""
    evidence: str = ""
    other: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What was believed of an incident at its last change, and what it rested on."""

    cause: str
    object_id: str
    started_at: int
    ended_at: int | None
    cells: int
    sites: int
    alarms: frozenset[str]
    names: frozenset[str]
    episodes: frozenset[tuple[int, int]]
    tickets: float
    orders: int
    changes: frozenset[str]
    extent: str
    logs: tuple[Floats, Floats, Floats, Floats]


@dataclass
class IncidentLife:
    """The changes of each incident by the number of its fault, the last look at each, and merges not told yet."""

    changes: dict[int, list[IncidentChange]] = field(default_factory=dict)
    looks: dict[int, Look] = field(default_factory=dict)
    merges_seen: int = 0
    untold: dict[int, int] = field(default_factory=dict)

    def note(self, number: int, change: IncidentChange) -> None:
        """Put a change down."""
        self.changes.setdefault(number, []).append(change)


def unserved_users(
    users: Floats,
    cells: NDArray[np.int64],
    degree: Floats,
    neighbours: Mapping[int, NDArray[np.int64]],
) -> float:
    """Return the users of `cells` whom no healthy neighbouring cell takes over.

    A neighbour on another cell takes over a share that grows with the number of healthy ones: none, none of the
    users; many, seven in ten (after the practice of counting those caught by neighbours, operators' domain notes 4.4).

    Parameters
    ----------
    users : array [cells of the network]
        Users normally served.
    degree : array, shape of `cells`
        Share of the service each cell loses.
    neighbours : mapping
        Positions of the neighbours of each cell.
    """
    lost = set(cells.tolist())
    total = 0.0
    for cell, part in zip(cells.tolist(), degree.tolist(), strict=True):
        around = neighbours.get(cell)
        healthy = 0 if around is None else sum(1 for n in around.tolist() if n not in lost)
        total += users[cell] * part * (1.0 - 0.7 * healthy / (healthy + 3.0))
    return float(total)
