"""Plan which feeds of a bundle go wrong, where and when.

What must hold across tables and chunks of counters (a skewed clock, a gap, a reset) is drawn once, from the inventory
and the time span of the complaints.
Simple so far: each kind strikes once, at one group of sites; faults of feeds don't cluster.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from examples.province.dirt_ledger import Flags, Ledger, instants

_RULES = Path(__file__).with_name("dirt.toml")
_LARGEST_GROUP = 0.35
_CJK = r"[\u4e00-\u9fff]"


@dataclass(frozen=True)
class Group:
    """The sites of one vendor in one county, under one element manager.

    Attributes
    ----------
    vendor, county : str
    sites, cells : frozenset of str
    """

    vendor: str
    county: str
    sites: frozenset[str]
    cells: frozenset[str]

    @property
    def name(self) -> str:
        """Return the name by which the group is reported."""
        return f"{self.vendor}/{self.county}"


@dataclass(frozen=True)
class Window:
    """A stretch of local time, the end excluded.

    Attributes
    ----------
    since, until : Timestamp
    """

    since: pd.Timestamp
    until: pd.Timestamp

    def holds(self, times: pd.Series) -> Flags:
        """Return which times lie inside; NaT does not."""
        return np.asarray((times >= self.since) & (times < self.until), dtype=bool)


@dataclass(frozen=True)
class DirtPlan:
    """What will be dirtied where and when.

    Attributes
    ----------
    rules : mapping
        Shares and words, from `dirt.toml`.
    salt : str of 16 characters
        Makes choices among rows of counters the same however they are cut into chunks.
    is_chinese : bool
        Whether places are named in Chinese.
    skewed, silent, resetting, delayed : Group
        Under a wrong clock; without counters for half a day; with counters that restart; with counters hours late.
    skew_minutes : int
        By how much the clock of `skewed` is ahead.
    muted_vendor : str
        Its alarms don't come for some hours, then all at once.
    windows : mapping of str to Window
        `kpi_gap`, `alarm_gap`, `kpi_late`.
    resets : tuple of Timestamp
        When the counters of `resetting` restart.
    channel : str
        The channel of complaints that muddles coordinate systems; empty if none has coordinates.
    counties : tuple of str
    vendors : mapping of str to str
        Vendor of each site and cell.
    ledger : Ledger
        Filled as tables are dirtied.
    """

    rules: Mapping[str, Any]
    salt: str
    is_chinese: bool
    skewed: Group
    silent: Group
    resetting: Group
    delayed: Group
    skew_minutes: int
    muted_vendor: str
    windows: Mapping[str, Window]
    resets: tuple[pd.Timestamp, ...]
    channel: str
    counties: tuple[str, ...]
    vendors: Mapping[str, str] = field(repr=False)
    ledger: Ledger = field(default_factory=Ledger, compare=False, repr=False)

    def encoding(self, name: str) -> str:
        """Return the encoding in which the CSV file of a table is to be written.

        Parameters
        ----------
        name : str
            The table.

        Returns
        -------
        str
            One that `open` knows: `gb18030` for complaints in Chinese, `utf-8-sig` for alarms, else `utf-8`.
        """
        if name == "complaints" and self.is_chinese:
            return "gb18030"
        return "utf-8-sig" if name == "alarms" else "utf-8"

    def report(self) -> pd.DataFrame:
        """Return what was dirtied so far: `kind`, `table`, `object_id`, `since`, `until`, `rows`, `note`."""
        return self.ledger.frame()


def plan_dirt(tables: Mapping[str, pd.DataFrame], *, rng: np.random.Generator) -> DirtPlan:
    """Return what will be dirtied where and when.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Needs `sites` (`site_id`, `vendor`, `county`), `cells` (`cell_id`, `site_id`) and `complaints` (`created_at`);
        coordinates and channels of the complaints are used where they are. Never changed.
    rng : Generator
        The only source of chance.

    Returns
    -------
    DirtPlan

    Raises
    ------
    ValueError
        If a table is missing or there is no complaint to take the time span from.
    """
    missing = [name for name in ("sites", "cells", "complaints") if name not in tables]
    if missing or tables["complaints"].empty:
        message = (
            f"`tables` must hold sites, cells and complaints with rows; it has {sorted(tables)}"
        )
        raise ValueError(message)
    rules = tomllib.loads(_RULES.read_text(encoding="utf-8"))
    sites, cells, complaints = tables["sites"], tables["cells"], tables["complaints"]
    skewed, silent, resetting, delayed = _groups(sites, cells, rng)
    created = instants(complaints["created_at"])
    vendors = dict(zip(sites["site_id"], sites["vendor"].fillna(""), strict=True))
    of_cells = cells["site_id"].map(vendors)
    moments = _moments(created, 3 + int(rules["resets"]["moments"]), rng)
    return DirtPlan(
        rules=rules,
        salt="".join(rng.choice(list("0123456789abcdef"), size=16)),
        is_chinese=bool(sites["site_name"].astype("str").str.contains(_CJK).any()),
        skewed=skewed,
        silent=silent,
        resetting=resetting,
        delayed=delayed,
        skew_minutes=int(rng.choice(rules["clock"]["minutes"])),
        muted_vendor=str(rng.choice(sorted(set(vendors.values())))),
        windows=_windows(moments, rules["gaps"]),
        resets=tuple(sorted(moments[3:])),
        channel=_channel(complaints, rng),
        counties=tuple(sorted({str(name) for name in sites["county"].dropna()})),
        vendors={**vendors, **dict(zip(cells["cell_id"], of_cells, strict=True))},
    )


def _groups(
    sites: pd.DataFrame, cells: pd.DataFrame, rng: np.random.Generator
) -> tuple[Group, Group, Group, Group]:
    """Draw four groups of moderate size, different ones while there are enough."""
    live = sites[sites["site_id"].isin(cells["site_id"])]
    named = live.assign(vendor=live["vendor"].fillna(""), county=live["county"].fillna(""))
    found = []
    for (vendor, county), rows in named.groupby(["vendor", "county"], sort=True):
        ids = frozenset(rows["site_id"])
        of_group = frozenset(cells.loc[cells["site_id"].isin(ids), "cell_id"])
        found.append(Group(str(vendor), str(county), ids, of_group))
    found.sort(key=lambda group: (len(group.cells), group.name))
    moderate = [group for group in found if len(group.cells) <= _LARGEST_GROUP * len(cells)]
    pool = moderate or found[:1]
    order = rng.permutation(len(pool))
    first, second, third, fourth = (pool[order[k % len(pool)]] for k in range(4))
    return first, second, third, fourth


def _moments(created: pd.Series, count: int, rng: np.random.Generator) -> list[pd.Timestamp]:
    """Draw full hours in the middle of the time span."""
    begin, end = created.min(), created.max()
    shares = rng.uniform(0.15, 0.75, size=count)
    return [(begin + (end - begin) * float(share)).floor("h") for share in shares]


def _windows(moments: list[pd.Timestamp], gaps: Mapping[str, int]) -> dict[str, Window]:
    """Return the stretches in which feeds fail."""
    hours = (
        ("kpi_gap", "kpi_hours"),
        ("alarm_gap", "alarms_hours"),
        ("kpi_late", "late_kpi_hours"),
    )
    return {
        name: Window(moment, moment + pd.Timedelta(hours=gaps[length]))
        for moment, (name, length) in zip(moments, hours, strict=False)
    }


def _channel(complaints: pd.DataFrame, rng: np.random.Generator) -> str:
    """Draw the channel that muddles coordinate systems, a common one among those with coordinates."""
    if not {"channel", "lon"} <= set(complaints.columns):
        return ""
    counts = complaints.loc[complaints["lon"].notna(), "channel"].value_counts()
    names = sorted(
        str(name)
        for name in counts.index
        if 0.05 * counts.sum() <= counts[name] <= 0.4 * counts.sum()
    )
    return str(rng.choice(names)) if names else str(counts.index[0]) if len(counts) else ""
