"""Declare the command that serves.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: one process, in the foreground.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dashboards.command_groups import Actions, Adder


def add_serving(commands: Actions, add: Adder) -> None:
    """Add `serve` to the commands.

    Parameters
    ----------
    commands : argparse sub-parsers
    add : callable
        Adds a command.
    """
    serve = add(commands, "serve", "serve feeds, pages and programs over HTTP", _serve)
    serve.add_argument("--port", type=int, metavar="N", help="port (default: the settings')")
    serve.add_argument(
        "--replay", type=Path, metavar="BUNDLE", help="replay a bundle as it arrived"
    )
    serve.add_argument(
        "--speed", type=float, default=600.0, metavar="X", help="how much faster (default: 600)"
    )


def _serve(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from contract.errors import SettingsError
    from contract.settings import load_settings
    from dashboards.server.serving import serve

    if options.speed <= 0:
        msg = f"`--speed` must be above 0; it is {options.speed}."
        raise SettingsError(msg)
    settings = load_settings(options.settings)
    return serve(settings, port=options.port, replay=options.replay, speed=options.speed)
