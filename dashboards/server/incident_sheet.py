"""Word the page of one incident on the server: its story on one axis, evidence, trees, map, notices and acts.

Simple so far: laid out anew for each question; nothing is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from markupsafe import Markup

from contract.causes import CAUSES, cause_name
from contract.privacy import masked_numbers
from contract.references import distance_km
from correlate.acts.taking import EFFECTIVE
from correlate.case.shares import percentage
from correlate.live.acting import may_undo
from dashboards.case_words import case_words, moment, worded
from dashboards.incident_lanes import Band, Item, Lane, lanes_drawing
from dashboards.incident_tree import Branch, branch_of
from dashboards.incident_view import IncidentView, incident_view
from dashboards.place_map import place_map
from dashboards.wording import Words, load_words

WORDS_FILE = Path(__file__).with_name("incident_words.toml")
ACT_WORDS_FILE = Path(__file__).with_name("act_words.toml")
MOST_LANES, MOST_PARTS = 14, 8
NEAR_KM, MOST_NEAR = 12.0, 14
FULL_WEIGHT = 8.0
"""Log weight that fills a bar."""
LEAST_SHARE = 0.005
"""Chance from which a cause is listed."""
COLON = {"zh": "：", "en": ": "}
CHANNELS = ("agent", "ivr", "sms")

Row = Mapping[str, Any]
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Weight:
    """What one kind of evidence says: its word, the log weight and how far it fills a bar (0 to 1)."""

    word: str
    weight: float
    share: float


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against: a fault at all, its cause rather than the next; and the likely causes."""

    real: str
    for_fault: tuple[Weight, ...]
    why_cause: str
    for_cause: tuple[Weight, ...]
    causes: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class NoticeSheet:
    """A notice with all its scripts, and which acts it allows now."""

    notice_id: str
    state: str
    facts: tuple[tuple[str, str], ...]
    scripts: tuple[tuple[str, str, str], ...]
    acts: tuple[str, ...]


@dataclass(frozen=True)
class ActRow:
    """An act of a person as it is listed; `undoes` is its id where it can be taken back yet, and where that is sent."""

    at: str
    who: str
    what: str
    said: str
    outcome: str
    outcome_kind: str
    undoes: str
    address: str


@dataclass(frozen=True)
class IncidentSheet:
    """Everything the page shows."""

    view: IncidentView
    timeline: Markup
    evidence: Evidence | None
    branch: Branch | None
    map: Markup
    notices: tuple[NoticeSheet, ...]
    acts: tuple[ActRow, ...]
    said_due: str
    is_lasting: bool
    may_reopen: bool


def sheet_words(language: str) -> Words:
    """Return the words of the page."""
    return load_words(WORDS_FILE, language)


def act_words(language: str) -> Words:
    """Return the words of acts."""
    return load_words(ACT_WORDS_FILE, language)


def network_causes(language: str) -> list[tuple[str, str]]:
    """Return the causes that an incident may be closed with, code and name, by name."""
    told = [(code, cause_name(code, language)) for code, one in CAUSES.items() if one.is_network]
    return sorted(told, key=lambda pair: pair[1])


def incident_sheet(
    dossier: Row, acts: Sequence[Row], inventory: Tables, *, language: str, zone: str
) -> IncidentSheet:
    """Return the page of an incident, worded.

    Parameters
    ----------
    dossier : mapping
        As `correlate.live.dossiers.live_dossier` returns it.
    acts : sequence of mapping
        What people did to it and to its notices, in order, as `correlate.live.views.acts` gives it.
    inventory : mapping of table name to DataFrame
    """
    words, view = sheet_words(language), incident_view(dossier, language)
    due = dossier["said_due_at"]
    return IncidentSheet(
        view=view,
        timeline=_timeline(dossier, view, acts, language=language, zone=zone),
        evidence=_evidence(dossier["evidence"], words, language),
        branch=branch_of(inventory, str(dossier["object_id"] or ""), dossier["site_ids"]),
        map=_map(dossier, inventory, words),
        notices=tuple(_notice(row, words, zone) for row in reversed(dossier["sheets"])),
        acts=tuple(_act(row, language, zone) for row in reversed(acts)),
        said_due=words["note"]["said_due"].format(at=_clock(due, zone)) if due else "",
        is_lasting=dossier["state"] == "open",
        may_reopen=dossier["state"] == "ended" and not dossier["frozen_at"],
    )


def _clock(at: object, zone: str) -> str:
    """Return seconds since 1970 as an instant to the minute; empty for none."""
    return "" if at is None else moment(_iso(at, zone))


def _iso(at: object, zone: str) -> str:
    """Return seconds since 1970 as ISO 8601, empty for none."""
    if at is None:
        return ""
    return dt.datetime.fromtimestamp(int(str(at)), tz=ZoneInfo(zone)).isoformat()


