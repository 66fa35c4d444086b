"""List repairs beyond their limit, and the share done in time, by county and class.

The clock of a repair runs from detection, not from the begin of the fault: nobody can repair what nobody knows of.

Simple so far: clocks are not stopped for approved reasons; a wide fault counts for the county with most of its users.
"""

from __future__ import annotations

import pandas as pd

from correlate.daily.incidents import told_incidents
from correlate.daily.known_then import Known


def late_repairs(known: Known) -> pd.DataFrame:
    """Return the open faults beyond their repair limit, the latest first."""
    told = told_incidents(known)
    rows = told[(told["state"] == "open") & (told["late_h"] > 0)]
    return rows.sort_values(["late_h", "incident_id"], ascending=[False, True])


def late_by_county(known: Known) -> pd.DataFrame:
    """Return by county and class the faults open and late, and those of this month repaired in time.

    Faults that proved mistaken or went on as another do not count.
    """
    told = told_incidents(known)
    rows = told[told["state"].isin(["open", "cleared"])]
    month = known.at.normalize().replace(day=1)
    is_open = rows["state"] == "open"
    is_due = (rows["due_at"] >= month) & (rows["due_at"] <= known.at)
    late = rows["late_h"].where(is_open & (rows["late_h"] > 0))
    marks = rows.assign(
        county=rows["county"].fillna(""),
        open=is_open,
        late=late.notna(),
        hours=late,
        due_month=is_due,
        on_time_month=is_due & (rows["ended_at"] <= rows["due_at"]),
    )
    found = marks.groupby(["county", "repair_class"], as_index=False).agg(
        open=("open", "sum"),
        late=("late", "sum"),
        late_mean_h=("hours", "mean"),
        late_worst_h=("hours", "max"),
        due_month=("due_month", "sum"),
        on_time_month=("on_time_month", "sum"),
    )
    found = found[(found["open"] > 0) | (found["due_month"] > 0)].reset_index(drop=True)
    share = found["on_time_month"] / found["due_month"].where(found["due_month"] > 0)
    return found.assign(county=found["county"].replace("", None), on_time_share=share)
