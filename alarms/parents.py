"""Find the highest common parent that explains outages of several sites.

A parent explains the sites below it when at least the stated share of them went out within the
stated time of each other; healthy sites below it speak against it. An alarm of its own makes any
number of sites below it, gone at that time, its children. A power feeder needs power alarms at its
sites, a controller needs an outage of second and third generation alone.

Simple so far: the cut of a ring between two nodes is not located; the sites stay with the nearest
parent that explains them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from alarms.episodes import Array
from alarms.placing import DOWN, RootRules, Signs
from alarms.site_groups import CIRCUIT_RATS, Ground, Group

# Of parents with the same sites below them the first here is the root.
_NEAREST = ("hub", "site", "power", "controller", "ring", "core")
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
class _Child:
    """A group of one site that may have its root higher up; starts in microseconds."""

    group: Group
    out_at: int | None
    power_at: int | None


def with_parents(
    groups: list[Group], signs: Signs, topology: Any, *, ground: Ground, rules: RootRules
) -> list[Group]:
    """Return the groups with outages of several sites put under a common parent.

    Parameters
    ----------
    groups : list of Group
        As `site_groups` returns them.
    signs : Signs
    topology : sites.topology.Topology
    ground : Ground
    rules : RootRules

    Returns
    -------
    list of Group
        Parents first, each with its children's alarms, then groups without one as they were.
    """
    children = _children(groups, signs, rules)
    own = _alarms_of_nodes(signs)
    parents: list[Group] = []
    taken: set[int] = set()
    for node in _candidates(children, topology, own):
        free = {site: child for site, child in children.items() if site not in taken}
        rows: Array = np.empty(0, dtype=np.int64)
        members: list[_Child] = []
        for since in _begins(signs, own.get(node)):
            found = _members(node, free, topology, since=since, ground=ground, rules=rules)
            if len(found) > len(members):
                rows, members = _rows_since(signs, own.get(node), since, rules), found
        if members:
            _leave(own, node, rows)
            parents.append(_parent(node, members, rows, topology=topology))
            taken.update(int(child.group.sites[0]) for child in members)
    alone = [
        _alone(node, rows, signs, topology=topology, ground=ground) for node, rows in own.items()
    ]
    absorbed = {id(children[site].group) for site in taken}
    return [*parents, *alone, *(group for group in groups if id(group) not in absorbed)]


def _begins(signs: Signs, rows: Array | None) -> list[int | None]:
    """Return when a node's own alarms began, the latest first; None where it has none.

    An old alarm that was never cleared says nothing of an outage today: each is tried.
    """
    if rows is None or not len(rows):
        return [None]
    return sorted(set(signs.raised[rows].tolist()), reverse=True)


def _rows_since(signs: Signs, rows: Array | None, since: int | None, rules: RootRules) -> Array:
    """Return the node's alarms that began with the outage."""
    if rows is None or since is None:
        return np.empty(0, dtype=np.int64)
    return np.asarray(rows[np.abs(signs.raised[rows] - since) <= rules.together_us])


def _leave(own: dict[str, Array], node: str, rows: Array) -> None:
    """Leave to a node the alarms that are not of the outage."""
    left = np.setdiff1d(own.pop(node, rows), rows)
    if len(left):
        own[node] = left


def _went_out(starts: Array, rules: RootRules) -> int:
    """Return when most of the alarms that say down began together, the latest such time."""
    ordered = np.sort(starts)
    ends = np.searchsorted(ordered, ordered + rules.together_us, side="right")
    counts = ends - np.arange(len(ordered))
    return int(ordered[np.flatnonzero(counts == counts.max())[-1]])


def _children(groups: list[Group], signs: Signs, rules: RootRules) -> dict[int, _Child]:
    """Return by site the group that may have its root higher up."""
    children: dict[int, _Child] = {}
    for group in groups:
        power = group.rows[signs.meaning[group.rows] == "mains_off"]
        down = group.rows[signs.effect[group.rows] == DOWN]
        if not group.is_outage and not len(power):
            continue
        out_at = _went_out(signs.raised[down], rules) if group.is_outage and len(down) else None
        power_at = int(signs.start[power].min()) if len(power) else None
        site = int(group.sites[0])
        if group.is_outage or site not in children:
            children[site] = _Child(group, out_at, power_at)
    return children


def _alarms_of_nodes(signs: Signs) -> dict[str, Array]:
    """Return the alarms of each object that is no site or cell."""
    rows = np.flatnonzero(signs.site < 0)
    objects = signs.object_id[rows]
    return {str(name): rows[objects == name] for name in sorted(set(objects.tolist()))}


