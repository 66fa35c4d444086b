"""Judge each ticket, planted fault and claim of a run, and sum the judgements up as figures.

Terms: a *planted fault* is a row of `truth/faults`, a *claim* an incident or a notice of the run,
right where a planted fault touches one of its sites while it stands. `docs/scores.md` defines the
figures; `correlate.scoring` reads the tables.

Simple so far: a fault counts at all its sites alike, however hard it hits each.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy import sparse

from correlate.score_matching import at_key, one_to_one

AFTER_REPAIR = pd.Timedelta("3h")  # a claim may outlast its fault: counters show the repair late
NOTICE_SLACK = pd.Timedelta("6h")  # people still call this long after the end
EARLY_SLACK = pd.Timedelta("1h")  # announced work is told within the hour before it begins
LATE_SLACK = pd.Timedelta("2h")  # the last counters of a fault come in this late
INSTANT = pd.Timedelta("1us")
HOUR = pd.Timedelta("1h")
MINUTE = pd.Timedelta("1min")
FEWEST_COMPLAINTS = 3  # a fault with fewer is not rated for its notice
LEAST_PROBABILITY = 1e-3
BINS = 10


@dataclass(frozen=True)
class Truth:
    """What a world knows, and the inventory it refers to. Instants are UTC.

    `tickets` by ticket_id: cause, fault_id, object_id, cell_id (text, "" for none). `faults`, rows
    0, 1, ...: fault_id, cause, object_id, cells, visible (bool), start, end. `orders` by ticket_id:
    the complaints the run was given, with created_at and arrived_at. `site_of`: the site_id of each
    cell_id. Nothing is measured after `ended_at`, the end of the last fault (NaT without faults).
    """

    tickets: DataFrame
    faults: DataFrame
    orders: DataFrame
    site_of: Series
    ended_at: pd.Timestamp


@dataclass(frozen=True)
class Run:
    """The tables a run wrote; an optional one that is missing is empty. Instants are UTC."""

    diagnoses: DataFrame
    serving_cells: DataFrame
    incidents: DataFrame
    interceptions: DataFrame


def answers(truth: Truth, run: Run) -> DataFrame:
    """Return, for each true ticket, the first answer and whether it is right.

    Returns
    -------
    DataFrame indexed by `ticket_id`
        `cause` and `fault_id` as they are; `said` ("none" without an answer), `probability` and
        `incident_id` as diagnosed; `is_right`; `is_in_three`; `is_object`: what is named broken
        is the broken object, a part of it, or another part of its site.
    """
    ranked, tickets = run.diagnoses, truth.tickets
    first = ranked[ranked["rank"] == 1].set_index("ticket_id").reindex(tickets.index)
    is_true = ranked["cause"].to_numpy() == tickets["cause"].reindex(ranked["ticket_id"]).to_numpy()
    said = first["cause"].astype("str").fillna("none")
    named = first["object_id"].astype("str").fillna("").str.split("/").str[0]
    broken = tickets["object_id"].str.split("/").str[0]
    is_same_site = _site_or_self(named, truth) == _site_or_self(broken, truth)
    return tickets[["cause", "fault_id"]].assign(
        said=said,
        probability=first["probability"].astype(float).fillna(0.0),
        incident_id=first["incident_id"].astype("str").fillna(""),
        is_right=said == tickets["cause"],
        is_in_three=tickets.index.isin(ranked["ticket_id"][is_true & (ranked["rank"] <= 3)]),
        is_object=(named == broken) | (is_same_site & (named != "")),
    )


def _site_or_self(objects: Series, truth: Truth) -> Series:
    """Return the site of each object that is a cell, else the object."""
    return objects.map(truth.site_of).fillna(objects)


def answer_figures(judged: DataFrame) -> dict[str, float]:
    """Return the figures of `answers`; those of object and incident are of faults' tickets only."""
    of_faults = judged[judged["fault_id"] != ""]
    alone = "alone-" + of_faults.index.to_series().astype("str")
    group = of_faults["incident_id"].where(of_faults["incident_id"] != "", alone)
    return {
        "answered": float((judged["said"] != "none").mean()),
        "cause_top1": float(judged["is_right"].mean()),
        "cause_top3": float(judged["is_in_three"].mean()),
        "cause_macro_f1": _macro_f1(judged),
        "calibration_error": _calibration_error(judged["probability"], judged["is_right"]),
        "object_hit": float(of_faults["is_object"].mean()),
        "incident_ari": adjusted_rand_index(of_faults["fault_id"], group),
    }


