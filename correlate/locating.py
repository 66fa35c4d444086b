"""Find where each complaint is and which cells serve that place while the network is healthy.

A complaint's place is a cloud of weighted points, from its coordinates (in every reading that fits
the network), the names in its address and text, the cells where its number was seen, and its
county. Coverage turns the cloud into probabilities of cells; sightings weigh points and cells.

Simple so far: sightings of one number are taken as independent of each other, and a landmark that
no table names falls back to its town.
"""

from typing import Any

import numpy as np
import pandas as pd

from correlate.candidates import Sightings, away_chance, components_of
from correlate.fusing import fused
from correlate.located import Located, located_from
from correlate.nearby_sightings import arrival_hours, in_order, learned_serving, stacked
from correlate.place_points import (
    Components,
    LocatingSettings,
)
from sites.inventory import Network
from sites.mentions import matching_pairs
from sites.places import Gazetteer, find_places
from sites.told_places import evidence_of

# Complaints whose points are in memory together.
CHUNK = 512
HOURS = np.timedelta64(1, "h")


def locate(
    complaints: pd.DataFrame,
    gazetteer: Gazetteer,
    network: Network,
    sightings: pd.DataFrame,
    *,
    symptoms: pd.DataFrame | None = None,
    settings: LocatingSettings | None = None,
) -> Located:
    """Return where complaints are and which cells serve there while the network is healthy.

    Coordinates count as far as they fit the network, the names and the county; where another
    reading fits better (another map system, longitude and latitude exchanged) it is used and
    noted. Names give discs, towns and counties the spread of their sites. Every sighting of the
    number makes the points it is served from likelier, by its age; it never decides alone against
    a place that is named exactly.

    Parameters
    ----------
    complaints : DataFrame, n rows, unique index
        `text`, `address`, `county`, `lon`, `lat`, `crs`, `msisdn`, `created_at` (UTC); any value
        may be missing, no column.
    gazetteer : Gazetteer
    network : Network
    sightings : DataFrame
        `msisdn`, `seen_at` (UTC), `cell` (position, -1 for unknown): what had arrived by now.
    symptoms : DataFrame, n rows, optional
        `service` (voice, data, anything else) and `is_indoor` are used if there.
    settings : LocatingSettings, optional

    Returns
    -------
    Located
    """
    chosen = settings or LocatingSettings()
    order = _neighbourly(complaints)
    asked = complaints.iloc[order].reset_index(drop=True)
    asked = asked.assign(arrived_h=arrival_hours(asked))
    if symptoms is not None:
        symptoms = symptoms.iloc[order]
    seen = _sightings_of(asked, sightings, gazetteer, network, chosen)
    arrived_h = asked["arrived_h"].to_numpy(float)
    told = evidence_of(asked, network, arrived=arrived_h, sightings=_spotted(seen, gazetteer))
    found = find_places(
        gazetteer, asked["text"], asked["county"], addresses=asked["address"], evidence=told
    )
    parts, notes = components_of(
        asked, found, seen, gazetteer=gazetteer, network=network, settings=chosen
    )
    how = _conditions(len(asked), symptoms)
    pieces = [
        fused(
            slice(start, min(start + CHUNK, len(asked))),
            (parts, seen, how),
            ground=gazetteer.ground,
            network=network,
            settings=chosen,
        )
        for start in range(0, max(len(asked), 1), CHUNK)
    ]
    share = np.concatenate([piece.share for piece in pieces])
    parts = Components(**{**vars(parts), "weight": share})
    spot = np.concatenate([piece.spot for piece in pieces])
    serving = learned_serving(
        stacked([piece.serving for piece in pieces]), seen, spot=spot, network=network,
        arrived_h=arrived_h, ground=gazetteer.ground, settings=chosen,
    )  # fmt: skip
    serving = in_order(serving, chosen.top)
    return located_from(complaints.index, order, (parts, serving, spot, notes))


def _neighbourly(complaints: pd.DataFrame) -> Any:
    """Return an order of complaints in which those of one place stand together and share its points."""
    names = [complaints[name].astype(object).fillna("") for name in ("address", "county")]
    return np.lexsort([pd.factorize(name, sort=True)[0] for name in names])


def _sightings_of(
    asked: pd.DataFrame,
    sightings: pd.DataFrame,
    gazetteer: Gazetteer,
    network: Network,
    settings: LocatingSettings,
) -> Sightings:
    """Return the sites that saw each complaint's number, the most trusted ones, in order of row."""
    number = asked["msisdn"].fillna("").to_numpy(object).astype(str)
    seen = sightings["msisdn"].fillna("").to_numpy(object).astype(str)
    order = np.argsort(seen, kind="stable")
    row, at = matching_pairs(number, seen[order])
    at = order[at]
    cell = sightings["cell"].to_numpy(int)[at]
    kept = (cell >= 0) & (number[row] != "")
    row, at, cell = row[kept], at[kept], cell[kept]
    created = asked["created_at"].dt.tz_localize(None).to_numpy()[row]
    hours = np.abs(created - sightings["seen_at"].dt.tz_localize(None).to_numpy()[at]) / HOURS
    site = network.cells["site"].to_numpy(int)[cell]
    trust = settings.seen_trust * 0.5 ** (hours / settings.seen_half_life_h)
    trust = trust * away_chance(asked, gazetteer, 1.0, settings.seen_trust_away)[row]
    return _one_a_site(row, site, cell, trust, settings=settings)


def _one_a_site(
    row: Any, site: Any, cell: Any, trust: Any, *, settings: LocatingSettings
) -> Sightings:
    """Return sightings with the sightings of one site together, the best ones of each row."""
    order = np.lexsort((cell, -trust, site, row))
    row, site, cell, trust = row[order], site[order], cell[order], trust[order]
    is_first = np.ones(len(row), dtype=bool)
    is_first[1:] = (row[1:] != row[:-1]) | (site[1:] != site[:-1])
    count = np.diff(np.append(np.flatnonzero(is_first), len(row)))
    row, site, cell = row[is_first], site[is_first], cell[is_first]
    trust = 1.0 - (1.0 - trust[is_first]) * settings.seen_again ** (count - 1)
    order = np.lexsort((site, -trust, row))
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = order[place < settings.most_sightings]
    return Sightings(row=row[kept], site=site[kept], cell=cell[kept], trust=trust[kept])


def _spotted(seen: Sightings, gazetteer: Gazetteer) -> pd.DataFrame:
    """Return sightings as evidence of where places are that no table names."""
    spacing = gazetteer.ground.spacing_m[seen.site]
    columns = {"row": seen.row, "site": seen.site, "trust": seen.trust, "spacing_m": spacing}
    return pd.DataFrame(columns)


def _conditions(size: int, symptoms: pd.DataFrame | None) -> tuple[Any, Any]:
    """Return the service (voice, data or none) and whether it is indoors, one a complaint."""
    service, indoor = np.full(size, "", dtype=object), np.zeros(size)
    if symptoms is not None and "service" in symptoms.columns:
        stated = symptoms["service"].to_numpy(object)
        service = np.where((stated == "voice") | (stated == "data"), stated, "")
    if symptoms is not None and "is_indoor" in symptoms.columns:
        indoor = symptoms["is_indoor"].to_numpy(float)
    return service, indoor
