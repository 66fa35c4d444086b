"""Read what each alarm means: its effect on service, its extent and its likely causes.

The name and the supplementary text decide first: by the catalogue, else by their words. The code
decides where they say nothing, because exports are found whose codes do not fit their names.

Simple so far: the weights of causes are judgement, not yet learned from closed orders.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from alarms.entries import Entry, EntryIndex, Meaning, load_entries, load_meanings
from alarms.readings import Combinations, Reader, Reading
from alarms.words import Words, load_words
from contract.causes import CAUSES
from contract.errors import InputError, MissingColumnsError

MEANINGS_FILE = Path(__file__).with_name("meanings.toml")
CATALOGUE_FILE = Path(__file__).with_name("catalogue.csv")
SOURCES_FILE = Path(__file__).with_name("sources.csv")

BASES = ("name", "code", "detail", "words", "probable_cause", "event_type", "unknown")


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
    user: Mapping[str, EntryIndex] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "own", EntryIndex.of(self.entries))
        by_object: dict[str, list[Entry]] = {}
        for entry in self.overrides:
            by_object.setdefault(entry.object_id, []).append(entry)
        user = {place: EntryIndex.of(tuple(rows)) for place, rows in by_object.items()}
        object.__setattr__(self, "user", user)


def load_catalogue(override: Path | None = None) -> Catalogue:
    """Read and check the catalogue.

    Parameters
    ----------
    override : Path, optional
        The user's own CSV with the columns `vendor`, `code`, `name`, `meaning` (any of the first
        three may be empty, not both code and name) and perhaps `object`: the object, mostly a site,
        that the row holds for. Its rows go before ours, those with an object before those without.

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
    the code; the probable cause; a vague word; the event type. Where the meaning found allows it
    (`detail` in meanings.toml), the supplementary text then gives the cause: "CELL FAULTY" with
    "VSWR major alarm" is a standing wave that has put the cell out of service.

    Parameters
    ----------
    catalogue : Catalogue
    alarms : DataFrame, one row per alarm, any order and index
        Needs `name` (str); uses `vendor`, `code`, `detail`, `probable_cause` and `event_type` (of
        X.733) where present, `object_id` and `site_id` where the user's rows name objects.

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
    reader = Reader(catalogue.meanings, catalogue.words, own=catalogue.own, user=catalogue.user)
    combinations = Combinations.of(alarms, reader)
    rows, distinct = combinations.rows()
    table = pd.DataFrame.from_records(
        [reader.read(said) for said in distinct], columns=list(Reading._fields)
    )
    types = dict.fromkeys(Reading._fields, "str") | {"filter_delay_s": "float64"}
    told = table.astype(types).take(rows).set_axis(alarms.index, axis=0)
    return told.assign(is_engineering=combinations.is_engineering)


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


def _check_words(words: Words, meanings: Mapping[str, Meaning]) -> None:
    """Raise where the words lead to a meaning that does not exist."""
    used = {rule.meaning for rule in words.rules}
    used |= set(words.probable_causes.values()) | set(words.event_types.values())
    strangers = sorted(used - set(meanings))
    if strangers:
        msg = f"`meaning` of a word rule must stand in meanings.toml; {strangers} do not. Add them."
        raise InputError(msg)
