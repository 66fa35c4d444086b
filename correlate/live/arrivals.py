"""Hand the entries of the ledger to the step as what arrived, as `correlate.feed` does with the rows of a bundle.

Simple so far: complaints are located with what the last few hundred taught, not with all there were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from contract.ledger.acts import STREAM, deed_of
from contract.ledger.arrivals import Entry
from contract.tables import TABLES, empty_table
from correlate.acts.taking import is_effective
from correlate.feed import ARRIVING, Arrivals, Feed, build_feed
from correlate.knowledge import Knowledge
from correlate.live.entries import (
    CLEARINGS,
    COUNTERS,
    cleared_table,
    counter_table,
    table_of,
)


def arrivals_of(
    entries: Sequence[Entry],
    knowledge: Knowledge,
    *,
    history: Path,
    earlier: Sequence[Entry] = (),
    seen: Sequence[Entry] = (),
) -> Arrivals:
    """Return what a step is given.

    Parameters
    ----------
    entries : sequence of Entry
        What arrived since the step before.
    history : Path
        Folder with the counters.
    earlier : sequence of Entry
        Earlier complaints: what they taught of places and channels helps to locate those that come now.
    seen : sequence of Entry
        Earlier sightings of the numbers of all these complaints.
    """
    by_stream: dict[str, list[Entry]] = {}
    for entry in entries:
        by_stream.setdefault(entry.stream, []).append(entry)
    tables = {n: table_of(n, by_stream[n]) for n in (*ARRIVING, "alarms") if n in by_stream}
    if COUNTERS in by_stream:
        tables[COUNTERS] = counter_table(by_stream[COUNTERS], history)
    new = {name: tables[name] for name in ARRIVING if name in tables}
    before = {"locations": seen, "complaints": earlier if "complaints" in new else ()}
    for name, listed in before.items():
        if listed:
            rows = [table_of(name, listed), *([new[name]] if name in new else [])]
            tables[name] = pd.concat(rows, ignore_index=True)
    found = _whole(build_feed(_filled(tables), knowledge), new)
    deeds = [deed for deed in map(deed_of, by_stream.get(STREAM, ())) if is_effective(deed)]
    if deeds:
        found = replace(found, acts=deeds)
    if CLEARINGS in by_stream:
        cleared = _filled({"alarms": cleared_table(by_stream[CLEARINGS])})
        found = replace(found, cleared=build_feed(cleared, knowledge).cleared)
    return found


def complaining(entries: Sequence[Entry]) -> list[str]:
    """Return the numbers that complain in entries."""
    return [e.subject for e in entries if e.stream == "complaints" and e.subject]


def _filled(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return every table of arrivals, empty ones where nothing came."""
    names = (*ARRIVING, "alarms", COUNTERS)
    return {name: tables[name] if name in tables else nothing_of(name) for name in names}


def nothing_of(name: str) -> pd.DataFrame:
    """Return a table of arrivals without rows."""
    rows = empty_table(TABLES[name])
    never = pd.Series([], dtype="datetime64[us, UTC]")
    extra = {"arrived_at": never, "superseded_at": never, "row": pd.Series([], dtype="int64")}
    if name == "alarms":
        extra["clear_arrived_at"] = never
    return rows.assign(**extra)


def _whole(feed: Feed, new: Mapping[str, pd.DataFrame]) -> Arrivals:
    """Return all rows of a feed as those of one step."""
    return Arrivals(
        tables={name: rows for name, rows in new.items() if len(rows)},
        raised=feed.raised if len(feed.raised_steps) else None,
        cleared=None,
        counters=feed.counters if len(feed.counter_steps) else None,
        tickets=feed.tickets[len(feed.tickets) - len(new.get("complaints", ())) :],
    )
