"""Say what a site would be worth for those who complain of thin coverage: planned ones, and ones to be proposed.

A planned site is credited with the places within its reach that are nearer to no other planned one. Where nobody plans
and the coverage model agrees with two callers or more, the place itself is proposed.

Simple so far: reach is one distance for every site; what a site takes off its neighbours is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from correlate.daily.coverage import REACH_KM
from correlate.daily.known_then import Known

LEAST_CALLERS = 2


def site_values(known: Known, run: Mapping[str, pd.DataFrame], thin: pd.DataFrame) -> pd.DataFrame:
    """Return the planned and proposed sites that thin places ask for, most callers first.

    Parameters
    ----------
    run : mapping of DataFrame
        Needs `sites` of the daybook.
    thin : DataFrame
        As `correlate.daily.coverage.thin_places` gives them.

    Returns
    -------
    DataFrame
        `kind` (planned, proposed), `site_id` (null for a proposed one), `site_name`, `county`, `town`, `lon`, `lat`,
        `planned_on_air`, `is_overdue` (that day has passed), `places`, `complaints`, `callers`, `agreeing` (complaints
        of places where the model agrees), `per_month`, `recent` (complaints of the last 15 days), `users` of the sites
        that serve those places now.
    """
    is_near = thin["planned_id"].notna() & (thin["planned_km"] <= REACH_KM)
    rows = thin.assign(agreeing=thin["complaints"].where(thin["agrees"].fillna(value=False), 0))
    planned = _planned(rows[is_near], run["sites"], known)
    is_asked = ~is_near & thin["agrees"].fillna(value=False) & (thin["callers"] >= LEAST_CALLERS)
    asked = rows[is_asked]
    proposed = asked.assign(
        kind="proposed",
        site_id=None,
        site_name=asked["place"],
        planned_on_air=None,
        is_overdue=pd.NA,
        places=1,
    )
    parts = [part.astype(object) for part in (planned, proposed) if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else proposed
    order = ["callers", "complaints", "site_name"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _planned(rows: pd.DataFrame, sites: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Return the planned sites with the places they would help."""
    found = rows.groupby("planned_id").agg(
        places=("place", "size"),
        complaints=("complaints", "sum"),
        callers=("callers", "sum"),
        agreeing=("agreeing", "sum"),
        per_month=("per_month", "sum"),
        recent=("recent", "sum"),
    )
    serving = rows.drop_duplicates(["planned_id", "site_id"]).groupby("planned_id")["users"].sum()
    own = sites.drop_duplicates("site_id").set_index("site_id").reindex(found.index)
    named = ["site_name", "county", "town", "lon", "lat", "planned_on_air"]
    due = pd.to_datetime(own["planned_on_air"], errors="coerce")
    today = known.at.tz_localize(None).normalize()
    overdue = pd.Series(np.where(due.isna(), None, due < today), index=own.index, dtype="boolean")
    table = found.join(own[named]).assign(kind="planned", users=serving, is_overdue=overdue)
    return table.rename_axis("site_id").reset_index()
