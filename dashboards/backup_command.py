"""Declare the commands that copy the server's data and put a copy back.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: inventory and settings are files of the operator's own and are not copied.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dashboards.command_groups import Actions, Adder

if TYPE_CHECKING:
    from contract.ledger.backup import Told

MIB = 1 << 20


def add_backup(commands: Actions, add: Adder) -> None:
    """Add `backup` and `restore` to the commands.

    Parameters
    ----------
    commands : argparse sub-parsers
    add : callable
        Adds a command.
    """
    backup = add(commands, "backup", "copy ledger and history, also while the server runs", _backup)
    backup.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="new folder")
    restore = add(commands, "restore", "put a back-up back, while no server runs", _restore)
    restore.add_argument("folder", type=Path, help="folder that `backup` wrote")
    restore.add_argument(
        "--force", action="store_true", help="also where something is; that is moved aside"
    )
    restore.add_argument("--check", action="store_true", help="check the back-up, touch nothing")


def _backup(options: argparse.Namespace) -> int:
    """Copy ledger and history."""
    from contract.ledger.backup import make_backup

    ledger, history = _places(options)
    _say(f"backed up to {options.to}", make_backup(ledger, history, options.to))
    return 0


def _restore(options: argparse.Namespace) -> int:
    """Put a back-up back."""
    from contract.ledger.backup import check_backup, restore_backup

    if options.check:
        _say(f"{options.folder} is whole", check_backup(options.folder))
        return 0
    ledger, history = _places(options)
    told = restore_backup(options.folder, ledger, history, force=options.force)
    _say(f"restored {options.folder}", told)
    return 0


def _places(options: argparse.Namespace) -> tuple[str, Path]:
    """Return the ledger and the history of the settings."""
    from contract.needed_settings import needed
    from contract.settings import load_settings

    ledger, history = needed(
        load_settings(options.settings), "ledger", "history", for_what="a back-up"
    )
    return ledger, history


def _say(what: str, told: Told) -> None:
    """Print what a back-up holds."""
    sys.stdout.write(
        f"{what}: {told.files} files, {told.size / MIB:.1f} MiB, made {told.made_at}\n"
    )
