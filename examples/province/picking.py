"""Draw sites, cells and nodes for a fault to strike.

Simple so far: all sites of a kind are equally likely; cells are likelier the more users they have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from examples.province.world import World

Array = Any


@dataclass(frozen=True)
class Reach:
    """What a fault breaks.

    Attributes
    ----------
    object_id : str
    cells : array of int
        Positions of the cells hit, sorted, unique.
    degree : array of float
        How hard each is hit, above 0 to 1.
    site : int
        Position of the site nearest to the trouble.
    """

    object_id: str
    cells: Array
    degree: Array
    site: int


@dataclass(frozen=True)
class Ground:
    """A world with the names of its nodes laid out to be drawn from.

    Attributes
    ----------
    world : World
    nodes : dict of kind to tuple of (names, county of each, sites below each)
    county_cells : list of array of int
        Cells of each county.
    """

    world: World
    nodes: dict[str, tuple[Array, Array, Array]]
    county_cells: list[Array]


def ground_of(world: World) -> Ground:
    """Return a world with the names of its nodes laid out."""
    county = world.network.sites["county"].to_numpy()
    nodes = {}
    for kind, below in world.wiring.below.items():
        names = np.array(list(below), dtype=object)
        of = np.array([county[sites[0]] for sites in below.values()], dtype=int)
        nodes[kind] = (names, of, np.array([len(sites) for sites in below.values()], dtype=int))
    owner = county[world.network.cells["site"].to_numpy()]
    order = np.argsort(owner, kind="stable")
    start = np.searchsorted(owner[order], np.arange(len(world.land.counties) + 1))
    cells = [order[a:b] for a, b in zip(start[:-1], start[1:], strict=True)]
    return Ground(world, nodes, cells)


def pick_node(
    ground: Ground, kind: str, county: int | None, rng: np.random.Generator, *, least: int = 1
) -> str | None:
    """Return a node of a kind with so many sites below it, or None."""
    names, of, size = ground.nodes[kind]
    fits = size >= least
    if county is not None:
        fits &= of == county
    return str(rng.choice(names[fits])) if fits.any() else None


def pick_site(
    ground: Ground, county: int | None, rng: np.random.Generator, *, kinds: tuple[str, ...]
) -> int | None:
    """Return a site of some kinds that has cells, or None."""
    sites = ground.world.network.sites
    fits = sites["kind"].isin(kinds)
    if county is not None and (fits & (sites["county"] == county)).any():
        fits &= sites["county"] == county
    at = np.flatnonzero(fits)
    return int(rng.choice(at)) if len(at) else None


def pick_cell(
    ground: Ground,
    rng: np.random.Generator,
    county: int | None,
    wanted: Mapping[str, Any],
    *,
    users: Array | None = None,
) -> Reach | None:
    """Return a cell as the reach of a fault, or None.

    `wanted` may say `rat`, `codes` (letters of layers) and `is_turned` (has an azimuth).
    """
    world, cells = ground.world, ground.world.network.cells
    size = np.array([len(part) for part in ground.county_cells])
    if county is None or not size[county]:
        county = int(rng.choice(len(size), p=size / size.sum()))
    at = ground.county_cells[county]
    at = at[_fits(world, cells.iloc[at], wanted)]
    if not len(at):
        return None
    many = world.home[at] + world.home_voice[at] if users is None else users[at]
    weight = np.sqrt(20 + many) if users is None else many + 0.01
    cell = int(rng.choice(at, p=weight / weight.sum()))
    return evenly(cell_id(ground, cell), np.array([cell]), int(cells["site"].iloc[cell]))


def _fits(world: World, cells: Any, wanted: Mapping[str, Any]) -> Array:
    """Return which cells are of the wanted technology, layers and antenna."""
    fits = np.ones(len(cells), dtype=bool)
    if "rat" in wanted:
        fits &= cells["rat"].to_numpy() == wanted["rat"]
    if "codes" in wanted:
        code = world.network.layers["code"].to_numpy()[cells["layer"]]
        fits &= np.isin(code, list(wanted["codes"]))
    if wanted.get("is_turned"):
        fits &= cells["azimuth"].notna().to_numpy()
    return fits


def whole_sites(ground: Ground, object_id: str | None, sites: Array) -> Reach:
    """Return sites with all their cells; without an object the first site is what is broken."""
    name = object_id or site_id(ground, int(sites[0]))
    return evenly(name, ground.world.cells_of(np.sort(sites)), int(sites[0]))


def under_controller(
    ground: Ground, rng: np.random.Generator, county: int | None, *, prefix: str
) -> Reach | None:
    """Return the cells under a controller whose name begins with a prefix, or None."""
    names, of, _ = ground.nodes["controller"]
    fits = np.array([str(name).startswith(prefix) for name in names], dtype=bool)
    if county is not None and (fits & (of == county)).any():
        fits &= of == county
    if not fits.any():
        return None
    node = str(rng.choice(names[fits]))
    sites = ground.world.wiring.below["controller"][node]
    cells = ground.world.cells_of(sites)
    rat = "UMTS" if node.startswith("RNC") else "GSM"
    cells = cells[ground.world.network.cells["rat"].to_numpy()[cells] == rat]
    return evenly(node, cells, int(sites[0]))


def of_core(ground: Ground, rng: np.random.Generator, *, groups: tuple[int, ...]) -> Reach | None:
    """Return the cells of some groups under a core, or None."""
    node = pick_node(ground, "core", None, rng)
    if node is None:
        return None
    sites = ground.world.wiring.below["core"][node]
    cells = ground.world.cells_of(sites)
    cells = cells[np.isin(ground.world.network.cells["group"].to_numpy()[cells], groups)]
    return evenly(node, cells, int(sites[0])) if len(cells) else None


def with_company(
    ground: Ground, rng: np.random.Generator, county: int | None, degree: tuple[float, float]
) -> Reach | None:
    """Return a cell and one or two neighbours on its layer, those hit less, or None."""
    found = pick_cell(ground, rng, county, {"is_turned": True})
    if found is None:
        return None
    cells = ground.world.network.cells
    others = ground.world.neighbours_of(int(found.cells[0]))
    is_same = cells["layer"].to_numpy()[others] == cells["layer"].to_numpy()[found.cells[0]]
    others = rng.permutation(others[is_same])[: rng.integers(1, 3)]
    hit = np.concatenate([found.cells, others])
    weight = np.concatenate([[1.0], rng.uniform(*degree, len(others))])
    return in_order(found.object_id, hit, weight, found.site)


def evenly(object_id: str, cells: Array, site: int) -> Reach:
    """Return a reach that hits all its cells alike."""
    cells = np.unique(cells)
    return Reach(object_id, cells, np.ones(len(cells)), site)


def in_order(object_id: str, cells: Array, degree: Array, site: int) -> Reach:
    """Return a reach with its cells sorted."""
    cells, first = np.unique(cells, return_index=True)
    return Reach(object_id, cells, np.asarray(degree)[first], site)


def cell_id(ground: Ground, cell: int) -> str:
    """Return the identifier of a cell."""
    return str(ground.world.network.cells["cell_id"].iloc[cell])


def site_id(ground: Ground, site: int) -> str:
    """Return the identifier of a site."""
    return str(ground.world.network.sites["site_id"].iloc[site])
