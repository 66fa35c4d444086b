"""Walk the steps of the procedure for one ticket and put down what each found.

Steps and their order are those of the operators' decision tree (domain notes 1.1): the ticket, the place, alarms
of the own station and its neighbours, hidden faults in counters, changes, complaints around, the conclusion.

Simple so far: ten days of alarms are counted by object and name; counters are told by their latest deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from correlate.clusters import SYMPTOM_FAMILY
from correlate.faults import Ints
from correlate.knowledge import Knowledge
from correlate.phrases import finding
from correlate.state import State
from correlate.tickets import NEVER, Ticket
from kpi.episodes import evidence_matrix
from kpi.measures import MEASURES

TEN_DAYS_S = 10 * 86400
AROUND_S = 24 * 3600
TELLING_Z = 3.0
MOST = 12


def steps_of(
    state: State,
    knowledge: Knowledge,
    ticket: Ticket,
    *,
    missing: Sequence[str],
    causes: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return the steps, each with `step`, `status`, `window` and `findings`."""
    now = state.now
    day = now - AROUND_S
    told = (
        ("ticket", ticket.created_at, _ticket(knowledge, ticket), ""),
        ("place", ticket.created_at, _place(knowledge, ticket), ""),
        ("alarms", now - TEN_DAYS_S, _alarms(state, knowledge, ticket), "alarms"),
        ("counters", now - 2 * 3600, _counters(state, knowledge, ticket), "kpi"),
        ("changes", now - TEN_DAYS_S, _changes(state, knowledge, ticket), "changes"),
        ("complaints", day, _complaints(state, ticket), ""),
        ("conclusion", now, _conclusion(causes), ""),
    )
    return [
        {
            "step": f"steps.{name}",
            "status": "status.not_queried" if table in missing else _status(found),
            "window": [clock(knowledge, since), clock(knowledge, now)],
            "findings": [] if table in missing else found,
        }
        for name, since, found, table in told
    ]


def _status(found: list[dict[str, Any]]) -> str:
    """Return whether a step found anything."""
    return "status.found" if found else "status.nothing"


def clock(knowledge: Knowledge, at: int) -> str:
    """Return an instant in the configured zone, to the minute."""
    return f"{pd.Timestamp(at, unit='s', tz='UTC').tz_convert(knowledge.zone):%Y-%m-%d %H:%M}"


def stations(knowledge: Knowledge, ticket: Ticket, *, least: float = 0.05) -> Ints:
    """Return the sites that may serve the ticket's place."""
    known = (ticket.cells >= 0) & (ticket.share >= least)
    return np.unique(knowledge.reach.site_of[ticket.cells[known]])


def own_and_around(knowledge: Knowledge, ticket: Ticket) -> Ints:
    """Return the sites that may serve the ticket's place, and those that adjoin them."""
    own = stations(knowledge, ticket)
    if not len(own):
        return own
    around = knowledge.reach.near[own].sum(axis=0)
    return np.union1d(own, np.flatnonzero(np.asarray(around).ravel()))


def _ticket(knowledge: Knowledge, ticket: Ticket) -> list[dict[str, Any]]:
    """Return what the ticket says."""
    found = [finding("find.created", at=clock(knowledge, ticket.created_at))]
    if ticket.symptom:
        found.append(finding("find.symptom", symptom=ticket.symptom))
    found.append(finding("find.group" if ticket.is_group else "find.single"))
    if ticket.is_chronic:
        found.append(finding("find.chronic"))
    if ticket.onset_to > NEVER:
        found.append(finding("find.onset", at=clock(knowledge, ticket.onset_to)))
    if ticket.previous:
        found.append(finding("find.previous", text=ticket.previous))
    if ticket.account:
        found.append(finding("find.account", state=ticket.account))
    return found


def _place(knowledge: Knowledge, ticket: Ticket) -> list[dict[str, Any]]:
    """Return where the ticket is served."""
    found = [finding("find.basis", basis=ticket.basis)]
    order = np.argsort(-ticket.share, kind="stable")
    for i in order[:6].tolist():
        cell = int(ticket.cells[i])
        if cell < 0 or ticket.share[i] <= 0:
            continue
        found.append(
            finding(
                "find.cell",
                cell=str(knowledge.cell_ids[cell]),
                name=str(knowledge.network.sites["site_name"].iat[knowledge.reach.site_of[cell]]),
                p=f"{ticket.share[i]:.2f}",
                d=f"{ticket.distance_m[i] / 1000:.1f} km",
            )
        )
    return [*found, finding("find.nothing_serves", p=f"{ticket.nothing:.2f}")]


