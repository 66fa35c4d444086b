"""Take values that the equipment itself calls suspect as unknown.

The table keeps them, marked in the column `is_suspect`: a person may look at them, a judgement may not rest on them.

Simple so far: a mark is for a whole row; which counter is meant is not said by the standards either.
"""

import pandas as pd

COLUMN = "is_suspect"
_TRUE = ("true", "1", "1.0")


def suspect_rows(marks: pd.Series) -> pd.Series:
    """Return which rows are suspect by their marks: a truth value, a number or a word; unknown is not suspect."""
    return marks.astype("str").str.casefold().isin(_TRUE)


def without_suspects(kpi: pd.DataFrame, counters: list[str]) -> pd.DataFrame:
    """Return counters, those of suspect rows null.

    Parameters
    ----------
    kpi : DataFrame
        A table of counters; without the column `is_suspect` it comes back as it is.
    counters : list of str
        Columns of values.

    Returns
    -------
    DataFrame, same index and columns

    Examples
    --------
    >>> rows = pd.DataFrame({"drops": [3.0, 4.0], "is_suspect": [False, True]})
    >>> without_suspects(rows, ["drops"])["drops"].tolist()
    [3.0, nan]
    """
    if COLUMN not in kpi:
        return kpi
    is_suspect = suspect_rows(kpi[COLUMN])
    if not is_suspect.any():
        return kpi
    return kpi.assign(**{name: kpi[name].mask(is_suspect) for name in counters if name in kpi})
