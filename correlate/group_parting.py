"""Part a group of alarms that spans faults which a person told apart: each side's alarms are grouped by themselves.

Simple so far: an alarm at cells of both sides, as that of a node, stays with the fault that holds it, else with the
kept one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from alarms.episodes import NOT_YET
from alarms.groups import LATELY, NEEDED
from alarms.placing import placed_columns
from correlate.acts.book import Parting
from correlate.faults import Ints
from correlate.knowledge import Knowledge
from correlate.partings import KEPT, MADE, kept_cells, lasting, side_of
from correlate.reach import cells_at
from correlate.service_seen import served_from
from correlate.small_arrays import distinct
from correlate.state import State

Row = dict[str, Any]


def group_cells(group: Mapping[str, Any], knowledge: Knowledge) -> Ints:
    """Return the cells of a group: its own, else all of its sites."""
    cells = np.asarray(group["cells"], dtype=np.int64)
    if len(cells):
        return distinct(cells)
    sites = np.asarray(group["sites"], dtype=np.int64)
    return np.unique(cells_at(knowledge.reach, sites))


def parted_rows(state: State, knowledge: Knowledge, group: Row, *, now: int) -> list[Row]:
    """Return the rows of a group of alarms, one where no parting runs through it.

    Parameters
    ----------
    group : dict
        Row of `alarms.roots`.
    now : int
        Seconds since 1970.
    """
    rows = [group]
    for parting in lasting(state):
        rows = [part for row in rows for part in _parted(state, knowledge, row, parting, now=now)]
    return rows


def rows_of_alarms(
    state: State, knowledge: Knowledge, alarm_ids: Collection[str], *, now: int
) -> list[Row]:
    """Return the groups in force that some alarms make by themselves."""
    instant = pd.Timestamp(now, unit="s", tz="UTC")
    columns = state.book.recent_columns(since=instant - LATELY, names=NEEDED)
    rows = np.flatnonzero(pd.Index(columns["alarm_id"]).isin(list(alarm_ids)))
    if not len(rows):
        return []
    own = {name: values[rows] for name, values in columns.items()}
    roots = knowledge.roots
    signs = placed_columns(own, roots.network, roots.rules, places=roots.places)
    found: list[Row] = roots.rows(
        signs, now=now * 1_000_000, served_from=served_from(state.service)
    )
    return [row for row in found if row["last_cleared_at"] == NOT_YET]


def cells_of_alarms(
    state: State, knowledge: Knowledge, alarm_ids: Collection[str]
) -> dict[str, Ints]:
    """Return the cells of the objects of some alarms: a cell, or all of a site; of what is neither, none."""
    ids = np.array(sorted(alarm_ids), dtype=object)
    found = state.book.rows_of(ids)[1] if len(ids) else np.empty(0, np.intp)
    names = state.book.rows.said("alarm_id", found), state.book.rows.said("object_id", found)
    network, reach = knowledge.network, knowledge.reach
    cells: dict[str, Ints] = {}
    for alarm_id, name in zip(*(column.tolist() for column in names), strict=True):
        known = name if name in network.cell_position else name.split("/", maxsplit=1)[0]
        cell, site = network.cell_position.get(known), network.site_position.get(known)
        if cell is not None:
            cells[alarm_id] = np.array([cell], dtype=np.int64)
        else:
            cells[alarm_id] = np.empty(0, np.int64) if site is None else reach.cells_of[site]
    return cells


def within(row: Row, knowledge: Knowledge, cells: Ints) -> Row | None:
    """Return a row with no cells but some, None where it has none of those."""
    left = np.intersect1d(group_cells(row, knowledge), cells)
    if not len(left):
        return None
    sites = set(knowledge.reach.site_of[left].tolist())
    kept = tuple(s for s in row["sites"] if s in sites)
    return row | {"cells": tuple(left.tolist()), "sites": kept}


def _parted(
    state: State, knowledge: Knowledge, group: Row, parting: Parting, *, now: int
) -> list[Row]:
    """Return the rows of a group on each side of a parting, the kept side first."""
    cells, given = group_cells(group, knowledge), np.array(sorted(parting.cells), dtype=np.int64)
    made = state.faults.by_number(parting.made)
    theirs = given if made is None else np.union1d(given, made.cells)
    side = _sides(state, knowledge, group, parting)
    ids = {alarm_id for alarm_id, one in side.items() if one == MADE}
    is_kept = KEPT in side.values() or np.isin(cells, kept_cells(state, parting)).any()
    if not is_kept or not (ids or np.isin(cells, given).any()):
        return [group]
    others = set(group["alarm_ids"]) - ids
    if not ids or not others:
        mine = np.setdiff1d(cells, given) if not ids else theirs
        parts = [within(group, knowledge, mine)]
    else:
        parts = [
            within(row, knowledge, mine)
            for alarms, mine in ((others, np.setdiff1d(cells, given)), (ids, theirs))
            for row in rows_of_alarms(state, knowledge, alarms, now=now)
        ]
    return [row for row in parts if row is not None]


def _sides(state: State, knowledge: Knowledge, group: Row, parting: Parting) -> dict[str, str]:
    """Return the side of each alarm of a group: of the fault that holds it, else made where all its cells are."""
    book, found = state.faults, {}
    cells = cells_of_alarms(state, knowledge, group["alarm_ids"])
    for alarm_id in group["alarm_ids"]:
        holder = book.by_number(book.of_alarm.get(alarm_id, 0))
        found[alarm_id] = "" if holder is None else side_of(state, parting, holder)
        at = cells.get(alarm_id, np.empty(0, np.int64))
        if not found[alarm_id] and len(at) and parting.cells.issuperset(at.tolist()):
            found[alarm_id] = MADE
    return found
