"""Declare commands that have actions of their own, such as `counters show`.

The standard library alone is imported at the top, so that help answers at once.

Simple so far: one level of actions.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Adder: TypeAlias = Callable[[Actions, str, str, object], argparse.ArgumentParser]
"""Adds a command of a name, a help text and what runs it, with the options that all have."""


def add_group(commands: Actions, name: str, *, text: str, what: str) -> Actions:
    """Add a command that has actions, and return what to add them to.

    Parameters
    ----------
    commands : the sub-parsers to add it to
    name : str
    text : str
        What the command is for: one sentence.
    what : str
        What its actions are done to, as "counters".

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> actions = add_group(parser.add_subparsers(), "counters", text="Show counters.", what="counters")
    >>> _ = actions.add_parser("show").add_argument("--by")
    >>> parser.parse_args(["counters", "show", "--by", "day"])
    Namespace(action='show', by='day')
    """
    group = commands.add_parser(name, help=f"{text[0].lower()}{text[1:-1]}", description=text)
    return group.add_subparsers(
        dest="action", metavar="ACTION", required=True, help=f"what to do with {what}"
    )
