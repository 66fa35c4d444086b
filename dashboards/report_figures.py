"""Draw the charts of the daily report: alive on a screen with scripts, still on paper and without.

Every chart comes twice from the same rows: a plotly figure, and an SVG that stands in its place where no script runs.

Simple so far: the live charts offer values under the pointer and zoom, nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from correlate.daily.day_report import DayReport
from dashboards import report_stills
from dashboards.drawing import COLOURS
from dashboards.fonts import PAGE_FAMILY
from dashboards.report_cells import load_layout, report_words

LOG_SPREAD = 30
MOST_SINGLE_TICKS = 12
CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "showTips": False,
    "displayModeBar": False,
}
TARGET_LINE = {"color": COLOURS["critical-fill"], "width": 1.2, "dash": "dash"}
BLUE = COLOURS["warning-fill"]
GRID = "rgba(128,136,144,0.25)"


@dataclass(frozen=True)
class Chart:
    """A chart: for a screen, for paper, and what it shows in words.

    Attributes
    ----------
    live, still : Markup
        HTML with a script, and SVG.
    label : str
        What a screen reader says.
    note : str
        Said below; may be empty.
    """

    live: Markup
    still: Markup
    label: str
    note: str = ""


def plotly_library() -> str:
    """Return plotly's script, to be put once into a page."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def rates_chart(report: DayReport, language: str) -> Chart | None:
    """Return the rates of the counties the day before with interval and target, or none when none has users.

    Parameters
    ----------
    report : DayReport
    language : {"zh", "en"}
    """
    import plotly.graph_objects as go

    rows = ranked_counties(report.rates)
    if rows.empty:
        return None
    words = report_words(language)["chart"]
    bars = {"array": rows["high"] - rows["per_10k"], "arrayminus": rows["per_10k"] - rows["low"]}
    figure = go.Figure(
        [
            go.Scatter(
                x=rows["per_10k_without"], y=rows["county"], mode="markers", name=words["without"],
                marker={"symbol": "circle-open", "size": 10, "color": COLOURS["faint"]},
            ),
            go.Scatter(
                x=rows["per_10k"], y=rows["county"], mode="markers", name=words["with"],
                marker={"size": 9, "color": BLUE},
                error_x={"type": "data", "symmetric": False, "color": BLUE, "thickness": 1.5} | bars,
            ),
        ]
    )  # fmt: skip
    _finish(figure, height=120 + 26 * len(rows), x_title=words["per_10k"])
    figure.update_xaxes(type="log" if needs_log(rows) else "linear", rangemode="tozero")
    if report.target is not None:
        figure.add_vline(x=report.target, line=TARGET_LINE)
    still = report_stills.rates_still(rows, report.target, words=words, is_log=needs_log(rows))
    return Chart(_live(figure, "rates-chart"), still, words["rates"])


def series_chart(report: DayReport, language: str) -> Chart | None:
    """Return the rates of the last 30 days, a panel for each county, or none without history.

    Parameters
    ----------
    report : DayReport
    language : {"zh", "en"}
    """
    words = report_words(language)
    panels, counties = series_panels(report, words["report"]["all"])
    if not panels:
        return None
    shown = len(panels) - 1
    note = words["note"]["series_cut"].format(shown=shown, all=counties) if shown < counties else ""
    figure = _series_figure(panels, report.target, words["chart"])
    still = report_stills.series_still(panels, report.target, words=words["chart"])
    return Chart(_live(figure, "series-chart"), still, words["chart"]["series"], note)


def late_chart(report: DayReport, language: str) -> Chart | None:
    """Return the open faults of the counties, in time and late, or none without open faults.

    Parameters
    ----------
    report : DayReport
    language : {"zh", "en"}
    """
    import plotly.graph_objects as go

    words = report_words(language)
    rows = open_by_county(report.late_by, words["report"]["unknown_county"])
    if rows.empty:
        return None
    text = words["chart"]
    figure = go.Figure(
        [
            go.Bar(x=rows[name], y=rows["county"], orientation="h", name=text[key],
                   marker={"color": colour})
            for name, key, colour in (
                ("late", "overdue", COLOURS["critical-fill"]), ("in_time", "open", COLOURS["faint"]),
            )
        ]
    )  # fmt: skip
    figure.update_layout(barmode="stack")
    _finish(figure, height=110 + 28 * len(rows), x_title=text["faults"])
    figure.update_xaxes(dtick=1 if rows["open"].max() <= MOST_SINGLE_TICKS else None)
    return Chart(_live(figure, "late-chart"), report_stills.late_still(rows, text), text["late"])


