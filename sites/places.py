"""Turn the names in addresses and free text into weighted places, each with a radius.

An *area* (county, town, seat) is the spread of its sites, weighted by their users; a point place
(village, landmark, site) is a disc. Outer names in a text tell apart places of one name; they are
not rivals of the place inside them.

Simple so far: the chance that a name is meant where the context contradicts it is a constant.
"""

from typing import Any

import numpy as np
import pandas as pd

from sites.finds import mentions_in
from sites.gazetteers import Gazetteer, build_gazetteer
from sites.mentions import (
    LEAST_WEIGHT,
    MOST_PLACES,
    POINT_RANK,
    weights_of,
)
from sites.place_words import normal_name
from sites.related_places import related
from sites.told_places import Evidence, told_places

__all__ = ["Gazetteer", "build_gazetteer", "find_places"]

WIDE_FACTOR = 2.0
# A place told of that lies outside what else a text names keeps this much.
CONTEXT_REACH_M, AGAINST_CONTEXT = 3000.0, 0.2


def find_places(
    gazetteer: Gazetteer,
    texts: pd.Series,
    counties: pd.Series,
    *,
    addresses: pd.Series | None = None,
    evidence: Evidence | None = None,
) -> pd.DataFrame:
    """Return the places that texts may speak of, likeliest first.

    The most exact names win (landmark or site, village, town or seat, county); towns and counties
    named beside them, and the county of the order, decide between places of the same name. Where
    no exact name is found, pieces of the address, then of the text, are matched loosely.

    Parameters
    ----------
    gazetteer : Gazetteer
    texts : Series of str, length n
        Free text; may be missing.
    counties : Series of str, length n
        The county of each order as the desk noted it; may be missing.
    addresses : Series of str, length n, optional
        The address field.
    evidence : Evidence, optional
        Where the complaints are, as far as coordinates and sightings tell: places that no table
        names are learned from the complaints that arrived before.

    Returns
    -------
    DataFrame, at most eight rows a text
        `row` (0..n-1), `entry` (position in the gazetteer), `name`, `kind`, `x_m`, `y_m`,
        `radius_m`, `weight` (sums to at most 1 a text: the rest is "none of these"), `matched`
        (the words found), `score` (0-100).

    Examples
    --------
    >>> from sites.inventory import build_network
    >>> site = pd.DataFrame({"site_id": ["A"], "site_name": ["Oakover mast"], "lon": [1.0],
    ...                      "lat": [52.0], "county": ["Foxshire"]})
    >>> cell = pd.DataFrame({"cell_id": ["A-1"], "site_id": ["A"], "rat": ["LTE"],
    ...                      "freq_mhz": [800.0]})
    >>> network = build_network({"sites": site, "cells": cell})
    >>> gazetteer = build_gazetteer(pd.DataFrame(), network)
    >>> found = find_places(gazetteer, pd.Series(["no bars at oakover"]), pd.Series(["Foxshire"]))
    >>> found[["name", "kind", "matched"]].values.tolist()
    [['Oakover mast', 'site', 'oakover']]
    """
    spoken = _normal(texts)
    written = _normal(addresses) if addresses is not None else [""] * len(spoken)
    mentions = mentions_in(
        gazetteer.arrays,
        gazetteer.index,
        gazetteer.words,
        loose=gazetteer.loose,
        spoken=spoken,
        written=written,
    )
    weight = weights_of(gazetteer.arrays, mentions, list(counties))
    order = _likeliest(mentions.row, mentions.entry, weight)
    row, entry = mentions.row[order], mentions.entry[order]
    arrays = gazetteer.arrays
    is_wide = mentions.is_wide[row] & (arrays.rank[entry] >= POINT_RANK)
    found = pd.DataFrame(
        {
            "row": row,
            "entry": entry,
            "name": gazetteer.names[entry],
            "kind": gazetteer.kinds[entry],
            "x_m": arrays.x_m[entry],
            "y_m": arrays.y_m[entry],
            "radius_m": arrays.radius_m[entry] * np.where(is_wide, WIDE_FACTOR, 1.0),
            "weight": weight[order],
            "matched": mentions.matched[order],
            "score": mentions.score[order],
            "own_radius_m": arrays.radius_m[entry],
        }
    )
    found = related(
        found, gazetteer.relations, gazetteer.index, spoken=spoken, written=written
    ).drop(columns="own_radius_m")
    if evidence is not None:
        found = _with_told(found, told_places(mentions.pieces, evidence))
    return found.assign(entry=found["entry"].mask(found["entry"] < 0, len(arrays.rank) - 1))


def _with_told(found: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Return places found with those that earlier complaints told of; they share the weight."""
    if told.empty:
        return found
    own = told.assign(entry=-1, name=told["piece"], kind="poi", matched=told["piece"], score=100.0)
    best = found.drop_duplicates("row").set_index("row").reindex(own["row"])
    away = np.hypot(
        own["x_m"].to_numpy() - best["x_m"].to_numpy(float),
        own["y_m"].to_numpy() - best["y_m"].to_numpy(float),
    )
    reach = np.maximum(best["radius_m"].to_numpy(float), CONTEXT_REACH_M)
    fit = np.exp(-0.5 * (np.maximum(away - reach, 0.0) / reach) ** 2)
    own["weight"] *= np.maximum(np.nan_to_num(fit, nan=1.0), AGAINST_CONTEXT)
    taken = own.set_index("row")["weight"].reindex(found["row"]).fillna(0.0).to_numpy(float)
    shared = found.assign(weight=found["weight"] * (1.0 - taken))
    both = pd.concat([shared, own[found.columns]], ignore_index=True)
    order = both.sort_values(["row", "weight"], ascending=[True, False], kind="stable")
    return order[order.groupby("row").cumcount() < MOST_PLACES].reset_index(drop=True)


def _likeliest(row: Any, entry: Any, weight: Any) -> Any:
    """Return the order of the best mentions: by text, the heaviest first, eight at most."""
    order = np.lexsort((entry, -weight, row))
    order = order[weight[order] > LEAST_WEIGHT]
    place = np.arange(len(order)) - np.searchsorted(row[order], row[order], side="left")
    return order[place < MOST_PLACES]


def _normal(texts: pd.Series) -> list[str]:
    """Return texts in normal form, empty where missing."""
    return [normal_name(text) if isinstance(text, str) else "" for text in texts]
