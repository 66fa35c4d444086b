"""Take one step: state and what has just arrived give the new state and what is to be issued.

This is the heart. `run` feeds it a bundle in order of arrival; whoever feeds it rows live gets the same answers. It
has no clock of its own (`now` is an argument) and never sees a row before its arrival.

Simple so far: the state is changed in place and handed back; one step handles the whole network.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from correlate.acts.taking import take_acts
from correlate.alarm_signals import take_alarms
from correlate.assignment import told_by
from correlate.closing import close_faults
from correlate.clusters import Cluster, Crowd, find_clusters
from correlate.counter_signals import take_counters, take_scored
from correlate.diagnosis import (
    Note,
    diagnose,
    due_tickets,
    fault_causes,
    serving_rows,
    user_hours,
    weigh_fresh,
)
from correlate.faults import ODDS_TOLD, TICKETS, Fault, existence, new_fault
from correlate.feed import Arrivals
from correlate.first_signs import weigh_first_signs
from correlate.incident_size import limit_sizes
from correlate.instants import offset_s
from correlate.intake import take_accounts, take_tickets
from correlate.joint import review
from correlate.knowledge import Knowledge
from correlate.reach import extent_of
from correlate.reporting import report
from correlate.state import State
from correlate.tickets import Ticket
from correlate.uniting import unite_same
from correlate.verdicts import learn_daily, take_verdicts
from correlate.works import open_works, take_changes, telling_changes, weigh_changes

REAL = 0.5
"""Least probability of being real of a fault that rates are learned from."""
CLUSTER_SHARE = 0.8
"""Part of what nothing explains of a complaint that a new cluster takes."""


@dataclass
class Issued:
    """What one step issued: rows of `diagnoses` and `serving_cells` (incidents and notices stand in the state).

    `acts` are rows that say what became of what people did.
    """

    diagnoses: list[dict[str, object]] = field(default_factory=list)
    serving_cells: list[dict[str, object]] = field(default_factory=list)
    acts: list[dict[str, object]] = field(default_factory=list)


def step(
    state: State, knowledge: Knowledge, arrivals: Arrivals, *, now: int, note: Note | None = None
) -> tuple[State, Issued]:
    """Return the state after what arrived up to `now`, and what is issued.

    Parameters
    ----------
    arrivals : Arrivals
        Rows that arrived since the step before, none later than `now`.
    now : int
        Seconds since 1970.
    note : callable, optional
        Called with each ticket when it is diagnosed.
    """
    hours = max(0.0, (now - state.now) / 3600.0) if state.now else 0.0
    state.background.user_hours += hours * float(knowledge.users.sum())
    state.now = now
    tables = arrivals.tables
    if "changes" in tables:
        take_changes(state, knowledge, tables["changes"])
    take_alarms(state, knowledge, arrivals, now=now)
    _take_counted(state, knowledge, arrivals, now=now)
    open_works(state, knowledge, now=now)
    unite_same(state, knowledge, now=now)
    _weigh_open(state, knowledge, has_changes="changes" in tables, now=now)
    for fault in close_faults(state.faults, now=now):
        _learn_rates(state, knowledge, fault)
    if "accounts" in tables:
        take_accounts(state, tables["accounts"])
    if "verdicts" in tables:
        take_verdicts(state, knowledge, tables["verdicts"])
    learn_daily(state, now=now, start=knowledge.start)
    fresh: list[Ticket] = []
    if arrivals.tickets:
        fresh = take_tickets(state, knowledge, arrivals.tickets)
        weigh_fresh(state, knowledge, fresh, now=now)
    due = due_tickets(state, knowledge, now=now)
    review(state, knowledge, fresh, due, now=now, has_news=not arrivals.is_empty)
    if fresh:
        _find_clusters(state, knowledge, fresh, now=now)
    issued = Issued(diagnoses=diagnose(state, knowledge, due, now=now, note=note))
    issued.serving_cells = serving_rows(knowledge, due)
    issued.acts = take_acts(state, knowledge, arrivals.acts, now=now)
    limit_sizes(state, knowledge)
    report(state, knowledge, now=now)
    return state, issued


def _learn_rates(state: State, knowledge: Knowledge, fault: Fault) -> None:
    """Learn from a fault that is over, if it was real, how readily its users complain."""
    if fault.reported_at is None or fault.number in state.faults.merged_into:
        return
    if fault.family != TICKETS and existence(fault) >= REAL:
        lasted = user_hours(knowledge, fault, now=state.now)
        state.rates.learn(fault, fault_causes(knowledge, fault), lasted)


def _weigh_open(state: State, knowledge: Knowledge, *, has_changes: bool, now: int) -> None:
    """Lay on the faults that last the changes beside their beginning and what came first at their site."""
    changes, made_at = telling_changes(state, knowledge)
    for fault in state.faults.open_ones() if has_changes else _touched(state):
        weigh_changes(knowledge, fault, changes, made_at)
        if fault.is_touched:
            weigh_first_signs(state.diary, knowledge, fault, now=now)


def _touched(state: State) -> list[Fault]:
    """Return the open faults that changed."""
    return [fault for fault in state.faults.index.touched() if fault.is_open]


def _take_counted(state: State, knowledge: Knowledge, arrivals: Arrivals, *, now: int) -> None:
    """Take counters, to be scored here or scored elsewhere."""
    if arrivals.counters is not None:
        take_counters(state, knowledge, arrivals.counters, now=now)
    if arrivals.scored is not None:
        take_scored(state, knowledge, arrivals.scored, now=now)


def _find_clusters(state: State, knowledge: Knowledge, fresh: list[Ticket], *, now: int) -> None:
    """Open a fault for complaints that nothing explains and chance does not."""
    clusters = find_clusters(
        state.recent,
        fresh,
        knowledge.reach,
        Crowd(
            users=knowledge.site_users,
            site_ids=knowledge.site_ids,
            per_user_hour=state.background.per_user_hour(),
            offset_s=offset_s(knowledge.zone, now),
        ),
        now=now,
    )
    for cluster in clusters:
        _open_cluster(state, knowledge, cluster, now=now)


def _open_cluster(state: State, knowledge: Knowledge, cluster: Cluster, *, now: int) -> None:
    """Open the fault of one cluster and weigh its tickets against it."""
    own = [knowledge.reach.cells_of[s] for s in cluster.sites.tolist()]
    cells = np.unique(np.concatenate(own))
    if not len(cells):
        return
    fault = new_fault(
        state.faults,
        knowledge.signatures,
        cells,
        started_at=cluster.since,
        now=now,
        family=TICKETS,
    )
    fault.object_id, fault.object_kind = cluster.object_id, cluster.object_kind
    fault.extent = extent_of(knowledge.reach, cells, object_kind=cluster.object_kind)
    fault.first_alert = cluster.tickets[0].ticket_id
    fault.quiet_s = cluster.quiet_s
    fault.cluster_odds = cluster.log_odds
    fault.recurs_days = cluster.recurs_days
    for ticket, weight in zip(cluster.tickets, cluster.weights, strict=True):
        share = CLUSTER_SHARE * weight
        fault.ticket_log = fault.ticket_log + share * told_by(ticket.words[knowledge.fault_columns])
        fault.tickets += share
        fault.cluster_odds -= ODDS_TOLD * share
        ticket.fault_share[fault.number] = share
