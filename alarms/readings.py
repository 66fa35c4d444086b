"""Read single alarms, each distinct text once.

A *combination* is the texts of one alarm as they are compared: numbers, serial numbers and places
that tell apart alarms which mean the same are gone, and what cannot change the reading is left out.

Simple so far: a detail is read as a whole; of two faults told in it only the more specific is seen.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from alarms.entries import EFFECTS, UNKNOWN, EntryIndex, Meaning, code_key, name_key
from alarms.words import (
    NUMBERS,
    Rule,
    Words,
    matching_rule,
    plain_detail,
    plain_text,
    standard_key,
    vendor_name,
)
from alarms.x733 import event_type_of

TEXTS = ("object", "vendor", "name", "code", "detail", "probable_cause", "event_type")
# A rule of fewer points has only recognised "link" or "notification": the code knows better.
VAGUE_BELOW = 26
# A cause of the standard is no matter of words.
_NEVER = re.compile(r"(?!)")


class Reading(NamedTuple):
    """What was read from one combination of texts; fields as in `alarms.catalogue.read_meanings`."""

    meaning: str
    service_effect: str
    extent: str
    filter_delay_s: float
    basis: str
    rule_id: str


class Reader:
    """Reads combinations of texts, each word search done once.

    Parameters
    ----------
    meanings : mapping of str to Meaning
    words : Words
    own : EntryIndex
        The rows shipped.
    user : mapping of str to EntryIndex
        The user's rows by the object they hold for; "" for all objects.
    """

    def __init__(
        self,
        meanings: Mapping[str, Meaning],
        words: Words,
        *,
        own: EntryIndex,
        user: Mapping[str, EntryIndex],
    ) -> None:
        self.meanings, self.words, self.own, self.user = meanings, words, own, user
        self._listed = {name for _, name in own.by_name}
        self._rules: dict[str, Rule | None] = {}

    def rule(self, text: str) -> Rule | None:
        """Return the rule that reads a text made by `plain_text`."""
        if text not in self._rules:
            self._rules[text] = matching_rule(text, self.words)
        return self._rules[text]

    def cause_rule(self, text: str) -> Rule | None:
        """Return what a probable cause says, where it is of the standard or its words are telling."""
        known = self.words.probable_causes.get(standard_key(text))
        if known is not None:
            return Rule(f"X733-{standard_key(text)}", known, VAGUE_BELOW, _NEVER, None, None)
        rule = self.rule(plain_text(text))
        return rule if rule is not None and _is_telling(rule) else None

    def settled(self, name: str) -> Meaning | None:
        """Return the meaning that a name has whatever vendor and code say, or None."""
        if self.user:
            return None
        if entry := self.own.by_name.get(("", name)):
            return self.meanings[entry.meaning]
        rule = self.rule(name)
        if rule is None or not _is_telling(rule) or name in self._listed:
            return None
        return self.meanings[rule.meaning]

    def read(self, said: Mapping[str, Any]) -> Reading:
        """Return the reading of one combination, by the names of `TEXTS`."""
        key, basis, rule_id = self._base(said)
        base = self.meanings[key]
        refined = said["detail"] if base.detail != "ignore" else None
        meaning, effect = base, base.service_effect
        if refined is not None and refined.meaning != key and _is_telling(refined):
            told = self.meanings[refined.meaning]
            if base.detail != "keep" or told.service_effect != "none":
                meaning, effect = told, _joint_effect(base, told)
                basis, rule_id = "detail", f"{rule_id}+{refined.rule_id}"
        extent = base.extent if base.detail == "keep" else meaning.extent
        return Reading(meaning.meaning, effect, extent, base.filter_delay_s, basis, rule_id)

    def _base(self, said: Mapping[str, Any]) -> tuple[str, str, str]:
        """Return meaning, basis and rule id before the supplementary text refines them."""
        vendor, name, code = said["vendor"], said["name"], said["code"]
        for place in dict.fromkeys((said["object"], "")):
            rows = self.user.get(place)
            if rows is not None and (entry := rows.find(vendor, name=name)):
                return entry.meaning, "name", entry.rule_id
            if rows is not None and (entry := rows.find(vendor, code=code)):
                return entry.meaning, "code", entry.rule_id
        if entry := self.own.find(vendor, name=name):
            return entry.meaning, "name", entry.rule_id
        rule = self.rule(name)
        if rule is not None and _is_telling(rule):
            return rule.meaning, "words", rule.rule_id
        told = said["detail"]
        if told is not None and _is_telling(told):
            return told.meaning, "detail", told.rule_id
        return self._last_resort(said, rule or told)

    def _last_resort(self, said: Mapping[str, Any], rule: Rule | None) -> tuple[str, str, str]:
        """Return what code, probable cause, a vague word or the event type say, in this order."""
        entry = self.own.find(said["vendor"], code=said["code"])
        if entry is not None and entry.meaning != UNKNOWN:
            return entry.meaning, "code", entry.rule_id
        cause = said["probable_cause"]
        if cause is not None:
            return cause.meaning, "probable_cause", cause.rule_id
        if rule is not None:
            return rule.meaning, "words", rule.rule_id
        event = said["event_type"]
        if event is not None:
            return self.words.event_types[event], "event_type", f"X733-{event}"
        return UNKNOWN, "unknown", ""


class Combinations(NamedTuple):
    """The distinct texts of a table of alarms.

    Attributes
    ----------
    said
        Of each column of `TEXTS` what its distinct texts say.
    numbers
        Of each column the number in `said` for each row.
    is_engineering
        Whether name or detail of a row say that the object is being worked on.
    """

    said: Mapping[str, list[Any]]
    numbers: Mapping[str, Any]
    is_engineering: Any

    @classmethod
    def of(cls, alarms: Any, reader: Reader) -> "Combinations":
        """Return the combinations of a table; see `alarms.catalogue.read_meanings`."""
        said: dict[str, list[Any]] = {}
        numbers: dict[str, Any] = {}
        for column, made in _makers(reader).items():
            said[column], numbers[column] = _distinct(alarms, column, made)
        said["object"], numbers["object"] = _objects(alarms, reader.user)
        search = reader.words.engineering.search
        names = np.array([search(name) is not None for name in said["name"]])
        details = np.array([is_marked for _, is_marked in said["detail"]])
        is_engineering = names[numbers["name"]] | details[numbers["detail"]]
        kept = _without_idle(said, numbers, reader)
        said["detail"], kept["detail"] = _read_details(said["detail"], kept["detail"], reader)
        return cls(said, kept, is_engineering)

    def rows(self) -> tuple[Any, list[dict[str, Any]]]:
        """Return the number of the combination of each row, and the combinations."""
        combined = np.zeros(len(self.is_engineering), dtype=np.int64)
        for column in TEXTS:
            width = int(self.numbers[column].max(initial=0)) + 1
            # Renumbered at each column so that the product of widths can't overflow.
            combined = pd.factorize(combined * width + self.numbers[column])[0].astype(np.int64)
        first = np.unique(combined, return_index=True)[1].tolist()
        return combined, [
            {name: self.said[name][self.numbers[name][at]] for name in TEXTS} for at in first
        ]


def _makers(reader: Reader) -> dict[str, Callable[[str], Any]]:
    """Return what makes of a text of each column what it says."""
    words = reader.words

    def detail(text: str) -> tuple[str, bool]:
        """Return a detail as it is read, and whether it speaks of work at the object."""
        plain = plain_detail(text)
        return plain, words.engineering.search(plain) is not None

    def event_type(text: str) -> str | None:
        """Return an event type of the standard."""
        key = event_type_of(text)
        return key if key in words.event_types else None

    return {
        "vendor": lambda text: vendor_name(text, words),
        "name": name_key,
        "code": code_key,
        "detail": detail,
        "probable_cause": lambda text: reader.cause_rule(text) if text else None,
        "event_type": event_type,
    }


def _distinct(alarms: Any, column: str, made: Callable[[str], Any]) -> tuple[list[Any], Any]:
    """Return what the distinct texts of a column say, the empty text first, and each row's number."""
    said: dict[Any, int] = {made(""): 0}
    if column not in alarms.columns:
        return list(said), np.zeros(len(alarms), dtype=np.int64)
    codes, values = pd.factorize(alarms[column])
    if column == "detail":
        shorter, values = pd.factorize(_without_numbers(values))
        codes = np.append(shorter, -1)[codes]
    lookup = [said.setdefault(made(str(value)), len(said)) for value in values]
    return list(said), np.array([*lookup, 0], dtype=np.int64)[codes]