def _timeline(
    dossier: Row, view: IncidentView, acts: Sequence[Row], *, language: str, zone: str
) -> Markup:
    """Return the story on one axis of time."""
    words = sheet_words(language)
    lane, bands = words["lane"], []
    own = view.bars[0]
    bars = [_bars(own.spans, "warning", f"{lane['open']}")]
    versions = tuple(
        Item(str(row["at"]), shape="version", text=f"{moment(row['at'])} {said['said']}")
        for row, said in zip(dossier["changes"], view.life, strict=True)
    )
    bands.append(
        Band(
            lane["incident"],
            (
                Lane(lane["open"], tuple(bars[0])),
                Lane(lane["versions"], versions, count=f"{len(versions)}"),
            ),
        )
    )
    alarms = tuple(
        Lane(
            f"{bar.object_id} {bar.name}",
            tuple(_bars(bar.spans, bar.severity, f"{bar.object_id} {bar.name}")),
            severity=bar.severity,
            count=f"{bar.count}×",
        )
        for bar in view.bars[1 : MOST_LANES + 1]
    )
    bands.append(Band(lane["alarms"], alarms))
    bands.append(Band(lane["counters"], _counters(dossier["evidence"], language, zone)))
    bands.append(Band(lane["complaints"], _complaints(dossier, language)))
    bands.append(Band(lane["notices"], _notice_lanes(dossier, words, zone)))
    bands.append(Band(lane["acts"], _act_lanes(acts, language, zone)))
    since = [view.span[0], *(item.begin for b in bands for one in b.lanes for item in one.items)]
    until = [view.span[1], *(_iso(row["at"], zone) for row in acts)]
    until += [str(row["at"]) for row in dossier["changes"] if row["rule"] != "FREEZE-1"]
    return lanes_drawing(bands, (min(since), max(until)), title=words["part"]["story"])


def _bars(spans: Sequence[tuple[str, str | None]], severity: str, text: str) -> list[Item]:
    """Return spans as bars."""
    return [
        Item(
            begin,
            end or "",
            lasts=not end,
            fill=severity,
            text=f"{text} {moment(begin)} – {moment(end)}",
        )
        for begin, end in spans
    ]


def _counters(evidence: Row | None, language: str, zone: str) -> tuple[Lane, ...]:
    """Return what counters showed, a lane for each kind."""
    if evidence is None:
        return ()
    words, lanes = sheet_words(language), []
    for row in evidence["counters"]:
        name = worded(words, "kind", row["kind"])
        span = (_iso(row["began_at"], zone), _iso(row["ended_at"], zone) or None)
        lanes.append(Lane(name, tuple(_bars([span], "minor", name)), count=f"{len(row['cells'])}×"))
    return tuple(lanes)


def _complaints(dossier: Row, language: str) -> tuple[Lane, ...]:
    """Return the complaints as marks."""
    shared = case_words(language)
    found = [
        Item(
            str(row["created_at"]),
            shape="complaint",
            text=f"{row['ticket_id']} {moment(row['created_at'])} {worded(shared, 'symptom', row['symptom'])}",
        )
        for row in dossier["tickets"]
    ]
    name = sheet_words(language)["lane"]["complaints"]
    return (Lane(name, tuple(found), count=f"{len(found)}"),) if found else ()


def _notice_lanes(dossier: Row, words: Words, zone: str) -> tuple[Lane, ...]:
    """Return the notices, from draft to end, a lane each."""
    lanes = []
    for row in dossier["sheets"][-4:]:
        name = f"{row['notice_id']} {words['notice_state'][row['state']]}"
        span = (_iso(row["drafted_at"], zone), _iso(row["over_at"], zone) or None)
        lanes.append(Lane(name, tuple(_bars([span], "cleared", name))))
    return tuple(lanes)


def _act_lanes(acts: Sequence[Row], language: str, zone: str) -> tuple[Lane, ...]:
    """Return the acts as marks."""
    found = []
    for row in acts:
        worded_act = _act(row, language, zone)
        text = " ".join((worded_act.at, worded_act.who, worded_act.what))
        found.append(Item(_iso(row["at"], zone), shape="act", text=text))
    name = sheet_words(language)["part"]["log"]
    return (Lane(name, tuple(found), count=f"{len(found)}"),) if found else ()


def _evidence(told: Row | None, words: Words, language: str) -> Evidence | None:
    """Return what speaks for and against, worded."""
    if told is None:
        return None
    causes = [(cause_name(code, language), percentage(p), float(p)) for code, p in told["causes"]]
    why = words["evidence"]["for_cause"].format(first=causes[0][0], second=causes[1][0])
    causes = [cause for cause in causes if cause[2] >= LEAST_SHARE] or causes[:1]
    return Evidence(
        real=percentage(float(told["real"])),
        for_fault=_weights(told["for_fault"], words),
        why_cause=why,
        for_cause=_weights(told["for_cause"], words),
        causes=tuple(causes),
    )


