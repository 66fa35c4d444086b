"""List the ways in which people write the name of a place: in full, short, without its prefix.

Simple so far: how well a form stands for its place is a constant of the kind of form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sites.names import is_latin, site_place, without_serial, without_suffix
from sites.place_words import PlaceWords, normal_name

SHORT_FORM_QUALITY = 0.7
SERIAL_LOST_QUALITY = 0.8
PREFIX_LOST_QUALITY = 0.9
# County and town.
MOST_PREFIXES = 2
# What is left of "Ashford North" is no name.
GENERAL = frozenset(("north", "south", "east", "west", "centre", "central", "new", "old"))
# A site called like its town is as often the town that is meant.
NAMESAKE_QUALITY = 0.3


def meanings_of(entries: pd.DataFrame, words: PlaceWords) -> pd.DataFrame:
    """Return every key with the entry it may mean, its quality, and the kind of form.

    `is_short`: counts only where a name could begin; `is_area_name`: a site's, but an area's too.
    """
    outer = _outer_names(entries, words)
    counties = set(entries.loc[entries["kind"] == "county", "name"])
    rows = [
        (key, number, quality, is_short)
        for number, (name, kind) in enumerate(zip(entries["name"], entries["kind"], strict=True))
        for key, quality, is_short in _written_forms(name, kind, words, outer)
        if kind != "seat" or name not in counties
        if len(key) >= (3 if is_latin(key) else 2)
    ]
    table = pd.DataFrame(rows, columns=["key", "entry", "quality", "is_short"])
    innermost = {key: _innermost(key, outer) for key in table["key"].unique()}
    is_site = (entries["kind"] == "site").to_numpy()[table["entry"].to_numpy(int)]
    table["is_area_name"] = is_site & table["key"].map(innermost).ne("").to_numpy(bool)
    table["quality"] = table["quality"].where(~table["is_area_name"], NAMESAKE_QUALITY)
    return pd.concat([table, _area_meanings(table, entries, innermost)], ignore_index=True)


def _area_meanings(
    table: pd.DataFrame, entries: pd.DataFrame, innermost: Mapping[str, str]
) -> pd.DataFrame:
    """Return the areas that sites are called after as meanings of the names of those sites."""
    areas = entries["kind"].isin(["town", "county"]).to_numpy(bool)
    named = table[areas[table["entry"].to_numpy(int)]]
    keys = table.loc[table["is_area_name"], ["key", "is_short"]].drop_duplicates("key")
    keys = keys.assign(inner=keys["key"].map(innermost))
    found = keys.merge(named.drop(columns="is_short"), left_on="inner", right_on="key")
    return found.rename(columns={"key_x": "key"})[table.columns]


@dataclass(frozen=True)
class _Outer:
    """Names of areas, and how long those of each beginning of two letters are, the longest first."""

    names: frozenset[str]
    lengths: Mapping[str, tuple[int, ...]]


def _innermost(key: str, outer: _Outer) -> str:
    """Return the last area in a key that is made of names of areas alone, else nothing."""
    rest = key
    while rest and rest not in outer.names:
        shorter = _without_prefix(rest, outer)
        if shorter == rest:
            return ""
        rest = shorter
    return rest


def _without_prefix(place: str, outer: _Outer) -> str:
    """Return a place without the longest name of an area that it begins with."""
    for size in outer.lengths.get(place[:2], ()):
        prefix, rest = place[:size], place[size:]
        if rest and prefix in outer.names and not (is_latin(prefix) and rest[0].isalnum()):
            return rest.strip()
    return place


def _written_forms(
    name: str, kind: str, words: PlaceWords, outer: _Outer
) -> list[tuple[str, float, bool]]:
    """Return the ways in which an entry may be written: key, quality, is a short form."""
    full = normal_name(name)
    if kind in ("network", "site"):
        return _site_forms(full, site_place(name, words), outer) if kind == "site" else []
    forms = [(full, 1.0, False)]
    if kind in ("county", "town", "village"):
        short = without_suffix(full, words.words[f"{kind}_suffix"])
        if short != full:
            forms.append((short, SHORT_FORM_QUALITY, not is_latin(short)))
    return forms


def _site_forms(full: str, place: str, outer: _Outer) -> list[tuple[str, float, bool]]:
    """Return the ways in which people write the place that a site is named after."""
    forms = [(full, 1.0, False), (place, 1.0, False)]
    rest = place
    for _ in range(MOST_PREFIXES):
        shorter = _without_prefix(rest, outer)
        if shorter == rest or len(shorter) < 2 or shorter.isdigit() or shorter in GENERAL:
            break
        rest = shorter
        forms.append((rest, PREFIX_LOST_QUALITY, len(rest) < 3))
    for key, quality, is_short in tuple(forms):
        bare = without_serial(key)
        if bare != key and bare not in outer.names:
            forms.append((bare, quality * SERIAL_LOST_QUALITY, is_short))
    return forms


def _outer_names(entries: pd.DataFrame, words: PlaceWords) -> _Outer:
    """Return names of towns and counties, full and short, that a site's name may begin with."""
    names = {normal_name(name) for name in entries.loc[entries["kind"] == "seat", "name"]}
    for kind in ("town", "county"):
        full = {normal_name(name) for name in entries.loc[entries["kind"] == kind, "name"]}
        names |= full | {without_suffix(name, words.words[f"{kind}_suffix"]) for name in full}
    names = {name for name in names if len(name) >= 2}
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[:2], set()).add(len(name))
    ordered = {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
    return _Outer(frozenset(names), ordered)


def numbered_keys(meanings: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
    """Return the distinct keys in order and the number of the key of each meaning."""
    keys = meanings.groupby("key", sort=True)["is_short"].all().reset_index()
    number = pd.Index(keys["key"]).get_indexer(pd.Index(meanings["key"]))
    return keys, number
