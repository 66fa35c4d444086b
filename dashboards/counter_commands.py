"""Declare and run the command that works on counters.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: counters are shown; nothing is changed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from dashboards.region_commands import add_region_commands

Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
TEXT = "Show the measures of cells and sites from their counters."


def add_counters(
    commands: Actions, command: Callable[[Actions, str, str, object], argparse.ArgumentParser]
) -> None:
    """Add the command and its actions.

    Parameters
    ----------
    commands : the sub-parsers to add it to
    command : callable
        Adds a command of a name, a help text and what runs it, with the options that all have.
    """
    counters = commands.add_parser(
        "counters", help=f"{TEXT[0].lower()}{TEXT[1:-1]}", description=TEXT
    )
    actions = counters.add_subparsers(
        dest="action", metavar="ACTION", required=True, help="what to do with counters"
    )
    show = command(actions, "show", "print measures of a cell, site, layer or county", _show)
    show.add_argument("source", help="folder with the input tables, or a history")
    show.add_argument("--object", required=True, metavar="NAME", help="cell, site, layer or county")
    show.add_argument("--measure", action="append", default=[], help="measure; may be repeated")
    show.add_argument("--from", dest="since", metavar="TIME", help="first instant shown")
    show.add_argument("--to", dest="until", metavar="TIME", help="instant shown up to")
    show.add_argument("--by", choices=("period", "hour", "day"), default="hour", help="step")
    show.add_argument(
        "--inventory", type=Path, metavar="BUNDLE", help="bundle that knows the cells of a history"
    )
    show.add_argument("--lang", choices=("zh", "en"), help="language of the table")
    show.add_argument("--json", action="store_true", help="print one JSON object")
    add_region_commands(actions, command)


def _show(options: argparse.Namespace) -> int:
    """Print the measures of a cell or site."""
    from contract.settings import load_settings
    from dashboards.counter_sheet import show_counters
    from kpi.measure_views import Asked

    settings = load_settings(options.settings)
    if options.lang:
        settings = settings.model_copy(update={"language": options.lang})
    asked = Asked(options.by, tuple(options.measure), options.since, options.until)
    place: dict[str, Any] = {"inventory": options.inventory, "as_json": options.json}
    show_counters(options.source, options.object, settings, asked=asked, **place)
    return 0
