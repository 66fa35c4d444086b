"""Say how unusual a period is for its cell and hour, free of scale.

A deviation is the distance from what was expected in standard deviations of everything that moves
a healthy cell: the chance of this very period (few attempts prove little) and the habit of the
cell. Shares are compared on the arcsine scale, amounts as counts of events, levels as they are.

Simple so far: the two sources of spread are taken as independent and normal.
"""

import numpy as np
import numpy.typing as npt

from kpi.measures import COUNTS, MEASURES, RATIOS, Floats, scaled_values

LIMIT = 12.0  # certain; more would only let one measure shout down the others
RAW_LIMIT = 3 * LIMIT
LEVELS = np.array([i for i, m in enumerate(MEASURES) if m.form == "level"])
SHIFT = np.float32(0.375)  # Anscombe's constant for counts and shares


def deviations(
    values: Floats,
    attempts: Floats,
    *,
    minutes: npt.NDArray[np.float32],
    expected: Floats,
    spread: Floats,
) -> tuple[Floats, Floats]:
    """Return the deviation of each measure, and the plain change behind it.

    Parameters
    ----------
    values, attempts : arrays [n, M]
        As `kpi.measures.measure_values` returns them.
    minutes : array [n]
        Length of each period.
    expected, spread : arrays [n, M]
        What the baseline expects, on the scale of `scaled_values`; the spread of a ratio is of
        asin(sqrt(share)).

    Returns
    -------
    z : array [n, M]
        Signed, NaN where unknown: positive is more than expected. Within 36 of zero here, within
        12 once calibrated.
    change : array [n, M]
        Difference on the scale of `scaled_values` (share, logarithm, dB, ...), NaN where unknown.

    References
    ----------
    .. [1] F. J. Anscombe, "The transformation of Poisson, binomial and negative-binomial data",
           Biometrika 35 (1948).
    """
    scaled = scaled_values(values)
    change = scaled - expected
    z = np.full_like(values, np.nan)
    z[:, LEVELS] = change[:, LEVELS] / spread[:, LEVELS]
    z[:, RATIOS] = _share_deviations(values, attempts, expected, spread)
    z[:, COUNTS] = _count_deviations(attempts, minutes, expected, spread)
    z[~np.isfinite(change)] = np.nan
    return np.clip(z, -RAW_LIMIT, RAW_LIMIT), change


def _share_deviations(values: Floats, attempts: Floats, expected: Floats, spread: Floats) -> Floats:
    """Return deviations of the ratios on the arcsine scale, chance and habit added."""
    trials = attempts[:, RATIOS]
    seen = (values[:, RATIOS] * trials + SHIFT) / (trials + 2 * SHIFT)
    usual = (np.clip(expected[:, RATIOS], 0, 1) * trials + SHIFT) / (trials + 2 * SHIFT)
    chance = 1 / (4 * trials + 2)
    distance = np.arcsin(np.sqrt(seen)) - np.arcsin(np.sqrt(usual))
    return np.asarray(distance / np.sqrt(chance + spread[:, RATIOS] ** 2), dtype=np.float32)


def _count_deviations(
    attempts: Floats, minutes: npt.NDArray[np.float32], expected: Floats, spread: Floats
) -> Floats:
    """Return deviations of the amounts as counts of events, chance and habit added."""
    usual = np.maximum(np.exp(expected[:, COUNTS]) - np.float32(0.5), 0) * (minutes / 60)[:, None]
    distance = 2 * (np.sqrt(attempts[:, COUNTS] + SHIFT) - np.sqrt(usual + SHIFT))
    return np.asarray(distance / np.sqrt(1 + usual * spread[:, COUNTS] ** 2), dtype=np.float32)
