"""Read what each alarm means: its effect on service, its extent and its likely causes.

The name and the supplementary text decide first: by the catalogue, else by their words. The code
decides where they say nothing, because exports are found whose codes do not fit their names.

Simple so far: the weights of causes are judgement, not yet learned from closed orders.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alarms.entries import (
    EFFECTS,
    UNKNOWN,
    Entry,
    EntryIndex,
    Meaning,
    code_key,
    load_entries,
    load_meanings,
    name_key,
)
from alarms.words import Rule, Words, load_words, matching_rule, plain_detail, vendor_name
from contract.causes import CAUSES
from contract.errors import InputError, MissingColumnsError

MEANINGS_FILE = Path(__file__).with_name("meanings.toml")
CATALOGUE_FILE = Path(__file__).with_name("catalogue.csv")
SOURCES_FILE = Path(__file__).with_name("sources.csv")

BASES = ("name", "code", "detail", "words", "probable_cause", "unknown")
_TEXTS = ("vendor", "code", "name", "detail", "probable_cause")
# A rule of fewer points has only recognised "link" or "notification": the code knows better.
_VAGUE_BELOW = 26


@dataclass(frozen=True)
class Catalogue:
    """All that is known about alarms.

    Attributes
    ----------
    meanings
        By key.
    entries
        Our rows.
    overrides
        The user's rows; they go before ours and before the words.
    words
        Word families for alarms no row lists.
    """

    meanings: Mapping[str, Meaning]
    entries: tuple[Entry, ...]
    overrides: tuple[Entry, ...]
    words: Words
    own: EntryIndex = field(init=False, repr=False, compare=False)
    user: EntryIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "own", EntryIndex.of(self.entries))
        object.__setattr__(self, "user", EntryIndex.of(self.overrides))


def load_catalogue(override: Path | None = None) -> Catalogue:
    """Read and check the catalogue.

    Parameters
    ----------
    override : Path, optional
        The user's own CSV with the columns `vendor`, `code`, `name`, `meaning` (any of the first
        three may be empty, not both code and name). Its rows go before ours.

    Returns
    -------
    Catalogue

    Raises
    ------
    InputError
        If a file names a meaning, cause or source that does not exist.

    Examples
    --------
    >>> catalogue = load_catalogue()
    >>> catalogue.meanings["vswr"].service_effect
    'degraded'
    """
    meanings = load_meanings(MEANINGS_FILE)
    words = load_words()
    sources = set(pd.read_csv(SOURCES_FILE, dtype=str)["source"])
    _check_words(words, meanings)
    entries = load_entries(CATALOGUE_FILE, "CAT", meanings, words=words, sources=sources)
    rows = () if override is None else load_entries(override, "USER", meanings, words=words)
    return Catalogue(meanings=meanings, entries=entries, overrides=rows, words=words)


def cause_weights(catalogue: Catalogue) -> Any:
    """Return the chance of each cause for each meaning.

    Parameters
    ----------
    catalogue : Catalogue

    Returns
    -------
    DataFrame of float, index `meaning`, one column per cause of the contract, in its order
        Rows sum to at most 1; the rest is the chance that the alarm stands for nothing customers
        feel.

    Examples
    --------
    >>> bool((cause_weights(load_catalogue()).sum(axis=1) <= 1).all())
    True
    """
    rows = {key: meaning.causes for key, meaning in catalogue.meanings.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=list(CAUSES))
    return table.fillna(0.0).rename_axis("meaning")


def read_meanings(catalogue: Catalogue, alarms: Any) -> Any:
    """Return what each alarm means.

    Each distinct combination of vendor, code, name and text is read once, in this order: the
    user's rows; the name as listed; the words of the name; the words of the supplementary text;
    the code; the probable cause. Where the meaning found allows it (`detail` in meanings.toml),
    the supplementary text then gives the cause: "CELL FAULTY" with "VSWR major alarm" is a
    standing wave that has put the cell out of service.

    Parameters
    ----------
    catalogue : Catalogue
    alarms : DataFrame, one row per alarm, any order and index
        Needs `name` (str); uses `vendor`, `code`, `detail` and `probable_cause` where present.

    Returns
    -------
    DataFrame, index of `alarms`
        `meaning`, `service_effect` (down, degraded, threat, none), `extent`, `filter_delay_s`
        (float), `basis` (one of `BASES`), `rule_id` (str), `is_engineering` (bool: the text says
        that the object is being worked on).

    Raises
    ------
    MissingColumnsError
        If `alarms` lacks `name`.

    Examples
    --------
    >>> alarms = pd.DataFrame({"name": ["CELL FAULTY", "门磁告警"], "detail": ["VSWR major", None]})
    >>> read_meanings(load_catalogue(), alarms)[["meaning", "service_effect"]].values.tolist()
    [['vswr', 'down'], ['environment', 'none']]
    """
    if "name" not in alarms.columns:
        msg = f"`alarms` lacks columns ['name']; it has {list(alarms.columns)}. Add it."
        raise MissingColumnsError(msg)
    texts, numbers = _distinct_texts(catalogue, alarms)
    rows, first = _distinct_rows(numbers, len(alarms))
    reader = _Reader(catalogue)
    readings = [
        reader.read(*(texts[name][numbers[name][at]] for name in _TEXTS)) for at in first.tolist()
    ]
    table = pd.DataFrame.from_records(readings, columns=list(Reading._fields))
    texts_of = ["meaning", "service_effect", "extent", "basis", "rule_id"]
    types = dict.fromkeys(texts_of, "str") | {"filter_delay_s": "float64", "is_engineering": "bool"}
    return table.astype(types).take(rows).set_axis(alarms.index, axis=0)


def unmapped(alarms: Any, meanings: Any) -> Any:
    """Return the alarms nothing is known about, the most frequent first.

    Parameters
    ----------
    alarms : DataFrame
        Needs `name`; `vendor` and `code` where present.
    meanings : DataFrame, index of `alarms`
        As `read_meanings` returns it.

    Returns
    -------
    DataFrame
        `vendor`, `code`, `name` (empty text where missing), `alarms` (count).

    Examples
    --------
    >>> alarms = pd.DataFrame({"name": ["Zork", "Zork", "Fan Stalled"]})
    >>> unmapped(alarms, read_meanings(load_catalogue(), alarms))["alarms"].tolist()
    [2]
    """
    keys = ["vendor", "code", "name"]
    lost = alarms.loc[(meanings["basis"] == "unknown").to_numpy()].reindex(columns=keys)
    counts = lost.astype("str").fillna("").value_counts(sort=False).rename("alarms").reset_index()
    order = ["alarms", *keys]
    return counts.sort_values(order, ascending=[False, True, True, True], ignore_index=True)


class Reading(NamedTuple):
    """What was read from one combination of texts; fields as in `read_meanings`."""

    meaning: str
    service_effect: str
    extent: str
    filter_delay_s: float
    basis: str
    rule_id: str
    is_engineering: bool


class _Reader:
    """Reads combinations of texts, each word search done once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._rules: dict[str, Rule | None] = {}

    def read(self, vendor: str, code: str, name: str, detail: str, cause: str) -> Reading:
        """Return the reading of one combination."""
        key, basis, rule_id = self._base(vendor, code, name, detail, cause)
        base = self.catalogue.meanings[key]
        refined = self._rule(detail) if base.detail != "ignore" else None
        meaning, effect = base, base.service_effect
        if refined is not None and refined.meaning != key and _is_telling(refined):
            told = self.catalogue.meanings[refined.meaning]
            if base.detail != "keep" or told.service_effect != "none":
                meaning, effect = told, _joint_effect(base, told)
                basis, rule_id = "detail", f"{rule_id}+{refined.rule_id}"
        extent = base.extent if base.detail == "keep" else meaning.extent
        engineering = self.catalogue.words.engineering
        is_engineering = bool(engineering.search(name) or engineering.search(detail))
        return Reading(
            meaning.meaning, effect, extent, base.filter_delay_s, basis, rule_id, is_engineering
        )

    def _base(
        self, vendor: str, code: str, name: str, detail: str, cause: str
    ) -> tuple[str, str, str]:
        """Return meaning, basis and rule id before the supplementary text refines them."""
        user, own = self.catalogue.user, self.catalogue.own
        if entry := user.find(vendor, name=name):
            return entry.meaning, "name", entry.rule_id
        if entry := user.find(vendor, code=code):
            return entry.meaning, "code", entry.rule_id
        if entry := own.find(vendor, name=name):
            return entry.meaning, "name", entry.rule_id
        rule = self._rule(name)
        if rule is not None and _is_telling(rule):
            return rule.meaning, "words", rule.rule_id
        told = self._rule(detail)
        if told is not None and _is_telling(told):
            return told.meaning, "detail", told.rule_id
        return self._last_resort(vendor, code, rule or told, cause=cause)

    def _last_resort(
        self, vendor: str, code: str, rule: Rule | None, *, cause: str
    ) -> tuple[str, str, str]:
        """Return what code, probable cause or a vague word say."""
        entry = self.catalogue.own.find(vendor, code=code)
        if entry is not None and entry.meaning != UNKNOWN:
            return entry.meaning, "code", entry.rule_id
        known = self.catalogue.words.probable_causes.get(cause)
        if known is not None:
            return known, "probable_cause", f"X733-{cause}"
        if rule is not None:
            return rule.meaning, "words", rule.rule_id
        return UNKNOWN, "unknown", ""

    def _rule(self, text: str) -> Rule | None:
        """Return the rule that reads a text."""
        if text not in self._rules:
            self._rules[text] = matching_rule(text, self.catalogue.words)
        return self._rules[text]