def _weights(weights: Mapping[str, float], words: Words) -> tuple[Weight, ...]:
    """Return weights worded, what speaks for it first, the strongest above."""
    return tuple(
        Weight(words["evidence"][name], weight, min(1.0, abs(weight) / FULL_WEIGHT))
        for name, weight in sorted(weights.items(), key=lambda pair: -pair[1])
    )


def _map(dossier: Row, inventory: Tables, words: Words) -> Markup:
    """Return the cells of an incident on a map, with stations near them."""
    cells, sites = inventory["cells"], inventory["sites"].dropna(subset=["lon", "lat"])
    own = cells[cells["cell_id"].isin(dossier["cells"]).to_numpy(bool)]
    here = sites[sites["site_id"].isin(own["site_id"]).to_numpy(bool)]
    if here.empty:
        return Markup("")
    placed = own.merge(here[["site_id", "lon", "lat"]], on="site_id")
    middle = (float(here["lon"].mean()), float(here["lat"].mean()))
    away = distance_km(sites["lon"].to_numpy(), sites["lat"].to_numpy(), middle)
    is_near = (away <= NEAR_KM) & ~sites["site_id"].isin(here["site_id"]).to_numpy(bool)
    near = sites.iloc[np.flatnonzero(is_near)[np.argsort(away[is_near], kind="stable")[:MOST_NEAR]]]
    columns = ["lon", "lat", "azimuth_deg", "beamwidth_deg"]
    place = {
        "cells": [_known(row) | {"probability": 1.0} for row in placed[columns].to_dict("records")],
        "sites": _stations(here, "serving") + _stations(near, "neighbour"),
    }
    return place_map(place, words, name="cells")


def _stations(sites: pd.DataFrame, role: str) -> list[dict[str, Any]]:
    """Return sites as stations of the map."""
    rows = sites[["site_id", "site_name", "lon", "lat"]].to_dict("records")
    return [_known(row) | {"role": role} for row in rows]


def _known(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row with nothing where nothing is known."""
    return {str(k): None if pd.isna(v) else v for k, v in row.items()}


def _notice(row: Row, words: Words, zone: str) -> NoticeSheet:
    """Return a notice worded, with the acts that its state allows."""
    state, field = str(row["state"]), words["field"]
    acts = {
        "drafted": ("approve", "issue", "edit", "withdraw"),
        "approved": ("issue", "edit", "withdraw"),
        "issued": ("edit", "withdraw"),
    }.get(state, ())
    told = (
        (field["due"], _clock(row.get("due_at"), zone)),
        (field["issued"], _clock(row.get("issued_at"), zone)),
        (field["level"], words["level"][str(row.get("level") or "county")]),
        (field["revision"], str(row.get("revision") or 0)),
        (field["unit"], str(row.get("unit") or "")),
    )
    scripts = tuple(
        (f"{channel}_{language}", f"{words['channel'][channel]} {language}", masked_numbers(text))
        for language in ("zh", "en")
        for channel in CHANNELS
        if (text := str(row.get(f"{channel}_{language}") or ""))
    )
    facts = tuple((label, text) for label, text in told if text)
    return NoticeSheet(str(row["notice_id"]), state, facts, scripts, acts)


def _act(row: Row, language: str, zone: str) -> ActRow:
    """Return an act worded."""
    words, subject = act_words(language), str(row["subject_kind"])
    content = row["content"]
    said = [str(content[name]) for name in ("to", "into", "text", "reply") if content.get(name)]
    if "due_at" in content:
        said.insert(0, _clock(content["due_at"], zone))
    if "cause" in content:
        said.insert(0, cause_name(content["cause"], language))
    said += [str(text) for text in (content.get("scripts") or {}).values()]
    if parts := [*content.get("sites", ()), *content.get("cells", ())]:
        more = words["note"]["more_parts"].format(count=len(parts) - MOST_PARTS)
        said.insert(0, ", ".join(parts[:MOST_PARTS]) + (more if len(parts) > MOST_PARTS else ""))
    kind, detail = _outcome(row), str(row.get("outcome_detail") or "")
    outcome = words["outcome"][kind]
    if detail:
        outcome = f"{outcome}{COLON[language]}{worded(words, 'reason', detail)}"
    what = words[subject][str(row["kind"])]
    if subject == "notice" or row.get("is_elsewhere"):
        what = f"{row['subject_id']} {what}"
    return ActRow(
        at=_clock(row["at"], zone),
        who=str(row["who"]),
        what=what,
        said=" · ".join(said),
        outcome=outcome,
        outcome_kind=kind,
        undoes=str(row["act_id"] or "") if may_undo(row) else "",
        address=f"/{subject}s/{row['subject_id']}/acts",
    )


def _outcome(row: Row) -> str:
    """Return what became of an act: `noted` where it changes nothing in the model, `waiting` until a step took it."""
    if row["kind"] not in EFFECTIVE[str(row["subject_kind"])]:
        return "noted"
    return str(row["outcome"] or "waiting")
