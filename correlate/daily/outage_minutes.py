"""Assess a month's outages as operators assess their counties: weighted minutes a cell, by class of site.

An outage is a group of alarms by which cells or sites are out of service; announced work is none. Its minutes weigh by
the hour of the day; the mean over all cells of a class must stay below a line. Sites that were exempted with approval
are left out in a second figure. Bands, classes and lines are rows of `outage_assessment.toml`.

Simple so far: the cells of a group that spans several sites are shared evenly among them; two groups over one cell at
one time both count; a site whose cells are not known counts as one; cells and effect of a group are those last known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.knowledge_files import ORIGIN, check_keys, number_of, read_knowledge
from correlate.daily.known_then import Known

FILE = Path(__file__).with_name("outage_assessment.toml")
ARGUMENT = "outage_assessment"
DEFAULT_GRADE = "C"
MOST_LISTED = 50
MINUTE = pd.Timedelta(minutes=1)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Assessment:
    """How outages are assessed: hours at which a band ends with its weight; class of each grade; line of each class.

    `long_min` minutes from which an outage is long, `long_share` of the time that long ones may last.
    """

    ends_h: Floats
    weights: Floats
    class_of: Mapping[str, str]
    below_min: Mapping[str, float]
    long_min: float
    long_share: float


@cache
def load_assessment(path: Path = FILE) -> Assessment:
    """Return how outages are assessed.

    Raises
    ------
    InputError
        If the file can't be read, a row lacks a key or holds something that is no number.
    """
    told = read_knowledge(path, ARGUMENT)
    check_keys(
        told, path.name, argument=ARGUMENT, needed=("band", "class", "long_outage"), known=()
    )
    for row in told["band"]:
        check_keys(row, "[[band]]", argument=ARGUMENT, needed=("from_h", "to_h", "weight", *ORIGIN))
    for row in told["class"]:
        check_keys(
            row, "[[class]]", argument=ARGUMENT, needed=("name", "grades", "below_min", *ORIGIN)
        )
    bands = sorted(
        told["band"], key=lambda row: number_of(row["to_h"], "`to_h`", argument=ARGUMENT)
    )
    return Assessment(
        ends_h=np.array([float(row["to_h"]) for row in bands]),
        weights=np.array([float(row["weight"]) for row in bands]),
        class_of={grade: row["name"] for row in told["class"] for grade in row["grades"]},
        below_min={row["name"]: float(row["below_min"]) for row in told["class"]},
        long_min=float(told["long_outage"]["minutes"]),
        long_share=float(told["long_outage"]["most_share"]),
    )


def weighted_minutes(begin: pd.Series, end: pd.Series, zone: str) -> Floats:
    """Return the minutes between instants, weighted by the local hour of the day.

    Examples
    --------
    >>> at = pd.Series(pd.to_datetime(["2026-03-10T05:00", "2026-03-10T09:00"])).dt.tz_localize("UTC")
    >>> weighted_minutes(at.iloc[[0]], at.iloc[[1]], "UTC").tolist()
    [192.0]
    """
    gone = _weighted(end, zone) - _weighted(begin, zone)
    return np.asarray(np.clip(gone, 0.0, None), dtype=float)


def outages(known: Known, run: Mapping[str, pd.DataFrame], exempt: pd.DataFrame) -> pd.DataFrame:
    """Return the outages of the month so far, a row for each group of alarms and site.

    Parameters
    ----------
    run : mapping of DataFrame
        Needs `alarm_groups` and `sites` of the daybook.
    exempt : DataFrame
        As `correlate.daily.exceptions.exempt_sites` gives them.

    Returns
    -------
    DataFrame
        `site_id`, `group_id`, `begin`, `end` (cut to the month and the moment), `cells`, `minutes` (plain) and
        `weighted`, each a cell, `is_exempt`, `is_open`, `cause`; `county`, `site_name`, `grade`, `class` of the site.
    """
    now = known.at.tz_convert("UTC")
    month = month_begin(known).tz_convert("UTC")
    groups = run["alarm_groups"]
    is_out = (groups["service_effect"] == "down") & ~groups["is_planned"].astype(bool)
    is_merged = groups["merged_into"].notna() & (groups["changed_at"] <= now)
    is_out &= (groups["opened_at"] <= now) & ~is_merged
    rows = groups[is_out & ~(groups["ended_at"] <= month)]
    end = rows["ended_at"].where(rows["ended_at"] <= now).fillna(now)
    rows = rows.assign(
        begin=rows["started_at"].clip(lower=month), end=end, is_open=~(rows["ended_at"] <= now)
    )
    listed = rows["site_ids"].fillna("").str.split("|")
    rows = rows.assign(site_id=listed, cells=rows["cells"] / listed.str.len())
    rows = rows.explode("site_id").drop(columns=["site_ids", "sites", "county"], errors="ignore")
    sites = _classed(run["sites"]).set_index("site_id")
    named = ["site_name", "county", "grade", "class"]
    rows = rows[rows["site_id"].isin(sites.index)].join(sites[named], on="site_id")
    rows = rows.assign(
        minutes=((rows["end"] - rows["begin"]) / MINUTE).clip(lower=0.0),
        weighted=weighted_minutes(rows["begin"], rows["end"], known.zone),
        is_exempt=_is_exempt(rows, exempt),
    )
    return rows.reset_index(drop=True)


def outage_classes(
    known: Known, run: Mapping[str, pd.DataFrame], found: pd.DataFrame
) -> pd.DataFrame:
    """Return the mean weighted minutes a cell of the month so far, by county and class: all first, then the worst.

    Parameters
    ----------
    found : DataFrame
        As `outages` gives them.

    Returns
    -------
    DataFrame
        `scope`, `county`, `class`, `cells`, `outages`, `minutes` (weighted, mean a cell), `minutes_exempt` (without the
        exempt sites), `below` (line of the class for a month), `is_passed` so far, `long_share` (share of the time that
        outages of more than an hour lasted) and `is_long_passed`.
    """
    rules = load_assessment()
    live = _classed(run["sites"])
    live = live[live["status"] == "live"]
    gone = set(found.loc[found["is_exempt"], "site_id"])
    live = live.assign(kept=live["cells"].where(~live["site_id"].isin(gone), 0.0))
    elapsed = max((known.at - month_begin(known)) / MINUTE, 1.0)
    rows = found.assign(
        all=found["weighted"] * found["cells"],
        kept=(found["weighted"] * found["cells"]).where(~found["site_id"].isin(gone), 0.0),
        long=(found["minutes"] * found["cells"]).where(found["minutes"] > rules.long_min, 0.0),
    )
    parts = [_summed(live, rows, by_county=by_county) for by_county in (False, True)]
    table = pd.concat([part.astype({"county": object}) for part in parts], ignore_index=True)
    minutes = table["all"] / table["cells"].where(table["cells"] > 0)
    below = table["class"].map(rules.below_min)
    share = table["long"] / (table["cells"] * elapsed).where(table["cells"] > 0)
    order = (minutes / below).where(table["scope"] == "county", np.inf)
    table = table.assign(
        minutes=minutes,
        minutes_exempt=table["kept"] / table["kept_cells"].where(table["kept_cells"] > 0),
        below=below,
        is_passed=minutes < below,
        long_share=share.clip(upper=1.0),
        is_long_passed=share <= rules.long_share,
        order=order,
    )
    by = ["order", "county", "class"]
    return table.sort_values(by, ascending=[False, True, True], ignore_index=True)


def top_outages(found: pd.DataFrame) -> pd.DataFrame:
    """Return the sites that were out longest or most often this month, the longest first.

    Parameters
    ----------
    found : DataFrame
        As `outages` gives them.

    Returns
    -------
    DataFrame
        `site_id`, `site_name`, `county`, `grade`, `outages`, `minutes` (plain) and `weighted`, summed over its outages,
        `by_minutes` and `by_count` (ranks), `last_at`, `is_open`, `is_exempt`, `cause` of the longest.
    """
    longest = found.sort_values(["minutes", "group_id"], ascending=[False, True])
    first = longest.drop_duplicates("site_id").set_index("site_id")
    table = found.groupby("site_id").agg(
        outages=("group_id", "nunique"),
        minutes=("minutes", "sum"),
        weighted=("weighted", "sum"),
        last_at=("begin", "max"),
        is_open=("is_open", "any"),
        is_exempt=("is_exempt", "any"),
    )
    table = table.join(first[["site_name", "county", "grade", "cause"]]).reset_index()
    table = table.assign(
        by_minutes=table["minutes"].rank(ascending=False, method="min"),
        by_count=table["outages"].rank(ascending=False, method="min"),
    )
    is_top = (table["by_minutes"] <= MOST_LISTED) | (table["by_count"] <= MOST_LISTED)
    order = ["minutes", "outages", "site_id"]
    return table[is_top].sort_values(order, ascending=[False, False, True], ignore_index=True)


def month_begin(known: Known) -> pd.Timestamp:
    """Return the begin of the month that the day before lies in, zone-aware."""
    before = (known.at.tz_localize(None) - pd.Timedelta(days=1)).normalize()
    return before.replace(day=1).tz_localize(
        known.zone, nonexistent="shift_forward", ambiguous=True
    )


def _weighted(instants: pd.Series, zone: str) -> Floats:
    """Return weighted local minutes since 1970."""
    rules = load_assessment()
    local = instants.dt.tz_convert(zone).dt.tz_localize(None)
    minutes = ((local - pd.Timestamp(0)) / MINUTE).to_numpy(float)
    days, minute = np.divmod(minutes, 1440.0)
    starts = np.concatenate([[0.0], rules.ends_h[:-1]]) * 60
    length = rules.ends_h * 60 - starts
    inside = np.clip(minute[:, None] - starts, 0.0, length)
    return np.asarray(days * (length @ rules.weights) + inside @ rules.weights, dtype=float)


def _classed(sites: pd.DataFrame) -> pd.DataFrame:
    """Return the sites with their class, and one cell at least."""
    grade = sites["grade"].where(sites["grade"].isin(load_assessment().class_of), DEFAULT_GRADE)
    cells = sites["cells"] if "cells" in sites else pd.Series(np.nan, index=sites.index)
    table = sites.drop_duplicates("site_id").assign(
        grade=grade, cells=cells.astype("float64").clip(lower=1.0).fillna(1.0)
    )
    return table.assign(**{"class": grade.map(load_assessment().class_of)})


def _is_exempt(rows: pd.DataFrame, exempt: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which outages began at a site while it was exempt."""
    numbered = rows[["site_id", "begin"]].reset_index(drop=True).reset_index(names="row")
    pairs = numbered.merge(exempt, on="site_id")
    inside = pairs[(pairs["begin"] >= pairs["since"]) & (pairs["begin"] <= pairs["until"])]
    return np.isin(np.arange(len(rows)), inside["row"].to_numpy())


def _summed(live: pd.DataFrame, rows: pd.DataFrame, *, by_county: bool) -> pd.DataFrame:
    """Return sums by class, and by county or over all."""
    keys = ["county", "class"] if by_county else ["class"]
    cells = live.groupby(keys, dropna=False).agg(cells=("cells", "sum"), kept_cells=("kept", "sum"))
    sums: dict[str, Any] = {name: (name, "sum") for name in ("all", "kept", "long")}
    out = rows.groupby(keys, dropna=False).agg(outages=("group_id", "nunique"), **sums)
    table = cells.join(out).fillna({"outages": 0, "all": 0.0, "kept": 0.0, "long": 0.0})
    table = table.reset_index().assign(scope="county" if by_county else "all")
    return table if by_county else table.assign(county=None)
