"""Keep the groups of alarms from step to step: one id each, and a rule for every change.

An id stays with the row of `alarms.roots` that holds most of the group's alarms. Only sites and roots whose alarms have
changed are looked at. Rules, shown with each change:

=========  ==================================================================================================
OPEN-1     alarms that were in no group
GROW-1     the group has other alarms, another root or other cells than before
MERGE-1    groups turned out to have one root: the oldest goes on, the others end in it
SPLIT-1    part of a group turned out to have a root of its own
FREEZE-1   the group began so long ago that nothing new can be of it: its alarms keep it (`roots.toml`, `freeze_s`)
END-1      all its alarms ended
AGAIN-1    one of its alarms was raised again before it was frozen
SIZE-1     it has more alarms than are listed (`roots.toml`, `most_listed`): no page shows more, the rest are counted
=========  ==================================================================================================

Simple so far: a frozen group takes in nothing, though a lost link may bring an outage of power long after.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from alarms.episodes import NOT_YET, Array
from alarms.marks import Marks
from alarms.placing import Signs, placed_columns
from alarms.root_rules import RootRules
from alarms.roots import Roots

NEEDED = (
    "alarm_key", "alarm_id", "object_id", "name", "meaning", "service_effect", "raised_at",
    "first_raised_at", "ended_at", "filter_delay_s", "is_engineering", "is_muted",
)  # fmt: skip
"""Columns of the book that `regroup` needs."""
LATELY = pd.Timedelta("3h")
"""An alarm that ended so lately still tells what its group is."""
_NONE = np.empty(0, dtype=np.uint64)


@dataclass(slots=True)
class AlarmGroup:
    """A group of alarms as it stands; instants in microseconds since 1970, UTC.

    Attributes
    ----------
    group_id : str
        Stable; made of the alarm raised first when the group opened.
    row : dict
        As `alarms.roots.Roots.rows` gives it; alarm ids cut at `most_listed`, keys left out once frozen.
    count, mark : int
        How many alarms it has, and a number that stands for them.
    opened_at, changed_at : int
    frozen_at, ended_at : int or None
    merged_into, split_from : str
        Group ids, empty where it was neither.
    rule : str
        Of the last change.
    """

    group_id: str
    row: dict[str, Any]
    count: int
    mark: int
    opened_at: int
    changed_at: int
    rule: str
    frozen_at: int | None = None
    ended_at: int | None = None
    merged_into: str = ""
    split_from: str = ""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """A change of a group: when (microseconds), by which rule, and what."""

    at: int
    group_id: str
    rule: str
    detail: str


@dataclass
class GroupBook:
    """The groups so far, and what they were worked out from.

    Attributes
    ----------
    groups : dict of str to AlarmGroup
        All of them, ended ones as well.
    of_alarm : dict of int to str
        Group of each alarm that is in none that is frozen.
    frozen : dict of int to str
        Group of each alarm in force of a frozen group.
    settled : array of uint64
        Alarms of frozen groups that ended lately.
    last : dict of int to str
        Group each alarm was last in, frozen and ended ones as well.
    marks : Marks
        What groups were last worked out from.
    due : list of (int, str)
        When each group is to be frozen, microseconds, the soonest first: a heap.
    changes : list of GroupChange
    """

    groups: dict[str, AlarmGroup] = field(default_factory=dict)
    of_alarm: dict[int, str] = field(default_factory=dict)
    frozen: dict[int, str] = field(default_factory=dict)
    settled: Array = field(default_factory=lambda: _NONE)
    last: dict[int, str] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)
    due: list[tuple[int, str]] = field(default_factory=list)
    changes: list[GroupChange] = field(default_factory=list)


def regroup(
    book: GroupBook,
    columns: Mapping[str, Array],
    roots: Roots,
    *,
    now: int,
    served_from: Array | None = None,
) -> list[AlarmGroup]:
    """Bring the groups up to date and return those that changed, by start.

    Parameters
    ----------
    book : GroupBook
        Changed in place.
    columns : mapping of str to array
        Alarms in force and those that ended lately, as `AlarmBook.recent_columns` returns them.
    roots : Roots
        What finds the roots.
    now : int
        Microseconds since 1970, UTC.
    served_from : array of int, shape (cells,), optional
        As `Roots.rows` takes it; nothing is known without it.
    """
    shrunk = _shrunk(book, columns, roots, now=now)
    signs = _still_moving(book, columns, roots)
    if served_from is None:
        served_from = np.full(len(roots.ground.cell_id), NOT_YET)
    rows = roots.rows(signs, now=now, served_from=served_from, marks=book.marks)
    changed = _matched(book, rows, roots.rules, now=now)
    _freeze(book, signs, roots.rules, now=now)
    return sorted([*shrunk, *changed], key=lambda group: (group.row["started_at"], group.group_id))


def _shrunk(
    book: GroupBook, columns: Mapping[str, Array], roots: Roots, *, now: int
) -> list[AlarmGroup]:
    """Return the frozen groups that lost alarms; one of which none is in force has ended."""
    if not book.frozen:
        return []
    keys = np.fromiter(book.frozen, dtype=np.uint64, count=len(book.frozen))
    is_held = columns["ended_at"] == NOT_YET
    gone = keys[~np.isin(keys, columns["alarm_key"][is_held])].tolist()
    touched = {book.frozen.pop(key) for key in gone}
    book.settled = np.concatenate([book.settled, np.array(gone, dtype=np.uint64)])
    left: dict[str, list[int]] = {group_id: [] for group_id in sorted(touched)}
    for key, group_id in book.frozen.items() if touched else ():
        if group_id in left:
            left[group_id].append(key)
    groups = []
    for group_id, held in left.items():
        group = book.groups[group_id]
        if not held:
            _end(book, group, at=now, now=now)
        else:
            rows = np.flatnonzero(
                is_held & np.isin(columns["alarm_key"], np.array(held, np.uint64))
            )
            _shrink(book, group, {name: columns[name][rows] for name in columns}, roots, now=now)
        groups.append(group)
    return groups


def _shrink(
    book: GroupBook, group: AlarmGroup, columns: Mapping[str, Array], roots: Roots, *, now: int
) -> None:
    """Leave to a frozen group the alarms in force and the cells of their sites."""
    signs = placed_columns(columns, roots.network, roots.rules, places=roots.places)
    cells = np.array(group.row["cells"], dtype=np.int64)
    if len(cells) and (signs.site >= 0).all():
        cells = cells[np.isin(roots.ground.site[cells], signs.site)]
    count = len(signs.key)
    rest = {"alarm_ids": tuple(signs.alarm_id.tolist()), "cells": tuple(cells.tolist())}
    _note(book, now, group.group_id, "GROW-1", f"{group.count} > {count}")
    group.row, group.count = group.row | rest, count
    group.changed_at, group.rule = now, "GROW-1"


def _still_moving(book: GroupBook, columns: Mapping[str, Array], roots: Roots) -> Signs:
    """Return the alarms that are in no frozen group, placed on the network."""
    book.settled = book.settled[np.isin(book.settled, columns["alarm_key"])]
    if book.frozen or len(book.settled):
        keys = np.fromiter(book.frozen, dtype=np.uint64, count=len(book.frozen))
        is_fixed = np.isin(columns["alarm_key"], np.concatenate([keys, book.settled]))
        keep = np.flatnonzero(~is_fixed)
        columns = {name: values[keep] for name, values in columns.items()}
    return placed_columns(columns, roots.network, roots.rules, places=roots.places)


def _matched(
    book: GroupBook, rows: list[dict[str, Any]], rules: RootRules, *, now: int
) -> list[AlarmGroup]:
    """Give each row its group, and return the groups that changed."""
    heirs = _heirs(book, rows)
    changed = []
    for number, row in enumerate(rows):
        before = {book.of_alarm[key] for key in row["keys"].tolist() if key in book.of_alarm}
        mine = sorted(
            (name for name in before if heirs[name] == number),
            key=lambda name: (book.groups[name].opened_at, name),
        )
        group = (
            _gone_on(book, book.groups[mine[0]], row, now=now)
            if mine
            else _opened(book, row, rules, now=now, split_from=min(before, default=""))
        )
        for other in mine[1:]:
            _merge(book, book.groups[other], group, now=now)
        if group is not None:
            changed.append(group)
            _list_most(book, group, rules, now=now)
    for group in changed:
        held = dict.fromkeys(group.row["keys"].tolist(), group.group_id)
        book.of_alarm.update(held)
        book.last.update(held)
    return changed


def _heirs(book: GroupBook, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return for each group the row that holds most of its alarms, of equals its own root's, then the first."""
    held: dict[str, Counter[int]] = {}
    for number, row in enumerate(rows):
        for key in row["keys"].tolist():
            name = book.of_alarm.get(key)
            if name is not None:
                held.setdefault(name, Counter())[number] += 1
    return {
        name: min(
            counts,
            key=lambda n: (
                -counts[n],
                rows[n]["object_id"] != book.groups[name].row["object_id"],
                n,
            ),
        )
        for name, counts in held.items()
    }


