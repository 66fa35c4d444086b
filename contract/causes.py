"""List the causes a complaint can have, with their names and families.

Simple so far: names in Chinese and English only.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from contract.errors import InputError

CAUSES_FILE = Path(__file__).with_name("causes.csv")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """A cause.

    Attributes
    ----------
    code, zh, en
        Code of the contract, name in Chinese and in English.
    family
        Family of causes; empty for `unknown`.
    is_network
        An incident may carry it: any but thin coverage, border roaming and the customer family.
    """

    code: str
    zh: str
    en: str
    family: str
    is_network: bool


def cause_name(code: str, lang: str) -> str:
    """Return the name of a cause in a language.

    Parameters
    ----------
    code : str
        Code of the contract.
    lang : {"zh", "en"}

    Raises
    ------
    InputError
        If the code or the language is unknown.

    Examples
    --------
    >>> cause_name("power_failure", "zh")
    '停电掉站'
    """
    if code not in CAUSES:
        msg = f"`code` must be a cause of the contract; {code!r} is none. See docs/tables.md."
        raise InputError(msg)
    if lang not in ("zh", "en"):
        msg = f"`lang` must be 'zh' or 'en'; it is {lang!r}."
        raise InputError(msg)
    return CAUSES[code].zh if lang == "zh" else CAUSES[code].en


def _declared_causes() -> Mapping[str, Cause]:
    """Return the causes of the declaration by code, in its order."""
    with CAUSES_FILE.open(encoding="utf-8", newline="") as lines:
        causes = [
            Cause(row["code"], row["zh"], row["en"], row["family"], row["is_network"] == "1")
            for row in csv.DictReader(lines)
        ]
    return MappingProxyType({cause.code: cause for cause in causes})


CAUSES: Mapping[str, Cause] = _declared_causes()
