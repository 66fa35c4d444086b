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

from sites.names import (
    NameIndex,
    fuzzy_hits,
    hits_in,
    segments,
    spoken_segments,
)
from sites.place_words import PlaceWords

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# How exact a kind of name is: the more exact wins, the others are its context.
EXACTNESS: Mapping[str, int] = {
    "poi": 4, "site": 4, "village": 3, "seat": 2, "town": 2, "county": 1, "network": 0,
}  # fmt: skip
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
# Points of similarity that cost a factor of e.
SCORE_STEP = 25.0


@dataclass(frozen=True)
class Entries:
    """The gazetteer's entries as arrays, and which of them each key may mean.

    Attributes
    ----------
    rank, is_town, is_county : arrays, shape (E,)
        How exact the kind is (`EXACTNESS`), and whether it is a town or a county.
    x_m, y_m, radius_m, weight : arrays of float, shape (E,)
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
    is_point_key : array of bool, shape (K,)
        Whether a key may mean a village, landmark or site.
    loose_keys : array of int
        Keys that a misspelt piece may mean.
    seats : array of int
        Entries that are seats of a county.
    """

    rank: Ints
    is_town: NDArray[np.bool_]
    is_county: NDArray[np.bool_]
    x_m: Floats
    y_m: Floats
    radius_m: Floats
    weight: Floats
    county: Ints
    town: Ints
    site: Ints
    first: Ints
    entry: Ints
    quality: Floats
    exactness: Ints
    county_code: Mapping[str, int]
    is_point_key: NDArray[np.bool_]
    loose_keys: Ints
    seats: Ints


@dataclass(frozen=True)
class Mentions:
    """What texts may mean: text, entry, quality (0-1), rank, score (0-100), words, each an array.

    `is_wide` has one value a text: whether it says "around" or the like.
    """

    row: Ints
    entry: Ints
    quality: Floats
    exactness: Ints
    score: Floats
    matched: NDArray[np.object_]
    is_wide: NDArray[np.bool_]


