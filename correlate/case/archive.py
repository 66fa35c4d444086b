"""Keep what has been handed in over a run at the finger's end, so that a case can look back at it.

What the step itself keeps is what it reasons with; a case also shows rows: the counters of two days, the values of a
change, who was seen where. Every look-up gives only what had arrived by the moment asked.

Simple so far: it is built from a whole bundle in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from contract.bundles import Bundle
from correlate.feed import COUNTER_KEYS
from correlate.instants import seconds
from correlate.knowledge import Knowledge
from correlate.works import object_cells
from sites.places import Gazetteer

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
FAR_FUTURE = np.iinfo(np.int64).max
NAMED_KINDS = ("seat", "town", "village", "poi")


@dataclass(frozen=True)
class CounterRows:
    """Rows of counters of some cells: position among the cells asked, begin, minutes, and the counters."""

    which: Ints
    start: Ints
    minutes: Ints
    counters: Mapping[str, Floats]


class Counters(Protocol):
    """Where rows of counters are looked up."""

    def rows_of(self, cells: Ints, *, since: int, now: int) -> CounterRows:
        """Return the rows of cells that end after `since`, as they were known at `now` (seconds since 1970)."""


@dataclass(frozen=True)
class CounterHistory:
    """All rows of counters, by cell and begin; `first` says where each cell's rows begin in `order`."""

    first: Ints
    order: Ints
    start: Ints
    minutes: Ints
    arrived_at: Ints
    superseded_at: Ints
    counters: Mapping[str, NDArray[np.generic]]

    def rows_of(self, cells: Ints, *, since: int, now: int) -> CounterRows:
        """Return the rows of cells that end after `since`, as they were known at `now` (seconds since 1970)."""
        parts, which = [], []
        for i, cell in enumerate(cells.tolist()):
            a, b = int(self.first[cell]), int(self.first[cell + 1])
            a += int(np.searchsorted(self.start[a:b], since - 86400))
            b = a + int(np.searchsorted(self.start[a:b], now))
            parts.append(np.arange(a, b))
            which.append(np.full(b - a, i))
        at = np.concatenate(parts) if parts else np.empty(0, np.int64)
        chosen = np.concatenate(which) if which else np.empty(0, np.int64)
        known = (self.arrived_at[at] <= now) & (self.superseded_at[at] > now)
        known &= self.start[at] + self.minutes[at] * 60 > since
        at, rows = at[known], self.order[at[known]]
        values = {name: np.asarray(v[rows], float) for name, v in self.counters.items()}
        return CounterRows(chosen[known], self.start[at], self.minutes[at], values)


@dataclass(frozen=True)
class ChangeRow:
    """One change or work as it was handed in; times in seconds since 1970, `until` and `announced_at` maybe None."""

    object_id: str
    parameter: str
    old_value: str
    new_value: str
    at: int
    until: int | None
    announced_at: int | None
    arrived_at: int
    sites: frozenset[int]


@dataclass(frozen=True)
class Sighting:
    """Where a number was seen: the cell as it was handed in."""

    seen_at: int
    arrived_at: int
    cell_id: str
    source: str


@dataclass(frozen=True)
class NamedPlaces:
    """Names of places on the land, with a tree of where they are."""

    tree: cKDTree | None
    names: NDArray[np.object_]
    kinds: NDArray[np.object_]
    xy: Floats


@dataclass(frozen=True)
class Lay:
    """Sites and cells as arrays by position: names of sites (ids where there is none), metres, WGS-84 degrees.

    `bcch_trx` is the number of the main carrier as text, empty where it is not known.
    """

    site_names: NDArray[np.object_]
    site_xy: Floats
    site_lonlat: Floats
    rat: NDArray[np.object_]
    azimuth_deg: Floats
    beamwidth_deg: Floats
    freq_mhz: Floats
    bcch_trx: tuple[str, ...]


@dataclass(frozen=True)
class PlannedSite:
    """A site planned: where, and the day on which it is to go on air (empty: not set)."""

    site_id: str
    site_name: str
    lon: float
    lat: float
    x_m: float
    y_m: float
    on_air: str


