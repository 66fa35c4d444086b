"""Report faults as incidents: the rows of the contract's table, kept for good.

An incident begins when a fault is likely enough to be real; `detected_at` and `first_alert` are fixed then. A fault
that proves mistaken ends its incident, the row stays.

Simple so far: an incident is one fault; merged faults keep both rows, the younger ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass
class Incident:
    """One row of `incidents` as it stands. Times are seconds since 1970."""

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


@dataclass(frozen=True, slots=True)
class Version:
    """What was believed of an incident from `at` on. Times are seconds since 1970; `sites` are positions.

    `reached` is users x share of service lost; `real` the probability that there is a fault, `probability` that it
    has this cause.
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


def unserved_users(
    users: Floats,
    cells: NDArray[np.int64],
    degree: Floats,
    neighbours: dict[int, NDArray[np.int64]],
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
    neighbours : dict
        Positions of the neighbours of each cell.
    """
    lost = set(cells.tolist())
    total = 0.0
    for cell, part in zip(cells.tolist(), degree.tolist(), strict=True):
        around = neighbours.get(cell)
        healthy = 0 if around is None else sum(1 for n in around.tolist() if n not in lost)
        total += users[cell] * part * (1.0 - 0.7 * healthy / (healthy + 3.0))
    return float(total)
