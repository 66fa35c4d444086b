"""Let a few texts slip: homophones, keyboard errors, other scripts and spellings.

Simple so far: whole words out of a list; no random letters.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from examples.province.phrasing import Texts, Wording

_TRIES = 6


def with_slips(texts: Texts, wording: Wording, rng: np.random.Generator) -> Texts:
    """Return the texts, a few with one or two words misspelt, a few in another script or manner of spelling.

    Parameters
    ----------
    texts : array of str
        Never changed.
    wording : Wording
        Its `slips` and the chances `slip`, `second_slip` and `traditional`.
    rng : Generator
        The only source of chance.

    Returns
    -------
    array of str, one a row
    """
    pairs, variants = wording.sections["slips"]["pairs"], wording.sections["slips"]["variants"]
    slipped = texts.copy()
    first = np.flatnonzero(rng.random(len(texts)) < wording.chance("slip"))
    second = first[rng.random(len(first)) < wording.chance("second_slip")]
    for rows in (first, second):
        slipped[rows] = misspelt(slipped[rows], pairs, rng, words=wording.has_spaces)
    rows = np.flatnonzero(rng.random(len(texts)) < wording.chance("traditional"))
    for right, wrong in variants:
        slipped[rows] = _replaced(slipped[rows], right, wrong, words=wording.has_spaces)
    return slipped


def misspelt(
    texts: Texts, pairs: Sequence[Sequence[str]], rng: np.random.Generator, *, words: bool
) -> Texts:
    """Return each text with the first use of one word of `pairs` misspelt, where it holds one.

    Parameters
    ----------
    texts : array of str
        Never changed.
    pairs : sequence of (right, wrong)
        Words and how they are misspelt.
    rng : Generator
        The only source of chance.
    words : bool
        Whether only whole words count, as in scripts with spaces.

    Returns
    -------
    array of str, one a row

    Examples
    --------
    >>> misspelt(np.array(["no signal"], dtype=object), [("signal", "singal")], np.random.default_rng(0), words=True)[0]
    'no singal'
    """
    changed = texts.copy()
    open_rows = np.arange(len(texts))
    for _ in range(_TRIES):
        drawn = rng.integers(len(pairs), size=len(open_rows))
        for number in np.unique(drawn):
            rows = open_rows[drawn == number]
            right, wrong = pairs[number]
            changed[rows] = _replaced(changed[rows], right, wrong, words=words, count=1)
        open_rows = open_rows[changed[open_rows] == texts[open_rows]]
    return changed


def _replaced(texts: Texts, right: str, wrong: str, *, words: bool, count: int = -1) -> Texts:
    """Return the texts with a word replaced."""
    pattern = rf"\b{right}\b" if words else right
    series = pd.Series(texts, dtype=object).str.replace(pattern, wrong, n=count, regex=True)
    replaced: Texts = series.to_numpy(dtype=object)
    return replaced
