"""Match the columns of an unknown export to the columns of the contract, by header and by values.

Simple so far: a column feeds one column of a table; what several columns make is left to recipes.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from contract.header_words import HeaderWords, Wanted, canonical, likeness
from contract.headers import plain_header
from contract.mapping_files import SHIPPED
from contract.tables import TABLES
from contract.value_forms import STRICT, form_of, form_share
from contract.word_lists import WordList, load_word_list

LEAST = 0.45
"""Least score of a match; judgement."""
CLOSE = 0.08
"""Scores this near to each other leave a doubt; judgement."""
BY_VALUES = {"mobile": 0.55, "cgi": 0.5, "time": 0.46, "prose": 0.48, "code": 0.46}
"""Score of a match that rests on values alone."""
_IGNORED = 0.5
_PART = 0.8
_LATER, _LATEST = 0.002, 20
"""Of several words that fit exactly the earlier in the list is the better."""


@dataclass(frozen=True)
class Match:
    """A column of an export that may be a column of the contract.

    Attributes
    ----------
    header
        Column of the export.
    score
        0 to 1.
    rivals
        Other columns of the export that fit nearly as well.
    share
        Share of its values that have the form; a half where there are none.
    is_by_values
        Whether the header says nothing.
    """

    header: str
    score: float
    rivals: tuple[str, ...] = ()
    share: float = 1.0
    is_by_values: bool = False


@dataclass
class Sample:
    """Rows of an export and what has been found out about its columns."""

    frame: pd.DataFrame
    words: HeaderWords
    shares: dict[tuple[str, str, str], float] = field(default_factory=dict)
    lists: dict[str, WordList] = field(default_factory=dict)

    def share(self, header: str, wanted: Wanted) -> float:
        """Return the share of the values of a column that have the form of another."""
        column = TABLES[wanted.table].column(wanted.name)
        form = form_of(column, wanted.form)
        scope = wanted.name if form in ("choice", "flag") else ""
        key = (header, form, scope)
        if key not in self.shares:
            words = self.word_list(wanted)
            self.shares[key] = form_share(self.frame[header], form, column=column, words=words)
        return self.shares[key]

    def plain_share(self, header: str, form: str) -> float:
        """Return the share of the values of a column that have a form."""
        key = (header, form, "")
        if key not in self.shares:
            self.shares[key] = form_share(self.frame[header], form)
        return self.shares[key]

    def word_list(self, wanted: Wanted) -> WordList | None:
        """Return the words that stand for the values of a column."""
        if wanted.word_list and wanted.word_list not in self.lists:
            path = SHIPPED / f"{wanted.word_list}.csv"
            self.lists[wanted.word_list] = load_word_list(path)
        if wanted.word_list:
            return self.lists[wanted.word_list]
        return self.words.choices.get(wanted.name)


def matches(sample: Sample, table: str) -> dict[str, Match]:
    """Return the best match of each column of a table, no column of the export taken twice.

    Parameters
    ----------
    sample : Sample
    table : str

    Returns
    -------
    dict of Match
        By column of the contract; a column without a match is not there.
    """
    wanted = sample.words.wanted[table]
    headers = list(sample.frame)
    scores = np.array([[_score(sample, header, each) for each in wanted] for header in headers])
    if not scores.size:
        return {}
    rows, columns = linear_sum_assignment(np.where(scores >= LEAST, scores**2, 0.0), maximize=True)
    found = {}
    for row, column in zip(rows, columns, strict=True):
        score = float(scores[row, column])
        if score < LEAST:
            continue
        near = np.flatnonzero(scores[:, column] >= max(LEAST, score - CLOSE))
        rivals = tuple(
            headers[i] for i in near if i != row and i not in rows[scores[rows, columns] > score]
        )
        header = headers[row]
        by_values = likeness(header, wanted[column].words) < LEAST
        share = sample.share(header, wanted[column])
        found[wanted[column].name] = Match(header, round(score, 2), rivals, share, by_values)
    return found


def part_matches(sample: Sample) -> dict[str, Match]:
    """Return the columns of the export that are the parts recipes need."""
    found: dict[str, Match] = {}
    for name, part in sample.words.parts.items():
        scores = {header: likeness(header, part.words) for header in sample.frame}
        header = max(scores, key=lambda key: scores[key], default="")
        if scores.get(header, 0.0) >= _PART:
            found[name] = Match(header, scores[header])
    return found


def _score(sample: Sample, header: str, wanted: Wanted) -> float:
    """Return how far a column of the export is a column of the contract, 0 to 1."""
    alike = likeness(header, wanted.words)
    place = _place(header, wanted)
    if place is not None:
        alike -= _LATER * min(place, _LATEST)
    is_ignored = canonical(header) in sample.words.ignored
    if is_ignored and place is None:
        alike *= _IGNORED
    form = form_of(TABLES[wanted.table].column(wanted.name), wanted.form)
    if alike < LEAST:
        return 0.0 if is_ignored else _by_values(sample, header, wanted, form)
    share = sample.share(header, wanted)
    if form in STRICT:
        return alike * (0.5 + 0.5 * share)
    return alike * (0.85 + 0.15 * share)


def _place(header: str, wanted: Wanted) -> int | None:
    """Return the place of a header among the words of a column; null where it is none of them."""
    plain = plain_header(header)
    return next((i for i, word in enumerate(wanted.words) if plain_header(word) == plain), None)


def _by_values(sample: Sample, header: str, wanted: Wanted, form: str) -> float:
    """Return how far the values alone make a column what it is."""
    if sample.frame[header].notna().sum() == 0:
        return 0.0
    form = {"cell_id": "cgi", "neighbour_id": "cgi", "ticket_id": "code"}.get(wanted.name, form)
    form = "prose" if (wanted.table, wanted.name) == ("complaints", "text") else form
    is_required = TABLES[wanted.table].column(wanted.name).is_required
    if form not in BY_VALUES or (form == "time" and not is_required):
        return 0.0
    share = sample.plain_share(header, form)
    return BY_VALUES[form] if share >= 0.9 else 0.0
