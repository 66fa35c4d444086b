"""Group the alarms of each site: one group per fault, before any parent is looked for.

A site that is out is one group with what led to it and what follows from it. Else alarms of one
family on the site's equipment are one group, and alarms of one family on its cells that started
together are one.

Simple so far: cells of a sector are not told from cells of other sectors that failed at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from alarms.episodes import FLAP_GAP_US, NOT_YET, Array
from alarms.odds import site_log_odds
from alarms.placing import DOWN, Signs
from alarms.root_rules import RootRules

# Families whose alarm on a site, when it says "down", puts the whole site out.
_SITE_OUT = ("power", "station", "board")
# Families whose alarm on a site goes with its outage, whatever it says itself.
_TELLING = ("power", "station", "board", "link")
# Alarms of this family may follow each other over hours and are still one fault.
_LONG = "power"
_NEVER = np.iinfo(np.int64).max
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
    site : array of int
        Position of the site of each cell.
    cells_of
        Positions of the cells of each site.
    """

    site_id: Array
    cell_id: Array
    site: Array
    rat: Array
    cells_of: Mapping[int, Array]
    _of_rats: dict[tuple[str, ...], Array] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Any) -> "Ground":
        """Return the ground of a `sites.inventory.Network`."""
        site = network.cells["site"].to_numpy(dtype=np.int64)
        order = np.argsort(site, kind="stable")
        numbers, starts = np.unique(site[order], return_index=True)
        return cls(
            site_id=np.asarray(network.sites["site_id"].to_numpy(dtype=object)),
            cell_id=np.asarray(network.cells["cell_id"].to_numpy(dtype=object)),
            site=site,
            rat=np.asarray(network.cells["rat"].to_numpy(dtype=object)),
            cells_of=dict(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True)),
        )

    def only(self, cells: Array, rats: Iterable[str]) -> Array:
        """Return those of some cells that have one of some technologies."""
        return cells[self.has_rat(tuple(rats))[cells]]

    def has_rat(self, rats: tuple[str, ...]) -> Array:
        """Return which cells have one of some technologies."""
        if rats not in self._of_rats:
            self._of_rats[rats] = np.isin(self.rat.astype(str), rats)
        return self._of_rats[rats]


@dataclass
class Sieve:
    """Lets through the groups of sites that are not as before.

    Attributes
    ----------
    content : array of uint64
        A number for each alarm and its state.
    served : array of int, shape (sites,)
        Begin of the latest period in which counters show each site to serve.
    known : mapping of int to set of int
        Marks of the groups of each site before.
    seen : dict of int to set of int
        Those of now.
    """

    content: Array
    served: Array
    known: Mapping[int, frozenset[int]]
    seen: dict[int, set[int]]

    def is_new(self, site: int, total: int, rule: str) -> bool:
        """Note a group by the sum of its alarms' numbers, and tell whether it is not as before."""
        mark = hash((total, rule, 0 if rule == "CELL-1" else int(self.served[site])))
        self.seen[site].add(mark)
        return mark not in self.known.get(site, ())


def site_groups(
    signs: Signs, rows: Array, *, ground: Ground, rules: RootRules, sieve: Sieve | None = None
) -> list[Group]:
    """Return the groups of alarms on sites and cells.

    Parameters
    ----------
    signs : Signs
    rows : array of int
        Alarms to group, of sites and cells.
    ground : Ground
    rules : RootRules
    sieve : Sieve, optional
        Only groups that are not as before are returned.

    Returns
    -------
    list of Group
    """
    is_down = signs.effect[rows] == DOWN
    wide = signs.is_site_wide[rows]
    is_cause = is_down & wide & signs.is_of(_SITE_OUT)[rows]
    count = len(ground.site_id)
    failed = np.bincount(signs.site[rows[is_down & ~wide]], minlength=count)
    may_be_out = (failed >= rules.fewest_sites) | (
        np.bincount(signs.site[rows[is_cause]], minlength=count) > 0
    )
    asked = may_be_out[signs.site[rows]]
    groups = []
    left = [rows[~asked]]
    for part in _by_site(rows[asked], signs):
        rest = part
        for group in _outages(part, signs, ground, rules):
            rest = rest[~np.isin(rest, group.rows)]
            if sieve is None or sieve.is_new(
                int(group.sites[0]), int(sieve.content[group.rows].sum()), group.rule
            ):
                groups.append(group)
        left.append(rest)
    return [*groups, *_parts(np.concatenate(left), signs, ground, rules, sieve=sieve)]


def _by_site(rows: Array, signs: Signs) -> list[Array]:
    """Return the alarms of each site, by start."""
    if not len(rows):
        return []
    rows = np.sort(rows)
    rows = rows[np.argsort(signs.site[rows], kind="stable")]
    return np.split(rows, np.flatnonzero(np.diff(signs.site[rows])) + 1)


def _outages(rows: Array, signs: Signs, ground: Ground, rules: RootRules) -> Iterable[Group]:
    """Return the outages of one site; `rows` are its alarms by start."""
    site = int(signs.site[rows[0]])
    own = ground.cells_of.get(site, np.empty(0, dtype=np.int64))
    rest = rows
    while len(rest):
        out = _outage(rest, signs, rules, count=len(own))
        if out is None:
            break
        member = _belongs_to_outage(rest, signs, rules, out=out)
        site_id, cells = str(ground.site_id[site]), cells_out(rest[member], signs, ground, own=own)
        yield Group(rest[member], site_id, "site", np.array([site]), cells, True, "SITE-1")
        rest = rest[~member]


