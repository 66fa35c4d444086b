"""Cut complaint texts into pieces of words that can be learned from.

Simple so far: pieces are hashed to a fixed number of columns; what is near or far in a text is the
same.
"""

import re
from collections.abc import Iterator

import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer

from correlate.lexicon import default_lexicon, normalise

COLUMNS = 2**15
"""Columns that pieces of words are hashed to."""
CHINESE_RUN = re.compile(r"[\u3400-\u9fff]+")
_LATIN_WORD = re.compile(r"[a-z]{2,}|[2-5]g\b")


def piece_table(texts: pd.Series) -> sparse.csr_matrix:
    """Return which pieces of words each text has.

    Parameters
    ----------
    texts : Series of str, any index
        Null reads as empty.

    Returns
    -------
    csr_matrix, shape (texts, 32768)
        1 where the text has the piece.
    """
    hashing = HashingVectorizer(
        analyzer=pieces, n_features=COLUMNS, norm=None, alternate_sign=False, binary=True
    )
    return hashing.transform(texts.fillna("").astype(str))


def pieces(text: str) -> Iterator[str]:
    """Yield short runs of Chinese characters, English words, pairs of them, runs of their letters.

    Examples
    --------
    >>> list(pieces("没信号"))
    ['没', '信', '号', '没信', '信号', '没信号']
    >>> list(pieces("no 4G"))
    ['no', ' no', 'no ', ' no ', '4g', ' 4g', '4g ', ' 4g ', 'no 4g']
    """
    plain = normalise(text, default_lexicon())
    for run in CHINESE_RUN.findall(plain):
        for size in (1, 2, 3):
            yield from (run[at : at + size] for at in range(len(run) - size + 1))
    words = _LATIN_WORD.findall(plain)
    for word in words:
        yield word
        edged = f" {word} "
        for size in (3, 4, 5):
            yield from (edged[at : at + size] for at in range(len(edged) - size + 1))
    yield from (f"{first} {second}" for first, second in zip(words, words[1:], strict=False))
