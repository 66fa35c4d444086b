"""Set the scene in which parents are weighed: what stands above, how often things break, what is known at a moment.

Simple so far: how often things break is the same at every hour.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from alarms.ancestry import Ancestry
from alarms.episodes import Array
from alarms.odds import Odds
from alarms.placing import Signs
from alarms.root_rules import RootRules


@dataclass(frozen=True, eq=False)
class Scene:
    """What parents are weighed by.

    Attributes
    ----------
    ancestry : Ancestry
    odds : Odds
    together_us : int
    fewest_sites : int
    now : int
        Microseconds; children whose alarm may still come don't count as silent.
    own : tuple of array
        Alarms that nodes raised themselves: position of the node and time, by both.
    served : mapping of tuple of str to array of int, shape (sites,)
        By technologies (none: all): begin of the latest period in which counters show each site to serve with them,
        microseconds; below zero where none.
    held : array of bool, shape (nodes,)
        Nodes that explained their children a step ago.
    """

    ancestry: Ancestry
    odds: Odds
    together_us: int
    fewest_sites: int
    now: int
    own: tuple[Array, Array]
    served: Mapping[tuple[str, ...], Array]
    held: Array

    @classmethod
    def of(
        cls,
        signs: Signs,
        ancestry: Ancestry,
        rules: RootRules,
        *,
        now: int,
        served: Mapping[tuple[str, ...], Array],
        held: Collection[str] = (),
    ) -> "Scene":
        """Return what parents are weighed by at a moment."""
        is_held = np.zeros(len(ancestry.nodes), dtype=bool)
        is_held[[ancestry.position[name] for name in held if name in ancestry.position]] = True
        own = _own_alarms(signs, ancestry)
        limits = (rules.together_us, rules.fewest_sites)
        return cls(ancestry, rules.odds, *limits, now, own, served, is_held)


def _own_alarms(signs: Signs, ancestry: Ancestry) -> tuple[Array, Array]:
    """Return the alarms that nodes raised themselves: position of the node and raising, by both."""
    rows = np.flatnonzero(signs.site < 0)
    names = signs.object_id[rows].tolist()
    at = np.array([ancestry.position.get(str(name), -1) for name in names], dtype=np.int64)
    keep = at >= 0
    node, start = at[keep], signs.onset[rows][keep]
    order = np.lexsort((start, node))
    return node[order], start[order]
