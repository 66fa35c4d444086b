"""Tell how likely nothing serves a place: every cell is below what the service needs.

Simple so far: interference is left out; a cell that is strong enough serves.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import log_ndtr

from sites.choice import SITE_CORRELATION
from sites.radio import Radio
from sites.surroundings import Surroundings

# Nodes over the part of the shadowing that all sites share.
COMMON_NODES = 7
# Of the sites around, this many with the best margins decide.
SITES_COUNTED = 8
# With this many standard deviations to spare a point is surely served.
SURELY_SERVED = 4.5
# Margins are rounded to this, and count no further than these: nobody knows them better.
STEP_DB, MARGINS_DB = 0.02, (-150.0, 100.0)


def margins_db(radio: Radio, around: Surroundings, level_dbm: Any, *, is_data: Any) -> Any:
    """Return by how much each cell is above what the service needs.

    Parameters
    ----------
    radio : Radio
    around : Surroundings
        Of n points and m cells.
    level_dbm : array, shape (m,)
        -inf for a cell that is down.
    is_data : bool

    Returns
    -------
    array, shape (m,)
        dB.
    """
    needed = radio.data_minimum_dbm if is_data else radio.minimum_dbm
    return level_dbm - np.take(needed, around.cell)


def unserved_probability(
    around: Surroundings, margin_db: Any, *, sigma_db: float, asked: Any | None = None
) -> Any:
    """Return the chance that every cell is too weak.

    Shadowing has a part that all sites share; given it, sites are independent, and a site counts
    by the best of its cells.

    Parameters
    ----------
    around : Surroundings
        Of n points and m cells.
    margin_db : array, shape (m,)
        From `margins_db`.
    sigma_db : float
        Spread of the level of one site.
    asked : array of bool, shape (n,), optional
        The points to answer for; the others are 0.

    Returns
    -------
    array, shape (n,)
    """
    points, sites = around.site.shape
    if not len(around.cell):
        return np.ones(points)
    best = np.maximum.reduceat(margin_db, around.first).reshape(points, sites)
    if sites > SITES_COUNTED:
        best = np.partition(best, sites - SITES_COUNTED, axis=1)[:, -SITES_COUNTED:]
    unserved = np.zeros(points)
    is_doubtful = best.max(axis=1) < SURELY_SERVED * sigma_db
    doubtful = np.flatnonzero(is_doubtful if asked is None else is_doubtful & asked)
    unserved[doubtful] = _all_missed(best[doubtful].astype(float), sigma_db)
    return unserved


def _all_missed(best: Any, sigma_db: float) -> Any:
    """Return the chance that all sites of each row are missed."""
    table, weights = _missed_table(sigma_db)
    step = np.rint(np.clip(best, *MARGINS_DB) * (1.0 / STEP_DB)).astype(np.int64)
    log_missed = table[step - round(MARGINS_DB[0] / STEP_DB)].sum(axis=1)
    # Not a matrix product: its last digit would depend on how many points are asked together.
    return (np.exp(log_missed) * weights).sum(axis=1)


@lru_cache(maxsize=8)
def _missed_table(sigma_db: float) -> tuple[Any, Any]:
    """Return the log chance that a site is missed by its margin and the common part, and weights."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(COMMON_NODES)
    own = sigma_db * np.sqrt(1.0 - SITE_CORRELATION)
    common = sigma_db * np.sqrt(SITE_CORRELATION) * nodes
    first, last = (round(edge / STEP_DB) for edge in MARGINS_DB)
    margin = STEP_DB * np.arange(first, last + 1)
    return log_ndtr(-(margin[:, None] + common) / own), weights / weights.sum()