@dataclass
class Archive:
    """What a bundle holds, ready to be looked up; `site_of` remembers the site of each object's name.

    `missing` names the tables the bundle lacks; `arrivals` and `ids` are all complaints in order of arrival.
    """

    missing: frozenset[str]
    counters: Counters
    changes: tuple[ChangeRow, ...]
    sightings: Mapping[str, tuple[Sighting, ...]]
    callers: Mapping[str, tuple[tuple[int, int, str], ...]]
    arrivals: Ints
    ids: tuple[str, ...]
    places: NamedPlaces
    lay: Lay
    planned: tuple[PlannedSite, ...]
    site_of: dict[str, int] = field(default_factory=dict)

    def site(self, knowledge: Knowledge, object_id: str) -> int:
        """Return the position of the site an object belongs to, -1 for none or a node of the trees."""
        found = self.site_of.get(object_id)
        if found is None:
            base = object_id.split("/")[0]
            cell = knowledge.network.cell_position.get(base)
            site = knowledge.network.site_position.get(base, -1)
            found = int(knowledge.reach.site_of[cell]) if cell is not None else int(site)
            self.site_of[object_id] = found
        return found


def build_archive(bundle: Bundle, knowledge: Knowledge) -> Archive:
    """Return the archive of a bundle."""
    tables = bundle.tables
    complaints = tables["complaints"]
    arrived = seconds(complaints["arrived_at"])
    order = np.argsort(arrived, kind="stable")
    return Archive(
        missing=frozenset(bundle.missing),
        counters=counter_history(tables["kpi"], knowledge),
        changes=changes_of(tables["changes"], knowledge),
        sightings=sightings_of(tables["locations"]),
        callers=callers_of(complaints),
        arrivals=arrived[order],
        ids=tuple(complaints["ticket_id"].to_numpy(object)[order].tolist()),
        places=named_places(knowledge.gazetteer),
        lay=lay_of(knowledge),
        planned=planned_sites(knowledge),
    )


def counter_history(kpi: pd.DataFrame, knowledge: Knowledge) -> CounterHistory:
    """Sort the rows of counters by cell and begin."""
    category = kpi["cell_id"].astype("category")
    position = knowledge.network.cell_position
    lookup = np.array([position.get(str(c), -1) for c in category.cat.categories], np.int64)
    codes = category.cat.codes.to_numpy()
    cell = lookup[codes] if len(lookup) else np.empty(0, np.int64)
    start = seconds(kpi["start"])
    kept = np.flatnonzero(cell >= 0)
    order = kept[np.lexsort((start[kept], cell[kept]))]
    superseded = seconds(kpi["superseded_at"])[order]
    names = [
        c for c in kpi.columns if c not in COUNTER_KEYS and pd.api.types.is_float_dtype(kpi[c])
    ]
    return CounterHistory(
        first=np.searchsorted(cell[order], np.arange(len(position) + 1)),
        order=order,
        start=start[order],
        minutes=kpi["minutes"].to_numpy(float)[order].astype(np.int64),
        arrived_at=seconds(kpi["arrived_at"])[order],
        superseded_at=np.where(superseded == np.iinfo(np.int64).min, FAR_FUTURE, superseded),
        counters={name: kpi[name].to_numpy() for name in names},
    )


def changes_of(rows: pd.DataFrame, knowledge: Knowledge) -> tuple[ChangeRow, ...]:
    """Return the changes with the sites each touches."""
    times = {name: seconds(rows[name]) for name in ("changed_at", "until", "announced_at")}
    arrived = seconds(rows["arrived_at"])
    sites: dict[str, frozenset[int]] = {}
    found = []
    for i, row in enumerate(rows.itertuples(index=False)):
        object_id = str(row.object_id)
        if object_id not in sites:
            cells = object_cells(knowledge, object_id)
            sites[object_id] = frozenset(np.unique(knowledge.reach.site_of[cells]).tolist())
        known = {name: int(at[i]) if at[i] > 0 else None for name, at in times.items()}
        found.append(
            ChangeRow(
                object_id=object_id,
                parameter=_text(row.parameter),
                old_value=_text(row.old_value),
                new_value=_text(row.new_value),
                at=known["changed_at"] or 0,
                until=known["until"],
                announced_at=known["announced_at"],
                arrived_at=int(arrived[i]),
                sites=sites[object_id],
            )
        )
    return tuple(found)


