"""Tell which sites fall with a hub, ring, controller, core element, power feeder or other site.

A node falls when, for some kind of link, all its parents of that kind have fallen: one parent is
a chain, several are a protected ring or two homes. A fallen node takes what hangs on it along;
only a controller's fall stops at its sites, whose own transmission still works.

Simple so far: a ring is one node that falls as a whole; two cuts of a ring are not located.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import networkx
import numpy as np

from contract.errors import InputError
from sites.inventory import Network

TREES: Mapping[str, tuple[str, ...]] = {
    "transmission": ("hub", "ring", "core"),
    "controller": ("controller", "core"),
    "power": ("power",),
}
# What a node is that has children by a link of this kind, strongest first.
_PARENT_KINDS = ("controller", "power", "ring", "hub", "core")
# What a node is that only ever hangs on others by a link of this kind.
_CHILD_KINDS: Mapping[str, str] = {"ring": "hub", "hub": "hub", "core": "core"}
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Topology:
    """What hangs on what, with the sites below each node looked up at once.

    Attributes
    ----------
    graph : networkx.DiGraph
        Edges from child to parent; the edge attribute `kinds` is a frozenset of link kinds.
    site_position : mapping of str to int
        Positions of the live sites.
    """

    graph: Any
    site_position: Mapping[str, int]
    _kind: Mapping[str, str]
    _below: Mapping[str, Any]
    _above: Mapping[int, tuple[str, ...]]

    def sites_below(self, node: str) -> Any:
        """Return the sites that fall with a node.

        Parameters
        ----------
        node : str
            Any id; an unknown one has nothing below it.

        Returns
        -------
        array of int64, sorted
            Positions in `Network.sites`. A site is below itself.
        """
        known = self._below.get(node)
        if known is not None:
            return known
        at = self.site_position.get(node)
        return _NONE if at is None else np.array([at], dtype=np.int64)

    def sites_behind(self, node: str) -> Any:
        """Return the sites that fall with a node, without the node's own.

        Parameters
        ----------
        node : str
            For a site: the chain that hangs on it.

        Returns
        -------
        array of int64, sorted
        """
        below = self.sites_below(node)
        return below[below != self.site_position.get(node, -1)]

    def nodes_above(self, site: int) -> tuple[str, ...]:
        """Return the nodes whose fall takes a site along, the nearest (fewest sites) first.

        Parameters
        ----------
        site : int
            Position in `Network.sites`.

        Returns
        -------
        tuple of str
            Without the site itself.
        """
        return self._above.get(site, ())

    def parents(self, node: str, kind: str | None = None) -> tuple[str, ...]:
        """Return what a node hangs on, sorted.

        Parameters
        ----------
        node : str
        kind : str, optional
            One kind of link only: hub, ring, core, controller or power.

        Returns
        -------
        tuple of str
        """
        if node not in self.graph:
            return ()
        edges = self.graph.out_edges(node, data="kinds")
        return tuple(sorted(parent for _, parent, kinds in edges if kind is None or kind in kinds))

    def kind_of(self, node: str) -> str:
        """Return what a node is: site, hub, ring, core, controller, power or unknown.

        Parameters
        ----------
        node : str

        Returns
        -------
        str
        """
        if node in self.site_position:
            return "site"
        return self._kind.get(node, "unknown")

    def is_ring(self, node: str) -> bool:
        """Return whether a node is a ring, which one cut does not bring down.

        Parameters
        ----------
        node : str

        Returns
        -------
        bool
        """
        return self.kind_of(node) == "ring"

    def tree(self, name: str) -> Any:
        """Return the part of the graph that carries one thing.

        Parameters
        ----------
        name : {"transmission", "controller", "power"}

        Returns
        -------
        networkx.DiGraph
            A view; edges from child to parent.

        Raises
        ------
        InputError
            If there is no tree of that name.
        """
        if name not in TREES:
            message = f"`name` needs one of {sorted(TREES)}; it is {name!r}. Choose one."
            raise InputError(message)
        wanted = set(TREES[name])
        edges = [
            (child, parent)
            for child, parent, kinds in self.graph.edges(data="kinds")
            if wanted & kinds
        ]
        return self.graph.edge_subgraph(edges)


def build_topology(links: Any, network: Network) -> Topology:
    """Return the topology of a link table.

    Rows with an empty end, doubled rows and nodes that hang on themselves are passed over; cycles
    are allowed and bring nothing down by themselves.

    Parameters
    ----------
    links : DataFrame, one row per child and parent, any order, may be empty or None
        `node`, `parent`, `kind`.
    network : Network

    Returns
    -------
    Topology

    Raises
    ------
    InputError
        If `links` has rows but lacks a column.

    References
    ----------
    .. [1] Contract, table `links`.
    """
    graph = networkx.DiGraph()
    graph.add_nodes_from(network.site_position)
    for child, parent, kind in _link_rows(links):
        kinds = graph.edges[child, parent]["kinds"] if graph.has_edge(child, parent) else ()
        graph.add_edge(child, parent, kinds=frozenset((*kinds, kind)))
    site_position = dict(network.site_position)
    below = {node: _positions(graph, node, site_position) for node in graph}
    return Topology(
        graph=networkx.freeze(graph),
        site_position=site_position,
        _kind={node: _kind(graph, node) for node in graph},
        _below=below,
        _above=_inverted(below, site_position),
    )


def _link_rows(links: Any) -> Iterable[tuple[str, str, str]]:
    """Return usable rows once each, in an order that does not depend on the table's."""
    if links is None or not len(links):
        return []
    missing = [name for name in ("node", "parent", "kind") if name not in links.columns]
    if missing:
        message = f"`links` lacks columns {missing}; it has {list(links.columns)}."
        raise InputError(message)
    rows = links[["node", "parent", "kind"]].dropna().astype("str")
    rows = rows[rows["node"] != rows["parent"]].drop_duplicates()
    rows["kind"] = rows["kind"].str.strip().str.lower()
    return sorted(rows.itertuples(index=False, name=None))


