"""Tell two days of counters of the likeliest cells and of the fault's, hour by hour, beside what is usual.

An hour's value is made from the sums of its periods; longer periods keep their length. An hour that never arrived is
None: unknown, not zero. What is usual comes from `kpi.bands`.

Simple so far: at most four cells and eight measures a cell are told.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from correlate.case.archive import CounterRows
from correlate.case.inquiry import Inquiry
from kpi.bands import Bands, usual_bands
from kpi.measures import COUNTERS, MEASURE_INDEX, MEASURES, measure_values
from kpi.quantiles import column_quantiles

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

HOUR = 3600
WINDOW_HOURS = 48
MOST_CELLS, MOST_FAULT_CELLS, MOST_MEASURES = 4, 2, 8
LEAST_SHARE = 0.02
TELLING_Z = 3.0
LAST_HOURS = 4
FRESH_S = 6 * HOUR
MAIN = (
    "traffic_erl", "data_volume", "setup_success", "data_success", "drop_rate", "congestion_rate", "sd_congestion",
    "prb_utilisation", "ul_interference_dbm", "throughput_mbps", "vswr", "ber", "availability", "ho_success",
    "active_users", "cqi", "attempts", "data_attempts",
)  # fmt: skip
"""Measures in the order in which an engineer wants them, where nothing stands out."""
LEVELS = tuple(name for m in MEASURES if m.form == "level" for name in m.numerators)
RATES = tuple(name for m in MEASURES if m.is_rate for name in m.numerators)
MEANS = frozenset(LEVELS + RATES)


@dataclass(frozen=True)
class Seen:
    """Counters of some cells by hour, [n, H, M] and [n, M].

    `values` and their `bands` by hour; `z` of the last two hours, `last` the middle of the hours known last. `hours`
    are the begins (seconds since 1970); `minutes` the length of a period as told; `last_end` when the last period of
    each cell that arrived ended (0: none in the window).
    """

    cells: Ints
    hours: Ints
    minutes: int
    values: Singles
    bands: Bands
    z: Singles
    last: Singles
    last_end: Ints

    @property
    def is_empty(self) -> bool:
        """Whether no period of any of the cells arrived in the window."""
        return not (self.last_end > 0).any()

    def column(self, measure: str) -> tuple[Singles, Singles]:
        """Return a measure's values and what is usual, [n, H]."""
        i = MEASURE_INDEX[measure]
        return self.values[:, :, i], self.bands.usual[:, :, i]


def seen_counters(inquiry: Inquiry) -> Seen:
    """Return two days of counters of the cells asked, as they had arrived."""
    cells = asked_cells(inquiry)
    since = inquiry.now - (WINDOW_HOURS + 1) * HOUR
    rows = inquiry.archive.counters.rows_of(cells, since=since, now=inquiry.now)
    minutes = max(60, int(np.median(rows.minutes))) if len(rows.minutes) else 60
    is_short = bool(len(rows.minutes)) and int(np.median(rows.minutes)) < 60
    last_hour = (inquiry.now - 1) // HOUR * HOUR if is_short else inquiry.now // HOUR * HOUR - HOUR
    hours = last_hour - HOUR * np.arange(WINDOW_HOURS - 1, -1, -1, dtype=np.int64)
    values, attempts = _hourly(rows, len(cells), hours)
    watch = inquiry.state.watch
    keys = (hours + watch.utc_offset) // HOUR
    bands = usual_bands(watch, cells, hour_keys=keys, attempts=attempts)
    last_end = np.zeros(len(cells), np.int64)
    np.maximum.at(last_end, rows.which, rows.start + rows.minutes * 60)
    fresh = watch.z_at[cells] >= inquiry.now - FRESH_S
    z = np.where(fresh, watch.z_smooth[cells], np.float32(np.nan))
    return Seen(cells, hours, minutes, values, bands, z, _last_known(values), last_end)


def _last_known(values: Singles) -> Singles:
    """Return the middle of the last hours known of each cell and measure, [n, M]."""
    known = np.isfinite(values)
    late = known & (known[:, ::-1].cumsum(axis=1)[:, ::-1] <= LAST_HOURS)
    picked = np.moveaxis(np.where(late, values, np.float32(np.nan)), 1, 0)
    (low, high), _ = column_quantiles(np.concatenate([picked, picked]), (0.5, 0.51))
    return np.asarray((low + high) / 2, dtype=np.float32)


