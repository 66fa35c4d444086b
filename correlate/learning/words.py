"""Learn what wordings say of causes from closed orders, and keep it so that it can be read.

The model is that of `correlate.words`; a file has the pieces of words themselves, those that several orders use, with
their weight for each cause. Place names and numbers are taken out before anything is learned.

A piece that fewer orders use than `MOST_PRIVATE` is not kept, so that no name of a person is.

Simple so far: weights too small to matter are left out, old orders count as much as new ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import HashingVectorizer

from correlate.learning.orders import Evidence
from correlate.word_pieces import COLUMNS, piece_table, pieces
from correlate.words import WordModel, learn_words, stated_names, word_likelihoods

MOST_PRIVATE = 5
"""Orders that must use a piece before it is kept (START value)."""
LEAST_WEIGHT = 0.02
MOST_SHOWN = 3
"""Pieces shown of those that share a column."""


def learn_wording(evidence: Evidence) -> WordModel:
    """Return what the wordings of orders say of their causes, beyond what is known of them already."""
    causes = pd.Series([evidence.causes[c] for c in evidence.closed_as], dtype="str")
    known = pd.DataFrame(evidence.words - evidence.read, columns=list(evidence.causes))
    model = learn_words(evidence.orders["text"], causes, known=known)
    return _kept(model, evidence.orders["text"])


def apply_wording(model: WordModel, evidence: Evidence) -> Evidence:
    """Return orders weighed with their wordings."""
    log = word_likelihoods(model, evidence.orders["text"])
    return evidence.with_words(
        log.reindex(columns=list(evidence.causes), fill_value=0.0).to_numpy(float)
    )


def _kept(model: WordModel, texts: pd.Series) -> WordModel:
    """Return a model without the pieces that few orders use."""
    if not model.causes:
        return model
    used = np.asarray(piece_table(texts).sum(axis=0)).ravel()[model.kept] >= MOST_PRIVATE
    rows = np.concatenate([used, np.ones(len(model.weights) - len(used), bool)])
    weights = np.where(np.abs(model.weights) < LEAST_WEIGHT, 0.0, model.weights.round(3))[rows]
    return WordModel(
        model.causes, model.examples, model.kept[used], model.rarity[used].round(4), weights
    )


def word_entries(model: WordModel, texts: pd.Series) -> list[dict[str, object]]:
    """Return an entry for each cause, each piece of words and each symptom of a model.

    Parameters
    ----------
    texts : Series of str
        Those it was learned from: they tell which piece each column stands for.
    """
    entries: list[dict[str, object]] = [
        {"cause": cause, "orders": int(n)}
        for cause, n in zip(model.causes, model.examples, strict=True)
    ]
    if not model.causes:
        return entries
    shown, counts = _pieces_of(texts, model.kept)
    for row, column in enumerate(model.kept.tolist()):
        entries.append(
            {
                "piece": shown.get(column, ""),
                "column": column,
                "orders": counts.get(column, 0),
                "rarity": float(model.rarity[row]),
                "weights": _named(model, row),
            }
        )
    first = len(model.kept)
    entries += [
        {"stated": name, "weights": _named(model, first + i)}
        for i, name in enumerate(stated_names())
    ]
    return entries


def words_of(entries: Sequence[Mapping[str, Any]]) -> WordModel:
    """Return the model that entries tell of; symptoms that are not known any more are left out."""
    told = [e for e in entries if "cause" in e]
    causes = tuple(str(e["cause"]) for e in told)
    rows = [e for e in entries if "column" in e]
    stated = {str(e["stated"]): e["weights"] for e in entries if "stated" in e}
    weights = [e["weights"] for e in rows] + [stated.get(name, {}) for name in stated_names()]
    return WordModel(
        causes,
        np.array([int(e["orders"]) for e in told], np.int64),
        np.array([int(e["column"]) for e in rows], np.int64),
        np.array([float(e["rarity"]) for e in rows]),
        np.array([[float(w.get(c, 0.0)) for c in causes] for w in weights]),
    )


def _named(model: WordModel, row: int) -> dict[str, float]:
    """Return the weights of a row by cause, those that are nothing left out."""
    return {
        cause: float(w)
        for cause, w in zip(model.causes, model.weights[row].tolist(), strict=True)
        if abs(w) >= LEAST_WEIGHT
    }


def _pieces_of(texts: pd.Series, kept: np.ndarray) -> tuple[dict[int, str], dict[int, int]]:
    """Return the commonest pieces of each column, and how many texts use it."""
    uses: dict[str, int] = {}
    for text in texts.fillna("").astype(str):
        for piece in set(pieces(text)):
            uses[piece] = uses.get(piece, 0) + 1
    common = sorted((p for p, n in uses.items() if n >= MOST_PRIVATE), key=lambda p: (-uses[p], p))
    hashing = HashingVectorizer(
        analyzer=lambda piece: [piece], n_features=COLUMNS, norm=None, alternate_sign=False
    )
    columns = hashing.transform(common).indices.tolist() if common else []
    shown: dict[int, list[str]] = {}
    counts: dict[int, int] = {}
    for piece, column in zip(common, columns, strict=True):
        shown.setdefault(column, []).append(piece)
        counts[column] = max(counts.get(column, 0), uses[piece])
    wanted = set(kept.tolist())
    return (
        {c: " | ".join(p[:MOST_SHOWN]) for c, p in shown.items() if c in wanted},
        {c: n for c, n in counts.items() if c in wanted},
    )