def _identity(row: dict[str, Any]) -> tuple[int, int]:
    """Return how many alarms a row has, and a number that stands for them."""
    return len(row["keys"]), int(row["keys"].sum())


def _opened(
    book: GroupBook, row: dict[str, Any], rules: RootRules, *, now: int, split_from: str
) -> AlarmGroup:
    """Return a new group."""
    wanted = f"AG-{row['first_alert']}"
    group_id, count = wanted, 1
    while group_id in book.groups:
        count += 1
        group_id = f"{wanted}-{count}"
    rule = "SPLIT-1" if split_from else "OPEN-1"
    count, mark = _identity(row)
    group = AlarmGroup(group_id, row, count, mark, now, now, rule, split_from=split_from)
    book.groups[group_id] = group
    heapq.heappush(book.due, (row["began_at"] + _limit(group, rules), group_id))
    detail = f"{row['object_id']}: {count}"
    _note(book, now, group_id, rule, f"{detail} < {split_from}" if split_from else detail)
    _end_with_row(book, group, now=now)
    return group


def _gone_on(
    book: GroupBook, group: AlarmGroup, row: dict[str, Any], *, now: int
) -> AlarmGroup | None:
    """Return a group with its new row, None where nothing changed that anybody sees."""
    identity, before = _identity(row), group.row
    is_same = identity == (group.count, group.mark) and all(
        row[name] == before[name]
        for name in ("object_id", "cells", "last_cleared_at", "is_planned", "service_effect")
    )
    if is_same:
        return None
    moved = (
        "" if row["object_id"] == before["object_id"] else f" {before['object_id']} > "
    ) + f"{row['object_id']}: {group.count} > {identity[0]}"
    (group.count, group.mark), group.row, group.changed_at = identity, row, now
    if group.ended_at is not None and row["last_cleared_at"] == NOT_YET:
        group.ended_at, group.rule = None, "AGAIN-1"
    else:
        group.rule = "GROW-1"
    _note(book, now, group.group_id, group.rule, moved.strip())
    _end_with_row(book, group, now=now)
    return group