def _parts(
    rows: Array, signs: Signs, ground: Ground, rules: RootRules, *, sieve: Sieve | None
) -> list[Group]:
    """Return the groups of alarms of sites that are not out: by family, those of a site and of its cells apart."""
    if not len(rows):
        return []
    families = sorted(set(signs.families))
    code = np.array([families.index(name) for name in signs.families])[signs.meaning_code[rows]]
    wide = signs.is_site_wide[rows]
    order = np.lexsort((rows, signs.start[rows], ~wide, code, signs.site[rows]))
    rows, code, wide = rows[order], code[order], wide[order]
    is_new = (np.diff(signs.site[rows]) != 0) | (np.diff(code) != 0) | (wide[1:] != wide[:-1])
    is_long = wide[1:] & (code[1:] == (families.index(_LONG) if _LONG in families else -1))
    is_new |= (np.diff(signs.start[rows]) > rules.together_us) & ~is_long
    edges = np.r_[0, np.flatnonzero(is_new) + 1, len(rows)]
    kept = np.ones(len(edges) - 1, dtype=bool)
    names = np.where(wide[edges[:-1]], "SITE-2", "CELL-1").tolist()
    if sieve is not None:
        totals = np.add.reduceat(sieve.content[rows], edges[:-1]).tolist()
        sites = signs.site[rows][edges[:-1]].tolist()
        kept = np.array([sieve.is_new(*one) for one in zip(sites, totals, names, strict=True)])
    spans = edges.tolist()
    return [
        _part(rows[spans[at] : spans[at + 1]], signs, ground, rule=names[at])
        for at in np.flatnonzero(kept).tolist()
    ]


def _outage(rows: Array, signs: Signs, rules: RootRules, *, count: int) -> tuple[int, int] | None:
    """Return since and until when a site of `count` cells was out first, or None where it serves."""
    is_down = signs.effect[rows] == DOWN
    is_cause = np.isin(signs.family[rows], _SITE_OUT)
    wide = rows[is_down & is_cause & signs.is_site_wide[rows]]
    found = [_span(part, signs) for part in _together(wide, signs, rules)]
    narrow = rows[is_down & ~signs.is_site_wide[rows]]
    telling = rows[signs.is_site_wide[rows] & np.isin(signs.family[rows], _TELLING)]
    for part in _together(narrow, signs, rules):
        failed = len(set(signs.cell[part].tolist()))
        begun = int(signs.start[part].min())
        has_own = bool((np.abs(signs.start[telling] - begun) <= rules.together_us).any())
        value = site_log_odds(failed, count - failed, has_own=has_own, odds=rules.odds)
        if failed >= rules.fewest_sites and value >= rules.odds.accept:
            found.append(_span(part, signs))
    return min(found) if found else None


def _span(rows: Array, signs: Signs) -> tuple[int, int]:
    """Return since and until when some alarms were in force; the greatest int64 while one is."""
    ended = signs.ended[rows]
    until = _NEVER if (ended == NOT_YET).any() else int(ended.max())
    return int(signs.start[rows].min()), until


def cells_out(rows: Array, signs: Signs, ground: Ground, *, own: Array) -> Array:
    """Return the cells of a site that is out: those a lost controller link leaves are not.

    Parameters
    ----------
    rows : array of int
        Alarms of the outage at the site.
    signs : Signs
    ground : Ground
    own : array of int
        All cells of the site.
    """
    is_down = signs.effect[rows] == DOWN
    wide = rows[is_down & signs.is_site_wide[rows]]
    failed = np.unique(signs.cell[rows[is_down & ~signs.is_site_wide[rows]]])
    is_circuit = len(wide) > 0 and set(signs.meaning[wide].tolist()) <= _CIRCUIT_LINKS
    if is_circuit and len(ground.only(failed, CIRCUIT_RATS)) == len(failed):
        return ground.only(own, CIRCUIT_RATS)
    return own


def _belongs_to_outage(
    rows: Array, signs: Signs, rules: RootRules, *, out: tuple[int, int]
) -> Array:
    """Return which alarms of a site led to its outage or came before it was over."""
    since, until = out
    start = signs.start[rows]
    lead = np.array([rules.precursor_us.get(family, 0) for family in signs.family[rows]])
    is_after = start >= since - np.maximum(lead, rules.together_us)
    return np.asarray(is_after & (start <= min(until, _NEVER - FLAP_GAP_US) + FLAP_GAP_US))


def _together(rows: Array, signs: Signs, rules: RootRules) -> list[Array]:
    """Return alarms by start, cut where a quiet time is longer than a fault takes to show."""
    if not len(rows):
        return []
    cuts = np.flatnonzero(np.diff(signs.start[rows]) > rules.together_us) + 1
    return np.split(rows, cuts)


def _part(rows: Array, signs: Signs, ground: Ground, *, rule: str) -> Group:
    """Return a group that is no outage of the whole site."""
    site = int(signs.site[rows[0]])
    cells = signs.cell[rows]
    cells = np.unique(cells[cells >= 0]) if len(rows) > 1 else cells[cells >= 0]
    objects = set(signs.object_id[rows].tolist())
    if len(objects) == 1:
        object_id = str(next(iter(objects)))
    elif len(cells) == 1:
        object_id = str(ground.cell_id[int(cells[0])])
    else:
        object_id = str(ground.site_id[site])
    kind = "cell" if len(cells) and rule.startswith("CELL") else "site"
    if not len(cells):
        cells = ground.cells_of.get(site, cells)
        if set(signs.meaning[rows].tolist()) <= _PACKET_LINKS:
            cells = ground.only(cells, _PACKET_RATS)
    return Group(rows, object_id, kind, np.array([site]), cells, False, rule)
