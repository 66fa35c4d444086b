"""Exclude the usual hypotheses with a reason each, as the procedure asks: an exclusion is a result.

A family is excluded only where the data that could show it were there; else it is told as undecided, with what was not
queried. What is likely is not excluded, whatever the data.

Simple so far: ten hypotheses, judged by the stations that may serve the place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from correlate.case.alarms import outages
from correlate.case.gathered import CONGESTION, COVERAGE, Gathered
from correlate.case.hidden_faults import FELL, ROSE, Told, amount, latest, traffic_ratio
from correlate.case.inquiry import clock
from correlate.case.phrases import Finding, finding
from correlate.case.place import troubled
from correlate.faults import LOSS

UNLIKELY = 0.1
DAY_S = 86400
FEW_ALIKE = 2
INTERFERENCE = ("external_interference", "repeater_interference", "cochannel_interference")

Verdict = tuple[bool | None, Finding | None]
"""Excluded (True), undecided for want of data (False) or neither (None), and the reason."""
NEITHER: Verdict = (None, None)


def excluded_of(gathered: Gathered) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the hypotheses excluded and those that can't be, each `cause` with its `reason` (a finding)."""
    excluded: list[dict[str, Any]] = []
    undecided: list[dict[str, Any]] = []
    for cause, judge in JUDGES.items():
        is_excluded, reason = judge(gathered)
        if reason is None:
            continue
        (excluded if is_excluded else undecided).append({"cause": cause, "reason": reason})
    return excluded, undecided


def _unlikely(gathered: Gathered, *causes: str) -> bool:
    """Tell whether some causes together are unlikely."""
    return gathered.inquiry.chance(*causes) < UNLIKELY


def _open(reason: Finding) -> Verdict:
    """Return that a hypothesis is undecided, with what was not queried."""
    return False, reason


def _coverage(gathered: Gathered) -> Verdict:
    """Exclude thin coverage when the trouble was sudden, or the place is served."""
    ticket = gathered.inquiry.ticket
    if not _unlikely(gathered, *COVERAGE):
        return NEITHER
    if not len(gathered.inquiry.own):
        return _open(finding("reason.no_place"))
    told = f"{ticket.nothing:.2f}"
    if ticket.symptom == "BUSY" and gathered.is_sudden:
        return True, finding("excluded.coverage_busy", p=told)
    if gathered.is_sudden:
        return True, finding("excluded.coverage_sudden", p=told)
    if ticket.symptom == "BUSY":
        return True, finding("excluded.coverage_word", p=told)
    if ticket.nothing < UNLIKELY and not ticket.is_chronic:
        return True, finding("excluded.coverage_served", p=told)
    return NEITHER


def _parameters(gathered: Gathered) -> Verdict:
    """Exclude a wrong parameter when nothing was changed around the beginning."""
    inquiry = gathered.inquiry
    if not _unlikely(gathered, "parameter_error"):
        return NEITHER
    if gathered.no_changes is not None:
        return _open(gathered.no_changes)
    began = _began(gathered)
    since, until = began - 2 * DAY_S, min(began + DAY_S, inquiry.now)
    around = set(inquiry.around.tolist())
    beside = [
        row
        for row in inquiry.archive.changes
        if row.arrived_at <= inquiry.now
        and since <= row.at <= until
        and not row.sites.isdisjoint(around)
    ]
    if beside:
        return NEITHER
    told = {"from": clock(inquiry.knowledge, since), "to": clock(inquiry.knowledge, until)}
    return True, finding("excluded.parameters", stations=len(around), **told)


def _began(gathered: Gathered) -> int:
    """Return when the trouble began, as far as is known (seconds since 1970)."""
    inquiry = gathered.inquiry
    if inquiry.fault is not None:
        return inquiry.fault.started_at
    return inquiry.ticket.onset_to if gathered.is_sudden else inquiry.ticket.created_at


def _congestion(gathered: Gathered) -> Verdict:
    """Exclude congestion when traffic did not rise and nothing was blocked, with the figures."""
    if not _unlikely(gathered, *CONGESTION):
        return NEITHER
    blocked = gathered.topics["congestion"]
    if blocked.reason is not None:
        return _open(blocked.reason)
    ratios = [traffic_ratio(gathered.seen, m) for m in ("traffic_erl", "data_volume")]
    known = [r for r in ratios if r is not None]
    if not blocked.is_clear or (known and max(known) > ROSE):
        return NEITHER
    figures = figures_of(gathered, "congestion_rate", "sd_congestion", "prb_utilisation")
    if not known:
        return True, finding("excluded.congestion", figures=figures)
    most = max(known)
    key = "excluded.congestion_fell" if most < FELL else "excluded.congestion_same"
    return True, finding(key, share=f"{most:.0%}", figures=figures)


