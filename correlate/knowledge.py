"""Gather what does not change while a run lasts: the network, the catalogues, the settings.

Simple so far: the inventory is read once, at the start of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alarms.catalogue import Catalogue, load_catalogue
from alarms.relations import read_relations, relation_strength
from alarms.roots import Roots
from contract.causes import CAUSES
from contract.settings import Settings
from correlate.changes import ChangeFamily, load_families
from correlate.faults import cause_distribution
from correlate.learning.networks import network_sketch
from correlate.learning.start import Start, load_start
from correlate.lexicon import Lexicon, default_lexicon, load_lexicon
from correlate.named_places import NamedPlaces
from correlate.pool_plans import PoolPlan, plan_pools
from correlate.profiles import Profiles, load_profiles
from correlate.reach import Reach, build_reach
from correlate.signatures import Signatures, load_signatures
from correlate.site_names import SiteNames
from kpi.kinds import KINDS
from kpi.measures import MEASURES
from sites.doubts import mended_inventory
from sites.inventory import Network, build_network
from sites.places import Gazetteer, build_gazetteer
from sites.topology import Topology, build_topology

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Knowledge:
    """What does not change while a run lasts.

    `codes` are all causes of the contract, in its order; `fault_columns` says which of them each cause of the
    signature catalogue is; `common` is how common each of those is; `inventory_doubts` is as
    `sites.doubts.mended_inventory` gives it; `start` is what was learned from orders of the past.
    """

    settings: Settings
    zone: ZoneInfo
    network: Network
    topology: Topology
    reach: Reach
    gazetteer: Gazetteer
    catalogue: Catalogue
    roots: Roots
    relations: Mapping[tuple[str, str], tuple[float, float]]
    lexicon: Lexicon
    profiles: Profiles
    pools: PoolPlan
    signatures: Signatures
    families: tuple[ChangeFamily, ...]
    codes: tuple[str, ...]
    customer_side: frozenset[str]
    fault_columns: Ints
    common: Floats
    users: Floats
    site_users: Floats
    cell_ids: NDArray[np.object_]
    site_ids: NDArray[np.object_]
    grades: tuple[str, ...]
    is_indoor: NDArray[np.bool_]
    is_packet: NDArray[np.bool_]
    neighbours: Mapping[int, Ints]
    inventory_doubts: pd.DataFrame
    start: Start = field(default_factory=Start)

    @cached_property
    def site_names(self) -> SiteNames:
        """Return how people call the sites."""
        return SiteNames.of(self.network)

    @cached_property
    def site_xy(self) -> Floats:
        """Return where the sites are, metres east and north, shape (sites, 2)."""
        return np.asarray(self.network.sites[["x_m", "y_m"]], dtype=float)

    @cached_property
    def technologies(self) -> NDArray[np.object_]:
        """Return the radio technology of each cell, "nan" where it is not told."""
        return np.asarray(self.network.cells["rat"].astype(str).astype(object))

    @cached_property
    def named_places(self) -> NamedPlaces:
        """Return the places that people name."""
        return NamedPlaces.of(self.gazetteer.entries)


def gather(tables: Mapping[str, Any], settings: Settings) -> Knowledge:
    """Return what a run over a bundle's tables needs to know.

    Raises
    ------
    InputError
        If the inventory or a catalogue of the user can't be used.
    """
    tables, inventory_doubts = mended_inventory(tables)
    network = build_network(tables)
    topology = build_topology(tables["links"], network)
    reach = build_reach(network, topology)
    catalogue = load_catalogue(settings.alarm_catalogue)
    measures, kinds = tuple(m.name for m in MEASURES), tuple(k.name for k in KINDS)
    codes = tuple(c.code for c in CAUSES.values())
    lexicon = load_lexicon(settings.lexicon) if settings.lexicon else default_lexicon()
    sketch = network_sketch(network.sites) if settings.learned else ()
    start = load_start(settings.learned, lexicon.codes, network=sketch)
    signatures = start.signatures(load_signatures(measures, kinds, override=settings.signatures))
    users = network.cells["users"].fillna(0.0).to_numpy(float)
    return Knowledge(
        settings=settings,
        zone=ZoneInfo(settings.zone),
        network=network,
        topology=topology,
        reach=reach,
        pools=plan_pools(reach),
        gazetteer=build_gazetteer(tables["places"], network),
        catalogue=catalogue,
        roots=Roots.of(topology, network, catalogue),
        relations=_relations(settings),
        lexicon=lexicon,
        profiles=start.profiles or load_profiles(lexicon.codes),
        signatures=signatures,
        families=load_families(),
        codes=codes,
        customer_side=frozenset(c.code for c in CAUSES.values() if c.family == "customer"),
        fault_columns=np.array([codes.index(c) for c in signatures.causes], np.int64),
        common=cause_distribution(signatures.log_frequency, temperature=1.0),
        users=users,
        site_users=np.bincount(reach.site_of, users, len(network.sites)).astype(float),
        cell_ids=network.cells["cell_id"].to_numpy(object),
        site_ids=network.sites["site_id"].to_numpy(object),
        grades=tuple(network.sites["grade"].fillna("").astype(str)),
        is_indoor=network.cells["is_indoor"].to_numpy(bool),
        is_packet=network.cells["rat"].isin(["LTE", "NR"]).to_numpy(bool),
        neighbours=_neighbours(network.neighbours),
        inventory_doubts=inventory_doubts,
        start=start,
    )


def _relations(settings: Settings) -> Mapping[tuple[str, str], tuple[float, float]]:
    """Return the relations of alarms the user gave, none without."""
    if settings.alarm_relations is None:
        return {}
    return relation_strength(read_relations(settings.alarm_relations))


def _neighbours(relations: pd.DataFrame) -> dict[int, Ints]:
    """Return the neighbours of each cell."""
    ordered = relations.sort_values(["cell", "neighbour"], kind="stable")
    cells, first = np.unique(ordered["cell"].to_numpy(np.int64), return_index=True)
    parts = np.split(ordered["neighbour"].to_numpy(np.int64), first[1:])
    return dict(zip(cells.tolist(), parts, strict=True)) if len(cells) else {}
