"""Declare the command that sends a daily report that the server drew up.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: it sends what lies in the history; it draws up nothing.
"""

from __future__ import annotations

import argparse
import sys
import time

from dashboards.command_groups import Actions, Adder


def add_delivery(commands: Actions, add: Adder) -> None:
    """Add `deliver` to the commands.

    Parameters
    ----------
    commands : argparse sub-parsers
    add : callable
        Adds a command.
    """
    send = add(commands, "deliver", "send a daily report that the server drew up", _send)
    send.add_argument("--day", required=True, metavar="DAY", help="day of the report, YYYY-MM-DD")
    send.add_argument(
        "--dry-run", action="store_true", help="print what would be sent; send nothing"
    )


def _send(options: argparse.Namespace) -> int:
    """Send a report on the ways on which it was not sent yet."""
    from contract.ledger.store import open_ledger
    from contract.needed_settings import needed
    from contract.settings import load_settings
    from correlate.daily.report import parsed_day
    from dashboards.delivery.sending import preview, send_report
    from dashboards.delivery.ways import load_sending
    from dashboards.server.report_drawing import report_folder

    settings = load_settings(options.settings)
    address, who, _ = needed(
        settings, "ledger", "serve_sending", "history", for_what="sending reports"
    )
    sending = load_sending(who)
    folder = report_folder(settings, parsed_day(options.day).isoformat())
    if options.dry_run:
        for name, text in preview(sending, folder).items():
            sys.stdout.write(f"--- {name}\n{text}\n")
        return 0
    ledger = open_ledger(address)
    try:
        told = send_report(ledger, sending, folder, now=lambda: int(time.time()))
    finally:
        ledger.close()
    for name in sending.names:
        state = told[name] or "sent" if name in told else "sent before"
        sys.stdout.write(f"{name}: {state}\n")
    return 1 if any(told.values()) else 0
