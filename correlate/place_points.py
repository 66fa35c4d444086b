"""Lay out the candidate places of complaints as weighted points.

A *component* is one candidate place of one complaint: a reading of its coordinates, a place named
in its words, the surroundings of a cell that saw its number, its county, or the whole network.

Simple so far: a disc is Gaussian whatever the ground inside it looks like.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sites.areas import GOLDEN_ANGLE, Ground

# Two thirds of a plane Gaussian lie within this many standard deviations.
TWO_THIRDS = 1.5
DISC_POINTS = {"coordinates": 7, "poi": 13, "site": 13, "register": 13, "village": 19}
# A place hardly meant needs fewer points.
FAINT, FAINT_POINTS, FAINT_AREA_POINTS = 0.05, 5, 24
AREA_KINDS = ("county", "seat", "town", "network")


@dataclass(frozen=True)
class LocatingSettings:
    """Constants of locating; shares are chances, distances metres, times hours.

    Attributes
    ----------
    phone_error_m : float
        Radius of two thirds of phones around the coordinates on their orders.
    far_m : float
        Coordinates further than this from every site are not believed.
    elsewhere, elsewhere_said : float
        Chance that coordinates are not of the place complained of; and where the words say so.
    other_system : float
        Chance of each map system other than the one stated.
    background_per_km2 : float
        Density of coordinates that have nothing to do with the place.
    seen_trust, seen_half_life_h : float
        Chance that a fresh sighting is of the place complained of, and the age that halves it.
    seen_trust_away : float
        Factor on that chance where the words say the customer is elsewhere.
    seen_again : float
        Factor on the distrust of a site for each further sighting there.
    uses_history : bool
        Whether sightings older than a week count, and what they say of home and work.
    zone : str
        IANA time zone, for nights and working days.
    most_sightings : int
        Sites of the register that are looked at for one complaint.
    same_site_share, stand_in_reach : float
        Share of sightings at the place that are on the serving site, and how far a stand-in is, in
        spacings of sites.
    register_share : float
        Chance that the place is none of those the words name, but anywhere in the network.
    seen_cell_boost, seen_site_boost, named_site_boost : float
        By how much a cell counts more for being seen, its site seen, its site named.
    core_radius_m : float
        How close to its centre the people of a town's middle are.
    top : int
        Cells returned.
    """

    phone_error_m: float = 200.0
    far_m: float = 25_000.0
    elsewhere: float = 0.1
    elsewhere_said: float = 0.6
    other_system: float = 0.06
    background_per_km2: float = 0.003
    seen_trust: float = 0.5
    seen_half_life_h: float = 240.0
    seen_trust_away: float = 0.4
    seen_again: float = 0.8
    uses_history: bool = False
    zone: str = "Asia/Shanghai"
    most_sightings: int = 4
    same_site_share: float = 0.7
    stand_in_reach: float = 1.4
    register_share: float = 0.04
    seen_cell_boost: float = 30.0
    seen_site_boost: float = 1.0
    named_site_boost: float = 2.0
    core_radius_m: float = 750.0
    top: int = 12


@dataclass(frozen=True)
class Components:
    """Candidate places, arrays of one length.

    Attributes
    ----------
    row : array of int
        Position of the complaint.
    x_m, y_m, radius_m : arrays of float
        Centre, and the distance within which two thirds lie.
    weight : array of float
        1 in sum over a complaint.
    kind : array of str
        A kind of place of the gazetteer, or coordinates, register, network.
    basis : array of str
        coordinates, address, register, county, nothing.
    name : array of str
        The place's name, the cell's id, or how coordinates are read.
    entry, site : arrays of int
        Position in the gazetteer, and of the site of that name; -1 for none.
    """

    row: Any
    x_m: Any
    y_m: Any
    radius_m: Any
    weight: Any
    kind: Any
    basis: Any
    name: Any
    entry: Any
    site: Any


@dataclass(frozen=True)
class Points:
    """Points of components: position of the complaint and of the component, metres, weight."""

    row: Any
    part: Any
    x_m: Any
    y_m: Any
    weight: Any


def components(row: Any, x_m: Any, y_m: Any, **columns: Any) -> Components:
    """Return components with what is not given filled in: one value stands for all.

    Parameters
    ----------
    row, x_m, y_m : arrays, shape (n,)
    **columns : arrays or single values
        The other columns of :class:`Components`; `entry` and `site` are -1 and `name` empty by
        default.

    Returns
    -------
    Components
    """
    given: dict[str, Any] = {"entry": -1, "site": -1, "name": "", **columns}
    texts = ("kind", "basis", "name")
    filled = {
        name: np.broadcast_to(
            np.asarray(value, dtype=object if name in texts else None), np.shape(row)
        )
        for name, value in given.items()
    }
    return Components(row=np.asarray(row), x_m=np.asarray(x_m), y_m=np.asarray(y_m), **filled)


def chosen_components(parts: Components, which: Any) -> Components:
    """Return some components: by mask, positions or slice."""
    return Components(**{f.name: getattr(parts, f.name)[which] for f in fields(parts)})


def joined(pieces: Sequence[Any]) -> Any:
    """Return several Components, or several Points, as one."""
    kind = type(pieces[0])
    return kind(
        **{f.name: np.concatenate([getattr(p, f.name) for p in pieces]) for f in fields(kind)}
    )


def points_of(
    parts: Components, first_part: int, ground: Ground, settings: LocatingSettings
) -> Points:
    """Return the points of components: a sunflower in a disc, the people of an area.

    Parameters
    ----------
    parts : Components
    first_part : int
        The number of the first of them; `part` counts on from it.
    ground : Ground
    settings : LocatingSettings

    Returns
    -------
    Points, in order of the complaint
    """
    part = np.arange(len(parts.row)) + first_part
    size = np.diff(ground.first)[parts.entry]
    is_area = np.isin(parts.kind, AREA_KINDS) & (size > 0)
    is_town = is_area & (parts.kind == "town")
    in_core = parts.weight * np.where(is_town, ground.core[parts.entry], 0.0)
    weight = parts.weight - in_core
    pieces = [_area_points(parts, part, weight, is_area, ground)]
    is_faint = parts.weight < FAINT
    for kind, count in DISC_POINTS.items():
        is_kind = ~is_area & (parts.kind == kind)
        pieces.append(_disc_points(parts, part, parts.weight, is_kind & ~is_faint, count))
        few = min(count, FAINT_POINTS)
        pieces.append(_disc_points(parts, part, parts.weight, is_kind & is_faint, few))
    bare = np.isin(parts.kind, AREA_KINDS) & ~is_area
    pieces.append(_disc_points(parts, part, parts.weight, bare, DISC_POINTS["village"]))
    core = Components(**{**vars(parts), "radius_m": np.full(len(part), settings.core_radius_m)})
    pieces.append(_disc_points(core, part, in_core, is_town, DISC_POINTS["village"]))
    points = joined(pieces)
    order = np.lexsort((points.part, points.row))
    return Points(**{name: values[order] for name, values in vars(points).items()})


def sunflower(count: int) -> Any:
    """Return points that stand for a plane Gaussian of standard deviation 1.

    Parameters
    ----------
    count : int
        How many points of equal weight.

    Returns
    -------
    array of float, shape (count, 2)

    References
    ----------
    .. [1] Vogel, A better way to construct the sunflower head, Mathematical Biosciences 44 (1979):
       golden angles. The radii are the quantiles of the Rayleigh distribution instead of square
       roots, so that the density falls as a Gaussian's.

    Examples
    --------
    >>> (abs(sunflower(19).mean(axis=0)) < 1e-9).tolist()
    [True, True]
    """
    step = np.arange(count)
    radius = np.sqrt(-2.0 * np.log(1.0 - (step + 0.5) / count))
    angle = step * GOLDEN_ANGLE
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return points - points.mean(axis=0)


def _disc_points(parts: Components, part: Any, weight: Any, which: Any, count: int) -> Points:
    """Return `count` points of each disc chosen."""
    sigma = np.repeat(parts.radius_m[which] / TWO_THIRDS, count)
    pattern = np.tile(sunflower(count), (int(which.sum()), 1))
    return Points(
        row=np.repeat(parts.row[which], count),
        part=np.repeat(part[which], count),
        x_m=np.repeat(parts.x_m[which], count) + sigma * pattern[:, 0],
        y_m=np.repeat(parts.y_m[which], count) + sigma * pattern[:, 1],
        weight=np.repeat(weight[which] / count, count),
    )


def _area_points(parts: Components, part: Any, weight: Any, which: Any, ground: Ground) -> Points:
    """Return the points at which the people of each area chosen are; of a faint one only some."""
    first = ground.first[parts.entry[which]]
    count = ground.first[parts.entry[which] + 1] - first
    step = np.where(parts.weight[which] < FAINT, np.maximum(count // FAINT_AREA_POINTS, 1), 1)
    few = -(-count // step)
    of_part = np.repeat(np.flatnonzero(which), few)
    within = np.arange(len(of_part)) - np.repeat(np.cumsum(few) - few, few)
    at = np.repeat(first, few) + within * np.repeat(step, few)
    share = ground.share[at]
    total = np.bincount(of_part, weights=share, minlength=len(part))
    return Points(
        row=parts.row[of_part],
        part=part[of_part],
        x_m=ground.x_m[at],
        y_m=ground.y_m[at],
        weight=weight[of_part] * share / np.maximum(total[of_part], 1e-300),
    )
