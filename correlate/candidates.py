"""List the places that a complaint's coordinates, words, number and county allow.

Coordinates are believed as far as they fit the words and the network; every reading of them
(other map systems, longitude and latitude exchanged) is a rival, and so is "not of this place".

Simple so far: the chances of each are constants of the settings, not learned from orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from correlate.map_systems import Readings, learned_prior
from correlate.place_points import (
    TWO_THIRDS,
    Components,
    LocatingSettings,
    chosen_components,
    components,
    joined,
)
from correlate.register import Sightings, away_chance
from sites.coordinates import readings
from sites.inventory import Network
from sites.mentions import matching_pairs
from sites.places import Gazetteer

LEAST_WEIGHT = 1e-4
# Sites whose people live within the surroundings of one site.
SITES_AROUND = 3.0
# Coordinates are sometimes much further off than their usual error.
TAIL_SHARE, TAIL_FACTOR = 0.2, 9.0
PLAIN = ("stated", "unstated")
SYSTEMS = ("wgs84", "gcj02", "bd09")


@dataclass(frozen=True)
class _Read:
    """Readings of coordinates: complaint, reading, system, metres, share of belief."""

    row: Any
    reading: Any
    system: Any
    x_m: Any
    y_m: Any
    share: Any


def components_of(
    asked: pd.DataFrame,
    found: pd.DataFrame,
    seen: Sightings,
    *,
    gazetteer: Gazetteer,
    network: Network,
    settings: LocatingSettings,
) -> tuple[Components, list[str]]:
    """Return the candidate places of complaints and what was odd about their coordinates.

    Parameters
    ----------
    asked : DataFrame, index 0..n-1
        `text`, `county`, `lon`, `lat`, `crs`, `arrived_h` (hours), and `channel` if known.
    found : DataFrame
        As returned by :func:`sites.places.find_places`.
    seen : Sightings
        In order of `row`.
    gazetteer : Gazetteer
    network : Network
    settings : LocatingSettings

    Returns
    -------
    components : Components
        In order of the complaint.
    notes : list of str, one a complaint
        zero, far, unfit (to the place named), exchanged, or "system", the one stated and the one that
        fits; empty for nothing.
    """
    size = len(asked)
    named = _named(found, gazetteer)
    left = 1.0 - np.bincount(named.row, weights=named.weight, minlength=size)
    words = joined([named, _fallback(asked, left, seen, gazetteer)])
    words = chosen_components(words, np.argsort(words.row, kind="stable"))
    chance = away_chance(asked, gazetteer, settings.elsewhere, settings.elsewhere_said)
    read = _readings(asked, words, 1.0 - chance, gazetteer, network, settings=settings)
    believed = np.bincount(read.row, weights=read.share, minlength=size)
    total = believed + chance * settings.background_per_km2
    told = np.where(believed > 0, 1.0 - believed / total, 1.0)
    told_words = Components(**{**vars(words), "weight": words.weight * told[words.row]})
    coordinates = _coordinate_parts(read, total, settings)
    register = _register(seen, told_words, gazetteer, network, settings)
    parts = joined([coordinates, told_words, register])
    parts = chosen_components(parts, parts.weight > LEAST_WEIGHT / max(len(network.sites), 1))
    parts = chosen_components(parts, np.argsort(parts.row, kind="stable"))
    sums = np.bincount(parts.row, weights=parts.weight, minlength=size)
    scaled = Components(**{**vars(parts), "weight": parts.weight / sums[parts.row]})
    return scaled, _notes(asked, read, told)


def _named(found: pd.DataFrame, gazetteer: Gazetteer) -> Components:
    """Return the places named in the words."""
    entry = found["entry"].to_numpy(int)
    kind = found["kind"].to_numpy(object)
    return components(
        found["row"].to_numpy(int),
        found["x_m"].to_numpy(float),
        found["y_m"].to_numpy(float),
        radius_m=found["radius_m"].to_numpy(float),
        weight=found["weight"].to_numpy(float),
        kind=kind,
        basis=np.where(kind == "county", "county", "address").astype(object),
        name=found["name"].to_numpy(object),
        entry=entry,
        site=gazetteer.arrays.site[entry],
    )


def _fallback(asked: pd.DataFrame, left: Any, seen: Sightings, gazetteer: Gazetteer) -> Components:
    """Return what the names leave open: the county of the order, or the whole network."""
    arrays = gazetteer.arrays
    everywhere = len(gazetteer.names) - 1
    entry = np.array(
        [gazetteer.counties.get(name, everywhere) for name in asked["county"]], dtype=np.int64
    )
    row = np.flatnonzero(left > LEAST_WEIGHT)
    entry = entry[row]
    bare = np.where(np.isin(row, seen.row), "register", "nothing")
    return components(
        row,
        arrays.x_m[entry],
        arrays.y_m[entry],
        radius_m=arrays.radius_m[entry],
        weight=left[row],
        kind=gazetteer.kinds[entry],
        basis=np.where(entry == everywhere, bare, "county").astype(object),
        name=gazetteer.names[entry],
        entry=entry,
    )


def _readings(
    asked: pd.DataFrame,
    words: Components,
    chance: Any,
    gazetteer: Gazetteer,
    network: Network,
    *,
    settings: LocatingSettings,
) -> _Read:
    """Return the readings of coordinates that lie in the network, with their share of belief."""
    lon, lat = asked["lon"].to_numpy(float), asked["lat"].to_numpy(float)
    given = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    crs = [name if isinstance(name, str) else "" for name in asked["crs"].iloc[given]]
    table = readings(lon[given], lat[given], crs)
    at = network.to_xy(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    x_m, y_m = np.asarray(at[0], float), np.asarray(at[1], float)
    spots = np.nan_to_num(np.column_stack([x_m, y_m]), nan=1e9, posinf=1e9, neginf=1e9)
    near = gazetteer.ground.tree.query(spots)[0] < settings.far_m if len(spots) else slice(0)
    row = given[table["row"].to_numpy(int)][near]
    reading, system = table["reading"].to_numpy(object)[near], table["system"].to_numpy(object)
    x_m, y_m = x_m[near], y_m[near]
    prior = _prior(row, reading, len(asked), settings)
    density = _density_of(row, x_m, y_m, words, settings)
    option = np.where(reading == "swapped", len(SYSTEMS), _position(system, SYSTEMS)[near])
    prior = learned_prior(
        Readings(row, option, prior, density), _channels(asked), asked["arrived_h"].to_numpy(float)
    )
    share = prior * chance[row] * density
    return _Read(row=row, reading=reading, system=system[near], x_m=x_m, y_m=y_m, share=share)


def _position(names: Any, known: Sequence[str]) -> Any:
    """Return the position of each name among the known ones, 0 for another."""
    return (names[:, None] == np.array(known, dtype=object)[None, :]).argmax(axis=1)


def _channels(asked: pd.DataFrame) -> Any:
    """Return one number for each channel and map system stated, one a complaint."""
    stated = asked["crs"].astype(object).fillna("")
    channel = asked["channel"] if "channel" in asked.columns else stated
    return pd.factorize(channel.astype(object).fillna("") + "|" + stated)[0]


def _prior(row: Any, reading: Any, size: int, settings: LocatingSettings) -> Any:
    """Return the chance of each reading before the words are looked at."""
    alone = np.bincount(row, minlength=size)[row] == 1
    stated = 1.0 - 2.0 * settings.other_system
    conditions = [alone, reading == "stated", reading == "unstated", reading == "swapped"]
    return np.select(conditions, [1.0, stated, 1.0 / 3.0, 1.0], settings.other_system)


def _density_of(row: Any, x_m: Any, y_m: Any, words: Components, settings: LocatingSettings) -> Any:
    """Return the density, per square kilometre, that the words give to positions."""
    reading, word = matching_pairs(row, words.row)
    square = (x_m[reading] - words.x_m[word]) ** 2 + (y_m[reading] - words.y_m[word]) ** 2
    variance = (words.radius_m[word] ** 2 + settings.phone_error_m**2) / TWO_THIRDS**2
    density = (1.0 - TAIL_SHARE) * _gaussian(square, variance)
    density += TAIL_SHARE * _gaussian(square, TAIL_FACTOR * variance)
    total = np.bincount(reading, weights=words.weight[word] * density, minlength=len(row))
    return total + 0.01 * settings.background_per_km2


def _gaussian(square_m2: Any, variance_m2: Any) -> Any:
    """Return the density per square kilometre of a plane Gaussian."""
    return 1e6 * np.exp(-0.5 * square_m2 / variance_m2) / (2.0 * np.pi * variance_m2)


def _coordinate_parts(read: _Read, total: Any, settings: LocatingSettings) -> Components:
    """Return readings of coordinates as components; their name is the system, or "exchanged"."""
    odd = np.where(read.reading == "swapped", "exchanged", read.system)
    return components(
        read.row,
        read.x_m,
        read.y_m,
        radius_m=settings.phone_error_m,
        weight=read.share / total[read.row],
        kind="coordinates",
        basis="coordinates",
        name=np.where(np.isin(read.reading, PLAIN), "", odd).astype(object),
    )


def _register(
    seen: Sightings,
    words: Components,
    gazetteer: Gazetteer,
    network: Network,
    settings: LocatingSettings,
) -> Components:
    """Return the surroundings of cells that saw the number.

    Their weight is the part that they are of a place anywhere: of the chance that the words are
    wrong, and of what the words leave as wide as a county. What the sighting says comes on top.
    """
    size = int(max(seen.row.max(initial=-1), words.row.max(initial=-1))) + 1
    is_wide = (words.kind == "county") | (words.kind == "network")
    wide = np.bincount(words.row[is_wide], weights=words.weight[is_wide], minlength=size)
    spacing = gazetteer.ground.spacing_m[seen.site]
    azimuth = np.radians(network.cells["azimuth_deg"].to_numpy(float)[seen.cell])
    ahead = np.where(np.isfinite(azimuth), 0.4 * spacing, 0.0)
    at = gazetteer.ground.site_xy[seen.site]
    part = min(1.0, SITES_AROUND / len(network.sites))
    return components(
        seen.row,
        at[:, 0] + ahead * np.sin(np.nan_to_num(azimuth)),
        at[:, 1] + ahead * np.cos(np.nan_to_num(azimuth)),
        radius_m=0.6 * spacing,
        weight=(settings.register_share + wide[seen.row]) * part,
        kind="register",
        basis="register",
        name=network.cells["cell_id"].iloc[seen.cell].to_numpy(object),
    )


def _notes(asked: pd.DataFrame, read: _Read, told: Any) -> list[str]:
    """Return what was odd about the coordinates of each complaint, as `Located` has it."""
    lon, lat = asked["lon"].to_numpy(float), asked["lat"].to_numpy(float)
    order = np.lexsort((-read.share, read.row))
    best = np.full(len(asked), -1)
    best[read.row[order][::-1]] = order[::-1]
    reading = np.append(read.reading, "")[best]
    stated, system = asked["crs"].astype(str), np.append(read.system, "")[best].astype(str)
    conditions = [
        ~(np.isfinite(lon) & np.isfinite(lat)),
        (best < 0) & (np.abs(lon) < 1e-6) & (np.abs(lat) < 1e-6),
        best < 0,
        told > 0.5,
        reading == "swapped",
        ~np.isin(reading, PLAIN),
    ]
    other = ("system " + stated + " " + system).to_numpy(object)
    return list(np.select(conditions, ["", "zero", "far", "unfit", "exchanged", other], ""))
