"""Word one incident, once for the terminal and the page: how it stands, how it came about, what belongs to it.

Simple so far: one order of sections for every incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.causes import cause_name
from contract.privacy import masked_numbers
from correlate.case.evidence import rarity
from correlate.case.phrases import sentence
from correlate.case.shares import percentage
from dashboards.case_evidence import AlarmView
from dashboards.case_words import case_words, moment, worded
from dashboards.wording import Words, load_words

WORDS_FILE = Path(__file__).with_name("incident_words.toml")
MARKS = {
    "OPEN": "+", "SPLIT": "+", "SIZE": "+", "GROW": "↑", "SHRINK": "↓", "END": "○", "WITHDRAW": "×",
    "AGAIN": "+", "BACK": "+",
}  # fmt: skip
"""A mark for each kind of rule; any other change is an arrow."""
OPENS = ("OPEN", "AGAIN", "BACK", "SPLIT-1", "SPLIT-3", "SIZE-2", "MERGE-5")
ENDS = ("END", "WITHDRAW", "MERGE-1", "MERGE-3", "SPLIT-5")
"""What the rules begin with by which an incident is open, and by which it is no more."""
SEVERITIES = ("critical", "major", "minor", "warning", "indeterminate")
MOST_ROWS = 16

Dossier = Mapping[str, Any]
Row = Mapping[str, str]


@dataclass(frozen=True)
class IncidentView:
    """Everything of an incident that is shown, worded; every table may be empty.

    `bars` are rows of the timeline: the incident itself, then its alarms by object and name; `span` is its window.
    """

    language: str
    incident_id: str
    words: Words
    lead: str
    facts: tuple[tuple[str, str], ...]
    life: tuple[Row, ...]
    alarms: tuple[Row, ...]
    tickets: tuple[Row, ...]
    notices: tuple[Row, ...]
    past_said: tuple[str, ...]
    past: tuple[Row, ...]
    bars: tuple[AlarmView, ...]
    span: tuple[str, str]
    detected_at: str
    known_until: str


def incident_view(dossier: Dossier, language: str) -> IncidentView:
    """Return an incident worded in a language.

    Parameters
    ----------
    dossier : mapping
        As `correlate.dossier.incident_dossier` returns it.
    language : {"zh", "en"}

    Raises
    ------
    InputError
        If the language is unknown.
    """
    words = load_words(WORDS_FILE, language)
    return IncidentView(
        language=language,
        incident_id=str(dossier["incident_id"]),
        words=words,
        lead=" · ".join(_lead(dossier, words, language)),
        facts=_facts(dossier, words, language),
        life=tuple(_change(row, language) for row in dossier["changes"]),
        alarms=tuple(_alarms(key, rows, words) for key, rows in _by_object(dossier).items()),
        tickets=tuple(_ticket(row, language) for row in dossier["tickets"]),
        notices=tuple(_notice(row, words) for row in dossier["notices"]),
        past_said=tuple(sentence(found, language) for found in dossier["past"]["said"]),
        past=tuple(_past(row, words, language) for row in dossier["past"]["rows"]),
        bars=tuple(_bars(dossier, words)),
        span=_span(dossier),
        detected_at=str(dossier["detected_at"]),
        known_until=moment(dossier["known_until"]),
    )


def _lead(dossier: Dossier, words: Words, language: str) -> list[str]:
    """Return what is likeliest, where, since when, and how it stands."""
    told = [cause_name(dossier["cause"], language), percentage(float(dossier["probability"]))]
    told += [str(dossier["object_id"])] if dossier["object_id"] else []
    return [*told, moment(dossier["started_at"]), words["state"][dossier["state"]]]


def _facts(dossier: Dossier, words: Words, language: str) -> tuple[tuple[str, str], ...]:
    """Return the facts of an incident, label and text, those that are known."""
    note = words["note"]
    joined = {kind: _linked(dossier, kind) for kind in ("merged_into", "split_from")}
    told = (
        ("state", words["state"][dossier["state"]]),
        ("cause", _cause(dossier, language)),
        ("object", str(dossier["object_id"] or "")),
        ("area", " · ".join(filter(None, (_area(dossier), dossier["county"])))),
        ("began", moment(dossier["started_at"])),
        ("detected", moment(dossier["detected_at"])),
        ("ended", moment(dossier["ended_at"])),
        ("frozen", moment(dossier["frozen_at"])),
        ("due", moment(dossier["due_at"])),
        ("reach", note["reach"].format(sites=dossier["sites"], cells=len(dossier["cells"]))),
        ("users", note["users"].format(users=f"{dossier['users']:,.0f}", impact=f"{dossier['impact']:.0f}")),
        ("complaints", note["complaints"].format(
            count=dossier["complaints"], expected=f"{dossier['expected_complaints']:.1f}")),
        ("first_alert", _first_alert(dossier["first"], words)),
        ("root_alarm", _root_alarm(dossier, words)),
        ("recurs", note["recurs"].format(days=rarity(dossier["recurs_days"])) if dossier["recurs_days"] else ""),
        ("merged_into", str(dossier["merged_into"] or "")),
        ("split_from", str(dossier["split_from"] or "")),
        ("took_in", joined["merged_into"]),
        ("split_off", joined["split_from"]),
    )  # fmt: skip
    return tuple((words["label"][key], text) for key, text in told if text)


def _cause(dossier: Dossier, language: str) -> str:
    """Return the likeliest cause with its probability."""
    return f"{cause_name(dossier['cause'], language)} {percentage(float(dossier['probability']))}"


def _area(dossier: Dossier) -> str:
    """Return the names of the place."""
    return masked_numbers(str(dossier["area"] or "").replace("|", " / "))


def _linked(dossier: Dossier, kind: str) -> str:
    """Return the incidents that went into this one, or were split from it."""
    return ", ".join(link["incident_id"] for link in dossier["links"] if link["kind"] == kind)


def _first_alert(first: Mapping[str, Any], words: Words) -> str:
    """Return what gave the incident away."""
    name = " ".join(str(first[key]) for key in ("object_id", "name") if first[key])
    known = "" if first["sort"] in ("counters", "work") else f"({first['id']})"
    told = (words["sort"][first["sort"]], name, known, moment(first["at"]))
    return masked_numbers(" ".join(part for part in told if part))


def _root_alarm(dossier: Dossier, words: Words) -> str:
    """Return the alarm of what is broken itself, or that it raised none; nothing where there are no alarms at all."""
    row = next((row for row in dossier["alarms"] if row["is_root_cause"]), None)
    if row is None:
        return words["note"]["no_root_alarm"] if dossier["alarms"] else ""
    return f"{row['object_id']} {row['name'] or ''} ({row['alarm_id']}) {moment(row['raised_at'])}"


def _change(row: Mapping[str, Any], language: str) -> Row:
    """Return a change worded."""
    kind = str(row["rule"]).partition("-")[0]
    return {
        "at": moment(row["at"]),
        "mark": MARKS.get(kind, "→"),
        "rule": str(row["rule"]),
        "said": masked_numbers(sentence(row["said"], language)),
    }


Alarms = list[Mapping[str, Any]]


def _by_object(dossier: Dossier) -> dict[tuple[str, str], Alarms]:
    """Return the alarms by object and name, those with the root and the first alert before the others."""
    groups: dict[tuple[str, str], Alarms] = {}
    ordered = sorted(
        dossier["alarms"], key=lambda a: (not a["is_root_cause"], not a["is_first_alert"])
    )
    for row in ordered:
        groups.setdefault((str(row["object_id"]), str(row["name"] or "")), []).append(row)
    return groups


def _alarms(key: tuple[str, str], rows: Alarms, words: Words) -> Row:
    """Return the alarms of an object and name as one row."""
    parts = {"root": "is_root_cause", "first": "is_first_alert"}
    cleared = [row["cleared_at"] for row in rows]
    return {
        "object": key[0],
        "name": masked_numbers(key[1]),
        "severity": _worst(rows),
        "count": str(len(rows)),
        "raised": moment(min(row["raised_at"] for row in rows)),
        "cleared": moment(max(cleared)) if all(cleared) else words["note"]["in_force"],
        "part": ", ".join(
            words["part"][part] for part, flag in parts.items() if any(row[flag] for row in rows)
        ),
    }


def _worst(rows: Alarms) -> str:
    """Return the worst severity of some alarms."""
    return min((_severity(row) for row in rows), key=SEVERITIES.index)


def _severity(row: Mapping[str, Any]) -> str:
    """Return the severity of an alarm."""
    return row["severity"] if row["severity"] in SEVERITIES else "indeterminate"


def _ticket(row: Mapping[str, Any], language: str) -> Row:
    """Return a complaint worded: no number, no words of its customer."""
    shared = case_words(language)
    share = f" {percentage(float(row['probability']))}" if row["probability"] is not None else ""
    return {
        "at": moment(row["created_at"]),
        "ticket": str(row["ticket_id"]),
        "place": masked_numbers(str(row["place"] or "")),
        "symptom": worded(shared, "symptom", row["symptom"]),
        "cause": f"{cause_name(row['cause'], language)}{share}" if row["cause"] else "",
        "closed": cause_name(row["closed_as"], language) if row["closed_as"] else "",
        "covered": str(row["covered_by"] or ""),
    }


def _notice(row: Mapping[str, Any], words: Words) -> Row:
    """Return a notice worded."""
    end = worded(words, "end", row["end_reason"]) if row["end_reason"] else words["note"]["out"]
    return {
        "notice": str(row["interception_id"]),
        "issued": moment(row["issued_at"]),
        "until": " ".join(part for part in (moment(row["valid_until"]), end) if part),
        "users": f"{row['users']:,.0f}",
        "expected": f"{row['expected_complaints']:.1f}",
        "script": masked_numbers(str(row["script"] or "")),
    }


def _past(row: Mapping[str, Any], words: Words, language: str) -> Row:
    """Return an incident of the past worded."""
    note, orders = words["note"], ""
    if row["orders"]:
        cause = cause_name(row["closed_as"], language)
        orders = note["orders"].format(cause=cause, count=row["closed_count"], orders=row["orders"])
    return {
        "incident": str(row["incident_id"]),
        "cause": cause_name(row["cause"], language),
        "object": str(row["object_id"] or ""),
        "began": moment(row["started_at"]),
        "ended": moment(row["ended_at"]) or note["lasting"],
        "state": words["state"][row["state"]],
        "orders": orders,
    }


def _span(dossier: Dossier) -> tuple[str, str]:
    """Return the window of the timeline: from the first sign to the last change, a tenth more on each side."""
    ends = [dossier["started_at"], *(row["at"] for row in dossier["changes"])]
    ends += [row["raised_at"] for row in dossier["alarms"]]
    ends += [row["cleared_at"] for row in dossier["alarms"] if row["cleared_at"]]
    last = dossier["ended_at"] or dossier["known_until"] or max(ends)
    shown = [at for at in ends if at <= last] or [last]
    return min(shown), max([*shown, last])


def _bars(dossier: Dossier, words: Words) -> list[AlarmView]:
    """Return the rows of the timeline: the incident itself, then its alarms by object and name."""
    own = _bar(str(dossier["incident_id"]), words["label"]["open_span"], "warning", _open(dossier))
    bars = [own]
    for (object_id, name), rows in _by_object(dossier).items():
        spans = [(str(row["raised_at"]), row["cleared_at"]) for row in rows]
        bars.append(_bar(object_id, masked_numbers(name), _worst(rows), spans))
    return bars


def _bar(
    object_id: str, name: str, severity: str, spans: list[tuple[str, str | None]]
) -> AlarmView:
    """Return one row of the timeline."""
    ends = [end or "" for _, end in spans]
    return AlarmView(
        object_id=object_id,
        name=name,
        code="",
        severity=severity,
        effect="",
        count=len(spans),
        first=moment(min(begin for begin, _ in spans)) if spans else "",
        last=moment(max(ends)) if all(ends) and ends else "",
        in_force=not all(ends),
        by_day=(),
        spans=tuple(spans),
    )


def _open(dossier: Dossier) -> list[tuple[str, str | None]]:
    """Return the times in which an incident was open."""
    spans: list[tuple[str, str | None]] = []
    begin = ""
    for row in dossier["changes"]:
        rule = str(row["rule"])
        if rule.startswith(ENDS) and begin:
            spans, begin = [*spans, (begin, str(row["at"]))], ""
        elif rule.startswith(OPENS):
            begin = begin or str(row["at"])
    return [*spans, (begin, None)] if begin else spans
