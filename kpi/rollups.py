"""Roll rows of counters up to hours and days, by cell, site, layer or county.

A ratio is a ratio of the sums of the periods that know both its parts. A count is the sum over cells of what each had
per hour while it reported, so a silent cell lowers the coverage and not the count of the others. A level is the mean
weighted by the minutes reported; dBm are averaged as milliwatts, for powers add up and decibels do not, and because
only so do short and long periods of one truth give the same. What no period knows is null, never zero.

Simple so far: a period that crosses the edge of an hour is shared out by its minutes; the busiest cell of a site
weighs no more in a level than the others; the interval of a product is made of the ends of its factors, so it is wide.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import pandas as pd

from contract.errors import InputError
from kpi.intervals import wilson_interval
from kpi.measure_files import Measure, MeasureBook, load_measures
from kpi.period_overlaps import is_counted
from kpi.span_pieces import MINUTE_US, Pieces, cut_periods, microseconds, span_edges

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Told = dict[str, Floats]
GROUPS = ("cell", "site", "layer", "county")
UNKNOWN_RAT = ""
TOLD = ("value", "n", "low", "high", "coverage")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Places:
    """A place is a cell and a span, a slot an object and a span; [pieces], [places] and [slots] long."""

    of_piece: Ints
    cell: Ints
    slot: Ints
    objects: Ints
    spans: Ints


@dataclass(frozen=True)
class _Layout:
    """Rows that count, cut at the edges of spans, with what each cell is counted under."""

    rows: pd.DataFrame
    pieces: Pieces
    places: _Places
    rats: npt.NDArray[np.str_]
    objects: Ints
    labels: npt.NDArray[np.str_]
    edges: pd.DatetimeIndex

    def expected_minutes(self, is_member: Flags) -> Floats:
        """Return the minutes that the cells of each slot would report."""
        members = np.bincount(self.objects[is_member], minlength=len(self.labels))
        minutes = np.diff(microseconds(self.edges)) / MINUTE_US
        return np.asarray(members[self.places.objects] * minutes[self.places.spans])


@dataclass(frozen=True)
class _Sums:
    """Upper and lower sum of a measure, minutes known and periods behind them, by place or slot."""

    upper: Floats
    lower: Floats
    minutes: Floats
    periods: Floats


def grouped_cells(cells: pd.DataFrame, sites: pd.DataFrame, *, by: str = "cell") -> pd.DataFrame:
    """Return which object each cell is counted under.

    Parameters
    ----------
    cells, sites : DataFrame
        The tables of the contract.
    by : {"cell", "site", "layer", "county"}
        A layer is a technology and a band to the nearest 100 MHz, such as `LTE 1800`.

    Returns
    -------
    DataFrame, index `cell_id`
        `object_id` and `rat`. A cell whose county is not known is left out.

    Raises
    ------
    InputError
        If `by` is none of these.

    Examples
    --------
    >>> cells = pd.DataFrame({"cell_id": ["A1"], "site_id": ["A"], "rat": ["LTE"], "freq_mhz": [1815.0]})
    >>> grouped_cells(cells, pd.DataFrame(), by="layer").loc["A1", "object_id"]
    'LTE 1800'
    """
    if by not in GROUPS:
        message = f"`by` must be one of {list(GROUPS)}, got {by!r}."
        raise InputError(message)
    if by == "layer":
        band = cells["freq_mhz"].round(-2).astype("int64").astype("str")
        label = cells["rat"].astype("str") + " " + band
    elif by == "county":
        label = cells["site_id"].map(sites.set_index("site_id")["county"])
    else:
        label = cells[f"{by}_id"]
    table = pd.DataFrame({"object_id": label, "rat": cells["rat"].astype("str")})
    table.index = pd.Index(cells["cell_id"].astype("str"), name="cell_id")
    return table[table["object_id"].notna() & (table["object_id"] != "")]


def rolled_up(
    rows: pd.DataFrame,
    cells: pd.DataFrame,
    *,
    span: str | int = "hour",
    zone: str = "Asia/Shanghai",
    book: MeasureBook | None = None,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return measures of objects by hour or day, from counters of periods of any length.

    Of rows of a cell that overlap, the finer count where they fill the coarser; see `kpi.period_overlaps`.

    Parameters
    ----------
    rows : DataFrame, one row per cell and period, any order
        Needs `cell_id`, `start` (datetime64, UTC) and `minutes`; counters absent from it are unknown. Rows of cells
        that `cells` does not have are left out; their number is logged.
    cells : DataFrame, index `cell_id`
        From `grouped_cells`: `object_id` and `rat`; an empty `rat` may be any.
    span : {"hour", "day"} or int, default "hour"
        Days are those of the zone. A number is minutes, counted from midnight.
    zone : str, default "Asia/Shanghai"
    book : MeasureBook, optional
        Default that of `load_measures`.
    names : sequence of str, optional
        Measures wanted; default all but `present`.

    Returns
    -------
    DataFrame
        One row per object, span with at least one period, and measure: `object_id`, `start` (in the zone), `measure`,
        `value` (NaN = unknown), `n` (attempts of a ratio or quotient, else periods), `low`, `high` (95 % interval of a
        ratio, else NaN), `coverage` (share of the minutes of its cells for which it is known), `is_few` (fewer
        attempts than the measure needs to be judged alone).

    Raises
    ------
    InputError
        If a measure or span is not known, or `rows` lacks a column.

    Examples
    --------
    >>> cells = pd.DataFrame({"object_id": ["A1"], "rat": ["GSM"]}, index=["A1"])
    >>> start = pd.date_range("2026-03-02", periods=4, freq="15min", tz="UTC")
    >>> rows = pd.DataFrame({"cell_id": "A1", "start": start, "minutes": 15, "setup_attempts": [90, 0, 10, 0],
    ...                      "setup_successes": [90, 0, 0, 0]})
    >>> found = rolled_up(rows, cells, names=["setup_success", "attempts"])
    >>> found["value"].tolist(), found["n"].tolist()
    ([0.9, 100.0], [100.0, 4.0])
    """
    book = load_measures() if book is None else book
    wanted = _wanted(book, names)
    if lacking := sorted({"cell_id", "start", "minutes"} - set(rows.columns)):
        message = f"`rows` lacks columns {lacking}; it has {list(rows.columns)}."
        raise InputError(message)
    layout = _laid_out(rows, cells, span, zone=zone)
    rates = {counter for m in book.measures if m.is_rate for counter in m.numerators}
    found: dict[str, Told] = {}
    for measure in wanted:
        if measure.factors:
            found[measure.name] = _product([found[name] for name in measure.factors])
        else:
            found[measure.name] = _rolled(measure, layout, rates, sigmas=book.sigmas)
    told = [measure for measure in wanted if names is None or measure.name in names]
    return _table(told, found, layout)


