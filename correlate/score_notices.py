"""Say of each complaint of a planted fault why no notice stood before it, and what a perfect detector would reach.

Fate of a complaint: `covered`, or the first that holds of `ended` (a notice stood at its site since the fault began
and was over), `unworthy` (only an incident did), `narrow` (a notice of its fault stood elsewhere), `late` (the incident
that stands for its fault was found after it) and `unseen` (none stands for it).

Simple so far: a perfect detector sees every hidden fault after one whole counter period of an hour; it names its sites
and its repair exactly, but issues no notice of what is over.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from correlate.score_details import (
    EARLY_SLACK,
    MINUTE,
    Run,
    Truth,
    fault_incidents,
    hours_inside,
    is_covered,
    notice_figures,
    shared_sites,
    site_spans,
)
from correlate.score_matching import at_key

FATES = ("covered", "ended", "unworthy", "narrow", "late", "unseen")
COUNTER_PERIOD = pd.Timedelta("1h")
COUNTER_DELAY = pd.Timedelta("20min")  # contract, `kpi_delay`
AFTER_CLEAR = pd.Timedelta("30min")  # operators' domain notes 6.3
MEASURED = (
    "intercept_recall",
    "faults_before_first",
    "faults_before_third",
    "median_lead_min",
)


def notice_details(truth: Truth, run: Run, zone: str) -> dict[str, DataFrame]:
    """Return the tables that break the figures of the notices down, by title; none without faults or notices."""
    if run.interceptions.empty or run.incidents.empty or truth.faults.empty:
        return {}
    return {
        "notices beside a perfect detector's": ceiling_table(truth, run),
        "complaints of faults by fate": fate_table(truth, run),
        "faults not told before their third complaint": unnoticed_faults(truth, run, zone),
    }


def complaint_fates(truth: Truth, run: Run) -> DataFrame:
    """Return what became of each complaint of a planted fault: covered by a notice, or why not.

    Returns
    -------
    DataFrame
        `ticket_id`, `fault_id`, `cause`, `visible`, `fate` (of `FATES`), `is_after` (it came after the repair).
    """
    calls = truth.orders.join(truth.tickets[["fault_id", "cell_id"]], how="inner")
    calls = calls[calls["fault_id"] != ""].reset_index()
    faults = truth.faults.join(_standing(truth, run))
    of_fault = faults.set_index("fault_id").reindex(calls["fault_id"]).reset_index(drop=True)
    at = calls["created_at"]
    since = DataFrame({"begin": of_fault["start"] - EARLY_SLACK, "end": at})
    asked = site_spans(calls["cell_id"], truth, since)
    tests = {
        "covered": is_covered(truth, run),
        "ended": _stood(truth, asked, run.interceptions, ("issued_at", "valid_until")),
        "unworthy": _stood(truth, asked, run.incidents, ("detected_at", "ended_at")),
        "narrow": of_fault["noticed_at"].lt(at) & ~of_fault["notice_over_at"].lt(at),
        "late": of_fault["detected_at"].notna(),
    }
    held = [np.asarray(test, dtype=bool) for test in tests.values()]
    return DataFrame(
        {
            "ticket_id": calls["ticket_id"],
            "fault_id": calls["fault_id"],
            "cause": of_fault["cause"],
            "visible": of_fault["visible"],
            "fate": np.select(held, list(tests), "unseen"),
            "is_after": at > of_fault["end"],
        }
    )


def fate_table(truth: Truth, run: Run) -> DataFrame:
    """Return, by cause and whether it raised an alarm, how many complaints met each fate, most not covered first."""
    fates = complaint_fates(truth, run)
    counts = pd.crosstab([fates["cause"], fates["visible"]], fates["fate"])
    counts = counts.reindex(columns=list(FATES), fill_value=0)
    counts.insert(0, "complaints", counts.sum(axis=1))
    counts["after_repair"] = fates["is_after"].groupby([fates["cause"], fates["visible"]]).sum()
    missed = counts["complaints"] - counts["covered"]
    total = counts.sum().to_frame(("all", "")).T
    return pd.concat([counts.loc[missed.sort_values(ascending=False, kind="stable").index], total])


def ceiling_table(truth: Truth, run: Run) -> DataFrame:
    """Return the figures of the notices beside those of a perfect detector's."""
    reached, best = notice_figures(truth, run), notice_figures(truth, perfect_run(truth, run))
    return DataFrame({"run": Series(reached), "perfect": Series(best)}).reindex(list(MEASURED))


