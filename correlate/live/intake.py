"""Judge what is sent as the rows of a bundle are judged, and put it into the ledger: many submissions in one go.

Whatever an outcome calls accepted is on disk. Of what is wrong each row is named with its reason.

Simple so far: clocks that are behind are not told apart here, for that takes a history; an alarm that claims to be
raised after it came is taken as raised then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from alarms.feeds.notifications import alarm_rows
from contract.bundles import Reading, judged_rows
from contract.instants import INSTANT
from contract.ledger.acts import Deed, clashing, record
from contract.ledger.arrivals import Entry, append
from contract.ledger.store import Ledger
from contract.settings import Settings
from contract.tables import TABLES
from correlate.live.entries import COUNTERS, entries_of, keep_counters, strays_of
from correlate.live.known_alarms import known_notifications, remember
from correlate.live.submissions import Outcome, Submission, joined, kind_of, parted, raw_table

ARRIVING = tuple(name for name, table in TABLES.items() if table.arrives)
"""Tables whose rows may be sent."""
UNKNOWN_OBJECT = "object_id is unknown"
ID_TAKEN = "`act_id` was given to another act"
DROPPED = ("notifications", "row", "changed_at")
"""Columns of folded alarms that would make each repetition another version."""


@dataclass(frozen=True)
class _Waiting:
    """Rows of one submission brought to entries, each with the number of its row."""

    entries: Sequence[tuple[int, Sequence[Entry]]]
    outcome: Outcome


@dataclass
class Intake:
    """Where rows go in: the ledger, the folder of the history, and the inventory they are judged against."""

    ledger: Ledger
    history: Path
    settings: Settings
    inventory: Mapping[str, pd.DataFrame]
    reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        """Lay the inventory out for judging."""
        self.use(self.inventory)

    def use(self, inventory: Mapping[str, pd.DataFrame]) -> None:
        """Judge rows against this inventory from now on."""
        self.inventory, self.reading = inventory, Reading(tables=dict(inventory))

    def take(
        self, submissions: Sequence[Submission | Deed], *, now_us: int
    ) -> tuple[list[Outcome], list[Entry]]:
        """Return what became of each submission, and the entries put down, once they are on disk.

        Parameters
        ----------
        submissions : sequence of Submission or Deed
            Rows that were sent, and acts of people.
        now_us : int
            Microseconds since 1970; acts, and rows without an arrival of their own, arrive now.
        """
        rows = {n: one for n, one in enumerate(submissions) if isinstance(one, Submission)}
        deeds = {n: one for n, one in enumerate(submissions) if isinstance(one, Deed)}
        groups: dict[tuple[object, ...], list[int]] = {}
        for place, one in rows.items():
            groups.setdefault(kind_of(one), []).append(place)
        with self.ledger.writing() as connection:
            waiting = {
                tuple(places): self._brought(connection, joined([rows[p] for p in places]), now_us)
                for places in groups.values()
            }
            waiting |= _acts_brought(connection, deeds, now_us)
            listed = [
                entry for one in waiting.values() for _, entries in one.entries for entry in entries
            ]
            listed.sort(key=lambda entry: entry.arrived_us)
            put_down = append(connection, listed)
            fresh = [entry for entry in put_down if entry is not None]
            remember(connection, fresh)
            record(connection, fresh)
        new = {id(e) for e, kept in zip(listed, put_down, strict=True) if kept is not None}
        outcomes: dict[int, Outcome] = {}
        for together, brought in waiting.items():
            outcome = _counted(brought, new)
            sent = [rows[p] for p in together if p in rows]
            parts = parted(outcome, sent) if sent else [outcome]
            outcomes |= dict(zip(together, parts, strict=True))
        return [outcomes[place] for place in range(len(submissions))], fresh

    def _brought(self, connection: Connection, sent: Submission, now_us: int) -> _Waiting:
        """Return one submission as entries, and what is wrong with it."""
        outcome = Outcome(sent.sent, rejected=list(sent.refused))
        rows = sent.rows
        if sent.notifications is not None:
            rows = _folded(connection, sent.notifications, self.settings.zone, outcome)
        if rows is None or rows.empty:
            return _Waiting((), outcome)
        numbers = rows.index
        frame, kept = self._judged(sent, rows, outcome)
        given = dict(zip(numbers, sent.arrived_us, strict=True)) if sent.arrived_us else {}
        arrived = [given.get(number, now_us) for number in kept]
        if sent.table == COUNTERS:
            if frame.empty:
                return _Waiting((), outcome)
            batch = keep_counters(frame, self.history, arrived, source=sent.source)
            return _Waiting([(number, [batch]) for number in kept], outcome)
        if sent.table == "alarms":
            frame = _not_ahead(frame, arrived)
        entries: list[Sequence[Entry]] = list(
            entries_of(sent.table, frame, arrived, source=sent.source)
        )
        if sent.notifications is not None:
            strays = _strays(rows, outcome)
            kept = kept + strays.index.tolist()
            entries += [[one] for one in strays_of(strays, now_us, source=sent.source)]
        return _Waiting(list(zip(kept, entries, strict=True)), outcome)

    def _judged(
        self, sent: Submission, rows: pd.DataFrame, outcome: Outcome
    ) -> tuple[pd.DataFrame, list[int]]:
        """Return the usable rows and their numbers; note what was rejected and repaired."""
        table = TABLES[sent.table]
        names = dict.fromkeys([*rows.columns, *table.required_names])
        raw = raw_table(rows.reindex(columns=list(names)))
        checked = judged_rows(raw, table, self.reading, self.settings, source=sent.source)
        self.reading.tried.clear()
        frame = checked.frame
        if sent.table == "verdicts":
            closed = frame["closed_at"].notna()
            late = frame["row"][~closed].tolist()
            outcome.rejected += [(int(row), "closed_at is missing") for row in late]
            frame = frame[closed]
        for name in ("rejected", "repairs"):
            listed = getattr(checked, name)
            pairs = zip(listed["row"].tolist(), listed["reason"].tolist(), strict=True)
            into = outcome.rejected if name == "rejected" else outcome.repaired
            into += [(int(row), str(reason)) for row, reason in pairs]
        return frame.reset_index(drop=True), [int(row) for row in frame["row"]]


def _acts_brought(
    connection: Connection, deeds: Mapping[int, Deed], now_us: int
) -> dict[tuple[int, ...], _Waiting]:
    """Return acts as entries, each by its place; one whose id belongs to another act is rejected."""
    entries = [deed.entry(now_us) for deed in deeds.values()]
    brought: dict[tuple[int, ...], _Waiting] = {}
    clashes = clashing(connection, entries)
    for place, entry, is_clash in zip(deeds, entries, clashes, strict=True):
        outcome = Outcome(1, rejected=[(1, ID_TAKEN)] if is_clash else [])
        brought[(place,)] = _Waiting([] if is_clash else [(1, [entry])], outcome)
    return brought


def _counted(waiting: _Waiting, new: set[int]) -> Outcome:
    """Return an outcome with the rows that were new and those that were there."""
    outcome = waiting.outcome
    for number, entries in waiting.entries:
        if number <= 0:
            continue
        if any(id(entry) in new for entry in entries):
            outcome.accepted.append(number)
        else:
            outcome.repeated.append(number)
    return outcome


def _strays(rows: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Return alarms of objects that are not known; they are told as repaired, no longer as rejected."""
    strange = [(row, reason) for row, reason in outcome.rejected if reason == UNKNOWN_OBJECT]
    outcome.rejected = [pair for pair in outcome.rejected if pair not in strange]
    outcome.repaired += [(row, f"{reason}; kept, but not used") for row, reason in strange]
    return rows[rows.index.isin([row for row, _ in strange])]


