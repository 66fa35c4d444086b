"""Name the sites from whose cells people are seen elsewhere than where the inventory puts them.

A site stands near the places from which phones are seen on its cells, and near the sites it hands
over to; how near, in spacings of sites, is counted on this network. A site is doubted when another
position explains its sightings far better and its handover relations don't speak against it.

Simple so far: needs sightings from three places of a site; a site whose relations alone are odd is
left to `sites.doubts`, and where a doubted site really stands is told, not used.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sites.inventory import Network
from sites.observations import Observations, distinct_places

COLUMNS = ("object_id", "off_m", "x_m", "y_m", "places", "probability")
NAMED = 0.98
"""From this chance on a site is named."""
# One site in so many is taken to be written at a wrong place before anything is seen.
PRIOR_ODDS = 1.0 / 500.0
LEAST_PLACES, MOST_TRIED = 3, 8
# A site moved by less than this many spacings, or metres, is not looked for.
LEAST_SPACINGS, LEAST_OFF_M = 2.0, 1000.0
# Sightings of one site are not independent, still less its relations: all of them together count as
# few. Log odds (natural) that a source must give for itself.
SEEN_POWER, RELATIONS_WORTH, LEAST_GAIN = 0.5, 4.0, 1.0
# Distances in spacings of sites, at which nearness is counted.
EDGES = np.concatenate([[0.0], np.geomspace(0.25, 64.0, 9)])


@dataclass(frozen=True)
class _Tried:
    """Positions tried: `site`, x and y metres, local `spacing_m`, and log likelihoods of both sources."""

    site: Any
    xy: Any
    spacing_m: Any
    seen: Any
    related: Any


def strayed_sites(network: Network, seen: Observations, *, least: float = NAMED) -> pd.DataFrame:
    """Return the sites whose sightings contradict their coordinates.

    Parameters
    ----------
    network : Network
    seen : Observations
    least : float
        Chance from which on a site is named.

    Returns
    -------
    DataFrame, the likeliest first
        `object_id`, `off_m` (from the position recorded to the likeliest), `x_m`, `y_m` (there),
        `places` (from which its phones were seen), `probability`.
    """
    site_of = network.cells["site"].to_numpy(int)
    places = distinct_places(seen, network)
    places_of = _points(site_of[places.cell], np.column_stack([places.x_m, places.y_m]))
    count = np.bincount(places_of["site"].to_numpy(int), minlength=len(network.sites))
    asked = np.flatnonzero(count >= LEAST_PLACES)
    if not len(asked):
        return pd.DataFrame(columns=list(COLUMNS))
    tried = _tried(network, asked, places_of, _related(network))
    best = _best(tried, len(network.sites))
    best = best[best["probability"] >= least]
    number = best["site"].to_numpy(int)
    named = best.assign(
        object_id=network.sites["site_id"].to_numpy(object)[number], places=count[number]
    )
    named = named.sort_values(["probability", "object_id"], ascending=[False, True])
    return named[list(COLUMNS)].reset_index(drop=True)


def _points(site: Any, xy: Any) -> pd.DataFrame:
    """Return points that belong to sites."""
    return pd.DataFrame({"site": site, "x_m": xy[:, 0], "y_m": xy[:, 1]})


def _related(network: Network) -> pd.DataFrame:
    """Return the positions of the sites that each site hands over to or from."""
    site_of = network.cells["site"].to_numpy(int)
    ends = [site_of[network.neighbours[name].to_numpy(int)] for name in ("cell", "neighbour")]
    both = np.unique(np.column_stack([np.concatenate(ends), np.concatenate(ends[::-1])]), axis=0)
    both = both[both[:, 0] != both[:, 1]].reshape(-1, 2)
    return _points(both[:, 0], network.sites[["x_m", "y_m"]].to_numpy(float)[both[:, 1]])


def _tried(network: Network, asked: Any, places: pd.DataFrame, related: pd.DataFrame) -> _Tried:
    """Return the position recorded, the middle of the places and some places, of each site asked."""
    xy = network.sites[["x_m", "y_m"]].to_numpy(float)
    mine = places[places["site"].isin(asked)]
    middle = mine.groupby("site", as_index=False)[["x_m", "y_m"]].median()
    some = mine[mine.groupby("site").cumcount() < MOST_TRIED]
    whole = pd.concat([_points(asked, xy[asked]), middle, some], ignore_index=True)
    spots = whole[["x_m", "y_m"]].to_numpy(float)
    spacing = _spacing_at(xy, spots)
    site = whole["site"].to_numpy(int)
    at_home = _spacing_at(xy, xy)
    parts = []
    for table in (places, related):
        away = np.hypot(*(table[["x_m", "y_m"]].to_numpy(float) - xy[table["site"]]).T)
        nearness = _nearness(away / at_home[table["site"]])
        parts.append(_log_likelihood(table, site, spots, spacing, nearness))
    worth = np.bincount(related["site"], minlength=len(xy))[site]
    tempered = parts[1] * np.minimum(1.0, RELATIONS_WORTH / np.maximum(worth, 1))
    return _Tried(site, spots, spacing, SEEN_POWER * parts[0], tempered)


def _spacing_at(xy: Any, spots: Any) -> Any:
    """Return the distance between sites around spots, metres."""
    tree = cKDTree(xy)
    k = min(5, len(xy))
    own = np.median(tree.query(xy, k=k)[0].reshape(len(xy), k)[:, 1:], axis=1) if k > 1 else 1000.0
    near = min(4, len(xy))
    at = tree.query(spots, k=near)[1].reshape(len(spots), near)
    return np.maximum(np.median(np.broadcast_to(own, len(xy))[at], axis=1), 300.0)


def _nearness(away: Any) -> Any:
    """Return the log density of things per square spacing, at `EDGES`, never rising with distance."""
    at = np.clip(np.digitize(away, EDGES) - 1, 0, len(EDGES) - 1)
    counted = np.bincount(at, minlength=len(EDGES)).astype(float)
    padded = np.pad(counted, 1)
    counted = counted + 0.1 * (padded[:-2] + padded[2:]) + 0.3
    outer = np.append(EDGES[1:], 2.0 * EDGES[-1])
    density = counted / counted.sum() / (np.pi * (outer**2 - EDGES**2))
    return np.log(np.minimum.accumulate(density))


def _log_likelihood(
    table: pd.DataFrame, site: Any, spots: Any, spacing_m: Any, nearness: Any
) -> Any:
    """Return the log likelihood of the points of each spot's site, were it there, per square metre."""
    order = np.argsort(table["site"].to_numpy(), kind="stable")
    owner = table["site"].to_numpy(int)[order]
    points = table[["x_m", "y_m"]].to_numpy(float)[order]
    first, last = np.searchsorted(owner, site), np.searchsorted(owner, site, side="right")
    spot = np.repeat(np.arange(len(site)), last - first)
    within = np.arange(len(spot)) - np.repeat(
        np.cumsum(last - first) - (last - first), last - first
    )
    point = np.repeat(first, last - first) + within
    away = np.hypot(*(points[point] - spots[spot]).T) / spacing_m[spot]
    middle = np.log(np.maximum(EDGES, 0.15) * 1.25)
    value = np.interp(np.log(np.maximum(away, 0.01)), middle, nearness)
    return np.bincount(spot, value - 2.0 * np.log(spacing_m[spot]), minlength=len(site))