def unnoticed_faults(truth: Truth, run: Run, zone: str) -> DataFrame:
    """Return the planted faults with three complaints that no notice told before the third, and why.

    Returns
    -------
    DataFrame
        `fault_id`, `cause`, `visible`, `start`, `third_at`, `detected_at` and `noticed_at` (in `zone`), `complaints`,
        and how many of them met each fate but `covered`.
    """
    fates = complaint_fates(truth, run)
    counts = pd.crosstab(fates["fault_id"], fates["fate"]).reindex(columns=FATES, fill_value=0)
    called = truth.orders.join(truth.tickets["fault_id"], how="inner").sort_values("created_at")
    third = called.groupby("fault_id")["created_at"].nth(2)
    third = Series(third.to_numpy(), called.loc[third.index, "fault_id"].to_numpy())
    table = truth.faults[["fault_id", "cause", "visible", "start"]].join(_standing(truth, run))
    table["third_at"] = at_key(third, table["fault_id"])
    table = table[table["third_at"].notna() & ~(table["noticed_at"] < table["third_at"])]
    for name in ("start", "third_at", "detected_at", "noticed_at"):
        table[name] = pd.to_datetime(table[name], utc=True).dt.tz_convert(zone).dt.floor("min")
    columns = ["fault_id", "cause", "visible", "start", "third_at", "detected_at", "noticed_at"]
    table = table[columns].join(counts.sum(axis=1).rename("complaints"), on="fault_id")
    return table.join(counts.drop(columns="covered"), on="fault_id").reset_index(drop=True)


def perfect_run(truth: Truth, run: Run) -> Run:
    """Return a run whose notices are those of a perfect detector: each fault at once, or once counters can show it."""
    faults = truth.faults
    seen = faults["start"].dt.ceil(COUNTER_PERIOD) + COUNTER_PERIOD + COUNTER_DELAY
    issued = seen.mask(faults["visible"], faults["start"])
    issued = issued.mask(faults["cause"] == "planned_work", faults["start"] - EARLY_SLACK)
    until = faults["end"] + AFTER_CLEAR
    notices = DataFrame(
        {
            "interception_id": faults["fault_id"],
            "incident_id": faults["fault_id"],
            "issued_at": issued,
            "valid_until": until,
            "cells": faults["cells"],
        }
    )
    return replace(run, interceptions=notices[issued < until].reset_index(drop=True))


def _standing(truth: Truth, run: Run) -> DataFrame:
    """Return, for each planted fault, when its incident was found and the first notice of it stood, until when."""
    found = fault_incidents(truth, run)["incident"]
    notices = run.interceptions
    pairs = shared_sites(truth, notices)
    since, until = pairs["issued_at"], pairs["valid_until"]
    is_fitting = (since >= pairs["fault_start"] - EARLY_SLACK) & (since <= pairs["fault_end"])
    fitting = pairs[is_fitting & ~(until < pairs["fault_start"])]
    fitting = fitting.assign(until=fitting["valid_until"].fillna(truth.ended_at + 30 * MINUTE))
    first = fitting.groupby("left")[["issued_at"]].min()["issued_at"]
    last = fitting.groupby("left")["until"].max()
    return DataFrame(
        {
            "detected_at": at_key(run.incidents["detected_at"], found),
            "noticed_at": first.reindex(truth.faults.index),
            "notice_over_at": last.reindex(truth.faults.index),
        }
    )


def _stood(
    truth: Truth, asked: DataFrame, claims: DataFrame, names: tuple[str, str]
) -> NDArray[np.bool_]:
    """Return whether a claim stood at some time of the span asked of each call, at its site."""
    spans = claims[list(names)].set_axis(["begin", "end"], axis=1)
    spans["end"] = spans["end"].fillna(truth.orders["created_at"].max())
    inside = hours_inside(asked, site_spans(claims["cells"], truth, spans))
    rows = np.arange(asked["row"].max() + 1 if len(asked) else 0)
    return np.isin(rows, asked["row"][inside > 0])
