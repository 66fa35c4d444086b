"""Find what a place, as a caller names it, is in the network, and which cells serve it, in a moment.

All names stand in one text, a line each, the widest kinds first: counties, towns, places, sites, ids of sites. A name
asked for is looked for there as a whole line, as the beginning of one, and as a part, in this order.

Simple so far: names are looked for as they are written, without their sound; a place is served by the sites nearest
to it.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

NEAREST_SITES = 3
MOST_KM = 5.0
EARTH_RADIUS_KM = 6371.0
MOST_LOOKED = 5_000
"""So many lines are looked at for one question; who asks for one letter is not served further."""
COUNTY, TOWN, PLACE, SITE, CELL = "county", "town", "place", "site", "cell"
LINE = "\n"
KEY_PARTS = 6
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Spot:
    """What a name means: its kind, its name, where it lies, and what else is known of it.

    `detail` is the id of a site or cell, or the kind of a place; `row` its place in the table of its kind; `at` tells
    places apart that share all their names.
    """

    kind: str
    name: str
    county: str
    town: str
    detail: str
    row: int
    at: str = ""

    @property
    def key(self) -> str:
        """What it can be asked for by, without being mistaken for one of the same name."""
        return "|".join((self.kind, self.name, self.county, self.town, self.detail, self.at))


@dataclass(frozen=True)
class Whereabouts:
    """The names of an inventory, and which cells serve them."""

    spots: Sequence[Spot]
    text: str
    starts: Sequence[int]
    cell_ids: pd.Index
    cell_sites: Ints
    cells_by_site: Ints
    first_cell: Ints
    site_spots: Sequence[Spot]
    towns: Mapping[tuple[str, str], Ints]
    place_xyz: NDArray[np.float64]
    site_xyz: NDArray[np.float64]
    tree: cKDTree | None

    @classmethod
    def of(cls, inventory: Mapping[str, pd.DataFrame]) -> Whereabouts:
        """Return the whereabouts of an inventory: its `sites`, `cells` and `places`."""
        sites, cells, places = (inventory[name] for name in ("sites", "cells", "places"))
        site_spots, place_spots = _site_spots(sites), _place_spots(places)
        spots = [*_areas(site_spots), *place_spots, *site_spots]
        names = [plain_name(spot.name) for spot in spots]
        names += [plain_name(spot.detail) for spot in site_spots]
        spots += site_spots
        starts = [1, *accumulate((len(name) + 1 for name in names), initial=1)][1:-1]
        order, first, position = _grouped(sites, cells)
        site_xyz = _xyz(sites)
        placed: NDArray[np.bool_] = np.asarray(np.isfinite(site_xyz).all(axis=1))
        return cls(
            spots=spots,
            text=LINE + "".join(name + LINE for name in names),
            starts=starts,
            cell_ids=pd.Index(cells["cell_id"].astype("str")),
            cell_sites=position,
            cells_by_site=order,
            first_cell=first,
            site_spots=site_spots,
            towns=_towns(site_spots),
            place_xyz=_xyz(places),
            site_xyz=site_xyz,
            tree=cKDTree(np.where(placed[:, None], site_xyz, 9.0)) if placed.any() else None,
        )

    def suggest(self, text: str, *, counties: Collection[str] = (), most: int = 10) -> list[Spot]:
        """Return what a text may mean, the likeliest first.

        Parameters
        ----------
        counties : collection of str
            Only what lies in one of these, or in none that is known; empty: everywhere.
        """
        found: dict[str, Spot] = {}
        cell = self._cell(text.strip())
        looked = ([cell] if cell is not None else []), self._spots(plain_name(text))
        for spot in (spot for part in looked for spot in part):
            if not counties or not spot.county or spot.county in counties:
                found.setdefault(spot.key, spot)
            if len(found) == most:
                break
        return list(found.values())

    def spot(self, key: str) -> Spot | None:
        """Return what has a key, None where nothing has it any more."""
        name = key.split("|")[1] if key.count("|") == KEY_PARTS - 1 else ""
        same = (spot for spot in self.suggest(name, most=MOST_LOOKED) if spot.key == key)
        return next(same, None)

    def cells(self, spot: Spot) -> list[str]:
        """Return the cells that may serve a spot; of a county, all of its cells."""
        if spot.kind == CELL:
            return [str(self.cell_ids[spot.row])]
        if spot.kind == COUNTY:
            sites = [s.row for s in self.site_spots if s.county == spot.name]
        elif spot.kind == TOWN:
            sites = self.towns[spot.county, spot.name].tolist()
        else:
            sites = self._nearest(self.site_xyz if spot.kind == SITE else self.place_xyz, spot.row)
        first = self.first_cell
        rows = [self.cells_by_site[first[s] : first[s + 1]] for s in sites]
        return [str(self.cell_ids[row]) for part in rows for row in part.tolist()]

    def cells_at(self, place: str) -> list[str]:
        """Return the cells that may serve a named place, none where nothing is called so."""
        meant = [s for s in self.suggest(place, most=MOST_LOOKED) if s.kind != COUNTY]
        towns = [s for s in meant if s.kind == TOWN and plain_name(s.name) == plain_name(place)]
        return [cell for spot in (towns or meant[:1]) for cell in self.cells(spot)]

    def _cell(self, text: str) -> Spot | None:
        """Return the cell of an id, None where there is none."""
        try:
            row = int(self.cell_ids.get_loc(text))
        except (KeyError, TypeError):
            return None
        position = int(self.cell_sites[row])
        if position < 0:
            return Spot(CELL, text, "", "", text, row)
        site = self.site_spots[position]
        return Spot(CELL, text, site.county, site.town, text, row)

    def _spots(self, name: str) -> Iterator[Spot]:
        """Give what bears a name, begins with it, or has it as a part, so many at most."""
        if not name or LINE in name:
            return
        left = MOST_LOOKED
        for wanted, offset in ((LINE + name + LINE, 1), (LINE + name, 1), (name, 0)):
            place = self.text.find(wanted)
            while place >= 0 and left:
                line = bisect_right(self.starts, place + offset) - 1
                yield self.spots[line]
                left -= 1
                after = self.starts[line + 1] - 1 if line + 1 < len(self.starts) else -1
                place = self.text.find(wanted, after) if after >= 0 else -1

    def _nearest(self, xyz: NDArray[np.float64], row: int) -> list[int]:
        """Return the sites nearest to a point, those within a few kilometres."""
        if self.tree is None or not np.isfinite(xyz[row]).all():
            return []
        most = min(NEAREST_SITES, len(self.site_xyz))
        gaps, rows = self.tree.query(xyz[row], k=[*range(1, most + 1)])
        near = gaps <= 2 * np.sin(MOST_KM / EARTH_RADIUS_KM / 2)
        return [int(r) for r in rows[near]]


def plain_name(text: str) -> str:
    """Return a name as it is compared: one width of letters, no case, no blanks.

    Examples
    --------
    >>> plain_name("Ｖale  Town")
    'valetown'
    """
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _texts(table: pd.DataFrame, column: str) -> list[str]:
    """Return a column as texts, empty where unknown."""
    if column not in table:
        return [""] * len(table)
    values = table[column]
    return [str(v) for v in values.astype(object).where(values.notna(), "")]


def _site_spots(sites: pd.DataFrame) -> list[Spot]:
    """Return the sites, those without a name under their id."""
    columns = [_texts(sites, c) for c in ("site_name", "county", "town", "site_id")]
    rows = zip(*columns, strict=True)
    return [Spot(SITE, n or i, c, t, i, row) for row, (n, c, t, i) in enumerate(rows)]


def _place_spots(places: pd.DataFrame) -> list[Spot]:
    """Return the named places."""
    columns = [_texts(places, c) for c in ("name", "county", "town", "kind")]
    spots = zip(places["lon"].tolist(), places["lat"].tolist(), strict=True)
    rows = zip(*columns, (f"{lon:.4f},{lat:.4f}" for lon, lat in spots), strict=True)
    return [Spot(PLACE, n, c, t, k, row, at) for row, (n, c, t, k, at) in enumerate(rows) if n]


def _areas(sites: Sequence[Spot]) -> list[Spot]:
    """Return the counties and towns that have sites."""
    counties = sorted({s.county for s in sites if s.county})
    towns = sorted({(s.county, s.town) for s in sites if s.town})
    return [Spot(COUNTY, county, county, "", "", n) for n, county in enumerate(counties)] + [
        Spot(TOWN, town, county, town, "", n) for n, (county, town) in enumerate(towns)
    ]


def _towns(sites: Sequence[Spot]) -> dict[tuple[str, str], Ints]:
    """Return the sites of each town of a county."""
    rows: dict[tuple[str, str], list[int]] = {}
    for site in sites:
        rows.setdefault((site.county, site.town), []).append(site.row)
    return {town: np.array(listed, dtype=np.int64) for town, listed in rows.items()}


def _grouped(sites: pd.DataFrame, cells: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Return the cells in the order of their sites, where those of each site begin, and the site of each cell."""
    position = pd.Index(sites["site_id"]).get_indexer(pd.Index(cells["site_id"])).astype(np.int64)
    order = np.argsort(position, kind="stable").astype(np.int64)
    first = np.searchsorted(position[order], np.arange(len(sites) + 1))
    return order, first.astype(np.int64), position


def _xyz(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return points on the unit sphere, between which a straight line tells how far they are."""
    lon, lat = (np.radians(table[name].to_numpy(float, na_value=np.nan)) for name in ("lon", "lat"))
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
