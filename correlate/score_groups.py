"""Judge the groups of alarms of a run against the planted faults, and sum the judgements up as figures.

Terms: a group *counts* when it says "down" or "degraded" and did not end in another. It *touches* a fault when it
began between a quarter of an hour before the fault and half an hour after its end, on its object or on a site of its
cells. It is *rooted* at a fault when its root is the fault's object; of both, a cell or carrier counts for its site. An
alarm is *of* a fault when it was raised within that time at the fault's object, on one of its cells or, where the fault
is no cell, on a site of its cells.

Simple so far: alarms of nodes between a broken node and its sites are of no fault.
"""

from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from correlate.score_details import Truth, adjusted_rand_index

BEFORE = pd.Timedelta("15min")
AFTER = pd.Timedelta("30min")
SOON = pd.Timedelta("2h")
PLANNED = "planned_work"  # its alarms may be muted, so no group is asked for
COUNTED = ("down", "degraded")


def group_figures(truth: Truth, groups: DataFrame, alarms: DataFrame) -> dict[str, float]:
    """Return the figures of the groups of alarms.

    Parameters
    ----------
    truth : Truth
    groups : DataFrame
        `alarm_groups` of the daybook: `group_id`, `object_id`, `service_effect`, `site_ids`,
        `started_at`, `merged_into`.
    alarms : DataFrame
        `grouped_alarms` of the daybook: `alarm_id`, `object_id`, `raised_at`, `group_id`.

    Returns
    -------
    dict of figure to number
        `groups` (those that count); `groups_true` (share that touch a planted fault);
        `groups_rooted` (of those that touch one that raised alarms, the share rooted at such a
        one); `visible_rooted` (share of the faults that raised alarms, planned work left out, at
        which a group is rooted that began within two hours of theirs); `alarms_grouped` and
        `alarm_ari` (of the alarms of exactly one such fault: share in a group, and agreement of
        groups with faults of those that are); `alarm_ari_onset` (the same of those raised within
        two hours of the fault's start). NaN where there is nothing to measure on.
    """
    standing = groups[groups["merged_into"].fillna("") == ""].reset_index(drop=True)
    counted = standing[standing["service_effect"].isin(COUNTED)].reset_index(drop=True)
    pairs = touched(truth, counted)
    seen = pairs[pairs["visible"]]
    owners = alarm_faults(truth, alarms)
    known = owners.dropna(subset="group_id")
    onset = known[known["after"] <= SOON]
    return {
        "groups": len(counted),
        "groups_true": _share(counted.index.isin(pairs["group"])),
        "groups_rooted": _share(seen.groupby("group")["is_rooted"].any()),
        "visible_rooted": _share(rooted_faults(truth, standing)),
        "alarms_grouped": _share(owners["group_id"].notna()),
        "alarm_ari": agreement(known["fault_id"], known["group_id"]),
        "alarm_ari_onset": agreement(onset["fault_id"], onset["group_id"]),
    }


def agreement(faults: Series, groups: Series) -> float:
    """Return the adjusted Rand index of two groupings of alarms, NaN without alarms."""
    return adjusted_rand_index(faults, groups) if len(faults) else float("nan")


def touched(truth: Truth, groups: DataFrame) -> DataFrame:
    """Return each pair of a group and a fault that it touches.

    Returns
    -------
    DataFrame
        `group` (row of `groups`), `fault` (row of `truth.faults`), `visible`, `is_rooted`.
    """
    places = pd.concat([_fault_places(truth), _own(truth.faults["object_id"])])
    sites = groups["site_ids"].astype("str").fillna("").str.split("|").explode()
    here = pd.concat([_placed(sites.index, sites), _own(groups["object_id"])])
    here = here[here["place"] != ""].rename(columns={"row": "group"}).drop_duplicates()
    both = here.merge(places.rename(columns={"row": "fault"}).drop_duplicates(), on="place")
    both = both[["group", "fault"]].drop_duplicates(ignore_index=True)
    planted, begun = truth.faults.loc[both["fault"]], groups["started_at"].loc[both["group"]]
    is_then = _is_then(begun, planted)
    root = _root(groups["object_id"], truth).loc[both["group"]].to_numpy()
    broken = _root(planted["object_id"], truth).to_numpy()
    both = both.assign(visible=planted["visible"].to_numpy(), is_rooted=root == broken)
    return both[is_then].reset_index(drop=True)


