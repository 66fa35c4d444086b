"""Read the rules by which alarms are put under their root and groups of alarms change.

Simple so far: the texts only; the settings of these rules stand in `roots.toml`.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from alarms.lifecycle_rules import Rule, read_rules

GROUP_RULES_FILE = Path(__file__).with_name("group_rules.toml")


def load_group_rules(path: Path = GROUP_RULES_FILE) -> dict[str, Rule]:
    """Read and check the rules of groups.

    Parameters
    ----------
    path : Path
        A TOML file in the form of `group_rules.toml`.

    Returns
    -------
    dict of str to Rule
        By number.

    Raises
    ------
    InputError
        If a rule lacks something or has something unknown.

    Examples
    --------
    >>> load_group_rules()["END-1"].en
    'all its alarms ended'
    """
    return read_rules(tomllib.loads(path.read_text(encoding="utf-8"))["rules"], path)


@cache
def group_rules() -> Mapping[str, Rule]:
    """Return the rules as they come with the program."""
    return load_group_rules()
