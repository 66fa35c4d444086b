"""Say how far trouble reaches: which node of the trees, or which patch of land, holds the troubled sites.

Reach: the extent of a fault (`correlate.signatures.EXTENTS`). A node explains trouble when most sites below it
have it at once; of the nodes that explain the same sites the lowest is meant.

Simple so far: sites below a node count alike, whatever their size; a ring counts as a node.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from correlate.small_arrays import distinct
from sites.inventory import Network
from sites.topology import Topology

SHARE_BELOW = 0.6
"""Least share of the sites below a node that must be troubled for the node to be meant."""

FEW_SITES = 200
"""Troubled sites up to which only the nodes above them are looked at, not all."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Reach:
    """The trees and the land as arrays over site positions.

    `below` [nodes, sites] marks the sites below each node that has two or more; `near` lists pairs of sites that
    adjoin; `above` is `below` turned; `site_of` gives the site of each cell and `cells_of` the cells of each site.
    """

    nodes: tuple[str, ...]
    kinds: tuple[str, ...]
    below: csr_array
    above: csr_array
    sizes: Ints
    near: csr_array
    site_of: Ints
    cells_of: tuple[Ints, ...]
    frequency: NDArray[np.float64]
    is_gsm: Bools


def build_reach(network: Network, topology: Topology) -> Reach:
    """Return the trees and the land of a network as arrays."""
    n_sites = len(network.sites)
    found = []
    for node in sorted(topology.graph.nodes):
        sites = np.asarray(topology.sites_below(node), dtype=np.int64)
        if len(sites) > 1:
            found.append((node, topology.kind_of(node), sites))
    indptr = np.cumsum([0, *(len(s) for _, _, s in found)])
    indices = np.concatenate([s for _, _, s in found]) if found else np.empty(0, np.int64)
    below = csr_array(
        (np.ones(len(indices), np.float32), indices, indptr), shape=(len(found), n_sites)
    )
    site_of = network.cells["site"].to_numpy(np.int64)
    order = np.argsort(site_of, kind="stable")
    starts = np.searchsorted(site_of[order], np.arange(n_sites + 1))
    return Reach(
        nodes=tuple(n for n, _, _ in found),
        kinds=tuple(str(k) for _, k, _ in found),
        below=below,
        above=csr_array(below.T),
        sizes=np.array([len(s) for _, _, s in found], dtype=np.int64),
        near=_adjoining(network.sites[["x_m", "y_m"]].to_numpy(float)),
        site_of=site_of,
        cells_of=tuple(order[a:b] for a, b in zip(starts[:-1], starts[1:], strict=True)),
        frequency=network.cells["freq_mhz"].to_numpy(float),
        is_gsm=(network.cells["rat"] == "GSM").to_numpy(bool),
    )


def _adjoining(xy: NDArray[np.float64], *, neighbours: int = 6) -> csr_array:
    """Join each site with its nearest ones, not further than thrice the usual spacing of both."""
    n = len(xy)
    k = min(neighbours + 1, n)
    distance, index = cKDTree(xy).query(xy, k=k)
    distance, index = distance.reshape(n, k)[:, 1:], index.reshape(n, k)[:, 1:]
    if k < 2:
        return csr_array((n, n), dtype=bool)
    own = distance[:, 0]
    usual = 3 * np.sqrt(own[:, None] * own[index])
    keep = distance <= np.maximum(usual, 1500.0)
    rows = np.repeat(np.arange(n), keep.sum(axis=1))
    one_way = csr_array((np.ones(len(rows), bool), (rows, index[keep])), shape=(n, n))
    return csr_array(one_way + one_way.T)


def explaining_nodes(reach: Reach, troubled: Bools) -> Ints:
    """Return the nodes that explain troubled sites, the one with the most of them first.

    Of nodes with the same troubled sites the smallest is kept; a node inside another that explains is left out.

    Parameters
    ----------
    troubled : array of bool [sites]
    """
    nodes, counts = _troubled_below(reach, troubled)
    is_able = (counts >= 2) & (counts >= SHARE_BELOW * reach.sizes[nodes])
    able, counts = nodes[is_able], counts[is_able]
    able = able[np.lexsort((reach.sizes[able], -counts))]
    taken = np.zeros(len(troubled), bool)
    kept = []
    for node in able:
        sites = reach.below.indices[reach.below.indptr[node] : reach.below.indptr[node + 1]]
        fresh = troubled[sites] & ~taken[sites]
        if fresh.sum() >= 2:
            kept.append(node)
            taken[sites] = True
    return np.array(kept, dtype=np.int64)


