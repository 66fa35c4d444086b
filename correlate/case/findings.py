"""Walk the steps of the procedure for one ticket and put down what each found, was not found or was not asked.

Steps, parts and their numbers are those of the operators' decision tree (domain notes 1.1): 1 the ticket, 2 the place,
3 alarms, 4 hidden faults, 5 coverage, 6 the reply, 7 what is done beside it.

Simple so far: all steps are walked for every ticket; those that earlier ones made needless say so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from correlate.case.alarms import TEN_DAYS_S, repeated
from correlate.case.gathered import COVERAGE, Gathered
from correlate.case.incident_story import past_finding
from correlate.case.inquiry import clock, latest_told
from correlate.case.number_sightings import SEEN_S, number_sightings
from correlate.case.phrases import Finding, finding
from correlate.case.place import planned_sites, troubled
from correlate.case.questions import is_vague
from correlate.case.step_parts import Part, part, step_of, unneeded
from correlate.faults import existence
from correlate.tickets import NEVER

DAY_S = 86400
TWO_DAYS_S = 2 * DAY_S
MOST = 12
SEVERE_SITES, SEVERE_USERS = 10, 10_000.0
"""A fault of so many sites or users is told to the province (start values)."""


def steps_of(
    gathered: Gathered,
    *,
    previous: dict[str, Any],
    reply: dict[str, list[Finding]],
    questions: list[Finding],
) -> list[dict[str, Any]]:
    """Return the seven steps as `correlate.case.step_parts.step_of` lays them down.

    Parameters
    ----------
    previous, reply, questions
        As `previous_section`, `reply_of` and `questions_of` return them.
    """
    walked = (
        ("1", "ticket", _ticket(gathered)),
        ("2", "place", _place(gathered, questions)),
        ("3", "alarms", _alarms(gathered)),
        ("4", "hidden", _hidden(gathered)),
        ("5", "coverage", _coverage(gathered, questions)),
        ("6", "reply", _reply(gathered, previous, reply)),
        ("7", "beside", _beside(gathered)),
    )
    return [step_of(gathered.inquiry, number, key, parts) for number, key, parts in walked]


def _ticket(gathered: Gathered) -> list[Part]:
    """Read the ticket: time, place, trouble, previous node, company, beginning."""
    inquiry, ticket = gathered.inquiry, gathered.inquiry.ticket
    at = ticket.created_at
    said = gathered.sections["ticket"]
    trouble = [finding("find.symptom", symptom=[f"symptom.{s}" for s in said["symptoms"]])]
    place = [finding("find.place_named", names=list(ticket.names))] if ticket.names else []
    number = [finding("find.account", state=f"account.{ticket.account}")] if ticket.account else []
    if said["repeat"]:
        number.append(finding("find.repeat", count=said["repeat"]))
    opinion = [finding("find.previous", text=said["previous_opinion"])] if ticket.previous else []
    return [
        part("1.1", "created", at, [finding("find.created", at=clock(inquiry.knowledge, at))]),
        part("1.2", "said_place", at, place),
        part("1.3", "trouble", at, trouble if said["symptoms"] else []),
        part("1.4", "opinion", at, opinion),
        part("1.5", "company", inquiry.now - DAY_S, _company(gathered)),
        part("1.6", "onset", at, _onset(gathered)),
        part("1.7", "number", at, number),
    ]


def _company(gathered: Gathered) -> list[Finding]:
    """Return whether others suffer the same, as said and as other complaints show."""
    said, around = gathered.sections["ticket"], gathered.sections["around"]
    told = [] if said["group"] == "unknown" else [finding(f"find.{said['group']}")]
    if said["second_numbers"]:
        told.append(finding("find.second", numbers=list(said["second_numbers"])))
    alike = sum(1 for row in around if row["alike"])
    same = sum(1 for row in around if row["same_incident"])
    if alike:
        told.append(finding("find.around", hours=24, count=alike))
    if same:
        told.append(finding("find.same_incident", count=same))
    return told


def _onset(gathered: Gathered) -> list[Finding]:
    """Return since when, by the customer's words."""
    ticket, knowledge = gathered.inquiry.ticket, gathered.inquiry.knowledge
    if ticket.is_chronic:
        return [finding("find.chronic")]
    if ticket.onset_to == NEVER:
        return [finding("find.onset_unsaid", at=clock(knowledge, ticket.created_at))]
    return [finding("find.onset", at=latest_told(knowledge, ticket.onset_to))]


