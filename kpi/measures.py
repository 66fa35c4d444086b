"""Turn the counters of cells and periods into measures.

Terms: a *ratio* is a ratio of sums, unknown where its denominator is zero; a *count* is given per
hour, whatever the length of the period; a *level* is a mean over the period. `attempts` is the
number of trials behind a ratio, or the number of independent events that a count stands for. The measures *watched*
for hidden faults are those here; those of roll-ups and pages, and the limits, are in `kpi.measure_files`.

Simple so far: what is watched comes from the file shipped, not from a user's; events per erlang, user and megabyte
are assumed.
"""

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from kpi.measure_files import Measure, load_measures

Floats = npt.NDArray[np.float32]

BER_LEAST = 1e-12  # a bit error ratio of zero means "below what can be measured"
LOG_LEAST = 1e-3

MEASURES: tuple[Measure, ...] = tuple(m for m in load_measures().measures if m.is_watched)
MEASURE_INDEX: Mapping[str, int] = {measure.name: i for i, measure in enumerate(MEASURES)}
RATIOS = np.array([i for i, m in enumerate(MEASURES) if m.form == "ratio"])
COUNTS = np.array([i for i, m in enumerate(MEASURES) if m.form == "count"])
GAUGES = np.array(
    [i for i, m in enumerate(MEASURES) if m.form != "ratio" and m.family != "availability"]
)
AVAILABILITY = np.array([i for i, m in enumerate(MEASURES) if m.family == "availability"])
FLOORS: Floats = np.array([measure.floor for measure in MEASURES], dtype=np.float32)
COUNTERS: tuple[str, ...] = tuple(dict.fromkeys(c for m in MEASURES for c in m.counters))


def measure_values(
    rows: Mapping[str, npt.NDArray[Any]], minutes: npt.NDArray[Any]
) -> tuple[Floats, Floats]:
    """Return the measures of some rows of counters.

    Parameters
    ----------
    rows : mapping of counter to array [n]
        Counters absent from it are unknown.
    minutes : array of int [n]
        Length of each period.

    Returns
    -------
    values : array [n, M]
        In the order of `MEASURES`. Ratios 0 to 1, counts per hour, levels in their own unit. NaN
        where unknown.
    attempts : array [n, M]
        Trials behind a ratio, independent events behind a count, 1 for a level, 0 where unknown.

    Examples
    --------
    >>> rows = {"setup_attempts": np.array([30.0]), "setup_successes": np.array([15.0])}
    >>> values, attempts = measure_values(rows, np.array([15]))
    >>> [float(values[0, MEASURE_INDEX[name]]) for name in ("setup_success", "attempts")]
    [0.5, 120.0]
    """
    size = len(minutes)
    hours = np.asarray(minutes, dtype=np.float32) / np.float32(60.0)
    values = np.full((size, len(MEASURES)), np.nan, dtype=np.float32)
    attempts = np.zeros((size, len(MEASURES)), dtype=np.float32)
    for i, measure in enumerate(MEASURES):
        if measure.name == "present":
            values[:, i], attempts[:, i] = 1.0, 1.0
        elif all(counter in rows for counter in measure.counters):
            values[:, i], attempts[:, i] = _column(measure, rows, hours)
    return values, attempts


def _column(
    measure: Measure, rows: Mapping[str, npt.NDArray[Any]], hours: Floats
) -> tuple[Floats, Floats]:
    """Return the values and attempts of one measure."""
    amount = _summed(rows, measure.numerators)
    if measure.form == "ratio":
        trials = _summed(rows, measure.denominators)
        known = (trials > 0) & (amount >= 0)
        share = np.divide(amount, trials, out=np.full_like(amount, np.nan), where=known)
        return np.minimum(share, np.float32(1.0)), np.where(known, trials, np.float32(0.0))
    if measure.form == "count":
        amount = np.where(amount >= 0, amount, np.float32(np.nan))
        per_hour = amount if measure.is_rate else amount / hours
        events = per_hour * hours * np.float32(measure.events)
        return per_hour, np.nan_to_num(events, nan=0.0)
    return amount, np.isfinite(amount).astype(np.float32)


def _summed(rows: Mapping[str, npt.NDArray[Any]], counters: tuple[str, ...]) -> Floats:
    """Return the sum of some counters, unknown where one of them is."""
    columns = [np.asarray(rows[counter], dtype=np.float32) for counter in counters]
    return reduce(np.add, columns)


def scaled_values(values: Floats) -> Floats:
    """Return the measures on the scale on which they are compared.

    Ratios stay shares. Counts become the logarithm of events per hour (plus a half), levels go to
    the scale their row names.

    Parameters
    ----------
    values : array [n, M]
        As `measure_values` returns them.

    Returns
    -------
    array [n, M]
        NaN where unknown.
    """
    out = values.copy()
    for i, measure in enumerate(MEASURES):
        if measure.form == "count":
            out[:, i] = np.log(values[:, i] * np.float32(measure.events) + np.float32(0.5))
        elif measure.scale == "log":
            out[:, i] = np.log(np.maximum(values[:, i], np.float32(LOG_LEAST)))
        elif measure.scale == "log10":
            out[:, i] = np.log10(np.maximum(values[:, i], np.float32(BER_LEAST)))
    return out
