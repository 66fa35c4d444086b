"""Tell since when and until when counters show each cell to serve.

A period shows service when the cell carried a good part of what it carries on the mean and no episode says that it is
lost; it shows an outage when one does. What a broken cell still lets through, and a quiet night, show neither.

Simple so far: the mean is over all hours, so a quiet cell proves nothing at night.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.faults import FAMILY_OF_KIND, LOSS, Floats, Ints
from correlate.feed import CounterRows
from correlate.kind_trust import KIND_NAMES

ACTIVITY = (
    "setup_successes", "data_successes", "traffic_erl", "data_mb", "active_users",
)  # fmt: skip
LEAST_AVAILABILITY = 0.9
LEAST_SHARE = 0.3
"""Of what a cell carries on the mean that a period must show."""
MEAN_OVER = 200
"""Periods that the mean reaches back, about."""
NEVER = -1
_LOST = np.array([FAMILY_OF_KIND.get(name) == LOSS for name in KIND_NAMES])


@dataclass
class ServiceSeen:
    """What counters last showed of each cell; times in seconds since 1970, `NEVER` where nothing did.

    Attributes
    ----------
    since : array of int, shape (cells,)
        Begin of the first period of service since the last outage.
    latest : array of int, shape (cells,)
        Begin of the latest period of service; `NEVER` while an outage shows.
    is_out : array of bool, shape (cells,)
    mean : array of float, shape (cells, measures)
        What each cell carries a minute, NaN where nothing came yet.
    """

    since: Ints
    latest: Ints
    is_out: NDArray[np.bool_]
    mean: Floats

    @classmethod
    def nothing(cls, cells: int) -> ServiceSeen:
        """Return what is known before any counters came."""
        never = np.full(cells, NEVER, dtype=np.int64)
        mean = np.full((cells, len(ACTIVITY)), np.nan)
        return cls(never, never.copy(), np.zeros(cells, dtype=bool), mean)


def note_service(seen: ServiceSeen, rows: CounterRows, lost: Ints) -> None:
    """Take in counters that arrived.

    Parameters
    ----------
    seen : ServiceSeen
        Changed in place.
    rows : CounterRows
    lost : array of int
        Cells that an open episode says are lost.
    """
    is_lost = np.zeros(len(seen.since), dtype=bool)
    is_lost[lost] = True
    seen.is_out = is_lost
    seen.since[is_lost] = seen.latest[is_lost] = NEVER
    order = np.argsort(rows.start, kind="stable")
    good = order[(_is_active(seen, rows) & ~is_lost[rows.cell])[order]]
    cell, start = rows.cell[good], rows.start[good]
    first = np.unique(cell, return_index=True)[1]
    fresh = first[seen.since[cell[first]] == NEVER]
    seen.since[cell[fresh]] = start[fresh]
    np.maximum.at(seen.latest, cell, start)


def _is_active(seen: ServiceSeen, rows: CounterRows) -> NDArray[np.bool_]:
    """Return which rows show that the cell carried a good part of its mean, and let the mean learn from all."""
    active = np.zeros(len(rows.cell), dtype=bool)
    for at, name in enumerate(ACTIVITY):
        if name not in rows.counters:
            continue
        carried = rows.counters[name] / np.maximum(rows.minutes, 1)
        mean = seen.mean[rows.cell, at]
        active |= np.nan_to_num(carried) > LEAST_SHARE * np.where(np.isnan(mean), np.inf, mean)
        told = np.flatnonzero(np.isfinite(carried) & (rows.cell >= 0))
        before = np.where(np.isnan(mean), carried, mean)[told]
        seen.mean[rows.cell[told], at] = before + (carried[told] - before) / MEAN_OVER
    if "availability" in rows.counters:
        share = rows.counters["availability"]
        active &= np.isnan(share) | (share >= LEAST_AVAILABILITY)
    return np.asarray(active & (rows.cell >= 0))


def lost_cells(kinds: Ints, cells: Ints, is_open: NDArray[np.bool_]) -> Ints:
    """Return the cells of open episodes that say a cell is lost."""
    return np.unique(cells[is_open & _LOST[kinds]])


def service_table(
    seen: ServiceSeen, asked: Ints, cell_ids: NDArray[np.object_], site_ids: NDArray[np.object_]
) -> pd.DataFrame:
    """Return since when each cell serves, as `alarms.lost_clearings.with_service_seen` takes it.

    Parameters
    ----------
    seen : ServiceSeen
    asked : array of int
        Positions of the cells to tell of.
    cell_ids, site_ids : array of text, shape (cells,)
        Of each cell and of its site.
    """
    known = asked[(seen.since[asked] != NEVER) | seen.is_out[asked]]
    is_serving = seen.since[known] != NEVER
    since = np.where(is_serving, seen.since[known] * 1_000_000, np.iinfo(np.int64).min)
    return pd.DataFrame(
        {
            "object_id": pd.array(cell_ids[known], dtype="str"),
            "site_id": pd.array(site_ids[known], dtype="str"),
            "since": pd.DatetimeIndex(since.view("datetime64[us]"), tz="UTC"),
            "is_known": True,
        }
    )


def served_from(seen: ServiceSeen) -> Ints:
    """Return the begin of the latest period in which each cell served, in microseconds; the least int64 where none.

    A cell that is out gets one below zero, so that it is known not to serve.
    """
    known = np.where(seen.latest == NEVER, np.iinfo(np.int64).min, seen.latest * 1_000_000)
    return np.asarray(np.where(seen.is_out, -1, known))