def _alarms(state: State, knowledge: Knowledge, ticket: Ticket) -> list[dict[str, Any]]:
    """Return ten days of alarms of the own station and its neighbours, by object and name."""
    table = state.book.alarms
    sites = set(knowledge.site_ids[own_and_around(knowledge, ticket)].tolist())
    cells = knowledge.network.cells
    own = set(cells["cell_id"][cells["site_id"].isin(sites)])
    base = table["object_id"].str.split("/").str[0]
    since = pd.Timestamp(state.now - TEN_DAYS_S, unit="s", tz="UTC")
    mine = table[(base.isin(own) | base.isin(sites)) & (table["raised_at"] >= since)]
    mine = mine[mine["service_effect"] != "none"]
    found = []
    grouped = mine.groupby(["object_id", "name"], sort=True)
    rows = sorted(grouped, key=lambda item: -len(item[1]))[:MOST]
    for (object_id, name), rows_of in rows:
        in_force = bool(rows_of["ended_at"].isna().any())
        found.append(
            finding(
                "find.alarm",
                object=str(object_id),
                name=str(name),
                count=len(rows_of),
                first=_short(knowledge, rows_of["raised_at"].min()),
                last=_short(knowledge, rows_of["raised_at"].max()),
                state="find.in_force" if in_force else "",
            )
        )
    return found


def _short(knowledge: Knowledge, at: pd.Timestamp) -> str:
    """Return month, day and time in the configured zone."""
    return f"{at.tz_convert(knowledge.zone):%m-%d %H:%M}"


def _counters(state: State, knowledge: Knowledge, ticket: Ticket) -> list[dict[str, Any]]:
    """Return the measures of the own station's cells that stand out."""
    z, _ = evidence_matrix(state.watch, pd.Timestamp(state.now, unit="s", tz="UTC"))
    found = []
    for site in stations(knowledge, ticket).tolist():
        for cell in knowledge.reach.cells_of[site].tolist():
            for m in np.flatnonzero(np.abs(np.nan_to_num(z[cell])) >= TELLING_Z).tolist():
                value = float(z[cell, m])
                told = finding(
                    "find.measure",
                    cell=str(knowledge.cell_ids[cell]),
                    measure=MEASURES[m].name,
                    direction="find.above" if value > 0 else "find.below",
                    z=f"{value:+.1f}",
                )
                found.append((abs(value), told))
    return [told for _, told in sorted(found, key=lambda f: -f[0])[:MOST]]


def _changes(state: State, knowledge: Knowledge, ticket: Ticket) -> list[dict[str, Any]]:
    """Return changes and works at the own station and its neighbours."""
    sites = own_and_around(knowledge, ticket)
    cells = {c for s in sites.tolist() for c in knowledge.reach.cells_of[s].tolist()}
    return [
        finding(
            "find.change",
            object=change.object_id,
            parameter=change.parameter,
            at=clock(knowledge, change.at),
        )
        for change in state.changes
        if change.cells & cells and change.at > state.now - TEN_DAYS_S
    ][-MOST:]


def _complaints(state: State, ticket: Ticket) -> list[dict[str, Any]]:
    """Return how many others complain of the like around."""
    family = SYMPTOM_FAMILY.get(ticket.symptom)
    mine = set(ticket.cells[ticket.cells >= 0].tolist())
    count = sum(
        1
        for other in state.recent.tickets
        if other.ticket_id != ticket.ticket_id
        and SYMPTOM_FAMILY.get(other.symptom) == family
        and mine & set(other.cells[:3].tolist())
    )
    return [finding("find.around", hours=24, count=count)] if count else []


def _conclusion(causes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the likeliest cause as a sentence."""
    first = causes[0]
    p = f"{first['probability']:.2f}"
    if first["object_id"] and first["fault_started_at"]:
        at = str(first["fault_started_at"])[:16].replace("T", " ")
        return [
            finding("find.conclusion", cause=first["cause"], p=p, object=first["object_id"], at=at)
        ]
    return [finding("find.undecided", cause=first["cause"], p=p)]