def _wanted(book: MeasureBook, names: Sequence[str] | None) -> list[Measure]:
    """Return the measures asked for and those they are made of, products last."""
    known = {m.name: m for m in book.measures if m.counters or m.factors}
    asked = list(known) if names is None else names
    if strange := [name for name in asked if name not in known]:
        message = f"`names` must be measures of {sorted(known)}, got {strange}."
        raise InputError(message)
    parts = dict.fromkeys(part for name in asked for part in (*known[name].factors, name))
    return sorted((known[name] for name in parts), key=lambda m: bool(m.factors))


def _counted_rows(rows: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, Ints, Ints, Ints]:
    """Return the rows of known cells that count, their cells and their begin and end in microseconds."""
    ids = rows["cell_id"]
    if isinstance(ids.dtype, pd.CategoricalDtype):
        codes = cells.index.get_indexer(ids.cat.categories.astype("str"))[ids.cat.codes]
        cell = np.where(ids.cat.codes < 0, -1, codes)
    else:
        cell = cells.index.get_indexer(ids.astype("str"))
    minutes = rows["minutes"].to_numpy(dtype=np.float64, na_value=np.nan)
    is_known = (cell >= 0) & (minutes > 0) & rows["start"].notna().to_numpy()
    if not is_known.all():
        logger.info("%d of %d rows without a cell or a period", (~is_known).sum(), len(rows))
    begin = rows["start"].to_numpy("datetime64[us]").astype(np.int64)
    end = begin + np.nan_to_num(minutes * MINUTE_US).astype(np.int64)
    chosen = np.flatnonzero(is_known)
    chosen = chosen[is_counted(cell[chosen], begin[chosen], end[chosen])]
    return rows.iloc[chosen], cell[chosen].astype(np.int64), begin[chosen], end[chosen]


def _laid_out(rows: pd.DataFrame, cells: pd.DataFrame, span: str | int, *, zone: str) -> _Layout:
    """Return the rows that count, cut at the edges of spans."""
    known, cell, begin, end = _counted_rows(rows, cells)
    labels, objects = np.unique(cells["object_id"].to_numpy(str), return_inverse=True)
    bounds = (int(begin.min()), int(end.max())) if len(known) else (0, 1)
    edges = span_edges(*bounds, span, zone=zone)
    pieces = cut_periods(begin, end, microseconds(edges))
    return _Layout(
        rows=known,
        pieces=pieces,
        places=_places(cell[pieces.row], pieces.span, objects, len(edges)),
        rats=cells["rat"].to_numpy(str),
        objects=objects,
        labels=labels,
        edges=edges,
    )


