"""Put the alarms of several sites under the common root that explains them.

Rules, shown with each group:

========  =========================================================================================
PARENT-1  a parent explains what its sites show far better than chance
PARENT-2  so it does, and it raised an alarm itself
NODE-1    a node raised an alarm that no site below it confirms
========  =========================================================================================

At the sites of a root what belongs to its kind of trouble goes under it (`roots.toml`, [trouble]); so do alarms of the
nodes below it. Where most sites below show it, the silent ones count as hit: alarms get lost.

Simple so far: how much of a silent site is hit is not weighed.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alarms.ancestry import Ancestry
from alarms.common_roots import CommonRoot, RootMemory, common_roots
from alarms.episodes import Array
from alarms.onsets import shows
from alarms.placing import DOWN, Signs
from alarms.root_rules import RootRules, Trouble
from alarms.scenes import Scene
from alarms.site_groups import CIRCUIT_RATS, Ground, Group, cells_out

_NONE = np.empty(0, dtype=np.int64)
# What an element that many sites share does to its cells even while no site raises an alarm.
_RATS_HIT = {
    "gb_link": ("GSM",),
    "controller": CIRCUIT_RATS,
    "transcoder": CIRCUIT_RATS,
    "core": ("GSM", "UMTS", "LTE", "NR"),
    "sms": ("GSM", "UMTS", "LTE", "NR"),
}


@dataclass(frozen=True, eq=False)
class Branch:
    """Alarms under a node, before it is worked out what they touch.

    Attributes
    ----------
    name : str
        The node.
    rows : array of int
        Positions in `Signs`.
    root : CommonRoot or None
        None where no site below confirms the node's alarms.
    """

    name: str
    rows: Array
    root: CommonRoot | None


def branches(
    signs: Signs,
    scene: Scene,
    *,
    ground: Ground,
    rules: RootRules,
    memory: RootMemory | None = None,
) -> list[Branch]:
    """Return the alarms under common roots, then those of nodes alone.

    Parameters
    ----------
    signs : Signs
    scene : Scene
    ground : Ground
    rules : RootRules
    memory : RootMemory, optional
        Of the step before, brought up to date.

    Returns
    -------
    list of Branch
        No alarm stands in two of them.
    """
    shown = [shows(trouble, signs, ground) for trouble in rules.troubles]
    roots = common_roots(signs, shown, scene, ground=ground, rules=rules, memory=memory)
    masks = dict(zip((trouble.name for trouble in rules.troubles), shown, strict=True))
    by_site = np.argsort(signs.site, kind="stable")
    edges = np.searchsorted(signs.site[by_site], np.arange(len(ground.site_id) + 1))
    is_free = np.ones(len(signs.start), dtype=bool)
    found = []
    for root in _joined(roots):
        sites = root.sites
        if root.trouble.name == "power":
            # Batteries last for different times: what follows at any site of a feeder is its doing.
            sites = scene.ancestry.sites_below(root.node)
        parts = [by_site[edges[site] : edges[site + 1]] for site in sites.tolist()]
        at_sites = np.concatenate([_NONE, *parts])
        at_sites = at_sites[_belongs(root.trouble, at_sites, signs, masks[root.trouble.name])]
        at_nodes = _alarms_below(root, signs, scene.ancestry, by_site[: edges[0]], rules)
        rows = _then(root, np.union1d(at_sites, at_nodes), signs, rules)
        rows = rows[is_free[rows]]
        if len(rows):
            is_free[rows] = False
            found.append(Branch(scene.ancestry.nodes[root.node], rows, root))
    alone = np.sort(by_site[: edges[0]])
    return [*found, *_alone(alone[is_free[alone]], signs)]


def _joined(roots: list[CommonRoot]) -> list[CommonRoot]:
    """Return the roots, those of one node that follow each other put together: one break, seen in turns."""
    kept: dict[tuple[int, str], list[CommonRoot]] = {}
    for root in sorted(roots, key=lambda root: (root.start, root.node)):
        same = kept.setdefault((root.node, root.trouble.name), [])
        if same and root.start <= same[-1].start + root.trouble.follow_us:
            sites = np.union1d(same[-1].sites, root.sites)
            same[-1] = replace(same[-1], sites=sites, has_own=same[-1].has_own or root.has_own)
        else:
            same.append(root)
    joined = [root for same in kept.values() for root in same]
    return sorted(joined, key=lambda root: (-root.log_odds, root.node, root.start))


def _belongs(trouble: Trouble, rows: Array, signs: Signs, shown: Array) -> Array:
    """Return which of some alarms of sites belong to a kind of trouble."""
    belongs = shown[rows] | signs.is_of(trouble.families)[rows]
    if not trouble.rats and trouble.name != "degraded":
        belongs |= signs.effect[rows] == DOWN
    return np.asarray(belongs)


def _then(root: CommonRoot, rows: Array, signs: Signs, rules: RootRules) -> Array:
    """Return the alarms that began with a root or followed it."""
    since, until = root.start - rules.together_us, root.start + root.trouble.follow_us
    return rows[(signs.onset[rows] >= since) & (signs.onset[rows] <= until)]


def _alarms_below(
    root: CommonRoot, signs: Signs, ancestry: Ancestry, rows: Array, rules: RootRules
) -> Array:
    """Return the alarms of a root's node, and of nodes whose sites all stand below it."""
    since, until = root.start - rules.together_us, root.start + rules.together_us
    rows = rows[(signs.onset[rows] >= since) & (signs.onset[rows] <= until)]
    keep = []
    for name in signs.object_id[rows].tolist():
        at = ancestry.position.get(name)
        keep.append(at is not None and ancestry.stands_above(root.node, at))
    return rows[keep] if keep else rows


