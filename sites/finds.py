"""Find the places that texts mention: names in full, pieces misspelt, words for the middle.

Simple so far: a piece is matched loosely only where the text holds no exact name of a point.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sites.loose_names import LooseIndex, fuzzy_hits
from sites.mentions import EXACTNESS, POINT_RANK, Entries, Ints, Mentions
from sites.names import NameIndex, hits_in, segments, spoken_segments
from sites.place_words import PlaceWords

# Who names a county and nothing else is in its seat this often.
SEAT_SHARE = 0.65
# Points of similarity that cost a factor of e.
SCORE_STEP = 25.0


def mentions_in(
    entries: Entries,
    index: NameIndex,
    words: PlaceWords,
    *,
    loose: LooseIndex,
    spoken: Sequence[str],
    written: Sequence[str],
) -> Mentions:
    """Return the entries that texts and addresses may mean, before any weighing.

    Exact names of the address and the text together; where they hold no village, landmark or
    site, the leftover pieces of the address, else of the text, are matched loosely with names more
    exact than those. Words for the middle of a county mean any seat; a county alone mostly its
    own, whose people have nothing else to add.

    Parameters
    ----------
    entries : Entries
    index : NameIndex
    words : PlaceWords
    loose : LooseIndex
    spoken, written : sequences of str, length n
        Texts and addresses in normal form, empty where missing.

    Returns
    -------
    Mentions
        Sorted by text, then entry; each entry once a text, in its best reading.
    """
    hits: list[tuple[int, int, float, str]] = []
    pieces: list[tuple[int, str, bool]] = []
    seats: list[tuple[int, str]] = []
    level = np.zeros(len(spoken), dtype=np.int64)
    is_wide = np.zeros(len(spoken), dtype=bool)
    for row, (text, address) in enumerate(zip(spoken, written, strict=True)):
        in_address, in_text = hits_in(index, address), hits_in(index, text)
        keys = sorted({number for _, _, number in (*in_address, *in_text)})
        hits.extend((row, number, 100.0, index.keys[number]) for number in keys)
        is_wide[row] = words.patterns["wide"].search(address or text) is not None
        level[row] = max((entries.key_rank[number] for number in keys), default=0)
        if seat := words.patterns["seat"].search(address) or words.patterns["seat"].search(text):
            seats.append((row, seat.group()))
        elif level[row] < POINT_RANK:
            left = segments(address, in_address, words)
            pieces.extend((row, piece, True) for piece in left)
            if not left:
                left = spoken_segments(text, in_text, words)
                pieces.extend((row, piece, False) for piece in left)
    hits.extend(_loose_hits(index, loose, pieces, key_rank=entries.key_rank, level=level))
    found = _with_seats(entries, _mentions(entries, hits, seats, is_wide))
    return replace(found, pieces=tuple(pieces))


def _loose_hits(
    index: NameIndex,
    loose: LooseIndex,
    pieces: Sequence[tuple[int, str, bool]],
    *,
    key_rank: Ints,
    level: Ints,
) -> list[tuple[int, int, float, str]]:
    """Return the hits of leftover pieces among names more exact than those their text has."""
    distinct = sorted({piece for _, piece, _ in pieces})
    table = fuzzy_hits(loose, distinct)
    found: dict[str, list[tuple[int, float]]] = {}
    columns = (table["piece"].tolist(), table["key"].tolist(), table["score"].tolist())
    for piece, key, score in zip(*columns, strict=True):
        found.setdefault(distinct[piece], []).append((key, score))
    plain = {piece: _without_longer(index, keys) for piece, keys in found.items()}
    return [
        (row, key, score, piece)
        for row, piece, _ in pieces
        for key, score in plain.get(piece, [])
        if key_rank[key] > level[row]
    ]


def _without_longer(
    index: NameIndex, found: Sequence[tuple[int, float]]
) -> list[tuple[int, float]]:
    """Return likely keys without those that merely begin with one that is likelier."""
    return [
        (key, score)
        for key, score in found
        if not any(
            better > score and index.keys[key].startswith(index.keys[other])
            for other, better in found
        )
    ]


def _with_seats(entries: Entries, mentions: Mentions) -> Mentions:
    """Return mentions with the seat of each county that is all a text names."""
    most = np.zeros(len(mentions.is_wide), dtype=np.int64)
    np.maximum.at(most, mentions.row, mentions.exactness)
    seat = entries.seat_of[mentions.entry]
    which = np.flatnonzero((most[mentions.row] == EXACTNESS["county"]) & (seat >= 0))
    extra = replace(
        mentions,
        row=mentions.row[which],
        entry=seat[which],
        quality=mentions.quality[which] * SEAT_SHARE,
        exactness=np.full(len(which), EXACTNESS["seat"]),
        score=mentions.score[which],
        matched=mentions.matched[which],
    )
    return _best_readings(_both(mentions, extra))


def _both(one: Mentions, other: Mentions) -> Mentions:
    """Return the mentions of two about the same texts."""
    return replace(
        one,
        row=np.concatenate([one.row, other.row]),
        entry=np.concatenate([one.entry, other.entry]),
        quality=np.concatenate([one.quality, other.quality]),
        exactness=np.concatenate([one.exactness, other.exactness]),
        score=np.concatenate([one.score, other.score]),
        matched=np.concatenate([one.matched, other.matched]),
    )


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
