"""Find the words of a notice: the area as callers name it, times, the scripts of agent, IVR and SMS in two languages.

An SMS that would be too long names fewer places, the last one cut short.

Simple so far: names are those of the inventory, in its own language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np

from correlate.faults import Fault, Ints
from correlate.interception import load_frames, script
from correlate.knowledge import Knowledge
from correlate.site_names import weightiest

LANGUAGES = ("zh", "en")
CHANNELS = ("agent", "ivr", "sms")
SMS_LENGTH: Mapping[str, int] = {"zh": 70, "en": 160}
"""Characters of one text: UCS-2 and the GSM alphabet (3GPP TS 23.038, 23.040)."""
JOINERS: Mapping[str, str] = {"zh": "、", "en": ", "}
MOST_NAMES = 3
NEAR_M = 2500.0
MOST_PLACES = 5


def area_names(knowledge: Knowledge, sites: Ints) -> list[str]:
    """Return what a caller would call some sites: the name of one site, else up to three towns or counties."""
    named = knowledge.site_names
    if not len(sites):
        return []
    if len(sites) == 1:
        return [named.names[int(sites[0])]]
    return named.commonest_towns(sites.tolist())[:MOST_NAMES] or [named.names[int(sites[0])]]


def area_name(knowledge: Knowledge, fault: Fault, *, language: str = "") -> str:
    """Return the place a caller would know, in one text; the language is the setting's unless given."""
    sites = np.unique(knowledge.reach.site_of[fault.cells])
    joiner = JOINERS[language or knowledge.settings.language]
    return joiner.join(area_names(knowledge, sites))


def county_and_towns(knowledge: Knowledge, sites: Ints) -> tuple[str, tuple[str, ...]]:
    """Return the county with most users of some sites ("" if none is known), and all towns, most users first."""
    named, where = knowledge.site_names, sites.tolist()
    users = (knowledge.site_users[sites] + 1e-9).tolist()
    counties = weightiest([named.counties[site] for site in where], users)
    towns = weightiest([named.own_towns[site] for site in where], users)
    return counties[0] if counties else "", tuple(towns)


def places_near(knowledge: Knowledge, sites: Ints) -> tuple[str, ...]:
    """Return the named places nearest to some sites, five at most, within 2.5 km of one."""
    return knowledge.named_places.near(knowledge.site_xy[sites], within_m=NEAR_M, most=MOST_PLACES)


def clock(zone: ZoneInfo, at: int, language: str) -> str:
    """Return an instant (seconds since 1970) as people write it.

    >>> clock(ZoneInfo("Asia/Shanghai"), 0, "zh"), clock(ZoneInfo("UTC"), 0, "en")
    ('1月1日08:00', '01 Jan 00:00')
    """
    local = dt.datetime.fromtimestamp(at, tz=zone)
    return (
        f"{local.month}月{local.day}日{local:%H:%M}" if language == "zh" else f"{local:%d %b %H:%M}"
    )


def scripts_of(
    cause: str, names: Sequence[str], *, since: int, due_at: int, zone: ZoneInfo
) -> dict[str, str]:
    """Return the words for callers by channel and language (`agent_zh`, `ivr_en`, `sms_zh`, ...)."""
    told = {}
    for language in LANGUAGES:
        times = (clock(zone, since, language), clock(zone, due_at, language))
        area = JOINERS[language].join(names)
        for channel in CHANNELS[:2]:
            told[f"{channel}_{language}"] = _framed(cause, channel, language, area, times)
        told[f"sms_{language}"] = _short(cause, language, names, times)
    return told


def _short(cause: str, language: str, names: Sequence[str], times: tuple[str, str]) -> str:
    """Return an SMS that is not too long: with all names, with fewer, with the first one cut."""
    most = SMS_LENGTH[language]
    for kept in range(len(names), 0, -1):
        text = _framed(cause, "sms", language, JOINERS[language].join(names[:kept]), times)
        if len(text) <= most:
            return text
    first = names[0] if names else ""
    over = len(_framed(cause, "sms", language, first, times)) - most
    return _framed(cause, "sms", language, first[: max(0, len(first) - max(0, over))], times)


def _framed(cause: str, channel: str, language: str, area: str, times: tuple[str, str]) -> str:
    """Return the words of a channel."""
    since, due = times
    text = script(cause, language, area=area, since=since, eta=due, is_short=channel == "sms")
    return load_frames()[f"{channel}_{language}"].format(text=text)
