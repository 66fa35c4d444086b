"""Group the alarms of each site: one group per fault, before any parent is looked for.

A site that is out is one group with what led to it and what follows from it. Else alarms of one
family on the site's equipment are one group, and alarms of one family on its cells that started
together are one.

Simple so far: cells of a sector are not told from cells of other sectors that failed at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from alarms.episodes import Array
from alarms.placing import DOWN, RootRules, Signs

# Families whose alarm on a site, when it says "down", puts the whole site out.
_SITE_OUT = ("power", "station", "board")
# Alarms of this family may follow each other over hours and are still one fault.
_LONG = "power"
# Links that carry packet service only: second generation goes on without them.
_PACKET_LINKS = {"s1_down", "s1_degraded"}
_PACKET_RATS = ("LTE", "NR")
# Links to a controller: fourth and fifth generation go on without them.
_CIRCUIT_LINKS = {"bts_link"}
CIRCUIT_RATS = ("GSM", "UMTS")


@dataclass(frozen=True, eq=False)
class Group:
    """Alarms of one fault.

    Attributes
    ----------
    rows
        Positions in `Signs`.
    object_id, kind
        Root, and what it is: cell, site, hub, ring, core, controller, power or unknown.
    sites, cells
        Positions of the sites touched, and of the cells down or degraded.
    is_outage
        Whole sites are out.
    rule
        Number of the rule that made the group.
    """

    rows: Array
    object_id: str
    kind: str
    sites: Array
    cells: Array
    is_outage: bool
    rule: str


@dataclass(frozen=True, eq=False)
class Ground:
    """What the network says about cells, as arrays by position.

    Attributes
    ----------
    site_id, cell_id, rat : array of object
    cells_of
        Positions of the cells of each site.
    """

    site_id: Array
    cell_id: Array
    rat: Array
    cells_of: Mapping[int, Array]

    @classmethod
    def of(cls, network: Any) -> "Ground":
        """Return the ground of a `sites.inventory.Network`."""
        site = network.cells["site"].to_numpy(dtype=np.int64)
        order = np.argsort(site, kind="stable")
        numbers, starts = np.unique(site[order], return_index=True)
        return cls(
            site_id=np.asarray(network.sites["site_id"].to_numpy(dtype=object)),
            cell_id=np.asarray(network.cells["cell_id"].to_numpy(dtype=object)),
            rat=np.asarray(network.cells["rat"].to_numpy(dtype=object)),
            cells_of=dict(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True)),
        )

    def only(self, cells: Array, rats: Iterable[str]) -> Array:
        """Return those of some cells that have one of some technologies."""
        return cells[np.isin(self.rat[cells], list(rats))]


def site_groups(signs: Signs, ground: Ground, rules: RootRules) -> list[Group]:
    """Return the groups of alarms on sites and cells.

    Parameters
    ----------
    signs : Signs
    ground : Ground
    rules : RootRules

    Returns
    -------
    list of Group
        By site; alarms on nodes and unknown objects are in none.
    """
    rows = np.flatnonzero(signs.site >= 0)
    rows = rows[np.argsort(signs.site[rows], kind="stable")]
    edges = np.flatnonzero(np.diff(signs.site[rows])) + 1
    groups: list[Group] = []
    for part in np.split(rows, edges) if len(rows) else []:
        groups.extend(_groups_of_site(part, signs, ground, rules))
    return groups


def _groups_of_site(rows: Array, signs: Signs, ground: Ground, rules: RootRules) -> Iterable[Group]:
    """Return the groups of one site; `rows` are its alarms by start."""
    site = int(signs.site[rows[0]])
    own = ground.cells_of.get(site, np.empty(0, dtype=np.int64))
    out_at = _out_since(rows, signs, rules, count=len(own))
    rest = rows
    if out_at is not None:
        member = _belongs_to_outage(rows, signs, rules, out_at=out_at)
        site_id, cells = str(ground.site_id[site]), _cells_out(rows[member], signs, ground, own=own)
        yield Group(rows[member], site_id, "site", np.array([site]), cells, True, "SITE-1")
        rest = rows[~member]
    for family in sorted(set(signs.family[rest])):
        of_family = rest[signs.family[rest] == family]
        wide = of_family[signs.is_site_wide[of_family]]
        parts = [wide] if family == _LONG and len(wide) else _together(wide, signs, rules)
        for part in parts:
            yield _part(part, signs, ground, rule="SITE-2", own=own)
        narrow = of_family[~signs.is_site_wide[of_family]]
        for part in _together(narrow, signs, rules):
            yield _part(part, signs, ground, rule="CELL-1", own=own)


def _out_since(rows: Array, signs: Signs, rules: RootRules, *, count: int) -> int | None:
    """Return when a site of `count` cells went out, or None while it serves."""
    is_down = signs.effect[rows] == DOWN
    is_cause = np.isin(signs.family[rows], _SITE_OUT)
    wide = rows[is_down & is_cause & signs.is_site_wide[rows]]
    since = [int(signs.start[wide].min())] if len(wide) else []
    narrow = rows[is_down & ~signs.is_site_wide[rows]]
    for part in _together(narrow, signs, rules):
        failed = len(set(signs.cell[part].tolist()))
        if failed >= rules.fewest_sites and failed >= rules.explained_share * count:
            since.append(int(signs.start[part].min()))
    return min(since) if since else None


def _cells_out(rows: Array, signs: Signs, ground: Ground, *, own: Array) -> Array:
    """Return the cells of a site that is out: those a lost controller link leaves are not."""
    is_down = signs.effect[rows] == DOWN
    wide = rows[is_down & signs.is_site_wide[rows]]
    failed = np.unique(signs.cell[rows[is_down & ~signs.is_site_wide[rows]]])
    is_circuit = len(wide) > 0 and set(signs.meaning[wide].tolist()) <= _CIRCUIT_LINKS
    if is_circuit and len(ground.only(failed, CIRCUIT_RATS)) == len(failed):
        return ground.only(own, CIRCUIT_RATS)
    return own


def _belongs_to_outage(rows: Array, signs: Signs, rules: RootRules, *, out_at: int) -> Array:
    """Return which alarms of a site led to its outage or follow from it."""
    start = signs.start[rows]
    lead = np.array([rules.precursor_us.get(family, 0) for family in signs.family[rows]])
    return np.asarray(start >= out_at - np.maximum(lead, rules.together_us))


def _together(rows: Array, signs: Signs, rules: RootRules) -> list[Array]:
    """Return alarms by start, cut where a quiet time is longer than a fault takes to show."""
    if not len(rows):
        return []
    cuts = np.flatnonzero(np.diff(signs.start[rows]) > rules.together_us) + 1
    return np.split(rows, cuts)


def _part(rows: Array, signs: Signs, ground: Ground, *, rule: str, own: Array) -> Group:
    """Return a group that is no outage of the whole site."""
    site = int(signs.site[rows[0]])
    cells = np.unique(signs.cell[rows][signs.cell[rows] >= 0])
    objects = sorted(set(signs.object_id[rows].tolist()))
    if len(objects) == 1:
        object_id = objects[0]
    elif len(cells) == 1:
        object_id = str(ground.cell_id[int(cells[0])])
    else:
        object_id = str(ground.site_id[site])
    kind = "cell" if len(cells) and rule.startswith("CELL") else "site"
    if set(signs.meaning[rows].tolist()) <= _PACKET_LINKS:
        own = ground.only(own, _PACKET_RATS)
    touched = cells if len(cells) else own
    return Group(rows, object_id, kind, np.array([site]), touched, False, rule)
