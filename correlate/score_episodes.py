"""Judge the episodes of hidden faults that a run told against the planted faults, and sum the judgements up as figures.

Terms: an episode *counts* when nothing explains it away. A planted fault is *behind* an episode when the two may be
matched as a fault and an incident may (`correlate.score_details.claim_pairs`): they share a site, last together at
some time and the episode was opened in that time, slacks included. A fault and an episode *stand for each other* one to
one, best pair first. An episode explained away stands for no fault but one that its explanation fits: `work` planned
work, `event` event congestion, a group of alarms a fault that raised alarms. A fault without alarms is *hidden*.

Simple so far: a fault of the whole network is behind whatever opens while it lasts; the days of a world run from its
first order or fault to its last, rounded up.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from correlate.score_details import MINUTE, Truth, calibration_bins, claim_pairs
from correlate.score_matching import at_key, one_to_one
from correlate.score_tables import table_path, written_table

TABLE = "daybook/episodes"
NEEDED = (
    "episode_id kind cause object_id cells onset_at opened_at closed_at confidence explained_by"
)
EXPLAINED_CAUSES = {"work": "planned_work", "event": "event_congestion"}
DAY = pd.Timedelta("1D")
SHOWN = 3  # commonest causes in a table


def read_episodes(out: Path, zone: str) -> DataFrame | None:
    """Return the episodes a run told, or None where it wrote no such table.

    Parameters
    ----------
    out : Path
        What `cellcause run` wrote.
    zone : str
        IANA zone of times without an offset.

    Returns
    -------
    DataFrame or None
        Rows 0, 1, ...: `episode_id`, `kind`, `cause` (null: unknown), `object_id`, `cells` (joined by `|`), `onset_at`,
        `opened_at`, `closed_at` (UTC; null: open), `confidence` (0 to 1), `explained_by` (null: by nothing).

    Raises
    ------
    InputError
        If the table is unreadable or lacks a column.
    """
    if table_path(out, TABLE) is None:
        return None
    table = written_table(out, TABLE, zone, needed=NEEDED.split())
    texts = {name: table[name].astype("str") for name in ("kind", "cause", "cells", "explained_by")}
    return table.assign(**texts, confidence=table["confidence"].astype(float))


def episode_figures(truth: Truth, episodes: DataFrame) -> dict[str, float]:
    """Return the figures of the episodes.

    Parameters
    ----------
    truth : Truth
    episodes : DataFrame
        As `read_episodes` returns them.

    Returns
    -------
    dict of figure to number
        `episodes`, those that count, and `episodes_explained`, the share of all that don't; `episodes_recall`,
        `episodes_named`: share of the hidden faults that an episode stands for, and of the right cause;
        `episodes_on_cells`: of one with a cell of theirs, not only a site;
        `episodes_recall_all`, `episodes_named_all`: the same of all faults; `hidden_explained_away`: share of the
        hidden faults that only explained episodes touch; `episodes_precision`: share of the episodes that count with a
        fault behind them, `episodes_matched`: that stand for one; `episodes_delay_min`: median minutes from the start
        of a hidden fault to the opening, `episodes_first_min`: to the first opening on a cell of it;
        `false_per_1000_cell_days`: episodes that count with nothing behind them, per 1,000 cells and day;
        `confidence_error`: gap between confidence and share with a fault behind, over ten bins. NaN where there is
        nothing to measure on.
    """
    faults, judged = fault_episodes(truth, episodes), judged_episodes(truth, episodes)
    hidden, counted = faults[~faults["visible"]], judged[judged["is_counted"]]
    return {
        "episodes": len(counted),
        "episodes_explained": _share(~judged["is_counted"]),
        "episodes_recall": _share(hidden["is_found"]),
        "episodes_named": _share(hidden["is_named"]),
        "episodes_on_cells": _share(hidden["is_on_cells"]),
        "episodes_recall_all": _share(faults["is_found"]),
        "episodes_named_all": _share(faults["is_named"]),
        "hidden_explained_away": _share(hidden["outcome"] == "explained"),
        "episodes_precision": _share(counted["is_true"]),
        "episodes_matched": _share(counted["is_matched"]),
        "episodes_delay_min": float(hidden["delay_min"].median()),
        "episodes_first_min": float(hidden["first_min"].median()),
        "false_per_1000_cell_days": float((~counted["is_true"]).sum() / _cell_days(truth)),
        "confidence_error": _confidence_error(counted),
    }


def fault_episodes(truth: Truth, episodes: DataFrame) -> DataFrame:
    """Return, for each planted fault, the episode that stands for it.

    Returns
    -------
    DataFrame, index of `truth.faults`
        `fault_id`, `cause`, `object_id`, `visible`, `start`, `end`, `form` (of its cause, where the world tells of
        one) as planted; `episode` (row of `episodes`: the one that stands for it, else the nearest, -1 for none),
        `is_found`, `is_named` (of the right cause), `is_on_cells` (found, with a cell in common), `delay_min` (from
        start to opening, null unless found), `first_min` (to the first opening of any episode that may stand for it
        and has a cell in common), `outcome` (found; misnamed; taken: the episodes there stand for other faults;
        explained: all those there were explained away; nothing).
    """
    claims = _claims(episodes)
    pairs = claim_pairs(truth, claims)
    is_standing = _is_standing(pairs, episodes)
    match = one_to_one(pairs[is_standing], truth.faults)
    is_found = match >= 0
    near = pairs.assign(standing=is_standing)
    near = near.sort_values("standing", ascending=False, kind="stable").drop_duplicates("left")
    near = near.set_index("left").reindex(truth.faults.index)
    outcome = near["standing"].map({True: "taken", False: "explained"}).fillna("nothing")
    is_named = is_found & (at_key(claims["cause"], match) == truth.faults["cause"])
    columns = ["fault_id", "cause", "object_id", "visible", "start", "end"]
    judged = truth.faults[columns].assign(
        form=truth.faults.get("form", Series("", truth.faults.index)),
        episode=match.where(is_found, near["right"].fillna(-1)).astype(int),
        is_found=is_found,
        is_named=is_named,
        delay_min=(at_key(claims["detected_at"], match) - truth.faults["start"]) / MINUTE,
        outcome=outcome.astype("str").mask(is_found, "misnamed").mask(is_named, "found"),
    )
    return judged.join(_on_cells(truth, episodes, match))


def _on_cells(truth: Truth, episodes: DataFrame, match: Series) -> DataFrame:
    """Return whether what stands for each fault has a cell in common, and how soon any episode with one opened."""
    cells = truth.site_of.index
    each_cell = replace(truth, site_of=Series(cells, cells))
    pairs = claim_pairs(each_cell, _claims(episodes))
    pairs = pairs[_is_standing(pairs, episodes)]
    matched = pd.MultiIndex.from_arrays([match.index, match])
    first = pairs.groupby("left")["detected_at"].min().reindex(match.index)
    is_on = matched.isin(pd.MultiIndex.from_frame(pairs[["left", "right"]]))
    return DataFrame(
        {"is_on_cells": is_on, "first_min": (first - truth.faults["start"]) / MINUTE}, match.index
    )


def judged_episodes(truth: Truth, episodes: DataFrame) -> DataFrame:
    """Return what is behind each episode.

    Returns
    -------
    DataFrame, index of `episodes`
        `kind` and `confidence` as told; `is_counted`; `is_true` (a planted fault is behind it); `is_matched` (it
        stands for one); `behind` (cause of the nearest fault behind it, null for none).
    """
    pairs = claim_pairs(truth, _claims(episodes))
    nearest = pairs.drop_duplicates("right").set_index("right")["fault_cause"]
    match = one_to_one(pairs[_is_standing(pairs, episodes)], truth.faults)
    rows = episodes.index.to_series()
    return DataFrame(
        {
            "kind": episodes["kind"],
            "confidence": episodes["confidence"],
            "is_counted": _is_unexplained(episodes),
            "is_true": rows.isin(nearest.index),
            "is_matched": rows.isin(match),
            "behind": nearest.reindex(episodes.index).astype("str"),
        }
    )


def episode_tables(truth: Truth, episodes: DataFrame, zone: str) -> dict[str, DataFrame]:
    """Return the tables that break the figures of the episodes down, by title."""
    judged, faults = judged_episodes(truth, episodes), fault_episodes(truth, episodes)
    return {
        "episodes by planted cause": _by_cause(faults, episodes),
        "episodes by kind": _by_kind(truth, judged),
        "confidence of episodes": _by_confidence(judged[judged["is_counted"]]),
        "hidden faults missed by episodes": _missed(faults, episodes, zone),
    }


def _claims(episodes: DataFrame) -> DataFrame:
    """Return the episodes in the columns of incidents; `work` and `event` are causes themselves."""
    cause = episodes["explained_by"].map(EXPLAINED_CAUSES).fillna(episodes["cause"])
    return DataFrame(
        {
            "cause": cause.astype("str"),
            "cells": episodes["cells"],
            "started_at": episodes["onset_at"],
            "detected_at": episodes["opened_at"],
            "ended_at": episodes["closed_at"],
        }
    )


def _is_unexplained(episodes: DataFrame) -> Series:
    """Return which episodes nothing explains away."""
    return episodes["explained_by"].fillna("") == ""


def _is_standing(pairs: DataFrame, episodes: DataFrame) -> Series:
    """Return which pairs may stand for each other: the episode counts, or what explains it fits the fault."""
    told = episodes["explained_by"].fillna("")
    by = told.where(~told.isin(episodes["episode_id"]), "another episode")
    by = by.reindex(pairs["right"]).set_axis(pairs.index)
    cause, is_visible = pairs["fault_cause"], pairs["fault_visible"].astype(bool)
    by_alarms = ~by.isin(["another episode", *EXPLAINED_CAUSES])
    return (by == "") | (by.map(EXPLAINED_CAUSES) == cause) | (by_alarms & is_visible)


def _by_cause(faults: DataFrame, episodes: DataFrame) -> DataFrame:
    """Return how the planted faults of each cause and form fared, hidden ones apart from visible ones."""
    told = at_key(episodes["kind"] + ":" + episodes["cause"].fillna("?"), faults["episode"])
    is_misnamed = faults["outcome"] == "misnamed"
    form = faults["form"].fillna("").astype("str")
    faults = faults.assign(cause=faults["cause"].mask(form != "", faults["cause"] + " " + form))
    keys = ["cause", "visible"]
    groups = faults.groupby(keys)
    table = DataFrame(
        {
            "faults": groups.size(),
            "found": groups["is_found"].mean(),
            "named": groups["is_named"].mean(),
            "on_cells": groups["is_on_cells"].mean(),
            "explained": (faults["outcome"] == "explained")
            .groupby([faults[key] for key in keys])
            .mean(),
            "delay_min": groups["delay_min"].median(),
            "first_min": groups["first_min"].median(),
            "taken_for": _commonest(faults[is_misnamed], told[is_misnamed], keys),
        },
        index=groups.size().index,
    )
    return table.sort_index(level=["visible", "cause"])


def _by_kind(truth: Truth, judged: DataFrame) -> DataFrame:
    """Return how many episodes of each kind there are, how many are true, and of what."""
    counted = judged[judged["is_counted"]]
    groups, false = counted.groupby("kind"), ~counted["is_true"]
    sizes = judged.groupby("kind").size()
    false_ones = false.groupby(counted["kind"]).sum().reindex(sizes.index, fill_value=0)
    table = DataFrame(
        {
            "episodes": groups.size(),
            "explained": sizes - groups.size().reindex(sizes.index, fill_value=0),
            "precision": groups["is_true"].mean(),
            "matched": groups["is_matched"].mean(),
            "false": false_ones,
            "false_per_1000_cell_days": false_ones / _cell_days(truth),
            "behind": _commonest(counted, counted["behind"], ["kind"]),
        },
        index=sizes.index,
    )
    table["episodes"] = table["episodes"].fillna(0).astype(int)
    return table.sort_values("false", ascending=False, kind="stable")


def _by_confidence(counted: DataFrame) -> DataFrame:
    """Return stated confidence against the share with a fault behind, by tenth; `gap` below zero is too sure."""
    groups = counted.groupby(calibration_bins(counted["confidence"]).rename("bin"))
    table = DataFrame(
        {
            "episodes": groups.size(),
            "stated": groups["confidence"].mean(),
            "right": groups["is_true"].mean(),
        }
    )
    return table.assign(gap=table["right"] - table["stated"])


def _missed(faults: DataFrame, episodes: DataFrame, zone: str) -> DataFrame:
    """Return the hidden faults not found or not named, with the nearest episode, times in `zone`."""
    kept = faults[~faults["visible"] & ~faults["is_named"]]
    near = kept["episode"]
    return DataFrame(
        {
            "fault_id": kept["fault_id"],
            "cause": kept["cause"],
            "object_id": kept["object_id"],
            "start": kept["start"].dt.tz_convert(zone),
            "end": kept["end"].dt.tz_convert(zone),
            "outcome": kept["outcome"],
            "episode_id": at_key(episodes["episode_id"], near),
            "kind": at_key(episodes["kind"], near),
            "said": at_key(episodes["cause"], near),
            "explained_by": at_key(episodes["explained_by"], near),
        }
    ).reset_index(drop=True)


def _commonest(rows: DataFrame, said: Series, keys: list[str]) -> Series:
    """Return the commonest things said of each group with their number, null where there is none."""
    counts = rows[keys].assign(said=said).dropna().value_counts([*keys, "said"])
    counts = counts.rename("n").reset_index().groupby(keys).head(SHOWN)
    text = counts["said"].astype("str") + " " + counts["n"].astype("str")
    return text.groupby([counts[key] for key in keys]).agg(", ".join)


def _confidence_error(counted: DataFrame) -> float:
    """Return the gap between confidence and share with a fault behind, weighted over ten bins."""
    table = _by_confidence(counted)
    return (
        float(np.average(table["gap"].abs(), weights=table["episodes"])) if len(table) else np.nan
    )


def _cell_days(truth: Truth) -> float:
    """Return how many thousands of cells and days a world holds."""
    since = [truth.orders["created_at"].min(), truth.faults["start"].min()]
    until = [truth.orders["created_at"].max(), truth.ended_at]
    days = np.ceil((max(until) - min(since)) / DAY)
    return float(max(len(truth.site_of), 1) * max(days, 1) / 1000)


def _share(flags: Series) -> float:
    """Return the share of flags that are true, NaN without flags."""
    return float(flags.mean()) if len(flags) else float("nan")
