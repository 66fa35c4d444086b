"""Scan places and times for more complaints than chance brings, and say how rarely chance would bring as many.

A zone is one or more sites, a window the hours up to now. What chance brings to a zone is uncertain: its mean has a
gamma distribution from the users there and from what came there in the weeks before, follows the hour of the week, and
rises with whatever rises elsewhere at the same time, as in a space-time permutation scan [1]_. Recurrence interval: the
days between times at which chance completes, somewhere, a count as rare as the one found.

How rare a count is comes without simulation. A ticket completes `n` in a window of mean `m` when `n - 1` came
before it, so in a zone with `r` complaints a day this happens `r P(N >= n - 1)` times a day; over
zones and windows these times add up, each kind of zone (site, land, node, network) having an equal part of the chances.
Zones and windows overlap, so a part of the sum is taken that simulation shows to be still too much.

Simple so far: zones count as if they didn't overlap; a count in parts of tickets is taken like a whole one.

References
----------
.. [1] Kulldorff, Heffernan, Hartman, Assuncao, Mostashari (2005), "A space-time permutation scan statistic for disease
   outbreak detection", PLoS Medicine 2(3) e59: the likelihood ratio, the margins, the recurrence interval. Departures:
   the mean of a zone leans on its users where history is short, and the interval is a sum of tails, no Monte Carlo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, xlogy

from correlate.scan_zones import LAND, NETWORK, NODE, SITE, Zones

HOUR = 3600
WINDOWS_H = (1, 2, 4, 8, 16, 32, 72, 168)
"""Windows tried, in hours up to now; about twice as long each, from a burst to a drip."""
LEAST_TICKETS = 2.5
"""Fewest complaints that are a cluster: three whose place is nearly sure."""
LEAST_EVERYWHERE = 5.0
LARGEST_SHAPE = 40.0
"""No mean is known better than a gamma distribution of this shape knows it."""
DISPERSION = 1.2
"""Variance over mean of complaints by chance at many sites together: small faults nobody sees bring several each."""
ELSEWHERE_PRIOR = 3.0
"""Complaints that a rise elsewhere is weighed against."""
OVERLAP = 10.0
"""How many of the times chance completes a rare count fall together, at least: with 200 sites and 8 to 120 complaints a
day of chance alone, findings were 12 to 60 times rarer than the sum over zones and windows."""
SIZES_PER_DECADE = 10.0
MOST_OF_ALL = 0.5
"""Share of the sites beyond which a zone has no elsewhere to be compared with; other kinds of complaint are."""
LOG_PRIOR: Mapping[int, float] = {SITE: 0.0, LAND: -2.0, NODE: 0.0, NETWORK: 0.1}
"""What speaks for a kind of zone beforehand: land that no node holds together seldom fails as one."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Usual:
    """What chance brings to each site: mean complaints a day and the variance of that mean, [sites]."""

    mean: Floats
    variance: Floats

    def of_zones(self, zones: Zones, chosen: Ints | slice = slice(None)) -> tuple[Floats, Floats]:
        """Return mean complaints a day of zones, and the shape of its gamma distribution."""
        sites = zones.sites[chosen]
        mean = np.maximum(np.asarray(sites @ self.mean, float), 1e-12)
        variance = np.asarray(sites @ self.variance, float)
        shape = mean**2 / np.maximum(variance, 1e-300)
        return mean, 1.0 / (1.0 / np.maximum(shape, 1e-6) + 1.0 / LARGEST_SHAPE)


@dataclass(frozen=True)
class Finding:
    """The likeliest zone and window of complaints of one kind.

    `count` is complaints seen, `expected` what chance brings, `ratio` the log likelihood ratio of the two, `per_day`
    how often a day chance completes as rare a count somewhere, at most.
    """

    zone: int
    window_s: int
    count: float
    expected: float
    ratio: float
    per_day: float

    @property
    def recurs_days(self) -> float:
        """Days between such findings by chance, at least."""
        return 1.0 / max(self.per_day, 1e-12)


