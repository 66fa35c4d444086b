"""Declare and run the command that keeps counters and alarms.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: one history at a time; copying one to another address is left to the tools of its file system.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dashboards.command_groups import Actions, Adder, add_group

if TYPE_CHECKING:
    from contract.history import History
    from contract.settings import Settings

TEXT = "Keep counters, alarms and changes by region and day, and read what was kept."


def add_history(commands: Actions, command: Adder) -> None:
    """Add the command and its actions.

    Parameters
    ----------
    commands : the sub-parsers to add it to
    command : callable
        Adds an action.
    """
    actions = add_group(commands, "history", text=TEXT, what="a history")
    add = command(actions, "add", "add the counters, alarms and changes of a bundle", _add)
    add.add_argument("bundle", type=Path, help="folder with the input tables")
    add.add_argument("--to", required=True, metavar="ADDRESS", dest="address", help="the history")
    show = command(actions, "show", "print days, rows, files and holes", _show)
    compact = command(actions, "compact", "bring the files of each day into one", _compact)
    prune = command(actions, "prune", "take out days that have outlived their time", _prune)
    query = command(actions, "query", "answer a query in SQL; it only reads", _query)
    export = command(actions, "export", "write days of a table into a bundle", _export)
    for action in (show, compact, prune, query, export):
        action.add_argument("address", help="the history: a folder or a URL")
    keep = "days to keep a table, instead of the policy; may be repeated"
    prune.add_argument("--keep", action="append", default=[], metavar="TABLE=DAYS", help=keep)
    prune.add_argument("--dry-run", action="store_true", help="tell what would go, take nothing")
    query.add_argument("sql", help="one SELECT; each table is a view with region and day")
    query.add_argument("--out", type=Path, metavar="FILE", help="CSV or Parquet file to write")
    export.add_argument("--days", required=True, metavar="A..B", help="first and last day")
    export.add_argument(
        "--out", type=Path, required=True, metavar="BUNDLE/TABLE", help="folder to write"
    )


def _opened(options: argparse.Namespace, *, is_new: bool = False) -> tuple[History, Settings]:
    """Return the history and the settings that are asked for."""
    from contract.history import open_history
    from contract.settings import load_settings

    settings = load_settings(options.settings)
    return open_history(options.address, settings=settings, is_new=is_new), settings


def _add(options: argparse.Namespace) -> int:
    """Add a bundle."""
    from dashboards.history_sheet import add_to_history

    history, settings = _opened(options, is_new=True)
    add_to_history(history, options.bundle, settings)
    return 0


def _show(options: argparse.Namespace) -> int:
    """Print what is kept."""
    from dashboards.history_sheet import print_history

    history, _ = _opened(options)
    print_history(history, datetime.now(UTC))
    return 0


def _compact(options: argparse.Namespace) -> int:
    """Bring the files of each day into one."""
    from dashboards.history_sheet import compact_history

    history, _ = _opened(options)
    compact_history(history)
    return 0


def _prune(options: argparse.Namespace) -> int:
    """Take out days that have outlived their time."""
    from dashboards.history_sheet import prune_history

    history, settings = _opened(options)
    prune_history(history, settings, keep=options.keep, is_trial=options.dry_run)
    return 0


def _query(options: argparse.Namespace) -> int:
    """Answer a query."""
    from dashboards.history_sheet import query_history

    history, _ = _opened(options)
    query_history(history, options.sql, options.out)
    return 0


def _export(options: argparse.Namespace) -> int:
    """Write days of a table into a bundle."""
    from dashboards.history_sheet import export_history

    history, _ = _opened(options)
    export_history(history, options.days, options.out)
    return 0