def _troubled_below(reach: Reach, troubled: Bools) -> tuple[Ints, Ints]:
    """Return the nodes above troubled sites, in order, and how many of these each has; of many sites all nodes."""
    sites = np.flatnonzero(troubled)
    if len(sites) > FEW_SITES:
        counts = reach.below @ troubled.astype(np.float32)
        return np.arange(len(reach.nodes)), counts.astype(np.int64)
    return np.unique(_row_members(reach.above, sites), return_counts=True)


def sites_at(reach: Reach, cells: Ints) -> Ints:
    """Return the positions of the sites of some cells, in order."""
    return distinct(reach.site_of[cells])


def cells_at(reach: Reach, sites: Ints) -> Ints:
    """Return the positions of the cells of some sites."""
    return np.concatenate([np.empty(0, np.int64), *(reach.cells_of[s] for s in sites.tolist())])


def beside(reach: Reach, sites: Ints) -> Ints:
    """Return the positions of the sites that adjoin one of some sites."""
    return distinct(_row_members(reach.near, sites))


def nodes_above(reach: Reach, sites: Ints) -> Ints:
    """Return the nodes that all of some sites stand under."""
    above = _row_members(reach.above, sites)
    if len(sites) == 1:
        return np.sort(above)
    nodes, times = np.unique(above, return_counts=True)
    return np.asarray(nodes[times == len(sites)], dtype=np.int64)


def _row_members(table: csr_array, rows: Ints) -> Ints:
    """Return the columns marked in some rows of a table, row by row."""
    indices, ends = table.indices, table.indptr
    parts = [indices[ends[r] : ends[r + 1]] for r in rows.tolist()]
    return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64)


def sites_below(reach: Reach, node: int) -> Ints:
    """Return the positions of the sites below a node."""
    first, last = reach.below.indptr[node], reach.below.indptr[node + 1]
    return np.asarray(reach.below.indices[first:last], dtype=np.int64)


def joined(reach: Reach, sites: Ints, onsets: Ints, *, land: bool, window_s: int) -> Ints:
    """Return a group number for each signal: one site, one explaining node or one patch of land.

    Parameters
    ----------
    sites : array of int [n]
        Site of each signal of one family of trouble.
    onsets : array of int [n]
        Its beginning, seconds since 1970.
    land : bool
        Whether adjoining sites join too (interference, clock, crowds), not just sites under one node.
    window_s : int
        Beginnings further apart do not join across sites.
    """
    n = len(sites)
    if n < 2:
        return np.zeros(n, np.int64)
    pairs = [_chained(sites)]
    n_sites = reach.near.shape[0]
    half = window_s // 2
    for centre in np.unique(np.concatenate([onsets // half, onsets // half + 1])) * half:
        mine = np.flatnonzero(np.abs(onsets - centre) <= half)
        if len(np.unique(sites[mine])) < 2:
            continue
        troubled = np.zeros(n_sites, bool)
        troubled[sites[mine]] = True
        for node in explaining_nodes(reach, troubled):
            under = mine[np.isin(sites[mine], sites_below(reach, int(node)))]
            pairs.append((under[:-1], under[1:]))
        if land:
            pairs.append(_adjoining_pairs(reach, sites, mine))
    left = np.concatenate([a for a, _ in pairs])
    right = np.concatenate([b for _, b in pairs])
    graph = csr_array((np.ones(len(left), bool), (left, right)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _chained(sites: Ints) -> tuple[Ints, Ints]:
    """Join the signals of one site, one to the next."""
    order = np.argsort(sites, kind="stable")
    same = sites[order][1:] == sites[order][:-1]
    return order[:-1][same], order[1:][same]


def _adjoining_pairs(reach: Reach, sites: Ints, mine: Ints) -> tuple[Ints, Ints]:
    """Join signals on adjoining sites."""
    part = reach.near[sites[mine]][:, sites[mine]].tocoo()
    return mine[part.row], mine[part.col]


def extent_of(reach: Reach, cells: Ints, *, object_kind: str = "") -> str:
    """Return how far trouble in `cells` reaches, one of EXTENTS.

    Parameters
    ----------
    cells : array of int
        Positions of the troubled cells.
    object_kind : str
        Kind of the node meant, if one is: its kind decides.
    """
    sites = sites_at(reach, cells)
    if object_kind in ("controller", "core"):
        return "controller" if object_kind == "controller" else "network"
    if len(sites) > 1 and object_kind:
        return "chain" if object_kind == "site" else "node"
    if len(sites) > 1:
        return "network" if len(sites) > max(3, 0.5 * reach.near.shape[0]) else "area"
    own = reach.cells_of[sites[0]] if len(sites) else np.empty(0, np.int64)
    if len(own) == 1:
        return "sole"
    if len(cells) >= max(2, 0.5 * len(own)):
        return "site"
    return "cell" if len(cells) == 1 else "cells"