def ranked_counties(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the counties that are ranked, the highest rate last, as they stand from the bottom of a chart."""
    is_ranked = (rates["scope"] == "county") & ~rates["is_small"].fillna(value=False).astype(bool)
    known = rates.loc[is_ranked].dropna(subset=["per_10k", "low", "high", "county"])
    ordered = known.sort_values(["per_10k", "county"], ascending=[False, True])
    return ordered.head(load_layout()["most"]["rows"]).iloc[::-1]


def needs_log(rows: pd.DataFrame) -> bool:
    """Return whether rates lie so far apart that only a logarithmic axis shows them all; never with a zero.

    >>> needs_log(pd.DataFrame({"per_10k": [0.1, 9.0], "low": [0.05, 5.0], "per_10k_without": [0.1, 9.0]}))
    True
    """
    lowest = float(rows[["low", "per_10k", "per_10k_without"]].min().min())
    highest = float(rows["per_10k"].max())
    return lowest > 0 and highest / float(rows["per_10k"].min()) > LOG_SPREAD


def series_panels(report: DayReport, all_name: str) -> tuple[list[tuple[str, pd.DataFrame]], int]:
    """Return the panels of the small multiples, all together first, and how many counties there are."""
    known = report.series.dropna(subset=["per_10k"])
    counties = known.loc[known["scope"] == "county"]
    latest = counties.sort_values("day").groupby("county")["per_10k"].last()
    order = latest.sort_values(ascending=False, kind="stable").index
    most = load_layout()["most"]["panels"] - 1
    panels = [(str(name), counties.loc[counties["county"] == name]) for name in order[:most]]
    together = known.loc[known["scope"] == "all"]
    if together.empty:
        return [], 0
    return [(all_name, together), *panels], len(order)


def open_by_county(late_by: pd.DataFrame, unknown: str) -> pd.DataFrame:
    """Return `county`, `in_time` and `late` of counties with open faults, the most late last."""
    named = late_by.assign(county=late_by["county"].fillna(unknown))
    sums = named.groupby("county", as_index=False)[["open", "late"]].sum()
    kept = sums.loc[sums["open"] > 0].assign(in_time=lambda t: t["open"] - t["late"])
    return kept.sort_values(["late", "open", "county"], ascending=[True, True, False]).tail(
        load_layout()["most"]["rows"]
    )


def _series_figure(
    panels: list[tuple[str, pd.DataFrame]], target: float | None, words: Mapping[str, str]
) -> Any:
    """Return small multiples on one scale."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    columns = report_stills.panel_columns(len(panels))
    lines = math.ceil(len(panels) / columns)
    figure = make_subplots(
        rows=lines, cols=columns, subplot_titles=[name.replace("<", "&lt;") for name, _ in panels],
        shared_xaxes=True, shared_yaxes=True, vertical_spacing=0.28 / (lines + 1), horizontal_spacing=0.02,
    )  # fmt: skip
    for number, (_, rows) in enumerate(panels):
        place = {"row": number // columns + 1, "col": number % columns + 1}
        for trace in _panel_traces(go, rows, words, is_first=number == 0):
            figure.add_trace(trace, **place)
    _finish(figure, height=90 + 150 * lines, x_title="")
    top = max(float(rows["per_10k_without"].max()) for _, rows in panels)
    figure.update_yaxes(range=[0, 1.15 * max(top, 0.1)], nticks=4)
    figure.update_xaxes(tickvals=_inner_days(panels[0][1]["day"]), tickformat="%m-%d")
    figure.update_annotations(font={"size": 12})
    if target is not None:
        figure.add_hline(y=target, line=TARGET_LINE)
    return figure


def _inner_days(days: pd.Series) -> list[pd.Timestamp]:
    """Return up to three days to label, none at an edge where labels of two panels would meet."""
    at = sorted({round((len(days) - 1) * share) for share in (0.17, 0.5, 0.83)})
    return [days.iloc[i] for i in at]


def _panel_traces(go: Any, rows: pd.DataFrame, words: Mapping[str, str], *, is_first: bool) -> Any:
    """Return the traces of a panel: its interval, without interception, with."""
    mode = "lines" if len(rows) >= report_stills.FEW_DAYS else "lines+markers"
    shared = {"x": rows["day"], "mode": mode}
    hidden = {
        "line": {"width": 0},
        "marker": {"opacity": 0},
        "showlegend": False,
        "hoverinfo": "skip",
    }
    yield go.Scatter(y=rows["low"], **shared, **hidden)
    yield go.Scatter(
        y=rows["high"], fill="tonexty", fillcolor="rgba(47,127,214,0.16)", **shared, **hidden
    )
    yield go.Scatter(
        y=rows["per_10k_without"], name=words["without"], legendgroup="without", showlegend=is_first,
        line={"color": COLOURS["faint"], "width": 1, "dash": "dot"}, **shared,
    )  # fmt: skip
    yield go.Scatter(
        y=rows["per_10k"], name=words["with"], legendgroup="with", showlegend=is_first,
        line={"color": BLUE, "width": 1.8}, **shared,
    )  # fmt: skip


def _finish(figure: Any, *, height: int, x_title: str) -> None:
    """Give a figure the look of the page; its text takes the colour of the page when it is shown."""
    figure.update_layout(
        template="none", height=height, margin={"l": 60, "r": 20, "t": 64, "b": 40},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        font={"family": f"{PAGE_FAMILY}, sans-serif", "size": 12, "color": COLOURS["soft"]},
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        hoverlabel={"font": {"family": f"{PAGE_FAMILY}, sans-serif"}},
    )  # fmt: skip
    figure.update_xaxes(
        gridcolor=GRID, zeroline=False, title={"text": x_title} if x_title else None
    )
    figure.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True)


def _live(figure: Any, name: str) -> Markup:
    """Return a figure as HTML that draws itself; plotly's script must be in the page."""
    html = figure.to_html(full_html=False, include_plotlyjs=False, div_id=name, config=CONFIG)
    return Markup(html)
