"""Place alarms on the network: the cell, site or node each one stands for, and since when.

Simple so far: an object is known by its exact id or by what stands before its first slash; of its
parts only a carrier (TRX) is looked at.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alarms.entries import EFFECTS
from alarms.episodes import Array
from contract.errors import MissingColumnsError

ROOTS_FILE = Path(__file__).with_name("roots.toml")
_NEEDED = ("alarm_id", "object_id", "raised_at", "name", "meaning", "service_effect")
DOWN = EFFECTS.index("down")
_STALE_US = 24 * 3600 * 1_000_000
SECOND_US = 1_000_000
_EFFECT_RANK = {effect: rank for rank, effect in enumerate(EFFECTS)}
_CARRIER_MEANINGS = ("trx", "channel_failures")
_CARRIER = r"/TRX-?0*(\d+)$"
_NUMBER = r"^\D*0*(\d+)(?:\.0)?$"


@dataclass(frozen=True)
class RootRules:
    """How alarms are put under their root; see `roots.toml`.

    Attributes
    ----------
    together_us
        Alarms of one fault start within this time of each other, in microseconds.
    explained_share, fewest_sites, power_share
        When a common parent explains its sites.
    precursor_us
        How long an alarm of a family may come before the outage it leads to, in microseconds.
    families
        Family of each meaning.
    kinds
        Factor of each cause for each kind of root.
    """

    together_us: int
    explained_share: float
    fewest_sites: int
    power_share: float
    precursor_us: Mapping[str, int]
    families: Mapping[str, str]
    kinds: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Signs:
    """Alarms placed on the network, one entry per alarm, by start.

    Attributes
    ----------
    alarm_id, name, meaning, family, object_id : array of object
    start : array of int64
        When the fault showed first, microseconds: raising less the filter delay.
    ended : array of int64
        When the alarm ended, microseconds; the least int64 while in force.
    raised : array of int64
        When the alarm was raised, microseconds.
    effect : array of int64
        Position in `EFFECTS`.
    cell, site : array of int64
        Positions in the network; -1 where the object is none.
    is_site_wide : array of bool
        The object is a site.
    is_planned : array of bool
        The alarm belongs to announced or marked work.
    """

    alarm_id: Array
    name: Array
    meaning: Array
    family: Array
    object_id: Array
    start: Array
    raised: Array
    ended: Array
    effect: Array
    cell: Array
    site: Array
    is_site_wide: Array
    is_planned: Array


def load_root_rules(path: Path = ROOTS_FILE) -> RootRules:
    """Read the rules for roots.

    Parameters
    ----------
    path : Path
        A TOML file in the form of `roots.toml`.

    Returns
    -------
    RootRules

    Examples
    --------
    >>> load_root_rules().families["battery_low"]
    'power'
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    limits = content["limits"]
    return RootRules(
        together_us=int(limits["together_s"] * SECOND_US),
        explained_share=float(limits["explained_share"]),
        fewest_sites=int(limits["fewest_sites"]),
        power_share=float(limits["power_share"]),
        precursor_us={key: value * SECOND_US for key, value in content["precursor_s"].items()},
        families=content["families"],
        kinds=content["kinds"],
    )


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


def placed_columns(columns: Mapping[str, Array], network: Any, rules: RootRules) -> Signs:
    """Return the alarms that can touch service, placed on the network, from columns.

    Parameters
    ----------
    columns : mapping of str to array
        As `AlarmBook.in_force_columns` returns them.
    network : sites.inventory.Network
    rules : RootRules
    """
    effect = np.array(
        [_EFFECT_RANK.get(e, 0) for e in columns["service_effect"].tolist()], np.int64
    )
    first, raised = columns["first_raised_at"], columns["raised_at"]
    # What was first raised more than a day before and never cleared says nothing of when this began.
    began = np.where(raised - first > _STALE_US, raised, first)
    start = began - (columns["filter_delay_s"] * SECOND_US).astype(np.int64)
    telling = np.flatnonzero(effect > 0)
    ids = columns["alarm_id"][telling].astype(str)
    rows = telling[np.lexsort((ids, start[telling]))]
    objects = columns["object_id"][rows]
    cell, site, is_site_wide = _positions(objects.tolist(), network)
    meaning = _told_by_carrier(columns["meaning"][rows], objects, cell, network)
    ended = columns["ended_at"][rows]
    return Signs(
        alarm_id=columns["alarm_id"][rows],
        name=columns["name"][rows],
        meaning=meaning,
        family=np.array([rules.families.get(key, key) for key in meaning], dtype=object),
        object_id=objects,
        start=start[rows],
        raised=columns["raised_at"][rows],
        ended=ended,
        effect=effect[rows],
        cell=cell,
        site=site,
        is_site_wide=is_site_wide,
        is_planned=columns["is_engineering"][rows].astype(bool),
    )


def _positions(objects: list[str], network: Any) -> tuple[Array, Array, Array]:
    """Return position of cell and site for each object, and whether it is a site."""
    count = len(objects)
    cell, site = np.full(count, -1), np.full(count, -1)
    is_site_wide = np.zeros(count, dtype=np.bool_)
    site_of_cell = network.cells["site"].to_numpy()
    for row, name in enumerate(objects):
        known = name if name in network.cell_position else name.split("/", maxsplit=1)[0]
        at = network.cell_position.get(known)
        if at is not None:
            cell[row], site[row] = at, site_of_cell[at]
            continue
        here = network.site_position.get(known)
        if here is not None:
            site[row], is_site_wide[row] = here, True
    return cell, site, is_site_wide


def _told_by_carrier(meaning: Array, objects: Any, cell: Array, network: Any) -> Array:
    """Return the meanings, told apart by whether the carrier has the broadcast channel.

    Where the inventory doesn't say which carrier has it, or the object is no carrier, the meaning
    stays.
    """
    told = meaning.astype(object)
    if "bcch_trx" not in network.cells:
        return told
    asked = np.flatnonzero(np.isin(meaning, _CARRIER_MEANINGS) & (cell >= 0))
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
