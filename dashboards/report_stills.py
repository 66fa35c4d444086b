"""Draw the charts of the daily report as SVG, for paper and for readers without scripts.

Simple so far: the drawings mirror the live charts by hand; a change of one must be made in the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from dashboards.drawing import COLOURS, drawing_style, inline_svg

WIDTH_IN = 10.0
FEW_DAYS, MOST_TICKS = 3, 4
BLUE, RED = COLOURS["warning-fill"], COLOURS["critical-fill"]
Words = Mapping[str, str]


def rates_still(
    rows: pd.DataFrame, target: float | None, *, words: Words, is_log: bool = False
) -> Markup:
    """Return rates with their interval, a line for each county.

    Parameters
    ----------
    rows : DataFrame
        `county`, `per_10k`, `low`, `high`, `per_10k_without`, from the bottom up.
    target : float or None
    words : mapping of str to str
        The group `chart` of the report's words.
    is_log : bool
        Logarithmic axis.
    """
    with drawing_style():
        figure = _figure(height_in=0.9 + 0.26 * len(rows))
        axes = figure.subplots()
        places = np.arange(len(rows))
        axes.hlines(places, rows["low"], rows["high"], color=BLUE, linewidth=1.5)
        axes.scatter(
            rows["per_10k_without"], places, s=38, facecolors="none", edgecolors=COLOURS["faint"],
            label=words["without"], zorder=3,
        )  # fmt: skip
        axes.scatter(rows["per_10k"], places, s=30, color=BLUE, label=words["with"], zorder=4)
        if target is not None:
            axes.axvline(target, color=RED, linestyle="--", linewidth=1.2, label=words["target"])
        if is_log:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter("{x:g}")
        else:
            axes.set_xlim(left=0)
        _name_lines(axes, rows["county"].tolist(), words["per_10k"])
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False, fontsize=8)
        return inline_svg(figure, name="ratesstill", label=words["rates"])


def series_still(
    panels: list[tuple[str, pd.DataFrame]], target: float | None, *, words: Words
) -> Markup:
    """Return rates by day, a panel for each county, all on one scale.

    Parameters
    ----------
    panels : list of (name, DataFrame)
        Rows with `day`, `per_10k`, `low`, `high`, `per_10k_without`; the first panel has every day.
    target : float or None
    words : mapping of str to str
        The group `chart` of the report's words.
    """
    columns = panel_columns(len(panels))
    lines = math.ceil(len(panels) / columns)
    with drawing_style():
        figure = _figure(height_in=0.4 + 1.35 * lines)
        grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
        for axes, (name, rows) in zip(grid.flat, panels, strict=False):
            _draw_panel(axes, name, rows, target)
        for axes in list(grid.flat)[len(panels) :]:
            axes.set_visible(False)
        top = max(float(rows["per_10k_without"].max()) for _, rows in panels)
        grid.flat[0].set_ylim(0, 1.15 * max(top, 0.1))
        days = pd.to_datetime(panels[0][1]["day"])
        shown = days.iloc[:: math.ceil(len(days) / MOST_TICKS)]
        grid.flat[0].set_xticks(shown, shown.dt.strftime("%m-%d"))
        return inline_svg(figure, name="seriesstill", label=words["series"])


def late_still(rows: pd.DataFrame, words: Words) -> Markup:
    """Return open faults in time and late, a bar for each county.

    Parameters
    ----------
    rows : DataFrame
        `county`, `in_time`, `late`, from the bottom up.
    words : mapping of str to str
        The group `chart` of the report's words.
    """
    with drawing_style():
        figure = _figure(height_in=0.9 + 0.28 * len(rows))
        axes = figure.subplots()
        places = np.arange(len(rows))
        late = rows["late"].to_numpy(float)
        axes.barh(places, late, color=RED, height=0.6, label=words["overdue"])
        axes.barh(
            places, rows["in_time"].to_numpy(float), left=late, color=COLOURS["faint"], height=0.6,
            label=words["open"],
        )  # fmt: skip
        axes.xaxis.get_major_locator().set_params(integer=True)
        _name_lines(axes, rows["county"].tolist(), words["faults"])
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=8)
        return inline_svg(figure, name="latestill", label=words["late"])


def panel_columns(panels: int) -> int:
    """Return in how many columns panels stand so that fewest places stay empty: three to five.

    >>> panel_columns(2), panel_columns(5), panel_columns(6), panel_columns(24)
    (2, 5, 3, 4)
    """
    if panels < 4:
        return panels
    return min((4, 5, 3), key=lambda columns: -panels % columns)


def _draw_panel(axes: Any, name: str, rows: pd.DataFrame, target: float | None) -> None:
    """Draw one county's days."""
    days = pd.to_datetime(rows["day"])
    low, high = rows["low"].astype(float), rows["high"].astype(float)
    axes.fill_between(days, low, high, color=BLUE, alpha=0.16, linewidth=0)
    axes.plot(days, rows["per_10k_without"], color=COLOURS["faint"], linewidth=0.8, linestyle=":")
    axes.plot(
        days, rows["per_10k"], color=BLUE, linewidth=1.3, marker="." if len(rows) < FEW_DAYS else ""
    )
    if target is not None:
        axes.axhline(target, color=RED, linewidth=0.8, linestyle="--")
    axes.set_title(name, fontsize=8.5, loc="left", parse_math=False)
    axes.tick_params(labelsize=7)


def _figure(*, height_in: float) -> Any:
    """Return an empty figure that keeps its parts from overlapping."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _name_lines(axes: Any, names: list[str], x_title: str) -> None:
    """Name the lines of a chart and its axis."""
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.set_xlabel(x_title, fontsize=8.5)
    axes.grid(axis="x", color=COLOURS["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