def _text(value: object) -> str:
    """Return a value as text, empty where there is none."""
    return "" if value is None or pd.isna(value) else str(value)


def sightings_of(rows: pd.DataFrame) -> dict[str, tuple[Sighting, ...]]:
    """Return where each number was seen, in order of arrival."""
    seen, arrived = seconds(rows["seen_at"]), seconds(rows["arrived_at"])
    found: dict[str, list[Sighting]] = {}
    for i, (number, cell, source) in enumerate(
        zip(rows["msisdn"], rows["cell_id"], rows["source"], strict=True)
    ):
        sighting = Sighting(int(seen[i]), int(arrived[i]), str(cell), _text(source))
        found.setdefault(str(number), []).append(sighting)
    return {number: tuple(sightings) for number, sightings in found.items()}


def callers_of(rows: pd.DataFrame) -> dict[str, tuple[tuple[int, int, str], ...]]:
    """Return when each number complained: created, arrived and the ticket."""
    created, arrived = seconds(rows["created_at"]), seconds(rows["arrived_at"])
    found: dict[str, list[tuple[int, int, str]]] = {}
    for i, (number, ticket) in enumerate(zip(rows["msisdn"], rows["ticket_id"], strict=True)):
        if isinstance(number, str) and number:
            found.setdefault(number, []).append((int(created[i]), int(arrived[i]), str(ticket)))
    return {number: tuple(times) for number, times in found.items()}


def named_places(gazetteer: Gazetteer) -> NamedPlaces:
    """Return the named places of the land."""
    kept = gazetteer.entries[gazetteer.entries["kind"].isin(NAMED_KINDS)]
    kept = kept[kept["name"] != ""].drop_duplicates(["name", "kind", "x_m", "y_m"])
    xy = kept[["x_m", "y_m"]].to_numpy(float)
    return NamedPlaces(
        tree=cKDTree(xy) if len(xy) else None,
        names=kept["name"].to_numpy(object),
        kinds=kept["kind"].to_numpy(object),
        xy=xy,
    )


def lay_of(knowledge: Knowledge) -> Lay:
    """Return sites and cells as arrays."""
    sites, cells = knowledge.network.sites, knowledge.network.cells
    names = sites["site_name"].where(sites["site_name"].notna(), sites["site_id"])
    return Lay(
        site_names=names.to_numpy(object),
        site_xy=sites[["x_m", "y_m"]].to_numpy(float),
        site_lonlat=sites[["lon", "lat"]].to_numpy(float),
        rat=cells["rat"].to_numpy(object),
        azimuth_deg=cells["azimuth_deg"].to_numpy(float),
        beamwidth_deg=cells["beamwidth_deg"].to_numpy(float),
        freq_mhz=cells["freq_mhz"].to_numpy(float),
        bcch_trx=tuple(_text(v).removesuffix(".0") for v in cells["bcch_trx"].tolist()),
    )


def planned_sites(knowledge: Knowledge) -> tuple[PlannedSite, ...]:
    """Return the sites planned, as the inventory names them."""
    rows = knowledge.network.planned
    rows = rows[rows["status"].astype("str").str.lower().eq("planned").to_numpy(bool)]
    return tuple(
        PlannedSite(
            site_id=str(row.site_id),
            site_name=_text(row.site_name) or str(row.site_id),
            lon=float(row.lon),
            lat=float(row.lat),
            x_m=float(row.x_m),
            y_m=float(row.y_m),
            on_air=_text(row.planned_on_air)[:10],
        )
        for row in rows.itertuples(index=False)
    )
