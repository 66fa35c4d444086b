"""Say what moved a county's rate: its foremost faults, its other faults against a usual day, what no fault explains.

The change of a day's complaints from the usual is parted without rest: the complaints of the foremost faults, those of
all others less what faults bring on a usual day, and the change of all that belongs to no fault. Intercepted complaints
count nowhere.

Simple so far: the usual day is the mean of the days before, at most four weeks, without weekdays.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from correlate.daily.known_then import Known
from correlate.daily.rates import KEYS

USUAL_DAYS = 28
MOST_FAULTS = 5
"""Faults told one by one for a county."""
FAULT, OTHERS, BACKGROUND = "fault", "other_faults", "background"


def movers(known: Known, counts: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Return what moved the rate of the day before `day`, by county and all together, the most moved first.

    Parameters
    ----------
    counts : DataFrame
        As `correlate.daily.rates.daily_counts` gives them: its days and users hold.
    day : date
        Day of the report.

    Returns
    -------
    DataFrame
        `scope`, `county`, `kind` (fault, other_faults, background), `incident_id`, `area`, `cause`, `complaints` of the
        day, `usual` a day, `moved` (`complaints` less `usual`) and `moved_per_10k`. The rows of a county add up
        to its day's complaints not intercepted less the mean day's. Empty without an earlier day.
    """
    before = pd.Timestamp(day) - pd.Timedelta(days=1)
    told = counts[counts["complaints"].notna()]
    usual_days = sorted(set(told["day"][told["day"] < before]))[-USUAL_DAYS:]
    if not usual_days or before not in set(told["day"]):
        return _described(pd.DataFrame(columns=[*KEYS, "kind", "incident_id"]), known, counts)
    rows = _not_intercepted(known, [*usual_days, before])
    both = pd.concat([rows, rows.assign(scope="all", county="")], ignore_index=True)
    faults = _faults(both, before)
    rest = _rest(both, before, len(usual_days), faults[faults["rank"] >= MOST_FAULTS])
    foremost = faults[faults["rank"] < MOST_FAULTS]
    return _described(pd.concat([foremost, *rest], ignore_index=True), known, counts)


def _not_intercepted(known: Known, days: list[pd.Timestamp]) -> pd.DataFrame:
    """Return the tickets of some days that no notice covered, with scope and county."""
    tickets = known.tickets
    rows = tickets[tickets["day"].isin(days) & tickets["covered_by"].isna()]
    county = rows["county"].fillna("")
    scope = pd.Series(np.where(county == "", "unknown", "county"), index=rows.index)
    return rows[["day", "incident_id"]].assign(scope=scope, county=county)


def _faults(rows: pd.DataFrame, before: pd.Timestamp) -> pd.DataFrame:
    """Return the complaints of each fault on the day, and its rank in its county."""
    mine = rows[(rows["day"] == before) & rows["incident_id"].notna()]
    found = mine.groupby([*KEYS, "incident_id"], as_index=False).size()
    found = found.sort_values(["size", "incident_id"], ascending=[False, True], ignore_index=True)
    found["rank"] = found.groupby(KEYS).cumcount()
    return found.rename(columns={"size": "complaints"}).assign(kind=FAULT, usual=0.0)


def _rest(
    rows: pd.DataFrame, before: pd.Timestamp, n_days: int, others: pd.DataFrame
) -> list[pd.DataFrame]:
    """Return the other faults of the day beside what faults usually bring, and what belongs to no fault likewise."""
    is_day, is_fault = rows["day"] == before, rows["incident_id"].notna()
    marks = rows[KEYS].assign(
        usual_faults=(is_fault & ~is_day) / n_days,
        background=(~is_fault & is_day).astype(float),
        usual=(~is_fault & ~is_day) / n_days,
    )
    sums = marks.groupby(KEYS, as_index=False).sum()
    told = others.groupby(KEYS)["complaints"].sum()
    told = told.reindex(pd.MultiIndex.from_frame(sums[KEYS])).fillna(0.0).to_numpy(float)
    faults = sums[KEYS].assign(kind=OTHERS, complaints=told, usual=sums["usual_faults"])
    other = sums[KEYS].assign(kind=BACKGROUND, complaints=sums["background"], usual=sums["usual"])
    return [faults, other]


def _described(rows: pd.DataFrame, known: Known, counts: pd.DataFrame) -> pd.DataFrame:
    """Add changes, users and what each fault is; order by county moved most, then by change."""
    users = counts.drop_duplicates(KEYS, keep="last").set_index(KEYS)["users"]
    rows = rows.join(users, on=KEYS) if len(rows) else rows.assign(users=[])
    blank = pd.Series(np.nan, index=rows.index)
    moved = rows.get("complaints", blank) - rows.get("usual", blank)
    told = known.incidents.reindex(rows["incident_id"])
    table = rows.assign(
        complaints=rows.get("complaints", blank),
        usual=rows.get("usual", blank),
        moved=moved,
        moved_per_10k=moved * 1e4 / rows["users"].where(rows["users"] > 0),
        area=told["area"].to_numpy(),
        cause=told["cause"].to_numpy(),
    )
    total = table.groupby(KEYS)["moved_per_10k"].transform("sum").abs().fillna(-1.0)
    order = table["kind"].map({FAULT: 0, OTHERS: 1, BACKGROUND: 2})
    is_all = table["scope"] == "all"
    table = table.assign(total=total, order=order, is_all=is_all)
    by = ["is_all", "total", "scope", "county", "order", "moved", "incident_id"]
    up = [False, False, True, True, True, False, True]
    table = table.sort_values(by, ascending=up, ignore_index=True, kind="stable")
    return table.assign(county=table["county"].replace("", None))
