"""Judge what it means that a cell's period did not arrive while others did.

A feed loses rows at random; how often is learned for the network and for each cell. Against that
habit one missing period is weak evidence of a lost cell, several are strong, and a whole site
missing at once is strong immediately. When most cells are missing the feed has a gap and nothing
is said about cells.

Simple so far: losses are taken as independent between sites, so a missing file of one vendor looks
like many lost sites.
"""

import numpy as np
import numpy.typing as npt

from kpi.measures import Floats

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

GAP_SHARE = 0.5  # more of the cells missing than this is a gap of the feed
SCORE_LIMIT = 12.0
TOGETHER = 3.0  # more evidence for each further cell of a site that is missing altogether
HABIT_LEAST = 1e-3


def is_feed_gap(seen: Flags, expected: Flags) -> bool:
    """Tell whether so many of the expected cells are missing that the feed is at fault.

    Examples
    --------
    >>> is_feed_gap(np.array([True, False, False]), np.array([True, True, True]))
    True
    """
    count = int(expected.sum())
    return count == 0 or float((expected & ~seen).sum()) > GAP_SHARE * count


def missing_scores(seen: Flags, expected: Flags, *, sites: Ints, habit: Floats) -> Floats:
    """Return the score that each expected but missing cell is lost.

    Parameters
    ----------
    seen, expected : arrays of bool [C]
    sites : array of int [C]
        Site of each cell, from 0.
    habit : array [C]
        Share of its periods that each cell loses by habit.

    Returns
    -------
    array [C]
        Log-likelihood of loss against habit, more where the whole site is missing, at most 12;
        NaN where the cell was seen or not expected.
    """
    missing = expected & ~seen
    size = int(sites.max()) + 1 if len(sites) else 0
    away = np.bincount(sites[missing], minlength=size)
    due = np.bincount(sites[expected], minlength=size)
    whole = (away == due) & (due > 1)
    alone = np.log(0.5 / np.clip(habit, HABIT_LEAST, 0.5))
    extra = np.where(whole[sites], TOGETHER * (due[sites] - 1), 0.0)
    score = np.minimum(alone + extra, SCORE_LIMIT)
    return np.where(missing, score, np.nan).astype(np.float32)