def build_entries(entries: pd.DataFrame, meanings: pd.DataFrame, index: NameIndex) -> Entries:
    """Return the arrays that :func:`mentions_in` and :func:`weights_of` work on.

    Parameters
    ----------
    entries : DataFrame, index 0..E-1
        `kind`, `x_m`, `y_m`, `radius_m`, `county`, `town`, `weight`, `site`.
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
    is_point_key = np.zeros(len(index.keys), dtype=bool)
    is_point_key[key[exactness >= POINT_RANK]] = True
    county, names = pd.factorize(entries["county"].where(entries["county"] != ""))
    town, _ = pd.factorize(entries["town"].where(entries["town"] != ""))
    return Entries(
        rank=rank,
        is_town=(entries["kind"] == "town").to_numpy(bool),
        is_county=(entries["kind"] == "county").to_numpy(bool),
        **{name: entries[name].to_numpy(float) for name in ("x_m", "y_m", "radius_m", "weight")},
        county=county.astype(np.int64),
        town=town.astype(np.int64),
        site=entries["site"].to_numpy(np.int64),
        first=np.searchsorted(key, np.arange(len(index.keys) + 1)).astype(np.int64),
        entry=entry,
        quality=ordered["quality"].to_numpy(float),
        exactness=exactness.astype(np.int64),
        county_code={str(name): code for code, name in enumerate(names)},
        is_point_key=is_point_key,
        loose_keys=np.flatnonzero(is_point_key & ~np.array(index.is_short_form, dtype=bool)),
        seats=np.flatnonzero(entries["kind"] == "seat").astype(np.int64),
    )


def mentions_in(
    entries: Entries,
    index: NameIndex,
    words: PlaceWords,
    *,
    spoken: Sequence[str],
    written: Sequence[str],
) -> Mentions:
    """Return the entries that texts and addresses may mean, before any weighing.

    Exact names of the address and the text together; where they hold no village, landmark or
    site, the leftover pieces of the address, else of the text, are matched loosely. Words for the
    middle of a county mean any seat.

    Parameters
    ----------
    entries : Entries
    index : NameIndex
    words : PlaceWords
    spoken, written : sequences of str, length n
        Texts and addresses in normal form, empty where missing.

    Returns
    -------
    Mentions
        Sorted by text, then entry; each entry once a text, in its best reading.
    """
    hits: list[tuple[int, int, float, str]] = []
    loose: list[tuple[int, str]] = []
    seats: list[tuple[int, str]] = []
    is_wide = np.zeros(len(spoken), dtype=bool)
    for row, (text, address) in enumerate(zip(spoken, written, strict=True)):
        in_address, in_text = hits_in(index, address), hits_in(index, text)
        found = sorted({number for _, _, number in (*in_address, *in_text)})
        hits.extend((row, number, 100.0, index.keys[number]) for number in found)
        is_wide[row] = words.patterns["wide"].search(address or text) is not None
        if seat := words.patterns["seat"].search(address) or words.patterns["seat"].search(text):
            seats.append((row, seat.group()))
        elif not entries.is_point_key[found].any():
            pieces = segments(address, in_address, words) or spoken_segments(text, in_text, words)
            loose.extend((row, piece) for piece in pieces)
    hits.extend(_loose_hits(entries, index, loose))
    return _mentions(entries, hits, seats, is_wide)


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


def _loose_hits(
    entries: Entries, index: NameIndex, loose: Sequence[tuple[int, str]]
) -> list[tuple[int, int, float, str]]:
    """Return the hits of leftover pieces among the names of points that are spelt in full."""
    pieces = sorted({piece for _, piece in loose})
    if not pieces:
        return []
    table = fuzzy_hits(index, pieces, entries.loose_keys.tolist())
    found: dict[str, list[tuple[int, float]]] = {}
    columns = (table["piece"].tolist(), table["key"].tolist(), table["score"].tolist())
    for piece, key, score in zip(*columns, strict=True):
        found.setdefault(pieces[piece], []).append((key, score))
    return [(row, key, score, piece) for row, piece in loose for key, score in found.get(piece, [])]


def _mentions(
    entries: Entries,
    hits: Sequence[tuple[int, int, float, str]],
    seats: Sequence[tuple[int, str]],
    is_wide: NDArray[np.bool_],
) -> Mentions:
    """Return hits of keys and of seat words as mentions of entries."""
    key = np.array([hit[1] for hit in hits], dtype=np.int64)
    count = entries.first[key + 1] - entries.first[key] if len(key) else key
    of_hit = np.repeat(np.arange(len(key)), count)
    within = np.arange(len(of_hit)) - np.repeat(np.cumsum(count) - count, count)
    meaning = entries.first[key[of_hit]] + within
    score = np.array([hit[2] for hit in hits], dtype=float)[of_hit]
    matched = np.array([hit[3] for hit in hits], dtype=object)[of_hit]
    row = np.array([hit[0] for hit in hits], dtype=np.int64)[of_hit]
    quality = entries.quality[meaning] * np.exp((score - 100.0) / SCORE_STEP)
    size, repeated = len(entries.seats), len(seats)
    said = np.array([seat[1] for seat in seats], dtype=object)
    at = np.array([seat[0] for seat in seats], dtype=np.int64)
    return _best_readings(
        Mentions(
            row=np.concatenate([row, np.repeat(at, size)]),
            entry=np.concatenate([entries.entry[meaning], np.tile(entries.seats, repeated)]),
            quality=np.concatenate([quality, np.ones(size * repeated)]),
            exactness=np.concatenate(
                [entries.exactness[meaning], np.full(size * repeated, EXACTNESS["seat"])]
            ),
            score=np.concatenate([score, np.full(size * repeated, 100.0)]),
            matched=np.concatenate([matched, np.repeat(said, size)]),
            is_wide=is_wide,
        )
    )


def _best_readings(mentions: Mentions) -> Mentions:
    """Return mentions with each entry once a text, in its best reading."""
    order = np.lexsort((-mentions.quality, mentions.entry, mentions.row))
    row, entry = mentions.row[order], mentions.entry[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (row[1:] != row[:-1]) | (entry[1:] != entry[:-1])
    kept = order[is_first]
    return Mentions(
        mentions.row[kept],
        mentions.entry[kept],
        mentions.quality[kept],
        mentions.exactness[kept],
        mentions.score[kept],
        mentions.matched[kept],
        mentions.is_wide,
    )


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
    reach = entries.radius_m[other]
    near = np.exp(-0.5 * (np.maximum(away - reach, 0.0) / reach) ** 2)
    same = (code[one] == code[other]) & (code[other] >= 0) & (away < 4 * reach)
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
