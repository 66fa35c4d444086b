"""Draw marks as traces of plotly, bottom to top: land by rate, names, users hit, sites, complaints, faults.

Colours are never alone: a severity has its shape, and its word stands in what is shown on pointing at it.

Simple so far: a trace holds all its marks; what changed is not told apart.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from contract.causes import CAUSES, cause_name
from dashboards.fonts import PAGE_FAMILY
from dashboards.pages import page_words
from dashboards.server.live_map.base_maps import COUNTY_LINES, place_on
from dashboards.server.live_map.mark_sheet import NOTICE, TOLD
from dashboards.server.live_map.marks import NONE, Marks
from dashboards.server.live_map.palette import COLOURS, GROUND, SCALE, SEVERITIES, faded
from dashboards.wording import Words

Trace = dict[str, Any]
SITE_PX, COMPLAINT_PX = 5.0, 9.0
HALO_PX = (18.0, 70.0)
FULL_HALO = 20_000.0
"""Users hit from which the halo of a fault grows no further."""
FRESH_S = 900.0
LEAST_RATE = 1.0
"""Complaints per 10,000 up to which the darkest colour of the land is kept for more."""
FADED_S = 21_600.0
NAME_PX = (15.0, 12.5, 11.5, 11.0)
INCIDENT, TICKET = "/app/incident/", "/app/ticket/"


@dataclass(frozen=True)
class Look:
    """How marks look: colours, enlargement, language and words."""

    theme: str
    scale: float
    language: str
    words: Words

    @property
    def severity(self) -> Mapping[str, str]:
        """Words of severities."""
        words = page_words(self.language)["severity"]
        return words if isinstance(words, Mapping) else {}


def traces(
    marks: Marks, rates: pd.DataFrame, land: str, *, layers: Collection[str], look: Look
) -> list[Trace]:
    """Return the traces of the layers that are switched on; the others are there, empty.

    Parameters
    ----------
    rates : DataFrame
        `complaints` and `per_10k` by county; null where they may not be told.
    land : str
        Whole address of the land of counties.
    """
    is_on = {name: name in layers for name in ("rates", "names", "sites", "complaints", "faults")}
    made = [_rates(rates if is_on["rates"] else rates.iloc[:0], land, look)]
    made += _names(marks.names if is_on["names"] else marks.names.iloc[:0], look)
    faults = marks.faults if is_on["faults"] else marks.faults.iloc[:0]
    made.append(_extent(faults if "extent" in layers else faults.iloc[:0], look))
    made.append(_sites(marks.sites if is_on["sites"] else marks.sites.iloc[:0], look))
    complaints = marks.complaints if is_on["complaints"] else marks.complaints.iloc[:0]
    made += _complaints(complaints, look)
    made += _faults(marks.faults, look, is_on=is_on["faults"], with_notices="notices" in layers)
    return [made[0], *[one | {"below": place_on(n)} for n, one in enumerate(made[1:])]]


def _rates(rates: pd.DataFrame, land: str, look: Look) -> Trace:
    """Return the land of counties, the darker (in dark: the brighter) the more complaints per 10,000."""
    colours, known = SCALE[look.theme], rates[rates["per_10k"].notna()]
    steps = np.linspace(0, 1, len(colours))
    text = [
        look.words["hover"]["rate"].format(complaints=f"{n:.0f}", per_10k=f"{rate:.2f}")
        for n, rate in zip(known["complaints"], known["per_10k"], strict=True)
    ]
    return {
        "type": "choroplethmap",
        "geojson": land if len(known) else {"type": "FeatureCollection", "features": []},
        "featureidkey": "id",
        "locations": known.index.tolist(),
        "z": known["per_10k"].tolist(),
        "zmin": 0,
        "zmax": max(float(known["per_10k"].max()), LEAST_RATE) if len(known) else LEAST_RATE,
        "colorscale": [[float(at), colour] for at, colour in zip(steps, colours, strict=True)],
        "marker": {"line": {"width": 0}, "opacity": 0.6},
        "below": COUNTY_LINES,
        "showscale": bool(len(known)),
        "colorbar": _bar(look),
        "text": text,
        "hovertemplate": "<b>%{location}</b><br>%{text}<extra></extra>",
    }


def _bar(look: Look) -> dict[str, Any]:
    """Return the bar that tells what the colours of the land mean."""
    font = {"color": COLOURS[look.theme]["ink"], "family": PAGE_FAMILY, "size": 11 * look.scale}
    return {
        "title": {"text": look.words["layer"]["rates"], "font": font, "side": "top"},
        "tickfont": font,
        "orientation": "h",
        "thickness": 8 * look.scale,
        "len": 0.22,
        "x": 0.99,
        "xanchor": "right",
        "y": 0.02,
        "yanchor": "bottom",
        "outlinewidth": 0,
        "nticks": 4,
    }


def _names(names: pd.DataFrame, look: Look) -> list[Trace]:
    """Return the names of places, one trace for each rank; the important ones are written first."""
    made = []
    for rank in reversed(range(len(NAME_PX))):
        rows = names[names["rank"] == rank]
        colour = COLOURS[look.theme]["soft" if rank else "ink"]
        font = {"family": PAGE_FAMILY, "size": NAME_PX[rank] * look.scale, "color": colour}
        made.append(
            _points(rows) | {
                "mode": "text", "text": rows["name"].tolist(), "textfont": font, "hoverinfo": "skip",
                "textposition": "middle center",
            }
        )  # fmt: skip
    return made


def _extent(faults: pd.DataFrame, look: Look) -> Trace:
    """Return a halo around each fault, its area by the users hit."""
    users = np.clip(faults["users"].fillna(0).to_numpy(float), 0, FULL_HALO)
    least, most = HALO_PX
    size = (least + (most - least) * np.sqrt(users / FULL_HALO)) * look.scale
    colours = [faded(COLOURS[look.theme][level], 0.22) for level in faults["severity"]]
    return _points(faults) | {
        "mode": "markers",
        "marker": {"size": size.tolist(), "color": colours},
        "hoverinfo": "skip",
    }


def _sites(sites: pd.DataFrame, look: Look) -> Trace:
    """Return the sites, those with a fault in its colour; joined ones the larger the more they are."""
    plain = GROUND[look.theme]["site"]
    colour = sites["severity"].map({NONE: plain} | {s: COLOURS[look.theme][s] for s in SEVERITIES})
    count = sites["count"].to_numpy(float)
    size = (SITE_PX + 2.2 * np.log2(np.maximum(count, 1))) * look.scale
    hover, severity = look.words["hover"], {NONE: ""} | dict(look.severity)
    text = [
        (html.escape(str(name)) if n == 1 else hover["sites"].format(count=n))
        + "<br>" + hover["cells"].format(cells=f"{cells:,.0f}", users=_count(users, look))
        + (f"<br>{severity[level]}" if level != NONE else "")
        for name, n, cells, users, level in zip(
            sites["name"], sites["count"], sites["cells"], sites["users"], sites["severity"], strict=True
        )
    ]  # fmt: skip
    return _points(sites) | {
        "mode": "markers",
        "marker": {"size": size, "color": colour.tolist(), "opacity": 0.9},
        "text": text,
        "customdata": [["", "", "zoom" if n > 1 else ""] for n in sites["count"]],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _complaints(complaints: pd.DataFrame, look: Look) -> list[Trace]:
    """Return complaints, fading with age, with a ring around those that just came."""
    colour = COLOURS[look.theme]["complaint"]
    age = complaints["age_s"].to_numpy(float)
    count = complaints["count"].to_numpy(float)
    size = (COMPLAINT_PX + 1.4 * np.log2(np.maximum(count, 1))) * look.scale
    hover = look.words["hover"]
    text = [
        hover["complaints"].format(count=n) if n > 1 or not ticket
        else f"{html.escape(str(ticket))}<br>{cause_of(cause, look)}<br>{hover['ago'].format(minutes=int(old // 60))}"
        for n, ticket, cause, old in zip(
            complaints["count"], complaints["ticket_id"], complaints["cause"], age, strict=True
        )
    ]  # fmt: skip
    marker = {"size": size, "color": colour, "opacity": np.clip(0.9 - age / FADED_S, 0.3, 0.9)}
    fresh = complaints[age < FRESH_S]
    ring = {"size": size[age < FRESH_S] * 2.2, "color": colour, "opacity": 0.25}
    opened = [
        f"{TICKET}{t}" if t and n == 1 else ""
        for t, n in zip(complaints["ticket_id"], count, strict=True)
    ]
    return [
        _points(fresh) | {"mode": "markers", "marker": ring, "hoverinfo": "skip"},
        _points(complaints) | {
            "mode": "markers", "marker": marker, "text": text,
            "customdata": [[address, "", "" if address else "zoom"] for address in opened],
            "hovertemplate": "%{text}<extra></extra>",
        },
    ]  # fmt: skip


def _faults(faults: pd.DataFrame, look: Look, *, is_on: bool, with_notices: bool) -> list[Trace]:
    """Return the faults by shape, with a badge where a notice is out, and how many are joined in a mark."""
    if not is_on:
        faults = faults[faults["is_noticed"].astype(bool)] if with_notices else faults.iloc[:0]
    told = faults["is_noticed"].astype(bool) & with_notices
    symbols = faults["severity"] + np.where(told, TOLD, "")
    if not is_on:
        symbols = pd.Series(NOTICE, index=faults.index)
    text = [_fault_text(row, look) for row in faults.to_dict("records")]
    opened = [
        f"{INCIDENT}{one}" if n == 1 else ""
        for one, n in zip(faults["incident_id"], faults["count"], strict=True)
    ]
    data = [
        [address, ids, "" if address else "zoom"]
        for address, ids in zip(opened, faults["ids"], strict=True)
    ]
    marks = _points(faults) | {
        "mode": "markers",
        "marker": {"symbol": symbols.tolist(), "size": 10 * look.scale, "allowoverlap": True},
        "text": text,
        "customdata": data,
        "hovertemplate": "%{text}<extra></extra>",
    }
    many = faults[faults["count"] > 1]
    font = {"family": PAGE_FAMILY, "size": 13 * look.scale, "color": COLOURS[look.theme]["ink"]}
    counts = _points(many) | {
        "mode": "markers+text", "text": [f"{n}" for n in many["count"]], "textfont": font,
        "textposition": "middle right", "hoverinfo": "skip",
        "marker": {"size": 60, "opacity": 0},
    }  # fmt: skip
    return [marks, counts]


def _fault_text(row: Mapping[Any, Any], look: Look) -> str:
    """Return what is shown on pointing at a mark of faults."""
    hover, word = look.words["hover"], look.severity[row["severity"]]
    users = hover["users"].format(users=_count(row["users"], look))
    if row["count"] > 1:
        return f"<b>{hover['faults'].format(count=row['count'])}</b> · {word}<br>{users}"
    area = html.escape(area_of(row, look))
    notice = look.words["list"]["noticed" if row["is_noticed"] else "not_noticed"]
    return f"<b>{word}</b> · {area}<br>{cause_of(row['cause'], look)}<br>{users}<br>{notice}"


def cause_of(cause: object, look: Look) -> str:
    """Return the name of a cause, empty where it is unknown."""
    return cause_name(str(cause), look.language) if cause in CAUSES else ""


def area_of(row: Mapping[Any, Any], look: Look) -> str:
    """Return the places of a fault in words, else its county, else nothing."""
    joiner = "、" if look.language == "zh" else ", "
    told = [
        str(row[name]) for name in ("area", "county") if isinstance(row[name], str) and row[name]
    ]
    return told[0].replace("|", joiner) if told else ""


def _points(rows: pd.DataFrame) -> Trace:
    """Return a trace of points without its looks; one without points has one nowhere, as plotly takes it out else."""
    lon, lat = (rows[name].to_numpy(float) if len(rows) else [None] for name in ("lon", "lat"))
    return {"type": "scattermap", "lon": lon, "lat": lat}


def _count(number: float, look: Look) -> str:
    """Return a number of people, or that it is unknown."""
    return look.words["figure"]["unknown"] if pd.isna(number) else f"{number:,.0f}"
