"""Turn what was found into sentences, Chinese or English.

A finding is a key and named values; the sentence is made when it is shown, so one record serves both languages.

Simple so far: values are inserted as they are; measures and kinds keep their English names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from contract.causes import cause_name


@cache
def load_phrases() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the sentences by group, key and language."""
    text = Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def finding(key: str, **values: str | int) -> dict[str, Any]:
    """Return a finding: `key` is group and name, for example `for.alarms`."""
    return {"key": key, "values": values}


def sentence(found: Mapping[str, Any], language: str) -> str:
    """Return the sentence of a finding.

    Values named `cause` are codes and become names; a value that is itself a key (`find.above`) becomes its words.

    Examples
    --------
    >>> sentence(finding("steps.place"), "en")
    'Locate the serving station'
    >>> sentence(finding("find.symptom", symptom="BUSY"), "zh")
    '问题实质:BUSY'
    """
    group, name = str(found["key"]).split(".", 1)
    phrases = load_phrases()
    values = {k: _shown(k, v, language) for k, v in found["values"].items()}
    return phrases[group][name][language].format(**values)


def _shown(name: str, value: object, language: str) -> str:
    """Return a value as it is shown."""
    text = str(value)
    if name == "cause":
        return cause_name(text, language)
    group, _, key = text.partition(".")
    words = load_phrases().get(group, {}).get(key)
    return words[language] if words is not None else text