def _merge(book: GroupBook, group: AlarmGroup, into: AlarmGroup | None, *, now: int) -> None:
    """End a group in another."""
    if into is None:
        return
    group.ended_at, group.merged_into, group.rule = now, into.group_id, "MERGE-1"
    _note(book, now, group.group_id, "MERGE-1", f"> {into.group_id}")


def _end_with_row(book: GroupBook, group: AlarmGroup, *, now: int) -> None:
    """End a group whose alarms have all ended."""
    at = group.row["last_cleared_at"]
    if at != NOT_YET and group.ended_at is None:
        _end(book, group, at=at, now=now)


def _end(book: GroupBook, group: AlarmGroup, *, at: int, now: int) -> None:
    """End a group."""
    if group.ended_at is None:
        group.ended_at, group.rule = at, "END-1"
        _note(book, now, group.group_id, "END-1", str(group.row["object_id"]))


def _list_most(book: GroupBook, group: AlarmGroup, rules: RootRules, *, now: int) -> None:
    """List no more alarms than a page shows; the rest are counted."""
    ids = group.row["alarm_ids"]
    if len(ids) > rules.most_listed:
        group.row = group.row | {"alarm_ids": ids[: rules.most_listed]}
        _note(book, now, group.group_id, "SIZE-1", f"{len(ids)} > {rules.most_listed}")


def _freeze(book: GroupBook, signs: Signs, rules: RootRules, *, now: int) -> None:
    """Freeze the groups that began so long ago that nothing new can be of them."""
    old = []
    while book.due and book.due[0][0] < now:
        group = book.groups[heapq.heappop(book.due)[1]]
        due = group.row["began_at"] + _limit(group, rules)
        if due < now:
            old.append(group)
        else:
            heapq.heappush(book.due, (due, group.group_id))
    if not old:
        return
    in_force = set(signs.key[signs.ended == NOT_YET].tolist())
    settled = []
    for group in sorted(old, key=lambda group: group.group_id):
        group.frozen_at = now
        for key in group.row["keys"].tolist():
            if book.of_alarm.get(key) == group.group_id:
                del book.of_alarm[key]
                if key in in_force:
                    book.frozen[key] = group.group_id
                else:
                    settled.append(key)
        group.row["keys"] = _NONE
        if group.ended_at is None:
            _note(book, now, group.group_id, "FREEZE-1", str(group.row["object_id"]))
    book.settled = np.concatenate([book.settled, np.array(settled, dtype=np.uint64)])


def _limit(group: AlarmGroup, rules: RootRules) -> int:
    """Return how long after its start a group may change, in microseconds."""
    is_power = bool(rules.lasting & set(group.row["meanings"]))
    return rules.freeze_lasting_us if is_power else rules.freeze_us


def _note(book: GroupBook, at: int, group_id: str, rule: str, detail: str) -> None:
    """Write a change down."""
    book.changes.append(GroupChange(at, group_id, rule, detail))