def _place(gathered: Gathered, questions: list[Finding]) -> list[Part]:
    """Locate the serving station: by the register, by the address, by asking; and its neighbours."""
    inquiry = gathered.inquiry
    at, vague = inquiry.ticket.created_at, is_vague(gathered)
    cells = _cells(gathered)
    named = inquiry.ticket.basis in ("address", "coordinates", "county")
    basis = gathered.sections["place"]["why"]["values"]["told"][:1]
    asked = [q for q in questions if q["key"] in ("ask.there", "ask.place", "ask.relative")]
    call = (
        part("2c", "call", inquiry.now, asked)
        if vague and asked
        else unneeded("2c", "call", inquiry.now, "place_known" if not vague else "fault_known")
    )
    return [
        _register(gathered),
        part("2b", "address", at, [*basis, *cells] if named or cells else []),
        call,
        part(
            "2d",
            "neighbours",
            inquiry.now - TEN_DAYS_S,
            _stations(gathered),
            reason=_unheard(gathered),
        ),
    ]


def _register(gathered: Gathered) -> Part:
    """Say where the number was last seen, and whether that is at the place."""
    inquiry, number = gathered.inquiry, gathered.inquiry.ticket.msisdn
    since = inquiry.ticket.created_at - SEEN_S
    reason = None
    if "locations" in inquiry.archive.missing:
        reason = finding("reason.no_table", table="locations")
    elif not number:
        reason = finding("reason.no_number")
    told = []
    for seen in number_sightings(inquiry)[:3]:
        told.append(
            finding(
                "find.seen",
                cell=seen.sighting.cell_id,
                at=clock(inquiry.knowledge, seen.sighting.seen_at),
                source=seen.sighting.source.upper(),
                where="find.at_place" if seen.is_at_place else "find.elsewhere",
            )
        )
    return part("2a", "register", since, told, reason=reason)


def _cells(gathered: Gathered) -> list[Finding]:
    """Return the cells that serve the place, and the chance that none does."""
    place = gathered.sections["place"]
    told = [
        finding(
            "find.cell",
            cell=row["cell_id"],
            name=row["site_name"],
            p=f"{row['probability']:.2f}",
            d=f"{row['distance_m'] / 1000:.1f} km",
        )
        for row in place["cells"]
        if row["probability"] >= 0.005
    ]
    if not told:
        return []
    current = [f"{row['cell_id']} {row['probability']:.2f}" for row in place["current"][:3]]
    if place["current"]:
        told.append(finding("find.current", cells=current))
    return [*told, finding("find.nothing_serves", p=f"{place['nothing']:.2f}")]


def _unheard(gathered: Gathered) -> Finding | None:
    """Return why the neighbours could not be looked at: neither alarms nor counters of any came."""
    if not len(gathered.inquiry.around):
        return finding("reason.no_place")
    states = {row["state"] for row in gathered.sections["neighbourhood"]}
    return finding("reason.nothing_heard") if states <= {"unknown"} else None


def _stations(gathered: Gathered) -> list[Finding]:
    """Return the stations that are down or degraded, own and around."""
    told = []
    for row in troubled(gathered.sections["neighbourhood"])[:MOST]:
        since = str(row["since"] or "")[:16].replace("T", " ")
        key = "find.station_down" if row["state"] == "down" else "find.station_degraded"
        told.append(finding(key, name=row["site_name"], role=f"role.{row['role']}", at=since))
    return told


def _alarms(gathered: Gathered) -> list[Part]:
    """Ask for alarms of the own stations and their neighbours; a fault goes to the county."""
    since, reason = gathered.inquiry.now - TEN_DAYS_S, gathered.no_alarms
    rows = gathered.alarm_rows
    own = [_alarm(r) for r in rows if r["role"] != "neighbour"]
    others = [_alarm(r) for r in rows if r["role"] == "neighbour"]
    return [
        part("3.1", "own_alarms", since, own[:MOST], reason=reason),
        part("3.2", "other_alarms", since, others[:MOST], reason=reason),
        _county(gathered),
    ]


