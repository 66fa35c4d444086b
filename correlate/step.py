"""Take one step: state and what has just arrived give the new state and what is to be issued.

This is the heart. `run` feeds it a bundle in order of arrival; whoever feeds it rows live gets the same answers. It
has no clock of its own (`now` is an argument) and never sees a row before its arrival.

Simple so far: the state is changed in place and handed back; one step handles the whole network.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from correlate.alarm_signals import take_alarms
from correlate.closing import close_faults
from correlate.clusters import Cluster, Crowd, find_clusters
from correlate.counter_signals import take_counters
from correlate.diagnosis import Note, diagnose_due, serving_rows, weigh_fresh
from correlate.faults import TICKETS, new_fault
from correlate.feed import Arrivals
from correlate.instants import offset_s
from correlate.intake import take_accounts, take_tickets
from correlate.knowledge import Knowledge
from correlate.reach import extent_of
from correlate.reporting import report
from correlate.state import State
from correlate.tickets import Ticket
from correlate.verdicts import learn_daily, take_verdicts
from correlate.works import open_works, take_changes, weigh_changes


@dataclass
class Issued:
    """What one step issued: rows of `diagnoses` and `serving_cells` (incidents and notices stand in the state)."""

    diagnoses: list[dict[str, object]] = field(default_factory=list)
    serving_cells: list[dict[str, object]] = field(default_factory=list)


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
    if arrivals.counters is not None:
        take_counters(state, knowledge, arrivals.counters, now=now)
    open_works(state, knowledge, now=now)
    for fault in state.faults.open_ones():
        if fault.is_touched or "changes" in tables:
            weigh_changes(state, knowledge, fault)
    close_faults(state.faults, now=now)
    if "accounts" in tables:
        take_accounts(state, tables["accounts"])
    if "verdicts" in tables:
        take_verdicts(state, knowledge, tables["verdicts"])
    learn_daily(state, now=now)
    if arrivals.tickets:
        fresh = take_tickets(state, knowledge, arrivals.tickets)
        weigh_fresh(state, knowledge, fresh, now=now)
        _find_clusters(state, knowledge, fresh, now=now)
    due = list(state.held)
    issued = Issued(diagnoses=diagnose_due(state, knowledge, now=now, note=note))
    held = {t.ticket_id for t in state.held}
    issued.serving_cells = serving_rows(knowledge, [t for t in due if t.ticket_id not in held])
    report(state, knowledge, now=now)
    return state, issued


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
    fault.ticket_exists, fault.quiet_s = cluster.log_odds, cluster.quiet_s
    for ticket, weight in zip(cluster.tickets, cluster.weights, strict=True):
        said = ticket.words[knowledge.fault_columns]
        fault.ticket_log = fault.ticket_log + 0.5 * weight * np.clip(said, -3, 3)
        ticket.fault_share[fault.number] = 0.8 * weight
    fault.tickets = sum(cluster.weights)
