"""Declare the commands that say who may use the server: `token` and `user`.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: a password comes from the environment or from standard input, for a prompt can't be scripted.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from dashboards.command_groups import Actions, Adder, add_group

if TYPE_CHECKING:
    from contract.ledger.store import Ledger

PASSWORD = "PASSWORD"
FROM = f"in ${PASSWORD}, or on standard input"
PROGRAM, PERSON = "name of the program", "name of the user"


def add_accounts(commands: Actions, add: Adder) -> None:
    """Add `token` and `user` to the commands.

    Parameters
    ----------
    commands : argparse sub-parsers
    add : callable
        Adds a command.
    """
    text = "Say which programs may use the server."
    token = add_group(commands, "token", text=text, what="tokens")
    made = add(token, "add", "make a token and print it, once", _add_token)
    made.add_argument("name", help=PROGRAM)
    _add_role(made)
    add(token, "close", "end a token for good", _close_token).add_argument("name", help=PROGRAM)
    add(token, "list", "list tokens: name, role, counties, when made and closed", _list_tokens)
    text = "Say which people may use the server."
    user = add_group(commands, "user", text=text, what="users")
    person = add(user, "add", f"add a user; the password stands {FROM}", _add_user)
    person.add_argument("name", help=PERSON)
    _add_role(person)
    changed = add(user, "password", f"change a password; the new one stands {FROM}", _change)
    changed.add_argument("name", help=PERSON)
    closed = add(user, "close", "close an account for good and log its user out", _close_user)
    closed.add_argument("name", help=PERSON)
    add(user, "list", "list users: name, role, counties, when made and closed", _list_users)


def _add_role(command: argparse.ArgumentParser) -> None:
    """Add what a role is given by."""
    command.add_argument(
        "--role", required=True, help="role, such as feed, noc, engineer, agent, auditor, admin"
    )
    command.add_argument(
        "--counties", default="", metavar="A|B", help="counties seen (default: all)"
    )


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


def _list_tokens(options: argparse.Namespace) -> int:
    """List tokens."""
    return _list(options, "tokens")


def _add_user(options: argparse.Namespace) -> int:
    """Add a user."""
    from contract.ledger.accounts import make_user

    password = _password()
    with _ledger(options).writing() as connection:
        make_user(connection, options.name, password, role=options.role, counties=options.counties)
    return 0


def _change(options: argparse.Namespace) -> int:
    """Change a password."""
    from contract.ledger.accounts import change_password

    password = _password()
    with _ledger(options).writing() as connection:
        change_password(connection, options.name, password)
    return 0


def _close_user(options: argparse.Namespace) -> int:
    """Close an account."""
    from contract.ledger.accounts import close_user

    with _ledger(options).writing() as connection:
        close_user(connection, options.name)
    return 0


def _list_users(options: argparse.Namespace) -> int:
    """List users."""
    return _list(options, "users")


def _list(options: argparse.Namespace, kind: str) -> int:
    """Print the accounts of a kind, tabs between the columns."""
    import datetime as dt

    from contract.ledger.accounts import accounts

    def instant(at: object) -> str:
        """Return seconds since 1970 as text."""
        return dt.datetime.fromtimestamp(at, tz=dt.UTC).isoformat() if isinstance(at, int) else ""

    lines = ["name\trole\tcounties\tmade\tclosed"]
    with _ledger(options).reading() as connection:
        for row in accounts(connection, kind):
            told = (row["name"], row["role"], row["counties"] or "all")
            lines.append("\t".join([*told, instant(row["made_at"]), instant(row["closed_at"])]))
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _password() -> str:
    """Return the password: of the environment, else the first line of standard input that is no terminal."""
    given = os.environ.get(PASSWORD, "")
    return given or ("" if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n"))


def _ledger(options: argparse.Namespace) -> Ledger:
    """Return the ledger of the settings."""
    from contract.ledger.store import open_ledger
    from contract.needed_settings import needed
    from contract.settings import load_settings

    (ledger,) = needed(load_settings(options.settings), "ledger", for_what="accounts")
    return open_ledger(ledger)