def _alarm(row: dict[str, Any]) -> Finding:
    """Return a row of alarms as a finding."""
    return finding(
        "find.alarm",
        object=row["object_id"],
        name=row["name"],
        count=row["count"],
        first=str(row["first"])[5:16].replace("T", " "),
        last=str(row["last"])[5:16].replace("T", " "),
        state="find.in_force" if row["in_force"] else "",
    )


def _county(gathered: Gathered) -> Part:
    """Say what to ask the county's contact, when there is a fault."""
    inquiry, fault = gathered.inquiry, gathered.inquiry.fault
    if fault is None:
        return unneeded("3a", "county", inquiry.now, "no_fault")
    at = clock(inquiry.knowledge, fault.started_at)
    told = finding("find.contact", object=fault.object_id, cause=inquiry.cause, at=at)
    return part("3a", "county", inquiry.now, [told])


def _hidden(gathered: Gathered) -> list[Part]:
    """Ask the counters for hidden faults, then repeated alarms, the main carriers, and changes."""
    inquiry = gathered.inquiry
    since = inquiry.now - TWO_DAYS_S
    parts = [
        part(f"4.{n}", key, since, told.findings, reason=told.reason, figures=told.figures)
        for n, (key, told) in enumerate(gathered.topics.items(), start=1)
    ]
    ten_days, n = inquiry.now - TEN_DAYS_S, len(parts)
    again = [
        finding("find.repeated", object=r["object_id"], name=r["name"], count=r["count"])
        for r in repeated(gathered.alarm_rows)
    ]
    changed = [_change(row) for row in gathered.sections["changes"]]
    return [
        *parts,
        part(f"4.{n + 1}", "repeated", ten_days, again[:MOST], reason=gathered.no_alarms),
        _main_carriers(gathered, f"4.{n + 2}"),
        part(f"4.{n + 3}", "changes", ten_days, changed[:MOST], reason=gathered.no_changes),
    ]


def _main_carriers(gathered: Gathered, number: str) -> Part:
    """Say which carriers are the main ones (MBCCH) of the GSM cells, and which of those are in alarm."""
    inquiry = gathered.inquiry
    since = inquiry.now - TEN_DAYS_S
    own = np.concatenate(
        [inquiry.knowledge.reach.cells_of[s] for s in inquiry.own.tolist()] or [[]]
    )
    gsm = [int(c) for c in own.tolist() if inquiry.knowledge.reach.is_gsm[int(c)]]
    if not gsm:
        return unneeded(number, "main_carriers", since, "no_gsm")
    names = {c: inquiry.archive.lay.bcch_trx[c] for c in gsm}
    if not any(names.values()):
        return unneeded(number, "main_carriers", since, "no_carriers")
    in_alarm = {r["object_id"] for r in gathered.alarm_rows}
    told = []
    for cell, carrier in names.items():
        cell_id = str(inquiry.knowledge.cell_ids[cell])
        if carrier and f"{cell_id}/TRX-{carrier}" in in_alarm:
            told.append(finding("find.main_carrier", cell=cell_id, carrier=f"TRX{carrier}"))
    figures = [
        finding("find.carrier", cell=str(inquiry.knowledge.cell_ids[c]), carrier=f"TRX{n}")
        for c, n in names.items()
        if n
    ]
    return part(
        number, "main_carriers", since, told, reason=gathered.no_alarms, figures=figures[:MOST]
    )


def _change(row: dict[str, Any]) -> Finding:
    """Return a change as a finding."""
    at = str(row["at"])[:16].replace("T", " ")
    values = {"object": row["object_id"], "parameter": row["parameter"], "at": at}
    if row["is_work"] and row["until"]:
        until = str(row["until"])[:16].replace("T", " ")
        return finding("find.work", until=until, **values)
    if row["old_value"] or row["new_value"]:
        return finding("find.changed", old=row["old_value"], new=row["new_value"], **values)
    return finding("find.change", **values)