def _not_ahead(alarms: pd.DataFrame, arrived_us: Sequence[int]) -> pd.DataFrame:
    """Return alarms none of which is raised after it came, nor cleared before it was raised."""
    told = {name: alarms[name].to_numpy("datetime64[us]") for name in ("raised_at", "cleared_at")}
    came = np.asarray(arrived_us, dtype="int64").astype("datetime64[us]")
    if not ((told["raised_at"] > came) | (told["cleared_at"] < told["raised_at"])).any():
        return alarms
    arrived = pd.to_datetime(
        pd.Series(arrived_us, index=alarms.index, dtype="int64"), unit="us", utc=True
    )
    raised = alarms["raised_at"].where(alarms["raised_at"] <= arrived, arrived.astype(INSTANT))
    is_before = (alarms["cleared_at"] < raised).to_numpy(bool)
    cleared = alarms["cleared_at"].mask(is_before, raised)
    return alarms.assign(raised_at=raised.astype(INSTANT), cleared_at=cleared.astype(INSTANT))


def _folded(
    connection: Connection, told: pd.DataFrame, zone: str, outcome: Outcome
) -> pd.DataFrame | None:
    """Return the alarms that notifications tell of, with what is known of them; index: the number of the record."""
    if told.empty:
        return None
    own = told.assign(source_id=told["alarm_id"])
    known = known_notifications(connection, own)
    both = pd.concat([known, own], ignore_index=True) if len(known) else own
    folded = alarm_rows(both, zone=zone)
    lost = pd.concat([folded.orphans, folded.rejected], ignore_index=True)
    outcome.rejected += [
        (int(row), str(reason))
        for row, reason in zip(lost["row"], lost["reason"], strict=True)
        if row > 0
    ]
    rows = _own_numbers(folded.alarms, told)
    return rows.drop(columns=[name for name in DROPPED if name in rows])


def _own_numbers(alarms: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Return alarms indexed by the record that told of them; one known before gets that of its object's first."""
    first = told.drop_duplicates("object_id").set_index("object_id")["row"]
    by_id = (
        told.dropna(subset=["alarm_id"]).drop_duplicates("alarm_id").set_index("alarm_id")["row"]
    )
    guess = alarms["source_id"].map(by_id).fillna(alarms["object_id"].map(first)).fillna(0)
    number = alarms["row"].where(alarms["row"] > 0, guess).astype("int64").to_numpy()
    taken: set[int] = set()
    out = []
    for place, wanted in enumerate(number.tolist()):
        out.append(wanted if wanted not in taken else -place - 1)
        taken.add(wanted)
    return alarms.set_axis(pd.Index(np.array(out, dtype="int64")), axis=0)
