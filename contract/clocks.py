"""Find clocks of element managers that are off, and take alarms as raised when they were.

An alarm can't be raised after it was received; one that claims so is taken as raised then. A
clock that is behind shows as a lag from raising to receipt that is long, steady and peculiar to
one maker in one county; its alarms are moved on by it. Only alarms that arrived earlier count.

Simple so far: a clock is taken to be off by a constant; a feed that holds every alarm back for
the same long time can't be told from a clock that is behind.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.instants import INSTANT
from contract.references import TRX_SUFFIX

AHEAD = "raised_at lies after received_at; taken as raised then"
BEHIND = "clock behind; raised_at and cleared_at moved on"
LEAST_OFF_S = 480.0
"""A clock less off than this is left alone: filters of alarms take minutes too."""
STEADY = 0.2
"""Quartiles of a steady lag lie no further apart than this share of it."""
PROMPT_S = 120.0
"""An alarm with no more lag than this is prompt."""
AHEAD_S = 60.0
"""An alarm received so long before it was raised is no matter of rounding."""
LAST, LAST_OF_ALL, LEAST = 50, 500, 8
"""Alarms looked back on, of the group and of the network, and how many are needed."""

Floats = NDArray[np.float64]


def clock_groups(
    objects: pd.Series, sites: pd.DataFrame, cells: pd.DataFrame, vendors: pd.Series
) -> pd.Series:
    """Return the element manager of each object, as `vendor, county` of its site.

    Parameters
    ----------
    objects : Series of str
        Sites, cells, transceivers or nodes.
    sites : DataFrame
        `site_id`, `vendor`, `county`.
    cells : DataFrame
        `cell_id`, `site_id`.
    vendors : Series of str, index of `objects`
        Makers as the alarms state them, for objects that are of no site.

    Returns
    -------
    Series of str, index of `objects`

    Examples
    --------
    >>> sites = pd.DataFrame({"site_id": ["S"], "vendor": ["V"], "county": ["K"]})
    >>> cells = pd.DataFrame({"cell_id": ["C"], "site_id": ["S"]})
    >>> clock_groups(pd.Series(["C/TRX-1", "hub"]), sites, cells, pd.Series(["", "W"])).tolist()
    ['V, K', 'W']
    """
    named = sites[["vendor", "county"]].astype("str").fillna("")
    names = (named["vendor"] + ", " + named["county"]).str.strip(", ")
    of_site = pd.Series(names.to_numpy(), index=sites["site_id"].to_numpy())
    of_cell = cells.set_index("cell_id")["site_id"].map(of_site)
    group = pd.concat([of_cell, of_site])
    group = group[~group.index.duplicated(keep="last")]
    plain = objects.str.replace(TRX_SUFFIX, "", regex=True)
    return plain.map(group).astype("str").fillna(vendors.astype("str")).fillna("")


def clock_offsets(alarms: pd.DataFrame, group: pd.Series) -> pd.Series:
    """Return by how much the clock that stamped each alarm seems behind, from earlier alarms.

    Parameters
    ----------
    alarms : DataFrame, in the order of arrival
        `raised_at`, `received_at` (UTC; NaT where unknown).
    group : Series of str, index of `alarms`
        Alarms stamped by one clock.

    Returns
    -------
    Series of float, s, index of `alarms`, name `offset_s`
        Negative = ahead; 0 where the clock seems right or nothing can be said.
    """
    lag = (alarms["received_at"] - alarms["raised_at"]).dt.total_seconds()
    known = lag.dropna()
    usual, others_are_prompt = _usual_of_others(known, group[known.index])
    own = known.groupby(group[known.index], sort=False)
    parts = {}
    for name, share in (("low", 0.25), ("middle", 0.5), ("high", 0.75)):
        rolled = own.rolling(LAST, min_periods=LEAST).quantile(share)
        rolled = rolled.droplevel(0).reindex(known.index)
        parts[name] = rolled.groupby(group[known.index], sort=False).shift(1)
    middle = parts["middle"]
    is_off = (middle - usual).abs() > LEAST_OFF_S
    is_off &= (parts["high"] - parts["low"]) <= STEADY * middle.abs()
    is_off &= others_are_prompt
    offset = (middle - usual).where(is_off, 0.0)
    return offset.reindex(alarms.index).fillna(0.0).rename("offset_s")


def _usual_of_others(lag: pd.Series, group: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the lag of prompt alarms so far, and whether most alarms of other groups so far were prompt."""
    is_prompt = lag.abs() <= PROMPT_S
    usual = lag[is_prompt].rolling(LAST_OF_ALL, min_periods=1).median()
    usual = usual.reindex(lag.index).shift(1).ffill().fillna(0.0)
    prompt = is_prompt.astype("int64")
    every = pd.Series(1, index=lag.index)
    prompt_others, others = (
        values.cumsum() - values.groupby(group, sort=False).cumsum() for values in (prompt, every)
    )
    return usual, (others >= LEAST) & (prompt_others * 2 > others)


