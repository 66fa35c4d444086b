"""Draw the map of a report: where the faults are, whom notices reach, what is planned, on land known from sites alone.

Metres in an azimuthal equidistant projection centred on the median site. Sites far from all others (mistyped
coordinates) fall outside the frame and are counted in a line below.

Simple so far: no terrain, roads or boundaries; one picture for the whole network, without zoom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj
from markupsafe import Markup
from numpy.typing import NDArray

from dashboards.drawing import COLOURS, drawing_style, inline_svg
from dashboards.map_furniture import MARKERS, draw_furniture, marker_of
from dashboards.map_labels import placed_labels
from dashboards.map_outlines import area_around, county_outlines

WIDTH_IN = 10.0
LEGEND_IN = 0.45
MARK_PX = 8.0
RING_SIZE = 230
MANY_FAULTS = 120
FURNITURE = np.array([[0.94, 0.86, 1.0, 1.0], [0.0, 0.0, 0.3, 0.1]])
FLATTEST, TALLEST = 0.45, 0.8
MOST_DOTS = 4000
MOST_NAMES = 80
KIND_ORDER = {"seat": 0, "town": 1, "village": 2, "poi": 3}
KIND_SIZE = {"seat": 10.5, "town": 8.5}
MARKER_SIZE = {"critical": 85, "major": 85, "minor": 55, "warning": 45}
Words = Mapping[str, str]


@dataclass(frozen=True)
class MapContent:
    """What a map shows; WGS-84 degrees, rows without a position are left out.

    Attributes
    ----------
    sites : DataFrame
        Live sites: `lon`, `lat`, `county`.
    places : DataFrame
        `name`, `kind` (seat, town, village, poi), `lon`, `lat`.
    faults : DataFrame
        `lon`, `lat`, `severity` (critical, major, minor, warning, cleared), `is_silent`, `number` (0: none written).
    noticed : DataFrame
        Sites that notices reach: `lon`, `lat`.
    planned : DataFrame
        Sites planned: `lon`, `lat`.
    """

    sites: pd.DataFrame
    places: pd.DataFrame
    faults: pd.DataFrame
    noticed: pd.DataFrame
    planned: pd.DataFrame


@dataclass(frozen=True)
class _Ground:
    """Projected layers and the frame: left, bottom, right, top in metres."""

    layers: Mapping[str, pd.DataFrame]
    frame: tuple[float, float, float, float]
    outside: int

    @property
    def span_m(self) -> float:
        """The longer side of the frame."""
        left, bottom, right, top = self.frame
        return max(right - left, top - bottom)


def area_map(content: MapContent, words: Words) -> Markup:
    """Return the map as an SVG element, or empty text when no site has a position.

    Parameters
    ----------
    content : MapContent
    words : mapping of str to str
        The group `map` of `report_words.toml` in one language.

    Returns
    -------
    Markup
    """
    ground = _ground(content)
    if ground is None:
        return Markup("")
    with drawing_style():
        figure, axes = _sheet(ground)
        _draw_land(axes, ground)
        _draw_sites(axes, ground.layers["sites"])
        _draw_planned(axes, ground.layers["planned"])
        _draw_faults(axes, ground.layers["faults"])
        draw_furniture(
            axes,
            ground.layers,
            words=words,
            width_m=ground.frame[2] - ground.frame[0],
            outside=ground.outside,
        )
        _draw_names(figure, axes, ground)
        return inline_svg(figure, name="map", label=words["label"])


def projected(tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame] | None:
    """Return tables with `x_m` and `y_m`, metres from the median of `sites`, or none when no site has a position.

    Parameters
    ----------
    tables : mapping of name to DataFrame
        Each with `lon` and `lat`; `sites` among them. Rows without a position are left out.
    """
    known = {name: table.dropna(subset=["lon", "lat"]) for name, table in tables.items()}
    sites = known["sites"]
    if sites.empty:
        return None
    middle = sites[["lon", "lat"]].median()
    to_m = pyproj.Transformer.from_crs(
        "EPSG:4326",
        f"+proj=aeqd +lon_0={middle['lon']} +lat_0={middle['lat']} +datum=WGS84 +units=m",
        always_xy=True,
    )
    out = {}
    for name, table in known.items():
        x_m, y_m = to_m.transform(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
        out[name] = table.assign(x_m=x_m, y_m=y_m)
    return out


def frame_of(x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> tuple[float, ...]:
    """Return left, bottom, right and top of a map: all points but those far from the rest, and a margin.

    Far is more than twice the width of the middle 98 of 100 beyond it. The frame is never much longer than wide.

    Examples
    --------
    >>> frame_of(np.array([0.0, 500.0, 1000.0]), np.array([0.0, 500.0, 1000.0]))
    (-225.0, -80.0, 1225.0, 1080.0)
    """
    bounds = []
    for values in (x_m, y_m):
        low, high = np.percentile(values, [1, 99])
        reach = 2 * max(high - low, 500.0)
        near = values[(values >= low - reach) & (values <= high + reach)]
        bounds.append((float(near.min()), float(near.max())))
    (left, right), (bottom, top) = bounds
    margin = 0.08 * max(right - left, top - bottom) or 1000.0
    width, height = right - left + 2 * margin, top - bottom + 2 * margin
    wider = max(width, height / TALLEST) / 2
    higher = max(height, 2 * wider * FLATTEST) / 2
    x_middle, y_middle = (left + right) / 2, (bottom + top) / 2
    return x_middle - wider, y_middle - higher, x_middle + wider, y_middle + higher


def _ground(content: MapContent) -> _Ground | None:
    """Return what lies under a map: projected tables and the frame."""
    names = ("sites", "places", "faults", "noticed", "planned")
    layers = projected({name: getattr(content, name) for name in names})
    if layers is None:
        return None
    sites = layers["sites"]
    frame = frame_of(sites["x_m"].to_numpy(float), sites["y_m"].to_numpy(float))
    left, bottom, right, top = frame
    inside = {
        name: table.loc[table["x_m"].between(left, right) & table["y_m"].between(bottom, top)]
        for name, table in layers.items()
    }
    return _Ground(inside, (left, bottom, right, top), len(sites) - len(inside["sites"]))


def _sheet(ground: _Ground) -> tuple[Any, Any]:
    """Return an empty figure in the shape of the land, and its axes in metres."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    left, bottom, right, top = ground.frame
    height_in = WIDTH_IN * (top - bottom) / (right - left)
    figure = Figure(figsize=(WIDTH_IN, height_in + LEGEND_IN))
    FigureCanvasAgg(figure)
    axes = figure.add_axes(
        (0, LEGEND_IN / (height_in + LEGEND_IN), 1, height_in / (height_in + LEGEND_IN))
    )
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("auto")
    axes.set_axis_off()
    return figure, axes


