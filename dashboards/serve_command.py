"""Declare the commands that serve, and that say who may use the server.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: users are made with the password in the environment, for a prompt can't be scripted.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dashboards.command_groups import Actions, Adder, add_group

if TYPE_CHECKING:
    from contract.ledger.store import Ledger

PASSWORD = "PASSWORD"


def add_serving(commands: Actions, add: Adder) -> None:
    """Add `serve`, `token` and `user` to the commands.

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
    token = add_group(
        commands, "token", text="Say which programs may use the server.", what="tokens"
    )
    made = add(token, "add", "make a token and print it, once", _add_token)
    made.add_argument("name", help="name of the program")
    _add_role(made)
    closed = add(token, "close", "end a token for good", _close_token)
    closed.add_argument("name", help="name of the program")
    user = add_group(commands, "user", text="Say which people may use the server.", what="users")
    person = add(user, "add", f"add a user whose password stands in ${PASSWORD}", _add_user)
    person.add_argument("name", help="name of the user")
    _add_role(person)


def _add_role(command: argparse.ArgumentParser) -> None:
    """Add what a role is given by."""
    command.add_argument(
        "--role", required=True, help="role, such as feed, noc, engineer, agent, admin"
    )
    command.add_argument(
        "--counties", default="", metavar="A|B", help="counties seen (default: all)"
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


def _add_token(options: argparse.Namespace) -> int:
    """Make a token."""
    from contract.ledger.accounts import make_token

    with _ledger(options).writing() as connection:
        token = make_token(connection, options.name, role=options.role, counties=options.counties)
    sys.stdout.write(f"{token}\n")
    return 0


def _close_token(options: argparse.Namespace) -> int:
    """Close a token."""
    from contract.ledger.accounts import close_token

    with _ledger(options).writing() as connection:
        close_token(connection, options.name)
    return 0


def _add_user(options: argparse.Namespace) -> int:
    """Add a user."""
    from contract.ledger.accounts import make_user

    password = os.environ.get(PASSWORD, "")
    with _ledger(options).writing() as connection:
        make_user(connection, options.name, password, role=options.role, counties=options.counties)
    return 0


def _ledger(options: argparse.Namespace) -> Ledger:
    """Return the ledger of the settings."""
    from contract.errors import SettingsError
    from contract.ledger.store import open_ledger
    from contract.settings import load_settings

    settings = load_settings(options.settings)
    if settings.ledger is None:
        msg = "`settings` must have `ledger`, the address of the server's database."
        raise SettingsError(msg)
    return open_ledger(settings.ledger)
