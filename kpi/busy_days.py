"""Know cells that lack capacity by the rule book, whatever is usual for them.

A cell that is full every evening since before the first counter came shows nothing unusual. The rule books judge it by
a plain limit instead: beyond it for so many hours of a day, on so many of the last seven days.

Simple so far: the hours of a day need not follow each other, and days are days of one fixed offset.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi.evidence import NEVER, Evidence
from kpi.kinds import Kind, Standing
from kpi.measures import Floats

Ints = npt.NDArray[np.intp]
Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WEEK = np.uint8(0x7F)  # a bit for each of seven days, today the lowest
DAY_SECONDS = 86400
SURE = 4.0  # times the evidence that opens an episode: a rule book's limit needs no more
LATELY = np.uint8(0b11)  # today and yesterday: what was busy on neither is over


@dataclass
class BusyDays:
    """Time beyond the limit by cell and kind, changed in place."""

    is_gsm: Flags  # [C]
    day: Seconds  # [C] day of the last period judged, of the network's clock
    minutes: Floats  # [C, K] beyond the limit on that day
    days: npt.NDArray[np.uint8]  # [C, K] which of the last seven days were busy
    since: Seconds  # [C, K] begin of the first period of them beyond the limit


def start_busy_days(is_gsm: Flags, kinds: int) -> BusyDays:
    """Return what is known of busy days before any counter came.

    Parameters
    ----------
    is_gsm : array of bool [C]
    kinds : int
    """
    shape = (len(is_gsm), kinds)
    return BusyDays(
        is_gsm=is_gsm,
        day=np.full(len(is_gsm), NEVER, dtype=np.int64),
        minutes=np.zeros(shape, dtype=np.float32),
        days=np.zeros(shape, dtype=np.uint8),
        since=np.full(shape, NEVER, dtype=np.int64),
    )


def observe_busy_days(
    busy: BusyDays,
    kinds: tuple[Kind, ...],
    cells: Ints,
    moves: tuple[Floats, Floats],
    *,
    span: tuple[int, int, int],
    utc_offset: int,
) -> tuple[Flags, Flags]:
    """Return which cells lack capacity by the rule book now, and which still do; days are changed in place.

    Parameters
    ----------
    kinds : tuple of Kind
        Those with a `standing` limit are looked at.
    cells : array of int [n]
        Positions, each once.
    moves : arrays [n, M]
        Values and attempts of the period.
    span : start, end and arrival of the period, seconds since 1970
    utc_offset : int
        Seconds.

    Returns
    -------
    opens, holds : arrays of bool [n, K]
    """
    start, end, _ = span
    values, attempts = moves
    _turn_days(busy, cells, (start + utc_offset) // DAY_SECONDS)
    opens = np.zeros((len(cells), len(kinds)), dtype=np.bool_)
    holds = opens.copy()
    for column, kind in enumerate(kinds):
        if kind.standing is None:
            continue
        rule = kind.standing
        with np.errstate(invalid="ignore"):
            beyond = (values[:, rule.measure] > rule.at) & _is_felt(rule, values)
        beyond &= attempts[:, rule.measure] >= rule.least * (end - start) / 3600
        beyond &= ~(busy.is_gsm[cells] & (not rule.holds_for_gsm))
        busy.minutes[cells, column] += beyond * np.float32((end - start) / 60)
        is_busy = busy.minutes[cells, column] >= rule.hours * 60
        days = busy.days[cells, column] | is_busy.astype(np.uint8)
        busy.days[cells, column] = days
        _date(busy, cells, column, beyond, start=start)
        count = np.bitwise_count(days)
        opens[:, column] = is_busy & (count >= rule.days)
        holds[:, column] = (count >= rule.days) & ((days & LATELY) > 0)
    return opens, holds


def _is_felt(rule: Standing, values: Floats) -> Flags:
    """Tell where one of the limits holds by which customers feel it; true where none of them is known."""
    if not rule.felt:
        return np.ones(len(values), dtype=np.bool_)
    known = values[:, [gate.measure for gate in rule.felt]]
    least = np.array([gate.at_least for gate in rule.felt], dtype=np.float32)
    most = np.array([gate.at_most for gate in rule.felt], dtype=np.float32)
    holds = (known >= least) & (known <= most)
    return np.asarray(holds.any(axis=1) | np.isnan(known).all(axis=1))


def _turn_days(busy: BusyDays, cells: Ints, day: int) -> None:
    """Shift the days of cells whose day has changed."""
    passed = np.where(busy.day[cells] == NEVER, 0, np.clip(day - busy.day[cells], 0, 8))
    turned = passed > 0
    busy.minutes[cells[turned]] = 0
    wide = busy.days[cells].astype(np.uint16) << passed[:, None].astype(np.uint16)
    busy.days[cells] = (wide & WEEK).astype(np.uint8)
    busy.day[cells] = np.maximum(busy.day[cells], day)


def _date(busy: BusyDays, cells: Ints, column: int, beyond: Flags, *, start: int) -> None:
    """Note since when a cell has been beyond the limit; forget it after a week without."""
    since = busy.since[cells, column]
    gone = (busy.days[cells, column] == 0) & (busy.minutes[cells, column] == 0)
    since = np.where(gone, NEVER, since)
    busy.since[cells, column] = np.where(beyond & (since == NEVER), start, since)


def open_busy(
    busy: BusyDays,
    evidence: Evidence,
    kinds: tuple[Kind, ...],
    cells: Ints,
    found: tuple[Flags, Flags],
    *,
    span: tuple[int, int, int],
) -> None:
    """Open the episodes of cells that lack capacity by the rule book, and keep open those that still do.

    Parameters
    ----------
    found : opens, holds
        As `observe_busy_days` returns them.
    """
    _, end, now = span
    opens, holds = found
    rows, column = np.nonzero(opens & ~evidence.is_open[cells])
    at = (cells[rows], column)
    evidence.is_open[at] = True
    evidence.opened[at] = now
    evidence.closed[at] = NEVER
    evidence.onset[at] = busy.since[at]
    evidence.run_start[at] = busy.since[at]
    evidence.first_period[at] = np.maximum(evidence.first_period[at], busy.since[at])
    limit = np.array([kind.open_at for kind in kinds], dtype=np.float32)
    rows, column = np.nonzero(opens)
    at = (cells[rows], column)
    evidence.strength[at] = np.maximum(evidence.strength[at], SURE * limit[column])
    rows, column = np.nonzero(holds & evidence.is_open[cells])
    at = (cells[rows], column)
    evidence.quiet[at] = 0
    evidence.last[at] = end