def _draw_land(axes: Any, ground: _Ground) -> None:
    """Draw the counties and the land that notices reach."""
    lands = county_outlines(ground.layers["sites"], span_m=ground.span_m)
    if len(lands):
        lands.plot(
            ax=axes,
            facecolor=COLOURS["panel"],
            edgecolor=COLOURS["faint"],
            linewidth=0.8,
            aspect=None,
        )
    noticed = ground.layers["noticed"]
    if len(noticed):
        from geopandas import GeoSeries

        radius = max(ground.span_m / 45, 300.0)
        GeoSeries([area_around(noticed, radius_m=radius)]).plot(
            ax=axes, facecolor=COLOURS["band"], edgecolor=COLOURS["accent"], linewidth=1.0,
            linestyle=(0, (4, 2)), alpha=0.9, aspect=None,
        )  # fmt: skip


def _draw_sites(axes: Any, sites: pd.DataFrame) -> None:
    """Draw the sites as dots, or how dense they are when dots would only blacken the map."""
    if len(sites) <= MOST_DOTS:
        axes.scatter(sites["x_m"], sites["y_m"], s=3.5, c=COLOURS["faint"], linewidths=0, zorder=3)
        return
    counts, x_edges, y_edges = np.histogram2d(sites["x_m"], sites["y_m"], bins=240)
    shade = np.zeros((*counts.T.shape, 4))
    shade[..., :3] = np.array([0.54, 0.58, 0.61])
    shade[..., 3] = 0.75 * np.log1p(counts.T) / np.log1p(counts.max())
    extent = (x_edges[0], x_edges[-1], y_edges[0], y_edges[-1])
    axes.imshow(
        shade, extent=extent, origin="lower", interpolation="nearest", zorder=2, aspect="auto"
    )


def _draw_planned(axes: Any, planned: pd.DataFrame) -> None:
    """Draw the sites planned."""
    axes.scatter(
        planned["x_m"], planned["y_m"], s=38, marker="P", c=COLOURS["paper"],
        edgecolors=COLOURS["accent"], linewidths=1.0, zorder=4,
    )  # fmt: skip


