"""Declare and run the commands that learn from the past.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: one bundle at a time.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from dashboards.command_groups import Actions, Adder, add_group

TEXT = "Learn from the past: alarms that cause others, closed orders, what is usual."


def add_learn(commands: Actions, command: Adder) -> None:
    """Add the command and its actions.

    Parameters
    ----------
    commands : the sub-parsers to add it to
    command : callable
        Adds an action.
    """
    actions = add_group(commands, "learn", text=TEXT, what="the past")
    alarms = command(actions, "alarms", "learn which type of alarm causes which", _alarms)
    alarms.add_argument("history", type=Path, help="table of alarms, or a bundle that has it")
    alarms.add_argument("--links", type=Path, help="table of links: which objects are side by side")
    alarms.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="CSV or Parquet file to write"
    )
    verdicts = command(
        actions, "verdicts", "learn from closed orders what later runs start from", _verdicts
    )
    verdicts.add_argument("bundle", type=Path, help="folder with the input tables")
    verdicts.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="folder to write, for the setting `learned` (default: tell only)",
    )
    verdicts.add_argument("--quiet", action="store_true", help="no progress bar")
    both = command(actions, "all", "learn all of it, as every night", _all)
    both.add_argument(
        "--bundle", type=Path, required=True, help="bundle with alarms and closed orders"
    )
    both.add_argument("--history", metavar="ADDRESS", help="history of counters")
    both.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="folder to write all of it to"
    )
    both.add_argument("--quiet", action="store_true", help="no progress bar")
    both.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that learn counters (default: cores)",
    )


def _alarms(options: argparse.Namespace) -> int:
    """Learn relations of alarms."""
    from contract.settings import load_settings
    from dashboards.learn_sheet import learn_from_alarms

    settings = load_settings(options.settings)
    learn_from_alarms(options.history, options.links, options.out, settings=settings)
    return 0


def _verdicts(options: argparse.Namespace) -> int:
    """Learn from closed orders."""
    from contract.settings import load_settings
    from dashboards.learn_sheet import learn_from_orders

    settings = load_settings(options.settings)
    learn_from_orders(
        options.bundle, options.out, settings, now=datetime.now(UTC), quiet=options.quiet
    )
    return 0


def _all(options: argparse.Namespace) -> int:
    """Learn from closed orders, alarms and counters."""
    from contract.settings import load_settings
    from dashboards.learn_sheet import Night, learn_all
    from kpi.schedules import Schedule

    night = Night(options.bundle, options.history, options.out, Schedule(None, options.jobs))
    settings = load_settings(options.settings)
    learn_all(night, settings, now=datetime.now(UTC), quiet=options.quiet)
    return 0
