"""Match claims with planted faults one to one, and pick values by key.

Simple so far: greedy, best pair first, which is how the figures are defined but not the best matching there is.
"""

from pandas import DataFrame, Series


def one_to_one(pairs: DataFrame, faults: DataFrame) -> Series:
    """Return the claim that stands for each planted fault, -1 for none.

    Parameters
    ----------
    pairs : DataFrame
        `left` (row of `faults`) and `right` (row of the claims), best pair first.
    faults : DataFrame

    Returns
    -------
    Series of int, index of `faults`

    Examples
    --------
    >>> pairs = DataFrame({"left": [0, 0, 1], "right": [5, 6, 5]})
    >>> one_to_one(pairs, DataFrame(index=[0, 1])).tolist()
    [5, -1]
    """
    match: dict[int, int] = {}
    used: set[int] = set()
    for fault, claim in zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True):
        if fault not in match and claim not in used:
            match[fault] = claim
            used.add(claim)
    return Series(match, dtype=int).reindex(faults.index, fill_value=-1)


def at_key(values: Series, keys: Series) -> Series:
    """Return the value at each key, null where there is none; `Series.map` fails on no dates."""
    return values.reindex(keys).set_axis(keys.index)
