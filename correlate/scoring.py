"""Measure what a run wrote against what a practice world knows to be true.

`docs/scores.md` says what each figure means; `correlate.score_details` judges. Of all modules this
one alone opens `truth/`, after the output is written.

Simple so far: holds each table in memory whole; a sighting counts as one whatever its age.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from pandas import DataFrame, Series

from contract import errors
from contract.tables import OUTPUTS, empty_table
from correlate import score_details as details
from correlate.score_details import Run, Truth
from correlate.score_episodes import episode_figures, episode_tables, read_episodes
from correlate.score_groups import group_figures
from correlate.score_matching import at_key
from correlate.score_notices import notice_details
from correlate.score_tables import given_table, table_path, written_table

ZONE = "Asia/Shanghai"
HOLD = pd.Timedelta("30min")  # contract, `diagnoses`
ROUNDING = pd.Timedelta("1s")
NEEDED = {
    "truth/complaints": "ticket_id cause fault_id object_id cell_id",
    "truth/faults": "fault_id cause object_id cells visible start end",
    "cells": "cell_id site_id",
    "complaints": "ticket_id created_at",
    "locations": "msisdn seen_at",
    "diagnoses": "ticket_id rank cause probability object_id incident_id diagnosed_at",
    "serving_cells": "ticket_id rank cell_id probability",
    "incidents": "incident_id cause started_at detected_at ended_at cells",
    "interceptions": "incident_id issued_at valid_until cells",
    "daybook/alarm_groups": "group_id object_id service_effect site_ids started_at merged_into",
    "daybook/grouped_alarms": "alarm_id object_id raised_at group_id",
}


def score_run(world: Path, out: Path, zone: str = ZONE) -> dict[str, float]:
    """Return every figure of a run by its name.

    Figures of a table that the run did not write, or left empty, are left out. A figure with
    nothing to be measured on (the delay of hidden faults where none is hidden) is NaN.

    Parameters
    ----------
    world : Path
        The input bundle, with the folder `truth/` inside.
    out : Path
        What `cellcause run` wrote, each table as Parquet or CSV; of two the Parquet counts.
    zone : str, default Asia/Shanghai
        IANA zone of times without an offset, which is how a world writes its own.

    Returns
    -------
    dict of figure to number
        Shares and probabilities 0-1, times in minutes, counts as int.

    Raises
    ------
    InputError
        If a table is missing, unreadable, lacks a column or breaks the contract.
    """
    truth, run = _read(world, out, zone)
    scores = details.answer_figures(details.answers(truth, run))
    if len(run.serving_cells):
        scores |= details.locating_figures(details.located(truth, run))
    if len(run.interceptions):
        scores |= details.notice_figures(truth, run)
    if len(run.incidents):
        scores |= details.incident_figures(truth, run)
    episodes = read_episodes(out, zone)
    scores |= {} if episodes is None else episode_figures(truth, episodes)
    return scores | _group_figures(truth, out, zone)


def _group_figures(truth: Truth, out: Path, zone: str) -> dict[str, float]:
    """Return the figures of the groups of alarms, none where the run wrote none."""
    names = ("daybook/alarm_groups", "daybook/grouped_alarms")
    if any(table_path(out, name) is None for name in names):
        return {}
    groups, alarms = (_written(out, name, zone) for name in names)
    return group_figures(truth, groups, alarms) if len(groups) else {}


def _read(world: Path, out: Path, zone: str) -> tuple[Truth, Run]:
    """Return the truth of a world and a run that keeps the contract."""
    truth, run = read_truth(world, zone), _read_run(out, zone)
    _check_run(truth, run)
    return truth, run


def read_truth(world: Path, zone: str = ZONE) -> Truth:
    """Return the truth of a world. Of complaints with one ticket_id the first row counts.

    Arguments and errors as of `score_run`.
    """
    tickets = _written(world, "truth/complaints", zone)
    tickets = tickets[NEEDED["truth/complaints"].split()].astype("str").fillna("")
    faults = _written(world, "truth/faults", zone)
    orders = _given(world, "complaints", zone)
    cells = _given(world, "cells", zone).drop_duplicates("cell_id", keep="last")
    arrived = orders["created_at"]
    if "received_at" in orders:
        arrived = orders["received_at"].fillna(arrived)
    orders = orders.assign(arrived_at=arrived).drop_duplicates("ticket_id")
    return Truth(
        tickets=tickets.set_index("ticket_id"),
        faults=faults.assign(visible=faults["visible"].astype(bool)),
        orders=orders.set_index("ticket_id"),
        site_of=cells.set_index("cell_id")["site_id"],
        ended_at=faults["end"].max(),
    )


def _read_run(out: Path, zone: str) -> Run:
    """Return the tables of a run that are measured; only `diagnoses` must be there."""
    tables = {}
    for name in ("diagnoses", "serving_cells", "incidents", "interceptions"):
        is_there = name == "diagnoses" or table_path(out, name) is not None
        tables[name] = _written(out, name, zone) if is_there else empty_table(OUTPUTS[name])
    return Run(**tables)


def _given(world: Path, name: str, zone: str) -> DataFrame:
    """Return an input table, with the columns it needs."""
    return given_table(world, name, zone, needed=NEEDED[name].split())


def _written(folder: Path, name: str, zone: str) -> DataFrame:
    """Return a table that was written, with the columns it needs."""
    return written_table(folder, name, zone, needed=NEEDED[name].split())


def _check_run(truth: Truth, run: Run) -> None:
    """Refuse a run whose tables break the contract, naming every breach."""
    breaches = _ranking_breaches("diagnoses", run.diagnoses, (5, "cause"), truth)
    breaches += _ranking_breaches("serving_cells", run.serving_cells, (6, "cell_id"), truth)
    arrived = at_key(truth.orders["arrived_at"], run.diagnoses["ticket_id"])
    delay = run.diagnoses["diagnosed_at"] - arrived
    if not delay.between(pd.Timedelta(0), HOLD + ROUNDING).all():
        breaches.append("diagnoses: diagnosed_at empty or not within 30 minutes after the ticket")
    if (run.interceptions["issued_at"] > run.interceptions["valid_until"]).any():
        breaches.append("interceptions: issued after its end")
    if breaches:
        msg = f"`out` must keep the contract and does not: {'; '.join(breaches)}. Mend the run."
        raise errors.OutputError(msg)


def _ranking_breaches(
    name: str, table: DataFrame, rule: tuple[int, str], truth: Truth
) -> list[str]:
    """Return what is wrong with ranked answers; `rule`: the last rank, what may stand once."""
    limit, key = rule
    if table.empty:
        return []
    total = table.groupby("ticket_id")["probability"].sum()
    found = {
        f"rank outside 1 to {limit}": not table["rank"].between(1, limit).all(),
        "a rank twice for one ticket": table.duplicated(["ticket_id", "rank"]).any(),
        f"a {key} twice for one ticket": table.duplicated(["ticket_id", key]).any(),
        "negative probability": (table["probability"] < 0).any(),
        "probabilities of a ticket sum to more than 1": (total > 1.001).any(),
        "unknown ticket": not table["ticket_id"].isin(truth.orders.index).all(),
    }
    return [f"{name}: {breach}" for breach, is_found in found.items() if is_found]


def cause_table(world: Path, out: Path, *, zone: str = ZONE) -> DataFrame:
    """Return how well each true cause is recognised. Arguments and errors as of `score_run`.

    Returns
    -------
    DataFrame indexed by `cause`, most tickets first
        `tickets`; `top1`, `top3` (share of them right); `precision` (of the tickets so answered,
        those that were); `object_hit` (null for causes without faults); `confused_with` (the three
        commonest wrong answers and their tickets).
    """
    judged = details.answers(*_read(world, out, zone))
    groups = judged.groupby("cause")
    wrong = judged[~judged["is_right"]].value_counts(["cause", "said"]).rename("n").reset_index()
    wrong = wrong.groupby("cause").head(3)
    said = (wrong["said"] + " " + wrong["n"].astype("str")).groupby(wrong["cause"]).agg(", ".join)
    table = DataFrame(
        {
            "tickets": groups.size(),
            "top1": groups["is_right"].mean(),
            "top3": groups["is_in_three"].mean(),
            "precision": groups["is_right"].sum() / judged["said"].value_counts(),
            "object_hit": judged[judged["fault_id"] != ""].groupby("cause")["is_object"].mean(),
            "confused_with": said,
        },
        index=groups.size().index,
    )
    return table.sort_values("tickets", ascending=False, kind="stable")


def fault_table(world: Path, out: Path, *, zone: str = ZONE) -> DataFrame:
    """Return how the planted faults of each cause fared. Arguments and errors as of `score_run`.

    Returns
    -------
    DataFrame indexed by `cause` and `visible` (whether it raised an alarm)
        `faults`; `found`, `named` (shares); `delay_min` (median, start to detection); `rated`
        (faults with three complaints or more); `before_first`, `before_third` (share of `rated`
        noticed before that complaint); `lead_min` (median, notice to third complaint).
    """
    truth, run = _read(world, out, zone)
    faults = truth.faults[["cause", "visible"]].join(details.fault_incidents(truth, run))
    faults = faults.join(details.fault_notices(truth, run))
    keys = ["cause", "visible"]
    groups, rated = faults.groupby(keys), faults[faults["is_rated"]].groupby(keys)
    return DataFrame(
        {
            "faults": groups.size(),
            "found": groups["is_found"].mean(),
            "named": groups["is_named"].mean(),
            "delay_min": groups["delay_min"].median(),
            "rated": groups["is_rated"].sum(),
            "before_first": rated["is_before_first"].mean(),
            "before_third": rated["is_before_third"].mean(),
            "lead_min": rated["lead_min"].median(),
        }
    )


def locating_by_source(world: Path, out: Path, *, zone: str = ZONE) -> DataFrame:
    """Return how well tickets are located, by what told of the place. Arguments as of `score_run`.

    Returns
    -------
    DataFrame indexed by `place` (coordinates, address, neither) and `is_sighted`
        `is_sighted`: the number was seen by the network before the ticket arrived. `tickets`, then
        `cell_top1`, `site_top1`, `site_top3` (shares), `site_log_loss` (nats).
    """
    truth, run = _read(world, out, zone)
    orders = truth.orders
    has = {name: orders.get(name, Series(None, orders.index)).notna() for name in ("lon", "lat")}
    address = orders.get("address", Series("", orders.index)).astype("str").fillna("").str.strip()
    place = Series("neither", orders.index).mask(address != "", "address")
    place = place.mask(has["lon"] & has["lat"], "coordinates")
    is_sighted = Series(data=False, index=orders.index)
    if table_path(world, "locations") is not None and "msisdn" in orders:
        seen = _given(world, "locations", zone).groupby("msisdn")["seen_at"].min()
        is_sighted = at_key(seen, orders["msisdn"]) <= orders["arrived_at"]
    judged = details.located(truth, run).join(DataFrame({"place": place, "is_sighted": is_sighted}))
    groups = judged.groupby(["place", "is_sighted"])
    figures = groups[["cell_top1", "site_top1", "site_top3", "site_log_loss"]].mean()
    return pd.concat([groups.size().rename("tickets"), figures], axis=1)


def calibration_table(world: Path, out: Path, *, zone: str = ZONE) -> DataFrame:
    """Return what was stated against what was right. Arguments and errors as of `score_run`.

    Returns
    -------
    DataFrame indexed by `answer` (cause, site) and `bin` (0-9, tenths of stated probability)
        `tickets`; `stated` (mean probability of the first answer); `right` (share); `gap` (right
        less stated: below zero is too sure).
    """
    truth, run = _read(world, out, zone)
    causes, sites = details.answers(truth, run), details.located(truth, run).dropna(subset="stated")
    pairs = {
        "cause": causes[["probability", "is_right"]].set_axis(["stated", "right"], axis=1),
        "site": sites[["stated", "site_top1"]].set_axis(["stated", "right"], axis=1),
    }
    stated = pd.concat(pairs, names=["answer"])
    groups = stated.groupby(["answer", details.calibration_bins(stated["stated"]).rename("bin")])
    table = pd.concat([groups.size().rename("tickets"), groups.mean()], axis=1)
    return table.assign(gap=table["right"] - table["stated"])


def false_incidents(world: Path, out: Path, *, zone: str = ZONE) -> DataFrame:
    """Return what was claimed for nothing, by cause. Arguments and errors as of `score_run`.

    Returns
    -------
    DataFrame indexed by `cause`, most false site-hours first
        `incidents`; `unmatched` (stand for no planted fault, or for one that another incident
        stands for); `baseless` (no fault at their sites while they stood); `unmatched_h` (hours
        those stood); `site_h` and `false_site_h` (site-hours of all, and those without a fault).
    """
    truth, run = _read(world, out, zone)
    matched = details.fault_incidents(truth, run)["incident"]
    hours = details.claimed_hours(truth, run.incidents, begin="detected_at", end="ended_at")
    stop = run.incidents["ended_at"].fillna(truth.ended_at)
    stood = (stop - run.incidents["detected_at"]) / pd.Timedelta("1h")
    is_unmatched = ~run.incidents.index.to_series().isin(matched)
    claims = DataFrame(
        {
            "cause": run.incidents["cause"],
            "incidents": 1,
            "unmatched": is_unmatched,
            "baseless": hours["right_h"] == 0,
            "unmatched_h": stood.clip(lower=0).where(is_unmatched, 0.0),
            "site_h": hours["told_h"],
            "false_site_h": hours["told_h"] - hours["right_h"],
        }
    )
    return claims.groupby("cause").sum().sort_values("false_site_h", ascending=False)


def missed_faults(world: Path, out: Path, *, zone: str = ZONE) -> DataFrame:
    """Return the planted faults not found, or not named. Arguments and errors as of `score_run`.

    Returns
    -------
    DataFrame, one row per planted fault concerned, times in `zone`
        `fault_id`, `cause`, `object_id`, `visible`, `start`, `end`; `outcome` (misnamed; taken: the
        incident there stands for another fault; nothing: none there in time); `incident_id` and
        `said` of the nearest incident.
    """
    truth, run = _read(world, out, zone)
    judged = details.fault_incidents(truth, run)
    best = (
        details.claim_pairs(truth, run.incidents).drop_duplicates("left").set_index("left")["right"]
    )
    near = judged["incident"].where(judged["is_found"], best.reindex(judged.index))
    outcome = Series("nothing", judged.index).mask(near.notna(), "taken")
    kept = truth.faults[["fault_id", "cause", "object_id", "visible", "start", "end"]]
    table = kept.assign(
        start=kept["start"].dt.tz_convert(zone),
        end=kept["end"].dt.tz_convert(zone),
        outcome=outcome.mask(judged["is_found"], "misnamed"),
        incident_id=at_key(run.incidents["incident_id"], near),
        said=at_key(run.incidents["cause"], near),
    )
    return table[~judged["is_named"]].reset_index(drop=True)


def detail_tables(world: Path, out: Path, *, zone: str = ZONE) -> dict[str, DataFrame]:
    """Return all tables that break the figures down, by title."""
    tables = {
        "causes": cause_table,
        "faults": fault_table,
        "locating by source": locating_by_source,
        "calibration": calibration_table,
        "false incidents": false_incidents,
        "missed faults": missed_faults,
    }
    found = {title: make(world, out, zone=zone) for title, make in tables.items()}
    found |= notice_details(*_read(world, out, zone), zone)
    episodes = read_episodes(out, zone)
    if episodes is None:
        return found
    return found | episode_tables(read_truth(world, zone), episodes, zone)


def render_scores(
    scores: Mapping[str, float], tables: Mapping[str, DataFrame] | None = None
) -> str:
    """Return figures, and the tables that break them down, as text for a terminal.

    Examples
    --------
    >>> print(render_scores({"cause_top1": 0.5, "incidents": 3, "median_lead_min": 61.4}))
    cause_top1                0.500
    incidents                 3
    median_lead_min           61
    """
    parts = ["\n".join(f"{name:25} {_figure(name, value)}" for name, value in scores.items())]
    for title, table in (tables or {}).items():
        text = table.to_string(float_format="{:.2f}".format, na_rep="-")
        parts.append(f"{title}\n{text}" if len(table) else f"{title}: none")
    return "\n\n".join(parts)


def scores_markdown(results: Mapping[str, Mapping[str, float | str]]) -> str:
    """Return a Markdown table: a row a figure, a column a result (a world, a baseline, a goal).

    Examples
    --------
    >>> print(scores_markdown({"hills-en": {"cause_top1": 0.5}, "goal": {"cause_top1": "0.92"}}))
    | figure | hills-en | goal |
    |---|---|---|
    | `cause_top1` | 0.500 | 0.92 |
    """
    names = list(dict.fromkeys(name for result in results.values() for name in result))
    lines = [["figure", *results], *([f"`{name}`"] for name in names)]
    for name, line in zip(names, lines[1:], strict=True):
        line += [_figure(name, result.get(name, "")) for result in results.values()]
    rows = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([rows[0], "|---" * len(lines[0]) + "|", *rows[1:]])


def _figure(name: str, value: float | str) -> str:
    """Return a figure as text: counts whole, minutes without decimals, shares with three."""
    if isinstance(value, str | int):
        return str(value)
    if value != value:
        return "-"
    return f"{value:.0f}" if name.endswith("_min") else f"{value:.3f}"
