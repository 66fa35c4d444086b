"""Lay out what stands above each site as arrays: the parents that could explain trouble of several sites.

Simple so far: a node that takes a single site along explains nothing and is left out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from alarms.episodes import Array

# Of parents that explain alike the first here is the root.
_NEAREST = ("hub", "site", "power", "controller", "ring", "core", "unknown")
_NEVER = 1e-12


@dataclass(frozen=True, eq=False)
class Ancestry:
    """Nodes with two sites or more below them.

    Attributes
    ----------
    nodes : tuple of str
        By number of sites below, the fewest first, then by id.
    kind : array of object, shape (nodes,)
        hub, ring, core, controller, power, site or unknown.
    size : array of int, shape (nodes,)
        Sites below each.
    breaks : array of float, shape (nodes,)
        Chance that each breaks within the time alarms of one fault take.
    is_ring : array of bool, shape (nodes,)
    nearness : array of int, shape (nodes,)
        Of parents that explain alike the one with the least of it is the root.
    above_ends, above : array of int
        Nodes above site s, itself among them where others hang on it: `above[ends[s]:ends[s + 1]]`.
    below_ends, below : array of int
        Sites below node n, likewise.
    position : dict of str to int
        Position of each node.
    """

    nodes: tuple[str, ...]
    kind: Array
    size: Array
    breaks: Array
    is_ring: Array
    nearness: Array
    above_ends: Array
    above: Array
    below_ends: Array
    below: Array
    position: dict[str, int]
    _stands_above: dict[tuple[int, int], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, topology: Any, breaks: Mapping[str, float]) -> "Ancestry":
        """Return what stands above each site.

        Parameters
        ----------
        topology : sites.topology.Topology
        breaks : mapping of str to float
            Chance that a node of each kind breaks within the time alarms of one fault take.
        """
        found = [(len(topology.sites_below(node)), str(node)) for node in topology.graph.nodes]
        nodes = tuple(node for count, node in sorted(found) if count > 1)
        parts = [np.asarray(topology.sites_below(node), dtype=np.int64) for node in nodes]
        size = np.array([len(part) for part in parts], dtype=np.int64)
        below = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        node_of = np.repeat(np.arange(len(nodes)), size)
        order = np.argsort(below, kind="stable")
        kinds = [str(topology.kind_of(node)) for node in nodes]
        return cls(
            nodes=nodes,
            kind=np.array(kinds, dtype=object),
            size=size,
            breaks=np.array([breaks.get(kind, _NEVER) for kind in kinds], dtype=np.float64),
            is_ring=np.array([kind == "ring" for kind in kinds], dtype=bool),
            nearness=np.array([_NEAREST.index(kind) for kind in kinds], dtype=np.int64),
            above_ends=np.searchsorted(below[order], np.arange(len(topology.site_position) + 1)),
            above=node_of[order],
            below_ends=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
            below=below,
            position={node: at for at, node in enumerate(nodes)},
        )

    def is_of(self, kinds: Collection[str]) -> Array:
        """Return which nodes are of one of some kinds."""
        mask: Array = np.logical_or.reduce([self.kind == kind for kind in kinds])
        return mask

    def sites_below(self, node: int) -> Array:
        """Return the positions of the sites below a node."""
        return self.below[self.below_ends[node] : self.below_ends[node + 1]]

    def stands_above(self, node: int, other: int) -> bool:
        """Return whether all sites below another node are below a node."""
        key = (node, other)
        if key not in self._stands_above:
            inside = np.isin(self.sites_below(other), self.sites_below(node))
            self._stands_above[key] = bool(inside.all())
        return self._stands_above[key]

    def pairs(self, sites: Array) -> tuple[Array, Array]:
        """Return each entry of `sites` with each node above it: positions in `sites`, and nodes."""
        first, last = self.above_ends[sites], self.above_ends[sites + 1]
        counts = last - first
        entry = np.repeat(np.arange(len(sites)), counts)
        within = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
        return entry, self.above[np.repeat(first, counts) + within]
