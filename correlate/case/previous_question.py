"""Recognise what the previous node of a work order asks, so that the reply can answer it point by point.

What it says it has done or found ("account verified", "已核实无欠费") is set aside first: a statement is no question.

Simple so far: kinds of question are recognised by words, clause by clause; a question outside them counts as one about
faults.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("previous_question.toml")
CLAUSE_ENDS = re.compile(r"[。;!\n]|,(?!\d)|(?<=[a-z])\.\s|(?<=\?)")
ASKING = re.compile(r"[请烦望需?]|please|\bpls\b|\bneed\b|\brequest")


@dataclass(frozen=True)
class QuestionWords:
    """The words of each kind of question, in the order of answering, and those of statements."""

    kinds: Mapping[str, re.Pattern[str]]
    done: re.Pattern[str]


@cache
def load_question_words() -> QuestionWords:
    """Return the words by which questions are recognised."""
    rows = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))

    def pattern(name: str) -> re.Pattern[str]:
        return re.compile("|".join(rows[name]["zh"] + rows[name]["en"]))

    return QuestionWords({kind: pattern(kind) for kind in rows["order"]}, pattern("done"))


def asked_kinds(opinion: str) -> list[str]:
    """Return the kinds of question that the previous node's opinion asks, in the order of answering.

    Parameters
    ----------
    opinion : str
        Chinese or English; empty asks nothing.

    Returns
    -------
    list of str
        Of `fault`, `recovery`, `planned_site`, `coverage`, `account`, `terminal`, `on_site`, `callback`.

    Examples
    --------
    >>> asked_kinds("用户无欠费停机,已指导重启仍无效,请网络部核实故障原因并答复恢复时间。")
    ['fault', 'recovery']
    >>> asked_kinds("Account verified active. Please check whether a new site is planned there")
    ['planned_site']
    >>> asked_kinds("")
    []
    """
    words = load_question_words()
    found: set[str] = set()
    plain = unicodedata.normalize("NFKC", opinion).lower()
    clauses = [part.strip() for part in CLAUSE_ENDS.split(plain) if part.strip()]
    for clause in clauses:
        asks = _kinds_of(clause, words)
        if words.done.search(clause) and not ASKING.search(clause):
            continue
        found |= asks
    if not found and ASKING.search(plain):
        found = {"fault"}
    return [kind for kind in words.kinds if kind in found]


def _kinds_of(clause: str, words: QuestionWords) -> set[str]:
    """Return the kinds that a clause asks; the general one only where no other does."""
    kinds = {kind for kind, pattern in words.kinds.items() if pattern.search(clause)}
    special = kinds - {"fault", "callback"}
    is_only_fault = "fault" in kinds and not special
    return kinds if is_only_fault or "recovery" in kinds else (special | (kinds & {"callback"}))
