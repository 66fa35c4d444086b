"""Find the fault a signal belongs to, by its cells, its beginning and its family.

Simple so far: cells count alike, whatever their users.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from correlate.faults import HOUR, LOAD, LOSS, TICKETS, WORK, Fault, Ints

CROWDED_S = 4 * HOUR
"""A cell crowded for longer lacks capacity: an alarm that comes then tells of something else."""


def best_match(
    faults: Iterable[Fault], cells: Ints, started_at: int, *, family: str, window_s: int = 6 * HOUR
) -> Fault | None:
    """Return the open fault a signal belongs to, if there is one.

    The share of the smaller side's cells in common must reach a third, and the beginnings lie within `window_s` of
    each other or the fault still last. An outage on top of milder trouble of old is a fault of its own, and so is
    whatever comes to a site that lacked capacity before.
    """
    best, best_share = None, 1.0 / 3.0
    for fault in faults:
        if (fault.family in (TICKETS, LOAD) and family == LOSS) or fault.is_stale(started_at):
            continue
        if fault.family == LOAD and started_at > fault.started_at + CROWDED_S:
            continue
        if (
            family == LOSS
            and fault.family != LOSS
            and started_at > fault.started_at + window_s
            and fault.family != WORK
        ):
            continue
        if started_at < fault.started_at - window_s:
            continue
        if _differ_in_size(fault, cells, family=family):
            continue
        common = np.intersect1d(fault.cells, cells, assume_unique=True)
        share = len(common) / max(1, min(len(fault.cells), len(cells)))
        if share > best_share:
            best, best_share = fault, share
    return best


def _differ_in_size(fault: Fault, cells: Ints, *, family: str) -> bool:
    """Tell whether a signal and a fault reach too differently to be the same thing.

    Outages under a wide outage belong to it; else neither may reach six times as far as the other.
    """
    if fault.family == LOSS == family and len(cells) <= len(fault.cells):
        return False
    small, large = sorted((len(fault.cells), len(cells)))
    return large > max(12, 6 * small)
