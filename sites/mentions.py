"""Weigh the places that texts mention: names found, read in the light of the names around them.

A *mention* is an entry of the gazetteer that the words of one text may mean.

Simple so far: the chance that a name is meant where its context contradicts it is a constant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sites.names import NameIndex

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# How exact a kind of name is: the more exact wins, the others are its context.
EXACTNESS: Mapping[str, int] = {
    "poi": 4, "site": 4, "village": 3, "seat": 2, "town": 2, "county": 1, "network": 0,
}  # fmt: skip
FIGURES = ("x_m", "y_m", "radius_m", "weight", "reach_m")
AREA_RANK, POINT_RANK = 2, 3
MOST_PLACES = 8
LEAST_WEIGHT = 0.002

# A name whose context contradicts it keeps this much; a name that fits, at most `SURE`.
AGAINST_TEXT = 0.02
AGAINST_COLUMN = 0.05
NEAR_ONLY = 0.9
SURE = 0.95
# A short form is no context for others.
CONTEXT_QUALITY = 0.5


@dataclass(frozen=True)
class Entries:
    """The gazetteer's entries as arrays, and which of them each key may mean.

    Attributes
    ----------
    rank, is_town, is_county : arrays, shape (E,)
        How exact the kind is (`EXACTNESS`), and whether it is a town or a county.
    x_m, y_m, radius_m, weight : arrays of float, shape (E,)
    reach_m : array of float, shape (E,)
        How far from its centre places still belong to an area.
    county, town : arrays of int, shape (E,)
        Codes of the names, -1 where not known; a county has its own code.
    site : array of int, shape (E,)
        Position of the site of that name, -1 for none.
    first : array of int, shape (K + 1,)
        Where the meanings of each key begin in `entry` and `quality`.
    entry, quality, exactness : arrays, shape (M,)
        The entry each meaning stands for, how well, and the rank of that reading: a site that is
        only called like its town is as exact as the town.
    county_code : mapping of county name to code
    key_rank : array of int, shape (K,)
        The most exact thing that each key may mean.
    seats : array of int
        Entries that are seats of a county.
    seat_of : array of int, shape (E,)
        The seat of each county, -1 for anything else.
    """

    rank: Ints
    is_town: NDArray[np.bool_]
    is_county: NDArray[np.bool_]
    x_m: Floats
    y_m: Floats
    radius_m: Floats
    weight: Floats
    reach_m: Floats
    county: Ints
    town: Ints
    site: Ints
    first: Ints
    entry: Ints
    quality: Floats
    exactness: Ints
    county_code: Mapping[str, int]
    key_rank: Ints
    seats: Ints
    seat_of: Ints


@dataclass(frozen=True)
class Mentions:
    """What texts may mean: text, entry, quality (0-1), rank, score (0-100), words, each an array.

    `is_wide` has one value a text: whether it says "around" or the like. `pieces` are the words left
    over that may be a name: text, words, whether of the address.
    """

    row: Ints
    entry: Ints
    quality: Floats
    exactness: Ints
    score: Floats
    matched: NDArray[np.object_]
    is_wide: NDArray[np.bool_]
    pieces: Sequence[tuple[int, str, bool]] = ()


def build_entries(entries: pd.DataFrame, meanings: pd.DataFrame, index: NameIndex) -> Entries:
    """Return the arrays that `sites.finds` and :func:`weights_of` work on.

    Parameters
    ----------
    entries : DataFrame, index 0..E-1
        `kind`, `x_m`, `y_m`, `radius_m`, `reach_m`, `county`, `town`, `weight`, `site`.
    meanings : DataFrame
        `key` (position in `index`), `entry`, `quality` (0-1), `is_area_name`: the words name an
        area, so that the entry is no more exact than that.
    index : NameIndex

    Returns
    -------
    Entries
    """
    rank = entries["kind"].map(EXACTNESS).to_numpy(np.int64)
    ordered = meanings.sort_values(["key", "entry"], kind="stable")
    key, entry = ordered["key"].to_numpy(np.int64), ordered["entry"].to_numpy(np.int64)
    exactness = np.where(ordered["is_area_name"], np.minimum(rank[entry], AREA_RANK), rank[entry])
    key_rank = np.zeros(len(index.keys), dtype=np.int64)
    np.maximum.at(key_rank, key, exactness)
    county, names = pd.factorize(entries["county"].where(entries["county"] != ""))
    town, _ = pd.factorize(entries["town"].where(entries["town"] != ""))
    return Entries(
        rank=rank,
        is_town=(entries["kind"] == "town").to_numpy(bool),
        is_county=(entries["kind"] == "county").to_numpy(bool),
        **{name: entries[name].to_numpy(float) for name in FIGURES},
        county=county.astype(np.int64),
        town=town.astype(np.int64),
        site=entries["site"].to_numpy(np.int64),
        first=np.searchsorted(key, np.arange(len(index.keys) + 1)).astype(np.int64),
        entry=entry,
        quality=ordered["quality"].to_numpy(float),
        exactness=exactness.astype(np.int64),
        county_code={str(name): code for code, name in enumerate(names)},
        key_rank=key_rank,
        seats=np.flatnonzero(entries["kind"] == "seat").astype(np.int64),
        seat_of=_seat_of(entries, county),
    )


def weights_of(entries: Entries, mentions: Mentions, counties: Sequence[Any]) -> Floats:
    """Return the weight of each mention: the chance that its text means that place.

    Parameters
    ----------
    entries : Entries
    mentions : Mentions
    counties : sequence, one a text
        The county noted on the order; anything but a known name is not evidence.

    Returns
    -------
    array of float, shape of `mentions.entry`
        At most 1 in sum over a text; what is missing means "none of these".
    """
    entry, row = mentions.entry, mentions.row
    fit = mentions.quality * entries.weight[entry]
    noted = np.array([_code(entries, county) for county in counties], dtype=np.int64)[row]
    own = entries.county[entry]
    fit = np.where((own == noted) | (own < 0) | (noted < 0), fit, fit * AGAINST_COLUMN)
    fit = fit * _context_fit(entries, mentions, entries.is_county, entries.county)
    fit = fit * _context_fit(entries, mentions, entries.is_town, entries.town)
    return _shared_out(row, mentions.exactness, fit)


def matching_pairs(left: Any, right: Any) -> tuple[Ints, Ints]:
    """Return all pairs of positions of equal value in two arrays.

    Parameters
    ----------
    left : array, shape (n,)
    right : array, shape (m,)
        In ascending order.

    Returns
    -------
    two arrays of int
        Positions in `left`, ascending, and in `right`.

    Examples
    --------
    >>> matching_pairs(np.array([5, 7]), np.array([5, 5, 6, 7]))
    (array([0, 0, 1]), array([0, 1, 3]))
    """
    first = np.searchsorted(right, left, side="left")
    count = np.searchsorted(right, left, side="right") - first
    of_left = np.repeat(np.arange(len(left)), count)
    within = np.arange(len(of_left)) - np.repeat(np.cumsum(count) - count, count)
    return of_left, first[of_left] + within


def _code(entries: Entries, county: Any) -> int:
    """Return the code of a county's name, -1 for anything else."""
    return entries.county_code.get(county, -1) if isinstance(county, str) else -1


