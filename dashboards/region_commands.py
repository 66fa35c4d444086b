"""Declare the commands that learn and watch counters by region.

Like the commands themselves this imports the standard library alone, and what it needs when a command runs.

Simple so far: all regions of a history are done, none alone.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from dashboards.command_groups import Actions, Adder


def add_region_commands(actions: Actions, add: Adder) -> None:
    """Add `learn` and `watch` to the actions of `counters`.

    Parameters
    ----------
    actions : argparse sub-parsers
    add : callable
        Adds an action.
    """
    learn = add(actions, "learn", "learn from a history what is usual for every cell", _learn)
    learn.add_argument("history", help="the history: a folder or a URL")
    learn.add_argument(
        "--cells", type=Path, required=True, metavar="BUNDLE", help="bundle that lists the cells"
    )
    learn.add_argument(
        "--out", type=Path, required=True, metavar="BASELINE", help="folder to write"
    )
    learn.add_argument("--days", metavar="A..B", help="days learned (default: the last 28)")
    watch = add(actions, "watch", "look for hidden faults in days of a history", _watch)
    watch.add_argument("history", help="the history: a folder or a URL")
    watch.add_argument(
        "--baseline", type=Path, required=True, help="folder that `learn` wrote; it goes on"
    )
    watch.add_argument("--day", required=True, metavar="DAY", help="day, or days A..B")
    watch.add_argument(
        "--out", type=Path, required=True, metavar="EPISODES", help="CSV or Parquet file to write"
    )
    for command in (learn, watch):
        command.add_argument(
            "--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://host:8786"
        )
        command.add_argument(
            "--jobs",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="processes here (default: cores)",
        )


def _learn(options: argparse.Namespace) -> int:
    """Learn what is usual."""
    from dashboards.region_sheet import learn_counters

    where = _where(options)
    learn_counters(options.history, options.cells, options.out, days=options.days, **where)
    return 0


def _watch(options: argparse.Namespace) -> int:
    """Look for hidden faults."""
    from dashboards.region_sheet import watch_counters

    where = _where(options)
    watch_counters(options.history, options.baseline, options.out, days=options.day, **where)
    return 0


def _where(options: argparse.Namespace) -> dict[str, Any]:
    """Return settings and schedule; where several work at once each reads with one core."""
    from contract.settings import load_settings
    from kpi.schedules import Schedule

    settings = load_settings(options.settings)
    schedule = Schedule(options.scheduler, options.jobs)
    if (schedule.scheduler or schedule.jobs > 1) and not settings.history_threads:
        settings = settings.model_copy(update={"history_threads": 1})
    return {"settings": settings, "schedule": schedule}
