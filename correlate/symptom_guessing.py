"""Guess the symptom of a wording that no rule reads from wordings whose symptom is known.

The examples are the phrases of the lexicon and a table of whole complaints. The guess is a ridge
regression on pieces of words, one answer per symptom, its certainty fitted on answers for each
example when that example is left out. It abstains where it is not sure enough. Simple so far: the
examples ship with the package; texts of the operator that rules read surely were tried as more
examples and guessed worse.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.preprocessing import normalize as unit_length

from contract.errors import InputError
from correlate.lexicon import Lexicon, View, default_lexicon, view_of, without_negated
from correlate.word_pieces import piece_table

__all__ = ["guessed"]

EXAMPLES_FILE = Path(__file__).with_name("symptom_examples.csv")
COLUMNS = ("symptom", "text", "source", "verified")
LEAST_SURE = 0.35
"""Least probability of a guess; below it there is none (start value)."""
NOTHING = ""
"""What an example is of that says nothing of a symptom ("there is a problem")."""
RIDGE = 0.3
"""Ridge of the regression, in units of a text's own likeness (start value)."""
SHARPEST = 40.0
"""Greatest factor from answers to log probabilities."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Guesser:
    """What was learned from the examples."""

    kinds: tuple[str, ...]
    examples: sparse.csr_matrix
    rarity: Floats
    weights: Floats
    usual: Floats
    sharpness: float


def guessed(views: Sequence[View], lexicon: Lexicon) -> list[tuple[str, float]]:
    """Return the likeliest symptom of each text and its probability, empty and 0 where unsure.

    Parameters
    ----------
    views : sequence of View
        From `lexicon.view_of`.
    lexicon : Lexicon
        Its phrases are examples too; what it says is not wrong is left out of account.

    Returns
    -------
    list of (str, float)
        Symptom code and probability, at least `LEAST_SURE`; else ("", 0.0).

    Raises
    ------
    InputError
        If the table of examples lacks a column or names an unknown symptom.

    Examples
    --------
    >>> from correlate.lexicon import default_lexicon
    >>> known = default_lexicon()
    >>> guessed([view_of("嘟嘟响几下就没反应打不通", known)], known)[0][0]
    'NOCALL'
    >>> guessed([view_of("请尽快联系我", known)], known)
    [('', 0.0)]
    """
    if not views:
        return []
    model = _learned(lexicon.codes, lexicon.phrases)
    table = _weighed(piece_table(_said(views, lexicon)), model.rarity)
    answers = np.asarray((table @ model.examples.T) @ model.weights) + model.usual
    chances = softmax(model.sharpness * answers, axis=1)
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    sure = np.where(np.asarray(table.getnnz(axis=1)) > 0, sure, 0.0)
    kinds = [model.kinds[kind] for kind in best.tolist()]
    return [
        (kind, chance) if kind != NOTHING and chance >= LEAST_SURE else (NOTHING, 0.0)
        for kind, chance in zip(kinds, sure.tolist(), strict=True)
    ]


def _said(views: Sequence[View], lexicon: Lexicon) -> pd.Series:
    """Return what texts say, without what they say is not wrong."""
    kept = [without_negated(view, lexicon) for view in views]
    return pd.Series([f"{view.zh} {view.en}" for view in kept], dtype="str")


def _weighed(table: sparse.csr_matrix, rarity: Floats) -> sparse.csr_matrix:
    """Weigh pieces by how rare they are, each text of unit length."""
    return unit_length(table.multiply(rarity).tocsr())


@cache
def _learned(codes: tuple[str, ...], phrases: tuple[tuple[str, str], ...]) -> _Guesser:
    """Learn from the phrases and the table of examples, once."""
    lexicon = default_lexicon()
    known = [*phrases, *_read_examples(codes)]
    table = piece_table(_said([view_of(text, lexicon) for _, text in known], lexicon))
    rarity = np.log((1.0 + len(known)) / (1.0 + np.asarray(table.sum(axis=0)).ravel()))
    examples = _weighed(table, rarity)
    kinds = (*codes, NOTHING)
    answers = np.array([[float(kind == own) for kind in kinds] for own, _ in known])
    usual = answers.mean(axis=0)
    inverse = np.linalg.inv((examples @ examples.T).toarray() + RIDGE * np.eye(len(known)))
    weights = inverse @ (answers - usual)
    left_out = answers - weights / np.diag(inverse)[:, None]
    return _Guesser(kinds, examples, rarity, weights, usual, _sharpness(left_out, answers))


def _sharpness(left_out: Floats, answers: Floats) -> float:
    """Return the factor that makes answers for examples left out most probable."""
    fit = minimize_scalar(
        lambda factor: -float((log_softmax(factor * left_out, axis=1) * answers).sum()),
        bounds=(0.1, SHARPEST),
        method="bounded",
    )
    return float(fit.x)


def _read_examples(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Read the table of examples and check it."""
    rows = pd.read_csv(EXAMPLES_FILE, dtype="str", keep_default_na=False)
    if missing := [name for name in COLUMNS if name not in rows]:
        msg = f"`symptom_examples` lacks columns {missing}; it has {list(rows)}."
        raise InputError(msg)
    if strange := sorted(set(rows["symptom"]) - {*codes, NOTHING}):
        msg = f"`symptom_examples` needs symptoms of the lexicon; {strange} are not among {codes}."
        raise InputError(msg)
    return list(zip(rows["symptom"], rows["text"], strict=True))
