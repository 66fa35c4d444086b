"""Rows of counters for the tests of a history, and what stands in one."""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from contract.history import History

DAY = date(2026, 1, 1)
MIDNIGHT = pd.Timestamp("2026-01-01 00:00", tz="Asia/Shanghai").tz_convert("UTC").as_unit("us")

Key = tuple[str, int]


def hours(
    cells: Iterable[str],
    value: float,
    *,
    first: int = 0,
    count: int = 2,
    received: str | None = None,
) -> pd.DataFrame:
    """Return counters of some cells over some hours of `DAY`, all of one value."""
    return pd.DataFrame(
        {
            "cell_id": cell,
            "start": MIDNIGHT + pd.Timedelta(hours=hour),
            "minutes": 60.0,
            "drops": value,
            "received_at": pd.Timestamp(received, tz="UTC") if received else pd.NaT,
        }
        for cell in cells
        for hour in range(first, first + count)
    )


def drops(history: History, table: str = "kpi") -> dict[Key, float]:
    """Return what is read: cell and hour to drops; a key that stands twice fails."""
    rows = history.read(table, columns=["cell_id", "start", "drops"]).to_pylist()
    keys = [key_of(row["cell_id"], row["start"]) for row in rows]
    assert len(keys) == len(set(keys)), keys
    return {key: row["drops"] for key, row in zip(keys, rows, strict=True)}


def key_of(cell: str, start: pd.Timestamp) -> Key:
    """Return cell and hour."""
    return cell, round((pd.Timestamp(start) - MIDNIGHT) / pd.Timedelta(hours=1))
