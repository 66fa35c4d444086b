"""Deliver the rows of a bundle in the order they arrived, one step at a time.

Step: a fixed interval of the clock (settings `step_min`), aligned to the hour. A row that arrived within an interval is
delivered at its end, so a run over a bundle cut at T does until T exactly what the full run does.

Simple so far: the whole bundle is in memory; only the counters are kept as plain arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alarms.catalogue import read_meanings
from alarms.lifecycle import cleared_columns, raised_columns
from alarms.related_meanings import with_related
from contract.ledger.acts import Deed
from correlate.instants import seconds
from correlate.knowledge import Knowledge
from correlate.reading import read_tickets
from correlate.tickets import Ticket
from kpi.files.suspects import without_suspects
from kpi.schedules import Schedule

ARRIVING = ("complaints", "locations", "accounts", "changes", "verdicts")
LASTING = ("locations", "accounts", "changes", "verdicts")
"""Tables whose rows may long precede the rest: what came before it is delivered with its first step."""
COUNTER_KEYS = ("cell_id", "start", "minutes", "row", "arrived_at", "superseded_at", "received_at")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CounterRows:
    """Rows of counters: cell positions, begin (seconds since 1970), minutes and each counter as an array."""

    cell: Ints
    start: Ints
    minutes: Ints
    counters: Mapping[str, NDArray[np.float32]]

    def slice(self, first: int, last: int) -> CounterRows:
        """Return rows first to last without copying."""
        part = {name: values[first:last] for name, values in self.counters.items()}
        return CounterRows(
            self.cell[first:last], self.start[first:last], self.minutes[first:last], part
        )


@dataclass(frozen=True)
class Scored:
    """Counters that were scored elsewhere: the rows that came, and the episodes open after them.

    `rows` needs no counters; `episodes` is as `kpi.episodes.open_episodes` gives it.
    """

    rows: CounterRows
    episodes: pd.DataFrame


@dataclass(frozen=True)
class Arrivals:
    """What arrived in one step. `tables` holds only the tables that have rows, `acts` what people did, in order."""

    tables: Mapping[str, pd.DataFrame]
    raised: Mapping[str, NDArray[Any]] | None
    cleared: Mapping[str, NDArray[Any]] | None
    counters: CounterRows | None
    tickets: Sequence[Ticket] = ()
    scored: Scored | None = None
    acts: Sequence[Deed] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing arrived."""
        nothing = self.raised is None and self.cleared is None and self.counters is None
        return nothing and self.scored is None and not self.tables and not self.acts


@dataclass(frozen=True)
class _Stream:
    """Rows sorted by the step that delivers them."""

    rows: pd.DataFrame
    steps: Ints

    def at(self, step: int) -> pd.DataFrame | None:
        """Return the rows of a step, None if it has none."""
        first, last = np.searchsorted(self.steps, [step, step + 1])
        return self.rows.iloc[first:last] if last > first else None


@dataclass(frozen=True)
class Feed:
    """The arrivals of a bundle by step; `first` and `last` are the steps with rows.

    `coverage` tells what coverage was taught by the sightings of all complaints; `scored` holds counters scored
    elsewhere, by step.
    """

    step_s: int
    streams: Mapping[str, _Stream]
    raised: Mapping[str, NDArray[Any]]
    raised_steps: Ints
    cleared: Mapping[str, NDArray[Any]]
    cleared_steps: Ints
    tickets: Sequence[Ticket]
    counters: CounterRows
    counter_steps: Ints
    first: int
    last: int
    coverage: str
    scored: Mapping[int, Scored] = field(default_factory=dict)

    def at(self, step: int) -> Arrivals:
        """Return what arrives at the end of a step."""
        found = {name: self.streams[name].at(step) for name in self.streams}
        first, last = np.searchsorted(self.counter_steps, [step, step + 1])
        counters = self.counters.slice(int(first), int(last)) if last > first else None
        raised = _part(self.raised, self.raised_steps, step)
        cleared = _part(self.cleared, self.cleared_steps, step)
        tables = {name: rows for name, rows in found.items() if rows is not None}
        tickets, scored = self.tickets_until(step, step + 1), self.scored.get(step)
        return Arrivals(tables, raised, cleared, counters, tickets, scored)

    def tickets_until(self, step: int, end: int) -> Sequence[Ticket]:
        """Return the tickets that arrive at the ends of the steps from `step` to before `end`."""
        first, last = np.searchsorted(self.streams["complaints"].steps, [step, end])
        return self.tickets[first:last]

    def next_arrival(self, step: int) -> int | None:
        """Return the next step after `step` at whose end a row arrives, None after the last."""
        steps = [s.steps for s in self.streams.values()]
        steps += [self.raised_steps, self.cleared_steps, self.counter_steps]
        firsts = [int(np.searchsorted(s, step + 1)) for s in steps]
        found = [int(s[i]) for s, i in zip(steps, firsts, strict=True) if i < len(s)]
        return min(found + [s for s in self.scored if s > step], default=None)


def _part(
    columns: Mapping[str, NDArray[Any]], steps: Ints, step: int
) -> Mapping[str, NDArray[Any]] | None:
    """Return the rows of columns that a step delivers, None if it has none."""
    first, last = np.searchsorted(steps, [step, step + 1])
    return {n: v[first:last] for n, v in columns.items()} if last > first else None


