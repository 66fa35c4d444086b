"""Read what a text says about where a place lies beside, between or away from places it names.

"2 km north of X" moves the disc of X, "between X and Y" lays discs along the way, "3 km from X"
widens it.

Simple so far: the way between two places is straight, and only neighbouring names are related.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sites.word_tables import read_rows

RELATIONS_FILE = Path(__file__).with_name("relations.toml")
TABLES = ("bearings", "units", "numbers", "joining", "between", "away", "towards")
# How far around names words of relation are looked for.
BEFORE, AFTER = 36, 16
# A way said without a distance, and the furthest said in earnest, metres.
USUAL_M, FURTHEST_M = 300.0, 30_000.0

Hit = tuple[int, int, int]


@dataclass(frozen=True)
class Relations:
    """Patterns of relative words, and what their words are worth.

    `trigger` tells texts that may relate places. Behind a name `side` reads a bearing and `far` a
    distance, ahead of it `before` reads both. `joining`, `between_before`, `between_after` make
    two names the ends of a way, `away` makes a distance one without bearing, `towards` a second
    name a direction. `worth` has degrees of bearings, metres of units, values of numbers.
    """

    trigger: re.Pattern[str]
    side: re.Pattern[str]
    far: re.Pattern[str]
    before: re.Pattern[str]
    joining: re.Pattern[str]
    between_before: re.Pattern[str]
    between_after: re.Pattern[str]
    away: re.Pattern[str]
    towards: re.Pattern[str]
    worth: Mapping[str, float]


@dataclass(frozen=True)
class Relation:
    """One place by another: keys of the names, metres, bearing in degrees (NaN where not said).

    `other` is the far end of a way or the place towards which, -1 for none; `is_between` tells
    which of these.
    """

    key: int
    other: int
    is_between: bool
    distance_m: float
    bearing_deg: float


def load_relations(path: Path | None = None) -> Relations:
    """Return the relative words of a TOML file of the form of ``relations.toml``.

    Parameters
    ----------
    path : Path, optional
        The user's own file; the one beside this module by default.

    Returns
    -------
    Relations

    Raises
    ------
    InputError
        If the file cannot be read, or a table, a `source` or `verified` is missing.
    """
    return _patterns(read_rows(path or RELATIONS_FILE, TABLES, "relative words"))


def relation_in(relations: Relations, text: str, hits: Sequence[Hit]) -> Relation | None:
    """Return the relation that a normal text states of the names found in it, if any.

    Parameters
    ----------
    relations : Relations
    text : str
    hits : sequence of (start, end, key)
        As returned by :func:`sites.names.hits_in`.

    Returns
    -------
    Relation or None
        The first way between two names, else the first bearing or distance.

    Examples
    --------
    >>> known = load_relations()
    >>> found = relation_in(known, "no bars 2 km north of oakover", [(22, 29, 0)])
    >>> found.distance_m, found.bearing_deg
    (2000.0, 0.0)
    >>> relation_in(known, "石沟和大河之间没信号", [(0, 2, 4), (3, 5, 7)]).other
    7
    """
    if not hits or relations.trigger.search(text) is None:
        return None
    for first, second in zip(hits, hits[1:], strict=False):
        if found := _of_two(relations, text, first, second):
            return found
    for hit in hits:
        if found := _of_one(relations, text, hit):
            return found
    return None


def _of_two(relations: Relations, text: str, first: Hit, second: Hit) -> Relation | None:
    """Return what two neighbouring names say together."""
    gap = text[first[1] : second[0]]
    after = text[second[1] : second[1] + AFTER]
    ahead = text[max(0, first[0] - BEFORE) : first[0]]
    if relations.joining.fullmatch(gap) and (
        relations.between_after.match(after) or relations.between_before.search(ahead)
    ):
        return Relation(first[2], second[2], True, np.nan, np.nan)
    if relations.towards.fullmatch(gap):
        distance = _distance(relations, relations.far.search(after))
        if np.isfinite(distance) or after.startswith("方向"):
            return Relation(first[2], second[2], False, distance, np.nan)
    return None


def _of_one(relations: Relations, text: str, hit: Hit) -> Relation | None:
    """Return the bearing and distance beside one name."""
    ahead = text[max(0, hit[0] - BEFORE) : hit[0]]
    found = relations.before.search(ahead)
    if found is not None and (found["bearing"] or found["unit"]):
        bearing = relations.worth.get(found["bearing"] or "", np.nan)
        return Relation(hit[2], -1, False, _distance(relations, found), bearing)
    behind = text[hit[1] : hit[1] + AFTER]
    side, far = relations.side.match(behind), relations.far.match(behind)
    if side is not None:
        distance = _distance(relations, relations.far.match(behind[side.end() :]))
        return Relation(hit[2], -1, False, distance, relations.worth[side["bearing"]])
    if far is None or relations.away.search(ahead) is None:
        return None
    late = relations.side.search(behind[far.end() :])
    bearing = relations.worth[late["bearing"]] if late else np.nan
    return Relation(hit[2], -1, False, _distance(relations, far), bearing)


def _distance(relations: Relations, found: re.Match[str] | None) -> float:
    """Return the metres that a match states, NaN for none or too far."""
    if found is None:
        return float("nan")
    number, unit = found["number"], found["unit"]
    if not number or not unit:
        return float("nan")
    count = relations.worth.get(number)
    metres = (float(number) if count is None else count) * relations.worth[unit]
    return metres if 0.0 < metres <= FURTHEST_M else float("nan")


def _patterns(rows: Mapping[str, Any]) -> Relations:
    """Return the patterns made of the words."""
    bearing, unit = (_either(w for w, _ in rows[table]) for table in ("bearings", "units"))
    number = rf"\d+(?:\.\d+)?|{_either(w for w, _ in rows['numbers'])}"
    far = rf"(?P<number>{number})\s*(?P<unit>{unit})(?![a-z])"
    about = r"(?:约|大约|大概|差不多|有|不到|about )?\s*"
    side = rf"[,\s]*(?:在|村|镇|乡|的|上)*(?:往|以|向|偏|朝|正)?(?P<bearing>{bearing})"
    before = rf"(?:{far}\s*(?:to the |due |away )?)?(?:(?P<bearing>{bearing})\s+)?(?:of|from)\s+(?:the )?$"
    between = _either(rows["between"])
    table = {
        word: float(worth) for t in ("bearings", "units", "numbers") for word, worth in rows[t]
    }
    return Relations(
        trigger=re.compile(rf"{between}|{bearing}|{_either(rows['towards'])}|{unit}"),
        side=re.compile(rf"{side}(?:边|面|头|侧|方向|方|部|(?={about}(?:{far})))"),
        far=re.compile(rf"[,\s]*{about}{far}"),
        before=re.compile(rf"(?<![a-z]){before}"),
        joining=re.compile(rf"\s*(?:村|镇|乡)?\s*(?:{_either(rows['joining'])})\s*(?:the )?"),
        between_before=re.compile(rf"(?<![a-z])(?:{between})\s+(?:the )?$"),
        between_after=re.compile(
            rf"\s*(?:村|镇|乡)?\s*(?:的|那|这)?(?:两村|两地|段)?(?:{between})"
        ),
        away=re.compile(rf"(?:{_either(rows['away'])})$"),
        towards=re.compile(rf"\s*(?:村|镇|乡)?\s*(?:{_either(rows['towards'])})\s*(?:the )?"),
        worth=table,
    )


def _either(words: Iterable[str]) -> str:
    """Return a pattern of any of some words, the longest first."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word) for word in ordered) + ")"
