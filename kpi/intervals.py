"""Say between which bounds a share of few attempts lies.

Simple so far: the attempts of a cell are taken as independent of each other.
"""

from typing import Any

import numpy as np
import numpy.typing as npt


def wilson_interval(
    successes: npt.NDArray[Any], attempts: npt.NDArray[Any], *, sigmas: float = 1.96
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the interval that holds a share, honest for few attempts.

    Parameters
    ----------
    successes, attempts : arrays [n]
        Counts.
    sigmas : float, default 1.96
        Half width in standard deviations; 1.96 is 95 %.

    Returns
    -------
    low, high : arrays [n]
        Between 0 and 1; NaN where there was no attempt.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
           JASA 22 (1927).

    Examples
    --------
    >>> low, high = wilson_interval(np.array([9]), np.array([10]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (0.6, 0.98)
    """
    trials = np.asarray(attempts, dtype=np.float64)
    trials = np.where(trials > 0, trials, np.nan)
    share = np.asarray(successes, dtype=np.float64) / trials
    square = sigmas**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = np.sqrt(share * (1 - share) / trials + square / (4 * trials**2)) * sigmas
    half = half / (1 + square / trials)
    low = np.where(share <= 0, share, np.maximum(middle - half, 0.0))
    return low, np.where(share >= 1, share, np.minimum(middle + half, 1.0))