def _macro_f1(judged: DataFrame) -> float:
    """Return the mean over the true causes of the harmonic mean of precision and recall."""
    there = judged["cause"].value_counts()
    said = judged["said"].value_counts().reindex(there.index, fill_value=0)
    right = judged["cause"][judged["is_right"]].value_counts().reindex(there.index, fill_value=0)
    return float((2 * right / (there + said)).mean())


def _calibration_error(probability: Series, is_hit: Series) -> float:
    """Return the gap between stated probability and hit rate over ten bins (Naeini 2015, ECE)."""
    gap = is_hit.astype(float) - probability
    return float(gap.groupby(calibration_bins(probability)).sum().abs().sum() / max(len(gap), 1))


def calibration_bins(probability: Series) -> Series:
    """Return the bin of each probability, 0 to 9; 1 and more falls into the last."""
    return (probability * BINS).astype(int).clip(upper=BINS - 1)


def adjusted_rand_index(left: Series, right: Series) -> float:
    """Return how far two groupings agree, 1 wholly, 0 as by chance (Hubert, Arabie 1985)."""
    both = DataFrame({"left": left.to_numpy(), "right": right.to_numpy()})
    together = _pair_count(both.groupby(["left", "right"]).size())
    in_left, in_right = (_pair_count(both.groupby(side).size()) for side in ("left", "right"))
    if together == in_left == in_right:
        return 1.0
    by_chance = in_left * in_right / _pair_count(Series([len(both)]))
    return float((together - by_chance) / ((in_left + in_right) / 2 - by_chance))