def _kind(graph: Any, node: str) -> str:
    """Return what a node is that is no live site."""
    carries = set().union(*(kinds for _, _, kinds in graph.in_edges(node, data="kinds")))
    for kind in _PARENT_KINDS:
        if kind in carries:
            return kind
    hangs = set().union(*(kinds for _, _, kinds in graph.out_edges(node, data="kinds")))
    return next((_CHILD_KINDS[kind] for kind in _CHILD_KINDS if kind in hangs), "unknown")


def _positions(graph: Any, node: str, site_position: Mapping[str, int]) -> Any:
    """Return the sorted positions of the sites that fall with a node."""
    fallen = _fallen(graph, node, site_position)
    found = sorted(site_position[name] for name in fallen if name in site_position)
    return np.array(found, dtype=np.int64)


def _fallen(graph: Any, root: str, site_position: Mapping[str, int]) -> set[str]:
    """Return the nodes that fall with one, itself among them."""
    fallen, silent = {root}, set()
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        for child, _, kinds in graph.in_edges(parent, data="kinds"):
            for kind in kinds:
                if child in fallen or not _falls(graph, child, kind, fallen):
                    continue
                if kind == "controller" and child in site_position:
                    silent.add(child)
                else:
                    fallen.add(child)
                    waiting.append(child)
    return fallen | silent


def _falls(graph: Any, child: str, kind: str, fallen: set[str]) -> bool:
    """Return whether all parents of one kind have fallen."""
    edges = graph.out_edges(child, data="kinds")
    return all(parent in fallen for _, parent, kinds in edges if kind in kinds)


def _inverted(
    below: Mapping[str, Any], site_position: Mapping[str, int]
) -> Mapping[int, tuple[str, ...]]:
    """Return for each site the other nodes it falls with, fewest sites first."""
    above: dict[int, list[str]] = {}
    for node, sites in sorted(below.items(), key=lambda item: (len(item[1]), item[0])):
        for site in sites[sites != site_position.get(node, -1)]:
            above.setdefault(int(site), []).append(node)
    return {site: tuple(nodes) for site, nodes in above.items()}