def _without_numbers(texts: Any) -> Any:
    """Return texts with 0 for every number, so that those alike become one."""
    arrow = pa.array([str(text) for text in texts], type=pa.large_string())
    bare = pc.replace_substring_regex(arrow, pattern=NUMBERS, replacement="0")
    return np.array(bare.to_pylist(), dtype=object)


def _objects(alarms: Any, user: Mapping[str, EntryIndex]) -> tuple[list[str], Any]:
    """Return the objects that rows of the user name, and each row's number; 0 for any other.

    An alarm is of an object when `object_id` or `site_id` is the object, or when the object stands
    before the first slash of `object_id` (S12/TRX-3 is on S12).
    """
    named = ["", *sorted(place for place in user if place)]
    found = np.zeros(len(alarms), dtype=np.int64)
    if len(named) == 1:
        return named, found
    index = pd.Index(named[1:])
    for column in ("site_id", "object_id"):
        if column not in alarms.columns:
            continue
        text = alarms[column].astype("str")
        for part in (text.str.partition("/")[0], text):
            at = index.get_indexer(part)
            found = np.where(at >= 0, at + 1, found)
    return named, found


def _without_idle(
    said: Mapping[str, list[Any]], numbers: Mapping[str, Any], reader: Reader
) -> dict[str, Any]:
    """Return the numbers with 0 where a text can't change the reading: the name has settled it."""
    settled = [reader.settled(name) for name in said["name"]]
    is_settled = np.array([meaning is not None for meaning in settled])
    is_final = np.array([meaning is not None and meaning.detail == "ignore" for meaning in settled])
    kept = dict(numbers)
    for column in ("code", "probable_cause", "event_type"):
        kept[column] = np.where(is_settled[numbers["name"]], 0, numbers[column])
    kept["detail"] = np.where(is_final[numbers["name"]], 0, numbers["detail"])
    return kept


def _read_details(
    details: list[tuple[str, bool]], numbers: Any, reader: Reader
) -> tuple[list[Rule | None], Any]:
    """Return the rules that read the details still asked for, and the number of each row's."""
    asked = set(np.unique(numbers).tolist())
    rules: dict[Rule | None, int] = {None: 0}
    lookup = [
        rules.setdefault(reader.rule(plain) if at in asked else None, len(rules))
        for at, (plain, _) in enumerate(details)
    ]
    return list(rules), np.array(lookup, dtype=np.int64)[numbers]


def _is_telling(rule: Rule) -> bool:
    """Return whether a rule has recognised more than a word any alarm may have."""
    return rule.specificity >= VAGUE_BELOW


def _joint_effect(base: Meaning, told: Meaning) -> str:
    """Return the effect on service of an alarm whose text has told a meaning of its own."""
    if base.detail == "keep":
        return base.service_effect
    if base.detail == "cap":
        return min(told.service_effect, "degraded", key=EFFECTS.index)
    return told.service_effect
