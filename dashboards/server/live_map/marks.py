"""Choose what a view draws: marks in it alone, joined where they would lie on each other, and never too many.

Joined marks take the worst severity among them. Whoever is not of the network team is shown complaints only where
`LEAST_SHOWN` or more of them lie together.

Simple so far: marks are joined by the squares of a grid, so two that lie across a border stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from correlate.daily.incidents import ORDER
from dashboards.server.live_map.grounds import Ground
from dashboards.server.live_map.views import View, mercator, square_of

MOST_MARKS = 50_000
MOST_APART = 2_500
"""Sites in a view from which they are joined."""
FAULT_SIDE_PX, SITE_SIDE_PX, COMPLAINT_SIDE_PX = 34.0, 16.0, 16.0
CROWD_SIDE_PX = 90.0
"""Side of the squares in which complaints are counted for those outside the network team."""
LEAST_SHOWN = 5
"""Complaints below which none is shown outside the network team (operators' domain notes 8)."""
CLOSE_ZOOM = 15.0
"""Zoom from which faults are no longer joined."""
NAMES_AT = ((0.0, 0), (7.5, 1), (10.5, 2), (12.5, 3))
"""Zooms from which names of a rank are written."""
MOST_NAMES = 400
NONE = "none"
RANKS = {name: rank for rank, name in enumerate((*ORDER, NONE))}


@dataclass(frozen=True)
class Marks:
    """What a view draws, and how many marks were left out.

    Attributes
    ----------
    faults : DataFrame
        `lon`, `lat`, `severity`, `is_noticed`, `count`, `users`, `incident_id` (of the worst), `ids` (of all).
    sites : DataFrame
        `lon`, `lat`, `severity` (`none` without a fault), `count`, `name`, `cells`, `users`.
    complaints : DataFrame
        `lon`, `lat`, `count`, `age_s`, `ticket_id` (of the latest; empty where it may not be told), `cause`.
    names : DataFrame
        `name`, `lon`, `lat`, `rank`.
    cut : int
    """

    faults: pd.DataFrame
    sites: pd.DataFrame
    complaints: pd.DataFrame
    names: pd.DataFrame
    cut: int = 0

    def __len__(self) -> int:
        """Return the number of marks; names are not counted."""
        return len(self.faults) + len(self.sites) + len(self.complaints)


def placed_faults(faults: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    """Return faults with `lon` and `lat`: of the site of theirs that is nearest to the middle of all of them.

    Parameters
    ----------
    faults : DataFrame
        `site_ids` joined by `|`; those without a known site are placed nowhere (NaN).
    """
    rows = faults.reset_index(drop=True)
    listed = rows["site_ids"].fillna("").str.split("|").explode()
    at = ground.place.reindex(listed.to_numpy(object)).to_numpy(float)
    known = ~np.isnan(at)
    spots = ground.sites.iloc[at[known].astype(int)][["lon", "lat"]].reset_index(drop=True)
    spots["fault"] = listed.index.to_numpy()[known]
    middle = spots.groupby("fault")[["lon", "lat"]].transform("median")
    far = (spots["lon"] - middle["lon"]) ** 2 + (spots["lat"] - middle["lat"]) ** 2
    nearest = spots.assign(far=far).sort_values(["fault", "far"], kind="stable")
    return rows.join(nearest.drop_duplicates("fault").set_index("fault")[["lon", "lat"]])


def site_severities(faults: pd.DataFrame, ground: Ground) -> pd.Series:
    """Return the worst severity of the faults at each site that has one, index its row in `ground.sites`."""
    listed = faults.assign(site=faults["site_ids"].fillna("").str.split("|")).explode("site")
    rank = listed["severity"].map(RANKS).to_numpy()
    at = ground.place.reindex(listed["site"].to_numpy(object)).to_numpy(float)
    known = ~np.isnan(at)
    worst = pd.Series(rank[known], index=at[known].astype(int)).groupby(level=0).min()
    return worst.map(dict(enumerate(RANKS)))


def fault_marks(faults: pd.DataFrame, view: View) -> pd.DataFrame:
    """Return the marks of the faults in a view, the worst last, so that they are drawn on top.

    Parameters
    ----------
    faults : DataFrame
        As `placed_faults` gives them, the most important first.
    """
    rows = faults[faults["lon"].notna()]
    rows = rows[view.holds(rows["lon"], rows["lat"])]
    is_close = view.zoom >= CLOSE_ZOOM
    square = np.arange(len(rows)) if is_close else _squares(rows, view, FAULT_SIDE_PX)
    rows = rows.assign(square=square, rank=rows["severity"].map(RANKS).astype(int))
    rows = rows.sort_values("rank", kind="stable")
    together = rows.groupby("square", sort=False)
    marks = rows.drop_duplicates("square").set_index("square")
    marks = marks.assign(
        count=together.size(),
        users=together["users"].sum(min_count=1),
        is_noticed=together["is_noticed"].any(),
        ids=together["incident_id"].agg("|".join) if len(rows) else "",
    )
    return marks.sort_values("rank", ascending=False, kind="stable").reset_index(drop=True)


def site_marks(
    sites: pd.DataFrame, severities: pd.Series, view: View, *, counties: Sequence[str]
) -> pd.DataFrame:
    """Return the marks of the sites in a view, joined where there are many, those with faults last.

    Parameters
    ----------
    sites : DataFrame
        Those of the ground.
    severities : Series
        As `site_severities` gives it.
    counties : sequence of str
        Only the sites of these; empty: all.
    """
    inside = view.holds(sites["lon"], sites["lat"])
    if counties:
        inside = inside & sites["county"].isin(list(counties)).to_numpy(bool)
    rows = sites.iloc[np.flatnonzero(inside)]
    found = severities.reindex(rows.index)
    rows = rows.assign(severity=found.where(found.notna(), NONE).to_numpy(object), count=1)
    rows["rank"] = rows["severity"].map(RANKS).astype(int)
    if len(rows) > MOST_APART:
        rows = _joined_sites(rows.assign(square=_squares(rows, view, SITE_SIDE_PX)))
    return rows.sort_values("rank", ascending=False, kind="stable").reset_index(drop=True)


def complaint_marks(
    complaints: pd.DataFrame, view: View, *, now: int, is_team: bool
) -> pd.DataFrame:
    """Return the marks of the complaints in a view, the latest last.

    Parameters
    ----------
    complaints : DataFrame
        As `moments.complaints_at` gives them, the latest first.
    is_team : bool
        Whether single complaints may be shown.
    """
    rows = complaints[view.holds(complaints["lon"], complaints["lat"])]
    side = COMPLAINT_SIDE_PX if is_team else CROWD_SIDE_PX
    rows = rows.assign(square=_squares(rows, view, side), age_s=now - rows["created_at"])
    count = rows.groupby("square").size()
    middle = rows.groupby("square")[["lon", "lat"]].mean()
    marks = rows.drop_duplicates("square").set_index("square").assign(count=count)
    if not is_team:
        marks = marks[marks["count"] >= LEAST_SHOWN]
        middle = middle.reindex(marks.index)
        marks = marks.assign(lon=middle["lon"], lat=middle["lat"], ticket_id="", cause="")
    return marks.iloc[::-1].reset_index(drop=True)


def names_in(ground: Ground, view: View, *, counties: Sequence[str]) -> pd.DataFrame:
    """Return the names to be written in a view, the important ones first."""
    most = max(rank for zoom, rank in NAMES_AT if view.zoom >= zoom)
    rows = ground.names[ground.names["rank"] <= most]
    if counties:
        rows = rows[rows["county"].isin(list(counties))]
    return rows[view.holds(rows["lon"], rows["lat"])].iloc[:MOST_NAMES].reset_index(drop=True)


def bounded(marks: Marks, *, most: int = MOST_MARKS) -> Marks:
    """Return at most so many marks: faults stay before complaints, complaints before sites."""
    faults = marks.faults.iloc[-most:]
    complaints = marks.complaints.iloc[max(len(marks.complaints) - (most - len(faults)), 0) :]
    left = most - len(faults) - len(complaints)
    sites = marks.sites.iloc[max(len(marks.sites) - left, 0) :]
    kept = Marks(faults, sites, complaints, marks.names)
    return Marks(faults, sites, complaints, marks.names, marks.cut + len(marks) - len(kept))


def _joined_sites(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one mark for the sites of each square."""
    together = rows.groupby("square", sort=False)
    sums = together[["lon", "lat"]].mean()
    sums[["count", "cells", "users"]] = together[["count", "cells", "users"]].sum(min_count=1)
    worst = rows.sort_values("rank", kind="stable").drop_duplicates("square").set_index("square")
    return sums.join(worst[["name", "severity", "rank"]]).reset_index(drop=True)


def _squares(rows: pd.DataFrame, view: View, side_px: float) -> np.ndarray:
    """Return the square that each row lies in."""
    x, y = mercator(rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))
    return square_of(x, y, zoom=view.zoom, side_px=side_px * view.scale)