def _is_telling(rule: Rule) -> bool:
    """Return whether a rule has recognised more than a word any alarm may have."""
    return rule.specificity >= _VAGUE_BELOW


def _joint_effect(base: Meaning, told: Meaning) -> str:
    """Return the effect on service of an alarm whose text has told a meaning of its own."""
    if base.detail == "keep":
        return base.service_effect
    if base.detail == "cap":
        return min(told.service_effect, "degraded", key=EFFECTS.index)
    return told.service_effect


def _distinct_texts(
    catalogue: Catalogue, alarms: Any
) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """Return the distinct texts of each column as they are compared, and their number in each row.

    Number 0 is the empty text.
    """
    makers: dict[str, Callable[[str], str]] = {
        "vendor": lambda text: vendor_name(text, catalogue.words),
        "code": code_key,
        "name": name_key,
        "detail": plain_detail,
        "probable_cause": lambda text: "".join(text.lower().split()),
    }
    texts: dict[str, list[str]] = {}
    numbers: dict[str, Any] = {}
    for column, made in makers.items():
        if column not in alarms.columns:
            texts[column], numbers[column] = [""], np.zeros(len(alarms), dtype=np.int64)
            continue
        codes, values = pd.factorize(alarms[column])
        plain = ["", *(made(str(value)) for value in values)]
        lookup, unique = pd.factorize(np.array(plain, dtype=object))
        texts[column] = list(unique)
        numbers[column] = lookup[codes + 1].astype(np.int64)
    return texts, numbers


def _distinct_rows(numbers: Mapping[str, Any], count: int) -> tuple[Any, Any]:
    """Return the number of the combination of each row, and the first row of each combination."""
    combined = np.zeros(count, dtype=np.int64)
    for column in _TEXTS:
        width = int(numbers[column].max(initial=0)) + 1
        # Renumbered at each column so that the product of widths can't overflow.
        combined = pd.factorize(combined * width + numbers[column])[0].astype(np.int64)
    first = np.unique(combined, return_index=True)[1]
    return combined, first


def _check_words(words: Words, meanings: Mapping[str, Meaning]) -> None:
    """Raise where the words lead to a meaning that does not exist."""
    used = {rule.meaning for rule in words.rules} | set(words.probable_causes.values())
    strangers = sorted(used - set(meanings))
    if strangers:
        msg = f"`meaning` of a word rule must stand in meanings.toml; {strangers} do not. Add them."
        raise InputError(msg)
