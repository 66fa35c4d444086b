"""Compute which of the cells around a point serves it, from their levels and preferences.

What is not known of the way to a site (shadowing, wrong records, the very place) is shared by its
cells: TR 36.942 correlates the shadowing of sectors fully and that of sites by half. The part that
all sites share cancels. So sites are told apart with the full spread, and the cells of one site,
for which only patterns and preferences are uncertain, with a smaller one: a nested logit.

The exact integral over normal shadowing was compared with it (`benchmarks/choice_forms.py`): it
costs five times as much and predicts numbers seen no better, on two of three kinds of networks
worse, as errors of places and records have heavier tails than shadowing.

Simple so far: one spread for all networks and distances.

References
----------
.. [1] 3GPP TR 36.942 V16 (2020), 4.5.2: shadowing 10 dB, correlated 0.5 between sites, 1.0 between
   sectors.
.. [2] Bowling S. R. et al. (2009), A logistic approximation to the cumulative normal distribution,
   J. Ind. Eng. Manag. 2(1): the factor 1.702.
.. [3] Train K. (2009), Discrete Choice Methods with Simulation, 2nd ed., 4.2: nested logit.
"""

from typing import Any

import numpy as np

from contract.errors import InputError
from sites.surroundings import Surroundings

# Shadowing of two sites is correlated so: reference [1].
SITE_CORRELATION = 0.5
# The logistic curve with this slope is nearest to the normal one: reference [2].
LOGISTIC = 1.702
# Temperature among the cells of one site, in that among sites: fitted on seen numbers and on
# closed orders of three kinds of networks, which all gain.
CELL_SHARE = 0.7


def temperature_db(sigma_db: float) -> float:
    """Return the temperature of the logit between sites for a spread.

    Parameters
    ----------
    sigma_db : float
        Above 0.

    Returns
    -------
    float
        dB.

    Raises
    ------
    InputError
        If the spread is not above 0.

    Examples
    --------
    >>> round(temperature_db(12.0), 2)
    7.05
    """
    if not sigma_db > 0.0:
        message = f"`sigma_db` needs a number above 0; it is {sigma_db}. Use 8 to 14."
        raise InputError(message)
    return sigma_db * float(np.sqrt(2.0 * (1.0 - SITE_CORRELATION))) / LOGISTIC


def cell_chances(around: Surroundings, utility_db: Any, *, temperature: float) -> Any:
    """Return the chance of each cell, given that something serves.

    Parameters
    ----------
    around : Surroundings
        Of n points and m cells.
    utility_db : array of float32, shape (m,)
        Level and preference together; -inf for a cell that serves nobody.
    temperature : float
        Between sites, dB.

    Returns
    -------
    array of float32, shape (m,)
        They sum to 1 over each point, or are 0 where no cell is left.
    """
    if not len(around.cell):
        return np.zeros(0, dtype=np.float32)
    own = np.float32(CELL_SHARE * temperature)
    highest = np.maximum.reduceat(utility_db, around.first)
    offset = np.where(np.isfinite(highest), highest, np.float32(0.0))
    chance = np.exp((utility_db - np.take(offset, around.pair)) / own)
    within = np.add.reduceat(chance, around.first)
    with np.errstate(divide="ignore"):
        value = (offset + own * np.log(within)).reshape(around.site.shape)
    best = value.max(axis=1, keepdims=True)
    of_site = np.exp((value - np.where(np.isfinite(best), best, 0.0)) / np.float32(temperature))
    total = of_site.sum(axis=1, keepdims=True)
    of_site = np.divide(of_site, total, out=np.zeros_like(of_site), where=total > 0.0)
    share = np.divide(of_site.ravel(), within, out=np.zeros_like(within), where=within > 0.0)
    return chance * np.take(share, around.pair)
