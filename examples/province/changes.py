"""Write down parameter changes and planned work: those that broke something and the many others.

Simple so far: work runs for as long as announced, to the quarter of an hour.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from examples.province.faults import Fault
from examples.province.saving import saving_changes
from examples.province.settings import instants, stream
from examples.province.world import World

CHANGES = Path(__file__).with_name("changes.toml")
COLUMNS = ["object_id", "changed", "parameter", "old_value", "new_value", "until", "announced"]


def change_table(world: World, faults: list[Fault]) -> pd.DataFrame:
    """Return table `changes` of the contract, by time."""
    words = tomllib.loads(CHANGES.read_text(encoding="utf-8"))
    rows = [row for fault in faults for row in _of_fault(world, fault, words["fault"])]
    parts = [
        pd.DataFrame(rows, columns=COLUMNS),
        _harmless(world, words["harmless"]),
        _harmless_work(world, words),
        saving_changes(world),
    ]
    kept = [part for part in parts if len(part)] or parts[:1]
    table = pd.concat(kept, ignore_index=True)
    if world.settings.language == "zh":
        table = table.replace(dict.fromkeys(("parameter", "new_value"), words["zh"]))
    table = table[table["changed"] < world.settings.hours]
    table = table.sort_values(["changed", "object_id", "parameter"], ignore_index=True)
    for name in ("changed", "until", "announced"):
        table[name] = instants(world.settings, table[name])
    return table.rename(columns={"changed": "changed_at", "announced": "announced_at"})


def _of_fault(world: World, fault: Fault, words: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the row that a fault left behind, if any."""
    row = words.get(fault.cause)
    rng = stream(world.settings, "changes", fault.serial)
    if row is None or rng.random() >= row["chance"]:
        return []
    parameter, old, new = row["rows"][rng.integers(len(row["rows"]))]
    if fault.cause != "planned_work":
        changed = fault.start - float(rng.exponential(0.1))
        return [(fault.object_id, changed, parameter, old, new, np.nan, np.nan)]
    begin = np.floor(fault.start * 4) / 4
    until = np.ceil(fault.end * 4) / 4 + float(rng.choice([0, 0.5, 1.0]))
    announced = begin - float(rng.uniform(20, 130))
    return [(fault.object_id, begin, parameter, old, new, until, announced)]


def _harmless(world: World, row: Mapping[str, Any]) -> pd.DataFrame:
    """Return changes that nobody felt, most of them in office hours."""
    rng = stream(world.settings, "harmless changes")
    cells = world.network.cells["cell_id"].to_numpy()
    count = rng.poisson(row["per_cell_day"] * len(cells) * world.settings.days)
    which = rng.integers(len(row["parameters"]), size=count)
    names = np.array([p[0] for p in row["parameters"]], dtype=object)
    low, high = (np.array([p[k] for p in row["parameters"]]) for k in (1, 2))
    values = rng.integers(low[which], high[which] + 1, (2, count)).astype(str)
    hour = np.where(rng.random(count) < 0.7, rng.uniform(9, 18, count), rng.uniform(0, 24, count))
    return pd.DataFrame(
        {
            "object_id": cells[rng.integers(len(cells), size=count)],
            "changed": 24.0 * rng.integers(world.settings.days, size=count) + hour,
            "parameter": names[which],
            "old_value": values[0],
            "new_value": values[1],
            "until": np.nan,
            "announced": np.nan,
        }
    )


def _harmless_work(world: World, words: Mapping[str, Any]) -> pd.DataFrame:
    """Return announced work by night that interrupted nobody."""
    rng = stream(world.settings, "harmless work")
    sites = world.network.sites["site_id"].to_numpy()
    mean = words["harmless"]["works_per_site_day"] * len(sites) * world.settings.days
    count = rng.poisson(mean)
    names = np.array([row[0] for row in words["fault"]["planned_work"]["rows"]], dtype=object)
    begin = 24.0 * rng.integers(world.settings.days, size=count) + rng.integers(0, 8, count) / 4
    return pd.DataFrame(
        {
            "object_id": sites[rng.integers(len(sites), size=count)],
            "changed": begin,
            "parameter": names[rng.integers(len(names), size=count)],
            "old_value": "",
            "new_value": "",
            "until": begin + rng.integers(4, 18, count) / 4,
            "announced": begin - rng.uniform(20, 130, count),
        }
    )
