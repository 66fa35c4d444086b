"""Keep the clock of every repair: class, owner, limit, state and how late it is; and the share done in time.

The clock of a repair runs from detection, not from the begin of the fault: nobody can repair what nobody knows of. It
stands still while an approved reason lasts, see `correlate.daily.exceptions`.

Simple so far: a wide fault counts for the county with most of its users; its owner follows from its cause alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from correlate.daily.incidents import told_incidents
from correlate.daily.known_then import Known
from correlate.repair_owners import LANGUAGES, load_owners, owner_of

STATES = ("overdue", "suspended", "running", "late", "in_time")
"""States of a clock, the most urgent first."""


def repair_clocks(
    known: Known, owners: Mapping[str, tuple[str, str]] | None = None
) -> pd.DataFrame:
    """Return the clock of every fault open, or due or ended this month, the most urgent first.

    Faults that proved mistaken or went on as another have none.

    Returns
    -------
    DataFrame
        As `correlate.daily.incidents.told_incidents`, with `clock` (one of `STATES`), `suspended_h`, `suspension` (why
        it stands still), `owner_zh`, `owner_en`, and `left_h`, hours to the limit, negative beyond it.
    """
    told = told_incidents(known)
    rows = told[told["state"].isin(["open", "cleared"])]
    month, now = known.at.normalize().replace(day=1), known.at.tz_convert("UTC")
    rows = rows[(rows["state"] == "open") | (rows["due_at"] >= month) | (rows["ended_at"] >= month)]
    is_open, until = rows["state"] == "open", rows["ended_at"].fillna(now)
    is_late = until > rows["due_at"]
    why = rows.get("suspension", pd.Series(None, index=rows.index, dtype="str"))
    clock = pd.Series(np.where(is_late, "late", "in_time"), index=rows.index)
    clock = clock.mask(is_open, np.where(is_late, "overdue", "running"))
    people = load_owners() if owners is None else owners
    rows = rows.assign(
        clock=clock.mask(is_open & why.notna(), "suspended"),
        suspension=why,
        suspended_h=rows.get("suspended_h", pd.Series(0.0, index=rows.index)),
        left_h=(rows["due_at"] - until) / pd.Timedelta(hours=1),
        **{f"owner_{x}": [owner_of(c, people, x) for c in rows["cause"]] for x in LANGUAGES},
    )
    order = rows["clock"].map({name: i for i, name in enumerate(STATES)})
    rows = rows.assign(order=order)
    return rows.sort_values(["order", "left_h", "incident_id"])


def late_repairs(clocks: pd.DataFrame) -> pd.DataFrame:
    """Return the open faults beyond their repair limit, the latest first.

    Parameters
    ----------
    clocks : DataFrame
        As `repair_clocks` gives them.
    """
    rows = clocks[clocks["clock"] == "overdue"]
    return rows.sort_values(["late_h", "incident_id"], ascending=[False, True])


def late_by_county(known: Known, clocks: pd.DataFrame) -> pd.DataFrame:
    """Return by county and class the faults open, suspended and late, and those of this month repaired in time."""
    month = known.at.normalize().replace(day=1)
    is_open, is_late = clocks["state"] == "open", clocks["clock"] == "overdue"
    is_due = (clocks["due_at"] >= month) & (clocks["due_at"] <= known.at)
    marks = clocks.assign(
        county=clocks["county"].fillna(""),
        open=is_open,
        suspended=clocks["clock"] == "suspended",
        late=is_late,
        hours=clocks["late_h"].where(is_late),
        due_month=is_due,
        on_time_month=is_due & (clocks["ended_at"] <= clocks["due_at"]),
    )
    found = marks.groupby(["county", "repair_class"], as_index=False).agg(
        open=("open", "sum"),
        suspended=("suspended", "sum"),
        late=("late", "sum"),
        late_mean_h=("hours", "mean"),
        late_worst_h=("hours", "max"),
        due_month=("due_month", "sum"),
        on_time_month=("on_time_month", "sum"),
    )
    found = found[(found["open"] > 0) | (found["due_month"] > 0)].reset_index(drop=True)
    share = found["on_time_month"] / found["due_month"].where(found["due_month"] > 0)
    return found.assign(county=found["county"].replace("", None), on_time_share=share)
