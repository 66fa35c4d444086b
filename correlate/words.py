"""Learn from the operator's own closed orders what a wording says of its cause.

The profiles say what customers of each cause state everywhere; the words learn what is left over
at this operator: its agents' shorthand, its local mix. So their result is added to
`profiles.symptom_log_likelihood`. Simple so far: one weight per piece of a word and cause, one
fixed share of wrong verdicts, no forgetting of old orders.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn.preprocessing import normalize as unit_length

from correlate.lexicon import default_lexicon, normalise
from correlate.profiles import UNKNOWN, Profiles, load_profiles, symptom_log_likelihood
from correlate.symptoms import read_symptoms
from correlate.word_pieces import CHINESE_RUN, piece_table

LEAST_EXAMPLES = 3
"""Verdicts a cause, and texts a piece of a word, must have to be learned."""
LIMIT = 4.0
"""Greatest log likelihood ratio the words may claim."""
SHRINKAGE = 2.0
"""Ridge that holds the weights at nothing until examples pull them (start value)."""
WRONG_VERDICTS = 0.10
"""Share of verdicts taken to name a wrong cause (start value)."""
SYMPTOM_SCALE = 0.5
"""Weight of a symptom or flag beside the pieces of words (start value)."""
ROUNDS = 40
"""Most rounds of the optimiser."""

Floats = NDArray[np.float64]
_log = logging.getLogger(__name__)
_NOT_TEXT = ("dominant", "handset", "second_number", "service")


@dataclass(frozen=True)
class WordModel:
    """What was learned from closed orders; made by `learn_words`.

    Attributes
    ----------
    causes : tuple of str
        Causes learned.
    examples : ndarray of int, shape (causes,)
        Verdicts each was learned from.
    kept : ndarray of int
        Hashed columns in use.
    rarity : ndarray of float, shape (kept,)
        Weight of each by how rare it is.
    weights : ndarray of float, shape (kept + symptoms and flags, causes)
    """

    causes: tuple[str, ...]
    examples: NDArray[np.int64]
    kept: NDArray[np.int64]
    rarity: Floats
    weights: Floats


def learn_words(
    texts: pd.Series,
    causes: pd.Series,
    *,
    previous: WordModel | None = None,
    known: pd.DataFrame | None = None,
) -> WordModel:
    """Return what the wordings of closed orders say of their causes, beyond the profiles.

    A multinomial logistic regression on pieces of words and on the symptoms read, with the share
    of each cause and the profile of its symptoms as given. What is learned is therefore a
    likelihood ratio, free of how common a cause was, and close to nothing while there are few
    orders.

    Parameters
    ----------
    texts : Series of str, any index
        Complaint texts, place names removed (see `without_places`).
    causes : Series of str, same index
        Cause codes of the verdicts; `unknown`, null and other codes are left out.
    previous : WordModel, optional
        The last model of the same operator, to start from.
    known : DataFrame, same index, one column per cause, optional
        What is known of each text beyond our profiles (log likelihood): only what it leaves over is learned.

    Returns
    -------
    WordModel
        Without causes when there is nothing to learn from; it then abstains.

    Examples
    --------
    >>> learn_words(pd.Series(["no signal"]), pd.Series(["unknown"])).causes
    ()
    """
    profiles = _profiles()
    is_used = causes.isin([cause for cause in profiles.causes if cause != UNKNOWN]).to_numpy()
    if not is_used.all():
        _log.info("left out %d of %d closed orders without a cause", (~is_used).sum(), is_used.size)
    texts, causes = texts[is_used], causes[is_used]
    known = None if known is None else known[is_used]
    learned, answers = np.unique(causes.to_numpy(dtype=object).astype(str), return_inverse=True)
    examples = np.bincount(answers, minlength=len(learned)).astype(np.int64)
    empty = np.zeros(0, dtype=np.int64)
    nothing = WordModel((), empty, empty, np.zeros(0), np.zeros((0, 0)))
    if len(learned) < 2:
        return nothing
    grams = piece_table(texts)
    common = np.asarray(grams.sum(axis=0)).ravel()
    kept = np.flatnonzero(common >= LEAST_EXAMPLES)
    if not len(kept):
        return nothing
    rarity = np.log(len(texts) / (1.0 + common[kept])).clip(min=0.0)
    stated, expected = _stated(texts, profiles, learned)
    given = expected + np.log((examples + 1.0) / (examples + 1.0).sum())
    if known is not None:
        given = given + known.reindex(columns=list(learned), fill_value=0.0).to_numpy(float)
    table = _features(grams, stated, kept, rarity)
    start = _start(previous, tuple(learned), kept, table.shape[1])
    weights = _fitted(table, answers, given, start)
    return WordModel(tuple(learned), examples, kept, rarity, weights)


def word_likelihoods(
    model: WordModel, texts: pd.Series, *, with_profile: bool = False
) -> pd.DataFrame:
    """Return how much better each cause explains each wording than the causes do on average.

    log P(text | cause) - log P(text), less what the profile of the symptoms already says, so that
    it is added to `symptom_log_likelihood` without counting twice. 0 for a cause with fewer than
    three examples.

    Parameters
    ----------
    model : WordModel
        From `learn_words`.
    texts : Series of str, any index
        Complaint texts, place names removed.
    with_profile : bool, default False
        Add the profile's part, for use alone.

    Returns
    -------
    DataFrame, index of `texts`, one column per cause of the profiles
        Natural logarithms; the words' part lies within -4 to 4.
    """
    profiles = _profiles()
    table = np.zeros((len(texts), len(profiles.causes)))
    if len(texts) and (model.causes or with_profile):
        stated, expected = _stated(texts, profiles, np.array(profiles.causes))
        if model.causes:
            features = _features(piece_table(texts), stated, model.kept, model.rarity)
            scores = features @ model.weights
            scores -= scores.mean(axis=1, keepdims=True)
            scores[:, model.examples < LEAST_EXAMPLES] = 0.0
            places = [profiles.causes.index(cause) for cause in model.causes]
            table[:, places] = scores.clip(-LIMIT, LIMIT)
        if with_profile:
            table += expected
    return pd.DataFrame(table, index=texts.index, columns=list(profiles.causes))


def without_places(texts: pd.Series, addresses: pd.Series, counties: pd.Series) -> pd.Series:
    """Return the texts without place names and numbers, so that no place is learned as a cause.

    Parameters
    ----------
    texts, addresses, counties : Series of str, one index
        Null addresses and counties are allowed.

    Returns
    -------
    Series of str, index of `texts`

    Examples
    --------
    >>> text, address = pd.Series(["大理银桥镇双阳村18栋没信号"]), pd.Series(["银桥镇双阳村"])
    >>> without_places(text, address, pd.Series(["大理"]))[0]
    ',,,没信号'
    """
    lexicon = default_lexicon()
    endings = "|".join(sorted(lexicon.place_endings["zh"], key=len, reverse=True))
    located = re.compile(f"(?<=[在住于址点])[:,]?[^,;。在]{{1,14}}?(?:{endings})+")
    numbered = re.compile(r"[0-9]+(?:号楼|栋|单元|楼|层|号|组|室)|[0-9*a-z]*[0-9*]{2,}[a-z]*")
    stripped = []
    triples = zip(texts.fillna(""), addresses.fillna(""), counties.fillna(""), strict=True)
    for text, address, county in triples:
        plain = normalise(str(text), lexicon)
        for name in _names(f"{normalise(str(address), lexicon)} {normalise(str(county), lexicon)}"):
            plain = plain.replace(name, ",")
        stripped.append(numbered.sub(",", located.sub(",", plain)))
    return pd.Series(stripped, index=texts.index, dtype="str")


def _names(address: str) -> list[str]:
    """Return the names an address is made of, longest first, with the whole runs."""
    runs = CHINESE_RUN.findall(address)
    endings = "|".join(sorted(default_lexicon().place_endings["zh"], key=len, reverse=True))
    parts = [part for run in runs for part in re.findall(f".+?(?:{endings}|$)", run)]
    words = re.findall(r"[a-z]{4,}", address)
    names = {name for name in [*runs, *parts, *words] if len(name) >= 2}
    return sorted(names, key=lambda name: (-len(name), name))


@cache
def _profiles() -> Profiles:
    """Return the package's own profiles for the package's own lexicon."""
    return load_profiles(default_lexicon().codes)


def stated_names() -> list[str]:
    """Return the symptoms and flags that stand behind the pieces of words in a model, in their order."""
    nothing = read_symptoms(pd.Series([], dtype="str"), default_lexicon())
    return [str(name) for name in nothing.columns if name not in _NOT_TEXT]


def _stated(
    texts: pd.Series, profiles: Profiles, causes: NDArray[np.str_]
) -> tuple[sparse.csr_matrix, Floats]:
    """Return symptoms and flags as features, and what the profiles say of the causes."""
    symptoms = read_symptoms(texts, default_lexicon())
    places = [profiles.causes.index(cause) for cause in causes]
    expected = symptom_log_likelihood(symptoms, profiles)[:, places]
    numbers = symptoms.drop(columns=list(_NOT_TEXT)).to_numpy(dtype=float)
    return sparse.csr_matrix(SYMPTOM_SCALE * numbers), expected


def _features(
    grams: sparse.csr_matrix, stated: sparse.csr_matrix, kept: NDArray[np.int64], rarity: Floats
) -> sparse.csr_matrix:
    """Join pieces of words (rare ones weigh more, each text of unit length) and symptoms."""
    weighed = unit_length(grams[:, kept].multiply(rarity).tocsr())
    return sparse.hstack([weighed, stated]).tocsr()


def _start(
    previous: WordModel | None, causes: tuple[str, ...], kept: NDArray[np.int64], columns: int
) -> Floats:
    """Return the weights to start from: the last model's where it has them, else nothing."""
    start = np.zeros((columns, len(causes)))
    if previous is None or not previous.causes:
        return start
    old_cause = [
        (new, previous.causes.index(c)) for new, c in enumerate(causes) if c in previous.causes
    ]
    if previous.weights.shape[0] - len(previous.kept) != columns - len(kept) or not old_cause:
        return start
    _, new_row, old_row = np.intersect1d(kept, previous.kept, return_indices=True)
    extra = columns - len(kept)
    new_rows = np.concatenate([new_row, np.arange(len(kept), columns)])
    old_rows = np.concatenate([old_row, len(previous.kept) + np.arange(extra)])
    new_columns, old_columns = (np.array(side) for side in zip(*old_cause, strict=True))
    start[np.ix_(new_rows, new_columns)] = previous.weights[np.ix_(old_rows, old_columns)]
    return start


def _fitted(
    table: sparse.csr_matrix, answers: NDArray[np.int64], given: Floats, start: Floats
) -> Floats:
    """Return the weights that explain the verdicts best, held near nothing."""
    result = minimize(
        _loss(table, answers, given, start.shape),
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ROUNDS},
    )
    weights: Floats = result.x.reshape(start.shape)
    return weights


def _loss(
    table: sparse.csr_matrix, answers: NDArray[np.int64], given: Floats, shape: tuple[int, int]
) -> Callable[[Floats], tuple[float, Floats]]:
    """Return the penalised loss of a set of weights, with its gradient."""
    wanted = np.zeros(given.shape)
    wanted[np.arange(len(answers)), answers] = 1.0
    wanted = (1 - WRONG_VERDICTS) * wanted + WRONG_VERDICTS * wanted.mean(axis=0)
    turned = table.T.tocsr()

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        scores = given + table @ weights
        scores = scores - np.logaddexp.reduce(scores, axis=1)[:, None]
        slope = turned @ (np.exp(scores) - wanted) + SHRINKAGE * weights
        value = -float((wanted * scores).sum()) + 0.5 * SHRINKAGE * float(flat @ flat)
        return value, slope.ravel()

    return loss
