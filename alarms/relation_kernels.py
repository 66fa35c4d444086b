"""Explain every onset by what came before it: by itself, or brought by an earlier type.

A type begins on a device at a steady rate of its own plus, for each other type, a rate that depends on
how long ago that type last began here and near. The rates are found by expectation and maximisation:
each onset is shared among its explanations, then the rates are those of the shares.

Simple so far: rates do not follow the hour of the day; the classes of long lags (hours to a day) take up
what days of trouble bring together. So a relation that takes hours is found badly.

References
----------
.. [1] Cai, Wu, Qiao, Hao, Zhang, Zhang (2022), THPs: Topological Hawkes Processes for learning causal
   structure on event sequences, IEEE TNNLS. There effects of all earlier events add up and the graph is
   searched; here only the latest event of each type counts, and all types are fitted at once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from alarms.relation_histories import CodedHistory
from alarms.relation_lags import CLASSES, LAG_EDGES_S, Lags

ROUNDS = 40
BLOCK = 50_000
SHORT_CLASSES = 7
"""Lags up to 3,000 s are taken as one thing bringing another; longer ones as trouble in common."""
MOST_SHARE = 1.0 - 1e-6


@dataclass(frozen=True)
class Kernels:
    """What explains what: arrays of (types, types), row the earlier type, column the later.

    Attributes
    ----------
    gain : array of float
        Log likelihood that would be lost without the row's type, in nats.
    explained : array of float
        Onsets of the column's type that the row's explains.
    lag_s : array of float
        Typical lag of those; NaN where there are none.
    """

    gain: Any
    explained: Any
    lag_s: Any


def fitted_kernels(history: CodedHistory, lags: Lags) -> Kernels:
    """Return what explains the onsets of a history.

    Parameters
    ----------
    history : CodedHistory
    lags : Lags

    Returns
    -------
    Kernels
    """
    types = len(history.codes)
    counts = np.zeros((history.devices, types))
    np.add.at(counts, (history.device, history.kind), 1.0)
    raises = counts > 0
    own = 0.5 * counts / history.span_s
    overall = 0.5 * counts.sum(0) / np.maximum(raises.sum(0) * history.span_s, 1.0)
    rates = np.zeros((types, lags.classes.shape[1], CLASSES + 1))
    rates[:, :, :CLASSES] = overall[:, None, None]
    exposure = np.maximum(lags.exposure_s, 1e-9)
    for _ in range(ROUNDS):
        shares, alone = _expected(history, lags, rates, own)[:2]
        rates[:, :, :CLASSES] = shares[:, :, :CLASSES] / exposure
        own = (
            0.5 * (alone + raises * (alone.sum(0) / np.maximum(raises.sum(0), 1))) / history.span_s
        )
    shares, _, gains = _expected(history, lags, rates, own)
    return _summed(types, shares, gains)


def _expected(history: CodedHistory, lags: Lags, rates: Any, own: Any) -> tuple[Any, Any, Any]:
    """Return shares of onsets by (type, column, class), alone by (device, type), and gains."""
    columns = rates.shape[1] * rates.shape[2]
    shares, gains = np.zeros(rates.size), np.zeros(rates.size)
    alone = np.zeros(own.shape)
    offset = np.arange(rates.shape[1]) * rates.shape[2]
    flat = rates.ravel()
    for start in range(0, len(history.kind), BLOCK):
        kind = history.kind[start : start + BLOCK]
        device = history.device[start : start + BLOCK]
        cell = (kind * columns)[:, None] + offset + lags.classes[start : start + BLOCK]
        brought = flat[cell]
        by_itself = own[device, kind]
        total = np.maximum(by_itself + brought.sum(1), np.finfo(float).tiny)
        share = np.minimum(brought / total[:, None], MOST_SHARE)
        shares += np.bincount(cell.ravel(), share.ravel(), rates.size)
        gain = -np.log1p(-share) - share
        gains += np.bincount(cell.ravel(), gain.ravel(), rates.size)
        np.add.at(alone, (device, kind), by_itself / total)
    return shares.reshape(rates.shape), alone, gains.reshape(rates.shape)


def _summed(types: int, shares: Any, gains: Any) -> Kernels:
    """Return shares and gains of short lags, here and near together, earlier type first."""
    form = (types, -1, types, CLASSES + 1)
    share, gain = (
        part.reshape(form)[..., :SHORT_CLASSES].sum(1).transpose(1, 0, 2)
        for part in (shares, gains)
    )
    return Kernels(gain.sum(-1), share.sum(-1), _typical_lag(share))


def _typical_lag(share: Any) -> Any:
    """Return the median lag of shares by class, even within a class on a log scale."""
    low = np.log(np.maximum(LAG_EDGES_S[:SHORT_CLASSES], 1.0))
    high = np.log(LAG_EDGES_S[1 : SHORT_CLASSES + 1])
    total = share.sum(-1, keepdims=True)
    reached = np.cumsum(share, axis=-1)
    place = np.argmax(reached >= 0.5 * total, axis=-1)
    at = np.take_along_axis(share, place[..., None], -1)[..., 0]
    missing = 0.5 * total[..., 0] - (np.take_along_axis(reached, place[..., None], -1)[..., 0] - at)
    part = missing / np.where(at > 0, at, 1.0)
    lag = np.exp(low[place] + part * (high[place] - low[place]))
    return np.where(total[..., 0] > 0.5, lag, np.nan)
