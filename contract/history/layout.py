"""Say where each part of a history lies: TABLE/region=REGION/day=YYYY-MM-DD/SEQUENCE-HASH.parquet.

A region is any text; what a path can't hold is written as percent and two hexadecimal digits, so it reads back.

Simple so far: names that differ in case alone fall together on file systems that don't tell case.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote, unquote

from contract.errors import InputError
from contract.history.storage import Storage

MANIFEST = "manifest.json"
LONGEST = 240
"""Bytes that a name in a path may have; most file systems allow 255."""
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_REGION, _DAY = "region=", "day="


@dataclass(frozen=True, order=True)
class Partition:
    """One region and day of a table."""

    table: str
    region: str
    day: date

    @property
    def folder(self) -> str:
        """Return where its files lie, below the root.

        Examples
        --------
        >>> Partition("kpi", "a/b", date(2026, 1, 2)).folder
        'kpi/region=a%2Fb/day=2026-01-02'
        """
        return f"{self.table}/{_REGION}{region_name(self.region)}/{_DAY}{self.day.isoformat()}"

    @property
    def manifest(self) -> str:
        """Return where its manifest lies, below the root."""
        return f"{self.folder}/{MANIFEST}"


def region_name(region: str) -> str:
    """Return a region as it stands in a path; `region_of` reads it back.

    Raises
    ------
    InputError
        If it is empty or too long for a path.

    Examples
    --------
    >>> region_name("大理"), region_of(region_name("大理"))
    ('%E5%A4%A7%E7%90%86', '大理')
    """
    name = quote(region, safe="")
    if not region or len(name) > LONGEST:
        msg = f"`region` must be text of 1 to {LONGEST} bytes once encoded; it is {region[:80]!r}. Shorten it."
        raise InputError(msg)
    return name


def region_of(name: str) -> str:
    """Return the region that a name in a path stands for."""
    return unquote(name)


def check_table_name(table: str) -> None:
    """Raise when a name can't be that of a table.

    Raises
    ------
    InputError
    """
    if not _TABLE.fullmatch(table):
        msg = f"`table` must be lower case letters, digits and underscores; it is {table!r}. Rename it."
        raise InputError(msg)


def partitions_of(
    storage: Storage,
    table: str,
    *,
    regions: Collection[str] | None = None,
    days: Collection[date] | None = None,
) -> list[Partition]:
    """Return the partitions of a table that have a folder, in order of region and day.

    Parameters
    ----------
    storage : Storage
    table : str
    regions, days : collection, optional
        Those wanted; None = all.
    """
    wanted = None if days is None else set(days)
    found = []
    for name in storage.names(table):
        region = region_of(name.removeprefix(_REGION))
        if not name.startswith(_REGION) or (regions is not None and region not in regions):
            continue
        there = [_day(below) for below in storage.names(f"{table}/{name}")]
        found += [
            Partition(table, region, day)
            for day in there
            if day is not None and (wanted is None or day in wanted)
        ]
    return sorted(found)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Return the days from one to another, both included.

    Examples
    --------
    >>> len(days_between(date(2026, 2, 27), date(2026, 3, 1)))
    3
    """
    return tuple(first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _day(name: str) -> date | None:
    """Return the day a folder is named after; None where it is none."""
    try:
        return date.fromisoformat(name.removeprefix(_DAY)) if name.startswith(_DAY) else None
    except ValueError:
        return None
