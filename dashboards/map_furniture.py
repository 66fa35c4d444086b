"""Draw what tells a reader how to read a map: scale bar, north, and a legend of what is on it.

Simple so far: north is up, for a projection about the middle of the map it nearly is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboards.drawing import COLOURS

MARKERS = {"critical": "D", "major": "^", "minor": "s", "warning": "o"}
CHECK = [
    (-1, -0.07),
    (-0.68, 0.25),
    (-0.22, -0.2),
    (0.7, 0.76),
    (1, 0.44),
    (-0.22, -0.84),
    (-1, -0.07),
]
Words = Mapping[str, str]


def draw_furniture(
    axes: Any, layers: Mapping[str, pd.DataFrame], *, words: Words, width_m: float, outside: int
) -> None:
    """Draw the scale bar, north and the legend, which names only what the map shows.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        In metres.
    layers : mapping of name to DataFrame
        `faults` (`severity`, `is_silent`), `noticed`, `planned`.
    words : mapping of str to str
        The group `map` of the report's words.
    width_m : float
        Width of the map.
    outside : int
        Sites that fall outside of it.
    """
    length = scale_length(width_m)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    left = axes.get_xlim()[0] + 0.02 * width_m
    style = {"transform": axes.get_xaxis_transform(), "zorder": 12}
    axes.plot(
        [left, left + length],
        [0.03, 0.03],
        color=COLOURS["ink"],
        linewidth=2.5,
        solid_capstyle="butt",
        **style,
    )
    axes.text(left + length / 2, 0.04, text, ha="center", va="bottom", fontsize=8, **style)
    axes.annotate(
        words["north"], xy=(0.98, 0.985), xytext=(0.98, 0.90), xycoords="axes fraction", ha="center", va="top",
        fontsize=9, arrowprops={"arrowstyle": "-|>", "color": COLOURS["ink"]},
    )  # fmt: skip
    entries = [*_fault_entries(layers["faults"], words), *_other_entries(layers, words)]
    axes.legend(
        handles=entries, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(entries), frameon=False,
        fontsize=8, handletextpad=0.4, columnspacing=1.4,
    )  # fmt: skip
    if outside:
        note = words["outside"].format(sites=outside)
        axes.text(
            0.99,
            0.01,
            note,
            transform=axes.transAxes,
            ha="right",
            fontsize=7.5,
            color=COLOURS["soft"],
        )


def scale_length(width_m: float) -> float:
    """Return a round length for a scale bar, about a fifth of a map's width.

    >>> scale_length(43_000)
    10000.0
    """
    power = 10.0 ** np.floor(np.log10(width_m / 4))
    return float(power * max(step for step in (1, 2, 5) if step * power <= width_m / 4))


def marker_of(severity: str) -> Any:
    """Return the shape of a severity, as matplotlib takes it."""
    return CHECK if severity == "cleared" else MARKERS[severity]


def _fault_entries(faults: pd.DataFrame, words: Words) -> list[Any]:
    """Return the entries of the legend for the faults shown."""
    entries = [
        _entry(
            words[s], marker=marker_of(s), markersize=8, color=COLOURS[f"{s}-fill"],
            markeredgecolor=COLOURS["paper"],
        )
        for s in (*MARKERS, "cleared")
        if (faults["severity"] == s).any()
    ]  # fmt: skip
    if (faults["is_silent"] & (faults["severity"] != "cleared")).any():
        ring = {"marker": "o", "markersize": 11, "markerfacecolor": "none"}
        entries.append(_entry(words["silent"], markeredgecolor=COLOURS["ink"], **ring))
    return entries


def _other_entries(layers: Mapping[str, pd.DataFrame], words: Words) -> list[Any]:
    """Return the entries of the legend for notices, planned sites and sites."""
    entries = []
    if len(layers["noticed"]):
        entries.append(_entry(words["noticed"], color=COLOURS["accent"], linestyle=(0, (4, 2))))
    if len(layers["planned"]):
        plus = {"marker": "P", "markersize": 7, "markerfacecolor": "none"}
        entries.append(_entry(words["planned"], markeredgecolor=COLOURS["accent"], **plus))
    entries.append(_entry(words["site"], marker=".", markersize=5, color=COLOURS["faint"]))
    return entries


def _entry(label: str, **style: Any) -> Any:
    """Return an entry of the legend; a mark without a line, unless a style of line is given."""
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, **({"linestyle": "none"} | style))
