"""Take the middle and the spread of an hour of the day from the days it can be compared with.

A workday is compared with workdays and a weekend with weekends once two weeks are known; a holiday is no reference
for other days, and is itself compared with weekends and holidays. Where a kind of day is too rare, all days count
but holidays; where these are too few as well, all. Below a week of days the neighbouring hours are pooled, moved by
what the layer usually does between them.

Simple so far: the days before and after a holiday are days like any other.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kpi.day_kinds import HOLIDAY, WEEKEND, WORKDAY, Holidays, day_kinds
from kpi.quantiles import column_quantiles
from kpi.rings import HOURS, Ring

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
Part = TypeVar("Part")
Result = TypeVar("Result")

YOUNG_DAYS = 7  # below this the neighbouring hours are pooled
WEEKEND_DAYS = 14  # from this on weekends are compared with weekends
ALIKE_LEAST = 4  # days of a kind that make a reference
QUARTERS = (0.25, 0.5, 0.75)
BLOCK = 16_384
"""Cells taken at a time: bounds what is held beside the result."""


@dataclass(frozen=True)
class HourLevels:
    """Quartiles of an hour of the day, [C, G], and how many values and days they rest on."""

    low: Floats
    middle: Floats
    high: Floats
    counts: Floats
    days: Floats


def hour_levels(
    ring: Ring,
    layers: Ints,
    layer_hours: Floats,
    *,
    hour_key: int,
    country: str = "CN",
    holidays: Holidays | None = None,
) -> HourLevels:
    """Return what earlier days showed in an hour, or around it while few are known.

    Parameters
    ----------
    ring : Ring
    layers : array of int [C]
        Layer of each cell.
    layer_hours : array [24, L, G]
        Last level of each layer in each hour.
    hour_key : int
        Day number times 24 plus hour; only days before it count.
    country : str, default "CN"
        Whose holidays.
    holidays : Holidays, optional
        Default: those shipped.

    Returns
    -------
    HourLevels
        The same whatever the number of threads.
    """
    day, hour = divmod(hour_key, HOURS)
    slots = ring.slots_before(day)
    if len(slots):
        slots = days_alike(ring.days, slots, day=day, country=country, holidays=holidays)
    is_pooled = len(slots) < YOUNG_DAYS
    near = ((hour - 1) % HOURS, (hour + 1) % HOURS) if is_pooled and len(slots) else ()

    def block(span: tuple[int, int]) -> tuple[list[Floats], Floats]:
        first, last = span
        parts = [ring.read(hour, slots, first=first, last=last)]
        for other in near:
            shift = np.nan_to_num(layer_hours[hour] - layer_hours[other])[layers[first:last]]
            parts.append(ring.read(other, slots, first=first, last=last) + shift)
        return column_quantiles(np.concatenate(parts), QUARTERS)

    found = _each(block, [(i, min(i + BLOCK, ring.cells)) for i in range(0, ring.cells, BLOCK)])
    counts = _joined([part[1] for part in found], ring)
    low, middle, high = (_joined([part[0][i] for part in found], ring) for i in range(3))
    days = counts / np.float32(3) if is_pooled else counts
    return HourLevels(low, middle, high, counts, days)


def _each(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Return the result of each part, in their order; several at a time where there are several."""
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, parts))


def _joined(parts: list[Floats], ring: Ring) -> Floats:
    """Return the blocks of cells as one array."""
    if not parts:
        return np.zeros((0, ring.gauges), dtype=np.float32)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def days_alike(
    ring_days: npt.NDArray[np.int64],
    slots: Ints,
    *,
    day: int,
    country: str = "CN",
    holidays: Holidays | None = None,
) -> Ints:
    """Return the slots of the days that a day is to be compared with.

    Parameters
    ----------
    ring_days : array of int
        Day number of each slot.
    slots : array of int [s]
        Slots of earlier days.
    day : int
    country : str, default "CN"
    holidays : Holidays, optional

    Returns
    -------
    array of int
        Part of `slots`; never empty where `slots` is not.

    Examples
    --------
    >>> days = np.arange(20560, 20580)  # 17 April to 6 May 2026, of which 1 to 5 May are a holiday
    >>> days[days_alike(days, np.arange(20), day=20580)].tolist()[-4:]
    [20571, 20572, 20573, 20579]
    """
    kinds = day_kinds(ring_days[slots], country, holidays=holidays)
    kind = int(day_kinds(np.array([day]), country, holidays=holidays)[0])
    plain = kinds != HOLIDAY
    alike = {WORKDAY: kinds == WORKDAY, WEEKEND: kinds == WEEKEND, HOLIDAY: kinds != WORKDAY}[kind]
    chosen = slots
    if len(slots) >= WEEKEND_DAYS and alike.sum() >= ALIKE_LEAST:
        chosen = slots[alike]
    elif plain.sum() >= ALIKE_LEAST:
        chosen = slots[plain]
    return chosen
