"""Keep account of what was dirtied, the truth beside a dirty bundle.

Simple so far: entries of one kind, table and object are summed up, not kept row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS = ("kind", "table", "object_id", "since", "until", "rows", "note")
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Ledger:
    """What was dirtied so far.

    Attributes
    ----------
    entries : list of dict
        One a call of `enter`, with the keys `COLUMNS`.
    """

    entries: list[dict[str, Any]] = field(default_factory=list, compare=False)

    def enter(self, kind: str, table: str, rows: int, **details: Any) -> None:
        """Note that `rows` rows of a table suffered `kind`; nothing is noted of none.

        Parameters
        ----------
        kind, table : str
        rows : int
        **details
            `object_id` and `note` (str), `since` and `until` (Timestamp, local).
        """
        if rows > 0:
            self.entries.append({"kind": kind, "table": table, "rows": int(rows), **details})

    def frame(self) -> pd.DataFrame:
        """Return the entries summed up by kind, table and object.

        Returns
        -------
        DataFrame
            Columns `kind`, `table`, `object_id`, `since`, `until`, `rows`, `note`, in the order of the first three.

        Examples
        --------
        >>> ledger = Ledger()
        >>> ledger.enter("late", "kpi", 3)
        >>> ledger.enter("late", "kpi", 2)
        >>> ledger.frame()["rows"].tolist()
        [5]
        """
        table = pd.DataFrame(self.entries).reindex(columns=list(COLUMNS))
        for name in ("object_id", "note"):
            table[name] = table[name].astype("str").fillna("")
        for name in ("since", "until"):
            table[name] = pd.to_datetime(table[name]).astype("datetime64[us]")
        table["rows"] = table["rows"].astype("int64")
        grouped = table.groupby(["kind", "table", "object_id"], as_index=False, sort=True)
        summed = grouped.agg({"since": "min", "until": "max", "rows": "sum", "note": "first"})
        return summed[list(COLUMNS)]


def read_report(world: Path) -> pd.DataFrame:
    """Return what was dirtied of a world that was written, as `Ledger.frame` gave it.

    Parameters
    ----------
    world : Path
        A dirty bundle with its truth inside.
    """
    return pd.read_csv(world / "truth" / "dirt.csv", keep_default_na=False)


def chosen(eligible: Flags, share: float, rng: np.random.Generator, *, at_least: int = 1) -> Flags:
    """Return flags of a share of all rows, drawn among the eligible ones.

    Parameters
    ----------
    eligible : array of bool
        Rows that may be drawn.
    share : float
        Of all eligible rows, 0 to 1.
    rng : Generator
    at_least : int
        So many are drawn at least, while there are eligible ones.

    Returns
    -------
    array of bool

    Examples
    --------
    >>> chosen(np.array([True, False, True]), 0.0, np.random.default_rng(0)).sum()
    np.int64(1)
    """
    rows = np.flatnonzero(eligible)
    count = min(len(rows), max(round(share * len(rows)), at_least))
    flags = np.zeros(len(eligible), dtype=bool)
    flags[rng.permutation(rows)[:count]] = True
    return flags


def interleaved(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of several tables in one, those of one index label behind each other, numbered anew."""
    whole = pd.concat([frame for frame in frames if len(frame)] or list(frames[:1]))
    return whole.sort_index(kind="stable").reset_index(drop=True)


def instants(values: pd.Series) -> pd.Series:
    """Return a column of local times as datetime64[us], whatever form it has; empty and unreadable ones NaT."""
    return pd.to_datetime(values, errors="coerce").astype("datetime64[us]")


def span_of(times: pd.Series, flags: Flags) -> dict[str, pd.Timestamp]:
    """Return the first and last time of the rows flagged, as details of an entry."""
    named = times[flags].dropna()
    return {} if named.empty else {"since": named.min(), "until": named.max()}