def rooted_faults(truth: Truth, groups: DataFrame) -> Series:
    """Return, for each fault that raised alarms and is no planned work, whether a group is rooted at it.

    The group began no earlier than a quarter of an hour before the fault, no later than two hours
    after it began.
    """
    faults = truth.faults[truth.faults["visible"] & (truth.faults["cause"] != PLANNED)]
    asked = DataFrame({"fault": faults.index, "root": _root(faults["object_id"], truth)})
    roots = DataFrame({"root": _root(groups["object_id"], truth), "at": groups["started_at"]})
    pairs = asked.merge(roots, on="root")
    late = pairs["at"].to_numpy() - faults["start"].loc[pairs["fault"]].to_numpy()
    found = pairs["fault"][(late >= -BEFORE) & (late <= SOON)]
    return faults.index.to_series().isin(found)


def alarm_faults(truth: Truth, alarms: DataFrame) -> DataFrame:
    """Return the alarms that are of exactly one planted fault that raised alarms.

    Returns
    -------
    DataFrame
        Rows of `alarms` with their `fault_id` and how long `after` its start they were raised.
    """
    faults = truth.faults[truth.faults["visible"]]
    kept = alarms.drop_duplicates("alarm_id").reset_index(drop=True)
    names = kept["object_id"].astype("str")
    carriers = _placed(kept.index, names.str.split("/").str[0])
    here = pd.concat([_placed(kept.index, names), carriers]).drop_duplicates()
    places = _alarm_places(faults, truth)
    both = here.rename(columns={"row": "alarm"}).merge(
        places.rename(columns={"row": "fault"}), on="place"
    )
    raised = kept["raised_at"].loc[both["alarm"]]
    both = both[_is_then(raised, faults.loc[both["fault"]])]
    both = both[["alarm", "fault"]].drop_duplicates()
    only = both[~both["alarm"].duplicated(keep=False)]
    owner, own = faults.loc[only["fault"]], kept.loc[only["alarm"]].reset_index(drop=True)
    after = own["raised_at"] - owner["start"].reset_index(drop=True)
    return own.assign(fault_id=owner["fault_id"].to_numpy(), after=after)


def _alarm_places(faults: DataFrame, truth: Truth) -> DataFrame:
    """Return the objects whose alarms are of each fault: its own, its cells and, if it is no cell, their sites."""
    cells = _cells(faults)
    sites = _placed(cells.index, cells.map(truth.site_of))
    is_cell = faults["object_id"].str.split("/").str[0].isin(truth.site_of.index)
    wide = sites[~is_cell.loc[sites["row"]].to_numpy()]
    own = faults["object_id"].str.split("/").str[0]
    parts = [
        _placed(faults.index, faults["object_id"]), _placed(faults.index, own),
        _placed(cells.index, cells), wide,
    ]  # fmt: skip
    places = pd.concat(parts).drop_duplicates()
    return places[places["place"] != ""]


def _fault_places(truth: Truth) -> DataFrame:
    """Return the sites of the cells of each fault."""
    cells = _cells(truth.faults)
    return _placed(cells.index, cells.map(truth.site_of)).dropna()


def _cells(faults: DataFrame) -> Series:
    """Return the cells of each fault, a row each."""
    return faults["cells"].astype("str").fillna("").str.split("|").explode()


def _own(objects: Series) -> DataFrame:
    """Return each object as a place of its own row."""
    return _placed(objects.index, objects)


def _placed(rows: pd.Index, places: Series) -> DataFrame:
    """Return rows and their places side by side."""
    return DataFrame({"row": rows, "place": places.astype("str").fillna("").to_numpy()})


def _root(objects: Series, truth: Truth) -> Series:
    """Return what stands for each object: the site of a cell or carrier, else the object."""
    whole = objects.astype("str").fillna("").str.split("/").str[0]
    return whole.map(truth.site_of).fillna(whole)


def _is_then(instants: Series, faults: DataFrame) -> Any:
    """Return whether each instant falls into the time of the fault beside it."""
    at = instants.reset_index(drop=True)
    since = faults["start"].reset_index(drop=True) - BEFORE
    until = faults["end"].reset_index(drop=True) + AFTER
    return ((at >= since) & (at <= until)).to_numpy()


def _share(flags: Any) -> float:
    """Return the share of flags that are true, NaN without flags."""
    return float(pd.Series(flags).mean()) if len(flags) else float("nan")