def build_feed(
    tables: Mapping[str, pd.DataFrame],
    knowledge: Knowledge,
    *,
    scored: Mapping[int, Scored] | None = None,
    schedule: Schedule | None = None,
) -> Feed:
    """Return the feed of a bundle's tables.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        As `contract.bundles.read_bundle` gives them: `arrived_at` on every arriving table.
    knowledge : Knowledge
        Counters of cells that are not in its live network are left out. What depends on a row alone (the meaning of an
        alarm; words and place of a complaint, with the sightings that had arrived) is read here, for all rows at once.
    scored : mapping of step to Scored, optional
        Counters that were scored elsewhere, none of them in `tables`.
    schedule : Schedule, optional
        Where the words of complaints are read; the feed is the same wherever that is.
    """
    step_s = int(knowledge.settings.step_min * 60)
    streams = {name: _stream(tables[name], "arrived_at", step_s) for name in ARRIVING}
    alarms = _read_alarms(tables["alarms"], knowledge)
    raised = _stream(alarms, "arrived_at", step_s)
    cleared = _stream(alarms[alarms["clear_arrived_at"].notna()], "clear_arrived_at", step_s)
    counters, counter_steps = _counters(tables["kpi"], knowledge.network.cell_position, step_s)
    first, last = _span(streams | {"raised": raised, "cleared": cleared}, counter_steps)
    late = {n: _Stream(s.rows, np.maximum(s.steps, first)) for n, s in streams.items()}
    tickets, coverage = _read(late["complaints"], late["locations"], knowledge, schedule)
    return Feed(
        step_s,
        late,
        raised_columns(raised.rows),
        np.maximum(raised.steps, first),
        cleared_columns(cleared.rows),
        np.maximum(cleared.steps, first),
        tickets,
        counters,
        np.maximum(counter_steps, first),
        first,
        max([last, *scored]) if scored else last,
        coverage,
        scored or {},
    )


def _read_alarms(alarms: pd.DataFrame, knowledge: Knowledge) -> pd.DataFrame:
    """Return the alarms with what each means: by the catalogue, else by relations the user gave."""
    network = knowledge.network
    cells = alarms["object_id"].str.split("/").str[0].map(network.cell_position)
    sites = pd.Series(knowledge.site_ids[knowledge.reach.site_of], dtype="str")
    asked = alarms.assign(site_id=cells.map(sites))
    readings = read_meanings(knowledge.catalogue, asked)
    return alarms.join(with_related(readings, alarms, knowledge.relations))


def _read(
    complaints: _Stream, locations: _Stream, knowledge: Knowledge, schedule: Schedule | None
) -> tuple[list[Ticket], str]:
    """Read all complaints, each with the sightings of its number that had arrived."""
    asked = pd.DataFrame(
        {
            "msisdn": complaints.rows["msisdn"].to_numpy(),
            "complaint": np.arange(len(complaints.rows)),
            "step": complaints.steps,
        }
    ).dropna(subset=["msisdn"])
    seen = locations.rows[["msisdn", "seen_at", "cell_id", "source"]].assign(at=locations.steps)
    pairs = asked.merge(seen, on="msisdn")
    pairs = pairs[pairs["at"] <= pairs["step"]]
    cell = pairs["cell_id"].map(knowledge.network.cell_position).fillna(-1).astype("int64")
    sightings = pairs[["complaint", "seen_at", "source"]].assign(cell=cell)
    return read_tickets(complaints.rows, knowledge, sightings, schedule=schedule)


def _span(streams: Mapping[str, _Stream], counter_steps: Ints) -> tuple[int, int]:
    """Return the first and last step: what lasts may precede the first, but does not open the run."""
    steps = {name: stream.steps for name, stream in streams.items()} | {"kpi": counter_steps}
    last = max((int(s[-1]) for s in steps.values() if len(s)), default=-1)
    opening = [int(s[0]) for name, s in steps.items() if len(s) and name not in LASTING]
    if not opening:
        opening = [int(s[s > 0][0]) for s in steps.values() if (s > 0).any()]
    return min(opening, default=0), last


def _stream(rows: pd.DataFrame, column: str, step_s: int) -> _Stream:
    """Sort rows by the step that delivers them, keeping their canonical order within it."""
    steps = -(-seconds(rows[column]) // step_s)
    steps = np.maximum(steps, 0)
    order = np.argsort(steps, kind="stable")
    return _Stream(rows.iloc[order], steps[order])


def _counters(
    kpi: pd.DataFrame, cell_position: Mapping[str, int], step_s: int
) -> tuple[CounterRows, Ints]:
    """Lay the counters out as arrays in the order of their arrival."""
    names = [
        c for c in kpi.columns if c not in COUNTER_KEYS and pd.api.types.is_float_dtype(kpi[c])
    ]
    kpi = without_suspects(kpi, names)
    category = kpi["cell_id"].astype("category")
    lookup = np.array([cell_position.get(str(c), -1) for c in category.cat.categories], np.int64)
    codes = category.cat.codes.to_numpy()
    cell = lookup[codes] if len(lookup) else np.empty(0, np.int64)
    steps = -(-seconds(kpi["arrived_at"]) // step_s)
    keep = np.flatnonzero(cell >= 0)
    order = keep[np.argsort(steps[keep], kind="stable")]
    values = {n: kpi[n].to_numpy(np.float32)[order] for n in names}
    rows = CounterRows(
        cell[order],
        seconds(kpi["start"])[order],
        kpi["minutes"].to_numpy(float)[order].astype(np.int64),
        values,
    )
    return rows, steps[order]
