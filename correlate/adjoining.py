"""Find the open faults that may be one thing with what shows at some sites: they adjoin, or one node explains both.

Simple so far: the faults at the sites of a small node are looked up one by one.
"""

from __future__ import annotations

import numpy as np

from correlate.faults import Fault, Ints
from correlate.knowledge import Knowledge
from correlate.reach import SHARE_BELOW, beside, explaining_nodes, nodes_above, sites_below
from correlate.small_arrays import distinct, is_among
from correlate.state import State

SMALL_NODE = 50
"""Sites up to which what stands below a node is looked up by place."""
LARGE = 12
"""Cells from which a fault is looked up by how many it has."""
SPAN_S = 3600
"""Faults are looked up by the span of this many seconds in which they began."""


class Lasting:
    """Open faults of one family, found by their cells, by how many they have and by when they began."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults: dict[int, Fault] = {}
        self._large: dict[int, int] = {}
        self._begun: dict[int, set[int]] = {}
        self._span: dict[int, int] = {}
        for fault in faults:
            self.note(fault)

    def note(self, fault: Fault) -> None:
        """Take a fault in, or note how many cells it has now and when it began."""
        self.faults[fault.number] = fault
        span = fault.started_at // SPAN_S
        before = self._span.get(fault.number)
        if before is not None and before != span:
            self._begun[before].discard(fault.number)
        self._span[fault.number] = span
        self._begun.setdefault(span, set()).add(fault.number)
        if len(fault.cells) >= LARGE:
            self._large[fault.number] = len(fault.cells)
        else:
            self._large.pop(fault.number, None)

    def numbers_begun(self, at: int, slack: int) -> set[int]:
        """Return the numbers of those that began so many seconds from a moment, and of some a little farther away."""
        spans = range((at - slack) // SPAN_S, (at + slack) // SPAN_S + 1)
        return {number for span in spans for number in self._begun.get(span, ())}

    def numbers_of_size(self, least: float) -> set[int]:
        """Return the numbers of those of so many cells at least, of `LARGE` or more."""
        return {number for number, cells in self._large.items() if cells >= least}


def maybe_together(
    state: State, knowledge: Knowledge, sites: Ints, lasting: Lasting, *, onset: int, slack: int
) -> list[Fault]:
    """Return the faults that stand two sites away at most or may be below one node with them, the newest first.

    What is below a small node stands at its sites; of a large one it must have many. Those that began more than `slack`
    seconds from `onset` may be left out.
    """
    reach = knowledge.reach
    around = distinct(np.concatenate([sites, beside(reach, sites)]))
    nodes = nodes_above(reach, sites)
    is_small = reach.sizes[nodes] <= SMALL_NODE
    below = [sites_below(reach, node) for node in nodes[is_small].tolist()]
    near = distinct(np.concatenate([beside(reach, around), *below]))
    enough = (SHARE_BELOW * reach.sizes[nodes[~is_small]]).min(initial=np.inf)
    least = float(enough) - len(sites) - 1e-9
    able = lasting.numbers_begun(onset, slack) if least < LARGE else lasting.numbers_of_size(least)
    places, known = state.faults.places, lasting.faults.keys()
    for site in near.tolist():
        for cell in reach.cells_of[site].tolist():
            if cell in places:
                able |= places[cell] & known
    return [lasting.faults[number] for number in sorted(able, reverse=True)]


def is_together(knowledge: Knowledge, theirs: Ints, sites: Ints, *, hops: int) -> bool:
    """Tell whether sites adjoin a fault's sites (over another one with two hops), or one node explains them all."""
    reached = theirs
    for _ in range(hops):
        reached = distinct(np.concatenate([reached, beside(knowledge.reach, reached)]))
    if is_among(sites, reached).any():
        return True
    both = np.concatenate([theirs, sites])
    over_all = nodes_above(knowledge.reach, both)
    if not (SHARE_BELOW * knowledge.reach.sizes[over_all] <= len(both)).any():
        return False
    troubled = np.zeros(len(knowledge.site_ids), bool)
    troubled[both] = True
    return bool(np.isin(over_all, explaining_nodes(knowledge.reach, troubled)).any())