def _coverage(gathered: Gathered, questions: list[Finding]) -> list[Part]:
    """Judge coverage where the back office found no cause: planned site, value of one, test on site."""
    inquiry = gathered.inquiry
    now = inquiry.now
    if gathered.is_network_fault and not gathered.suspects_coverage:
        return [unneeded("5", "thin", now, "fault_known")]
    p = inquiry.chance(*COVERAGE)
    nothing = f"{inquiry.ticket.nothing:.2f}"
    thin = (
        [finding("find.thin", p=f"{p:.2f}", nothing=nothing)] if gathered.suspects_coverage else []
    )
    no_place = None if inquiry.is_placed else finding("reason.no_place")
    planned = [
        finding(
            "find.planned",
            name=row["site_name"],
            d=f"{(row['distance_m'] or 0) / 1000:.1f} km",
            at=row["planned_on_air"] or "word.unknown",
        )
        for row in planned_sites(inquiry)
    ]
    value = [q for q in questions if q["key"] == "ask.households"]
    test = [] if gathered.is_network_fault or gathered.suspects_coverage else [finding("find.test")]
    return [
        part("5a", "thin", now, thin, reason=no_place),
        part("5a-1", "planned", now, planned, reason=no_place),
        part("5a-2", "site_value", now, value)
        if gathered.suspects_coverage
        else unneeded("5a-2", "site_value", now, "not_thin"),
        part("5b", "test", now, test) if test else unneeded("5b", "test", now, "cause_known"),
    ]


def _reply(
    gathered: Gathered, previous: dict[str, Any], reply: dict[str, list[Finding]]
) -> list[Part]:
    """Put down the conclusion, what the reply says, and the answer to the previous node."""
    now, first = gathered.inquiry.now, gathered.causes[0]
    p = f"{first['probability']:.2f}"
    concluded = finding("find.undecided", cause=first["cause"], p=p)
    if first["object_id"] and first["fault_started_at"]:
        at = str(first["fault_started_at"])[:16].replace("T", " ")
        concluded = finding(
            "find.conclusion", cause=first["cause"], p=p, object=first["object_id"], at=at
        )
    answered = (
        part("6.2", "answered", now, previous["answer"])
        if previous["asks"]
        else unneeded("6.2", "answered", now, "nothing_asked")
    )
    return [
        part("6.1", "conclusion", now, [concluded]),
        answered,
        part("6.3", "drafted", now, reply["classification"]),
        part("6.4", "callback", now, [finding("find.call_back")]),
    ]


def _beside(gathered: Gathered) -> list[Part]:
    """Say what is done in parallel: incident, notice, word to the province."""
    inquiry, fault = gathered.inquiry, gathered.inquiry.fault
    now = inquiry.now
    if fault is None:
        return [unneeded(n, key, now, "no_fault") for n, key in BESIDE]
    state = inquiry.state
    incident = []
    if existence(fault) >= 0.5:
        name = fault.incident_id or "word.new"
        incident.append(finding("find.incident", incident=name, object=fault.object_id))
    told = gathered.sections.get("incident")
    incident += _life(told) if told else []
    notice = state.open_notice.get(fault.number)
    out = [] if notice is None else [finding("find.notice", notice=notice.interception_id)]
    sites = len(np.unique(inquiry.knowledge.reach.site_of[fault.cells]))
    users = float((inquiry.knowledge.users[fault.cells] * fault.degree).sum())
    severe = sites >= SEVERE_SITES or users >= SEVERE_USERS
    words = [finding("find.severe", sites=sites, users=round(users))] if severe else []
    found = (incident, out, words)
    return [part(n, key, now, f) for (n, key), f in zip(BESIDE, found, strict=True)]


def _life(told: dict[str, Any]) -> list[Finding]:
    """Return the last change of an incident since it was opened, and the same incident in the past."""
    past = past_finding(told["past"])
    if len(told["changes"]) < 2:
        return past
    last = told["changes"][-1]
    at = str(last["at"])[:16].replace("T", " ")
    return [finding("find.last_change", at=at, said=last["said"]), *past]


BESIDE = (("7.1", "incident"), ("7a", "notice"), ("7b", "province"))