def _candidates(children: dict[int, _Child], topology: Any, own: dict[str, Array]) -> list[str]:
    """Return the nodes that could be a common root, the highest first."""
    nodes = set(own)
    for site in children:
        nodes.update(topology.nodes_above(site))
    size = {node: len(topology.sites_below(node)) for node in nodes}

    def place(node: str) -> tuple[int, int, str]:
        kind = topology.kind_of(node)
        return -size[node], _NEAREST.index(kind) if kind in _NEAREST else len(_NEAREST), node

    return sorted(nodes, key=place)


def _members(
    node: str,
    children: dict[int, _Child],
    topology: Any,
    *,
    since: int | None,
    ground: Ground,
    rules: RootRules,
) -> list[_Child]:
    """Return the children a node explains, none where it explains too few."""
    below = topology.sites_below(node).tolist()
    found = [children[site] for site in below if site in children]
    kind = topology.kind_of(node)
    if kind == "power":
        return _powered(found, len(below), since=since, rules=rules)
    found = [child for child in found if child.out_at is not None]
    if kind == "controller":
        found = [child for child in found if _is_circuit_only(child.group, ground)]
    if since is not None:
        return [child for child in found if abs(_out_at(child) - since) <= rules.together_us]
    members = _densest(found, [_out_at(child) for child in found], rules)
    needed = max(rules.fewest_sites, rules.explained_share * len(below))
    with_power = sum(child.power_at is not None for child in members)
    is_power = with_power >= rules.power_share * max(len(members), 1) and with_power > 1
    return members if len(members) >= needed and not is_power else []


def _out_at(child: _Child) -> int:
    """Return when a child went out; it has."""
    return -1 if child.out_at is None else child.out_at


def _powered(
    found: list[_Child], count: int, *, since: int | None, rules: RootRules
) -> list[_Child]:
    """Return the children of a power feeder, none where too few of `count` sites lost power."""
    lost = [child for child in found if child.power_at is not None]
    times = [-1 if child.power_at is None else child.power_at for child in lost]
    cluster = _densest(lost, times, rules)
    if len(cluster) < rules.fewest_sites and since is None:
        return []
    start = since if since is not None else min(child.power_at or 0 for child in cluster)
    late = start + rules.precursor_us.get("power", 0)
    silent = [
        child
        for child in found
        if child.power_at is None and start - rules.together_us <= _out_at(child) <= late
    ]
    if since is not None:
        return [*cluster, *silent]
    enough = len(cluster) + len(silent) >= rules.explained_share * count
    return [*cluster, *silent] if enough and len(cluster) >= rules.power_share * count else []


def _densest(found: list[_Child], times: list[int], rules: RootRules) -> list[_Child]:
    """Return the most children that started within the stated time of each other."""
    if not found:
        return []
    order = np.argsort(times, kind="stable")
    starts = np.array(times)[order]
    ends = np.searchsorted(starts, starts + rules.together_us, side="right")
    first = int(np.argmax(ends - np.arange(len(starts))))
    return [found[at] for at in order[first : ends[first]]]


def _is_circuit_only(group: Group, ground: Ground) -> bool:
    """Return whether only second and third generation of a site are out."""
    return len(ground.only(group.cells, CIRCUIT_RATS)) == len(group.cells)


def _parent(node: str, members: list[_Child], rows: Array, *, topology: Any) -> Group:
    """Return the group of a node and its children."""
    groups = [child.group for child in members]
    rule = "PARENT-2" if len(rows) else "PARENT-1"
    return Group(
        rows=np.unique(np.concatenate([rows, *(group.rows for group in groups)])),
        object_id=node,
        kind=str(topology.kind_of(node)),
        sites=np.unique(np.concatenate([group.sites for group in groups])),
        cells=np.unique(np.concatenate([group.cells for group in groups])),
        is_outage=any(group.is_outage for group in groups),
        rule=rule,
    )


def _alone(node: str, rows: Array, signs: Signs, *, topology: Any, ground: Ground) -> Group:
    """Return the group of a node whose alarms no site below it confirms."""
    kind = str(topology.kind_of(node))
    meanings = set(signs.meaning[rows].tolist())
    rats = {rat for meaning in meanings for rat in _RATS_HIT.get(meaning, ())}
    below = topology.sites_below(node)
    if not len(below) and meanings & {"core", "sms"}:
        below = np.arange(len(ground.site_id))
    hit = (
        [
            (site, ground.only(ground.cells_of[site], rats))
            for site in below.tolist()
            if site in ground.cells_of
        ]
        if rats
        else []
    )
    sites = np.array([site for site, cells in hit if len(cells)], dtype=np.int64)
    cells = np.concatenate([_NONE, *(cells for _, cells in hit)])
    return Group(rows, node, kind, sites, cells, False, "NODE-1")