@dataclass(frozen=True)
class Looks:
    """How often chance completes the fewest complaints that count, over zones of one kind and windows, rarest first.

    `rate` [n] is times a day; `below` [n + 1] the sum of the rates before each, `above` [n + 1] how many from it on.
    """

    rate: Floats
    below: Floats
    above: Floats

    def per_day(self, rate: Floats) -> Floats:
        """Return how often a day chance completes, in any of them, a count as rare as `rate` in its zone and window."""
        at = np.searchsorted(self.rate, rate)
        return np.asarray(self.below[at] + rate * self.above[at], float)


def completions(
    count: Floats, mean: Floats, shape: Floats, per_day: Floats, wide: Floats
) -> Floats:
    """Return how often a day chance completes at least `count` complaints in a window.

    Parameters
    ----------
    count, mean : arrays
        Complaints in the window, and what chance brings to it on the mean. One at least.
    shape : array
        Of the gamma distribution of that mean.
    per_day : array
        Complaints a day in the zone.
    wide : array
        Variance over mean of the complaints, 1 where they come one by one.

    Returns
    -------
    array of float, times a day

    Examples
    --------
    Three in a window that brings one in a thousand, where one comes a day, its mean well known:

    >>> one = np.ones(1)
    >>> round(float(completions(3 * one, 1e-3 * one, 1e6 * one, one, one)[0]) * 1e6, 2)
    0.5
    """
    before = np.maximum((count - 1.0) / wide, 1e-3)
    chance = betainc(before, shape + 1.0, mean / wide / (mean / wide + shape))
    return np.asarray(per_day * chance, float)


def likelihood_ratio(count: Floats, expected: Floats) -> Floats:
    """Return the log likelihood ratio of a count against what chance brings, 0 where it is no more.

    Silent sites of a zone speak against it: they add to what is expected and nothing to the count.

    >>> likelihood_ratio(np.array([2.0, 1.0]), np.array([2.0, 0.01])).round(2).tolist()
    [0.0, 3.62]
    """
    ratio = xlogy(count, count / expected) - (count - expected)
    return np.asarray(np.where(count > expected, ratio, 0.0), float)


def rise(counts: Floats, usual: Floats) -> Floats:
    """Return how much more comes than usual in each window, 1 at least, windows in the last dimension.

    A longer window's rise counts in a shorter one, for a short window holds too few complaints to tell.

    Parameters
    ----------
    counts, usual : arrays [..., windows]
        Complaints outside a zone, and what chance brings there.

    Examples
    --------
    >>> rise(np.array([0.0, 9.0]), np.array([1.0, 3.0])).tolist()
    [2.0, 2.0]
    """
    more = (counts + ELSEWHERE_PRIOR) / (np.maximum(usual, 0.0) + ELSEWHERE_PRIOR)
    longest_first = np.maximum(more, 1.0)[..., ::-1]
    return np.asarray(np.maximum.accumulate(longest_first, axis=-1)[..., ::-1], float)


def count_looks(usual: Sequence[Usual], zones: Zones) -> Mapping[int, Looks]:
    """Return for each kind of zone how often chance completes the fewest complaints that count.

    Zones of nearly the same mean are reckoned once, so a province costs no more than a county.

    Parameters
    ----------
    usual : sequence of Usual
        One for each kind of complaint that is scanned.
    """
    windows = np.array(WINDOWS_H, float)[None, :] / 24.0
    looks = {}
    for kind in np.unique(zones.kind).tolist():
        chosen = np.flatnonzero(zones.kind == kind)
        wide, least = dispersion(zones.kind[chosen[:1]]), least_counts(zones.kind[chosen[:1]])
        rates, weights = [], []
        for one in usual:
            mean, shape = one.of_zones(zones, chosen)
            size = np.round(np.log10(mean) * SIZES_PER_DECADE)
            _, first, many = np.unique(size, return_index=True, return_counts=True)
            day = mean[first, None]
            rate = completions(least, day * windows, shape[first, None], day, wide)
            rates.append(rate.ravel())
            weights.append(np.repeat(many, len(WINDOWS_H)))
        looks[int(kind)] = _ordered(np.concatenate(rates), np.concatenate(weights))
    return looks


