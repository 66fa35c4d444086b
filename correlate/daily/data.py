"""Say what was wrong with the data of a day: gaps, doubts, rows rejected and repaired.

Simple so far: rejected and repaired rows are counted over the whole bundle; they bear no time.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

HOUR = pd.Timedelta(hours=1)


def gaps_between(gaps: pd.DataFrame, begin: pd.Timestamp, at: pd.Timestamp) -> pd.DataFrame:
    """Return the gaps known at an instant that touch the time from `begin` to it.

    Parameters
    ----------
    gaps : DataFrame
        The daybook's table.
    begin, at : Timestamp, zone-aware
    """
    rows = gaps[~(gaps["known_at"] > at)]
    rows = rows.assign(until=rows["until"].where(rows["until"] <= at))
    rows = rows[~(rows["until"] <= begin)]
    hours = (rows["until"].fillna(at.tz_convert("UTC")) - rows["since"]) / HOUR
    order = ["since", "table", "scope", "county", "vendor"]
    return rows.assign(hours=hours).sort_values(order, ignore_index=True)


def doubts_between(doubts: pd.DataFrame, begin: pd.Timestamp, at: pd.Timestamp) -> pd.DataFrame:
    """Return the doubts that touch the time from `begin` to `at`."""
    rows = doubts[~(doubts["since"] > at) & ~(doubts["until"] <= begin)]
    return rows.assign(until=rows["until"].where(rows["until"] <= at)).reset_index(drop=True)


def listed_rows(run: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the number of rows rejected and repaired by table and reason, most first."""
    keys = ["list", "table", "reason"]
    parts = [run[name][["table", "reason"]].assign(list=name) for name in ("rejected", "repairs")]
    rows = pd.concat(parts, ignore_index=True)
    found = rows.groupby(keys, as_index=False).size().rename(columns={"size": "rows"})
    return found.sort_values(
        ["list", "rows", "table", "reason"], ascending=[True, False, True, True], ignore_index=True
    )
