"""Say when each row became known, and which version of a row holds when.

Of rows with one key the last to arrive wins. Those that arrived earlier stay in a table of
arrivals as earlier versions, with `superseded_at` set, for a run must act on them until then.

Simple so far: inventory, links, places and subscribers are taken as there from the start; their
`valid_from` and `valid_to` do not change what is known when.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from contract.instants import INSTANT
from contract.tables import Table

BEGINNING = pd.Timestamp("1900-01-01", tz="UTC").as_unit("us")
"""Arrival of what was there before everything: an account state without `since`."""

Codes = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
OWN = ("row", "arrived_at", "superseded_at", "clear_arrived_at")
_CLOCKS: Mapping[str, tuple[str, ...]] = {
    "alarms": ("raised_at",),
    "changes": ("announced_at", "changed_at"),
    "complaints": ("created_at",),
    "locations": ("seen_at",),
    "accounts": ("since",),
    "verdicts": ("closed_at",),
}


def arrival_instants(frame: pd.DataFrame, table: Table, *, kpi_delay_min: float) -> pd.Series:
    """Return when each row of a table of arrivals becomes known.

    That is its `received_at`; without one an alarm's `raised_at`, the end of a counter period
    plus the delay, a complaint's `created_at`, a location's `seen_at`, a change's `announced_at`
    or `changed_at`, an account's `since` (`BEGINNING` when empty), a verdict's `closed_at`.

    Parameters
    ----------
    frame : DataFrame
        Typed rows of the table.
    table : Table
    kpi_delay_min : float
        Minutes from the end of a period to its arrival.

    Returns
    -------
    Series of datetime64[us, UTC], name `arrived_at`
        NaT for a verdict that was never closed.

    Examples
    --------
    >>> from contract.tables import TABLES, empty_table
    >>> accounts = empty_table(TABLES["accounts"]).reindex([0])
    >>> arrival_instants(accounts, TABLES["accounts"], kpi_delay_min=20).dt.year.tolist()
    [1900]
    """
    if table.name == "kpi":
        late_us = (frame["minutes"].astype("float64") + kpi_delay_min) * 60_000_000
        arrived = frame["start"] + late_us.astype("int64").astype("timedelta64[us]")
        return frame["received_at"].fillna(arrived).astype(INSTANT).rename("arrived_at")
    arrived = frame["received_at"]
    for name in _CLOCKS[table.name]:
        arrived = arrived.fillna(frame[name])
    if table.name == "accounts":
        arrived = arrived.fillna(BEGINNING)
    return arrived.astype(INSTANT).rename("arrived_at")


def clear_instants(alarms: pd.DataFrame) -> pd.Series:
    """Return when the clearing of each alarm becomes known; NaT where it is in force.

    Parameters
    ----------
    alarms : DataFrame
        Needs `cleared_at` and `received_at`.

    Returns
    -------
    Series of datetime64[us, UTC], name `clear_arrived_at`
        The later of `cleared_at` and `received_at`.
    """
    cleared, received = alarms["cleared_at"], alarms["received_at"]
    is_later = received.notna() & (received > cleared)
    later = cleared.mask(is_later, received)
    return later.where(cleared.notna()).astype(INSTANT).rename("clear_arrived_at")


def settled_versions(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows in canonical order, without equal rivals, and the losing row numbers.

    Canonical order is arrival, key, content. Rows of one key and one arrival: the greater
    content wins, column by column, null lowest; the others go. Rows of one key that arrived at
    different times all stay in a table of arrivals, each with the arrival of the next as
    `superseded_at`; in other tables only the winner stays.

    Parameters
    ----------
    frame : DataFrame
        Typed rows with `row`, and `arrived_at` where the table is one of arrivals.
    table : Table

    Returns
    -------
    DataFrame
        With `superseded_at` (NaT = holds) in a table of arrivals.
    Series of int64
        Numbers of the rows that are duplicates: those that went and those superseded.
    """
    arrival = ["arrived_at"] if "arrived_at" in frame else []
    superseded = pd.Series(pd.NaT, index=frame.index, dtype=INSTANT)
    if frame.empty:
        return (frame.assign(superseded_at=superseded) if arrival else frame), frame["row"]
    lost = np.zeros(len(frame), bool)
    if table.key:
        codes = _key_codes(frame, table.key)
        has_rival = pd.Series(codes).duplicated(keep=False).to_numpy(bool)
        if has_rival.any():
            rivals = _ordered_rivals(frame[has_rival], codes[has_rival], table, arrival)
            lost[rivals.index[rivals["is_lost"]]] = True
            superseded[rivals.index] = rivals["superseded_at"]
    is_duplicate = lost | superseded.notna().to_numpy(bool)
    duplicates = frame["row"][is_duplicate]
    if arrival:
        frame = frame.assign(superseded_at=superseded)
    return _in_order(frame, table, arrival, lost), duplicates


def _key_codes(frame: pd.DataFrame, key: tuple[str, ...]) -> Codes:
    """Return one number per distinct key."""
    codes = np.zeros(len(frame), "int64")
    for name in key:
        part, distinct = pd.factorize(frame[name], use_na_sentinel=False)
        codes = codes * len(distinct) + part
        codes = pd.factorize(codes)[0].astype("int64")
    return codes


def _ordered_rivals(
    rivals: pd.DataFrame,
    codes: Codes,
    table: Table,
    arrival: list[str],
) -> pd.DataFrame:
    """Return rows of shared keys, winners last, with `is_lost` and `superseded_at`.

    The index holds positions in the whole table.
    """
    content = [name for name in _content_names(rivals, table) if name not in table.key]
    frame = _sortable(rivals).assign(key_code=codes)
    frame = frame.sort_values(
        ["key_code", *arrival, *content, "row"],
        ascending=[True] * (1 + len(arrival) + len(content)) + [False],
        na_position="first",
        kind="stable",
    )
    is_lost = frame.duplicated(["key_code", *arrival], keep="last")
    superseded = pd.Series(pd.NaT, index=frame.index, dtype=INSTANT)
    if arrival:
        versions = frame[~is_lost]
        superseded[versions.index] = versions.groupby("key_code")["arrived_at"].shift(-1)
    return pd.DataFrame({"is_lost": is_lost, "superseded_at": superseded})


def _content_names(frame: pd.DataFrame, table: Table) -> list[str]:
    """Return the columns that content is compared by: the contract's, then the extra ones."""
    known = [name for name in table.column_names if name in frame]
    extra = sorted(name for name in frame.columns if name not in known and name not in OWN)
    return known + extra


def _sortable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table, columns of mixed objects as text."""
    mixed = {name: "str" for name in frame.columns if frame[name].dtype == object}
    return frame.astype(mixed) if mixed else frame


def _in_order(frame: pd.DataFrame, table: Table, arrival: list[str], lost: Flags) -> pd.DataFrame:
    """Return the rows not lost by arrival, then key or, where there is none, content."""
    names = [*arrival, *(table.key or _content_names(frame, table))]
    positions = np.flatnonzero(~lost)
    kept = frame[names].iloc[positions] if lost.any() else frame[names]
    order = _sortable(kept).reset_index(drop=True)
    order = order.sort_values(names, na_position="first", kind="stable")
    return frame.iloc[positions[order.index.to_numpy()]].reset_index(drop=True)
