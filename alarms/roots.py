"""Put alarms under their root: one group per fault, with its causes, sites, cells and start.

Rules, shown with each group:

========  =======================================================================================
CELL-1    alarms of one family on cells of a site that started together
SITE-1    a site is out: what led to it, its own alarms and those of its cells
SITE-2    alarms of one family on the equipment of a site that is not out
PARENT-1  a parent explains what sites below it show far better than chance
PARENT-2  so it does, and it raised an alarm itself
NODE-1    a node raised an alarm that no site below it confirms
OM-1      only the link to the management system is lost: counters show that service goes on
PLAN-1    the alarms belong to announced work
========  =======================================================================================

Simple so far: what moves is looked through at every call, though only what changed is returned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from alarms.ancestry import Ancestry
from alarms.catalogue import Catalogue, cause_weights, load_catalogue
from alarms.causes import group_causes, planned_causes
from alarms.entries import EFFECTS
from alarms.episodes import Array
from alarms.marks import (
    Marks,
    alarm_marks,
    changed_branches,
    served_sites,
    site_marks,
)
from alarms.parents import branch_group, branches
from alarms.placing import Signs, placed
from alarms.root_rules import RootRules, load_root_rules
from alarms.scenes import Scene
from alarms.site_groups import Ground, Group, Sieve, site_groups

_NAT = np.iinfo(np.int64).min
# Alarms that a lost management link raises by itself.
_MANAGEMENT = {"om_link_only", "site_disconnected"}
# A core element whose name says that it is the message centre.
_MESSAGE_CENTRE = re.compile("sms|mms", re.IGNORECASE)
_COLUMNS = (
    "object_id", "kind", "causes", "sites", "cells", "service_effect", "started_at",
    "service_lost_at", "alarm_ids", "names", "meanings", "harms", "first_alert",
    "last_cleared_at", "is_planned", "rule",
)  # fmt: skip
_INSTANTS = ("started_at", "service_lost_at", "last_cleared_at")


def root_groups(
    in_force: Any,
    topology: Any,
    network: Any,
    now: Any,
    *,
    service: Any = None,
    catalogue: Catalogue | None = None,
) -> Any:
    """Return one row for each fault that the alarms stand for.

    Parameters
    ----------
    in_force : DataFrame, one row per alarm
        As `AlarmBook.in_force` returns it, with the columns of `read_meanings`. A flag
        `is_planned` marks alarms under announced work.
    topology : sites.topology.Topology
    network : sites.inventory.Network
    now : Timestamp, UTC
        Alarms raised later are left out.
    service : DataFrame, optional
        What counters since the alarms show: `cell` (position) and `is_serving` (bool). A cell
        without a row is unknown.
    catalogue : Catalogue, optional
        Ours by default.

    Returns
    -------
    DataFrame
        `object_id` (root: node, site, cell or carrier), `kind` (of the root: cell, site, hub,
        ring, core, controller, power, unknown), `causes` (dict of cause to chance, at most 1 in
        sum), `sites`, `cells` (tuples of positions touched), `service_effect`, `started_at`
        (earliest raising less filter delay), `service_lost_at` (the same of alarms that say
        "down"; NaT without), `alarm_ids`, `names`, `meanings` (tuples), `harms` (dict of name to
        the chance that an alarm of that name is felt), `first_alert` (alarm raised first),
        `last_cleared_at` (NaT while one is in force), `is_planned`, `rule`. By start.

    Raises
    ------
    MissingColumnsError
        If `in_force` lacks a column.
    """
    roots = Roots.of(topology, network, catalogue)
    known = in_force[in_force["raised_at"] <= now] if len(in_force) else in_force
    signs = placed(known, network, roots.rules)
    instant = int(now.as_unit("us").asm8.view("int64"))
    served = np.full(len(network.cells), _NAT)
    if service is not None and len(service):
        served[service["cell"]] = np.where(service["is_serving"].astype(bool), instant, -1)
    return _table(roots.rows(signs, now=instant, served_from=served))


class Judge:
    """Weighs causes, each set of meanings at each kind of root once."""

    def __init__(self, weights: Any, rules: RootRules) -> None:
        self.felt: dict[str, float] = weights.sum(axis=1).to_dict()
        self._weights, self._kinds = weights, rules.kinds
        self._known: dict[tuple[frozenset[str], str], dict[str, float]] = {}

    def causes(self, meanings: frozenset[str], kind: str) -> dict[str, float]:
        """Return the chance of each cause."""
        key = (meanings, kind)
        if key not in self._known:
            factors = self._kinds.get(kind, {})
            self._known[key] = group_causes(set(meanings), self._weights, factors)
        return dict(self._known[key])


@dataclass(frozen=True, eq=False)
class Roots:
    """What finds the roots of alarms in one network.

    Attributes
    ----------
    network : sites.inventory.Network
    topology : sites.topology.Topology
    rules : RootRules
    ground : Ground
    ancestry : Ancestry
    judge : Judge
        Weighs causes.
    places : dict
        Where the objects met so far stand.
    """

    network: Any
    topology: Any
    rules: RootRules
    ground: Ground
    ancestry: Ancestry
    judge: Judge
    places: dict[str, tuple[int, int, bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, topology: Any, network: Any, catalogue: Catalogue | None = None) -> Roots:
        """Return what finds the roots in a network, by our rules and catalogue where none is given."""
        rules = load_root_rules()
        weights = cause_weights(load_catalogue() if catalogue is None else catalogue)
        ancestry = Ancestry.of(topology, rules.odds.breaks)
        judge = Judge(weights, rules)
        return cls(network, topology, rules, Ground.of(network), ancestry, judge)

    def rows(
        self,
        signs: Signs,
        *,
        now: int,
        served_from: Array,
        marks: Marks | None = None,
    ) -> list[dict[str, Any]]:
        """Return the groups of alarms as records, by start.

        Parameters
        ----------
        signs : Signs
        now : int
            Microseconds since 1970, UTC.
        served_from : array of int, shape (cells,)
            Begin of the latest period in which counters show each cell to serve, microseconds;
            below zero where it is out, the least int64 where nothing is known.
        marks : Marks, optional
            What groups were last worked out from, brought up to date here: only those that changed
            are returned.
        """
        rats = {(), *(trouble.rats for trouble in self.rules.troubles)}
        served = served_sites(served_from, self.ground, rats)
        held = marks.roots if marks is not None else ()
        scene = Scene.of(signs, self.ancestry, self.rules, now=now, served=served, held=held)
        groups = self._groups(signs, scene, marks)
        rows = [
            _row(group, signs, self.judge, ground=self.ground, served_from=served_from)
            for group in groups
        ]
        return sorted(rows, key=lambda row: (row["started_at"], row["object_id"]))

    def _groups(self, signs: Signs, scene: Scene, marks: Marks | None) -> list[Group]:
        """Return the groups, those that changed where it is known what they were."""
        ground, rules = self.ground, self.rules
        memory = None if marks is None else marks.memory
        found = branches(signs, scene, ground=ground, rules=rules, memory=memory)
        is_rest = signs.site >= 0
        for branch in found:
            is_rest[branch.rows] = False
        rest = np.flatnonzero(is_rest)
        if marks is None:
            below = site_groups(signs, rest, ground=ground, rules=rules)
        else:
            content = alarm_marks(signs)
            found = changed_branches(found, content, marks)
            now = site_marks(rest, signs, content, scene.served[()])
            dirty = {site for site, mark in now.items() if marks.sites.get(site) != mark}
            marks.sites = now
            rest = rest[np.isin(signs.site[rest], np.array(sorted(dirty), dtype=np.int64))]
            seen: dict[int, set[int]] = {site: set() for site in dirty}
            sieve = Sieve(content, scene.served[()], marks.groups, seen)
            below = site_groups(signs, rest, ground=ground, rules=rules, sieve=sieve)
            marks.groups.update({site: frozenset(found) for site, found in seen.items()})
        parts = {"topology": self.topology, "ground": ground, "rules": rules}
        return [*(branch_group(branch, signs, scene, **parts) for branch in found), *below]


def _row(
    group: Group, signs: Signs, judge: Judge, *, ground: Ground, served_from: Array
) -> dict[str, Any]:
    """Return the row of a group."""
    if len(group.rows) == 1 and group.rule == "CELL-1" and len(group.cells):
        return _row_of_one(group, signs, judge)
    rows = group.rows
    live = rows[signs.ended[rows] == _NAT]
    telling = live if len(live) else rows
    meanings = tuple(sorted(set(signs.meaning[rows].tolist())))
    if _MESSAGE_CENTRE.search(group.object_id):
        meanings = tuple(sorted({"sms" if key == "core" else key for key in meanings}))
    causes = judge.causes(frozenset(meanings), group.kind)
    effect, rule = EFFECTS[int(signs.effect[telling].max())], group.rule
    if rule == "NODE-1" and not len(group.cells):
        effect = "threat"
    if _is_management_only(group, signs, ground, served_from):
        effect, rule = "none", "OM-1"
        causes = {cause: chance * 0.1 for cause, chance in causes.items()}
    is_planned = bool(signs.is_planned[rows].mean() >= 0.5)
    if is_planned:
        causes, rule = planned_causes(causes), "PLAN-1"
    pairs = zip(signs.name[rows], signs.meaning[rows], strict=True)
    return {
        "object_id": group.object_id,
        "kind": group.kind,
        "causes": causes,
        "sites": tuple(group.sites.tolist()),
        "cells": tuple(_cells_now(group, telling, signs, ground).tolist()),
        "service_effect": effect,
        "alarm_ids": tuple(signs.alarm_id[rows].tolist()),
        "keys": signs.key[rows],
        "alarms": len(rows),
        "names": tuple(sorted(set(signs.name[rows].tolist()))),
        "meanings": meanings,
        "harms": {name: judge.felt.get(meaning, 0.0) for name, meaning in pairs},
        "is_planned": is_planned,
        "rule": rule,
        "objects": tuple(sorted(set(signs.object_id[rows].tolist()))),
        "raised_at": int(signs.raised[telling].min()),
        **_instants(group, telling, signs),
    }


def _row_of_one(group: Group, signs: Signs, judge: Judge) -> dict[str, Any]:
    """Return the row of a group of one alarm on a cell: what most groups are."""
    at = int(group.rows[0])
    meaning, name = str(signs.meaning[at]), str(signs.name[at])
    causes, rule = judge.causes(frozenset((meaning,)), group.kind), group.rule
    is_planned, start = bool(signs.is_planned[at]), int(signs.start[at])
    if is_planned:
        causes, rule = planned_causes(causes), "PLAN-1"
    is_down = signs.effect[at] == len(EFFECTS) - 1
    return {
        "object_id": group.object_id,
        "kind": group.kind,
        "causes": causes,
        "sites": (int(group.sites[0]),),
        "cells": (int(group.cells[0]),),
        "service_effect": EFFECTS[int(signs.effect[at])],
        "alarm_ids": (signs.alarm_id[at],),
        "keys": signs.key[group.rows],
        "alarms": 1,
        "names": (name,),
        "meanings": (meaning,),
        "harms": {name: judge.felt.get(meaning, 0.0)},
        "is_planned": is_planned,
        "rule": rule,
        "objects": (str(signs.object_id[at]),),
        "raised_at": int(signs.raised[at]),
        "began_at": start,
        "started_at": start,
        "service_lost_at": start if is_down else _NAT,
        "last_cleared_at": int(signs.ended[at]),
        "first_alert": str(signs.alarm_id[at]),
    }


def _cells_now(group: Group, rows: Array, signs: Signs, ground: Ground) -> Array:
    """Return the cells touched: those of sites whose alarms all ended are back."""
    if len(group.sites) < 2 or len(rows) == len(group.rows):
        return group.cells
    own = ground.site[group.cells]
    over = np.setdiff1d(group.sites, signs.site[rows])
    if len(over) == len(group.sites):
        return group.cells
    return group.cells[~np.isin(own, over)]


def _instants(group: Group, telling: Array, signs: Signs) -> dict[str, Any]:
    """Return the instants of a group, in microseconds, and the alarm raised first.

    While alarms are in force the instants are theirs (`telling`). What a common root brought down began then, whatever
    its sites had shown before.
    """
    rows = group.rows
    start = signs.onset if group.rule.startswith("PARENT") else signs.start
    down = telling[signs.effect[telling] == len(EFFECTS) - 1]
    ended = signs.ended[rows]
    first = telling[np.lexsort((start[telling], signs.raised[telling]))[0]]
    return {
        "began_at": int(start[rows].min()),
        "started_at": int(start[telling].min()),
        "service_lost_at": int(start[down].min()) if len(down) else _NAT,
        "last_cleared_at": _NAT if (ended == _NAT).any() else int(ended.max()),
        "first_alert": str(signs.alarm_id[first]),
    }


def _is_management_only(group: Group, signs: Signs, ground: Ground, served_from: Array) -> bool:
    """Return whether only the management link is lost while counters show service since."""
    if not set(signs.meaning[group.rows].tolist()) <= _MANAGEMENT:
        return False
    told = np.isin(ground.site[group.cells], signs.site[group.rows])
    states = served_from[group.cells[told]]
    states = states[states != _NAT]
    return bool(len(states) and (states >= signs.start[group.rows].min()).all())


def _table(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a table with the types it has when empty as well."""
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    for name in _INSTANTS:
        values = table[name].to_numpy(dtype=np.int64).view("datetime64[us]")
        table[name] = pd.DatetimeIndex(values, tz="UTC")
    texts = ["object_id", "kind", "service_effect", "first_alert", "rule"]
    return table.astype(dict.fromkeys(texts, "str") | {"is_planned": "bool"})
