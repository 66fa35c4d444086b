"""Declare and run the command that shows a stretch of a bundle as it unfolded.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: a bundle is played from its beginning every time.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dashboards.command_groups import Actions, Adder


def add_replay(commands: Actions, command: Adder) -> None:
    """Add the command.

    Parameters
    ----------
    commands : the sub-parsers to add it to
    command : callable
        Adds a command.
    """
    show = command(
        commands,
        "replay",
        "show a stretch of a bundle as it unfolded: known, told, called",
        _replay,
    )
    show.add_argument("bundle", type=Path, help="folder with the input tables")
    show.add_argument("--from", dest="since", required=True, metavar="TIME", help="begin")
    show.add_argument("--to", dest="until", required=True, metavar="TIME", help="end")
    pace = show.add_mutually_exclusive_group()
    pace.add_argument(
        "--speed",
        type=float,
        default=0.0,
        metavar="N",
        help="N times as fast as it was (default: at once)",
    )
    pace.add_argument("--step", action="store_true", help="wait for Enter after each step")
    show.add_argument("--lang", choices=("zh", "en"), help="language (default: the settings')")


def _replay(options: argparse.Namespace) -> int:
    """Show a stretch of a bundle."""
    from contract.settings import load_settings
    from dashboards.replay import asked_stretch, replay

    settings = load_settings(options.settings)
    if options.lang:
        settings = settings.model_copy(update={"language": options.lang})
    stretch = asked_stretch(
        options.since,
        options.until,
        settings.zone,
        speed=options.speed,
        by_step=options.step,
    )
    replay(options.bundle, stretch, settings)
    return 0
