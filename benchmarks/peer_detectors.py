"""Tell unusual hours of cells as plain tools do: fixed thresholds, z-scores, clusters of each metric's own past.

Each detector returns, for every measure, which hours are flagged and which may open an episode, both [C, H].

Simple so far: all judge whole hours, also where the bundle holds shorter periods.

References
----------
.. [1] Thresholds of an operator's rule book, listed in `THRESHOLDS`; watch and bad.
.. [2] Netdata, "Machine Learning Anomaly Detection" and "ML configuration" (learn.netdata.cloud): k-means with k=2 over
   each metric, differenced once, smoothed over 3, with 5 lags; 18 models of 6 hours, one every 3 hours; a sample is
   anomalous when the distance score of every model is at least 0.99 of what its training held; a node is when 1 % of
   its metrics are in the mean over 5 minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.peer_hours import RATIOS, Hours

Array = Any
LEAST_ATTEMPTS = 30
THRESHOLDS = {
    "setup_success": (-1, 0.98, 0.95),
    "data_success": (-1, 0.98, 0.92),
    "ho_success": (-1, 0.97, 0.95),
    "drop_rate": (1, 0.01, 0.03),
    "congestion_rate": (1, 0.02, 0.02),
    "sd_congestion": (1, 0.01, 0.01),
    "prb_utilisation": (1, 0.7, 0.8),
    "ul_interference_dbm": (1, -110.0, -105.0),
    "vswr": (1, 1.5, 2.0),
    "ber": (1, 1e-6, 1e-3),
    "availability": (-1, 0.99, 0.99),
    "present": (-1, 0.5, 0.5),
}
"""Direction that is bad, watch, bad."""
FLOORS = {
    "setup_success": 0.005, "data_success": 0.005, "ho_success": 0.01, "drop_rate": 0.003, "congestion_rate": 0.005,
    "sd_congestion": 0.005, "prb_utilisation": 0.03, "ul_interference_dbm": 0.7, "cqi": 0.15, "vswr": 0.03,
    "availability": 0.01, "ber": 0.5,
}  # fmt: skip
"""Least spread of a z-score, in the measure's unit (bit errors: decades); of the rest a tenth of what is usual."""
LEAST_BER = 1e-9
BAD_HIGH = (
    "drop_rate", "congestion_rate", "sd_congestion", "prb_utilisation", "ul_interference_dbm", "vswr", "ber",
)  # fmt: skip
"""Measures that are bad when high; all others when low."""
REFERENCES = 8
WINDOW_H, EVERY_H, MODELS = 48, 24, 18
DIFF, SMOOTH, LAGS = 1, 3, 5
SCORE = 0.99
ROUNDS = 12


@dataclass(frozen=True, eq=False)
class Flags:
    """Hours of one measure: which are flagged, and which may open an episode. Both bool [C, H]."""

    flagged: Array
    opening: Array


def by_thresholds(hours: Hours, *, is_bad: bool) -> dict[str, Flags]:
    """Return the hours beyond fixed thresholds, the bad ones or those to watch; two in a row open."""
    found = {}
    for name, (sign, watch, bad) in THRESHOLDS.items():
        if name in hours.values:
            limit = bad if is_bad else watch
            beyond = sign * hours.values[name] > sign * limit
            found[name] = _two_in_a_row(beyond & _is_enough(hours, name))
    return found


def z_scores(hours: Hours) -> dict[str, Array]:
    """Return how far each hour is from the same hour of earlier days, in robust standard deviations, bad ones positive.

    Median and MAD of earlier days, working days and weekends apart where there are enough; because the bundles are
    weeks long, not months, an hour and the two beside it count, which gives the 8 points asked for from day 3 on.
    """
    found = {}
    for name, values in hours.values.items():
        if name == "present":
            found[name] = np.where(values < 0.5, np.inf, 0.0)
            continue
        scaled = np.log10(np.maximum(values, LEAST_BER)) if name == "ber" else values
        z = _z_scores(scaled, hours, FLOORS.get(name))
        found[name] = np.where(_is_enough(hours, name), z if name in BAD_HIGH else -z, np.nan)
    return found


def by_z_scores(scores: Mapping[str, Array], limit: float) -> dict[str, Flags]:
    """Return the hours beyond a limit; two in a row open, or the same hour on 3 of 7 days."""
    found = {}
    for name, z in scores.items():
        pair = _two_in_a_row(z > limit)
        found[name] = Flags(pair.flagged, pair.opening | _three_of_seven(pair.flagged))
    return found


def anomaly_bits(hours: Hours) -> dict[str, Array]:
    """Return the hours in which a metric's own past does not know what it does, as Netdata would.

    Netdata samples each second and trains on 6 hours (21,600 samples) every 3 hours. Six hours of hourly rows are 6
    samples, fewer than one needs; so a model is trained on 48 hours every 24, the same two to one, and the rest is as
    published: differences, smoothing over 3, 5 lags, two clusters, up to 18 models that must all agree.
    """
    return {name: _anomalous(values) for name, values in hours.values.items() if name != "present"}


def by_clusters(bits: Mapping[str, Array], share: float, over: int) -> dict[str, Flags]:
    """Return the anomalous metrics of cells of which at least `share` are, in the mean over `over` hours."""
    rate = np.mean(list(bits.values()), axis=0)
    total = np.cumsum(np.pad(rate, ((0, 0), (over, 0))), axis=1)
    is_cell = (total[:, over:] - total[:, :-over]) / over >= share
    return {name: Flags(bit & is_cell, bit & is_cell) for name, bit in bits.items()}


