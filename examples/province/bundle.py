"""Write a province as a bundle, with its truth inside.

Simple so far: a table but `kpi` is one CSV file; a folder that is there already must be empty.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from examples.province.alarm_feed import alarm_table
from examples.province.callers import all_calls
from examples.province.changes import change_table
from examples.province.counters import BLOCK, count_block, habits_of
from examples.province.dirt import DirtPlan, dirty_table, plan_dirt
from examples.province.faults import Fault, draw_faults
from examples.province.inventory import inventory_tables
from examples.province.orders import numbers, order_tables, verdict_table, with_repeats
from examples.province.registers import account_table, location_table
from examples.province.saving import saving_of
from examples.province.settings import Settings, instants, stream
from examples.province.strain import loads_of
from examples.province.world import World, build_world

Tables = dict[str, pd.DataFrame]


def write_province(settings: Settings, out: Path) -> dict[str, int]:
    """Make a province and write it; return the rows of each table.

    Parameters
    ----------
    settings : Settings
    out : Path
        Folder to be made; if it is there it must be empty.

    Returns
    -------
    dict of str to int
        Rows by table, those of the truth as `truth/...`.

    Raises
    ------
    FileExistsError
        If the folder holds anything.
    """
    if out.exists() and any(out.iterdir()):
        message = f"`out` must be a new or an empty folder; {out} holds files"
        raise FileExistsError(message)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    (out / "kpi").mkdir()
    world = build_world(settings)
    faults = draw_faults(world)
    tables, truth = _tables(world, faults)
    plan = plan_dirt(tables, rng=stream(settings, "dirt")) if settings.is_dirty else None
    rows = _write_tables(settings, tables, plan, out)
    rows["kpi"] = 0
    for name, frame in _kpi(world, faults):
        part = frame if plan is None else dirty_table("kpi", frame, plan, _dirt(settings, name))
        part.to_parquet(out / "kpi" / f"{name}.parquet", index=False)
        rows["kpi"] += len(part)
    rows |= _write_truth(settings, truth, plan, out / "truth")
    return rows


def _tables(world: World, faults: list[Fault]) -> tuple[Tables, Tables]:
    """Return the tables of a bundle but `kpi`, and those of its truth."""
    calls = with_repeats(world, all_calls(world, faults), faults)
    number = numbers(int(calls["caller"].max()) + 1, rng=stream(world.settings, "numbers"))
    calls = calls.assign(msisdn=number[calls["caller"]])
    orders, truth = order_tables(world, calls, faults)
    alarms, heard = alarm_table(world, faults)
    tables = {
        **inventory_tables(world),
        "alarms": alarms,
        "changes": change_table(world, faults),
        "complaints": orders,
        "locations": location_table(world, calls, faults),
        "accounts": account_table(world, calls),
        "verdicts": verdict_table(world, orders, truth),
    }
    return tables, {"complaints": truth, "faults": _true_faults(world, faults, heard)}


def _true_faults(world: World, faults: list[Fault], heard: set[int]) -> pd.DataFrame:
    """Return table `truth/faults`."""
    identifier = world.network.cells["cell_id"].to_numpy()
    times = {
        name: instants(world.settings, np.array([getattr(fault, name) for fault in faults]))
        for name in ("start", "end")
    }
    return pd.DataFrame(
        {
            "fault_id": [fault.fault_id for fault in faults],
            "cause": [fault.cause for fault in faults],
            "object_id": [fault.object_id for fault in faults],
            "cells": ["|".join(identifier[fault.cells]) for fault in faults],
            "visible": [int(fault.serial in heard) for fault in faults],
            "form": [fault.form for fault in faults],
            **times,
        }
    )


def _kpi(world: World, faults: list[Fault]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the counters by day and block of cells, with the name of the file."""
    habits, loads, saving = habits_of(world), loads_of(world, faults), saving_of(world)
    for day in range(world.settings.days):
        date = (world.settings.begin + pd.Timedelta(days=day)).strftime("%Y-%m-%d")
        for block in range(-(-len(world.network.cells) // BLOCK)):
            yield f"{date}_{block:02d}", count_block(world, habits, (loads, saving), day, block)


def _dirt(settings: Settings, name: str) -> np.random.Generator:
    """Return the randomness with which a table or a file is spoilt."""
    return stream(settings, f"dirt {name}")


def _write_tables(
    settings: Settings, tables: Tables, plan: DirtPlan | None, out: Path
) -> dict[str, int]:
    """Write the tables as CSV; return their rows."""
    rows = {}
    for name, clean in tables.items():
        frame = clean if plan is None else dirty_table(name, clean, plan, _dirt(settings, name))
        encoding = "utf-8" if plan is None else plan.encoding(name)
        _write_csv(frame, out / f"{name}.csv", encoding)
        rows[name] = len(frame)
    return rows


def _write_truth(
    settings: Settings, truth: Tables, plan: DirtPlan | None, out: Path
) -> dict[str, int]:
    """Write the truth and what the province was made from; return the rows of its tables."""
    tables = truth if plan is None else {**truth, "dirt": plan.report()}
    for name, frame in tables.items():
        _write_csv(frame, out / f"{name}.csv", "utf-8")
    about = {**vars(settings), "start": settings.start.isoformat(), "zone": "Asia/Shanghai"}
    text = json.dumps(about, indent=2, sort_keys=True)
    (out / "about.json").write_text(text + "\n", encoding="utf-8")
    return {f"truth/{name}": len(frame) for name, frame in tables.items()}


def _write_csv(frame: pd.DataFrame, path: Path, encoding: str) -> None:
    """Write a table as CSV with the same line ends everywhere."""
    frame.to_csv(path, index=False, encoding=encoding, lineterminator="\n")
