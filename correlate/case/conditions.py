"""Say in what condition each cell and station is at a moment: in service, degraded, down, or not known.

A cell is down while a fault that takes its service is likelier than not; degraded while any other likely fault
reaches it. A station is down when all its cells are; nothing is known of it when neither alarms nor counters came.

Simple so far: one word a station; a fault believed by half counts as if it were certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlate.faults import LOSS, existence
from correlate.knowledge import Knowledge
from correlate.state import State

LIKELY = 0.5
TAKEN = 0.8
"""Share of a cell's service that a fault must take for the cell to count as down."""
SILENT_S = 6 * 3600
IN_SERVICE, DEGRADED, DOWN, UNKNOWN = "in_service", "degraded", "down", "unknown"

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Conditions:
    """Condition of every cell: `down_since` (seconds since 1970, 0 = not down), `is_degraded`, `is_heard`.

    `is_heard` tells whether counters of the cell came lately, or came from no cell at all though alarms do.
    """

    down_since: Ints
    is_degraded: Bools
    is_heard: Bools

    @property
    def is_down(self) -> Bools:
        """Whether each cell is down."""
        return self.down_since > 0


def conditions_of(state: State, knowledge: Knowledge) -> Conditions:
    """Return the condition of every cell now."""
    size = len(knowledge.cell_ids)
    since, degraded = np.zeros(size, np.int64), np.zeros(size, bool)
    for fault in state.faults.open_ones():
        if fault.started_at > state.now or existence(fault) < LIKELY:
            continue
        taken = fault.cells[fault.degree >= TAKEN] if fault.family == LOSS else fault.cells[:0]
        earlier = (since[taken] == 0) | (since[taken] > fault.started_at)
        since[taken[earlier]] = fault.started_at
        degraded[fault.cells] = True
    counted = bool(state.counters_since)
    heard = state.watch.seen_until > state.now - SILENT_S
    return Conditions(
        since, degraded & (since == 0), heard | ((not counted) & (len(state.book) > 0))
    )


def station_condition(
    knowledge: Knowledge, conditions: Conditions, site: int
) -> tuple[str, int | None]:
    """Return the word for a station and, when it is down, since when (seconds since 1970)."""
    cells = knowledge.reach.cells_of[site]
    if not len(cells):
        return UNKNOWN, None
    down = conditions.is_down[cells]
    if down.all():
        return DOWN, int(conditions.down_since[cells].min())
    if down.any() or conditions.is_degraded[cells].any():
        return DEGRADED, None
    return (IN_SERVICE, None) if conditions.is_heard[cells].any() else (UNKNOWN, None)