def _draw_faults(axes: Any, faults: pd.DataFrame) -> None:
    """Draw the faults by shape and colour, the mildest first; a ring marks those without an alarm.

    Very many are drawn smaller, but for those with a number.
    """
    smaller = min(1.0, MANY_FAULTS / max(len(faults), 1))
    faults = faults.assign(shrink=np.where(faults["number"] > 0, 1.0, max(smaller, 0.12)))
    for number, severity in enumerate(("cleared", *reversed(MARKERS))):
        some = faults.loc[faults["severity"] == severity]
        _draw_marks(axes, some, severity, order=5 + number)
    silent = faults.loc[faults["is_silent"] & (faults["severity"] != "cleared")]
    axes.scatter(
        silent["x_m"], silent["y_m"], s=RING_SIZE * silent["shrink"], marker="o", facecolors="none",
        edgecolors=COLOURS["ink"], linewidths=1.1 * silent["shrink"], zorder=11,
    )  # fmt: skip


def _draw_marks(axes: Any, faults: pd.DataFrame, severity: str, *, order: float) -> None:
    """Draw the marks of one severity."""
    axes.scatter(
        faults["x_m"], faults["y_m"], s=MARKER_SIZE.get(severity, 60) * faults["shrink"],
        marker=marker_of(severity),
        c=COLOURS[f"{severity}-fill"], edgecolors=COLOURS["paper"],
        linewidths=0.8 * faults["shrink"], zorder=order,
    )  # fmt: skip


def _draw_names(figure: Any, axes: Any, ground: _Ground) -> None:
    """Write the numbers of faults and the names of places, none over another."""
    labels = _labels(ground.layers["faults"], ground.layers["places"])
    figure.draw_without_rendering()
    written = [
        axes.text(0, 0, row.text, fontsize=row.size, fontweight="normal", color=row.colour,
                  ha="center", va="center", zorder=13, parse_math=False)
        for row in labels.itertuples()
    ]  # fmt: skip
    _halo(written)
    renderer = figure.canvas.get_renderer()
    sizes = [
        (box.width, box.height) for box in (text.get_window_extent(renderer) for text in written)
    ]
    points = axes.transData.transform(labels[["x_m", "y_m"]].to_numpy(float))
    middles = placed_labels(
        points,
        np.array(sizes).reshape(-1, 2),
        frame=tuple(figure.bbox.size),
        taken=_taken(figure, axes, ground),
        gap=MARK_PX + 4,
    )
    for text, middle in zip(written, axes.transData.inverted().transform(middles), strict=True):
        if np.isnan(middle).any():
            text.remove()
        else:
            text.set_position(middle)


def _labels(faults: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return what is to be written, most important first: `text`, `x_m`, `y_m`, `size`, `colour`."""
    numbered = faults.loc[faults["number"] > 0].sort_values("number")
    numbers = numbered.assign(
        text=numbered["number"].astype("str"), size=9.5, colour=COLOURS["ink"]
    )
    rank = places["kind"].map(KIND_ORDER).fillna(9)
    named = places.assign(rank=rank, size=places["kind"].map(KIND_SIZE).fillna(7.5))
    named = named.sort_values(["rank", "name"], kind="stable").drop_duplicates("name")
    kept = named.loc[named["rank"] <= (1 if (rank <= 1).any() else 3)].head(MOST_NAMES)
    names = kept.assign(text=kept["name"], colour=COLOURS["soft"])
    columns = ["text", "x_m", "y_m", "size", "colour"]
    return pd.concat([numbers[columns], names[columns]], ignore_index=True)


def _halo(texts: list[Any]) -> None:
    """Set texts off from what lies beneath."""
    from matplotlib.patheffects import withStroke

    for text in texts:
        text.set_path_effects([withStroke(linewidth=2.2, foreground=COLOURS["paper"], alpha=0.85)])


def _taken(figure: Any, axes: Any, ground: _Ground) -> NDArray[np.float64]:
    """Return the boxes of the marks and of the map's furniture in pixels, which no label may cover."""
    faults, planned = ground.layers["faults"], ground.layers["planned"]
    is_open = faults["severity"] != "cleared"
    is_large = (faults["number"] > 0) | (len(faults) <= MANY_FAULTS)
    marked = pd.concat([t[["x_m", "y_m"]] for t in (faults.loc[is_open & is_large], planned)])
    points = axes.transData.transform(marked.to_numpy(float).reshape(-1, 2))
    sheet = axes.transAxes.transform(FURNITURE.reshape(-1, 2)).reshape(-1, 4)
    below = [[0.0, 0.0, figure.bbox.width, axes.bbox.y0]]
    return np.vstack([np.hstack([points - MARK_PX, points + MARK_PX]), sheet, below])