def _pair_count(sizes: Series) -> int:
    """Return how many pairs of items lie inside groups of these sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def located(truth: Truth, run: Run) -> DataFrame:
    """Return, for each ticket with a true serving cell, how near the ranked cells came.

    Returns
    -------
    DataFrame indexed by `ticket_id`
        `cell_top1`, `cell_top3`, `site_top1`, `site_top3` (bool; a site has the sum of its cells'
        probabilities), `site_log_loss` (nats), `stated` (of the first site, null without answer).
    """
    cell = truth.tickets["cell_id"][truth.tickets["cell_id"] != ""]
    cells = run.serving_cells[run.serving_cells["ticket_id"].isin(cell.index)]
    is_cell = cells["cell_id"].to_numpy() == cell.reindex(cells["ticket_id"]).to_numpy()
    sites = cells.assign(site_id=cells["cell_id"].map(truth.site_of))
    sites = sites.groupby(["ticket_id", "site_id"])["probability"].sum().reset_index()
    # Ties fall as this very sort leaves them, here as in the definition of the figures.
    sites = sites.sort_values("probability", ascending=False)
    place = sites.groupby("ticket_id").cumcount() + 1
    true_site = cell.map(truth.site_of).reindex(sites["ticket_id"]).to_numpy()
    is_site = sites["site_id"].to_numpy() == true_site
    chance = sites[is_site].set_index("ticket_id")["probability"].reindex(cell.index)
    first = sites[place == 1].set_index("ticket_id")["probability"]
    return DataFrame(
        {
            "cell_top1": cell.index.isin(cells["ticket_id"][is_cell & (cells["rank"] == 1)]),
            "cell_top3": cell.index.isin(cells["ticket_id"][is_cell & (cells["rank"] <= 3)]),
            "site_top1": cell.index.isin(sites["ticket_id"][is_site & (place == 1)]),
            "site_top3": cell.index.isin(sites["ticket_id"][is_site & (place <= 3)]),
            "site_log_loss": -np.log(chance.fillna(0).clip(LEAST_PROBABILITY, 1)),
            "stated": first.clip(0, 1).reindex(cell.index),
        },
        index=cell.index,
    )


def locating_figures(judged: DataFrame) -> dict[str, float]:
    """Return the figures of `located`; calibration is of answered tickets only."""
    answered = judged[judged["stated"].notna()]
    return {
        **{name: float(judged[name].mean()) for name in judged.columns.drop("stated")},
        "site_calibration_error": _calibration_error(answered["stated"], answered["site_top1"]),
    }


def fault_notices(truth: Truth, run: Run) -> DataFrame:
    """Return, for each planted fault, its complaints and the first notice that fits it.

    Returns
    -------
    DataFrame, index of `truth.faults`
        `noticed_at` (UTC, null for none; at most an hour before the fault), `is_rated` (three
        complaints or more), and of rated ones `is_before_first`, `is_before_third` (noticed before
        that complaint), `lead_min` (from notice to third complaint).
    """
    pairs = _notice_pairs(truth, run)
    is_fitting = pairs["issued_at"] >= pairs["fault_start"] - EARLY_SLACK
    noticed = pairs[is_fitting].groupby("left")["issued_at"].min().reindex(truth.faults.index)
    calls = truth.orders.join(truth.tickets["fault_id"], how="inner").sort_values("created_at")
    order = calls.groupby("fault_id").cumcount() + 1
    first, third = (
        at_key(calls[order == number].set_index("fault_id")["created_at"], truth.faults["fault_id"])
        for number in (1, FEWEST_COMPLAINTS)
    )
    is_rated = truth.faults["fault_id"].isin(calls["fault_id"][order == FEWEST_COMPLAINTS])
    return DataFrame(
        {
            "noticed_at": noticed,
            "is_rated": is_rated,
            "is_before_first": is_rated & (noticed < first),
            "is_before_third": is_rated & (noticed < third),
            "lead_min": (third - noticed).where(is_rated) / MINUTE,
        }
    )


def notice_figures(truth: Truth, run: Run) -> dict[str, float]:
    """Return the figures of the notices. Each incident's notices count alike in the precision."""
    notices, faults = run.interceptions, fault_notices(truth, run)
    is_good = notices.index.to_series().isin(_notice_pairs(truth, run)["right"])
    hours = claimed_hours(truth, notices, begin="issued_at", end="valid_until").sum()
    rated = faults[faults["is_rated"]]
    return {
        "interceptions": len(notices),
        "intercept_recall": float(is_covered(truth, run).mean()),
        "intercept_precision": float(is_good.groupby(notices["incident_id"]).mean().mean()),
        "intercept_area_precision": float(hours["right_h"] / (hours["told_h"] or 1)),
        "faults_rated": len(rated),
        "faults_before_first": float(rated["is_before_first"].sum() / max(len(rated), 1)),
        "faults_before_third": float(rated["is_before_third"].sum() / max(len(rated), 1)),
        "median_lead_min": float(rated["lead_min"].median()),
    }


def _notice_pairs(truth: Truth, run: Run) -> DataFrame:
    """Return each pair of a fault and a notice that share a site while people call."""
    pairs = shared_sites(truth, run.interceptions)
    is_begun = pairs["issued_at"] <= pairs["fault_end"] + NOTICE_SLACK
    is_open = pairs["valid_until"].isna() | (pairs["valid_until"] >= pairs["fault_start"])
    return pairs[is_begun & is_open]


def is_covered(truth: Truth, run: Run) -> Series:
    """Return, for each complaint of a fault, whether a notice stood at its site before it came."""
    calls = truth.orders.join(truth.tickets[["fault_id", "cell_id"]], how="inner")
    calls = calls[calls["fault_id"] != ""].reset_index(drop=True)
    last = calls["created_at"].max()
    # A notice stands from after its issue to its end: ask for the instant that leads to the call.
    asked = DataFrame({"begin": calls["created_at"] - INSTANT, "end": calls["created_at"]})
    asked = site_spans(calls["cell_id"], truth, asked)
    stood = run.interceptions[["issued_at", "valid_until"]].set_axis(["begin", "end"], axis=1)
    stood["end"] = stood["end"].fillna(last).clip(upper=last)
    inside = hours_inside(asked, site_spans(run.interceptions["cells"], truth, stood))
    return calls.index.to_series().isin(asked["row"][inside > 0])


