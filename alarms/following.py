"""Play a table of alarms through book and groups, on a fixed grid of steps, as a run does.

A row is known from the end of the step in which it arrived, whatever the order of the rows. So any order of the table,
and any cut of a step's rows into portions, ends in the same groups.

Simple so far: what counters show is not played along, and no alarm is muted by announced work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import cleared_columns, raised_columns
from alarms.book import AlarmBook, microseconds
from alarms.episodes import Array, Columns
from alarms.groups import LATELY, NEEDED, GroupBook, regroup
from alarms.lifecycle import update_book
from alarms.roots import Roots
from contract.errors import InputError, MissingColumnsError

STEP = pd.Timedelta("5min")
_CLEARING = ("alarm_id", "object_id", "cleared_at", "clear_arrived_at")
_BLOCK = 50_000
"""Rows that are laid out together, about."""
Part = tuple[Any, Array, Callable[[Any], Columns]]
_COLUMNS = ("alarm_id", "object_id", "name", "raised_at", "arrived_at", "meaning", "service_effect")


@dataclass(frozen=True)
class Delivery:
    """What arrives in a step: its end, alarms raised and cleared as columns (None where there are none)."""

    now: pd.Timestamp
    raised: Columns | None
    cleared: Columns | None


def follow(
    alarms: Any, roots: Roots, *, step: pd.Timedelta = STEP, at_once: int | None = None
) -> GroupBook:
    """Return the groups after all alarms have arrived.

    Parameters
    ----------
    alarms : DataFrame, one row per alarm, any order
        As `deliveries` takes it.
    roots : Roots
        What finds the roots in the network of the alarms.
    step : Timedelta, default 5 min
        Groups are worked out at the end of each step in which something arrived.
    at_once : int, optional
        Most rows that are written into the book at once; all of a step without it. Groups don't
        depend on it.

    Returns
    -------
    GroupBook

    Raises
    ------
    MissingColumnsError
        If `alarms` lacks a column.
    InputError
        If `step` or `at_once` is not above zero.
    """
    book, groups = AlarmBook(), GroupBook()
    for delivery in deliveries(alarms, step=step):
        for raised, cleared in _portions(delivery, at_once):
            book = update_book(book, raised, cleared, delivery.now)
        columns = book.recent_columns(since=delivery.now - LATELY, names=NEEDED)
        regroup(groups, columns, roots, now=microseconds(delivery.now))
    return groups


def deliveries(alarms: Any, *, step: pd.Timedelta = STEP) -> Iterator[Delivery]:
    """Yield what arrives in each step in which something arrives, by time.

    Parameters
    ----------
    alarms : DataFrame, one row per alarm, any order
        As `contract.bundles.read_bundle` returns it: `alarm_id`, `object_id`, `name`, `raised_at`,
        `arrived_at` and perhaps `cleared_at` with `clear_arrived_at` (datetime64, UTC); and the
        columns of `alarms.catalogue.read_meanings`.
    step : Timedelta, default 5 min
        Steps end at whole multiples of it since 1970, UTC.

    Raises
    ------
    MissingColumnsError
        If `alarms` lacks a column.
    InputError
        If `step` is not above zero.
    """
    missing = [name for name in _COLUMNS if name not in alarms.columns]
    if missing:
        msg = f"`alarms` lacks columns {missing}; it has {list(alarms.columns)}. Add them."
        raise MissingColumnsError(msg)
    if step <= pd.Timedelta(0):
        msg = f"`step` must be above zero; it is {step}. Take 5 min."
        raise InputError(msg)
    width = microseconds(step)
    parts = [_raisings(alarms, width), _clearings(alarms, width)]
    numbers, sizes = np.unique(np.concatenate([steps for _, steps, _ in parts]), return_counts=True)
    for block in np.split(numbers, np.flatnonzero(np.diff(np.cumsum(sizes) // _BLOCK)) + 1):
        if len(block):
            yield from _delivered(block, parts, width)


def _raisings(alarms: Any, width: int) -> Part:
    """Return the alarms in the order of the steps that deliver them, those steps, and what lays them out."""
    return *_by_step(alarms, alarms["arrived_at"], width), raised_columns


def _clearings(alarms: Any, width: int) -> Part:
    """Return the clearings in the order of the steps that deliver them, those steps, and what lays them out."""
    if "clear_arrived_at" not in alarms or "cleared_at" not in alarms:
        return alarms.iloc[:0], np.empty(0, dtype=np.int64), cleared_columns
    over = alarms.loc[alarms["clear_arrived_at"].notna(), list(_CLEARING)]
    return *_by_step(over, over["clear_arrived_at"], width), cleared_columns


def _by_step(rows: Any, arrived_at: Any, width: int) -> tuple[Any, Array]:
    """Return rows in the order of the steps that deliver them, and those steps."""
    at = arrived_at.to_numpy(dtype="datetime64[us]").view(np.int64)
    steps = -(-at // width)
    order = np.argsort(steps, kind="stable")
    return rows.iloc[order], steps[order]


def _delivered(numbers: Array, parts: list[Part], width: int) -> Iterator[Delivery]:
    """Yield what some steps deliver, laid out together."""
    laid_out = []
    for rows, steps, columns in parts:
        first, last = np.searchsorted(steps, [numbers[0], numbers[-1] + 1])
        laid_out.append((columns(rows.iloc[first:last]), steps[first:last]))
    for number in numbers.tolist():
        now = pd.Timestamp(number * width, unit="us", tz="UTC")
        cuts = [np.searchsorted(steps, [number, number + 1]) for _, steps in laid_out]
        told = [
            _rows(part, first, last)
            for (part, _), (first, last) in zip(laid_out, cuts, strict=True)
        ]
        yield Delivery(now, *told)


def _rows(columns: Columns | None, first: int, last: int) -> Columns | None:
    """Return some rows of columns without copying, None where there are none."""
    if columns is None or last <= first or first >= len(columns["alarm_id"]):
        return None
    return {name: values[first:last] for name, values in columns.items()}


def _portions(
    delivery: Delivery, at_once: int | None
) -> Iterator[tuple[Columns | None, Columns | None]]:
    """Yield the rows of a step by portions."""
    if at_once is None:
        yield delivery.raised, delivery.cleared
        return
    if at_once <= 0:
        msg = f"`at_once` must be above zero; it is {at_once}. Leave it out for all at once."
        raise InputError(msg)
    given = [part for part in (delivery.raised, delivery.cleared) if part is not None]
    for first in range(0, max(len(part["alarm_id"]) for part in given), at_once):
        last = first + at_once
        yield _rows(delivery.raised, first, last), _rows(delivery.cleared, first, last)