def figures_of(gathered: Gathered, *measures: str) -> list[str]:
    """Return the worst latest value of each measure among the cells told, as words."""
    told = []
    for name in measures:
        last = latest(gathered.seen, name)
        if np.isfinite(last).any():
            told.append(f"measure.{name} {amount(name, float(np.nanmax(last)))}")
    return told


def _by_topic(topic: str, *measures: str, causes: tuple[str, ...]) -> Callable[[Gathered], Verdict]:
    """Return the judge of a hypothesis that one topic of the counters can show."""

    def judge(gathered: Gathered) -> Verdict:
        if not _unlikely(gathered, *causes):
            return NEITHER
        told: Told = gathered.topics[topic]
        if told.reason is not None:
            return _open(told.reason)
        if not told.is_clear:
            return NEITHER
        return True, finding(f"excluded.{topic}", figures=figures_of(gathered, *measures))

    return judge


def _neighbours(gathered: Gathered) -> Verdict:
    """Exclude an outage around when no station around is down and no outage alarm stands."""
    if gathered.no_alarms is not None and gathered.topics["presence"].reason is not None:
        return _open(gathered.no_alarms)
    fault, rows = gathered.inquiry.fault, gathered.sections["neighbourhood"]
    if fault is not None and fault.family == LOSS and fault.extent != "trx":
        return NEITHER
    down = [row for row in troubled(rows) if row["state"] == "down"]
    if down or [r for r in outages(gathered.alarm_rows) if r["role"] == "neighbour"]:
        return NEITHER
    return True, finding("excluded.neighbour", stations=len(rows))


def _account(gathered: Gathered) -> Verdict:
    """Exclude a barred account when the account is active."""
    account = gathered.inquiry.ticket.account
    if account == "active" and _unlikely(gathered, "account_barred"):
        return True, finding("excluded.account")
    if account or not _unlikely(gathered, "account_barred"):
        return NEITHER
    missing = "accounts" in gathered.inquiry.archive.missing
    return _open(
        finding("reason.no_table", table="accounts") if missing else finding("reason.no_account")
    )


def _handset(gathered: Gathered) -> Verdict:
    """Exclude the handset when others are affected."""
    if not _unlikely(gathered, "terminal_fault"):
        return NEITHER
    alike = sum(1 for row in gathered.sections["around"] if row["alike"])
    if gathered.inquiry.ticket.is_group:
        return True, finding("excluded.single")
    if alike >= FEW_ALIKE:
        return True, finding("excluded.others", count=alike)
    return NEITHER


def _works(gathered: Gathered) -> Verdict:
    """Exclude planned work when none was on."""
    inquiry = gathered.inquiry
    if not _unlikely(gathered, "planned_work"):
        return NEITHER
    if gathered.no_changes is not None:
        return _open(gathered.no_changes)
    on = [c for c in gathered.sections["changes"] if c["is_work"] and _is_on(gathered, c)]
    if on:
        return NEITHER
    return True, finding("excluded.works", at=clock(inquiry.knowledge, inquiry.ticket.created_at))


def _is_on(gathered: Gathered, change: dict[str, Any]) -> bool:
    """Tell whether a work was on when the ticket came or since the trouble began."""
    began = gathered.inquiry.iso(min(_began(gathered), gathered.inquiry.ticket.created_at)) or ""
    now = gathered.inquiry.iso(gathered.inquiry.now) or ""
    return bool(change["at"] <= now and (change["until"] is None or change["until"] >= began))


JUDGES: dict[str, Callable[[Gathered], Verdict]] = {
    "weak_coverage": _coverage,
    "parameter_error": _parameters,
    "planned_work": _works,
    "voice_congestion": _congestion,
    "external_interference": _by_topic("interference", "ul_interference_dbm", causes=INTERFERENCE),
    "transmission_errors": _by_topic("transmission", "ber", causes=("transmission_errors",)),
    "antenna_fault": _by_topic("antenna", "vswr", causes=("antenna_fault",)),
    "site_outage": _neighbours,
    "account_barred": _account,
    "terminal_fault": _handset,
}
"""Who judges each hypothesis, in the order in which the procedure meets them."""