def _ordered(rate: Floats, weight: Ints) -> Looks:
    """Return looks of these rates, each as often as its weight says."""
    order = np.argsort(rate, kind="stable")
    rate, weight = rate[order], weight[order]
    below = np.concatenate([[0.0], np.cumsum(weight * rate)])
    above = float(weight.sum()) - np.concatenate([[0.0], np.cumsum(weight)])
    return Looks(rate=rate, below=below, above=above)


def least_counts(kind: Ints) -> Floats:
    """Return the fewest complaints that count in zones of these kinds."""
    return np.where(kind == NETWORK, LEAST_EVERYWHERE, LEAST_TICKETS)


def dispersion(kind: Ints) -> Floats:
    """Return variance over mean of what chance brings to zones of these kinds."""
    return np.where(kind >= NODE, DISPERSION, 1.0)


@dataclass(frozen=True)
class Seen:
    """What came in each window up to now.

    `counts` [sites, windows] is complaints of one kind at each site, `hours` [windows] how long each window is in hours
    of ordinary traffic, `others` [windows] how much more than usual came of other kinds, 1 at least.
    """

    counts: Floats
    hours: Floats
    others: Floats


def scan(
    seen: Seen,
    usual: Usual,
    looks: Mapping[int, Looks],
    zones: Zones,
    tried: Ints,
    *,
    most_per_day: float,
) -> Finding | None:
    """Return the likeliest zone and window among those chance completes rarely enough, or None.

    Parameters
    ----------
    tried : array of int
        Zones to look at: those that hold a complaint that has just come.
    most_per_day : float
        How often a day chance may complete as rare a count somewhere.
    """
    kind = zones.kind[tried]
    inside = np.asarray(zones.sites[tried] @ seen.counts, float)
    day, shape = usual.of_zones(zones, tried)
    expected = _expected(seen, usual, zones, tried, inside)
    wide = dispersion(kind)[:, None]
    rate = completions(inside, expected, shape[:, None], day[:, None], wide)
    per_day = np.empty_like(rate)
    for alike, those in looks.items():
        rows = kind == alike
        per_day[rows] = those.per_day(rate[rows]) * len(looks) / OVERLAP
    able = (inside >= least_counts(kind)[:, None]) & (per_day <= most_per_day)
    if not able.any():
        return None
    ratio = likelihood_ratio(inside, expected)
    prior = np.array([LOG_PRIOR[k] for k in kind.tolist()])[:, None]
    best = np.unravel_index(int(np.argmax(np.where(able, ratio + prior, -np.inf))), ratio.shape)
    return Finding(
        zone=int(tried[best[0]]),
        window_s=WINDOWS_H[int(best[1])] * HOUR,
        count=float(inside[best]),
        expected=float(expected[best]),
        ratio=float(ratio[best]),
        per_day=float(per_day[best]),
    )


def _expected(seen: Seen, usual: Usual, zones: Zones, tried: Ints, inside: Floats) -> Floats:
    """Return what chance brings to zones in each window, risen like what comes elsewhere, [zones, windows]."""
    days = seen.hours[None, :] / 24.0
    own = usual.of_zones(zones, tried)[0][:, None] * days
    outside = np.maximum(seen.counts.sum(axis=0) - inside, 0.0)
    elsewhere = rise(outside, usual.mean.sum() * days - own)
    has_none = (zones.size[tried] > MOST_OF_ALL * len(usual.mean))[:, None]
    return np.asarray(own * np.where(has_none, seen.others[None, :], elsewhere), float)
