"""Place alarms on the network: the cell, site or node each one stands for, and since when.

Simple so far: an object is known by its exact id or by what stands before its first slash; of its
parts only a carrier (TRX) is looked at.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import alarm_keys
from alarms.entries import EFFECTS
from alarms.episodes import Array
from alarms.root_rules import SECOND_US, RootRules
from contract.errors import MissingColumnsError

_NEEDED = ("alarm_id", "object_id", "raised_at", "name", "meaning", "service_effect")
DOWN = EFFECTS.index("down")
_STALE_US = 24 * 3600 * 1_000_000
_EFFECT_RANK = {effect: rank for rank, effect in enumerate(EFFECTS)}
_CARRIER_MEANINGS = ("trx", "channel_failures")
_CARRIER = r"/TRX-?0*(\d+)$"
_NUMBER = r"^\D*0*(\d+)(?:\.0)?$"


@dataclass(frozen=True, eq=False)
class Signs:
    """Alarms placed on the network, one entry per alarm, by start.

    Attributes
    ----------
    key : array of uint64
        A number that stands for `alarm_id`.
    alarm_id, name, meaning, family, object_id : array of object
    start : array of int64
        When the fault showed first, microseconds: raising less the filter delay.
    ended : array of int64
        When the alarm ended, microseconds; the least int64 while in force.
    onset : array of int64
        The same of this raising, whatever came before it.
    raised : array of int64
        When the alarm was raised, microseconds.
    meaning_code : array of int
        Position of the meaning in `meanings`, whose families are `families`.
    effect : array of int64
        Position in `EFFECTS`.
    cell, site : array of int64
        Positions in the network; -1 where the object is none.
    is_site_wide : array of bool
        The object is a site.
    is_planned : array of bool
        The alarm belongs to announced or marked work.
    """

    key: Array
    alarm_id: Array
    name: Array
    meaning: Array
    family: Array
    meaning_code: Array
    meanings: tuple[str, ...]
    families: tuple[str, ...]
    object_id: Array
    start: Array
    onset: Array
    raised: Array
    ended: Array
    effect: Array
    cell: Array
    site: Array
    is_site_wide: Array
    is_planned: Array

    def means(self, meanings: Collection[str]) -> Array:
        """Return which alarms have one of some meanings."""
        known = np.array([name in meanings for name in (*self.meanings, "")], dtype=bool)
        return known[self.meaning_code]

    def is_of(self, families: Collection[str]) -> Array:
        """Return which alarms are of one of some families."""
        known = np.array([name in families for name in (*self.families, "")], dtype=bool)
        return known[self.meaning_code]


def placed(in_force: Any, network: Any, rules: RootRules) -> Signs:
    """Return the alarms that can touch service, placed on the network.

    Parameters
    ----------
    in_force : DataFrame
        As `AlarmBook.in_force` returns it. Needs `alarm_id`, `object_id`, `raised_at`, `name`,
        `meaning`, `service_effect`; uses `first_raised_at`, `ended_at`, `filter_delay_s`,
        `is_engineering` and `is_planned` where present.
    network : sites.inventory.Network
    rules : RootRules

    Returns
    -------
    Signs
        Alarms without effect on service are left out.

    Raises
    ------
    MissingColumnsError
        If `in_force` lacks a column.
    """
    missing = [column for column in _NEEDED if column not in in_force.columns]
    if missing:
        msg = f"`in_force` lacks columns {missing}; it has {list(in_force.columns)}. Add them."
        raise MissingColumnsError(msg)
    table = in_force.reset_index(drop=True)
    first = table.get("first_raised_at", table["raised_at"])
    ended = table["ended_at"] if "ended_at" in table else pd.Series(pd.NaT, index=table.index)
    delay = table.get("filter_delay_s", pd.Series(0.0, index=table.index)).fillna(0.0)
    texts = {name: _objects(table[name]) for name in ("alarm_id", "name", "meaning", "object_id")}
    return placed_columns(
        {
            **texts,
            "alarm_key": alarm_keys(texts["alarm_id"]),
            "service_effect": _objects(table["service_effect"].fillna("none")),
            "raised_at": _microseconds(table["raised_at"]),
            "first_raised_at": _microseconds(first),
            "ended_at": _microseconds(ended),
            "filter_delay_s": delay.to_numpy(dtype=np.float64),
            "is_engineering": _flags(table, "is_engineering") | _flags(table, "is_planned"),
        },
        network,
        rules,
    )


def placed_columns(
    columns: Mapping[str, Array],
    network: Any,
    rules: RootRules,
    *,
    places: dict[str, tuple[int, int, bool]] | None = None,
) -> Signs:
    """Return the alarms that can touch service, placed on the network, from columns.

    Parameters
    ----------
    columns : mapping of str to array
        As `AlarmBook.in_force_columns` returns them.
    network : sites.inventory.Network
    rules : RootRules
    places : dict, optional
        Where objects met before stand; brought up to date, for a caller that asks at every step.
    """
    codes, effects = pd.factorize(columns["service_effect"])
    rank = np.array([_EFFECT_RANK.get(effect, 0) for effect in effects], dtype=np.int64)
    effect = rank[codes] if len(rank) else np.zeros(len(codes), dtype=np.int64)
    first, raised = columns["first_raised_at"], columns["raised_at"]
    # What was first raised more than a day before and never cleared says nothing of when this began.
    began = np.where(raised - first > _STALE_US, raised, first)
    delay = (columns["filter_delay_s"] * SECOND_US).astype(np.int64)
    start = began - delay
    telling = np.flatnonzero(effect > 0)
    rows = telling[np.lexsort((columns["alarm_key"][telling], start[telling]))]
    objects = columns["object_id"][rows]
    cell, site, is_site_wide = _positions(objects, network, {} if places is None else places)
    told = _told_by_carrier(columns["meaning"][rows], objects, cell, network)
    meaning_code, meanings = pd.factorize(told)
    families = np.array([rules.families.get(key, key) for key in meanings], dtype=object)
    return Signs(
        key=columns["alarm_key"][rows],
        alarm_id=columns["alarm_id"][rows],
        name=columns["name"][rows],
        meaning=told,
        family=families[meaning_code] if len(families) else told,
        meaning_code=meaning_code,
        meanings=tuple(map(str, meanings)),
        families=tuple(map(str, families)),
        object_id=objects,
        start=start[rows],
        onset=(raised - delay)[rows],
        raised=columns["raised_at"][rows],
        ended=columns["ended_at"][rows],
        effect=effect[rows],
        cell=cell,
        site=site,
        is_site_wide=is_site_wide,
        is_planned=_planned(columns)[rows],
    )


def _planned(columns: Mapping[str, Array]) -> Array:
    """Return which alarms belong to work: marked so, or muted while it lasts."""
    planned = columns["is_engineering"].astype(bool)
    return planned | columns["is_muted"].astype(bool) if "is_muted" in columns else planned


def _positions(
    objects: Array, network: Any, places: dict[str, tuple[int, int, bool]]
) -> tuple[Array, Array, Array]:
    """Return position of cell and site for each object, and whether it is a site."""
    codes, names = pd.factorize(objects)
    for name in names:
        if name not in places:
            places[name] = _position(str(name), network)
    found = [places[name] for name in names]
    cell = np.array([at[0] for at in found], dtype=np.int64)
    site = np.array([at[1] for at in found], dtype=np.int64)
    is_wide = np.array([at[2] for at in found], dtype=np.bool_)
    return cell[codes], site[codes], is_wide[codes]


def _position(name: str, network: Any) -> tuple[int, int, bool]:
    """Return position of cell and site of an object, -1 where it is none, and whether it is a site."""
    known = name if name in network.cell_position else name.split("/", maxsplit=1)[0]
    at = network.cell_position.get(known)
    if at is not None:
        return int(at), int(network.cells["site"].iat[at]), False
    here = network.site_position.get(known)
    return (-1, -1, False) if here is None else (-1, int(here), True)


def _told_by_carrier(meaning: Array, objects: Any, cell: Array, network: Any) -> Array:
    """Return the meanings, told apart by whether the carrier has the broadcast channel.

    Where the inventory doesn't say which carrier has it, or the object is no carrier, the meaning
    stays.
    """
    told = meaning.astype(object)
    if "bcch_trx" not in network.cells:
        return told
    is_carrier = np.logical_or.reduce([told == name for name in _CARRIER_MEANINGS])
    asked = np.flatnonzero(is_carrier & (cell >= 0))
    broadcast = network.cells["bcch_trx"]
    for row in asked.tolist():
        own = re.search(_CARRIER, str(objects[row]))
        carries = broadcast.iat[int(cell[row])]
        known = None if pd.isna(carries) else re.search(_NUMBER, str(carries))
        if own is not None and known is not None:
            same = own.group(1) == known.group(1)
            told[row] = "bcch_carrier" if same else "other_carrier"
    return told


def _microseconds(column: Any) -> Array:
    """Return a column of instants in microseconds; missing is the least int64."""
    return np.asarray(column.to_numpy(dtype="datetime64[us]").view(np.int64))


def _objects(column: Any) -> Array:
    """Return a column of texts as an array of objects."""
    return np.asarray(column.to_numpy(dtype=object))


def _flags(table: Any, name: str) -> Array:
    """Return a column of flags, false where missing."""
    if name not in table:
        return np.zeros(len(table), dtype=np.bool_)
    return np.asarray(table[name].eq(True).to_numpy(dtype=np.bool_))
