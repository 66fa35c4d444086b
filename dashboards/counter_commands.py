"""Declare and run the commands that work on counters.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: one object is shown at a time.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dashboards.command_groups import Actions, Adder, add_group
from dashboards.region_commands import add_region_commands

TEXT = "Show measures from counters, learn what is usual, look for hidden faults."
SOURCE = "folder of a bundle, or address of a history"
OBJECT = "id of a cell, id or name of a site, a layer such as 'LTE 1800', or a county"
MEASURE = "a line for each step of this measure; may be repeated (default: a line for each measure)"
STEP = "period: the longest reported; hour (default); day, in the zone of the settings"


def add_counters(commands: Actions, command: Adder) -> None:
    """Add the command and its actions.

    Parameters
    ----------
    commands : the sub-parsers to add it to
    command : callable
        Adds an action.
    """
    actions = add_group(commands, "counters", text=TEXT, what="counters")
    show = command(
        actions, "show", "print measures beside what is usual and the limits they cross", _show
    )
    show.add_argument("source", help=SOURCE)
    show.add_argument("--object", required=True, metavar="NAME", help=OBJECT)
    show.add_argument("--measure", action="append", default=[], help=MEASURE)
    show.add_argument(
        "--from", dest="since", metavar="TIME", help="begin (default: 6 hours, a day or 14 days)"
    )
    show.add_argument(
        "--to",
        dest="until",
        metavar="TIME",
        help="end, itself not shown (default: the last period)",
    )
    show.add_argument("--by", choices=("period", "hour", "day"), default="hour", help=STEP)
    show.add_argument(
        "--inventory",
        type=Path,
        metavar="BUNDLE",
        help="bundle that knows the sites of a history's cells (without: cells alone)",
    )
    show.add_argument(
        "--lang", choices=("zh", "en"), help="language (default: that of the settings)"
    )
    show.add_argument(
        "--json", action="store_true", help="print one JSON object, null where unknown"
    )
    add_region_commands(actions, command)


def _show(options: argparse.Namespace) -> int:
    """Print the measures of an object."""
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