def corrected_clocks(
    alarms: pd.DataFrame, group: pd.Series
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return alarms with instants as a right clock would have given them.

    When a clearing becomes known never moves forward: a clearing that a clock ahead has dated
    too late is known when that date has come.

    Parameters
    ----------
    alarms : DataFrame, in the order of arrival
        `raised_at`, `cleared_at`, `received_at`, `clear_arrived_at`.
    group : Series of str, index of `alarms`

    Returns
    -------
    DataFrame
        `alarms`, corrected.
    Series of float, index of `alarms`, name `offset_s`
        What the clocks were behind by, in seconds, ahead negative; 0 where right.
    Series of bool, index of `alarms`
        Alarms that claimed to be raised after they were received.

    Examples
    --------
    >>> at = pd.to_datetime(["2026-03-01 10:40Z", "2026-03-01 11:40Z", "2026-03-01 10:00Z"])
    >>> raised, cleared, received = at.as_unit("us")
    >>> alarms = pd.DataFrame({"raised_at": [raised], "cleared_at": [cleared],
    ...     "received_at": [received], "clear_arrived_at": [cleared]})
    >>> found, _, is_ahead = corrected_clocks(alarms, pd.Series(["V"]))
    >>> found["raised_at"].dt.hour.item(), found["cleared_at"].dt.hour.item(), is_ahead.item()
    (10, 11, True)
    """
    offset = clock_offsets(alarms, group)
    received, raised, cleared = (alarms[n] for n in ("received_at", "raised_at", "cleared_at"))
    excess = raised - received
    is_ahead = excess > pd.Timedelta(0)
    behind = offset.where(offset > 0, 0.0).where(received.notna(), 0.0)
    by = pd.to_timedelta(behind, unit="s").astype("timedelta64[us]")
    room = (received - raised).clip(lower=pd.Timedelta(0))
    by = by.where(~(by > room), room).mask(is_ahead, -excess).astype("timedelta64[us]")
    moved = cleared + by
    late = (moved > received) & (cleared <= received)
    moved = moved.mask(late, received)
    known = alarms["clear_arrived_at"]
    known = known.where(~(moved > known), moved)
    out = alarms.assign(
        raised_at=(raised + by).astype(INSTANT),
        cleared_at=moved.astype(INSTANT),
        clear_arrived_at=known.astype(INSTANT),
    )
    return out, offset, is_ahead.fillna(False).astype(bool)


def clock_doubts(alarms: pd.DataFrame, group: pd.Series, offset: pd.Series) -> pd.DataFrame:
    """Return the clocks that are off: who, since when, until when, alarms touched, by how much.

    Parameters
    ----------
    alarms : DataFrame
        As they came: `raised_at`, `received_at`, `arrived_at`.
    group : Series of str
    offset : Series of float, s
        As `corrected_clocks` gives it.

    Returns
    -------
    DataFrame
        `group`, `since`, `until` (first and last arrival touched), `rows`, `minutes` (median).
    """
    excess = (alarms["raised_at"] - alarms["received_at"]).dt.total_seconds()
    offset = offset.mask((offset == 0) & (excess > AHEAD_S), -excess)
    is_off = (offset != 0).to_numpy(bool)
    touched = pd.DataFrame(
        {
            "group": group[is_off],
            "at": alarms["arrived_at"][is_off],
            "minutes": offset[is_off] / 60.0,
        }
    )
    found = touched.groupby("group").agg(
        since=("at", "min"), until=("at", "max"), rows=("at", "size"), minutes=("minutes", "median")
    )
    return found.reset_index()


def behind_repairs(alarms: pd.DataFrame, group: pd.Series, offset: pd.Series) -> Any:
    """Return one row for each clock behind, in the form of `repairs`; the first row it touched."""
    is_behind = ((offset > 0) & alarms["received_at"].notna()).to_numpy(bool)
    touched = alarms[is_behind].assign(group=group[is_behind], minutes=offset[is_behind] / 60.0)
    found = touched.groupby("group", as_index=False).agg(
        row=("row", "min"), rows=("row", "size"), minutes=("minutes", "median")
    )
    content = (
        found["group"].astype("str")
        + "; "
        + found["minutes"].round().astype("int64").astype("str")
        + " min; rows "
        + found["rows"].astype("str")
    )
    return pd.DataFrame(
        {
            "table": pd.Series("alarms", index=found.index, dtype="str"),
            "row": found["row"].astype("int64"),
            "reason": pd.Series(BEHIND, index=found.index, dtype="str"),
            "content": content.astype("str"),
        }
    )