def fault_incidents(truth: Truth, run: Run) -> DataFrame:
    """Match planted faults and incidents one to one: right cause first, then by common ground.

    A pair shares a site and a time, and the incident was detected while the fault lasted (with
    slack). The common ground is the share of sites times the share of hours the two have in common.

    Returns
    -------
    DataFrame, index of `truth.faults`
        `incident` (row of `run.incidents`, -1 for none), `is_found`, `is_named` (of the right
        cause), `delay_min` (from start to detection).
    """
    found = one_to_one(claim_pairs(truth, run.incidents), truth.faults)
    detected = at_key(run.incidents["detected_at"], found)
    return DataFrame(
        {
            "incident": found,
            "is_found": found >= 0,
            "is_named": at_key(run.incidents["cause"], found) == truth.faults["cause"],
            "delay_min": (detected - truth.faults["start"]) / MINUTE,
        }
    )


def claim_pairs(truth: Truth, claims: DataFrame) -> DataFrame:
    """Return the pairs of fault (`left`) and claim (`right`) that may be matched, best first.

    `claims`, rows 0, 1, ..., has the columns `cause`, `cells`, `started_at`, `detected_at` and
    `ended_at` of incidents; its columns stand beside each pair.
    """
    pairs = shared_sites(truth, claims)
    start, end = pairs["fault_start"], pairs["fault_end"]
    since, until = start - EARLY_SLACK, end + LATE_SLACK
    begun, stop = pairs["started_at"], pairs["ended_at"].fillna(truth.ended_at)
    common = (_earlier(stop, until) - _later(begun, since)) / HOUR
    whole = (_later(stop, end) - _earlier(begun, start)) / HOUR
    is_fitting = (common > 0) & pairs["detected_at"].between(since, until)
    pairs = pairs.assign(
        is_right=pairs["cause"] == pairs["fault_cause"],
        ground=pairs["shared"] / pairs["either"] * common / whole.clip(lower=common),
    )
    return pairs[is_fitting].sort_values(
        ["is_right", "ground", "left", "right"], ascending=[False, False, True, True]
    )


def incident_figures(truth: Truth, run: Run) -> dict[str, float]:
    """Return the figures of the incidents. A fault that raised no alarm is hidden."""
    faults = fault_incidents(truth, run)
    hidden = faults[~truth.faults["visible"]]
    hours = claimed_hours(truth, run.incidents, begin="detected_at", end="ended_at").sum()
    return {
        "incidents": len(run.incidents),
        "faults_found": float(faults["is_found"].mean()),
        "faults_named": float(faults["is_named"].mean()),
        "hidden_found": float(hidden["is_found"].mean()),
        "hidden_named": float(hidden["is_named"].mean()),
        "hidden_delay_min": float(hidden["delay_min"].median()),
        "incident_precision": float(faults["is_found"].sum() / len(run.incidents)),
        "incident_area_precision": float(hours["right_h"] / (hours["told_h"] or 1)),
    }


def _earlier(one: Series, other: Series) -> Series:
    """Return the earlier of each two instants, null where either is."""
    return one.where(one <= other, other).where(one.notna())


def _later(one: Series, other: Series) -> Series:
    """Return the later of each two instants, null where either is."""
    return one.where(one >= other, other).where(one.notna())