def _alone(rows: Array, signs: Signs) -> list[Branch]:
    """Return the alarms of each object that is no site or cell."""
    objects = signs.object_id[rows]
    return [Branch(name, rows[objects == name], None) for name in sorted(set(objects.tolist()))]


def branch_group(
    branch: Branch, signs: Signs, scene: Scene, *, topology: Any, ground: Ground, rules: RootRules
) -> Group:
    """Return the group of a branch: what its alarms touch.

    Parameters
    ----------
    branch : Branch
    signs : Signs
    scene : Scene
    topology : sites.topology.Topology
    ground : Ground
    rules : RootRules
    """
    if branch.root is None:
        return _group_alone(branch, signs, topology=topology, ground=ground)
    root, rows = branch.root, branch.rows
    sites = np.unique(signs.site[rows][signs.site[rows] >= 0])
    below = scene.ancestry.sites_below(root.node)
    is_sure = len(root.sites) >= rules.assumed_share * len(below)
    silent = np.setdiff1d(below, sites) if is_sure else _NONE
    silent = silent[scene.served[root.trouble.rats][silent] < root.start]
    cells = [_cells_of_site(root, rows, signs, ground, site=site) for site in sites.tolist()]
    hit = np.unique(np.concatenate([_NONE, *cells]))
    if is_sure and len(hit):
        assumed = [ground.cells_of.get(site, _NONE) for site in silent.tolist()]
        spare = np.concatenate([_NONE, *assumed])
        hit = np.union1d(hit, ground.only(spare, sorted(set(ground.rat[hit].tolist()))))
    return Group(
        rows=rows,
        object_id=branch.name,
        kind=str(scene.ancestry.kind[root.node]),
        sites=sites,
        cells=hit,
        is_outage=bool((signs.effect[rows] == DOWN).any()),
        rule="PARENT-2" if root.has_own else "PARENT-1",
    )


def _cells_of_site(
    root: CommonRoot, rows: Array, signs: Signs, ground: Ground, *, site: int
) -> Array:
    """Return the cells of a site that a root's trouble touches."""
    own = ground.cells_of.get(site, _NONE)
    if root.trouble.rats:
        return ground.only(own, root.trouble.rats)
    return cells_out(rows[signs.site[rows] == site], signs, ground, own=own)


def _group_alone(branch: Branch, signs: Signs, *, topology: Any, ground: Ground) -> Group:
    """Return the group of a node whose alarms no site below it confirms."""
    node, rows = branch.name, branch.rows
    meanings = set(signs.meaning[rows].tolist())
    rats = sorted({rat for meaning in meanings for rat in _RATS_HIT.get(meaning, ())})
    below = topology.sites_below(node)
    if not len(below) and meanings & {"core", "sms"}:
        below = np.arange(len(ground.site_id))
    own = [ground.cells_of.get(site, _NONE) for site in below.tolist()] if rats else []
    cells = ground.only(np.concatenate([_NONE, *own]), rats)
    sites = np.unique(ground.site[cells])
    return Group(rows, node, str(topology.kind_of(node)), sites, cells, False, "NODE-1")
