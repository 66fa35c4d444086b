"""Find the same incident in the past: the same object or the same cells, with a cause of the same family.

What comes back at one place was perhaps never mended; how it ended before and what the orders were closed with tells
where to look first.

Simple so far: as far back as one run reaches; causes count as last believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contract.causes import CAUSES
from correlate.incidents import Incident, IncidentChange

SAME_CELLS = 0.5
"""Share of the cells of both that must be common for incidents on other objects to be the same."""
MOST_LISTED = 5


@dataclass(frozen=True)
class Known:
    """An incident as it is known at a moment; times may be of any kind that can be compared."""

    incident_id: str
    cause: str
    object_id: str
    cells: frozenset[str]
    started_at: float
    ended_at: float | None
    state: str


@dataclass(frozen=True)
class Past:
    """The same incident in the past: all of it by time, and by what it is the same."""

    earlier: tuple[Known, ...]
    same: str

    @property
    def listed(self) -> tuple[Known, ...]:
        """The last of them, the latest first."""
        return tuple(reversed(self.earlier[-MOST_LISTED:]))


def past_of(one: Known, others: Iterable[Known]) -> Past:
    """Return what of `others` was the same incident before.

    Parameters
    ----------
    one : Known
    others : iterable of Known
        Those that went into another count as that other and are left out; so are those that began later.

    Returns
    -------
    Past
        `same` is "object" where all are of the same object, else "cells"; "" where there is none.
    """
    earlier = [
        other
        for other in others
        if other.incident_id != one.incident_id
        and other.state != "merged"
        and other.started_at < one.started_at
        and _family(other.cause) == _family(one.cause)
        and (_same_object(one, other) or _same_cells(one, other))
    ]
    earlier.sort(key=lambda other: (other.started_at, other.incident_id))
    if not earlier:
        return Past((), "")
    is_object = all(_same_object(one, other) for other in earlier)
    return Past(tuple(earlier), "object" if is_object else "cells")


def verdict_of(orders: Sequence[str]) -> tuple[str, int]:
    """Return the cause that most closed orders name and how many do; "" and 0 where none was closed.

    >>> verdict_of(["site_outage", "power_failure", "power_failure"])
    ('power_failure', 2)
    """
    if not orders:
        return "", 0
    best = min(set(orders), key=lambda cause: (-orders.count(cause), cause))
    return best, orders.count(best)


def same_family(cause: str) -> list[str]:
    """Return the causes that count as the same trouble come back, itself among them.

    >>> same_family("unknown")
    ['unknown']
    """
    return sorted({cause} | {code for code in CAUSES if _family(code) == _family(cause)})


def _family(cause: str) -> str:
    """Return the family of a cause; what is undecided is a family of its own."""
    return CAUSES[cause].family or cause


def _same_object(one: Known, other: Known) -> bool:
    """Tell whether two incidents are of one object."""
    return bool(one.object_id) and one.object_id == other.object_id


def _same_cells(one: Known, other: Known) -> bool:
    """Tell whether most cells of two incidents are common."""
    common = len(one.cells & other.cells)
    return common > 0 and common >= SAME_CELLS * max(len(one.cells), len(other.cells))


def state_of(incident: Incident, changes: Sequence[IncidentChange]) -> str:
    """Return how an incident stands: open, ended, withdrawn or merged."""
    if incident.merged_into:
        return "merged"
    if incident.ended_at is None:
        return "open"
    fates = [c.rule for c in changes if c.rule.startswith(("WITHDRAW", "END"))]
    return "withdrawn" if fates and fates[-1].startswith("WITHDRAW") else "ended"
