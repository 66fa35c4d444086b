"""Judge what it means that a cell's period did not arrive while others did.

A feed loses rows at random; how often is learned for the network and for each cell. Against that
habit one missing period is weak evidence of a lost cell, several are strong, and a whole site
missing is strong with its second hour: files of one site are lost as well, and an outage has its
alarms. When most cells are missing, of all or of one element manager (a maker in a county), the
feed has a gap and nothing is said about cells.

Simple so far: losses are taken as independent between sites of one element manager.
"""

import numpy as np
import numpy.typing as npt

from kpi.measures import Floats

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

GAP_SHARE = 0.5  # more of the cells missing than this is a gap of the feed
SILENT_SHARE = 0.95  # of a feed's cells missing, and so many sites of it: its file is missing
SILENT_SITES = 5
SCORE_LIMIT = 7.5  # below the limit that opens `cell_lost` in one hour: a site that misses one file is no outage yet
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


def silent_feeds(seen: Flags, expected: Flags, *, feeds: Ints, sites: Ints) -> Flags:
    """Return which cells belong to a feed that fell silent as a whole.

    Where hardly a cell of many sites under one element manager reports while others do, its file
    is missing; an outage that wide is told by its alarms.

    Parameters
    ----------
    seen, expected : arrays of bool [C]
    feeds, sites : arrays of int [C]
        Feed (maker and county) and site of each cell, from 0.

    Returns
    -------
    array of bool [C]

    Examples
    --------
    >>> seen = np.arange(12) >= 6
    >>> silent = silent_feeds(seen, np.ones(12, bool), feeds=np.arange(12) // 6, sites=np.arange(12))
    >>> silent.sum(), silent[:6].all()
    (np.int64(6), np.True_)
    """
    size = int(feeds.max()) + 1 if len(feeds) else 0
    due = np.bincount(feeds[expected], minlength=size)
    away = np.bincount(feeds[expected & ~seen], minlength=size)
    pairs = np.unique(np.column_stack([feeds[expected], sites[expected]]), axis=0)
    spread = np.bincount(pairs[:, 0], minlength=size)
    is_silent = (away >= SILENT_SHARE * due) & (spread >= SILENT_SITES)
    return np.asarray(is_silent[feeds], dtype=np.bool_)


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
        Log-likelihood of loss against habit, more where the whole site is missing, at most 7.5;
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
