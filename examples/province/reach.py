"""Place a fault: what is broken, and how hard it hits which cells.

Each function takes the ground, the randomness and a county (None for anywhere), and returns a
`Reach`, or None where the province has nothing of the kind.

Simple so far: where a fault strikes hardly depends on the age or make of what is there.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from examples.province.picking import (
    Ground,
    Reach,
    cell_id,
    evenly,
    in_order,
    of_core,
    pick_cell,
    pick_node,
    pick_site,
    site_id,
    under_controller,
    whole_sites,
    with_company,
)

Array = Any
VENUES = ("stadium", "town_market", "station")
MICROWAVE_SITES = 3


Placing = Callable[[Ground, np.random.Generator, int | None], Reach | None]


def feeder(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the sites of a power feeder whose batteries don't last."""
    node = pick_node(ground, "feeder", county, rng)
    if node is None:
        return None
    sites = ground.world.wiring.below["feeder"][node]
    dead = sites[rng.random(len(sites)) < 0.65]
    dead = dead if len(dead) else sites[:1]
    return whole_sites(ground, node if len(dead) > 1 else None, dead)


def any_site(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return one site."""
    site = pick_site(ground, county, rng, kinds=("urban", "town", "village"))
    return None if site is None else whole_sites(ground, None, np.array([site]))


def indoor(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return one indoor system."""
    site = pick_site(ground, county, rng, kinds=("indoor",))
    return None if site is None else whole_sites(ground, None, np.array([site]))


def trunk(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return what falls with a hub, with a ring cut twice or with the start of a chain."""
    kind = str(rng.choice(["hub", "ring", "chain"], p=[0.12, 0.38, 0.5]))
    node = pick_node(ground, kind, county, rng, least=2) or pick_node(ground, "hub", None, rng)
    if node is None:
        return None
    below = ground.world.wiring.below
    sites = next(below[k][node] for k in ("hub", "ring", "chain") if node in below[k])
    return whole_sites(ground, node, sites)


def chain_end(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the last sites of a chain, or a site that hangs by itself."""
    node = pick_node(ground, "chain", county, rng)
    sites = None if node is None else ground.world.wiring.below["chain"][node]
    if sites is None or len(sites) >= MICROWAVE_SITES or rng.random() < 0.4:
        return any_site(ground, rng, county)
    return whole_sites(ground, node, sites)


def branch(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the sites behind a link of bad quality: one, a chain or a ring."""
    if rng.random() < 0.55:
        return any_site(ground, rng, county)
    kind = str(rng.choice(["ring", "chain"]))
    node = pick_node(ground, kind, county, rng)
    if node is None:
        return any_site(ground, rng, county)
    return whole_sites(ground, node, ground.world.wiring.below[kind][node])


def work(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return what planned work takes down: mostly a site, now and then a ring."""
    node = pick_node(ground, "ring", county, rng) if rng.random() < 0.2 else None
    if node is None:
        return any_site(ground, rng, county)
    return whole_sites(ground, node, ground.world.wiring.below["ring"][node])


def controller(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the cells under a controller of GSM or UMTS."""
    return under_controller(ground, rng, county, prefix="")


def transcoder(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the cells under a controller of GSM, whose speech passes its transcoders."""
    return under_controller(ground, rng, county, prefix="BSC")


def data_node(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the cells whose packets pass a packet control unit, or a node of the data core."""
    if rng.random() < 0.6:
        return under_controller(ground, rng, county, prefix="BSC")
    return of_core(ground, rng, groups=(1, 2))


def core(ground: Ground, rng: np.random.Generator, _county: int | None) -> Reach | None:
    """Return all cells of a core."""
    return of_core(ground, rng, groups=(0, 1, 2))


def lte_site(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the cells of LTE and NR of one site."""
    found = any_site(ground, rng, county)
    if found is None:
        return None
    cells = found.cells[ground.world.network.cells["group"].to_numpy()[found.cells] > 0]
    return evenly(found.object_id, cells, found.site) if len(cells) else None


def one_cell(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return one cell."""
    return pick_cell(ground, rng, county, {})


def carrier(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return a GSM cell of which one transceiver fails, not the one with the broadcast channel."""
    found = pick_cell(ground, rng, county, {"rat": "GSM"})
    if found is None:
        return None
    main = int(ground.world.network.cells["bcch_trx"].iloc[found.cells[0]])
    number = main % 4 + 1
    return Reach(f"{found.object_id}/TRX-{number}", found.cells, found.degree, found.site)


def main_carrier(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return a GSM cell whose transceiver with the broadcast channel fails; rarely all sectors."""
    found = pick_cell(ground, rng, county, {"rat": "GSM"})
    if found is None:
        return None
    cells = ground.world.network.cells
    if rng.random() < 0.2:
        own = ground.world.cells_of(np.array([found.site]))
        gsm = own[cells["rat"].to_numpy()[own] == "GSM"]
        if len(gsm) > 1:
            return evenly(site_id(ground, found.site), gsm, found.site)
    number = cells["bcch_trx"].iloc[found.cells[0]]
    return Reach(f"{found.object_id}/TRX-{number}", found.cells, found.degree, found.site)


def sector(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the layers of a sector that share a radio unit: one, or two of them."""
    found = pick_cell(ground, rng, county, {})
    if found is None:
        return None
    cells, same = ground.world.network.cells, ground.world.cells_of(np.array([found.site]))
    same = same[cells["sector"].to_numpy()[same] == cells["sector"].to_numpy()[found.cells[0]]]
    others = same[same != found.cells[0]]
    extra = rng.permutation(others)[: int(rng.random() < 0.4)]
    return evenly(found.object_id, np.concatenate([found.cells, extra]), found.site)


def line(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the cells on one antenna line: outdoors, with an azimuth."""
    found = pick_cell(ground, rng, county, {"is_turned": True})
    if found is None:
        return None
    cells, same = ground.world.network.cells, ground.world.cells_of(np.array([found.site]))
    alike = (cells["sector"].to_numpy()[same] == cells["sector"].to_numpy()[found.cells[0]]) & (
        cells["group"].to_numpy()[same] == cells["group"].to_numpy()[found.cells[0]]
    )
    return evenly(found.object_id, same[alike], found.site)


def layer(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return all cells of one capacity layer of a site."""
    found = pick_cell(ground, rng, county, {"codes": "MNL"})
    if found is None:
        return None
    cells, same = ground.world.network.cells, ground.world.cells_of(np.array([found.site]))
    same = same[cells["layer"].to_numpy()[same] == cells["layer"].to_numpy()[found.cells[0]]]
    return evenly(
        site_id(ground, found.site) if len(same) > 1 else found.object_id, same, found.site
    )


def busy_voice(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return a GSM cell on which many telephone."""
    return pick_cell(ground, rng, county, {"rat": "GSM"}, users=ground.world.home_voice)


def busy_data(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return a cell of LTE or NR with many users."""
    return pick_cell(ground, rng, county, {"codes": "ALMNIJ"}, users=ground.world.home)


def venue(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the cells that serve a stadium, market or station."""
    world = ground.world
    places = world.land.places
    is_venue = places["what"].isin(VENUES)
    if county is not None:
        is_venue &= places["county"] == county
    at = np.flatnonzero(is_venue)
    if not len(at):
        return None
    spots = np.flatnonzero(world.air.spots["place"].to_numpy() == rng.choice(at))
    heard = world.air.heard[spots][:, :, 0].ravel()
    cells, times = np.unique(heard[heard >= 0], return_counts=True)
    if not len(cells):
        return None
    best = cells[np.argmax(times * (1 + world.work[cells]))]
    site = int(world.network.cells["site"].iloc[best])
    return Reach(cell_id(ground, best), cells, np.ones(len(cells)), site)


def clock(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return a site that lost its clock and the cells around it that it disturbs."""
    found = any_site(ground, rng, county)
    if found is None:
        return None
    around = [ground.world.neighbours_of(int(cell)) for cell in found.cells]
    others = np.setdiff1d(np.concatenate(around), found.cells)
    others = rng.permutation(others)[: rng.integers(2, 9)]
    cells = np.concatenate([found.cells, others])
    degree = np.concatenate([np.ones(len(found.cells)), rng.uniform(0.2, 0.6, len(others))])
    return in_order(found.object_id, cells, degree, found.site)


def source(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the cells of one carrier that look at a jammer, the nearer the harder hit."""
    start = pick_cell(ground, rng, county, {"is_turned": True})
    if start is None:
        return None
    world = ground.world
    sites, cells = world.network.sites, world.network.cells
    where = sites.loc[start.site, ["x", "y"]].to_numpy(dtype=float)
    turn = np.radians(cells["azimuth"].iloc[start.cells[0]])
    where = where + rng.uniform(300, 900) * np.array([np.sin(turn), np.cos(turn)])
    away = np.hypot(sites["x"].to_numpy() - where[0], sites["y"].to_numpy() - where[1])
    near = world.cells_of(np.flatnonzero(away < rng.uniform(1200, 4500)))
    near = near[cells["layer"].to_numpy()[near] == cells["layer"].to_numpy()[start.cells[0]]]
    at = cells["site"].to_numpy()[near]
    bearing = np.degrees(
        np.arctan2(where[0] - sites["x"].to_numpy()[at], where[1] - sites["y"].to_numpy()[at])
    )
    off = np.abs((bearing - cells["azimuth"].to_numpy()[near] + 180) % 360 - 180)
    off = np.nan_to_num(off, nan=40.0)
    degree = np.exp(-away[at] / 1800) * np.where(off < 65, 1.0, 0.25) * rng.uniform(0.7, 1, len(at))
    is_hit = degree > 0.12
    if not is_hit.any():
        return start
    near, degree = near[is_hit], degree[is_hit] / degree.max()
    best = int(near[np.argmax(degree)])
    return in_order(cell_id(ground, best), near, degree, int(cells["site"].iloc[best]))


def donor(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return the donor cell of a repeater, of GSM or LTE."""
    return pick_cell(ground, rng, county, {"codes": "GAL", "is_turned": True})


def twins(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return a cell and one or two near it on the same frequency or code."""
    return with_company(ground, rng, county, (0.5, 0.9))


def overlap(ground: Ground, rng: np.random.Generator, county: int | None) -> Reach | None:
    """Return a cell that reaches too far and one or two that it covers over."""
    return with_company(ground, rng, county, (0.3, 0.7))


PLACINGS: Mapping[str, Placing] = {
    "feeder": feeder, "site": any_site, "indoor": indoor, "trunk": trunk, "end": chain_end,
    "branch": branch, "work": work, "controller": controller, "transcoder": transcoder,
    "data_node": data_node, "core": core, "lte_site": lte_site, "cell": one_cell,
    "carrier": carrier, "main_carrier": main_carrier, "sector": sector, "line": line,
    "layer": layer, "busy_voice": busy_voice, "busy_data": busy_data, "venue": venue,
    "clock": clock, "source": source, "donor": donor, "twins": twins, "overlap": overlap,
}  # fmt: skip
