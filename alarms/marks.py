"""Tell which groups of alarms are other than the last time they were looked at.

A mark is a sum of hashes of the alarms and their states: the same for the same alarms in any order.

Simple so far: marks are sums of 64 bits; that two sets of alarms have one mark is left to chance.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from alarms.common_roots import RootMemory
from alarms.episodes import NOT_YET, Array
from alarms.parents import Branch
from alarms.placing import Signs
from alarms.site_groups import Ground

_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass
class Marks:
    """What groups were last worked out from.

    Attributes
    ----------
    branches : dict of (node, number) to mark
        Alarms under each node; the number tells branches of one node apart.
    roots : set of str
        Nodes that explained their children.
    sites : dict of site to mark
        All other alarms of each site.
    groups : dict of site to set of marks
        Groups of each site.
    memory : RootMemory
        Common roots of the step before.
    """

    branches: dict[tuple[str, int], int] = field(default_factory=dict)
    roots: set[str] = field(default_factory=set)
    sites: dict[int, int] = field(default_factory=dict)
    groups: dict[int, frozenset[int]] = field(default_factory=dict)
    memory: RootMemory = field(default_factory=RootMemory)


def changed_branches(found: list[Branch], content: Array, marks: Marks) -> list[Branch]:
    """Return the branches whose alarms changed, and note what they are now.

    Parameters
    ----------
    found : list of Branch
    content : array of uint64
        As `alarm_marks` returns it.
    marks : Marks
        Brought up to date.
    """
    seen: dict[tuple[str, int], int] = {}
    numbers: Counter[str] = Counter()
    changed = []
    for branch in found:
        key = (branch.name, numbers[branch.name])
        numbers[branch.name] += 1
        sites = 0 if branch.root is None else len(branch.root.sites)
        seen[key] = int(content[branch.rows].sum()) ^ sites
        if marks.branches.get(key) != seen[key]:
            changed.append(branch)
    marks.branches = seen
    marks.roots = {branch.name for branch in found if branch.root is not None}
    return changed


def alarm_marks(signs: Signs) -> Array:
    """Return a number for each alarm and its state: in force or when it ended, planned or not."""
    state = signs.ended.view(np.uint64) * _ODD + signs.is_planned.astype(np.uint64)
    return np.asarray((signs.key ^ state) * _ODD)


def site_marks(rows: Array, signs: Signs, content: Array, served: Array) -> dict[int, int]:
    """Return the mark of each site, by position.

    Parameters
    ----------
    rows : array of int
        Alarms of sites and cells.
    signs : Signs
    content : array of uint64
        As `alarm_marks` returns it.
    served : array of int, shape (sites,)
        As `served_sites` returns it for all technologies.
    """
    if not len(rows):
        return {}
    order = rows[np.argsort(signs.site[rows], kind="stable")]
    site = signs.site[order]
    starts = np.flatnonzero(np.diff(site, prepend=-1))
    sums = np.add.reduceat(content[order], starts)
    sums = sums + served[site[starts]].view(np.uint64) * _ODD
    return dict(zip(site[starts].tolist(), sums.tolist(), strict=True))


def served_sites(
    served_from: Array, ground: Ground, rats: Collection[tuple[str, ...]]
) -> dict[tuple[str, ...], Array]:
    """Return the begin of the latest period in which each site served: all its cells that are known did.

    Parameters
    ----------
    served_from : array of int, shape (cells,)
        Microseconds; below zero where a cell is out, the least int64 where nothing is known.
    ground : Ground
    rats : collection of tuple of str
        Technologies to look at; an empty tuple for all.

    Returns
    -------
    dict of tuple to array of int, shape (sites,)
        Microseconds; below zero where a cell is out or nothing is known.
    """
    found = {}
    for some in rats:
        is_meant = served_from != NOT_YET
        known = np.flatnonzero(is_meant & ground.has_rat(some) if some else is_meant)
        served = np.full(len(ground.site_id), np.iinfo(np.int64).max)
        np.minimum.at(served, ground.site[known], served_from[known])
        found[some] = np.where(served == np.iinfo(np.int64).max, -1, served)
    return found