def _context_fit(
    entries: Entries, mentions: Mentions, is_context: NDArray[np.bool_], code: Ints
) -> Floats:
    """Return how well mentions fit the areas of one kind that are named in the same text."""
    entry, row = mentions.entry, mentions.row
    outer = np.flatnonzero(is_context[entry] & (mentions.quality > CONTEXT_QUALITY))
    inner = np.flatnonzero(~is_context[entry] & ~entries.is_county[entry])
    a, b = _pairs(row, inner, outer)
    one, other = entry[a], entry[b]
    away = np.hypot(entries.x_m[one] - entries.x_m[other], entries.y_m[one] - entries.y_m[other])
    reach = entries.reach_m[other]
    near = np.exp(-0.5 * (np.maximum(away - reach, 0.0) / reach) ** 2)
    county = entries.county
    close = (away < 4 * reach) | ((county[one] == county[other]) & (county[other] >= 0))
    same = (code[one] == code[other]) & (code[other] >= 0) & close
    fit = np.where(same, 1.0, np.maximum(NEAR_ONLY * np.nan_to_num(near), AGAINST_TEXT))
    best = np.zeros(len(entry))
    np.maximum.at(best, a, fit)
    best[np.setdiff1d(np.arange(len(entry)), a)] = 1.0
    return best


def _pairs(row: Ints, inner: Ints, outer: Ints) -> tuple[Ints, Ints]:
    """Return all pairs of an inner and an outer mention of one text."""
    left, right = matching_pairs(row[inner], row[outer])
    return inner[left], outer[right]


def _shared_out(row: Ints, rank: Ints, fit: Floats) -> Floats:
    """Return weights: the most exact rank takes what its best fit earns, the next of the rest."""
    size = int(row.max(initial=-1)) + 1
    left = np.ones(size)
    weight = np.zeros(len(row))
    for level in sorted(set(EXACTNESS.values()), reverse=True):
        chosen = rank == level
        best, total = np.zeros(size), np.zeros(size)
        np.maximum.at(best, row[chosen], fit[chosen])
        np.add.at(total, row[chosen], fit[chosen])
        taken = left * np.minimum(best, SURE)
        share = np.divide(taken, total, out=np.zeros(size), where=total > 0)
        weight[chosen] = fit[chosen] * share[row[chosen]]
        left = left - taken
    return weight


def _seat_of(entries: pd.DataFrame, county: Ints) -> Ints:
    """Return the entry of the seat of each county, -1 for any other entry."""
    seat = np.full(int(county.max(initial=-1)) + 1, -1, dtype=np.int64)
    is_seat = (entries["kind"] == "seat").to_numpy(bool) & (county >= 0)
    seat[county[is_seat]] = np.flatnonzero(is_seat)
    is_county = (entries["kind"] == "county").to_numpy(bool) & (county >= 0)
    found = np.full(len(entries), -1, dtype=np.int64)
    found[is_county] = seat[county[is_county]]
    return found
