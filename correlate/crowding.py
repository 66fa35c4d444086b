"""Find the fault whose users crowd the cells around: those of a dead site, and those a sick one no longer draws.

Crowding because a neighbour lost its users is that neighbour's fault, not a lack of capacity.

Simple so far: users are taken to go to the next site, or the next but one where many were lost, whatever the coverage.
"""

from __future__ import annotations

import numpy as np

from correlate.episode_arrays import Episodes
from correlate.faults import HOUR, LOSS, RADIO, Fault, Ints, existence
from correlate.knowledge import Knowledge
from correlate.reach import beside, cells_at
from correlate.state import State
from kpi.measures import MEASURE_INDEX

BEFORE_S = 100 * 60
"""A crowd may be seen to begin so long before the fault it comes from."""
WITHIN_S = 12 * HOUR
"""The users of a fault are felt at the next busy hour at the latest."""
FELT_SHARE = 0.15
"""Least users lost, as a share of those of the cells crowded, that are felt there."""
FAR_SHARE = 1.0
"""The same share from which users go to the next site but one as well."""
LEFT = -0.2
"""Natural logarithm of the users left on a sick cell that still serves, from which it has lost some."""
USERS = [MEASURE_INDEX[name] for name in ("active_users", "traffic_erl", "data_volume")]


def fault_around(
    state: State, knowledge: Knowledge, episodes: Episodes, part: Ints
) -> Fault | None:
    """Return the fault on the same or an adjoining site that a crowd comes from, if there is one.

    It lasts still, began within half a day before (its users are felt at the next busy hour) or crowds these cells
    already, and lost users enough to be felt. What crowded these cells while it lasted is its crowd to the end, though
    counters call it over hours later.

    Parameters
    ----------
    part : array of int
        The episodes of the crowd.
    """
    cells = np.unique(episodes.cell[part])
    sites = np.unique(knowledge.reach.site_of[cells])
    onset, users = int(np.median(episodes.onset[part])), float(knowledge.users[cells].sum())
    next_to = np.union1d(sites, beside(knowledge.reach, sites))
    further = np.union1d(next_to, beside(knowledge.reach, next_to))
    for fault in reversed(state.faults.touching(cells_at(knowledge.reach, further))):
        since = onset - fault.started_at
        is_known = not fault.crowded.isdisjoint(cells.tolist())
        if fault.ended_at is not None:
            if is_known and fault.started_at - BEFORE_S <= onset <= fault.ended_at:
                return fault
            continue
        if since < -BEFORE_S or (since > WITHIN_S and not is_known):
            continue
        lost = lost_users(knowledge, fault)
        if lost < FELT_SHARE * users or existence(fault) < 0.5:
            continue
        theirs = np.unique(knowledge.reach.site_of[fault.cells])
        if np.isin(further if lost >= FAR_SHARE * users else next_to, theirs).any():
            return fault
    return None


def lost_users(knowledge: Knowledge, fault: Fault) -> float:
    """Return how many users a fault drove from its cells: all of an outage's, those who left where service is poor."""
    users = float((knowledge.users[fault.cells] * fault.degree).sum())
    if fault.family == LOSS:
        return users
    change = fault.change[USERS] if fault.family == RADIO and len(fault.change) else np.zeros(0)
    known = change[np.isfinite(change)]
    left = float(np.median(known)) if len(known) else 0.0
    return users * float(-np.expm1(left)) if left <= LEFT else 0.0
