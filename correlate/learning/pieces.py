"""Learn each thing that closed orders teach in the same way: from orders, applied to orders, told as entries.

Simple so far: what is learned of one thing never changes what was learned of another before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from correlate.knowledge import Knowledge
from correlate.learning.background import apply_background, background_entries, learn_background
from correlate.learning.orders import Evidence
from correlate.learning.profiles import (
    AGE_ENDS_H,
    HOUR_ENDS,
    apply_ages,
    apply_hours,
    apply_symptoms,
    learn_ages,
    learn_hours,
    learn_symptoms,
    symptom_entries,
    time_entries,
)
from correlate.learning.signs import apply_signs, learn_signs, sign_entries
from correlate.learning.words import apply_wording, learn_wording, word_entries


@dataclass(frozen=True)
class Piece:
    """One thing to learn: from orders, how it changes what is weighed of orders, and its entries.

    `tell` takes what was learned and the orders it was learned from.
    """

    learn: Callable[[Evidence], Any]
    apply: Callable[[Any, Evidence], Evidence]
    tell: Callable[[Any, Evidence], list[dict[str, object]]]


def pieces_for(knowledge: Knowledge) -> Mapping[str, Piece]:
    """Return what is learned of weighing orders, by name, in the order in which it is."""
    codes, causes = knowledge.codes, knowledge.signatures.causes
    return {
        "background": Piece(
            learn_background, apply_background, lambda m, _: background_entries(m, codes)
        ),
        "symptoms": Piece(
            lambda e: learn_symptoms(e, knowledge.profiles),
            lambda m, e: apply_symptoms(m, e, knowledge.profiles),
            lambda m, _: symptom_entries(m),
        ),
        "hours": Piece(learn_hours, apply_hours, lambda m, _: time_entries(m, codes, HOUR_ENDS)),
        "words": Piece(
            learn_wording, apply_wording, lambda m, e: word_entries(m, e.orders["text"])
        ),
        "signs": Piece(
            lambda e: learn_signs(e, knowledge.signatures),
            apply_signs,
            lambda m, _: sign_entries(m, causes),
        ),
        "ages": Piece(learn_ages, apply_ages, lambda m, _: time_entries(m, causes, AGE_ENDS_H)),
    }
