"""Declare the command that serves.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: one process, in the foreground.
"""

from __future__ import annotations

import argparse
import datetime as dt
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
    serve.add_argument(
        "--from",
        dest="since",
        metavar="DATE",
        help="day up to which a replay does not wait (default: its first)",
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
    replay = None
    if options.replay is not None:
        from dashboards.server.replaying import Pace

        replay = Pace(options.replay, options.speed, _day(options.since, settings.zone))
    return serve(settings, port=options.port, replay=replay)


def _day(text: str | None, zone: str) -> float:
    """Return when a day begins, seconds since 1970; long ago where none is given."""
    from zoneinfo import ZoneInfo

    from contract.errors import SettingsError

    if text is None:
        return 0.0
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()
    except ValueError as error:
        msg = f"`--from` must be a day such as 2026-03-11; it is {text!r}."
        raise SettingsError(msg) from error
