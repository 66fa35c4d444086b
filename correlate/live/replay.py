"""Send the rows of a bundle as they arrived, a step at a time, so that a demonstration and real life are one thing.

Simple so far: the bundle is read whole before the first row is sent; rows that it rejects are not sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from correlate.feed import LASTING
from correlate.instants import seconds
from correlate.live.intake import ARRIVING
from correlate.live.submissions import Submission

SOURCE = "replay"
US = 1_000_000
_OWN = ("row", "arrived_at", "superseded_at", "clear_arrived_at", "lon_given", "lat_given")


@dataclass(frozen=True)
class Batch:
    """What arrived within one step of the grid; `at` is its end, seconds since 1970."""

    number: int
    at: int
    submissions: tuple[Submission, ...]


def batches(tables: Mapping[str, pd.DataFrame], *, step_s: int, after: int = 0) -> Iterator[Batch]:
    """Yield the rows of a bundle by the step within which they arrived.

    What lasts (sightings, accounts, changes, verdicts) and came before the rest is sent with the first step. An alarm
    is sent twice: when it is raised, and once more when its clearing is known.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        As `contract.bundles.read_bundle` gives them.
    step_s : int
        Seconds of a step.
    after : int
        Steps up to this one are left out: they were sent before.
    """
    parts = dict(_parts(tables))
    steps = {name: -(-at // (step_s * US)) for name, (_, _, at) in parts.items()}
    opening = [int(s[0]) for name, s in steps.items() if len(s) and name not in LASTING]
    first = min(opening, default=min((int(s[0]) for s in steps.values() if len(s)), default=0))
    numbers = np.unique(np.concatenate([np.maximum(s, first) for s in steps.values()]))
    for number in numbers[numbers > after].tolist():
        sent = []
        for name, (table, rows, at) in parts.items():
            since = -(2**62) if number == first else number
            begin, end = np.searchsorted(steps[name], [since, number + 1])
            if end > begin:
                earliest = (number - 1) * step_s * US + 1
                sent.append(
                    _submission(table, rows.iloc[begin:end], np.maximum(at[begin:end], earliest))
                )
        yield Batch(number, number * step_s, tuple(sent))


def _parts(
    tables: Mapping[str, pd.DataFrame],
) -> Iterator[tuple[str, tuple[str, pd.DataFrame, np.ndarray]]]:
    """Yield what is sent: table, rows in order of arrival and when each arrived, microseconds since 1970."""
    for name in ARRIVING:
        rows = tables[name]
        if name != "alarms":
            yield name, (name, *_ordered(rows, "arrived_at"))
            continue
        yield name, (name, *_ordered(rows.assign(cleared_at=pd.NaT), "arrived_at"))
        cleared = rows[rows["clear_arrived_at"].notna()]
        yield "clearings", (name, *_ordered(cleared, "clear_arrived_at"))


def _ordered(rows: pd.DataFrame, column: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows in order of an instant, and that instant."""
    whole = rows[column].astype("int64").to_numpy() if len(rows) else seconds(rows[column])
    order = np.argsort(whole, kind="stable")
    return rows.iloc[order], whole[order]


def _submission(table: str, rows: pd.DataFrame, at: np.ndarray) -> Submission:
    """Return rows as somebody would have sent them."""
    if "lon_given" in rows:
        rows = rows.assign(lon=rows["lon_given"], lat=rows["lat_given"])
    sent = rows.drop(columns=[name for name in _OWN if name in rows])
    if table == "kpi":
        sent = sent.assign(cell_id=sent["cell_id"].astype("str"))
    sent = sent.set_axis(pd.RangeIndex(1, len(sent) + 1))
    return Submission(table, SOURCE, rows=sent, arrived_us=at.tolist(), sent=len(sent))
