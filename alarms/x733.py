"""Read the words of ITU-T X.733: severities and types of events, whatever system wrote them.

The words are data: the severities of the shipped mappings, and `cleared_words.csv`,
`event_type_words.csv` here.

Simple so far: grades A to D and levels one to four are taken for severities in their order; some
operators mean the haste of the repair by them.

References
----------
.. [1] ITU-T X.733, 1992, 8.1; X.736 for the types of violation; 3GPP TS 28.532 spells them in capitals.
"""

import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from contract.headers import plain_header
from contract.instants import parse_instants
from contract.mapping_files import SHIPPED
from contract.word_lists import WordList, load_word_list

CLEARED = "cleared"
SEVERITIES = ("critical", "major", "minor", "warning", "indeterminate")
_FILES = {
    "severity_words": SHIPPED,
    "cleared_words": Path(__file__).parent,
    "event_type_words": Path(__file__).parent,
}
_TAIL = re.compile(r"(?:alarm|告警)$")


@cache
def _words(name: str) -> WordList:
    """Return one of the shipped lists of words."""
    return load_word_list(_FILES[name] / f"{name}.csv")


@lru_cache(maxsize=4096)
def severity_of(word: str) -> str:
    """Return the severity that a word, a number or a grade stands for; empty where it is none.

    Parameters
    ----------
    word : str

    Returns
    -------
    str
        One of `SEVERITIES`, `cleared`, or empty.

    Examples
    --------
    >>> severity_of("MAJOR"), severity_of("紧急告警"), severity_of("NORMAL"), severity_of("C+")
    ('major', 'critical', 'cleared', 'minor')
    """
    plain = _TAIL.sub("", plain_header(word))
    found = _words("cleared_words").whole.get(plain) or _words("severity_words").whole.get(plain)
    return found or ""


@lru_cache(maxsize=4096)
def event_type_of(word: str) -> str:
    """Return the type of event that a word stands for; the word itself where it is unknown.

    Examples
    --------
    >>> event_type_of("COMMUNICATIONS_ALARM"), event_type_of("设备告警"), event_type_of("odd")
    ('communications', 'equipment', 'odd')
    """
    plain = _TAIL.sub("", plain_header(word))
    return _words("event_type_words").whole.get(plain, word.strip())


def instant_of(text: object, zone: str) -> datetime | None:
    """Return the instant that a text stands for, in UTC; None where it is none.

    Parameters
    ----------
    text : object
        ISO 8601 or any form that `contract.instants` reads; what is no text is no instant.
    zone : str
        IANA zone of a time without an offset.

    Examples
    --------
    >>> instant_of("2026-03-01T08:00:00+08:00", "UTC")
    datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        read = None
    if read is not None and read.tzinfo is not None:
        return read.astimezone(UTC)
    found = parse_instants(pd.Series([text], dtype="str"), zone)[0]
    return None if pd.isna(found) else found.to_pydatetime().astimezone(UTC)
