"""Declare the commands that ask a finished run for its rates, its repairs and its thin coverage.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: each looks at one moment, the hour of the report of a day.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dashboards.command_groups import Actions, Adder

DAY = "day whose report is meant, YYYY-MM-DD (default: the one after the last of the run)"


def add_answers(commands: Actions, command: Adder) -> None:
    """Add `rate`, `repairs` and `coverage`.

    Parameters
    ----------
    commands : the sub-parsers to add them to
    command : callable
        Adds a command.
    """
    rate = command(
        commands,
        "rate",
        "tell the complaints per 10,000 users, the forecast and what moved them",
        _rate,
    )
    repairs = command(
        commands,
        "repairs",
        "tell the clock of every repair and the outage minutes of a month",
        _repairs,
    )
    coverage = command(
        commands,
        "coverage",
        "list places of thin coverage and what planned sites are worth",
        _coverage,
    )
    for one in (rate, repairs, coverage):
        one.add_argument("out", type=Path, help="folder that `run` wrote")
        when = one.add_mutually_exclusive_group()
        when.add_argument("--day", metavar="DAY", help=DAY)
        when.add_argument("--month", metavar="MONTH", help="month to its end, YYYY-MM")
        one.add_argument("--county", help="this county alone")
        one.add_argument("--lang", choices=("zh", "en"), help="language (default: the settings')")
        one.add_argument("--json", action="store_true", help="print one JSON object")
        one.add_argument("--csv", type=Path, metavar="FOLDER", help="write each table there as CSV")


def _rate(options: argparse.Namespace) -> int:
    """Tell the rates."""
    return _answer("rate", options)


def _repairs(options: argparse.Namespace) -> int:
    """Tell the repairs."""
    return _answer("repairs", options)


def _coverage(options: argparse.Namespace) -> int:
    """Tell the coverage."""
    return _answer("coverage", options)


def _answer(question: str, options: argparse.Namespace) -> int:
    """Draw up what is asked and show it in the form wanted."""
    from contract.settings import load_settings
    from correlate.daily.moments import moment_of, month_end
    from correlate.daily.report import parsed_day
    from dashboards.answer_sheet import Asked, answer_tables, show_answer

    settings = load_settings(options.settings)
    day = parsed_day(options.day) if options.day else None
    if options.month:
        day = month_end(options.out, options.month)
    moment = moment_of(options.out, day, settings)
    asked = Asked(question, options.county, options.lang or settings.language)
    tables = answer_tables(moment, asked)
    show_answer(tables, moment, asked, as_json=options.json, folder=options.csv)
    return 0
