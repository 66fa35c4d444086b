"""Lay out what stands beside the map as components of Dash: figures along the top, the list of faults, finds.

Simple so far: the list shows `MOST_LISTED` faults; the rest are found by searching.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from dash import html

from contract.ledger.accounts import Caller
from dashboards.server.live_map.finding import Found
from dashboards.server.live_map.layout import HIDDEN
from dashboards.server.live_map.marks import LEAST_SHOWN
from dashboards.server.live_map.scenes import TEAM, Standing
from dashboards.server.live_map.traces import INCIDENT, Look, area_of, cause_of
from dashboards.wording import Words

MOST_LISTED = 50
CLOSER = 12.5
"""Zoom to which the map goes for one mark."""


def headline(stood: Standing, *, caller: Caller, look: Look, zone: str) -> list[Any]:
    """Return the figures along the top."""
    words, figures = look.words["figure"], stood.figures
    is_hidden = not caller.may(TEAM) and figures.complaints < LEAST_SHOWN
    rate = words["unknown"] if figures.per_10k is None else f"{figures.per_10k:.2f}"
    count = f"{figures.complaints:,}"
    if is_hidden:
        rate = words["unknown"]
        count = words["hidden"].format(least=LEAST_SHOWN)
    step = (
        words["unknown"]
        if figures.step_at is None
        else clock(figures.step_at, stood.moment.at, zone)
    )
    return [
        _figure(f"{figures.faults:,}", words["faults"]),
        _figure(f"{figures.users:,.0f}", words["users"]),
        _figure(f"{figures.notices:,}", words["notices"]),
        _figure(rate, words["rate"], *_target(stood, words, is_hidden=is_hidden)),
        _figure(count, words["complaints"].format(count="").strip()),
        _figure(f"{figures.alarms:,}", words["alarms"]),
        _figure(step, words["step"]),
    ]


def fault_list(stood: Standing, *, caller: Caller, look: Look, zone: str) -> list[Any]:
    """Return the list of faults, in the order of complaints to come; few complaints are told the network team alone."""
    if not len(stood.faults):
        return [html.Li(look.words["map"]["no_faults"], className="empty")]
    rows = stood.faults.iloc[:MOST_LISTED].to_dict("records")
    least = 0 if caller.may(TEAM) else LEAST_SHOWN
    now = stood.moment.at
    listed = [
        _fault(
            row,
            _facts(row, look.words, least=least),
            look=look,
            since=clock(row["started_at"], now, zone),
        )
        for row in rows
    ]
    if len(stood.faults) > MOST_LISTED:
        more = look.words["list"]["more"].format(count=len(stood.faults) - MOST_LISTED)
        listed.append(html.Li(more, className="soft small"))
    return listed


def legend(stood: Standing, *, look: Look) -> list[Any]:
    """Return what the shapes mean, with how many faults have each severity."""
    counts = stood.faults["severity"].value_counts()
    words = look.severity
    return [
        html.Span(
            [_shape(level), f"{words[level]} {int(counts.get(level, 0))}"],
            className=f"severity {level}",
        )
        for level in ("critical", "major", "minor", "warning")
    ]


def found_list(found: Sequence[Found] | None, *, look: Look) -> list[Any]:
    """Return what a search found; nothing where nothing was searched for."""
    words = look.words["search"]
    if found is None:
        return []
    if not found:
        return [html.Div(words["none"], className="empty", role="status")]
    return [_found(one, words) for one in found]


def clock(at: float, now: float, zone: str) -> str:
    """Return an instant as people read it beside another: the day only where it is another one.

    >>> clock(0, 3600, "UTC"), clock(0, 90_000, "UTC")
    ('00:00', '01-01 00:00')
    """
    local = dt.datetime.fromtimestamp(at, tz=ZoneInfo(zone))
    today = dt.datetime.fromtimestamp(now, tz=ZoneInfo(zone)).date()
    return local.strftime("%H:%M" if local.date() == today else "%m-%d %H:%M")


def notes(stood: Standing, *, shown: int, cut: int, look: Look) -> list[Any]:
    """Return what the map does not show, and that it shows the past."""
    words, told = look.words["map"], []
    if cut:
        told.append(html.P(words["cut"].format(shown=f"{shown:,}", cut=f"{cut:,}")))
    nowhere = int(stood.faults["lon"].isna().sum())
    if nowhere:
        told.append(html.P(words["elsewhere"].format(count=nowhere)))
    return told


def _figure(value: str, label: str, *more: Any) -> Any:
    """Return one figure with what it is."""
    return html.Div(
        [html.Strong(value), html.Span(label, className="soft small"), *more], className="figure"
    )


def _target(stood: Standing, words: Any, *, is_hidden: bool) -> list[Any]:
    """Return the target of the rate, and whether it is met, in words."""
    figures = stood.figures
    if figures.target is None:
        return [html.Span(words["no_target"], className="soft small target")]
    told = words["target"].format(target=f"{figures.target:g}")
    if figures.per_10k is None or is_hidden:
        return [html.Span(told, className="soft small target")]
    is_over = figures.per_10k > figures.target
    state = words["over" if is_over else "within"]
    return [
        html.Span(f"{told} · {state}", className=f"small target {'over' if is_over else 'within'}")
    ]


def _shape(level: str) -> Any:
    """Return the shape of a severity."""
    return html.Span(className=f"mark {level}", **HIDDEN)


def _facts(row: dict[Any, Any], words: Words, *, least: int) -> str:
    """Return users and complaints of a fault in words; fewer complaints than `least` are not counted out."""
    told, unknown = words["list"], words["figure"]["unknown"]
    users = unknown if pd.isna(row["users"]) else f"{row['users']:,.0f}"
    complaints, to_come = unknown, told["to_come_unknown"]
    if not pd.isna(row["complaints"]):
        is_few = row["complaints"] < least
        few = words["figure"]["hidden"].format(least=least)
        complaints = few if is_few else f"{int(row['complaints'])}"
    if not pd.isna(row["to_come"]):
        to_come = told["to_come"].format(to_come=f"{row['to_come']:.1f}")
    facts = [
        told["users"].format(users=users),
        told["complaints"].format(count=complaints),
        to_come,
    ]
    return " · ".join(facts)


def _fault(row: dict[Any, Any], facts: str, *, look: Look, since: str) -> Any:
    """Return one fault of the list."""
    words, level = look.words["list"], str(row["severity"])
    notice = words["noticed" if row["is_noticed"] else "not_noticed"]
    place = {} if pd.isna(row["lon"]) else {"data-lon": row["lon"], "data-lat": row["lat"]}
    content = [
        html.Span([_shape(level), look.severity[level]], className=f"severity {level}"),
        html.Span(area_of(row, look) or words["unknown_place"], className="area"),
        html.Span(words["since"].format(since=since), className="since soft"),
        html.Span(cause_of(row["cause"], look), className="cause"),
        html.Span(notice, className=f"notice {'out' if row['is_noticed'] else 'none'}"),
        html.Span(facts, className="facts soft"),
    ]
    incident = str(row["incident_id"])
    link = html.A(content, href=f"{INCIDENT}{incident}", **{"data-incident": incident, **place})
    return html.Li(link, key=incident)


def _found(one: Found, words: Any) -> Any:
    """Return one thing that was found: a link to its page, or a button by which the map goes there."""
    content = [
        html.Span(words[one.kind], className="kind soft small"),
        html.Span(one.name),
        html.Span(one.more, className="soft small"),
    ]
    if one.address:
        return html.A(content, href=one.address, className="hit")
    place: dict[str, Any] = {"data-lon": one.lon, "data-lat": one.lat, "data-zoom": CLOSER}
    return html.Button(content, type="button", className="hit", **place)
