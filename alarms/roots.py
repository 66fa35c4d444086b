"""Put alarms under their root: one group per fault, with its causes, sites, cells and start.

Rules, shown with each group:

========  =======================================================================================
CELL-1    alarms of one family on cells of a site that started together
SITE-1    a site is out: what led to it, its own alarms and those of its cells
SITE-2    alarms of one family on the equipment of a site that is not out
PARENT-1  most sites below a node went out together
PARENT-2  a node raised an alarm and sites below it went out then
NODE-1    a node raised an alarm that no site below it confirms
OM-1      only the link to the management system is lost: counters show that service goes on
PLAN-1    the alarms belong to announced work
========  =======================================================================================

Simple so far: groups are worked out anew from all alarms in force at each call.
"""

import re
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from alarms.catalogue import Catalogue, cause_weights, load_catalogue
from alarms.causes import group_causes, planned_causes
from alarms.entries import EFFECTS
from alarms.parents import with_parents
from alarms.placing import RootRules, Signs, load_root_rules, placed, placed_columns
from alarms.site_groups import Ground, Group, site_groups

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
    return _table(root_rows(in_force, topology, network, now, service=service, catalogue=catalogue))


def root_rows(
    in_force: Any,
    topology: Any,
    network: Any,
    now: Any,
    *,
    service: Any = None,
    catalogue: Catalogue | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of `root_groups` as records, instants in microseconds since 1970 (UTC).

    For a caller that asks at every step: `in_force` may be `AlarmBook.in_force_columns()`, and no
    table is built.
    """
    rules = _default_rules()
    if isinstance(in_force, pd.DataFrame):
        known = in_force[in_force["raised_at"] <= now] if len(in_force) else in_force
        signs = placed(known, network, rules)
    else:
        signs = placed_columns(in_force, network, rules)
    ground = _ground_of(network)
    groups = site_groups(signs, ground, rules)
    groups = with_parents(groups, signs, topology, ground=ground, rules=rules)
    judge = _default_judge() if catalogue is None else _Judge(cause_weights(catalogue), rules)
    serving = _serving(service)
    return [
        _row(group, signs, judge, serving=serving)
        for group in sorted(
            groups, key=lambda group: (signs.start[group.rows].min(), group.object_id)
        )
    ]


@lru_cache(maxsize=4)
def _ground_of(network: Any) -> Ground:
    """Return the ground of a network, worked out once: a network never changes."""
    return Ground.of(network)


@cache
def _default_rules() -> RootRules:
    """Return the rules as they come with the program."""
    return load_root_rules()


@cache
def _default_judge() -> "_Judge":
    """Return the judge of causes as it comes with the program."""
    return _Judge(cause_weights(load_catalogue()), _default_rules())


def _serving(service: Any) -> dict[int, bool]:
    """Return which cells counters show to serve."""
    if service is None or not len(service):
        return {}
    return dict(zip(service["cell"].tolist(), service["is_serving"].astype(bool), strict=True))


class _Judge:
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


def _row(group: Group, signs: Signs, judge: _Judge, *, serving: dict[int, bool]) -> dict[str, Any]:
    """Return the row of a group."""
    rows = group.rows
    meanings = tuple(sorted(set(signs.meaning[rows].tolist())))
    if _MESSAGE_CENTRE.search(group.object_id):
        meanings = tuple(sorted({"sms" if key == "core" else key for key in meanings}))
    causes = judge.causes(frozenset(meanings), group.kind)
    effect, rule = EFFECTS[int(signs.effect[rows].max())], group.rule
    if rule == "NODE-1" and not len(group.cells):
        effect = "threat"
    if _is_management_only(group, signs, serving):
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
        "cells": tuple(group.cells.tolist()),
        "service_effect": effect,
        "alarm_ids": tuple(signs.alarm_id[rows].tolist()),
        "names": tuple(sorted(set(signs.name[rows].tolist()))),
        "meanings": meanings,
        "harms": {name: judge.felt.get(meaning, 0.0) for name, meaning in pairs},
        "is_planned": is_planned,
        "rule": rule,
        **_instants(group, signs),
    }


def _instants(group: Group, signs: Signs) -> dict[str, Any]:
    """Return the instants of a group, in microseconds, and the alarm raised first."""
    rows = group.rows
    down = rows[signs.effect[rows] == len(EFFECTS) - 1]
    ended = signs.ended[rows]
    first = rows[np.lexsort((signs.start[rows], signs.raised[rows]))[0]]
    return {
        "started_at": int(signs.start[rows].min()),
        "service_lost_at": int(signs.start[down].min()) if len(down) else _NAT,
        "last_cleared_at": _NAT if (ended == _NAT).any() else int(ended.max()),
        "first_alert": str(signs.alarm_id[first]),
    }


def _is_management_only(group: Group, signs: Signs, serving: dict[int, bool]) -> bool:
    """Return whether only the management link is lost while counters show service."""
    is_lost = set(signs.meaning[group.rows].tolist()) <= _MANAGEMENT
    states = [serving[cell] for cell in group.cells.tolist() if cell in serving]
    return is_lost and bool(states) and all(states)


def _table(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a table with the types it has when empty as well."""
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    for name in _INSTANTS:
        values = table[name].to_numpy(dtype=np.int64).view("datetime64[us]")
        table[name] = pd.DatetimeIndex(values, tz="UTC")
    texts = ["object_id", "kind", "service_effect", "first_alert", "rule"]
    return table.astype(dict.fromkeys(texts, "str") | {"is_planned": "bool"})
