"""Find the open faults that may be one thing with what shows at some sites: they adjoin, or one node explains both.

Simple so far: the faults at the sites of a small node are looked up one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


class Lasting:
    """Open faults of one family, found by their cells and by how many they have."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = {fault.number: fault for fault in faults}
        self._large: dict[int, int] = {}
        for fault in faults:
            self.note(fault)

    def note(self, fault: Fault) -> None:
        """Take a fault in, or note how many cells it has now."""
        self.faults[fault.number] = fault
        if len(fault.cells) >= LARGE:
            self._large[fault.number] = len(fault.cells)
        else:
            self._large.pop(fault.number, None)

    def numbers_of_size(self, least: float) -> list[int]:
        """Return the numbers of those of so many cells at least, of few cells those of all."""
        if least < LARGE:
            return list(self.faults)
        return [number for number, cells in self._large.items() if cells >= least]

    def numbers_at(self, places: Mapping[int, set[int]], cells: Iterable[int]) -> set[int]:
        """Return the numbers of those that stand at some cells."""
        found = {number for cell in cells for number in places.get(cell, ())}
        return found & self.faults.keys()


def maybe_together(
    state: State, knowledge: Knowledge, sites: Ints, lasting: Lasting
) -> list[Fault]:
    """Return the faults that stand two sites away at most or may be below one node with them, the newest first.

    What is below a small node stands at its sites; of a large one it must have many.
    """
    reach = knowledge.reach
    around = distinct(np.concatenate([sites, beside(reach, sites)]))
    nodes = nodes_above(reach, sites)
    is_small = reach.sizes[nodes] <= SMALL_NODE
    below = [sites_below(reach, node) for node in nodes[is_small].tolist()]
    near = distinct(np.concatenate([beside(reach, around), *below]))
    enough = (SHARE_BELOW * reach.sizes[nodes[~is_small]]).min(initial=np.inf)
    able = set(lasting.numbers_of_size(float(enough) - len(sites) - 1e-9))
    for site in near.tolist():
        able |= lasting.numbers_at(state.faults.places, reach.cells_of[site].tolist())
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
