"""Lay out the part of the trees around what is broken: what it hangs on, and what hangs on it, hit or not.

Simple so far: the first lines of the trees; of many children those that are hit come first, and the rest is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

MOST_CHILDREN = 24
MOST_UP = 4


@dataclass(frozen=True)
class Node:
    """A node of the trees.

    Attributes
    ----------
    name, label, kind
        Its id, what it is called, and the kind of its link to its parent.
    state
        `hit` where the incident reaches it, `part` where it reaches some of what hangs on it, else `well`.
    sites, hit
        Sites that hang on it, and those of them that the incident reaches.
    """

    name: str
    label: str
    kind: str
    state: str
    sites: int = 0
    hit: int = 0


@dataclass(frozen=True)
class Branch:
    """What is broken with its parents, the nearest first, and its children; `more` children are not listed."""

    here: Node
    parents: tuple[Node, ...]
    children: tuple[Node, ...]
    more: int = 0


def branch_of(
    inventory: Mapping[str, pd.DataFrame], object_id: str, hit_sites: Collection[str]
) -> Branch | None:
    """Return the part of the trees around an object, None where it stands in none.

    Parameters
    ----------
    inventory : mapping of table name to DataFrame
        `sites`, `cells`, `links` (node, parent, kind).
    object_id : str
        A cell, site or node; of a cell its site is taken.
    hit_sites : collection of str
        Sites that the incident reaches.
    """
    links, sites = inventory["links"], inventory["sites"]
    names = dict(zip(sites["site_id"], sites["site_name"], strict=True))
    cells = dict(zip(inventory["cells"]["cell_id"], inventory["cells"]["site_id"], strict=True))
    first = str(object_id).split("/")[0]
    name = str(cells.get(first, first))
    children: dict[str, list[tuple[str, str]]] = {}
    parents: dict[str, list[tuple[str, str]]] = {}
    for node, parent, kind in links[["node", "parent", "kind"]].itertuples(index=False, name=None):
        children.setdefault(str(parent), []).append((str(node), str(kind)))
        parents.setdefault(str(node), []).append((str(parent), str(kind)))
    if name not in names and name not in children and name not in parents:
        return None
    look = _Look(children, names, frozenset(map(str, hit_sites)))
    above, seen, at = [], {name}, [name]
    for _ in range(MOST_UP):
        found = [(p, kind) for node in at for p, kind in parents.get(node, ()) if p not in seen]
        above += [look.node(p, kind) for p, kind in dict(found).items()]
        at = list(dict(found))
        seen |= set(at)
    below = [look.node(node, kind) for node, kind in dict(children.get(name, ())).items()]
    order = {"hit": 0, "part": 1, "well": 2}
    below.sort(key=lambda node: (order[node.state], node.name))
    more = max(0, len(below) - MOST_CHILDREN)
    return Branch(look.node(name, ""), tuple(above), tuple(below[:MOST_CHILDREN]), more)


@dataclass(frozen=True)
class _Look:
    """The trees by parent, names of sites, and sites that are hit."""

    children: Mapping[str, list[tuple[str, str]]]
    names: Mapping[str, str]
    hit: frozenset[str]

    def node(self, name: str, kind: str) -> Node:
        """Return a node with how it stands."""
        below = self._sites(name)
        hit = len(below & self.hit)
        state = "hit" if below and hit == len(below) else "part" if hit else "well"
        return Node(name, str(self.names.get(name) or name), kind, state, len(below), hit)

    def _sites(self, name: str) -> set[str]:
        """Return the sites that hang on a node; a site is one of them itself."""
        found: set[str] = set()
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            if node in self.names:
                found.add(node)
            waiting += [child for child, _ in self.children.get(node, ())]
        return found
