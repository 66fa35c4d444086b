"""Compose the page of a daily report: headline, what to intercept, map, tables and charts, as one offline HTML text.

Simple so far: one page, of the whole network or of some counties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from contract.causes import CAUSES, cause_name
from contract.privacy import masked_numbers
from correlate.daily.day_report import REPORT, DayReport
from dashboards.area_map import MapContent, area_map
from dashboards.pages import render_page
from dashboards.report_cells import (
    NOTHING,
    TableView,
    cell,
    hours_text,
    instant_text,
    interval_text,
    joined_names,
    load_layout,
    report_words,
    table_view,
)
from dashboards.report_figures import late_chart, plotly_library, rates_chart, series_chart
from dashboards.wording import Words

TABLES = (
    "faults",
    "rates",
    "movers",
    "signs",
    "queues",
    "notices",
    "late_by",
    "late",
    "outage_classes",
    "top_outages",
    "thin",
    "site_values",
    "repeaters",
    "gaps",
    "doubts",
    "listed",
)
SECTIONS = (
    "intercept",
    "map",
    "faults",
    "rates",
    "series",
    "signs",
    "notices",
    "late",
    "thin",
    "repeaters",
    "data",
)
RATES = frozenset({"per_10k", "per_10k_without"})
LIVE_SCRIPT = 'if(window.Plotly){document.documentElement.classList.add("live")}'


@dataclass(frozen=True)
class Figure:
    """A figure of the headline: name, value, interval, and the change on the day before."""

    key: str
    name: str
    value: str
    interval: str
    change: str


@dataclass(frozen=True)
class Card:
    """A fault to intercept, every value as text; what does not apply is empty."""

    number: int
    severity: str
    area: str
    county: str
    cause: str
    sure: str
    silent: str
    users: str
    expected: str
    interval: str
    so_far: str
    since: str
    extent: str
    notice: str
    limit: str
    late: str
    script: str


def report_html(report: DayReport, language: str) -> str:
    """Return a daily report as one HTML text that needs nothing else.

    Parameters
    ----------
    report : DayReport
    language : {"zh", "en"}

    Returns
    -------
    str

    Raises
    ------
    InputError
        If the language is unknown.
    UnreadableFileError
        If the typeface is missing.
    """
    words = report_words(language)
    cards = intercept_cards(report, language)
    return render_page(
        "report.html",
        language=language,
        title=f"{words['report']['title']} {report.day.isoformat()}",
        libraries=(plotly_library(), LIVE_SCRIPT),
        report=report,
        words=words,
        sections=SECTIONS,
        known=known_line(report, words),
        run=_run_line(report, words),
        summary=summary_lines(report, words),
        figures=headline_figures(report, words),
        cards=cards,
        further=_view("to_intercept", report.to_intercept.iloc[len(cards) :], report, language),
        map=area_map(map_content(report), words["map"]),
        tables=_views(report, language),
        charts=_charts(report, language),
    )


def known_line(report: DayReport, words: Words) -> str:
    """Return as of when a report is known, and of which counties it alone tells.

    Parameters
    ----------
    report : DayReport
    words : mapping
        Of `report_words.toml`, in one language.
    """
    text, at = words["report"], report.at.strftime("%Y-%m-%d %H:%M")
    known = text["as_known"].format(day=report.day.isoformat(), at=at)
    if not report.counties:
        return known
    named = joined_names("|".join(report.counties), words)
    return known + text["within"].format(counties=named)


def headline_figures(report: DayReport, words: Words) -> list[Figure]:
    """Return the figures for the top of the page, in the order of the report.

    Parameters
    ----------
    report : DayReport
    words : mapping
        Of `report_words.toml`, in one language.
    """
    return [_figure(row, words) for row in report.headline.to_dict("records")]


def intercept_cards(report: DayReport, language: str) -> list[Card]:
    """Return the first faults to intercept, numbered as on the map.

    Parameters
    ----------
    report : DayReport
    language : {"zh", "en"}
    """
    rows = report.to_intercept.head(load_layout()["most"]["cards"]).to_dict("records")
    return [
        _card(row, number, language=language, year=report.day.year)
        for number, row in enumerate(rows, start=1)
    ]


def summary_lines(report: DayReport, words: Words) -> list[str]:
    """Return what matters in a few sentences; a sentence whose figures are missing is left out.

    Parameters
    ----------
    report : DayReport
    words : mapping
        Of `report_words.toml`, in one language.
    """
    rows = report.headline.set_index("measure")
    values = {name: _number(rows["value"].get(name), name) for name in rows.index}
    ends = {
        end: _number(rows[end].get("expected_today"), "expected_today") for end in ("low", "high")
    }
    day = (report.day - pd.Timedelta(days=1)).isoformat()
    text, lines = words["summary"], []
    if values.get("complaints", NOTHING) != NOTHING:
        lines.append(
            text["counts"].format(
                day=day, complaints=values["complaints"], rate=values.get("per_10k", NOTHING),
                without=values.get("per_10k_without", NOTHING),
            )
        )  # fmt: skip
    if "open_faults" in values:
        lines.append(
            text["open"].format(
                faults=values["open_faults"], silent=values.get("silent_faults", NOTHING),
                late=values.get("late_repairs", NOTHING),
            )
        )  # fmt: skip
    if ends["low"] != NOTHING:
        lines.append(
            text["expected"].format(
                expected=values["expected_today"],
                notices=values.get("open_notices", NOTHING),
                **ends,
            )
        )
    return [*lines, *_over_target(report.rates, words)]


def map_content(report: DayReport) -> MapContent:
    """Return what the map shows: the faults by severity, numbered as the cards, and the sites of those with a notice.

    Parameters
    ----------
    report : DayReport
    """
    most = load_layout()["most"]["cards"]
    first = report.to_intercept["incident_id"].head(most).tolist()
    numbers = {incident: number for number, incident in enumerate(first, start=1)}
    faults = report.faults.loc[report.faults["severity"].notna()]
    marked = faults.assign(
        number=faults["incident_id"].map(numbers).fillna(0).astype(int),
        is_silent=faults["is_silent"].fillna(value=False).astype(bool),
    )
    is_told = (report.faults["state"] == "open") & report.faults["interception_id"].notna()
    told = report.faults.loc[is_told, "incident_id"]
    sites = report.sites
    return MapContent(
        sites=sites.loc[sites["status"] == "live"],
        places=report.places,
        faults=marked,
        noticed=report.fault_sites.loc[report.fault_sites["incident_id"].isin(told)],
        planned=sites.loc[sites["status"] == "planned"],
    )


def _view(name: str, frame: pd.DataFrame, report: DayReport, language: str) -> TableView:
    """Return a table as the page shows it."""
    return table_view(name, frame, language=language, year=report.day.year)


def _views(report: DayReport, language: str) -> dict[str, TableView]:
    """Return every table of the page; that of rates in two parts, the day and the month."""
    views = {name: _view(name, getattr(report, name), report, language) for name in TABLES}
    year = report.day.year
    month = table_view("rates", report.rates, language=language, year=year, view="rates_month")
    return views | {"rates_month": month}


def _charts(report: DayReport, language: str) -> Mapping[str, Any]:
    """Return the charts by section; none where there is nothing to draw."""
    return {
        "rates": rates_chart(report, language),
        "series": series_chart(report, language),
        "late": late_chart(report, language),
    }


def _run_line(report: DayReport, words: Words) -> str:
    """Return which run the report was made from."""
    return words["report"]["run"].format(
        bundle=report.bundle,
        first=report.first_day.isoformat(),
        last=report.last_day.isoformat(),
        version=report.version,
        zone=report.zone,
    )


def _figure(row: Mapping[str, Any], words: Words) -> Figure:
    """Return one figure of the headline."""
    key, text = str(row["measure"]), words["headline"]
    if pd.isna(row["change"]):
        change = text["no_before"]
    elif round(row["change"], _digits(key)) == 0:
        change = text["same"]
    else:
        signed = f"{row['change']:+,.{_digits(key)}f}".replace("-", "−")
        change = text["change"].format(change=signed)
    has_interval = pd.notna(row["low"]) and pd.notna(row["high"])
    interval = interval_text(row["low"], row["high"], _digits(key)) if has_interval else ""
    return Figure(key, text[key], _number(row["value"], key), interval, change)


def _digits(measure: str) -> int:
    """Return the digits after the point of a figure of the headline."""
    return 2 if measure in RATES else 0


def _number(value: Any, measure: str) -> str:
    """Return a figure of the headline as text."""
    return NOTHING if value is None or pd.isna(value) else f"{value:,.{_digits(measure)}f}"


def _over_target(rates: pd.DataFrame, words: Words) -> list[str]:
    """Return a sentence naming the counties over target, or nothing."""
    is_over = rates["is_over_target"].fillna(value=False).astype(bool) & (
        rates["scope"] == "county"
    )
    names = rates.loc[is_over, "county"].dropna().tolist()
    joined = joined_names("|".join(names), words) if names else ""
    return [words["summary"]["over"].format(counties=joined)] if names else []


def _card(row: Mapping[str, Any], number: int, *, language: str, year: int) -> Card:
    """Return a fault to intercept, every value as text."""
    words = report_words(language)
    shown = {
        c.name: cell(row, c, language=language, year=year) for c in REPORT["to_intercept"].columns
    }
    text, code = words["card"], str(row["cause"])
    return Card(
        number=number,
        severity="" if pd.isna(row["severity"]) else str(row["severity"]),
        area=shown["area"].text if pd.notna(row["area"]) else shown["object_id"].text,
        county="" if pd.isna(row["county"]) else shown["county"].text,
        cause=cause_name(code, language) if code in CAUSES else code,
        sure=text["sure"].format(share=shown["probability"].text),
        silent=text["silent"] if row["is_silent"] is True else "",
        users=shown["users"].text,
        expected=shown["expected"].text,
        interval=shown["expected"].interval,
        so_far=text["so_far"].format(count=shown["complaints"].text),
        since=text["since"].format(since=shown["since"].text, detected=shown["detected_at"].text),
        extent=text["extent"].format(sites=shown["sites"].text, cells=shown["cells"].text),
        notice=_notice(row, text, year=year),
        limit=_limit(row, words, year=year),
        late=text["late"].format(late=hours_text(row["late_h"], words))
        if row["late_h"] > 0
        else "",
        script=_script(row, language),
    )


def _notice(row: Mapping[str, Any], text: Mapping[str, str], *, year: int) -> str:
    """Return which notice is out."""
    if pd.isna(row["interception_id"]) or pd.isna(row["issued_at"]):
        return text["no_notice"]
    return text["notice"].format(
        id=row["interception_id"], at=instant_text(row["issued_at"], year=year)
    )


def _limit(row: Mapping[str, Any], words: Words, *, year: int) -> str:
    """Return by when a fault must be repaired; empty when unknown."""
    if pd.isna(row["due_at"]) or pd.isna(row["limit_h"]):
        return ""
    return words["card"]["limit"].format(
        limit=hours_text(row["limit_h"], words),
        due=instant_text(row["due_at"], year=year),
        **{"class": NOTHING if pd.isna(row["repair_class"]) else row["repair_class"]},
        grade=NOTHING if pd.isna(row["grade"]) else row["grade"],
    )


def _script(row: Mapping[str, Any], language: str) -> str:
    """Return what an agent reads out."""
    spoken = row[f"script_{language}"]
    chosen = row["script_issued"] if pd.isna(spoken) else spoken
    return "" if pd.isna(chosen) else masked_numbers(str(chosen))