def _is_enough(hours: Hours, name: str) -> Array:
    """Return where a ratio rests on enough attempts; other measures always do."""
    if name not in RATIOS:
        return np.bool_(True)
    return hours.attempts[name] >= LEAST_ATTEMPTS


def _two_in_a_row(flagged: Array) -> Flags:
    """Return flags that open at the second hour in a row."""
    before = np.zeros_like(flagged)
    before[:, 1:] = flagged[:, :-1]
    return Flags(flagged, flagged & before)


def _three_of_seven(flagged: Array) -> Array:
    """Return the flagged hours whose hour of day was flagged on three of seven days, today included."""
    total = flagged.astype(np.int8)
    for day in range(1, 7):
        total[:, 24 * day :] += flagged[:, : -24 * day or None][:, : total.shape[1] - 24 * day]
    return flagged & (total >= 3)


def _z_scores(values: Array, hours: Hours, floor: float | None) -> Array:
    """Return robust z-scores against the same hours of earlier days; null with fewer than 8 of them."""
    count = values.shape[1]
    z = np.full(values.shape, np.nan, dtype=np.float32)
    local = np.arange(count) + hours.begin.hour + hours.utc_offset
    is_weekend = (hours.begin.day_of_week + local // 24) % 7 >= 5
    for at in range(24, count):
        earlier = np.arange(at - 24, -1, -24)
        alike = earlier[is_weekend[earlier] == is_weekend[at]]
        used = alike if 3 * len(alike) >= REFERENCES else earlier
        near = (used[:, None] + np.array([-1, 0, 1])).ravel()
        past = values[:, near[(near >= 0) & (near < count)]]
        enough = np.isfinite(past).sum(axis=1) >= REFERENCES
        if enough.any():
            z[enough, at] = _robust(values[enough, at], past[enough], floor)
    return z


def _robust(now: Array, past: Array, floor: float | None) -> Array:
    """Return (value - median) / (1.4826 MAD), the spread not below its floor."""
    usual = np.nanmedian(past, axis=1)
    spread = 1.4826 * np.nanmedian(np.abs(past - usual[:, None]), axis=1)
    least = np.abs(usual) / 10 + 1e-12 if floor is None else floor
    return (now - usual) / np.maximum(spread, least)


def _anomalous(values: Array) -> Array:
    """Return where all models trained by then find a metric's recent course outside what they know."""
    features = _features(values)
    count = values.shape[1]
    found = np.zeros(values.shape, dtype=bool)
    agree = np.full(values.shape, fill_value=True)
    for trained in range(WINDOW_H + LAGS + SMOOTH + DIFF, count, EVERY_H):
        window = features[:, trained - WINDOW_H : trained]
        last = min(trained + EVERY_H * MODELS, count)
        agree[:, trained:last] &= _beyond(window, features[:, trained:last])
        found[:, trained : trained + EVERY_H] = agree[:, trained : trained + EVERY_H]
    return found & np.isfinite(values)


def _features(values: Array) -> Array:
    """Return the last 6 smoothed differences at each hour [C, H, 6]; gaps keep the value before them."""
    index = np.where(np.isfinite(values), np.arange(values.shape[1]), 0)
    filled = np.take_along_axis(values, np.maximum.accumulate(index, axis=1), axis=1)
    filled = np.nan_to_num(filled)
    moved = np.diff(filled, n=DIFF, axis=1, prepend=filled[:, :DIFF])
    total = np.cumsum(np.pad(moved, ((0, 0), (SMOOTH, 0))), axis=1)
    smooth = (total[:, SMOOTH:] - total[:, :-SMOOTH]) / SMOOTH
    lagged = [np.pad(smooth, ((0, 0), (lag, 0)))[:, : smooth.shape[1]] for lag in range(LAGS + 1)]
    return np.stack(lagged, axis=2).astype(np.float32)


def _beyond(window: Array, asked: Array) -> Array:
    """Return which vectors [C, N, 6] score at least 0.99 against two clusters of a window [C, W, 6]."""
    centres = _two_means(window)
    inside, outside = _mean_distance(window, centres), _mean_distance(asked, centres)
    least, most = inside.min(axis=1, keepdims=True), inside.max(axis=1, keepdims=True)
    span = most - least
    score = np.abs(outside - least) / np.where(span > 0, span, 1)
    return (score >= SCORE) & (span > 0)


def _two_means(window: Array) -> Array:
    """Return the centres [C, 2, 6] of two clusters of each window, begun at its least and its greatest vector."""
    size = np.linalg.norm(window, axis=2)
    ends = np.stack([size.argmin(axis=1), size.argmax(axis=1)], axis=1)
    centres = np.take_along_axis(window, ends[:, :, None], axis=1)
    for _ in range(ROUNDS):
        far = np.linalg.norm(window[:, :, None] - centres[:, None], axis=3)
        is_second = (far[:, :, 1] < far[:, :, 0])[:, :, None]
        parts = [np.where(is_second == side, window, 0).sum(axis=1) for side in (False, True)]
        sizes = [(is_second == side).sum(axis=1) for side in (False, True)]
        moved = np.stack([p / np.maximum(n, 1) for p, n in zip(parts, sizes, strict=True)], axis=1)
        empty = np.stack([n == 0 for n in sizes], axis=1)
        centres = np.where(empty, centres, moved)
    return centres


def _mean_distance(vectors: Array, centres: Array) -> Array:
    """Return the mean distance of vectors [C, N, 6] to two centres [C, 2, 6]."""
    return np.linalg.norm(vectors[:, :, None] - centres[:, None], axis=3).mean(axis=2)
