"""Find where each complaint is and which cells serve that place while the network is healthy.

A complaint's place is a cloud of weighted points, from its coordinates (in every reading that fits
the network), the names in its address and text, the cells where its number was seen, and its
county. Coverage turns the cloud into probabilities of cells; sightings weigh points and cells.

Simple so far: sightings of one number are taken as independent of each other, and a landmark that
no table names falls back to its town.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd

from correlate.candidates import components_of
from correlate.fusing import Conditions, Fused, fused
from correlate.instants import arrival_hours
from correlate.located import Located, in_order, located_from
from correlate.place_points import (
    Components,
    LocatingSettings,
)
from correlate.register import Sightings, sightings_of
from correlate.taught_coverage import lessons, observed_places
from sites.inventory import Network
from sites.places import Gazetteer, find_places
from sites.serving import stacked
from sites.told_places import evidence_of

# Complaints whose points are in memory together.
CHUNK = 512
# Chunks at once: arrays of this size leave the interpreter free.
THREADS = 2
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
    seen = sightings_of(asked, sightings, gazetteer, network, chosen)
    arrived_h = asked["arrived_h"].to_numpy(float)
    told = evidence_of(asked, network, arrived=arrived_h, sightings=_spotted(seen, gazetteer))
    found = find_places(
        gazetteer, asked["text"], asked["county"], addresses=asked["address"], evidence=told
    )
    parts, notes = components_of(
        asked, found, seen, gazetteer=gazetteer, network=network, settings=chosen
    )
    taught = lessons(network, observed_places(parts, seen, arrived_h))
    how = _conditions(len(asked), symptoms, taught.number_at(arrived_h))
    pieces = _side_by_side(
        lambda rows: fused(
            rows,
            (parts, seen, how, taught),
            ground=gazetteer.ground,
            network=network,
            settings=chosen,
        ),
        len(asked),
    )
    share = np.concatenate([piece.share for piece in pieces])
    parts = Components(**{**vars(parts), "weight": share})
    spot = np.concatenate([piece.spot for piece in pieces])
    serving = stacked([piece.serving for piece in pieces])
    serving = in_order(serving, chosen.top)
    return located_from(complaints.index, order, (parts, serving, spot, notes), taught=taught)


def _side_by_side(work: Callable[[slice], Fused], size: int) -> list[Fused]:
    """Return the pieces of so many complaints, on two cores where there are many; the order is kept."""
    rows = [slice(start, min(start + CHUNK, size)) for start in range(0, max(size, 1), CHUNK)]
    first = work(rows[0])
    if len(rows) <= THREADS:
        return [first, *map(work, rows[1:])]
    with ThreadPoolExecutor(THREADS) as pool:
        return [first, *pool.map(work, rows[1:])]


def _neighbourly(complaints: pd.DataFrame) -> Any:
    """Return an order of complaints in which those of one place stand together and share its points."""
    names = [complaints[name].astype(object).fillna("") for name in ("address", "county")]
    return np.lexsort([pd.factorize(name, sort=True)[0] for name in names])


def _spotted(seen: Sightings, gazetteer: Gazetteer) -> pd.DataFrame:
    """Return sightings as evidence of where places are that no table names."""
    spacing = gazetteer.ground.spacing_m[seen.site]
    columns = {"row": seen.row, "site": seen.site, "trust": seen.trust, "spacing_m": spacing}
    return pd.DataFrame(columns)


def _conditions(size: int, symptoms: pd.DataFrame | None, lesson: Any) -> Conditions:
    """Return how each complaint asks for service: which, whether indoors, by which lesson."""
    service, indoor = np.full(size, "", dtype=object), np.zeros(size)
    if symptoms is not None and "service" in symptoms.columns:
        stated = symptoms["service"].to_numpy(object)
        service = np.where((stated == "voice") | (stated == "data"), stated, "")
    if symptoms is not None and "is_indoor" in symptoms.columns:
        indoor = symptoms["is_indoor"].to_numpy(float)
    return Conditions(service, indoor, lesson)