def claimed_hours(truth: Truth, claims: DataFrame, *, begin: str, end: str) -> DataFrame:
    """Return, for each claim, its site-hours and those in which a planted fault touches the site.

    Returned are `told_h` and `right_h`, index of `claims`, until the last fault ends. `begin` and
    `end` name columns; an empty end is still open. A fault counts for three hours on.
    """
    last = truth.ended_at
    claimed = claims[[begin, end]].set_axis(["begin", "end"], axis=1)
    claimed["end"] = claimed["end"].fillna(last).clip(upper=last)
    real = truth.faults[["start", "end"]].set_axis(["begin", "end"], axis=1)
    real["end"] = (real["end"] + AFTER_REPAIR).clip(upper=last)
    spans = site_spans(claims["cells"], truth, claimed)
    right = hours_inside(spans, site_spans(truth.faults["cells"], truth, real))
    hours = DataFrame({"told_h": (spans["end"] - spans["begin"]) / HOUR, "right_h": right})
    return hours.groupby(spans["row"]).sum().reindex(claims.index, fill_value=0.0)


def shared_sites(truth: Truth, claims: DataFrame) -> DataFrame:
    """Return each fault (`left`) and claim (`right`) with sites in common, and how many of all."""
    left, right = (_site_matrix(table["cells"], truth) for table in (truth.faults, claims))
    both = (left @ right.T).tocoo()
    pairs = DataFrame({"left": both.row, "right": both.col, "shared": both.data})
    sizes = [np.asarray(side.sum(axis=1)).ravel() for side in (left, right)]
    pairs["either"] = sizes[0][both.row] + sizes[1][both.col] - pairs["shared"]
    planted = truth.faults[["cause", "visible", "start", "end"]].add_prefix("fault_")
    return pairs.join(planted, on="left").join(claims, on="right")


def _site_matrix(cells: Series, truth: Truth) -> sparse.csr_array:
    """Return which sites (columns) each row of `|`-joined cells touches, as 0 and 1."""
    code, sites = pd.factorize(truth.site_of)
    named = cells.reset_index(drop=True).fillna("").astype("str").str.split("|").explode()
    site = named.map(Series(code, truth.site_of.index)).fillna(-1).astype(int)
    touched = DataFrame({"row": named.index, "site": site}).drop_duplicates().query("site >= 0")
    place = (touched["row"].to_numpy(), touched["site"].to_numpy())
    return sparse.csr_array((np.ones(len(touched), int), place), shape=(len(cells), len(sites)))


def site_spans(cells: Series, truth: Truth, spans: DataFrame) -> DataFrame:
    """Return the spans (`begin`, `end`; empty ones left out) of each row at each of its sites."""
    touched = _site_matrix(cells, truth).tocoo()
    at_sites = spans.take(touched.row).reset_index(drop=True)
    at_sites = at_sites.assign(row=touched.row, site=touched.col)
    return at_sites[at_sites["end"] > at_sites["begin"]].reset_index(drop=True)


def hours_inside(asked: DataFrame, spans: DataFrame) -> Series:
    """Return the hours of each asked span inside spans of its site, overlaps counted once.

    The time lines of all sites are laid end to end, so that one sorted search serves them all.
    """
    both = pd.concat([spans, asked])
    line = both[["begin", "end"]].astype("datetime64[us, UTC]").astype("int64").to_numpy()
    line = line - line.min(initial=np.iinfo("int64").max)
    line += both["site"].to_numpy("int64")[:, None] * (line.max(initial=0) + 1)
    line, asked_line = line[: len(spans)], line[len(spans) :]
    begin, end = line[np.argsort(line[:, 0], kind="stable")].T
    reach = np.maximum.accumulate(end)
    is_apart = begin[1:] > reach[:-1]  # joined, spans are apart: a search finds the one at hand
    is_first = np.append(np.ones(min(len(spans), 1), bool), is_apart)
    begin, end = begin[is_first], reach[np.roll(is_first, -1)]
    at = np.searchsorted(begin, asked_line, side="right")  # spans begun by then
    over = np.maximum(np.append(0, end)[at] - asked_line, 0)  # of the last, what is still to come
    spent = np.append(0, np.cumsum(end - begin))[at] - over
    return Series(spent[:, 1] - spent[:, 0], asked.index) * (INSTANT / HOUR)
