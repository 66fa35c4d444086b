"""Find what cells do every day at the same hour, and whether anybody ever complains of it.

Terms: a *habit* is a kind of episode that begins at a cell at the same hour of the local day, one hour either way, on
several days: cells switched off at night to save energy, a busy hour. One cell has too few users to prove a habit
harmless; so the habits of a kind that begin at the same hour are judged together. They are harmless when so few
complaints came that a quarter of them can't well be harmful, and no more than chance brings.

Simple so far: weekdays and weekends are not told apart, and a habit does not end before its days leave the memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc

from correlate.harm_counts import DAY, HOUR, Spans
from correlate.harm_rules import HarmRules
from correlate.harm_units import Scene, count_units
from correlate.kind_trust import KIND_NAMES

HARMFUL_SHARE = 0.25

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Habit:
    """A habit of a cell: the hour it begins, on how many days it did, and what complaints say of all of its like.

    `complaints` came during habits of this kind and hour, `expected` would have come by chance, `if_harmful` more had
    all been harmful.
    """

    hour: int
    days: int
    complaints: float
    expected: float
    if_harmful: float
    is_harmless: bool


def habits_of(
    spans: Spans, kind: Ints, scene: Scene, rules: HarmRules, *, offset: int
) -> dict[tuple[int, int], Habit]:
    """Return the habits of cells.

    Parameters
    ----------
    spans : Spans
        Of all episodes remembered, with the time for which complaints still come.
    kind : array [episodes]
    scene : Scene
        What they are counted against.
    rules : HarmRules
    offset : int
        Seconds the operator's clock is ahead of UTC.

    Returns
    -------
    dict of (cell, kind) to Habit
    """
    hour, days = _usual_hours(spans, kind, offset=offset)
    begun = (spans.start + offset) // HOUR
    is_habit = (days >= rules.habit_days) & ((begun - hour + 1) % 24 <= 2)
    rows = np.flatnonzero(is_habit)
    if not len(rows):
        return {}
    like, unit = np.unique(kind[rows] * 24 + hour[rows], return_inverse=True)
    units = count_units(spans.at(rows), kind[rows], np.zeros(len(rows)), unit, scene)
    suspected = units.chance + HARMFUL_SHARE * units.harm
    so_few = np.asarray(gammaincc(units.complaints + 1.0, suspected), dtype=float)
    so_many = np.asarray(gammainc(np.maximum(units.complaints, 1e-3), units.chance), dtype=float)
    found: dict[tuple[int, int], Habit] = {}
    for row, i in zip(rows.tolist(), unit.tolist(), strict=True):
        found[int(spans.cell[row]), int(kind[row])] = Habit(
            hour=int(like[i] % 24),
            days=int(days[row]),
            complaints=float(units.complaints[i]),
            expected=float(units.chance[i]),
            if_harmful=float(units.harm[i]),
            is_harmless=bool(so_few[i] < rules.habit_chance <= so_many[i]),
        )
    return found


def habits_table(
    habits: Mapping[tuple[int, int], Habit], cell_ids: NDArray[np.object_]
) -> pd.DataFrame:
    """Return habits as a table, one row a cell and kind, by cell then kind.

    Returns
    -------
    DataFrame
        `cell_id`, `kind`, and the fields of Habit.
    """
    rows = [
        {"cell_id": str(cell_ids[cell]), "kind": KIND_NAMES[kind], **vars(habit)}
        for (cell, kind), habit in sorted(habits.items())
    ]
    return pd.DataFrame(rows, columns=["cell_id", "kind", *Habit.__annotations__])


def _usual_hours(spans: Spans, kind: Ints, *, offset: int) -> tuple[Ints, Ints]:
    """Return, for each episode, the hour at which its cell shows its kind on most days, and on how many."""
    local = spans.start + offset
    hour, day = local // HOUR % 24, local // DAY
    if not len(hour):
        return hour, day
    pair = np.unique(np.stack([spans.cell, kind]), axis=1, return_inverse=True)[1].ravel()
    near = np.stack([(hour + step) % 24 for step in (-1, 0, 1)], axis=1)
    turned = day[:, None] + np.stack([(hour + step) // 24 for step in (-1, 0, 1)], axis=1)
    seen = np.unique(np.stack([np.repeat(pair, 3), near.ravel(), turned.ravel()]), axis=1)
    counts = np.zeros((int(pair.max()) + 1, 24), np.int64)
    np.add.at(counts, (seen[0], seen[1]), 1)
    exact = np.zeros_like(counts)
    np.add.at(exact, (pair, hour), 1)
    best = (counts * 1000 + np.minimum(exact, 999)).argmax(axis=1)
    return best[pair], counts[pair, best[pair]]