def _places(cell: Ints, span: Ints, objects: Ints, spans: int) -> _Places:
    """Return the places of pieces and the slots of places, both in order."""
    of_piece, keys = pd.factorize(cell * spans + span, sort=True)
    keys = np.asarray(keys, dtype=np.int64)
    slot, slots = pd.factorize(objects[keys // spans] * spans + keys % spans, sort=True)
    slots = np.asarray(slots, dtype=np.int64)
    return _Places(of_piece, keys // spans, slot, slots // spans, slots % spans)


def _rolled(measure: Measure, layout: _Layout, rates: Collection[str], *, sigmas: float) -> Told:
    """Return value, attempts, interval and coverage of a measure by slot."""
    is_member = np.isin(layout.rats, (*measure.rats, UNKNOWN_RAT))
    places, pieces = layout.places, layout.pieces
    upper, lower = _amounts(measure, layout.rows, pieces, rates)
    known = np.isfinite(upper) & np.isfinite(lower) & is_member[places.cell][places.of_piece]
    parts = (upper, lower, pieces.minutes, np.ones(len(upper)))
    at, size = places.of_piece[known], len(places.cell)
    sums = _Sums(*(_added(at, part[known], size) for part in parts))
    sums = _by_slot(sums, places, is_count=measure.form == "count")
    return _told(measure, sums, layout.expected_minutes(is_member), sigmas=sigmas)


def _amounts(
    measure: Measure, rows: pd.DataFrame, pieces: Pieces, rates: Collection[str]
) -> tuple[Floats, Floats]:
    """Return the upper and lower part of each piece; NaN where either is unknown."""
    if not set(measure.counters) <= set(rows.columns):
        unknown = np.full(len(pieces.row), np.nan)
        return unknown, unknown
    hours = pieces.minutes / 60.0
    if measure.form == "level":
        level = _counter(rows, measure.numerators[0])[pieces.row]
        level = 10.0 ** (level / 10.0) if measure.averaged == "power" else level
        return level * pieces.minutes, pieces.minutes
    upper, lower = (
        [
            _counter(rows, name)[pieces.row] * (hours if name in rates else pieces.share)
            for name in part
        ]
        for part in (measure.numerators, measure.denominators)
    )
    return reduce(np.add, upper), reduce(np.add, lower) if lower else hours


def _counter(rows: pd.DataFrame, name: str) -> Floats:
    """Return a counter of each row, NaN where it is not reported."""
    return np.asarray(rows[name].to_numpy(dtype=np.float64, na_value=np.nan))


def _added(at: Ints, parts: Floats, size: int) -> Floats:
    """Return the sum of the parts at each position."""
    return np.bincount(at, weights=parts, minlength=size).astype(np.float64)


def _by_slot(sums: _Sums, places: _Places, *, is_count: bool) -> _Sums:
    """Return the sums of each object and span; a count is the sum of what its cells had per hour."""
    upper, lower, size = sums.upper, sums.lower, len(places.objects)
    if is_count:
        known = lower > 0
        upper = np.divide(upper, lower, out=np.zeros_like(upper), where=known)
        lower = known.astype(np.float64)
    parts = (upper, lower, sums.minutes, sums.periods)
    upper, lower, minutes, periods = (_added(places.slot, part, size) for part in parts)
    return _Sums(upper, np.minimum(lower, 1.0) if is_count else lower, minutes, periods)


def _told(measure: Measure, sums: _Sums, expected: Floats, *, sigmas: float) -> Told:
    """Return value, attempts, interval and coverage of a measure by slot."""
    nothing = np.full(len(expected), np.nan)
    value = np.divide(sums.upper, sums.lower, out=nothing.copy(), where=sums.lower > 0)
    value *= measure.times
    n, low, high = sums.periods, nothing, nothing
    if measure.averaged == "power":
        value = 10.0 * np.log10(value, out=nothing.copy(), where=value > 0)
    if measure.form in ("ratio", "quotient"):
        n = sums.lower
    if measure.form == "ratio":
        value = np.clip(value, 0.0, 1.0)
        low, high = wilson_interval(value * n, n, sigmas=sigmas)
    coverage = np.divide(sums.minutes, expected, out=np.zeros(len(n)), where=expected > 0)
    return dict(zip(TOLD, (value, n, low, high, coverage), strict=True))


def _product(factors: Sequence[Told]) -> Told:
    """Return the product of ratios: attempts and coverage of the factor that has the least."""
    joined: Told = {}
    for key in TOLD:
        combined = np.minimum if key in ("n", "coverage") else np.multiply
        joined[key] = reduce(combined, [factor[key] for factor in factors])
    return joined


def _table(measures: Sequence[Measure], found: Mapping[str, Told], layout: _Layout) -> pd.DataFrame:
    """Return what was found as one table, by object, span and measure."""
    places, names = layout.places, [measure.name for measure in measures]
    size, count = len(places.objects), len(measures)
    columns = {key: np.column_stack([found[name][key] for name in names]).ravel() for key in TOLD}
    attempts = [m.least if m.denominators or m.factors else 0.0 for m in measures]
    return pd.DataFrame(
        {
            "object_id": pd.Categorical.from_codes(
                np.repeat(places.objects, count), categories=layout.labels
            ),
            "start": layout.edges[places.spans].repeat(count),
            "measure": pd.Categorical.from_codes(np.tile(np.arange(count), size), categories=names),
            **columns,
            "is_few": columns["n"] < np.tile(attempts, size),
        }
    )
