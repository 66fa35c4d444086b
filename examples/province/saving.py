"""Let capacity carriers sleep by night as operators do: off by the counters, harming nobody, no fault.

Simple so far: the few users of the night are served by the layers left without anybody counting them there.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from examples.province.settings import stream
from examples.province.world import World

Array = Any
SAVING = Path(__file__).with_name("saving.toml")


@dataclass(frozen=True)
class Saving:
    """The carriers that sleep.

    Attributes
    ----------
    cells : array of int
        Positions, sorted.
    since : array of float
        Hours since the first instant from which each does; minus infinity for always.
    asleep, awake : array of float
        Hours of the day.
    parameter : str
        Name of the change that began it.
    """

    cells: Array
    since: Array
    asleep: Array
    awake: Array
    parameter: str


def saving_of(world: World) -> Saving:
    """Return the carriers that sleep by night: a share of those beside another layer of their sector."""
    plan = tomllib.loads(SAVING.read_text(encoding="utf-8"))
    rng = stream(world.settings, "saving")
    cells = world.network.cells
    code = world.network.layers["code"].to_numpy()[cells["layer"]]
    company = cells.groupby([cells["site"], cells["sector"]])["layer"].transform("size")
    may = np.flatnonzero(np.isin(code, list(plan["codes"])) & (company.to_numpy() > 1))
    chosen = may[rng.random(len(may)) < plan["share"]]
    count = len(chosen)
    began = rng.uniform(0, world.settings.hours, count)
    return Saving(
        cells=chosen,
        since=np.where(rng.random(count) < plan["began"], began, -np.inf),
        asleep=rng.uniform(plan["from"][0], plan["from"][1], count),
        awake=rng.uniform(plan["until"][0], plan["until"][1], count),
        parameter=plan["parameter"],
    )


def awake_share(saving: Saving, cells: range, hours: Array, length: float) -> tuple[Array, Array]:
    """Return which of some cells sleep by night, and the share of each period that they are awake.

    Returns
    -------
    rows : array of int
        Positions within `cells`.
    share : array of float32 [rows, periods]
    """
    first, last = np.searchsorted(saving.cells, [cells.start, cells.stop])
    part = slice(first, last)
    clock = np.asarray(hours, dtype=float) % 24
    begin = np.maximum(clock, saving.asleep[part, None])
    end = np.minimum(clock + length, saving.awake[part, None])
    off = (end - begin).clip(0) / length * (hours >= saving.since[part, None])
    return saving.cells[part] - cells.start, (1 - off).astype(np.float32)


def saving_changes(world: World) -> pd.DataFrame:
    """Return the changes with which sleeping began, in the columns of `changes.COLUMNS`."""
    saving = saving_of(world)
    is_begun = np.isfinite(saving.since)
    names = world.network.cells["cell_id"].to_numpy()[saving.cells[is_begun]]
    return pd.DataFrame(
        {
            "object_id": names,
            "changed": saving.since[is_begun],
            "parameter": saving.parameter,
            "old_value": "OFF",
            "new_value": "ON",
            "until": np.nan,
            "announced": np.nan,
        }
    )
