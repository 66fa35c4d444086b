"""Move and spread named places as the words around their names say.

Simple so far: a text's first relation counts, of its address before its words.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sites.names import NameIndex, hits_in
from sites.relations import FURTHEST_M, USUAL_M, Relations, relation_in

# A stated distance is this uncertain, as a share of itself; one not stated, of its usual value.
DISTANCE_ERROR = 0.3
# Discs along a way between two places: how far along, and their shares.
ALONG = np.array([0.5, 0.2, 0.8])
ALONG_SHARE = np.array([0.4, 0.3, 0.3])
ALONG_REACH = 0.25
# How far towards another place, as a share of the way, where no distance is said.
AIMED_SHARE = 0.3
MOST_WEIGHT = 0.95
LEAST_RADIUS_M = 250.0


def related(
    found: pd.DataFrame,
    relations: Relations,
    index: NameIndex,
    *,
    spoken: Sequence[str],
    written: Sequence[str],
) -> pd.DataFrame:
    """Return places with those moved that texts put beside, between or away from a name.

    Parameters
    ----------
    found : DataFrame
        As :func:`sites.places.find_places` returns it, before relations; `own_radius_m` beside
        `radius_m` is what the place itself has.
    relations : Relations
    index : NameIndex
    spoken, written : sequences of str
        Texts and addresses in normal form.

    Returns
    -------
    DataFrame
        The same columns. A place that was moved is of the kind `village`, and its entry is the
        last one: it is no longer the place of that name.
    """
    stated = _relations_of(found["row"].unique().tolist(), relations, index, (written, spoken))
    if stated.empty:
        return found
    named = found.merge(stated, on="row", how="left")
    named["is_own"] = (named["matched"] == named["key"]).fillna(value=False).to_numpy(bool)
    named["is_other"] = (named["matched"] == named["other"]).fillna(value=False).to_numpy(bool)
    pairs = _pairs(named)
    named, discs = _between(named, pairs[pairs["is_between"].astype(bool)])
    named = _aimed(named, pairs[~pairs["is_between"].astype(bool)])
    joined = pd.concat([_shifted(named)[found.columns], discs.reindex(columns=found.columns)])
    joined = joined.astype(found.dtypes.to_dict())
    order = joined.sort_values(["row", "weight"], ascending=[True, False], kind="stable")
    return order.reset_index(drop=True)


def _relations_of(
    rows: Sequence[int],
    relations: Relations,
    index: NameIndex,
    texts: tuple[Sequence[str], Sequence[str]],
) -> pd.DataFrame:
    """Return the relation that each text states, its address before its words."""
    stated = []
    for row in rows:
        for text in (texts[0][row], texts[1][row]):
            if relations.trigger.search(text) is None:
                continue
            found = relation_in(relations, text, hits_in(index, text))
            if found is not None:
                other = index.keys[found.other] if found.other >= 0 else ""
                stated.append((row, index.keys[found.key], other, found.is_between,
                               found.distance_m, found.bearing_deg))  # fmt: skip
                break
    columns = ["row", "key", "other", "is_between", "distance_m", "bearing_deg"]
    return pd.DataFrame(stated, columns=columns)


def _pairs(named: pd.DataFrame) -> pd.DataFrame:
    """Return the two places of each relation of two, the likeliest of each name."""
    near = named[named["is_own"] & (named["other"] != "")].drop_duplicates("row")
    far = named[named["is_other"]].drop_duplicates("row")
    weight = named[named["is_own"]].groupby("row")["weight"].sum()
    pairs = near.merge(
        far[["row", "name", "x_m", "y_m", "weight"]], on="row", suffixes=("", "_far")
    )
    pairs = pairs.assign(
        east_m=pairs["x_m_far"] - pairs["x_m"],
        north_m=pairs["y_m_far"] - pairs["y_m"],
        weight=np.minimum(pairs["row"].map(weight) + pairs["weight_far"], MOST_WEIGHT),
    )
    away = np.hypot(pairs["east_m"], pairs["north_m"])
    return pairs.assign(away_m=away)[(away > 0.0) & (away <= FURTHEST_M)]


def _between(named: pd.DataFrame, pairs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the places that are no end of a way, and the discs along the ways."""
    is_end = named["row"].isin(pairs["row"]) & (named["is_own"] | named["is_other"])
    discs = pairs.loc[pairs.index.repeat(len(ALONG))]
    along, share = np.tile(ALONG, len(pairs)), np.tile(ALONG_SHARE, len(pairs))
    discs = discs.assign(
        entry=-1,
        name=discs["name"] + " - " + discs["name_far"],
        kind="village",
        x_m=discs["x_m"] + along * discs["east_m"],
        y_m=discs["y_m"] + along * discs["north_m"],
        radius_m=np.maximum(ALONG_REACH * discs["away_m"], LEAST_RADIUS_M),
        weight=discs["weight"] * share,
    )
    return named[~is_end], discs


def _aimed(named: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return places with bearings towards others worked out; the others only point the way."""
    known = pairs.set_index("row")
    bearing = pd.Series(
        np.degrees(np.arctan2(known["east_m"], known["north_m"])), index=known.index
    )
    usual = AIMED_SHARE * known["away_m"]
    is_aimed = named["row"].isin(known.index)
    aimed = named.assign(
        bearing_deg=named["bearing_deg"].where(~is_aimed, named["row"].map(bearing)),
        distance_m=named["distance_m"].where(
            ~is_aimed | named["distance_m"].notna(), named["row"].map(usual)
        ),
    )
    return aimed[~(is_aimed & aimed["is_other"])]


def _shifted(named: pd.DataFrame) -> pd.DataFrame:
    """Return places moved by a distance and bearing, or widened where no bearing is known."""
    base, distance = named["own_radius_m"], named["distance_m"].astype(float)
    bearing = named["bearing_deg"].astype(float)
    is_said, is_turned = distance.notna(), named["is_own"] & bearing.notna()
    is_moved = is_turned & is_said
    is_wide = named["is_own"] & bearing.isna() & is_said
    away, angle = distance.fillna(USUAL_M), np.radians(bearing.fillna(0.0))
    exact = np.maximum(DISTANCE_ERROR * away, LEAST_RADIUS_M).where(is_said, base)
    return named.assign(
        x_m=named["x_m"] + np.where(is_turned, away * np.sin(angle), 0.0),
        y_m=named["y_m"] + np.where(is_turned, away * np.cos(angle), 0.0),
        radius_m=np.select([is_turned, is_wide], [exact, np.hypot(base, away)], named["radius_m"]),
        kind=named["kind"].where(~is_moved, "village"),
        entry=named["entry"].where(~is_moved, -1),
    )
