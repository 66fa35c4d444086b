"""Turn the complaints that came during episodes into log odds that a kind of episode hurts customers.

Simple so far: a kind is trusted alike everywhere in the network and at every hour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, logsumexp

from correlate.harm_rules import HarmRules
from correlate.harm_units import Units

SHIFTS, LOUDNESSES = 41, 11
"""Steps in which log odds and loudness are summed over."""
TAILS = (0.05, 0.95)
CHUNK = 50_000
"""Units held at once, to bound memory."""

Floats = NDArray[np.float64]


def learned_odds(
    units: Units, rule_book: Floats, rules: HarmRules
) -> tuple[Floats, Floats, Floats]:
    """Return the log odds of each kind that the complaints of its units teach: mean, and 90 % interval.

    A unit is harmful with log odds of its own evidence plus its kind's. Complaints during a harmless one are Poisson
    with what chance brings; during a harmful one gamma-Poisson with what the rule book adds, times how loud the
    customers of this network are. Loudness is shared by all kinds and summed over.

    Parameters
    ----------
    units : Units
    rule_book : array [kinds]
        Log odds before anything was learned: the middle of the prior.
    rules : HarmRules

    Returns
    -------
    mean, low, high : arrays [kinds]
    """
    shifts = np.linspace(-rules.most_shift, rules.most_shift, SHIFTS)
    loud = rules.loudness_spread * np.linspace(-2.5, 2.5, LOUDNESSES)
    prior = -0.5 * (shifts / rules.spread) ** 2
    told = np.tile(prior, (len(loud), len(rule_book), 1))
    for i, log_factor in enumerate(loud):
        told[i] += _support(units, rule_book, shifts, float(np.exp(log_factor)), rules.shape)
    weight = -0.5 * (loud / rules.loudness_spread) ** 2 + logsumexp(told, axis=2).sum(axis=1)
    share = np.exp(weight - logsumexp(weight))
    each = np.exp(told - logsumexp(told, axis=2, keepdims=True))
    chance = np.einsum("i,iks->ks", share, each)
    reached = np.cumsum(chance, axis=1)
    low, high = (
        rule_book + shifts[np.minimum((reached < part).sum(axis=1), SHIFTS - 1)] for part in TAILS
    )
    return rule_book + chance @ shifts, low, high


def _support(
    units: Units, rule_book: Floats, shifts: Floats, loudness: float, shape: float
) -> Floats:
    """Return how the complaints support each shift of each kind's log odds, [kinds, shifts]."""
    ratio = _log_ratio(units, loudness, shape)
    support = np.zeros((len(rule_book), len(shifts)))
    for kind in np.unique(units.kind):
        mine = np.flatnonzero(units.kind == kind)
        for part in np.array_split(mine, len(mine) // CHUNK + 1):
            real = expit(units.sure[part, None] + rule_book[kind] + shifts)
            likely = np.logaddexp(np.log(real) + ratio[part, None], np.log1p(-real))
            support[kind] += likely.sum(axis=0)
    return support


def _log_ratio(units: Units, loudness: float, shape: float) -> Floats:
    """Return the log likelihood ratio of harmful against harmless for each unit's complaints."""
    n, chance = units.complaints, np.maximum(units.chance, 1e-9)
    more = np.maximum(units.harm * loudness, 1e-9)
    mean = chance + more
    size = shape * (mean / more) ** 2
    harmful = (
        gammaln(n + size)
        - gammaln(size)
        + size * np.log(size / (size + mean))
        + n * np.log(mean / (size + mean))
    )
    return np.asarray(harmful - (n * np.log(chance) - chance), dtype=float)