def _best(tried: _Tried, sites: int) -> pd.DataFrame:
    """Return the likeliest other position of each site and the chance that it stands there."""
    table = pd.DataFrame({"site": tried.site, "x_m": tried.xy[:, 0], "y_m": tried.xy[:, 1]})
    table = table.assign(seen=tried.seen, related=tried.related, spacing_m=tried.spacing_m)
    recorded = table.drop_duplicates("site").set_index("site").loc[table["site"]]
    gain = {
        name: table[name].to_numpy() - recorded[name].to_numpy() for name in ("seen", "related")
    }
    off = np.hypot(*(table[["x_m", "y_m"]].to_numpy() - recorded[["x_m", "y_m"]].to_numpy()).T)
    far = np.maximum(LEAST_SPACINGS * recorded["spacing_m"].to_numpy(), LEAST_OFF_M)
    agreed = (gain["seen"] > LEAST_GAIN) & (gain["related"] >= 0.0) & (off > far)
    # The likeliest of many positions: a site might stand near any other.
    odds = gain["seen"] + gain["related"] - np.log(max(sites / 4.0, 1.0)) + np.log(PRIOR_ODDS)
    chance = 1.0 / (1.0 + np.exp(-np.clip(odds, -50.0, 50.0)))
    table = table.assign(off_m=off, probability=chance)[agreed]
    return table.sort_values("probability", ascending=False, kind="stable").drop_duplicates("site")
