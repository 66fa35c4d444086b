"""Turn what was found into sentences, Chinese or English.

A finding is a key and named values; the sentence is made when it is shown, so one record serves both languages.

Simple so far: values are inserted as they are; names of alarms and parameters keep the language of their maker.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from contract.causes import cause_name
from correlate.incident_rules import load_incident_rules
from correlate.interception import load_scripts

FILES = ("phrases.toml", "replies.toml", "serving_reasons.toml", "incidents.toml")
JOINERS = {"zh": "、", "en": ", "}
CLAUSES = "told"
"""Name of the value that holds clauses of a sentence."""
CLAUSE_JOINERS = {"zh": ";", "en": "; "}

Finding = dict[str, Any]
Value = str | int | list[str] | Finding | list[Finding]


@cache
def load_phrases() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the sentences by group, key and language.

    What is told to callers is the group `script`, how incidents change the group `rule`.
    """
    rules = load_incident_rules().rules
    groups: dict[str, Mapping[str, Mapping[str, str]]] = {
        "script": load_scripts(),
        "rule": {key: {"zh": rule.zh, "en": rule.en} for key, rule in rules.items()},
    }
    for name in FILES:
        groups |= tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return groups


def finding(key: str, **values: Value) -> Finding:
    """Return a finding: `key` is group and name, for example `for.alarms`."""
    return {"key": key, "values": values}


def sentence(found: Mapping[str, Any], language: str) -> str:
    """Return the sentence of a finding.

    Values whose name ends in `cause` are codes and become names; a value that is itself a key (`find.above`), or begins
    with one and a blank (`measure.drop_rate +3.1`), has its words put in; a finding becomes its own sentence; a list is
    joined, the list `told` by semicolons.

    Examples
    --------
    >>> sentence(finding("steps.place"), "en")
    'Locate the serving station'
    >>> sentence(finding("find.symptom", symptom="symptom.BUSY"), "zh")
    '问题实质:提示网络忙'
    >>> sentence(finding("for.counters", measures=["measure.drop_rate +3.1", "measure.vswr +4.0"]), "en")
    'counters speak for it: drop rate +3.1, VSWR +4.0'
    >>> told = [finding("serves.named"), finding("serves.ahead", d="300 m")]
    >>> sentence(finding("serves.why", told=told), "en")
    'the words name its site; in its beam, 300 m'
    """
    group, name = str(found["key"]).split(".", 1)
    values = {k: _shown(k, v, language) for k, v in found["values"].items()}
    return load_phrases()[group][name][language].format(**values)


def _shown(name: str, value: object, language: str) -> str:
    """Return a value as it is shown."""
    if isinstance(value, Mapping):
        return sentence(value, language)
    if isinstance(value, list):
        joiner = (CLAUSE_JOINERS if name == CLAUSES else JOINERS)[language]
        return joiner.join(_shown(name, part, language) for part in value)
    text = str(value)
    if name.endswith("cause"):
        return cause_name(text, language)
    head, blank, rest = text.partition(" ")
    group, _, key = head.partition(".")
    words = load_phrases().get(group, {}).get(key)
    return words[language] + blank + rest if words is not None else text
