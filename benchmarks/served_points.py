"""Make points and the cell that serves each, by a model of its own, on a real layout of cells.

Nothing of `sites` is used: another path loss (dual slope), another antenna (raised cosine), and
shadowing that is a correlated Gaussian field, one field of the place for all sites and one a site.

Simple so far: flat ground, one height, one power, outdoors; load and priorities between carriers
play no part: the strongest carrier serves.

References
----------
.. [1] 3GPP TS 36.101 V17 (2022), table 5.7.3-1: downlink frequency of an EARFCN.
.. [2] Gudmundson M. (1991), Correlation model for shadow fading in mobile radio systems,
   Electronics Letters 27(23): exponential correlation over distance.
.. [3] Xia H. H. et al. (1993), Radio propagation characteristics for line-of-sight microcellular
   and personal communications, IEEE Trans. Antennas Propag. 41(10): two slopes, a break point.
.. [4] 3GPP TR 36.942 V16 (2020), 4.5.2: correlation 0.5 between sites.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

HEIGHT_M, PHONE_M = 25.0, 1.5
POWER_DBM = 46.0
SIGMA_DB, SITE_CORRELATION = 8.0, 0.5
DECORRELATION_M = 75.0
WAVES = 64
NEAREST_SITES = 30
LIGHT = 299.792458
"""Metres a microsecond, so that frequencies are MHz."""
# Reference [1]: first EARFCN, first MHz, last EARFCN of the bands that Britain uses.
BANDS = (
    (0, 2110.0, 599), (1200, 1805.0, 1949), (2750, 2620.0, 3449), (3450, 925.0, 3799),
    (6150, 791.0, 6449), (9210, 758.0, 9659), (9920, 1452.0, 10359), (37750, 2570.0, 38249),
    (38650, 2300.0, 39649), (39650, 2496.0, 41589), (67336, 738.0, 67535),
)  # fmt: skip


@dataclass(frozen=True)
class Masts:
    """Cells of a real layout: position in metres, site number, azimuth (NaN: omni), MHz."""

    x_m: Any
    y_m: Any
    site: Any
    azimuth_deg: Any
    freq_mhz: Any


def downlink_mhz(earfcn: Any) -> Any:
    """Return the downlink frequency of EARFCNs, NaN outside the bands listed.

    Parameters
    ----------
    earfcn : array of int

    Returns
    -------
    array of float
        MHz: the band's first plus 0.1 a channel.

    References
    ----------
    Reference [1] of the module.

    Examples
    --------
    >>> downlink_mhz([1617, 6400]).round(1).tolist()
    [1846.7, 816.0]
    """
    number = np.asarray(earfcn, dtype=float)
    found = np.full(number.shape, np.nan)
    for first, mhz, last in BANDS:
        is_of = (number >= first) & (number <= last)
        found = np.where(is_of, mhz + 0.1 * (number - first), found)
    return found


def scattered_points(masts: Masts, count: int, rng: np.random.Generator) -> Any:
    """Return points around sites, as far off as their sites lie apart, shape (count, 2).

    Parameters
    ----------
    masts : Masts
    count : int
    rng : Generator

    Returns
    -------
    array, metres
    """
    sites = _site_xy(masts)
    spacing = cKDTree(sites).query(sites, k=min(4, len(sites)))[0][:, 1:].mean(axis=1)
    chosen = rng.integers(0, len(sites), count)
    reach = np.clip(spacing[chosen], 100.0, 3000.0) * np.sqrt(rng.random(count))
    turn = rng.uniform(0.0, 2.0 * np.pi, count)
    return sites[chosen] + reach[:, None] * np.column_stack([np.sin(turn), np.cos(turn)])


def serving_cells(masts: Masts, points: Any, *, seed: int) -> Any:
    """Return the strongest cell at each point.

    Parameters
    ----------
    masts : Masts
    points : array, shape (n, 2), metres
    seed : int
        Of the shadowing: the same seed gives the same country.

    Returns
    -------
    array of int, shape (n,)
        Positions of cells.
    """
    sites = _site_xy(masts)
    _, near = cKDTree(sites).query(points, k=min(NEAREST_SITES, len(sites)))
    near = near.reshape(len(points), -1)
    shadow = _shadow_db(points, near, seed)
    order = np.argsort(masts.site, kind="stable")
    count = np.bincount(masts.site, minlength=len(sites))
    first = np.cumsum(count) - count
    best, serving = np.full(len(points), -np.inf), np.zeros(len(points), dtype=np.int64)
    for place in range(near.shape[1]):
        for turn in range(int(count.max())):
            site = near[:, place]
            cell = order[np.minimum(first[site] + turn, len(order) - 1)]
            level = _level_dbm(masts, cell, points) + shadow[:, place]
            level = np.where(turn < count[site], level, -np.inf)
            serving = np.where(level > best, cell, serving)
            best = np.maximum(level, best)
    return serving


def _site_xy(masts: Masts) -> Any:
    """Return where the sites are; a site stands where its first cell does."""
    _, first = np.unique(masts.site, return_index=True)
    return np.column_stack([masts.x_m[first], masts.y_m[first]])


def _level_dbm(masts: Masts, cell: Any, points: Any) -> Any:
    """Return the mean level of one cell at each point."""
    east, north = points[:, 0] - masts.x_m[cell], points[:, 1] - masts.y_m[cell]
    away = np.hypot(np.hypot(east, north), HEIGHT_M - PHONE_M)
    off = np.degrees(np.arctan2(east, north)) - masts.azimuth_deg[cell]
    return POWER_DBM + pattern_db(off) - path_loss_db(away, masts.freq_mhz[cell])


def path_loss_db(away_m: Any, freq_mhz: Any) -> Any:
    """Return path loss with two slopes: as in free space to the break point, then steeper.

    Parameters
    ----------
    away_m : array
        Slant distance, metres.
    freq_mhz : array

    Returns
    -------
    array
        dB. The break point is 4 x 10 m x 1.5 m over the wavelength (clutter 15 m high taken off
        the mast), 20 dB a decade before it and 38 after; 10 dB of clutter.

    References
    ----------
    Reference [3] of the module.

    Examples
    --------
    >>> path_loss_db(1000.0, 800.0).round(1).item()
    114.8
    """
    wave_m = LIGHT / np.asarray(freq_mhz, dtype=float)
    breaks = 4.0 * (HEIGHT_M - 15.0) * PHONE_M / wave_m
    free = 20.0 * np.log10(4.0 * np.pi * np.minimum(away_m, breaks) / wave_m)
    return free + 38.0 * np.log10(np.maximum(away_m / breaks, 1.0)) + 10.0


def pattern_db(off_deg: Any) -> Any:
    """Return the gain of a sector antenna off its axis; NaN (no azimuth known) is omni.

    Parameters
    ----------
    off_deg : array
        Degrees from the azimuth.

    Returns
    -------
    array
        dB: 15 on the axis, a raised cosine (half power at 33 degrees) over a back lobe
        25 below; 8 for an omnidirectional antenna.

    Examples
    --------
    >>> pattern_db([0.0, 33.0, 180.0, float("nan")]).round(1).tolist()
    [15.0, 12.0, -10.0, 8.0]
    """
    ahead = (1.0 + np.cos(np.radians(np.asarray(off_deg, dtype=float)))) / 2.0
    gain = 15.0 + 10.0 * np.log10(np.maximum(ahead**8.2, 10.0**-2.5))
    return np.where(np.isnan(gain), 8.0, gain)


def _shadow_db(points: Any, near: Any, seed: int) -> Any:
    """Return the shadowing of each near site at each point: a part of the place, one of the site.

    Each part is a sum of plane waves whose wave numbers are drawn from the spectrum of exponential
    correlation (reference [2]), so that a field exists everywhere without a grid.
    """
    shared = _field(points, np.full(len(points), -1), seed)
    own = np.column_stack([_field(points, site, seed) for site in near.T])
    return SIGMA_DB * (
        np.sqrt(SITE_CORRELATION) * shared[:, None] + np.sqrt(1.0 - SITE_CORRELATION) * own
    )


def _field(points: Any, site: Any, seed: int) -> Any:
    """Return a Gaussian field of spread 1 at each point, another field for every site."""
    out = np.zeros(len(points))
    order = np.argsort(site, kind="stable")
    starts = np.flatnonzero(np.diff(site[order], prepend=-2))
    for rows in np.split(order, starts[1:]):
        rng = np.random.default_rng([seed, int(site[rows[0]]) + 1])
        # Radial wave number with density k / (1 + k^2)^(3/2): the spectrum of exp(-d) in the plane.
        length = np.sqrt(1.0 / (1.0 - rng.random(WAVES)) ** 2 - 1.0) / DECORRELATION_M
        turn, phase = rng.uniform(0.0, 2.0 * np.pi, (2, WAVES))
        wave = length * np.stack([np.sin(turn), np.cos(turn)])
        out[rows] = np.cos(points[rows] @ wave + phase).sum(axis=1) * np.sqrt(2.0 / WAVES)
    return out