def asked_cells(inquiry: Inquiry) -> Ints:
    """Return the likeliest cells of the place and, beside them, the cells most hurt by the fault."""
    ticket = inquiry.ticket
    best = inquiry.best_cells
    share = dict(zip(ticket.cells.tolist(), ticket.served.tolist(), strict=True))
    chosen = [c for c in best.tolist() if share[c] >= LEAST_SHARE][:3] or best.tolist()[:1]
    fault = inquiry.fault
    if fault is not None and len(fault.cells):
        own = inquiry.knowledge.network.cell_position.get(fault.object_id.split("/")[0])
        hurt = fault.cells[np.argsort(-fault.degree, kind="stable")].tolist()
        first = [] if own is None else [int(own)]
        extra = [c for c in dict.fromkeys(first + hurt) if c not in chosen]
        is_met = bool(set(chosen) & set(fault.cells.tolist()))
        chosen += extra[: 1 if is_met else MOST_FAULT_CELLS]
    return np.array(chosen[:MOST_CELLS], dtype=np.int64)


def _hourly(rows: CounterRows, size: int, hours: Ints) -> tuple[Singles, Singles]:
    """Return measures and attempts by cell and hour, [n, H, M]; NaN where no period arrived."""
    places = size * len(hours)
    at = np.clip((rows.start - hours[0]) // HOUR, 0, len(hours) - 1)
    flat = rows.which * len(hours) + at
    minutes = np.bincount(flat, weights=rows.minutes, minlength=places)
    sums: dict[str, Floats] = {}
    for name in COUNTERS:
        values = rows.counters.get(name)
        if values is None:
            continue
        known = np.isfinite(values)
        weight = rows.minutes[known] if name in MEANS else np.ones(int(known.sum()))
        total = np.bincount(flat[known], weights=values[known] * weight, minlength=places)
        count = np.bincount(flat[known], weights=weight, minlength=places)
        divisor = np.where(count > 0, count if name in MEANS else 1.0, np.nan)
        sums[name] = total / divisor
    measured, attempts = measure_values(sums, np.where(minutes > 0, minutes, np.nan))
    measured[minutes == 0] = np.nan
    shape = (size, len(hours), len(MEASURES))
    return measured.reshape(shape), np.nan_to_num(attempts).reshape(shape)


def counters_section(inquiry: Inquiry, seen: Seen) -> dict[str, Any]:
    """Return two days of counters, as plain data.

    Keys: `since`, `until`, `minutes`, `times` (begins of the hours), `cells` (each `cell_id`, `last_end`, `measures`).
    A measure: `measure`, `unit`, `bad`, `direction` (above or below usual, else usual), `z_now` (spreads over the last
    two hours, or None), `telling`, and `series`, packed: `correlate.case.casebook.unpacked` lays it out as `times`,
    `values`, `usual`, `low`, `high`, None where not known.
    """
    ids = inquiry.knowledge.cell_ids
    times = [inquiry.iso(at) for at in seen.hours.tolist()]
    return {
        "since": times[0],
        "until": inquiry.iso(inquiry.now),
        "minutes": seen.minutes,
        "times": times,
        "cells": [
            {
                "cell_id": str(ids[cell]),
                "last_end": inquiry.iso(int(seen.last_end[i]) or None),
                "measures": [_measure(seen, i, m) for m in chosen_measures(seen, i)],
            }
            for i, cell in enumerate(seen.cells.tolist())
        ],
    }


def chosen_measures(seen: Seen, cell: int) -> list[int]:
    """Return the measures of a cell to tell: those that stand out first, then the main ones."""
    known = np.isfinite(seen.values[cell]).any(axis=0)
    known[MEASURE_INDEX["present"]] = False
    z = np.abs(np.nan_to_num(seen.z[cell]))
    order = np.argsort(-z, kind="stable")
    telling = [m for m in order.tolist() if known[m] and z[m] >= TELLING_Z]
    main = [MEASURE_INDEX[name] for name in MAIN if known[MEASURE_INDEX[name]]]
    return list(dict.fromkeys(telling + main))[:MOST_MEASURES]


def _measure(seen: Seen, cell: int, m: int) -> dict[str, Any]:
    """Return one measure of one cell."""
    z = float(seen.z[cell, m])
    telling = bool(np.isfinite(z) and abs(z) >= TELLING_Z)
    return {
        "measure": MEASURES[m].name,
        "unit": MEASURES[m].unit,
        "bad": MEASURES[m].direction,
        "direction": ("above" if z > 0 else "below") if telling else "usual",
        "series": packed_series(
            seen.values[cell, :, m],
            seen.bands.usual[cell, :, m],
            seen.bands.low[cell, :, m],
            seen.bands.high[cell, :, m],
        ),
        "z_now": round(z, 1) if np.isfinite(z) else None,
        "telling": telling,
    }


def packed_series(*series: Singles) -> str:
    """Return series of equal length as text, to three digits and more; `correlate.case.casebook.unpacked` reads it.

    Tens of thousands of cases are kept, of which few are ever asked for: packed, they cost little to keep.
    """
    exact = np.stack(series).astype("<f4").view("<u4")
    short = (exact + np.uint32(0x800)) & np.uint32(0xFFFFF000)
    bytes_apart = short.reshape(-1, 1).view(np.uint8).T
    return base64.b64encode(bytes_apart.tobytes()).decode("ascii")
