"""Say what a history holds: first and last day of each table and region, and which days between are missing.

Simple so far: a day with any row is there, however few.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from contract.history.layout import days_between


def coverage(partitions: pd.DataFrame, today: date) -> pd.DataFrame:
    """Return what is there of each table and region.

    Days after tomorrow come of wrong clocks: they are counted apart and make no holes.

    Parameters
    ----------
    partitions : DataFrame
        As `History.partitions` returns them.
    today : date

    Returns
    -------
    DataFrame
        `table`, `region`, `first`, `last` (text, empty where all days lie ahead), `days`, `files`, `rows`, `bytes`,
        `ahead` (days after tomorrow), `holes` (tuple of date: days missing between the first and the last).

    Examples
    --------
    >>> there = pd.DataFrame({"table": "kpi", "region": "K", "day": pd.to_datetime(["2026-01-01", "2026-01-03"]),
    ...     "files": 1, "rows": 10, "bytes": 100})
    >>> coverage(there, date(2026, 1, 4)).loc[0, "holes"]
    (datetime.date(2026, 1, 2),)
    """
    lines = [
        {"table": table, "region": region, **_covered(rows, today)}
        for (table, region), rows in partitions.groupby(["table", "region"], sort=True)
    ]
    names = ["table", "region", "first", "last", "days", "files", "rows", "bytes", "ahead", "holes"]
    return pd.DataFrame(lines, columns=names)


def _covered(rows: pd.DataFrame, today: date) -> dict[str, object]:
    """Return what is there of one table and region."""
    is_ahead = rows["day"] > pd.Timestamp(today) + pd.Timedelta(days=1)
    days = [day.date() for day in rows.loc[~is_ahead, "day"]]
    span = days_between(min(days), max(days)) if days else ()
    return {
        "first": str(min(days)) if days else "",
        "last": str(max(days)) if days else "",
        "days": len(days),
        "files": int(rows["files"].sum()),
        "rows": int(rows["rows"].sum()),
        "bytes": int(rows["bytes"].sum()),
        "ahead": int(is_ahead.sum()),
        "holes": tuple(sorted(set(span) - set(days))),
    }
